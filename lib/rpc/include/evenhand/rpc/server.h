/* SPDX-License-Identifier: Apache-2.0
 * rpc/server.h: a gRPC server with a table of methods and a fixed number of worker threads.
 * Every method takes one or more request messages and answers with one. A handler runs on a worker
 * thread and reads its messages one by one, so memory is bounded by workers times the largest
 * message; calls beyond that wait in the transport without their payload.
 * Source   gRPC core 1.51 C surface (grpc/grpc.h)        Threads  handlers run concurrently
 * Memory   bounded as above                              Tests    unit/rpc */
#ifndef EVH_RPC_SERVER_H
#define EVH_RPC_SERVER_H

#include <stddef.h>
#include <stdint.h>

#include "evenhand/base/bytes.h"
#include "evenhand/base/log.h"
#include "evenhand/base/status.h"
#include "evenhand/rpc/tls.h"

typedef struct evh_rpc_server evh_rpc_server;
typedef struct evh_rpc_call evh_rpc_call; /* one running call; valid inside its handler only */

typedef struct evh_rpc_method {
    const char *path; /* "/package.Service/Method", borrowed for the server's life */
    /* Answers one call.
     *   response  empty on entry; what is in it is sent if the handler succeeds
     * A failure is sent as the gRPC status of its code with the code's name as the only text: the
     * text of the status stays here and is logged. */
    evh_status (*handle)(void *context, evh_rpc_call *call, evh_buffer *response);
    void *context; /* borrowed for the server's life */
    /* Calls of this method that run at the same time, at most; others wait in the transport without
     * a worker. 0: as many as there are workers. */
    unsigned concurrency;
} evh_rpc_method;

typedef struct evh_rpc_server_options {
    const char *address; /* "host:port"; port 0 takes a free one */
    evh_rpc_tls tls;
    const evh_rpc_method *methods; /* [method_count], borrowed for the server's life */
    size_t method_count;
    size_t message_bytes_max;   /* one request message; a larger one is refused */
    size_t response_bytes_max;  /* ceiling of a response */
    unsigned worker_count;      /* 1..256 threads, the calls that run at the same time */
    int64_t receive_timeout_ms; /* a client that sends nothing for this long is cut off */
    const evh_log *log;         /* borrowed, may be NULL */
} evh_rpc_server_options;

/* Starts serving; also grpc.health.v1.Health/Check, which answers SERVING.
 *   out   owned by the caller: stop and free it with evh_rpc_server_stop
 *   port  the port that is served
 * Fails ARG on options out of range, INPUT when the address cannot be bound or the credentials are
 * not usable, MEMORY. */
EVH_MUST_USE evh_status evh_rpc_server_start(evh_rpc_server **out, uint16_t *port,
                                             const evh_rpc_server_options *options);

/* Refuses new calls, waits up to grace_ms for running ones, cancels the rest, frees the server.
 * Takes the address, accepts NULL, leaves NULL. Not from a handler. */
void evh_rpc_server_stop(evh_rpc_server **server, int64_t grace_ms);

/* Receives the next request message into message (cleared first).
 *   end   true when no more messages come; message is then empty. A client that gave up half-way
 *         looks the same: what a stream carries must say by itself how much it is.
 * Fails UNAVAILABLE when the client is gone, past its deadline or silent for too long. */
EVH_MUST_USE evh_status evh_rpc_call_receive(evh_rpc_call *call, evh_buffer *message, bool *end);

/* Receives the only message of a call that has exactly one. Fails LENGTH when there is none,
 * TRAILING when there are more, otherwise like evh_rpc_call_receive. */
EVH_MUST_USE evh_status evh_rpc_call_receive_only(evh_rpc_call *call, evh_buffer *message);

/* The other end, valid until the handler returns. */
const evh_rpc_peer *evh_rpc_call_peer(const evh_rpc_call *call);

#endif
