/* SPDX-License-Identifier: Apache-2.0 */
#include "evenhand/follow/over_rpc.h"

static evh_status call(void *context, const char *path, evh_view request, evh_buffer *response)
{
    const evh_follow_rpc *rpc = context;
    return evh_rpc_client_unary(rpc->client, path, request, rpc->deadline_ms, response);
}

evh_follow_peer evh_follow_peer_over_rpc(evh_follow_rpc *rpc)
{
    evh_follow_peer peer = {.call = call, .context = rpc};
    return peer;
}
