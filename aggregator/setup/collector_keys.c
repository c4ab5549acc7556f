/* SPDX-License-Identifier: Apache-2.0
 * One key a line: "evenhand-collector-key-1 " and base64 of BE16 kem | kdf | aead | secret key. */
#include <string.h>

#include "evenhand/base/limits.h"
#include "layout_internal.h"

static const char prefix[] = "evenhand-collector-key-1 ";

enum { PREFIX_LEN = sizeof prefix - 1, KEY_BYTES = 6 + EVH_HPKE_KEY_LEN };

static evh_status read_suite(evh_hpke_suite *suite, evh_reader *reader)
{
    evh_status status = evh_ok();
    EVH_TRY(evh_read_be16(reader, "kem", &suite->kem));
    EVH_TRY(evh_read_be16(reader, "kdf", &suite->kdf));
    EVH_TRY(evh_read_be16(reader, "aead", &suite->aead));
done:
    return status;
}

static evh_status read_key(evh_key_ring *ring, evh_key_id *id, evh_view line)
{
    evh_status status = evh_ok();
    evh_buffer bytes = evh_buffer_init(EVH_KEY_FILE_BYTES_MAX);
    evh_hpke_suite suite;
    evh_hpke_secret_key *secret = NULL;
    evh_hpke_public_key public_key;
    evh_reader reader;
    EVH_REQUIRE(line.len > PREFIX_LEN && memcmp(line.data, prefix, PREFIX_LEN) == 0, EVH_ERR_KEY,
                "a line that is no key");
    EVH_TRY(evh_base64_decode(&bytes, evh_view_of(line.data + PREFIX_LEN, line.len - PREFIX_LEN)));
    EVH_REQUIRE(bytes.len == KEY_BYTES, EVH_ERR_KEY, "a key of the wrong length");
    reader = evh_reader_of(evh_buffer_view(&bytes));
    EVH_TRY(read_suite(&suite, &reader));
    EVH_TRY(evh_hpke_key_load(&secret, &public_key, reader.rest));
    EVH_TRY(evh_key_ring_add_take(ring, id, suite, &secret));
done:
    evh_hpke_secret_key_free(&secret);
    evh_buffer_clear(&bytes);
    return status;
}

evh_status evh_collector_keys_read(evh_key_ring *ring, evh_key_id *ids, size_t *count,
                                   evh_view text)
{
    evh_status status = evh_ok();
    *count = 0;
    for (size_t start = 0; start < text.len;) {
        size_t end = start;
        while (end < text.len && text.data[end] != '\n')
            end++;
        evh_view line = evh_view_of(text.data + start, end - start);
        EVH_REQUIRE(*count < EVH_COLLECTOR_KEYS_MAX, EVH_ERR_KEY, "more than %d keys",
                    EVH_COLLECTOR_KEYS_MAX);
        EVH_TRY(read_key(ring, &ids[*count], line));
        (*count)++;
        start = end + 1;
    }
    EVH_REQUIRE(*count > 0, EVH_ERR_KEY, "there is no key in it");
done:
    if (status.code != EVH_OK && status.code != EVH_ERR_MEMORY)
        status = evh_fail(EVH_ERR_KEY,
                          EVH_FILE_COLLECTOR_KEYS " is damaged, restore it from its backup: %.40s",
                          status.text);
    return status;
}

evh_status evh_collector_keys_write(evh_buffer *out, const evh_key_ring *ring,
                                    const evh_key_id *ids, size_t count)
{
    evh_status status = evh_ok();
    evh_buffer bytes = evh_buffer_init(KEY_BYTES);
    for (size_t i = 0; i < count; i++) {
        evh_key_config config;
        const evh_hpke_secret_key *secret = NULL;
        EVH_TRY(evh_key_ring_find(ring, &config, &ids[i]));
        EVH_TRY(evh_key_ring_secret(ring, &secret, &ids[i]));
        evh_buffer_truncate(&bytes, 0);
        EVH_TRY(evh_buffer_be16(&bytes, config.suite.kem));
        EVH_TRY(evh_buffer_be16(&bytes, config.suite.kdf));
        EVH_TRY(evh_buffer_be16(&bytes, config.suite.aead));
        EVH_TRY(evh_buffer_append(&bytes, evh_view_of(secret->bytes, sizeof secret->bytes)));
        EVH_TRY(evh_buffer_append(out, evh_view_of(prefix, PREFIX_LEN)));
        EVH_TRY(evh_base64_encode(out, evh_buffer_view(&bytes)));
        EVH_TRY(evh_buffer_u8(out, '\n'));
    }
done:
    evh_buffer_clear(&bytes);
    return status;
}
