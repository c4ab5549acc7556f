/* SPDX-License-Identifier: Apache-2.0 */
#include "evenhand/json/writer.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/test.h"

static int setup(void **state)
{
    evh_buffer *out = malloc(sizeof *out);
    assert_non_null(out);
    *out = evh_buffer_init(1 << 20);
    *state = out;
    return 0;
}

static int teardown(void **state)
{
    evh_buffer *out = *state;
    evh_buffer_clear(out);
    free(out);
    return 0;
}

static void test_writer_whole_document(void **state)
{
    evh_buffer *out = *state;
    evh_json json = evh_json_writer(out);
    evh_json_object_open(&json, NULL);
    evh_json_null(&json, "plan_id");
    evh_json_array_open(&json, "groups");
    evh_json_row_open(&json, NULL);
    evh_json_array_open(&json, "release");
    evh_json_text(&json, NULL, "accent");
    evh_json_text(&json, NULL, "noise");
    evh_json_close(&json);
    evh_json_object_open(&json, "cells");
    evh_json_u64(&json, "tp", UINT64_MAX);
    evh_json_i64(&json, "fp", INT64_MIN);
    evh_json_close(&json);
    evh_json_close(&json);
    evh_json_row_open(&json, NULL);
    evh_json_close(&json);
    evh_json_close(&json);
    evh_json_array_open(&json, "none");
    evh_json_close(&json);
    evh_json_bool(&json, "exact", true);
    evh_json_bool(&json, "sent", false);
    evh_json_close(&json);
    assert_ok(evh_json_end(&json));
    assert_views_equal(evh_buffer_view(out),
                       view_of_literal("{\n"
                                       "  \"plan_id\": null,\n"
                                       "  \"groups\": [\n"
                                       "    {\"release\": [\"accent\", \"noise\"], \"cells\": "
                                       "{\"tp\": 18446744073709551615, "
                                       "\"fp\": -9223372036854775808}},\n"
                                       "    {}\n"
                                       "  ],\n"
                                       "  \"none\": [],\n"
                                       "  \"exact\": true,\n"
                                       "  \"sent\": false\n"
                                       "}\n"));
}

static void test_writer_text_is_escaped(void **state)
{
    evh_buffer *out = *state;
    evh_json json = evh_json_writer(out);
    evh_json_view(&json, NULL, view_of_literal("a\"b\\c\n\t\x01 \xc3\xa9\0z"));
    assert_ok(evh_json_end(&json));
    assert_views_equal(evh_buffer_view(out),
                       view_of_literal("\"a\\\"b\\\\c\\n\\t\\u0001 \xc3\xa9\\u0000z\"\n"));
}

static void test_writer_empty_view(void **state)
{
    evh_buffer *out = *state;
    evh_json json = evh_json_writer(out);
    evh_json_view(&json, NULL, evh_view_of(NULL, 0));
    assert_ok(evh_json_end(&json));
    assert_views_equal(evh_buffer_view(out), view_of_literal("\"\"\n"));
}

static void test_writer_refuses_invalid_utf8(void **state)
{
    evh_buffer *out = *state;
    evh_json json = evh_json_writer(out);
    evh_json_view(&json, NULL, view_of_literal("\xff\xfe"));
    assert_fails(evh_json_end(&json), EVH_ERR_ENCODING);
}

static void assert_double(evh_buffer *out, double value, const char *expected)
{
    evh_buffer_clear(out);
    evh_json json = evh_json_writer(out);
    evh_json_double(&json, NULL, value);
    assert_ok(evh_json_end(&json));
    assert_views_equal(evh_view_of(out->data, out->len - 1), evh_view_of_text(expected));
}

static void test_writer_double_shortest(void **state)
{
    evh_buffer *out = *state;
    assert_double(out, 0.1, "0.1");
    assert_double(out, 805.0 / 1795.0, "0.44846796657381616");
    assert_double(out, 1.0 / 3.0, "0.3333333333333333");
    assert_double(out, 0.1 + 0.2, "0.30000000000000004");
    assert_double(out, 1.0, "1.0");
    assert_double(out, 0.0, "0.0");
    assert_double(out, -0.0, "-0.0");
    assert_double(out, 1e300, "1e+300");
    assert_double(out, DBL_TRUE_MIN, "5e-324");
    assert_double(out, DBL_MAX, "1.7976931348623157e+308");
}

static void test_writer_double_reads_back(void **state)
{
    evh_buffer *out = *state;
    test_rng source;
    evh_rng rng = test_rng_seeded(&source, 7);
    for (int i = 0; i < 20000; i++) {
        double value = 0;
        assert_ok(evh_rng_fill(&rng, (uint8_t *)&value, sizeof value));
        if (!isfinite(value))
            continue;
        evh_buffer_clear(out);
        evh_json json = evh_json_writer(out);
        evh_json_double(&json, NULL, value);
        assert_ok(evh_json_end(&json));
        assert_ok(evh_buffer_u8(out, 0));
        double back = strtod((const char *)out->data, NULL);
        assert_memory_equal(&back, &value, sizeof value);
    }
}

