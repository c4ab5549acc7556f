/* SPDX-License-Identifier: Apache-2.0
 * ProPublica's counts of two races, worked by hand: d African-American, a Caucasian. */
#include <math.h>
#include <string.h>

#include "evenhand/fairness/named.h"
#include "evenhand/plan/noise.h"
#include "plans.h"
#include "tests.h"

static double value_of(const evh_evaluation *e, evh_clarify measure, size_t d, size_t a)
{
    const evh_clarify_asked asked = {.disfavoured = d, .favoured = a};
    evh_finding out;
    assert_ok(evh_clarify_measure(&out, e, measure, &asked));
    assert_int_equal(out.withheld, EVH_SHOWN);
    assert_true(out.estimate.defined);
    assert_int_equal(out.pointwise.withheld, EVH_SHOWN);
    assert_true(out.pointwise.low < out.estimate.value && out.estimate.value < out.pointwise.high);
    assert_true(out.privacy_sd == 0);
    return out.estimate.value;
}

static void test_clarify_of_compas(void **state)
{
    (void)state;
    evh_plan *plan = draft_without_noise(plan_compas);
    evh_evaluation *e = evaluate(plan, compas_cells, 0);
    static const struct {
        evh_clarify measure;
        double value;
    } known[] = {
        {EVH_CLARIFY_DPPL, 854.0 / 2454 - 2174.0 / 3696},
        {EVH_CLARIFY_DI, (2174.0 / 3696) / (854.0 / 2454)},
        {EVH_CLARIFY_DCA, 966.0 / 854 - 1901.0 / 2174},
        {EVH_CLARIFY_DCR, 1795.0 / 1522 - 1488.0 / 1600},
        {EVH_CLARIFY_AD, 1644.0 / 2454 - 2359.0 / 3696},
        {EVH_CLARIFY_RD, 505.0 / 966 - 1369.0 / 1901},
        {EVH_CLARIFY_SD, 990.0 / 1795 - 1139.0 / 1488},
        {EVH_CLARIFY_DAR, 505.0 / 854 - 1369.0 / 2174},
        {EVH_CLARIFY_DRR, 990.0 / 1522 - 1139.0 / 1600},
        {EVH_CLARIFY_TE, 532.0 / 805 - 461.0 / 349},
    };
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        assert_close(value_of(e, known[i].measure, 0, 1), known[i].value, 1e-14);
    /* Two false positives say little, but not nothing. */
    const evh_clarify_asked few = {.disfavoured = 4, .favoured = 1};
    evh_finding unsure;
    assert_ok(evh_clarify_measure(&unsure, e, EVH_CLARIFY_TE, &few));
    assert_close(unsure.estimate.value, 3.0 / 2 - 461.0 / 349, 1e-14);
    assert_int_equal(unsure.pointwise.withheld, EVH_SHOWN);
    assert_true(unsure.pointwise.low < -0.9 && unsure.pointwise.high > 4);
    /* The rest in place of one group. */
    assert_close(value_of(e, EVH_CLARIFY_RD, 4, EVH_NO_GROUP),
                 (1369.0 + 505 + 103 + 43 + 9) / (1901 + 966 + 232 + 133 + 10) - 6.0 / 9, 1e-14);
    /* Benefits 2, 1, 0 of 1,282 false positives, 4,716 right ones, 1,216 false negatives. */
    double mean = (2 * 1282.0 + 4716) / 7214;
    double squares = (4 * 1282.0 + 4716) / 7214;
    assert_close(value_of(e, EVH_CLARIFY_GE, 0, 1), (squares / (mean * mean) - 1) / 2, 1e-14);
    evh_evaluation_free(&e);
    evh_plan_free(&plan);
}

/* Of 100 wrong decisions none was a false negative. With the true quotient x these are 100 draws of
 * probability x/(1 + x): the score test leaves z^2/100. */
