/* SPDX-License-Identifier: Apache-2.0 */
#include "tests.h"

enum { UNITS, OVER, UNDER, SQUARED, CELLS };

static evh_scorer *make_regression(const char *bound, uint32_t steps)
{
    const evh_scorer_options options = {.kind = EVH_SCORER_REGRESSION,
                                        .regression = {.bound = decimal_of(bound), .steps = steps}};
    return make_scorer(&options);
}

static int64_t error_of(evh_scorer *scorer, const char *truth, const char *estimate)
{
    return (int64_t)score_of(scorer, truth, estimate).values[0] - EVH_REGRESSION_ERROR_MAX;
}

static void test_regression_error_is_exact_and_clipped(void **state)
{
    (void)state;
    evh_scorer *scorer = make_regression("2", 100);
    assert_int_equal(evh_scorer_cell_count(scorer), CELLS);
    assert_string_equal(evh_scorer_cell_name(scorer, UNDER), "under");
    assert_int_equal(error_of(scorer, "1", "1.5"), 250000);
    assert_int_equal(error_of(scorer, "1.5", "1"), -250000);
    assert_int_equal(error_of(scorer, "0", "2"), 1000000);
    assert_int_equal(error_of(scorer, "0", "1e18"), 1000000);
    assert_int_equal(error_of(scorer, "1e18", "-1e18"), -1000000);
    /* In doubles this difference would be zero. */
    assert_int_equal(error_of(scorer, "10000000000000000", "10000000000000000.5"), 250000);
    assert_int_equal(error_of(scorer, "0.3", " 0.1 "), -100000);
    assert_int_equal(error_of(scorer, "1e-5000", "0"), 0);
    /* Cut towards zero on both sides. */
    assert_int_equal(error_of(scorer, "0", "0.0000019999"), 0);
    assert_int_equal(error_of(scorer, "0", "-0.0000039999"), -1);
    evh_scorer_free(&scorer);
}

static void test_regression_bad_rows(void **state)
{
    (void)state;
    evh_scorer *scorer = make_regression("2", 100);
    evh_score score;
    evh_view one = view_of_literal("1");
    assert_fails_with(evh_scorer_score(scorer, &score, view_of_literal(""), one), EVH_ERR_INPUT,
                      "the truth is empty");
    assert_fails_with(evh_scorer_score(scorer, &score, one, view_of_literal("n/a")), EVH_ERR_INPUT,
                      "the estimate is not a number");
    assert_fails_with(evh_scorer_score(scorer, &score, one, view_of_literal("1.1e18")),
                      EVH_ERR_INPUT, "over 10^18");
    assert_fails_with(evh_scorer_score(scorer, &score, view_of_literal("-1e5000"), one),
                      EVH_ERR_INPUT, "over 10^18");
    evh_scorer_free(&scorer);
}

static void check_unit(evh_scorer *scorer, const char *const *estimates, size_t count, int64_t over,
                       int64_t under, int64_t squared)
{
    uint32_t values[8];
    for (size_t i = 0; i < count; i++)
        values[i] = score_of(scorer, "0", estimates[i]).values[0];
    int64_t cells[CELLS] = {0};
    assert_ok(evh_scorer_reduce(scorer, cells, values, count));
    assert_int_equal(cells[UNITS], 1);
    assert_int_equal(cells[OVER], over);
    assert_int_equal(cells[UNDER], under);
    assert_int_equal(cells[SQUARED], squared);
}

static void test_regression_unit_mean_is_rounded(void **state)
{
    (void)state;
    evh_scorer *scorer = make_regression("10", 100);
    check_unit(scorer, (const char *const[]){"5"}, 1, 50, 0, 25);
    check_unit(scorer, (const char *const[]){"0.05"}, 1, 1, 0, 0);
    check_unit(scorer, (const char *const[]){"0.0499999999"}, 1, 0, 0, 0);
    check_unit(scorer, (const char *const[]){"-0.05"}, 1, 0, 1, 0);
    check_unit(scorer, (const char *const[]){"-20"}, 1, 0, 100, 100);
    check_unit(scorer, (const char *const[]){"-10", "10"}, 2, 0, 0, 0);
    check_unit(scorer, (const char *const[]){"1", "2", "-6"}, 3, 0, 10, 1);
    check_unit(scorer, (const char *const[]){"0.7"}, 1, 7, 0, 0);
    check_unit(scorer, (const char *const[]){"0.8"}, 1, 8, 0, 1);
    evh_scorer_free(&scorer);
    scorer = make_regression("0.5", 1);
    check_unit(scorer, (const char *const[]){"0.25"}, 1, 1, 0, 1);
    check_unit(scorer, (const char *const[]){"0.2499"}, 1, 0, 0, 0);
    evh_scorer_free(&scorer);
}

static void test_regression_reduce_refuses(void **state)
{
    (void)state;
    evh_scorer *scorer = make_regression("10", 10000);
    const uint32_t wrong[] = {2 * EVH_REGRESSION_ERROR_MAX + 1};
    int64_t cells[CELLS] = {0};
    assert_fails(evh_scorer_reduce(scorer, cells, wrong, 1), EVH_ERR_ARG);
    const uint32_t right[] = {2 * EVH_REGRESSION_ERROR_MAX};
    cells[OVER] = INT64_MAX - 9999;
    assert_fails(evh_scorer_reduce(scorer, cells, right, 1), EVH_ERR_RANGE);
    evh_scorer_free(&scorer);
}

static void test_regression_new_bad_options(void **state)
{
    (void)state;
    static const char *const bad[] = {"0", "-1", "0.0000009", "1000000000001", "1e30"};
    evh_scorer *scorer = NULL;
    evh_scorer_options options = {.kind = EVH_SCORER_REGRESSION, .regression = {.steps = 100}};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        options.regression.bound = decimal_of(bad[i]);
        assert_fails_with(evh_scorer_new(&scorer, &options), EVH_ERR_ARG, "bound");
    }
    options.regression = (evh_regression_options){.bound = decimal_of("1"), .steps = 0};
    assert_fails_with(evh_scorer_new(&scorer, &options), EVH_ERR_ARG, "steps");
    options.regression.steps = EVH_SCORER_STEPS_MAX + 1;
    assert_fails(evh_scorer_new(&scorer, &options), EVH_ERR_ARG);
    assert_null(scorer);
    static const char *const good[] = {"0.000001", "1e12"};
    for (size_t i = 0; i < 2; i++) {
        scorer = make_regression(good[i], EVH_SCORER_STEPS_MAX);
        assert_int_equal(error_of(scorer, "0", good[i]), 1000000);
        evh_scorer_free(&scorer);
    }
}

int run_regression_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_regression_error_is_exact_and_clipped),
        cmocka_unit_test(test_regression_bad_rows),
        cmocka_unit_test(test_regression_unit_mean_is_rounded),
        cmocka_unit_test(test_regression_reduce_refuses),
        cmocka_unit_test(test_regression_new_bad_options),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
