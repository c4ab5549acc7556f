/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "support/test.h"
#include "tests.h"

static void test_code_info_table_is_complete(void **state)
{
    (void)state;
    for (int code = 0; code < EVH_CODE_COUNT; code++) {
        const evh_code_row *row = evh_code_info((evh_code)code);
        assert_non_null(row->name);
        for (int other = 0; other < code; other++)
            assert_string_not_equal(row->name, evh_code_info((evh_code)other)->name);
        assert_true(row->grpc >= 0 && row->grpc <= 16);
        assert_int_equal(row->exit == 0, code == EVH_OK);
        assert_int_equal(row->grpc == 0, code == EVH_OK);
    }
    assert_string_equal(evh_code_info((evh_code)9999)->name, "INTERNAL");
    assert_string_equal(evh_code_info((evh_code)-1)->name, "INTERNAL");
}

static void test_code_info_exit_codes(void **state)
{
    (void)state;
    assert_int_equal(evh_code_info(EVH_ERR_ARG)->exit, 2);
    assert_int_equal(evh_code_info(EVH_ERR_INPUT)->exit, 3);
    assert_int_equal(evh_code_info(EVH_ERR_PRIVACY)->exit, 4);
    assert_int_equal(evh_code_info(EVH_ERR_RNG)->exit, 4);
    assert_int_equal(evh_code_info(EVH_ERR_UNAVAILABLE)->exit, 5);
    assert_int_equal(evh_code_info(EVH_ERR_REFUSED)->exit, 6);
    assert_int_equal(evh_code_info(EVH_ERR_STORE)->exit, 7);
    assert_int_equal(evh_code_info(EVH_ERR_INTERNAL)->exit, 70);
}

static void test_fail_formats_and_cuts(void **state)
{
    (void)state;
    evh_status status = evh_fail(EVH_ERR_RANGE, "%d is over %d", 5, 4);
    assert_fails_with(status, EVH_ERR_RANGE, "5 is over 4");
    char text[300];
    memset(text, 'x', sizeof text);
    text[sizeof text - 1] = '\0';
    status = evh_fail(EVH_ERR_RANGE, "%s", text);
    assert_int_equal(strlen(status.text), EVH_STATUS_TEXT_LEN - 1);
    status = evh_status_in(evh_fail(EVH_ERR_RANGE, "y"), "%s", text);
    assert_int_equal(strlen(status.text), EVH_STATUS_TEXT_LEN - 1);
}

static void test_fail_with_ok_is_a_bug(void **state)
{
    (void)state;
    assert_fails(evh_fail(EVH_OK, "no failure"), EVH_ERR_INTERNAL);
}

static void test_status_in_puts_context_in_front(void **state)
{
    (void)state;
    evh_status status = evh_status_in(evh_fail(EVH_ERR_TYPE, "wrong type 9"), "share %d", 1);
    assert_fails_with(status, EVH_ERR_TYPE, "share 1: wrong type 9");
    assert_ok(evh_status_in(evh_ok(), "share"));
}

static evh_status propagate(bool fail_first, int *steps)
{
    evh_status status = evh_ok();
    EVH_TRY(fail_first ? evh_fail(EVH_ERR_KEY, "no key") : evh_ok());
    *steps += 1;
    EVH_REQUIRE(*steps > 1, EVH_ERR_RANGE, "only %d steps", *steps);
done:
    *steps += 10;
    return status;
}

static void test_try_jumps_to_done(void **state)
{
    (void)state;
    int steps = 0;
    assert_fails(propagate(true, &steps), EVH_ERR_KEY);
    assert_int_equal(steps, 10);
    assert_ok(propagate(false, &steps));
    assert_int_equal(steps, 21);
    steps = 0;
    assert_fails_with(propagate(false, &steps), EVH_ERR_RANGE, "only 1 steps");
}

int run_status_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_code_info_table_is_complete),
        cmocka_unit_test(test_code_info_exit_codes),
        cmocka_unit_test(test_fail_formats_and_cuts),
        cmocka_unit_test(test_fail_with_ok_is_a_bug),
        cmocka_unit_test(test_status_in_puts_context_in_front),
        cmocka_unit_test(test_try_jumps_to_done),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
