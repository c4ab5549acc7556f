/* SPDX-License-Identifier: Apache-2.0
 * privacy/calibrate.h: proposes the noise parameters that meet a budget at the least cost.
 * Source   docs/reference/noise.md: Lagrange conditions for the split over classes, bisection of
 * the scale on the accountant itself, so what is returned has been verified as it stands Secret
 * nothing                             Memory   a few arrays, freed before it returns Tests
 * unit/privacy/test_calibrate.c */
#ifndef EVH_PRIVACY_CALIBRATE_H
#define EVH_PRIVACY_CALIBRATE_H

#include <stddef.h>
#include <stdint.h>

#include "evenhand/base/status.h"
#include "evenhand/privacy/accounting.h"

typedef struct evh_calibration {
    evh_noise_kind kind;   /* of all classes; not NONE */
    const double *weights; /* [class_count] >= 0: the objective is sum of weight * variance. A
                            * weight below a millionth of the largest counts as that */
    size_t class_count;
    const evh_shift *shifts; /* [shift_count] */
    size_t shift_count;
    uint32_t rounds;             /* that together must meet the budget */
    uint32_t customers_per_unit; /* as in evh_charge */
    uint32_t honest_shares;
    uint32_t clamp_bits;
    evh_budget budget;
} evh_calibration;

/* Finds parameters with evh_privacy_within true for the returned rationals.
 *   classes  [class_count] out; kind and parameter of each class; kind NONE on failure
 * The parameters are simple fractions within one part in 10^5 of the scale found. Optimal for one
 * shift up to that and to the bound used; for several shifts within about a percent.
 * Fails    ARG bad arguments (as evh_privacy_epsilon), weights negative, NaN or all 0, a class that
 *          no shift moves; PRIVACY no parameter in range meets the budget; MEMORY */
EVH_MUST_USE evh_status evh_calibrate(evh_noise *classes, const evh_calibration *problem);

#endif
