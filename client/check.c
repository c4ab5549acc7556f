/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "check_internal.h"
#include "commands_internal.h"
#include "evenhand/base/limits.h"
#include "evenhand/files/files.h"
#include "evenhand/input/file.h"
#include "evenhand/ledger/ledger.h"
#include "evenhand/plan/window.h"
#include "evenhand/seal/signing.h"
#include "keys_internal.h"
#include "session_internal.h"

enum { MS_PER_S = 1000, FIRST_YEAR = 2026, TEXT_BYTES_MAX = 1 << 20 };

void evh_check_note(evh_check_run *run, const char *name, evh_check_outcome came_of_it,
                    const char *format, ...)
{
    va_list arguments;
    if (run->count == EVH_CHECKS_MAX)
        return;
    evh_check_finding *next = &run->findings[run->count++];
    (void)snprintf(next->name, sizeof next->name, "%s", name);
    next->outcome = came_of_it;
    va_start(arguments, format);
    (void)vsnprintf(next->text, sizeof next->text, format, arguments);
    va_end(arguments);
}

bool evh_check_passed(evh_check_run *run, const char *name, evh_status status, const char *what)
{
    if (status.code == EVH_OK) {
        evh_check_note(run, name, EVH_CHECK_PASSED, "%s", what);
        return true;
    }
    evh_check_note(run, name, EVH_CHECK_FAILED, "%s", status.text);
    if (run->first.code == EVH_OK)
        run->first = status;
    return false;
}

static evh_status resolve(const evh_check_run *run, char out[EVH_PATH_BYTES_MAX], const char *path)
{
    return evh_path_resolve(out, run->cli->common.config, evh_view_of_text(path));
}

static evh_status try_signing_key(const char *path)
{
    evh_status status = evh_ok();
    evh_signing_key key = {.secret = NULL};
    evh_seed32 order;
    evh_buffer text = evh_buffer_init(EVH_KEY_FILE_BYTES_MAX);
    EVH_TRY(evh_file_read_secret(&text, path));
    EVH_TRY(evh_signing_key_parse(&key, evh_buffer_view(&text)));
    EVH_TRY(evh_order_secret_read(&order, path));

done:
    evh_wipe(&order, sizeof order);
    evh_buffer_clear(&text);
    evh_signing_key_clear(&key);
    return status;
}

static void check_keys(evh_check_run *run)
{
    const evh_config *config = run->session.config;
    char path[EVH_PATH_BYTES_MAX];
    evh_status status = evh_ok();
    if (config->signing_key == NULL) {
        evh_check_note(run, "signing key", EVH_CHECK_NOT_DONE,
                       "the configuration names none: run keygen");
    } else {
        status = resolve(run, path, config->signing_key);
        if (status.code == EVH_OK)
            status = try_signing_key(path);
        (void)evh_check_passed(run, "signing key", status,
                               "readable by you alone, with its ordering secret");
    }
    if (!config->has_tls)
        return;
    status = resolve(run, path, config->tls.key);
    if (status.code == EVH_OK)
        status = evh_file_check_secret(path);
    (void)evh_check_passed(run, "tls key", status, "readable by you alone");
}

static evh_status try_ledger(const char *path, int64_t now_ms, char *text, size_t size);

static void check_ledger(evh_check_run *run, int64_t now_ms)
{
    const evh_config *config = run->session.config;
    char path[EVH_PATH_BYTES_MAX];
    char text[EVH_STATUS_TEXT_LEN] = "";
    if (config->ledger == NULL) {
        evh_check_note(run, "ledger", EVH_CHECK_NOT_DONE, "the configuration names none");
        return;
    }
    evh_status status = resolve(run, path, config->ledger);
    if (status.code == EVH_OK && access(path, F_OK) != 0) {
        evh_check_note(run, "ledger", EVH_CHECK_NOT_DONE, "there is none yet");
        return;
    }
    if (status.code == EVH_OK)
        status = try_ledger(path, now_ms, text, sizeof text);
    (void)evh_check_passed(run, "ledger", status, text);
}

static evh_status see_newest(void *context, const evh_ledger_entry *entry)
{
    *(int64_t *)context = entry->charged_ms;
    return evh_ok();
}

/* Intact, and not from the future: a clock that was set back would charge the wrong year. */
static evh_status try_ledger(const char *path, int64_t now_ms, char *text, size_t size)
{
    evh_status status = evh_ok();
    evh_ledger *ledger = NULL;
    evh_ledger_finding found;
    int64_t newest_ms = 0;
    EVH_TRY(evh_ledger_open(&ledger, path, EVH_LEDGER_READ));
    EVH_TRY(evh_ledger_verify(ledger, &found));
    EVH_REQUIRE(found.intact, EVH_ERR_STORE, "broken at entry %" PRIu64 ": %s", found.sequence,
                found.text);
    EVH_TRY(evh_ledger_visit(ledger, see_newest, &newest_ms));
    EVH_REQUIRE(newest_ms <= now_ms, EVH_ERR_STORE,
                "its newest entry lies in the future: is the clock right?");
    (void)snprintf(text, size, "%" PRIu64 " entries, all intact", found.entries);

done:
    evh_ledger_free(&ledger);
    return status;
}

