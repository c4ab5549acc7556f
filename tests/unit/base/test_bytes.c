/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "support/test.h"
#include "tests.h"

static void test_view_trim(void **state)
{
    (void)state;
    static const struct {
        const char *text, *trimmed;
    } cases[] = {{"", ""},
                 {" \t\r\n\v\f", ""},
                 {"a", "a"},
                 {"  a b\r\n", "a b"},
                 {"a ", "a"},
                 {"\x1f"
                  "a\x1f",
                  "\x1f"
                  "a\x1f"},
                 {"\xc2\xa0", "\xc2\xa0"}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        assert_views_equal(evh_view_trim(evh_view_of_text(cases[i].text)),
                           evh_view_of_text(cases[i].trimmed));
}

static void test_view_compare_order(void **state)
{
    (void)state;
    evh_view empty = evh_view_of(NULL, 0);
    assert_int_equal(evh_view_compare(empty, empty), 0);
    assert_int_equal(evh_view_compare(empty, evh_view_of_text("a")), -1);
    assert_int_equal(evh_view_compare(evh_view_of_text("ab"), evh_view_of_text("a")), 1);
    assert_int_equal(evh_view_compare(evh_view_of_text("\xff"), evh_view_of_text("a")), 1);
    assert_true(evh_view_equal(evh_view_of_text("abc"), view_of_literal("abc")));
    assert_false(evh_view_equal(evh_view_of_text("abc"), evh_view_of_text("abd")));
}

static void test_buffer_append_grows_and_keeps(void **state)
{
    (void)state;
    evh_buffer buffer = evh_buffer_init(100000);
    for (uint32_t i = 0; i < 1000; i++)
        assert_ok(evh_buffer_be32(&buffer, i));
    assert_int_equal(buffer.len, 4000);
    evh_reader reader = evh_reader_of(evh_buffer_view(&buffer));
    for (uint32_t i = 0; i < 1000; i++) {
        uint32_t value = 0;
        assert_ok(evh_read_be32(&reader, "n", &value));
        assert_int_equal(value, i);
    }
    assert_ok(evh_read_end(&reader, "list"));
    evh_buffer_clear(&buffer);
    assert_null(buffer.data);
    assert_int_equal(buffer.ceiling, 100000);
}

static void test_buffer_respects_ceiling(void **state)
{
    (void)state;
    evh_buffer buffer = evh_buffer_init(10);
    assert_ok(evh_buffer_append(&buffer, evh_view_of_text("0123456789")));
    assert_fails_with(evh_buffer_u8(&buffer, 1), EVH_ERR_MEMORY, "limit of 10");
    assert_int_equal(buffer.len, 10);
    uint8_t *out = (uint8_t *)&buffer;
    assert_fails(evh_buffer_extend(&buffer, SIZE_MAX, &out), EVH_ERR_MEMORY);
    assert_null(out);
    evh_buffer_clear(&buffer);
}

static void test_buffer_truncate_wipes(void **state)
{
    (void)state;
    evh_buffer buffer = evh_buffer_init(64);
    assert_ok(evh_buffer_append(&buffer, evh_view_of_text("secret!!")));
    evh_buffer_truncate(&buffer, 2);
    assert_int_equal(buffer.len, 2);
    for (size_t i = 2; i < 8; i++)
        assert_int_equal(buffer.data[i], 0);
    evh_buffer_truncate(&buffer, 5);
    assert_int_equal(buffer.len, 2);
    evh_buffer_clear(&buffer);
}

static void test_buffer_format(void **state)
{
    (void)state;
    evh_buffer buffer = evh_buffer_init(64);
    assert_ok(evh_buffer_format(&buffer, "%d-", 7));
    assert_ok(evh_buffer_format(&buffer, "%s", "x"));
    assert_views_equal(evh_buffer_view(&buffer), evh_view_of_text("7-x"));
    evh_buffer_clear(&buffer);
}

static void test_integers_big_endian(void **state)
{
    (void)state;
    evh_buffer buffer = evh_buffer_init(64);
    assert_ok(evh_buffer_u8(&buffer, 0xab));
    assert_ok(evh_buffer_be16(&buffer, 0x0102));
    assert_ok(evh_buffer_be32(&buffer, 0x03040506));
    assert_ok(evh_buffer_be64(&buffer, 0x0708090a0b0c0d0e));
    char hex[64];
    evh_hex_encode(hex, evh_buffer_view(&buffer));
    assert_string_equal(hex, "ab0102030405060708090a0b0c0d0e");
    evh_reader reader = evh_reader_of(evh_buffer_view(&buffer));
    uint8_t u8 = 0;
    uint16_t u16 = 0;
    uint32_t u32 = 0;
    uint64_t be = 0;
    assert_ok(evh_read_u8(&reader, "a", &u8));
    assert_ok(evh_read_be16(&reader, "b", &u16));
    assert_ok(evh_read_be32(&reader, "c", &u32));
    assert_fails_with(evh_read_end(&reader, "message"), EVH_ERR_TRAILING, "8 bytes after");
    assert_ok(evh_read_be64(&reader, "d", &be));
    assert_int_equal(u8, 0xab);
    assert_int_equal(u16, 0x0102);
    assert_int_equal(u32, 0x03040506);
    assert_true(be == 0x0708090a0b0c0d0e);
    assert_fails_with(evh_read_u8(&reader, "next", &u8), EVH_ERR_LENGTH, "next");
    evh_buffer_clear(&buffer);
}

static void test_read_view_at_every_cut(void **state)
{
    (void)state;
    const uint8_t bytes[8] = {1, 2, 3, 4, 5, 6, 7, 8};
    for (size_t len = 0; len < 8; len++) {
        evh_reader reader = evh_reader_of(evh_view_of(bytes, len));
        uint64_t value = 9;
        assert_fails(evh_read_be64(&reader, "v", &value), EVH_ERR_LENGTH);
        assert_int_equal(value, 0);
        assert_int_equal(reader.rest.len, len);
    }
}

static void test_hex_strict(void **state)
{
    (void)state;
    uint8_t out[2] = {9, 9};
    assert_ok(evh_hex_decode(out, 2, evh_view_of_text("0aFf")));
    assert_int_equal(out[0], 0x0a);
    assert_int_equal(out[1], 0xff);
    assert_fails(evh_hex_decode(out, 2, evh_view_of_text("0aF")), EVH_ERR_LENGTH);
    assert_fails(evh_hex_decode(out, 2, evh_view_of_text("0aFf00")), EVH_ERR_LENGTH);
    assert_fails(evh_hex_decode(out, 2, evh_view_of_text("0aFg")), EVH_ERR_ENCODING);
    assert_int_equal(out[0], 0);
    assert_ok(evh_hex_decode(out, 0, evh_view_of(NULL, 0)));
}

/* RFC 4648 section 10. */
static void test_base64_vectors_and_strictness(void **state)
{
    (void)state;
    static const char *const pairs[][2] = {{"", ""},
                                           {"f", "Zg=="},
                                           {"fo", "Zm8="},
                                           {"foo", "Zm9v"},
                                           {"foob", "Zm9vYg=="},
                                           {"fooba", "Zm9vYmE="},
                                           {"foobar", "Zm9vYmFy"}};
    evh_buffer out = evh_buffer_init(64);
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
        evh_buffer_clear(&out);
        assert_ok(evh_base64_encode(&out, evh_view_of_text(pairs[i][0])));
        assert_views_equal(evh_buffer_view(&out), evh_view_of_text(pairs[i][1]));
        evh_buffer_clear(&out);
        assert_ok(evh_base64_decode(&out, evh_view_of_text(pairs[i][1])));
        assert_views_equal(evh_buffer_view(&out), evh_view_of_text(pairs[i][0]));
    }
    static const char *const bad[] = {
        "Zg", "Zg=", "Zh==", "Zg==Zg==", "Z g=", "Zm9-", "====", "Zm9v\xa9\x92\xb9\x86"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        size_t before = out.len;
        assert_fails(evh_base64_decode(&out, evh_view_of_text(bad[i])), EVH_ERR_ENCODING);
        assert_int_equal(out.len, before);
    }
    evh_buffer_clear(&out);
}

int run_bytes_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_view_trim),
        cmocka_unit_test(test_view_compare_order),
        cmocka_unit_test(test_buffer_append_grows_and_keeps),
        cmocka_unit_test(test_buffer_respects_ceiling),
        cmocka_unit_test(test_buffer_truncate_wipes),
        cmocka_unit_test(test_buffer_format),
        cmocka_unit_test(test_integers_big_endian),
        cmocka_unit_test(test_read_view_at_every_cut),
        cmocka_unit_test(test_hex_strict),
        cmocka_unit_test(test_base64_vectors_and_strictness),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
