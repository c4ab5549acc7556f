/* SPDX-License-Identifier: Apache-2.0
 * The last mile: what only this site can see. Exact counts are never kept: the records are counted
 * again as submit counted them, and the fingerprint in the ledger says whether they still give what
 * was submitted. */
#include "compare_internal.h"

#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>

#include "evenhand/cli/terminal.h"
#include "evenhand/files/files.h"
#include "evenhand/plan/canonical.h"
#include "evenhand/report/comparison.h"
#include "evenhand/seal/hash.h"
#include "evenhand/service/results.h"

enum { TEXT_BYTES_MAX = 1 << 30 };

typedef struct compare_run {
    evh_sending *sending;
    const evh_results_options *options;
    evh_mirror_round round; /* the last that fits best */
    size_t asked;           /* rounds of the log that -p and -n leave */
    size_t own;             /* of these, with a report of this site */
    size_t published;       /* of these, with a result */
    evh_buffer report, json;
    evh_result *result;
    evh_own_counts counts;
    evh_buffer out;
} compare_run;

evh_status evh_compare_check(const evh_cli *cli, const evh_results_options *options)
{
    evh_status status = evh_ok();
    struct stat there;
    const int descriptor = fileno(cli->out);
    if (options->out != NULL) {
        EVH_TRY(evh_file_check_absent(options->out));
        goto done;
    }
    EVH_REQUIRE(descriptor < 0 || fstat(descriptor, &there) != 0 || !S_ISREG(there.st_mode) ||
                    (there.st_mode & (S_IRWXG | S_IRWXO)) == 0,
                EVH_ERR_PRIVACY,
                "a comparison is confidential, and standard output is a file that others can use: "
                "--out FILE makes one for you alone");

done:
    return status;
}

/* ---- which round ---- */

static evh_status look_at(void *context, const evh_mirror_round *round)
{
    compare_run *run = context;
    const evh_plan *plan = run->sending->session.plan;
    const uint32_t number = run->sending->cli->common.round;
    evh_outbox_entry entry;
    evh_status status = evh_ok();
    if ((number != 0 && number != round->task.round) ||
        (plan != NULL && memcmp(evh_plan_id(plan), round->task.plan_id, EVH_PLAN_ID_LEN) != 0))
        goto done;
    run->asked++;
    EVH_TRY(evh_outbox_find(&run->sending->site, &entry, &run->report, round->task.plan_id,
                            round->task.round));
    if (!entry.charged || entry.missed)
        goto done;
    run->own++;
    run->published += round->state == EVH_ROUND_COLLECTED;
    if (run->published == 0 || round->state == EVH_ROUND_COLLECTED)
        run->round = *round;

done:
    return status;
}

static evh_status find_round(compare_run *run)
{
    evh_status status = evh_ok();
    EVH_TRY(evh_mirror_each_round(&run->sending->site, look_at, run));
    EVH_REQUIRE(run->asked > 0, EVH_ERR_ARG, "the log has no such round");
    if (run->own == 0)
        run->sending->site.advice = "This site's share of the sums is 0: nothing of it is in them. "
                                    "report shows your own rates, results those of the others.";
    EVH_REQUIRE(run->own > 0, EVH_ERR_ARG,
                "this site sent no report in what is asked for: there "
                "is nothing to compare");
    EVH_REQUIRE(run->published > 0 || run->round.state != EVH_ROUND_VOID, EVH_ERR_ARG,
                "the round is void, and has no result: %s", evh_void_words(run->round.void_reason));
    EVH_REQUIRE(run->published > 0, EVH_ERR_UNAVAILABLE,
                "the round has no result yet: try again later");
    EVH_REQUIRE(run->published == 1, EVH_ERR_ARG,
                "--compare takes one round, and you took part in %zu that are published: name plan "
                "and round with -p and -n",
                run->published);

done:
    return status;
}

/* A report that was sent and not counted is in no sum either. */
static evh_status check_counted(compare_run *run)
{
    evh_status status = evh_ok();
    evh_site *site = &run->sending->site;
    evh_leader_says says;
    EVH_TRY(evh_outbox_ask(site, &says, &run->round));
    if (says.other)
        site->advice = "Run ledger reconcile.";
    EVH_REQUIRE(!says.other, EVH_ERR_PRIVACY,
                "the leader has another report of yours than your ledger");
    EVH_REQUIRE(says.report != EVH_REPORT_REJECTED, EVH_ERR_ARG,
                "your report was not counted, and there is nothing to compare: %s",
                evh_reject_words(says.reason));
    if (says.report != EVH_REPORT_ACCEPTED)
        site->advice = "status says what is known of it.";
    EVH_REQUIRE(says.report == EVH_REPORT_ACCEPTED, EVH_ERR_ARG,
                "the leader does not say that your report was counted (it says: %s)",
                evh_report_state_name(says.report));

done:
    return status;
}

