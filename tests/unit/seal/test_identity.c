/* SPDX-License-Identifier: Apache-2.0 */
#include "evenhand/seal/identity.h"

#include <stdio.h>
#include <string.h>

#include "support/test.h"
#include "tests.h"

/* The verifier key of Go's public checksum database. */
static const char SUM_DB[] = "sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8";

static void expect_bad(const char *text, evh_code code, const char *part)
{
    evh_identity identity;
    memset(&identity, 0xa5, sizeof identity);
    assert_fails_with(evh_identity_parse(&identity, evh_view_of_text(text)), code, part);
    const evh_identity none = {0};
    assert_memory_equal(&identity, &none, sizeof none);
}

static void expect_text(const evh_identity *identity, const char *text)
{
    evh_buffer out = evh_buffer_init(512);
    assert_ok(evh_identity_format(&out, identity));
    assert_views_equal(evh_buffer_view(&out), evh_view_of_text(text));
    evh_buffer_clear(&out);
}

static void test_identity_parse_published_key(void **state)
{
    (void)state;
    evh_identity identity;
    assert_ok(evh_identity_parse(&identity, evh_view_of_text(SUM_DB)));
    assert_int_equal(identity.type, EVH_IDENTITY_ED25519);
    assert_string_equal(identity.name, "sum.golang.org");
    assert_int_equal(identity.key_id, 0x033de0ae);
    expect_text(&identity, SUM_DB);
}

static void test_identity_make_both_types(void **state)
{
    (void)state;
    evh_identity parsed;
    evh_identity made;
    assert_ok(evh_identity_parse(&parsed, evh_view_of_text(SUM_DB)));
    const evh_view name = evh_view_of_text("sum.golang.org");
    const evh_view key = evh_view_of(parsed.key, sizeof parsed.key);
    assert_ok(evh_identity_make(&made, EVH_IDENTITY_ED25519, name, key));
    assert_true(evh_identity_equal(&made, &parsed));
    assert_int_equal(made.key_id, parsed.key_id);
    assert_ok(evh_identity_make(&made, EVH_IDENTITY_COSIGNATURE, name, key));
    assert_false(evh_identity_equal(&made, &parsed));
    assert_int_not_equal(made.key_id, parsed.key_id);
    assert_ok(evh_identity_make(&made, EVH_IDENTITY_ED25519, evh_view_of_text("other"), key));
    assert_false(evh_identity_equal(&made, &parsed));
    evh_buffer text = evh_buffer_init(512);
    evh_identity again;
    assert_ok(
        evh_identity_make(&made, EVH_IDENTITY_COSIGNATURE, evh_view_of_text("håndværk"), key));
    assert_ok(evh_identity_format(&text, &made));
    assert_ok(evh_identity_parse(&again, evh_buffer_view(&text)));
    assert_true(evh_identity_equal(&again, &made));
    evh_buffer_clear(&text);
}

static void test_identity_parse_malformed_parts(void **state)
{
    (void)state;
    expect_bad("", EVH_ERR_LENGTH, "key id");
    expect_bad("sum.golang.org", EVH_ERR_LENGTH, "key id");
    expect_bad("sum.golang.org+033de0ae", EVH_ERR_LENGTH, "key bytes");
    expect_bad("+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8", EVH_ERR_LENGTH, "name");
    expect_bad("sum.golang.org+033de0a+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8",
               EVH_ERR_LENGTH, "key id");
    expect_bad("sum.golang.org+033de0aef0+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8",
               EVH_ERR_LENGTH, "key id");
    expect_bad("sum.golang.org+033de0ag+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8",
               EVH_ERR_ENCODING, "key id");
    expect_bad("sum.golang.org+033DE0AE+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8",
               EVH_ERR_ENCODING, "lower case");
    expect_bad("sum.golang.org+033de0af+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8", EVH_ERR_KEY,
               "033de0ae would");
    expect_bad("Sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8", EVH_ERR_KEY,
               "does not fit");
    expect_bad("sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn",
               EVH_ERR_LENGTH, "43");
    expect_bad("sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8\n",
               EVH_ERR_LENGTH, "45");
    expect_bad("sum.golang.org+033de0ae+Ac4zctda0e5eza-HJyk9SxEdh+s3Ux18htTTAD8OuAn8",
               EVH_ERR_ENCODING, "base64");
    expect_bad("sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuA==",
               EVH_ERR_LENGTH, "31 in all");
    expect_bad("sum.golang.org+033de0ae+As4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8", EVH_ERR_TYPE,
               "0x02");
}

