/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "evenhand/base/limits.h"
#include "evenhand/files/files.h"
#include "evenhand/plan/canonical.h"
#include "sending_internal.h"
#include "submit_internal.h"

enum {
    WAIT_S = 120,
    WAIT_MOST_S = 31 * 24 * 3600,
    MS_PER_S = 1000,
    TEXT_BYTES_MAX = 4096,
    ANSWER_LEN = 16
};

evh_status evh_submit_set(void *own, int key, const char *value)
{
    evh_submit_options *options = own;
    switch (key) {
    case EVH_SUBMIT_KEY_AGREE:
        options->agree = true;
        return evh_ok();
    case EVH_SUBMIT_KEY_NO_UPLOAD:
        options->no_upload = true;
        return evh_ok();
    case EVH_SUBMIT_KEY_OUT:
        options->out = value;
        return evh_ok();
    case EVH_SUBMIT_KEY_WAIT:
        options->wait_given = true;
        return evh_cli_number(&options->wait_s, value, "--wait", 0, WAIT_MOST_S);
    default:
        return evh_session_set(&options->session, key, value);
    }
}

int64_t evh_submit_wait_ms(const evh_submit_options *options)
{
    return (options->wait_given ? (int64_t)options->wait_s : WAIT_S) * MS_PER_S;
}

/* ---- agreement ---- */

static bool ask_on_terminal(const evh_cli *cli, const evh_submission *s)
{
    const evh_plan_terms *terms = evh_plan_terms_of(s->plan);
    char epsilon[EVH_DECIMAL_TEXT_LEN];
    char answer[ANSWER_LEN] = "";
    if (cli->common.json || cli->common.quiet || isatty(STDIN_FILENO) == 0 ||
        isatty(fileno(cli->err)) == 0)
        return false;
    evh_decimal_format(epsilon, terms->privacy.epsilon);
    (void)fprintf(
        cli->err,
        "Plan %s measures population %s. A round costs every person in it epsilon %s; the "
        "plan has %" PRIu32 " rounds.\n`explain` says more. Does this site agree to the "
        "plan? [y/N] ",
        terms->name, terms->privacy.population, epsilon, terms->rounds.count);
    (void)fflush(cli->err);
    return fgets(answer, sizeof answer, stdin) != NULL && (answer[0] == 'y' || answer[0] == 'Y');
}

static evh_status need_agreement(evh_sending *sending, evh_submission *s, bool agree)
{
    evh_status status = evh_ok();
    bool agreed = false;
    EVH_TRY(evh_submission_agreed(s, &sending->site, &agreed));
    if (agreed)
        goto done;
    agreed = agree || ask_on_terminal(sending->cli, s);
    if (!agreed)
        sending->site.advice =
            "Read what explain says of it. A person who may decide that then runs "
            "submit --agree, once for each plan.";
    EVH_REQUIRE(agreed, EVH_ERR_PRIVACY, "nobody at this site has agreed to the plan yet");
    EVH_TRY(evh_site_need_ledger(&sending->site));
    EVH_TRY(evh_ledger_agree(sending->site.ledger, s->charge.plan_id,
                             evh_clock_wall_ms(&sending->site.clock)));

done:
    return status;
}

/* ---- making it ---- */

static evh_status count_records(evh_sending *sending, const evh_submit_options *options)
{
    evh_status status = evh_ok();
    evh_session *session = &sending->session;
    EVH_TRY(evh_session_open_records(session, sending->cli, &options->session));
    EVH_TRY(evh_session_measure(session, sending->cli, &options->session));
    EVH_TRY(evh_small_groups_note(sending->cli, session->plan, session->measurement.cells,
                                  session->config->smallest_group));

done:
    return status;
}

