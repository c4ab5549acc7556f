/* SPDX-License-Identifier: Apache-2.0 */
#include "evenhand/seal/hpke.h"

#include <string.h>

#include "support/test.h"
#include "tests.h"

/* RFC 9180 appendix A.1.1 and A.2.1 (mode base), the first encryption of each. ikmE is what our
 * sender draws, so that sealing itself gives the published bytes. */
typedef struct hpke_vector {
    uint16_t aead;
    const char *seed_sender;
    const char *enc;
    const char *seed_receiver;
    const char *public_key;
    const char *secret_key;
    const char *sealed;
} hpke_vector;

static const char INFO[] = "4f6465206f6e2061204772656369616e2055726e";
static const char PLAIN[] = "4265617574792069732074727574682c20747275746820626561757479";
static const char AAD[] = "436f756e742d30";

static const hpke_vector vectors[] = {
    {EVH_HPKE_AEAD_AES128GCM, "7268600d403fce431561aef583ee1613527cff655c1343f29812e66706df3234",
     "37fda3567bdbd628e88668c3c8d7e97d1d1253b6d4ea6d44c150f741f1bf4431",
     "6db9df30aa07dd42ee5e8181afdb977e538f5e1fec8a06223f33f7013e525037",
     "3948cfe0ad1ddb695d780e59077195da6c56506b027329794ab02bca80815c4d",
     "4612c550263fc8ad58375df3f557aac531d26850903e55a9f23f21d8534e8ac8",
     "f938558b5d72f1a23810b4be2ab4f84331acc02fc97babc53a52ae8218a355a9"
     "6d8770ac83d07bea87e13c512a"},
    {EVH_HPKE_AEAD_CHACHA20POLY1305,
     "909a9b35d3dc4713a5e72a4da274b55d3d3821a37e5d099e74a647db583a904b",
     "1afa08d3dec047a643885163f1180476fa7ddb54c6a8029ea33f95796bf2ac4a",
     "1ac01f181fdf9f352797655161c58b75c656a6cc2716dcb66372da835542e1df",
     "4310ee97d88cc1f088a5576c77ab0cf5c3ac797f3d95139c6c84b5429c59662a",
     "8057991eef8f1f1af18f4a9491d16a1ce333f695d4db8e38da75975c4478e0fb",
     "1c5250d8034ec2b784ba2cfd69dbdb8af406cfe3ff938e131f0def8c8b60b4db"
     "21993c62ce81883d2dd1b51a28"}};

static void hex_to(uint8_t *out, size_t len, const char *hex)
{
    assert_ok(evh_hex_decode(out, len, evh_view_of_text(hex)));
}

static void check_key_pair(const hpke_vector *vector)
{
    evh_hpke_secret_key *secret = NULL;
    evh_hpke_public_key public_key;
    uint8_t bytes[EVH_HPKE_KEY_LEN];
    hex_to(bytes, sizeof bytes, vector->seed_receiver);
    assert_ok(evh_hpke_key_derive(&secret, &public_key, evh_view_of(bytes, sizeof bytes)));
    assert_bytes_hex(secret->bytes, sizeof secret->bytes, vector->secret_key);
    assert_bytes_hex(public_key.bytes, sizeof public_key.bytes, vector->public_key);
    evh_hpke_secret_key_free(&secret);

    hex_to(bytes, sizeof bytes, vector->secret_key);
    assert_ok(evh_hpke_key_load(&secret, &public_key, evh_view_of(bytes, sizeof bytes)));
    assert_bytes_hex(public_key.bytes, sizeof public_key.bytes, vector->public_key);
    evh_hpke_secret_key_free(&secret);
    assert_null(secret);
}

static void check_messages(const hpke_vector *vector)
{
    uint8_t info[20];
    uint8_t plain[29];
    uint8_t aad[7];
    uint8_t seed[EVH_HPKE_SEED_LEN];
    evh_hpke_public_key to;
    evh_hpke_secret_key *secret = NULL;
    uint8_t bytes[EVH_HPKE_KEY_LEN];
    hex_to(info, sizeof info, INFO);
    hex_to(plain, sizeof plain, PLAIN);
    hex_to(aad, sizeof aad, AAD);
    hex_to(seed, sizeof seed, vector->seed_sender);
    hex_to(bytes, sizeof bytes, vector->secret_key);
    assert_ok(evh_hpke_key_load(&secret, &to, evh_view_of(bytes, sizeof bytes)));

    const evh_hpke_context context = {
        .suite = {EVH_HPKE_KEM_X25519_SHA256, EVH_HPKE_KDF_SHA256, vector->aead},
        .info = evh_view_of(info, sizeof info),
        .aad = evh_view_of(aad, sizeof aad)};
    test_script script;
    evh_rng rng = test_rng_scripted(&script, evh_view_of(seed, sizeof seed));
    evh_buffer sealed = evh_buffer_init(256);
    assert_ok(evh_hpke_seal(&sealed, &context, &to, evh_view_of(plain, sizeof plain), &rng));
    assert_int_equal(sealed.len, sizeof plain + EVH_HPKE_OVERHEAD);
    assert_bytes_hex(sealed.data, EVH_HPKE_KEY_LEN, vector->enc);
    assert_bytes_hex(sealed.data + EVH_HPKE_KEY_LEN, sealed.len - EVH_HPKE_KEY_LEN, vector->sealed);

    evh_seal_verdict verdict = EVH_SEAL_REJECTED;
    evh_buffer opened = evh_buffer_init(256);
    assert_ok(evh_hpke_open(&opened, &verdict, &context, secret, evh_buffer_view(&sealed)));
    assert_int_equal(verdict, EVH_SEAL_ACCEPTED);
    assert_views_equal(evh_buffer_view(&opened), evh_view_of(plain, sizeof plain));
    evh_buffer_clear(&opened);
    evh_buffer_clear(&sealed);
    evh_hpke_secret_key_free(&secret);
}

