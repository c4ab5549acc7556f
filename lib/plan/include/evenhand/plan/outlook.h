/* SPDX-License-Identifier: Apache-2.0
 * plan/outlook.h: how exact a plan's answers are going to be, before anybody has measured anything.
 * Planning figures under stated assumptions, not promises: privacy does not depend on them.
 * Source   docs/reference/plan.md, "Outlook"
 * Memory   allocates nothing               Tests    unit/plan/test_outlook.c */
#ifndef EVH_PLAN_OUTLOOK_H
#define EVH_PLAN_OUTLOOK_H

#include "evenhand/plan/plan.h"

/* What is assumed about the data. */
typedef struct evh_outlook_assumptions {
    uint32_t customers; /* that take part: with local noise each adds its own; >= 1 */
    double rate; /* near which the rates lie, in (0, 1); of a regression: mean error / bound */
} evh_outlook_assumptions;

/* As many customers as a round needs at least, and rates near 1/5. */
evh_outlook_assumptions evh_outlook_assume(const evh_plan *plan);

/* Standard normal quantile for two-sided intervals that hold simultaneously for all comparisons
 * of the plan's questions (Bonferroni). */
double evh_outlook_quantile(const evh_plan *plan);

/* Standard deviation that noise alone gives the question's rate in a group of n units.
 *   question  index; group  of the question's grouping; n > 0
 * The plan has noise. */
double evh_outlook_noise_sd(const evh_plan *plan, size_t question, size_t group, double n,
                            const evh_outlook_assumptions *assumptions);

/* Units that a group and the one it is compared with need each, over all customers, so that the
 * interval of their disparity is no wider than the tolerance to either side. Units are what stands
 * below the line of the metric: persons for averages over units, words, records, or records of a
 * kind (negatives for a false positive rate).
 * The plan has noise. */
double evh_outlook_units_needed(const evh_plan *plan, size_t question, size_t group,
                                const evh_outlook_assumptions *assumptions);

/* Units of one group whose counts surely fit the cells of one customer without being cut. */
double evh_outlook_units_that_fit(const evh_plan *plan);

/* Whether a question about a grouping summed from a release compares what it says: an average over
 * units counts a unit once in every group of the release, so the attributes that were summed over
 * must be constant for a unit (`per_unit: true`).
 *   attribute  one that is not, else untouched; may be NULL */
EVH_MUST_USE bool evh_outlook_grouping_is_sound(const evh_plan *plan, size_t grouping,
                                                size_t *attribute);

#endif
