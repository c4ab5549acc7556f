/* SPDX-License-Identifier: Apache-2.0 */
#include "evenhand/yaml/diagnostics.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "evenhand/base/sizes.h"
#include "evenhand/base/utf8.h"

void evh_diagnostics_clear(evh_diagnostics *list)
{
    free(list->items);
    *list = evh_diagnostics_init(list->ceiling);
}

/* Makes a text fit for a terminal: cut characters, invalid bytes and control characters become a
 * question mark, so that a hostile file cannot write escape sequences. */
static void make_printable(char *text)
{
    size_t len = strlen(text);
    size_t at = 0;
    while (at < len) {
        uint32_t code = 0;
        size_t step = evh_utf8_decode(evh_view_of(text + at, len - at), &code);
        if (step == 0 || code < 0x20 || (code >= 0x7f && code < 0xa0)) {
            memset(text + at, '?', step == 0 ? 1 : step);
            at += step == 0 ? 1 : step;
        } else {
            at += step;
        }
    }
}

static evh_diagnostic *next_item(evh_diagnostics *list)
{
    if (list->count >= list->ceiling)
        return NULL;
    evh_status status = evh_array_reserve(&list->items, &list->capacity, list->count + 1,
                                          sizeof list->items[0], "diagnostics");
    if (status.code != EVH_OK)
        return NULL;
    return &list->items[list->count++];
}

void evh_diagnostics_add(evh_diagnostics *list, evh_severity severity, evh_mark at,
                         const char *right, const char *format, ...)
{
    if (severity == EVH_SEVERITY_ERROR)
        list->errors++;
    else
        list->warnings++;
    evh_diagnostic *item = next_item(list);
    if (item == NULL)
        return;
    item->severity = severity;
    item->line = at.line;
    item->column = at.column;
    (void)snprintf(item->file, sizeof item->file, "%s", at.file == NULL ? "" : at.file);
    (void)snprintf(item->right, sizeof item->right, "%s", right == NULL ? "" : right);
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(item->wrong, sizeof item->wrong, format, arguments);
    va_end(arguments);
    make_printable(item->file);
    make_printable(item->wrong);
    make_printable(item->right);
}

static bool belongs_before(const evh_diagnostic *a, const evh_diagnostic *b)
{
    if (strcmp(a->file, b->file) != 0)
        return false;
    return a->line < b->line || (a->line == b->line && a->column < b->column);
}

/* Insertion: stable, and the list is short. */
void evh_diagnostics_sort(evh_diagnostics *list)
{
    for (size_t i = 1; i < list->count; i++) {
        evh_diagnostic item = list->items[i];
        size_t at = i;
        for (; at > 0 && belongs_before(&item, &list->items[at - 1]); at--)
            list->items[at] = list->items[at - 1];
        list->items[at] = item;
    }
}

evh_status evh_diagnostics_status(const evh_diagnostics *list)
{
    if (list->errors == 0)
        return evh_ok();
    for (size_t i = 0; i < list->count; i++) {
        if (list->items[i].severity != EVH_SEVERITY_ERROR)
            continue;
        evh_buffer text = evh_buffer_init(4 * EVH_DIAGNOSTIC_TEXT_LEN);
        evh_status status = evh_diagnostic_format(&text, &list->items[i]);
        if (status.code == EVH_OK)
            status = evh_fail(EVH_ERR_INPUT, "%.*s", (int)text.len, (const char *)text.data);
        evh_buffer_clear(&text);
        return status;
    }
    return evh_fail(EVH_ERR_INPUT, "%zu mistakes", list->errors);
}

evh_status evh_diagnostic_format(evh_buffer *out, const evh_diagnostic *item)
{
    evh_status status = evh_ok();
    size_t before = out->len;
    if (item->file[0] != '\0')
        EVH_TRY(evh_buffer_format(out, "%s:", item->file));
    if (item->line != 0)
        EVH_TRY(evh_buffer_format(out, "%" PRIu64 ":", item->line));
    if (item->line != 0 && item->column != 0)
        EVH_TRY(evh_buffer_format(out, "%" PRIu64 ":", item->column));
    EVH_TRY(evh_buffer_format(out, "%s%s: %s", out->len == before ? "" : " ",
                              item->severity == EVH_SEVERITY_ERROR ? "error" : "warning",
                              item->wrong));
    if (item->right[0] != '\0')
        EVH_TRY(evh_buffer_format(out, " (expected %s)", item->right));
done:
    if (status.code != EVH_OK)
        evh_buffer_truncate(out, before);
    return status;
}

evh_status evh_diagnostics_format(evh_buffer *out, const evh_diagnostics *list)
{
    evh_status status = evh_ok();
    size_t dropped = list->errors + list->warnings - list->count;
    for (size_t i = 0; i < list->count; i++) {
        EVH_TRY(evh_diagnostic_format(out, &list->items[i]));
        EVH_TRY(evh_buffer_append(out, evh_view_of_text("\n")));
    }
    if (dropped > 0)
        EVH_TRY(evh_buffer_format(out, "and %zu more\n", dropped));
done:
    return status;
}
