/* SPDX-License-Identifier: Apache-2.0 */
#include "evenhand/fairness/named.h"
#include "evenhand/report/formats.h"
#include "result_internal.h"

enum { LABEL_BYTES_MAX = 1 << 20 };

typedef struct analysis {
    evh_json *json;
    const evh_evaluation *evaluation;
    size_t model;
} analysis;

static const char *const descriptions[EVH_CLARIFY_COUNT] = {
    [EVH_CLARIFY_DPPL] = "Difference in Positive Proportions in Predicted Labels (DPPL)",
    [EVH_CLARIFY_DI] = "Disparate Impact (DI)",
    [EVH_CLARIFY_DCA] = "Difference in Conditional Acceptance (DCA)",
    [EVH_CLARIFY_DCR] = "Difference in Conditional Rejection (DCR)",
    [EVH_CLARIFY_AD] = "Accuracy Difference (AD)",
    [EVH_CLARIFY_RD] = "Recall Difference (RD)",
    [EVH_CLARIFY_SD] = "Specificity Difference (SD)",
    [EVH_CLARIFY_DAR] = "Difference in Acceptance Rates (DAR)",
    [EVH_CLARIFY_DRR] = "Difference in Rejection Rates (DRR)",
    [EVH_CLARIFY_TE] = "Treatment Equality (TE)",
    [EVH_CLARIFY_GE] = "Generalized Entropy (GE)",
    [EVH_CLARIFY_CDDPL] = "Conditional Demographic Disparity in Predicted Labels (CDDPL)"};

static evh_status put_measure(const analysis *to, evh_clarify measure,
                              const evh_clarify_asked *asked)
{
    evh_status status = evh_ok();
    evh_finding found;
    const evh_estimate none = {.defined = false};
    const evh_interval *interval = &found.pointwise;
    EVH_TRY(evh_clarify_measure(&found, to->evaluation, measure, asked));
    evh_json_row_open(to->json, NULL);
    evh_json_text(to->json, "name", evh_clarify_name(measure));
    evh_json_text(to->json, "description", descriptions[measure]);
    evh_findings_put_estimate(to->json, "value",
                              found.withheld == EVH_SHOWN ? found.estimate : none);
    if (found.withheld == EVH_SHOWN && interval->withheld == EVH_SHOWN) {
        evh_json_array_open(to->json, "interval");
        evh_findings_put_number(to->json, NULL, interval->low);
        evh_findings_put_number(to->json, NULL, interval->high);
        evh_json_close(to->json);
    } else {
        evh_json_null(to->json, "interval");
    }
    evh_json_close(to->json);

done:
    return status;
}

/* A grouping of the facet and one more attribute, on which the disparity can be conditioned. */
static const evh_plan_grouping *find_stratum(const evh_plan *plan, size_t facet, size_t *index,
                                             size_t *stratum)
{
    for (*index = 0; *index < evh_plan_grouping_count(plan); ++*index) {
        const evh_plan_grouping *grouping = evh_plan_grouping_at(plan, *index);
        if (grouping->attribute_count != 2)
            continue;
        *stratum = grouping->attributes[0] == facet ? 1 : 0;
        if (grouping->attributes[1 - *stratum] == facet)
            return grouping;
    }
    return NULL;
}

static evh_status put_conditional(const analysis *to, size_t facet, size_t value)
{
    evh_status status = evh_ok();
    const evh_plan *plan = to->evaluation->plan;
    size_t values[EVH_PLAN_ATTRIBUTES_MAX] = {0};
    evh_clarify_asked asked = {.model = to->model, .favoured = EVH_NO_GROUP};
    const evh_plan_grouping *grouping = find_stratum(plan, facet, &asked.grouping, &asked.stratum);
    if (grouping == NULL)
        goto done;
    values[facet] = value;
    asked.disfavoured = evh_plan_group_of(plan, grouping, values);
    asked.stratum = grouping->attributes[asked.stratum];
    EVH_TRY(put_measure(to, EVH_CLARIFY_CDDPL, &asked));

done:
    return status;
}

