/* SPDX-License-Identifier: Apache-2.0
 * fairness/estimate.h: rates of groups and how far they are apart, as point estimates.
 * Without noise they equal Fairlearn's and SageMaker Clarify's. A rate over nothing is undefined,
 * not zero; so is everything made from it.
 * Source   docs/reference/metrics.md
 * Secret   cells before noise and what is made from them       Memory   allocates nothing
 * Tests    unit/fairness/test_estimate.c, test_compas.c */
#ifndef EVH_FAIRNESS_ESTIMATE_H
#define EVH_FAIRNESS_ESTIMATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "evenhand/base/decimal.h"
#include "evenhand/base/status.h"
#include "evenhand/scoring/metric.h"

/* A number that may not exist: null in JSON. value is 0 when it is not defined. */
typedef struct evh_estimate {
    bool defined;
    double value;
} evh_estimate;

/* What the cells of a group mean. */
typedef struct evh_cells_meaning {
    evh_cell_layout layout;
    size_t classes;    /* EVH_CELLS_CLASSES: at least 2 */
    evh_decimal bound; /* EVH_CELLS_REGRESSION: > 0 */
    uint32_t steps;    /* EVH_CELLS_REGRESSION: >= 1 */
} evh_cells_meaning;

/* The metric in one group.
 *   out      undefined when the denominator is not positive (noise can make it negative), or when
 *            the root of a negative number would be taken
 *   cells    [evh_cell_layout_count()], exact counts or released sums, which may be negative
 *   class    index of a class for metrics of a class, not read otherwise
 * Fails    ARG a metric of another layout, no such class, or no bound. */
EVH_MUST_USE evh_status evh_fairness_estimate(evh_estimate *out, const evh_metric *metric,
                                              const evh_cells_meaning *meaning,
                                              const int64_t *cells, size_t class);

/* group - reference. */
evh_estimate evh_fairness_difference(evh_estimate group, evh_estimate reference);

/* group / reference; undefined when the reference is zero. */
evh_estimate evh_fairness_ratio(evh_estimate group, evh_estimate reference);

/* How far apart groups are. Without a defined estimate everything is undefined. */
typedef struct evh_spread {
    size_t defined;          /* groups with a defined estimate */
    size_t largest;          /* index of the first largest, SIZE_MAX without any */
    size_t smallest;         /* likewise */
    evh_estimate difference; /* largest - smallest: Fairlearn's difference between groups */
    evh_estimate ratio;      /* smallest / largest: Fairlearn's ratio between groups; undefined when
                              * the largest is not positive */
} evh_spread;

/* Groups whose estimate is undefined are left out of the comparison and not counted. */
evh_spread evh_fairness_spread(const evh_estimate *groups, size_t count);

#endif
