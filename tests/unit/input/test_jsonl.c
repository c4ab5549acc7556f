/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "evenhand/input/rows.h"
#include "reading.h"
#include "support/test.h"
#include "tests.h"

static const reading ab = {.format = EVH_INPUT_JSONL,
                           .columns = (const char *const[]){"a", "b", NULL}};

static void test_jsonl_values_of_every_type(void **state)
{
    (void)state;
    assert_reads(&ab, view_of_literal("{\"a\":\"x\",\"b\":\"y z\"}\n{\"b\":1,\"a\":\"\"}\n"),
                 "1|x|y z\n2||1\n");
    assert_reads(&ab,
                 view_of_literal("{\"a\":true,\"b\":false}\n{\"a\":null,\"c\":[1,{}],\"b\":0}"),
                 "1|true|false\n2|~|0\n");
    assert_reads(&ab, view_of_literal("{\"b\":1}\n{\"a\":2}\n"), "1|~|1\n2|2|~\n");
    assert_reads(&ab, view_of_literal("{\"a\":\"\\u00e9\\n\\\"\",\"b\":\"\\ud83d\\ude00\"}\n"),
                 "1|\xc3\xa9\n\"|\xf0\x9f\x98\x80\n");
    assert_reads(&ab, view_of_literal("{\"\\u0061\":1.0,\"b\":2}\n"), "1|1.0|2\n");
}

static void test_jsonl_numbers_keep_their_text(void **state)
{
    (void)state;
    static const char *const numbers[] = {
        "0",
        "-0",
        "1.50",
        "1e3",
        "1E+03",
        "0.1000000000000000000001",
        "-12.5e-7",
        "123456789012345678901234567890",
        "9223372036854775808",
        "1e308",
    };
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        char text[200], expected[200];
        (void)snprintf(text, sizeof text,
                       "{\"x\":{\"a\":\"}]\\\"\",\"y\":[1,[2,\"]\"]]},\"k\\\"\":7, \"a\" : %s ,"
                       "\"b\":%s}\n",
                       numbers[i], numbers[i]);
        (void)snprintf(expected, sizeof expected, "1|%s|%s\n", numbers[i], numbers[i]);
        assert_reads(&ab, evh_view_of_text(text), expected);
    }
}

static void test_jsonl_lines(void **state)
{
    (void)state;
    assert_reads(&ab,
                 view_of_literal("\xef\xbb\xbf{\"a\":1,\"b\":2}\r\n\n  \t\r\n {\"a\":3,\"b\":4} "),
                 "1|1|2\n4|3|4\n");
    assert_reads(&ab, view_of_literal("\n"), "");
    assert_reads(&ab, view_of_literal(" \r\n\n"), "");
}

