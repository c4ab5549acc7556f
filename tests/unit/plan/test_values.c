/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "plans.h"
#include "support/test.h"
#include "tests.h"

static const char plan[] = "name: p\n"
                           "scorer: event\n"
                           "attributes:\n"
                           "  - {name: listed, values: [f, m, \xc3\xa9t\xc3\xa9, 'two words']}\n"
                           "  - {name: age, bins: [-1.5, 0, 18, 40]}\n"
                           "  - {name: coarse, from: age, map: {minor: ['[0,18)', '[-1.5,0)']}}\n"
                           "  - {name: short, from: listed, map: {x: [m], y: [f]}}\n"
                           "releases: [[listed, age]]\n"
                           "derive: [[coarse, short]]\n"
                           "privacy: {}\n";

static void test_value_of(void **state)
{
    (void)state;
    static const struct {
        size_t attribute;
        const char *text;
        const char *value;
    } rows[] = {
        {0, "f", "f"},
        {0, "m", "m"},
        {0, " m\t\r\n", "m"},
        {0, "F", "_other"},
        {0, "\xc3\xa9t\xc3\xa9", "\xc3\xa9t\xc3\xa9"},
        {0, " e\xcc\x81te\xcc\x81", "\xc3\xa9t\xc3\xa9"},
        {0, "two words", "two words"},
        {0, "two  words", "_other"},
        {0, "", "_missing"},
        {0, " \t ", "_missing"},
        {0, "_other", "_other"},
        {0, "_missing", "_other"},
        {1, "0", "[0,18)"},
        {1, "-0.0", "[0,18)"},
        {1, "17", "[0,18)"},
        {1, "17.99999999999999999999999999", "[0,18)"},
        {1, "18", "[18,40)"},
        {1, " 1.8e1 ", "[18,40)"},
        {1, "18.000000000000000000000000001", "[18,40)"},
        {1, "39.9", "[18,40)"},
        {1, "40", "_other"},
        {1, "1e30", "_other"},
        {1, "-1.5", "[-1.5,0)"},
        {1, "-1.500000000000000000000000001", "_other"},
        {1, "-0.0001", "[-1.5,0)"},
        {1, "-2", "_other"},
        {1, "eighteen", "_other"},
        {1, "18 years", "_other"},
        {1, "nan", "_other"},
        {1, "1e99999", "_other"},
        {1, "", "_missing"},
        {2, "3", "minor"},
        {2, "-1", "minor"},
        {2, "20", "_other"},
        {2, "99", "_other"},
        {2, "", "_missing"},
        {3, "m", "x"},
        {3, "f", "y"},
        {3, "two words", "_other"},
        {3, "?", "_other"},
        {3, " ", "_missing"},
    };
    evh_plan *made = parse_plan(plan);
    evh_buffer scratch = evh_buffer_init(4096);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        size_t value = 99;
        assert_ok(evh_plan_value_of(made, rows[i].attribute, evh_view_of_text(rows[i].text),
                                    &scratch, &value));
        assert_true(value < evh_plan_value_count(made, rows[i].attribute));
        const char *name = evh_plan_value_name(made, rows[i].attribute, value);
        if (!evh_view_equal(evh_view_of_text(name), evh_view_of_text(rows[i].value)))
            fail_msg("%s became %s, not %s", rows[i].text, name, rows[i].value);
    }
    evh_buffer_clear(&scratch);
    evh_plan_free(&made);
}

static void test_value_of_refuses_bad_utf8(void **state)
{
    (void)state;
    evh_plan *made = parse_plan(plan);
    evh_buffer scratch = evh_buffer_init(4096);
    for (size_t attribute = 0; attribute < 4; attribute++) {
        size_t value = 99;
        assert_fails(
            evh_plan_value_of(made, attribute, evh_view_of_text("m\xff"), &scratch, &value),
            EVH_ERR_ENCODING);
        assert_string_equal(evh_plan_value_name(made, attribute, value), "_other");
    }
    evh_buffer small = evh_buffer_init(1);
    size_t value = 99;
    assert_fails(evh_plan_value_of(made, 0, evh_view_of_text("\xc3\xa9"), &small, &value),
                 EVH_ERR_MEMORY);
    evh_buffer_clear(&scratch);
    evh_plan_free(&made);
}

/* A full table must find every value and nothing else. */
static void test_value_of_many_values(void **state)
{
    (void)state;
    evh_buffer yaml = evh_buffer_init(EVH_PLAN_BYTES_MAX);
    assert_ok(evh_buffer_format(&yaml, "name: p\nscorer: event\nprivacy: {}\nreleases: [[a]]\n"
                                       "attributes: [{name: a, values: [v0"));
    for (unsigned i = 1; i < EVH_PLAN_VALUES_MAX; i++)
        assert_ok(evh_buffer_format(&yaml, ", v%u", i));
    assert_ok(evh_buffer_format(&yaml, "]}]\n"));
    assert_ok(evh_buffer_u8(&yaml, 0));
    evh_plan *made = parse_plan((const char *)yaml.data);
    evh_buffer scratch = evh_buffer_init(64);
    for (unsigned i = 0; i < 2 * EVH_PLAN_VALUES_MAX; i++) {
        char text[16];
        size_t value = SIZE_MAX;
        (void)snprintf(text, sizeof text, "v%u", i);
        assert_ok(evh_plan_value_of(made, 0, evh_view_of_text(text), &scratch, &value));
        assert_int_equal(value, i < EVH_PLAN_VALUES_MAX ? i : EVH_PLAN_VALUES_MAX);
    }
    evh_buffer_clear(&yaml);
    evh_plan_free(&made);
}

int run_values_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_value_of),
        cmocka_unit_test(test_value_of_refuses_bad_utf8),
        cmocka_unit_test(test_value_of_many_values),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
