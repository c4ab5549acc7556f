/* SPDX-License-Identifier: Apache-2.0
 * json/writer.h: JSON text in the order in which it is written: same calls, same bytes.
 * Objects and arrays are indented; a row is an object on one line, for long lists. The first
 * failure is kept and every later call does nothing, so that only evh_json_end needs a check.
 * Source   RFC 8259; strings are escaped and checked by jansson
 * Memory   the caller's buffer          Threads  one thread per writer
 * Tests    unit/json/test_writer.c */
#ifndef EVH_JSON_WRITER_H
#define EVH_JSON_WRITER_H

#include <stdbool.h>
#include <stdint.h>

#include "evenhand/base/bytes.h"
#include "evenhand/base/decimal.h"
#include "evenhand/base/status.h"

enum { EVH_JSON_DEPTH_MAX = 32 };

typedef struct evh_json {
    evh_buffer *out;   /* borrowed */
    evh_status status; /* the first failure */
    unsigned depth;
    unsigned row_depth;                  /* containers opened at or below the innermost row */
    bool filled[EVH_JSON_DEPTH_MAX + 1]; /* the container at this depth has a member */
    char closers[EVH_JSON_DEPTH_MAX];
} evh_json;

/* A writer that appends to `out`. */
evh_json evh_json_writer(evh_buffer *out);

/* In all of these `key` is the member's name inside an object, and NULL inside an array and at the
 * top. Fail (in the kept status) MEMORY; ENCODING invalid UTF-8; INTERNAL nesting or keys that do
 * not fit together. */
void evh_json_object_open(evh_json *json, const char *key);
void evh_json_row_open(evh_json *json, const char *key);
void evh_json_array_open(evh_json *json, const char *key);
void evh_json_close(evh_json *json);
void evh_json_text(evh_json *json, const char *key, const char *text);
void evh_json_view(evh_json *json, const char *key, evh_view text);
void evh_json_u64(evh_json *json, const char *key, uint64_t value);
void evh_json_i64(evh_json *json, const char *key, int64_t value);
void evh_json_bool(evh_json *json, const char *key, bool value);
void evh_json_null(evh_json *json, const char *key);

/* A number exactly as it was written in a plan. */
void evh_json_decimal(evh_json *json, const char *key, evh_decimal value);

/* The shortest decimal that reads back as the same double, at most 17 digits and always with a
 * point or an exponent. Fails RANGE for infinities and NaN: JSON has none. */
void evh_json_double(evh_json *json, const char *key, double value);

/* Ends the document with a newline and gives the first failure. Fails also INTERNAL when something
 * is still open. */
EVH_MUST_USE evh_status evh_json_end(evh_json *json);

#endif
