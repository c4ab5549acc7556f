/* SPDX-License-Identifier: Apache-2.0
 * Draws against the exact masses, and planted faults that the same test must refuse. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "evenhand/privacy/noise.h"
#include "evenhand/privacy/sampler.h"
#include "reference.h"
#include "support/test.h"
#include "tests.h"

enum { DRAWS = 1 << 17 };

static int64_t *some_draws(const evh_noise *noise, size_t n, uint64_t seed)
{
    evh_noise *cells = calloc(n, sizeof *cells);
    int64_t *draws = calloc(n, sizeof *draws);
    assert_non_null(cells);
    assert_non_null(draws);
    for (size_t i = 0; i < n; i++)
        cells[i] = *noise;
    test_rng generator;
    evh_rng rng = test_rng_seeded(&generator, seed);
    for (size_t at = 0; at < n; at += EVH_PLAN_CELLS_MAX) {
        size_t some = n - at < EVH_PLAN_CELLS_MAX ? n - at : EVH_PLAN_CELLS_MAX;
        assert_ok(evh_noise_draw(draws + at, cells + at, some, &rng));
    }
    free(cells);
    return draws;
}

static void check_fit(const evh_noise *noise, size_t n, uint64_t seed)
{
    int64_t *draws = some_draws(noise, n, seed);
    reference_pmf pmf = reference_of(noise);
    double probability = fit_probability(draws, n, &pmf);
    if (probability < FALSE_ALARM)
        print_error("%s %u/%u: fits with probability %g\n", evh_noise_kind_name(noise->kind),
                    noise->parameter.num, noise->parameter.den, probability);
    assert_true(probability >= FALSE_ALARM);
    reference_free(&pmf);
    free(draws);
}

static void check_fits(const evh_noise *noises, size_t count)
{
    for (size_t i = 0; i < count; i++)
        check_fit(&noises[i], DRAWS, 1000 + i);
}

static void test_noise_draw_fits_discrete_laplace(void **state)
{
    (void)state;
    static const evh_noise noises[] = {
        {EVH_NOISE_DISCRETE_LAPLACE, {1, 1}},
        {EVH_NOISE_DISCRETE_LAPLACE, {1, 4}},
        {EVH_NOISE_DISCRETE_LAPLACE, {5, 3}},
        {EVH_NOISE_DISCRETE_LAPLACE, {20, 1}},
        {EVH_NOISE_DISCRETE_LAPLACE, {17, 2}},
        {EVH_NOISE_DISCRETE_LAPLACE, {4294967295U, 4000000U}},
    };
    check_fits(noises, sizeof noises / sizeof noises[0]);
}

static void test_noise_draw_fits_discrete_gaussian(void **state)
{
    (void)state;
    static const evh_noise noises[] = {
        {EVH_NOISE_DISCRETE_GAUSSIAN, {1, 1}},  {EVH_NOISE_DISCRETE_GAUSSIAN, {1, 3}},
        {EVH_NOISE_DISCRETE_GAUSSIAN, {18, 1}}, {EVH_NOISE_DISCRETE_GAUSSIAN, {1789, 100}},
        {EVH_NOISE_DISCRETE_GAUSSIAN, {7, 2}},  {EVH_NOISE_DISCRETE_GAUSSIAN, {100000, 1}},
        {EVH_NOISE_DISCRETE_GAUSSIAN, {4, 1}},
    };
    check_fits(noises, sizeof noises / sizeof noises[0]);
}

static void test_noise_draw_fits_skellam(void **state)
{
    (void)state;
    static const evh_noise noises[] = {
        {EVH_NOISE_SKELLAM, {14, 100}}, {EVH_NOISE_SKELLAM, {1424, 100}},
        {EVH_NOISE_SKELLAM, {1, 2}},    {EVH_NOISE_SKELLAM, {1, 1}},
        {EVH_NOISE_SKELLAM, {10, 3}},
    };
    check_fits(noises, sizeof noises / sizeof noises[0]);
    const evh_noise wide = {EVH_NOISE_SKELLAM, {1001, 1}};
    check_fit(&wide, 20000, 31);
}

static void test_poisson_fits(void **state)
{
    (void)state;
    static const evh_rational rates[] = {{7, 100}, {1, 2}, {9, 4}, {61, 3}};
    int64_t *draws = calloc(DRAWS, sizeof *draws);
    assert_non_null(draws);
    for (size_t i = 0; i < sizeof rates / sizeof rates[0]; i++) {
        test_rng generator;
        evh_rng rng = test_rng_seeded(&generator, 50 + i);
        evh_bits bits;
        evh_bits_init(&bits, &rng, EVH_BITS_BLOCK_BYTES);
        for (size_t k = 0; k < DRAWS; k++) {
            uint64_t value = 0;
            assert_true(evh_sample_poisson(&bits, rates[i], &value));
            draws[k] = (int64_t)value;
        }
        evh_bits_clear(&bits);
        reference_pmf pmf = reference_poisson((long double)rates[i].num / rates[i].den);
        assert_true(fit_probability(draws, DRAWS, &pmf) >= FALSE_ALARM);
        reference_free(&pmf);
    }
    free(draws);
}

/* H shares of variance v/H add up to Skellam of variance v. */
static void test_skellam_shares_add_up(void **state)
{
    (void)state;
    enum { SHARES = 7 };
    const evh_noise share = {EVH_NOISE_SKELLAM, {14, 10 * SHARES}};
    const evh_noise total = {EVH_NOISE_SKELLAM, {14, 10}};
    int64_t *sums = calloc(DRAWS / SHARES, sizeof *sums);
    int64_t *draws = some_draws(&share, DRAWS, 9);
    assert_non_null(sums);
    for (size_t i = 0; i < DRAWS / SHARES; i++)
        for (size_t k = 0; k < SHARES; k++)
            sums[i] += draws[i * SHARES + k];
    reference_pmf pmf = reference_of(&total);
    assert_true(fit_probability(sums, DRAWS / SHARES, &pmf) >= FALSE_ALARM);
    reference_free(&pmf);
    free(draws);
    free(sums);
}