static void test_writer_decimal_as_written(void **state)
{
    evh_buffer *out = *state;
    const evh_decimal values[] = {{5, -2}, {-12, 0}, {1, -12}, {0, 0}, {1, 3}};
    evh_json json = evh_json_writer(out);
    evh_json_row_open(&json, NULL);
    evh_json_decimal(&json, "tolerance", values[0]);
    for (size_t i = 1; i < sizeof values / sizeof values[0]; i++)
        evh_json_decimal(&json, "next", values[i]);
    evh_json_close(&json);
    assert_ok(evh_json_end(&json));
    assert_views_equal(evh_buffer_view(out),
                       view_of_literal("{\"tolerance\": 0.05, \"next\": -12, \"next\": 1e-12, "
                                       "\"next\": 0, \"next\": 1000}\n"));
}

static void test_writer_refuses_not_finite(void **state)
{
    evh_buffer *out = *state;
    const double values[] = {(double)NAN, (double)INFINITY, -(double)INFINITY};
    for (size_t i = 0; i < 3; i++) {
        evh_buffer_clear(out);
        evh_json json = evh_json_writer(out);
        evh_json_double(&json, NULL, values[i]);
        assert_fails(evh_json_end(&json), EVH_ERR_RANGE);
    }
}

static void test_writer_misuse(void **state)
{
    evh_buffer *out = *state;
    evh_json keyless = evh_json_writer(out);
    evh_json_object_open(&keyless, NULL);
    evh_json_u64(&keyless, NULL, 1);
    evh_json_close(&keyless);
    assert_fails(evh_json_end(&keyless), EVH_ERR_INTERNAL);
    evh_json keyed = evh_json_writer(out);
    evh_json_array_open(&keyed, NULL);
    evh_json_u64(&keyed, "key", 1);
    evh_json_close(&keyed);
    assert_fails(evh_json_end(&keyed), EVH_ERR_INTERNAL);
    evh_json twice = evh_json_writer(out);
    evh_json_u64(&twice, NULL, 1);
    evh_json_u64(&twice, NULL, 2);
    assert_fails(evh_json_end(&twice), EVH_ERR_INTERNAL);
    evh_json open = evh_json_writer(out);
    evh_json_array_open(&open, NULL);
    assert_fails(evh_json_end(&open), EVH_ERR_INTERNAL);
    evh_json closed = evh_json_writer(out);
    evh_json_close(&closed);
    assert_fails(evh_json_end(&closed), EVH_ERR_INTERNAL);
    evh_json nothing = evh_json_writer(out);
    assert_fails(evh_json_end(&nothing), EVH_ERR_INTERNAL);
    evh_json deep = evh_json_writer(out);
    for (int i = 0; i <= EVH_JSON_DEPTH_MAX; i++)
        evh_json_array_open(&deep, NULL);
    assert_fails(evh_json_end(&deep), EVH_ERR_INTERNAL);
}

static void test_writer_keeps_first_failure(void **state)
{
    (void)state;
    evh_buffer small = evh_buffer_init(8);
    evh_json json = evh_json_writer(&small);
    evh_json_array_open(&json, NULL);
    evh_json_text(&json, NULL, "longer than the buffer");
    evh_json_double(&json, NULL, (double)NAN);
    evh_json_close(&json);
    evh_json_close(&json);
    assert_fails(evh_json_end(&json), EVH_ERR_MEMORY);
    evh_buffer_clear(&small);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_writer_whole_document, setup, teardown),
        cmocka_unit_test_setup_teardown(test_writer_text_is_escaped, setup, teardown),
        cmocka_unit_test_setup_teardown(test_writer_empty_view, setup, teardown),
        cmocka_unit_test_setup_teardown(test_writer_refuses_invalid_utf8, setup, teardown),
        cmocka_unit_test_setup_teardown(test_writer_double_shortest, setup, teardown),
        cmocka_unit_test_setup_teardown(test_writer_double_reads_back, setup, teardown),
        cmocka_unit_test_setup_teardown(test_writer_decimal_as_written, setup, teardown),
        cmocka_unit_test_setup_teardown(test_writer_refuses_not_finite, setup, teardown),
        cmocka_unit_test_setup_teardown(test_writer_misuse, setup, teardown),
        cmocka_unit_test(test_writer_keeps_first_failure),
    };
    return cmocka_run_group_tests_name("json", tests, NULL, NULL);
}
