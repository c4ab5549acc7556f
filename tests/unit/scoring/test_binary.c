/* SPDX-License-Identifier: Apache-2.0 */
#include "tests.h"

enum { TP, FP, FN, TN };

static void test_binary_cells(void **state)
{
    (void)state;
    evh_scorer *scorer = make_binary();
    assert_int_equal(evh_scorer_width(scorer), 1);
    assert_int_equal(evh_scorer_cell_count(scorer), 4);
    assert_int_equal(evh_scorer_layout(scorer), EVH_CELLS_BINARY);
    static const char *const names[] = {"tp", "fp", "fn", "tn"};
    for (size_t i = 0; i < 4; i++)
        assert_string_equal(evh_scorer_cell_name(scorer, i), names[i]);
    assert_int_equal(score_of(scorer, "1", "yes").values[0], TP);
    assert_int_equal(score_of(scorer, "0", "1").values[0], FP);
    assert_int_equal(score_of(scorer, " yes\t", "no").values[0], FN);
    assert_int_equal(score_of(scorer, "Yes", "2").values[0], TN);
    evh_scorer_free(&scorer);
    assert_null(scorer);
    evh_scorer_free(&scorer);
}

static void test_binary_bad_rows(void **state)
{
    (void)state;
    evh_scorer *scorer = make_binary();
    evh_score score = {.skipped = true};
    evh_view one = view_of_literal("1");
    assert_fails_with(evh_scorer_score(scorer, &score, view_of_literal(""), one), EVH_ERR_INPUT,
                      "label is empty");
    assert_false(score.skipped);
    assert_fails_with(evh_scorer_score(scorer, &score, one, view_of_literal(" \r\n")),
                      EVH_ERR_INPUT, "prediction is empty");
    assert_int_equal(score.values[0], 0);
    assert_fails(evh_scorer_score(scorer, &score, view_of_literal("\xff"), one), EVH_ERR_ENCODING);
    assert_fails(evh_scorer_score(scorer, &score, one, view_of_literal("\xc0\x80")),
                 EVH_ERR_ENCODING);
    evh_scorer_free(&scorer);
}

static void test_binary_values_compare_in_nfc(void **state)
{
    (void)state;
    const evh_view positive[] = {view_of_literal("re\xcc\x81ussi")}; /* e, combining acute */
    const evh_scorer_options options = {.kind = EVH_SCORER_BINARY,
                                        .binary = {.positive = positive, .positive_count = 1}};
    evh_scorer *scorer = make_scorer(&options);
    assert_int_equal(score_of(scorer, "r\xc3\xa9ussi", "re\xcc\x81ussi").values[0], TP);
    assert_int_equal(score_of(scorer, "reussi", "R\xc3\xa9ussi").values[0], TN);
    evh_scorer_free(&scorer);
}

static void test_binary_threshold_is_exact(void **state)
{
    (void)state;
    const evh_view positive[] = {view_of_literal("1")};
    const evh_scorer_options options = {.kind = EVH_SCORER_BINARY,
                                        .binary = {.positive = positive,
                                                   .positive_count = 1,
                                                   .has_threshold = true,
                                                   .threshold = decimal_of("0.1")}};
    evh_scorer *scorer = make_scorer(&options);
    assert_int_equal(score_of(scorer, "1", "0.1").values[0], TP);
    assert_int_equal(score_of(scorer, "1", "1e-1").values[0], TP);
    assert_int_equal(score_of(scorer, "1", "0.1000000000000000000000000000001").values[0], TP);
    /* The same double as 0.1. */
    assert_int_equal(score_of(scorer, "1", "0.0999999999999999999999999").values[0], FN);
    assert_int_equal(score_of(scorer, "0", "-3").values[0], TN);
    evh_score score;
    evh_view one = view_of_literal("1");
    static const char *const bad[] = {"", "yes", "nan", "inf", "0x1", "1,5", "1 2", "."};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_fails(evh_scorer_score(scorer, &score, one, evh_view_of_text(bad[i])),
                     EVH_ERR_INPUT);
    evh_scorer_free(&scorer);
}

