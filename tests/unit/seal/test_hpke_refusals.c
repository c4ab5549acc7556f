/* SPDX-License-Identifier: Apache-2.0
 * What HPKE must not accept. */
#include <stdlib.h>
#include <string.h>

#include "evenhand/seal/hpke.h"
#include "support/test.h"
#include "tests.h"

/* One sealed message with everything needed to open it. */
typedef struct fixture {
    evh_hpke_secret_key *secret;
    evh_hpke_public_key to;
    evh_hpke_context context;
    evh_buffer sealed;
    test_rng seeded;
    evh_rng rng;
} fixture;

static int set_up(void **state)
{
    fixture *f = calloc(1, sizeof *f);
    if (f == NULL)
        return -1;
    f->rng = test_rng_seeded(&f->seeded, 3);
    f->sealed = evh_buffer_init(256);
    f->context.suite = evh_hpke_suite_chacha20poly1305();
    f->context.info = evh_view_of_text("info");
    f->context.aad = evh_view_of_text("aad");
    assert_ok(evh_hpke_key_generate(&f->secret, &f->to, &f->rng));
    assert_ok(evh_hpke_seal(&f->sealed, &f->context, &f->to, evh_view_of_text("plain"), &f->rng));
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    fixture *f = *state;
    evh_hpke_secret_key_free(&f->secret);
    evh_buffer_clear(&f->sealed);
    free(f);
    return 0;
}

static void expect_rejected(const evh_hpke_context *context, const evh_hpke_secret_key *secret,
                            evh_view sealed)
{
    evh_buffer opened = evh_buffer_init(256);
    evh_seal_verdict verdict = EVH_SEAL_ACCEPTED;
    assert_ok(evh_buffer_append(&opened, evh_view_of_text("x")));
    assert_ok(evh_hpke_open(&opened, &verdict, context, secret, sealed));
    assert_int_equal(verdict, EVH_SEAL_REJECTED);
    assert_views_equal(evh_buffer_view(&opened), evh_view_of_text("x"));
    evh_buffer_clear(&opened);
}

static void expect_failure(const evh_hpke_context *context, const evh_hpke_secret_key *secret,
                           evh_view sealed, evh_code code, const char *part)
{
    evh_buffer opened = evh_buffer_init(256);
    evh_seal_verdict verdict = EVH_SEAL_ACCEPTED;
    assert_fails_with(evh_hpke_open(&opened, &verdict, context, secret, sealed), code, part);
    assert_int_equal(verdict, EVH_SEAL_REJECTED);
    assert_int_equal(opened.len, 0);
    evh_buffer_clear(&opened);
}

static void test_hpke_open_rejects_every_changed_bit(void **state)
{
    fixture *f = *state;
    for (size_t i = 0; i < f->sealed.len; i++) {
        for (unsigned bit = 0; bit < 8; bit++) {
            /* X25519 ignores the top bit of the encapsulated key, but the key schedule does not. */
            f->sealed.data[i] ^= (uint8_t)(1U << bit);
            expect_rejected(&f->context, f->secret, evh_buffer_view(&f->sealed));
            f->sealed.data[i] ^= (uint8_t)(1U << bit);
        }
    }
}

static void test_hpke_open_rejects_other_context(void **state)
{
    fixture *f = *state;
    evh_hpke_context other = f->context;
    other.info = evh_view_of_text("Info");
    expect_rejected(&other, f->secret, evh_buffer_view(&f->sealed));
    other = f->context;
    other.aad = evh_view_of_text("aae");
    expect_rejected(&other, f->secret, evh_buffer_view(&f->sealed));
    other = f->context;
    other.aad = evh_view_of(NULL, 0);
    expect_rejected(&other, f->secret, evh_buffer_view(&f->sealed));
    other = f->context;
    other.suite = evh_hpke_suite_aes128gcm();
    expect_rejected(&other, f->secret, evh_buffer_view(&f->sealed));

    evh_hpke_secret_key *stranger = NULL;
    evh_hpke_public_key public_key;
    assert_ok(evh_hpke_key_generate(&stranger, &public_key, &f->rng));
    expect_rejected(&f->context, stranger, evh_buffer_view(&f->sealed));
    evh_hpke_secret_key_free(&stranger);
}

