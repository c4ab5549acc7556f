/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "commands_internal.h"
#include "evenhand/base/sizes.h"
#include "exactness_internal.h"
#include "report_evaluation_internal.h"
#include "session_internal.h"

enum { TEXT_BYTES_MAX = 1 << 30, RATE_NAME_LEN = EVH_PLAN_VALUE_MAX + 64 };

/* A metric, and for metrics of a class which one. */
typedef struct rate {
    const evh_metric *metric;
    size_t class;
    char name[RATE_NAME_LEN]; /* "precision:cat" */
} rate;

typedef struct report_run {
    evh_session session;
    evh_cli *cli;
    const evh_report_options *options;
    evh_cells_meaning meaning;
    rate *rates;
    size_t rate_count;
    int64_t *sums;
    evh_estimate *estimates;    /* of one grouping and rate: groups, then models */
    evh_evaluation *evaluation; /* with --json */
} report_run;

static evh_status list_rates(report_run *run)
{
    evh_status status = evh_ok();
    const evh_plan_terms *terms = evh_plan_terms_of(run->session.plan);
    const size_t classes = terms->scoring.class_count;
    const size_t metrics = evh_metric_count(run->meaning.layout);
    EVH_TRY(
        evh_alloc(&run->rates, metrics * (classes > 0 ? classes : 1), sizeof *run->rates, "rates"));
    for (size_t i = 0; i < metrics; i++) {
        const evh_metric *metric = evh_metric_at(run->meaning.layout, i);
        for (size_t class = 0; class < (metric->of_class ? classes : 1); class ++) {
            rate *next = &run->rates[run->rate_count++];
            *next = (rate){.metric = metric, .class = class};
            (void)snprintf(next->name, sizeof next->name, "%s%s%s", metric->name,
                           metric->of_class ? ":" : "",
                           metric->of_class ? terms->scoring.classes[class] : "");
        }
    }
    if (run->options->metric == NULL)
        goto done;
    for (size_t i = 0; i < run->rate_count; i++)
        if (strcmp(run->rates[i].metric->name, run->options->metric) == 0)
            goto done;
    status = evh_fail(EVH_ERR_ARG, "--metric %.40s: this plan's counts give no such rate",
                      run->options->metric);

done:
    return status;
}

/* One rate in every group and model of a grouping. */
static evh_status estimate_all(report_run *run, const evh_plan_grouping *grouping,
                               const rate *which)
{
    evh_status status = evh_ok();
    const evh_plan *plan = run->session.plan;
    size_t width = evh_plan_cells_per_group(plan);
    size_t count = grouping->group_count * evh_plan_model_slots(plan);
    free(run->estimates);
    run->estimates = NULL;
    EVH_TRY(evh_alloc(&run->estimates, count, sizeof *run->estimates, "rates"));
    for (size_t i = 0; i < count; i++)
        EVH_TRY(evh_fairness_estimate(&run->estimates[i], which->metric, &run->meaning,
                                      run->sums + i * width, which->class));

done:
    return status;
}

/* How far the declared groups are apart: _other and _missing are shown, not compared. */
typedef struct gap {
    evh_spread spread;
    size_t largest, smallest; /* groups */
} gap;

static evh_status find_gap(gap *out, const report_run *run, const evh_plan_grouping *grouping,
                           size_t model)
{
    evh_status status = evh_ok();
    const evh_plan *plan = run->session.plan;
    size_t models = evh_plan_model_slots(plan);
    size_t count = 0;
    evh_estimate *compared = NULL;
    size_t *groups = NULL;
    EVH_TRY(evh_alloc(&compared, grouping->group_count, sizeof *compared, "rates"));
    EVH_TRY(evh_alloc(&groups, grouping->group_count, sizeof *groups, "groups"));
    for (size_t group = 0; group < grouping->group_count; group++) {
        if (!evh_group_is_declared(plan, grouping, group))
            continue;
        groups[count] = group;
        compared[count++] = run->estimates[group * models + model];
    }
    *out = (gap){.spread = evh_fairness_spread(compared, count)};
    if (out->spread.defined > 0) {
        out->largest = groups[out->spread.largest];
        out->smallest = groups[out->spread.smallest];
    }

done:
    free(compared);
    free(groups);
    return status;
}

static void put_estimate(evh_json *json, const char *key, evh_estimate estimate)
{
    if (estimate.defined)
        evh_json_double(json, key, estimate.value);
    else
        evh_json_null(json, key);
}

