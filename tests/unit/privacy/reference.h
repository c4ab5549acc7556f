/* SPDX-License-Identifier: Apache-2.0
 * reference.h: probability masses of the noises from their definitions, in long double, by code
 * that shares nothing with the samplers or the accountant; and the tests of fit against them. */
#ifndef EVH_UNIT_PRIVACY_REFERENCE_H
#define EVH_UNIT_PRIVACY_REFERENCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "evenhand/privacy/mechanism.h"

/* The masses of low .. low + count - 1; what lies outside is below 1e-30. */
typedef struct reference_pmf {
    int64_t low;
    size_t count;
    long double *mass;
} reference_pmf;

reference_pmf reference_of(const evh_noise *noise);
reference_pmf reference_poisson(long double rate);
void reference_free(reference_pmf *pmf);

/* 0 outside of the table. */
long double reference_mass(const reference_pmf *pmf, int64_t x);

/* Every statistical check uses this bound on the chance of a false alarm; the checks of one run
 * number fewer than 100, so a run as a whole raises a false alarm with probability below 1e-6. The
 * seeds are fixed: a run that passed passes again. */
#define FALSE_ALARM 1e-8

/* The probability that a chi-square of `freedom` degrees exceeds x. */
double chi_square_tail(double x, double freedom);

/* Pearson's test with neighbouring values pooled to an expected count of at least 40; the
 * probability of a worse fit. */
double fit_probability(const int64_t *draws, size_t n, const reference_pmf *pmf);

/* The two-sided probability of a count at least this far from its mean n*p, by the normal
 * approximation with continuity correction. */
double binomial_probability(size_t successes, size_t n, double p);

#endif