/* ---- counting again ---- */

static evh_status read_plan_of_log(compare_run *run)
{
    evh_status status = evh_ok();
    evh_session *session = &run->sending->session;
    evh_population population;
    bool retired = false;
    if (session->plan != NULL)
        goto done;
    EVH_TRY(evh_mirror_plan(&run->sending->site, &session->plan, &population, &retired,
                            run->round.task.plan_id));
    EVH_REQUIRE(session->plan != NULL, EVH_ERR_STORE,
                "the mirror of the log is damaged: a lost plan");

done:
    return status;
}

static evh_status find_origin(compare_run *run)
{
    evh_status status = evh_ok();
    const evh_session *session = &run->sending->session;
    uint8_t stored[EVH_LEDGER_FINGERPRINT_LEN];
    uint8_t now[EVH_LEDGER_FINGERPRINT_LEN];
    bool found = false;
    EVH_TRY(evh_ledger_find_fingerprint(run->sending->site.ledger, &found, stored,
                                        run->round.task.plan_id, run->round.task.round));
    EVH_TRY(evh_counts_fingerprint(now, &session->key, run->round.task.plan_id,
                                   run->round.task.round, session->measurement.cells,
                                   session->measurement.cell_count));
    run->counts.origin = EVH_COUNTS_UNCHECKED;
    if (found)
        run->counts.origin =
            memcmp(now, stored, sizeof now) == 0 ? EVH_COUNTS_SUBMITTED : EVH_COUNTS_CHANGED;

done:
    return status;
}

static evh_status count_again(compare_run *run)
{
    evh_status status = evh_ok();
    evh_sending *sending = run->sending;
    evh_session *session = &sending->session;
    sending->cli->common.round = run->round.task.round;
    EVH_TRY(read_plan_of_log(run));
    EVH_TRY(evh_session_open_records(session, sending->cli, &run->options->session));
    EVH_TRY(evh_session_measure(session, sending->cli, &run->options->session));
    EVH_TRY(find_origin(run));
    if (run->counts.origin == EVH_COUNTS_CHANGED && !run->options->changed)
        sending->site.advice =
            "Records were added, corrected or removed since, or the mapping of columns and values "
            "or the ordering secret is another. Name the records as they were with --data; or "
            "compare what is there now with --changed, which then says so.";
    EVH_REQUIRE(run->counts.origin != EVH_COUNTS_CHANGED || run->options->changed, EVH_ERR_INPUT,
                "the records no longer give the counts that were submitted in round %" PRIu32,
                run->round.task.round);
    evh_counts_cut(session->measurement.cells, session->plan);

done:
    return status;
}

/* ---- writing ---- */

static evh_status write_out(compare_run *run)
{
    evh_status status = evh_ok();
    evh_cli *cli = run->sending->cli;
    const evh_result_facts *facts = evh_result_facts_of(run->result);
    const bool to_file = run->options->out != NULL;
    const evh_result_terminal terminal = {.unicode = evh_terminal_is_utf8(),
                                          .columns = to_file ? EVH_TERMINAL_COLUMNS
                                                             : evh_terminal_columns(cli->out)};
    run->counts.customer = run->sending->session.config->customer;
    run->counts.counts = run->sending->session.measurement.cells;
    EVH_TRY(evh_sha256(run->counts.result_hash, evh_buffer_view(&run->json)));
    if (cli->common.json)
        EVH_TRY(evh_comparison_write(&run->out, facts, &run->counts));
    else
        EVH_TRY(evh_comparison_text(&run->out, facts, &run->counts, &terminal));
    if (to_file) {
        EVH_TRY(
            evh_file_create(run->options->out, evh_buffer_view(&run->out), EVH_FILE_OWNER_ONLY));
        evh_cli_note(cli, "The comparison is in %s, which only you can read. It is confidential.",
                     run->options->out);
    } else {
        EVH_TRY(evh_cli_write(cli, evh_buffer_view(&run->out)));
    }

done:
    return status;
}

evh_status evh_compare(evh_sending *sending, const evh_results_options *options)
{
    evh_status status = evh_ok();
    compare_run run = {.sending = sending,
                       .options = options,
                       .report = evh_buffer_init(EVH_REPORT_BYTES_MAX),
                       .json = evh_buffer_init(EVH_RESULT_BYTES_MAX),
                       .out = evh_buffer_init(TEXT_BYTES_MAX)};
    EVH_TRY(find_round(&run));
    EVH_TRY(check_counted(&run));
    EVH_TRY(evh_results_fetch(&sending->site, &run.json, &run.result, &run.round));
    EVH_TRY(count_again(&run));
    EVH_TRY(write_out(&run));

done:
    evh_buffer_clear(&run.report);
    evh_buffer_clear(&run.json);
    evh_buffer_clear(&run.out); /* wiped: it held exact rates */
    evh_result_free(&run.result);
    return status;
}
