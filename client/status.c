/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "evenhand/base/limits.h"
#include "evenhand/base/sizes.h"
#include "evenhand/plan/canonical.h"
#include "sending_internal.h"

enum { TEXT_BYTES_MAX = 1 << 26, HEX_LEN = 2 * EVH_TASK_ID_LEN + 1 };

typedef struct status_row {
    evh_mirror_round round;
    evh_outbox_entry entry;
    evh_leader_says says;
    char plan[EVH_PLAN_NAME_MAX + 1];
} status_row;

typedef struct status_run {
    evh_sending sending;
    status_row *rows;
    size_t count, capacity;
    evh_mirror_self self;
    evh_buffer report;
} status_run;

/* ---- gathering ---- */

static bool is_asked_for(const status_run *run, const evh_mirror_round *round)
{
    const evh_plan *plan = run->sending.session.plan;
    uint32_t number = run->sending.cli->common.round;
    return (number == 0 || number == round->task.round) &&
           (plan == NULL || memcmp(evh_plan_id(plan), round->task.plan_id, EVH_PLAN_ID_LEN) == 0);
}

/* Rounds of other populations are shown when this ledger has something of them. */
static evh_status name_plan(status_run *run, bool *mine, status_row *row)
{
    const char *population = run->sending.session.config->data.population;
    evh_plan *plan = NULL;
    evh_population measured;
    bool retired = false;
    evh_status status = evh_ok();
    EVH_TRY(
        evh_mirror_plan(&run->sending.site, &plan, &measured, &retired, row->round.task.plan_id));
    EVH_REQUIRE(plan != NULL, EVH_ERR_STORE, "the mirror of the log is damaged: a lost plan");
    (void)snprintf(row->plan, sizeof row->plan, "%s", evh_plan_terms_of(plan)->name);
    *mine = row->entry.charged || population == NULL || strcmp(population, measured.name) == 0;

done:
    evh_plan_free(&plan);
    return status;
}

static evh_status gather(void *context, const evh_mirror_round *round)
{
    status_run *run = context;
    evh_site *site = &run->sending.site;
    status_row row = {.round = *round};
    bool mine = false;
    evh_status status = evh_ok();
    if (!is_asked_for(run, round))
        goto done;
    EVH_TRY(
        evh_outbox_find(site, &row.entry, &run->report, round->task.plan_id, round->task.round));
    EVH_TRY(name_plan(run, &mine, &row));
    if (!mine)
        goto done;
    EVH_TRY(evh_outbox_ask(site, &row.says, round));
    /* The answer may have brought a receipt. */
    EVH_TRY(
        evh_outbox_find(site, &row.entry, &run->report, round->task.plan_id, round->task.round));
    EVH_TRY(
        evh_array_reserve(&run->rows, &run->capacity, run->count + 1, sizeof *run->rows, "rounds"));
    run->rows[run->count++] = row;

done:
    return status;
}

/* ---- showing ---- */

/* How a round ended is what the log says; before that the leader knows more. */
static evh_round_state state_of(const status_row *row)
{
    const evh_round_state logged = row->round.state;
    if (logged == EVH_ROUND_VOID || logged == EVH_ROUND_COLLECTED)
        return logged;
    if (row->says.round == EVH_ROUND_VOID || row->says.round == EVH_ROUND_COLLECTED)
        return logged == EVH_ROUND_OPEN ? EVH_ROUND_CLOSED : logged; /* on its way to the log */
    return row->says.round;
}

static const char *own_report(const status_row *row)
{
    if (row->says.report != EVH_REPORT_NONE)
        return evh_report_state_name(row->says.report);
    if (row->entry.missed)
        return "missed";
    return row->entry.charged ? "to send" : "none";
}

static const char *remark(const status_row *row)
{
    if (row->says.other)
        return "the leader has a report that your ledger does not: run ledger reconcile";
    if (row->says.report == EVH_REPORT_REJECTED)
        return evh_reject_words(row->says.reason);
    if (state_of(row) == EVH_ROUND_VOID)
        return evh_void_words(row->round.void_reason);
    if (row->entry.receipt && row->says.report == EVH_REPORT_NONE)
        return "the leader has signed a receipt and now has no report: show it to the helper";
    return "";
}

static void put_words(evh_json *json, const char *key, const char *words)
{
    if (words[0] == '\0')
        evh_json_null(json, key);
    else
        evh_json_text(json, key, words);
}

