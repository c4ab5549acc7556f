/* SPDX-License-Identifier: Apache-2.0 */
#include "evenhand/seal/identity.h"

#include <inttypes.h>
#include <sodium.h>
#include <string.h>

#include "evenhand/base/secret.h"
#include "evenhand/base/utf8.h"
#include "evenhand/seal/hash.h"
#include "identity_internal.h"

enum {
    TYPED_KEY_LEN = 1 + EVH_IDENTITY_KEY_LEN,
    KEY_ID_HEX_LEN = 8,
    IDENTITY_TEXT_MAX = EVH_IDENTITY_NAME_BYTES_MAX + 1 + KEY_ID_HEX_LEN + 1 + 4 * 11
};

/* ---- names ---- */

/* White_Space of the Unicode character database, and the control characters. */
static bool is_space_or_control(uint32_t c)
{
    return c <= 0x20 || (c >= 0x7f && c <= 0xa0) || c == 0x1680 || (c >= 0x2000 && c <= 0x200a) ||
           c == 0x2028 || c == 0x2029 || c == 0x202f || c == 0x205f || c == 0x3000;
}

static evh_status check_name(evh_view name)
{
    evh_status status = evh_ok();
    size_t at = 0;
    EVH_REQUIRE(name.len >= 1 && name.len <= EVH_IDENTITY_NAME_BYTES_MAX, EVH_ERR_LENGTH,
                "an identity's name has 1 to %d bytes, not %zu", EVH_IDENTITY_NAME_BYTES_MAX,
                name.len);
    while (at < name.len) {
        uint32_t code = 0;
        size_t len = evh_utf8_decode(evh_view_of(name.data + at, name.len - at), &code);
        EVH_REQUIRE(len > 0, EVH_ERR_ENCODING, "an identity's name is not UTF-8 at byte %zu", at);
        EVH_REQUIRE(!is_space_or_control(code) && code != '+', EVH_ERR_ENCODING,
                    "an identity's name has no spaces, controls or '+', but U+%04" PRIX32
                    " at byte %zu",
                    code, at);
        at += len;
    }
done:
    return status;
}

static evh_status check_type(unsigned type)
{
    if (type == EVH_IDENTITY_ED25519 || type == EVH_IDENTITY_COSIGNATURE)
        return evh_ok();
    return evh_fail(EVH_ERR_TYPE,
                    "key type 0x%02x is not supported, only 0x01 (Ed25519) and 0x04 (Ed25519 "
                    "cosignature)",
                    type);
}

/* ---- making ---- */

static evh_status key_id_of(uint32_t *out, evh_identity_type type, evh_view name, evh_view key)
{
    const uint8_t separator[2] = {'\n', (uint8_t)type};
    const evh_view parts[3] = {name, evh_view_of(separator, sizeof separator), key};
    uint8_t hash[EVH_SHA256_LEN];
    evh_status status = evh_sha256_parts(hash, parts, 3);
    *out = (uint32_t)hash[0] << 24 | (uint32_t)hash[1] << 16 | (uint32_t)hash[2] << 8 | hash[3];
    return status;
}

evh_status evh_identity_make(evh_identity *out, evh_identity_type type, evh_view name, evh_view key)
{
    evh_status status = evh_ok();
    memset(out, 0, sizeof *out);
    EVH_TRY(check_type((unsigned)type));
    EVH_TRY(check_name(name));
    EVH_REQUIRE(key.len == EVH_IDENTITY_KEY_LEN, EVH_ERR_LENGTH,
                "an Ed25519 public key has %d bytes, not %zu", EVH_IDENTITY_KEY_LEN, key.len);
    EVH_REQUIRE(crypto_core_ed25519_is_valid_point(key.data) == 1, EVH_ERR_KEY,
                "not an Ed25519 public key: no canonical point of the prime-order group");
    EVH_TRY(key_id_of(&out->key_id, type, name, key));
    out->type = type;
    memcpy(out->name, name.data, name.len);
    memcpy(out->key, key.data, key.len);
done:
    return status;
}

bool evh_identity_equal(const evh_identity *a, const evh_identity *b)
{
    return a->type == b->type &&
           evh_view_equal(evh_view_of_text(a->name), evh_view_of_text(b->name)) &&
           evh_view_equal(evh_view_of(a->key, sizeof a->key), evh_view_of(b->key, sizeof b->key));
}

/* ---- the text form ---- */

