/* SPDX-License-Identifier: Apache-2.0 */
#include "evenhand/seal/key_config.h"

#include <string.h>

#include "evenhand/seal/hash.h"
#include "evenhand/seal/key_ring.h"
#include "support/test.h"
#include "tests.h"

/* The receiver of RFC 9180 appendix A.2.1 under our encoding. */
static const char ENCODED[] =
    "01002000010003"
    "00204310ee97d88cc1f088a5576c77ab0cf5c3ac797f3d95139c6c84b5429c59662a";

static void make_config(evh_key_config *out)
{
    out->suite = evh_hpke_suite_chacha20poly1305();
    assert_ok(evh_hex_decode(
        out->key.bytes, sizeof out->key.bytes,
        evh_view_of_text("4310ee97d88cc1f088a5576c77ab0cf5c3ac797f3d95139c6c84b5429c59662a")));
}

static void test_key_config_known_bytes(void **state)
{
    (void)state;
    evh_key_config config;
    evh_key_config again;
    evh_key_id id;
    uint8_t hash[EVH_SHA256_LEN];
    evh_buffer encoded = evh_buffer_init(64);
    make_config(&config);
    assert_ok(evh_key_config_encode(&encoded, &config));
    assert_bytes_hex(encoded.data, encoded.len, ENCODED);
    assert_int_equal(encoded.len, EVH_KEY_CONFIG_LEN);
    assert_ok(evh_key_config_decode(&again, evh_buffer_view(&encoded)));
    assert_memory_equal(&again, &config, sizeof config);
    assert_ok(evh_key_config_id(&id, &config));
    assert_ok(evh_sha256(hash, evh_buffer_view(&encoded)));
    assert_memory_equal(id.bytes, hash, sizeof hash);
    evh_buffer_clear(&encoded);
}

static void expect_bad(evh_view bytes, evh_code code, const char *part)
{
    const evh_key_config none = {0};
    evh_key_config config;
    memset(&config, 0xa5, sizeof config);
    assert_fails_with(evh_key_config_decode(&config, bytes), code, part);
    assert_memory_equal(&config, &none, sizeof none);
}

static void test_key_config_decode_bad_bytes(void **state)
{
    (void)state;
    evh_buffer encoded = evh_buffer_init(64);
    test_hex(&encoded, ENCODED);
    for (size_t len = 0; len < encoded.len; len++)
        expect_bad(evh_view_of(encoded.data, len), EVH_ERR_LENGTH, "");
    static const struct {
        size_t at;
        evh_code code;
        const char *part;
    } bad[] = {{0, EVH_ERR_TYPE, "version"},     {1, EVH_ERR_TYPE, "KEM"},
               {2, EVH_ERR_TYPE, "KEM"},         {3, EVH_ERR_TYPE, "KDF"},
               {4, EVH_ERR_TYPE, "KDF"},         {5, EVH_ERR_TYPE, "AEAD"},
               {6, EVH_ERR_TYPE, "AEAD"},        {7, EVH_ERR_LENGTH, "public key"},
               {8, EVH_ERR_LENGTH, "public key"}};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        encoded.data[bad[i].at] ^= 0x40;
        expect_bad(evh_buffer_view(&encoded), bad[i].code, bad[i].part);
        encoded.data[bad[i].at] ^= 0x40;
    }
    assert_ok(evh_buffer_u8(&encoded, 0));
    expect_bad(evh_buffer_view(&encoded), EVH_ERR_TRAILING, "1 byte");
    evh_buffer_clear(&encoded);
}

static void test_key_config_encode_refuses_suites(void **state)
{
    (void)state;
    evh_key_config config;
    evh_key_id id;
    evh_buffer out = evh_buffer_init(64);
    make_config(&config);
    config.suite.aead = 2;
    assert_fails_with(evh_key_config_encode(&out, &config), EVH_ERR_TYPE, "AEAD");
    assert_fails(evh_key_config_id(&id, &config), EVH_ERR_TYPE);
    assert_int_equal(out.len, 0);
}

/* ---- signed by the owner ---- */

static void make_signed(evh_buffer *out, evh_signing_key *owner, uint64_t seed)
{
    test_rng seeded;
    evh_rng rng = test_rng_seeded(&seeded, seed);
    evh_key_config config;
    make_config(&config);
    assert_ok(
        evh_signing_key_generate(owner, EVH_IDENTITY_ED25519, evh_view_of_text("leader"), &rng));
    assert_ok(evh_key_config_sign(out, &config, owner));
    assert_int_equal(out->len, EVH_SIGNED_KEY_LEN);
}

static void expect_unsigned(const evh_identity *owner, evh_view bytes)
{
    const evh_key_config none = {0};
    evh_key_config config;
    evh_seal_verdict verdict = EVH_SEAL_ACCEPTED;
    memset(&config, 0xa5, sizeof config);
    assert_ok(evh_key_config_verify(&config, &verdict, owner, bytes));
    assert_int_equal(verdict, EVH_SEAL_REJECTED);
    assert_memory_equal(&config, &none, sizeof none);
}

