/* SPDX-License-Identifier: Apache-2.0 */
#include "evenhand/service/results.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "evenhand/base/sizes.h"
#include "evenhand/files/files.h"
#include "evenhand/plan/canonical.h"
#include "evenhand/seal/hash.h"
#include "exactness_internal.h"
#include "sending_internal.h"

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
    int64_t *sums; /* of one grouping */
} results_run;

evh_status evh_results_set(void *own, int key, const char *value)
{
    evh_results_options *options = own;
    (void)key;
    options->out = value;
    return evh_ok();
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

static evh_status sum_grouping(results_run *run, const evh_result_facts *facts,
                               const evh_plan_grouping *grouping)
{
    size_t count = grouping->group_count * evh_plan_model_slots(facts->plan) *
                   evh_plan_cells_per_group(facts->plan);
    evh_status status = evh_ok();
    free(run->sums);
    run->sums = NULL;
    EVH_TRY(evh_alloc(&run->sums, count, sizeof *run->sums, "sums"));
    EVH_TRY(evh_plan_sum_grouping(facts->plan, grouping, facts->sums, run->sums));

done:
    return status;
}

static evh_status add_group(evh_table *table, const results_run *run, const evh_plan *plan,
                            const evh_plan_grouping *grouping, size_t index)
{
    const size_t models = evh_plan_model_slots(plan);
    const size_t width = evh_plan_cells_per_group(plan);
    const int64_t *cells = run->sums + index * width;
    evh_cells_meaning meaning = evh_meaning_of(plan);
    evh_estimate rate;
    evh_status status = evh_ok();
    EVH_TRY(evh_group_labels(table, plan, grouping, index / models, index % models));
    for (size_t i = 0; i < width; i++)
        EVH_TRY(evh_table_add(table, "%" PRId64, cells[i]));
    EVH_TRY(evh_fairness_estimate(&rate, evh_metric_at(meaning.layout, 0), &meaning, cells, 0));
    if (rate.defined)
        EVH_TRY(evh_table_add(table, "%.4f", rate.value));
    else
        EVH_TRY(evh_table_add(table, "-"));

done:
    return status;
}

static evh_status put_grouping(evh_buffer *out, results_run *run, const evh_result_facts *facts,
                               const evh_plan_grouping *grouping)
{
    const evh_plan *plan = facts->plan;
    const size_t width = evh_plan_cells_per_group(plan);
    evh_table table = evh_table_of(evh_group_columns(plan, grouping) + width + 1);
    evh_status status = evh_ok();
    EVH_TRY(sum_grouping(run, facts, grouping));
    EVH_TRY(evh_group_title(out, plan, grouping));
    EVH_TRY(evh_group_heading(&table, plan, grouping));
    for (size_t i = 0; i < width; i++)
        EVH_TRY(evh_table_add(&table, "%s", evh_plan_cell_name(plan, i)));
    EVH_TRY(evh_table_add(&table, "%s", evh_metric_at(evh_meaning_of(plan).layout, 0)->name));
    for (size_t i = 0; i < grouping->group_count * evh_plan_model_slots(plan); i++)
        EVH_TRY(add_group(&table, run, plan, grouping, i));
    EVH_TRY(evh_table_format(out, &table));

done:
    evh_table_clear(&table);
    return status;
}

static evh_status put_result(evh_buffer *out, results_run *run, const evh_result *result)
{
    const evh_result_facts *facts = evh_result_facts_of(result);
    evh_status status = evh_ok();
    EVH_TRY(evh_buffer_format(out,
                              "Plan %s, round %" PRIu32 ": the sums of %" PRIu32
                              " customers with their noise, as the log has them.\n",
                              evh_plan_terms_of(facts->plan)->name, facts->round,
                              facts->customers));
    for (size_t i = 0; i < evh_plan_grouping_count(facts->plan); i++)
        EVH_TRY(put_grouping(out, run, facts, evh_plan_grouping_at(facts->plan, i)));

done:
    return status;
}

static evh_status write_text(results_run *run)
{
    evh_buffer out = evh_buffer_init(TEXT_BYTES_MAX);
    evh_status status = evh_ok();
    if (run->count == 0)
        EVH_TRY(evh_buffer_format(&out, "No result has been published yet.\n"));
    for (size_t i = 0; i < run->count; i++)
        EVH_TRY(put_result(&out, run, run->items[i].result));
    EVH_TRY(evh_cli_write(run->sending.cli, evh_buffer_view(&out)));

done:
    evh_buffer_clear(&out);
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
        evh_json_row_open(json, NULL);
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
        evh_json_close(json);
    }
    evh_json_close(json);

done:
    return status;
}

static evh_status write_document(results_run *run)
{
    const char *path = run->options->out;
    evh_status status = evh_ok();
    EVH_REQUIRE(run->count > 0, EVH_ERR_UNAVAILABLE,
                "the log has no such result yet: try again later");
    EVH_REQUIRE(run->count == 1, EVH_ERR_ARG,
                "--out takes one result, and there are %zu: name plan and round with -p and -n",
                run->count);
    EVH_REQUIRE(access(path, F_OK) != 0, EVH_ERR_ARG,
                "--out: there is a file of that name, and it is not overwritten");
    EVH_TRY(evh_file_create(path, evh_buffer_view(&run->items[0].json), EVH_FILE_SHARED));

done:
    return status;
}

evh_status evh_command_results(evh_cli *cli, void *own)
{
    evh_status status = evh_ok();
    results_run run = {.sending = {.cli = cli}, .options = own};
    EVH_TRY(evh_sending_open(&run.sending, 0));
    if (cli->common.plan != NULL)
        EVH_TRY(evh_sending_read_plan(&run.sending));
    EVH_TRY(evh_site_follow(&run.sending.site));
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
    free(run.sums);
    evh_sending_close(&run.sending, status);
    return status;
}