static void test_binary_reduce_adds(void **state)
{
    (void)state;
    evh_scorer *scorer = make_binary();
    const uint32_t values[] = {TP, TN, TN, FP, TP, TN};
    int64_t cells[4] = {10, 0, 0, 0};
    assert_ok(evh_scorer_reduce(scorer, cells, values, 6));
    assert_int_equal(cells[TP], 12);
    assert_int_equal(cells[FP], 1);
    assert_int_equal(cells[FN], 0);
    assert_int_equal(cells[TN], 3);
    assert_ok(evh_scorer_reduce(scorer, cells, NULL, 0));
    const uint32_t wrong[] = {4};
    assert_fails(evh_scorer_reduce(scorer, cells, wrong, 1), EVH_ERR_ARG);
    cells[TP] = INT64_MAX;
    assert_fails(evh_scorer_reduce(scorer, cells, values, 6), EVH_ERR_RANGE);
    evh_scorer_free(&scorer);
}

static void test_event_cells(void **state)
{
    (void)state;
    const evh_view positive[] = {view_of_literal("crash")};
    evh_scorer_options options = {.kind = EVH_SCORER_EVENT,
                                  .binary = {.positive = positive, .positive_count = 1}};
    evh_scorer *scorer = make_scorer(&options);
    assert_int_equal(evh_scorer_cell_count(scorer), 2);
    assert_string_equal(evh_scorer_cell_name(scorer, 0), "records");
    assert_string_equal(evh_scorer_cell_name(scorer, 1), "events");
    const uint32_t values[] = {score_of(scorer, "crash", "").values[0],
                               score_of(scorer, "none", "").values[0],
                               score_of(scorer, "crash", "ignored").values[0]};
    int64_t cells[2] = {0};
    assert_ok(evh_scorer_reduce(scorer, cells, values, 3));
    assert_int_equal(cells[0], 3);
    assert_int_equal(cells[1], 2);
    const uint32_t wrong[] = {2};
    assert_fails(evh_scorer_reduce(scorer, cells, wrong, 1), EVH_ERR_ARG);
    evh_scorer_free(&scorer);
    options.binary.has_threshold = true;
    assert_fails_with(evh_scorer_new(&scorer, &options), EVH_ERR_ARG, "no threshold");
}

static void test_scorer_new_bad_values(void **state)
{
    (void)state;
    evh_scorer *scorer = NULL;
    const evh_view twice[] = {view_of_literal("1"), view_of_literal("yes"), view_of_literal(" 1 ")};
    const evh_view empty[] = {view_of_literal("1"), view_of_literal(" ")};
    const evh_view broken[] = {view_of_literal("\xed\xa0\x80")}; /* a surrogate */
    evh_scorer_options options = {.kind = EVH_SCORER_BINARY};
    assert_fails_with(evh_scorer_new(&scorer, &options), EVH_ERR_ARG, "at least one");
    options.binary = (evh_binary_options){.positive = twice, .positive_count = 3};
    assert_fails_with(evh_scorer_new(&scorer, &options), EVH_ERR_ARG, "twice");
    options.binary = (evh_binary_options){.positive = empty, .positive_count = 2};
    assert_fails_with(evh_scorer_new(&scorer, &options), EVH_ERR_ARG, "empty");
    options.binary = (evh_binary_options){.positive = broken, .positive_count = 1};
    assert_fails(evh_scorer_new(&scorer, &options), EVH_ERR_ENCODING);
    assert_null(scorer);
    options.kind = (evh_scorer_kind)99;
    assert_fails_with(evh_scorer_new(&scorer, &options), EVH_ERR_ARG, "unknown scorer");
    assert_null(scorer);
}

int run_binary_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_binary_cells),
        cmocka_unit_test(test_binary_bad_rows),
        cmocka_unit_test(test_binary_values_compare_in_nfc),
        cmocka_unit_test(test_binary_threshold_is_exact),
        cmocka_unit_test(test_binary_reduce_adds),
        cmocka_unit_test(test_event_cells),
        cmocka_unit_test(test_scorer_new_bad_values),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
