/* SPDX-License-Identifier: Apache-2.0 */
#include "reference.h"

#include <math.h>
#include <stdlib.h>

#include "support/test.h"

static const double EXPECTED_LEAST = 40;

static reference_pmf table(int64_t low, size_t count)
{
    reference_pmf pmf = {.low = low, .count = count, .mass = calloc(count, sizeof(long double))};
    assert_non_null(pmf.mass);
    return pmf;
}

void reference_free(reference_pmf *pmf)
{
    free(pmf->mass);
    pmf->mass = NULL;
}

long double reference_mass(const reference_pmf *pmf, int64_t x)
{
    return x < pmf->low || x >= pmf->low + (int64_t)pmf->count ? 0 : pmf->mass[x - pmf->low];
}

static reference_pmf laplace(long double b)
{
    int64_t most = (int64_t)(75 * b) + 1;
    long double q = expl(-1 / b);
    reference_pmf pmf = table(-most, (size_t)(2 * most + 1));
    for (int64_t x = -most; x <= most; x++)
        pmf.mass[x + most] = (1 - q) / (1 + q) * expl((long double)-llabs(x) / b);
    return pmf;
}

static reference_pmf gaussian(long double sigma_squared)
{
    int64_t most = (int64_t)(12.5L * sqrtl(sigma_squared)) + 12;
    reference_pmf pmf = table(-most, (size_t)(2 * most + 1));
    long double sum = 0;
    for (int64_t x = -most; x <= most; x++)
        sum += expl(-(long double)(x * x) / (2 * sigma_squared));
    for (int64_t x = -most; x <= most; x++)
        pmf.mass[x + most] = expl(-(long double)(x * x) / (2 * sigma_squared)) / sum;
    return pmf;
}

reference_pmf reference_poisson(long double rate)
{
    size_t count = (size_t)(rate + 14 * sqrtl(rate)) + 50;
    reference_pmf pmf = table(0, count);
    for (size_t k = 0; k < count; k++)
        pmf.mass[k] = expl(-rate + (long double)k * logl(rate) - lgammal((long double)k + 1));
    return pmf;
}

static reference_pmf skellam(long double variance)
{
    reference_pmf half = reference_poisson(variance / 2);
    int64_t most = (int64_t)(14 * sqrtl(variance)) + 50;
    reference_pmf pmf = table(-most, (size_t)(2 * most + 1));
    for (int64_t x = -most; x <= most; x++)
        for (size_t k = 0; k < half.count; k++)
            pmf.mass[x + most] += half.mass[k] * reference_mass(&half, (int64_t)k + x);
    reference_free(&half);
    return pmf;
}

reference_pmf reference_of(const evh_noise *noise)
{
    long double parameter = (long double)noise->parameter.num / noise->parameter.den;
    switch (noise->kind) {
    case EVH_NOISE_DISCRETE_LAPLACE:
        return laplace(parameter);
    case EVH_NOISE_DISCRETE_GAUSSIAN:
        return gaussian(parameter);
    case EVH_NOISE_SKELLAM:
        return skellam(parameter);
    case EVH_NOISE_NONE:
        break;
    }
    reference_pmf point = table(0, 1);
    point.mass[0] = 1;
    return point;
}

/* The regularised upper incomplete gamma function Q(s, x): its series below s + 1, its continued
 * fraction (modified Lentz) above. */
static double gamma_q(double s, double x)
{
    double front = exp(s * log(x) - x - lgamma(s));
    if (x < s + 1) {
        double term = 1 / s;
        double sum = term;
        for (int k = 1; k < 10000; k++) {
            term *= x / (s + k);
            sum += term;
        }
        return 1 - front * sum;
    }
    double b = x + 1 - s;
    double c = 1e300;
    double d = 1 / b;
    double h = d;
    for (int k = 1; k < 10000; k++) {
        double a = -k * (k - s);
        b += 2;
        d = 1 / (a * d + b);
        c = b + a / c;
        h *= c * d;
    }
    return front * h;
}

double chi_square_tail(double x, double freedom)
{
    return x <= 0 ? 1 : gamma_q(freedom / 2, x / 2);
}

static int compare_draws(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a;
    int64_t y = *(const int64_t *)b;
    return x < y ? -1 : x > y;
}

static int64_t *sorted(const int64_t *draws, size_t n)
{
    int64_t *copy = calloc(n, sizeof *copy);
    assert_non_null(copy);
    for (size_t i = 0; i < n; i++)
        copy[i] = draws[i];
    qsort(copy, n, sizeof *copy, compare_draws);
    return copy;
}

double fit_probability(const int64_t *draws, size_t n, const reference_pmf *pmf)
{
    int64_t *order = sorted(draws, n);
    /* At most about 200 bins, so that each stays sensitive. */
    double least = fmax(EXPECTED_LEAST, (double)n / 200);
    double statistic = 0;
    double left = (double)n;
    double expected = 0;
    size_t bins = 0;
    size_t from = 0;
    size_t to = 0;
    for (size_t k = 0; k < pmf->count; k++) {
        expected += (double)pmf->mass[k] * (double)n;
        if (expected < least || left - expected < least)
            continue;
        while (to < n && order[to] <= pmf->low + (int64_t)k)
            to++;
        double gap = (double)(to - from) - expected;
        statistic += gap * gap / expected;
        left -= expected;
        expected = 0;
        from = to;
        bins++;
    }
    double gap = (double)(n - from) - left;
    statistic += gap * gap / left;
    free(order);
    assert_true(bins >= 1);
    return chi_square_tail(statistic, (double)bins);
}

double binomial_probability(size_t successes, size_t n, double p)
{
    double mean = (double)n * p;
    double distance = fmax(0, fabs((double)successes - mean) - 0.5);
    return erfc(distance / sqrt(2 * mean * (1 - p)));
}
