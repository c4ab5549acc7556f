/* SPDX-License-Identifier: Apache-2.0
 * base/rng.h: randomness as a handle.
 * Libraries never reach for entropy: they are handed an evh_rng. Programs hand out the operating
 * system's; tests hand out a seeded one that exists in tests/support only.
 * Secret   every byte          Threads  evh_rng_os: any; others: one thread per handle
 * Memory   allocates nothing   Tests    unit/base/test_rng.c */
#ifndef EVH_BASE_RNG_H
#define EVH_BASE_RNG_H

#include <stddef.h>
#include <stdint.h>

#include "evenhand/base/status.h"

typedef struct evh_rng {
    /* Fills out[len] or fails RNG; a failure is final for the operation that asked. */
    evh_status (*fill)(void *context, uint8_t *out, size_t len);
    void *context;
} evh_rng;

/* The operating system's generator (getrandom through libsodium): no user seed, no fallback. */
evh_rng evh_rng_os(void);

/* Fills out[len]. Fails RNG; out is then all zero. */
EVH_MUST_USE evh_status evh_rng_fill(const evh_rng *rng, uint8_t *out, size_t len);

#endif