static void test_key_config_verify(void **state)
{
    (void)state;
    evh_signing_key owner = {0};
    evh_signing_key other = {0};
    evh_buffer bytes = evh_buffer_init(256);
    evh_buffer others = evh_buffer_init(256);
    make_signed(&bytes, &owner, 1);
    make_signed(&others, &other, 2);
    evh_key_config config;
    evh_key_config expected;
    evh_seal_verdict verdict = EVH_SEAL_REJECTED;
    make_config(&expected);
    assert_ok(evh_key_config_verify(&config, &verdict, &owner.identity, evh_buffer_view(&bytes)));
    assert_int_equal(verdict, EVH_SEAL_ACCEPTED);
    assert_memory_equal(&config, &expected, sizeof expected);
    expect_unsigned(&owner.identity, evh_buffer_view(&others));
    expect_unsigned(&other.identity, evh_buffer_view(&bytes));

    /* A signature over the same bytes under another label is none. */
    uint8_t signature[EVH_SIGNATURE_LEN];
    assert_ok(evh_sign(signature, &owner, "evenhand/hpke-key/2",
                       evh_view_of(bytes.data, EVH_KEY_CONFIG_LEN)));
    memcpy(bytes.data + EVH_KEY_CONFIG_LEN, signature, sizeof signature);
    expect_unsigned(&owner.identity, evh_buffer_view(&bytes));
    evh_buffer_clear(&bytes);
    evh_buffer_clear(&others);
    evh_signing_key_clear(&owner);
    evh_signing_key_clear(&other);
}

static void test_key_config_verify_tampered(void **state)
{
    (void)state;
    evh_signing_key owner = {0};
    evh_buffer bytes = evh_buffer_init(256);
    make_signed(&bytes, &owner, 3);
    for (size_t i = 9; i < bytes.len; i++) { /* before that: version, suite, length */
        bytes.data[i] ^= 1;
        expect_unsigned(&owner.identity, evh_buffer_view(&bytes));
        bytes.data[i] ^= 1;
    }
    evh_key_config config;
    evh_seal_verdict verdict = EVH_SEAL_ACCEPTED;
    for (size_t i = 0; i < 9; i++) {
        bytes.data[i] ^= 0x40;
        evh_status status =
            evh_key_config_verify(&config, &verdict, &owner.identity, evh_buffer_view(&bytes));
        assert_true(status.code == EVH_ERR_TYPE || status.code == EVH_ERR_LENGTH);
        assert_int_equal(verdict, EVH_SEAL_REJECTED);
        bytes.data[i] ^= 0x40;
    }
    for (size_t len = 0; len < bytes.len; len++)
        assert_fails(
            evh_key_config_verify(&config, &verdict, &owner.identity, evh_view_of(bytes.data, len)),
            EVH_ERR_LENGTH);
    assert_ok(evh_buffer_u8(&bytes, 0));
    assert_fails(evh_key_config_verify(&config, &verdict, &owner.identity, evh_buffer_view(&bytes)),
                 EVH_ERR_TRAILING);
    evh_buffer_clear(&bytes);
    evh_signing_key_clear(&owner);
}

static void test_key_config_sign_refusals(void **state)
{
    (void)state;
    evh_signing_key key = {0};
    evh_key_config config;
    evh_buffer out = evh_buffer_init(256);
    test_rng seeded;
    evh_rng rng = test_rng_seeded(&seeded, 4);
    make_config(&config);
    assert_fails(evh_key_config_sign(&out, &config, &key), EVH_ERR_ARG);
    assert_ok(
        evh_signing_key_generate(&key, EVH_IDENTITY_COSIGNATURE, evh_view_of_text("w"), &rng));
    assert_fails(evh_key_config_sign(&out, &config, &key), EVH_ERR_TYPE);
    config.suite.kdf = 9;
    assert_fails_with(evh_key_config_sign(&out, &config, &key), EVH_ERR_TYPE, "KDF");
    assert_int_equal(out.len, 0);
    evh_buffer_clear(&out);
    evh_signing_key_clear(&key);
}

static void test_sealed_decode_lengths(void **state)
{
    (void)state;
    uint8_t bytes[EVH_SEALED_OVERHEAD + 3];
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (uint8_t)i;
    evh_sealed sealed;
    for (size_t len = 0; len < EVH_SEALED_OVERHEAD; len++) {
        assert_fails_with(evh_sealed_decode(&sealed, evh_view_of(bytes, len)), EVH_ERR_LENGTH,
                          "at least 80");
        assert_null(sealed.body.data);
    }
    assert_ok(evh_sealed_decode(&sealed, evh_view_of(bytes, sizeof bytes)));
    assert_memory_equal(sealed.key_id.bytes, bytes, EVH_KEY_ID_LEN);
    assert_ptr_equal(sealed.body.data, bytes + EVH_KEY_ID_LEN);
    assert_int_equal(sealed.body.len, sizeof bytes - EVH_KEY_ID_LEN);
    assert_fails_with(evh_sealed_decode(&sealed, evh_view_of(bytes, SIZE_MAX)), EVH_ERR_RANGE,
                      "over the limit");
    assert_null(sealed.body.data);
}

int run_key_config_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_key_config_known_bytes),
        cmocka_unit_test(test_key_config_decode_bad_bytes),
        cmocka_unit_test(test_key_config_encode_refuses_suites),
        cmocka_unit_test(test_key_config_verify),
        cmocka_unit_test(test_key_config_verify_tampered),
        cmocka_unit_test(test_key_config_sign_refusals),
        cmocka_unit_test(test_sealed_decode_lengths),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
