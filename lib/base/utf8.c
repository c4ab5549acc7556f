/* SPDX-License-Identifier: Apache-2.0 */
#include "evenhand/base/utf8.h"

/* What a first byte announces: the length, and the smallest code point that needs it. */
static size_t announced_len(uint8_t first, uint32_t *bits, uint32_t *least)
{
    if (first < 0x80) {
        *bits = first;
        *least = 0;
        return 1;
    }
    if ((first & 0xe0) == 0xc0) {
        *bits = first & 0x1f;
        *least = 0x80;
        return 2;
    }
    if ((first & 0xf0) == 0xe0) {
        *bits = first & 0x0f;
        *least = 0x800;
        return 3;
    }
    if ((first & 0xf8) == 0xf0) {
        *bits = first & 0x07;
        *least = 0x10000;
        return 4;
    }
    return 0;
}

size_t evh_utf8_decode(evh_view text, uint32_t *code)
{
    *code = 0;
    if (text.len == 0)
        return 0;
    uint32_t value = 0;
    uint32_t least = 0;
    size_t len = announced_len(text.data[0], &value, &least);
    if (len == 0 || len > text.len)
        return 0;
    for (size_t i = 1; i < len; i++) {
        if ((text.data[i] & 0xc0) != 0x80)
            return 0;
        value = value << 6 | (uint32_t)(text.data[i] & 0x3f);
    }
    bool surrogate = value >= 0xd800 && value <= 0xdfff;
    if (value < least || value > 0x10ffff || surrogate)
        return 0;
    *code = value;
    return len;
}

size_t evh_utf8_valid_len(evh_view text)
{
    size_t at = 0;
    while (at < text.len) {
        if (text.data[at] < 0x80) {
            at++;
            continue;
        }
        uint32_t code = 0;
        size_t len = evh_utf8_decode(evh_view_of(text.data + at, text.len - at), &code);
        if (len == 0)
            break;
        at += len;
    }
    return at;
}
