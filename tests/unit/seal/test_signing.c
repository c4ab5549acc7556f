/* SPDX-License-Identifier: Apache-2.0 */
#include "evenhand/seal/signing.h"

#include <stdlib.h>
#include <string.h>

#include "support/test.h"
#include "tests.h"

/* RFC 8032 section 7.1: TEST 2, TEST 3, TEST SHA(abc). */
static const struct {
    const char *seed;
    const char *public_key;
    const char *message;
    const char *signature;
} vectors[] = {{"4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
                "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
                "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
                "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"},
               {"c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
                "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
                "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac"
                "18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a"},
               {"833fe62409237b9d62ec77587520911e9a759cec1d19755b7da901b96dca3d42",
                "ec172b93ad5e563bf4932c70e1245034c35467ef2efd4d64ebf819683467e2bf",
                "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
                "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f",
                "dc2a4459e7369633a52b1bf277839a00201009a3efbf3ecb69bea2186c26b589"
                "09351fc9ac90b3ecfdfbc7c66431e0303dca179c138ac17ad9bef1177331a704"}};

/* The example keys and note of Go's sumdb/note documentation. */
static const char NEUMANN_SECRET[] =
    "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz";
static const char NEUMANN[] = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
static const char NOTE[] = "If you think cryptography is the answer to your problem,\n"
                           "then you don't know what your problem is.\n";
static const char NOTE_SIGNATURE[] = "x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZ"
                                     "SNXgKvqfqdngotpRZb6KE6RyyBwJnAM=";

static void key_from_seed(evh_signing_key *out, const char *hex)
{
    uint8_t seed[32];
    test_script script;
    assert_ok(evh_hex_decode(seed, sizeof seed, evh_view_of_text(hex)));
    evh_rng rng = test_rng_scripted(&script, evh_view_of(seed, sizeof seed));
    assert_ok(evh_signing_key_generate(out, EVH_IDENTITY_ED25519, evh_view_of_text("name"), &rng));
}

static evh_seal_verdict verdict_on(const evh_identity *signer, const char *label, evh_view message,
                                   const uint8_t *signature)
{
    evh_seal_verdict verdict = EVH_SEAL_ACCEPTED;
    assert_ok(
        evh_verify(&verdict, signer, label, message, evh_view_of(signature, EVH_SIGNATURE_LEN)));
    return verdict;
}

static void test_sign_text_vectors_of_the_rfc(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof vectors / sizeof vectors[0]; i++) {
        evh_signing_key key = {0};
        key_from_seed(&key, vectors[i].seed);
        assert_bytes_hex(key.identity.key, sizeof key.identity.key, vectors[i].public_key);
        evh_buffer message = evh_buffer_init(256);
        test_hex(&message, vectors[i].message);
        uint8_t signature[EVH_SIGNATURE_LEN];
        assert_ok(evh_sign_text(signature, &key, evh_buffer_view(&message)));
        assert_bytes_hex(signature, sizeof signature, vectors[i].signature);
        evh_seal_verdict verdict = EVH_SEAL_REJECTED;
        assert_ok(evh_verify_text(&verdict, &key.identity, evh_buffer_view(&message),
                                  evh_view_of(signature, sizeof signature)));
        assert_int_equal(verdict, EVH_SEAL_ACCEPTED);
        evh_buffer_clear(&message);
        evh_signing_key_clear(&key);
    }
}

static void test_signing_key_parse_published_key(void **state)
{
    (void)state;
    evh_signing_key key = {0};
    evh_identity identity;
    evh_buffer text = evh_buffer_init(512);
    assert_ok(evh_signing_key_parse(&key, evh_view_of_text(NEUMANN_SECRET)));
    assert_ok(evh_identity_parse(&identity, evh_view_of_text(NEUMANN)));
    assert_true(evh_identity_equal(&key.identity, &identity));
    assert_ok(evh_signing_key_format(&text, &key));
    assert_int_equal(text.data[text.len - 1], '\n');
    assert_views_equal(evh_view_of(text.data, text.len - 1), evh_view_of_text(NEUMANN_SECRET));
    evh_signing_key_clear(&key);
    assert_ok(evh_signing_key_parse(&key, evh_buffer_view(&text)));
    assert_true(evh_identity_equal(&key.identity, &identity));
    evh_signing_key_clear(&key);
    evh_signing_key_clear(&key);
    evh_buffer_clear(&text);
}

