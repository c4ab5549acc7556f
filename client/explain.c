/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "commands_internal.h"
#include "evenhand/base/sizes.h"
#include "evenhand/files/files.h"
#include "evenhand/ledger/ledger.h"
#include "evenhand/plan/noise.h"
#include "evenhand/plan/window.h"
#include "evenhand/report/findings.h"
#include "exactness_internal.h"
#include "session_internal.h"

enum { TEXT_BYTES_MAX = 1 << 30, MS_PER_S = 1000 };

typedef struct explain_run {
    evh_session session;
    evh_cli *cli;
    const evh_report_options *options;
    evh_plan *drafted;    /* NULL when the plan has its own noise */
    const evh_plan *plan; /* the one with noise */
    evh_exactness exactness;
    double *variances;
    int64_t *sums;
    bool counted; /* records were read */
    bool has_remaining;
    uint32_t remaining; /* rounds that the customer's own limit still allows */
} explain_run;

/* The noise that a report will hold: the plan's, or the one that `plan draft` would choose. */
static evh_status prepare_noise(explain_run *run)
{
    evh_status status = evh_ok();
    evh_noise *noises = NULL;
    size_t count = evh_plan_cell_count(run->session.plan);
    run->plan = run->session.plan;
    if (evh_plan_noise_of(run->plan) == NULL) {
        EVH_TRY(evh_plan_draft(&run->drafted, run->session.plan, EVH_ADD_REMOVE));
        run->plan = run->drafted;
    }
    EVH_TRY(evh_alloc(&noises, count, sizeof *noises, "noise"));
    EVH_TRY(evh_alloc(&run->variances, count, sizeof *run->variances, "noise"));
    EVH_TRY(evh_plan_cell_noise(run->plan, noises));
    for (size_t i = 0; i < count; i++)
        run->variances[i] = evh_noise_variance(&noises[i]);
    run->exactness = (evh_exactness){
        .plan = run->plan, .meaning = evh_meaning_of(run->plan), .variances = run->variances};
    if (run->options->metric != NULL)
        run->exactness.metric =
            evh_metric_find(run->exactness.meaning.layout, evh_view_of_text(run->options->metric));
    else
        run->exactness.metric = evh_metric_at(run->exactness.meaning.layout, 0);
    EVH_REQUIRE(run->exactness.metric != NULL && !run->exactness.metric->of_class, EVH_ERR_ARG,
                "--metric %.40s: this plan's counts give no such rate for all records",
                run->options->metric);

done:
    free(noises);
    return status;
}

/* What the customer's own limit still allows, by the ledger when there is one. */
static evh_status find_remaining(explain_run *run)
{
    evh_status status = evh_ok();
    const evh_plan_terms *terms = evh_plan_terms_of(run->plan);
    const evh_config *config = run->session.config;
    const evh_clock clock = evh_clock_os();
    const evh_config_limit *limit = NULL;
    evh_ledger *ledger = NULL;
    char path[EVH_PATH_BYTES_MAX] = "";
    int64_t start_ms = evh_clock_wall_ms(&clock);
    int64_t end_ms = 0;
    if (config == NULL)
        goto done;
    limit = evh_config_find_limit(config, evh_view_of_text(terms->privacy.population));
    if (limit == NULL)
        goto done;
    if (config->ledger != NULL)
        EVH_TRY(evh_path_resolve(path, run->cli->common.config, evh_view_of_text(config->ledger)));
    if (path[0] != '\0' && access(path, F_OK) == 0) /* before the first report there is none */
        EVH_TRY(evh_ledger_open(&ledger, path, EVH_LEDGER_READ));
    if (terms->has_window && run->cli->common.round > 0)
        EVH_TRY(evh_plan_round_window(run->plan, run->cli->common.round, &start_ms, &end_ms));
    EVH_TRY(evh_ledger_affords(
        ledger, &run->remaining,
        &(evh_ledger_charge){.population = evh_view_of_text(terms->privacy.population),
                             .epsilon = terms->privacy.epsilon,
                             .delta = terms->privacy.delta,
                             .customers_per_unit = 1},
        &(evh_ledger_limit){
            .epsilon = limit->epsilon, .delta = limit->delta, .per_year = limit->per_year},
        evh_civil_from_unix(start_ms / MS_PER_S).year, terms->rounds.count));
    run->has_remaining = true;

done:
    evh_ledger_free(&ledger);
    return status;
}