static void test_clarify_quotients_of_few(void **state)
{
    (void)state;
    evh_plan *plan = draft_without_noise(plan_compas);
    const int64_t cells[COMPAS_CELLS] = {900, 100, 0, 50, 1 << 26, 1 << 26, 1 << 26, 1 << 26};
    evh_evaluation *e = evaluate(plan, cells, 0);
    const evh_clarify_asked asked = {.disfavoured = 0, .favoured = 1};
    evh_finding out;
    assert_ok(evh_clarify_measure(&out, e, EVH_CLARIFY_TE, &asked));
    assert_close(out.estimate.value, -1, 1e-15);
    assert_close(out.pointwise.high, -1 + e->pointwise_z * e->pointwise_z / 100, 1e-4);
    assert_close(out.pointwise.low, -1, 1e-3);
    evh_evaluation_free(&e);
    evh_plan_free(&plan);
}

static const char plan_strata[] = "name: p\n"
                                  "scorer: binary\n"
                                  "attributes:\n"
                                  "  - {name: sex, values: [f, m]}\n"
                                  "  - {name: job, values: [a, b]}\n"
                                  "releases: [[sex, job]]\n"
                                  "privacy: {}\n";

/* Berkeley-like: women are rejected more often overall, not in either department. */
static void test_conditional_demographic_disparity(void **state)
{
    (void)state;
    evh_plan *plan = draft_without_noise(plan_strata);
    int64_t cells[4 * 4 * 4] = {0};
    const int64_t women_a[] = {18, 2, 3, 2};    /* 20 accepted, 5 rejected */
    const int64_t women_b[] = {15, 10, 40, 35}; /* 25 accepted, 75 rejected */
    const int64_t men_a[] = {50, 30, 10, 10};   /* 80 accepted, 20 rejected */
    const int64_t men_b[] = {5, 5, 20, 10};     /* 10 accepted, 30 rejected */
    for (size_t i = 0; i < 4; i++) {
        cells[evh_plan_cell_at(plan, 0, 0, 0, i)] = women_a[i];
        cells[evh_plan_cell_at(plan, 0, 1, 0, i)] = women_b[i];
        cells[evh_plan_cell_at(plan, 0, 4, 0, i)] = men_a[i];
        cells[evh_plan_cell_at(plan, 0, 5, 0, i)] = men_b[i];
    }
    evh_evaluation *e = evaluate(plan, cells, 0);
    const evh_clarify_asked asked = {.disfavoured = 0, .favoured = EVH_NO_GROUP, .stratum = 1};
    evh_finding out;
    assert_ok(evh_clarify_measure(&out, e, EVH_CLARIFY_CDDPL, &asked));
    double in_a = 5.0 / 25 - 20.0 / 100;
    double in_b = 75.0 / 105 - 25.0 / 35;
    assert_close(out.estimate.value, (125 * in_a + 140 * in_b) / 265, 1e-15);
    assert_true(out.pointwise.low < 0 && out.pointwise.high > 0);
    evh_evaluation_free(&e);
    evh_plan_free(&plan);
}

static const char plan_animals[] = "name: p\n"
                                   "scorer: multiclass\n"
                                   "multiclass: {classes: [cat, dog, hen]}\n"
                                   "attributes: [{name: light, values: [day, night]}]\n"
                                   "releases: [[light]]\n"
                                   "privacy: {mechanism: discrete-laplace, epsilon: \"1\"}\n";

/* tp fp fn of cat, dog, hen. By day 16 records, by night 20: cats by day 5 1 1, and so 9 that are
 * neither; by night 2 1 2, and so 15. */
static const int64_t animals[4 * 9] = {5, 1, 1, 3, 1, 3, 4, 2, 0, 2, 1, 2, 6, 3, 0, 8, 0, 2};

