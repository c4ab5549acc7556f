/* SPDX-License-Identifier: Apache-2.0 */
#include "exactness_internal.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "evenhand/base/sizes.h"

/* A rate does not change when all cells are multiplied: that gives room to move one by a little. */
static const int64_t ZOOM = 1024;
static const double Z_95 = 1.959963984540054; /* 97.5 % point of the normal distribution */

static evh_cell_layout layout_of(const evh_plan_terms *terms)
{
    const evh_plan_scoring *scoring = &terms->scoring;
    switch (terms->scorer) {
    case EVH_PLAN_MULTICLASS:
        return scoring->class_count > 0 ? EVH_CELLS_CLASSES : EVH_CELLS_CLASS_ERRORS;
    case EVH_PLAN_WER:
        if (!scoring->by_word)
            return EVH_CELLS_WER_UNITS;
        return scoring->detail_sdi ? EVH_CELLS_WER_SDI : EVH_CELLS_WER_ERRORS;
    case EVH_PLAN_REGRESSION:
        return EVH_CELLS_REGRESSION;
    case EVH_PLAN_EVENT:
        return EVH_CELLS_EVENTS;
    case EVH_PLAN_BINARY:
    default:
        return EVH_CELLS_BINARY;
    }
}

evh_cells_meaning evh_meaning_of(const evh_plan *plan)
{
    const evh_plan_terms *terms = evh_plan_terms_of(plan);
    return (evh_cells_meaning){.layout = layout_of(terms),
                               .classes = terms->scoring.class_count,
                               .bound = terms->scoring.bound,
                               .steps = terms->scoring.steps};
}

/* Groups of the release that a group of a grouping sums, and the first of them. */
static size_t summed_groups(const evh_plan *plan, const evh_plan_grouping *grouping, size_t group,
                            size_t *first)
{
    size_t count = 0;
    const evh_plan_grouping *release = evh_plan_grouping_at(plan, grouping->release);
    *first = group;
    if (!grouping->derived)
        return 1;
    for (size_t i = 0; i < release->group_count; i++)
        if (evh_plan_group_from_release(plan, grouping, i) == group && count++ == 0)
            *first = i;
    return count;
}

double evh_exactness_noise(const evh_exactness *of, const evh_plan_grouping *grouping, size_t group,
                           size_t model, size_t cell)
{
    size_t first = 0;
    size_t count = summed_groups(of->plan, grouping, group, &first);
    size_t position = evh_plan_cell_at(of->plan, grouping->release, first, model, cell);
    return sqrt((double)count * of->variances[position]);
}

evh_status evh_exactness_of(evh_estimate *rate, evh_estimate *half_width, const evh_exactness *of,
                            const evh_plan_grouping *grouping, size_t group, size_t model,
                            const int64_t *cells)
{
    evh_status status = evh_ok();
    const size_t width = evh_plan_cells_per_group(of->plan);
    int64_t *moved = NULL;
    evh_estimate there;
    double variance = 0;
    *half_width = (evh_estimate){.defined = false};
    EVH_TRY(evh_fairness_estimate(rate, of->metric, &of->meaning, cells, 0));
    if (!rate->defined)
        goto done;
    EVH_TRY(evh_alloc(&moved, width, sizeof *moved, "cells"));
    for (size_t i = 0; i < width; i++)
        EVH_REQUIRE(evh_i64_mul(cells[i], ZOOM, &moved[i]), EVH_ERR_RANGE, "a count is too large");
    for (size_t i = 0; i < width; i++) {
        double noise = evh_exactness_noise(of, grouping, group, model, i);
        moved[i]++;
        EVH_TRY(evh_fairness_estimate(&there, of->metric, &of->meaning, moved, 0));
        moved[i]--;
        double slope = (there.value - rate->value) * (double)ZOOM;
        variance += slope * slope * noise * noise;
    }
    *half_width = (evh_estimate){.defined = true, .value = Z_95 * sqrt(variance)};

done:
    free(moved);
    return status;
}