static void test_identity_parse_long_text(void **state)
{
    (void)state;
    char text[1024];
    memset(text, 'a', sizeof text);
    memcpy(text + sizeof text - sizeof SUM_DB, "+033de0ae+Ac4z", 14);
    text[sizeof text - 1] = 0;
    expect_bad(text, EVH_ERR_LENGTH, "at most");
}

static void test_identity_parse_at_every_cut(void **state)
{
    (void)state;
    evh_identity identity;
    for (size_t len = 0; len < sizeof SUM_DB - 1; len++)
        assert_fails(evh_identity_parse(&identity, evh_view_of(SUM_DB, len)), EVH_ERR_LENGTH);
}

/* A changed bit anywhere is noticed by one part or another; the key id covers name and key. */
static void test_identity_parse_every_changed_bit(void **state)
{
    (void)state;
    for (size_t i = 0; i < 8 * (sizeof SUM_DB - 1); i++) {
        char text[sizeof SUM_DB];
        memcpy(text, SUM_DB, sizeof text);
        text[i / 8] = (char)(text[i / 8] ^ (1 << (i % 8)));
        evh_identity identity;
        evh_status status = evh_identity_parse(&identity, evh_view_of(text, sizeof text - 1));
        assert_int_not_equal(status.code, EVH_OK);
    }
}

static void expect_name(const char *name, size_t len, evh_code code)
{
    evh_identity identity;
    uint8_t key[EVH_IDENTITY_KEY_LEN];
    assert_ok(evh_hex_decode(
        key, sizeof key,
        evh_view_of_text("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a")));
    evh_status status = evh_identity_make(&identity, EVH_IDENTITY_ED25519, evh_view_of(name, len),
                                          evh_view_of(key, sizeof key));
    assert_int_equal(status.code, code);
}

static void test_identity_names(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "a b",          "a\tb",     "a\nb",         "a+b",          "a\x7f",
        "\xc2\x85",     "\xc2\xa0", "\xe1\x9a\x80", "\xe2\x80\x83", "\xe2\x80\xa8",
        "\xe3\x80\x80", "\xff",     "a\xc3"};
    char longest[EVH_IDENTITY_NAME_BYTES_MAX + 1];
    memset(longest, 'n', sizeof longest);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        expect_name(bad[i], strlen(bad[i]), EVH_ERR_ENCODING);
    expect_name("a\0b", 3, EVH_ERR_ENCODING);
    expect_name("", 0, EVH_ERR_LENGTH);
    expect_name(longest, sizeof longest, EVH_ERR_LENGTH);
    expect_name(longest, sizeof longest - 1, EVH_OK);
    expect_name("leader.example/log-1_\xc3\xa9\xf0\x9f\x94\x91", 27, EVH_OK);
}

/* Not on the curve, not canonical, of small order, outside the prime-order group. */
static void test_identity_make_bad_keys(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "0200000000000000000000000000000000000000000000000000000000000000",
        "0000000000000000000000000000000000000000000000000000000000000000",
        "0100000000000000000000000000000000000000000000000000000000000000",
        "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"};
    const evh_view name = evh_view_of_text("n");
    evh_identity identity;
    uint8_t key[EVH_IDENTITY_KEY_LEN];
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_ok(evh_hex_decode(key, sizeof key, evh_view_of_text(bad[i])));
        assert_fails_with(
            evh_identity_make(&identity, EVH_IDENTITY_ED25519, name, evh_view_of(key, sizeof key)),
            EVH_ERR_KEY, "public key");
    }
    assert_fails(evh_identity_make(&identity, EVH_IDENTITY_ED25519, name, evh_view_of(key, 31)),
                 EVH_ERR_LENGTH);
    assert_fails_with(
        evh_identity_make(&identity, (evh_identity_type)2, name, evh_view_of(key, sizeof key)),
        EVH_ERR_TYPE, "0x02");
}

int run_identity_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_identity_parse_published_key),
        cmocka_unit_test(test_identity_make_both_types),
        cmocka_unit_test(test_identity_parse_malformed_parts),
        cmocka_unit_test(test_identity_parse_long_text),
        cmocka_unit_test(test_identity_parse_at_every_cut),
        cmocka_unit_test(test_identity_parse_every_changed_bit),
        cmocka_unit_test(test_identity_names),
        cmocka_unit_test(test_identity_make_bad_keys),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