static void test_sign_text_published_note(void **state)
{
    (void)state;
    evh_signing_key key = {0};
    evh_buffer published = evh_buffer_init(128);
    uint8_t signature[EVH_SIGNATURE_LEN];
    assert_ok(evh_base64_decode(&published, evh_view_of_text(NOTE_SIGNATURE)));
    assert_int_equal(published.len, 4 + EVH_SIGNATURE_LEN);
    assert_ok(evh_signing_key_parse(&key, evh_view_of_text(NEUMANN_SECRET)));
    assert_ok(evh_sign_text(signature, &key, evh_view_of_text(NOTE)));
    assert_views_equal(evh_view_of(signature, sizeof signature),
                       evh_view_of(published.data + 4, EVH_SIGNATURE_LEN));
    evh_signing_key_clear(&key);
    evh_buffer_clear(&published);
}

static void expect_bad_secret(const char *text, evh_code code, const char *part)
{
    evh_signing_key key = {0};
    assert_fails_with(evh_signing_key_parse(&key, evh_view_of_text(text)), code, part);
    assert_null(key.secret);
    assert_int_equal(key.identity.name[0], 0);
}

static void test_signing_key_parse_malformed_parts(void **state)
{
    (void)state;
    expect_bad_secret("", EVH_ERR_ENCODING, "PRIVATE+KEY+");
    expect_bad_secret(NEUMANN, EVH_ERR_ENCODING, "PRIVATE+KEY+");
    expect_bad_secret("PRIVATE+KEY+", EVH_ERR_LENGTH, "key id");
    expect_bad_secret("PRIVATE+KEY+a b+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz",
                      EVH_ERR_ENCODING, "name");
    expect_bad_secret(
        "PRIVATE+KEY+PeterNeumann+c74f20a4+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz",
        EVH_ERR_KEY, "does not fit");
    expect_bad_secret(
        "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFy",
        EVH_ERR_KEY, "does not fit");
    expect_bad_secret(
        "PRIVATE+KEY+PeterNeumann+c74f20a3+BoEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz",
        EVH_ERR_TYPE, "0x06");
    expect_bad_secret(
        "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz\n\n",
        EVH_ERR_LENGTH, "45");
    expect_bad_secret(
        "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr Y7hfZx09iUvxdXHKDFz",
        EVH_ERR_ENCODING, "base64");
    for (size_t len = 0; len < sizeof NEUMANN_SECRET - 1; len++) {
        evh_signing_key key = {0};
        evh_status status = evh_signing_key_parse(&key, evh_view_of(NEUMANN_SECRET, len));
        assert_true(status.code == EVH_ERR_LENGTH || status.code == EVH_ERR_ENCODING);
        assert_null(key.secret);
    }
}

static void test_sign_is_bound_to_label_and_message(void **state)
{
    (void)state;
    evh_signing_key key = {0};
    evh_signing_key other = {0};
    key_from_seed(&key, vectors[0].seed);
    key_from_seed(&other, vectors[1].seed);
    uint8_t signature[EVH_SIGNATURE_LEN];
    const evh_view message = evh_view_of_text("message");
    assert_ok(evh_sign(signature, &key, "evenhand/test/1", message));
    assert_int_equal(verdict_on(&key.identity, "evenhand/test/1", message, signature),
                     EVH_SEAL_ACCEPTED);
    assert_int_equal(verdict_on(&key.identity, "evenhand/test/2", message, signature),
                     EVH_SEAL_REJECTED);
    assert_int_equal(
        verdict_on(&key.identity, "evenhand/test/1", evh_view_of_text("messagf"), signature),
        EVH_SEAL_REJECTED);
    assert_int_equal(
        verdict_on(&key.identity, "evenhand/test/1", evh_view_of_text("messag"), signature),
        EVH_SEAL_REJECTED);
    assert_int_equal(verdict_on(&other.identity, "evenhand/test/1", message, signature),
                     EVH_SEAL_REJECTED);
    for (size_t bit = 0; bit < 8 * sizeof signature; bit++) {
        signature[bit / 8] ^= (uint8_t)(1U << (bit % 8));
        assert_int_equal(verdict_on(&key.identity, "evenhand/test/1", message, signature),
                         EVH_SEAL_REJECTED);
        signature[bit / 8] ^= (uint8_t)(1U << (bit % 8));
    }
    evh_signing_key_clear(&key);
    evh_signing_key_clear(&other);
}

