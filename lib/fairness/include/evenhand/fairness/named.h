/* SPDX-License-Identifier: Apache-2.0
 * fairness/named.h: disparities under the names of Fairlearn and SageMaker Clarify, with their
 * definitions and signs.
 * Source   docs/reference/metrics.md, "Names": formula, origin and edge cases of each
 * Threads  any          Memory   values; nothing is allocated
 * Tests    unit/fairness/test_named.c (worked by hand), test_fairlearn.c */
#ifndef EVH_FAIRNESS_NAMED_H
#define EVH_FAIRNESS_NAMED_H

#include "evenhand/fairness/evaluation.h"

/* Both sets of names are for `binary`, and for each class of `multiclass` against the rest.
 * Returns 1, the number of classes, or 0 when the plan's cells cannot tell them. */
size_t evh_named_class_count(const evh_evaluation *evaluation);

/* ---- Clarify, after training: facet d (disfavoured) against facet a (favoured) ---- */

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
    size_t metric_class; /* multiclass: the class that is positive; else not read */
    size_t disfavoured;  /* group d */
    size_t favoured;     /* group a, or EVH_NO_GROUP: all other groups together, as Clarify does */
    size_t stratum;      /* CDDPL: index of an attribute of the grouping that is the condition; the
                          * facet is then the remaining attributes' values of `disfavoured` */
} evh_clarify_asked;

/* Estimate and pointwise interval. GE is of all groups; CDDPL too. Withheld is what has a
 * denominator that is not above 0 for certain, as far as noise goes.
 * Fails    ARG other cells than those of evh_named_class_count; no such group, class or stratum;
 *          RANGE a sum passes 63 bits; MEMORY */
EVH_MUST_USE evh_status evh_clarify_measure(evh_finding *out, const evh_evaluation *evaluation,
                                            evh_clarify measure, const evh_clarify_asked *asked);

/* ---- Fairlearn: over the declared groups of a grouping ---- */

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

typedef struct evh_fairlearn_asked {
    size_t grouping;
    size_t model;
    size_t metric_class; /* multiclass: the class that is positive; else not read */
} evh_fairlearn_asked;

/* One measure. The interval is of the true value, for the groups whose rates are shown; for this
 * number alone. */
typedef struct evh_fairlearn_finding {
    evh_withheld withheld;  /* of everything */
    evh_estimate estimate;  /* as Fairlearn has it */
    evh_estimate corrected; /* without the upward bias of a maximum of uncertain rates */
    evh_interval interval;  /* EVH_WITHHELD_NOT_ASKED for one group, or more than
                             * EVH_FAIRLEARN_GROUPS_MAX */
    size_t compared;        /* groups with a rate that is shown; of two rates the fewer */
} evh_fairlearn_finding;
enum { EVH_FAIRLEARN_GROUPS_MAX = 200 }; /* pairs are compared */

/*   out    [EVH_FAIRLEARN_COUNT]
 * Fails    ARG the cells cannot tell them, or no such grouping, model or class; MEMORY
 * Cost     O(groups^2), about 1 us a pair */
EVH_MUST_USE evh_status evh_fairlearn_measures(evh_fairlearn_finding *out,
                                               const evh_evaluation *evaluation,
                                               const evh_fairlearn_asked *asked);

#endif
