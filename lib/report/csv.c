/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>

#include "evenhand/base/clock.h"
#include "evenhand/plan/canonical.h"
#include "evenhand/report/formats.h"
#include "result_internal.h"

typedef struct csv {
    evh_buffer *out;
    const evh_result_facts *facts;
    const evh_evaluation *evaluation;
    char plan_id[2 * EVH_PLAN_ID_LEN + 1];
    char window[2][EVH_TIME_TEXT_LEN]; /* empty without a window */
} csv;

/* Every text is quoted; a quote in it is doubled. */
static evh_status put_text(csv *to, const char *text)
{
    evh_status status = evh_ok();
    EVH_TRY(evh_buffer_u8(to->out, '"'));
    for (; *text != '\0'; text++) {
        if (*text == '"')
            EVH_TRY(evh_buffer_u8(to->out, '"'));
        EVH_TRY(evh_buffer_u8(to->out, (uint8_t)*text));
    }
    EVH_TRY(evh_buffer_format(to->out, "\","));

done:
    return status;
}

/* All digits; nothing for what is not there or not finite. */
static evh_status put_number(csv *to, bool there, double value)
{
    if (!there || !isfinite(value))
        return evh_buffer_format(to->out, ",");
    return evh_buffer_format(to->out, "%.17g,", value);
}

/* The comma behind the last column becomes the end of the line. */
static evh_status end_line(csv *to)
{
    evh_buffer_truncate(to->out, to->out->len - 1);
    return evh_buffer_format(to->out, "\r\n");
}

static evh_status put_heading(csv *to)
{
    evh_status status = evh_ok();
    static const char *const before[] = {"plan_id",    "plan",      "round", "window_start",
                                         "window_end", "customers", "model"};
    static const char *const after[] = {"metric",           "value",
                                        "withheld",         "raw",
                                        "sampling_sd",      "privacy_sd",
                                        "pointwise_low",    "pointwise_high",
                                        "simultaneous_low", "simultaneous_high"};
    const evh_plan *plan = to->facts->plan;
    const evh_plan_terms *terms = evh_plan_terms_of(plan);
    for (size_t i = 0; i < sizeof before / sizeof before[0]; i++)
        EVH_TRY(put_text(to, before[i]));
    for (size_t i = 0; i < terms->attribute_count; i++)
        EVH_TRY(put_text(to, terms->attributes[i].name));
    for (size_t i = 0; i < sizeof after / sizeof after[0]; i++)
        EVH_TRY(put_text(to, after[i]));
    for (size_t i = 0; i < evh_plan_cells_per_group(plan); i++) {
        char name[EVH_PLAN_VALUE_MAX + 32];
        (void)snprintf(name, sizeof name, "released:%s", evh_plan_cell_name(plan, i));
        EVH_TRY(put_text(to, name));
    }
    EVH_TRY(end_line(to));

done:
    return status;
}

static evh_status put_round(csv *to, size_t model)
{
    evh_status status = evh_ok();
    const evh_plan_terms *terms = evh_plan_terms_of(to->facts->plan);
    EVH_TRY(put_text(to, to->plan_id));
    EVH_TRY(put_text(to, terms->name));
    EVH_TRY(evh_buffer_format(to->out, "%" PRIu32 ",%s,%s,%" PRIu32 ",", to->facts->round,
                              to->window[0], to->window[1], to->facts->customers));
    EVH_TRY(put_text(to, terms->model_count > 0 ? terms->models[model] : ""));

done:
    return status;
}

/* A column for each attribute of the plan, empty where the grouping does not have it. */
static evh_status put_group(csv *to, const evh_plan_grouping *grouping, size_t group)
{
    evh_status status = evh_ok();
    const evh_plan *plan = to->facts->plan;
    const size_t attributes = evh_plan_terms_of(plan)->attribute_count;
    size_t values[EVH_PLAN_ATTRIBUTES_MAX];
    size_t next = 0;
    evh_plan_group_values(plan, grouping, group, values);
    for (size_t i = 0; i < attributes; i++) {
        const bool has = next < grouping->attribute_count && grouping->attributes[next] == i;
        EVH_TRY(put_text(to, has ? evh_plan_value_name(plan, i, values[next]) : ""));
        next += has ? 1 : 0;
    }

done:
    return status;
}

static evh_status put_finding(csv *to, const char *metric, const evh_finding *finding)
{
    evh_status status = evh_ok();
    const bool shown = finding->withheld == EVH_SHOWN;
    const evh_interval *intervals[] = {&finding->pointwise, &finding->simultaneous};
    EVH_TRY(put_text(to, metric));
    EVH_TRY(put_number(to, shown && finding->estimate.defined, finding->estimate.value));
    EVH_TRY(put_text(to, shown ? "" : evh_withheld_name(finding->withheld)));
    EVH_TRY(put_number(to, shown, finding->raw));
    EVH_TRY(put_number(to, shown, finding->sampling_sd));
    EVH_TRY(put_number(to, shown, finding->privacy_sd));
    for (size_t i = 0; i < 2; i++) {
        const bool has = shown && intervals[i]->withheld == EVH_SHOWN;
        EVH_TRY(put_number(to, has, intervals[i]->low));
        EVH_TRY(put_number(to, has, intervals[i]->high));
    }

done:
    return status;
}

static evh_status put_row(csv *to, size_t index, size_t kind, size_t group, size_t model)
{
    evh_status status = evh_ok();
    const evh_grouping_findings *part = &to->evaluation->groupings[index];
    const size_t width = evh_plan_cells_per_group(to->facts->plan);
    EVH_TRY(put_round(to, model));
    EVH_TRY(put_group(to, part->grouping, group));
    EVH_TRY(put_finding(to, to->evaluation->kinds[kind].name,
                        evh_evaluation_rate(to->evaluation, index, kind, group, model)));
    for (size_t i = 0; i < width; i++)
        EVH_TRY(evh_buffer_format(
            to->out, "%" PRId64 ",",
            part->released[(group * to->evaluation->model_count + model) * width + i]));
    EVH_TRY(end_line(to));

done:
    return status;
}

static evh_status put_rows(csv *to, size_t index)
{
    evh_status status = evh_ok();
    const evh_evaluation *evaluation = to->evaluation;
    const size_t groups = evaluation->groupings[index].grouping->group_count;
    for (size_t group = 0; group < groups; group++)
        for (size_t model = 0; model < evaluation->model_count; model++)
            for (size_t kind = 0; kind < evaluation->kind_count; kind++)
                EVH_TRY(put_row(to, index, kind, group, model));

done:
    return status;
}

evh_status evh_result_csv(evh_buffer *out, const evh_result_facts *facts)
{
    evh_status status = evh_ok();
    const size_t before = out->len;
    evh_evaluation *evaluation = NULL;
    csv to = {.out = out, .facts = facts};
    EVH_TRY(evh_result_evaluate(&evaluation, facts));
    to.evaluation = evaluation;
    evh_hex_encode(to.plan_id, evh_view_of(evh_plan_id(facts->plan), EVH_PLAN_ID_LEN));
    if (evh_plan_terms_of(facts->plan)->has_window) {
        evh_time_format(to.window[0], (int64_t)facts->window_start_ms);
        evh_time_format(to.window[1], (int64_t)facts->window_end_ms);
    }
    EVH_TRY(put_heading(&to));
    for (size_t i = 0; i < evaluation->grouping_count; i++)
        EVH_TRY(put_rows(&to, i));

done:
    evh_evaluation_free(&evaluation);
    if (status.code != EVH_OK)
        evh_buffer_truncate(out, before);
    return status;
}
