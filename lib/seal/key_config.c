/* SPDX-License-Identifier: Apache-2.0 */
#include "evenhand/seal/key_config.h"

#include <string.h>

#include "evenhand/seal/hash.h"
#include "key_config_internal.h"

const char evh_key_config_label[] = "evenhand/hpke-key/1";

evh_status evh_key_config_encode(evh_buffer *out, const evh_key_config *config)
{
    evh_status status = evh_ok();
    const size_t before = out->len;
    EVH_TRY(evh_hpke_suite_check(config->suite));
    EVH_TRY(evh_buffer_u8(out, EVH_KEY_CONFIG_VERSION));
    EVH_TRY(evh_buffer_be16(out, config->suite.kem));
    EVH_TRY(evh_buffer_be16(out, config->suite.kdf));
    EVH_TRY(evh_buffer_be16(out, config->suite.aead));
    EVH_TRY(evh_buffer_be16(out, EVH_HPKE_KEY_LEN));
    EVH_TRY(evh_buffer_append(out, evh_view_of(config->key.bytes, sizeof config->key.bytes)));
done:
    if (status.code != EVH_OK)
        evh_buffer_truncate(out, before);
    return status;
}

static evh_status read_config(evh_key_config *out, evh_reader *reader)
{
    evh_status status = evh_ok();
    uint8_t version = 0;
    uint16_t key_len = 0;
    EVH_TRY(evh_read_u8(reader, "key configuration version", &version));
    EVH_REQUIRE(version == EVH_KEY_CONFIG_VERSION, EVH_ERR_TYPE,
                "key configuration version %u is not supported, only %d", version,
                EVH_KEY_CONFIG_VERSION);
    EVH_TRY(evh_read_be16(reader, "KEM", &out->suite.kem));
    EVH_TRY(evh_read_be16(reader, "KDF", &out->suite.kdf));
    EVH_TRY(evh_read_be16(reader, "AEAD", &out->suite.aead));
    EVH_TRY(evh_hpke_suite_check(out->suite));
    EVH_TRY(evh_read_be16(reader, "public key length", &key_len));
    EVH_REQUIRE(key_len == EVH_HPKE_KEY_LEN, EVH_ERR_LENGTH,
                "an X25519 public key has %d bytes, not %u", EVH_HPKE_KEY_LEN, key_len);
    EVH_TRY(evh_read_bytes(reader, "public key", out->key.bytes, sizeof out->key.bytes));
done:
    return status;
}

evh_status evh_key_config_decode(evh_key_config *out, evh_view bytes)
{
    evh_status status = evh_ok();
    evh_reader reader = evh_reader_of(bytes);
    memset(out, 0, sizeof *out);
    EVH_TRY(read_config(out, &reader));
    EVH_TRY(evh_read_end(&reader, "key configuration"));
done:
    if (status.code != EVH_OK)
        memset(out, 0, sizeof *out);
    return status;
}

evh_status evh_key_config_id(evh_key_id *out, const evh_key_config *config)
{
    evh_status status = evh_ok();
    evh_buffer encoded = evh_buffer_init(EVH_KEY_CONFIG_LEN);
    memset(out, 0, sizeof *out);
    EVH_TRY(evh_key_config_encode(&encoded, config));
    EVH_TRY(evh_sha256(out->bytes, evh_buffer_view(&encoded)));
done:
    evh_buffer_clear(&encoded);
    return status;
}

evh_status evh_key_config_verify(evh_key_config *out, evh_seal_verdict *verdict,
                                 const evh_identity *owner, evh_view bytes)
{
    evh_status status = evh_ok();
    evh_reader reader = evh_reader_of(bytes);
    evh_view signature = evh_view_of(NULL, 0);
    *verdict = EVH_SEAL_REJECTED;
    memset(out, 0, sizeof *out);
    EVH_TRY(read_config(out, &reader));
    EVH_TRY(evh_read_view(&reader, "signature", EVH_SIGNATURE_LEN, &signature));
    EVH_TRY(evh_read_end(&reader, "signed key"));
    EVH_TRY(evh_verify(verdict, owner, evh_key_config_label,
                       evh_view_of(bytes.data, EVH_KEY_CONFIG_LEN), signature));
done:
    if (*verdict != EVH_SEAL_ACCEPTED)
        memset(out, 0, sizeof *out);
    return status;
}

/* ---- messages sealed to a key with an id ---- */

evh_status evh_seal(evh_buffer *out, const evh_key_config *to, evh_view info, evh_view aad,
                    evh_view plain, const evh_rng *rng)
{
    evh_status status = evh_ok();
    const size_t before = out->len;
    const evh_hpke_context context = {.suite = to->suite, .info = info, .aad = aad};
    evh_key_id id;
    EVH_TRY(evh_key_config_id(&id, to));
    EVH_TRY(evh_buffer_append(out, evh_view_of(id.bytes, sizeof id.bytes)));
    EVH_TRY(evh_hpke_seal(out, &context, &to->key, plain, rng));
done:
    if (status.code != EVH_OK)
        evh_buffer_truncate(out, before);
    return status;
}

evh_status evh_sealed_decode(evh_sealed *out, evh_view bytes)
{
    evh_status status = evh_ok();
    evh_reader reader = evh_reader_of(bytes);
    memset(out, 0, sizeof *out);
    EVH_REQUIRE(bytes.len >= EVH_SEALED_OVERHEAD, EVH_ERR_LENGTH,
                "a sealed message has at least %d bytes, not %zu", EVH_SEALED_OVERHEAD, bytes.len);
    EVH_REQUIRE(bytes.len <= EVH_HPKE_PLAIN_BYTES_MAX + EVH_SEALED_OVERHEAD, EVH_ERR_RANGE,
                "a sealed message of %zu bytes is over the limit", bytes.len);
    EVH_TRY(evh_read_bytes(&reader, "key id", out->key_id.bytes, sizeof out->key_id.bytes));
    out->body = reader.rest;
done:
    return status;
}
