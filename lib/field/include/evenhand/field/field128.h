/* SPDX-License-Identifier: Apache-2.0
 * field/field128.h: arithmetic modulo p = 2^128 - 28 * 2^64 + 1.
 * An element is the integer itself, 0..p-1, in memory and on the wire (little endian). A factor
 * that is used often (a twiddle, a Lagrange weight) is kept in weight form, a * 2^128 mod p
 * (Montgomery's): the product of a weight and a plain element is plain, of two weights a weight, so
 * that plain data is never converted. Every function takes and gives values below p, except where
 * it says otherwise.
 * Source   draft-irtf-cfrg-vdaf-20 section 6.1; Montgomery, Modular multiplication without trial
 *          division, 1985, for p = 1 modulo 2^64
 * Secret   elements; no branch and no index depends on them (tests/ctime)
 * Threads  values, no state            Memory  allocates nothing
 * Tests    unit/field/test_field128.c */
#ifndef EVH_FIELD_FIELD128_H
#define EVH_FIELD_FIELD128_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "evenhand/base/secret.h"
#include "evenhand/base/status.h"
#include "evenhand/base/uint128.h"

typedef evh_u128 evh_f128;

#define EVH_U128(high, low) (((evh_u128)(high) << 64) | (low))
#define EVH_F128_MODULUS EVH_U128(UINT64_C(0xffffffffffffffe4), 1)
/* 7^(2^62 - 7), of order 2^66 */
#define EVH_F128_GENERATOR EVH_U128(UINT64_C(0x6d278fbf4f60228b), UINT64_C(0x1f9b2759c5109f06))
enum { EVH_F128_LOG_ORDER = 66, EVH_F128_BYTES = 16 };

/* 2^128 - p = 28 * 2^64 - 1: what a wrap at 2^128 is worth; the weight form of 1 as well. */
#define EVH_F128_FOLD EVH_U128(27, UINT64_MAX)

static inline evh_u128 evh_f128_modulus_if(uint64_t bit) /* p if bit is 1, else 0 */
{
    uint64_t chosen = evh_opaque(bit);
    return EVH_U128((0 - chosen) & (uint64_t)(EVH_F128_MODULUS >> 64), chosen);
}

static inline evh_f128 evh_f128_canonical(evh_u128 a) /* any a */
{
    evh_u128 reduced = 0;
    uint64_t below = __builtin_sub_overflow(a, EVH_F128_MODULUS, &reduced);
    return reduced + evh_f128_modulus_if(below);
}

static inline evh_f128 evh_f128_add(evh_f128 a, evh_f128 b)
{
    evh_u128 sum = 0;
    evh_u128 rest = 0;
    uint64_t carry = __builtin_add_overflow(a, b, &sum);
    uint64_t below = __builtin_sub_overflow(sum, EVH_F128_MODULUS, &rest);
    return rest + evh_f128_modulus_if(below & (carry ^ 1));
}

static inline evh_f128 evh_f128_sub(evh_f128 a, evh_f128 b)
{
    evh_u128 difference = 0;
    uint64_t borrow = __builtin_sub_overflow(a, b, &difference);
    return difference + evh_f128_modulus_if(borrow);
}

static inline evh_f128 evh_f128_neg(evh_f128 a)
{
    return evh_f128_canonical(EVH_F128_MODULUS - a);
}

/* (low + 2^128 high) / 2^128 modulo p, for low + 2^128 high < 2^128 p.
 * With q = low / p modulo 2^128 the low halves of low and q p agree, so the result is high minus
 * the high half of q p, which lies in (-p, p). As p = 1 - 28 * 2^64 modulo 2^128, q is
 * (z0, z1 + 28 z0), and q p = q 2^128 - 28 q 2^64 + q gives the rest. */
static inline evh_f128 evh_f128_redc(evh_u128 low, evh_u128 high)
{
    uint64_t z0 = (uint64_t)low;
    evh_u128 digit = (evh_u128)28 * z0 + (uint64_t)(low >> 64);
    evh_u128 small = (evh_u128)28 * (uint64_t)digit + (uint64_t)(digit >> 64);
    evh_u128 q = EVH_U128((uint64_t)digit, z0);
    evh_u128 sum = 0;
    evh_u128 rest = 0;
    uint64_t carry = __builtin_add_overflow(high, small, &sum);
    uint64_t borrow = __builtin_sub_overflow(sum, q, &rest);
    return rest + evh_f128_modulus_if(borrow & (carry ^ 1));
}

/* a b / 2^128: weight times plain is plain, weight times weight is a weight. */
static inline evh_f128 evh_f128_mul(evh_f128 a, evh_f128 b)
{
    uint64_t a0 = (uint64_t)a;
    uint64_t a1 = (uint64_t)(a >> 64);
    uint64_t b0 = (uint64_t)b;
    uint64_t b1 = (uint64_t)(b >> 64);
    evh_u128 p00 = (evh_u128)a0 * b0;
    evh_u128 p01 = (evh_u128)a0 * b1 + (uint64_t)(p00 >> 64);
    evh_u128 p10 = (evh_u128)a1 * b0 + (uint64_t)p01;
    evh_u128 p11 = (evh_u128)a1 * b1 + (uint64_t)(p01 >> 64) + (uint64_t)(p10 >> 64);
    return evh_f128_redc(EVH_U128((uint64_t)p10, (uint64_t)p00), p11);
}

