/* SPDX-License-Identifier: Apache-2.0
 * Files that a manifest names: trn and Amazon Transcribe results. The first byte says which. What
 * is refused leaves nothing behind; what is read is UTF-8, and each id of a trn finds its
 * utterance. */
#include "evenhand/base/utf8.h"
#include "evenhand/input/transcribe.h"
#include "evenhand/input/trn.h"
#include "support/fuzz.h"

enum { TEXT_MAX = 16 << 20 };

static void check_trn(evh_view text)
{
    evh_input_trn trn;
    evh_status status = evh_input_trn_parse(&trn, text);
    FUZZ_CHECK(status.code == EVH_OK ? trn.count > 0 : trn.count == 0 && trn.utterances == NULL);
    for (size_t i = 0; i < trn.count; i++) {
        const evh_input_utterance *utterance = &trn.utterances[i];
        FUZZ_CHECK(utterance->id.len > 0);
        FUZZ_CHECK(evh_utf8_valid_len(utterance->words) == utterance->words.len);
        FUZZ_CHECK(evh_input_trn_find(&trn, utterance->id) == utterance);
    }
    evh_input_trn_clear(&trn);
}

static void check_transcribe(evh_view text)
{
    evh_buffer out = evh_buffer_init(TEXT_MAX);
    evh_status status = evh_input_transcribe_parse(&out, text);
    FUZZ_CHECK(status.code == EVH_OK || out.len == 0);
    FUZZ_CHECK(evh_utf8_valid_len(evh_buffer_view(&out)) == out.len);
    evh_buffer_clear(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    evh_view text = evh_view_of(data + 1, size - 1);
    if (data[0] % 2 == 0)
        check_trn(text);
    else
        check_transcribe(text);
    return 0;
}
