/* SPDX-License-Identifier: Apache-2.0 */
#include "evenhand/seal/hash.h"

#include <openssl/evp.h>
#include <sodium.h>
#include <string.h>

evh_status evh_sha256_start(evh_sha256_state *state)
{
    evh_sha256_clear(state);
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    if (context == NULL || EVP_DigestInit_ex2(context, EVP_sha256(), NULL) != 1) {
        EVP_MD_CTX_free(context);
        return evh_fail(EVH_ERR_MEMORY, "SHA-256 cannot start: out of memory");
    }
    state->context = context;
    return evh_ok();
}

evh_status evh_sha256_update(evh_sha256_state *state, evh_view bytes)
{
    if (state->context == NULL)
        return evh_fail(EVH_ERR_ARG, "SHA-256 was not started");
    if (EVP_DigestUpdate(state->context, bytes.data, bytes.len) != 1)
        return evh_fail(EVH_ERR_MEMORY, "SHA-256 cannot take %zu more bytes", bytes.len);
    return evh_ok();
}

evh_status evh_sha256_finish(evh_sha256_state *state, uint8_t out[EVH_SHA256_LEN])
{
    memset(out, 0, EVH_SHA256_LEN);
    if (state->context == NULL)
        return evh_fail(EVH_ERR_ARG, "SHA-256 was not started");
    int done = EVP_DigestFinal_ex(state->context, out, NULL);
    evh_sha256_clear(state);
    if (done != 1) {
        evh_wipe(out, EVH_SHA256_LEN);
        return evh_fail(EVH_ERR_MEMORY, "SHA-256 cannot finish");
    }
    return evh_ok();
}

void evh_sha256_clear(evh_sha256_state *state)
{
    /* Freeing a digest context wipes what it hashed. */
    EVP_MD_CTX_free(state->context);
    state->context = NULL;
}

evh_status evh_sha256_parts(uint8_t out[EVH_SHA256_LEN], const evh_view *parts, size_t count)
{
    evh_status status = evh_ok();
    evh_sha256_state state = {0};
    memset(out, 0, EVH_SHA256_LEN);
    EVH_TRY(evh_sha256_start(&state));
    for (size_t i = 0; i < count; i++)
        EVH_TRY(evh_sha256_update(&state, parts[i]));
    EVH_TRY(evh_sha256_finish(&state, out));
done:
    evh_sha256_clear(&state);
    return status;
}

evh_status evh_sha256(uint8_t out[EVH_SHA256_LEN], evh_view message)
{
    return evh_sha256_parts(out, &message, 1);
}

static void hash_le64(crypto_generichash_state *state, uint64_t value)
{
    uint8_t bytes[8];
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (uint8_t)(value >> (8 * i));
    (void)crypto_generichash_update(state, bytes, sizeof bytes);
}

void evh_keyed_hash(uint8_t out[EVH_KEYED_HASH_LEN], const evh_seed32 *key, const evh_view *parts,
                    size_t count)
{
    /* libsodium's BLAKE2b fails on lengths that it does not know only, and these are constants. */
    crypto_generichash_state state;
    (void)crypto_generichash_init(&state, key->bytes, sizeof key->bytes, EVH_KEYED_HASH_LEN);
    for (size_t i = 0; i < count; i++) {
        hash_le64(&state, parts[i].len);
        if (parts[i].len > 0)
            (void)crypto_generichash_update(&state, parts[i].data, parts[i].len);
    }
    (void)crypto_generichash_final(&state, out, EVH_KEYED_HASH_LEN);
    evh_wipe(&state, sizeof state);
}

void evh_order_key_derive(evh_order_key *out, const evh_seed32 *secret, const evh_view *parts,
                          size_t count)
{
    uint8_t hash[EVH_KEYED_HASH_LEN];
    evh_keyed_hash(hash, secret, parts, count);
    memcpy(out->bytes, hash, sizeof out->bytes);
    evh_wipe(hash, sizeof hash);
}

uint64_t evh_order_hash(const evh_order_key *key, evh_view message)
{
    static const uint8_t nothing[1] = {0};
    uint8_t hash[crypto_shorthash_BYTES];
    (void)crypto_shorthash(hash, message.len == 0 ? nothing : message.data, message.len,
                           key->bytes);
    uint64_t value = 0;
    for (size_t i = 0; i < sizeof hash; i++)
        value |= (uint64_t)hash[i] << (8 * i);
    return value;
}
