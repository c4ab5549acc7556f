/* SPDX-License-Identifier: Apache-2.0
 * Rows of csv and JSON Lines: whatever the bytes, read in one piece or in small ones the rows, the
 * reasons and the end are the same, and every value is UTF-8 without NUL. The first byte says which
 * format, and how small the pieces. */
#include <string.h>

#include "evenhand/base/utf8.h"
#include "evenhand/input/rows.h"
#include "support/fuzz.h"

enum { COLUMNS = 3, OUT_MAX = 64 << 20 };

typedef struct pieces {
    evh_view rest;
    size_t piece;
} pieces;

static evh_status read_piece(void *context, uint8_t *out, size_t capacity, size_t *got)
{
    pieces *source = context;
    *got = source->piece < capacity ? source->piece : capacity;
    *got = *got < source->rest.len ? *got : source->rest.len;
    if (*got > 0)
        memcpy(out, source->rest.data, *got);
    source->rest.data += *got;
    source->rest.len -= *got;
    return evh_ok();
}

static void add(evh_buffer *out, evh_view view)
{
    FUZZ_CHECK(evh_buffer_append(out, view).code == EVH_OK);
}

static void add_row(evh_buffer *out, evh_input_event event, const evh_input_row *row)
{
    add(out, evh_view_of(&row->line, sizeof row->line));
    if (event == EVH_INPUT_BAD_ROW)
        add(out, evh_view_of_text(row->reason));
    for (size_t i = 0; event == EVH_INPUT_ROW && i < COLUMNS; i++) {
        evh_view value = row->values[i];
        FUZZ_CHECK(evh_utf8_valid_len(value) == value.len);
        FUZZ_CHECK(value.len == 0 || memchr(value.data, 0, value.len) == NULL);
        add(out, evh_view_of(&value.len, sizeof value.len));
        add(out, value);
    }
}

static void read_all(evh_buffer *out, evh_input_format format, evh_view text, size_t piece)
{
    static const char *const names[COLUMNS] = {"a", "b", "c"};
    evh_input_column columns[COLUMNS];
    pieces context = {.rest = text, .piece = piece};
    const evh_input_options options = {
        .format = format,
        .source = {.read = read_piece, .finish = NULL, .context = &context},
        .columns = columns,
        .column_count = COLUMNS};
    for (size_t i = 0; i < COLUMNS; i++)
        columns[i] =
            (evh_input_column){.name = evh_view_of_text(names[i]), .optional = i == COLUMNS - 1};
    evh_input_rows *rows = NULL;
    evh_input_event event = EVH_INPUT_ROW;
    evh_input_row row;
    evh_status status = evh_input_rows_new(&rows, &options);
    while (status.code == EVH_OK && event != EVH_INPUT_END) {
        status = evh_input_rows_next(rows, &event, &row);
        add_row(out, event, &row);
    }
    FUZZ_CHECK(status.code == EVH_OK || status.code == EVH_ERR_INPUT);
    add(out, evh_view_of_text(status.text));
    evh_input_rows_free(&rows);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    evh_input_format format = data[0] % 2 == 0 ? EVH_INPUT_CSV : EVH_INPUT_JSONL;
    evh_view text = evh_view_of(data + 1, size - 1);
    evh_buffer whole = evh_buffer_init(OUT_MAX);
    evh_buffer pieced = evh_buffer_init(OUT_MAX);
    read_all(&whole, format, text, SIZE_MAX);
    read_all(&pieced, format, text, 1 + data[0] / 2);
    FUZZ_CHECK(evh_view_equal(evh_buffer_view(&whole), evh_buffer_view(&pieced)));
    evh_buffer_clear(&whole);
    evh_buffer_clear(&pieced);
    return 0;
}