/* The parts are separated by '+': takes what stands before the next one. */
static evh_status take_part(evh_view *rest, const char *what, evh_view *part)
{
    const uint8_t *plus = rest->len == 0 ? NULL : memchr(rest->data, '+', rest->len);
    if (plus == NULL)
        return evh_fail(EVH_ERR_LENGTH, "the key ends before its %s: expected a '+'", what);
    size_t len = (size_t)(plus - rest->data);
    *part = evh_view_of(rest->data, len);
    *rest = evh_view_of(plus + 1, rest->len - len - 1);
    return evh_ok();
}

/* Only lower-case digits: a key has one text form. */
static evh_status read_key_id(uint32_t *out, evh_view hex)
{
    evh_status status = evh_ok();
    uint8_t bytes[4] = {0};
    char again[KEY_ID_HEX_LEN + 1];
    EVH_TRY(evh_status_in(evh_hex_decode(bytes, sizeof bytes, hex), "key id"));
    evh_hex_encode(again, evh_view_of(bytes, sizeof bytes));
    EVH_REQUIRE(evh_view_equal(hex, evh_view_of_text(again)), EVH_ERR_ENCODING,
                "key id: the digits a to f must be lower case");
    *out = (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
done:
    return status;
}

evh_status evh_identity_split(evh_identity_parts *out, evh_view text)
{
    evh_status status = evh_ok();
    evh_buffer typed_key = evh_buffer_init(TYPED_KEY_LEN + 2);
    evh_view rest = text;
    evh_view hex = evh_view_of(NULL, 0);
    memset(out, 0, sizeof *out);
    EVH_REQUIRE(text.len <= IDENTITY_TEXT_MAX, EVH_ERR_LENGTH,
                "a key has at most %d characters, not %zu", IDENTITY_TEXT_MAX, text.len);
    EVH_TRY(take_part(&rest, "key id", &out->name));
    EVH_TRY(check_name(out->name));
    EVH_TRY(take_part(&rest, "key bytes", &hex));
    EVH_TRY(read_key_id(&out->key_id, hex));
    EVH_REQUIRE(rest.len == 4 * (TYPED_KEY_LEN / 3), EVH_ERR_LENGTH,
                "the key bytes have %d characters of base64, not %zu", 4 * (TYPED_KEY_LEN / 3),
                rest.len);
    EVH_TRY(evh_status_in(evh_base64_decode(&typed_key, rest), "key bytes"));
    EVH_REQUIRE(typed_key.len == TYPED_KEY_LEN, EVH_ERR_LENGTH,
                "a key has a type byte and %d bytes, not %zu in all", EVH_IDENTITY_KEY_LEN,
                typed_key.len);
    EVH_TRY(check_type(typed_key.data[0]));
    out->type = (evh_identity_type)typed_key.data[0];
    memcpy(out->key, typed_key.data + 1, sizeof out->key);
done:
    if (status.code != EVH_OK)
        evh_wipe(out, sizeof *out);
    evh_buffer_clear(&typed_key);
    return status;
}

evh_status evh_identity_join(evh_buffer *out, const evh_identity *identity,
                             const uint8_t key[EVH_IDENTITY_KEY_LEN])
{
    evh_status status = evh_ok();
    const size_t before = out->len;
    uint8_t typed_key[TYPED_KEY_LEN] = {(uint8_t)identity->type};
    memcpy(typed_key + 1, key, EVH_IDENTITY_KEY_LEN);
    EVH_TRY(evh_buffer_format(out, "%s+%08" PRIx32 "+", identity->name, identity->key_id));
    EVH_TRY(evh_base64_encode(out, evh_view_of(typed_key, sizeof typed_key)));
done:
    if (status.code != EVH_OK)
        evh_buffer_truncate(out, before);
    evh_wipe(typed_key, sizeof typed_key);
    return status;
}

evh_status evh_identity_parse(evh_identity *out, evh_view text)
{
    evh_status status = evh_ok();
    evh_identity_parts parts;
    memset(out, 0, sizeof *out);
    EVH_TRY(evh_identity_split(&parts, text));
    EVH_TRY(
        evh_identity_make(out, parts.type, parts.name, evh_view_of(parts.key, sizeof parts.key)));
    EVH_REQUIRE(out->key_id == parts.key_id, EVH_ERR_KEY,
                "the key id %08" PRIx32 " does not fit name and key, %08" PRIx32 " would",
                parts.key_id, out->key_id);
done:
    if (status.code != EVH_OK)
        memset(out, 0, sizeof *out);
    return status;
}

evh_status evh_identity_format(evh_buffer *out, const evh_identity *identity)
{
    return evh_identity_join(out, identity, identity->key);
}
