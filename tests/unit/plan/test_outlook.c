/* SPDX-License-Identifier: Apache-2.0 */
#include "evenhand/plan/outlook.h"

#include <math.h>
#include <string.h>

#include "evenhand/plan/groups.h"
#include "evenhand/plan/noise.h"
#include "plans.h"
#include "support/test.h"
#include "tests.h"

static evh_plan *drafted(const char *yaml)
{
    evh_plan *plan = parse_plan(yaml);
    evh_plan *complete = NULL;
    assert_ok(evh_plan_draft(&complete, plan, EVH_ADD_REMOVE));
    evh_plan_free(&plan);
    return complete;
}

#define EVENTS(more)                                                                               \
    "name: p\nscorer: event\nattributes: [{name: a, values: [x, y]}, {name: b, values: [u]}]\n"    \
    "releases: [[a, b]]\nderive: [[a]]\nprivacy: {}\n" more

#define SPEAKERS(more)                                                                             \
    "name: p\nscorer: wer\nattributes: [{name: a, values: [x, y]}]\nreleases: [[a]]\n"             \
    "privacy: {}\n" more

/* z for one comparison, and for the three of four groups with a reference, Bonferroni. */
static void test_quantile(void **state)
{
    (void)state;
    evh_plan *plan = parse_plan(EVENTS(""));
    assert_close(evh_outlook_quantile(plan), 1.959963984540054, 1e-12);
    evh_plan_free(&plan);
    plan = parse_plan(EVENTS("questions: [{id: q, metric: event_rate, by: a, reference: x, "
                             "tolerance: 0.1}]\nconfidence: 0.97\n"));
    assert_close(evh_outlook_quantile(plan), 2.575829303548901, 1e-9);
    evh_plan_free(&plan);
    plan = parse_plan(EVENTS("questions: [{id: q, metric: event_rate, by: a, tolerance: 0.1}]\n"
                             "confidence: 0.94\n"));
    assert_close(evh_outlook_quantile(plan), 2.575829303548901, 1e-9); /* six pairs */
    evh_plan_free(&plan);
}

/* By hand: event_rate = events / records, b the same in every cell summed, c customers. */
static void test_noise_sd(void **state)
{
    (void)state;
    evh_plan *plan = drafted(
        EVENTS("questions: [{id: q, metric: event_rate, by: a, reference: x, tolerance: 0.1}]\n"));
    const evh_plan_noise *noise = evh_plan_noise_of(plan);
    double records = evh_noise_variance(&noise->classes[0]);
    double events = evh_noise_variance(&noise->classes[1]);
    evh_outlook_assumptions assumed = {.customers = 7, .rate = 0.3};
    /* group x of a is summed over the three values of b */
    double expected = sqrt(7 * 3 * (events + 0.09 * records)) / 500;
    assert_close(evh_outlook_noise_sd(plan, 0, 0, 500, &assumed), expected, 1e-12);
    evh_plan_free(&plan);
}

/* What is needed is just enough: the interval fits the tolerance there, and not with fewer. */
static void test_units_needed_is_enough(void **state)
{
    (void)state;
    static const char *const plans[] = {
        EVENTS("questions: [{id: q, metric: event_rate, by: a, reference: x, tolerance: 0.02}]\n"),
        EVENTS("questions: [{id: q, metric: event_rate, by: [a, b], tolerance: 0.1}]\n"),
        SPEAKERS("questions: [{id: q, metric: wer, by: a, reference: y, tolerance: 0.05}]\n"),
    };
    static const double variances[] = {0.16, 0.16, 0.04};
    static const double tolerances[] = {0.02, 0.1, 0.05};
    for (size_t i = 0; i < 3; i++) {
        evh_plan *plan = drafted(plans[i]);
        evh_outlook_assumptions assumed = evh_outlook_assume(plan);
        assert_int_equal(assumed.customers, 6);
        double need = evh_outlook_units_needed(plan, 0, 0, &assumed);
        for (int fewer = 0; fewer < 2; fewer++) {
            double n = need - fewer;
            double sd = evh_outlook_noise_sd(plan, 0, 0, n, &assumed);
            double width = evh_outlook_quantile(plan) * sqrt(2 * variances[i] / n + 2 * sd * sd);
            assert_true((width <= tolerances[i]) == (fewer == 0));
        }
        evh_plan_free(&plan);
    }
}

static void test_units_that_fit(void **state)
{
    (void)state;
    evh_plan *plan = drafted("name: p\nscorer: wer\nattributes: []\nreleases: [[]]\n"
                             "privacy: {cell_bits: 20}\n");
    uint64_t room = evh_plan_cell_max(plan) - 2 * evh_plan_noise_of(plan)->offset;
    assert_close(evh_outlook_units_that_fit(plan), floor((double)room / 100), 0);
    evh_plan_free(&plan);
}

static void test_grouping_is_sound(void **state)
{
    (void)state;
    static const char yaml[] =
        "name: p\nscorer: %s\n"
        "attributes:\n"
        "  - {name: a, values: [x, y], per_unit: true}\n"
        "  - {name: b, values: [u]}\n"
        "  - {name: c, from: a, map: {k: [x]}}\n"
        "  - {name: d, from: b, map: {l: [u]}}\n"
        "releases: [[a, b]]\nderive: [[a], [b], [a, d], [b, c]]\nprivacy: {}\n";
    static const bool sound[] = {true, false, true, false, true};
    static const char *const scorers[] = {"wer", "regression\nregression: {bound: 1}", "event",
                                          "wer\nwer: {average: word}"};
    for (size_t s = 0; s < 4; s++) {
        evh_buffer text = evh_buffer_init(4096);
        const char *cut = strstr(yaml, "%s");
        assert_ok(evh_buffer_append(&text, evh_view_of(yaml, (size_t)(cut - yaml))));
        assert_ok(evh_buffer_append(&text, evh_view_of_text(scorers[s])));
        assert_ok(evh_buffer_append(&text, evh_view_of_text(cut + 2)));
        assert_ok(evh_buffer_u8(&text, 0));
        evh_plan *plan = parse_plan((const char *)text.data);
        for (size_t i = 0; i < 5; i++) {
            size_t attribute = 9;
            bool answer = evh_outlook_grouping_is_sound(plan, i, &attribute);
            assert_int_equal(answer, s >= 2 || sound[i]);
            assert_int_equal(attribute, answer ? 9 : 1);
        }
        evh_plan_free(&plan);
        evh_buffer_clear(&text);
    }
}

int run_outlook_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_quantile),
        cmocka_unit_test(test_noise_sd),
        cmocka_unit_test(test_units_needed_is_enough),
        cmocka_unit_test(test_units_that_fit),
        cmocka_unit_test(test_grouping_is_sound),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
