/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <stdlib.h>

#include "evenhand/fairness/local.h"
#include "evenhand/fairness/trend.h"
#include "evenhand/plan/noise.h"
#include "evenhand/privacy/noise.h"
#include "plans.h"
#include "support/test.h"
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
    assert_false(out[2].decided || out[2].differs);
    assert_int_equal(out[2].difference.withheld, EVH_WITHHELD_UNDEFINED);
    assert_int_equal(out[2].global.withheld, EVH_WITHHELD_UNCLEAR);
    assert_false(out[2].share.defined);
    free(out);
    evh_evaluation_free(&local);
    evh_evaluation_free(&global);
    evh_plan_free(&plan);
}

/* Two records of a person may resemble each other: an interval is shown, and nothing is said of it. */
static void test_compare_says_nothing_where_records_may_not_be_independent(void **state)
{
    (void)state;
    evh_plan *plan = drafted_plan("name: p\nscorer: event\n"
                                  "attributes: [{name: a, values: [x, y]}]\nreleases: [[a]]\n"
                                  "privacy: {mechanism: discrete-laplace, records_per_unit: 2}\n");
    const int64_t mine[] = {1000, 400, 1000, 100, 0, 0, 0, 0};
    const int64_t all[] = {10000, 1300, 10000, 1000, 0, 0, 0, 0};
    evh_evaluation *local = evaluate(plan, mine, 0);
    evh_evaluation *global = evaluate(plan, all, 20);
    evh_local_comparison *out = NULL;
    size_t count = 0;
    assert_ok(evh_local_compare(&out, &count, local, global));
    assert_true(out[0].difference.simultaneous.low > 0.2);
    assert_false(out[0].decided || out[0].differs);
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

/* Without noise: what a person works out with a pencil, for metrics of every kind of quotient. */
static void assert_compares_exactly(const char *yaml, const int64_t *mine, const int64_t *all)
{
    evh_plan *plan = draft_without_noise(yaml);
    evh_evaluation *local = evaluate(plan, mine, 0);
    evh_evaluation *global = evaluate(plan, all, 0);
    evh_local_comparison *out = NULL;
    size_t count = 0;
    size_t shown = 0;
    assert_ok(evh_local_compare(&out, &count, local, global));
    for (size_t i = 0; i < count; i++) {
        const evh_finding *difference = &out[i].difference;
        if (difference->withheld != EVH_SHOWN)
            continue;
        shown++;
        assert_close(difference->estimate.value,
                     out[i].local.estimate.value - out[i].global.estimate.value, 1e-12);
        assert_true(difference->privacy_sd == 0);
        assert_true(difference->simultaneous.low <= difference->estimate.value &&
                    difference->estimate.value <= difference->simultaneous.high);
        assert_int_equal(out[i].differs, out[i].decided && (difference->simultaneous.low > 0 ||
                                                            difference->simultaneous.high < 0));
    }
    assert_true(shown > 0);
    free(out);
    evh_evaluation_free(&local);
    evh_evaluation_free(&global);
    evh_plan_free(&plan);
}

static void test_compare_is_local_less_global_without_noise(void **state)
{
    (void)state;
    static const char binary[] =
        "name: p\nscorer: binary\nattributes: [{name: a, values: [x]}]\nreleases: [[a]]\n"
        "privacy: {mechanism: none}\nquestions:\n"
        "  - {id: f, metric: f1_score, by: a, tolerance: 0.1}\n"
        "  - {id: e, metric: error_rate, by: a, tolerance: 0.1}\n"
        "  - {id: s, metric: selection_rate, by: a, tolerance: 0.1}\n";
    const int64_t mine[] = {40, 30, 20, 110, 0, 0, 0, 0, 3, 1, 2, 5};
    const int64_t all[] = {700, 200, 180, 3000, 9, 8, 7, 6, 30, 11, 12, 25};
    assert_compares_exactly(binary, mine, all);
    static const char regression[] =
        "name: p\nscorer: regression\nregression: {bound: 10}\n"
        "attributes: [{name: a, values: [x]}]\nreleases: [[a]]\nprivacy: {mechanism: none}\n"
        "questions:\n"
        "  - {id: r, metric: root_mean_squared_error, by: a, tolerance: 0.1}\n"
        "  - {id: m, metric: mean_error, by: a, tolerance: 0.1}\n";
    const int64_t errors[] = {100, 900, 300, 250, 0, 0, 0, 0, 0, 0, 0, 0};
    const int64_t all_errors[] = {2000, 9000, 8000, 1500, 5, 20, 10, 5, 0, 0, 0, 0};
    assert_compares_exactly(regression, errors, all_errors);
    static const char words[] =
        "name: p\nscorer: wer\nwer: {average: unit}\nattributes: [{name: a, values: [x]}]\n"
        "releases: [[a]]\nprivacy: {mechanism: none}\n";
    const int64_t units[] = {50, 900, 300, 0, 0, 0, 0, 0, 0};
    const int64_t all_units[] = {1000, 9000, 2000, 0, 0, 0, 5, 20, 3};
    assert_compares_exactly(words, units, all_units);
    static const char parts[] =
        "name: p\nscorer: wer\nwer: {average: word, detail: sdi}\n"
        "attributes: [{name: a, values: [x]}]\nreleases: [[a]]\n"
        "privacy: {mechanism: none, words_per_unit: 100, records_per_unit: 5}\n";
    const int64_t errors_of[] = {900, 90, 10, 20, 0, 0, 0, 0, 0, 0, 0, 0};
    const int64_t all_errors_of[] = {20000, 900, 400, 200, 9, 1, 1, 1, 50, 5, 5, 5};
    assert_compares_exactly(parts, errors_of, all_errors_of);
    static const char classes[] =
        "name: p\nscorer: multiclass\nmulticlass: {classes: [cat, dog]}\nmodels: [m1, m2]\n"
        "attributes: [{name: a, values: [x]}, {name: b, values: [y]}]\n"
        "releases: [[a, b]]\nderive: [[a]]\nprivacy: {mechanism: none}\nquestions:\n"
        "  - {id: p, metric: precision, class: cat, by: a, tolerance: 0.1}\n"
        "  - {id: r, metric: error_rate, by: a, tolerance: 0.1}\n";
    int64_t mine_of[9 * 2 * 6]; /* groups, models, tp fp fn of each class */
    int64_t all_of[9 * 2 * 6];
    for (size_t i = 0; i < 9 * 2 * 6; i++) {
        mine_of[i] = (int64_t)(5 + i * 7 % 11);
        all_of[i] = mine_of[i] + (int64_t)(60 + i * 13 % 29);
    }
    assert_compares_exactly(classes, mine_of, all_of);
}

/* A share of `count` records that each count with a chance of 51 in 256. */
static int64_t events_of(const evh_rng *rng, size_t count)
{
    uint8_t bytes[2000];
    int64_t events = 0;
    assert_true(count <= sizeof bytes);
    assert_ok(evh_rng_fill(rng, bytes, count));
    for (size_t i = 0; i < count; i++)
        events += bytes[i] < 51;
    return events;
}

/* A site that does not differ is said to in at most the 5 % of rounds that the plan's confidence
 * admits. 1,500 rounds; were it 5 % exactly, more than 108 would come out once in a thousand tries. */
static void test_compare_keeps_to_its_confidence(void **state)
{
    (void)state;
    enum { ROUNDS = 1500, ALARMS_MAX = 108, SITE = 150, OTHERS = 1850, CUSTOMERS = 20 };
    evh_plan *plan = drafted_plan(plan_sites);
    evh_noise cells[8];
    test_rng seed;
    const evh_rng rng = test_rng_seeded(&seed, 20261122);
    size_t alarms = 0;
    size_t shown = 0;
    assert_int_equal(evh_plan_cell_count(plan), 8);
    assert_ok(evh_plan_cell_noise(plan, cells));
    for (size_t round = 0; round < ROUNDS; round++) {
        int64_t mine[8] = {SITE, events_of(&rng, SITE), SITE, events_of(&rng, SITE)};
        int64_t all[8] = {SITE + OTHERS, mine[1] + events_of(&rng, OTHERS), SITE + OTHERS,
                          mine[3] + events_of(&rng, OTHERS)};
        for (size_t customer = 0; customer < CUSTOMERS; customer++) {
            int64_t noise[8];
            assert_ok(evh_noise_draw(noise, cells, 8, &rng));
            for (size_t i = 0; i < 8; i++)
                all[i] += noise[i];
        }
        evh_evaluation *local = evaluate(plan, mine, 0);
        evh_evaluation *global = evaluate(plan, all, CUSTOMERS);
        evh_local_comparison *out = NULL;
        size_t count = 0;
        bool alarm = false;
        assert_ok(evh_local_compare(&out, &count, local, global));
        for (size_t i = 0; i < count; i++) {
            alarm = alarm || out[i].differs;
            shown += out[i].difference.withheld == EVH_SHOWN;
        }
        alarms += alarm;
        free(out);
        evh_evaluation_free(&local);
        evh_evaluation_free(&global);
    }
    assert_true(alarms <= ALARMS_MAX);
    assert_true(shown >= 2 * ROUNDS);
    evh_plan_free(&plan);
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
        cmocka_unit_test(test_compare_says_nothing_where_records_may_not_be_independent),
        cmocka_unit_test(test_compare_refuses),
        cmocka_unit_test(test_compare_is_local_less_global_without_noise),
        cmocka_unit_test(test_compare_keeps_to_its_confidence),
        cmocka_unit_test(test_trend_marks_intervals_that_do_not_meet),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
