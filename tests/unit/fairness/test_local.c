/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <stdlib.h>

#include "evenhand/fairness/local.h"
#include "evenhand/fairness/trend.h"
#include "plans.h"
#include "tests.h"

static const char plan_sites[] = "name: p\n"
                                 "scorer: event\n"
                                 "attributes: [{name: a, values: [x, y]}]\n"
                                 "releases: [[a]]\n"
                                 "privacy: {mechanism: discrete-laplace}\n"
                                 "questions:\n"
                                 "  - {id: q, metric: event_rate, by: a, tolerance: 0.1}\n";

static void test_compare_takes_the_site_out_of_the_whole(void **state)
{
    (void)state;
    evh_plan *plan = drafted_plan(plan_sites);
    const int64_t mine[] = {1000, 400, 1000, 100, 0, 0, 0, 0};
    const int64_t all[] = {10000, 1300, 10000, 1000, 0, 0, 0, 0};
    evh_evaluation *local = evaluate(plan, mine, 0);
    evh_evaluation *global = evaluate(plan, all, 20);
    evh_local_comparison *out = NULL;
    size_t count = 0;
    assert_ok(evh_local_compare(&out, &count, local, global));
    assert_int_equal(count, 4);
    assert_close(out[0].local.estimate.value, 0.4, 1e-15);
    assert_close(out[0].global.estimate.value, 0.13, 1e-15);
    assert_close(out[0].share.value, 0.1, 1e-15);
    assert_close(out[0].difference.estimate.value, 0.4 - 0.13, 1e-12);
    assert_true(out[0].differs);
    assert_true(out[0].difference.simultaneous.low > 0.2);
    assert_true(out[0].local.privacy_sd == 0 && out[0].difference.privacy_sd > 0);
    assert_false(out[1].differs);
    assert_close(out[1].difference.estimate.value, 0, 1e-12);
    assert_false(out[2].differs);
    assert_int_equal(out[2].difference.withheld, EVH_WITHHELD_UNDEFINED);
    free(out);
    evh_evaluation_free(&local);
    evh_evaluation_free(&global);
    evh_plan_free(&plan);
}

static void test_compare_refuses(void **state)
{
    (void)state;
    evh_plan *plan = drafted_plan(plan_sites);
    evh_plan *other = drafted_plan(plan_sites);
    const int64_t cells[] = {1000, 400, 1000, 100, 0, 0, 0, 0};
    evh_evaluation *noisy = evaluate(plan, cells, 20);
    evh_evaluation *elsewhere = evaluate(other, cells, 0);
    evh_local_comparison *out = NULL;
    size_t count = 1;
    assert_fails_with(evh_local_compare(&out, &count, noisy, noisy), EVH_ERR_ARG, "noise");
    assert_fails_with(evh_local_compare(&out, &count, elsewhere, noisy), EVH_ERR_ARG, "plans");
    assert_null(out);
    assert_int_equal(count, 0);
    evh_evaluation_free(&noisy);
    evh_evaluation_free(&elsewhere);
    evh_plan_free(&plan);
    evh_plan_free(&other);
}

static evh_trend_point point(uint32_t round, double low, double high)
{
    return (evh_trend_point){.round = round, .gap = {.simultaneous = {.low = low, .high = high}}};
}

static void test_trend_marks_intervals_that_do_not_meet(void **state)
{
    (void)state;
    evh_trend_point points[] = {point(1, 0.0, 0.1), point(2, 0.05, 0.15), point(3, 0.1, 0.2),
                                point(4, 0.16, 0.3), point(5, 0, 0)};
    points[4].gap.simultaneous.withheld = EVH_WITHHELD_UNCLEAR;
    assert_true(evh_trend_mark(points, 4));
    assert_false(points[0].drifted || points[1].drifted || points[2].drifted);
    assert_true(points[3].drifted);
    assert_int_equal(points[3].since, 2);
    assert_false(evh_trend_mark(points, 5));
    assert_true(points[3].drifted);
    assert_false(evh_trend_mark(points, 0));
}

int run_local_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_compare_takes_the_site_out_of_the_whole),
        cmocka_unit_test(test_compare_refuses),
        cmocka_unit_test(test_trend_marks_intervals_that_do_not_meet),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
