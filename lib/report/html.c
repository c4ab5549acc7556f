/* SPDX-License-Identifier: Apache-2.0 */
#include "html_internal.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>

enum { FORMATTED_LEN = 512 };

static void keep(evh_html *html, evh_status status)
{
    if (html->status.code == EVH_OK)
        html->status = status;
}

static void put(evh_html *html, evh_view bytes)
{
    if (html->status.code == EVH_OK)
        html->status = evh_buffer_append(html->out, bytes);
}

void evh_html_raw(evh_html *html, const char *markup)
{
    put(html, evh_view_of_text(markup));
}

void evh_html_format(evh_html *html, const char *format, ...)
{
    char text[FORMATTED_LEN];
    va_list arguments;
    va_start(arguments, format);
    int len = vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    if (len < 0 || (size_t)len >= sizeof text)
        keep(html, evh_fail(EVH_ERR_INTERNAL, "markup of %d bytes", len));
    else
        put(html, evh_view_of(text, (size_t)len));
}

/* What stands for a character that means something; NULL for all others. */
static const char *entity_of(uint8_t c)
{
    switch (c) {
    case '&':
        return "&amp;";
    case '<':
        return "&lt;";
    case '>':
        return "&gt;";
    case '"':
        return "&quot;";
    case '\'':
        return "&#39;";
    default:
        return NULL;
    }
}

void evh_html_text(evh_html *html, evh_view text)
{
    size_t start = 0;
    for (size_t i = 0; i < text.len; i++) {
        const char *entity = entity_of(text.data[i]);
        if (entity == NULL)
            continue;
        put(html, evh_view_of(text.data + start, i - start));
        evh_html_raw(html, entity);
        start = i + 1;
    }
    put(html, evh_view_of(text.data + start, text.len - start));
}

void evh_html_name(evh_html *html, const char *text)
{
    evh_html_raw(html, "<bdi>");
    evh_html_text(html, evh_view_of_text(text));
    evh_html_raw(html, "</bdi>");
}

void evh_html_words(evh_html *html, evh_status status)
{
    const evh_view words = evh_buffer_view(&html->scratch);
    size_t start = 0;
    keep(html, status);
    for (size_t i = 0; i + 1 < words.len; i++) {
        if (words.data[i] != ' ' || words.data[i + 1] != '%')
            continue;
        evh_html_text(html, evh_view_of(words.data + start, i - start));
        evh_html_raw(html, "&nbsp;");
        start = i + 1;
    }
    evh_html_text(html, evh_view_of(words.data + start, words.len - start));
    evh_buffer_truncate(&html->scratch, 0);
}

void evh_html_number(evh_html *html, bool there, double value)
{
    if (there && isfinite(value))
        evh_html_format(html, "%.17g", value);
}

void evh_html_json(evh_html *html, evh_view json)
{
    size_t start = 0;
    for (size_t i = 0; i < json.len; i++) {
        if (json.data[i] != '<')
            continue;
        put(html, evh_view_of(json.data + start, i - start));
        evh_html_raw(html, "\\u003c");
        start = i + 1;
    }
    put(html, evh_view_of(json.data + start, json.len - start));
}
