/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>

#include "tests.h"

static evh_estimate estimate(const evh_cells_meaning *meaning, const char *name,
                             const int64_t *cells, size_t class)
{
    evh_estimate out;
    assert_ok(evh_fairness_estimate(&out, metric_of(meaning->layout, name), meaning, cells, class));
    return out;
}

static void check(const evh_cells_meaning *meaning, const char *name, const int64_t *cells,
                  size_t class, double expected)
{
    evh_estimate out = estimate(meaning, name, cells, class);
    assert_true(out.defined);
    assert_close(out.value, expected, 1e-15 * (1 + fabs(expected)));
}

static void test_estimate_binary(void **state)
{
    (void)state;
    const evh_cells_meaning binary = {.layout = EVH_CELLS_BINARY};
    const int64_t cells[] = {30, 5, 10, 55};
    check(&binary, "accuracy", cells, 0, 0.85);
    check(&binary, "error_rate", cells, 0, 0.15);
    check(&binary, "selection_rate", cells, 0, 0.35);
    check(&binary, "prevalence", cells, 0, 0.40);
    check(&binary, "true_positive_rate", cells, 0, 30.0 / 40);
    check(&binary, "false_positive_rate", cells, 0, 5.0 / 60);
    check(&binary, "true_negative_rate", cells, 0, 55.0 / 60);
    check(&binary, "false_negative_rate", cells, 0, 10.0 / 40);
    check(&binary, "precision", cells, 0, 30.0 / 35);
    check(&binary, "false_discovery_rate", cells, 0, 5.0 / 35);
    check(&binary, "negative_predictive_value", cells, 0, 55.0 / 65);
    check(&binary, "false_omission_rate", cells, 0, 10.0 / 65);
    check(&binary, "f1_score", cells, 0, 60.0 / 75);
}

static void test_estimate_over_nothing_is_undefined(void **state)
{
    (void)state;
    const evh_cells_meaning binary = {.layout = EVH_CELLS_BINARY};
    const int64_t no_positives[] = {0, 5, 0, 55};
    assert_false(estimate(&binary, "true_positive_rate", no_positives, 0).defined);
    check(&binary, "false_positive_rate", no_positives, 0, 5.0 / 60);
    check(&binary, "precision", no_positives, 0, 0);
    const int64_t empty[] = {0, 0, 0, 0};
    for (size_t i = 0; i < evh_metric_count(EVH_CELLS_BINARY); i++) {
        const char *name = evh_metric_at(EVH_CELLS_BINARY, i)->name;
        evh_estimate out = estimate(&binary, name, empty, 0);
        assert_false(out.defined);
        assert_true(out.value == 0);
    }
    /* Noise: a negative denominator is nothing either, a negative numerator stays. */
    const int64_t noisy[] = {-3, 5, 1, -8};
    assert_false(estimate(&binary, "true_positive_rate", noisy, 0).defined);
    assert_false(estimate(&binary, "true_negative_rate", noisy, 0).defined);
    check(&binary, "precision", noisy, 0, -3.0 / 2);
}

/* Three classes, counted from the matrix {{5,1,0},{2,7,1},{0,3,6}} (rows are the truth). */
static void test_estimate_classes(void **state)
{
    (void)state;
    const evh_cells_meaning classes = {.layout = EVH_CELLS_CLASSES, .classes = 3};
    const int64_t cells[] = {5, 2, 1, 7, 4, 3, 6, 1, 3};
    check(&classes, "accuracy", cells, SIZE_MAX, 18.0 / 25);
    check(&classes, "error_rate", cells, SIZE_MAX, 7.0 / 25);
    check(&classes, "selection_rate", cells, 1, 11.0 / 25);
    check(&classes, "prevalence", cells, 1, 10.0 / 25);
    check(&classes, "true_positive_rate", cells, 1, 7.0 / 10);
    check(&classes, "false_negative_rate", cells, 2, 3.0 / 9);
    check(&classes, "false_positive_rate", cells, 1, 4.0 / 15);
    check(&classes, "true_negative_rate", cells, 1, 11.0 / 15);
    check(&classes, "precision", cells, 0, 5.0 / 7);
    check(&classes, "false_discovery_rate", cells, 0, 2.0 / 7);
    check(&classes, "f1_score", cells, 2, 12.0 / 16);
    const evh_cells_meaning errors = {.layout = EVH_CELLS_CLASS_ERRORS};
    const int64_t few[] = {25, 7};
    check(&errors, "error_rate", few, 0, 7.0 / 25);
    check(&errors, "accuracy", few, 0, 18.0 / 25);
}

