/* SPDX-License-Identifier: Apache-2.0
 * What a site's exact counts say with intervals: sampling alone, as there is no noise in them. */
#include <math.h>

#include "report_evaluation_internal.h"
#include "session_internal.h"

static void put_end(evh_json *json, const char *key, double value)
{
    if (isfinite(value))
        evh_json_double(json, key, value);
    else
        evh_json_null(json, key);
}

static void put_interval(evh_json *json, const char *key, const evh_interval *interval)
{
    if (interval->withheld != EVH_SHOWN) {
        evh_json_null(json, key);
        return;
    }
    evh_json_object_open(json, key);
    put_end(json, "low", interval->low);
    put_end(json, "high", interval->high);
    evh_json_close(json);
}

void evh_report_put_intervals(evh_json *json, const evh_evaluation *evaluation, size_t grouping,
                              size_t group, size_t model)
{
    evh_json_object_open(json, "intervals");
    for (size_t kind = 0; kind < evaluation->kind_count; kind++)
        put_interval(json, evaluation->kinds[kind].name,
                     &evh_evaluation_rate(evaluation, grouping, kind, group, model)->pointwise);
    evh_json_close(json);
}

static void put_group(evh_json *json, const char *key, const evh_plan *plan,
                      const evh_plan_grouping *grouping, size_t group)
{
    const evh_plan_terms *terms = evh_plan_terms_of(plan);
    size_t values[EVH_PLAN_ATTRIBUTES_MAX];
    if (group == EVH_NO_GROUP) {
        evh_json_null(json, key);
        return;
    }
    evh_plan_group_values(plan, grouping, group, values);
    evh_json_object_open(json, key);
    for (size_t i = 0; i < grouping->attribute_count; i++)
        evh_json_text(json, terms->attributes[grouping->attributes[i]].name,
                      evh_plan_value_name(plan, grouping->attributes[i], values[i]));
    evh_json_close(json);
}

static void put_answer(evh_json *json, const evh_evaluation *e, const evh_answer *answer)
{
    const evh_plan_terms *terms = evh_plan_terms_of(e->plan);
    const evh_plan_question *question = &terms->questions[answer->question];
    const evh_plan_grouping *grouping = evh_plan_grouping_at(e->plan, question->grouping);
    evh_json_row_open(json, NULL);
    evh_json_text(json, "id", question->id);
    if (terms->model_count > 0)
        evh_json_text(json, "model", terms->models[answer->model]);
    evh_json_text(json, "metric", e->kinds[answer->kind].name);
    evh_json_text(json, "measure", question->measure == EVH_PLAN_RATIO ? "ratio" : "difference");
    evh_json_double(json, "tolerance", answer->tolerance);
    evh_json_text(json, "verdict", evh_verdict_name(answer->verdict));
    if (answer->reason != NULL)
        evh_json_text(json, "reason", answer->reason);
    else
        evh_json_null(json, "reason");
    if (answer->gap.estimate.defined)
        put_end(json, "gap", answer->gap.estimate.value);
    else
        evh_json_null(json, "gap");
    put_interval(json, "interval", &answer->gap.simultaneous);
    put_group(json, "worst", e->plan, grouping, answer->worst);
    put_group(json, "compared_with", e->plan, grouping, answer->other);
    evh_json_close(json);
}

void evh_report_put_questions(evh_json *json, const evh_evaluation *evaluation)
{
    evh_json_array_open(json, "questions");
    for (size_t i = 0; i < evaluation->answer_count; i++)
        put_answer(json, evaluation, &evaluation->answers[i]);
    evh_json_close(json);
}