/* Far from the centre a chi-square pools: the tails are counted by themselves. */
static void test_noise_draw_tail_counts(void **state)
{
    (void)state;
    const evh_noise noises[] = {{EVH_NOISE_DISCRETE_LAPLACE, {3, 1}},
                                {EVH_NOISE_DISCRETE_GAUSSIAN, {9, 1}},
                                {EVH_NOISE_SKELLAM, {9, 1}}};
    const int64_t beyond[] = {20, 10, 10};
    for (size_t i = 0; i < 3; i++) {
        int64_t *draws = some_draws(&noises[i], DRAWS, 400 + i);
        reference_pmf pmf = reference_of(&noises[i]);
        long double p = 0;
        for (int64_t x = beyond[i] + 1; x < pmf.low + (int64_t)pmf.count; x++)
            p += 2 * reference_mass(&pmf, x);
        size_t far = 0;
        for (size_t k = 0; k < DRAWS; k++)
            far += llabs(draws[k]) > beyond[i] ? 1 : 0;
        assert_true(binomial_probability(far, DRAWS, (double)p) >= FALSE_ALARM);
        assert_true(far > 20);
        reference_free(&pmf);
        free(draws);
    }
}

/* ---- planted faults ---- */

static double uniform_real(evh_bits *bits)
{
    uint64_t word = 0;
    assert_true(evh_bits_take(bits, 53, &word));
    return ((double)word + 0.5) * 0x1p-53;
}

typedef int64_t (*faulty)(evh_bits *bits, evh_rational scale);

static int64_t draw_right(evh_bits *bits, evh_rational scale)
{
    int64_t value = 0;
    assert_true(evh_sample_discrete_laplace(bits, scale, &value));
    return value;
}

static int64_t draw_halved_scale(evh_bits *bits, evh_rational scale)
{
    scale.den *= 2;
    return draw_right(bits, scale);
}

static int64_t draw_scale_off_by_three_percent(evh_bits *bits, evh_rational scale)
{
    evh_rational off = {scale.num * 103, scale.den * 100};
    return draw_right(bits, off);
}

static int64_t draw_zero_twice(evh_bits *bits, evh_rational scale)
{
    /* Keeping (negative, 0) doubles the mass of 0: a kept 0 is drawn with the odds it would have.
     */
    int64_t value = draw_right(bits, scale);
    double q = exp(-(double)scale.den / scale.num);
    double zero = (1 - q) / (1 + q);
    return uniform_real(bits) < zero / (1 + zero) ? 0 : value;
}

static int64_t draw_until_in_range(evh_bits *bits, evh_rational scale)
{
    double b = (double)scale.num / scale.den;
    int64_t value = 0;
    do
        value = draw_right(bits, scale);
    while ((double)llabs(value) > 3 * sqrt(2) * b);
    return value;
}

static int64_t draw_float_inverse(evh_bits *bits, evh_rational scale)
{
    double u = uniform_real(bits) - 0.5;
    double b = (double)scale.num / scale.den;
    return (int64_t)rint(u < 0 ? b * log(1 + 2 * u) : -b * log(1 - 2 * u));
}

