/* SPDX-License-Identifier: Apache-2.0 */
#include "evenhand/privacy/mechanism.h"

#include <math.h>
#include <stdlib.h>

#include "reference.h"
#include "support/test.h"
#include "tests.h"

static const evh_noise samples[] = {
    {EVH_NOISE_DISCRETE_LAPLACE, {1, 1}},   {EVH_NOISE_DISCRETE_LAPLACE, {1, 9}},
    {EVH_NOISE_DISCRETE_LAPLACE, {17, 3}},  {EVH_NOISE_DISCRETE_LAPLACE, {400, 1}},
    {EVH_NOISE_DISCRETE_GAUSSIAN, {1, 1}},  {EVH_NOISE_DISCRETE_GAUSSIAN, {1, 6}},
    {EVH_NOISE_DISCRETE_GAUSSIAN, {50, 3}}, {EVH_NOISE_DISCRETE_GAUSSIAN, {9000, 1}},
    {EVH_NOISE_SKELLAM, {1, 12}},           {EVH_NOISE_SKELLAM, {14, 1}},
    {EVH_NOISE_SKELLAM, {500, 1}},
};
enum { SAMPLES = sizeof samples / sizeof samples[0] };

static void test_noise_check_each_failure(void **state)
{
    (void)state;
    const evh_noise bad[] = {
        {(evh_noise_kind)4, {1, 1}},
        {(evh_noise_kind)-1, {1, 1}},
        {EVH_NOISE_DISCRETE_LAPLACE, {0, 1}},
        {EVH_NOISE_DISCRETE_LAPLACE, {1, 0}},
        {EVH_NOISE_DISCRETE_GAUSSIAN, {0, 0}},
        {EVH_NOISE_SKELLAM, {EVH_NOISE_SKELLAM_VARIANCE_MAX + 1, 1}},
        {EVH_NOISE_SKELLAM, {2 * EVH_NOISE_SKELLAM_VARIANCE_MAX + 1, 2}},
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_fails(evh_noise_check(&bad[i]), EVH_ERR_RANGE);
    const evh_noise good[] = {
        {EVH_NOISE_NONE, {0, 0}},
        {EVH_NOISE_DISCRETE_LAPLACE, {UINT32_MAX, 1}},
        {EVH_NOISE_SKELLAM, {EVH_NOISE_SKELLAM_VARIANCE_MAX, 1}},
        {EVH_NOISE_SKELLAM, {UINT32_MAX, UINT32_MAX}},
    };
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++)
        assert_ok(evh_noise_check(&good[i]));
}

static void test_noise_kind_name_of_each(void **state)
{
    (void)state;
    assert_string_equal(evh_noise_kind_name(EVH_NOISE_NONE), "none");
    assert_string_equal(evh_noise_kind_name(EVH_NOISE_DISCRETE_LAPLACE), "discrete-laplace");
    assert_string_equal(evh_noise_kind_name(EVH_NOISE_DISCRETE_GAUSSIAN), "discrete-gaussian");
    assert_string_equal(evh_noise_kind_name(EVH_NOISE_SKELLAM), "skellam");
    assert_string_equal(evh_noise_kind_name((evh_noise_kind)77), "unknown");
}