evh_status evh_submit_make(evh_sending *sending, evh_submission *submission,
                           const evh_submit_options *options)
{
    evh_status status = evh_ok();
    evh_session *session = &sending->session;
    evh_buffer report = evh_buffer_init(EVH_REPORT_BYTES_MAX);
    EVH_TRY(need_agreement(sending, submission, options->agree));
    EVH_TRY(evh_submission_draw(submission, &sending->site.rng)); /* before records are read */
    evh_cli_detail(sending->cli, "the noise is drawn; now the records are counted");
    EVH_TRY(count_records(sending, options));
    EVH_TRY(evh_counts_fingerprint(submission->fingerprint, &session->key,
                                   submission->charge.plan_id, submission->round,
                                   session->measurement.cells, session->measurement.cell_count));
    submission->has_fingerprint = session->customer_key;
    EVH_TRY(evh_submission_seal(submission, &sending->site, session->measurement.cells,
                                session->measurement.cell_count, &report));
    evh_cli_detail(sending->cli, "the report is sealed (%zu bytes) and charged to the ledger",
                   report.len);

done:
    evh_buffer_clear(&report);
    return status;
}

/* ---- the command ---- */

typedef struct submit_run {
    evh_sending sending;
    const evh_submit_options *options;
    evh_submission submission;
    evh_mirror_round round;
    evh_outbox_entry entry;
    const char *outcome; /* "received", "written", "checked" */
} submit_run;

static evh_status write_file(submit_run *run)
{
    evh_status status = evh_ok();
    evh_buffer report = evh_buffer_init(EVH_REPORT_BYTES_MAX);
    evh_buffer there = evh_buffer_init(EVH_REPORT_BYTES_MAX);
    const char *path = run->options->out;
    EVH_TRY(evh_outbox_find(&run->sending.site, &run->entry, &report, run->round.task.plan_id,
                            run->round.task.round));
    if (!evh_file_exists(path)) {
        EVH_TRY(evh_file_create(path, evh_buffer_view(&report), EVH_FILE_SHARED));
        goto done;
    }
    EVH_TRY(evh_file_read(&there, path));
    if (!evh_view_equal(evh_buffer_view(&there), evh_buffer_view(&report)))
        EVH_TRY(evh_file_check_absent(path));

done:
    evh_buffer_clear(&report);
    evh_buffer_clear(&there);
    return status;
}

static evh_status fill_json(void *context, evh_json *json)
{
    submit_run *run = context;
    char hex[2 * EVH_TASK_ID_LEN + 1];
    char deadline[EVH_TIME_TEXT_LEN];
    evh_session_json_plan(json, run->sending.session.plan, run->sending.cli);
    evh_hex_encode(hex, evh_view_of(run->round.task.id, EVH_TASK_ID_LEN));
    evh_json_text(json, "task_id", hex);
    evh_time_format(deadline, (int64_t)run->round.deadline_ms);
    evh_json_text(json, "deadline", deadline);
    evh_json_text(json, "report", run->outcome);
    evh_json_bool(json, "receipt", run->entry.receipt);
    if (run->entry.charged)
        evh_json_u64(json, "ledger_sequence", run->entry.position.sequence);
    else
        evh_json_null(json, "ledger_sequence");
    return evh_ok();
}

static evh_status show(submit_run *run)
{
    evh_status status = evh_ok();
    evh_cli *cli = run->sending.cli;
    evh_buffer out = evh_buffer_init(TEXT_BYTES_MAX);
    evh_buffer report = evh_buffer_init(EVH_REPORT_BYTES_MAX);
    const char *name = evh_plan_terms_of(run->sending.session.plan)->name;
    EVH_TRY(evh_outbox_find(&run->sending.site, &run->entry, &report, run->round.task.plan_id,
                            run->round.task.round));
    if (cli->common.json) {
        EVH_TRY(evh_session_write_json(cli, fill_json, run));
        goto done;
    }
    if (cli->common.dry_run)
        EVH_TRY(evh_buffer_format(&out,
                                  "Everything is ready for round %" PRIu32 " of %s. Nothing was "
                                  "charged, nothing was sent.\n",
                                  cli->common.round, name));
    else if (run->options->no_upload)
        EVH_TRY(evh_buffer_format(&out,
                                  "The report for round %" PRIu32 " of %s is in %s: send it with "
                                  "`upload`.\n",
                                  cli->common.round, name, run->options->out));
    else
        EVH_TRY(evh_buffer_format(&out,
                                  "The leader has received the report for round %" PRIu32
                                  " of %s; its receipt is in the ledger (entry %" PRIu64 ").\n",
                                  cli->common.round, name, run->entry.position.sequence));
    EVH_TRY(evh_cli_write(cli, evh_buffer_view(&out)));

done:
    evh_buffer_clear(&out);
    evh_buffer_clear(&report);
    return status;
}

