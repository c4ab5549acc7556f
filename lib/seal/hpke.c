/* SPDX-License-Identifier: Apache-2.0 */
#include "evenhand/seal/hpke.h"

#include <string.h>

#include "hpke_internal.h"

evh_status evh_hpke_suite_check(evh_hpke_suite suite)
{
    evh_status status = evh_ok();
    EVH_REQUIRE(suite.kem == EVH_HPKE_KEM_X25519_SHA256, EVH_ERR_TYPE,
                "HPKE KEM 0x%04x is not supported, only 0x0020 (X25519, HKDF-SHA256)", suite.kem);
    EVH_REQUIRE(suite.kdf == EVH_HPKE_KDF_SHA256, EVH_ERR_TYPE,
                "HPKE KDF 0x%04x is not supported, only 0x0001 (HKDF-SHA256)", suite.kdf);
    EVH_REQUIRE(suite.aead == EVH_HPKE_AEAD_AES128GCM ||
                    suite.aead == EVH_HPKE_AEAD_CHACHA20POLY1305,
                EVH_ERR_TYPE,
                "HPKE AEAD 0x%04x is not supported, only 0x0001 (AES-128-GCM) and 0x0003 "
                "(ChaCha20-Poly1305)",
                suite.aead);
done:
    return status;
}

static evh_status check_context(const evh_hpke_context *context)
{
    evh_status status = evh_ok();
    EVH_TRY(evh_hpke_suite_check(context->suite));
    EVH_REQUIRE(context->info.len <= EVH_HPKE_CONTEXT_BYTES_MAX, EVH_ERR_RANGE,
                "HPKE info of %zu bytes is over the limit of %d", context->info.len,
                EVH_HPKE_CONTEXT_BYTES_MAX);
    EVH_REQUIRE(context->aad.len <= EVH_HPKE_CONTEXT_BYTES_MAX, EVH_ERR_RANGE,
                "HPKE aad of %zu bytes is over the limit of %d", context->aad.len,
                EVH_HPKE_CONTEXT_BYTES_MAX);
done:
    return status;
}

evh_status evh_hpke_seal(evh_buffer *out, const evh_hpke_context *context,
                         const evh_hpke_public_key *to, evh_view plain, const evh_rng *rng)
{
    evh_status status = evh_ok();
    const size_t before = out->len;
    evh_seed32 shared = {{0}};
    evh_hpke_message_key key = {{0}, {0}};
    uint8_t enc[EVH_HPKE_KEY_LEN] = {0};
    uint8_t *sealed = NULL;

    EVH_TRY(check_context(context));
    EVH_REQUIRE(plain.len <= EVH_HPKE_PLAIN_BYTES_MAX, EVH_ERR_RANGE,
                "a message of %zu bytes is over the limit of %d", plain.len,
                EVH_HPKE_PLAIN_BYTES_MAX);
    EVH_TRY(evh_hpke_encap(&shared, enc, to, rng));
    EVH_TRY(evh_hpke_key_schedule(&key, context->suite, &shared, context->info));
    EVH_TRY(evh_buffer_extend(out, plain.len + EVH_HPKE_OVERHEAD, &sealed));
    memcpy(sealed, enc, sizeof enc);
    EVH_TRY(
        evh_hpke_aead_seal(sealed + sizeof enc, context->suite.aead, &key, context->aad, plain));
done:
    if (status.code != EVH_OK)
        evh_buffer_truncate(out, before);
    evh_wipe(&key, sizeof key);
    evh_wipe(&shared, sizeof shared);
    return status;
}

evh_status evh_hpke_open(evh_buffer *out, evh_seal_verdict *verdict,
                         const evh_hpke_context *context, const evh_hpke_secret_key *secret,
                         evh_view sealed)
{
    evh_status status = evh_ok();
    const size_t before = out->len;
    evh_reader reader = evh_reader_of(sealed);
    evh_seed32 shared = {{0}};
    evh_hpke_message_key key = {{0}, {0}};
    uint8_t enc[EVH_HPKE_KEY_LEN] = {0};
    uint8_t *plain = NULL;

    *verdict = EVH_SEAL_REJECTED;
    EVH_TRY(check_context(context));
    EVH_REQUIRE(sealed.len >= EVH_HPKE_OVERHEAD, EVH_ERR_LENGTH,
                "a sealed message has at least %d bytes, not %zu", EVH_HPKE_OVERHEAD, sealed.len);
    EVH_REQUIRE(sealed.len <= EVH_HPKE_PLAIN_BYTES_MAX + EVH_HPKE_OVERHEAD, EVH_ERR_RANGE,
                "a sealed message of %zu bytes is over the limit", sealed.len);
    EVH_TRY(evh_read_bytes(&reader, "encapsulated key", enc, sizeof enc));
    EVH_TRY(evh_hpke_decap(&shared, enc, secret));
    EVH_TRY(evh_hpke_key_schedule(&key, context->suite, &shared, context->info));
    EVH_TRY(evh_buffer_extend(out, reader.rest.len - EVH_HPKE_TAG_LEN, &plain));
    EVH_TRY(
        evh_hpke_aead_open(plain, verdict, context->suite.aead, &key, context->aad, reader.rest));
done:
    if (*verdict != EVH_SEAL_ACCEPTED)
        evh_buffer_truncate(out, before);
    evh_wipe(&key, sizeof key);
    evh_wipe(&shared, sizeof shared);
    return status;
}
