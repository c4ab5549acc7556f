/* SPDX-License-Identifier: Apache-2.0
 * Hex and base64, strict. libsodium does the work; what it accepts beyond the canonical form is
 * refused here. */
#include <sodium.h>
#include <string.h>

#include "evenhand/base/bytes.h"

void evh_hex_encode(char *out, evh_view bytes)
{
    (void)sodium_bin2hex(out, 2 * bytes.len + 1, bytes.data, bytes.len);
}

evh_status evh_hex_decode(uint8_t *out, size_t len, evh_view hex)
{
    if (len > 0)
        memset(out, 0, len);
    if (hex.len % 2 != 0 || hex.len / 2 != len)
        return evh_fail(EVH_ERR_LENGTH, "expected %zu bytes in hex, found %zu digits", len,
                        hex.len);
    size_t decoded = 0;
    if (len > 0 &&
        (sodium_hex2bin(out, len, (const char *)hex.data, hex.len, NULL, &decoded, NULL) != 0 ||
         decoded != len)) {
        memset(out, 0, len);
        return evh_fail(EVH_ERR_ENCODING, "not a hex digit at position %zu", 2 * decoded);
    }
    return evh_ok();
}

evh_status evh_base64_encode(evh_buffer *out, evh_view bytes)
{
    if (bytes.len > SIZE_MAX / 2)
        return evh_fail(EVH_ERR_MEMORY, "too much to encode");
    size_t len = sodium_base64_encoded_len(bytes.len, sodium_base64_VARIANT_ORIGINAL);
    uint8_t *to = NULL;
    evh_status status = evh_buffer_extend(out, len, &to);
    if (status.code != EVH_OK)
        return status;
    (void)sodium_bin2base64((char *)to, len, bytes.data, bytes.len, sodium_base64_VARIANT_ORIGINAL);
    evh_buffer_truncate(out, out->len - 1); /* libsodium's NUL */
    return evh_ok();
}

/* libsodium 1.0.18 takes some bytes over 0x7f for digits. */
static bool all_ascii(evh_view text)
{
    for (size_t i = 0; i < text.len; i++) {
        if (text.data[i] > 0x7f)
            return false;
    }
    return true;
}

evh_status evh_base64_decode(evh_buffer *out, evh_view text)
{
    if (!all_ascii(text))
        return evh_fail(EVH_ERR_ENCODING, "a byte outside ASCII in base64");
    if (text.len % 4 != 0)
        return evh_fail(EVH_ERR_ENCODING, "base64 with padding has a multiple of 4 characters");
    size_t before = out->len;
    uint8_t *to = NULL;
    evh_status status = evh_buffer_extend(out, text.len / 4 * 3, &to);
    if (status.code != EVH_OK || text.len == 0)
        return status;
    size_t decoded = 0;
    if (sodium_base642bin(to, text.len / 4 * 3, (const char *)text.data, text.len, NULL, &decoded,
                          NULL, sodium_base64_VARIANT_ORIGINAL) != 0) {
        evh_buffer_truncate(out, before);
        return evh_fail(EVH_ERR_ENCODING, "not canonical base64 (RFC 4648 section 4)");
    }
    evh_buffer_truncate(out, before + decoded);
    return evh_ok();
}
