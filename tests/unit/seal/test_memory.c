/* SPDX-License-Identifier: Apache-2.0
 * Every allocation of ours failing in turn: an error, no partial output, no leak. */
#include <string.h>

#include "evenhand/seal/key_ring.h"
#include "support/alloc_fail.h"
#include "support/test.h"
#include "tests.h"

static evh_status seal_and_open(void *context)
{
    (void)context;
    evh_status status = evh_ok();
    test_rng seeded;
    evh_rng rng = test_rng_seeded(&seeded, 1);
    evh_key_ring *ring = NULL;
    evh_hpke_secret_key *secret = NULL;
    evh_hpke_public_key public_key;
    evh_key_id id;
    evh_key_config config;
    evh_seal_verdict verdict = EVH_SEAL_REJECTED;
    evh_buffer sealed = evh_buffer_init(256);
    evh_buffer opened = evh_buffer_init(256);
    EVH_TRY(evh_key_ring_new(&ring));
    EVH_TRY(evh_hpke_key_generate(&secret, &public_key, &rng));
    EVH_TRY(evh_key_ring_add_take(ring, &id, evh_hpke_suite_aes128gcm(), &secret));
    EVH_TRY(evh_key_ring_find(ring, &config, &id));
    EVH_TRY(evh_seal(&sealed, &config, evh_view_of_text("i"), evh_view_of_text("a"),
                     evh_view_of_text("plain"), &rng));
    EVH_TRY(evh_key_ring_open(ring, &opened, &verdict, evh_view_of_text("i"), evh_view_of_text("a"),
                              evh_buffer_view(&sealed)));
    EVH_REQUIRE(verdict == EVH_SEAL_ACCEPTED && opened.len == 5, EVH_ERR_INTERNAL, "not opened");
done:
    if (status.code != EVH_OK)
        assert_int_equal(opened.len, 0);
    evh_buffer_clear(&opened);
    evh_buffer_clear(&sealed);
    evh_hpke_secret_key_free(&secret);
    evh_key_ring_free(&ring);
    return status;
}

static evh_status sign_and_verify(void *context)
{
    (void)context;
    evh_status status = evh_ok();
    test_rng seeded;
    evh_rng rng = test_rng_seeded(&seeded, 2);
    evh_signing_key key = {0};
    evh_signing_key parsed = {0};
    evh_key_config config = {.suite = evh_hpke_suite_aes128gcm()};
    evh_key_config read;
    evh_seal_verdict verdict = EVH_SEAL_REJECTED;
    evh_buffer text = evh_buffer_init(512);
    evh_buffer signed_key = evh_buffer_init(512);
    EVH_TRY(evh_signing_key_generate(&key, EVH_IDENTITY_ED25519, evh_view_of_text("n"), &rng));
    EVH_TRY(evh_signing_key_format(&text, &key));
    EVH_TRY(evh_signing_key_parse(&parsed, evh_buffer_view(&text)));
    EVH_TRY(evh_key_config_sign(&signed_key, &config, &parsed));
    EVH_TRY(evh_key_config_verify(&read, &verdict, &key.identity, evh_buffer_view(&signed_key)));
    EVH_REQUIRE(verdict == EVH_SEAL_ACCEPTED, EVH_ERR_INTERNAL, "not verified");
done:
    evh_buffer_clear(&signed_key);
    evh_buffer_clear(&text);
    evh_signing_key_clear(&parsed);
    evh_signing_key_clear(&key);
    return status;
}

static void test_seal_and_open_without_memory(void **state)
{
    (void)state;
    assert_true(test_alloc_sweep(seal_and_open, NULL) > 10);
}

static void test_sign_and_verify_without_memory(void **state)
{
    (void)state;
    assert_true(test_alloc_sweep(sign_and_verify, NULL) > 4);
}

int run_memory_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_seal_and_open_without_memory),
        cmocka_unit_test(test_sign_and_verify_without_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