static evh_status put_group(evh_json *json, report_run *run, size_t number, size_t index)
{
    evh_status status = evh_ok();
    const evh_plan_grouping *grouping = evh_plan_grouping_at(run->session.plan, number);
    const evh_plan *plan = run->session.plan;
    size_t models = evh_plan_model_slots(plan);
    const int64_t *cells = run->sums + index * evh_plan_cells_per_group(plan);
    evh_json_row_open(json, NULL);
    evh_session_json_group(json, plan, grouping, index / models, index % models);
    evh_json_object_open(json, "cells");
    for (size_t i = 0; i < evh_plan_cells_per_group(plan); i++)
        evh_json_i64(json, evh_plan_cell_name(plan, i), cells[i]);
    evh_json_close(json);
    evh_json_object_open(json, "rates");
    for (size_t i = 0; i < run->rate_count; i++) {
        evh_estimate estimate;
        EVH_TRY(evh_fairness_estimate(&estimate, run->rates[i].metric, &run->meaning, cells,
                                      run->rates[i].class));
        put_estimate(json, run->rates[i].name, estimate);
    }
    evh_json_close(json);
    evh_report_put_intervals(json, run->evaluation, number, index / models, index % models);
    evh_json_close(json);

done:
    return status;
}

static void put_group_values(evh_json *json, const char *key, const evh_plan *plan,
                             const evh_plan_grouping *grouping, size_t group)
{
    const evh_plan_terms *terms = evh_plan_terms_of(plan);
    size_t values[EVH_PLAN_ATTRIBUTES_MAX];
    evh_plan_group_values(plan, grouping, group, values);
    evh_json_object_open(json, key);
    for (size_t i = 0; i < grouping->attribute_count; i++) {
        size_t attribute = grouping->attributes[i];
        evh_json_text(json, terms->attributes[attribute].name,
                      evh_plan_value_name(plan, attribute, values[i]));
    }
    evh_json_close(json);
}

static evh_status put_gap(evh_json *json, report_run *run, const evh_plan_grouping *grouping,
                          const rate *which, size_t model)
{
    evh_status status = evh_ok();
    const evh_plan *plan = run->session.plan;
    const evh_plan_terms *terms = evh_plan_terms_of(plan);
    gap found;
    EVH_TRY(find_gap(&found, run, grouping, model));
    evh_json_row_open(json, NULL);
    evh_json_array_open(json, "release");
    for (size_t i = 0; i < grouping->attribute_count; i++)
        evh_json_text(json, NULL, terms->attributes[grouping->attributes[i]].name);
    evh_json_close(json);
    if (terms->model_count > 0)
        evh_json_text(json, "model", terms->models[model]);
    evh_json_text(json, "metric", which->name);
    put_estimate(json, "difference", found.spread.difference);
    put_estimate(json, "ratio", found.spread.ratio);
    if (found.spread.defined > 0) {
        put_group_values(json, "largest", plan, grouping, found.largest);
        put_group_values(json, "smallest", plan, grouping, found.smallest);
    }
    evh_json_close(json);

done:
    return status;
}

static evh_status put_gaps(evh_json *json, report_run *run, const evh_plan_grouping *grouping)
{
    evh_status status = evh_ok();
    if (grouping->attribute_count == 0)
        goto done;
    EVH_TRY(evh_session_sum(&run->sums, &run->session, grouping));
    for (size_t i = 0; i < run->rate_count; i++) {
        EVH_TRY(estimate_all(run, grouping, &run->rates[i]));
        for (size_t model = 0; model < evh_plan_model_slots(run->session.plan); model++)
            EVH_TRY(put_gap(json, run, grouping, &run->rates[i], model));
    }

done:
    return status;
}

static evh_status fill_json(void *context, evh_json *json)
{
    evh_status status = evh_ok();
    report_run *run = context;
    const evh_plan *plan = run->session.plan;
    const evh_evaluation_options exact = {.customers = 0};
    EVH_TRY(evh_evaluation_new(&run->evaluation, plan, run->session.measurement.cells, &exact));
    evh_session_json_plan(json, run->session.plan, run->cli);
    evh_json_bool(json, "exact", true);
    evh_session_json_records(json, &run->session);
    evh_json_array_open(json, "groups");
    for (size_t i = 0; i < evh_plan_grouping_count(plan); i++) {
        const evh_plan_grouping *grouping = evh_plan_grouping_at(plan, i);
        EVH_TRY(evh_session_sum(&run->sums, &run->session, grouping));
        for (size_t j = 0; j < grouping->group_count * evh_plan_model_slots(plan); j++)
            EVH_TRY(put_group(json, run, i, j));
    }
    evh_json_close(json);
    evh_json_array_open(json, "disparities");
    for (size_t i = 0; i < evh_plan_grouping_count(plan); i++)
        EVH_TRY(put_gaps(json, run, evh_plan_grouping_at(plan, i)));
    evh_json_close(json);
    evh_json_double(json, "confidence", run->evaluation->confidence);
    evh_report_put_questions(json, run->evaluation);

done:
    return status;
}

/* What a person looks at first; --metric asks for another. */
static bool is_shown(const report_run *run, const rate *which)
{
    static const char *const names[] = {
        "error_rate",      "selection_rate", "false_positive_rate", "false_negative_rate",
        "word_error_rate", "mean_error",     "mean_absolute_error", "event_rate"};
    if (run->options->metric != NULL)
        return strcmp(which->metric->name, run->options->metric) == 0;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (!which->metric->of_class && strcmp(which->metric->name, names[i]) == 0)
            return true;
    return false;
}