static void test_hpke_open_at_every_cut(void **state)
{
    fixture *f = *state;
    for (size_t len = 0; len < f->sealed.len; len++) {
        evh_view cut = evh_view_of(f->sealed.data, len);
        if (len < EVH_HPKE_OVERHEAD)
            expect_failure(&f->context, f->secret, cut, EVH_ERR_LENGTH, "at least 48");
        else
            expect_rejected(&f->context, f->secret, cut);
    }
    assert_ok(evh_buffer_u8(&f->sealed, 0));
    expect_rejected(&f->context, f->secret, evh_buffer_view(&f->sealed));
}

/* The points of order 1, 2, 4 and 8 on the curve and its twist (RFC 7748 section 6.1 is why they
 * matter), and non-canonical forms of them. */
static const char *const low_order[] = {
    "0000000000000000000000000000000000000000000000000000000000000000",
    "0100000000000000000000000000000000000000000000000000000000000000",
    "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
    "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"};

static void test_hpke_refuses_all_zero_products(void **state)
{
    fixture *f = *state;
    evh_buffer out = evh_buffer_init(256);
    for (size_t i = 0; i < sizeof low_order / sizeof low_order[0]; i++) {
        evh_hpke_public_key weak;
        assert_ok(evh_hex_decode(weak.bytes, sizeof weak.bytes, evh_view_of_text(low_order[i])));
        assert_fails_with(
            evh_hpke_seal(&out, &f->context, &weak, evh_view_of_text("plain"), &f->rng),
            EVH_ERR_KEY, "low order");
        assert_int_equal(out.len, 0);
        memcpy(f->sealed.data, weak.bytes, sizeof weak.bytes);
        expect_failure(&f->context, f->secret, evh_buffer_view(&f->sealed), EVH_ERR_KEY,
                       "low order");
    }
    evh_buffer_clear(&out);
}

static void test_hpke_refuses_other_suites(void **state)
{
    fixture *f = *state;
    const struct {
        evh_hpke_suite suite;
        const char *part;
    } bad[] = {{{0x0010, 1, 1}, "KEM 0x0010"},
               {{0x0020, 2, 1}, "KDF 0x0002"},
               {{0x0020, 1, 2}, "AEAD 0x0002"},
               {{0x0020, 1, 0xffff}, "AEAD 0xffff"},
               {{0, 0, 0}, "KEM 0x0000"}};
    evh_buffer out = evh_buffer_init(256);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        evh_hpke_context context = f->context;
        context.suite = bad[i].suite;
        assert_fails_with(evh_hpke_suite_check(bad[i].suite), EVH_ERR_TYPE, bad[i].part);
        assert_fails_with(evh_hpke_seal(&out, &context, &f->to, evh_view_of(NULL, 0), &f->rng),
                          EVH_ERR_TYPE, bad[i].part);
        expect_failure(&context, f->secret, evh_buffer_view(&f->sealed), EVH_ERR_TYPE, bad[i].part);
    }
    assert_int_equal(out.len, 0);
}

