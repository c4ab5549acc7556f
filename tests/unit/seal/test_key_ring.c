/* SPDX-License-Identifier: Apache-2.0 */
#include "evenhand/seal/key_ring.h"

#include <string.h>

#include "support/test.h"
#include "tests.h"

static void add_key(evh_key_ring *ring, evh_key_id *id, uint64_t seed)
{
    test_rng seeded;
    evh_rng rng = test_rng_seeded(&seeded, seed);
    evh_hpke_secret_key *secret = NULL;
    evh_hpke_public_key public_key;
    const evh_hpke_suite suite =
        seed % 2 == 0 ? evh_hpke_suite_aes128gcm() : evh_hpke_suite_chacha20poly1305();
    assert_ok(evh_hpke_key_generate(&secret, &public_key, &rng));
    assert_ok(evh_key_ring_add_take(ring, id, suite, &secret));
    assert_null(secret);
    evh_key_config config;
    assert_ok(evh_key_ring_find(ring, &config, id));
    assert_memory_equal(config.key.bytes, public_key.bytes, sizeof public_key.bytes);
    assert_int_equal(config.suite.aead, suite.aead);
}

static void seal_to(evh_buffer *out, const evh_key_ring *ring, const evh_key_id *id)
{
    test_rng seeded;
    evh_rng rng = test_rng_seeded(&seeded, 77);
    evh_key_config config;
    assert_ok(evh_key_ring_find(ring, &config, id));
    assert_ok(evh_seal(out, &config, evh_view_of_text("info"), evh_view_of_text("aad"),
                       evh_view_of_text("plain"), &rng));
    assert_int_equal(out->len, 5 + EVH_SEALED_OVERHEAD);
    assert_memory_equal(out->data, id->bytes, sizeof id->bytes);
}

static evh_status open_with(const evh_key_ring *ring, evh_view sealed, const char *aad,
                            evh_seal_verdict *verdict)
{
    evh_buffer opened = evh_buffer_init(64);
    evh_status status = evh_key_ring_open(ring, &opened, verdict, evh_view_of_text("info"),
                                          evh_view_of_text(aad), sealed);
    if (*verdict == EVH_SEAL_ACCEPTED)
        assert_views_equal(evh_buffer_view(&opened), evh_view_of_text("plain"));
    else
        assert_int_equal(opened.len, 0);
    evh_buffer_clear(&opened);
    return status;
}

static void test_key_ring_opens_with_the_named_key(void **state)
{
    (void)state;
    evh_key_ring *ring = NULL;
    evh_key_id ids[20];
    evh_seal_verdict verdict = EVH_SEAL_REJECTED;
    assert_ok(evh_key_ring_new(&ring));
    for (uint64_t i = 0; i < 20; i++)
        add_key(ring, &ids[i], i);
    for (size_t i = 0; i < 20; i++) {
        evh_buffer sealed = evh_buffer_init(256);
        seal_to(&sealed, ring, &ids[i]);
        assert_ok(open_with(ring, evh_buffer_view(&sealed), "aad", &verdict));
        assert_int_equal(verdict, EVH_SEAL_ACCEPTED);
        assert_ok(open_with(ring, evh_buffer_view(&sealed), "other", &verdict));
        assert_int_equal(verdict, EVH_SEAL_REJECTED);
        memcpy(sealed.data, ids[(i + 2) % 20].bytes, EVH_KEY_ID_LEN);
        assert_ok(open_with(ring, evh_buffer_view(&sealed), "aad", &verdict));
        assert_int_equal(verdict, EVH_SEAL_REJECTED);
        evh_buffer_clear(&sealed);
    }
    evh_key_ring_free(&ring);
    assert_null(ring);
    evh_key_ring_free(&ring);
}

