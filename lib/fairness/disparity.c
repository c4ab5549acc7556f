/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <stdlib.h>

#include "evaluation_internal.h"
#include "evenhand/base/sizes.h"

/* All other groups of the grouping together. */
static evh_status rate_of_rest(evh_finding *out, const evh_evaluation *e,
                               const evh_disparity_asked *asked)
{
    evh_status status = evh_ok();
    int64_t *cells = NULL;
    evh_cell_noise *noise = NULL;
    size_t width = evh_plan_cells_per_group(e->plan);
    size_t groups = e->groupings[asked->grouping].grouping->group_count;
    EVH_TRY(evh_alloc(&cells, width, sizeof *cells, "sums"));
    EVH_TRY(evh_alloc(&noise, 2 * width, sizeof *noise, "noise"));
    for (size_t group = 0; group < groups; group++) {
        if (group == asked->group)
            continue;
        const int64_t *more = evh_evaluation_cells(e, asked->grouping, group, asked->model);
        evh_evaluation_noise(noise + width, e, asked->grouping, group, asked->model);
        for (size_t i = 0; i < width; i++) {
            EVH_REQUIRE(evh_i64_add(cells[i], more[i], &cells[i]), EVH_ERR_RANGE,
                        "a sum passes 63 bits");
            noise[i].variance += noise[width + i].variance;
            noise[i].fourth += noise[width + i].fourth;
        }
    }
    EVH_TRY(evh_evaluation_finding(out, e, asked->kind, cells, noise,
                                   &(evh_quantiles){.pointwise = e->pointwise_z}));

done:
    free(cells);
    free(noise);
    return status;
}

static const evh_finding *rate_of_best(const evh_evaluation *e, const evh_disparity_asked *asked)
{
    const evh_spread_finding *spread =
        &e->groupings[asked->grouping].spreads[asked->kind * e->model_count + asked->model];
    bool low_is_best = evh_metric_worse(e->kinds[asked->kind].metric) == EVH_WORSE_HIGH;
    size_t best = low_is_best ? spread->smallest : spread->largest;
    if (best == EVH_NO_GROUP)
        return NULL;
    return evh_evaluation_rate(e, asked->grouping, asked->kind, best, asked->model);
}

static evh_finding compare(const evh_evaluation *e, size_t kind, const evh_finding *group,
                           const evh_finding *reference, evh_plan_measure measure)
{
    evh_finding out = measure == EVH_PLAN_RATIO
                          ? evh_finding_ratio(group, reference)
                          : evh_finding_difference(group, reference, evh_evaluation_range(e, kind));
    if (out.withheld == EVH_SHOWN)
        out.simultaneous = (evh_interval){.withheld = EVH_WITHHELD_NOT_ASKED};
    return out;
}

evh_status evh_evaluation_disparity(evh_finding *out, const evh_evaluation *e,
                                    const evh_disparity_asked *asked)
{
    evh_status status = evh_ok();
    evh_finding rest;
    const evh_finding *reference = NULL;
    *out = evh_finding_withheld(EVH_WITHHELD_UNDEFINED);
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
        reference = rate_of_best(e, asked);
        break;
    }
    if (reference != NULL)
        *out = compare(
            e, asked->kind,
            evh_evaluation_rate(e, asked->grouping, asked->kind, asked->group, asked->model),
            reference, asked->measure);

done:
    return status;
}

evh_finding evh_evaluation_models(const evh_evaluation *e, const evh_models_asked *asked)
{
    return compare(e, asked->kind,
                   evh_evaluation_rate(e, asked->grouping, asked->kind, asked->group, asked->model),
                   evh_evaluation_rate(e, asked->grouping, asked->kind, asked->group, asked->other),
                   asked->measure);
}
