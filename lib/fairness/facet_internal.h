/* SPDX-License-Identifier: Apache-2.0
 * fairness/facet_internal.h: what measures of two facets are made of: the counts of one facet, of
 * `binary` or of one class of `multiclass` against the rest. */
#ifndef EVH_FAIRNESS_FACET_INTERNAL_H
#define EVH_FAIRNESS_FACET_INTERNAL_H

#include "evaluation_internal.h"
#include "evenhand/fairness/named.h"

enum { EVH_TP, EVH_FP, EVH_FN, EVH_TN, EVH_FACET_CELLS };

/* tp, fp, fn, tn. The true negatives of a class are not counted: they are the records with another
 * label less fp. Then the last noise is that of these records, and fp's noise is in tn too. */
typedef struct evh_facet {
    bool of_class;
    int64_t cells[EVH_FACET_CELLS];
    evh_cell_noise noise[EVH_FACET_CELLS];
} evh_facet;

/* A group (`rest`: all other groups; EVH_NO_GROUP with `rest`: everybody) as a facet.
 * Fails    MEMORY */
EVH_MUST_USE evh_status evh_facet_of(evh_facet *out, const evh_evaluation *evaluation,
                                     const evh_clarify_asked *asked, size_t group, bool rest);

/* Adds up. Fails RANGE a sum passes 63 bits. */
EVH_MUST_USE evh_status evh_facet_add(evh_facet *to, const evh_facet *more);

/* Variance of the noise in a weighted sum of tp, fp, fn, tn. */
double evh_facet_noise(const evh_facet *facet, const double weights[EVH_FACET_CELLS]);

/* A quotient of two weighted sums. A share counts part of what is below the line.
 *   numerator, denominator  weights of tp, fp, fn, tn: -1, 0 or 1 */
evh_quotient evh_facet_quotient(const evh_evaluation *evaluation, const evh_facet *facet,
                                const int8_t numerator[EVH_FACET_CELLS],
                                const int8_t denominator[EVH_FACET_CELLS], bool is_share);

/* A function of many counts, by its variances (delta method). */
evh_finding evh_delta_finding(const evh_evaluation *evaluation, double value, double sampling,
                              double privacy, double lowest, double highest);

/* Whether a count is above 0 for certain, as far as noise goes. */
bool evh_count_is_clear(const evh_evaluation *evaluation, double count, double variance);

/* Of facet d given the stratum. Fails ARG no such stratum; RANGE; MEMORY */
EVH_MUST_USE evh_status evh_conditional_disparity(evh_finding *out,
                                                  const evh_evaluation *evaluation,
                                                  const evh_clarify_asked *asked);

#endif
