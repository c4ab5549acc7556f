/* SPDX-License-Identifier: Apache-2.0 */
#include "evenhand/json/writer.h"

#include <inttypes.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { INDENT = 2, DOUBLE_DIGITS_MOST = 17, DOUBLE_TEXT_LEN = 40 };

evh_json evh_json_writer(evh_buffer *out)
{
    evh_json json = {.out = out, .status = evh_ok()};
    return json;
}

static void put(evh_json *json, evh_view text)
{
    if (json->status.code == EVH_OK)
        json->status = evh_buffer_append(json->out, text);
}

static void put_text(evh_json *json, const char *text)
{
    put(json, evh_view_of_text(text));
}

static int append_chunk(const char *chunk, size_t len, void *context)
{
    evh_json *json = context;
    put(json, evh_view_of(chunk, len));
    return json->status.code == EVH_OK ? 0 : -1;
}

static void put_string(evh_json *json, evh_view text)
{
    if (json->status.code != EVH_OK)
        return;
    json_t *value = json_stringn(text.data != NULL ? (const char *)text.data : "", text.len);
    if (value == NULL)
        json->status = evh_fail(EVH_ERR_ENCODING, "a text that is not valid UTF-8");
    else if (json_dump_callback(value, append_chunk, json, JSON_ENCODE_ANY) != 0 &&
             json->status.code == EVH_OK)
        json->status = evh_fail(EVH_ERR_MEMORY, "no memory for a JSON text");
    json_decref(value);
}

static void put_line_break(evh_json *json)
{
    put_text(json, "\n");
    for (unsigned i = 0; i < json->depth * INDENT; i++)
        put_text(json, " ");
}

static void misuse(evh_json *json, const char *what)
{
    if (json->status.code == EVH_OK)
        json->status = evh_fail(EVH_ERR_INTERNAL, "JSON written out of order: %s", what);
}

/* Everything in front of a value: comma, line, key. */
static void begin_member(evh_json *json, const char *key)
{
    bool in_object = json->depth > 0 && json->closers[json->depth - 1] == '}';
    if (in_object != (key != NULL))
        misuse(json, in_object ? "a member without a key" : "a key outside of an object");
    if (json->depth == 0 && json->filled[0])
        misuse(json, "a second document");
    if (json->filled[json->depth])
        put_text(json, json->row_depth > 0 ? ", " : ",");
    if (json->depth > 0 && json->row_depth == 0)
        put_line_break(json);
    json->filled[json->depth] = true;
    if (key != NULL) {
        put_string(json, evh_view_of_text(key));
        put_text(json, ": ");
    }
}

static void open_container(evh_json *json, const char *key, const char *opener, char closer,
                           bool row)
{
    begin_member(json, key);
    if (json->depth >= EVH_JSON_DEPTH_MAX)
        misuse(json, "nested too deeply");
    if (json->status.code != EVH_OK)
        return;
    put_text(json, opener);
    json->closers[json->depth] = closer;
    json->depth++;
    json->filled[json->depth] = false;
    if (row || json->row_depth > 0)
        json->row_depth++;
}

void evh_json_object_open(evh_json *json, const char *key)
{
    open_container(json, key, "{", '}', false);
}

void evh_json_row_open(evh_json *json, const char *key)
{
    open_container(json, key, "{", '}', true);
}

void evh_json_array_open(evh_json *json, const char *key)
{
    open_container(json, key, "[", ']', false);
}

void evh_json_close(evh_json *json)
{
    if (json->depth == 0)
        misuse(json, "nothing to close");
    if (json->status.code != EVH_OK)
        return;
    bool filled = json->filled[json->depth];
    json->depth--;
    if (json->row_depth > 0)
        json->row_depth--;
    else if (filled)
        put_line_break(json);
    put(json, evh_view_of(&json->closers[json->depth], 1));
}

void evh_json_text(evh_json *json, const char *key, const char *text)
{
    evh_json_view(json, key, evh_view_of_text(text));
}

void evh_json_view(evh_json *json, const char *key, evh_view text)
{
    begin_member(json, key);
    put_string(json, text);
}

void evh_json_u64(evh_json *json, const char *key, uint64_t value)
{
    begin_member(json, key);
    if (json->status.code == EVH_OK)
        json->status = evh_buffer_format(json->out, "%" PRIu64, value);
}

void evh_json_i64(evh_json *json, const char *key, int64_t value)
{
    begin_member(json, key);
    if (json->status.code == EVH_OK)
        json->status = evh_buffer_format(json->out, "%" PRId64, value);
}

void evh_json_bool(evh_json *json, const char *key, bool value)
{
    begin_member(json, key);
    put_text(json, value ? "true" : "false");
}

void evh_json_null(evh_json *json, const char *key)
{
    begin_member(json, key);
    put_text(json, "null");
}

void evh_json_decimal(evh_json *json, const char *key, evh_decimal value)
{
    char text[EVH_DECIMAL_TEXT_LEN];
    evh_decimal_format(text, value);
    begin_member(json, key);
    put_text(json, text);
}

void evh_json_double(evh_json *json, const char *key, double value)
{
    begin_member(json, key);
    if (!isfinite(value)) {
        if (json->status.code == EVH_OK)
            json->status = evh_fail(EVH_ERR_RANGE, "a number that is not finite has no JSON form");
        return;
    }
    char text[DOUBLE_TEXT_LEN];
    for (int digits = 1; digits <= DOUBLE_DIGITS_MOST; digits++) {
        (void)snprintf(text, sizeof text, "%.*g", digits, value);
        double back = strtod(text, NULL);
        /* NOLINTNEXTLINE: bit for bit, so that -0.0 keeps its sign */
        if (memcmp(&back, &value, sizeof back) == 0)
            break;
    }
    put_text(json, text);
    if (strpbrk(text, ".e") == NULL)
        put_text(json, ".0");
}

evh_status evh_json_end(evh_json *json)
{
    if (json->depth > 0)
        misuse(json, "something is still open");
    if (!json->filled[0])
        misuse(json, "nothing was written");
    put_text(json, "\n");
    return json->status;
}
