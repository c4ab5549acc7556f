/* SPDX-License-Identifier: Apache-2.0 */
#include "tests.h"

static void test_number_read_one_form_per_value(void **state)
{
    (void)state;
    static const char *const same[] = {"1.5",   "+1.50",  "0001.5", "15e-1", "0.15E+1",
                                       ".15e1", "150e-2", "1.5e0",  "1.5e-0"};
    for (size_t i = 0; i < sizeof same / sizeof same[0]; i++) {
        evh_number value = number_of(same[i]);
        assert_true(value.digits == 15 && value.exponent == -1 && !value.negative);
    }
    static const char *const zero[] = {"0", "-0", "0.000", "0e99", "-.0", "00."};
    for (size_t i = 0; i < sizeof zero / sizeof zero[0]; i++) {
        evh_number value = number_of(zero[i]);
        assert_true(value.digits == 0 && value.exponent == 0 && !value.negative);
    }
    evh_number value = number_of("-12300");
    assert_true(value.digits == 123 && value.exponent == 2 && value.negative);
}

static void test_number_read_refuses(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "",        "+",    "-",     ".",     "e5",      "1e",       "1e+",
        "1.2.3",   "--1",  "+-1",   " 1",    "1 ",      "1,0",      "nan",
        "inf",     "0x10", "1e5.5", "1_000", "1e10001", "1e-10001", "1e99999999999999999999",
        "10e10000"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        evh_number value = {.digits = 9};
        assert_fails_with(evh_number_read(&value, "the score", evh_view_of_text(bad[i])),
                          EVH_ERR_INPUT, "the score");
        assert_true(value.digits == 0);
    }
    evh_number value;
    assert_fails(evh_number_read(&value, "nul", view_of_literal("1\0")), EVH_ERR_INPUT);
    assert_ok(evh_number_read(&value, "38",
                              view_of_literal("99999999999999999999999999999999999999"
                                              "000")));
    assert_fails_with(
        evh_number_read(&value, "39", view_of_literal("123456789012345678901234567890123456789")),
        EVH_ERR_INPUT, "38 significant");
}

static void test_number_compare_order(void **state)
{
    (void)state;
    static const char *const ascending[] = {
        "-1e10000", "-12",  "-1.2000000000000000000000000000000000001", "-1.2", "-1e-10000",
        "0",        "1e-9", "0.0999999999999999999999999999999999999",  "0.1",  "0.10000000001",
        "1",        "1.5",  "9.99999999999999999999999999999999999",    "10",   "1e30"};
    size_t count = sizeof ascending / sizeof ascending[0];
    for (size_t i = 0; i < count; i++) {
        for (size_t j = 0; j < count; j++) {
            evh_number a = number_of(ascending[i]);
            evh_number b = number_of(ascending[j]);
            assert_int_equal(evh_number_compare(&a, &b), (i > j) - (i < j));
        }
    }
}

int run_number_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_number_read_one_form_per_value),
        cmocka_unit_test(test_number_read_refuses),
        cmocka_unit_test(test_number_compare_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