static evh_status put_value(const analysis *to, size_t index, size_t value)
{
    evh_status status = evh_ok();
    const evh_plan *plan = to->evaluation->plan;
    const size_t facet = evh_plan_grouping_at(plan, index)->attributes[0];
    const evh_clarify_asked asked = {
        .grouping = index, .model = to->model, .disfavoured = value, .favoured = EVH_NO_GROUP};
    evh_json_object_open(to->json, NULL);
    evh_json_text(to->json, "value_or_threshold", evh_plan_value_name(plan, facet, value));
    evh_json_array_open(to->json, "metrics");
    for (size_t i = 0; i < EVH_CLARIFY_COUNT; i++)
        if (i != EVH_CLARIFY_CDDPL)
            EVH_TRY(put_measure(to, (evh_clarify)i, &asked));
    EVH_TRY(put_conditional(to, facet, value));
    evh_json_close(to->json);
    evh_json_close(to->json);

done:
    return status;
}

static evh_status put_facets(const analysis *to)
{
    evh_status status = evh_ok();
    const evh_plan *plan = to->evaluation->plan;
    const evh_plan_terms *terms = evh_plan_terms_of(plan);
    evh_json_object_open(to->json, "facets");
    for (size_t i = 0; i < evh_plan_grouping_count(plan); i++) {
        const evh_plan_grouping *grouping = evh_plan_grouping_at(plan, i);
        if (grouping->attribute_count != 1)
            continue;
        const evh_plan_attribute *facet = &terms->attributes[grouping->attributes[0]];
        evh_json_array_open(to->json, facet->name);
        for (size_t value = 0; value < facet->value_count; value++)
            EVH_TRY(put_value(to, i, value));
        evh_json_close(to->json);
    }
    evh_json_close(to->json);

done:
    return status;
}

/* What counts as positive: all spellings with commas between them. */
static evh_status put_positive(const analysis *to)
{
    evh_status status = evh_ok();
    const evh_plan_scoring *scoring = &evh_plan_terms_of(to->evaluation->plan)->scoring;
    evh_buffer text = evh_buffer_init(LABEL_BYTES_MAX);
    for (size_t i = 0; i < scoring->positive_count; i++)
        EVH_TRY(evh_buffer_format(&text, "%s%s", i > 0 ? "," : "", scoring->positive[i]));
    evh_json_view(to->json, "label_value_or_threshold", evh_buffer_view(&text));

done:
    evh_buffer_clear(&text);
    return status;
}

static evh_status check_model(const evh_evaluation *evaluation, size_t model)
{
    evh_status status = evh_ok();
    const evh_plan *plan = evaluation->plan;
    size_t facets = 0;
    EVH_REQUIRE(evaluation->meaning.layout == EVH_CELLS_BINARY, EVH_ERR_TYPE,
                "Clarify's analysis.json is about one positive label: for binary plans, and this "
                "one is %s",
                evh_plan_scorer_name(evh_plan_terms_of(plan)->scorer));
    for (size_t i = 0; i < evh_plan_grouping_count(plan); i++)
        facets += evh_plan_grouping_at(plan, i)->attribute_count == 1;
    EVH_REQUIRE(facets > 0, EVH_ERR_TYPE,
                "Clarify's facets are single attributes, and the plan neither releases nor derives "
                "one by itself");
    EVH_REQUIRE(model < evaluation->model_count, EVH_ERR_ARG, "model %zu: the plan has %zu", model,
                evaluation->model_count);

done:
    return status;
}

static evh_status put_all(const analysis *to)
{
    evh_status status = evh_ok();
    evh_json *json = to->json;
    evh_json_object_open(json, NULL);
    evh_json_text(json, "version", "1.0");
    evh_json_object_open(json, "post_training_bias_metrics");
    evh_json_text(json, "label", "label");
    EVH_TRY(put_facets(to));
    EVH_TRY(put_positive(to));
    evh_json_close(json);
    evh_json_close(json);
    EVH_TRY(evh_json_end(json));

done:
    return status;
}

evh_status evh_result_analysis(evh_buffer *out, const evh_result_facts *facts, size_t model)
{
    evh_status status = evh_ok();
    const size_t before = out->len;
    evh_evaluation *evaluation = NULL;
    evh_json json = evh_json_writer(out);
    analysis to = {.json = &json, .model = model};
    EVH_TRY(evh_result_evaluate(&evaluation, facts));
    EVH_TRY(check_model(evaluation, model));
    to.evaluation = evaluation;
    EVH_TRY(put_all(&to));

done:
    evh_evaluation_free(&evaluation);
    if (status.code != EVH_OK)
        evh_buffer_truncate(out, before);
    return status;
}
