/* SPDX-License-Identifier: Apache-2.0 */
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/params.h>
#include <string.h>

#include "evenhand/seal/hash.h"

/* OSSL_PARAM wants non-const pointers that it only reads. */
static OSSL_PARAM octets(const char *name, evh_view bytes)
{
    union {
        const uint8_t *in;
        void *out;
    } pointer = {.in = bytes.data};
    return OSSL_PARAM_construct_octet_string(name, pointer.out, bytes.len);
}

/* One run of OpenSSL's HKDF in the given mode; an empty salt or info is left out, which means the
 * same (RFC 5869 section 2.2). */
static evh_status derive(uint8_t *out, size_t len, int mode, evh_view salt, evh_view key,
                         evh_view info)
{
    evh_status status = evh_ok();
    EVP_KDF_CTX *context = NULL;
    EVP_KDF *kdf = EVP_KDF_fetch(NULL, "HKDF", NULL);
    char digest[] = "SHA256";
    OSSL_PARAM params[6] = {0};
    size_t count = 0;

    EVH_REQUIRE(kdf != NULL, EVH_ERR_MEMORY, "OpenSSL offers no HKDF");
    context = EVP_KDF_CTX_new(kdf);
    EVH_REQUIRE(context != NULL, EVH_ERR_MEMORY, "HKDF: out of memory");
    params[count++] = OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, digest, 0);
    params[count++] = OSSL_PARAM_construct_int(OSSL_KDF_PARAM_MODE, &mode);
    params[count++] = octets(OSSL_KDF_PARAM_KEY, key);
    if (salt.len > 0)
        params[count++] = octets(OSSL_KDF_PARAM_SALT, salt);
    if (info.len > 0)
        params[count++] = octets(OSSL_KDF_PARAM_INFO, info);
    params[count] = OSSL_PARAM_construct_end();
    EVH_REQUIRE(EVP_KDF_derive(context, out, len, params) == 1, EVH_ERR_MEMORY,
                "HKDF: out of memory");
done:
    if (status.code != EVH_OK)
        evh_wipe(out, len);
    EVP_KDF_CTX_free(context);
    EVP_KDF_free(kdf);
    return status;
}

static evh_status check_lengths(size_t len, size_t ikm_len, size_t info_len)
{
    evh_status status = evh_ok();
    EVH_REQUIRE(len >= 1 && len <= EVH_HKDF_LEN_MAX, EVH_ERR_ARG,
                "HKDF gives 1 to %d bytes, not %zu", EVH_HKDF_LEN_MAX, len);
    EVH_REQUIRE(ikm_len > 0, EVH_ERR_ARG, "HKDF needs input keying material");
    EVH_REQUIRE(info_len <= EVH_HKDF_INFO_BYTES_MAX, EVH_ERR_ARG,
                "HKDF takes at most %d bytes of info, not %zu", EVH_HKDF_INFO_BYTES_MAX, info_len);
done:
    return status;
}

evh_status evh_hkdf(uint8_t *out, size_t len, evh_view salt, evh_view ikm, evh_view info)
{
    evh_status status = check_lengths(len, ikm.len, info.len);
    if (status.code == EVH_OK)
        return derive(out, len, EVP_KDF_HKDF_MODE_EXTRACT_AND_EXPAND, salt, ikm, info);
    evh_wipe(out, len);
    return status;
}

evh_status evh_hkdf_extract(evh_seed32 *out, evh_view salt, evh_view ikm)
{
    evh_status status = check_lengths(sizeof out->bytes, ikm.len, 0);
    if (status.code == EVH_OK)
        return derive(out->bytes, sizeof out->bytes, EVP_KDF_HKDF_MODE_EXTRACT_ONLY, salt, ikm,
                      evh_view_of(NULL, 0));
    evh_wipe(out, sizeof *out);
    return status;
}

evh_status evh_hkdf_expand(uint8_t *out, size_t len, const evh_seed32 *key, evh_view info)
{
    evh_status status = check_lengths(len, sizeof key->bytes, info.len);
    if (status.code == EVH_OK)
        return derive(out, len, EVP_KDF_HKDF_MODE_EXPAND_ONLY, evh_view_of(NULL, 0),
                      evh_view_of(key->bytes, sizeof key->bytes), info);
    evh_wipe(out, len);
    return status;
}
