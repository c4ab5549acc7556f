/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "evenhand/input/rows.h"
#include "reading.h"
#include "support/test.h"
#include "tests.h"

static const reading ab = {.format = EVH_INPUT_CSV,
                           .columns = (const char *const[]){"a", "b", NULL}};
static const reading b_only = {.format = EVH_INPUT_CSV,
                               .columns = (const char *const[]){"b", NULL}};

static void test_csv_plain_rows_any_column_order(void **state)
{
    (void)state;
    assert_reads(&ab, view_of_literal("a,b\n1,2\n3,4\n"), "2|1|2\n3|3|4\n");
    assert_reads(&ab, view_of_literal("x,b,,a\n0,2,,1\n,,,\n"), "2|1|2\n3||\n");
    assert_reads(&b_only, view_of_literal("b\nx\n"), "2|x\n");
    const reading twice = {.format = EVH_INPUT_CSV,
                           .columns = (const char *const[]){"b", "a", "b", NULL}};
    assert_reads(&twice, view_of_literal("a,b\n1,\"x\"\"y\"\n"), "2|x\"y|1|x\"y\n");
}

static void test_csv_line_ends_and_last_line(void **state)
{
    (void)state;
    assert_reads(&ab, view_of_literal("a,b\r\n1,2\n3,4\r\n5,6"), "2|1|2\n3|3|4\n4|5|6\n");
    assert_reads(&ab, view_of_literal("a,b\r\n1,2\r"), "2|1|2\n");
    assert_reads(&ab, view_of_literal("a,b\n1,"), "2|1|\n");
    assert_reads(&ab, view_of_literal("a,b\n1,\"2\"\r"), "2|1|2\n");
    assert_reads(&ab, view_of_literal("a,b\n1,\"2\""), "2|1|2\n");
    assert_reads(&ab,
                 view_of_literal("\xef\xbb\xbf"
                                 "a,b\n1,2"),
                 "2|1|2\n");
    assert_reads(&ab, view_of_literal("\xef\xbb\xbf\"a\",b\n1,2"), "2|1|2\n");
    assert_reads(&ab, view_of_literal("a,b"), "");
    assert_reads(&ab, view_of_literal("a,b\n"), "");
    assert_reads(&ab, view_of_literal("\n\r\na,b\n\n1,2\n\r\n\n3,4\n\n\r"), "5|1|2\n8|3|4\n");
}

static void test_csv_quoted_fields(void **state)
{
    (void)state;
    assert_reads(&ab, view_of_literal("\"a\",\"b\"\n\"1,\"\"2\"\"\",\"\"\n"), "2|1,\"2\"|\n");
    assert_reads(&ab, view_of_literal("a,b\n\"x\ny\r\nz\",2\n3,4\n"), "2|x\ny\r\nz|2\n5|3|4\n");
    assert_reads(&ab, view_of_literal("a,b\n\"\"\"\",\"\"\"\"\"\"\r\n"), "2|\"|\"\"\n");
    assert_reads(&b_only, view_of_literal("b\n\"\"\n\n\"\"\n"), "2|\n4|\n");
    assert_reads(&ab, view_of_literal("\"x\ny\",a,b\n1,2,3\n"), "3|2|3\n");
}

