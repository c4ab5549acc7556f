/* SPDX-License-Identifier: Apache-2.0
 * What /metrics and /readyz know of the store. A transaction may be long, so the store is read by a
 * thread of its own, and a page waits for it only for a moment: a store that does not answer is then
 * seen by the age of what was read last. */
#include <errno.h>
#include <time.h>

#include "evenhand/aggregator/listing.h"
#include "evenhand/translog/translog.h"
#include "serve_internal.h"
#include "service.pb-c.h"

enum { EVERY_MS = 10000, PAGE_WAIT_MS = 1000 };

static int64_t seconds_since(const evh_serve *serve, int64_t since_ms)
{
    return since_ms < 0 ? -1 : (evh_clock_monotonic_ms(&serve->clock) - since_ms) / 1000;
}

/* ---- reading ---- */

static evh_status read_log(evh_serve *serve, evh_gauges *g)
{
    evh_store *store = serve->self.store;
    evh_buffer note = evh_buffer_init(EVH_CHECKPOINT_BYTES_MAX);
    uint64_t size = 0;
    uint64_t cosigned = 0;
    evh_status status = evh_ok();
    EVH_TRY(evh_store_begin(store));
    EVH_TRY(evh_translog_size(store, &size));
    /* What a helper holds is what it has cosigned. */
    EVH_TRY(evh_translog_newest(store, serve->self.role == EVH_ROLE_LEADER, &note, &cosigned));
    g->log_entries = (int64_t)size;
    g->log_cosigned = (int64_t)cosigned;
done:
    evh_store_rollback(store);
    evh_buffer_clear(&note);
    return status;
}

static void add_round(evh_gauges *g, const evh_round_row *row, int64_t now_ms)
{
    int64_t left_s = ((int64_t)row->deadline_ms - now_ms) / 1000;
    g->reports_received += row->received;
    g->reports_accepted += row->accepted;
    g->reports_rejected += row->rejected;
    switch (row->state) {
    case EVENHAND__V1__ROUND_STATE__ROUND_STATE_OPEN:
        g->rounds_open++;
        left_s = left_s < 0 ? 0 : left_s;
        if (g->next_deadline_s < 0 || left_s < g->next_deadline_s)
            g->next_deadline_s = left_s;
        break;
    case EVENHAND__V1__ROUND_STATE__ROUND_STATE_CLOSED:
        g->rounds_closed++;
        break;
    case EVENHAND__V1__ROUND_STATE__ROUND_STATE_AGREED:
        g->rounds_agreed++;
        break;
    default:
        break;
    }
}

static evh_status read_rounds(evh_serve *serve, evh_gauges *g)
{
    evh_round_list rounds = {.rows = NULL};
    evh_status status = evh_aggregator_list_rounds(&serve->self, &rounds, NULL);
    int64_t now_ms = evh_clock_wall_ms(&serve->clock);
    for (size_t i = 0; i < rounds.count; i++)
        add_round(g, &rounds.rows[i], now_ms);
    evh_round_list_clear(&rounds);
    return status;
}

static evh_status take_sample(evh_serve *serve, evh_gauges *g)
{
    evh_status status = evh_ok();
    *g = (evh_gauges){.next_deadline_s = -1};
    EVH_TRY(read_log(serve, g));
    EVH_TRY(read_rounds(serve, g));
done:
    return status;
}

/* ---- the thread ---- */

static struct timespec in_ms(int64_t ms)
{
    struct timespec at = {.tv_sec = 0};
    (void)clock_gettime(CLOCK_MONOTONIC, &at);
    at.tv_sec += ms / 1000;
    at.tv_nsec += ms % 1000 * 1000000;
    at.tv_sec += at.tv_nsec / 1000000000;
    at.tv_nsec %= 1000000000;
    return at;
}

static void keep_sample(evh_serve *serve, evh_status status, const evh_gauges *sample)
{
    evh_watch *watch = &serve->watch;
    int64_t now_ms = evh_clock_monotonic_ms(&serve->clock);
    bool failed_before = watch->status.code != EVH_OK;
    watch->status = status;
    if (status.code == EVH_OK) {
        watch->sample = *sample;
        watch->taken_ms = now_ms;
        if (sample->log_cosigned >= sample->log_entries)
            watch->uncosigned_ms = -1;
        else if (watch->uncosigned_ms < 0)
            watch->uncosigned_ms = now_ms;
    } else if (!failed_before) {
        EVH_LOG(&serve->log, EVH_LOG_ERROR, "serve", "store_failed", evh_log_code(status.code));
    }
}

