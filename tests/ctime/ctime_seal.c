/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "evenhand/base/secret.h"
#include "evenhand/seal/hash.h"
#include "evenhand/seal/key_ring.h"
#include "support/test.h"

/* Secret bytes, as a generator would give them. */
static evh_status secret_fill(void *context, uint8_t *out, size_t len)
{
    (void)context;
    for (size_t i = 0; i < len; i++)
        out[i] = (uint8_t)(0x31 + 7 * i);
    evh_mark_secret(out, len);
    return evh_ok();
}

static evh_rng secret_rng(void)
{
    evh_rng rng = {.fill = secret_fill, .context = NULL};
    return rng;
}

static void secret_bytes(uint8_t *out, size_t len)
{
    const evh_rng rng = secret_rng();
    assert_ok(evh_rng_fill(&rng, out, len));
}

static void test_hashes_hide_keys_and_messages(void **state)
{
    (void)state;
    evh_seed32 key;
    evh_order_key order_key;
    uint8_t message[100];
    uint8_t hash[EVH_SHA256_LEN];
    secret_bytes(key.bytes, sizeof key.bytes);
    secret_bytes(message, sizeof message);
    const evh_view view = evh_view_of(message, sizeof message);
    assert_ok(evh_sha256(hash, view));
    evh_keyed_hash(hash, &key, &view, 1);
    evh_order_key_derive(&order_key, &key, &view, 1);
    uint64_t order = evh_order_hash(&order_key, view);
    evh_declassify(&order, sizeof order, "the order of records is visible in what is used");
    assert_true(order != 0);
    assert_ok(evh_hkdf(hash, sizeof hash, view, evh_view_of(key.bytes, sizeof key.bytes),
                       evh_view_of_text("info")));
    evh_declassify(hash, sizeof hash, "the test looks at it");
    evh_declassify(message, sizeof message, "the test looks at it");
    assert_memory_not_equal(hash, message, sizeof hash);
}

static void check_hpke(evh_hpke_suite suite)
{
    const evh_rng rng = secret_rng();
    evh_hpke_secret_key *secret = NULL;
    evh_hpke_public_key public_key;
    uint8_t plain[1000];
    secret_bytes(plain, sizeof plain);
    assert_ok(evh_hpke_key_generate(&secret, &public_key, &rng));
    const evh_hpke_context context = {.suite = suite, .info = evh_view_of_text("info")};
    evh_buffer sealed = evh_buffer_init(2000);
    evh_buffer opened = evh_buffer_init(2000);
    evh_seal_verdict verdict = EVH_SEAL_REJECTED;
    assert_ok(
        evh_hpke_seal(&sealed, &context, &public_key, evh_view_of(plain, sizeof plain), &rng));
    assert_ok(evh_hpke_open(&opened, &verdict, &context, secret, evh_buffer_view(&sealed)));
    assert_int_equal(verdict, EVH_SEAL_ACCEPTED);
    bool same = opened.len == sizeof plain && evh_equal_ct(opened.data, plain, sizeof plain);
    evh_declassify(&same, sizeof same, "the test checks it");
    assert_true(same);
    sealed.data[sealed.len - 1] ^= 1;
    evh_buffer_clear(&opened);
    assert_ok(evh_hpke_open(&opened, &verdict, &context, secret, evh_buffer_view(&sealed)));
    assert_int_equal(verdict, EVH_SEAL_REJECTED);
    evh_buffer_clear(&opened);
    evh_buffer_clear(&sealed);
    evh_hpke_secret_key_free(&secret);
}

static void test_hpke_hides_keys_and_plaintexts(void **state)
{
    (void)state;
    check_hpke(evh_hpke_suite_aes128gcm());
    check_hpke(evh_hpke_suite_chacha20poly1305());
}

static void test_signing_hides_the_key(void **state)
{
    (void)state;
    const evh_rng rng = secret_rng();
    evh_signing_key key = {0};
    uint8_t signature[EVH_SIGNATURE_LEN];
    assert_ok(evh_signing_key_generate(&key, EVH_IDENTITY_ED25519, evh_view_of_text("n"), &rng));
    evh_buffer text = evh_buffer_init(512);
    assert_ok(evh_signing_key_format(&text, &key));
    assert_ok(evh_sign(signature, &key, "evenhand/test/1", evh_view_of_text("m")));
    evh_seal_verdict verdict = EVH_SEAL_REJECTED;
    evh_declassify(signature, sizeof signature, "a signature is public");
    assert_ok(evh_verify(&verdict, &key.identity, "evenhand/test/1", evh_view_of_text("m"),
                         evh_view_of(signature, sizeof signature)));
    assert_int_equal(verdict, EVH_SEAL_ACCEPTED);
    evh_buffer_clear(&text);
    evh_signing_key_clear(&key);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_hashes_hide_keys_and_messages),
        cmocka_unit_test(test_hpke_hides_keys_and_plaintexts),
        cmocka_unit_test(test_signing_hides_the_key),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
