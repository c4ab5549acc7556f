/* SPDX-License-Identifier: Apache-2.0
 * The agent: what a careful person would do, again and again. Site and configuration are opened for
 * each pass and closed in between, so that other commands can be used while it waits, and changes of
 * the configuration are seen. */
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "agent_internal.h"
#include "evenhand/base/log.h"
#include "sending_internal.h"

enum {
    EVERY_S = 300,
    EVERY_MOST_S = 24 * 3600,
    MS_PER_S = 1000,
    NS_PER_MS = 1000000,
    FAILURES_MAX = 5 /* of disk or ledger, one after the other */
};

evh_status evh_run_set(void *own, int key, const char *value)
{
    evh_run_options *options = own;
    if (key == EVH_RUN_KEY_ONCE) {
        options->once = true;
        return evh_ok();
    }
    return evh_cli_number(&options->every_s, value, "--every", 1, EVERY_MOST_S);
}

/* ---- waiting for time or a signal ---- */

static void stop_signals(sigset_t *set)
{
    (void)sigemptyset(set);
    (void)sigaddset(set, SIGTERM);
    (void)sigaddset(set, SIGINT);
}

/* False when the program was asked to stop; the signals are blocked everywhere else. */
static bool wait_for(void *context, int64_t ms)
{
    evh_agent *agent = context;
    sigset_t set;
    const struct timespec limit = {.tv_sec = ms / MS_PER_S, .tv_nsec = (ms % MS_PER_S) * NS_PER_MS};
    stop_signals(&set);
    agent->stop = agent->stop || sigtimedwait(&set, NULL, &limit) > 0;
    return !agent->stop;
}

bool evh_agent_stopped(evh_agent *agent)
{
    return !wait_for(agent, 0);
}

/* Between half and one and a half of the period: sites do not come at the same moment. */
static evh_status next_pause(int64_t *out, uint64_t every_s)
{
    const evh_rng rng = evh_rng_os();
    uint32_t draw = 0;
    uint8_t bytes[sizeof draw];
    evh_status status = evh_ok();
    EVH_TRY(evh_rng_fill(&rng, bytes, sizeof bytes));
    memcpy(&draw, bytes, sizeof draw);
    *out = (int64_t)(every_s * MS_PER_S / 2 + draw % (every_s * MS_PER_S));

done:
    return status;
}

/* ---- passes ---- */

static evh_status run_pass(evh_agent *agent)
{
    evh_status status = evh_ok();
    evh_sending sending = {.cli = agent->cli};
    agent->sending = &sending;
    EVH_TRY(evh_sending_open(&sending, EVH_CONFIG_NEED_POPULATION | EVH_CONFIG_NEED_DATA));
    sending.site.pause = (evh_pause){.wait = wait_for, .context = agent};
    EVH_TRY(evh_agent_pass(agent));

done:
    evh_sending_close(&sending, status);
    agent->sending = NULL;
    return status;
}

/* Whether the next pass may go better without anybody doing anything. */
static bool may_go_on(const evh_agent *agent, evh_status status)
{
    return status.code == EVH_OK || status.code == EVH_ERR_UNAVAILABLE ||
           (status.code == EVH_ERR_STORE && agent->store_failures < FAILURES_MAX);
}

static evh_status run_passes(evh_agent *agent, const evh_run_options *options)
{
    evh_status status = evh_ok();
    int64_t pause_ms = 0;
    const uint64_t every_s = options->every_s > 0 ? options->every_s : EVERY_S;
    for (;;) {
        status = run_pass(agent);
        agent->store_failures = status.code == EVH_ERR_STORE ? agent->store_failures + 1 : 0;
        EVH_LOG(&agent->log, status.code == EVH_OK ? EVH_LOG_INFO : EVH_LOG_WARN, "client",
                "client_pass", evh_log_code(status.code), evh_log_u64("made", agent->made),
                evh_log_u64("sent", agent->sent), evh_log_u64("missed", agent->missed),
                evh_log_u64("results", agent->results), evh_log_u64("failed", agent->failed));
        if (options->once || agent->stop || !may_go_on(agent, status))
            break;
        if (status.code != EVH_OK)
            evh_cli_note(agent->cli, "%s", status.text);
        EVH_TRY(next_pause(&pause_ms, every_s));
        if (!wait_for(agent, pause_ms))
            break;
    }
    if (agent->stop)
        status = evh_ok();
    if (options->once && status.code == EVH_OK)
        status = agent->first;

done:
    return status;
}

evh_status evh_command_run(evh_cli *cli, void *own)
{
    sigset_t set;
    evh_agent agent = {.cli = cli, .first = evh_ok(), .log = evh_log_stderr(EVH_LOG_INFO)};
    evh_status status = evh_ok();
    /* Before the first thread is made: they all inherit it, and only sigtimedwait takes the signals. */
    stop_signals(&set);
    EVH_REQUIRE(pthread_sigmask(SIG_BLOCK, &set, NULL) == 0, EVH_ERR_INTERNAL,
                "signals cannot be blocked");
    status = run_passes(&agent, own);
    EVH_LOG(&agent.log, EVH_LOG_INFO, "client", "client_stopped", evh_log_code(status.code));

done:
    free(agent.told);
    return status;
}
