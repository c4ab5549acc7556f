/* SPDX-License-Identifier: Apache-2.0 */
#include <openssl/evp.h>
#include <string.h>

#include "hpke_internal.h"

/* The public key of a secret key. */
static evh_status public_of(evh_hpke_public_key *out, const evh_hpke_secret_key *secret)
{
    evh_status status = evh_ok();
    size_t len = sizeof out->bytes;
    EVP_PKEY *key =
        EVP_PKEY_new_raw_private_key(EVP_PKEY_X25519, NULL, secret->bytes, sizeof secret->bytes);
    EVH_REQUIRE(key != NULL, EVH_ERR_MEMORY, "X25519: out of memory");
    EVH_REQUIRE(EVP_PKEY_get_raw_public_key(key, out->bytes, &len) == 1, EVH_ERR_MEMORY,
                "X25519: out of memory");
    EVH_INVARIANT(len == sizeof out->bytes);
done:
    EVP_PKEY_free(key);
    return status;
}

/* The X25519 product, which OpenSSL refuses when it is all zero (RFC 9180 section 7.1.4): that is
 * the one thing that can be wrong once both keys and the context were made. */
static evh_status diffie_hellman(evh_seed32 *out, const evh_hpke_secret_key *secret,
                                 const uint8_t peer_bytes[EVH_HPKE_KEY_LEN])
{
    evh_status status = evh_ok();
    size_t len = sizeof out->bytes;
    EVP_PKEY_CTX *context = NULL;
    EVP_PKEY *own =
        EVP_PKEY_new_raw_private_key(EVP_PKEY_X25519, NULL, secret->bytes, sizeof secret->bytes);
    EVP_PKEY *peer =
        EVP_PKEY_new_raw_public_key(EVP_PKEY_X25519, NULL, peer_bytes, EVH_HPKE_KEY_LEN);
    EVH_REQUIRE(own != NULL && peer != NULL, EVH_ERR_MEMORY, "X25519: out of memory");
    context = EVP_PKEY_CTX_new(own, NULL);
    EVH_REQUIRE(context != NULL && EVP_PKEY_derive_init(context) == 1 &&
                    EVP_PKEY_derive_set_peer_ex(context, peer, 0) == 1,
                EVH_ERR_MEMORY, "X25519: out of memory");
    EVH_REQUIRE(EVP_PKEY_derive(context, out->bytes, &len) == 1, EVH_ERR_KEY,
                "the peer's X25519 key is a point of low order");
    EVH_INVARIANT(len == sizeof out->bytes);
done:
    if (status.code != EVH_OK)
        evh_wipe(out, sizeof *out);
    EVP_PKEY_CTX_free(context);
    EVP_PKEY_free(peer);
    EVP_PKEY_free(own);
    return status;
}

/* Section 4.1, ExtractAndExpand with kem_context = enc | pkRm. */
static evh_status extract_and_expand(evh_seed32 *shared, const evh_seed32 *product,
                                     const uint8_t enc[EVH_HPKE_KEY_LEN],
                                     const evh_hpke_public_key *recipient)
{
    evh_status status = evh_ok();
    const evh_hpke_labels labels = evh_hpke_kem_labels();
    evh_seed32 key = {{0}};
    uint8_t context[2 * EVH_HPKE_KEY_LEN];
    memcpy(context, enc, EVH_HPKE_KEY_LEN);
    memcpy(context + EVH_HPKE_KEY_LEN, recipient->bytes, EVH_HPKE_KEY_LEN);
    EVH_TRY(evh_hpke_labeled_extract(&key, &labels, evh_view_of(NULL, 0), "eae_prk",
                                     evh_view_of(product->bytes, sizeof product->bytes)));
    EVH_TRY(evh_hpke_labeled_expand(shared->bytes, sizeof shared->bytes, &labels, &key,
                                    "shared_secret", evh_view_of(context, sizeof context)));
done:
    evh_wipe(&key, sizeof key);
    return status;
}

