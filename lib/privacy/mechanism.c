/* SPDX-License-Identifier: Apache-2.0 */
#include "evenhand/privacy/mechanism.h"

#include <math.h>

#include "rounding_internal.h"

static const char *const kind_names[EVH_NOISE_KIND_COUNT] = {
    [EVH_NOISE_NONE] = "none",
    [EVH_NOISE_DISCRETE_LAPLACE] = "discrete-laplace",
    [EVH_NOISE_DISCRETE_GAUSSIAN] = "discrete-gaussian",
    [EVH_NOISE_SKELLAM] = "skellam",
};

static const uint64_t TAIL_MAX = (uint64_t)1 << 53;
enum { TAIL_BITS_MAX = 512 };

evh_status evh_noise_check(const evh_noise *noise)
{
    const evh_rational *parameter = &noise->parameter;
    if ((unsigned)noise->kind >= EVH_NOISE_KIND_COUNT)
        return evh_fail(EVH_ERR_RANGE, "unknown noise kind %u", (unsigned)noise->kind);
    if (noise->kind == EVH_NOISE_NONE)
        return evh_ok();
    if (parameter->num == 0 || parameter->den == 0)
        return evh_fail(EVH_ERR_RANGE, "noise parameter %u/%u: both must be at least 1",
                        parameter->num, parameter->den);
    if (noise->kind == EVH_NOISE_SKELLAM &&
        parameter->num > (uint64_t)parameter->den * EVH_NOISE_SKELLAM_VARIANCE_MAX)
        return evh_fail(EVH_ERR_RANGE, "Skellam variance %u/%u: at most %d", parameter->num,
                        parameter->den, EVH_NOISE_SKELLAM_VARIANCE_MAX);
    return evh_ok();
}

const char *evh_noise_kind_name(evh_noise_kind kind)
{
    return (unsigned)kind < EVH_NOISE_KIND_COUNT ? kind_names[kind] : "unknown";
}

double evh_noise_variance(const evh_noise *noise)
{
    if (noise->kind == EVH_NOISE_NONE)
        return 0;
    double num = noise->parameter.num;
    double den = noise->parameter.den;
    if (noise->kind != EVH_NOISE_DISCRETE_LAPLACE)
        return evh_ratio_up(noise->parameter.num, noise->parameter.den);
    /* With q = exp(-1/b): 2q/(1-q)^2 = 1/(2 sinh(1/(2b))^2). Every step is relative. */
    double half = sinh(den / num / 2);
    double variance = 1 / (2 * half * half);
    return evh_above(variance, variance);
}

/* ln P(|x| > t) = ln(2 q^s/(1+q)) for s = t + 1 and q = exp(-1/b). */
static double laplace_tail(double num, double den, double s, double *scale)
{
    double exponent = s * den / num;
    double rest = M_LN2 - log1p(exp(-den / num));
    *scale = exponent + 1;
    return rest - exponent;
}

/* The discrete Gaussian is sub-Gaussian (CKS20): P(x >= s) <= exp(-s^2/(2 sigma^2)). */
static double gaussian_tail(double num, double den, double s, double *scale)
{
    double exponent = s * s * den / (2 * num);
    *scale = exponent + 1;
    return M_LN2 - exponent;
}

/* Chernoff: P(x >= s) <= exp(v (cosh h - 1) - h s) for every h; at h = asinh(s/v), where
 * cosh h - 1 = r^2/(sqrt(1 + r^2) + 1) with r = s/v. */
static double skellam_tail(double num, double den, double s, double *scale)
{
    double ratio = s * den / num;
    double gain = s * ratio / (sqrt(1 + ratio * ratio) + 1);
    double loss = s * asinh(ratio);
    *scale = gain + loss + 1;
    return M_LN2 + gain - loss;
}

double evh_noise_tail_log2(const evh_noise *noise, uint64_t t)
{
    double num = noise->parameter.num;
    double den = noise->parameter.den;
    double s = (double)t + 1;
    double scale = 0;
    double tail = 0;
    switch (noise->kind) {
    case EVH_NOISE_NONE:
        return -INFINITY;
    case EVH_NOISE_DISCRETE_LAPLACE:
        tail = laplace_tail(num, den, s, &scale);
        break;
    case EVH_NOISE_DISCRETE_GAUSSIAN:
        tail = gaussian_tail(num, den, s, &scale);
        break;
    case EVH_NOISE_SKELLAM:
        tail = skellam_tail(num, den, s, &scale);
        break;
    }
    double bound = evh_above(tail / M_LN2, 2 * scale);
    return bound < 0 ? bound : 0;
}

evh_status evh_noise_tail_bound(uint64_t *t, const evh_noise *noise, unsigned bits)
{
    evh_status status = evh_ok();
    double goal = -(double)bits;
    uint64_t low = 0;
    uint64_t high = TAIL_MAX;
    *t = 0;
    EVH_REQUIRE(bits >= 1 && bits <= TAIL_BITS_MAX, EVH_ERR_ARG, "a tail of 2^-%u: 1 to %d bits",
                bits, TAIL_BITS_MAX);
    EVH_TRY(evh_noise_check(noise));
    EVH_REQUIRE(evh_noise_tail_log2(noise, TAIL_MAX) <= goal, EVH_ERR_RANGE,
                "the noise has no tail of 2^-%u below 2^53", bits);
    while (low < high) {
        uint64_t middle = low + (high - low) / 2;
        if (evh_noise_tail_log2(noise, middle) <= goal)
            high = middle;
        else
            low = middle + 1;
    }
    *t = high;
done:
    return status;
}
