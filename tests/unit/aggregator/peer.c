/* SPDX-License-Identifier: Apache-2.0 */
#include "peer.h"

#include <string.h>

typedef evh_status (*method)(const evh_aggregator *self, const evh_caller *caller, evh_view request,
                             evh_buffer *response);

static const struct {
    const char *path;
    method call;
} methods[PEER_METHODS] = {
    {"/evenhand.v1.Helper/Cosign", evh_helper_cosign},
    {"/evenhand.v1.Helper/PrepareRound", evh_helper_prepare_round},
    {"/evenhand.v1.Helper/Reveal", evh_helper_reveal},
    {"/evenhand.v1.Helper/Aggregate", evh_helper_aggregate},
    {"/evenhand.v1.Helper/Agree", evh_helper_agree},
    {"/evenhand.v1.Helper/CommitShare", evh_helper_commit_share},
    {"/evenhand.v1.Helper/GetCheckpoint", evh_aggregator_get_checkpoint},
    {"/evenhand.v1.Helper/GetEntries", evh_aggregator_get_entries},
};

static size_t find_method(const char *path)
{
    size_t found = 0;
    while (found < PEER_METHODS && strcmp(methods[found].path, path) != 0)
        found++;
    assert_true(found < PEER_METHODS);
    return found;
}

static evh_status serve(fake_peer *peer, size_t which, evh_view request, evh_buffer *response)
{
    evh_caller leader = as_leader();
    evh_buffer_clear(response);
    return methods[which].call(&peer->f->helper.aggregator, &leader, request, response);
}

static evh_status lost(void)
{
    return evh_fail(EVH_ERR_UNAVAILABLE, "nobody answers");
}

static evh_status with_fault(fake_peer *peer, size_t which, evh_view request, evh_buffer *response)
{
    evh_status status = evh_ok();
    switch (peer->fault) {
    case PEER_REQUEST_LOST:
        return lost();
    case PEER_ANSWER_LOST:
        status = serve(peer, which, request, response);
        evh_buffer_clear(response);
        return status.code == EVH_OK ? lost() : status;
    case PEER_REPEATED:
        evh_status_discard(serve(peer, which, request, response), "the second one counts");
        return serve(peer, which, request, response);
    case PEER_OLD_REPEATED:
        if (peer->old[which].len > 0)
            evh_status_discard(serve(peer, which, evh_buffer_view(&peer->old[which]), response),
                               "late calls may be refused");
        return serve(peer, which, request, response);
    case PEER_AWAY:
        peer->away = 3;
        return lost();
    case PEER_RESTARTED:
        restart(peer->f);
        status = serve(peer, which, request, response);
        restart(peer->f);
        return status;
    default:
        return serve(peer, which, request, response);
    }
}

static bool is_due(const fake_peer *peer, size_t call)
{
    if (peer->always)
        return call >= peer->fault_at && (call - peer->fault_at) % 2 == 0;
    return call == peer->fault_at;
}

static evh_status call(void *context, const char *path, evh_view request, evh_buffer *response)
{
    fake_peer *peer = context;
    size_t which = find_method(path);
    evh_status status = evh_ok();
    evh_buffer_clear(response);
    if (peer->away > 0) {
        peer->away--;
        return lost();
    }
    status = is_due(peer, peer->calls++) ? with_fault(peer, which, request, response)
                                         : serve(peer, which, request, response);
    evh_buffer_clear(&peer->old[which]);
    assert_ok(evh_buffer_append(&peer->old[which], request));
    return status;
}

void fake_peer_init(fake_peer *peer, fixture *f)
{
    memset(peer, 0, sizeof *peer);
    peer->f = f;
    for (size_t i = 0; i < PEER_METHODS; i++)
        peer->old[i] = evh_buffer_init(1 << 22);
}

void fake_peer_clear(fake_peer *peer)
{
    for (size_t i = 0; i < PEER_METHODS; i++)
        evh_buffer_clear(&peer->old[i]);
}

evh_peer fake_peer_handle(fake_peer *peer)
{
    evh_peer handle = {.call = call, .context = peer};
    return handle;
}
