/* SPDX-License-Identifier: Apache-2.0
 * evenhand-aggregator round collect. */
#include <string.h>
#include <time.h>

#include "evenhand/base/limits.h"
#include "evenhand/cli/table.h"
#include "evenhand/plan/canonical.h"
#include "evenhand/report/result.h"
#include "session_internal.h"

enum {
    WAIT_MS = 60000, /* for a published result to be in the cosigned log */
    PAUSE_MS = 500,
    ID_DIGITS_MIN = 8,
    OUTPUT_BYTES_MAX = 64 << 20
};

/* ---- which round ---- */

/* The hex digits that rows are looked up by: of a plan's file, or as they were given. */
typedef struct plan_choice {
    const char *name;
    char digits[2 * EVH_PLAN_ID_LEN + 1];
} plan_choice;

/* A file that is there is meant as a file. */
static evh_status read_choice(plan_choice *out, evh_cli *cli)
{
    evh_buffer text = evh_buffer_init(EVH_PLAN_BYTES_MAX);
    evh_plan *plan = NULL;
    evh_status status = evh_ok();
    out->name = cli->common.plan;
    out->digits[0] = '\0';
    if (!evh_file_exists(cli->common.plan)) {
        if (strlen(out->name) >= ID_DIGITS_MIN && strlen(out->name) < sizeof out->digits)
            memcpy(out->digits, out->name, strlen(out->name) + 1);
        goto done;
    }
    EVH_TRY(evh_file_read(&text, cli->common.plan));
    EVH_TRY(evh_plan_parse(&plan, cli->common.plan, evh_buffer_view(&text), &cli->diagnostics));
    EVH_REQUIRE(evh_plan_id(plan) != NULL, EVH_ERR_INPUT,
                "a plan without noise has no rounds: plan draft completes it");
    evh_hex_encode(out->digits, evh_view_of(evh_plan_id(plan), EVH_PLAN_ID_LEN));
    out->name = NULL;
done:
    evh_plan_free(&plan);
    evh_buffer_clear(&text);
    return status;
}

static bool is_chosen(const plan_choice *choice, const evh_collect_row *row)
{
    char id[2 * EVH_PLAN_ID_LEN + 1];
    evh_hex_encode(id, evh_view_of(row->plan_id, EVH_PLAN_ID_LEN));
    return (choice->name != NULL && strcmp(choice->name, row->plan) == 0) ||
           (choice->digits[0] != '\0' && strncmp(choice->digits, id, strlen(choice->digits)) == 0);
}

static evh_status find_row(const evh_collect *collect, const plan_choice *choice, uint32_t round,
                           evh_collect_row *out)
{
    evh_collect_list list = {.rows = NULL};
    size_t found = 0;
    evh_status status = evh_ok();
    EVH_TRY(evh_collect_list_rounds(collect, &list));
    for (size_t i = 0; i < list.count; i++)
        if (list.rows[i].round == round && is_chosen(choice, &list.rows[i])) {
            *out = list.rows[i];
            found++;
        }
    EVH_REQUIRE(found > 0, EVH_ERR_INPUT, "the log has no round %u of such a plan", round);
    EVH_REQUIRE(found == 1, EVH_ERR_INPUT,
                "%zu plans of that name have a round %u: give the first digits of the plan's id",
                found, round);
done:
    evh_collect_list_clear(&list);
    return status;
}

/* ---- output ---- */

static void put_row(evh_json *json, const evh_collect_row *row)
{
    char id[2 * EVH_PLAN_ID_LEN + 1];
    char task[2 * EVH_TASK_ID_LEN + 1];
    evh_hex_encode(id, evh_view_of(row->plan_id, EVH_PLAN_ID_LEN));
    evh_hex_encode(task, evh_view_of(row->task_id, EVH_TASK_ID_LEN));
    evh_json_row_open(json, NULL);
    evh_json_text(json, "plan", row->plan);
    evh_json_text(json, "plan_id", id);
    evh_json_u64(json, "round", row->round);
    evh_json_text(json, "task_id", task);
    evh_json_text(json, "state", evh_collect_state_name(row->state));
    evh_json_u64(json, "void_reason", row->void_reason);
    if (evh_file_exists(row->path))
        evh_json_text(json, "result", row->path);
    else
        evh_json_null(json, "result");
    evh_json_close(json);
}

static evh_status write_json(evh_buffer *out, const evh_collect_row *rows, size_t count)
{
    evh_json json = evh_json_writer(out);
    evh_json_object_open(&json, NULL);
    evh_json_array_open(&json, "rounds");
    for (size_t i = 0; i < count; i++)
        put_row(&json, &rows[i]);
    evh_json_close(&json);
    evh_json_close(&json);
    return evh_json_end(&json);
}

static evh_status write_table(evh_buffer *out, const evh_collect_row *rows, size_t count)
{
    evh_table table = evh_table_of(4);
    evh_status status = evh_ok();
    EVH_TRY(evh_table_add(&table, "plan"));
    EVH_TRY(evh_table_add(&table, "round"));
    EVH_TRY(evh_table_add(&table, "state"));
    EVH_TRY(evh_table_add(&table, "result"));
    for (size_t i = 0; i < count; i++) {
        EVH_TRY(evh_table_add(&table, "%s", rows[i].plan));
        EVH_TRY(evh_table_add(&table, "%u", rows[i].round));
        EVH_TRY(evh_table_add(&table, "%s", evh_collect_state_name(rows[i].state)));
        EVH_TRY(evh_table_add(&table, "%s", evh_file_exists(rows[i].path) ? rows[i].path : "-"));
    }
    EVH_TRY(evh_table_format(out, &table));
done:
    evh_table_clear(&table);
    return status;
}