static void *watch_store(void *context)
{
    evh_serve *serve = context;
    evh_watch *watch = &serve->watch;
    (void)pthread_mutex_lock(&watch->lock);
    while (!watch->stopping) {
        uint64_t wanted = watch->wanted;
        evh_gauges sample;
        (void)pthread_mutex_unlock(&watch->lock);
        evh_status status = take_sample(serve, &sample);
        (void)pthread_mutex_lock(&watch->lock);
        keep_sample(serve, status, &sample);
        watch->taken = wanted;
        (void)pthread_cond_broadcast(&watch->changed);
        struct timespec until = in_ms(EVERY_MS);
        int waited = 0;
        while (waited != ETIMEDOUT && !watch->stopping && watch->wanted == watch->taken)
            waited = pthread_cond_timedwait(&watch->changed, &watch->lock, &until);
    }
    (void)pthread_mutex_unlock(&watch->lock);
    return NULL;
}

evh_status evh_watch_start(evh_serve *serve)
{
    serve->watch.taken_ms = serve->watch.uncosigned_ms = -1;
    if (pthread_create(&serve->watch.thread, NULL, watch_store, serve) != 0)
        return evh_fail(EVH_ERR_MEMORY, "cannot start a thread");
    serve->watch.started = true;
    return evh_ok();
}

void evh_watch_stop(evh_serve *serve)
{
    evh_watch *watch = &serve->watch;
    if (!watch->started)
        return;
    (void)pthread_mutex_lock(&watch->lock);
    watch->stopping = true;
    (void)pthread_cond_broadcast(&watch->changed);
    (void)pthread_mutex_unlock(&watch->lock);
    (void)pthread_join(watch->thread, NULL);
    watch->started = false;
}

/* ---- what the pages get ---- */

void evh_watch_read(evh_serve *serve, evh_gauges *out)
{
    evh_watch *watch = &serve->watch;
    struct timespec until = in_ms(PAGE_WAIT_MS);
    int waited = 0;
    (void)pthread_mutex_lock(&watch->lock);
    uint64_t mine = ++watch->wanted;
    (void)pthread_cond_broadcast(&watch->changed);
    while (waited != ETIMEDOUT && !watch->stopping && watch->taken < mine)
        waited = pthread_cond_timedwait(&watch->changed, &watch->lock, &until);
    *out = watch->sample;
    if (watch->taken_ms < 0)
        out->log_entries = out->log_cosigned = out->next_deadline_s = -1;
    out->sample_age_s = seconds_since(serve, watch->taken_ms);
    out->uncosigned_s = watch->uncosigned_ms < 0 ? 0 : seconds_since(serve, watch->uncosigned_ms);
    out->store_code = watch->status.code;
    (void)pthread_mutex_unlock(&watch->lock);
}

evh_status evh_watch_reasons(evh_serve *serve, const evh_gauges *g, evh_buffer *out)
{
    evh_status status = evh_ok();
    int64_t now_s = evh_clock_wall_ms(&serve->clock) / 1000;
    if (serve->stopping)
        EVH_TRY(evh_buffer_format(out, "stopping\n"));
    if (g->store_code != EVH_OK)
        EVH_TRY(
            evh_buffer_format(out, "the store fails: %s\n", evh_code_info(g->store_code)->name));
    if (g->sample_age_s < 0 || g->sample_age_s > EVH_SERVE_SAMPLE_OLD_S)
        EVH_TRY(evh_buffer_format(out, "the store has not answered for %d seconds or more\n",
                                  g->sample_age_s < 0 ? 0 : EVH_SERVE_SAMPLE_OLD_S));
    if (g->certificate_expires_s <= now_s)
        EVH_TRY(evh_buffer_format(out, "the server's certificate has ended\n"));
    if (serve->self.role != EVH_ROLE_LEADER)
        goto done;
    if (g->uncosigned_s > EVH_SERVE_UNCOSIGNED_S)
        EVH_TRY(evh_buffer_format(out, "the log waits for its cosignature for more than %d s\n",
                                  EVH_SERVE_UNCOSIGNED_S));
    if (g->helper_age_s < 0 || g->helper_age_s > EVH_SERVE_HELPER_AWAY_S)
        EVH_TRY(evh_buffer_format(out, "the helper has not been reached%s\n",
                                  g->helper_age_s < 0 ? " yet" : " lately"));
done:
    return status;
}