static void test_clarify_of_one_class(void **state)
{
    (void)state;
    evh_plan *plan = draft_without_noise(plan_animals);
    evh_evaluation *e = evaluate(plan, animals, 0);
    static const double known[] = {[EVH_CLARIFY_DPPL] = 3.0 / 20 - 6.0 / 16,
                                   [EVH_CLARIFY_DI] = (6.0 / 16) / (3.0 / 20),
                                   [EVH_CLARIFY_DCA] = 4.0 / 3 - 6.0 / 6,
                                   [EVH_CLARIFY_DCR] = 10.0 / 10 - 16.0 / 17,
                                   [EVH_CLARIFY_AD] = 17.0 / 20 - 14.0 / 16,
                                   [EVH_CLARIFY_RD] = 2.0 / 4 - 5.0 / 6,
                                   [EVH_CLARIFY_SD] = 9.0 / 10 - 15.0 / 16,
                                   [EVH_CLARIFY_DAR] = 2.0 / 3 - 5.0 / 6,
                                   [EVH_CLARIFY_DRR] = 9.0 / 10 - 15.0 / 17,
                                   [EVH_CLARIFY_TE] = 1.0 / 1 - 2.0 / 1,
                                   [EVH_CLARIFY_GE] = (36.0 * 39 / (35.0 * 35) - 1) / 2};
    assert_int_equal(evh_named_class_count(e), 3);
    for (size_t i = 0; i <= EVH_CLARIFY_GE; i++) {
        evh_finding out;
        assert_ok(evh_clarify_measure(&out, e, (evh_clarify)i,
                                      &(evh_clarify_asked){.disfavoured = 0, .favoured = 1}));
        assert_close(out.estimate.value, known[i], 1e-14);
    }
    evh_finding out;
    assert_fails(evh_clarify_measure(&out, e, EVH_CLARIFY_DI,
                                     &(evh_clarify_asked){.metric_class = 3, .favoured = 1}),
                 EVH_ERR_ARG);
    evh_fairlearn_finding all[EVH_FAIRLEARN_COUNT];
    assert_ok(evh_fairlearn_measures(all, e, &(evh_fairlearn_asked){.metric_class = 2}));
    /* Hens: 4 2 0 and 10 others by day, 8 0 2 and 10 others by night. */
    assert_close(all[EVH_DEMOGRAPHIC_PARITY_DIFFERENCE].estimate.value, 8.0 / 20 - 6.0 / 16, 1e-15);
    assert_close(all[EVH_EQUAL_OPPORTUNITY_RATIO].estimate.value, 0.8, 1e-15);
    assert_close(all[EVH_EQUALIZED_ODDS_DIFFERENCE].estimate.value, 0.2, 1e-15);
    assert_close(all[EVH_AVERAGE_ODDS_RATIO].estimate.value, (0.8 + 0) / 2, 1e-15);
    assert_fails(evh_fairlearn_measures(all, e, &(evh_fairlearn_asked){.metric_class = 3}),
                 EVH_ERR_ARG);
    evh_evaluation_free(&e);
    evh_plan_free(&plan);
}

/* The true negatives of a class hold the noise of its fp with the other sign, and that of the tp and
 * fn of all others. AD of day: (tp + tn)/n with n = tp + fn + those. */
static void test_noise_of_what_is_not_counted(void **state)
{
    (void)state;
    enum { CUSTOMERS = 10, TIMES = 1000 };
    evh_plan *plan = drafted_plan(plan_animals);
    int64_t cells[4 * 9];
    for (size_t i = 0; i < 4 * 9; i++)
        cells[i] = TIMES * animals[i];
    evh_evaluation *e = evaluate(plan, cells, CUSTOMERS);
    double v[9]; /* tp fp fn of cats, dogs, hens */
    for (size_t i = 0; i < 9; i++) {
        const size_t class = evh_plan_noise_class_of(plan, evh_plan_cell_at(plan, 0, 0, 0, i));
        v[i] = CUSTOMERS * evh_noise_variance(&evh_plan_noise_of(plan)->classes[class]);
    }
    const double others = v[3] + v[5] + v[6] + v[8];
    double expected = 0;
    static const double rates[] = {14.0 / 16, 17.0 / 20};
    static const double records[] = {16.0 * TIMES, 20.0 * TIMES};
    for (size_t i = 0; i < 2; i++) {
        double x = rates[i];
        double sum = (1 - x) * (1 - x) * (v[0] + others) + v[1] + x * x * v[2];
        expected += sum / (records[i] * records[i]);
    }
    evh_finding out;
    assert_ok(evh_clarify_measure(&out, e, EVH_CLARIFY_AD,
                                  &(evh_clarify_asked){.disfavoured = 0, .favoured = 1}));
    assert_int_equal(out.withheld, EVH_SHOWN);
    assert_close(out.privacy_sd, sqrt(expected), 1e-9);
    evh_evaluation_free(&e);
    evh_plan_free(&plan);
}

