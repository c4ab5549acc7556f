/* SPDX-License-Identifier: Apache-2.0 */
#include "evenhand/service/results.h"

#include <stdlib.h>
#include <string.h>

#include "compare_internal.h"
#include "evenhand/base/sizes.h"
#include "evenhand/cli/terminal.h"
#include "evenhand/files/files.h"
#include "evenhand/plan/canonical.h"
#include "evenhand/report/findings.h"
#include "evenhand/report/formats.h"
#include "evenhand/seal/hash.h"

enum { TEXT_BYTES_MAX = 1 << 30 };

typedef struct fetched {
    evh_result *result;
    evh_buffer json;
} fetched;

typedef struct results_run {
    evh_sending sending;
    const evh_results_options *options;
    fetched *items;
    size_t count, capacity;
} results_run;

evh_status evh_results_set(void *own, int key, const char *value)
{
    evh_results_options *options = own;
    switch (key) {
    case EVH_RESULTS_KEY_OUT:
        options->out = value;
        return evh_ok();
    case EVH_RESULTS_KEY_COMPARE:
        options->compare = true;
        return evh_ok();
    case EVH_RESULTS_KEY_CHANGED:
        options->changed = true;
        return evh_ok();
    default:
        return evh_session_set(&options->session, key, value);
    }
}

/* ---- gathering ---- */

static bool is_asked_for(const results_run *run, const evh_mirror_round *round)
{
    const evh_plan *plan = run->sending.session.plan;
    uint32_t number = run->sending.cli->common.round;
    return round->state == EVH_ROUND_COLLECTED && (number == 0 || number == round->task.round) &&
           (plan == NULL || memcmp(evh_plan_id(plan), round->task.plan_id, EVH_PLAN_ID_LEN) == 0);
}

static evh_status gather(void *context, const evh_mirror_round *round)
{
    results_run *run = context;
    evh_status status = evh_ok();
    if (!is_asked_for(run, round))
        goto done;
    EVH_TRY(evh_array_reserve(&run->items, &run->capacity, run->count + 1, sizeof *run->items,
                              "results"));
    run->items[run->count] = (fetched){.json = evh_buffer_init(EVH_RESULT_BYTES_MAX)};
    run->count++;
    EVH_TRY(evh_results_fetch(&run->sending.site, &run->items[run->count - 1].json,
                              &run->items[run->count - 1].result, round));

done:
    return status;
}

/* ---- showing ---- */

static evh_status write_text(results_run *run)
{
    evh_cli *cli = run->sending.cli;
    const evh_result_terminal terminal = {.unicode = evh_terminal_is_utf8(),
                                          .columns = evh_terminal_columns(cli->out)};
    evh_buffer out = evh_buffer_init(TEXT_BYTES_MAX);
    evh_status status = evh_ok();
    if (run->count == 0)
        EVH_TRY(evh_buffer_format(&out, "No result has been published yet.\n"));
    for (size_t i = 0; i < run->count; i++) {
        EVH_TRY(evh_buffer_format(&out, i > 0 ? "\n" : ""));
        EVH_TRY(evh_result_text(&out, evh_result_facts_of(run->items[i].result), &terminal));
    }
    EVH_TRY(evh_cli_write(cli, evh_buffer_view(&out)));

done:
    evh_buffer_clear(&out);
    return status;
}

static evh_status put_questions(evh_json *json, const evh_result_facts *facts)
{
    evh_status status = evh_ok();
    const bool noised = evh_plan_terms_of(facts->plan)->privacy.mechanism != EVH_NOISE_NONE;
    const evh_evaluation_options options = {.customers = noised ? facts->customers : 0};
    evh_evaluation *evaluation = NULL;
    EVH_TRY(evh_evaluation_new(&evaluation, facts->plan, facts->sums, &options));
    EVH_TRY(evh_findings_put_questions(json, evaluation));

done:
    evh_evaluation_free(&evaluation);
    return status;
}

static evh_status fill_json(void *context, evh_json *json)
{
    const results_run *run = context;
    char hex[2 * EVH_SHA256_LEN + 1];
    uint8_t hash[EVH_SHA256_LEN];
    evh_status status = evh_ok();
    evh_json_array_open(json, "results");
    for (size_t i = 0; i < run->count; i++) {
        const evh_result_facts *facts = evh_result_facts_of(run->items[i].result);
        evh_json_object_open(json, NULL);
        evh_json_text(json, "plan", evh_plan_terms_of(facts->plan)->name);
        evh_hex_encode(hex, evh_view_of(evh_plan_id(facts->plan), EVH_PLAN_ID_LEN));
        evh_json_text(json, "plan_id", hex);
        evh_json_u64(json, "round", facts->round);
        evh_hex_encode(hex, evh_view_of(facts->task_id, EVH_RESULT_HASH_LEN));
        evh_json_text(json, "task_id", hex);
        evh_json_u64(json, "customers", facts->customers);
        EVH_TRY(evh_sha256(hash, evh_buffer_view(&run->items[i].json)));
        evh_hex_encode(hex, evh_view_of(hash, sizeof hash));
        evh_json_text(json, "result_sha256", hex);
        EVH_TRY(put_questions(json, facts));
        evh_json_close(json);
    }
    evh_json_close(json);

done:
    return status;
}

static evh_status write_document(results_run *run)
{
    evh_status status = evh_ok();
    EVH_REQUIRE(run->count > 0, EVH_ERR_UNAVAILABLE,
                "the log has no such result yet: try again later");
    EVH_REQUIRE(run->count == 1, EVH_ERR_ARG,
                "--out takes one result, and there are %zu: name plan and round with -p and -n",
                run->count);
    EVH_TRY(
        evh_file_create(run->options->out, evh_buffer_view(&run->items[0].json), EVH_FILE_SHARED));

done:
    return status;
}

static evh_status check_options(const evh_cli *cli, const evh_results_options *options)
{
    evh_status status = evh_ok();
    EVH_REQUIRE(options->compare ||
                    (!options->changed && cli->common.data == NULL &&
                     options->session.format == NULL && options->session.bad_rows_allowed == 0),
                EVH_ERR_ARG, "--data, --format, --bad-rows and --changed go with --compare");
    if (options->compare)
        EVH_TRY(evh_compare_check(cli, options));

done:
    return status;
}

evh_status evh_command_results(evh_cli *cli, void *own)
{
    evh_status status = evh_ok();
    results_run run = {.sending = {.cli = cli}, .options = own};
    EVH_TRY(check_options(cli, run.options));
    EVH_TRY(evh_sending_open(&run.sending, run.options->compare ? EVH_CONFIG_NEED_POPULATION : 0));
    if (cli->common.plan != NULL)
        EVH_TRY(evh_sending_read_plan(&run.sending));
    EVH_TRY(evh_site_follow(&run.sending.site));
    if (run.options->compare) {
        EVH_TRY(evh_compare(&run.sending, run.options));
        goto done;
    }
    EVH_TRY(evh_mirror_each_round(&run.sending.site, gather, &run));
    if (run.options->out != NULL)
        EVH_TRY(write_document(&run));
    if (cli->common.json)
        EVH_TRY(evh_session_write_json(cli, fill_json, &run));
    else
        EVH_TRY(write_text(&run));

done:
    for (size_t i = 0; i < run.count; i++) {
        evh_result_free(&run.items[i].result);
        evh_buffer_clear(&run.items[i].json);
    }
    free(run.items);
    evh_sending_close(&run.sending, status);
    return status;
}
