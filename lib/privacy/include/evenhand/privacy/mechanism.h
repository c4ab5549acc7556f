/* SPDX-License-Identifier: Apache-2.0
 * privacy/mechanism.h: which integer noise a cell gets, and the public facts about it.
 * Source   Canonne, Kamath, Steinke 2020 (discrete Gaussian); Agarwal, Kairouz, Liu 2021 (Skellam)
 * Secret   nothing: parameters are public      Threads  values, no shared state
 * Memory   allocates nothing                   Tests    unit/privacy/test_mechanism.c */
#ifndef EVH_PRIVACY_MECHANISM_H
#define EVH_PRIVACY_MECHANISM_H

#include <stdint.h>

#include "evenhand/base/bytes.h"
#include "evenhand/base/status.h"

/* num/den, both 1..2^32-1; need not be in lowest terms. */
typedef struct evh_rational {
    uint32_t num;
    uint32_t den;
} evh_rational;

typedef enum evh_noise_kind {
    EVH_NOISE_NONE = 0, /* no noise: for --insecure-no-noise only; the parameter is not read */
    EVH_NOISE_DISCRETE_LAPLACE,
    EVH_NOISE_DISCRETE_GAUSSIAN,
    EVH_NOISE_SKELLAM
} evh_noise_kind;

enum {
    EVH_NOISE_KIND_COUNT = EVH_NOISE_SKELLAM + 1,
    EVH_NOISE_SKELLAM_VARIANCE_MAX = 1 << 24 /* a draw costs time in proportion to the variance */
};

/* The noise of one cell of one customer.
 *   discrete Laplace   parameter = scale b:       P(x) proportional to exp(-|x|/b)
 *   discrete Gaussian  parameter = sigma squared: P(x) proportional to exp(-x^2/(2 sigma^2))
 *   Skellam            parameter = variance v of this customer's share: difference of two
 *                      independent Poisson(v/2), so that H shares are Skellam of variance H*v */
typedef struct evh_noise {
    evh_noise_kind kind;
    evh_rational parameter;
} evh_noise;

/* Fails RANGE for an unknown kind, a zero num or den, or a Skellam variance over the limit. */
EVH_MUST_USE evh_status evh_noise_check(const evh_noise *noise);

/* The name used in plans: "none", "discrete-laplace", "discrete-gaussian", "skellam"; an unknown
 * kind gives "unknown". */
const char *evh_noise_kind_name(evh_noise_kind kind);

/* An upper bound on the variance, rounded up; for Laplace the exact one up to that rounding, for
 * the Gaussian sigma^2 (the true one is smaller: CKS20). NONE gives 0.
 * The noise has passed evh_noise_check. */
double evh_noise_variance(const evh_noise *noise);

/* An upper bound on log2 P(|noise| > t), rounded up; -INFINITY for NONE. Laplace is exact up to
 * rounding, Gaussian uses its sub-Gaussian tail, Skellam Chernoff's bound.
 * The noise has passed evh_noise_check. */
double evh_noise_tail_log2(const evh_noise *noise, uint64_t t);

/* The smallest t for which evh_noise_tail_log2 shows P(|noise| > t) <= 2^-bits.
 *   bits  1..512
 * Fails ARG bits out of range; RANGE bad noise, or no t <= 2^53. *t is then 0. */
EVH_MUST_USE evh_status evh_noise_tail_bound(uint64_t *t, const evh_noise *noise, unsigned bits);

#endif
