/* SPDX-License-Identifier: Apache-2.0 */
#include <limits.h>
#include <openssl/evp.h>
#include <string.h>

#include "hpke_internal.h"

/* Lengths pass through OpenSSL as int. */
_Static_assert(EVH_REPORT_BYTES_MAX <= INT_MAX && EVH_HPKE_CONTEXT_BYTES_MAX <= INT_MAX,
               "a message fits one EVP update");

size_t evh_hpke_aead_key_len(uint16_t aead)
{
    return aead == EVH_HPKE_AEAD_AES128GCM ? 16 : 32;
}

static const EVP_CIPHER *cipher_of(uint16_t aead)
{
    return aead == EVH_HPKE_AEAD_AES128GCM ? EVP_aes_128_gcm() : EVP_chacha20_poly1305();
}

/* EVP_CipherUpdate does not accept an empty input with a NULL pointer everywhere. */
static bool feed(EVP_CIPHER_CTX *context, uint8_t *out, evh_view in)
{
    int written = 0;
    if (in.len == 0)
        return true;
    return EVP_CipherUpdate(context, out, &written, in.data, (int)in.len) == 1 &&
           (size_t)written == in.len;
}

static EVP_CIPHER_CTX *start(uint16_t aead, const evh_hpke_message_key *key, evh_view aad,
                             int encrypt)
{
    EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
    if (context == NULL ||
        EVP_CipherInit_ex2(context, cipher_of(aead), key->key, key->nonce, encrypt, NULL) != 1 ||
        !feed(context, NULL, aad)) {
        EVP_CIPHER_CTX_free(context);
        return NULL;
    }
    return context;
}

evh_status evh_hpke_aead_seal(uint8_t *out, uint16_t aead, const evh_hpke_message_key *key,
                              evh_view aad, evh_view plain)
{
    evh_status status = evh_ok();
    int written = 0;
    EVP_CIPHER_CTX *context = start(aead, key, aad, 1);
    EVH_REQUIRE(context != NULL, EVH_ERR_MEMORY, "AEAD: out of memory");
    EVH_REQUIRE(feed(context, out, plain), EVH_ERR_MEMORY, "AEAD: out of memory");
    EVH_REQUIRE(EVP_CipherFinal_ex(context, out + plain.len, &written) == 1 && written == 0,
                EVH_ERR_MEMORY, "AEAD: cannot finish");
    EVH_REQUIRE(
        EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, EVH_HPKE_TAG_LEN, out + plain.len) == 1,
        EVH_ERR_MEMORY, "AEAD: no tag");
done:
    EVP_CIPHER_CTX_free(context);
    return status;
}

evh_status evh_hpke_aead_open(uint8_t *out, evh_seal_verdict *verdict, uint16_t aead,
                              const evh_hpke_message_key *key, evh_view aad, evh_view sealed)
{
    evh_status status = evh_ok();
    const evh_view ciphertext = evh_view_of(sealed.data, sealed.len - EVH_HPKE_TAG_LEN);
    uint8_t tag[EVH_HPKE_TAG_LEN];
    uint8_t nothing[EVP_MAX_BLOCK_LENGTH];
    int written = 0;
    *verdict = EVH_SEAL_REJECTED;
    memcpy(tag, sealed.data + ciphertext.len, sizeof tag);
    EVP_CIPHER_CTX *context = start(aead, key, aad, 0);
    EVH_REQUIRE(context != NULL, EVH_ERR_MEMORY, "AEAD: out of memory");
    EVH_REQUIRE(feed(context, out, ciphertext), EVH_ERR_MEMORY, "AEAD: out of memory");
    EVH_REQUIRE(EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, EVH_HPKE_TAG_LEN, tag) == 1,
                EVH_ERR_MEMORY, "AEAD: cannot take the tag");
    if (EVP_CipherFinal_ex(context, nothing, &written) == 1 && written == 0)
        *verdict = EVH_SEAL_ACCEPTED;
done:
    if (*verdict != EVH_SEAL_ACCEPTED)
        evh_wipe(out, ciphertext.len);
    EVP_CIPHER_CTX_free(context);
    return status;
}
