/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>

#include "findings_internal.h"
#include "words_internal.h"

void evh_findings_put_values(evh_json *json, const char *key, const evh_plan *plan,
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

void evh_findings_put_release(evh_json *json, const evh_plan *plan,
                              const evh_plan_grouping *grouping)
{
    const evh_plan_terms *terms = evh_plan_terms_of(plan);
    evh_json_array_open(json, "release");
    for (size_t i = 0; i < grouping->attribute_count; i++)
        evh_json_text(json, NULL, terms->attributes[grouping->attributes[i]].name);
    evh_json_close(json);
}

void evh_findings_put_number(evh_json *json, const char *key, double value)
{
    if (isfinite(value))
        evh_json_double(json, key, value);
    else
        evh_json_null(json, key);
}

void evh_findings_put_estimate(evh_json *json, const char *key, evh_estimate estimate)
{
    evh_findings_put_number(json, key, estimate.defined ? estimate.value : (double)NAN);
}

static void put_interval(evh_json *json, const char *key, const evh_interval *interval)
{
    if (interval->withheld != EVH_SHOWN) {
        evh_json_null(json, key);
        return;
    }
    evh_json_row_open(json, key);
    evh_findings_put_number(json, "low", interval->low);
    evh_findings_put_number(json, "high", interval->high);
    evh_findings_put_number(json, "sampling_low", interval->sampling_low);
    evh_findings_put_number(json, "sampling_high", interval->sampling_high);
    evh_json_close(json);
}

void evh_findings_put_finding(evh_json *json, const char *key, const evh_finding *finding)
{
    evh_json_row_open(json, key);
    if (finding->withheld != EVH_SHOWN) {
        evh_json_null(json, "value");
        evh_json_text(json, "withheld", evh_withheld_name(finding->withheld));
    } else {
        evh_findings_put_estimate(json, "value", finding->estimate);
        evh_findings_put_number(json, "raw", finding->raw);
        evh_findings_put_number(json, "sampling_sd", finding->sampling_sd);
        evh_findings_put_number(json, "privacy_sd", finding->privacy_sd);
        put_interval(json, "pointwise", &finding->pointwise);
        put_interval(json, "simultaneous", &finding->simultaneous);
    }
    evh_json_close(json);
}

void evh_findings_put_short_members(evh_json *json, const evh_finding *finding)
{
    const evh_interval *interval = &finding->pointwise;
    const bool has = interval->withheld == EVH_SHOWN;
    if (finding->withheld != EVH_SHOWN) {
        evh_json_null(json, "value");
        evh_json_text(json, "withheld", evh_withheld_name(finding->withheld));
        return;
    }
    evh_findings_put_estimate(json, "value", finding->estimate);
    evh_findings_put_number(json, "low", has ? interval->low : (double)NAN);
    evh_findings_put_number(json, "high", has ? interval->high : (double)NAN);
}

void evh_findings_put_short(evh_json *json, const char *key, const evh_finding *finding)
{
    evh_json_row_open(json, key);
    evh_findings_put_short_members(json, finding);
    evh_json_close(json);
}

static void put_part(evh_json *json, const evh_plan *plan, const evh_plan_grouping *grouping,
                     size_t model)
{
    const evh_plan_terms *terms = evh_plan_terms_of(plan);
    evh_findings_put_release(json, plan, grouping);
    if (terms->model_count > 0)
        evh_json_text(json, "model", terms->models[model]);
}

void evh_findings_put_part(evh_json *json, const evh_evaluation *evaluation, size_t grouping,
                           size_t model)
{
    put_part(json, evaluation->plan, evaluation->groupings[grouping].grouping, model);
}

void evh_findings_put_place(evh_json *json, const evh_plan *plan, const evh_plan_grouping *grouping,
                            size_t group, size_t model)
{
    put_part(json, plan, grouping, model);
    evh_findings_put_values(json, "group", plan, grouping, group);
}

void evh_findings_put_statistics(evh_json *json, const evh_evaluation *evaluation)
{
    evh_json_object_open(json, "statistics");
    evh_json_double(json, "confidence", evaluation->confidence);
    evh_json_u64(json, "comparisons", evaluation->comparisons);
    evh_json_double(json, "pointwise_z", evaluation->pointwise_z);
    evh_json_double(json, "rate_z", evaluation->rate_z);
    evh_json_double(json, "comparison_z", evaluation->comparison_z);
    evh_json_close(json);
}

void evh_findings_put_metrics(evh_json *json, const evh_evaluation *evaluation)
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

/* ---- disparities ---- */

const char *const evh_against_names[EVH_AGAINST_NAMES] = {"rest", "best", "reference",
                                                          "first_model"};

static evh_status compare(evh_group_disparity *out, const evh_evaluation *evaluation,
                          evh_disparity_asked asked, evh_against against)
{
    evh_status status = evh_ok();
    asked.against = against;
    EVH_TRY(evh_evaluation_disparities(&out->found, evaluation, &asked));
    out->there = true;

done:
    return status;
}

static void compare_models(evh_group_disparity *out, const evh_evaluation *evaluation,
                           const evh_disparity_asked *of)
{
    evh_models_asked asked = {.grouping = of->grouping,
                              .kind = of->kind,
                              .group = of->group,
                              .model = of->model,
                              .measure = EVH_PLAN_DIFFERENCE};
    out->found.difference = evh_evaluation_models(evaluation, &asked);
    asked.measure = EVH_PLAN_RATIO;
    out->found.ratio = evh_evaluation_models(evaluation, &asked);
    out->there = true;
}

evh_status evh_group_disparities(evh_group_disparity out[EVH_AGAINST_NAMES],
                                 const evh_evaluation *evaluation, evh_disparity_asked asked)
{
    evh_status status = evh_ok();
    const evh_finding *rate =
        evh_evaluation_rate(evaluation, asked.grouping, asked.kind, asked.group, asked.model);
    const size_t best = evh_evaluation_best(evaluation, asked.grouping, asked.kind, asked.model);
    for (size_t i = 0; i < EVH_AGAINST_NAMES; i++)
        out[i].there = false;
    if (rate->withheld != EVH_SHOWN)
        goto done;
    asked.reference = evh_evaluation_reference(evaluation, asked.grouping, asked.kind);
    if (evaluation->groupings[asked.grouping].grouping->attribute_count > 0)
        EVH_TRY(compare(&out[0], evaluation, asked, EVH_AGAINST_REST));
    if (best != EVH_NO_GROUP && best != asked.group)
        EVH_TRY(compare(&out[1], evaluation, asked, EVH_AGAINST_BEST));
    if (asked.reference != EVH_NO_GROUP && asked.reference != asked.group)
        EVH_TRY(compare(&out[2], evaluation, asked, EVH_AGAINST_GROUP));
    if (asked.model > 0)
        compare_models(&out[3], evaluation, &asked);

done:
    return status;
}

static evh_status put_group_disparities(evh_json *json, const evh_evaluation *evaluation,
                                        evh_disparity_asked asked)
{
    evh_status status = evh_ok();
    evh_group_disparity found[EVH_AGAINST_NAMES];
    const size_t names = EVH_AGAINST_NAMES - (evaluation->model_count > 1 ? 0 : 1);
    EVH_TRY(evh_group_disparities(found, evaluation, asked));
    evh_json_row_open(json, evaluation->kinds[asked.kind].name);
    for (size_t i = 0; i < names; i++) {
        if (!found[i].there) {
            evh_json_null(json, evh_against_names[i]);
            continue;
        }
        evh_json_row_open(json, evh_against_names[i]);
        evh_findings_put_short(json, "difference", &found[i].found.difference);
        evh_findings_put_short(json, "ratio", &found[i].found.ratio);
        evh_json_close(json);
    }
    evh_json_close(json);

done:
    return status;
}

evh_status evh_findings_put_group(evh_json *json, const evh_evaluation *evaluation, size_t grouping,
                                  size_t group, size_t model)
{
    evh_status status = evh_ok();
    const evh_estimate none = {.defined = false};
    evh_json_object_open(json, "rates");
    for (size_t kind = 0; kind < evaluation->kind_count; kind++) {
        const evh_finding *rate = evh_evaluation_rate(evaluation, grouping, kind, group, model);
        evh_findings_put_estimate(json, evaluation->kinds[kind].name,
                                  rate->withheld == EVH_SHOWN ? rate->estimate : none);
    }
    evh_json_close(json);
    evh_json_object_open(json, "findings");
    for (size_t kind = 0; kind < evaluation->kind_count; kind++)
        evh_findings_put_finding(json, evaluation->kinds[kind].name,
                                 evh_evaluation_rate(evaluation, grouping, kind, group, model));
    evh_json_close(json);
    evh_json_object_open(json, "disparities");
    for (size_t kind = 0; kind < evaluation->kind_count; kind++)
        EVH_TRY(put_group_disparities(
            json, evaluation,
            (evh_disparity_asked){
                .grouping = grouping, .kind = kind, .group = group, .model = model}));
    evh_json_close(json);

done:
    return status;
}

static void put_spread(evh_json *json, const evh_evaluation *evaluation, size_t index, size_t kind,
                       size_t model)
{
    const evh_plan *plan = evaluation->plan;
    const evh_grouping_findings *part = &evaluation->groupings[index];
    const evh_spread_finding *spread = &part->spreads[kind * evaluation->model_count + model];
    evh_json_row_open(json, NULL);
    evh_findings_put_part(json, evaluation, index, model);
    evh_json_text(json, "metric", evaluation->kinds[kind].name);
    evh_json_u64(json, "compared", spread->compared);
    evh_findings_put_estimate(json, "difference", spread->difference);
    evh_findings_put_estimate(json, "ratio", spread->ratio);
    evh_findings_put_estimate(json, "difference_corrected", spread->difference_corrected);
    evh_findings_put_estimate(json, "ratio_corrected", spread->ratio_corrected);
    evh_findings_put_values(json, "largest", plan, part->grouping, spread->largest);
    evh_findings_put_values(json, "smallest", plan, part->grouping, spread->smallest);
    evh_findings_put_values(json, "worst", plan, part->grouping, spread->worst);
    evh_findings_put_values(json, "best", plan, part->grouping,
                            evh_evaluation_best(evaluation, index, kind, model));
    evh_findings_put_values(json, "reference", plan, part->grouping,
                            evh_evaluation_reference(evaluation, index, kind));
    evh_json_close(json);
}

void evh_findings_put_disparities(evh_json *json, const evh_evaluation *evaluation)
{
    evh_json_array_open(json, "disparities");
    for (size_t i = 0; i < evaluation->grouping_count; i++) {
        const bool has = evaluation->groupings[i].grouping->attribute_count > 0;
        for (size_t kind = 0; has && kind < evaluation->kind_count; kind++)
            for (size_t model = 0; model < evaluation->model_count; model++)
                put_spread(json, evaluation, i, kind, model);
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
        evh_findings_put_values(json, "group", evaluation->plan, grouping, comparison->group);
        evh_json_bool(json, "counted", comparison->counted);
        evh_json_text(json, "verdict", evh_verdict_name(comparison->verdict));
        evh_findings_put_finding(json, "disparity", &comparison->disparity);
        evh_json_close(json);
    }
    evh_json_close(json);
}

static void put_tolerance(evh_json *json, const evh_answer *answer, const evh_plan_question *asked)
{
    evh_json_text(json, "measure", asked->measure == EVH_PLAN_RATIO ? "ratio" : "difference");
    evh_json_decimal(json, "tolerance", asked->tolerance);
    evh_json_row_open(json, "tolerated");
    evh_findings_put_number(json, "low", answer->tolerance_low);
    evh_findings_put_number(json, "high", answer->tolerance_high);
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
    evh_findings_put_release(json, evaluation->plan, grouping);
    if (terms->model_count > 0)
        evh_json_text(json, "model", terms->models[answer->model]);
    evh_json_text(json, "metric", evaluation->kinds[answer->kind].name);
    evh_findings_put_values(json, "reference", evaluation->plan, grouping, asked->reference);
    put_tolerance(json, answer, asked);
    evh_json_text(json, "verdict", evh_verdict_name(answer->verdict));
    if (answer->reason != NULL)
        evh_json_text(json, "reason", answer->reason);
    else
        evh_json_null(json, "reason");
    EVH_TRY(put_sentence(json, evaluation, answer));
    evh_findings_put_finding(json, "gap", &answer->gap);
    evh_findings_put_values(json, "worst", evaluation->plan, grouping, answer->worst);
    evh_findings_put_values(json, "compared_with", evaluation->plan, grouping, answer->other);
    evh_json_u64(json, "undecided", answer->undecided);
    put_comparisons(json, evaluation, answer, grouping);
    evh_json_close(json);

done:
    return status;
}

evh_status evh_findings_put_questions(evh_json *json, const evh_evaluation *evaluation)
{
    evh_status status = evh_ok();
    evh_json_array_open(json, "questions");
    for (size_t i = 0; i < evaluation->answer_count; i++)
        EVH_TRY(put_answer(json, evaluation, &evaluation->answers[i]));
    evh_json_close(json);

done:
    return status;
}