static void test_jsonl_bad_rows_go_on(void **state)
{
    (void)state;
    static const struct {
        const char *row, *reason;
    } bad[] = {
        {"{\"a\":1,\"b\":2", "the end inside the JSON value"},
        {"{\"a\":1,\"b\":", "the end inside the JSON value"},
        {"{\"a\":1,,\"b\":2}", "not valid JSON"},
        {"{'a':1}", "not valid JSON"},
        {"{\"a\":01,\"b\":2}", "not valid JSON"},
        {"{\"a\":NaN,\"b\":2}", "not valid JSON"},
        {"{\"a\":1e999,\"b\":2}", "a number too large to be one"},
        {"{\"a\":1,\"b\":2} {}", "something behind the JSON value"},
        {"{\"a\":1,\"b\":2,\"a\":1}", "a key that was there before"},
        {"{\"a\":1,\"b\":2,\"c\":1,\"c\":1}", "a key that was there before"},
        {"{\"a\":{},\"b\":2}", "the value of \"a\" is an object or a list"},
        {"{\"a\":1,\"b\":[2]}", "the value of \"b\" is an object or a list"},
        {"{\"a\":\"\xff\",\"b\":2}", "not UTF-8"},
        {"{\"a\":\"\\u0000\",\"b\":2}", "a NUL character in a string"},
        {"{\"a\":\"\\ud800\",\"b\":2}", "not valid JSON"},
        {"[1,2]", "a JSON object {...} is expected"},
        {"1", "not valid JSON"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        char text[200];
        (void)snprintf(text, sizeof text, "{\"a\":0,\"b\":0}\n%s\r\n{\"a\":8,\"b\":9}\n",
                       bad[i].row);
        evh_buffer out = evh_buffer_init(4096);
        piecewise pieces;
        assert_ok(read_all(&out, &ab, pieces_source(&pieces, evh_view_of_text(text), SIZE_MAX)));
        assert_ok(evh_buffer_u8(&out, 0));
        const char *got = (const char *)out.data;
        if (strncmp(got, "1|0|0\n2! ", 9) != 0 || strstr(got, "\n3|8|9\n") == NULL ||
            strstr(got, bad[i].reason) == NULL)
            fail_msg("%s gives %s", bad[i].row, got);
        evh_buffer_clear(&out);
    }
    assert_reads(&ab, view_of_literal("{\"a\":\"\0\",\"b\":2}\n{\"a\":1,\"b\":2}"),
                 "1! byte 6: not valid JSON\n2|1|2\n");
}

static void test_jsonl_what_stops(void **state)
{
    (void)state;
    assert_stops(&ab, view_of_literal(""), "the file is empty");
    assert_stops(&ab, view_of_literal("{\"a\":1,\"B\":2}\n{\"a\":1}\n"),
                 "no row has the key \"b\"");
    const reading optional = {.format = EVH_INPUT_JSONL,
                              .columns = (const char *const[]){"a", "?b", NULL}};
    assert_reads(&optional, view_of_literal("{\"a\":1}\n"), "1|1|~\n");
}

static void test_jsonl_cut_at_every_byte_in_any_pieces(void **state)
{
    (void)state;
    assert_pieces_do_not_matter(
        &ab, view_of_literal("\xef\xbb\xbf{\"a\":\"\\u00e9\xc3\xa9\",\"b\":1.50}\r\n\n{\"a\":{},"
                             "\"b\":1}\n{\"a\":null,\"x\":[1,\"}\"],\"b\":-2e5}\n[]\n{\"b\":0}"));
}

static void test_jsonl_long_rows_have_a_limit(void **state)
{
    (void)state;
    static const struct {
        size_t len;
        const char *reason;
    } cases[] = {
        {EVH_INPUT_FIELD_BYTES_MAX + 1, "the value of \"b\" is longer than 1048576 bytes"},
        {EVH_INPUT_ROW_BYTES_MAX, "the row is longer than 16777216 bytes"},
        {100 << 20, "the row is longer than 16777216 bytes"},
    };
    evh_buffer text = evh_buffer_init(200 << 20);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char expected[200];
        uint8_t *field = NULL;
        evh_buffer_clear(&text);
        assert_ok(
            evh_buffer_append(&text, view_of_literal("{\"a\":1,\"b\":2}\n{\"a\":1,\"b\":\"")));
        assert_ok(evh_buffer_extend(&text, cases[i].len, &field));
        memset(field, 'x', cases[i].len);
        assert_ok(evh_buffer_append(&text, view_of_literal("\"}\n{\"a\":3,\"b\":4}\n")));
        (void)snprintf(expected, sizeof expected, "1|1|2\n2! %s\n3|3|4\n", cases[i].reason);
        assert_reads(&ab, evh_buffer_view(&text), expected);
    }
    evh_buffer_clear(&text);
}

int run_jsonl_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_jsonl_values_of_every_type),
        cmocka_unit_test(test_jsonl_numbers_keep_their_text),
        cmocka_unit_test(test_jsonl_lines),
        cmocka_unit_test(test_jsonl_bad_rows_go_on),
        cmocka_unit_test(test_jsonl_what_stops),
        cmocka_unit_test(test_jsonl_cut_at_every_byte_in_any_pieces),
        cmocka_unit_test(test_jsonl_long_rows_have_a_limit),
    };
    return cmocka_run_group_tests_name("jsonl", tests, NULL, NULL);
}
