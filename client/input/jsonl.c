/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "evenhand/base/sizes.h"
#include "json_internal.h"
#include "rows_internal.h"
#include "stream_internal.h"

typedef struct jsonl {
    evh_input_stream stream;
    uint64_t next; /* position of the next line */
    uint64_t line;
    uint64_t row_count;
    bool too_long; /* the current line's beginning is gone */
    evh_input_column *columns;
    size_t column_count;
    bool *seen; /* [column_count] some row had the key */
    evh_view *values;
    json_t *object; /* of the current row: it owns the strings */
    char reason[EVH_INPUT_REASON_LEN];
} jsonl;

/* Finds the next line. *found is false at the end of the source. */
static evh_status next_line(jsonl *reader, evh_view *line, bool *found)
{
    evh_status status = evh_ok();
    evh_input_stream *stream = &reader->stream;
    uint64_t start = reader->next;
    uint64_t looked = start;
    const uint8_t *newline = NULL;
    *line = evh_view_of(NULL, 0);
    reader->too_long = false;
    for (;;) {
        uint64_t end = evh_input_stream_end(stream);
        if (looked < end)
            newline = memchr(evh_input_stream_at(stream, looked), '\n', (size_t)(end - looked));
        if (newline != NULL || stream->ended)
            break;
        looked = end;
        if (end - start > EVH_INPUT_ROW_BYTES_MAX) {
            reader->too_long = true;
            start = end;
        }
        EVH_TRY(evh_input_stream_more(stream, start));
    }
    *found = newline != NULL || start < evh_input_stream_end(stream) || reader->too_long;
    reader->next = evh_input_stream_end(stream);
    if (newline != NULL)
        reader->next = stream->base + (uint64_t)(newline - stream->buffer.data) + 1;
    if (*found) {
        *line = evh_view_of(evh_input_stream_at(stream, start), (size_t)(reader->next - start));
        reader->line++;
    }
    reader->too_long = reader->too_long || line->len > EVH_INPUT_ROW_BYTES_MAX;

done:
    return status;
}

static const uint8_t *skip_white(const uint8_t *at)
{
    while (*at == ' ' || *at == '\t' || *at == '\n' || *at == '\r')
        at++;
    return at;
}

static const uint8_t *skip_string(const uint8_t *at)
{
    for (at++; *at != '"'; at++)
        if (*at == '\\')
            at++;
    return at + 1;
}

/* Behind a JSON value: a string, or anything up to the comma or bracket that follows it. */
static const uint8_t *skip_value(const uint8_t *at)
{
    size_t depth = 0;
    for (;;) {
        if (*at == '"') {
            at = skip_string(at);
        } else if (*at == '{' || *at == '[') {
            depth++;
            at++;
        } else if (depth > 0 && (*at == '}' || *at == ']')) {
            depth--;
            at++;
        } else if (depth == 0 && (*at == ',' || *at == '}')) {
            return at;
        } else {
            at++;
        }
    }
}

/* The number that is the value of the index-th member, as it is written: 1.50 and 1.5 are different
 * spellings, and doubles are no place for exact decimals. The line is a valid JSON object, which is
 * what keeps the walk inside it. */
static evh_view number_text(evh_view line, size_t index)
{
    const uint8_t *at = skip_white(line.data) + 1; /* behind the { */
    for (;; index--) {
        const uint8_t *value = skip_white(skip_string(skip_white(at)));
        value = skip_white(value + 1); /* behind the : */
        at = skip_value(value);
        if (index == 0)
            return evh_view_trim(evh_view_of(value, (size_t)(at - value)));
        at++; /* behind the , */
    }
}

/* The text of a value; *has is false for what is none: an object or a list. */
static evh_view text_of(const json_t *value, evh_view line, size_t index, bool *has)
{
    *has = true;
    switch (json_typeof(value)) {
    case JSON_STRING:
        return evh_view_of(json_string_value(value), json_string_length(value));
    case JSON_TRUE:
        return evh_view_of_text("true");
    case JSON_FALSE:
        return evh_view_of_text("false");
    case JSON_NULL:
        return evh_view_of(NULL, 0);
    case JSON_INTEGER:
    case JSON_REAL:
        return number_text(line, index);
    default:
        *has = false;
        return evh_view_of(NULL, 0);
    }
}

static evh_status fill_column(jsonl *reader, size_t w, const json_t *value, evh_view line,
                              size_t index)
{
    bool has = false;
    evh_view name = reader->columns[w].name;
    evh_view text = text_of(value, line, index, &has);
    reader->seen[w] = true;
    reader->values[w] = text;
    if (!has)
        return evh_fail(EVH_ERR_INPUT, "the value of \"%.*s\" is an object or a list",
                        (int)(name.len < 60 ? name.len : 60), (const char *)name.data);
    if (text.len > EVH_INPUT_FIELD_BYTES_MAX)
        return evh_fail(EVH_ERR_INPUT, "the value of \"%.*s\" is longer than %d bytes",
                        (int)(name.len < 60 ? name.len : 60), (const char *)name.data,
                        EVH_INPUT_FIELD_BYTES_MAX);
    return evh_ok();
}

