/* SPDX-License-Identifier: Apache-2.0
 * Our csv reader beside libcsv: on rows made to be right, and on noise whenever ours finds nothing
 * wrong in it (where it does, libcsv guesses and ours does not). */
#include <csv.h>

#include "evenhand/input/rows.h"
#include "reading.h"
#include "support/test.h"
#include "tests.h"

static size_t draw(const evh_rng *rng, size_t below)
{
    uint8_t bytes[4];
    assert_ok(evh_rng_fill(rng, bytes, sizeof bytes));
    return (bytes[0] | (size_t)bytes[1] << 8 | (size_t)bytes[2] << 16) % below;
}

static void on_field(void *field, size_t len, void *context)
{
    evh_buffer *out = context;
    assert_ok(evh_buffer_u8(out, '|'));
    assert_ok(evh_buffer_append(out, evh_view_of(field, len)));
}

static void on_row(int terminator, void *context)
{
    (void)terminator;
    assert_ok(evh_buffer_u8(context, '\n'));
}

static int no_space(unsigned char byte)
{
    (void)byte;
    return 0;
}

/* Appends "|field|field\n" per row, the header included. */
static void read_with_libcsv(evh_buffer *out, evh_view text)
{
    struct csv_parser parser;
    assert_int_equal(csv_init(&parser, 0), 0);
    csv_set_space_func(&parser, no_space); /* RFC 4180: white space belongs to the field */
    assert_int_equal(csv_parse(&parser, text.data, text.len, on_field, on_row, out), text.len);
    assert_int_equal(csv_fini(&parser, on_field, on_row, out), 0);
    csv_free(&parser);
}

/* The same from our reader. False when a row is bad. */
static bool read_with_ours(evh_buffer *out, evh_view text)
{
    const evh_input_column columns[] = {{.name = evh_view_of_text("a")},
                                        {.name = evh_view_of_text("b")}};
    piecewise pieces;
    const evh_input_options options = {.format = EVH_INPUT_CSV,
                                       .source = pieces_source(&pieces, text, 0),
                                       .columns = columns,
                                       .column_count = 2};
    evh_input_rows *rows = NULL;
    evh_input_event event = EVH_INPUT_ROW;
    evh_input_row row;
    bool good = true;
    assert_ok(evh_input_rows_new(&rows, &options));
    assert_ok(evh_buffer_append(out, view_of_literal("|a|b\n")));
    while (good && event != EVH_INPUT_END) {
        evh_status status = evh_input_rows_next(rows, &event, &row);
        good = status.code == EVH_OK && event != EVH_INPUT_BAD_ROW;
        if (!good || event == EVH_INPUT_END)
            break;
        for (size_t i = 0; i < 2; i++) {
            assert_ok(evh_buffer_u8(out, '|'));
            assert_ok(evh_buffer_append(out, row.values[i]));
        }
        assert_ok(evh_buffer_u8(out, '\n'));
    }
    evh_input_rows_free(&rows);
    return good;
}

static void append_field(evh_buffer *text, evh_buffer *plain, const evh_rng *rng)
{
    static const char letters[] = "ab ,\"\n\r;x";
    size_t len = draw(rng, 12);
    bool quoted = draw(rng, 2) == 0;
    assert_ok(evh_buffer_u8(plain, '|'));
    if (quoted)
        assert_ok(evh_buffer_u8(text, '"'));
    for (size_t i = 0; i < len; i++) {
        uint8_t byte = (uint8_t)letters[draw(rng, sizeof letters - 1)];
        if (!quoted && (byte == ',' || byte == '"' || byte == '\n' || byte == '\r'))
            byte = 'y';
        if (byte == '"')
            assert_ok(evh_buffer_u8(text, '"'));
        assert_ok(evh_buffer_u8(text, byte));
        assert_ok(evh_buffer_u8(plain, byte));
    }
    if (quoted)
        assert_ok(evh_buffer_u8(text, '"'));
}

static void test_csv_reference_on_right_rows(void **state)
{
    (void)state;
    test_rng seeded;
    evh_rng rng = test_rng_seeded(&seeded, 11);
    evh_buffer text = evh_buffer_init(1 << 20);
    evh_buffer made = evh_buffer_init(1 << 20);
    evh_buffer ours = evh_buffer_init(1 << 20);
    evh_buffer theirs = evh_buffer_init(1 << 20);
    for (int round = 0; round < 2000; round++) {
        evh_buffer_truncate(&text, 0);
        evh_buffer_truncate(&made, 0);
        evh_buffer_truncate(&ours, 0);
        evh_buffer_truncate(&theirs, 0);
        assert_ok(evh_buffer_append(&text, view_of_literal("a,b\n")));
        assert_ok(evh_buffer_append(&made, view_of_literal("|a|b\n")));
        for (size_t row = draw(&rng, 20); row > 0; row--) {
            append_field(&text, &made, &rng);
            assert_ok(evh_buffer_u8(&text, ','));
            append_field(&text, &made, &rng);
            assert_ok(evh_buffer_u8(&made, '\n'));
            assert_ok(evh_buffer_format(&text, "%s", draw(&rng, 2) == 0 ? "\n" : "\r\n"));
        }
        assert_true(read_with_ours(&ours, evh_buffer_view(&text)));
        assert_views_equal(evh_buffer_view(&ours), evh_buffer_view(&made));
        read_with_libcsv(&theirs, evh_buffer_view(&text));
        assert_views_equal(evh_buffer_view(&theirs), evh_buffer_view(&made));
    }
    evh_buffer_clear(&text);
    evh_buffer_clear(&made);
    evh_buffer_clear(&ours);
    evh_buffer_clear(&theirs);
}

static void test_csv_reference_on_noise(void **state)
{
    (void)state;
    static const char letters[] = ",,,\"\"\n\r a";
    test_rng seeded;
    evh_rng rng = test_rng_seeded(&seeded, 12);
    evh_buffer text = evh_buffer_init(1 << 20);
    evh_buffer ours = evh_buffer_init(1 << 20);
    evh_buffer theirs = evh_buffer_init(1 << 20);
    size_t compared = 0;
    for (int round = 0; round < 30000; round++) {
        evh_buffer_truncate(&text, 0);
        evh_buffer_truncate(&ours, 0);
        evh_buffer_truncate(&theirs, 0);
        assert_ok(evh_buffer_append(&text, view_of_literal("a,b\n")));
        for (size_t len = 1 + draw(&rng, 16); len > 0; len--)
            assert_ok(evh_buffer_u8(&text, (uint8_t)letters[draw(&rng, sizeof letters - 1)]));
        if (!read_with_ours(&ours, evh_buffer_view(&text)) || ours.len == 5)
            continue;
        read_with_libcsv(&theirs, evh_buffer_view(&text));
        assert_views_equal(evh_buffer_view(&ours), evh_buffer_view(&theirs));
        compared++;
    }
    assert_true(compared > 500);
    evh_buffer_clear(&text);
    evh_buffer_clear(&ours);
    evh_buffer_clear(&theirs);
}

int run_csv_reference_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_csv_reference_on_right_rows),
        cmocka_unit_test(test_csv_reference_on_noise),
    };
    return cmocka_run_group_tests_name("csv_reference", tests, NULL, NULL);
}