static void test_hpke_key_pairs_of_the_rfc(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof vectors / sizeof vectors[0]; i++)
        check_key_pair(&vectors[i]);
}

static void test_hpke_messages_of_the_rfc(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof vectors / sizeof vectors[0]; i++)
        check_messages(&vectors[i]);
}

static void check_round_trip(evh_hpke_suite suite, size_t len, const evh_rng *rng)
{
    evh_hpke_secret_key *secret = NULL;
    evh_hpke_public_key to;
    assert_ok(evh_hpke_key_generate(&secret, &to, rng));
    evh_buffer plain = evh_buffer_init(100000);
    uint8_t *bytes = NULL;
    assert_ok(evh_buffer_extend(&plain, len, &bytes));
    assert_ok(evh_rng_fill(rng, bytes, len));
    const evh_hpke_context context = {.suite = suite};
    evh_buffer sealed = evh_buffer_init(100000);
    evh_buffer opened = evh_buffer_init(100000);
    evh_seal_verdict verdict = EVH_SEAL_REJECTED;
    /* Both append: what stood in the buffers stays. */
    assert_ok(evh_buffer_append(&sealed, evh_view_of_text("head")));
    assert_ok(evh_buffer_append(&opened, evh_view_of_text("front")));
    assert_ok(evh_hpke_seal(&sealed, &context, &to, evh_buffer_view(&plain), rng));
    assert_ok(evh_hpke_open(&opened, &verdict, &context, secret,
                            evh_view_of(sealed.data + 4, sealed.len - 4)));
    assert_int_equal(verdict, EVH_SEAL_ACCEPTED);
    assert_views_equal(evh_view_of(opened.data, 5), evh_view_of_text("front"));
    assert_views_equal(evh_view_of(opened.data + 5, opened.len - 5), evh_buffer_view(&plain));
    evh_buffer_clear(&opened);
    evh_buffer_clear(&sealed);
    evh_buffer_clear(&plain);
    evh_hpke_secret_key_free(&secret);
}

static void test_hpke_round_trip_lengths(void **state)
{
    (void)state;
    static const size_t lens[] = {0, 1, 15, 16, 17, 255, 4096, 70001};
    test_rng seeded;
    evh_rng rng = test_rng_seeded(&seeded, 1);
    for (size_t i = 0; i < sizeof lens / sizeof lens[0]; i++) {
        check_round_trip(evh_hpke_suite_aes128gcm(), lens[i], &rng);
        check_round_trip(evh_hpke_suite_chacha20poly1305(), lens[i], &rng);
    }
}

static void test_hpke_seal_draws_afresh(void **state)
{
    (void)state;
    test_rng seeded;
    evh_rng rng = test_rng_seeded(&seeded, 2);
    evh_hpke_secret_key *secret = NULL;
    evh_hpke_public_key to;
    assert_ok(evh_hpke_key_generate(&secret, &to, &rng));
    const evh_hpke_context context = {.suite = evh_hpke_suite_aes128gcm()};
    evh_buffer one = evh_buffer_init(256);
    evh_buffer two = evh_buffer_init(256);
    assert_ok(evh_hpke_seal(&one, &context, &to, evh_view_of_text("same"), &rng));
    assert_ok(evh_hpke_seal(&two, &context, &to, evh_view_of_text("same"), &rng));
    assert_int_equal(one.len, two.len);
    assert_memory_not_equal(one.data, two.data, EVH_HPKE_KEY_LEN);
    assert_memory_not_equal(one.data + EVH_HPKE_KEY_LEN, two.data + EVH_HPKE_KEY_LEN, 4);
    evh_buffer_clear(&one);
    evh_buffer_clear(&two);
    evh_hpke_secret_key_free(&secret);
}

int run_hpke_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_hpke_key_pairs_of_the_rfc),
        cmocka_unit_test(test_hpke_messages_of_the_rfc),
        cmocka_unit_test(test_hpke_round_trip_lengths),
        cmocka_unit_test(test_hpke_seal_draws_afresh),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
