/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "tests.h"

enum { WORDS, SUBSTITUTIONS, DELETIONS, INSERTIONS };

static evh_scorer *make_wer(const evh_wer_options *wer)
{
    const evh_scorer_options options = {.kind = EVH_SCORER_WER, .wer = *wer};
    return make_scorer(&options);
}

static void check_score(evh_scorer *scorer, const char *reference, const char *hypothesis,
                        const char *expected)
{
    evh_score score = score_of(scorer, reference, hypothesis);
    char actual[64];
    int len = snprintf(actual, sizeof actual, "%u %u %u %u%s", score.values[WORDS],
                       score.values[SUBSTITUTIONS], score.values[DELETIONS],
                       score.values[INSERTIONS], score.skipped ? " skipped" : "");
    assert_true(len > 0);
    assert_string_equal(actual, expected);
}

static void test_wer_scores(void **state)
{
    (void)state;
    evh_scorer *scorer = make_wer(&(evh_wer_options){.average = EVH_WER_BY_WORD});
    check_score(scorer, "a b c d", "a x c d e", "4 1 0 1");
    check_score(scorer, " a\tb\nc ", "", "3 0 3 0");
    check_score(scorer, "A b", "a b", "2 1 0 0");
    check_score(scorer, "", "a b", "0 0 0 0 skipped");
    check_score(scorer, " \n", "", "0 0 0 0 skipped");
    check_score(scorer, "\xff\xfe a", "\xff\xfe b", "2 1 0 0");
    evh_scorer_free(&scorer);
}

static void test_wer_empty_reference_counted(void **state)
{
    (void)state;
    evh_scorer *scorer = make_wer(
        &(evh_wer_options){.average = EVH_WER_BY_WORD, .empty_reference = EVH_WER_EMPTY_COUNT});
    check_score(scorer, "", "a b", "0 0 0 2");
    check_score(scorer, "", "", "0 0 0 0");
    evh_scorer_free(&scorer);
}

static void test_wer_normalizes(void **state)
{
    (void)state;
    evh_scorer *scorer = make_wer(
        &(evh_wer_options){.average = EVH_WER_BY_WORD, .normalizer = EVH_NORMALIZER_BASIC});
    check_score(scorer, "Don\xe2\x80\x99t go, please!", "don't GO please", "3 0 0 0");
    check_score(scorer, "...", "a", "0 0 0 0 skipped");
    evh_score score;
    assert_fails_with(
        evh_scorer_score(scorer, &score, view_of_literal("a"), view_of_literal("\xc3")),
        EVH_ERR_ENCODING, "the hypothesis");
    assert_fails_with(
        evh_scorer_score(scorer, &score, view_of_literal("\x80"), view_of_literal("a")),
        EVH_ERR_ENCODING, "the reference");
    evh_scorer_free(&scorer);
}

static void test_wer_word_cells(void **state)
{
    (void)state;
    const uint32_t values[] = {10, 1, 2, 3, 5, 0, 0, 4};
    evh_scorer *scorer =
        make_wer(&(evh_wer_options){.average = EVH_WER_BY_WORD, .detail = EVH_WER_SDI});
    int64_t cells[4] = {0};
    assert_ok(evh_scorer_reduce(scorer, cells, values, 2));
    const int64_t sdi[4] = {15, 1, 2, 7};
    assert_int_equal(evh_scorer_cell_count(scorer), 4);
    assert_string_equal(evh_scorer_cell_name(scorer, 3), "insertions");
    assert_memory_equal(cells, sdi, sizeof sdi);
    evh_scorer_free(&scorer);
    scorer = make_wer(&(evh_wer_options){.average = EVH_WER_BY_WORD});
    int64_t pair[2] = {0};
    assert_ok(evh_scorer_reduce(scorer, pair, values, 2));
    assert_int_equal(evh_scorer_cell_count(scorer), 2);
    assert_string_equal(evh_scorer_cell_name(scorer, 1), "errors");
    assert_int_equal(pair[0], 15);
    assert_int_equal(pair[1], 10);
    pair[1] = INT64_MAX;
    assert_fails(evh_scorer_reduce(scorer, pair, values, 2), EVH_ERR_RANGE);
    evh_scorer_free(&scorer);
}

/* words, errors, and the rate in hundredths with its square, by hand. */
static void test_wer_unit_rate_is_rounded(void **state)
{
    (void)state;
    static const struct {
        uint32_t words, errors, rate, squared;
    } rows[] = {{1, 0, 0, 0},      {1, 1, 100, 100},      {3, 1, 33, 11},     {3, 2, 67, 45},
                {200, 1, 1, 0},    {201, 1, 0, 0},        {200, 3, 2, 0},     {100, 7, 7, 0},
                {100, 8, 8, 1},    {10, 25, 100, 100},    {0, 2, 100, 100},   {0, 0, 0, 0},
                {100, 50, 50, 25}, {1000, 995, 100, 100}, {1000, 994, 99, 98}};
    evh_scorer *scorer = make_wer(&(evh_wer_options){.average = EVH_WER_BY_UNIT});
    assert_int_equal(evh_scorer_cell_count(scorer), 3);
    assert_string_equal(evh_scorer_cell_name(scorer, 2), "rate_squared_sum");
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const uint32_t values[] = {rows[i].words, 0, 0, rows[i].errors};
        int64_t cells[3] = {0};
        assert_ok(evh_scorer_reduce(scorer, cells, values, 1));
        assert_int_equal(cells[0], 1);
        assert_int_equal(cells[1], rows[i].rate);
        assert_int_equal(cells[2], rows[i].squared);
    }
    /* A speaker's recordings are pooled before the rate is taken. */
    const uint32_t two[] = {90, 0, 9, 0, 10, 10, 0, 5};
    int64_t cells[3] = {0};
    assert_ok(evh_scorer_reduce(scorer, cells, two, 2));
    assert_int_equal(cells[0], 1);
    assert_int_equal(cells[1], 24);
    assert_int_equal(cells[2], 6);
    evh_scorer_free(&scorer);
}

static void test_wer_new_bad_options(void **state)
{
    (void)state;
    static const evh_wer_options bad[] = {{.average = (evh_wer_average)9},
                                          {.detail = EVH_WER_SDI},
                                          {.average = EVH_WER_BY_WORD, .detail = (evh_wer_detail)9},
                                          {.alignment = (evh_alignment)9},
                                          {.normalizer = (evh_normalizer_kind)9},
                                          {.empty_reference = (evh_wer_empty_reference)9}};
    evh_scorer *scorer = NULL;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        const evh_scorer_options options = {.kind = EVH_SCORER_WER, .wer = bad[i]};
        assert_fails(evh_scorer_new(&scorer, &options), EVH_ERR_ARG);
        assert_null(scorer);
    }
}

int run_wer_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_wer_scores),
        cmocka_unit_test(test_wer_empty_reference_counted),
        cmocka_unit_test(test_wer_normalizes),
        cmocka_unit_test(test_wer_word_cells),
        cmocka_unit_test(test_wer_unit_rate_is_rounded),
        cmocka_unit_test(test_wer_new_bad_options),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
