/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "csv_internal.h"
#include "evenhand/base/sizes.h"
#include "rows_internal.h"

/* Names of a header that a message quotes: enough to see what is wrong. */
enum { NAMES_SHOWN_BYTES = 60, NAME_SHOWN_BYTES = 40 };

static const size_t absent = SIZE_MAX;

typedef struct csv_rows {
    evh_csv csv;
    size_t column_count; /* of the header */
    size_t *wanted;      /* [wanted_count] index of the file's column, or absent */
    evh_view *values;    /* [wanted_count] */
    size_t wanted_count;
} csv_rows;

static int shown(evh_view name)
{
    return name.len < NAME_SHOWN_BYTES ? (int)name.len : NAME_SHOWN_BYTES;
}

/* Fails unless every name of the header stands there once; unnamed columns are nobody's. */
static evh_status check_names(csv_rows *rows)
{
    for (size_t i = 0; i < rows->column_count; i++) {
        evh_view name = evh_csv_value(&rows->csv, i);
        for (size_t j = 0; name.len > 0 && j < i; j++)
            if (evh_view_equal(name, evh_csv_value(&rows->csv, j)))
                return evh_fail(EVH_ERR_INPUT,
                                "the header has the column \"%.*s\" twice (numbers %zu and %zu)",
                                shown(name), (const char *)name.data, j + 1, i + 1);
    }
    return evh_ok();
}

/* A table whose fields are separated by something else is read as one column. */
static const char *other_separator(csv_rows *rows)
{
    evh_view name = evh_csv_value(&rows->csv, 0);
    if (rows->column_count != 1 || name.len == 0)
        return NULL;
    if (memchr(name.data, ';', name.len) != NULL)
        return "semicolons";
    return memchr(name.data, '\t', name.len) != NULL ? "tabs" : NULL;
}

static evh_status missing_column(csv_rows *rows, evh_view wanted)
{
    evh_status status = evh_ok();
    if (other_separator(rows) != NULL)
        return evh_fail(EVH_ERR_INPUT, "the header has %s where commas must separate the columns",
                        other_separator(rows));
    evh_buffer found = evh_buffer_init(EVH_INPUT_ROW_BYTES_MAX);
    for (size_t i = 0; i < rows->column_count && found.len < NAMES_SHOWN_BYTES; i++) {
        evh_view name = evh_csv_value(&rows->csv, i);
        EVH_TRY(evh_buffer_format(&found, "%s%.*s", i == 0 ? "" : ", ", shown(name),
                                  (const char *)name.data));
    }
    status =
        evh_fail(EVH_ERR_INPUT, "no column \"%.*s\" in the header, which has: %.*s", shown(wanted),
                 (const char *)wanted.data, (int)found.len, (const char *)found.data);

done:
    evh_buffer_clear(&found);
    return status;
}

static evh_status find_columns(csv_rows *rows, const evh_input_options *options)
{
    for (size_t w = 0; w < options->column_count; w++) {
        rows->wanted[w] = absent;
        for (size_t i = 0; i < rows->column_count; i++)
            if (evh_view_equal(evh_csv_value(&rows->csv, i), options->columns[w].name))
                rows->wanted[w] = i;
        if (rows->wanted[w] == absent && !options->columns[w].optional)
            return missing_column(rows, options->columns[w].name);
    }
    return evh_ok();
}

static evh_status read_header(csv_rows *rows, const evh_input_options *options)
{
    evh_status status = evh_ok();
    evh_csv_found found = evh_csv_next(&rows->csv);
    if (found == EVH_CSV_FAILED)
        EVH_TRY(rows->csv.failure);
    EVH_REQUIRE(found == EVH_CSV_ROW, EVH_ERR_INPUT,
                "the file has only empty lines; a header line with the columns' names is missing");
    EVH_REQUIRE(!rows->csv.bad, EVH_ERR_INPUT, "line %" PRIu64 " (the header): %s", rows->csv.line,
                rows->csv.reason);
    EVH_REQUIRE(rows->csv.field_count <= EVH_INPUT_COLUMNS_MAX, EVH_ERR_INPUT,
                "the header has %zu columns; %d are the limit", rows->csv.field_count,
                EVH_INPUT_COLUMNS_MAX);
    rows->column_count = rows->csv.field_count;
    EVH_TRY(check_names(rows));
    EVH_TRY(find_columns(rows, options));

done:
    return status;
}

static void fill_row(csv_rows *rows, evh_input_row *row)
{
    for (size_t w = 0; w < rows->wanted_count; w++)
        rows->values[w] = rows->wanted[w] == absent ? evh_view_of(NULL, 0)
                                                    : evh_csv_value(&rows->csv, rows->wanted[w]);
    row->values = rows->values;
}

static bool next_row(void *self, evh_input_event *event, evh_input_row *row, evh_status *failure)
{
    csv_rows *rows = self;
    evh_csv *csv = &rows->csv;
    switch (evh_csv_next(csv)) {
    case EVH_CSV_END:
        *event = EVH_INPUT_END;
        *failure = evh_input_stream_finish(&csv->stream);
        return failure->code == EVH_OK;
    case EVH_CSV_ROW:
        break;
    case EVH_CSV_FAILED:
    default:
        *failure = csv->failure;
        return false;
    }
    if (csv->field_count != rows->column_count)
        evh_csv_set_bad(csv, "%zu field%s, but the header has %zu", csv->field_count,
                        csv->field_count == 1 ? "" : "s", rows->column_count);
    row->line = csv->line;
    *event = csv->bad ? EVH_INPUT_BAD_ROW : EVH_INPUT_ROW;
    if (csv->bad)
        row->reason = csv->reason;
    else
        fill_row(rows, row);
    return true;
}

static void free_rows(void *self)
{
    csv_rows *rows = self;
    if (rows == NULL)
        return;
    evh_csv_clear(&rows->csv);
    free(rows->wanted);
    free(rows->values);
    free(rows);
}

evh_status evh_input_csv_new(evh_input_reader *out, const evh_input_options *options)
{
    evh_status status = evh_ok();
    csv_rows *rows = NULL;
    *out = (evh_input_reader){.next = NULL, .free = NULL, .self = NULL};
    EVH_TRY(evh_alloc(&rows, 1, sizeof *rows, "csv reader"));
    rows->wanted_count = options->column_count;
    EVH_TRY(evh_alloc(&rows->wanted, rows->wanted_count, sizeof *rows->wanted, "columns"));
    EVH_TRY(evh_alloc(&rows->values, rows->wanted_count, sizeof *rows->values, "columns"));
    EVH_TRY(evh_csv_init(&rows->csv, options->source));
    EVH_TRY(read_header(rows, options));
    *out = (evh_input_reader){.next = next_row, .free = free_rows, .self = rows};
    rows = NULL;

done:
    free_rows(rows);
    return status;
}
