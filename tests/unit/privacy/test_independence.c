/* SPDX-License-Identifier: Apache-2.0
 * Neighbouring cells, neighbouring vectors and neighbouring draws have nothing to do with each
 * other. Signs are compared: they are fair coins, whatever the noise. */
#include <stdlib.h>
#include <string.h>

#include "evenhand/privacy/noise.h"
#include "reference.h"
#include "support/test.h"
#include "tests.h"

enum { CELLS = 32768 };

typedef evh_status (*drawer)(int64_t *out, const evh_noise *cells, size_t n, const evh_rng *rng);

/* The same seed for every cell. */
static evh_status draw_shared_seed(int64_t *out, const evh_noise *cells, size_t n,
                                   const evh_rng *rng)
{
    evh_status status = evh_ok();
    uint64_t seed = 0;
    EVH_TRY(evh_rng_fill(rng, (uint8_t *)&seed, sizeof seed));
    for (size_t i = 0; i < n; i++) {
        test_rng generator;
        evh_rng again = test_rng_seeded(&generator, seed + i % 4);
        EVH_TRY(evh_noise_draw(&out[i], &cells[i], 1, &again));
    }
done:
    return status;
}

/* Each odd cell is the mirror of the one before. */
static evh_status draw_mirrored(int64_t *out, const evh_noise *cells, size_t n, const evh_rng *rng)
{
    evh_status status = evh_noise_draw(out, cells, n, rng);
    for (size_t i = 1; i < n; i += 2)
        out[i] = -out[i - 1];
    return status;
}

/* The probability of signs agreeing that much, a[i] against b[i], among those that both have one.
 */
static double agreement(const int64_t *a, const int64_t *b, size_t n)
{
    size_t both = 0;
    size_t same = 0;
    for (size_t i = 0; i < n; i++) {
        both += a[i] != 0 && b[i] != 0 ? 1 : 0;
        same += (a[i] > 0 && b[i] > 0) || (a[i] < 0 && b[i] < 0) ? 1 : 0;
    }
    return binomial_probability(same, both, 0.5);
}

/* The smallest probability over lags 1 to 8 within a vector and over cells of two vectors, and the
 * number of neighbours that hold the same value against what the masses say. */
static double least_probability(drawer draw, const evh_noise *noise, uint64_t seed)
{
    evh_noise *cells = calloc(CELLS, sizeof *cells);
    int64_t *first = calloc(2 * CELLS, sizeof *first);
    assert_non_null(cells);
    assert_non_null(first);
    int64_t *second = first + CELLS;
    for (size_t i = 0; i < CELLS; i++)
        cells[i] = *noise;
    test_rng generator;
    evh_rng rng = test_rng_seeded(&generator, seed);
    assert_ok(draw(first, cells, CELLS, &rng));
    assert_ok(draw(second, cells, CELLS, &rng));
    double least = agreement(first, second, CELLS);
    for (size_t lag = 1; lag <= 8; lag++) {
        double probability = agreement(first, first + lag, CELLS - lag);
        least = probability < least ? probability : least;
    }
    reference_pmf pmf = reference_of(noise);
    long double repeat = 0;
    for (size_t k = 0; k < pmf.count; k++)
        repeat += pmf.mass[k] * pmf.mass[k];
    reference_free(&pmf);
    size_t equal = 0;
    for (size_t i = 0; i < CELLS; i += 2) /* disjoint pairs, so that the count is binomial */
        equal += first[i] == first[i + 1] ? 1 : 0;
    double probability = binomial_probability(equal, CELLS / 2, (double)repeat);
    least = probability < least ? probability : least;
    free(first);
    free(cells);
    return least;
}

static void test_noise_draw_cells_are_independent(void **state)
{
    (void)state;
    const evh_noise noises[] = {{EVH_NOISE_DISCRETE_LAPLACE, {3, 1}},
                                {EVH_NOISE_DISCRETE_GAUSSIAN, {9, 1}},
                                {EVH_NOISE_SKELLAM, {14, 100}},
                                {EVH_NOISE_SKELLAM, {14, 1}}};
    for (size_t i = 0; i < sizeof noises / sizeof noises[0]; i++)
        assert_true(least_probability(evh_noise_draw, &noises[i], 60 + i) >= FALSE_ALARM);
}

static void test_independence_refuses_planted_faults(void **state)
{
    (void)state;
    const evh_noise noise = {EVH_NOISE_DISCRETE_LAPLACE, {3, 1}};
    assert_true(least_probability(draw_shared_seed, &noise, 1) < FALSE_ALARM);
    assert_true(least_probability(draw_mirrored, &noise, 2) < FALSE_ALARM);
}

/* Two vectors from one generator, and two generators, never give the same vector. */
static void test_noise_draw_never_repeats(void **state)
{
    (void)state;
    enum { N = 512 };
    evh_noise cells[N];
    for (size_t i = 0; i < N; i++)
        cells[i] = (evh_noise){EVH_NOISE_DISCRETE_GAUSSIAN, {400, 1}};
    evh_rng rng = evh_rng_os();
    int64_t a[N];
    int64_t b[N];
    assert_ok(evh_noise_draw(a, cells, N, &rng));
    assert_ok(evh_noise_draw(b, cells, N, &rng));
    assert_memory_not_equal(a, b, sizeof a);
    /* Not even shifted against each other by a few cells. */
    for (size_t shift = 1; shift < 32; shift++) {
        assert_memory_not_equal(a, b + shift, 64 * sizeof *a);
        assert_memory_not_equal(a + shift, b, 64 * sizeof *a);
    }
}

/* Every byte of the generator that is used is used once: the same seed gives the same vector, and
 * the draw of a longer vector starts with the shorter one. */
static void test_noise_draw_repeats_with_its_seed(void **state)
{
    (void)state;
    evh_noise cells[64];
    for (size_t i = 0; i < 64; i++)
        cells[i] = (evh_noise){EVH_NOISE_DISCRETE_LAPLACE, {10, 1}};
    test_rng generator;
    int64_t a[64];
    int64_t b[64] = {0};
    evh_rng rng = test_rng_seeded(&generator, 8);
    assert_ok(evh_noise_draw(a, cells, 64, &rng));
    rng = test_rng_seeded(&generator, 8);
    assert_ok(evh_noise_draw(b, cells, 20, &rng));
    assert_memory_equal(a, b, 20 * sizeof *a);
    rng = test_rng_seeded(&generator, 9);
    assert_ok(evh_noise_draw(b, cells, 64, &rng));
    assert_memory_not_equal(a, b, sizeof a);
}

int run_independence_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_noise_draw_cells_are_independent),
        cmocka_unit_test(test_independence_refuses_planted_faults),
        cmocka_unit_test(test_noise_draw_never_repeats),
        cmocka_unit_test(test_noise_draw_repeats_with_its_seed),
    };
    return cmocka_run_group_tests_name("independence", tests, NULL, NULL);
}
