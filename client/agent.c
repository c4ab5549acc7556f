/* SPDX-License-Identifier: Apache-2.0 */
#include "agent_internal.h"

#include <string.h>
#include <unistd.h>

#include "evenhand/base/limits.h"
#include "evenhand/base/sizes.h"
#include "evenhand/files/files.h"
#include "evenhand/plan/noise.h"
#include "evenhand/service/results.h"

/* ---- what concerns one round ---- */

/* Says what is wrong with a round, unless it was the same the last time. */
static evh_status tell(evh_agent *agent, const evh_mirror_round *round, evh_status what)
{
    evh_agent_told *told = NULL;
    evh_status status = evh_ok();
    for (size_t i = 0; told == NULL && i < agent->told_count; i++)
        if (memcmp(agent->told[i].task_id, round->task.id, EVH_TASK_ID_LEN) == 0)
            told = &agent->told[i];
    if (told == NULL) {
        EVH_TRY(evh_array_reserve(&agent->told, &agent->told_capacity, agent->told_count + 1,
                                  sizeof *agent->told, "rounds"));
        told = &agent->told[agent->told_count++];
        memcpy(told->task_id, round->task.id, EVH_TASK_ID_LEN);
    }
    if (told->code == what.code)
        goto done;
    told->code = what.code;
    if (what.code == EVH_OK)
        goto done;
    EVH_LOG(&agent->log, EVH_LOG_WARN, "client", "client_round_waits",
            evh_log_hex("task", evh_view_of(round->task.id, EVH_TASK_ID_LEN)),
            evh_log_u64("round", round->task.round), evh_log_code(what.code));
    evh_cli_note(agent->cli, "round %u: %s", round->task.round, what.text);
    if (agent->sending->site.advice != NULL)
        evh_cli_note(agent->cli, "%s", agent->sending->site.advice);

done:
    agent->sending->site.advice = NULL;
    return status;
}

/* What cannot get better by going on to the next round. */
static bool concerns_all(evh_status status)
{
    return status.code == EVH_ERR_UNAVAILABLE || status.code == EVH_ERR_STORE ||
           status.code == EVH_ERR_MEMORY || status.code == EVH_ERR_RNG ||
           status.code == EVH_ERR_INTERNAL;
}

static void forget_records(evh_session *session)
{
    evh_measurement_clear(&session->measurement);
    evh_records_clear(&session->records);
    evh_plan_free(&session->plan);
    evh_wipe(&session->key, sizeof session->key);
}

static evh_status data_are_there(evh_agent *agent)
{
    char path[EVH_PATH_BYTES_MAX];
    const evh_config *config = agent->sending->session.config;
    evh_status status = evh_ok();
    EVH_TRY(evh_path_resolve(path, agent->cli->common.config, evh_view_of_text(config->data.path)));
    EVH_REQUIRE(access(path, R_OK) == 0, EVH_ERR_INPUT, "the records are not there yet");

done:
    return status;
}

/* A round that is open and that the ledger does not know: submit it when it is due. */
static evh_status make_report(evh_agent *agent, const evh_mirror_round *round, bool *made)
{
    static const evh_submit_options options = {.agree = false};
    evh_sending *sending = agent->sending;
    evh_submission submission = {.plan = NULL};
    evh_population population;
    bool retired = false;
    bool agreed = false;
    evh_status status = evh_ok();
    *made = false;
    EVH_TRY(evh_mirror_plan(&sending->site, &sending->session.plan, &population, &retired,
                            round->task.plan_id));
    if (sending->session.plan == NULL ||
        strcmp(population.name, sending->session.config->data.population) != 0)
        goto done;
    EVH_TRY(evh_submission_prepare(&submission, &sending->site, sending->session.plan,
                                   round->task.round));
    if (!submission.window_over)
        goto done;
    EVH_TRY(evh_submission_agreed(&submission, &sending->site, &agreed));
    EVH_REQUIRE(agreed, EVH_ERR_PRIVACY,
                "nobody at this site has agreed to the plan yet: run submit --agree once");
    EVH_TRY(data_are_there(agent));
    agent->cli->common.round = round->task.round;
    EVH_TRY(evh_submit_make(sending, &submission, &options));
    *made = true;

done:
    agent->cli->common.round = 0;
    evh_submission_clear(&submission);
    forget_records(&sending->session);
    return status;
}

