/* SPDX-License-Identifier: Apache-2.0 */
#include "session_internal.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "evenhand/base/limits.h"
#include "evenhand/files/files.h"
#include "keys_internal.h"

enum { BAD_ROWS_ALLOWED_MAX = 1000, WHAT_LEN = 96 };

evh_status evh_session_set(void *own, int key, const char *value)
{
    evh_session_options *options = own;
    if (key == EVH_SESSION_KEY_BAD_ROWS)
        return evh_cli_number(&options->bad_rows_allowed, value, "--bad-rows", 0,
                              BAD_ROWS_ALLOWED_MAX);
    options->format = value;
    return evh_ok();
}

evh_status evh_session_read_plan(evh_session *session, evh_cli *cli)
{
    evh_status status = evh_ok();
    evh_buffer yaml = evh_buffer_init(EVH_PLAN_BYTES_MAX);
    EVH_TRY(evh_cli_need(cli, EVH_CLI_TAKES_PLAN));
    EVH_TRY(evh_file_read(&yaml, cli->common.plan));
    EVH_TRY(evh_plan_parse(&session->plan, cli->common.plan, evh_buffer_view(&yaml),
                           &cli->diagnostics));
    evh_cli_detail(cli, "plan %s, from %s", evh_plan_terms_of(session->plan)->name,
                   cli->common.plan);

done:
    evh_buffer_clear(&yaml);
    return status;
}

evh_status evh_session_read_config(evh_session *session, evh_cli *cli, unsigned needs)
{
    evh_status status = evh_ok();
    const char *path = cli->common.config;
    evh_buffer yaml = evh_buffer_init(EVH_PLAN_BYTES_MAX);
    if (path == NULL)
        goto done;
    EVH_TRY(evh_file_read(&yaml, path));
    EVH_TRY(evh_config_parse(&session->config, path, evh_buffer_view(&yaml), &cli->diagnostics));
    EVH_TRY(evh_config_require(session->config, path, needs, &cli->diagnostics));
    evh_cli_detail(cli, "configuration %s", path);

done:
    evh_buffer_clear(&yaml);
    return status;
}

/* Data of one population must not be counted for another. */
static evh_status check_population(const evh_session *session)
{
    evh_status status = evh_ok();
    const char *plan = evh_plan_terms_of(session->plan)->privacy.population;
    const char *data = session->config->data.population;
    EVH_REQUIRE(data == NULL || plan[0] == '\0' || strcmp(plan, data) == 0, EVH_ERR_INPUT,
                "the plan measures %s, and the data are of %s (data.population)", plan, data);

done:
    return status;
}

static evh_status read_key(evh_session *session, evh_cli *cli)
{
    evh_status status = evh_ok();
    char path[EVH_PATH_BYTES_MAX];
    if (session->config == NULL || session->config->signing_key == NULL) {
        evh_cli_note(cli, "No signing_key in a configuration: records are ordered by an all-zero "
                          "key, not by a customer's secret.");
        goto done;
    }
    EVH_TRY(
        evh_path_resolve(path, cli->common.config, evh_view_of_text(session->config->signing_key)));
    EVH_TRY(evh_order_secret_read(&session->key, path));
    session->customer_key = true;

done:
    return status;
}

evh_status evh_session_open_records(evh_session *session, evh_cli *cli,
                                    const evh_session_options *options)
{
    evh_status status = evh_ok();
    const evh_config *config = session->config;
    const char *path = cli->common.data;
    char resolved[EVH_PATH_BYTES_MAX];
    EVH_REQUIRE(path != NULL || config != NULL, EVH_ERR_ARG,
                "%s needs records: --data FILE, or a configuration with -c FILE",
                cli->command->name);
    if (config != NULL)
        EVH_TRY(check_population(session));
    if (path == NULL) {
        EVH_TRY(evh_config_require(config, cli->common.config, EVH_CONFIG_NEED_DATA,
                                   &cli->diagnostics));
        EVH_TRY(
            evh_path_resolve(resolved, cli->common.config, evh_view_of_text(config->data.path)));
        path = resolved;
    }
    EVH_TRY(evh_records_make(&session->records, session->plan,
                             config != NULL ? &config->data : NULL, path, options->format));
    evh_cli_detail(cli, "records %s", path);
    EVH_TRY(read_key(session, cli));

done:
    return status;
}

evh_status evh_session_open(evh_session *session, evh_cli *cli, const evh_session_options *options)
{
    evh_status status = evh_ok();
    EVH_TRY(evh_session_read_plan(session, cli));
    EVH_TRY(evh_session_read_config(session, cli, 0));
    EVH_TRY(evh_session_open_records(session, cli, options));

done:
    return status;
}

static void list_bad_rows(const evh_session *session, evh_cli *cli, bool failed)
{
    const evh_input_bad_rows *list = &session->measurement.bad_rows;
    for (size_t i = 0; i < list->count; i++) {
        evh_mark at = {.file = session->records.path, .line = list->rows[i].line};
        evh_diagnostics_add(&cli->diagnostics, failed ? EVH_SEVERITY_ERROR : EVH_SEVERITY_WARNING,
                            at, NULL, "%s", list->rows[i].reason);
    }
}

static void list_spellings(const evh_session *session, evh_cli *cli)
{
    const evh_plan_terms *terms = evh_plan_terms_of(session->plan);
    for (size_t i = 0; i < session->measurement.attribute_count; i++) {
        evh_input_spellings *spellings = session->measurement.spellings[i];
        const evh_input_spelling *list = NULL;
        size_t count = 0;
        if (spellings == NULL)
            continue;
        evh_input_spellings_list(spellings, &list, &count);
        for (size_t j = 0; j < count; j++)
            evh_cli_note(cli, "%s: \"%.*s\" is not in the plan: counted as _other (%" PRIu64 ")",
                         terms->attributes[i].name, (int)list[j].text.len,
                         (const char *)list[j].text.data, list[j].count);
    }
}

evh_status evh_session_measure(evh_session *session, evh_cli *cli,
                               const evh_session_options *options)
{
    evh_status status = evh_ok();
    char what[WHAT_LEN];
    char path[EVH_PATH_SHORT_LEN];
    evh_path_short(path, session->records.path);
    (void)snprintf(what, sizeof what, "reading %s", path);
    evh_progress progress = evh_progress_start(cli, evh_clock_os(), what, 0);
    evh_measure_options measure = {.plan = session->plan,
                                   .records = &session->records,
                                   .round = cli->common.round,
                                   .key = &session->key,
                                   .bad_rows_allowed = options->bad_rows_allowed,
                                   .progress = &progress};
    status = evh_measure(&session->measurement, &measure);
    evh_progress_end(&progress);
    list_bad_rows(session, cli, status.code != EVH_OK);
    if (session->measurement.spellings != NULL)
        list_spellings(session, cli);
    return status;
}

void evh_session_clear(evh_session *session)
{
    evh_measurement_clear(&session->measurement);
    evh_records_clear(&session->records);
    evh_plan_free(&session->plan);
    evh_config_free(&session->config);
    evh_wipe(&session->key, sizeof session->key);
}
