/* SPDX-License-Identifier: Apache-2.0
 * Hex and base64: what is decoded encodes back to the text it came from, and what is refused leaves
 * nothing behind. The first byte says which of the two reads the rest. */
#include <string.h>

#include "evenhand/base/bytes.h"
#include "support/fuzz.h"

enum { DECODED_MAX = 4096 };

static void check_hex(evh_view text)
{
    uint8_t bytes[DECODED_MAX];
    char again[2 * DECODED_MAX + 1];
    size_t len = text.len / 2;
    if (len > sizeof bytes)
        return;
    memset(bytes, 0xa5, sizeof bytes);
    evh_status status = evh_hex_decode(bytes, len, text);
    if (status.code != EVH_OK) {
        for (size_t i = 0; i < len; i++)
            FUZZ_CHECK(bytes[i] == 0);
        return;
    }
    evh_hex_encode(again, evh_view_of(bytes, len));
    FUZZ_CHECK(strlen(again) == text.len);
    for (size_t i = 0; i < text.len; i++) {
        char lower = (char)(text.data[i] >= 'A' && text.data[i] <= 'F' ? text.data[i] + ('a' - 'A')
                                                                       : text.data[i]);
        FUZZ_CHECK(again[i] == lower);
    }
}

static void check_base64(evh_view text)
{
    evh_buffer bytes = evh_buffer_init(DECODED_MAX);
    evh_buffer again = evh_buffer_init((size_t)2 * DECODED_MAX);
    evh_status status = evh_base64_decode(&bytes, text);
    if (status.code == EVH_OK) {
        status = evh_base64_encode(&again, evh_buffer_view(&bytes));
        FUZZ_CHECK(status.code == EVH_OK);
        FUZZ_CHECK(evh_view_equal(evh_buffer_view(&again), text));
    } else {
        FUZZ_CHECK(bytes.len == 0);
    }
    evh_buffer_clear(&again);
    evh_buffer_clear(&bytes);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    evh_view text = evh_view_of(data + 1, size - 1);
    if (data[0] % 2 == 0)
        check_hex(text);
    else
        check_base64(text);
    return 0;
}