static void put_estimate(evh_json *json, const char *key, evh_estimate estimate)
{
    if (estimate.defined)
        evh_json_double(json, key, estimate.value);
    else
        evh_json_null(json, key);
}

static evh_status put_group(evh_json *json, const explain_run *run,
                            const evh_plan_grouping *grouping, size_t index)
{
    evh_status status = evh_ok();
    const size_t models = evh_plan_model_slots(run->plan);
    const size_t width = evh_plan_cells_per_group(run->plan);
    evh_estimate rate;
    evh_estimate half_width;
    evh_json_row_open(json, NULL);
    evh_findings_put_place(json, run->plan, grouping, index / models, index % models);
    evh_json_object_open(json, "noise_sd");
    for (size_t i = 0; i < width; i++)
        evh_json_double(
            json, evh_plan_cell_name(run->plan, i),
            evh_exactness_noise(&run->exactness, grouping, index / models, index % models, i));
    evh_json_close(json);
    if (run->counted) {
        EVH_TRY(evh_exactness_of(&rate, &half_width, &run->exactness, grouping, index / models,
                                 index % models, run->sums + index * width));
        put_estimate(json, "rate", rate);
        put_estimate(json, "half_width", half_width);
    }
    evh_json_close(json);

done:
    return status;
}

static evh_status fill_json(void *context, evh_json *json)
{
    evh_status status = evh_ok();
    explain_run *run = context;
    const evh_plan_terms *terms = evh_plan_terms_of(run->plan);
    char epsilon[EVH_DECIMAL_TEXT_LEN], delta[EVH_DECIMAL_TEXT_LEN];
    evh_decimal_format(epsilon, terms->privacy.epsilon);
    evh_decimal_format(delta, terms->privacy.delta);
    evh_session_json_plan(json, run->session.plan, run->cli);
    if (run->counted)
        evh_session_json_records(json, &run->session);
    evh_json_bool(json, "exact", run->counted);
    evh_json_text(json, "population", terms->privacy.population);
    evh_json_u64(json, "counts_sent_per_round", evh_plan_cell_count(run->plan));
    evh_json_text(json, "epsilon_per_round", epsilon);
    evh_json_text(json, "delta_per_round", delta);
    evh_json_text(json, "mechanism", evh_noise_kind_name(terms->privacy.mechanism));
    evh_json_bool(json, "noise_is_drafted", run->drafted != NULL);
    evh_json_u64(json, "rounds_planned", terms->rounds.count);
    if (run->has_remaining)
        evh_json_u64(json, "rounds_your_limit_allows", run->remaining);
    else
        evh_json_null(json, "rounds_your_limit_allows");
    evh_json_text(json, "metric", run->exactness.metric->name);
    evh_json_array_open(json, "groups");
    for (size_t i = 0; i < evh_plan_grouping_count(run->plan); i++) {
        const evh_plan_grouping *grouping = evh_plan_grouping_at(run->plan, i);
        if (run->counted)
            EVH_TRY(evh_session_sum(&run->sums, &run->session, grouping));
        for (size_t j = 0; j < grouping->group_count * evh_plan_model_slots(run->plan); j++)
            EVH_TRY(put_group(json, run, grouping, j));
    }
    evh_json_close(json);

done:
    return status;
}

static evh_status add_estimate(evh_table *table, bool there, double value)
{
    return there ? evh_table_add(table, "%.4f", value) : evh_table_add(table, "-");
}

static evh_status add_row(evh_table *table, const explain_run *run,
                          const evh_plan_grouping *grouping, size_t index)
{
    evh_status status = evh_ok();
    const size_t models = evh_plan_model_slots(run->plan);
    const size_t width = evh_plan_cells_per_group(run->plan);
    evh_estimate rate;
    evh_estimate half;
    EVH_TRY(evh_group_labels(table, run->plan, grouping, index / models, index % models));
    if (!run->counted) {
        for (size_t i = 0; i < width; i++)
            EVH_TRY(evh_table_add(
                table, "%.1f",
                evh_exactness_noise(&run->exactness, grouping, index / models, index % models, i)));
        goto done;
    }
    EVH_TRY(evh_exactness_of(&rate, &half, &run->exactness, grouping, index / models,
                             index % models, run->sums + index * width));
    EVH_TRY(add_estimate(table, rate.defined, rate.value));
    EVH_TRY(add_estimate(table, half.defined, half.value));
    EVH_TRY(add_estimate(table, half.defined, rate.value - half.value));
    EVH_TRY(add_estimate(table, half.defined, rate.value + half.value));

done:
    return status;
}

