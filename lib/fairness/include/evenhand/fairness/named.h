/* SPDX-License-Identifier: Apache-2.0
 * fairness/named.h: disparities under the names of Fairlearn and SageMaker Clarify, with their
 * definitions and signs.
 * Source   docs/reference/metrics.md, "Names": formula, origin and edge cases of each
 * Threads  any          Memory   values; nothing is allocated
 * Tests    unit/fairness/test_named.c (worked by hand), test_fairlearn.c */
#ifndef EVH_FAIRNESS_NAMED_H
#define EVH_FAIRNESS_NAMED_H

#include "evenhand/fairness/evaluation.h"

/* ---- Clarify, after training: facet d (disfavoured) against facet a (favoured) ----
 * For cells of `binary`. */

typedef enum evh_clarify {
    EVH_CLARIFY_DPPL, /* difference in positive proportions in predicted labels: a - d */
    EVH_CLARIFY_DI,   /* disparate impact: d / a */
    EVH_CLARIFY_DCA,  /* difference in conditional acceptance: a - d */
    EVH_CLARIFY_DCR,  /* difference in conditional rejection: d - a */
    EVH_CLARIFY_AD,   /* accuracy difference: a - d */
    EVH_CLARIFY_RD,   /* recall difference: a - d */
    EVH_CLARIFY_SD,   /* specificity difference: d - a */
    EVH_CLARIFY_DAR,  /* difference in acceptance rates: a - d */
    EVH_CLARIFY_DRR,  /* difference in rejection rates: d - a */
    EVH_CLARIFY_TE,   /* treatment equality: d - a, of fn / fp */
    EVH_CLARIFY_GE,   /* generalized entropy index of all groups together, alpha 2 */
    EVH_CLARIFY_CDDPL /* conditional demographic disparity in predicted labels of d */
} evh_clarify;
enum { EVH_CLARIFY_COUNT = EVH_CLARIFY_CDDPL + 1 };

/* "DPPL", ... */
const char *evh_clarify_name(evh_clarify measure);

typedef struct evh_clarify_asked {
    size_t grouping;
    size_t model;
    size_t disfavoured; /* group d */
    size_t favoured;    /* group a, or EVH_NO_GROUP: all other groups together, as Clarify does */
    size_t stratum;     /* CDDPL: index of an attribute of the grouping that is the condition; the
                          * facet is then the remaining attributes' values of `disfavoured` */
} evh_clarify_asked;

/* Estimate and pointwise interval. GE is of all groups; CDDPL too.
 * Fails    ARG other cells than binary; no such group or stratum; RANGE a sum passes 63 bits;
 *          MEMORY */
EVH_MUST_USE evh_status evh_clarify_measure(evh_finding *out, const evh_evaluation *evaluation,
                                            evh_clarify measure, const evh_clarify_asked *asked);

/* ---- Fairlearn: over the declared groups of a grouping ----
 * For cells of `binary`, and of one class of `multiclass` against the rest. */

typedef enum evh_fairlearn {
    EVH_DEMOGRAPHIC_PARITY_DIFFERENCE, /* largest - smallest selection rate */
    EVH_DEMOGRAPHIC_PARITY_RATIO,
    EVH_EQUAL_OPPORTUNITY_DIFFERENCE, /* of the true positive rate */
    EVH_EQUAL_OPPORTUNITY_RATIO,
    EVH_EQUALIZED_ODDS_DIFFERENCE, /* the larger gap of true and false positive rates */
    EVH_EQUALIZED_ODDS_RATIO,      /* the smaller ratio */
    EVH_AVERAGE_ODDS_DIFFERENCE,   /* the mean of both gaps (Fairlearn: agg="mean") */
    EVH_AVERAGE_ODDS_RATIO
} evh_fairlearn;
enum { EVH_FAIRLEARN_COUNT = EVH_AVERAGE_ODDS_RATIO + 1 };

/* "demographic_parity_difference", ... */
const char *evh_fairlearn_name(evh_fairlearn measure);

/* The point estimate as Fairlearn has it, and the one without the upward bias.
 * Fails    ARG the cells cannot tell it, or no such class */
EVH_MUST_USE evh_status evh_fairlearn_measure(evh_estimate *out, evh_estimate *corrected,
                                              const evh_evaluation *evaluation,
                                              evh_fairlearn measure, size_t grouping, size_t model,
                                              size_t metric_class);

#endif
