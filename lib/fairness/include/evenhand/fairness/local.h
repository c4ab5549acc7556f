/* SPDX-License-Identifier: Apache-2.0
 * fairness/local.h: a customer's own exact rate beside the global one.
 * The customer is part of the global sum: its counts are taken out of it, what remains is
 * independent of it, and the difference to the whole follows from the difference to the rest.
 * Source   docs/reference/metrics.md, "One site against all"
 * Secret   exact counts and everything that comes out
 * Memory   one array, freed with free()     Tests    unit/fairness/test_local.c */
#ifndef EVH_FAIRNESS_LOCAL_H
#define EVH_FAIRNESS_LOCAL_H

#include "evenhand/fairness/evaluation.h"

typedef struct evh_local_comparison {
    size_t grouping, kind, group, model;
    evh_finding local; /* exact counts: sampling only */
    evh_finding global;
    evh_finding difference; /* local - global; simultaneous over all comparisons of this run */
    evh_estimate share;     /* of the rate's denominator that is this customer's, 0..1; undefined
                             * where the global denominator may be all noise */
    bool decided;           /* there is an interval, and it does not rest on records being
                             * independent (EVH_ASSUMES_INDEPENDENT_RECORDS) */
    bool differs;           /* decided, and the simultaneous interval leaves out 0: beyond chance */
} evh_local_comparison;

/* Compares the rates that the plan's questions ask about, in every group and model; without
 * questions, the first rate of every grouping.
 *   out     [*count], free with free(); NULL on failure
 *   local   evaluation of the counts as submitted, without noise
 *   global  of the released sums of the same plan, which have this customer's in them
 * Fails    ARG two plans, or local has noise; MEMORY */
EVH_MUST_USE evh_status evh_local_compare(evh_local_comparison **out, size_t *count,
                                          const evh_evaluation *local,
                                          const evh_evaluation *global);

#endif