static evh_status do_round(evh_agent *agent, const evh_mirror_round *round)
{
    evh_site *site = &agent->sending->site;
    evh_outbox_entry entry;
    evh_buffer report = evh_buffer_init(EVH_REPORT_BYTES_MAX);
    bool open = round->state == EVH_ROUND_OPEN;
    bool made = false;
    evh_status status = evh_ok();
    EVH_TRY(evh_outbox_find(site, &entry, &report, round->task.plan_id, round->task.round));
    evh_buffer_clear(&report);
    if (!entry.charged && open && round->deadline_ms >= (uint64_t)evh_clock_wall_ms(&site->clock))
        EVH_TRY(make_report(agent, round, &made));
    agent->made += made;
    if (made || (entry.charged && !entry.missed && !entry.receipt && open)) {
        EVH_TRY(evh_outbox_deliver(site, round, 0));
        agent->sent++;
        EVH_LOG(&agent->log, EVH_LOG_INFO, "client", "client_report_sent",
                evh_log_hex("task", evh_view_of(round->task.id, EVH_TASK_ID_LEN)),
                evh_log_u64("round", round->task.round));
    }

done:
    evh_buffer_clear(&report);
    return status;
}

static evh_status fetch_result(evh_agent *agent, const evh_mirror_round *round)
{
    char path[EVH_PATH_BYTES_MAX];
    bool new = false;
    evh_status status = evh_ok();
    EVH_TRY(evh_results_keep(&agent->sending->site, path, &new, round));
    agent->results += new;

done:
    return status;
}

static evh_status visit_round(void *context, const evh_mirror_round *round)
{
    evh_agent *agent = context;
    evh_status what = evh_ok();
    evh_status status = evh_ok();
    if (evh_agent_stopped(agent))
        goto done;
    what =
        round->state == EVH_ROUND_COLLECTED ? fetch_result(agent, round) : do_round(agent, round);
    if (what.code != EVH_OK) {
        agent->failed++;
        if (agent->first.code == EVH_OK)
            agent->first = what;
    }
    EVH_TRY(tell(agent, round, what));
    if (concerns_all(what))
        status = what;

done:
    return status;
}

/* ---- a pass ---- */

static evh_status check_ledger(evh_agent *agent)
{
    bool behind = false;
    evh_status status = evh_ok();
    EVH_TRY(evh_outbox_is_behind(&agent->sending->site, &behind));
    if (behind)
        agent->sending->site.advice =
            "It was replaced by an older copy, or another installation uses your key. Find the "
            "newest ledger; if it is lost, run ledger reconcile.";
    EVH_REQUIRE(!behind, EVH_ERR_PRIVACY,
                "your ledger is behind: reports were made that it does not know");

done:
    return status;
}

evh_status evh_agent_pass(evh_agent *agent)
{
    evh_reconciled reconciled;
    evh_site *site = &agent->sending->site;
    evh_status status = evh_ok();
    agent->made = agent->sent = agent->missed = agent->results = agent->failed = 0;
    agent->first = evh_ok();
    EVH_TRY(evh_site_follow(site));
    EVH_TRY(check_ledger(agent)); /* a person decides whether to reconcile one that is behind */
    EVH_TRY(evh_mirror_each_round(site, visit_round, agent));
    if (agent->stop)
        goto done;
    EVH_TRY(evh_outbox_reconcile(site, &reconciled));
    agent->missed = reconciled.missed;

done:
    return status;
}
