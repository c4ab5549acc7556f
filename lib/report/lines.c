/* SPDX-License-Identifier: Apache-2.0 */
#include "lines_internal.h"

#include <string.h>
#include <utf8proc.h>

#include "evenhand/base/utf8.h"
#include "words_internal.h"

enum { COLUMNS_MIN = 40 };

evh_lines evh_lines_of(evh_buffer *out, const evh_result_terminal *terminal)
{
    return (evh_lines){
        .out = out,
        .scratch = evh_buffer_init(EVH_WORDS_BYTES_MAX),
        .terminal = {.unicode = terminal->unicode,
                     .columns = terminal->columns < COLUMNS_MIN ? COLUMNS_MIN : terminal->columns}};
}

/* Places of the character at the beginning of text: 2 for Chinese and the like, 0 for accents that
 * stand over the one before. */
static size_t width_of(evh_view text, size_t *len)
{
    uint32_t code = 0;
    *len = evh_utf8_decode(text, &code);
    if (*len == 0) {
        *len = 1;
        return 1;
    }
    const int width = utf8proc_charwidth((utf8proc_int32_t)code);
    return width > 0 ? (size_t)width : 0;
}

size_t evh_lines_width(evh_view text)
{
    size_t width = 0;
    size_t len = 0;
    for (size_t i = 0; i < text.len; i += len)
        width += width_of(evh_view_of(text.data + i, text.len - i), &len);
    return width;
}

evh_status evh_lines_spaces(evh_lines *to, size_t count)
{
    evh_status status = evh_ok();
    for (size_t i = 0; i < count; i++)
        EVH_TRY(evh_buffer_u8(to->out, ' '));

done:
    return status;
}

evh_status evh_lines_text(evh_lines *to, evh_view text)
{
    evh_status status = evh_ok();
    static const char minus[] = "\xe2\x88\x92";
    for (size_t i = 0; i < text.len; i++) {
        if (!to->terminal.unicode && text.len - i >= 3 && memcmp(text.data + i, minus, 3) == 0) {
            EVH_TRY(evh_buffer_u8(to->out, '-'));
            i += 2;
        } else {
            EVH_TRY(evh_buffer_u8(to->out, text.data[i]));
        }
    }

done:
    return status;
}

/* Where the word that begins at `start` ends: a per cent sign stays with its number. */
static size_t word_end(evh_view text, size_t start)
{
    size_t end = start;
    while (end < text.len && text.data[end] != '\n' &&
           (text.data[end] != ' ' || (end + 1 < text.len && text.data[end + 1] == '%')))
        end++;
    return end;
}

evh_status evh_lines_paragraph(evh_lines *to, size_t indent)
{
    evh_status status = evh_ok();
    const evh_view text = evh_buffer_view(&to->scratch);
    size_t used = to->terminal.columns; /* so that the first word begins a line */
    for (size_t start = 0; start < text.len;) {
        const size_t end = word_end(text, start);
        const evh_view word = evh_view_of(text.data + start, end - start);
        const bool broken = start > 0 && text.data[start - 1] == '\n';
        if (broken || used + 1 + evh_lines_width(word) > to->terminal.columns) {
            EVH_TRY(evh_buffer_format(to->out, start > 0 ? "\n" : ""));
            EVH_TRY(evh_lines_spaces(to, indent));
            used = indent;
        } else {
            EVH_TRY(evh_lines_spaces(to, 1));
            used++;
        }
        EVH_TRY(evh_lines_text(to, word));
        used += evh_lines_width(word);
        start = end + 1;
    }
    EVH_TRY(evh_buffer_u8(to->out, '\n'));

done:
    evh_buffer_truncate(&to->scratch, 0);
    return status;
}

evh_status evh_lines_column(evh_lines *to, size_t width)
{
    evh_status status = evh_ok();
    evh_view text = evh_buffer_view(&to->scratch);
    const bool cut = evh_lines_width(text) > width;
    size_t used = 0;
    size_t end = 0;
    while (end < text.len) {
        size_t len = 0;
        const size_t places = width_of(evh_view_of(text.data + end, text.len - end), &len);
        if (used + places > width - (cut ? 1 : 0))
            break;
        used += places;
        end += len;
    }
    EVH_TRY(evh_lines_text(to, evh_view_of(text.data, end)));
    if (cut)
        EVH_TRY(evh_buffer_format(to->out, to->terminal.unicode ? "\xe2\x80\xa6" : "~"));
    EVH_TRY(evh_lines_spaces(to, width - used - (cut ? 1 : 0)));

done:
    evh_buffer_truncate(&to->scratch, 0);
    return status;
}
