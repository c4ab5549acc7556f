/* SPDX-License-Identifier: Apache-2.0 */
#include "exact_internal.h"

#include "rounding_internal.h"

static evh_u128 common_divisor(evh_u128 a, evh_u128 b)
{
    while (b != 0) {
        evh_u128 rest = a % b;
        a = b;
        b = rest;
    }
    return a;
}

evh_exact evh_exact_of(evh_u128 num, evh_u128 den)
{
    evh_u128 divisor = common_divisor(num, den);
    evh_exact value = {.exact = true, .num = num / divisor, .den = den / divisor, .bound = 0};
    value.bound = evh_ratio_up(value.num, value.den);
    return value;
}

evh_exact evh_exact_infinity(void)
{
    evh_exact value = {.exact = false, .num = 0, .den = 0, .bound = INFINITY};
    return value;
}

static evh_exact inexact(double bound)
{
    evh_exact value = evh_exact_infinity();
    value.bound = bound;
    return value;
}

/* a * b below 2^127. */
static bool product(evh_u128 a, evh_u128 b, evh_u128 *out)
{
    return !__builtin_mul_overflow(a, b, out) && *out >> 127 == 0;
}

evh_exact evh_exact_add(evh_exact a, evh_exact b)
{
    if (a.exact && b.exact) {
        evh_u128 divisor = common_divisor(a.den, b.den);
        evh_u128 left = 0;
        evh_u128 right = 0;
        evh_u128 den = 0;
        /* Each sum of two numbers below 2^127 fits 128 bits. */
        if (product(a.num, b.den / divisor, &left) && product(b.num, a.den / divisor, &right) &&
            product(a.den, b.den / divisor, &den) && (left + right) >> 127 == 0)
            return evh_exact_of(left + right, den);
    }
    return inexact(evh_add_up(a.bound, b.bound));
}

evh_exact evh_exact_times(evh_exact a, uint64_t factor)
{
    if (a.exact) {
        evh_u128 divisor = common_divisor(factor, a.den);
        evh_u128 num = 0;
        if (product(a.num, factor / divisor, &num))
            return evh_exact_of(num, a.den / divisor);
    }
    return inexact(evh_mul_up(a.bound, evh_ratio_up(factor, 1)));
}

/* p/q <= r/s by comparing whole parts and then the reciprocals of what is left. */
static bool at_most(evh_u128 p, evh_u128 q, evh_u128 r, evh_u128 s)
{
    for (bool flipped = false;; flipped = !flipped) {
        evh_u128 left = p / q;
        evh_u128 right = r / s;
        if (left != right)
            return (left < right) != flipped;
        p %= q;
        r %= s;
        if (p == 0 || r == 0)
            return flipped ? r == 0 : p == 0;
        evh_u128 old_p = p;
        evh_u128 old_r = r;
        p = q;
        q = old_p;
        r = s;
        s = old_r;
    }
}

bool evh_exact_at_most(evh_exact a, evh_exact b)
{
    if (!b.exact)
        return false;
    if (a.exact)
        return at_most(a.num, a.den, b.num, b.den);
    return a.bound <= evh_ratio_down(b.num, b.den);
}