static void test_estimate_words_and_events(void **state)
{
    (void)state;
    const evh_cells_meaning units = {.layout = EVH_CELLS_WER_UNITS};
    check(&units, "word_error_rate", (const int64_t[]){4, 130, 60}, 0, 0.325);
    const evh_cells_meaning errors = {.layout = EVH_CELLS_WER_ERRORS};
    check(&errors, "word_error_rate", (const int64_t[]){3, 4}, 0, 4.0 / 3);
    const evh_cells_meaning sdi = {.layout = EVH_CELLS_WER_SDI};
    const int64_t cells[] = {69, 7, 48, 1};
    check(&sdi, "word_error_rate", cells, 0, 56.0 / 69);
    check(&sdi, "substitution_rate", cells, 0, 7.0 / 69);
    check(&sdi, "deletion_rate", cells, 0, 48.0 / 69);
    check(&sdi, "insertion_rate", cells, 0, 1.0 / 69);
    const evh_cells_meaning events = {.layout = EVH_CELLS_EVENTS};
    check(&events, "event_rate", (const int64_t[]){8, 2}, 0, 0.25);
}

static void test_estimate_regression_in_its_own_unit(void **state)
{
    (void)state;
    evh_decimal bound;
    assert_ok(evh_decimal_parse(view_of_literal("2.5"), &bound));
    const evh_cells_meaning meaning = {
        .layout = EVH_CELLS_REGRESSION, .bound = bound, .steps = 100};
    const int64_t cells[] = {10, 300, 100, 90};
    check(&meaning, "mean_error", cells, 0, 20 * 0.025);
    check(&meaning, "mean_absolute_error", cells, 0, 40 * 0.025);
    check(&meaning, "mean_squared_error", cells, 0, 9 * 0.0625);
    check(&meaning, "root_mean_squared_error", cells, 0, 0.75);
    const int64_t noisy[] = {10, 0, 0, -90};
    assert_false(estimate(&meaning, "root_mean_squared_error", noisy, 0).defined);
    check(&meaning, "mean_squared_error", noisy, 0, -9 * 0.0625);
    assert_ok(evh_decimal_parse(view_of_literal("3e5"), &bound));
    const evh_cells_meaning large = {.layout = EVH_CELLS_REGRESSION, .bound = bound, .steps = 1};
    check(&large, "mean_error", (const int64_t[]){2, 1, 0, 1}, 0, 150000);
}

static void test_estimate_refuses(void **state)
{
    (void)state;
    const int64_t cells[] = {1, 1, 1, 1, 1, 1};
    evh_estimate out = {.defined = true, .value = 1};
    evh_cells_meaning meaning = {.layout = EVH_CELLS_WER_SDI};
    assert_fails_with(
        evh_fairness_estimate(&out, metric_of(EVH_CELLS_BINARY, "accuracy"), &meaning, cells, 0),
        EVH_ERR_ARG, "accuracy");
    assert_false(out.defined);
    meaning.layout = (evh_cell_layout)99;
    assert_fails(
        evh_fairness_estimate(&out, metric_of(EVH_CELLS_BINARY, "accuracy"), &meaning, cells, 0),
        EVH_ERR_ARG);
    meaning = (evh_cells_meaning){.layout = EVH_CELLS_CLASSES, .classes = 2};
    assert_fails_with(
        evh_fairness_estimate(&out, metric_of(EVH_CELLS_CLASSES, "precision"), &meaning, cells, 2),
        EVH_ERR_ARG, "2 classes");
    meaning = (evh_cells_meaning){.layout = EVH_CELLS_REGRESSION, .steps = 100};
    assert_fails_with(evh_fairness_estimate(&out, metric_of(EVH_CELLS_REGRESSION, "mean_error"),
                                            &meaning, cells, 0),
                      EVH_ERR_ARG, "bound");
}

