/* SPDX-License-Identifier: Apache-2.0 */
#include "evenhand/scoring/text.h"
#include "tests.h"

static void test_text_is_ascii(void **state)
{
    (void)state;
    assert_true(evh_text_is_ascii(view_of_literal("")));
    assert_true(evh_text_is_ascii(view_of_literal("\x7f\0a")));
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
        cmocka_unit_test(test_text_is_ascii),
        cmocka_unit_test(test_text_nfc),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
