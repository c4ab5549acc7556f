/* SPDX-License-Identifier: Apache-2.0
 * Texts of identities and of secret keys: what is read is written again as the same text, and what
 * is refused leaves nothing behind. The first byte says which of the two reads the rest. */
#include "evenhand/seal/signing.h"
#include "support/fuzz.h"

enum { TEXT_MAX = 1024 };

static void check_identity(evh_view text)
{
    evh_identity identity;
    evh_buffer again = evh_buffer_init(TEXT_MAX);
    evh_status status = evh_identity_parse(&identity, text);
    if (status.code == EVH_OK) {
        status = evh_identity_format(&again, &identity);
        FUZZ_CHECK(status.code == EVH_OK);
        FUZZ_CHECK(evh_view_equal(evh_buffer_view(&again), text));
    } else {
        FUZZ_CHECK(identity.name[0] == 0 && identity.key_id == 0);
    }
    evh_buffer_clear(&again);
}

static void check_secret_key(evh_view text)
{
    evh_signing_key key = {0};
    evh_buffer again = evh_buffer_init(TEXT_MAX);
    evh_status status = evh_signing_key_parse(&key, text);
    if (status.code == EVH_OK) {
        status = evh_signing_key_format(&again, &key);
        FUZZ_CHECK(status.code == EVH_OK);
        /* The newline at the end may be missing in what was read. */
        if (text.data[text.len - 1] != '\n')
            evh_buffer_truncate(&again, again.len - 1);
        FUZZ_CHECK(evh_view_equal(evh_buffer_view(&again), text));
    } else {
        FUZZ_CHECK(key.secret == NULL && key.identity.name[0] == 0);
    }
    evh_buffer_clear(&again);
    evh_signing_key_clear(&key);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    evh_view text = evh_view_of(data + 1, size - 1);
    if (data[0] % 2 == 0)
        check_identity(text);
    else
        check_secret_key(text);
    return 0;
}