static void test_noise_variance_bounds_the_exact_one(void **state)
{
    (void)state;
    for (size_t i = 0; i < SAMPLES; i++) {
        reference_pmf pmf = reference_of(&samples[i]);
        long double exact = 0;
        for (size_t k = 0; k < pmf.count; k++) {
            long double x = (long double)(pmf.low + (int64_t)k);
            exact += x * x * pmf.mass[k];
        }
        double bound = evh_noise_variance(&samples[i]);
        assert_true(bound >= (double)(exact * (1 - 1e-15L)));
        if (samples[i].kind != EVH_NOISE_DISCRETE_GAUSSIAN)
            assert_close(bound, (double)exact, 1e-12 * (double)exact);
        reference_free(&pmf);
    }
    const evh_noise none = {EVH_NOISE_NONE, {0, 0}};
    assert_close(evh_noise_variance(&none), 0, 0);
    /* The ends of the range stay numbers. */
    const evh_noise wide = {EVH_NOISE_DISCRETE_LAPLACE, {UINT32_MAX, 1}};
    const evh_noise narrow = {EVH_NOISE_DISCRETE_LAPLACE, {1, UINT32_MAX}};
    double most = 2.0 * UINT32_MAX * UINT32_MAX;
    assert_close(evh_noise_variance(&wide), most, 1e-12 * most);
    assert_true(evh_noise_variance(&narrow) >= 0 && evh_noise_variance(&narrow) < 1e-300);
}

static void test_noise_tail_bounds_the_exact_one(void **state)
{
    (void)state;
    for (size_t i = 0; i < SAMPLES; i++) {
        reference_pmf pmf = reference_of(&samples[i]);
        long double tail = 0;
        /* From outside in, so that small masses are not lost. */
        for (int64_t t = pmf.low + (int64_t)pmf.count - 2; t >= 0; t--) {
            tail += 2 * reference_mass(&pmf, t + 1);
            if (tail < 1e-20L)
                continue;
            double bound = evh_noise_tail_log2(&samples[i], (uint64_t)t);
            assert_true(bound >= (double)log2l(tail) - 1e-9);
            assert_true(bound <= 0);
            if (samples[i].kind == EVH_NOISE_DISCRETE_LAPLACE)
                assert_close(bound, (double)log2l(tail), 1e-9);
            else
                assert_true(bound <= (double)log2l(tail) / 2 + 1 || tail > 0.01L);
        }
        reference_free(&pmf);
    }
}

static void test_noise_tail_bound_is_the_smallest(void **state)
{
    (void)state;
    const unsigned bits[] = {1, 20, 60, 512};
    for (size_t i = 0; i < SAMPLES; i++)
        for (size_t k = 0; k < 4; k++) {
            uint64_t t = 0;
            assert_ok(evh_noise_tail_bound(&t, &samples[i], bits[k]));
            assert_true(evh_noise_tail_log2(&samples[i], t) <= -(double)bits[k]);
            assert_true(t == 0 || evh_noise_tail_log2(&samples[i], t - 1) > -(double)bits[k]);
        }
    uint64_t t = 7;
    const evh_noise none = {EVH_NOISE_NONE, {0, 0}};
    assert_ok(evh_noise_tail_bound(&t, &none, 60));
    assert_int_equal(t, 0);
    /* Laplace of scale 1: 2 e^-(t+1)/(1 + 1/e) <= 2^-60 first at t = 41. */
    assert_ok(evh_noise_tail_bound(&t, &samples[0], 60));
    assert_int_equal(t, 41);
}

static void test_noise_tail_bound_each_failure(void **state)
{
    (void)state;
    uint64_t t = 7;
    assert_fails(evh_noise_tail_bound(&t, &samples[0], 0), EVH_ERR_ARG);
    assert_fails(evh_noise_tail_bound(&t, &samples[0], 513), EVH_ERR_ARG);
    const evh_noise bad = {EVH_NOISE_DISCRETE_LAPLACE, {0, 1}};
    assert_fails(evh_noise_tail_bound(&t, &bad, 60), EVH_ERR_RANGE);
    assert_int_equal(t, 0);
}

int run_mechanism_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_noise_check_each_failure),
        cmocka_unit_test(test_noise_kind_name_of_each),
        cmocka_unit_test(test_noise_variance_bounds_the_exact_one),
        cmocka_unit_test(test_noise_tail_bounds_the_exact_one),
        cmocka_unit_test(test_noise_tail_bound_is_the_smallest),
        cmocka_unit_test(test_noise_tail_bound_each_failure),
    };
    return cmocka_run_group_tests_name("mechanism", tests, NULL, NULL);
}
