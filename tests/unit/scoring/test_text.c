/* SPDX-License-Identifier: Apache-2.0 */
#include "evenhand/scoring/text.h"
#include "tests.h"

static void test_text_is_utf8(void **state)
{
    (void)state;
    assert_true(evh_text_is_utf8(view_of_literal("")));
    assert_true(evh_text_is_utf8(view_of_literal("a\0\xc3\xa9\xe2\x82\xac\xf4\x8f\xbf\xbf")));
    static const char *const bad[] = {"\x80",             /* a continuation alone */
                                      "\xc3",             /* cut */
                                      "\xe2\x82",         /* cut */
                                      "\xc1\xbf",         /* overlong */
                                      "\xe0\x9f\xbf",     /* overlong */
                                      "\xed\xa0\x80",     /* surrogate */
                                      "\xf4\x90\x80\x80", /* above U+10FFFF */
                                      "\xf5\x80\x80\x80",
                                      "\xff"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_false(evh_text_is_utf8(evh_view_of_text(bad[i])));
    assert_true(evh_text_is_ascii(view_of_literal("\x7f")));
    assert_false(evh_text_is_ascii(view_of_literal("a\x80")));
}

static void test_text_nfc(void **state)
{
    (void)state;
    evh_buffer scratch = evh_buffer_init(1000);
    evh_view out;
    evh_view ascii = view_of_literal("plain");
    assert_ok(evh_text_nfc(&out, &scratch, ascii));
    assert_ptr_equal(out.data, ascii.data);
    assert_ok(evh_text_nfc(&out, &scratch, view_of_literal("e\xcc\x81\xe2\x84\xab")));
    assert_views_equal(out, view_of_literal("\xc3\xa9\xc3\x85"));
    /* Not NFKC: a ligature stays. */
    assert_ok(evh_text_nfc(&out, &scratch, view_of_literal("\xef\xac\x81\0x")));
    assert_views_equal(out, view_of_literal("\xef\xac\x81\0x"));
    assert_fails(evh_text_nfc(&out, &scratch, view_of_literal("\xc3(")), EVH_ERR_ENCODING);
    assert_int_equal(out.len, 0);
    evh_buffer_clear(&scratch);
    evh_buffer tiny = evh_buffer_init(3);
    assert_fails(evh_text_nfc(&out, &tiny, view_of_literal("\xc3\xa9\xc3\xa9")), EVH_ERR_MEMORY);
    evh_buffer_clear(&tiny);
}

int run_text_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_text_is_utf8),
        cmocka_unit_test(test_text_nfc),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
