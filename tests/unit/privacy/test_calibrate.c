/* SPDX-License-Identifier: Apache-2.0 */
#include "evenhand/privacy/calibrate.h"

#include <math.h>
#include <stdlib.h>

#include "support/alloc_fail.h"
#include "tests.h"

static const double equal_weights[] = {1, 1, 1};
static const evh_shift_term one_by_one[] = {{0, 1, 1}};
static const evh_shift one = {one_by_one, 1};

static evh_calibration simple_problem(evh_noise_kind kind, evh_budget budget)
{
    evh_calibration problem = {.kind = kind,
                               .weights = equal_weights,
                               .class_count = 1,
                               .shifts = &one,
                               .shift_count = 1,
                               .rounds = 1,
                               .customers_per_unit = 1,
                               .budget = budget};
    return problem;
}

static bool meets(const evh_calibration *problem, const evh_noise *classes)
{
    evh_charge charge = {.classes = classes,
                         .class_count = problem->class_count,
                         .shifts = problem->shifts,
                         .shift_count = problem->shift_count,
                         .rounds = problem->rounds,
                         .customers_per_unit = problem->customers_per_unit,
                         .honest_shares = problem->honest_shares,
                         .clamp_bits = problem->clamp_bits};
    bool within = false;
    assert_ok(evh_privacy_within(&within, &charge, 1, &problem->budget));
    return within;
}

static double value_of(const evh_noise *noise)
{
    return (double)noise->parameter.num / noise->parameter.den;
}

/* All parameters smaller by one part in 5000: too little, so that what was found is the least. */
static void check_least(const evh_calibration *problem, const evh_noise *classes)
{
    evh_noise less[8];
    assert_true(problem->class_count <= 8);
    for (size_t i = 0; i < problem->class_count; i++) {
        less[i] = classes[i];
        double x = value_of(&classes[i]) * (1 - 1.0 / 5000);
        less[i].parameter = x > 1 ? (evh_rational){(uint32_t)(x * 1000000 < 4e9 ? x * 1000000 : x),
                                                   x * 1000000 < 4e9 ? 1000000 : 1}
                                  : (evh_rational){100000000, (uint32_t)(100000000 / x)};
    }
    assert_true(meets(problem, classes));
    assert_false(meets(problem, less));
}

static void test_calibrate_laplace_is_the_sensitivity_over_epsilon(void **state)
{
    (void)state;
    static const struct {
        evh_fraction epsilon;
        uint32_t magnitude, cells, num, den;
    } cases[] = {
        {{1, 1}, 1, 1, 1, 1},   {{1, 2}, 1, 1, 2, 1},
        {{1, 10}, 3, 2, 60, 1}, {{3, 1}, 1, 1, 1, 3},
        {{7, 10}, 1, 1, 10, 7}, {{13, 10}, 5, 4, 200, 13},
        {{20, 1}, 1, 1, 1, 20}, {{1, 1000}, 400, 3, 1200000, 1},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const evh_shift_term term = {0, cases[i].magnitude, cases[i].cells};
        const evh_shift shift = {&term, 1};
        evh_calibration problem =
            simple_problem(EVH_NOISE_DISCRETE_LAPLACE, (evh_budget){cases[i].epsilon, {0, 1}});
        problem.shifts = &shift;
        evh_noise found;
        assert_ok(evh_calibrate(&found, &problem));
        assert_int_equal(found.kind, EVH_NOISE_DISCRETE_LAPLACE);
        assert_int_equal(found.parameter.num, cases[i].num);
        assert_int_equal(found.parameter.den, cases[i].den);
        check_least(&problem, &found);
    }
}

static void test_calibrate_each_kind_finds_the_least(void **state)
{
    (void)state;
    const evh_fraction epsilons[] = {{1, 10}, {1, 1}, {8, 1}};
    for (unsigned kind = EVH_NOISE_DISCRETE_LAPLACE; kind <= EVH_NOISE_SKELLAM; kind++)
        for (size_t i = 0; i < 3; i++)
            for (uint32_t rounds = 1; rounds <= 100; rounds *= 10) {
                const evh_budget budget = {epsilons[i], {1, 1000000}};
                evh_calibration problem = simple_problem((evh_noise_kind)kind, budget);
                problem.rounds = rounds;
                evh_noise found;
                assert_ok(evh_calibrate(&found, &problem));
                check_least(&problem, &found);
            }
}

