/* SPDX-License-Identifier: Apache-2.0
 * Where rounds stand: all of them in a table, one of them customer by customer. */
#include <stdlib.h>
#include <string.h>

#include "commands_internal.h"

/* ---- all rounds ---- */

static evh_status add_round(evh_sheet *out, const Evenhand__V1__RoundRow *row)
{
    enum { SHORT_ID_LEN = 16 };
    char id[EVH_ID_TEXT_LEN];
    char until[EVH_TIME_TEXT_LEN];
    evh_status status = evh_ok();
    evh_id_text(id, &row->task_id);
    evh_minute_text(until, row->deadline_ms);
    EVH_TRY(evh_table_add(&out->table, "%.*s", SHORT_ID_LEN, id));
    EVH_TRY(evh_table_add(&out->table, "%s", row->plan));
    EVH_TRY(evh_table_add(&out->table, "%u", row->round));
    EVH_TRY(evh_table_add(&out->table, "%s", evh_round_state_word(row->state)));
    EVH_TRY(evh_table_add(&out->table, "%s", until));
    EVH_TRY(evh_table_add(&out->table, "%u", row->customers));
    EVH_TRY(evh_table_add(&out->table, "%u", row->received));
    EVH_TRY(evh_table_add(&out->table, "%u", row->accepted));
    EVH_TRY(evh_table_add(&out->table, "%u", row->rejected));
    EVH_TRY(evh_table_add(&out->table, "%u", row->customers_needed));
    evh_round_json(&out->json, NULL, row);
done:
    return status;
}

static evh_status list_all(evh_cli *cli)
{
    static const char *const headings[] = {"task_id",   "plan", "round",    "state",    "deadline",
                                           "customers", "sent", "accepted", "rejected", "needed"};
    Evenhand__V1__ListRoundsRequest request;
    Evenhand__V1__ListRoundsResponse *response = NULL;
    uint8_t plan_id[EVH_PLAN_ID_LEN];
    evh_sheet out = evh_sheet_of(sizeof headings / sizeof headings[0]);
    evenhand__v1__list_rounds_request__init(&request);
    evh_status status = evh_ok();
    out.none = "no rounds yet: 'round open' opens one";
    EVH_TRY(evh_sheet_start(&out, cli, "rounds", headings));
    if (cli->common.plan != NULL) {
        EVH_TRY(evh_plan_meant(&out.office, plan_id, cli->common.plan));
        evh_wire_set_bytes(&request.plan_id, evh_view_of(plan_id, sizeof plan_id));
    }
    EVH_TRY(evh_office_ask(&out.office, "ListRounds", &request.base,
                           &evenhand__v1__list_rounds_response__descriptor, &response));
    for (size_t i = 0; i < response->n_rounds; i++)
        EVH_TRY(add_round(&out, response->rounds[i]));
    EVH_TRY(evh_sheet_end(&out));
done:
    evh_wire_free(&response);
    evh_sheet_clear(&out);
    return status;
}

/* ---- one round ---- */

/* How many customers the minimum still lacks; reports that are not rejected may count. */
static uint32_t lacking(const Evenhand__V1__RoundRow *row)
{
    uint32_t hopeful =
        row->received - (row->rejected < row->received ? row->rejected : row->received);
    return row->customers_needed > hopeful ? row->customers_needed - hopeful : 0;
}

static evh_status write_head(evh_buffer *out, const Evenhand__V1__RoundRow *row)
{
    char id[EVH_ID_TEXT_LEN];
    char first[EVH_TIME_TEXT_LEN];
    char last[EVH_TIME_TEXT_LEN];
    evh_status status = evh_ok();
    evh_id_text(id, &row->task_id);
    evh_minute_text(last, row->deadline_ms);
    EVH_TRY(evh_buffer_format(out, "round     %u of %s\ntask_id   %s\nstate     %s", row->round,
                              row->plan, id, evh_round_state_word(row->state)));
    if (row->state == ROUND(VOID))
        EVH_TRY(evh_buffer_format(out, ": %s", evh_void_reason_words(row->void_reason)));
    EVH_TRY(evh_buffer_format(out, "\ndeadline  %s\n", last));
    evh_minute_text(first, row->window_start_ms);
    evh_minute_text(last, row->window_end_ms);
    if (row->window_end_ms > 0)
        EVH_TRY(evh_buffer_format(out, "records   from %s to %s\n", first, last));
    EVH_TRY(evh_buffer_format(out, "reports   %u of %u customers: %u accepted, %u rejected\n",
                              row->received, row->customers, row->accepted, row->rejected));
    EVH_TRY(evh_buffer_format(out, "minimum   %u customers", row->customers_needed));
    if (lacking(row) > 0 && (row->state == ROUND(OPEN) || row->state == ROUND(CLOSED)))
        EVH_TRY(evh_buffer_format(out, ", %u more needed", lacking(row)));
    EVH_TRY(evh_buffer_format(out, "\n\n"));
done:
    return status;
}