/* A round that the ledger knows: its stored report is sent, whatever has changed since. */
static evh_status find_stored(submit_run *run)
{
    evh_status status = evh_ok();
    evh_cli *cli = run->sending.cli;
    evh_buffer report = evh_buffer_init(EVH_REPORT_BYTES_MAX);
    const uint8_t *plan_id = evh_plan_id(run->sending.session.plan);
    bool opened = false;
    EVH_TRY(evh_outbox_find(&run->sending.site, &run->entry, &report, plan_id, cli->common.round));
    if (!run->entry.charged)
        goto done;
    if (run->entry.missed)
        run->sending.site.advice =
            "A second report could tell the two apart: none is made for this round any more.";
    EVH_REQUIRE(!run->entry.missed, EVH_ERR_PRIVACY,
                "round %" PRIu32 " was charged as missed, or its report was lost",
                cli->common.round);
    EVH_TRY(
        evh_mirror_round_of(&run->sending.site, &opened, &run->round, plan_id, cli->common.round));
    EVH_REQUIRE(opened, EVH_ERR_STORE,
                "the ledger has a report for a round that the mirror of the log does not know");

done:
    evh_buffer_clear(&report);
    return status;
}

static evh_status prepare(submit_run *run)
{
    evh_status status = evh_ok();
    evh_sending *sending = &run->sending;
    EVH_TRY(evh_site_follow(&sending->site));
    EVH_TRY(find_stored(run));
    if (run->entry.charged)
        goto done;
    EVH_TRY(evh_submission_prepare(&run->submission, &sending->site, sending->session.plan,
                                   sending->cli->common.round));
    run->round = run->submission.opened;
    if (!run->submission.window_over)
        evh_cli_note(sending->cli,
                     "The round's window has not ended: later records will not count, "
                     "and there is only one report for a round.");

done:
    return status;
}

static evh_status check_options(const submit_run *run)
{
    evh_status status = evh_ok();
    EVH_TRY(evh_cli_need(run->sending.cli, EVH_CLI_TAKES_PLAN));
    EVH_TRY(evh_cli_need(run->sending.cli, EVH_CLI_TAKES_ROUND));
    EVH_REQUIRE(run->options->no_upload == (run->options->out != NULL), EVH_ERR_ARG,
                "--no-upload and --out FILE go together");

done:
    return status;
}

evh_status evh_command_submit(evh_cli *cli, void *own)
{
    evh_status status = evh_ok();
    submit_run run = {.sending = {.cli = cli}, .options = own, .outcome = "received"};
    evh_sending *sending = &run.sending;
    EVH_TRY(check_options(&run));
    EVH_TRY(evh_sending_open(sending, EVH_CONFIG_NEED_POPULATION));
    EVH_TRY(evh_sending_read_plan(sending));
    EVH_TRY(prepare(&run));
    if (cli->common.dry_run) {
        run.outcome = run.entry.charged ? "stored" : "checked";
        if (!run.entry.charged)
            EVH_TRY(count_records(sending, run.options));
        EVH_TRY(show(&run));
        goto done;
    }
    if (!run.entry.charged)
        EVH_TRY(evh_submit_make(sending, &run.submission, run.options));
    if (run.options->no_upload) {
        run.outcome = "written";
        EVH_TRY(write_file(&run));
    } else {
        EVH_TRY(evh_outbox_deliver(&sending->site, &run.round, evh_submit_wait_ms(run.options)));
    }
    EVH_TRY(show(&run));

done:
    evh_submission_clear(&run.submission);
    evh_sending_close(sending, status);
    return status;
}