static evh_status show(evh_cli *cli, const evh_collect_row *rows, size_t count)
{
    evh_buffer out = evh_buffer_init(OUTPUT_BYTES_MAX);
    evh_status status = evh_ok();
    if (cli->common.json)
        EVH_TRY(write_json(&out, rows, count));
    else
        EVH_TRY(write_table(&out, rows, count));
    EVH_TRY(evh_cli_write(cli, evh_buffer_view(&out)));
done:
    evh_buffer_clear(&out);
    return status;
}

/* ---- one round ---- */

static void pause_a_moment(void)
{
    const struct timespec time = {.tv_sec = 0, .tv_nsec = PAUSE_MS * 1000000L};
    (void)nanosleep(&time, NULL);
}

/* Collects and publishes, and then waits for the leader to have the entry cosigned. */
static evh_status finish(evh_cli *cli, const evh_collect *collect, const plan_choice *choice,
                         evh_collect_row *row)
{
    const int64_t end_ms = evh_clock_monotonic_ms(&collect->self->clock) + WAIT_MS;
    evh_follow_report report;
    bool published = false;
    evh_status status = evh_ok();
    for (;;) {
        bool moved = false;
        EVH_TRY(evh_collect_follow(collect, &report));
        EVH_TRY(find_row(collect, choice, cli->common.round, row));
        EVH_REQUIRE(row->state != EVH_COLLECT_VOID, EVH_ERR_REFUSED,
                    "round %u is void and has no result (reason %u)", row->round, row->void_reason);
        EVH_REQUIRE(row->state >= EVH_COLLECT_READY, EVH_ERR_UNAVAILABLE,
                    "round %u is %s: its share commitments are not in the log yet", row->round,
                    evh_collect_state_name(row->state));
        if (row->state == EVH_COLLECT_CONFIRMED)
            goto done;
        if (row->state == EVH_COLLECT_PUBLISHED || !published)
            EVH_TRY(evh_collect_round(collect, row, &moved));
        if (row->state == EVH_COLLECT_PUBLISHED)
            continue;
        if (!published)
            evh_cli_note(cli, "published; waiting for the entry to be in the cosigned log");
        published = true;
        EVH_REQUIRE(evh_clock_monotonic_ms(&collect->self->clock) < end_ms, EVH_ERR_UNAVAILABLE,
                    "round %u is published and not in the cosigned log yet: run this again",
                    row->round);
        pause_a_moment();
    }
done:
    return status;
}

static evh_status copy_result(const evh_collect_row *row, const char *to)
{
    evh_buffer json = evh_buffer_init(EVH_RESULT_BYTES_MAX);
    evh_status status = evh_ok();
    EVH_TRY(evh_file_read(&json, row->path));
    EVH_TRY(evh_file_replace(to, evh_buffer_view(&json), EVH_FILE_SHARED));
done:
    evh_buffer_clear(&json);
    return status;
}

static evh_status collect_one(evh_cli *cli, const evh_round_collect_options *own,
                              const evh_collect *collect)
{
    plan_choice choice;
    evh_collect_row row;
    evh_status status = evh_ok();
    EVH_TRY(evh_cli_need(cli, EVH_CLI_TAKES_PLAN));
    EVH_TRY(evh_cli_need(cli, EVH_CLI_TAKES_ROUND));
    EVH_TRY(read_choice(&choice, cli));
    EVH_TRY(finish(cli, collect, &choice, &row));
    if (own->out != NULL)
        EVH_TRY(copy_result(&row, own->out));
    EVH_TRY(show(cli, &row, 1));
done:
    return status;
}

/* ---- all of them ---- */

/* What goes wrong with one round is said, and stops no other; the first of it is the command's. */
static evh_status collect_rows(evh_cli *cli, const evh_collect *collect)
{
    evh_collect_list list = {.rows = NULL};
    evh_status first = evh_ok();
    evh_status status = evh_ok();
    EVH_TRY(evh_collect_list_rounds(collect, &list));
    for (size_t i = 0; i < list.count; i++) {
        bool moved = false;
        const evh_collect_row *row = &list.rows[i];
        evh_status one = evh_status_in(evh_collect_round(collect, row, &moved), "%.40s, round %u",
                                       row->plan, row->round);
        if (one.code != EVH_OK && first.code == EVH_OK)
            first = one;
        else if (one.code != EVH_OK)
            evh_cli_note(cli, "%s", one.text);
    }
    status = first;
done:
    evh_collect_list_clear(&list);
    return status;
}

static evh_status collect_all(evh_cli *cli, const evh_collect *collect)
{
    evh_follow_report report;
    evh_collect_list list = {.rows = NULL};
    evh_status collected = evh_ok();
    evh_status status = evh_ok();
    EVH_TRY(evh_collect_follow(collect, &report));
    collected = collect_rows(cli, collect);
    EVH_TRY(evh_collect_list_rounds(collect, &list));
    EVH_TRY(show(cli, list.rows, list.count));
    status = collected;
done:
    evh_collect_list_clear(&list);
    return status;
}

evh_status evh_command_round_collect(evh_cli *cli, void *own)
{
    const evh_round_collect_options *options = own;
    evh_collect_session *session = NULL;
    evh_status status = evh_ok();
    EVH_REQUIRE(!options->once || (cli->common.plan == NULL && options->out == NULL), EVH_ERR_ARG,
                "--once collects every round: leave out -p and --out");
    EVH_TRY(evh_collect_session_open(&session, cli));
    if (!cli->common.verbose || cli->common.json)
        session->self.events = NULL; /* the command says itself what happens */
    if (options->once)
        EVH_TRY(collect_all(cli, &session->collect));
    else
        EVH_TRY(collect_one(cli, options, &session->collect));
done:
    evh_collect_session_close(&session);
    return status;
}