static evh_withheld why(const evh_evaluation *e, evh_clarify measure, size_t d, size_t a)
{
    evh_finding out;
    assert_ok(evh_clarify_measure(&out, e, measure,
                                  &(evh_clarify_asked){.disfavoured = d, .favoured = a}));
    assert_true(out.withheld == EVH_SHOWN || !out.estimate.defined);
    return out.withheld;
}

/* No name is shown whose denominator may be all noise. */
static void test_noise_withholds_names(void **state)
{
    (void)state;
    evh_plan *plan = drafted_plan(plan_compas);
    int64_t cells[COMPAS_CELLS] = {0};
    static const int64_t large[] = {4, 3, 3000, 9000}; /* hardly anybody is selected */
    static const int64_t other[] = {2000, 900, 400, 6000};
    static const int64_t small[] = {3, -2, 1, 4};
    for (size_t i = 0; i < 4; i++) {
        cells[i] = large[i];
        cells[4 + i] = other[i];
        cells[8 + i] = small[i];
    }
    evh_evaluation *e = evaluate(plan, cells, 10);
    assert_int_equal(why(e, EVH_CLARIFY_DPPL, 0, 1), EVH_SHOWN);
    assert_int_equal(why(e, EVH_CLARIFY_DI, 0, 1), EVH_SHOWN);
    assert_int_equal(why(e, EVH_CLARIFY_DI, 1, 0), EVH_WITHHELD_UNCLEAR);
    assert_int_equal(why(e, EVH_CLARIFY_DCA, 0, 1), EVH_WITHHELD_UNCLEAR);
    assert_int_equal(why(e, EVH_CLARIFY_DAR, 1, 0), EVH_WITHHELD_UNCLEAR);
    assert_int_equal(why(e, EVH_CLARIFY_TE, 1, 0), EVH_WITHHELD_UNCLEAR);
    assert_int_equal(why(e, EVH_CLARIFY_DRR, 0, 1), EVH_SHOWN);
    for (size_t i = 0; i < EVH_CLARIFY_GE; i++)
        assert_int_equal(why(e, (evh_clarify)i, 2, 1), EVH_WITHHELD_UNCLEAR);
    assert_int_equal(why(e, EVH_CLARIFY_GE, 0, 1), EVH_SHOWN);
    evh_evaluation_free(&e);
    /* One clear group is no comparison; without noise it is, and Fairlearn says 0. */
    evh_fairlearn_finding all[EVH_FAIRLEARN_COUNT];
    for (size_t i = 0; i < 4; i++)
        cells[i] = 0;
    e = evaluate(plan, cells, 10);
    assert_ok(evh_fairlearn_measures(all, e, &(evh_fairlearn_asked){0}));
    for (size_t i = 0; i < EVH_FAIRLEARN_COUNT; i++)
        assert_int_equal(all[i].withheld, EVH_WITHHELD_UNCLEAR);
    evh_evaluation_free(&e);
    memset(cells + 8, 0, 4 * sizeof *cells);
    e = evaluate(plan, cells, 0);
    assert_ok(evh_fairlearn_measures(all, e, &(evh_fairlearn_asked){0}));
    assert_int_equal(all[EVH_EQUALIZED_ODDS_DIFFERENCE].withheld, EVH_SHOWN);
    assert_true(all[EVH_EQUALIZED_ODDS_DIFFERENCE].estimate.value == 0);
    assert_int_equal(all[EVH_EQUALIZED_ODDS_DIFFERENCE].compared, 1);
    evh_evaluation_free(&e);
    evh_plan_free(&plan);
}