static evh_status add_estimate(evh_table *table, evh_estimate estimate)
{
    return estimate.defined ? evh_table_add(table, "%.6f", estimate.value)
                            : evh_table_add(table, "-");
}

static evh_status add_rates(evh_table *table, const report_run *run, size_t index)
{
    evh_status status = evh_ok();
    const int64_t *cells = run->sums + index * evh_plan_cells_per_group(run->session.plan);
    for (size_t i = 0; i < run->rate_count; i++) {
        evh_estimate estimate;
        if (!is_shown(run, &run->rates[i]))
            continue;
        EVH_TRY(evh_fairness_estimate(&estimate, run->rates[i].metric, &run->meaning, cells,
                                      run->rates[i].class));
        EVH_TRY(add_estimate(table, estimate));
    }

done:
    return status;
}

/* The last row of a table: largest minus smallest of the declared groups. */
static evh_status add_gaps(evh_table *table, report_run *run, const evh_plan_grouping *grouping,
                           size_t model)
{
    evh_status status = evh_ok();
    const evh_plan_terms *terms = evh_plan_terms_of(run->session.plan);
    for (size_t i = 0; i < grouping->attribute_count; i++)
        EVH_TRY(evh_table_add(table, i == 0 ? "(largest - smallest)" : ""));
    if (terms->model_count > 0)
        EVH_TRY(evh_table_add(table, "%s", terms->models[model]));
    for (size_t i = 0; i < run->rate_count; i++) {
        gap found;
        if (!is_shown(run, &run->rates[i]))
            continue;
        EVH_TRY(estimate_all(run, grouping, &run->rates[i]));
        EVH_TRY(find_gap(&found, run, grouping, model));
        EVH_TRY(add_estimate(table, found.spread.difference));
    }

done:
    return status;
}

static evh_status put_table(evh_buffer *out, report_run *run, const evh_plan_grouping *grouping)
{
    evh_status status = evh_ok();
    const evh_plan *plan = run->session.plan;
    size_t models = evh_plan_model_slots(plan);
    size_t columns = evh_group_columns(plan, grouping);
    for (size_t i = 0; i < run->rate_count; i++)
        columns += is_shown(run, &run->rates[i]);
    evh_table table = evh_table_of(columns);
    EVH_TRY(evh_session_sum(&run->sums, &run->session, grouping));
    EVH_TRY(evh_group_heading(&table, plan, grouping));
    for (size_t i = 0; i < run->rate_count; i++)
        if (is_shown(run, &run->rates[i]))
            EVH_TRY(evh_table_add(&table, "%s", run->rates[i].name));
    for (size_t i = 0; i < grouping->group_count * models; i++) {
        EVH_TRY(evh_group_labels(&table, plan, grouping, i / models, i % models));
        EVH_TRY(add_rates(&table, run, i));
    }
    for (size_t model = 0; grouping->attribute_count > 0 && model < models; model++)
        EVH_TRY(add_gaps(&table, run, grouping, model));
    EVH_TRY(evh_group_title(out, plan, grouping));
    EVH_TRY(evh_table_format(out, &table));

done:
    evh_table_clear(&table);
    return status;
}

static evh_status write_text(report_run *run)
{
    evh_status status = evh_ok();
    const evh_plan *plan = run->session.plan;
    evh_buffer out = evh_buffer_init(TEXT_BYTES_MAX);
    EVH_TRY(evh_session_text_head(&out, &run->session, run->cli));
    EVH_TRY(evh_buffer_format(&out, "Rates are point estimates without intervals; - is a rate over "
                                    "no records.\n"));
    for (size_t i = 0; i < evh_plan_grouping_count(plan); i++)
        EVH_TRY(put_table(&out, run, evh_plan_grouping_at(plan, i)));
    EVH_TRY(evh_cli_write(run->cli, evh_buffer_view(&out)));

done:
    evh_buffer_clear(&out);
    return status;
}

evh_status evh_report_set(void *own, int key, const char *value)
{
    evh_report_options *options = own;
    if (key != EVH_REPORT_KEY_METRIC)
        return evh_session_set(&options->session, key, value);
    options->metric = value;
    return evh_ok();
}

evh_status evh_command_report(evh_cli *cli, void *own)
{
    evh_status status = evh_ok();
    report_run run = {.cli = cli, .options = own};
    EVH_TRY(evh_session_open(&run.session, cli, &run.options->session));
    run.meaning = evh_meaning_of(run.session.plan);
    EVH_TRY(list_rates(&run));
    EVH_TRY(evh_session_measure(&run.session, cli, &run.options->session));
    if (cli->common.json)
        EVH_TRY(evh_session_write_json(cli, fill_json, &run));
    else
        EVH_TRY(write_text(&run));

done:
    free(run.rates);
    free(run.sums);
    free(run.estimates);
    evh_evaluation_free(&run.evaluation);
    evh_session_clear(&run.session);
    return status;
}
