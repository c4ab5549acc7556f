/* SPDX-License-Identifier: Apache-2.0
 * fairness/trend.h: one question over the rounds of a plan.
 * Source   docs/reference/metrics.md, "Rounds over time"
 * Memory   the caller's arrays             Tests    unit/fairness/test_local.c */
#ifndef EVH_FAIRNESS_TREND_H
#define EVH_FAIRNESS_TREND_H

#include "evenhand/fairness/interval.h"

typedef struct evh_trend_point {
    uint32_t round;
    evh_finding gap; /* of the answer of that round, for the same pair of groups in all rounds */
    bool drifted;    /* out: its simultaneous interval does not meet that of some earlier round */
    uint32_t since;  /* out: the last round whose interval it does not meet, 0 without */
} evh_trend_point;

/* Marks rounds between which the gap has changed beyond doubt. Intervals that are withheld meet
 * every other one.
 *   points  [count], in the order of rounds
 * Returns whether the last one has drifted.               Cost  O(count^2) */
bool evh_trend_mark(evh_trend_point *points, size_t count);

#endif
