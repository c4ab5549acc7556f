/* SPDX-License-Identifier: Apache-2.0
 * privacy/sampler.h: exact integer samplers over a source of fair bits; no floating point.
 * Source   Canonne, Kamath, Steinke 2020 algorithms 1-3; von Neumann 1951; the Poisson sampler is
 *          a rejection sampler whose proof stands beside its code
 * Secret   every bit and every draw            Threads  one thread per source
 * Memory   allocates nothing                   Tests    unit/privacy/test_sampler.c (enumeration),
 *          test_distribution.c (chi-square), no_float (object code)
 *
 * A coin costs a few nanoseconds and a status is 128 bytes, so a sampler answers true, or false
 * once its source has failed; evh_bits_status then says why. *out is 0 on failure. */
#ifndef EVH_PRIVACY_SAMPLER_H
#define EVH_PRIVACY_SAMPLER_H

#include <stddef.h>
#include <stdint.h>

#include "evenhand/base/rng.h"
#include "evenhand/base/status.h"
#include "evenhand/base/uint128.h"
#include "evenhand/privacy/mechanism.h"

enum { EVH_BITS_BLOCK_BYTES = 512 };

/* Fair bits, drawn from a generator in blocks. Bits leave each byte lowest first. */
typedef struct evh_bits {
    const evh_rng *rng; /* borrowed */
    size_t block_bytes; /* asked for at a time */
    size_t used;        /* bytes of the block already moved into word */
    uint64_t word;      /* the next bits */
    unsigned left;      /* bits left in word */
    bool failed;        /* for good */
    evh_status status;  /* why, once failed */
    uint8_t block[EVH_BITS_BLOCK_BYTES];
} evh_bits;

/* Draws nothing yet. block_bytes 1..EVH_BITS_BLOCK_BYTES (anything else becomes the largest). */
void evh_bits_init(evh_bits *bits, const evh_rng *rng, size_t block_bytes);

/* Wipes everything that was drawn. The source is then failed until it is initialised again. */
void evh_bits_clear(evh_bits *bits);

/* OK, or why the source failed. */
EVH_MUST_USE evh_status evh_bits_status(const evh_bits *bits);

/* count fair bits as a number. count 0..64 */
EVH_MUST_USE bool evh_bits_take(evh_bits *bits, unsigned count, uint64_t *out);

/* Uniform on 0..bound-1. bound >= 1 */
EVH_MUST_USE bool evh_sample_uniform(evh_bits *bits, uint64_t bound, uint64_t *out);

/* True with probability p/q. 0 <= p <= q, 1 <= q < 2^127 */
EVH_MUST_USE bool evh_sample_bernoulli(evh_bits *bits, evh_u128 p, evh_u128 q, bool *out);

/* True with probability exp(-p/q). 1 <= q < 2^114, any p */
EVH_MUST_USE bool evh_sample_bernoulli_exp(evh_bits *bits, evh_u128 p, evh_u128 q, bool *out);

/* Poisson of the given rate. rate <= EVH_NOISE_SKELLAM_VARIANCE_MAX */
EVH_MUST_USE bool evh_sample_poisson(evh_bits *bits, evh_rational rate, uint64_t *out);

/* The three noises; the parameter as in evh_noise, which has passed evh_noise_check. */
EVH_MUST_USE bool evh_sample_discrete_laplace(evh_bits *bits, evh_rational scale, int64_t *out);
EVH_MUST_USE bool evh_sample_discrete_gaussian(evh_bits *bits, evh_rational sigma_squared,
                                               int64_t *out);
EVH_MUST_USE bool evh_sample_skellam(evh_bits *bits, evh_rational variance, int64_t *out);

#endif
