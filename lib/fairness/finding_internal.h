/* SPDX-License-Identifier: Apache-2.0
 * fairness/finding_internal.h: findings from quotients, and from two findings.
 * Source   docs/reference/metrics.md, "Intervals" */
#ifndef EVH_FAIRNESS_FINDING_INTERNAL_H
#define EVH_FAIRNESS_FINDING_INTERNAL_H

#include "evenhand/fairness/interval.h"
#include "quotient_internal.h"

/* Two-sided standard normal quantiles. */
typedef struct evh_quantiles {
    double pointwise;
    double simultaneous; /* 0: not asked */
} evh_quantiles;

/* A rate. */
evh_finding evh_finding_of(const evh_quotient *quotient, const evh_quantiles *z);

/* One end of an interval to another, with ends before they are cut. [2] low, high */
typedef struct evh_limits {
    double estimate;
    double ends[2];
    double sampling_sd;
    double privacy_sd;
    bool held; /* ends are there */
} evh_limits;

/* What the ends and errors of a finding are, at the pointwise or the simultaneous quantile. */
evh_limits evh_limits_pointwise(const evh_finding *finding);
evh_limits evh_limits_simultaneous(const evh_finding *finding);

/* group - reference of independent estimates (Zou and Donner 2008: the variance of each, as its own
 * interval shows it on the side in question). */
evh_limits evh_limits_difference(const evh_limits *group, const evh_limits *reference);

/* group / reference (Donner and Zou 2012): the values r for which group - r * reference may be 0.
 * ends[1] is INFINITY where the reference may be 0; not held where every ratio may be, or none. */
evh_limits evh_limits_ratio(const evh_limits *group, const evh_limits *reference);

/* The interval that is shown of limits, cut to what is possible. */
evh_interval evh_interval_of(const evh_limits *limits, double lowest, double highest,
                             evh_withheld otherwise);

/* A disparity of two findings, both simultaneous when both are.
 *   of_ratio  ratio rather than difference
 *   range     highest - lowest possible rate, INFINITY when unbounded */
evh_finding evh_finding_difference(const evh_finding *group, const evh_finding *reference,
                                   double range);
evh_finding evh_finding_ratio(const evh_finding *group, const evh_finding *reference);

evh_finding evh_finding_withheld(evh_withheld why);

#endif
