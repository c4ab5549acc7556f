/* SPDX-License-Identifier: Apache-2.0
 * base/sizes.h: checked arithmetic for lengths and counts, and allocation by (count, size).
 * Tests    unit/base/test_sizes.c */
#ifndef EVH_BASE_SIZES_H
#define EVH_BASE_SIZES_H

#include <stddef.h>
#include <stdint.h>

#include "evenhand/base/status.h"

/* Each writes the exact result and returns true, or returns false when it does not fit (then *out
 * is unspecified). Public operands only: the branch depends on them. */
static inline EVH_MUST_USE bool evh_size_add(size_t a, size_t b, size_t *out)
{
    return !__builtin_add_overflow(a, b, out);
}

static inline EVH_MUST_USE bool evh_size_mul(size_t a, size_t b, size_t *out)
{
    return !__builtin_mul_overflow(a, b, out);
}

static inline EVH_MUST_USE bool evh_u64_mul(uint64_t a, uint64_t b, uint64_t *out)
{
    return !__builtin_mul_overflow(a, b, out);
}

static inline EVH_MUST_USE bool evh_i64_add(int64_t a, int64_t b, int64_t *out)
{
    return !__builtin_add_overflow(a, b, out);
}

static inline EVH_MUST_USE bool evh_i64_sub(int64_t a, int64_t b, int64_t *out)
{
    return !__builtin_sub_overflow(a, b, out);
}

static inline EVH_MUST_USE bool evh_i64_mul(int64_t a, int64_t b, int64_t *out)
{
    return !__builtin_mul_overflow(a, b, out);
}

/* Number of bits needed to write value; 0 for 0. */
static inline unsigned evh_bit_length(uint64_t value)
{
    return value == 0 ? 0U : 64U - (unsigned)__builtin_clzll(value);
}

/* Allocates count elements of size bytes, all zero. count 0 gives a valid pointer to free.
 *   what  names the memory in the text
 * Fails MEMORY on overflow or without memory; *out is then NULL. Free with free(). */
EVH_MUST_USE evh_status evh_alloc(void *out, size_t count, size_t size, const char *what);

/* Grows an array of public data to hold at least `needed` elements, doubling its capacity.
 *   array     address of the element pointer (NULL when empty)
 *   capacity  in and out, elements
 * Fails MEMORY; the array is then unchanged. New elements are zero. Not for secrets: old storage is
 * not wiped. */
EVH_MUST_USE evh_status evh_array_reserve(void *array, size_t *capacity, size_t needed, size_t size,
                                          const char *what);

#endif