/* Only the lengths are looked at before the refusal, never the bytes. */
static void test_hpke_refuses_huge_lengths(void **state)
{
    fixture *f = *state;
    static const uint8_t byte[1] = {0};
    const evh_view huge = evh_view_of(byte, SIZE_MAX);
    evh_buffer out = evh_buffer_init(256);
    evh_hpke_context context = f->context;
    assert_fails_with(evh_hpke_seal(&out, &context, &f->to, huge, &f->rng), EVH_ERR_RANGE,
                      "over the limit");
    expect_failure(&context, f->secret, huge, EVH_ERR_RANGE, "over the limit");
    context.info = huge;
    expect_failure(&context, f->secret, evh_buffer_view(&f->sealed), EVH_ERR_RANGE, "info");
    context = f->context;
    context.aad = evh_view_of(byte, EVH_HPKE_CONTEXT_BYTES_MAX + 1);
    assert_fails_with(evh_hpke_seal(&out, &context, &f->to, evh_view_of(NULL, 0), &f->rng),
                      EVH_ERR_RANGE, "aad");
    assert_int_equal(out.len, 0);
}

static void test_hpke_keys_refuse_bad_lengths(void **state)
{
    fixture *f = *state;
    uint8_t bytes[EVH_HPKE_KEY_LEN + 1] = {7};
    evh_hpke_secret_key *secret = f->secret;
    evh_hpke_public_key public_key = {{1}};
    assert_fails_with(evh_hpke_key_load(&secret, &public_key, evh_view_of(bytes, 31)),
                      EVH_ERR_LENGTH, "not 31");
    assert_null(secret);
    assert_int_equal(public_key.bytes[0], 0);
    assert_fails(evh_hpke_key_load(&secret, &public_key, evh_view_of(bytes, 33)), EVH_ERR_LENGTH);
    assert_fails(evh_hpke_key_load(&secret, &public_key, evh_view_of(NULL, 0)), EVH_ERR_LENGTH);
    assert_fails_with(evh_hpke_key_derive(&secret, &public_key, evh_view_of(bytes, 31)),
                      EVH_ERR_LENGTH, "at least 32");
    assert_fails(evh_hpke_key_derive(&secret, &public_key, evh_view_of(bytes, SIZE_MAX)),
                 EVH_ERR_RANGE);
    assert_null(secret);
}

static void test_hpke_without_entropy(void **state)
{
    fixture *f = *state;
    uint8_t bytes[EVH_HPKE_SEED_LEN - 1] = {0};
    test_script script;
    evh_rng dry = test_rng_scripted(&script, evh_view_of(bytes, sizeof bytes));
    evh_hpke_secret_key *secret = NULL;
    evh_hpke_public_key public_key = {{1}};
    assert_fails(evh_hpke_key_generate(&secret, &public_key, &dry), EVH_ERR_RNG);
    assert_null(secret);
    assert_int_equal(public_key.bytes[0], 0);
    evh_buffer out = evh_buffer_init(256);
    assert_fails(evh_hpke_seal(&out, &f->context, &f->to, evh_view_of_text("p"), &dry),
                 EVH_ERR_RNG);
    assert_int_equal(out.len, 0);
}

static void test_hpke_respects_the_buffers_ceiling(void **state)
{
    fixture *f = *state;
    evh_buffer small = evh_buffer_init(EVH_HPKE_OVERHEAD + 4);
    assert_fails(evh_hpke_seal(&small, &f->context, &f->to, evh_view_of_text("plain"), &f->rng),
                 EVH_ERR_MEMORY);
    assert_int_equal(small.len, 0);
    evh_buffer tiny = evh_buffer_init(4);
    evh_seal_verdict verdict = EVH_SEAL_ACCEPTED;
    assert_fails(
        evh_hpke_open(&tiny, &verdict, &f->context, f->secret, evh_buffer_view(&f->sealed)),
        EVH_ERR_MEMORY);
    assert_int_equal(verdict, EVH_SEAL_REJECTED);
    assert_int_equal(tiny.len, 0);
}

int run_hpke_refusal_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_hpke_open_rejects_every_changed_bit, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_hpke_open_rejects_other_context, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_hpke_open_at_every_cut, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_hpke_refuses_all_zero_products, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_hpke_refuses_other_suites, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_hpke_refuses_huge_lengths, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_hpke_keys_refuse_bad_lengths, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_hpke_without_entropy, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_hpke_respects_the_buffers_ceiling, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
