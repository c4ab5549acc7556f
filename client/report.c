/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "commands_internal.h"
#include "evenhand/cli/terminal.h"
#include "evenhand/plan/scoring.h"
#include "evenhand/report/findings.h"
#include "session_internal.h"

enum { TEXT_BYTES_MAX = 1 << 30 };

typedef struct report_run {
    evh_session session;
    evh_cli *cli;
    const evh_report_options *options;
    evh_evaluation *evaluation; /* of exact counts: intervals are of sampling alone */
} report_run;

static evh_status check_metric(const report_run *run)
{
    evh_status status = evh_ok();
    const char *asked = run->options->metric;
    EVH_REQUIRE(asked == NULL || evh_metric_find(evh_plan_cell_layout(run->session.plan),
                                                 evh_view_of_text(asked)) != NULL,
                EVH_ERR_ARG,
                "--metric %.40s: this plan's counts give no such rate; report --json lists those "
                "that they give, under metrics",
                asked);

done:
    return status;
}

/* ---- JSON ---- */

static evh_status put_group(evh_json *json, const report_run *run, size_t index, size_t group,
                            size_t model)
{
    evh_status status = evh_ok();
    const evh_plan *plan = run->session.plan;
    const evh_grouping_findings *part = &run->evaluation->groupings[index];
    const size_t width = evh_plan_cells_per_group(plan);
    const int64_t *cells = part->released + (group * run->evaluation->model_count + model) * width;
    evh_json_row_open(json, NULL);
    evh_findings_put_place(json, plan, part->grouping, group, model);
    evh_json_object_open(json, "cells");
    for (size_t i = 0; i < width; i++)
        evh_json_i64(json, evh_plan_cell_name(plan, i), cells[i]);
    evh_json_close(json);
    EVH_TRY(evh_findings_put_group(json, run->evaluation, index, group, model));
    evh_json_close(json);

done:
    return status;
}

static evh_status fill_json(void *context, evh_json *json)
{
    evh_status status = evh_ok();
    const report_run *run = context;
    const evh_evaluation *e = run->evaluation;
    evh_session_json_plan(json, run->session.plan, run->cli);
    evh_json_bool(json, "exact", true);
    evh_session_json_records(json, &run->session);
    evh_findings_put_statistics(json, e);
    EVH_TRY(evh_findings_put_questions(json, e));
    evh_findings_put_metrics(json, e);
    evh_json_array_open(json, "groups");
    for (size_t i = 0; i < e->grouping_count; i++)
        for (size_t group = 0; group < e->groupings[i].grouping->group_count; group++)
            for (size_t model = 0; model < e->model_count; model++)
                EVH_TRY(put_group(json, run, i, group, model));
    evh_json_close(json);
    evh_findings_put_disparities(json, e);
    EVH_TRY(evh_findings_put_named(json, e));

done:
    return status;
}

/* ---- text ---- */

/* What a person looks at first; --metric asks for another. */
static bool is_shown(const report_run *run, size_t kind)
{
    static const char *const names[] = {
        "error_rate",      "selection_rate", "false_positive_rate", "false_negative_rate",
        "word_error_rate", "mean_error",     "mean_absolute_error", "event_rate"};
    const evh_metric *metric = run->evaluation->kinds[kind].metric;
    if (run->options->metric != NULL)
        return strcmp(metric->name, run->options->metric) == 0;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (!metric->of_class && strcmp(metric->name, names[i]) == 0)
            return true;
    return false;
}

static evh_status add_estimate(evh_table *table, evh_estimate estimate)
{
    return estimate.defined ? evh_table_add(table, "%.6f", estimate.value)
                            : evh_table_add(table, "-");
}

static evh_status add_rates(evh_table *table, const report_run *run, size_t index, size_t group,
                            size_t model)
{
    evh_status status = evh_ok();
    const evh_evaluation *e = run->evaluation;
    for (size_t kind = 0; kind < e->kind_count; kind++)
        if (is_shown(run, kind))
            EVH_TRY(
                add_estimate(table, evh_evaluation_rate(e, index, kind, group, model)->estimate));

done:
    return status;
}