/* b of each class as (L1/weight)^(1/3), sigma^2 as (L2^2/weight)^(1/2). */
static void test_calibrate_splits_by_weight(void **state)
{
    (void)state;
    const double weights[] = {1, 8, 0.5};
    const evh_shift_term terms[] = {{0, 1, 1}, {1, 2, 3}, {2, 5, 1}};
    const evh_shift shift = {terms, 3};
    const evh_budget budgets[] = {{{1, 1}, {0, 1}}, {{1, 1}, {1, 1000000}}};
    const evh_noise_kind kinds[] = {EVH_NOISE_DISCRETE_LAPLACE, EVH_NOISE_DISCRETE_GAUSSIAN};
    const double cost[2][3] = {{1, 6, 5}, {1, 12, 25}};
    const double power[] = {1.0 / 3, 1.0 / 2};
    for (size_t i = 0; i < 2; i++) {
        evh_calibration problem = simple_problem(kinds[i], budgets[i]);
        problem.weights = weights;
        problem.class_count = 3;
        problem.shifts = &shift;
        evh_noise found[3];
        assert_ok(evh_calibrate(found, &problem));
        check_least(&problem, found);
        double unit = value_of(&found[0]);
        for (size_t k = 1; k < 3; k++)
            assert_close(value_of(&found[k]) / unit, pow(cost[i][k] / weights[k], power[i]),
                         1e-4 * unit);
    }
}

/* Two shifts that pull in different directions, against a search over all ratios. */
static void test_calibrate_near_optimal_for_several_shifts(void **state)
{
    (void)state;
    const double weights[] = {1, 3};
    const evh_shift_term first[] = {{0, 4, 1}, {1, 1, 1}};
    const evh_shift_term second[] = {{0, 1, 1}, {1, 3, 2}};
    const evh_shift shifts[] = {{first, 2}, {second, 2}};
    evh_calibration problem =
        simple_problem(EVH_NOISE_DISCRETE_LAPLACE, (evh_budget){{1, 1}, {0, 1}});
    problem.weights = weights;
    problem.class_count = 2;
    problem.shifts = shifts;
    problem.shift_count = 2;
    evh_noise found[2];
    assert_ok(evh_calibrate(found, &problem));
    check_least(&problem, found);
    double mine = 0;
    for (size_t k = 0; k < 2; k++)
        mine += weights[k] * evh_noise_variance(&found[k]);
    double best = INFINITY;
    for (double ratio = 0.05; ratio < 20; ratio *= 1.002) {
        double scale = fmax(4 + 1 / ratio, 1 + 6 / ratio);
        double b[] = {scale, scale * ratio};
        double sum = 0;
        for (size_t k = 0; k < 2; k++)
            sum += weights[k] / (2 * pow(sinh(1 / (2 * b[k])), 2));
        best = fmin(best, sum);
    }
    assert_true(mine <= 1.01 * best);
    assert_true(mine >= 0.999 * best);
}

/* Many rounds: the split that suits the Renyi bound is no worse than the one for the pure sum. */
static void test_calibrate_laplace_many_rounds(void **state)
{
    (void)state;
    const evh_shift_term terms[] = {{0, 1, 4}, {1, 4, 1}};
    const evh_shift shift = {terms, 2};
    evh_calibration problem =
        simple_problem(EVH_NOISE_DISCRETE_LAPLACE, (evh_budget){{1, 1}, {1, 1000000}});
    problem.class_count = 2;
    problem.shifts = &shift;
    problem.rounds = 365;
    evh_noise found[2];
    assert_ok(evh_calibrate(found, &problem));
    check_least(&problem, found);
    double mine = evh_noise_variance(&found[0]) + evh_noise_variance(&found[1]);
    /* The pure sum alone would need b = 365 * 8 in both. */
    assert_true(mine < 4.0 * 365 * 365 * 64 / 4);
}

static void test_calibrate_distributed_shares(void **state)
{
    (void)state;
    evh_calibration problem = simple_problem(EVH_NOISE_SKELLAM, (evh_budget){{1, 1}, {1, 1000000}});
    evh_noise alone;
    assert_ok(evh_calibrate(&alone, &problem));
    problem.honest_shares = 50;
    problem.clamp_bits = 60;
    evh_noise share;
    assert_ok(evh_calibrate(&share, &problem));
    check_least(&problem, &share);
    /* Fifty honest shares carry the noise that one customer would need alone. */
    assert_close(50 * value_of(&share), value_of(&alone), 0.01 * value_of(&alone));
}

