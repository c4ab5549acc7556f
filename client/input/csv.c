/* SPDX-License-Identifier: Apache-2.0 */
#include "csv_internal.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "evenhand/base/sizes.h"
#include "evenhand/base/utf8.h"
#include "scan_internal.h"

evh_status evh_csv_init(evh_csv *csv, evh_input_source source)
{
    *csv = (evh_csv){.stream = evh_input_stream_init(source), .line = 1};
    evh_status status = evh_ok();
    EVH_TRY(evh_alloc(&csv->fields, EVH_INPUT_COLUMNS_MAX, sizeof *csv->fields, "fields"));
    csv->field_capacity = EVH_INPUT_COLUMNS_MAX;
    while (csv->stream.buffer.len < 3 && !csv->stream.ended)
        EVH_TRY(evh_input_stream_more(&csv->stream, 0));
    EVH_REQUIRE(csv->stream.buffer.len > 0, EVH_ERR_INPUT,
                "the file is empty; a header line with the columns' names is the least");
    if (csv->stream.buffer.len >= 3 && memcmp(csv->stream.buffer.data, "\xef\xbb\xbf", 3) == 0)
        csv->field_start = csv->block_end = 3;

done:
    return status;
}

void evh_csv_clear(evh_csv *csv)
{
    evh_input_stream_clear(&csv->stream);
    free(csv->fields);
    csv->fields = NULL;
}

void evh_csv_set_bad(evh_csv *csv, const char *format, ...)
{
    if (csv->bad)
        return;
    csv->bad = true;
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(csv->reason, sizeof csv->reason, format, arguments);
    va_end(arguments);
}

/* Member by member: a copy of the whole entry would wait for the stores it was made by. */
static inline void end_field(evh_csv *csv, uint64_t content_end, uint64_t next)
{
    if (csv->field_count < csv->field_capacity) {
        evh_csv_field *field = &csv->fields[csv->field_count];
        field->start = csv->field_start;
        field->end = content_end;
        field->doubled = csv->doubled;
    }
    csv->field_count++;
    csv->field_start = next;
    csv->doubled = false;
}

/* A special byte outside quotes. True at the end of the row. */
static bool step_plain(evh_csv *csv, uint8_t byte, uint64_t at)
{
    switch (byte) {
    case ',':
        end_field(csv, at, at + 1);
        return false;
    case '\n':
        csv->row_end = at;
        end_field(csv, at, at + 1);
        return true;
    case '\r':
        csv->mode = EVH_CSV_RETURN;
        csv->mark = at;
        csv->content_end = at;
        return false;
    case '"':
        if (at == csv->field_start) {
            csv->mode = EVH_CSV_QUOTED;
            csv->field_start = at + 1;
        } else {
            evh_csv_set_bad(csv, "field %zu: a quote inside a field that does not start with one",
                            csv->field_count + 1);
        }
        return false;
    default:
        evh_csv_set_bad(csv, "field %zu: a NUL byte", csv->field_count + 1);
        return false;
    }
}

/* The next special byte after a quote that may have closed the field. */
static bool step_closed(evh_csv *csv, uint8_t byte, uint64_t at)
{
    bool adjacent = at == csv->mark + 1;
    if (adjacent && byte == '"') {
        csv->doubled = true;
        csv->mode = EVH_CSV_QUOTED;
        return false;
    }
    if (adjacent && byte == '\r') {
        csv->mode = EVH_CSV_RETURN;
        csv->content_end = csv->mark;
        csv->mark = at;
        return false;
    }
    csv->mode = EVH_CSV_PLAIN;
    if (adjacent && byte == ',') {
        end_field(csv, csv->mark, at + 1);
        return false;
    }
    if (adjacent && byte == '\n') {
        csv->row_end = at;
        end_field(csv, csv->mark, at + 1);
        return true;
    }
    evh_csv_set_bad(csv, "field %zu: text behind the closing quote", csv->field_count + 1);
    return step_plain(csv, byte, at);
}

