/* SPDX-License-Identifier: Apache-2.0 */
#include "evenhand/base/utf8.h"
#include "support/test.h"
#include "tests.h"

static void test_utf8_decode_boundaries(void **state)
{
    (void)state;
    static const struct {
        const char *bytes;
        size_t len;
        uint32_t code;
    } rows[] = {
        {"a", 1, 'a'},
        {"\x7f", 1, 0x7f},
        {"\xc2\x80", 2, 0x80},
        {"\xdf\xbf", 2, 0x7ff},
        {"\xe0\xa0\x80", 3, 0x800},
        {"\xed\x9f\xbf", 3, 0xd7ff},
        {"\xee\x80\x80", 3, 0xe000},
        {"\xef\xbf\xbf", 3, 0xffff},
        {"\xf0\x90\x80\x80", 4, 0x10000},
        {"\xf4\x8f\xbf\xbf", 4, 0x10ffff},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        uint32_t code = 1;
        evh_view text = evh_view_of_text(rows[i].bytes);
        assert_int_equal(evh_utf8_decode(text, &code), rows[i].len);
        assert_int_equal(code, rows[i].code);
        assert_int_equal(evh_utf8_valid_len(text), text.len);
        for (size_t cut = 1; cut < text.len; cut++)
            assert_int_equal(evh_utf8_decode(evh_view_of(text.data, cut), &code), 0);
    }
}

static void test_utf8_refuses_malformed(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "\x80",         "\xbf",         "\xc0\x80",         "\xc1\xbf",         "\xe0\x9f\xbf",
        "\xed\xa0\x80", "\xed\xbf\xbf", "\xf0\x8f\xbf\xbf", "\xf4\x90\x80\x80", "\xf8\x88\x80\x80",
        "\xff",         "\xc3(",        "\xe2\x82(",        "\xf0\x9f\x98(",
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        uint32_t code = 1;
        assert_int_equal(evh_utf8_decode(evh_view_of_text(bad[i]), &code), 0);
        assert_int_equal(code, 0);
        assert_int_equal(evh_utf8_valid_len(evh_view_of_text(bad[i])), 0);
    }
    assert_int_equal(evh_utf8_valid_len(view_of_literal("ab\xc3\xa9\xc3(")), 4);
    assert_int_equal(evh_utf8_valid_len(view_of_literal("a\0b")), 3);
    uint32_t code = 1;
    assert_int_equal(evh_utf8_decode(evh_view_of(NULL, 0), &code), 0);
}

int run_utf8_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_utf8_decode_boundaries),
        cmocka_unit_test(test_utf8_refuses_malformed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