/* A weight of 0 does not lead to endless noise in that class. */
static void test_calibrate_zero_weight_is_small_weight(void **state)
{
    (void)state;
    const double weights[] = {1, 0};
    const evh_shift_term terms[] = {{0, 1, 1}, {1, 1, 1}};
    const evh_shift shift = {terms, 2};
    evh_calibration problem =
        simple_problem(EVH_NOISE_DISCRETE_LAPLACE, (evh_budget){{1, 1}, {0, 1}});
    problem.weights = weights;
    problem.class_count = 2;
    problem.shifts = &shift;
    evh_noise found[2];
    assert_ok(evh_calibrate(found, &problem));
    check_least(&problem, found);
    assert_true(value_of(&found[1]) < 200 && value_of(&found[1]) > 50);
    assert_true(value_of(&found[0]) < 1.02);
}

static void test_calibrate_each_failure(void **state)
{
    (void)state;
    const evh_budget budget = {{1, 1}, {1, 1000000}};
    const evh_calibration good = simple_problem(EVH_NOISE_DISCRETE_GAUSSIAN, budget);
    evh_noise found[2];
    evh_calibration bad = good;
    bad.kind = EVH_NOISE_NONE;
    assert_fails_with(evh_calibrate(found, &bad), EVH_ERR_ARG, "none");
    bad.kind = (evh_noise_kind)8;
    assert_fails(evh_calibrate(found, &bad), EVH_ERR_ARG);
    bad = good;
    bad.class_count = 0;
    assert_fails(evh_calibrate(found, &bad), EVH_ERR_ARG);
    bad = good;
    bad.shift_count = 0;
    assert_fails(evh_calibrate(found, &bad), EVH_ERR_ARG);
    bad = good;
    bad.class_count = 2;
    assert_fails_with(evh_calibrate(found, &bad), EVH_ERR_ARG, "noise class 1");
    bad = good;
    bad.rounds = 0;
    assert_fails(evh_calibrate(found, &bad), EVH_ERR_ARG);
    const double weights[] = {-1, NAN, INFINITY, 0};
    for (size_t i = 0; i < 4; i++) {
        bad = good;
        bad.weights = &weights[i];
        assert_fails_with(evh_calibrate(found, &bad), EVH_ERR_ARG, "weight");
    }
    const evh_shift_term beyond[] = {{1, 1, 1}};
    const evh_shift wrong = {beyond, 1};
    bad = good;
    bad.shifts = &wrong;
    assert_fails(evh_calibrate(found, &bad), EVH_ERR_RANGE);
    assert_int_equal(found[0].kind, EVH_NOISE_NONE);
}

static void test_calibrate_out_of_reach(void **state)
{
    (void)state;
    evh_noise found;
    /* No Gaussian is pure; nothing meets epsilon 0; a Skellam has its largest variance. */
    evh_calibration problem =
        simple_problem(EVH_NOISE_DISCRETE_GAUSSIAN, (evh_budget){{1, 1}, {0, 1}});
    assert_fails(evh_calibrate(&found, &problem), EVH_ERR_PRIVACY);
    problem = simple_problem(EVH_NOISE_DISCRETE_LAPLACE, (evh_budget){{0, 1}, {0, 1}});
    assert_fails(evh_calibrate(&found, &problem), EVH_ERR_PRIVACY);
    problem = simple_problem(EVH_NOISE_SKELLAM, (evh_budget){{1, 100000}, {1, 1000000}});
    assert_fails_with(evh_calibrate(&found, &problem), EVH_ERR_PRIVACY, "skellam");
    assert_int_equal(found.kind, EVH_NOISE_NONE);
}

static evh_status calibrate_once(void *context)
{
    evh_noise found;
    evh_status status = evh_calibrate(&found, context);
    assert_int_equal(found.kind == EVH_NOISE_NONE, status.code != EVH_OK);
    return status;
}

static void test_calibrate_without_memory(void **state)
{
    (void)state;
    evh_calibration problem =
        simple_problem(EVH_NOISE_DISCRETE_LAPLACE, (evh_budget){{1, 1}, {0, 1}});
    assert_int_equal(test_alloc_sweep(calibrate_once, &problem), 7);
}

int run_calibrate_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_calibrate_laplace_is_the_sensitivity_over_epsilon),
        cmocka_unit_test(test_calibrate_each_kind_finds_the_least),
        cmocka_unit_test(test_calibrate_splits_by_weight),
        cmocka_unit_test(test_calibrate_near_optimal_for_several_shifts),
        cmocka_unit_test(test_calibrate_laplace_many_rounds),
        cmocka_unit_test(test_calibrate_distributed_shares),
        cmocka_unit_test(test_calibrate_zero_weight_is_small_weight),
        cmocka_unit_test(test_calibrate_each_failure),
        cmocka_unit_test(test_calibrate_out_of_reach),
        cmocka_unit_test(test_calibrate_without_memory),
    };
    return cmocka_run_group_tests_name("calibrate", tests, NULL, NULL);
}
