/* SPDX-License-Identifier: Apache-2.0
 * Disparities under the names of Fairlearn and SageMaker Clarify. */
#include <math.h>

#include "findings_internal.h"

/* One value of the stratum stands for all: the facet is the same in each. */
evh_status evh_findings_each_conditional(const evh_evaluation *evaluation, evh_clarify_asked base,
                                         evh_put_conditional *put, void *context)
{
    evh_status status = evh_ok();
    const evh_plan *plan = evaluation->plan;
    const evh_plan_grouping *grouping = evaluation->groupings[base.grouping].grouping;
    size_t values[EVH_PLAN_ATTRIBUTES_MAX];
    base.favoured = EVH_NO_GROUP;
    for (size_t i = 0; grouping->attribute_count > 1 && i < grouping->attribute_count; i++) {
        base.stratum = grouping->attributes[i];
        for (size_t group = 0; group < grouping->group_count; group++) {
            evh_plan_group_values(plan, grouping, group, values);
            if (values[i] != 0 || !evh_plan_group_is_declared(plan, grouping, group))
                continue;
            base.disfavoured = group;
            EVH_TRY(put(context, &base));
        }
    }

done:
    return status;
}

/* What an entry of the list is about. */
typedef struct named_part {
    evh_json *json;
    const evh_evaluation *evaluation;
    size_t grouping;
    size_t model;
    size_t metric_class;
} named_part;

static void put_fairlearn_finding(evh_json *json, const char *name,
                                  const evh_fairlearn_finding *found)
{
    const bool has = found->interval.withheld == EVH_SHOWN;
    evh_json_row_open(json, name);
    if (found->withheld != EVH_SHOWN) {
        evh_json_null(json, "value");
        evh_json_text(json, "withheld", evh_withheld_name(found->withheld));
    } else {
        evh_findings_put_estimate(json, "value", found->estimate);
        evh_findings_put_number(json, "low", has ? found->interval.low : (double)NAN);
        evh_findings_put_number(json, "high", has ? found->interval.high : (double)NAN);
        evh_findings_put_estimate(json, "corrected", found->corrected);
        evh_json_u64(json, "compared", found->compared);
    }
    evh_json_close(json);
}

static evh_status put_fairlearn(const named_part *to)
{
    evh_status status = evh_ok();
    evh_fairlearn_finding found[EVH_FAIRLEARN_COUNT];
    const evh_fairlearn_asked asked = {
        .grouping = to->grouping, .model = to->model, .metric_class = to->metric_class};
    EVH_TRY(evh_fairlearn_measures(found, to->evaluation, &asked));
    evh_json_object_open(to->json, "fairlearn");
    for (size_t i = 0; i < EVH_FAIRLEARN_COUNT; i++)
        put_fairlearn_finding(to->json, evh_fairlearn_name((evh_fairlearn)i), &found[i]);
    evh_json_close(to->json);

done:
    return status;
}

static evh_status put_measure(const named_part *to, evh_clarify measure,
                              const evh_clarify_asked *asked)
{
    evh_finding found;
    evh_status status = evh_clarify_measure(&found, to->evaluation, measure, asked);
    if (status.code == EVH_OK)
        evh_findings_put_short(to->json, evh_clarify_name(measure), &found);
    return status;
}

static evh_clarify_asked asked_of(const named_part *to, size_t group)
{
    return (evh_clarify_asked){.grouping = to->grouping,
                               .model = to->model,
                               .metric_class = to->metric_class,
                               .disfavoured = group,
                               .favoured = EVH_NO_GROUP};
}

