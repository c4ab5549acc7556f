/* SPDX-License-Identifier: Apache-2.0
 * What server.c and client.c share: gRPC values from and to ours. The only file beside them that
 * sees a gRPC type. */
#ifndef EVH_RPC_INTERNAL_H
#define EVH_RPC_INTERNAL_H

#include <grpc/byte_buffer.h>
#include <grpc/grpc.h>
#include <grpc/grpc_security.h>

#include "evenhand/base/bytes.h"
#include "evenhand/base/status.h"
#include "evenhand/rpc/tls.h"

/* grpc_init with the library's own messages dropped: they name peers' addresses, and every failure
 * comes back as a status as well. Pairs with grpc_shutdown. */
void evh_rpc_library_start(void);

/* A gRPC buffer holding a copy of the view; the caller destroys it. */
grpc_byte_buffer *evh_rpc_buffer_from_view(evh_view view);

/* Appends a gRPC buffer's bytes to out. Fails MEMORY, ENCODING (compressed in an unknown way). */
EVH_MUST_USE evh_status evh_rpc_buffer_read(grpc_byte_buffer *from, evh_buffer *out);

/* NUL-terminated copies of the PEM texts, wiped by _clear. */
typedef struct evh_rpc_pems {
    evh_buffer ca, cert, key;
} evh_rpc_pems;

EVH_MUST_USE evh_status evh_rpc_pems_copy(evh_rpc_pems *out, const evh_rpc_tls *tls);
void evh_rpc_pems_clear(evh_rpc_pems *pems);

/* Channel arguments; key and value are borrowed. */
grpc_arg evh_rpc_integer_arg(const char *key, int value);
grpc_arg evh_rpc_string_arg(const char *key, const char *value);

/* Deadline `ms` from now, on the monotonic clock. */
gpr_timespec evh_rpc_deadline(int64_t ms);

/* Who the certificate of a call's other end says it is. Fails KEY without a usable certificate. */
EVH_MUST_USE evh_status evh_rpc_peer_of_call(evh_rpc_peer *out, grpc_call *call);

/* The code that travels as gRPC number and name, and back. */
grpc_status_code evh_rpc_grpc_code(evh_code code);
evh_code evh_rpc_code_from_wire(grpc_status_code number, grpc_slice name);

#endif