static void test_csv_bad_rows_go_on(void **state)
{
    (void)state;
    static const struct {
        const char *row, *reason;
    } bad[] = {
        {"1", "1 field, but the header has 2"},
        {"1,2,3", "3 fields, but the header has 2"},
        {" ", "1 field, but the header has 2"},
        {"1,x\"y", "field 2: a quote inside a field that does not start with one"},
        {"1, \"y\"", "field 2: a quote inside a field that does not start with one"},
        {"\"1\"2,3", "field 1: text behind the closing quote"},
        {"\"1\" ,3", "field 1: text behind the closing quote"},
        {"\"1\"2\"\",3", "field 1: text behind the closing quote"},
        {"1\r,2", "field 1: a carriage return that does not end the line"},
        {"1,2\r3", "field 2: a carriage return that does not end the line"},
        {"1,2\r", "field 2: a carriage return that does not end the line"},
        {"\"1\"\r,2", "field 1: a carriage return that does not end the line"},
        {"1,\xe9", "byte 3 of the row is not UTF-8"},
        {"\xc3\xa9,\"\xc3\"", "byte 5 of the row is not UTF-8"},
        {"\xed\xa0\x80,1", "byte 1 of the row is not UTF-8"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        char text[200], expected[300];
        (void)snprintf(text, sizeof text, "a,b\n0,0\n%s\r\n8,9\n", bad[i].row);
        (void)snprintf(expected, sizeof expected, "2|0|0\n3! %s\n4|8|9\n", bad[i].reason);
        assert_reads(&ab, evh_view_of_text(text), expected);
    }
    assert_reads(&ab, view_of_literal("a,b\n1,\0\n\"\0\",2\n3,4"),
                 "2! field 2: a NUL byte\n3! field 1: a NUL byte\n4|3|4\n");
    assert_reads(&ab, view_of_literal("a,b\n1,\"2\"x"),
                 "2! field 2: text behind the closing quote\n");
    assert_reads(&ab, view_of_literal("a,b\n1,2\rx"),
                 "2! field 2: a carriage return that does not end the line\n");
    assert_reads(&ab, view_of_literal("a,b\n\"1\n2\",3,4\n5,6"),
                 "2! 3 fields, but the header has 2\n4|5|6\n");
}

static void test_csv_unclosed_quote_stops(void **state)
{
    (void)state;
    assert_stops(&ab, view_of_literal("a,b\n1,2\n3,\"4\n5,6\n"),
                 "line 3: the file ends inside field 2, whose quote is never closed");
    assert_stops(&ab, view_of_literal("a,b\n\"1,\"\"2\n"), "line 2: the file ends inside field 1");
    assert_stops(&ab, view_of_literal("a,\"b\n"), "line 1: the file ends inside field 2");
    assert_stops(&ab, view_of_literal("a,b\n1,\""), "line 2: the file ends inside field 2");
}

static void test_csv_header_faults_stop(void **state)
{
    (void)state;
    assert_stops(&ab, view_of_literal(""), "the file is empty");
    assert_stops(&ab, view_of_literal("\n\r\n\n"), "only empty lines");
    assert_stops(&ab, view_of_literal("\xef\xbb\xbf"), "only empty lines");
    assert_stops(&ab, view_of_literal("a,c\n1,2\n"),
                 "no column \"b\" in the header, which has: a, c");
    assert_stops(&ab, view_of_literal("a,B\n"), "no column \"b\" in the header, which has: a, B");
    assert_stops(&ab, view_of_literal("a, b\n"), "no column \"b\" in the header, which has: a,  b");
    assert_stops(&ab, view_of_literal("a,b,x,a\n"), "the column \"a\" twice (numbers 1 and 4)");
    assert_stops(&ab, view_of_literal("a,b,x,\"x\"\n"), "the column \"x\" twice (numbers 3 and 4)");
    assert_stops(&ab, view_of_literal("a,b,\xff\n"),
                 "line 1 (the header): byte 5 of the row is not");
    assert_stops(&ab,
                 view_of_literal("\xff\xfe"
                                 "a\0,\0b\0\n\0"),
                 "(the header): field 1: a NUL");
    assert_stops(&ab, view_of_literal("\na\"x,b\n"),
                 "line 2 (the header): field 1: a quote inside");
}

static void test_csv_optional_column_is_absent(void **state)
{
    (void)state;
    const reading how = {.format = EVH_INPUT_CSV,
                         .columns = (const char *const[]){"a", "?t", NULL}};
    assert_reads(&how, view_of_literal("a,b\n1,2\n"), "2|1|~\n");
    assert_reads(&how, view_of_literal("t,a\n,2\n"), "2|2|\n");
}

static void test_csv_new_refuses_options(void **state)
{
    (void)state;
    evh_view text = view_of_literal("a\n");
    evh_input_column column = {.name = view_of_literal("a")};
    evh_input_options options = {.format = EVH_INPUT_CSV,
                                 .source = evh_input_source_of_view(&text),
                                 .columns = &column,
                                 .column_count = 0};
    evh_input_rows *rows = NULL;
    assert_fails(evh_input_rows_new(&rows, &options), EVH_ERR_ARG);
    options.column_count = EVH_INPUT_COLUMNS_MAX + 1;
    assert_fails(evh_input_rows_new(&rows, &options), EVH_ERR_ARG);
    options.column_count = 1;
    column.name.len = 0;
    assert_fails(evh_input_rows_new(&rows, &options), EVH_ERR_ARG);
    column.name.len = 1;
    options.format = EVH_INPUT_MANIFEST;
    assert_fails(evh_input_rows_new(&rows, &options), EVH_ERR_ARG);
    options.format = (evh_input_format)7;
    assert_fails(evh_input_rows_new(&rows, &options), EVH_ERR_ARG);
    options.format = EVH_INPUT_CSV;
    options.source.read = NULL;
    assert_fails(evh_input_rows_new(&rows, &options), EVH_ERR_ARG);
    assert_null(rows);
}

static void test_csv_cut_at_every_byte_in_any_pieces(void **state)
{
    (void)state;
    static const char text[] =
        "\xef\xbb\xbf"
        "a,x,\"b\"\r\n1,2,3\n\"q\"\"q\",\"two\nlines\",\xc3\xa9\r\n"
        "bad\"row,1,2\n\"x\"y,1,2\n\n4,\r5,6\n,,\n7,8\n\"a long enough field to span a block, "
        "which has sixty-four bytes\",\"\"\"\",\"\"\r\n\xff,1,2\n\xf0\x9f\x98\x80,1,\0\n9,9,9";
    assert_pieces_do_not_matter(&ab, view_of_literal(text));
}

static void test_csv_read_failure_is_passed_on(void **state)
{
    (void)state;
    evh_view text = view_of_literal("a,b\n1,2\n3,4\n");
    for (size_t fail_after = 0; fail_after < text.len; fail_after++) {
        evh_buffer out = evh_buffer_init(1000);
        piecewise pieces;
        evh_input_source source = pieces_source(&pieces, text, 1);
        pieces.fail_after = fail_after;
        assert_fails_with(read_all(&out, &ab, source), EVH_ERR_STORE, "the disk is broken");
        evh_buffer_clear(&out);
    }
}

static evh_status always_changed(void *context)
{
    (void)context;
    return evh_fail(EVH_ERR_INPUT, "changed");
}

static void test_csv_asks_source_at_end(void **state)
{
    (void)state;
    piecewise pieces;
    evh_buffer out = evh_buffer_init(1000);
    evh_input_source source = pieces_source(&pieces, view_of_literal("a,b\n1,2\n"), 5);
    source.finish = always_changed;
    assert_fails_with(read_all(&out, &ab, source), EVH_ERR_INPUT, "changed");
    assert_views_equal(evh_buffer_view(&out), view_of_literal("2|1|2\n"));
    evh_buffer_clear(&out);
}

/* A header, a good row, a row whose second field has `len` bytes, a good row. */
static evh_view long_row(evh_buffer *text, size_t len, bool quoted)
{
    uint8_t *field = NULL;
    evh_buffer_clear(text);
    assert_ok(evh_buffer_append(text, view_of_literal("a,b\n1,2\n3,")));
    assert_ok(evh_buffer_extend(text, len, &field));
    memset(field, 'x', len);
    if (quoted)
        field[0] = field[len - 1] = '"';
    assert_ok(evh_buffer_append(text, view_of_literal("\n5,6\n")));
    return evh_buffer_view(text);
}

static void test_csv_long_values_have_a_limit(void **state)
{
    (void)state;
    evh_buffer text = evh_buffer_init(200 << 20);
    evh_buffer out = evh_buffer_init(200 << 20);
    piecewise pieces;
    evh_view good = long_row(&text, EVH_INPUT_FIELD_BYTES_MAX, false);
    assert_ok(read_all(&out, &ab, pieces_source(&pieces, good, 1 << 16)));
    assert_int_equal(out.len, 6 + 4 + EVH_INPUT_FIELD_BYTES_MAX + 1 + 6);
    assert_reads(&ab, long_row(&text, EVH_INPUT_FIELD_BYTES_MAX + 1, false),
                 "2|1|2\n3! field 2 is longer than 1048576 bytes\n4|5|6\n");
    assert_reads(&ab, long_row(&text, EVH_INPUT_ROW_BYTES_MAX - 2, false),
                 "2|1|2\n3! field 2 is longer than 1048576 bytes\n4|5|6\n");
    assert_reads(&ab, long_row(&text, EVH_INPUT_ROW_BYTES_MAX - 1, false),
                 "2|1|2\n3! the row is longer than 16777216 bytes\n4|5|6\n");
    for (int quoted = 0; quoted < 2; quoted++)
        assert_reads(&ab, long_row(&text, 100 << 20, quoted != 0),
                     "2|1|2\n3! the row is longer than 16777216 bytes\n4|5|6\n");
    evh_buffer_clear(&text);
    evh_buffer_clear(&out);
}

static void test_csv_columns_have_a_limit(void **state)
{
    (void)state;
    evh_buffer text = evh_buffer_init(1 << 20);
    for (int i = 0; i < EVH_INPUT_COLUMNS_MAX - 2; i++)
        assert_ok(evh_buffer_format(&text, "c%d,", i));
    assert_ok(evh_buffer_append(&text, view_of_literal("a,b")));
    size_t header = text.len;
    assert_ok(evh_buffer_append(&text, view_of_literal("\n")));
    for (int i = 0; i < EVH_INPUT_COLUMNS_MAX - 1; i++)
        assert_ok(evh_buffer_append(&text, view_of_literal(",")));
    assert_ok(evh_buffer_append(&text, view_of_literal("z\n")));
    for (int i = 0; i < EVH_INPUT_COLUMNS_MAX; i++)
        assert_ok(evh_buffer_append(&text, view_of_literal(",")));
    assert_reads(&ab, evh_buffer_view(&text), "2||z\n3! 4097 fields, but the header has 4096\n");
    evh_buffer_truncate(&text, header);
    assert_ok(evh_buffer_append(&text, view_of_literal(",c\n")));
    assert_stops(&ab, evh_buffer_view(&text), "the header has 4097 columns; 4096 are the limit");
    evh_buffer_clear(&text);
}

int run_csv_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_csv_plain_rows_any_column_order),
        cmocka_unit_test(test_csv_line_ends_and_last_line),
        cmocka_unit_test(test_csv_quoted_fields),
        cmocka_unit_test(test_csv_bad_rows_go_on),
        cmocka_unit_test(test_csv_unclosed_quote_stops),
        cmocka_unit_test(test_csv_header_faults_stop),
        cmocka_unit_test(test_csv_optional_column_is_absent),
        cmocka_unit_test(test_csv_new_refuses_options),
        cmocka_unit_test(test_csv_cut_at_every_byte_in_any_pieces),
        cmocka_unit_test(test_csv_read_failure_is_passed_on),
        cmocka_unit_test(test_csv_asks_source_at_end),
        cmocka_unit_test(test_csv_long_values_have_a_limit),
        cmocka_unit_test(test_csv_columns_have_a_limit),
    };
    return cmocka_run_group_tests_name("csv", tests, NULL, NULL);
}