/* The framing as the reference page writes it, from its parts: the signature over it must be the
 * one that evh_sign makes. A text may not start that way. */
static void test_sign_frames_as_documented(void **state)
{
    (void)state;
    evh_signing_key key = {0};
    key_from_seed(&key, vectors[0].seed);
    evh_buffer framed = evh_buffer_init(256);
    uint8_t signature[EVH_SIGNATURE_LEN];
    assert_ok(evh_sign(signature, &key, "evenhand/test/1", evh_view_of_text("bytes")));
    assert_ok(evh_buffer_append(&framed, view_of_literal("\x01\x0f"
                                                         "evenhand/test/1"
                                                         "\0\0\0\0\0\0\0\x05"
                                                         "bytes")));
    evh_seal_verdict verdict = EVH_SEAL_ACCEPTED;
    assert_fails_with(evh_verify_text(&verdict, &key.identity, evh_buffer_view(&framed),
                                      evh_view_of(signature, sizeof signature)),
                      EVH_ERR_ARG, "not a text");
    assert_int_equal(verdict, EVH_SEAL_REJECTED);
    assert_fails(evh_sign_text(signature, &key, evh_buffer_view(&framed)), EVH_ERR_ARG);
    assert_int_equal(signature[0], 0);
    /* Known bytes: computed from the framing above with RFC 8032's reference arithmetic. */
    assert_ok(evh_sign(signature, &key, "evenhand/test/1", evh_view_of_text("bytes")));
    assert_bytes_hex(signature, sizeof signature,
                     "7dee3d29ce572b0b9210909a2058b0258ebca1f1953da68c27531071c9469b17"
                     "a2bb6eb0c5db0c0afef536a14c75acecfdb02f76120bb54cd6ca1b684e3e3e02");
    evh_buffer_clear(&framed);
    evh_signing_key_clear(&key);
}

/* S + L verifies under a careless check: (R, S + L) must be rejected. */
static void test_verify_rejects_malleated(void **state)
{
    (void)state;
    static const uint8_t order[32] = {0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58,
                                      0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14,
                                      0,    0,    0,    0,    0,    0,    0,    0,
                                      0,    0,    0,    0,    0,    0,    0,    0x10};
    evh_signing_key key = {0};
    key_from_seed(&key, vectors[0].seed);
    uint8_t signature[EVH_SIGNATURE_LEN];
    const evh_view message = evh_view_of_text("message");
    assert_ok(evh_sign(signature, &key, "evenhand/test/1", message));
    unsigned carry = 0;
    for (size_t i = 0; i < sizeof order; i++) {
        carry += (unsigned)signature[32 + i] + order[i];
        signature[32 + i] = (uint8_t)(carry & 0xff);
        carry >>= 8;
    }
    assert_int_equal(carry, 0);
    assert_int_equal(verdict_on(&key.identity, "evenhand/test/1", message, signature),
                     EVH_SEAL_REJECTED);
    evh_signing_key_clear(&key);
}

