/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <stdlib.h>

#include "evaluation_internal.h"
#include "evenhand/base/secret.h"
#include "evenhand/base/sizes.h"

/* All other groups of the grouping together. */
static evh_status rate_of_rest(evh_finding *out, const evh_evaluation *e,
                               const evh_disparity_asked *asked)
{
    evh_status status = evh_ok();
    int64_t *cells = NULL;
    evh_cell_noise *noise = NULL;
    size_t width = evh_plan_cells_per_group(e->plan);
    EVH_TRY(evh_alloc(&cells, width, sizeof *cells, "sums"));
    EVH_TRY(evh_alloc(&noise, width, sizeof *noise, "noise"));
    evh_evaluation_rest(cells, noise, e, asked->grouping, asked->group, asked->model);
    EVH_TRY(evh_evaluation_finding(out, e, asked->kind, cells, noise,
                                   &(evh_quantiles){.pointwise = e->pointwise_z}));

done:
    if (cells != NULL)
        evh_wipe(cells, width * sizeof *cells); /* may be exact */
    free(cells);
    free(noise);
    return status;
}

size_t evh_evaluation_best(const evh_evaluation *e, size_t grouping, size_t kind, size_t model)
{
    const evh_spread_finding *spread =
        &e->groupings[grouping].spreads[kind * e->model_count + model];
    const bool low_is_best = evh_metric_worse(e->kinds[kind].metric) == EVH_WORSE_HIGH;
    return low_is_best ? spread->smallest : spread->largest;
}

size_t evh_evaluation_reference(const evh_evaluation *e, size_t grouping, size_t kind)
{
    const evh_plan_terms *terms = evh_plan_terms_of(e->plan);
    size_t found = EVH_NO_GROUP;
    for (size_t i = 0; i < terms->question_count; i++) {
        const evh_plan_question *question = &terms->questions[i];
        if (question->grouping != grouping || question->reference == EVH_NO_GROUP)
            continue;
        if (question->metric == e->kinds[kind].metric &&
            question->metric_class == e->kinds[kind].metric_class)
            return question->reference;
        if (found == EVH_NO_GROUP)
            found = question->reference;
    }
    return found;
}

static evh_finding compare(const evh_evaluation *e, size_t kind, const evh_finding *group,
                           const evh_finding *reference, evh_plan_measure measure)
{
    const bool shown = group->withheld == EVH_SHOWN && reference->withheld == EVH_SHOWN;
    if (measure == EVH_PLAN_RATIO && shown && reference->privacy_sd > 0 &&
        !evh_evaluation_is_positive(e, reference))
        return evh_finding_withheld(EVH_WITHHELD_UNCLEAR);
    evh_finding out = measure == EVH_PLAN_RATIO
                          ? evh_finding_ratio(group, reference)
                          : evh_finding_difference(group, reference, evh_evaluation_range(e, kind));
    if (out.withheld == EVH_SHOWN)
        out.simultaneous = (evh_interval){.withheld = EVH_WITHHELD_NOT_ASKED};
    return out;
}

evh_status evh_evaluation_disparities(evh_disparity *out, const evh_evaluation *e,
                                      const evh_disparity_asked *asked)
{
    evh_status status = evh_ok();
    evh_finding rest;
    const evh_finding *reference = NULL;
    size_t best = EVH_NO_GROUP;
    const evh_finding *group =
        evh_evaluation_rate(e, asked->grouping, asked->kind, asked->group, asked->model);
    out->difference = out->ratio = evh_finding_withheld(EVH_WITHHELD_UNDEFINED);
    switch (asked->against) {
    case EVH_AGAINST_GROUP:
        reference =
            evh_evaluation_rate(e, asked->grouping, asked->kind, asked->reference, asked->model);
        break;
    case EVH_AGAINST_REST:
        EVH_TRY(rate_of_rest(&rest, e, asked));
        reference = &rest;
        break;
    case EVH_AGAINST_BEST:
        best = evh_evaluation_best(e, asked->grouping, asked->kind, asked->model);
        if (best != EVH_NO_GROUP)
            reference = evh_evaluation_rate(e, asked->grouping, asked->kind, best, asked->model);
        break;
    }
    if (reference == NULL)
        goto done;
    out->difference = compare(e, asked->kind, group, reference, EVH_PLAN_DIFFERENCE);
    out->ratio = compare(e, asked->kind, group, reference, EVH_PLAN_RATIO);

done:
    return status;
}

evh_status evh_evaluation_disparity(evh_finding *out, const evh_evaluation *e,
                                    const evh_disparity_asked *asked)
{
    evh_disparity both;
    evh_status status = evh_evaluation_disparities(&both, e, asked);
    *out = asked->measure == EVH_PLAN_RATIO ? both.ratio : both.difference;
    return status;
}

evh_finding evh_evaluation_models(const evh_evaluation *e, const evh_models_asked *asked)
{
    return compare(e, asked->kind,
                   evh_evaluation_rate(e, asked->grouping, asked->kind, asked->group, asked->model),
                   evh_evaluation_rate(e, asked->grouping, asked->kind, asked->group, asked->other),
                   asked->measure);
}
