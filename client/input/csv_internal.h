/* SPDX-License-Identifier: Apache-2.0
 * input/csv_internal.h: csv rows as fields by position, before any meaning of columns.
 * Source   RFC 4180, read strictly: a quote stands only around a whole field. An empty line is no
 *          row; the last row needs no line end. Lines end with LF or CRLF, also mixed
 * Memory   the stream's, and one entry per column          Tests    unit/input/test_csv.c */
#ifndef EVH_INPUT_CSV_INTERNAL_H
#define EVH_INPUT_CSV_INTERNAL_H

#include <stddef.h>
#include <stdint.h>

#include "evenhand/base/status.h"
#include "evenhand/input/rows.h"
#include "stream_internal.h"

/* Where a field's content stands in the stream. */
typedef struct evh_csv_field {
    uint64_t start, end;
    bool doubled; /* holds doubled quotes that are still to be halved */
} evh_csv_field;

typedef enum evh_csv_mode {
    EVH_CSV_PLAIN,  /* outside quotes */
    EVH_CSV_QUOTED, /* inside quotes */
    EVH_CSV_CLOSED, /* behind a quote that closes the field, or is the first of two */
    EVH_CSV_RETURN  /* behind a carriage return that should end the line */
} evh_csv_mode;

typedef struct evh_csv {
    evh_input_stream stream;
    /* The block being looked at: the positions of its special bytes still to come. */
    uint64_t block, block_end, bits, block_high;
    /* The current row. */
    uint64_t row_start, row_end; /* row_end: behind the content, before the line end */
    uint64_t line;               /* on which it starts */
    uint64_t inner_lines;        /* line ends inside quotes */
    evh_csv_field *fields;       /* [field_capacity], those of the row that fit */
    size_t field_capacity;
    size_t field_count; /* all fields of the row */
    /* The current field. */
    uint64_t field_start; /* of its content; between rows, of the next row */
    uint64_t content_end; /* RETURN: of the row's last field */
    bool doubled;
    uint64_t mark; /* CLOSED: the quote's position; RETURN: the carriage return's */
    evh_csv_mode mode;
    bool high;    /* the row may hold bytes that are not ASCII */
    bool dropped; /* the row's beginning is gone: it was too long */
    bool bad;
    evh_status failure; /* of evh_csv_next */
    char reason[EVH_INPUT_REASON_LEN];
} evh_csv;

/* Prepares a reader; skips a byte order mark. csv is cleared with evh_csv_clear in any case.
 * Fails INPUT if the source has no bytes at all; MEMORY; what the source fails with. */
EVH_MUST_USE evh_status evh_csv_init(evh_csv *csv, evh_input_source source);

void evh_csv_clear(evh_csv *csv);

typedef enum evh_csv_found { EVH_CSV_END, EVH_CSV_ROW, EVH_CSV_FAILED } evh_csv_found;

/* Reads the next row. On ROW csv->bad says whether it is bad (reason then says why), and if not
 * evh_csv_value gives its fields, until the next call. A failure stands in csv->failure: moving a
 * status up through every layer for every row costs more than reading a short row.
 * Fails INPUT a quote that is never closed; MEMORY; what the source fails with */
EVH_MUST_USE evh_csv_found evh_csv_next(evh_csv *csv);

/* Makes the row bad; the first reason stays. */
void evh_csv_set_bad(evh_csv *csv, const char *format, ...) EVH_PRINTF(2, 3);

/* Halves the doubled quotes of a field in place. */
void evh_csv_halve_quotes(evh_csv *csv, evh_csv_field *field);

/* Content of a field of a good row, index < field_count and field_capacity. */
static inline evh_view evh_csv_value(evh_csv *csv, size_t index)
{
    evh_csv_field *field = &csv->fields[index];
    if (field->doubled)
        evh_csv_halve_quotes(csv, field);
    return evh_view_of(evh_input_stream_at(&csv->stream, field->start),
                       (size_t)(field->end - field->start));
}

#endif