/* Each declared group against all others. */
static evh_status put_facets(const named_part *to)
{
    evh_status status = evh_ok();
    const evh_plan *plan = to->evaluation->plan;
    const evh_plan_grouping *grouping = to->evaluation->groupings[to->grouping].grouping;
    evh_json_array_open(to->json, "facets");
    for (size_t group = 0; group < grouping->group_count; group++) {
        const evh_clarify_asked asked = asked_of(to, group);
        if (!evh_plan_group_is_declared(plan, grouping, group))
            continue;
        evh_json_row_open(to->json, NULL);
        evh_findings_put_values(to->json, "group", plan, grouping, group);
        for (size_t i = 0; i < EVH_CLARIFY_GE; i++)
            EVH_TRY(put_measure(to, (evh_clarify)i, &asked));
        evh_json_close(to->json);
    }
    evh_json_close(to->json);

done:
    return status;
}

/* The facet's values: all attributes but the stratum. */
static void put_facet_values(const named_part *to, size_t group, size_t stratum)
{
    const evh_plan *plan = to->evaluation->plan;
    const evh_plan_grouping *grouping = to->evaluation->groupings[to->grouping].grouping;
    const evh_plan_terms *terms = evh_plan_terms_of(plan);
    size_t values[EVH_PLAN_ATTRIBUTES_MAX];
    evh_plan_group_values(plan, grouping, group, values);
    evh_json_row_open(to->json, "group");
    for (size_t i = 0; i < grouping->attribute_count; i++) {
        const size_t attribute = grouping->attributes[i];
        if (attribute != stratum)
            evh_json_text(to->json, terms->attributes[attribute].name,
                          evh_plan_value_name(plan, attribute, values[i]));
    }
    evh_json_close(to->json);
}

static evh_status put_conditional(void *context, const evh_clarify_asked *asked)
{
    evh_status status = evh_ok();
    const named_part *to = context;
    const evh_plan_terms *terms = evh_plan_terms_of(to->evaluation->plan);
    evh_finding found;
    EVH_TRY(evh_clarify_measure(&found, to->evaluation, EVH_CLARIFY_CDDPL, asked));
    evh_json_row_open(to->json, NULL);
    put_facet_values(to, asked->disfavoured, asked->stratum);
    evh_json_text(to->json, "stratum", terms->attributes[asked->stratum].name);
    evh_findings_put_short_members(to->json, &found);
    evh_json_close(to->json);

done:
    return status;
}

static evh_status put_clarify(named_part *to)
{
    evh_status status = evh_ok();
    const evh_clarify_asked everybody = asked_of(to, 0);
    evh_json_object_open(to->json, "clarify");
    EVH_TRY(put_facets(to));
    EVH_TRY(put_measure(to, EVH_CLARIFY_GE, &everybody));
    evh_json_array_open(to->json, evh_clarify_name(EVH_CLARIFY_CDDPL));
    EVH_TRY(evh_findings_each_conditional(to->evaluation, everybody, put_conditional, to));
    evh_json_close(to->json);
    evh_json_close(to->json);

done:
    return status;
}

static evh_status put_named(named_part *to)
{
    evh_status status = evh_ok();
    const evh_plan_terms *terms = evh_plan_terms_of(to->evaluation->plan);
    evh_json_object_open(to->json, NULL);
    evh_findings_put_part(to->json, to->evaluation, to->grouping, to->model);
    if (to->evaluation->meaning.layout == EVH_CELLS_CLASSES)
        evh_json_text(to->json, "class", terms->scoring.classes[to->metric_class]);
    EVH_TRY(put_fairlearn(to));
    EVH_TRY(put_clarify(to));
    evh_json_close(to->json);

done:
    return status;
}

evh_status evh_findings_put_named(evh_json *json, const evh_evaluation *evaluation)
{
    evh_status status = evh_ok();
    const size_t classes = evh_named_class_count(evaluation);
    named_part to = {.json = json, .evaluation = evaluation};
    evh_json_array_open(json, "named");
    for (to.grouping = 0; to.grouping < evaluation->grouping_count; to.grouping++) {
        if (evaluation->groupings[to.grouping].grouping->attribute_count == 0)
            continue;
        for (to.model = 0; to.model < evaluation->model_count; to.model++)
            for (to.metric_class = 0; to.metric_class < classes; to.metric_class++)
                EVH_TRY(put_named(&to));
    }
    evh_json_close(json);

done:
    return status;
}
