/* SPDX-License-Identifier: Apache-2.0 */
#include "text_internal.h"

#include <string.h>

#include "evenhand/base/utf8.h"

evh_status evh_input_text_check(evh_view *text)
{
    if (text->len >= 3 && memcmp(text->data, "\xef\xbb\xbf", 3) == 0)
        *text = evh_view_of(text->data + 3, text->len - 3);
    const uint8_t *zero = text->len == 0 ? NULL : memchr(text->data, 0, text->len);
    if (zero != NULL)
        return evh_fail(EVH_ERR_INPUT, "byte %zu is NUL", (size_t)(zero - text->data) + 1);
    size_t valid = evh_utf8_valid_len(*text);
    if (valid < text->len)
        return evh_fail(EVH_ERR_INPUT, "byte %zu is not UTF-8", valid + 1);
    return evh_ok();
}
