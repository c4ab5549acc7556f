/* SPDX-License-Identifier: Apache-2.0 */
#include "lines_internal.h"

#include <string.h>

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

size_t evh_lines_width(evh_view text)
{
    size_t width = 0;
    for (size_t i = 0; i < text.len; i++)
        width += (text.data[i] & 0xC0U) != 0x80U;
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

evh_status evh_lines_paragraph(evh_lines *to, size_t indent)
{
    evh_status status = evh_ok();
    const evh_view text = evh_buffer_view(&to->scratch);
    size_t used = to->terminal.columns; /* so that the first word begins a line */
    for (size_t start = 0; start < text.len;) {
        const uint8_t *space = memchr(text.data + start, ' ', text.len - start);
        size_t end = space != NULL ? (size_t)(space - text.data) : text.len;
        evh_view word = evh_view_of(text.data + start, end - start);
        if (used + 1 + evh_lines_width(word) > to->terminal.columns) {
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
    while (evh_lines_width(text) > width - (cut ? 1 : 0) ||
           (cut && (to->scratch.data[text.len] & 0xC0U) == 0x80U))
        text.len--;
    EVH_TRY(evh_lines_text(to, text));
    if (cut)
        EVH_TRY(evh_buffer_format(to->out, to->terminal.unicode ? "\xe2\x80\xa6" : "~"));
    EVH_TRY(evh_lines_spaces(to, width - evh_lines_width(text) - (cut ? 1 : 0)));

done:
    evh_buffer_truncate(&to->scratch, 0);
    return status;
}
