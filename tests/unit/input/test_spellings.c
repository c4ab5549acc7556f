/* SPDX-License-Identifier: Apache-2.0 */
#include "evenhand/input/spellings.h"

#include <stdio.h>
#include <string.h>

#include "support/test.h"
#include "tests.h"

static void add_other(evh_input_spellings *spellings, const char *text)
{
    assert_ok(evh_input_spellings_add_other(spellings, evh_view_of_text(text)));
}

static void test_spellings_list_by_count_then_text(void **state)
{
    (void)state;
    evh_input_spellings *spellings = NULL;
    const evh_input_spelling *list = NULL;
    size_t count = 7;
    assert_ok(evh_input_spellings_new(&spellings));
    evh_input_spellings_list(spellings, &list, &count);
    assert_int_equal(count, 0);
    const char *const texts[] = {"b", "a", "B", "a", "b", "c", "a", ""};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        add_other(spellings, texts[i]);
    evh_input_spellings_list(spellings, &list, &count);
    static const struct {
        const char *text;
        uint64_t count;
    } expected[] = {{"a", 3}, {"b", 2}, {"", 1}, {"B", 1}, {"c", 1}};
    assert_int_equal(count, 5);
    for (size_t i = 0; i < count; i++) {
        assert_views_equal(list[i].text, evh_view_of_text(expected[i].text));
        assert_true(list[i].count == expected[i].count);
    }
    evh_input_spellings_free(&spellings);
    assert_null(spellings);
}

static void test_spellings_totals_tell_missing_from_other(void **state)
{
    (void)state;
    evh_input_spellings *spellings = NULL;
    assert_ok(evh_input_spellings_new(&spellings));
    evh_input_spellings_add_known(spellings, 97);
    evh_input_spellings_add_missing(spellings, 50);
    add_other(spellings, "x");
    add_other(spellings, "y");
    add_other(spellings, "x");
    evh_input_spelling_totals totals = evh_input_spellings_totals(spellings);
    assert_true(totals.known == 97 && totals.missing == 50 && totals.other == 3);
    assert_true(totals.unlisted == 0);
    evh_input_spellings_free(&spellings);
}

static void test_spellings_check_is_exact(void **state)
{
    (void)state;
    evh_input_spellings *spellings = NULL;
    assert_ok(evh_input_spellings_new(&spellings));
    assert_ok(evh_input_spellings_check(spellings, "accent", 0, 1));
    evh_input_spellings_add_missing(spellings, 1000);
    evh_input_spellings_add_known(spellings, 98);
    add_other(spellings, "x");
    add_other(spellings, "y");
    assert_ok(evh_input_spellings_check(spellings, "accent", 2, 100));
    assert_ok(evh_input_spellings_check(spellings, "accent", 1, 1));
    assert_fails_with(evh_input_spellings_check(spellings, "accent", 0, 1), EVH_ERR_INPUT,
                      "attribute accent: too many values are not in the plan");
    assert_fails(evh_input_spellings_check(spellings, "accent", 1999999999, 100000000000),
                 EVH_ERR_INPUT);
    add_other(spellings, "x");
    assert_fails(evh_input_spellings_check(spellings, "accent", 2, 100), EVH_ERR_INPUT);
    /* Products beyond 64 bits. */
    evh_input_spellings_add_known(spellings, UINT64_MAX / 2);
    assert_ok(evh_input_spellings_check(spellings, "accent", 8, UINT64_MAX));
    evh_input_spellings_free(&spellings);
}

static void test_spellings_distinct_ones_are_bounded(void **state)
{
    (void)state;
    evh_input_spellings *spellings = NULL;
    const evh_input_spelling *list = NULL;
    size_t count = 0;
    assert_ok(evh_input_spellings_new(&spellings));
    for (int round = 0; round < 2; round++)
        for (int i = 0; i < EVH_INPUT_SPELLINGS_MAX + 5; i++) {
            char text[32];
            (void)snprintf(text, sizeof text, "spelling %d", i);
            add_other(spellings, text);
        }
    evh_input_spelling_totals totals = evh_input_spellings_totals(spellings);
    assert_true(totals.other == 2 * (EVH_INPUT_SPELLINGS_MAX + 5));
    assert_true(totals.unlisted == 10);
    evh_input_spellings_list(spellings, &list, &count);
    assert_int_equal(count, EVH_INPUT_SPELLINGS_MAX);
    for (size_t i = 0; i < count; i++)
        assert_true(list[i].count == 2);
    evh_input_spellings_free(&spellings);
}

static void test_spellings_long_ones_are_cut_at_a_character(void **state)
{
    (void)state;
    char text[2 * EVH_INPUT_SPELLING_BYTES_MAX + 1];
    evh_input_spellings *spellings = NULL;
    const evh_input_spelling *list = NULL;
    size_t count = 0;
    assert_ok(evh_input_spellings_new(&spellings));
    text[0] = 'a'; /* so that the limit falls inside a character of two bytes */
    for (size_t i = 1; i + 1 < sizeof text; i += 2)
        memcpy(text + i, "\xc3\xa9", 2);
    text[sizeof text - 2] = '\0';
    add_other(spellings, text);
    evh_input_spellings_list(spellings, &list, &count);
    assert_int_equal(count, 1);
    assert_views_equal(list[0].text, evh_view_of(text, EVH_INPUT_SPELLING_BYTES_MAX - 1));
    evh_input_spellings_free(&spellings);
}

int run_spellings_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_spellings_list_by_count_then_text),
        cmocka_unit_test(test_spellings_totals_tell_missing_from_other),
        cmocka_unit_test(test_spellings_check_is_exact),
        cmocka_unit_test(test_spellings_distinct_ones_are_bounded),
        cmocka_unit_test(test_spellings_long_ones_are_cut_at_a_character),
    };
    return cmocka_run_group_tests_name("spellings", tests, NULL, NULL);
}
