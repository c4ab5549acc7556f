/* SPDX-License-Identifier: Apache-2.0
 * Corrected disparities, and rates whose denominator has only just passed the limit. */
#include <math.h>

#include "evenhand/plan/noise.h"
#include "plans.h"
#include "tests.h"

static const char plan_events[] = "name: p\n"
                                  "scorer: event\n"
                                  "attributes: [{name: g, values: [a, b, c, d, e]}]\n"
                                  "releases: [[g]]\n"
                                  "privacy: {mechanism: discrete-gaussian, epsilon: \"1\", "
                                  "delta: \"1e-6\"}\n";
enum { CELLS = 14 };

static const evh_spread_finding *spread_of(const evh_evaluation *e)
{
    return &e->groupings[0].spreads[0];
}

/* The corrected difference of exact counts. */
static double corrected_of(const int64_t cells[CELLS], double *raw)
{
    evh_plan *plan = draft_without_noise(plan_events);
    evh_evaluation *e = evaluate(plan, cells, 0);
    double out = spread_of(e)->difference_corrected.value;
    *raw = spread_of(e)->difference.value;
    assert_true(spread_of(e)->ratio_corrected.value >= spread_of(e)->ratio.value);
    evh_evaluation_free(&e);
    evh_plan_free(&plan);
    return out;
}

static void test_spread_of_chance_alone_is_nothing(void **state)
{
    (void)state;
    static const int64_t cells[CELLS] = {100, 20, 100, 22, 100, 19, 100, 21, 100, 18};
    double raw;
    assert_close(corrected_of(cells, &raw), 0, 1e-12);
    assert_close(raw, 0.04, 1e-12);
}

static void test_spread_of_certain_rates_remains(void **state)
{
    (void)state;
    static const int64_t cells[CELLS] = {1000000, 100000,  1000000, 120000,  1000000,
                                         140000,  1000000, 160000,  1000000, 180000};
    double raw;
    double corrected = corrected_of(cells, &raw);
    assert_true(corrected < raw && corrected > 0.999 * raw);
}

static void test_spread_draws_in_an_uncertain_group(void **state)
{
    (void)state;
    static const int64_t cells[CELLS] = {10000, 1000, 10000, 1200, 10000, 1400, 10000, 1600, 10, 5};
    double raw;
    double corrected = corrected_of(cells, &raw);
    assert_close(raw, 0.4, 1e-12);
    assert_true(corrected > 0.05 && corrected < 0.6 * raw);
}

/* Speakers without a single error: there is no error to weigh with. */
static void test_spread_without_errors_is_the_raw_one(void **state)
{
    (void)state;
    static const int64_t cells[CELLS] = {10, 0, 10, 0, 10, 0, 10, 0, 10, 0};
    double raw;
    assert_close(corrected_of(cells, &raw), 0, 1e-12);
    assert_close(raw, 0, 0);
}

/* A rate of a half whose denominator is this many standard deviations of its noise. */
static evh_finding rate_at(double deviations)
{
    evh_plan *plan = drafted_plan(plan_events);
    const evh_noise *noise = &evh_plan_noise_of(plan)->classes[evh_plan_noise_class_of(plan, 0)];
    double sd = sqrt(evh_noise_variance(noise) * 10);
    int64_t n = (int64_t)ceil(deviations * sd);
    const int64_t cells[CELLS] = {n, n / 2};
    evh_evaluation *e = evaluate(plan, cells, 10);
    evh_finding out = *evh_evaluation_rate(e, 0, 0, 0, 0);
    evh_evaluation_free(&e);
    evh_plan_free(&plan);
    return out;
}

static void test_rate_just_above_the_limit_may_be_anything_larger(void **state)
{
    (void)state;
    assert_int_equal(rate_at(1.9).withheld, EVH_WITHHELD_UNCLEAR);
    evh_finding above = rate_at(2.1);
    assert_int_equal(above.pointwise.withheld, EVH_SHOWN);
    assert_true(above.pointwise.low >= 0 && above.pointwise.low < 0.5);
    assert_close(above.pointwise.high, 1, 0);
}

static void test_rate_well_above_the_limit_is_not_widened(void **state)
{
    (void)state;
    evh_finding far = rate_at(200);
    double sd = hypot(far.sampling_sd, far.privacy_sd);
    assert_close(far.pointwise.low, 0.5 - 1.96 * sd, 0.02 * sd);
    assert_close(far.pointwise.high, 0.5 + 1.96 * sd, 0.05 * sd);
}

/* Of the third group a rate is shown, but at the level of comparisons nothing is known of it. */
static void test_spread_with_an_unclear_group_may_be_anything(void **state)
{
    (void)state;
    static const char asking[] =
        "name: p\nscorer: event\nattributes: [{name: g, values: [a, b, c]}]\nreleases: [[g]]\n"
        "privacy: {mechanism: discrete-gaussian, epsilon: \"1\", delta: \"1e-6\"}\n"
        "questions: [{id: q, metric: event_rate, by: g, tolerance: 0.05}]\n";
    evh_plan *plan = drafted_plan(asking);
    const evh_noise *noise = &evh_plan_noise_of(plan)->classes[evh_plan_noise_class_of(plan, 0)];
    int64_t n = (int64_t)ceil(2.2 * sqrt(evh_noise_variance(noise) * 10));
    const int64_t cells[10] = {100000, 10000, 100000, 30000, n, n / 5};
    evh_evaluation *e = evaluate(plan, cells, 10);
    assert_int_equal(evh_evaluation_rate(e, 0, 0, 2, 0)->withheld, EVH_SHOWN);
    const evh_finding *gap = &e->answers[0].gap;
    assert_int_equal(gap->simultaneous.withheld, EVH_SHOWN);
    assert_close(gap->simultaneous.low, 0.2, 0.02);
    assert_close(gap->simultaneous.high, 1, 0);
    assert_int_equal(e->answers[0].verdict, EVH_EXCEEDS_TOLERANCE);
    evh_evaluation_free(&e);
    evh_plan_free(&plan);
}

int run_spread_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_spread_of_chance_alone_is_nothing),
        cmocka_unit_test(test_spread_of_certain_rates_remains),
        cmocka_unit_test(test_spread_draws_in_an_uncertain_group),
        cmocka_unit_test(test_spread_without_errors_is_the_raw_one),
        cmocka_unit_test(test_spread_with_an_unclear_group_may_be_anything),
        cmocka_unit_test(test_rate_just_above_the_limit_may_be_anything_larger),
        cmocka_unit_test(test_rate_well_above_the_limit_is_not_widened),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
