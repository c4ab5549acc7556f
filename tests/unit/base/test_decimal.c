/* SPDX-License-Identifier: Apache-2.0 */
#include "evenhand/base/decimal.h"
#include "support/test.h"
#include "tests.h"

static evh_decimal parsed(const char *text)
{
    evh_decimal value = {.digits = 77, .exponent = 7};
    assert_ok(evh_decimal_parse(evh_view_of_text(text), &value));
    return value;
}

static void test_decimal_parse_normal_form(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int64_t digits;
        int32_t exponent;
    } rows[] = {
        {"0", 0, 0},
        {"-0.000", 0, 0},
        {"0e99", 0, 0},
        {"1", 1, 0},
        {"1.0", 1, 0},
        {"100", 1, 2},
        {"0.05", 5, -2},
        {"+0.50", 5, -1},
        {"-12.50", -125, -1},
        {".5", 5, -1},
        {"5.", 5, 0},
        {"1e-5", 1, -5},
        {"1E5", 1, 5},
        {"12.5e+3", 125, 2},
        {"1e-9999", 1, -9999},
        {"999999999999999999", 999999999999999999, 0},
        {"000000000000000000000.000000000000000000000001", 1, -24},
        {"1000000000000000000000000", 1, 24},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        evh_decimal value = parsed(rows[i].text);
        assert_true(value.digits == rows[i].digits);
        assert_int_equal(value.exponent, rows[i].exponent);
    }
}

static void test_decimal_parse_refuses(void **state)
{
    (void)state;
    static const char *const malformed[] = {"",      ".",    "-",   "+-1", "1 ",      " 1",  "1,5",
                                            "1e",    "1e",   "1e+", "e5",  "0x1",     "nan", "inf",
                                            "1.2.3", "1e5x", "--1", "1_0", "\xd9\xa1"};
    for (size_t i = 0; i < sizeof malformed / sizeof malformed[0]; i++) {
        evh_decimal value = {.digits = 77, .exponent = 7};
        assert_fails(evh_decimal_parse(evh_view_of_text(malformed[i]), &value), EVH_ERR_ENCODING);
        assert_true(value.digits == 0 && value.exponent == 0);
    }
    static const char *const outside[] = {"1e10000", "1e-10000", "1e99999999999999999999",
                                          "1234567890123456789", "0.1234567890123456789"};
    for (size_t i = 0; i < sizeof outside / sizeof outside[0]; i++) {
        evh_decimal value = {.digits = 77, .exponent = 7};
        assert_fails(evh_decimal_parse(evh_view_of_text(outside[i]), &value), EVH_ERR_RANGE);
        assert_true(value.digits == 0 && value.exponent == 0);
    }
}

static void test_decimal_compare_orders(void **state)
{
    (void)state;
    static const char *const rising[] = {"-1e9999",
                                         "-25",
                                         "-24.999999999999999",
                                         "-1",
                                         "-0.05",
                                         "-1e-9999",
                                         "0",
                                         "1e-9999",
                                         "0.1",
                                         "0.100000000000001",
                                         "0.2",
                                         "18",
                                         "18.0000000000001",
                                         "40",
                                         "1e17",
                                         "999999999999999999",
                                         "1e18",
                                         "1e9999"};
    size_t count = sizeof rising / sizeof rising[0];
    for (size_t i = 0; i < count; i++) {
        for (size_t j = 0; j < count; j++) {
            int expected = (i > j) - (i < j);
            assert_int_equal(evh_decimal_compare(parsed(rising[i]), parsed(rising[j])), expected);
        }
    }
}

static void test_decimal_compare_cut_decides_beyond_digits(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        const char *edge;
        int order;
    } rows[] = {
        {"18.000000000000000000000000000001", "18", 1},
        {"18.000000000000000000000000000000", "18", 0},
        {"17.999999999999999999999999999999", "18", -1},
        {"-18.000000000000000000000000000001", "-18", -1},
        {"-17.999999999999999999999999999999", "-18", 1},
        {"100000000000000000000000000000001", "1e32", 1},
        {"0.123456789012345678000000000000", "0.123456789012345678", 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        evh_decimal value = {.digits = 0};
        bool cut = false;
        assert_ok(evh_decimal_parse_cut(evh_view_of_text(rows[i].text), &value, &cut));
        assert_int_equal(evh_decimal_compare_cut(value, cut, parsed(rows[i].edge)), rows[i].order);
    }
}

static void test_decimal_fraction_lowest_terms(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        uint64_t numerator;
        uint64_t denominator;
    } rows[] = {
        {"0", 0, 1},
        {"1.0", 1, 1},
        {"0.05", 1, 20},
        {"-0.05", 1, 20},
        {"1e-5", 1, 100000},
        {"12.5", 25, 2},
        {"1e19", 10000000000000000000U, 1},
        {"1e-19", 1, 10000000000000000000U},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        uint64_t numerator = 0;
        uint64_t denominator = 0;
        assert_ok(evh_decimal_fraction(parsed(rows[i].text), &numerator, &denominator));
        assert_true(numerator == rows[i].numerator);
        assert_true(denominator == rows[i].denominator);
    }
    uint64_t numerator = 5;
    uint64_t denominator = 0;
    assert_fails(evh_decimal_fraction(parsed("1e-20"), &numerator, &denominator), EVH_ERR_RANGE);
    assert_fails(evh_decimal_fraction(parsed("2e19"), &numerator, &denominator), EVH_ERR_RANGE);
    assert_true(numerator == 0 && denominator == 1);
}

static void test_decimal_format_reads_back(void **state)
{
    (void)state;
    static const char *const plain[] = {"0",           "0.05",
                                        "-12",         "1000",
                                        "12.5",        "-0.000000001",
                                        "1e-12",       "25e20",
                                        "1e9999",      "-3e-9999",
                                        "1000000000",  "123456789012345678",
                                        "0.123456789", "123456789012345678e9"};
    for (size_t i = 0; i < sizeof plain / sizeof plain[0]; i++) {
        char text[EVH_DECIMAL_TEXT_LEN];
        evh_decimal_format(text, parsed(plain[i]));
        assert_string_equal(text, plain[i]);
    }
    for (int32_t exponent = -40; exponent <= 40; exponent++) {
        evh_decimal value = {.digits = -987654321987654321, .exponent = exponent};
        char text[EVH_DECIMAL_TEXT_LEN];
        evh_decimal_format(text, value);
        assert_int_equal(evh_decimal_compare(parsed(text), value), 0);
    }
    assert_true(evh_decimal_of(-2500).digits == -25 && evh_decimal_of(-2500).exponent == 2);
}

static void test_decimal_to_double(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        double value;
    } known[] = {{"0", 0}, {"0.05", 0.05}, {"-2.5", -2.5}, {"3e5", 3e5}, {"1e-12", 1e-12}};
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        evh_decimal value;
        assert_ok(evh_decimal_parse(evh_view_of_text(known[i].text), &value));
        assert_true(evh_decimal_to_double(value) == known[i].value);
    }
}

int run_decimal_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_decimal_parse_normal_form),
        cmocka_unit_test(test_decimal_parse_refuses),
        cmocka_unit_test(test_decimal_compare_orders),
        cmocka_unit_test(test_decimal_compare_cut_decides_beyond_digits),
        cmocka_unit_test(test_decimal_fraction_lowest_terms),
        cmocka_unit_test(test_decimal_format_reads_back),
        cmocka_unit_test(test_decimal_to_double),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
