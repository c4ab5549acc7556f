/* SPDX-License-Identifier: Apache-2.0
 * base/secret.h: memory that holds secrets, and the boundary between secret and public.
 * Source   libsodium guarded memory; marking secrets undefined follows ctgrind (Langley, 2010)
 * Memory   evh_secret_new: locked, guarded, not in core dumps      Tests  unit/base/test_secret.c,
 *          ctime/ (valgrind) */
#ifndef EVH_BASE_SECRET_H
#define EVH_BASE_SECRET_H

#include <stddef.h>
#include <stdint.h>

#include "evenhand/base/status.h"

/* A 32-byte seed or symmetric key. One member, so that it fits no view without a visible step. */
typedef struct evh_seed32 {
    uint8_t bytes[32];
} evh_seed32;

/* Prepares guarded memory and the entropy source. Programs call it first, to fail early; whatever
 * needs it calls it too, and further calls do nothing. Fails RNG. */
EVH_MUST_USE evh_status evh_base_start(void);

/* Forbids core dumps of this process: memory may hold secrets. Called by every program's main.
 * Fails STORE. */
EVH_MUST_USE evh_status evh_forbid_core_dumps(void);

/* Overwrites len bytes with zeros in a way that no optimiser removes. memory may be NULL if len is
 * 0. */
void evh_wipe(void *memory, size_t len);

/* Zeroed, locked, guarded memory for count elements. Fails MEMORY; *out is then NULL. */
EVH_MUST_USE evh_status evh_secret_new(void *out, size_t count, size_t size);

/* Wipes and frees what evh_secret_new gave; takes the address, accepts NULL, leaves NULL. */
void evh_secret_free(void *address_of_pointer);

/* True when the len bytes are equal; time depends on len only. */
EVH_MUST_USE bool evh_equal_ct(const void *a, const void *b, size_t len);

/* The same word, but the optimiser no longer knows anything about it: a mask made of it stays a
 * mask and does not come back as a branch. For the conditions of constant-time selections. */
static inline uint64_t evh_opaque(uint64_t word)
{
    __asm__("" : "+r"(word));
    return word;
}

/* Names a value that becomes public here and says why. Without EVH_CTIME it does nothing; under the
 * valgrind check it marks the bytes defined. */
void evh_declassify(const void *memory, size_t len, const char *reason);

/* Marks bytes secret for the valgrind check; without EVH_CTIME it does nothing. */
void evh_mark_secret(const void *memory, size_t len);

#endif
