/* SPDX-License-Identifier: Apache-2.0 */
#include "evenhand/seal/signing.h"

#include <inttypes.h>
#include <sodium.h>
#include <string.h>

#include "evenhand/base/secret.h"
#include "identity_internal.h"

/* libsodium's form: seed | public key. */
typedef struct evh_signing_secret {
    uint8_t bytes[crypto_sign_SECRETKEYBYTES];
} evh_signing_secret;

static const char SECRET_PREFIX[] = "PRIVATE+KEY+";

enum {
    PREFIX_LEN = sizeof SECRET_PREFIX - 1,
    FRAME_MAX = 128 + EVH_SIGN_MESSAGE_BYTES_MAX /* label, lengths, message */
};

static evh_status make(evh_signing_key *out, evh_identity_type type, evh_view name,
                       const evh_seed32 *seed)
{
    evh_status status = evh_ok();
    evh_signing_key key = {0};
    uint8_t public_key[EVH_IDENTITY_KEY_LEN];
    memset(out, 0, sizeof *out);
    EVH_TRY(evh_secret_new(&key.secret, 1, sizeof *key.secret));
    (void)crypto_sign_seed_keypair(public_key, key.secret->bytes, seed->bytes);
    evh_declassify(public_key, sizeof public_key, "the public key is public");
    EVH_TRY(
        evh_identity_make(&key.identity, type, name, evh_view_of(public_key, sizeof public_key)));
    *out = key;
    key.secret = NULL;
done:
    evh_signing_key_clear(&key);
    return status;
}

evh_status evh_signing_key_generate(evh_signing_key *out, evh_identity_type type, evh_view name,
                                    const evh_rng *rng)
{
    evh_status status = evh_ok();
    evh_seed32 seed = {{0}};
    memset(out, 0, sizeof *out);
    EVH_TRY(evh_rng_fill(rng, seed.bytes, sizeof seed.bytes));
    EVH_TRY(make(out, type, name, &seed));
done:
    evh_wipe(&seed, sizeof seed);
    return status;
}

static evh_view without_newline(evh_view text)
{
    if (text.len > 0 && text.data[text.len - 1] == '\n')
        text.len--;
    return text;
}

evh_status evh_signing_key_parse(evh_signing_key *out, evh_view text)
{
    evh_status status = evh_ok();
    evh_identity_parts parts = {0};
    evh_seed32 seed = {{0}};
    const evh_view line = without_newline(text);
    memset(out, 0, sizeof *out);
    EVH_REQUIRE(line.len >= PREFIX_LEN && evh_view_equal(evh_view_of(line.data, PREFIX_LEN),
                                                         evh_view_of_text(SECRET_PREFIX)),
                EVH_ERR_ENCODING, "not a secret key: expected %s...", SECRET_PREFIX);
    EVH_TRY(evh_identity_split(&parts, evh_view_of(line.data + PREFIX_LEN, line.len - PREFIX_LEN)));
    memcpy(seed.bytes, parts.key, sizeof seed.bytes);
    EVH_TRY(make(out, parts.type, parts.name, &seed));
    EVH_REQUIRE(out->identity.key_id == parts.key_id, EVH_ERR_KEY,
                "the key id %08" PRIx32 " does not fit name and key, %08" PRIx32 " would",
                parts.key_id, out->identity.key_id);
done:
    if (status.code != EVH_OK)
        evh_signing_key_clear(out);
    evh_wipe(&seed, sizeof seed);
    evh_wipe(&parts, sizeof parts);
    return status;
}

static evh_status check_not_empty(const evh_signing_key *key)
{
    if (key->secret != NULL)
        return evh_ok();
    return evh_fail(EVH_ERR_ARG, "an empty signing key");
}

evh_status evh_signing_key_format(evh_buffer *out, const evh_signing_key *key)
{
    evh_status status = evh_ok();
    const size_t before = out->len;
    EVH_TRY(check_not_empty(key));
    EVH_TRY(evh_buffer_append(out, evh_view_of(SECRET_PREFIX, PREFIX_LEN)));
    /* The seed is the first half of libsodium's secret key. */
    EVH_TRY(evh_identity_join(out, &key->identity, key->secret->bytes));
    EVH_TRY(evh_buffer_u8(out, '\n'));
done:
    if (status.code != EVH_OK)
        evh_buffer_truncate(out, before);
    return status;
}

void evh_signing_key_clear(evh_signing_key *key)
{
    evh_secret_free(&key->secret);
    memset(key, 0, sizeof *key);
}

evh_status evh_sign(uint8_t signature[EVH_SIGNATURE_LEN], const evh_signing_key *key,
                    const char *label, evh_view message)
{
    evh_status status = evh_ok();
    evh_buffer framed = evh_buffer_init(FRAME_MAX);
    memset(signature, 0, EVH_SIGNATURE_LEN);
    EVH_TRY(check_not_empty(key));
    EVH_TRY(evh_identity_check_signs_messages(&key->identity));
    EVH_TRY(evh_identity_frame(&framed, label, message));
    (void)crypto_sign_detached(signature, NULL, framed.data, framed.len, key->secret->bytes);
done:
    evh_buffer_clear(&framed);
    return status;
}

evh_status evh_sign_text(uint8_t signature[EVH_SIGNATURE_LEN], const evh_signing_key *key,
                         evh_view text)
{
    evh_status status = evh_ok();
    memset(signature, 0, EVH_SIGNATURE_LEN);
    EVH_TRY(check_not_empty(key));
    EVH_TRY(evh_identity_check_text(text));
    (void)crypto_sign_detached(signature, NULL, text.data, text.len, key->secret->bytes);
done:
    return status;
}