/* The integer a modulo p, for any a. */
static inline evh_f128 evh_f128_from_u128(evh_u128 a)
{
    return evh_f128_canonical(a);
}

static inline evh_u128 evh_f128_to_u128(evh_f128 a)
{
    return a;
}

/* 2^256 modulo p, the weight form of 2^128: (28 * 2^64 - 1)^2 folded. */
#define EVH_F128_RADIX_SQUARED EVH_U128(0x5587, UINT64_C(0xfffffffffffffcf1))

static inline evh_f128 evh_f128_to_weight(evh_f128 a)
{
    return evh_f128_mul(a, EVH_F128_RADIX_SQUARED);
}

static inline evh_f128 evh_f128_from_weight(evh_f128 a)
{
    return evh_f128_redc(a, 0);
}

static inline evh_f128 evh_f128_weight_one(void)
{
    return EVH_F128_FOLD;
}

/* All ones if a = b, else 0. */
static inline uint64_t evh_f128_equal_mask(evh_f128 a, evh_f128 b)
{
    evh_u128 x = a ^ b;
    uint64_t any = (uint64_t)x | (uint64_t)(x >> 64);
    return ((any | (0 - any)) >> 63) - 1;
}

/* A sum of products that is reduced once at its end, by columns; at most 2^32 terms. */
typedef struct evh_f128_acc {
    evh_u128 low;      /* times 1 */
    evh_u128 middle;   /* times 2^64 */
    evh_u128 high;     /* times 2^128 */
    uint64_t low_over; /* wraps of each at 2^128 */
    uint64_t middle_over;
    uint64_t high_over;
} evh_f128_acc;

static inline void evh_f128_acc_mac(evh_f128_acc *acc, evh_f128 a, evh_f128 b)
{
    uint64_t a0 = (uint64_t)a;
    uint64_t a1 = (uint64_t)(a >> 64);
    uint64_t b0 = (uint64_t)b;
    uint64_t b1 = (uint64_t)(b >> 64);
    acc->low_over += __builtin_add_overflow(acc->low, (evh_u128)a0 * b0, &acc->low);
    acc->middle_over += __builtin_add_overflow(acc->middle, (evh_u128)a0 * b1, &acc->middle);
    acc->middle_over += __builtin_add_overflow(acc->middle, (evh_u128)a1 * b0, &acc->middle);
    acc->high_over += __builtin_add_overflow(acc->high, (evh_u128)a1 * b1, &acc->high);
}

/* The sum divided by 2^128 modulo p, like evh_f128_mul. */
evh_f128 evh_f128_acc_reduce(const evh_f128_acc *acc);

/* ---- vectors: contiguous, count elements each ---- */

/* target[i] += a[i], target[i] -= a[i]. No overlap. */
void evh_f128_vec_add(evh_f128 *target, const evh_f128 *a, size_t count);
void evh_f128_vec_sub(evh_f128 *target, const evh_f128 *a, size_t count);

/* True if all are below p; a may be any bytes. Time depends on count only. */
EVH_MUST_USE bool evh_f128_vec_canonical(const evh_f128 *a, size_t count);

/* Copies count encoded elements (16 bytes each, any alignment). False, and out all zero, if one is
 * not below p; whether it is becomes public. */
EVH_MUST_USE bool evh_f128_vec_decode(evh_f128 *out, const uint8_t *bytes, size_t count);

/* a^exponent of a weight, in time that depends on the exponent: public exponents only. */
evh_f128 evh_f128_weight_pow(evh_f128 a, evh_u128 exponent);

/* The inverse of a weight; 0 for 0. */
evh_f128 evh_f128_weight_inv(evh_f128 a);

/* Replaces count weights, none of them 0, by their inverses, with one inversion and 3 count
 * products.
 *   scratch  [count]; no overlap */
void evh_f128_vec_weight_inv(evh_f128 *a, evh_f128 *scratch, size_t count);

/* The principal 2^log-th root of unity as a weight; log at most EVH_F128_LOG_ORDER. */
evh_f128 evh_f128_root(unsigned log);

/* ---- transforms of n = 2^log elements ---- */

/* Fills the twiddles for evh_f128_ntt (inverse false) or evh_f128_intt (inverse true).
 *   table  [n] weights; entries h..2h-1 serve the layer of half-width h */
void evh_f128_ntt_table(evh_f128 *table, unsigned log, bool inverse);

/* Coefficients in bit-reversed order in, values at w^0, w^1, ... out; in place. */
void evh_f128_ntt(evh_f128 *a, const evh_f128 *table, unsigned log);

/* Values at w^0, w^1, ... in, n times the coefficients in bit-reversed order out; in place. */
void evh_f128_intt(evh_f128 *a, const evh_f128 *table, unsigned log);

#endif