static evh_status put_table(evh_buffer *out, explain_run *run, const evh_plan_grouping *grouping)
{
    evh_status status = evh_ok();
    const evh_plan *plan = run->plan;
    const size_t width = evh_plan_cells_per_group(plan);
    evh_table table = evh_table_of(evh_group_columns(plan, grouping) + (run->counted ? 4 : width));
    EVH_TRY(evh_group_heading(&table, plan, grouping));
    if (run->counted) {
        EVH_TRY(evh_session_sum(&run->sums, &run->session, grouping));
        EVH_TRY(evh_table_add(&table, "%s", run->exactness.metric->name));
        EVH_TRY(evh_table_add(&table, "+-noise"));
        EVH_TRY(evh_table_add(&table, "from"));
        EVH_TRY(evh_table_add(&table, "to"));
    }
    for (size_t i = 0; !run->counted && i < width; i++)
        EVH_TRY(evh_table_add(&table, "%s", evh_plan_cell_name(plan, i)));
    for (size_t i = 0; i < grouping->group_count * evh_plan_model_slots(plan); i++)
        EVH_TRY(add_row(&table, run, grouping, i));
    EVH_TRY(evh_group_title(out, plan, grouping));
    EVH_TRY(evh_table_format(out, &table));

done:
    evh_table_clear(&table);
    return status;
}

static evh_status put_tables(evh_buffer *out, explain_run *run)
{
    evh_status status = evh_ok();
    if (run->counted)
        EVH_TRY(evh_buffer_format(
            out,
            "\nHow exact your own noised numbers are: the rate of your records, and where 95 %% "
            "of the noise keeps it.\nReckoned from the noise's variance; no noise was drawn. "
            "With n customers like you the noise shrinks by the root of n.\n"));
    else
        EVH_TRY(evh_buffer_format(out, "\nStandard deviation of the noise in each count that your "
                                       "report holds (give records to see what that means for "
                                       "your rates):\n"));
    for (size_t i = 0; i < evh_plan_grouping_count(run->plan); i++)
        EVH_TRY(put_table(out, run, evh_plan_grouping_at(run->plan, i)));

done:
    return status;
}

static const char *measured(const evh_plan_terms *terms)
{
    switch (terms->scorer) {
    case EVH_PLAN_BINARY:
        return "how often yes-or-no predictions are right and wrong";
    case EVH_PLAN_MULTICLASS:
        return "how often the predicted class is right and wrong";
    case EVH_PLAN_WER:
        return "how many words of speech are transcribed wrongly";
    case EVH_PLAN_REGRESSION:
        return "how far estimates are from the truth";
    case EVH_PLAN_EVENT:
    default:
        return "how often an event happens";
    }
}

static evh_status put_leaves(evh_buffer *out, const explain_run *run)
{
    evh_status status = evh_ok();
    const evh_plan *plan = run->plan;
    const evh_plan_terms *terms = evh_plan_terms_of(plan);
    EVH_TRY(
        evh_buffer_format(out,
                          "What leaves this machine\n"
                          "  In each round one report: %zu counts, each with noise added, sealed "
                          "in two halves for two organisations.\n"
                          "  Neither half says anything by itself. No record, no name, no exact "
                          "count leaves, and nothing about\n"
                          "  records that were skipped or cut. That you took part is known.\n",
                          evh_plan_cell_count(plan)));
    EVH_TRY(evh_buffer_format(
        out,
        terms->privacy.placement == EVH_PLAN_LOCAL
            ? "  Even both organisations together see only your noised counts, protected as "
              "below.\n"
            : "  Your report carries a share of the noise: the protection below needs %u honest "
              "customers and one honest organisation.\n",
        terms->rounds.min_honest));
    EVH_TRY(evh_buffer_format(out,
                              "\nWhat one person can change\n"
                              "  At most %u records of a person count, in at most %u groups of a "
                              "release; the rest is left out.\n",
                              terms->privacy.records_per_unit, terms->privacy.groups_per_unit));
    if (terms->privacy.words_per_unit > 0)
        EVH_TRY(evh_buffer_format(out, "  At most %u words and %u inserted words of a person.\n",
                                  terms->privacy.words_per_unit,
                                  terms->privacy.insertions_per_unit));

done:
    return status;
}