evh_status evh_hpke_encap(evh_seed32 *shared, uint8_t enc[EVH_HPKE_KEY_LEN],
                          const evh_hpke_public_key *to, const evh_rng *rng)
{
    evh_status status = evh_ok();
    evh_hpke_secret_key *ephemeral = NULL;
    evh_hpke_public_key ephemeral_public;
    evh_seed32 product = {{0}};
    memset(shared, 0, sizeof *shared);
    EVH_TRY(evh_hpke_key_generate(&ephemeral, &ephemeral_public, rng));
    EVH_TRY(diffie_hellman(&product, ephemeral, to->bytes));
    memcpy(enc, ephemeral_public.bytes, EVH_HPKE_KEY_LEN);
    EVH_TRY(extract_and_expand(shared, &product, enc, to));
done:
    evh_wipe(&product, sizeof product);
    evh_hpke_secret_key_free(&ephemeral);
    return status;
}

evh_status evh_hpke_decap(evh_seed32 *shared, const uint8_t enc[EVH_HPKE_KEY_LEN],
                          const evh_hpke_secret_key *secret)
{
    evh_status status = evh_ok();
    evh_seed32 product = {{0}};
    evh_hpke_public_key own;
    memset(shared, 0, sizeof *shared);
    EVH_TRY(diffie_hellman(&product, secret, enc));
    EVH_TRY(public_of(&own, secret));
    EVH_TRY(extract_and_expand(shared, &product, enc, &own));
done:
    evh_wipe(&product, sizeof product);
    return status;
}

/* ---- keys ---- */

evh_status evh_hpke_key_load(evh_hpke_secret_key **secret, evh_hpke_public_key *public_key,
                             evh_view bytes)
{
    evh_status status = evh_ok();
    evh_hpke_secret_key *key = NULL;
    *secret = NULL;
    memset(public_key, 0, sizeof *public_key);
    EVH_REQUIRE(bytes.len == sizeof key->bytes, EVH_ERR_LENGTH,
                "an X25519 secret key has %d bytes, not %zu", EVH_HPKE_KEY_LEN, bytes.len);
    EVH_TRY(evh_secret_new(&key, 1, sizeof *key));
    memcpy(key->bytes, bytes.data, sizeof key->bytes);
    EVH_TRY(public_of(public_key, key));
    *secret = key;
    key = NULL;
done:
    evh_secret_free(&key);
    return status;
}

evh_status evh_hpke_key_derive(evh_hpke_secret_key **secret, evh_hpke_public_key *public_key,
                               evh_view seed)
{
    evh_status status = evh_ok();
    const evh_hpke_labels labels = evh_hpke_kem_labels();
    const evh_view empty = evh_view_of(NULL, 0);
    evh_seed32 key = {{0}};
    uint8_t bytes[EVH_HPKE_KEY_LEN] = {0};
    *secret = NULL;
    memset(public_key, 0, sizeof *public_key);
    EVH_REQUIRE(seed.len >= EVH_HPKE_SEED_LEN, EVH_ERR_LENGTH,
                "an X25519 key is derived from at least %d bytes, not %zu", EVH_HPKE_SEED_LEN,
                seed.len);
    EVH_REQUIRE(seed.len <= EVH_HPKE_CONTEXT_BYTES_MAX, EVH_ERR_RANGE,
                "a seed of %zu bytes is over the limit of %d", seed.len,
                EVH_HPKE_CONTEXT_BYTES_MAX);
    EVH_TRY(evh_hpke_labeled_extract(&key, &labels, empty, "dkp_prk", seed));
    EVH_TRY(evh_hpke_labeled_expand(bytes, sizeof bytes, &labels, &key, "sk", empty));
    EVH_TRY(evh_hpke_key_load(secret, public_key, evh_view_of(bytes, sizeof bytes)));
done:
    evh_wipe(bytes, sizeof bytes);
    evh_wipe(&key, sizeof key);
    return status;
}

evh_status evh_hpke_key_generate(evh_hpke_secret_key **secret, evh_hpke_public_key *public_key,
                                 const evh_rng *rng)
{
    evh_status status = evh_ok();
    evh_seed32 seed = {{0}};
    *secret = NULL;
    memset(public_key, 0, sizeof *public_key);
    EVH_TRY(evh_rng_fill(rng, seed.bytes, sizeof seed.bytes));
    EVH_TRY(evh_hpke_key_derive(secret, public_key, evh_view_of(seed.bytes, sizeof seed.bytes)));
done:
    evh_wipe(&seed, sizeof seed);
    return status;
}

void evh_hpke_secret_key_free(evh_hpke_secret_key **secret)
{
    evh_secret_free(secret);
}
