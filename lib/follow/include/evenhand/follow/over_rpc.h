/* SPDX-License-Identifier: Apache-2.0
 * follow/over_rpc.h: the log as a gRPC server serves it.
 * Threads  as rpc/client.h     Memory   allocates nothing     Tests    unit/follow */
#ifndef EVH_FOLLOW_OVER_RPC_H
#define EVH_FOLLOW_OVER_RPC_H

#include "evenhand/follow/follow.h"
#include "evenhand/rpc/client.h"

typedef struct evh_follow_rpc {
    evh_rpc_client *client; /* its response_bytes_max at least EVH_FOLLOW_RESPONSE_BYTES_MAX */
    int64_t deadline_ms;    /* of one call, 1 or more */
} evh_follow_rpc;

/* A peer that borrows rpc for as long as it is used. */
evh_follow_peer evh_follow_peer_over_rpc(evh_follow_rpc *rpc);

#endif