/* The next special byte after a carriage return: the line feed right behind it, or a bad row. */
static bool step_return(evh_csv *csv, uint8_t byte, uint64_t at)
{
    csv->mode = EVH_CSV_PLAIN;
    if (byte == '\n' && at == csv->mark + 1) {
        csv->row_end = csv->mark;
        end_field(csv, csv->content_end, at + 1);
        return true;
    }
    evh_csv_set_bad(csv, "field %zu: a carriage return that does not end the line",
                    csv->field_count + 1);
    return step_plain(csv, byte, at);
}

static bool step(evh_csv *csv, uint8_t byte, uint64_t at)
{
    switch (csv->mode) {
    case EVH_CSV_QUOTED:
        if (byte == '"') {
            csv->mode = EVH_CSV_CLOSED;
            csv->mark = at;
        } else if (byte == '\n') {
            csv->inner_lines++;
        } else if (byte == 0) {
            evh_csv_set_bad(csv, "field %zu: a NUL byte", csv->field_count + 1);
        }
        return false;
    case EVH_CSV_CLOSED:
        return step_closed(csv, byte, at);
    case EVH_CSV_RETURN:
        return step_return(csv, byte, at);
    case EVH_CSV_PLAIN:
    default:
        return step_plain(csv, byte, at);
    }
}

/* Reads on when everything in memory was looked at. A row over its limit is forgotten, so memory
 * stays bounded while its end is searched. */
static evh_status refill(evh_csv *csv)
{
    uint64_t keep = csv->row_start;
    uint64_t end = evh_input_stream_end(&csv->stream);
    if (csv->dropped || end - keep > EVH_INPUT_ROW_BYTES_MAX) {
        evh_csv_set_bad(csv, "the row is longer than %d bytes", EVH_INPUT_ROW_BYTES_MAX);
        csv->dropped = true;
        keep = end;
    }
    return evh_input_stream_more(&csv->stream, keep);
}

/* Makes the next bytes the block; an empty one at the end of what is in memory. */
static void load_block(evh_csv *csv)
{
    uint64_t left = evh_input_stream_end(&csv->stream) - csv->block_end;
    uint64_t all = ~UINT64_C(0);
    if (left < EVH_INPUT_SCAN_BLOCK)
        all = (UINT64_C(1) << left) - 1;
    csv->block = csv->block_end;
    csv->block_end += left < EVH_INPUT_SCAN_BLOCK ? left : EVH_INPUT_SCAN_BLOCK;
    evh_input_scan scan = evh_input_scan_block(evh_input_stream_at(&csv->stream, csv->block));
    csv->bits = scan.special & all;
    csv->block_high = scan.high & all;
    csv->high = csv->high || csv->block_high != 0;
}

/* The next block, with at least one byte unless the source has ended. False on failure. */
static bool next_block(evh_csv *csv)
{
    if (csv->block_end == evh_input_stream_end(&csv->stream) && !csv->stream.ended) {
        csv->failure = refill(csv);
        if (csv->failure.code != EVH_OK)
            return false;
    }
    load_block(csv);
    return true;
}

/* The source ended inside a row. */
static evh_csv_found end_last_row(evh_csv *csv)
{
    uint64_t end = evh_input_stream_end(&csv->stream);
    csv->row_end = end;
    switch (csv->mode) {
    case EVH_CSV_QUOTED:
        csv->failure = evh_fail(EVH_ERR_INPUT,
                                "line %" PRIu64 ": the file ends inside field %zu, whose quote is "
                                "never closed; is it cut off?",
                                csv->line, csv->field_count + 1);
        return EVH_CSV_FAILED;
    case EVH_CSV_CLOSED:
        if (csv->mark + 1 != end)
            evh_csv_set_bad(csv, "field %zu: text behind the closing quote", csv->field_count + 1);
        end_field(csv, csv->mark, end);
        break;
    case EVH_CSV_RETURN:
        if (csv->mark + 1 != end)
            evh_csv_set_bad(csv, "field %zu: a carriage return that does not end the line",
                            csv->field_count + 1);
        csv->row_end = csv->mark;
        end_field(csv, csv->content_end, end);
        break;
    case EVH_CSV_PLAIN:
    default:
        end_field(csv, end, end);
        break;
    }
    return EVH_CSV_ROW;
}

