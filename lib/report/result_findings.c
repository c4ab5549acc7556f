/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>

#include "result_internal.h"
#include "words_internal.h"

void evh_result_put_values(evh_json *json, const char *key, const evh_plan *plan,
                           const evh_plan_grouping *grouping, size_t group)
{
    const evh_plan_terms *terms = evh_plan_terms_of(plan);
    size_t values[EVH_PLAN_ATTRIBUTES_MAX];
    if (group == EVH_NO_GROUP) {
        evh_json_null(json, key);
        return;
    }
    evh_plan_group_values(plan, grouping, group, values);
    evh_json_row_open(json, key);
    for (size_t i = 0; i < grouping->attribute_count; i++)
        evh_json_text(json, terms->attributes[grouping->attributes[i]].name,
                      evh_plan_value_name(plan, grouping->attributes[i], values[i]));
    evh_json_close(json);
}

void evh_result_put_release(evh_json *json, const evh_plan *plan, const evh_plan_grouping *grouping)
{
    const evh_plan_terms *terms = evh_plan_terms_of(plan);
    evh_json_array_open(json, "release");
    for (size_t i = 0; i < grouping->attribute_count; i++)
        evh_json_text(json, NULL, terms->attributes[grouping->attributes[i]].name);
    evh_json_close(json);
}

void evh_result_put_number(evh_json *json, const char *key, double value)
{
    if (isfinite(value))
        evh_json_double(json, key, value);
    else
        evh_json_null(json, key);
}

void evh_result_put_estimate(evh_json *json, const char *key, evh_estimate estimate)
{
    evh_result_put_number(json, key, estimate.defined ? estimate.value : (double)NAN);
}

static void put_interval(evh_json *json, const char *key, const evh_interval *interval)
{
    if (interval->withheld != EVH_SHOWN) {
        evh_json_null(json, key);
        return;
    }
    evh_json_row_open(json, key);
    evh_result_put_number(json, "low", interval->low);
    evh_result_put_number(json, "high", interval->high);
    evh_result_put_number(json, "sampling_low", interval->sampling_low);
    evh_result_put_number(json, "sampling_high", interval->sampling_high);
    evh_json_close(json);
}

void evh_result_put_finding(evh_json *json, const char *key, const evh_finding *finding)
{
    evh_json_row_open(json, key);
    if (finding->withheld != EVH_SHOWN) {
        evh_json_null(json, "value");
        evh_json_text(json, "withheld", evh_withheld_name(finding->withheld));
    } else {
        evh_result_put_estimate(json, "value", finding->estimate);
        evh_result_put_number(json, "raw", finding->raw);
        evh_result_put_number(json, "sampling_sd", finding->sampling_sd);
        evh_result_put_number(json, "privacy_sd", finding->privacy_sd);
        put_interval(json, "pointwise", &finding->pointwise);
        put_interval(json, "simultaneous", &finding->simultaneous);
    }
    evh_json_close(json);
}

void evh_result_put_metrics(evh_json *json, const evh_evaluation *evaluation)
{
    static const char *const worse[] = {
        [EVH_WORSE_NEITHER] = NULL, [EVH_WORSE_HIGH] = "high", [EVH_WORSE_LOW] = "low"};
    evh_json_array_open(json, "metrics");
    for (size_t i = 0; i < evaluation->kind_count; i++) {
        const evh_rate_kind *kind = &evaluation->kinds[i];
        const char *side = worse[evh_metric_worse(kind->metric)];
        evh_json_row_open(json, NULL);
        evh_json_text(json, "name", kind->name);
        evh_json_text(json, "unit", evh_words_is_share(kind) ? "share" : "number");
        if (side != NULL)
            evh_json_text(json, "worse", side);
        else
            evh_json_null(json, "worse");
        evh_json_close(json);
    }
    evh_json_close(json);
}

static void put_spread(evh_json *json, const evh_evaluation *evaluation,
                       const evh_grouping_findings *part, size_t kind, size_t model)
{
    const evh_plan *plan = evaluation->plan;
    const evh_spread_finding *spread = &part->spreads[kind * evaluation->model_count + model];
    evh_json_row_open(json, NULL);
    evh_result_put_release(json, plan, part->grouping);
    if (evh_plan_terms_of(plan)->model_count > 0)
        evh_json_text(json, "model", evh_plan_terms_of(plan)->models[model]);
    evh_json_text(json, "metric", evaluation->kinds[kind].name);
    evh_json_u64(json, "compared", spread->compared);
    evh_result_put_estimate(json, "difference", spread->difference);
    evh_result_put_estimate(json, "ratio", spread->ratio);
    evh_result_put_estimate(json, "difference_corrected", spread->difference_corrected);
    evh_result_put_estimate(json, "ratio_corrected", spread->ratio_corrected);
    evh_result_put_values(json, "largest", plan, part->grouping, spread->largest);
    evh_result_put_values(json, "smallest", plan, part->grouping, spread->smallest);
    evh_result_put_values(json, "worst", plan, part->grouping, spread->worst);
    evh_json_close(json);
}