static void test_key_ring_unknown_id(void **state)
{
    (void)state;
    evh_key_ring *ring = NULL;
    evh_key_id id;
    evh_buffer sealed = evh_buffer_init(256);
    evh_seal_verdict verdict = EVH_SEAL_ACCEPTED;
    evh_key_config config;
    const evh_hpke_secret_key *secret = (const evh_hpke_secret_key *)&id;
    assert_ok(evh_key_ring_new(&ring));
    add_key(ring, &id, 1);
    seal_to(&sealed, ring, &id);
    for (size_t i = 0; i < EVH_KEY_ID_LEN; i++) {
        sealed.data[i] ^= 1;
        assert_fails_with(open_with(ring, evh_buffer_view(&sealed), "aad", &verdict), EVH_ERR_KEY,
                          "no key with the id");
        assert_int_equal(verdict, EVH_SEAL_REJECTED);
        sealed.data[i] ^= 1;
    }
    id.bytes[31] ^= 1;
    assert_fails(evh_key_ring_find(ring, &config, &id), EVH_ERR_KEY);
    assert_int_equal(config.suite.kem, 0);
    assert_fails(evh_key_ring_secret(ring, &secret, &id), EVH_ERR_KEY);
    assert_null(secret);
    assert_fails(evh_key_ring_remove(ring, &id), EVH_ERR_KEY);
    id.bytes[31] ^= 1;
    assert_ok(evh_key_ring_secret(ring, &secret, &id));
    assert_non_null(secret);
    assert_fails(
        open_with(ring, evh_view_of(sealed.data, EVH_SEALED_OVERHEAD - 1), "aad", &verdict),
        EVH_ERR_LENGTH);
    assert_ok(evh_key_ring_remove(ring, &id));
    assert_fails(open_with(ring, evh_buffer_view(&sealed), "aad", &verdict), EVH_ERR_KEY);
    evh_buffer_clear(&sealed);
    evh_key_ring_free(&ring);
}

static void test_key_ring_remove_keeps_the_others(void **state)
{
    (void)state;
    evh_key_ring *ring = NULL;
    evh_key_id ids[3];
    evh_key_config config;
    assert_ok(evh_key_ring_new(&ring));
    for (uint64_t i = 0; i < 3; i++)
        add_key(ring, &ids[i], i);
    assert_ok(evh_key_ring_remove(ring, &ids[0]));
    assert_fails(evh_key_ring_find(ring, &config, &ids[0]), EVH_ERR_KEY);
    assert_ok(evh_key_ring_find(ring, &config, &ids[1]));
    assert_ok(evh_key_ring_find(ring, &config, &ids[2]));
    evh_key_ring_free(&ring);
}

static void test_key_ring_add_refusals(void **state)
{
    (void)state;
    test_rng seeded;
    evh_rng rng = test_rng_seeded(&seeded, 9);
    evh_key_ring *ring = NULL;
    evh_key_id id;
    evh_hpke_secret_key *secret = NULL;
    evh_hpke_secret_key *again = NULL;
    evh_hpke_public_key public_key;
    assert_ok(evh_key_ring_new(&ring));
    assert_ok(evh_hpke_key_generate(&secret, &public_key, &rng));
    assert_ok(
        evh_hpke_key_load(&again, &public_key, evh_view_of(secret->bytes, sizeof secret->bytes)));
    evh_hpke_suite bad = evh_hpke_suite_aes128gcm();
    bad.kem = 0x10;
    memset(&id, 0xa5, sizeof id);
    assert_fails_with(evh_key_ring_add_take(ring, &id, bad, &secret), EVH_ERR_TYPE, "KEM");
    assert_non_null(secret);
    assert_int_equal(id.bytes[0], 0);
    assert_ok(evh_key_ring_add_take(ring, NULL, evh_hpke_suite_aes128gcm(), &secret));
    assert_fails_with(evh_key_ring_add_take(ring, NULL, evh_hpke_suite_aes128gcm(), &again),
                      EVH_ERR_KEY, "already");
    assert_non_null(again);
    /* The same key under another suite has another id. */
    assert_ok(evh_key_ring_add_take(ring, NULL, evh_hpke_suite_chacha20poly1305(), &again));
    evh_key_ring_free(&ring);
}

static void test_seal_refusals(void **state)
{
    (void)state;
    test_rng seeded;
    evh_rng rng = test_rng_seeded(&seeded, 10);
    evh_key_config config = {.suite = evh_hpke_suite_aes128gcm()};
    const evh_view nothing = evh_view_of(NULL, 0);
    evh_buffer out = evh_buffer_init(256);
    assert_fails_with(evh_seal(&out, &config, nothing, nothing, nothing, &rng), EVH_ERR_KEY,
                      "low order");
    assert_int_equal(out.len, 0);
    config.suite.aead = 7;
    assert_fails(evh_seal(&out, &config, nothing, nothing, nothing, &rng), EVH_ERR_TYPE);
    assert_int_equal(out.len, 0);
    evh_buffer_clear(&out);
}

int run_key_ring_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_key_ring_opens_with_the_named_key),
        cmocka_unit_test(test_key_ring_unknown_id),
        cmocka_unit_test(test_key_ring_remove_keeps_the_others),
        cmocka_unit_test(test_key_ring_add_refusals),
        cmocka_unit_test(test_seal_refusals),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
