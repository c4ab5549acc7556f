/* SPDX-License-Identifier: Apache-2.0 */
#include "evenhand/seal/hash.h"

#include <string.h>

#include "support/test.h"
#include "tests.h"

/* FIPS 180-4 examples. */
static void test_sha256_vectors(void **state)
{
    (void)state;
    uint8_t out[EVH_SHA256_LEN];
    assert_ok(evh_sha256(out, evh_view_of(NULL, 0)));
    assert_bytes_hex(out, sizeof out,
                     "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    assert_ok(evh_sha256(out, evh_view_of_text("abc")));
    assert_bytes_hex(out, sizeof out,
                     "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    assert_ok(evh_sha256(
        out, evh_view_of_text("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq")));
    assert_bytes_hex(out, sizeof out,
                     "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
}

static void test_sha256_parts_is_concatenation(void **state)
{
    (void)state;
    uint8_t bytes[200];
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (uint8_t)(7 * i);
    uint8_t whole[EVH_SHA256_LEN];
    assert_ok(evh_sha256(whole, evh_view_of(bytes, sizeof bytes)));
    for (size_t cut = 0; cut <= sizeof bytes; cut++) {
        const evh_view parts[3] = {evh_view_of(bytes, cut), evh_view_of(NULL, 0),
                                   evh_view_of(bytes + cut, sizeof bytes - cut)};
        uint8_t out[EVH_SHA256_LEN];
        assert_ok(evh_sha256_parts(out, parts, 3));
        assert_views_equal(evh_view_of(out, sizeof out), evh_view_of(whole, sizeof whole));
    }
}

static void test_sha256_state_life(void **state)
{
    (void)state;
    evh_sha256_state running = {0};
    uint8_t out[EVH_SHA256_LEN] = {1};
    assert_fails_with(evh_sha256_update(&running, evh_view_of_text("a")), EVH_ERR_ARG, "started");
    assert_fails(evh_sha256_finish(&running, out), EVH_ERR_ARG);
    assert_int_equal(out[0], 0);
    for (int round = 0; round < 2; round++) {
        assert_ok(evh_sha256_start(&running));
        assert_ok(evh_sha256_update(&running, evh_view_of_text("a")));
        assert_ok(evh_sha256_update(&running, evh_view_of_text("bc")));
        assert_ok(evh_sha256_finish(&running, out));
        assert_bytes_hex(out, sizeof out,
                         "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
        assert_null(running.context);
    }
    assert_ok(evh_sha256_start(&running));
    evh_sha256_clear(&running);
    evh_sha256_clear(&running);
    assert_null(running.context);
}

typedef struct hkdf_vector {
    const char *ikm;
    const char *salt;
    const char *info;
    const char *key;
    const char *okm;
} hkdf_vector;

/* RFC 5869 appendix A.1 to A.3. */
static const hkdf_vector hkdf_vectors[] = {
    {"0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b", "000102030405060708090a0b0c",
     "f0f1f2f3f4f5f6f7f8f9", "077709362c2e32df0ddc3f0dc47bba6390b6c73bb50f9c3122ec844ad7c2b3e5",
     "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865"},
    {"000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f20212223242526272829"
     "2a2b2c2d2e2f303132333435363738393a3b3c3d3e3f404142434445464748494a4b4c4d4e4f",
     "606162636465666768696a6b6c6d6e6f707172737475767778797a7b7c7d7e7f80818283848586878889"
     "8a8b8c8d8e8f909192939495969798999a9b9c9d9e9fa0a1a2a3a4a5a6a7a8a9aaabacadaeaf",
     "b0b1b2b3b4b5b6b7b8b9babbbcbdbebfc0c1c2c3c4c5c6c7c8c9cacbcccdcecfd0d1d2d3d4d5d6d7d8d9"
     "dadbdcdddedfe0e1e2e3e4e5e6e7e8e9eaebecedeeeff0f1f2f3f4f5f6f7f8f9fafbfcfdfeff",
     "06a6b88c5853361a06104c9ceb35b45cef760014904671014a193f40c15fc244",
     "b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c"
     "59045a99cac7827271cb41c65e590e09da3275600c2f09b8367793a9aca3db71"
     "cc30c58179ec3e87c14c01d5c1f3434f1d87"},
    {"0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b", "", "",
     "19ef24a32c717b167f33a91d6f648bdf96596776afdb6377ac434c1c293ccb04",
     "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8"}};

static void check_hkdf(const hkdf_vector *vector)
{
    evh_buffer ikm = evh_buffer_init(256);
    evh_buffer salt = evh_buffer_init(256);
    evh_buffer info = evh_buffer_init(256);
    test_hex(&ikm, vector->ikm);
    test_hex(&salt, vector->salt);
    test_hex(&info, vector->info);
    size_t len = strlen(vector->okm) / 2;
    uint8_t okm[96];
    assert_ok(
        evh_hkdf(okm, len, evh_buffer_view(&salt), evh_buffer_view(&ikm), evh_buffer_view(&info)));
    assert_bytes_hex(okm, len, vector->okm);

    evh_seed32 key;
    assert_ok(evh_hkdf_extract(&key, evh_buffer_view(&salt), evh_buffer_view(&ikm)));
    assert_bytes_hex(key.bytes, sizeof key.bytes, vector->key);
    memset(okm, 0, sizeof okm);
    assert_ok(evh_hkdf_expand(okm, len, &key, evh_buffer_view(&info)));
    assert_bytes_hex(okm, len, vector->okm);
    evh_buffer_clear(&ikm);
    evh_buffer_clear(&salt);
    evh_buffer_clear(&info);
}

static void test_hkdf_vectors(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof hkdf_vectors / sizeof hkdf_vectors[0]; i++)
        check_hkdf(&hkdf_vectors[i]);
}

static void test_hkdf_lengths(void **state)
{
    (void)state;
    static uint8_t out[EVH_HKDF_LEN_MAX + 1];
    static const uint8_t info[EVH_HKDF_INFO_BYTES_MAX + 1];
    evh_view empty = evh_view_of(NULL, 0);
    evh_view ikm = evh_view_of_text("keying material");
    evh_seed32 key = {{1}};
    assert_ok(
        evh_hkdf(out, EVH_HKDF_LEN_MAX, empty, ikm, evh_view_of(info, EVH_HKDF_INFO_BYTES_MAX)));
    assert_fails_with(evh_hkdf(out, EVH_HKDF_LEN_MAX + 1, empty, ikm, empty), EVH_ERR_ARG, "8161");
    assert_int_equal(out[0], 0);
    assert_fails(evh_hkdf(out, 0, empty, ikm, empty), EVH_ERR_ARG);
    assert_fails_with(evh_hkdf(out, 32, empty, empty, empty), EVH_ERR_ARG, "keying material");
    assert_fails_with(evh_hkdf(out, 32, empty, ikm, evh_view_of(info, sizeof info)), EVH_ERR_ARG,
                      "1025");
    assert_fails(evh_hkdf_extract(&key, empty, empty), EVH_ERR_ARG);
    assert_int_equal(key.bytes[0], 0);
    assert_fails(evh_hkdf_expand(out, EVH_HKDF_LEN_MAX + 1, &key, empty), EVH_ERR_ARG);
    assert_fails(evh_hkdf_expand(out, 32, &key, evh_view_of(info, sizeof info)), EVH_ERR_ARG);
}

/* Expected values from Python's hashlib.blake2b with key 00..1f over LE64(length) | part, ... */
static void test_keyed_hash_known_values(void **state)
{
    (void)state;
    evh_seed32 key;
    for (size_t i = 0; i < sizeof key.bytes; i++)
        key.bytes[i] = (uint8_t)i;
    const evh_view two[2] = {evh_view_of_text("ab"), evh_view_of_text("c")};
    const evh_view one[1] = {evh_view_of_text("abc")};
    uint8_t out[EVH_KEYED_HASH_LEN];
    evh_keyed_hash(out, &key, two, 2);
    assert_bytes_hex(out, sizeof out,
                     "ee9c1ef8884408a5503c0192f0793a454251090ca52c8718e872dcb1eb473861");
    evh_keyed_hash(out, &key, one, 1);
    assert_bytes_hex(out, sizeof out,
                     "5b73af91afe1f77d7b5bef28845d1e84042bb4f8ff72b77a01ae8cf3523ce65f");
    evh_keyed_hash(out, &key, NULL, 0);
    assert_bytes_hex(out, sizeof out,
                     "4e51e7a913fc80137da52880fecca175bf81e117d5c68126dc2774033517ea0d");
}

static void test_order_key_is_half_a_keyed_hash(void **state)
{
    (void)state;
    evh_seed32 secret = {{42}};
    const evh_view parts[2] = {evh_view_of_text("purpose"), evh_view_of_text("plan")};
    uint8_t hash[EVH_KEYED_HASH_LEN];
    evh_order_key key;
    evh_keyed_hash(hash, &secret, parts, 2);
    evh_order_key_derive(&key, &secret, parts, 2);
    assert_views_equal(evh_view_of(key.bytes, sizeof key.bytes),
                       evh_view_of(hash, sizeof key.bytes));
}

/* The SipHash-2-4 reference vectors: key 00..0f, message 00 01 02 ... */
static void test_order_hash_vectors(void **state)
{
    (void)state;
    evh_order_key key;
    uint8_t message[16];
    for (size_t i = 0; i < sizeof key.bytes; i++)
        message[i] = key.bytes[i] = (uint8_t)i;
    assert_true(evh_order_hash(&key, evh_view_of(NULL, 0)) == 0x726fdb47dd0e0e31);
    assert_true(evh_order_hash(&key, evh_view_of(message, 1)) == 0x74f839c593dc67fd);
    assert_true(evh_order_hash(&key, evh_view_of(message, 2)) == 0x0d6c8009d9a94f5a);
    assert_true(evh_order_hash(&key, evh_view_of(message, 15)) == 0xa129ca6149be45e5);
    key.bytes[0] ^= 1;
    assert_false(evh_order_hash(&key, evh_view_of(message, 15)) == 0xa129ca6149be45e5);
}

int run_hash_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sha256_vectors),
        cmocka_unit_test(test_sha256_parts_is_concatenation),
        cmocka_unit_test(test_sha256_state_life),
        cmocka_unit_test(test_hkdf_vectors),
        cmocka_unit_test(test_hkdf_lengths),
        cmocka_unit_test(test_keyed_hash_known_values),
        cmocka_unit_test(test_order_key_is_half_a_keyed_hash),
        cmocka_unit_test(test_order_hash_vectors),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
