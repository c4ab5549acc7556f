/* SPDX-License-Identifier: Apache-2.0
 * Normaliser: UTF-8 and nothing else is accepted; the result is UTF-8, words with one space
 * between, and stays as it is when normalised again. */
#include "evenhand/base/utf8.h"
#include "evenhand/scoring/normalizer.h"
#include "evenhand/scoring/text.h"
#include "support/fuzz.h"

static void check_words(evh_view text)
{
    FUZZ_CHECK(evh_utf8_valid_len(text) == text.len);
    if (text.len == 0)
        return;
    FUZZ_CHECK(text.data[0] != ' ' && text.data[text.len - 1] != ' ');
    for (size_t i = 0; i < text.len; i++) {
        FUZZ_CHECK(text.data[i] >= ' ' && text.data[i] != 0x7f);
        FUZZ_CHECK(i == 0 || text.data[i] != ' ' || text.data[i - 1] != ' ');
        FUZZ_CHECK(text.data[i] < 'A' || text.data[i] > 'Z');
    }
}

static void check_equals(evh_view text, evh_view expected)
{
    evh_buffer out = evh_buffer_init(SIZE_MAX);
    evh_status status = evh_normalize(&out, EVH_NORMALIZER_BASIC, text);
    FUZZ_CHECK(status.code == EVH_OK);
    FUZZ_CHECK(evh_view_equal(evh_buffer_view(&out), expected));
    evh_buffer_clear(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    evh_view text = evh_view_of(data, size);
    evh_buffer out = evh_buffer_init(SIZE_MAX);
    evh_buffer scratch = evh_buffer_init(SIZE_MAX);
    evh_status status = evh_normalize(&out, EVH_NORMALIZER_BASIC, text);
    FUZZ_CHECK((status.code == EVH_OK) == (evh_utf8_valid_len(text) == size));
    if (status.code == EVH_OK) {
        evh_view composed;
        check_words(evh_buffer_view(&out));
        check_equals(evh_buffer_view(&out), evh_buffer_view(&out));
        status = evh_text_nfc(&composed, &scratch, text);
        FUZZ_CHECK(status.code == EVH_OK);
        check_equals(composed, evh_buffer_view(&out));
    } else {
        FUZZ_CHECK(out.len == 0);
    }
    evh_buffer_clear(&scratch);
    evh_buffer_clear(&out);
    return 0;
}