static void test_metric_tables(void **state)
{
    (void)state;
    static const size_t cells[EVH_CELL_LAYOUTS] = {4, 9, 2, 3, 2, 4, 4, 2};
    for (int layout = 0; layout < EVH_CELL_LAYOUTS; layout++) {
        assert_int_equal(evh_cell_layout_count((evh_cell_layout)layout, 3), cells[layout]);
        size_t count = evh_metric_count((evh_cell_layout)layout);
        assert_true(count > 0);
        for (size_t i = 0; i < count; i++) {
            const evh_metric *metric = evh_metric_at((evh_cell_layout)layout, i);
            assert_ptr_equal(metric_of((evh_cell_layout)layout, metric->name), metric);
            assert_true(metric->of_class == false || layout == EVH_CELLS_CLASSES);
        }
        assert_null(evh_metric_find((evh_cell_layout)layout, view_of_literal("fairness")));
    }
}

static void test_difference_and_ratio(void **state)
{
    (void)state;
    const evh_estimate none = {0};
    const evh_estimate zero = {.defined = true, .value = 0};
    const evh_estimate third = {.defined = true, .value = 0.3};
    const evh_estimate tenth = {.defined = true, .value = 0.1};
    assert_close(evh_fairness_difference(third, tenth).value, 0.2, 1e-15);
    assert_close(evh_fairness_difference(tenth, third).value, -0.2, 1e-15);
    assert_close(evh_fairness_ratio(tenth, third).value, 1.0 / 3, 1e-15);
    assert_true(evh_fairness_ratio(zero, third).defined);
    assert_false(evh_fairness_ratio(third, zero).defined);
    assert_false(evh_fairness_ratio(none, third).defined);
    assert_false(evh_fairness_ratio(third, none).defined);
    assert_false(evh_fairness_difference(none, third).defined);
    assert_false(evh_fairness_difference(third, none).defined);
}

static void test_spread_between_groups(void **state)
{
    (void)state;
    const evh_estimate groups[] = {{.defined = true, .value = 0.2},
                                   {.defined = false, .value = 0},
                                   {.defined = true, .value = 0.5},
                                   {.defined = true, .value = 0.2},
                                   {.defined = true, .value = 0.5}};
    evh_spread spread = evh_fairness_spread(groups, 5);
    assert_int_equal(spread.defined, 4);
    assert_int_equal(spread.largest, 2);
    assert_int_equal(spread.smallest, 0);
    assert_close(spread.difference.value, 0.3, 1e-15);
    assert_close(spread.ratio.value, 0.4, 1e-15);
    spread = evh_fairness_spread(groups, 1);
    assert_true(spread.difference.defined && spread.difference.value == 0);
    assert_true(spread.ratio.defined && spread.ratio.value == 1);
    spread = evh_fairness_spread(groups + 1, 1);
    assert_int_equal(spread.defined, 0);
    assert_true(spread.largest == SIZE_MAX && spread.smallest == SIZE_MAX);
    assert_false(spread.difference.defined || spread.ratio.defined);
    const evh_estimate zeros[] = {{.defined = true, .value = 0}, {.defined = true, .value = -1}};
    spread = evh_fairness_spread(zeros, 2);
    assert_true(spread.difference.defined && spread.difference.value == 1);
    assert_false(spread.ratio.defined);
}

int run_estimate_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_estimate_binary),
        cmocka_unit_test(test_estimate_over_nothing_is_undefined),
        cmocka_unit_test(test_estimate_classes),
        cmocka_unit_test(test_estimate_words_and_events),
        cmocka_unit_test(test_estimate_regression_in_its_own_unit),
        cmocka_unit_test(test_estimate_refuses),
        cmocka_unit_test(test_metric_tables),
        cmocka_unit_test(test_difference_and_ratio),
        cmocka_unit_test(test_spread_between_groups),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
