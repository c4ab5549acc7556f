/* SPDX-License-Identifier: Apache-2.0
 * input/rows.h: one interface to the records of a csv file, a JSON Lines file or a manifest.
 * The caller asks for columns by their names in the file and gets, row after row, one view per
 * column asked for. Formats: docs/reference/input-formats.md.
 * Source   RFC 4180 (csv), RFC 8259 and jsonlines.org (JSON Lines)
 * Secret   every value is personal data: nothing is logged, and reasons never quote a value
 * Threads  one thread per reader
 * Memory   bounded by the longest row (EVH_INPUT_ROW_BYTES_MAX), whatever the number of rows
 * Tests    unit/input/test_csv.c, test_jsonl.c, test_manifest.c; fuzz/ */
#ifndef EVH_INPUT_ROWS_H
#define EVH_INPUT_ROWS_H

#include <stddef.h>
#include <stdint.h>

#include "evenhand/base/bytes.h"
#include "evenhand/base/status.h"
#include "evenhand/input/source.h"

enum {
    EVH_INPUT_COLUMNS_MAX = 4096,        /* columns of a csv file; columns asked for */
    EVH_INPUT_FIELD_BYTES_MAX = 1 << 20, /* one value; a longer one makes a bad row */
    EVH_INPUT_ROW_BYTES_MAX = 16 << 20,  /* one row as it stands in the file; likewise */
    EVH_INPUT_TEXT_BYTES_MAX = 64 << 20, /* one file that a manifest names */
    EVH_INPUT_REASON_LEN = 160           /* bytes of a reason with its NUL */
};

typedef enum evh_input_format {
    EVH_INPUT_CSV,
    EVH_INPUT_JSONL,
    EVH_INPUT_MANIFEST
} evh_input_format;

/* Reads "csv", "jsonl" or "manifest". Fails INPUT naming the three. */
EVH_MUST_USE evh_status evh_input_format_parse(evh_view name, evh_input_format *out);

/* A column as the caller wants it. */
typedef struct evh_input_column {
    evh_view name; /* in the file's header, or the key of a JSON object; compared byte for byte */
    bool
        transcript; /* words: the value itself in csv and JSON Lines, a file's path in a manifest */
    bool optional;  /* a file without the column is fine: the value is then absent */
} evh_input_column;

typedef struct evh_input_options {
    evh_input_format format;
    evh_input_source source;
    evh_input_folder folder;         /* manifest only */
    const evh_input_column *columns; /* [column_count]; names are borrowed for the reader's life */
    size_t column_count;             /* 1..EVH_INPUT_COLUMNS_MAX */
} evh_input_options;

typedef enum evh_input_event {
    EVH_INPUT_END,    /* no more rows; the source was checked and found unchanged */
    EVH_INPUT_ROW,    /* one record */
    EVH_INPUT_BAD_ROW /* a row that cannot be understood; reading may go on behind it */
} evh_input_event;

/* Valid until the next call on the reader. */
typedef struct evh_input_row {
    uint64_t line;          /* 1-based line of the file on which the row starts */
    const evh_view *values; /* ROW: [column_count] in the order asked for. UTF-8 without NUL bytes.
                         * Empty and absent (data NULL: JSON null, no such key) both have len 0 */
    evh_view part;          /* ROW of a manifest: the utterance's id where .trn files are paired,
                         * else empty */
    const char *reason;     /* BAD_ROW: what is wrong, for people; quotes no value */
} evh_input_row;

typedef struct evh_input_rows evh_input_rows;

/* Makes a reader and reads a csv file's or manifest's header.
 *   out      the reader, owned by the caller; NULL on failure
 *   options  source and folder handles are copied, their contexts borrowed for the reader's life
 * Fails    ARG no columns, too many or one without a name, no source; INPUT an empty
 *          file, a header that is not a csv line in UTF-8, a column that is missing (the text names
 *          those found) or there twice; MEMORY; what the source fails with */
EVH_MUST_USE evh_status evh_input_rows_new(evh_input_rows **out, const evh_input_options *options);

/* Frees the reader; takes the address, accepts NULL, leaves NULL. */
void evh_input_rows_free(evh_input_rows **rows);

/* Reads on to the next row.
 *   event  what was found; END on failure, and again after the end
 *   row    as the event says
 * Fails    INPUT the file ends inside a quoted value (the rows behind the quote are lost, so there
 *          is no going on), JSON Lines without a single row that has a column asked for, a source
 *          that changed while it was read; MEMORY; what the source fails with.
 *          A reader that failed fails again with the same status.
 * Cost     csv without quotes: one pass over the bytes, no copy */
EVH_MUST_USE evh_status evh_input_rows_next(evh_input_rows *rows, evh_input_event *event,
                                            evh_input_row *row);

#endif
