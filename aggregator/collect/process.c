/* SPDX-License-Identifier: Apache-2.0
 * A collector from its first pass to its last. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "evenhand/base/address.h"
#include "session_internal.h"

enum { SOON_MS = 1000 };

typedef struct process {
    evh_collect_session *session;
    const evh_collect_process_options *options;
    evh_collect_status shown;
    evh_http *http;
    pthread_mutex_t lock;
    pthread_cond_t woken;
    bool ending;
    uint32_t failures; /* passes with trouble in a row */
} process;

static sigset_t stop_signals(void)
{
    sigset_t set;
    (void)sigemptyset(&set);
    (void)sigaddset(&set, SIGTERM);
    (void)sigaddset(&set, SIGINT);
    return set;
}

/* After the first signal the next one ends the process at once: what is in the folder stays. */
static void *wait_for_signal(void *context)
{
    process *p = context;
    sigset_t set = stop_signals();
    int number = 0;
    (void)sigwait(&set, &number);
    (void)pthread_sigmask(SIG_UNBLOCK, &set, NULL);
    evh_collect_session_stop(p->session);
    (void)pthread_mutex_lock(&p->lock);
    p->ending = true;
    (void)pthread_cond_signal(&p->woken);
    (void)pthread_mutex_unlock(&p->lock);
    return NULL;
}

/* ---- passes ---- */

static void show(process *p, const evh_collect_outcome *outcome, evh_code code, bool good)
{
    evh_collect_status *s = &p->shown;
    const int64_t now_ms = evh_clock_monotonic_ms(&s->clock);
    (void)pthread_mutex_lock(&s->lock);
    s->outcome = *outcome;
    s->code = code;
    s->passes++;
    s->passed_ms = now_ms;
    if (good)
        s->good_ms = now_ms;
    else
        s->failed++;
    (void)pthread_mutex_unlock(&s->lock);
}

/* How long to wait: at the usual pace, a moment while a result is about to be in the log, or longer
 * with each pass that gave trouble. */
static int64_t wait_ms_of(const process *p)
{
    const bool soon = p->shown.outcome.ready > 0 || p->shown.outcome.published > 0;
    const int64_t poll_ms = soon ? SOON_MS : (int64_t)p->options->poll_s * 1000;
    int64_t retry_ms = EVH_COLLECT_RETRY_MS;
    if (p->failures == 0)
        return poll_ms;
    for (uint32_t i = 1; i < p->failures && retry_ms < EVH_COLLECT_RETRY_MAX_MS; i++)
        retry_ms *= 2;
    return retry_ms < EVH_COLLECT_RETRY_MAX_MS ? retry_ms : EVH_COLLECT_RETRY_MAX_MS;
}

static void pass(process *p)
{
    evh_collect_outcome outcome;
    const evh_status status = evh_collect_pass(&p->session->collect, &outcome);
    const bool good = status.code == EVH_OK && outcome.log_code == EVH_OK && outcome.troubled == 0;
    if (atomic_load(&p->session->stopping))
        return;
    if (status.code != EVH_OK)
        EVH_LOG(&p->session->log, EVH_LOG_ERROR, "collector", "pass_failed",
                evh_log_code(status.code));
    p->failures = good ? 0 : p->failures + 1;
    show(p, &outcome, status.code, good);
}

/* Until that much later, or a signal. */
static void rest(process *p, int64_t wait_ms)
{
    struct timespec until;
    (void)clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += (time_t)(wait_ms / 1000);
    until.tv_nsec += (long)(wait_ms % 1000) * 1000000;
    if (until.tv_nsec >= 1000000000) {
        until.tv_nsec -= 1000000000;
        until.tv_sec++;
    }
    (void)pthread_mutex_lock(&p->lock);
    while (!p->ending && pthread_cond_timedwait(&p->woken, &p->lock, &until) == 0)
        ;
    (void)pthread_mutex_unlock(&p->lock);
}

/* ---- the process ---- */

static void init(process *p)
{
    pthread_condattr_t attributes;
    (void)pthread_condattr_init(&attributes);
    (void)pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    (void)pthread_cond_init(&p->woken, &attributes);
    (void)pthread_condattr_destroy(&attributes);
    (void)pthread_mutex_init(&p->lock, NULL);
    (void)pthread_mutex_init(&p->shown.lock, NULL);
    p->shown.version = p->options->version;
    p->shown.clock = p->session->self.clock;
    p->shown.good_ms = p->shown.passed_ms = -1;
}

static void clear(process *p)
{
    (void)pthread_cond_destroy(&p->woken);
    (void)pthread_mutex_destroy(&p->lock);
    (void)pthread_mutex_destroy(&p->shown.lock);
}

static evh_status listen_http(process *p, char at[EVH_ADDRESS_LEN])
{
    char host[EVH_HOST_LEN];
    uint16_t port = 0;
    const char *metrics = p->session->deployment->settings.metrics;
    evh_http_options options = {.host = host, .page = evh_collect_page, .context = &p->shown};
    evh_status status = evh_ok();
    (void)snprintf(at, EVH_ADDRESS_LEN, "-");
    if (metrics[0] == '\0')
        goto done;
    EVH_TRY(evh_address_read(host, &options.port, evh_view_of_text(metrics)));
    EVH_TRY(evh_http_start(&p->http, &port, &options));
    evh_address_write(at, host, port);
done:
    return status;
}

static evh_status tell_ready(const process *p, const char *http_at)
{
    evh_buffer line = evh_buffer_init(EVH_ADDRESS_LEN + 8);
    evh_status status = evh_ok();
    EVH_LOG(&p->session->log, EVH_LOG_INFO, "collector", "collecting_started",
            evh_log_id("version", p->options->version), evh_log_id("metrics", http_at));
    if (p->options->ready_file == NULL)
        goto done;
    EVH_TRY(evh_buffer_format(&line, "- %s\n", http_at));
    EVH_TRY(evh_file_replace(p->options->ready_file, evh_buffer_view(&line), EVH_FILE_SHARED));
done:
    evh_buffer_clear(&line);
    return status;
}

evh_status evh_collect_process(evh_collect_session *session,
                               const evh_collect_process_options *options)
{
    process p = {.session = session, .options = options};
    char http_at[EVH_ADDRESS_LEN];
    pthread_t waiter;
    bool waiting = false;
    evh_status status = evh_ok();
    init(&p);
    if (options->ready_file != NULL)
        (void)unlink(options->ready_file); /* of an earlier run */
    waiting = pthread_create(&waiter, NULL, wait_for_signal, &p) == 0;
    EVH_REQUIRE(waiting, EVH_ERR_MEMORY, "no thread can be started");
    EVH_TRY(listen_http(&p, http_at));
    EVH_TRY(tell_ready(&p, http_at));
    while (!atomic_load(&session->stopping)) {
        pass(&p);
        rest(&p, wait_ms_of(&p));
    }
    evh_log_event(&session->log, EVH_LOG_INFO, "collector", "collecting_ended", NULL, 0);
done:
    evh_http_stop(&p.http);
    if (waiting) {
        /* It may still wait when starting has failed. */
        if (status.code != EVH_OK)
            /* NOLINTNEXTLINE(bugprone-bad-signal-to-kill-thread,cert-pos44-c): it waits for it */
            (void)pthread_kill(waiter, SIGTERM);
        (void)pthread_join(waiter, NULL);
    }
    clear(&p);
    return status;
}
