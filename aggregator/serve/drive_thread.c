/* SPDX-License-Identifier: Apache-2.0
 * One thread moves all rounds on. It is woken when something has arrived, waits a moment for more so
 * that jobs are not of one report each, and keeps away from a helper that is away. */
#include <errno.h>
#include <time.h>

#include "serve_internal.h"

enum { LINGER_MS = 50, STORE_RETRY_MS = 5000 };

static int64_t cpu_ns(void)
{
    struct timespec now = {.tv_sec = 0};
    (void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static struct timespec in_ms(int64_t ms)
{
    struct timespec at = {.tv_sec = 0};
    (void)clock_gettime(CLOCK_MONOTONIC, &at);
    at.tv_sec += ms / 1000;
    at.tv_nsec += ms % 1000 * 1000000;
    if (at.tv_nsec >= 1000000000) {
        at.tv_sec++;
        at.tv_nsec -= 1000000000;
    }
    return at;
}

/* Waits up to wait_ms; ends early when woken, unless `patient`. False when it is time to stop. */
static bool wait_turn(evh_driver *driver, int64_t wait_ms, bool patient)
{
    struct timespec until = in_ms(wait_ms);
    (void)pthread_mutex_lock(&driver->lock);
    int waited = 0;
    while (waited != ETIMEDOUT && !driver->stopping && (patient || !driver->woken))
        waited = pthread_cond_timedwait(&driver->changed, &driver->lock, &until);
    until = in_ms(LINGER_MS);
    while (driver->woken && !patient && !driver->stopping &&
           pthread_cond_timedwait(&driver->changed, &driver->lock, &until) != ETIMEDOUT)
        continue;
    driver->woken = false;
    bool go_on = !driver->stopping;
    (void)pthread_mutex_unlock(&driver->lock);
    return go_on;
}

/* Half to one and a half of it, so that many who lost the same peer do not come back together. */
static int64_t jittered(const evh_rng *rng, int64_t ms)
{
    uint8_t random = 0;
    evh_status status = evh_rng_fill(rng, &random, 1);
    evh_status_discard(status, "without randomness it comes back a little early");
    return ms / 2 + ms * random / 256;
}

static bool should_stop(void *context)
{
    const evh_driver *driver = context;
    return driver->stopping;
}

/* The endorsements that wait for the helper, and then all rounds. */
static evh_status drive_all(evh_serve *serve, evh_drive *drive, evh_drive_outcome *rounds)
{
    evh_operator_outcome customers = {.helper_reached = true, .wait_ms = EVH_OPERATOR_IDLE_MS};
    evh_status status = evh_ok();
    EVH_TRY(evh_operator_drive(&serve->office, &customers));
    EVH_TRY(evh_leader_drive(&serve->self, &serve->helper, drive, rounds));
    if (rounds->helper_reached && customers.wait_ms < rounds->wait_ms)
        rounds->wait_ms = customers.wait_ms;
done:
    return status;
}

/* One pass; *wait_ms until the next, *patient when nothing that arrives makes it sooner. */
static void pass(evh_serve *serve, evh_drive *drive, int64_t *wait_ms, bool *patient)
{
    evh_driver *driver = &serve->driver;
    evh_drive_outcome outcome = {.wait_ms = EVH_DRIVE_IDLE_MS};
    uint64_t seen = driver->waiting;
    int64_t begun_ns = cpu_ns();
    evh_status status = drive_all(serve, drive, &outcome);
    evh_meters_work(serve->meters, EVH_METER_DRIVE, cpu_ns() - begun_ns);
    evh_meters_pass(serve->meters, status.code, outcome.troubled);
    if (status.code != EVH_OK)
        EVH_LOG(&serve->log, EVH_LOG_ERROR, "serve", "drive_failed", evh_log_code(status.code));
    else if (outcome.helper_reached)
        (void)atomic_fetch_sub(&driver->waiting, seen);
    *patient = status.code != EVH_OK || !outcome.helper_reached;
    *wait_ms = status.code != EVH_OK ? STORE_RETRY_MS : outcome.wait_ms;
    if (*patient)
        *wait_ms = jittered(&serve->self.rng, *wait_ms);
    if (*wait_ms > EVH_SERVE_HEARTBEAT_MS)
        *wait_ms = EVH_SERVE_HEARTBEAT_MS;
    int64_t age_ms = evh_helper_link_age_ms(&serve->link);
    if (!*patient && (age_ms < 0 || age_ms >= EVH_SERVE_HEARTBEAT_MS) && !driver->stopping)
        evh_helper_link_beat(&serve->link);
}

static void *drive_rounds(void *context)
{
    evh_serve *serve = context;
    evh_drive drive = {.job_reports = serve->deployment->settings.limits.job_reports,
                       .stop = should_stop,
                       .context = &serve->driver};
    int64_t wait_ms = 0;
    bool patient = false;
    while (wait_turn(&serve->driver, wait_ms, patient))
        pass(serve, &drive, &wait_ms, &patient);
    return NULL;
}

void evh_driver_wake(void *context)
{
    evh_driver *driver = context;
    (void)pthread_mutex_lock(&driver->lock);
    driver->woken = true;
    (void)pthread_cond_signal(&driver->changed);
    (void)pthread_mutex_unlock(&driver->lock);
}

evh_status evh_driver_start(evh_serve *serve)
{
    if (pthread_create(&serve->driver.thread, NULL, drive_rounds, serve) != 0)
        return evh_fail(EVH_ERR_MEMORY, "cannot start a thread");
    serve->driver.started = true;
    return evh_ok();
}

void evh_driver_stop(evh_serve *serve)
{
    evh_driver *driver = &serve->driver;
    if (!driver->started)
        return;
    (void)pthread_mutex_lock(&driver->lock);
    driver->stopping = true;
    (void)pthread_cond_signal(&driver->changed);
    (void)pthread_mutex_unlock(&driver->lock);
    evh_rpc_client_cancel(serve->link.client);
    (void)pthread_join(driver->thread, NULL);
    driver->started = false;
}
