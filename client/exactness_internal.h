/* SPDX-License-Identifier: Apache-2.0
 * client/exactness_internal.h: how far the noise of a plan can move a rate. Everything follows from
 * variances; no noise is drawn. */
#ifndef EVH_CLIENT_EXACTNESS_INTERNAL_H
#define EVH_CLIENT_EXACTNESS_INTERNAL_H

#include "evenhand/fairness/estimate.h"
#include "evenhand/plan/groups.h"

/* What the cells of a plan mean. */
evh_cells_meaning evh_meaning_of(const evh_plan *plan);

typedef struct evh_exactness {
    const evh_plan *plan; /* with noise */
    evh_cells_meaning meaning;
    const evh_metric *metric;
    const double *variances; /* [cells of the vector] of the noise of one customer */
} evh_exactness;

/* The rate of one group and, on either side of it, what 95 % of the noise of one customer's report
 * stays within. Both undefined where nothing was counted.
 *   cells  [cells per group], of this group and model in this grouping */
evh_status evh_exactness_of(evh_estimate *rate, evh_estimate *half_width, const evh_exactness *of,
                            const evh_plan_grouping *grouping, size_t group, size_t model,
                            const int64_t *cells);

/* Standard deviation of the noise in a cell of a group: larger when a derived grouping sums many.
 */
double evh_exactness_noise(const evh_exactness *of, const evh_plan_grouping *grouping, size_t group,
                           size_t model, size_t cell);

#endif
