/* SPDX-License-Identifier: Apache-2.0
 * The helper as the leader reaches it. Back-off is the drive's; here is only seen whether it
 * answers. An answer that refuses is an answer. */
#include <string.h>
#include <time.h>

#include "evenhand/rpc/client.h"
#include "serve_internal.h"

enum { BEAT_MS = 10000 };

static const char *const paths[] = {
    "/evenhand.v1.Helper/Cosign",     "/evenhand.v1.Helper/PrepareRound",
    "/evenhand.v1.Helper/Reveal",     "/evenhand.v1.Helper/Aggregate",
    "/evenhand.v1.Helper/Agree",      "/evenhand.v1.Helper/CommitShare",
    "/evenhand.v1.Helper/Endorse",    "/evenhand.v1.Helper/GetCheckpoint",
    "/evenhand.v1.Helper/GetEntries", "/grpc.health.v1.Health/Check",
};
enum { PATH_COUNT = sizeof paths / sizeof paths[0] };

evh_meter_methods evh_helper_link_methods(void)
{
    return (evh_meter_methods){.paths = paths, .count = PATH_COUNT};
}

static size_t index_of(const char *path)
{
    size_t i = 0;
    while (i < PATH_COUNT && strcmp(paths[i], path) != 0)
        i++;
    return i;
}

/* Tells the log when it goes and when it comes back, and not at every call in between. */
static void note_answer(evh_helper_link *link, evh_code code)
{
    bool answered = code != EVH_ERR_UNAVAILABLE;
    if (answered)
        atomic_store(&link->reached_ms, evh_clock_monotonic_ms(&link->clock));
    bool was_away = atomic_exchange(&link->away, !answered);
    if (was_away == !answered)
        return;
    if (answered)
        evh_log_event(link->log, EVH_LOG_INFO, "serve", "helper_reached", NULL, 0);
    else
        evh_log_event(link->log, EVH_LOG_WARN, "serve", "helper_away", NULL, 0);
}

static int64_t monotonic_ns(void)
{
    struct timespec now = {.tv_sec = 0};
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static evh_status call_helper(evh_helper_link *link, const char *path, evh_view request,
                              int64_t deadline_ms, evh_buffer *response)
{
    int64_t begun_ns = monotonic_ns();
    evh_status status = evh_rpc_client_unary(link->client, path, request, deadline_ms, response);
    evh_meter_call meter = {.side = EVH_METER_MADE,
                            .method = index_of(path),
                            .code = status.code,
                            .took_ns = monotonic_ns() - begun_ns,
                            .received_bytes = response->len,
                            .sent_bytes = request.len};
    evh_meters_call(link->meters, &meter);
    note_answer(link, status.code);
    return status;
}

static evh_status call_as_peer(void *context, const char *path, evh_view request,
                               evh_buffer *response)
{
    return call_helper(context, path, request, EVH_SERVE_HELPER_CALL_MS, response);
}

evh_peer evh_helper_link_peer(evh_helper_link *link)
{
    return (evh_peer){.call = call_as_peer, .context = link};
}

void evh_helper_link_beat(evh_helper_link *link)
{
    evh_buffer response = evh_buffer_init(1024);
    evh_status status =
        call_helper(link, "/grpc.health.v1.Health/Check", evh_view_of(NULL, 0), BEAT_MS, &response);
    evh_status_discard(status, "the link has taken note of it");
    evh_buffer_clear(&response);
}

int64_t evh_helper_link_age_ms(const evh_helper_link *link)
{
    int64_t reached_ms = atomic_load(&link->reached_ms);
    return reached_ms < 0 ? -1 : evh_clock_monotonic_ms(&link->clock) - reached_ms;
}
