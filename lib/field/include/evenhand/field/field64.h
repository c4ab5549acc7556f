/* SPDX-License-Identifier: Apache-2.0
 * field/field64.h: arithmetic modulo p = 2^64 - 2^32 + 1.
 * An element is the integer itself, 0..p-1, in memory and on the wire (little endian); the weight
 * form that field128.h needs is the same thing here. Every function takes and gives elements below
 * p, except where it says otherwise.
 * Source   draft-irtf-cfrg-vdaf-20 section 6.1; folding by 2^64 = 2^32 - 1 and 2^96 = -1 mod p
 * Secret   elements; no branch and no index depends on them (tests/ctime)
 * Threads  values, no state            Memory  allocates nothing
 * Tests    unit/field/test_field64.c */
#ifndef EVH_FIELD_FIELD64_H
#define EVH_FIELD_FIELD64_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "evenhand/base/secret.h"
#include "evenhand/base/status.h"
#include "evenhand/base/uint128.h"

typedef uint64_t evh_f64;

#define EVH_F64_MODULUS UINT64_C(0xffffffff00000001)
#define EVH_F64_GENERATOR UINT64_C(1753635133440165772) /* 7^(2^32 - 1), of order 2^32 */
enum { EVH_F64_LOG_ORDER = 32, EVH_F64_BYTES = 8 };

/* 2^64 - p: what a wrap at 2^64 is worth. */
#define EVH_F64_FOLD UINT64_C(0xffffffff)

static inline uint64_t evh_f64_mask(uint64_t bit) /* all ones if bit is 1 */
{
    return 0 - evh_opaque(bit);
}

static inline evh_f64 evh_f64_canonical(uint64_t a) /* any a */
{
    uint64_t reduced = 0;
    uint64_t below = __builtin_sub_overflow(a, EVH_F64_MODULUS, &reduced);
    return reduced + (EVH_F64_MODULUS & evh_f64_mask(below));
}

static inline evh_f64 evh_f64_add(evh_f64 a, evh_f64 b)
{
    uint64_t sum = 0;
    uint64_t rest = 0;
    uint64_t carry = __builtin_add_overflow(a, b, &sum);
    uint64_t below = __builtin_sub_overflow(sum, EVH_F64_MODULUS, &rest);
    return rest + (EVH_F64_MODULUS & evh_f64_mask(below & (carry ^ 1)));
}

static inline evh_f64 evh_f64_sub(evh_f64 a, evh_f64 b)
{
    uint64_t difference = 0;
    uint64_t borrow = __builtin_sub_overflow(a, b, &difference);
    return difference + (EVH_F64_MODULUS & evh_f64_mask(borrow));
}

static inline evh_f64 evh_f64_neg(evh_f64 a)
{
    return evh_f64_canonical(EVH_F64_MODULUS - a);
}

/* A 128-bit integer modulo p: low + (h0 + h1 2^32) 2^64 = low + h0 (2^32 - 1) - h1. */
static inline evh_f64 evh_f64_reduce(evh_u128 a)
{
    uint64_t high = (uint64_t)(a >> 64);
    uint64_t t = 0;
    uint64_t sum = 0;
    uint64_t borrow = __builtin_sub_overflow((uint64_t)a, high >> 32, &t);
    t -= EVH_F64_FOLD & evh_f64_mask(borrow); /* after a borrow t > 2^64 - 2^32: no second one */
    uint64_t carry = __builtin_add_overflow(t, (high & EVH_F64_FOLD) * EVH_F64_FOLD, &sum);
    sum += EVH_F64_FOLD & evh_f64_mask(carry); /* after a carry sum <= 2^64 - 2^33: no second one */
    return evh_f64_canonical(sum);
}

static inline evh_f64 evh_f64_mul(evh_f64 a, evh_f64 b)
{
    return evh_f64_reduce((evh_u128)a * b);
}

/* The integer a modulo p, for any a. */
static inline evh_f64 evh_f64_from_u128(evh_u128 a)
{
    return evh_f64_reduce(a);
}

static inline evh_u128 evh_f64_to_u128(evh_f64 a)
{
    return a;
}

/* Into and out of weight form; see field128.h. */
static inline evh_f64 evh_f64_to_weight(evh_f64 a)
{
    return a;
}

static inline evh_f64 evh_f64_from_weight(evh_f64 a)
{
    return a;
}

static inline evh_f64 evh_f64_weight_one(void)
{
    return 1;
}

/* All ones if a = b, else 0. */
static inline uint64_t evh_f64_equal_mask(evh_f64 a, evh_f64 b)
{
    uint64_t x = a ^ b;
    return ((x | (0 - x)) >> 63) - 1;
}

/* A sum of products that is reduced once at its end; at most 2^32 terms. */
typedef struct evh_f64_acc {
    evh_u128 sum;
    uint64_t over; /* wraps of sum at 2^128 */
} evh_f64_acc;

static inline void evh_f64_acc_mac(evh_f64_acc *acc, evh_f64 a, evh_f64 b)
{
    acc->over += __builtin_add_overflow(acc->sum, (evh_u128)a * b, &acc->sum);
}

/* The sum modulo p: 2^128 = -2^32. */
static inline evh_f64 evh_f64_acc_reduce(const evh_f64_acc *acc)
{
    return evh_f64_sub(evh_f64_reduce(acc->sum), acc->over << 32);
}

/* ---- vectors: contiguous, count elements each ---- */

/* target[i] += a[i], target[i] -= a[i]. No overlap. */
void evh_f64_vec_add(evh_f64 *target, const evh_f64 *a, size_t count);
void evh_f64_vec_sub(evh_f64 *target, const evh_f64 *a, size_t count);

/* True if all are below p; a may be any bytes. Time depends on count only. */
EVH_MUST_USE bool evh_f64_vec_canonical(const evh_f64 *a, size_t count);

/* Copies count encoded elements (8 bytes each, any alignment). False, and out all zero, if one is
 * not below p; whether it is becomes public. */
EVH_MUST_USE bool evh_f64_vec_decode(evh_f64 *out, const uint8_t *bytes, size_t count);

/* a^exponent of a weight, in time that depends on the exponent: public exponents only. */
evh_f64 evh_f64_weight_pow(evh_f64 a, evh_u128 exponent);

/* The inverse of a weight; 0 for 0. */
evh_f64 evh_f64_weight_inv(evh_f64 a);

/* Replaces count weights, none of them 0, by their inverses, with one inversion and 3 count
 * products.
 *   scratch  [count]; no overlap */
void evh_f64_vec_weight_inv(evh_f64 *a, evh_f64 *scratch, size_t count);

/* The principal 2^log-th root of unity as a weight; log at most EVH_F64_LOG_ORDER. */
evh_f64 evh_f64_root(unsigned log);

/* ---- transforms of n = 2^log elements ---- */

/* Fills the twiddles for evh_f64_ntt (inverse false) or evh_f64_intt (inverse true).
 *   table  [n] weights; entries h..2h-1 serve the layer of half-width h */
void evh_f64_ntt_table(evh_f64 *table, unsigned log, bool inverse);

/* Coefficients in bit-reversed order in, values at w^0, w^1, ... out; in place. */
void evh_f64_ntt(evh_f64 *a, const evh_f64 *table, unsigned log);

/* Values at w^0, w^1, ... in, n times the coefficients in bit-reversed order out; in place. */
void evh_f64_intt(evh_f64 *a, const evh_f64 *table, unsigned log);

#endif