static void start_row(evh_csv *csv, uint64_t at)
{
    csv->row_start = at;
    csv->field_start = at;
    csv->doubled = false;
    csv->field_count = 0;
    csv->inner_lines = 0;
    csv->mode = EVH_CSV_PLAIN;
    csv->bad = false;
    csv->dropped = false;
    uint64_t seen = at - csv->block; /* of the block, by rows before */
    csv->high = seen < EVH_INPUT_SCAN_BLOCK && csv->block_high >> seen != 0;
}

/* Finds the end of the row that starts at csv->row_start. */
static evh_csv_found scan_row(evh_csv *csv)
{
    for (;;) {
        uint64_t bits = csv->bits;
        const uint8_t *block = evh_input_stream_at(&csv->stream, csv->block);
        while (bits != 0) {
            unsigned offset = (unsigned)__builtin_ctzll(bits);
            uint64_t at = csv->block + offset;
            uint8_t byte = block[offset];
            bits &= bits - 1;
            if (csv->mode == EVH_CSV_PLAIN && byte == ',') {
                end_field(csv, at, at + 1);
            } else if (step(csv, byte, at)) {
                csv->bits = bits;
                return EVH_CSV_ROW;
            }
        }
        if (!next_block(csv))
            return EVH_CSV_FAILED;
        if (csv->block == csv->block_end) {
            bool begun = csv->row_start != csv->block || csv->dropped;
            return begun ? end_last_row(csv) : EVH_CSV_END;
        }
    }
}

/* What can only be judged on the whole row. */
static void check_row(evh_csv *csv)
{
    uint64_t len = csv->row_end - csv->row_start;
    if (len > EVH_INPUT_ROW_BYTES_MAX)
        evh_csv_set_bad(csv, "the row is longer than %d bytes", EVH_INPUT_ROW_BYTES_MAX);
    if (csv->dropped)
        return;
    size_t stored = csv->field_count < csv->field_capacity ? csv->field_count : csv->field_capacity;
    for (size_t i = 0; len > EVH_INPUT_FIELD_BYTES_MAX && i < stored; i++)
        if (csv->fields[i].end - csv->fields[i].start > EVH_INPUT_FIELD_BYTES_MAX)
            evh_csv_set_bad(csv, "field %zu is longer than %d bytes", i + 1,
                            EVH_INPUT_FIELD_BYTES_MAX);
    if (!csv->high)
        return;
    evh_view row = evh_view_of(evh_input_stream_at(&csv->stream, csv->row_start), (size_t)len);
    size_t valid = evh_utf8_valid_len(row);
    if (valid < row.len)
        evh_csv_set_bad(csv, "byte %zu of the row is not UTF-8", valid + 1);
}

evh_csv_found evh_csv_next(evh_csv *csv)
{
    evh_csv_found found = EVH_CSV_ROW;
    bool empty = true;
    while (found == EVH_CSV_ROW && empty) {
        csv->line += csv->field_count == 0 ? 0 : 1 + csv->inner_lines;
        start_row(csv, csv->field_start);
        found = scan_row(csv);
        empty = csv->row_end == csv->row_start && !csv->bad && csv->field_count == 1;
    }
    if (found == EVH_CSV_ROW)
        check_row(csv);
    return found;
}

void evh_csv_halve_quotes(evh_csv *csv, evh_csv_field *field)
{
    uint8_t *data = csv->stream.buffer.data + (field->start - csv->stream.base);
    size_t len = (size_t)(field->end - field->start);
    size_t kept = 0;
    for (size_t i = 0; i < len; i++) {
        data[kept++] = data[i];
        if (data[i] == '"')
            i++;
    }
    field->end = field->start + kept;
    field->doubled = false;
}
