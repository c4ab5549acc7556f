/* SPDX-License-Identifier: Apache-2.0
 * fairness/evaluation_internal.h: what the parts of an evaluation share. */
#ifndef EVH_FAIRNESS_EVALUATION_INTERNAL_H
#define EVH_FAIRNESS_EVALUATION_INTERNAL_H

#include "evenhand/fairness/evaluation.h"
#include "finding_internal.h"

/* Cells of one group and model of a grouping. */
const int64_t *evh_evaluation_cells(const evh_evaluation *evaluation, size_t grouping, size_t group,
                                    size_t model);

/* Noise of the cells of a group, [cells per group], of all customers and all groups of the release
 * that it is summed from. */
void evh_evaluation_noise(evh_cell_noise *out, const evh_evaluation *evaluation, size_t grouping,
                          size_t group);

/* Cells and noise of all groups of a grouping but one together, EVH_NO_GROUP for all of them;
 * `_other` and `_missing` too. cells, noise [cells per group] */
void evh_evaluation_rest(int64_t *cells, evh_cell_noise *noise, const evh_evaluation *evaluation,
                         size_t grouping, size_t group, size_t model);

/* Whether there is a ratio to this rate: it is above 0 for certain, as far as noise goes. */
bool evh_evaluation_is_positive(const evh_evaluation *evaluation, const evh_finding *rate);

/* The rate that cells with this noise tell. */
EVH_MUST_USE evh_status evh_evaluation_finding(evh_finding *out, const evh_evaluation *evaluation,
                                               size_t kind, const int64_t *cells,
                                               const evh_cell_noise *noise,
                                               const evh_quantiles *quantiles);

/* How far a rate of this kind can go at most: highest - lowest. */
double evh_evaluation_range(const evh_evaluation *evaluation, size_t kind);

/* Largest against smallest of rates of declared groups.
 *   rates  [group count * models], at this model */
EVH_MUST_USE evh_status evh_spread_of(evh_spread_finding *out, const evh_evaluation *evaluation,
                                      const evh_plan_grouping *grouping, const evh_metric *metric,
                                      const evh_finding *rates, size_t model);

/* Moves estimates together, each the more the larger its error is, until they vary as much as the
 * true values seem to do.
 *   out, values, errors  [count]; out must not overlap the others */
void evh_spread_calm(double *out, const double *values, const double *errors, size_t count);

/* A disparity of two rates of one kind, simultaneous when both are. */
evh_finding evh_pair_disparity(const evh_evaluation *evaluation, size_t kind,
                               const evh_finding *group, const evh_finding *reference,
                               evh_plan_measure measure);

/* The interval of the largest disparity among declared groups whose rates are shown, from those of
 * all pairs, at the simultaneous quantile of the rates.
 * Returns the number of pairs without an interval.            Cost  O(groups^2), 0.2 us a pair */
typedef struct evh_pairs_asked {
    size_t grouping;
    size_t kind;
    evh_plan_measure measure;
    const evh_finding *rates; /* [group] */
} evh_pairs_asked;
size_t evh_pairs_interval(evh_interval *out, const evh_evaluation *evaluation,
                          const evh_pairs_asked *asked);

/* Comparisons of one answer: groups with the reference, or pairs. */
size_t evh_answer_comparison_count(const evh_plan *plan, const evh_plan_question *question);

/* Fills one answer; its comparisons are allocated. */
EVH_MUST_USE evh_status evh_answer_fill(evh_answer *out, const evh_evaluation *evaluation,
                                        size_t question, size_t model);

/* Sums of all releases, none negative and with equal totals where releases count the same.
 *   out    [cells of the vector]
 *   cells  [the same], noise variances of one customer [the same] */
EVH_MUST_USE evh_status evh_adjust(double *out, const evh_plan *plan, const int64_t *cells,
                                   const double *variances);

#endif