/* jansson iterates in the order of the text, so the index of a member is the same in both. */
static evh_status fill_row(jsonl *reader, evh_view line)
{
    evh_status status = evh_ok();
    void *member = NULL;
    json_decref(reader->object);
    reader->object = NULL;
    memset(reader->values, 0, reader->column_count * sizeof *reader->values);
    EVH_TRY(evh_input_json_parse(&reader->object, line));
    member = json_object_iter(reader->object);
    for (size_t index = 0; member != NULL; index++) {
        evh_view key = evh_view_of_text(json_object_iter_key(member));
        for (size_t w = 0; w < reader->column_count; w++)
            if (evh_view_equal(key, reader->columns[w].name))
                EVH_TRY(fill_column(reader, w, json_object_iter_value(member), line, index));
        member = json_object_iter_next(reader->object, member);
    }

done:
    return status;
}

/* A misspelt column must not pass for one without values. */
static evh_status check_seen(const jsonl *reader)
{
    for (size_t w = 0; reader->row_count > 0 && w < reader->column_count; w++) {
        evh_view name = reader->columns[w].name;
        if (!reader->seen[w] && !reader->columns[w].optional)
            return evh_fail(EVH_ERR_INPUT, "no row has the key \"%.*s\"",
                            (int)(name.len < 60 ? name.len : 60), (const char *)name.data);
    }
    return evh_ok();
}

static evh_status read_row(jsonl *reader, evh_input_event *event, evh_input_row *row)
{
    evh_status status = evh_ok();
    evh_view line = {.data = NULL, .len = 0};
    bool found = true;
    *event = EVH_INPUT_END;
    while (found && !reader->too_long && evh_view_trim(line).len == 0)
        EVH_TRY(next_line(reader, &line, &found));
    if (!found) {
        EVH_TRY(evh_input_stream_finish(&reader->stream));
        EVH_TRY(check_seen(reader));
        goto done;
    }
    row->line = reader->line;
    if (reader->too_long)
        status =
            evh_fail(EVH_ERR_INPUT, "the row is longer than %d bytes", EVH_INPUT_ROW_BYTES_MAX);
    else
        status = fill_row(reader, line);
    reader->too_long = false;
    *event = status.code == EVH_OK ? EVH_INPUT_ROW : EVH_INPUT_BAD_ROW;
    if (status.code == EVH_ERR_INPUT) {
        (void)snprintf(reader->reason, sizeof reader->reason, "%s", status.text);
        row->reason = reader->reason;
        status = evh_ok();
        goto done;
    }
    row->values = reader->values;
    reader->row_count++;

done:
    return status;
}

static bool next_row(void *self, evh_input_event *event, evh_input_row *row, evh_status *failure)
{
    evh_status status = read_row(self, event, row);
    if (status.code != EVH_OK)
        *failure = status;
    return status.code == EVH_OK;
}

static void free_reader(void *self)
{
    jsonl *reader = self;
    if (reader == NULL)
        return;
    evh_input_stream_clear(&reader->stream);
    json_decref(reader->object);
    free(reader->columns);
    free(reader->seen);
    free(reader->values);
    free(reader);
}

evh_status evh_input_jsonl_new(evh_input_reader *out, const evh_input_options *options)
{
    evh_status status = evh_ok();
    jsonl *reader = NULL;
    size_t count = options->column_count;
    *out = (evh_input_reader){.next = NULL, .free = NULL, .self = NULL};
    EVH_TRY(evh_alloc(&reader, 1, sizeof *reader, "JSON Lines reader"));
    reader->stream = evh_input_stream_init(options->source);
    reader->column_count = count;
    EVH_TRY(evh_alloc(&reader->columns, count, sizeof *reader->columns, "columns"));
    EVH_TRY(evh_alloc(&reader->seen, count, sizeof *reader->seen, "columns"));
    EVH_TRY(evh_alloc(&reader->values, count, sizeof *reader->values, "columns"));
    memcpy(reader->columns, options->columns, count * sizeof *reader->columns);
    while (reader->stream.buffer.len < 3 && !reader->stream.ended)
        EVH_TRY(evh_input_stream_more(&reader->stream, 0));
    EVH_REQUIRE(reader->stream.buffer.len > 0, EVH_ERR_INPUT,
                "the file is empty; one without records has at least a line end");
    if (reader->stream.buffer.len >= 3 &&
        memcmp(reader->stream.buffer.data, "\xef\xbb\xbf", 3) == 0)
        reader->next = 3;
    *out = (evh_input_reader){.next = next_row, .free = free_reader, .self = reader};
    reader = NULL;

done:
    free_reader(reader);
    return status;
}
