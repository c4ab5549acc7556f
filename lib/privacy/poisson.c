/* SPDX-License-Identifier: Apache-2.0
 * Poisson and Skellam. A rate is cut into pieces of rate 1/2 and one smaller piece.
 *
 * One piece of rate l <= 1/2: N = number of heads of fair coins before the first tail; keep N with
 * probability prod_{i=1..N} 2l/i, else start again. Proof by the ratio of the masses: the result is
 * N with probability proportional to 2^-(N+1) (2l)^N/N! = (1/2) l^N/N!, which is Poisson(l). The
 * masses sum to e^l/2, so a piece is kept with probability at least 1/2.
 *
 * Pieces of rate 1/2 are done all at once. They are independent and alike, so it is enough to know
 * how many of them have each N and how many of those are kept; such counts are binomial, and a
 * binomial with success 1/2 is the number of ones among fair bits. */
#include "bits_internal.h"

/* The number of ones among count fair bits. */
static bool binomial_half(evh_bits *bits, uint64_t count, uint64_t *out)
{
    *out = 0;
    uint64_t ones = 0;
    while (count > 0) {
        unsigned width = count < 64 ? (unsigned)count : 64;
        uint64_t word = 0;
        if (!evh_bits_take(bits, width, &word))
            return false;
        ones += (uint64_t)__builtin_popcountll(word);
        count -= width;
    }
    *out = ones;
    return true;
}

/* Keeps each of *count with probability 1/i. */
static bool keep_one_in(evh_bits *bits, unsigned i, uint64_t *count)
{
    if (i == 2)
        return binomial_half(bits, *count, count);
    uint64_t kept = 0;
    for (uint64_t k = 0; k < *count; k++) {
        bool heads = false;
        if (!evh_sample_bernoulli(bits, 1, i, &heads))
            return false;
        kept += heads ? 1 : 0;
    }
    *count = kept;
    return true;
}

/* One attempt at `pieces` pieces of rate 1/2: adds the kept to *sum, counts the others. */
static bool attempt_halves(evh_bits *bits, uint64_t pieces, uint64_t *sum, uint64_t *rejected)
{
    *rejected = 0;
    uint64_t at_least = pieces;
    for (unsigned n = 0; at_least > 0; n++) {
        if (n == EVH_SAMPLER_ROUNDS_MAX)
            return evh_bits_give_up(bits);
        uint64_t exactly = 0;
        if (!binomial_half(bits, at_least, &exactly))
            return false;
        at_least -= exactly;
        uint64_t kept = exactly;
        for (unsigned i = 2; i <= n && kept > 0; i++)
            if (!keep_one_in(bits, i, &kept))
                return false;
        *sum += kept * n;
        *rejected += exactly - kept;
    }
    return true;
}

/* One piece of rate p/(2q) < 1/2. */
static bool small_piece(evh_bits *bits, uint64_t p, uint64_t q, uint64_t *out)
{
    for (unsigned round = 0; round < EVH_SAMPLER_ROUNDS_MAX; round++) {
        bool more = true;
        bool kept = true;
        uint64_t n = 0;
        /* Once rejected, the piece starts again: further coins of this attempt cannot matter. */
        while (kept) {
            if (!evh_bits_next(bits, &more))
                return false;
            if (!more)
                break;
            n++;
            if (n == EVH_SAMPLER_ROUNDS_MAX)
                return evh_bits_give_up(bits);
            if (!evh_sample_bernoulli(bits, p, q * n, &kept))
                return false;
        }
        if (kept) {
            *out = n;
            return true;
        }
    }
    return evh_bits_give_up(bits);
}

bool evh_sample_poisson(evh_bits *bits, evh_rational rate, uint64_t *out)
{
    *out = 0;
    uint64_t twice = 2 * (uint64_t)rate.num;
    uint64_t sum = 0;
    uint64_t pieces = twice / rate.den;
    for (unsigned round = 0; pieces > 0; round++) {
        uint64_t rejected = 0;
        if (round == EVH_SAMPLER_ROUNDS_MAX)
            return evh_bits_give_up(bits);
        if (!attempt_halves(bits, pieces, &sum, &rejected))
            return false;
        pieces = rejected;
    }
    uint64_t rest = 0;
    if (twice % rate.den != 0 && !small_piece(bits, twice % rate.den, rate.den, &rest))
        return false;
    *out = sum + rest;
    return !bits->failed;
}

/* M events of a Poisson process of rate v, each marked + or - by a fair coin, are two independent
 * Poisson(v/2) counts (thinning); their difference is the number of ones minus the rest. */
bool evh_sample_skellam(evh_bits *bits, evh_rational variance, int64_t *out)
{
    *out = 0;
    uint64_t events = 0;
    uint64_t positive = 0;
    if (!evh_sample_poisson(bits, variance, &events) || !binomial_half(bits, events, &positive))
        return false;
    *out = (int64_t)positive - (int64_t)(events - positive);
    return true;
}