static void put_row(evh_json *json, const status_row *row)
{
    char hex[HEX_LEN];
    char deadline[EVH_TIME_TEXT_LEN];
    evh_json_row_open(json, NULL);
    evh_json_text(json, "plan", row->plan);
    evh_hex_encode(hex, evh_view_of(row->round.task.plan_id, EVH_PLAN_ID_LEN));
    evh_json_text(json, "plan_id", hex);
    evh_json_u64(json, "round", row->round.task.round);
    evh_hex_encode(hex, evh_view_of(row->round.task.id, EVH_TASK_ID_LEN));
    evh_json_text(json, "task_id", hex);
    evh_json_text(json, "state", evh_round_state_name(state_of(row)));
    put_words(json, "void_reason",
              state_of(row) == EVH_ROUND_VOID ? evh_void_words(row->round.void_reason) : "");
    evh_time_format(deadline, (int64_t)row->round.deadline_ms);
    evh_json_text(json, "deadline", deadline);
    evh_json_text(json, "report", own_report(row));
    put_words(json, "reject_reason",
              row->says.report == EVH_REPORT_REJECTED ? evh_reject_words(row->says.reason) : "");
    evh_json_bool(json, "receipt", row->entry.receipt);
    evh_json_bool(json, "in_ledger", row->entry.charged);
    put_words(json, "remark", remark(row));
    evh_json_close(json);
}

static evh_status fill_json(void *context, evh_json *json)
{
    const status_run *run = context;
    evh_json_text(json, "customer", run->sending.site.customer);
    evh_json_text(json, "roster",
                  !run->self.known ? "unknown" : (run->self.active ? "active" : "not_active"));
    evh_json_u64(json, "log_size", run->sending.site.followed.size);
    evh_json_array_open(json, "rounds");
    for (size_t i = 0; i < run->count; i++)
        put_row(json, &run->rows[i]);
    evh_json_close(json);
    return evh_ok();
}

static evh_status add_row(evh_table *table, const status_row *row)
{
    char deadline[EVH_TIME_TEXT_LEN];
    evh_status status = evh_ok();
    evh_time_format(deadline, (int64_t)row->round.deadline_ms);
    EVH_TRY(evh_table_add(table, "%s", row->plan));
    EVH_TRY(evh_table_add(table, "%" PRIu32, row->round.task.round));
    EVH_TRY(evh_table_add(table, "%s", evh_round_state_name(state_of(row))));
    EVH_TRY(evh_table_add(table, "%.16sZ", deadline));
    EVH_TRY(evh_table_add(table, "%s", own_report(row)));
    EVH_TRY(evh_table_add(table, "%s", row->entry.receipt ? "yes" : "no"));
    EVH_TRY(evh_table_add(table, "%s", remark(row)));

done:
    return status;
}

static evh_status write_text(status_run *run)
{
    static const char *const heading[] = {"plan",   "round",   "state", "deadline",
                                          "report", "receipt", "remark"};
    const size_t columns = sizeof heading / sizeof heading[0];
    evh_status status = evh_ok();
    evh_buffer out = evh_buffer_init(TEXT_BYTES_MAX);
    evh_table table = evh_table_of(columns);
    if (!run->self.known || !run->self.active)
        EVH_TRY(evh_buffer_format(&out, "%s\n\n",
                                  run->self.known
                                      ? "You are suspended or removed, says the log."
                                      : "You are not on the roster yet: run enrol again."));
    if (run->count == 0)
        EVH_TRY(evh_buffer_format(&out, "No rounds were opened that concern you.\n"));
    for (size_t i = 0; run->count > 0 && i < columns; i++)
        EVH_TRY(evh_table_add(&table, "%s", heading[i]));
    for (size_t i = 0; i < run->count; i++)
        EVH_TRY(add_row(&table, &run->rows[i]));
    if (run->count > 0)
        EVH_TRY(evh_table_format(&out, &table));
    EVH_TRY(evh_cli_write(run->sending.cli, evh_buffer_view(&out)));

done:
    evh_table_clear(&table);
    evh_buffer_clear(&out);
    return status;
}

evh_status evh_command_status(evh_cli *cli, void *own)
{
    evh_status status = evh_ok();
    status_run run = {.sending = {.cli = cli}, .report = evh_buffer_init(EVH_REPORT_BYTES_MAX)};
    (void)own;
    EVH_TRY(evh_sending_open(&run.sending, 0));
    if (cli->common.plan != NULL)
        EVH_TRY(evh_sending_read_plan(&run.sending));
    EVH_TRY(evh_site_follow(&run.sending.site));
    EVH_TRY(evh_mirror_self_of(&run.sending.site, &run.self));
    EVH_TRY(evh_mirror_each_round(&run.sending.site, gather, &run));
    if (cli->common.json)
        EVH_TRY(evh_session_write_json(cli, fill_json, &run));
    else
        EVH_TRY(write_text(&run));

done:
    free(run.rows);
    evh_buffer_clear(&run.report);
    evh_sending_close(&run.sending, status);
    return status;
}
