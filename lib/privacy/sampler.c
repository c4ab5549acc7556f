/* SPDX-License-Identifier: Apache-2.0 */
#include "evenhand/privacy/sampler.h"

#include "bits_internal.h"
#include "evenhand/base/sizes.h"

bool evh_sample_uniform(evh_bits *bits, uint64_t bound, uint64_t *out)
{
    *out = 0;
    unsigned width = evh_bit_length(bound - 1);
    for (unsigned round = 0; round < EVH_SAMPLER_ROUNDS_MAX; round++) {
        uint64_t draw = 0;
        if (!evh_bits_take(bits, width, &draw))
            return false;
        if (draw < bound) {
            *out = draw;
            return true;
        }
    }
    return evh_bits_give_up(bits);
}

/* Compares a uniform real U, made bit by bit, with the binary digits of p/q, made by long division:
 * the first place where they differ decides U < p/q. Exact for every fraction, two bits expected.
 * Once the remainder is 0 all further digits are 0 and U < p/q cannot come true any more. */
static bool coin64(evh_bits *bits, uint64_t p, uint64_t q, bool *out)
{
    *out = p >= q;
    if (p >= q || p == 0)
        return !bits->failed;
    for (unsigned round = 0; round < EVH_SAMPLER_ROUNDS_MAX && p != 0; round++) {
        p <<= 1;
        bool digit = p >= q;
        p -= digit ? q : 0;
        bool bit = false;
        if (!evh_bits_next(bits, &bit))
            return false;
        if (bit != digit) {
            *out = digit;
            return true;
        }
    }
    return p == 0 || evh_bits_give_up(bits);
}

/* As coin64 for p, q < 2^127, so that the doubled remainder still fits. */
static bool coin128(evh_bits *bits, evh_u128 p, evh_u128 q, bool *out)
{
    *out = p >= q;
    if (p >= q || p == 0)
        return !bits->failed;
    for (unsigned round = 0; round < EVH_SAMPLER_ROUNDS_MAX && p != 0; round++) {
        p <<= 1;
        bool digit = p >= q;
        p -= digit ? q : 0;
        bool bit = false;
        if (!evh_bits_next(bits, &bit))
            return false;
        if (bit != digit) {
            *out = digit;
            return true;
        }
    }
    return p == 0 || evh_bits_give_up(bits);
}

bool evh_sample_bernoulli(evh_bits *bits, evh_u128 p, evh_u128 q, bool *out)
{
    return (q >> 63) == 0 ? coin64(bits, (uint64_t)p, (uint64_t)q, out) : coin128(bits, p, q, out);
}

/* CKS20 algorithm 1 for g = p/q <= 1: the number of heads before the first tail, with coins g/1,
 * g/2, g/3 ..., is at least k with probability g^k/k!; it is even with probability exp(-g). */
static bool exp_fraction(evh_bits *bits, evh_u128 p, evh_u128 q, bool *out)
{
    *out = false;
    for (unsigned k = 1; k <= EVH_SAMPLER_ROUNDS_MAX; k++) {
        bool heads = false;
        if (!evh_sample_bernoulli(bits, p, q * k, &heads))
            return false;
        if (!heads) {
            *out = k % 2 == 1;
            return true;
        }
    }
    return evh_bits_give_up(bits);
}

bool evh_sample_bernoulli_exp(evh_bits *bits, evh_u128 p, evh_u128 q, bool *out)
{
    *out = false;
    evh_u128 whole = p / q;
    for (unsigned round = 0; whole > 0; round++, whole--) {
        if (round == EVH_SAMPLER_ROUNDS_MAX)
            return evh_bits_give_up(bits);
        bool heads = false;
        if (!exp_fraction(bits, 1, 1, &heads))
            return false;
        if (!heads)
            return true;
    }
    return exp_fraction(bits, p % q, q, out);
}

/* The number of successes of exp(-1) coins before the first failure. */
static bool geometric_exp1(evh_bits *bits, uint64_t *out)
{
    for (uint64_t count = 0; count < EVH_SAMPLER_ROUNDS_MAX; count++) {
        bool heads = false;
        if (!exp_fraction(bits, 1, 1, &heads))
            return false;
        if (!heads) {
            *out = count;
            return true;
        }
    }
    return evh_bits_give_up(bits);
}

/* CKS20 algorithm 2 with scale t/s. U + tV has P(x) proportional to exp(-x/t): U is uniform below t
 * and kept with probability exp(-U/t), V is geometric with ratio exp(-1). Dividing by s and
 * rounding down gives ratio exp(-s/t) per step. A sign doubles every value but 0, so (negative, 0)
 * is rejected, or 0 would come twice as often as it should. U + tV < 2^32 * 2^12: the magnitude
 * stays below 2^44. */
bool evh_sample_discrete_laplace(evh_bits *bits, evh_rational scale, int64_t *out)
{
    *out = 0;
    uint64_t t = scale.num;
    uint64_t s = scale.den;
    for (unsigned round = 0; round < EVH_SAMPLER_ROUNDS_MAX; round++) {
        uint64_t u = 0;
        bool accept = false;
        if (!evh_sample_uniform(bits, t, &u) || !exp_fraction(bits, u, t, &accept))
            return false;
        if (!accept)
            continue;
        uint64_t v = 0;
        bool negative = false;
        if (!geometric_exp1(bits, &v) || !evh_bits_next(bits, &negative))
            return false;
        int64_t magnitude = (int64_t)((u + t * v) / s);
        if (negative && magnitude == 0)
            continue;
        *out = negative ? -magnitude : magnitude;
        return true;
    }
    return evh_bits_give_up(bits);
}

/* The largest r with r*r <= x. */
static uint64_t square_root(uint32_t x)
{
    uint64_t root = 0;
    for (uint64_t bit = 1U << 15; bit > 0; bit >>= 1)
        if ((root + bit) * (root + bit) <= x)
            root += bit;
    return root;
}

/* CKS20 algorithm 3 with sigma^2 = n/d and t = floor(sigma) + 1: Y is discrete Laplace of scale t,
 * kept with probability exp(-(|Y| - sigma^2/t)^2 / (2 sigma^2)). The product with exp(-|Y|/t) is
 * exp(-Y^2/(2 sigma^2)) times a constant. As a fraction the exponent is (|Y|td - n)^2 / (2 n d
 * t^2). Bounds: |Y| < 2^12 t, and t^2 d <= (sqrt n + sqrt d)^2 <= 2^34; so |Y|td < 2^46, the
 * numerator is below 2^94 and the denominator below 2^67. */
bool evh_sample_discrete_gaussian(evh_bits *bits, evh_rational sigma_squared, int64_t *out)
{
    *out = 0;
    uint64_t n = sigma_squared.num;
    uint64_t d = sigma_squared.den;
    uint64_t t = square_root(sigma_squared.num / sigma_squared.den) + 1;
    evh_rational scale = {.num = (uint32_t)t, .den = 1};
    evh_u128 denominator = (evh_u128)(2 * n) * (t * t * d);
    for (unsigned round = 0; round < EVH_SAMPLER_ROUNDS_MAX; round++) {
        int64_t y = 0;
        if (!evh_sample_discrete_laplace(bits, scale, &y))
            return false;
        uint64_t scaled = (uint64_t)(y < 0 ? -y : y) * (t * d);
        evh_u128 distance = scaled > n ? scaled - n : n - scaled;
        bool accept = false;
        if (!evh_sample_bernoulli_exp(bits, distance * distance, denominator, &accept))
            return false;
        if (accept) {
            *out = y;
            return true;
        }
    }
    return evh_bits_give_up(bits);
}