static void check_clock(evh_check_run *run, int64_t now_ms)
{
    char now[EVH_TIME_TEXT_LEN];
    uint32_t round = 0;
    evh_time_format(now, now_ms);
    if (evh_civil_from_unix(now_ms / MS_PER_S).year < FIRST_YEAR) {
        (void)evh_check_passed(run, "clock", evh_fail(EVH_ERR_INPUT, "it says %s: set it", now),
                               "");
        return;
    }
    if (run->session.plan == NULL || !evh_plan_terms_of(run->session.plan)->has_window ||
        evh_plan_round_at(run->session.plan, now_ms, &round).code != EVH_OK || round == 0) {
        evh_check_note(run, "clock", EVH_CHECK_PASSED, "%s", now);
        return;
    }
    evh_check_note(run, "clock", EVH_CHECK_PASSED, "%s: in round %" PRIu32 " of the plan", now,
                   round);
}

/* Opens the records and reads the first one: enough to see that file and columns fit. */
static evh_status try_records(evh_check_run *run)
{
    evh_status status = evh_ok();
    evh_input_file *file = NULL;
    evh_input_dir *dir = NULL;
    evh_input_rows *rows = NULL;
    evh_input_event event = EVH_INPUT_END;
    evh_input_row row;
    const evh_records *records = &run->session.records;
    evh_input_options options = {.format = records->format,
                                 .columns = records->columns,
                                 .column_count = records->column_count};
    EVH_TRY(evh_input_file_open(&file, records->path));
    options.source = evh_input_file_source(file);
    EVH_TRY(evh_input_dir_open_of(&dir, records->path));
    options.folder = evh_input_dir_folder(dir);
    EVH_TRY(evh_input_rows_new(&rows, &options));
    EVH_TRY(evh_input_rows_next(rows, &event, &row));
    EVH_REQUIRE(event != EVH_INPUT_END, EVH_ERR_INPUT, "the file has no records");
    EVH_REQUIRE(event == EVH_INPUT_ROW, EVH_ERR_INPUT, "line %" PRIu64 ": %s", row.line,
                row.reason);

done:
    evh_input_rows_free(&rows);
    evh_input_dir_free(&dir);
    evh_input_file_free(&file);
    return evh_input_status_in(status, records->path);
}

static void check_records(evh_check_run *run)
{
    const evh_config *config = run->session.config;
    bool named = run->cli->common.data != NULL || (config != NULL && config->data.path != NULL);
    if (!named || run->session.plan == NULL) {
        evh_check_note(run, "records", EVH_CHECK_NOT_DONE,
                       "needs a plan (-p) and records (--data or -c)");
        return;
    }
    evh_status status = evh_session_open_records(&run->session, run->cli, run->options);
    if (status.code == EVH_OK)
        status = try_records(run);
    (void)evh_check_passed(run, "records", status, "the columns that the plan needs are there");
}

static void check_everything(evh_check_run *run)
{
    const evh_clock clock = evh_clock_os();
    int64_t now_ms = evh_clock_wall_ms(&clock);
    evh_cli *cli = run->cli;
    bool config =
        cli->common.config != NULL &&
        evh_check_passed(run, "configuration", evh_session_read_config(&run->session, cli, 0),
                         "every key is understood");
    if (cli->common.plan != NULL)
        (void)evh_check_passed(run, "plan", evh_session_read_plan(&run->session, cli),
                               "well-formed");
    else
        evh_check_note(run, "plan", EVH_CHECK_NOT_DONE, "none given (-p)");
    check_clock(run, now_ms);
    if (config) {
        check_keys(run);
        check_ledger(run, now_ms);
    }
    check_records(run);
    evh_check_service(run);
}

static const char *const outcome_names[] = {[EVH_CHECK_PASSED] = "passed",
                                            [EVH_CHECK_FAILED] = "failed",
                                            [EVH_CHECK_NOT_DONE] = "not_done"};

static evh_status fill_json(void *context, evh_json *json)
{
    const evh_check_run *run = context;
    evh_json_bool(json, "passed", run->first.code == EVH_OK);
    evh_json_array_open(json, "checks");
    for (size_t i = 0; i < run->count; i++) {
        evh_json_row_open(json, NULL);
        evh_json_text(json, "check", run->findings[i].name);
        evh_json_text(json, "outcome", outcome_names[run->findings[i].outcome]);
        evh_json_text(json, "text", run->findings[i].text);
        evh_json_close(json);
    }
    evh_json_close(json);
    return evh_ok();
}

static evh_status write_text(evh_check_run *run)
{
    evh_status status = evh_ok();
    static const char *const marks[] = {
        [EVH_CHECK_PASSED] = "ok", [EVH_CHECK_FAILED] = "FAIL", [EVH_CHECK_NOT_DONE] = "-"};
    evh_buffer out = evh_buffer_init(TEXT_BYTES_MAX);
    for (size_t i = 0; i < run->count; i++)
        EVH_TRY(evh_buffer_format(&out, "%-4s  %-14s %s\n", marks[run->findings[i].outcome],
                                  run->findings[i].name, run->findings[i].text));
    EVH_TRY(evh_cli_write(run->cli, evh_buffer_view(&out)));

done:
    evh_buffer_clear(&out);
    return status;
}

evh_status evh_command_check(evh_cli *cli, void *own)
{
    evh_status status = evh_ok();
    evh_check_run run = {.cli = cli, .options = own, .first = evh_ok()};
    EVH_REQUIRE(cli->common.config != NULL || cli->common.plan != NULL, EVH_ERR_ARG,
                "check needs a configuration (-c FILE) or a plan (-p FILE)");
    check_everything(&run);
    if (cli->common.json)
        EVH_TRY(evh_session_write_json(cli, fill_json, &run));
    else
        EVH_TRY(write_text(&run));
    status = run.first;

done:
    evh_session_clear(&run.session);
    return status;
}
