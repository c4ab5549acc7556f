/* SPDX-License-Identifier: Apache-2.0 */
#include "evenhand/scoring/text.h"

#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

#include "evenhand/base/secret.h"
#include "unicode_internal.h"

bool evh_text_is_ascii(evh_view text)
{
    uint8_t seen = 0;
    for (size_t i = 0; i < text.len; i++)
        seen |= text.data[i];
    return seen < 0x80;
}

evh_status evh_unicode_map(evh_buffer *out, evh_view text, int options)
{
    evh_status status = evh_ok();
    uint8_t *mapped = NULL;
    size_t mapped_len = 0;
    utf8proc_ssize_t len = 0;
    EVH_REQUIRE(text.len <= EVH_UNICODE_BYTES_MAX, EVH_ERR_MEMORY, "a text of %zu bytes", text.len);
    len = utf8proc_map(text.data, (utf8proc_ssize_t)text.len, &mapped, (utf8proc_option_t)options);
    EVH_REQUIRE(len != UTF8PROC_ERROR_NOMEM, EVH_ERR_MEMORY, "no memory for a text of %zu bytes",
                text.len);
    EVH_REQUIRE(len >= 0, EVH_ERR_ENCODING, "a text that is not UTF-8");
    mapped_len = (size_t)len;
    EVH_TRY(evh_buffer_append(out, evh_view_of(mapped, mapped_len)));
done:
    evh_wipe(mapped, mapped_len);
    free(mapped);
    return status;
}

evh_status evh_text_nfc(evh_view *out, evh_buffer *scratch, evh_view text)
{
    *out = evh_view_of(NULL, 0);
    if (evh_text_is_ascii(text)) {
        *out = text;
        return evh_ok();
    }
    evh_buffer_truncate(scratch, 0);
    evh_status status = evh_unicode_map(scratch, text, UTF8PROC_STABLE | UTF8PROC_COMPOSE);
    if (status.code == EVH_OK)
        *out = evh_buffer_view(scratch);
    return status;
}
