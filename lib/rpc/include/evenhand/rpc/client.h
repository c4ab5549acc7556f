/* SPDX-License-Identifier: Apache-2.0
 * rpc/client.h: calls to one gRPC server over mutual TLS, each with a deadline.
 * Source   gRPC core 1.51 C surface            Threads  calls of one client may run concurrently
 * Memory   one message at a time               Tests    unit/rpc */
#ifndef EVH_RPC_CLIENT_H
#define EVH_RPC_CLIENT_H

#include <stdint.h>

#include "evenhand/base/bytes.h"
#include "evenhand/base/status.h"
#include "evenhand/rpc/tls.h"

typedef struct evh_rpc_client evh_rpc_client;

typedef struct evh_rpc_client_options {
    const char *target; /* "host:port" */
    const char
        *server_name; /* name that the server's certificate must carry; NULL: target's host */
    const char
        *http_proxy; /* "http://host:port" that is asked to CONNECT; NULL: as the environment's
                               https_proxy and no_proxy say */
    evh_rpc_tls tls;
    size_t response_bytes_max;
} evh_rpc_client_options;

/* Makes a client; connects at the first call. Fails INPUT on unusable credentials, MEMORY. */
EVH_MUST_USE evh_status evh_rpc_client_new(evh_rpc_client **out,
                                           const evh_rpc_client_options *options);

/* Takes the address, accepts NULL, leaves NULL. No call may be running. */
void evh_rpc_client_free(evh_rpc_client **client);

/* Ends the running calls, which fail UNAVAILABLE like every later one: for a program that is about
 * to stop. */
void evh_rpc_client_cancel(evh_rpc_client *client);

/* Gives the messages of a call one by one. */
typedef struct evh_rpc_source {
    /* Points *message at the next one, valid until the next call; *end when there is no more. */
    evh_status (*next)(void *context, evh_view *message, bool *end);
    void *context;
} evh_rpc_source;

/* Sends one message and receives the answer into response (cleared first).
 *   deadline_ms  from now, 1 or more
 * Fails UNAVAILABLE when the server cannot be reached in time, is busy or has trouble of its own,
 * such as a full disk (retry later), with the peer's own code when it refused (its text names the
 * code), MEMORY for an answer over the ceiling. */
EVH_MUST_USE evh_status evh_rpc_client_unary(evh_rpc_client *client, const char *path,
                                             evh_view request, int64_t deadline_ms,
                                             evh_buffer *response);

/* The same for a method that takes several messages. */
EVH_MUST_USE evh_status evh_rpc_client_stream(evh_rpc_client *client, const char *path,
                                              evh_rpc_source source, int64_t deadline_ms,
                                              evh_buffer *response);

#endif
