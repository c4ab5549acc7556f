/* SPDX-License-Identifier: Apache-2.0 */
#include "evenhand/yaml/diagnostics.h"

#include <string.h>

#include "support/test.h"
#include "tests.h"

static const evh_mark at_line_3 = {.file = "plan.yaml", .line = 3, .column = 7};

static void test_diagnostics_add_and_format(void **state)
{
    (void)state;
    evh_diagnostics list = evh_diagnostics_init(10);
    assert_ok(evh_diagnostics_status(&list));
    evh_diagnostics_add(&list, EVH_SEVERITY_WARNING, at_line_3, NULL, "odd %d", 5);
    assert_ok(evh_diagnostics_status(&list));
    evh_diagnostics_add(&list, EVH_SEVERITY_ERROR, at_line_3, "a number", "epsilon is \"x\"");
    assert_fails_with(evh_diagnostics_status(&list), EVH_ERR_INPUT,
                      "plan.yaml:3:7: error: epsilon is \"x\" (expected a number)");
    evh_mark nowhere = {.file = NULL};
    evh_diagnostics_add(&list, EVH_SEVERITY_ERROR, nowhere, "", "bad");
    evh_mark whole_file = {.file = "a.csv"};
    evh_diagnostics_add(&list, EVH_SEVERITY_ERROR, whole_file, NULL, "empty");
    evh_buffer out = evh_buffer_init(4096);
    assert_ok(evh_diagnostics_format(&out, &list));
    assert_views_equal(evh_buffer_view(&out),
                       evh_view_of_text("plan.yaml:3:7: warning: odd 5\n"
                                        "plan.yaml:3:7: error: epsilon is \"x\" (expected a "
                                        "number)\nerror: bad\na.csv: error: empty\n"));
    evh_buffer_clear(&out);
    evh_diagnostics_clear(&list);
    assert_int_equal(list.errors, 0);
    assert_null(list.items);
}

static void test_diagnostics_ceiling_counts_the_rest(void **state)
{
    (void)state;
    evh_diagnostics list = evh_diagnostics_init(2);
    for (int i = 0; i < 5; i++)
        evh_diagnostics_add(&list, EVH_SEVERITY_ERROR, at_line_3, NULL, "mistake %d", i);
    assert_int_equal(list.count, 2);
    assert_int_equal(list.errors, 5);
    evh_buffer out = evh_buffer_init(4096);
    assert_ok(evh_diagnostics_format(&out, &list));
    assert_non_null(strstr((const char *)out.data, "and 3 more\n"));
    evh_buffer_clear(&out);
    evh_diagnostics_clear(&list);

    evh_diagnostics none = evh_diagnostics_init(0);
    evh_diagnostics_add(&none, EVH_SEVERITY_ERROR, at_line_3, NULL, "mistake");
    assert_fails_with(evh_diagnostics_status(&none), EVH_ERR_INPUT, "1 mistakes");
    evh_diagnostics_clear(&none);
}

static void test_diagnostics_sort_by_place(void **state)
{
    (void)state;
    static const uint64_t places[][2] = {{9, 1}, {2, 5}, {2, 1}, {2, 5}, {1, 8}};
    evh_diagnostics list = evh_diagnostics_init(10);
    for (size_t i = 0; i < 5; i++) {
        evh_mark at = {.file = "f", .line = places[i][0], .column = places[i][1]};
        evh_diagnostics_add(&list, EVH_SEVERITY_ERROR, at, NULL, "%zu", i);
    }
    evh_diagnostics_sort(&list);
    static const char *const order[] = {"4", "2", "1", "3", "0"};
    for (size_t i = 0; i < 5; i++)
        assert_string_equal(list.items[i].wrong, order[i]);
    evh_diagnostics_clear(&list);
}

static void test_diagnostics_add_makes_printable(void **state)
{
    (void)state;
    evh_diagnostics list = evh_diagnostics_init(4);
    evh_mark at = {.file = "a\x1b[2Jb", .line = 1, .column = 1};
    char long_text[2 * EVH_DIAGNOSTIC_TEXT_LEN];
    memset(long_text, 'x', sizeof long_text - 1);
    long_text[sizeof long_text - 1] = '\0';
    long_text[EVH_DIAGNOSTIC_TEXT_LEN - 2] = '\xc3'; /* the cut falls inside this character */
    long_text[EVH_DIAGNOSTIC_TEXT_LEN - 1] = '\xa9';
    evh_diagnostics_add(&list, EVH_SEVERITY_ERROR, at, long_text, "\x07 \xc2\x9b \xff \xc3\xa9");
    assert_string_equal(list.items[0].file, "a?[2Jb");
    assert_string_equal(list.items[0].wrong, "? ?? ? \xc3\xa9");
    assert_int_equal(strlen(list.items[0].right), EVH_DIAGNOSTIC_TEXT_LEN - 1);
    assert_int_equal(list.items[0].right[EVH_DIAGNOSTIC_TEXT_LEN - 2], '?');
    evh_diagnostics_clear(&list);
}

static void test_diagnostic_format_needs_room(void **state)
{
    (void)state;
    evh_diagnostics list = evh_diagnostics_init(4);
    evh_diagnostics_add(&list, EVH_SEVERITY_ERROR, at_line_3, "right", "wrong");
    for (size_t room = 0; room < 20; room++) {
        evh_buffer out = evh_buffer_init(room);
        assert_fails(evh_diagnostic_format(&out, &list.items[0]), EVH_ERR_MEMORY);
        assert_int_equal(out.len, 0);
        evh_buffer_clear(&out);
    }
    evh_diagnostics_clear(&list);
}

int run_diagnostics_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_diagnostics_add_and_format),
        cmocka_unit_test(test_diagnostics_ceiling_counts_the_rest),
        cmocka_unit_test(test_diagnostics_sort_by_place),
        cmocka_unit_test(test_diagnostics_add_makes_printable),
        cmocka_unit_test(test_diagnostic_format_needs_room),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
