/* SPDX-License-Identifier: Apache-2.0 */
#include "reading.h"

#include <inttypes.h>
#include <string.h>

#include "support/test.h"

static evh_status read_piece(void *context, uint8_t *out, size_t capacity, size_t *got)
{
    piecewise *pieces = context;
    pieces->state = pieces->state * 6364136223846793005U + 1442695040888963407U;
    size_t piece = pieces->piece != 0 ? pieces->piece : 1 + (size_t)(pieces->state >> 33) % 9;
    piece = piece < capacity ? piece : capacity;
    *got = piece < pieces->rest.len ? piece : pieces->rest.len;
    if (pieces->fail_after < *got)
        return evh_fail(EVH_ERR_STORE, "the disk is broken");
    if (pieces->fail_after != SIZE_MAX)
        pieces->fail_after -= *got;
    if (*got == 0)
        return evh_ok();
    memcpy(out, pieces->rest.data, *got);
    pieces->rest = evh_view_of(pieces->rest.data + *got, pieces->rest.len - *got);
    return evh_ok();
}

evh_input_source pieces_source(piecewise *pieces, evh_view text, size_t piece)
{
    pieces->rest = text;
    pieces->piece = piece;
    pieces->fail_after = SIZE_MAX;
    pieces->state = text.len;
    evh_input_source source = {.read = read_piece, .finish = NULL, .context = pieces};
    return source;
}

static void write_row(evh_buffer *out, const evh_input_row *row, size_t columns)
{
    assert_ok(evh_buffer_format(out, "%" PRIu64, row->line));
    if (row->part.len > 0)
        assert_ok(
            evh_buffer_format(out, "#%.*s", (int)row->part.len, (const char *)row->part.data));
    for (size_t i = 0; i < columns; i++) {
        assert_ok(evh_buffer_u8(out, '|'));
        if (row->values[i].data == NULL)
            assert_ok(evh_buffer_u8(out, '~'));
        assert_ok(evh_buffer_append(out, row->values[i]));
    }
    assert_ok(evh_buffer_u8(out, '\n'));
}

evh_status read_all(evh_buffer *out, const reading *how, evh_input_source source)
{
    evh_input_column columns[16];
    memset(columns, 0, sizeof columns);
    size_t count = 0;
    for (; how->columns[count] != NULL; count++) {
        const char *name = how->columns[count];
        columns[count].optional = *name == '?';
        name += *name == '?';
        columns[count].transcript = *name == '*';
        name += *name == '*';
        columns[count].name = evh_view_of_text(name);
    }
    const evh_input_options options = {.format = how->format,
                                       .source = source,
                                       .folder = how->folder,
                                       .columns = columns,
                                       .column_count = count};
    evh_input_rows *rows = NULL;
    evh_status status = evh_input_rows_new(&rows, &options);
    evh_input_event event = EVH_INPUT_ROW;
    while (status.code == EVH_OK && event != EVH_INPUT_END) {
        evh_input_row row;
        status = evh_input_rows_next(rows, &event, &row);
        if (event == EVH_INPUT_ROW)
            write_row(out, &row, count);
        else if (event == EVH_INPUT_BAD_ROW)
            assert_ok(evh_buffer_format(out, "%" PRIu64 "! %s\n", row.line, row.reason));
    }
    if (rows != NULL) { /* the end repeats itself */
        evh_input_row row;
        assert_int_equal(evh_input_rows_next(rows, &event, &row).code, status.code);
        assert_int_equal(event, EVH_INPUT_END);
    }
    evh_input_rows_free(&rows);
    assert_null(rows);
    return status;
}

void assert_reads_at(const reading *how, evh_view text, const char *expected, const char *file,
                     int line)
{
    evh_buffer out = evh_buffer_init(64 << 20);
    piecewise pieces;
    evh_status status = read_all(&out, how, pieces_source(&pieces, text, SIZE_MAX));
    evh_assert_status(status, EVH_OK, NULL, "reading", file, line);
    evh_assert_views_equal(evh_buffer_view(&out), evh_view_of_text(expected), file, line);
    evh_buffer_clear(&out);
}

void assert_stops_at(const reading *how, evh_view text, const char *part, const char *file,
                     int line)
{
    evh_buffer out = evh_buffer_init(64 << 20);
    piecewise pieces;
    evh_status status = read_all(&out, how, pieces_source(&pieces, text, SIZE_MAX));
    evh_assert_status(status, EVH_ERR_INPUT, part, "reading", file, line);
    evh_buffer_clear(&out);
}

void assert_pieces_do_not_matter(const reading *how, evh_view text)
{
    static const size_t sizes[] = {0, 1, 2, 3, 7, 63, 64, 65};
    evh_buffer whole = evh_buffer_init(1 << 20);
    evh_buffer pieced = evh_buffer_init(1 << 20);
    for (size_t len = 0; len <= text.len; len++) {
        piecewise pieces;
        evh_view cut = evh_view_of(text.data, len);
        evh_buffer_clear(&whole);
        evh_status expected = read_all(&whole, how, pieces_source(&pieces, cut, SIZE_MAX));
        for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
            evh_buffer_clear(&pieced);
            evh_status status = read_all(&pieced, how, pieces_source(&pieces, cut, sizes[i]));
            assert_int_equal(status.code, expected.code);
            assert_string_equal(status.text, expected.text);
            assert_views_equal(evh_buffer_view(&pieced), evh_buffer_view(&whole));
        }
    }
    evh_buffer_clear(&whole);
    evh_buffer_clear(&pieced);
}