static evh_status add_line(evh_table *table, const char *name, const char *state, const char *why,
                           uint64_t received_ms)
{
    char at[EVH_TIME_TEXT_LEN];
    evh_status status = evh_ok();
    evh_minute_text(at, received_ms);
    EVH_TRY(evh_table_add(table, "%s", name));
    EVH_TRY(evh_table_add(table, "%s", state));
    EVH_TRY(evh_table_add(table, "%s", at));
    EVH_TRY(evh_table_add(table, "%s", why));
done:
    return status;
}

static const char *shown_name(const Evenhand__V1__ReportRow *row)
{
    return row->name[0] != '\0' ? row->name : row->customer;
}

static evh_status write_text(evh_buffer *out, const Evenhand__V1__RoundRow *row,
                             const Evenhand__V1__ListReportsResponse *reports)
{
    evh_table table = evh_table_of(4);
    evh_status status = evh_ok();
    EVH_TRY(write_head(out, row));
    EVH_TRY(add_line(&table, "organisation", "report", "", 0));
    for (size_t i = 0; i < reports->n_reports; i++) {
        const Evenhand__V1__ReportRow *report = reports->reports[i];
        EVH_TRY(add_line(&table, shown_name(report), evh_report_state_word(report->state),
                         evh_reject_reason_words(report->reason), report->received_ms));
    }
    for (size_t i = 0; i < reports->n_missing; i++)
        EVH_TRY(add_line(&table, reports->missing[i], "missing", "", 0));
    EVH_TRY(evh_table_format(out, &table));
done:
    evh_table_clear(&table);
    return status;
}

static evh_status write_json(evh_buffer *out, const Evenhand__V1__RoundRow *row,
                             const Evenhand__V1__ListReportsResponse *reports)
{
    char at[EVH_TIME_TEXT_LEN];
    evh_json json = evh_json_writer(out);
    evh_json_object_open(&json, NULL);
    evh_round_json(&json, "round", row);
    evh_json_u64(&json, "customers_lacking", lacking(row));
    evh_json_array_open(&json, "reports");
    for (size_t i = 0; i < reports->n_reports; i++) {
        const Evenhand__V1__ReportRow *report = reports->reports[i];
        evh_json_row_open(&json, NULL);
        evh_json_text(&json, "name", report->name);
        evh_json_text(&json, "customer", report->customer);
        evh_json_text(&json, "state", evh_report_state_word(report->state));
        if (report->state == REPORT(REJECTED))
            evh_json_text(&json, "reason", evh_reject_reason_words(report->reason));
        if (report->received_ms > 0) {
            evh_time_format(at, (int64_t)report->received_ms);
            evh_json_text(&json, "received", at);
        }
        evh_json_close(&json);
    }
    evh_json_close(&json);
    evh_json_array_open(&json, "missing");
    for (size_t i = 0; i < reports->n_missing; i++)
        evh_json_text(&json, NULL, reports->missing[i]);
    evh_json_close(&json);
    evh_json_close(&json);
    return evh_json_end(&json);
}

static evh_status show_one(evh_cli *cli)
{
    evh_office office = {.cli = cli};
    Evenhand__V1__ListRoundsResponse *all = NULL;
    Evenhand__V1__RoundRow *row = NULL;
    Evenhand__V1__ListReportsRequest request;
    Evenhand__V1__ListReportsResponse *reports = NULL;
    evh_buffer out = evh_buffer_init(EVH_OFFICE_ANSWER_BYTES_MAX);
    evenhand__v1__list_reports_request__init(&request);
    evh_status status = evh_ok();
    EVH_TRY(evh_office_open(&office, cli));
    EVH_TRY(evh_round_meant(&office, &all, &row));
    request.task_id = row->task_id;
    EVH_TRY(evh_office_ask(&office, "ListReports", &request.base,
                           &evenhand__v1__list_reports_response__descriptor, &reports));
    EVH_TRY(evh_office_refusal(reports->refusal));
    if (cli->common.json)
        EVH_TRY(write_json(&out, row, reports));
    else
        EVH_TRY(write_text(&out, row, reports));
    EVH_TRY(evh_cli_write(cli, evh_buffer_view(&out)));
done:
    evh_wire_free(&reports);
    evh_wire_free(&all);
    evh_buffer_clear(&out);
    evh_office_close(&office);
    return status;
}

evh_status evh_command_round_status(evh_cli *cli, void *own)
{
    (void)own;
    if (cli->argument_count > 0 || cli->common.round > 0)
        return show_one(cli);
    return list_all(cli);
}