static int64_t draw_one_sided(evh_bits *bits, evh_rational scale)
{
    return llabs(draw_right(bits, scale));
}

static double fit_of(faulty draw, evh_rational scale, uint64_t seed)
{
    evh_noise noise = {EVH_NOISE_DISCRETE_LAPLACE, scale};
    int64_t *draws = calloc(DRAWS, sizeof *draws);
    assert_non_null(draws);
    test_rng generator;
    evh_rng rng = test_rng_seeded(&generator, seed);
    evh_bits bits;
    evh_bits_init(&bits, &rng, EVH_BITS_BLOCK_BYTES);
    for (size_t i = 0; i < DRAWS; i++)
        draws[i] = draw(&bits, scale);
    evh_bits_clear(&bits);
    reference_pmf pmf = reference_of(&noise);
    double probability = fit_probability(draws, DRAWS, &pmf);
    reference_free(&pmf);
    free(draws);
    return probability;
}

static void test_fit_refuses_planted_faults(void **state)
{
    (void)state;
    const evh_rational scale = {2, 1};
    assert_true(fit_of(draw_right, scale, 5) >= FALSE_ALARM);
    const faulty faults[] = {draw_halved_scale,  draw_scale_off_by_three_percent,
                             draw_zero_twice,    draw_until_in_range,
                             draw_float_inverse, draw_one_sided};
    for (size_t i = 0; i < sizeof faults / sizeof faults[0]; i++)
        assert_true(fit_of(faults[i], scale, 6 + i) < FALSE_ALARM);
}

/* Poisson(v) - Poisson(v), twice the variance; and a sum that forgot the minus. */
static void test_fit_refuses_wrong_skellam(void **state)
{
    (void)state;
    const evh_noise right = {EVH_NOISE_SKELLAM, {2, 1}};
    const evh_noise doubled = {EVH_NOISE_SKELLAM, {4, 1}};
    int64_t *draws = some_draws(&doubled, DRAWS, 3);
    reference_pmf pmf = reference_of(&right);
    assert_true(fit_probability(draws, DRAWS, &pmf) < FALSE_ALARM);
    /* A Gaussian of the same variance is not a Skellam either. */
    const evh_noise gaussian = {EVH_NOISE_DISCRETE_GAUSSIAN, {2, 1}};
    int64_t *other = some_draws(&gaussian, DRAWS, 4);
    assert_true(fit_probability(other, DRAWS, &pmf) < FALSE_ALARM);
    reference_free(&pmf);
    free(other);
    free(draws);
}

static void test_chi_square_tail_known_values(void **state)
{
    (void)state;
    /* Two degrees are exp(-x/2); one is erfc; the 95 % points of 10 and 100 from tables. */
    assert_close(chi_square_tail(3, 2), exp(-1.5), 1e-12);
    assert_close(chi_square_tail(40, 2), exp(-20), 1e-18);
    assert_close(chi_square_tail(4, 1), erfc(sqrt(2)), 1e-12);
    assert_close(chi_square_tail(18.307038053275146, 10), 0.05, 1e-9);
    assert_close(chi_square_tail(124.34211340400407, 100), 0.05, 1e-9);
}

/* Ten million draws per noise see a relative bias of about one in a thousand in the centre. */
static void test_noise_draw_fits_ten_million(void **state)
{
    (void)state;
    const evh_noise noises[] = {{EVH_NOISE_DISCRETE_LAPLACE, {7, 3}},
                                {EVH_NOISE_DISCRETE_GAUSSIAN, {89, 5}},
                                {EVH_NOISE_SKELLAM, {14, 100}},
                                {EVH_NOISE_SKELLAM, {1424, 100}}};
    for (size_t i = 0; i < sizeof noises / sizeof noises[0]; i++)
        check_fit(&noises[i], 10000000, 7000 + i);
}

int run_distribution_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_chi_square_tail_known_values),
        cmocka_unit_test(test_noise_draw_fits_discrete_laplace),
        cmocka_unit_test(test_noise_draw_fits_discrete_gaussian),
        cmocka_unit_test(test_noise_draw_fits_skellam),
        cmocka_unit_test(test_poisson_fits),
        cmocka_unit_test(test_skellam_shares_add_up),
        cmocka_unit_test(test_noise_draw_tail_counts),
        cmocka_unit_test(test_fit_refuses_planted_faults),
        cmocka_unit_test(test_fit_refuses_wrong_skellam),
    };
    return cmocka_run_group_tests_name("distribution", tests, NULL, NULL);
}

int run_slow_distribution_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_noise_draw_fits_ten_million),
    };
    return cmocka_run_group_tests_name("distribution, slow", tests, NULL, NULL);
}