/* The last row of a table: largest minus smallest of the declared groups. */
static evh_status add_gaps(evh_table *table, const report_run *run, size_t index, size_t model)
{
    evh_status status = evh_ok();
    const evh_evaluation *e = run->evaluation;
    const evh_plan_terms *terms = evh_plan_terms_of(run->session.plan);
    for (size_t i = 0; i < e->groupings[index].grouping->attribute_count; i++)
        EVH_TRY(evh_table_add(table, i == 0 ? "(largest - smallest)" : ""));
    if (terms->model_count > 0)
        EVH_TRY(evh_table_add(table, "%s", terms->models[model]));
    for (size_t kind = 0; kind < e->kind_count; kind++)
        if (is_shown(run, kind))
            EVH_TRY(add_estimate(
                table, e->groupings[index].spreads[kind * e->model_count + model].difference));

done:
    return status;
}

static evh_status put_table(evh_buffer *out, const report_run *run, size_t index)
{
    evh_status status = evh_ok();
    const evh_evaluation *e = run->evaluation;
    const evh_plan *plan = run->session.plan;
    const evh_plan_grouping *grouping = e->groupings[index].grouping;
    size_t columns = evh_group_columns(plan, grouping);
    for (size_t kind = 0; kind < e->kind_count; kind++)
        columns += is_shown(run, kind);
    evh_table table = evh_table_of(columns);
    EVH_TRY(evh_group_heading(&table, plan, grouping));
    for (size_t kind = 0; kind < e->kind_count; kind++)
        if (is_shown(run, kind))
            EVH_TRY(evh_table_add(&table, "%s", e->kinds[kind].name));
    for (size_t i = 0; i < grouping->group_count * e->model_count; i++) {
        EVH_TRY(evh_group_labels(&table, plan, grouping, i / e->model_count, i % e->model_count));
        EVH_TRY(add_rates(&table, run, index, i / e->model_count, i % e->model_count));
    }
    for (size_t model = 0; grouping->attribute_count > 0 && model < e->model_count; model++)
        EVH_TRY(add_gaps(&table, run, index, model));
    EVH_TRY(evh_group_title(out, plan, grouping));
    EVH_TRY(evh_table_format(out, &table));

done:
    evh_table_clear(&table);
    return status;
}

/* The answers to the plan's questions, for this site alone, unless one rate is asked for. */
static evh_status put_findings(evh_buffer *out, const report_run *run)
{
    evh_status status = evh_ok();
    const evh_evaluation *e = run->evaluation;
    const evh_result_terminal terminal = {.unicode = evh_terminal_is_utf8(),
                                          .columns = evh_terminal_columns(run->cli->out)};
    if (run->options->metric != NULL)
        goto done;
    if (e->answer_count > 0)
        EVH_TRY(evh_findings_text(out, e, &terminal));
    for (size_t i = 0; e->answer_count == 0 && i < e->grouping_count; i++)
        EVH_TRY(evh_findings_named_text(out, e, i, &terminal));

done:
    return status;
}

static evh_status write_text(report_run *run)
{
    evh_status status = evh_ok();
    evh_buffer out = evh_buffer_init(TEXT_BYTES_MAX);
    EVH_TRY(evh_session_text_head(&out, &run->session, run->cli));
    EVH_TRY(evh_buffer_format(&out, "Rates are point estimates without intervals; - is a rate over "
                                    "no records.\n"));
    for (size_t i = 0; i < run->evaluation->grouping_count; i++)
        EVH_TRY(put_table(&out, run, i));
    EVH_TRY(put_findings(&out, run));
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

static evh_status evaluate(report_run *run)
{
    const evh_evaluation_options exact = {.customers = 0};
    return evh_evaluation_new(&run->evaluation, run->session.plan, run->session.measurement.cells,
                              &exact);
}

evh_status evh_command_report(evh_cli *cli, void *own)
{
    evh_status status = evh_ok();
    report_run run = {.cli = cli, .options = own};
    EVH_TRY(evh_session_open(&run.session, cli, &run.options->session));
    EVH_TRY(check_metric(&run));
    EVH_TRY(evh_session_measure(&run.session, cli, &run.options->session));
    EVH_TRY(evaluate(&run));
    if (cli->common.json)
        EVH_TRY(evh_session_write_json(cli, fill_json, &run));
    else
        EVH_TRY(write_text(&run));

done:
    evh_evaluation_free(&run.evaluation);
    evh_session_clear(&run.session);
    return status;
}
