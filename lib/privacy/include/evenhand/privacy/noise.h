/* SPDX-License-Identifier: Apache-2.0
 * privacy/noise.h: a vector of noise, drawn before any count is read and used exactly once.
 * Source   the samplers of privacy/sampler.h; bounding as in docs/reference/noise.md
 * Secret   exact counts and noise draws        Threads  one thread per rng and per vector
 * Memory   evh_noise_vector: locked and guarded (base/secret.h)
 * Tests    unit/privacy/test_noise.c, unit/privacy/test_distribution.c */
#ifndef EVH_PRIVACY_NOISE_H
#define EVH_PRIVACY_NOISE_H

#include <stddef.h>
#include <stdint.h>

#include "evenhand/base/limits.h"
#include "evenhand/base/rng.h"
#include "evenhand/base/status.h"
#include "evenhand/privacy/mechanism.h"

/* Draws one independent value per cell, in order.
 *   out    [n] secret; all zero on failure
 *   cells  [n] the noise of each cell; may mix kinds
 *   n      1..EVH_PLAN_CELLS_MAX
 *   rng    borrowed, read in blocks; bytes left over are wiped
 * Fails    ARG n out of range; RANGE a bad noise; RNG no entropy, or a generator that cannot be
 *          random (a run of coins whose probability is below 2^-1000)
 * Timing   depends on the draws, which are independent of every count     Cost  O(n) expected;
 *          Skellam in proportion to its variance */
EVH_MUST_USE evh_status evh_noise_draw(int64_t *out, const evh_noise *cells, size_t n,
                                       const evh_rng *rng);

/* Noise that has been drawn and not been used yet. */
typedef struct evh_noise_vector evh_noise_vector;

/* Draws a whole round's noise into locked memory; call it before the counts are read. Arguments and
 * failures as evh_noise_draw, and MEMORY; *out is then NULL. */
EVH_MUST_USE evh_status evh_noise_vector_new(evh_noise_vector **out, const evh_noise *cells,
                                             size_t n, const evh_rng *rng);

/* Wipes and frees; takes the address, accepts NULL, leaves NULL. */
void evh_noise_vector_free(evh_noise_vector **vector);

/* out[i] = clamp(min(counts[i], max - 2*offset) + noise[i] + offset, 0, max), and uses the noise
 * up: it is wiped, and a second use fails whatever became of the first. Nothing is ever drawn
 * again.
 *   out     [n] secret until it is sealed; may equal counts; all zero on failure
 *   counts  [n] exact counts, any value; secret
 *   n       as drawn
 *   offset  with 2*offset <= max
 *   max     1..2^EVH_PLAN_CELL_BITS_MAX - 1
 * Fails    ARG n, offset or max out of range (the noise is then still used up); PRIVACY used before
 * Timing   independent of counts and noise (ctime test)                   Cost  O(n) */
EVH_MUST_USE evh_status evh_noise_vector_add(evh_noise_vector *vector, uint64_t *out,
                                             const uint64_t *counts, size_t n, uint64_t offset,
                                             uint64_t max);

#endif