/* Strata that may be all noise are left out; one whose accepted may be makes it unsayable. */
static void test_noise_in_strata(void **state)
{
    (void)state;
    static const char plan_noised[] = "name: p\n"
                                      "scorer: binary\n"
                                      "attributes:\n"
                                      "  - {name: sex, values: [f, m]}\n"
                                      "  - {name: job, values: [a, b]}\n"
                                      "releases: [[sex, job]]\n"
                                      "privacy: {mechanism: discrete-laplace, epsilon: \"1\"}\n";
    evh_plan *plan = drafted_plan(plan_noised);
    int64_t cells[4 * 4 * 4] = {0};
    for (size_t sex = 0; sex < 2; sex++)
        for (size_t cell = 0; cell < 4; cell++)
            cells[evh_plan_cell_at(plan, 0, 4 * sex, 0, cell)] = 500 + 100 * (int64_t)(sex * cell);
    cells[evh_plan_cell_at(plan, 0, 1, 0, 0)] = 4; /* women in job b: noise */
    const evh_clarify_asked asked = {.disfavoured = 0, .favoured = EVH_NO_GROUP, .stratum = 1};
    evh_finding out;
    evh_evaluation *e = evaluate(plan, cells, 10);
    assert_ok(evh_clarify_measure(&out, e, EVH_CLARIFY_CDDPL, &asked));
    assert_close(out.estimate.value, 1000.0 / 2500 - 1000.0 / 2100, 1e-12);
    assert_true(out.privacy_sd > 0);
    evh_evaluation_free(&e);
    cells[evh_plan_cell_at(plan, 0, 1, 0, 3)] = 900; /* in job b nobody is accepted for certain */
    e = evaluate(plan, cells, 10);
    assert_ok(evh_clarify_measure(&out, e, EVH_CLARIFY_CDDPL, &asked));
    assert_int_equal(out.withheld, EVH_WITHHELD_UNCLEAR);
    evh_evaluation_free(&e);
    evh_plan_free(&plan);
}

static void test_clarify_edge_cases(void **state)
{
    (void)state;
    evh_plan *plan = draft_without_noise(plan_compas);
    int64_t cells[COMPAS_CELLS] = {0};
    cells[0] = 5; /* one group, all true positives */
    evh_evaluation *e = evaluate(plan, cells, 0);
    evh_clarify_asked asked = {.disfavoured = 0, .favoured = 1};
    evh_finding out;
    for (int i = 0; i < EVH_CLARIFY_COUNT; i++) {
        if (i == EVH_CLARIFY_GE || i == EVH_CLARIFY_CDDPL)
            continue;
        assert_ok(evh_clarify_measure(&out, e, (evh_clarify)i, &asked));
        assert_int_equal(out.withheld, EVH_WITHHELD_UNDEFINED);
        assert_false(out.estimate.defined);
    }
    asked.disfavoured = 8;
    assert_fails(evh_clarify_measure(&out, e, EVH_CLARIFY_RD, &asked), EVH_ERR_ARG);
    asked.disfavoured = 0;
    asked.favoured = 8;
    assert_fails(evh_clarify_measure(&out, e, EVH_CLARIFY_RD, &asked), EVH_ERR_ARG);
    asked.favoured = EVH_NO_GROUP;
    asked.stratum = 5;
    assert_fails(evh_clarify_measure(&out, e, EVH_CLARIFY_CDDPL, &asked), EVH_ERR_ARG);
    asked.grouping = 1;
    assert_fails(evh_clarify_measure(&out, e, EVH_CLARIFY_RD, &asked), EVH_ERR_ARG);
    evh_evaluation_free(&e);
    cells[0] = 0;
    e = evaluate(plan, cells, 0);
    assert_ok(evh_clarify_measure(&out, e, EVH_CLARIFY_GE, &(evh_clarify_asked){.favoured = 1}));
    assert_int_equal(out.withheld, EVH_WITHHELD_UNDEFINED);
    assert_ok(evh_clarify_measure(&out, e, EVH_CLARIFY_CDDPL, &(evh_clarify_asked){.favoured = 1}));
    assert_int_equal(out.withheld, EVH_WITHHELD_UNDEFINED);
    evh_evaluation_free(&e);
    evh_plan_free(&plan);
}

