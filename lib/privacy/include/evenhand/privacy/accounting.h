/* SPDX-License-Identifier: Apache-2.0
 * privacy/accounting.h: the accountant `basic-1`: sound closed-form upper bounds on epsilon.
 * Sums of pure epsilons, kept exact; and Renyi divergences of the product of all cells and rounds,
 * converted to (epsilon, delta); whichever is smaller. Every rounding goes up.
 * Source   docs/reference/noise.md lists the formulas: Canonne, Kamath, Steinke 2020; Mironov 2017;
 *          Agarwal, Kairouz, Liu 2021
 * Secret   nothing                             Threads  values, no shared state
 * Memory   allocates nothing                   Tests    unit/privacy/test_accounting.c */
#ifndef EVH_PRIVACY_ACCOUNTING_H
#define EVH_PRIVACY_ACCOUNTING_H

#include <stddef.h>
#include <stdint.h>

#include "evenhand/base/status.h"
#include "evenhand/privacy/mechanism.h"
#include "evenhand/privacy/shift.h"

/* The name of this accountant in population files. */
#define EVH_ACCOUNTANT_BASIC_1 "basic-1"

/* An exact number num/den >= 0, den >= 1: what a decimal in a plan or population means. */
typedef struct evh_fraction {
    uint64_t num;
    uint64_t den;
} evh_fraction;

/* (epsilon, delta). delta < 1. */
typedef struct evh_budget {
    evh_fraction epsilon;
    evh_fraction delta;
} evh_budget;

/* `rounds` executions of one measurement. All borrowed. */
typedef struct evh_charge {
    const evh_noise *classes; /* [class_count] the noise of each class */
    size_t class_count;
    const evh_shift *shifts; /* [shift_count] admissible; epsilon is the maximum over them */
    size_t shift_count;
    uint32_t rounds;             /* >= 1 */
    uint32_t customers_per_unit; /* >= 1; at how many customers one unit may appear */
    /* 0: every customer's vector is seen by itself (placement local; or one distributed share
     *    alone). customers_per_unit vectors of a unit compose.
     * H >= 1: only sums that hold at least H honest shares are seen (placement distributed, Skellam
     *    only). The variance is H times that of the class, every shift grows by customers_per_unit.
     */
    uint32_t honest_shares;
    /* The probability that any honest share of one round is clamped is at most 2^-clamp_bits, which
     * is charged to delta. 0 when honest_shares is 0 (a clamp of one vector is post-processing),
     * else >= 1. */
    uint32_t clamp_bits;
} evh_charge;

/* An upper bound on the epsilon of all charges together at this delta. INFINITY when there is none:
 * a shift reaches a cell without noise, or delta is 0 (or eaten up by clamping) and a noise has no
 * pure epsilon.
 * Fails    ARG no charge, a zero rounds, den or customers_per_unit, delta >= 1, clamp_bits
 *          that does not fit honest_shares, or honest_shares without Skellam; RANGE a bad noise or
 * shift. *epsilon is then INFINITY. Cost     O(terms) per Renyi order, some hundreds of orders */
EVH_MUST_USE evh_status evh_privacy_epsilon(double *epsilon, const evh_charge *charges,
                                            size_t count, evh_fraction delta);

/* Whether all charges together stay within the budget. Pure sums are compared exactly: scale 10 and
 * shift 1 meet epsilon "0.1".
 * Fails    as evh_privacy_epsilon; *within is then false. */
EVH_MUST_USE evh_status evh_privacy_within(bool *within, const evh_charge *charges, size_t count,
                                           const evh_budget *budget);

/* The largest number of rounds of `charge` (whose own `rounds` is not read) that this accountant
 * can show to fit beside the charges already `spent`; 0 when not even one; at most 2^20. spent
 * [spent_count], may be NULL when spent_count is 0 Fails    as evh_privacy_epsilon; *rounds is then
 * 0. */
EVH_MUST_USE evh_status evh_privacy_rounds_within(uint32_t *rounds, const evh_charge *charge,
                                                  const evh_charge *spent, size_t spent_count,
                                                  const evh_budget *budget);

/* The doubles next to a fraction: the largest not above it, the smallest not below it. */
double evh_fraction_down(evh_fraction fraction);
double evh_fraction_up(evh_fraction fraction);

#endif