static evh_status put_costs(evh_buffer *out, const explain_run *run)
{
    evh_status status = evh_ok();
    const evh_plan_terms *terms = evh_plan_terms_of(run->plan);
    char epsilon[EVH_DECIMAL_TEXT_LEN], delta[EVH_DECIMAL_TEXT_LEN];
    evh_decimal_format(epsilon, terms->privacy.epsilon);
    evh_decimal_format(delta, terms->privacy.delta);
    EVH_TRY(evh_buffer_format(
        out,
        "\nWhat it costs\n"
        "  epsilon %s and delta %s in each round, for every person of population %s (%s noise%s).\n"
        "  Epsilon bounds how much anybody can learn about one person: whatever they believed, the "
        "odds change by\n"
        "  at most a factor of e^epsilon = %.2f in a round. A person at several customers is "
        "charged at each.\n"
        "  The plan has %u rounds: epsilon %.6g in all if you take part in each.\n",
        epsilon, delta, terms->privacy.population[0] != '\0' ? terms->privacy.population : "(none)",
        evh_noise_kind_name(terms->privacy.mechanism),
        run->drafted != NULL ? ", as plan draft would choose it: the plan has none yet" : "",
        exp(strtod(epsilon, NULL)), terms->rounds.count,
        strtod(epsilon, NULL) * terms->rounds.count));
    if (run->has_remaining)
        EVH_TRY(evh_buffer_format(out, "  Your own limit and ledger leave room for %u of them%s.\n",
                                  run->remaining,
                                  run->remaining < terms->rounds.count ? "" : " (all)"));
    else
        EVH_TRY(evh_buffer_format(
            out, "  How many rounds your own limit leaves is known with limits in a "
                 "configuration (-c).\n"));

done:
    return status;
}

static evh_status write_text(explain_run *run, bool explain)
{
    evh_status status = evh_ok();
    const evh_plan_terms *terms = evh_plan_terms_of(run->plan);
    evh_buffer out = evh_buffer_init(TEXT_BYTES_MAX);
    if (explain) {
        EVH_TRY(evh_buffer_format(&out, "Plan %s measures %s, by group.\n\n", terms->name,
                                  measured(terms)));
        EVH_TRY(put_leaves(&out, run));
        EVH_TRY(put_costs(&out, run));
    } else {
        EVH_TRY(evh_session_text_head(&out, &run->session, run->cli));
    }
    EVH_TRY(put_tables(&out, run));
    EVH_TRY(evh_cli_write(run->cli, evh_buffer_view(&out)));

done:
    evh_buffer_clear(&out);
    return status;
}

static evh_status look(evh_cli *cli, const evh_report_options *options, bool explain)
{
    evh_status status = evh_ok();
    explain_run run = {.cli = cli, .options = options};
    bool records = cli->common.data != NULL;
    EVH_TRY(evh_session_read_plan(&run.session, cli));
    EVH_TRY(evh_session_read_config(&run.session, cli, 0));
    if (run.session.config != NULL && run.session.config->data.path != NULL)
        records = true;
    if (evh_plan_terms_of(run.session.plan)->has_window && cli->common.round == 0)
        records = false; /* without a round there is nothing to count yet */
    EVH_TRY(prepare_noise(&run));
    if (records || !explain) {
        EVH_TRY(evh_session_open_records(&run.session, cli, &options->session));
        EVH_TRY(evh_session_measure(&run.session, cli, &options->session));
        run.counted = true;
    }
    EVH_TRY(find_remaining(&run));
    if (cli->common.json)
        EVH_TRY(evh_session_write_json(cli, fill_json, &run));
    else
        EVH_TRY(write_text(&run, explain));

done:
    free(run.variances);
    free(run.sums);
    evh_plan_free(&run.drafted);
    evh_session_clear(&run.session);
    return status;
}

evh_status evh_command_explain(evh_cli *cli, void *own)
{
    return look(cli, own, true);
}

evh_status evh_command_preview(evh_cli *cli, void *own)
{
    return look(cli, own, false);
}