static double fairlearn(const evh_evaluation *e, evh_fairlearn measure)
{
    evh_fairlearn_finding all[EVH_FAIRLEARN_COUNT];
    assert_ok(evh_fairlearn_measures(all, e, &(evh_fairlearn_asked){0}));
    const evh_fairlearn_finding *out = &all[measure];
    assert_int_equal(out->withheld, EVH_SHOWN);
    assert_true(out->estimate.defined && out->corrected.defined);
    assert_int_equal(out->compared, 6);
    if (measure % 2 == 0)
        assert_true(out->corrected.value >= 0 && out->corrected.value <= out->estimate.value);
    else
        assert_true(out->corrected.value >= out->estimate.value && out->corrected.value <= 1);
    assert_int_equal(out->interval.withheld, EVH_SHOWN);
    assert_true(out->interval.low <= out->corrected.value);
    assert_true(out->interval.high >= out->corrected.value);
    return out->estimate.value;
}

static void test_fairlearn_of_compas(void **state)
{
    (void)state;
    evh_plan *plan = draft_without_noise(plan_compas);
    evh_evaluation *e = evaluate(plan, compas_cells, 0);
    double true_positive = 9.0 / 10 - 43.0 / 133;
    double false_positive = 805.0 / 1795 - 2.0 / 23;
    assert_close(fairlearn(e, EVH_DEMOGRAPHIC_PARITY_DIFFERENCE), 12.0 / 18 - 79.0 / 377, 1e-15);
    assert_close(fairlearn(e, EVH_DEMOGRAPHIC_PARITY_RATIO), (79.0 / 377) / (12.0 / 18), 1e-15);
    assert_close(fairlearn(e, EVH_EQUAL_OPPORTUNITY_DIFFERENCE), true_positive, 1e-15);
    assert_close(fairlearn(e, EVH_EQUAL_OPPORTUNITY_RATIO), (43.0 / 133) / 0.9, 1e-15);
    assert_close(fairlearn(e, EVH_EQUALIZED_ODDS_DIFFERENCE), true_positive, 1e-15);
    assert_close(fairlearn(e, EVH_EQUALIZED_ODDS_RATIO), (2.0 / 23) / (805.0 / 1795), 1e-15);
    assert_close(fairlearn(e, EVH_AVERAGE_ODDS_DIFFERENCE), (true_positive + false_positive) / 2,
                 1e-15);
    assert_close(fairlearn(e, EVH_AVERAGE_ODDS_RATIO),
                 ((43.0 / 133) / 0.9 + (2.0 / 23) / (805.0 / 1795)) / 2, 1e-15);
    evh_evaluation_free(&e);
    evh_plan_free(&plan);
}

static void test_named_measures_need_their_cells(void **state)
{
    (void)state;
    evh_plan *plan = draft_without_noise("name: p\nscorer: event\nattributes: []\n"
                                         "releases: [[]]\nprivacy: {}\n");
    const int64_t cells[] = {10, 5};
    evh_evaluation *e = evaluate(plan, cells, 0);
    evh_finding out;
    evh_fairlearn_finding all[EVH_FAIRLEARN_COUNT];
    assert_fails_with(evh_clarify_measure(&out, e, EVH_CLARIFY_DI, &(evh_clarify_asked){0}),
                      EVH_ERR_ARG, "DI");
    assert_fails_with(evh_fairlearn_measures(all, e, &(evh_fairlearn_asked){0}), EVH_ERR_ARG,
                      "Fairlearn");
    assert_int_equal(evh_named_class_count(e), 0);
    evh_evaluation_free(&e);
    evh_plan_free(&plan);
}

int run_named_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_clarify_of_compas),
        cmocka_unit_test(test_clarify_quotients_of_few),
        cmocka_unit_test(test_conditional_demographic_disparity),
        cmocka_unit_test(test_clarify_edge_cases),
        cmocka_unit_test(test_clarify_of_one_class),
        cmocka_unit_test(test_noise_of_what_is_not_counted),
        cmocka_unit_test(test_noise_withholds_names),
        cmocka_unit_test(test_noise_in_strata),
        cmocka_unit_test(test_fairlearn_of_compas),
        cmocka_unit_test(test_named_measures_need_their_cells),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