void evh_result_put_disparities(evh_json *json, const evh_evaluation *evaluation)
{
    evh_json_array_open(json, "disparities");
    for (size_t i = 0; i < evaluation->grouping_count; i++) {
        const evh_grouping_findings *part = &evaluation->groupings[i];
        for (size_t kind = 0; part->grouping->attribute_count > 0 && kind < evaluation->kind_count;
             kind++)
            for (size_t model = 0; model < evaluation->model_count; model++)
                put_spread(json, evaluation, part, kind, model);
    }
    evh_json_close(json);
}

/* ---- questions ---- */

static void put_comparisons(evh_json *json, const evh_evaluation *evaluation,
                            const evh_answer *answer, const evh_plan_grouping *grouping)
{
    evh_json_array_open(json, "comparisons");
    for (size_t i = 0; i < answer->comparison_count; i++) {
        const evh_comparison *comparison = &answer->comparisons[i];
        evh_json_row_open(json, NULL);
        evh_result_put_values(json, "group", evaluation->plan, grouping, comparison->group);
        evh_json_bool(json, "counted", comparison->counted);
        evh_json_text(json, "verdict", evh_verdict_name(comparison->verdict));
        evh_result_put_finding(json, "disparity", &comparison->disparity);
        evh_json_close(json);
    }
    evh_json_close(json);
}

static void put_tolerance(evh_json *json, const evh_answer *answer, const evh_plan_question *asked)
{
    evh_json_text(json, "measure", asked->measure == EVH_PLAN_RATIO ? "ratio" : "difference");
    evh_json_decimal(json, "tolerance", asked->tolerance);
    evh_json_row_open(json, "tolerated");
    evh_result_put_number(json, "low", answer->tolerance_low);
    evh_result_put_number(json, "high", answer->tolerance_high);
    evh_json_close(json);
}

static evh_status put_sentence(evh_json *json, const evh_evaluation *evaluation,
                               const evh_answer *answer)
{
    evh_status status = evh_ok();
    evh_buffer text = evh_buffer_init(EVH_WORDS_BYTES_MAX);
    EVH_TRY(evh_words_sentence(&text, evaluation, answer, EVH_WORDS_PLAIN));
    evh_json_view(json, "sentence", evh_buffer_view(&text));

done:
    evh_buffer_clear(&text);
    return status;
}

static evh_status put_answer(evh_json *json, const evh_evaluation *evaluation,
                             const evh_answer *answer)
{
    evh_status status = evh_ok();
    const evh_plan_terms *terms = evh_plan_terms_of(evaluation->plan);
    const evh_plan_question *asked = &terms->questions[answer->question];
    const evh_plan_grouping *grouping = evh_plan_grouping_at(evaluation->plan, asked->grouping);
    evh_json_object_open(json, NULL);
    evh_json_text(json, "id", asked->id);
    evh_result_put_release(json, evaluation->plan, grouping);
    if (terms->model_count > 0)
        evh_json_text(json, "model", terms->models[answer->model]);
    evh_json_text(json, "metric", evaluation->kinds[answer->kind].name);
    evh_result_put_values(json, "reference", evaluation->plan, grouping, asked->reference);
    put_tolerance(json, answer, asked);
    evh_json_text(json, "verdict", evh_verdict_name(answer->verdict));
    if (answer->reason != NULL)
        evh_json_text(json, "reason", answer->reason);
    else
        evh_json_null(json, "reason");
    EVH_TRY(put_sentence(json, evaluation, answer));
    evh_result_put_finding(json, "gap", &answer->gap);
    evh_result_put_values(json, "worst", evaluation->plan, grouping, answer->worst);
    evh_result_put_values(json, "compared_with", evaluation->plan, grouping, answer->other);
    evh_json_u64(json, "undecided", answer->undecided);
    put_comparisons(json, evaluation, answer, grouping);
    evh_json_close(json);

done:
    return status;
}

evh_status evh_result_put_questions(evh_json *json, const evh_evaluation *evaluation)
{
    evh_status status = evh_ok();
    evh_json_array_open(json, "questions");
    for (size_t i = 0; i < evaluation->answer_count; i++)
        EVH_TRY(put_answer(json, evaluation, &evaluation->answers[i]));
    evh_json_close(json);

done:
    return status;
}