static void test_sign_refuses_bad_arguments(void **state)
{
    (void)state;
    evh_signing_key key = {0};
    evh_signing_key witness = {0};
    test_rng seeded;
    evh_rng rng = test_rng_seeded(&seeded, 5);
    uint8_t signature[EVH_SIGNATURE_LEN] = {1};
    uint8_t byte[1] = {0};
    const evh_view huge = evh_view_of(byte, SIZE_MAX);
    const evh_view message = evh_view_of_text("m");
    assert_fails_with(evh_sign(signature, &key, "l", message), EVH_ERR_ARG, "empty");
    assert_int_equal(signature[0], 0);
    assert_fails(evh_sign_text(signature, &key, message), EVH_ERR_ARG);
    evh_buffer text = evh_buffer_init(512);
    assert_fails(evh_signing_key_format(&text, &key), EVH_ERR_ARG);

    key_from_seed(&key, vectors[0].seed);
    char long_label[EVH_SIGN_LABEL_BYTES_MAX + 2];
    memset(long_label, 'l', sizeof long_label);
    long_label[sizeof long_label - 1] = 0;
    assert_fails_with(evh_sign(signature, &key, long_label, message), EVH_ERR_ARG, "not 65");
    assert_fails(evh_sign(signature, &key, "", message), EVH_ERR_ARG);
    assert_fails_with(evh_sign(signature, &key, "a b", message), EVH_ERR_ARG, "printable");
    assert_fails(evh_sign(signature, &key, "\xc3\xa9", message), EVH_ERR_ARG);
    assert_fails_with(evh_sign(signature, &key, "l", huge), EVH_ERR_RANGE, "over the limit");
    assert_fails(evh_sign_text(signature, &key, huge), EVH_ERR_RANGE);
    assert_fails(evh_sign_text(signature, &key, evh_view_of(NULL, 0)), EVH_ERR_ARG);

    assert_ok(evh_signing_key_generate(&witness, EVH_IDENTITY_COSIGNATURE,
                                       evh_view_of_text("witness"), &rng));
    assert_fails_with(evh_sign(signature, &witness, "l", message), EVH_ERR_TYPE, "0x04");
    assert_ok(evh_sign_text(signature, &witness, message));

    evh_seal_verdict verdict = EVH_SEAL_ACCEPTED;
    assert_fails_with(evh_verify(&verdict, &witness.identity, "l", message,
                                 evh_view_of(signature, sizeof signature)),
                      EVH_ERR_TYPE, "0x04");
    assert_int_equal(verdict, EVH_SEAL_REJECTED);
    assert_fails_with(evh_verify(&verdict, &key.identity, "l", message, evh_view_of(signature, 63)),
                      EVH_ERR_LENGTH, "not 63");
    assert_fails(evh_verify_text(&verdict, &key.identity, message, evh_view_of(signature, 65)),
                 EVH_ERR_LENGTH);
    evh_signing_key_clear(&witness);
    evh_signing_key_clear(&key);
}

static void test_signing_key_generate_failures(void **state)
{
    (void)state;
    uint8_t bytes[31] = {0};
    test_script script;
    evh_rng dry = test_rng_scripted(&script, evh_view_of(bytes, sizeof bytes));
    test_rng seeded;
    evh_rng rng = test_rng_seeded(&seeded, 6);
    evh_signing_key key = {0};
    const evh_view name = evh_view_of_text("name");
    assert_fails(evh_signing_key_generate(&key, EVH_IDENTITY_ED25519, name, &dry), EVH_ERR_RNG);
    assert_null(key.secret);
    assert_fails(evh_signing_key_generate(&key, EVH_IDENTITY_ED25519, evh_view_of_text("a+"), &rng),
                 EVH_ERR_ENCODING);
    assert_fails(evh_signing_key_generate(&key, (evh_identity_type)9, name, &rng), EVH_ERR_TYPE);
    assert_null(key.secret);
}

int run_signing_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sign_text_vectors_of_the_rfc),
        cmocka_unit_test(test_signing_key_parse_published_key),
        cmocka_unit_test(test_sign_text_published_note),
        cmocka_unit_test(test_signing_key_parse_malformed_parts),
        cmocka_unit_test(test_sign_is_bound_to_label_and_message),
        cmocka_unit_test(test_sign_frames_as_documented),
        cmocka_unit_test(test_verify_rejects_malleated),
        cmocka_unit_test(test_sign_refuses_bad_arguments),
        cmocka_unit_test(test_signing_key_generate_failures),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
