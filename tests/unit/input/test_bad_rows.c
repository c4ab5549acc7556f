/* SPDX-License-Identifier: Apache-2.0 */
#include "evenhand/input/bad_rows.h"

#include <string.h>

#include "support/test.h"
#include "tests.h"

static void test_bad_rows_add_until_limit(void **state)
{
    (void)state;
    evh_input_bad_rows list;
    assert_ok(evh_input_bad_rows_init(&list, 3));
    assert_ok(evh_input_bad_rows_check(&list));
    assert_ok(evh_input_bad_rows_add(&list, 4, "first"));
    assert_fails_with(evh_input_bad_rows_check(&list), EVH_ERR_INPUT,
                      "1 bad row, the first on line 4: first");
    assert_ok(evh_input_bad_rows_add(&list, 9, "second"));
    assert_fails_with(evh_input_bad_rows_add(&list, 5000000000, "third"), EVH_ERR_INPUT,
                      "stopped at bad row number 3, on line 5000000000: third");
    assert_int_equal(list.count, 3);
    assert_true(list.rows[2].line == 5000000000);
    assert_string_equal(list.rows[2].reason, "third");
    assert_fails_with(evh_input_bad_rows_check(&list), EVH_ERR_INPUT, "3 bad rows");
    assert_fails(evh_input_bad_rows_add(&list, 5000000001, "fourth"), EVH_ERR_INPUT);
    assert_int_equal(list.count, 3);
    evh_input_bad_rows_clear(&list);
    assert_int_equal(list.limit, 0);
}

static void test_bad_rows_add_cuts_long_reason(void **state)
{
    (void)state;
    char reason[400];
    memset(reason, 'x', sizeof reason - 1);
    reason[sizeof reason - 1] = '\0';
    evh_input_bad_rows list;
    assert_ok(evh_input_bad_rows_init(&list, 2));
    assert_ok(evh_input_bad_rows_add(&list, 1, reason));
    assert_int_equal(strlen(list.rows[0].reason), EVH_INPUT_REASON_LEN - 1);
    evh_input_bad_rows_clear(&list);
}

static void test_bad_rows_init_refuses_limits(void **state)
{
    (void)state;
    evh_input_bad_rows list;
    assert_fails(evh_input_bad_rows_init(&list, 0), EVH_ERR_ARG);
    assert_fails(evh_input_bad_rows_init(&list, EVH_INPUT_BAD_ROWS_MAX + 1), EVH_ERR_ARG);
    assert_null(list.rows);
}

int run_bad_rows_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_bad_rows_add_until_limit),
        cmocka_unit_test(test_bad_rows_add_cuts_long_reason),
        cmocka_unit_test(test_bad_rows_init_refuses_limits),
    };
    return cmocka_run_group_tests_name("bad_rows", tests, NULL, NULL);
}
