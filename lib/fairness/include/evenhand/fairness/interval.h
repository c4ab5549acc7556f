/* SPDX-License-Identifier: Apache-2.0
 * fairness/interval.h: what is known about one rate, or one disparity: estimate, intervals, and how
 * much of their width is sampling and how much privacy noise.
 * Source   docs/reference/metrics.md, "Intervals"; docs/developer/coverage.md shows their coverage
 * Threads  any          Memory   values; nothing is allocated
 * Tests    unit/fairness/test_evaluation.c, bench/coverage */
#ifndef EVH_FAIRNESS_INTERVAL_H
#define EVH_FAIRNESS_INTERVAL_H

#include "evenhand/fairness/estimate.h"

/* Why a number is not there. */
typedef enum evh_withheld {
    EVH_SHOWN,
    EVH_WITHHELD_UNDEFINED,  /* nothing was counted that the rate could be of: 0/0 */
    EVH_WITHHELD_UNCLEAR,    /* the denominator is not clearly positive: it may be all noise */
    EVH_WITHHELD_IMPOSSIBLE, /* noise has led so far astray that no possible value agrees */
    EVH_WITHHELD_NOT_ASKED   /* simultaneous intervals are for what questions compare */
} evh_withheld;

/* "shown", "undefined", "unclear_denominator", "impossible", "not_asked". */
const char *evh_withheld_name(evh_withheld withheld);

/* low <= high. The ends of a ratio may be 0 and INFINITY (null in JSON): open to that side. */
typedef struct evh_interval {
    evh_withheld withheld; /* all else is 0 unless EVH_SHOWN */
    double low;
    double high;
    double sampling_low;  /* how far sampling alone would reach: between low and the estimate; */
    double sampling_high; /* what lies outside of it is there because of privacy noise */
} evh_interval;

/* A rate of one group, or a disparity. */
typedef struct evh_finding {
    evh_withheld withheld;     /* of the estimate and both intervals */
    evh_estimate estimate;     /* cut to what is possible: a share lies in 0..1; undefined for a
                                * ratio to a reference that is not above 0 */
    double raw;                /* from the released sums, not cut: without bias */
    double sampling_sd;        /* standard errors near the estimate; 0 when withheld */
    double privacy_sd;         /* exactly 0 without noise */
    evh_interval pointwise;    /* at the plan's confidence, for this number alone */
    evh_interval simultaneous; /* for all that the plan's questions compare, together */
    double pointwise_ends[2];  /* ends before they are cut, from which disparities are made */
    double simultaneous_ends[2];
} evh_finding;

#endif
