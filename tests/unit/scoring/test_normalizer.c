/* SPDX-License-Identifier: Apache-2.0 */
#include "evenhand/scoring/normalizer.h"
#include "tests.h"

static void check_basic(evh_view text, const char *expected)
{
    evh_buffer out = evh_buffer_init(1000);
    assert_ok(evh_normalize(&out, EVH_NORMALIZER_BASIC, text));
    assert_views_equal(evh_buffer_view(&out), evh_view_of_text(expected));
    evh_buffer again = evh_buffer_init(1000);
    assert_ok(evh_normalize(&again, EVH_NORMALIZER_BASIC, evh_buffer_view(&out)));
    assert_views_equal(evh_buffer_view(&again), evh_buffer_view(&out));
    evh_buffer_clear(&again);
    evh_buffer_clear(&out);
}

static void test_normalize_basic_keeps_words_whole(void **state)
{
    (void)state;
    static const char *const pairs[][2] = {
        {"", ""},
        {"  ...  ", ""},
        {"Please call Stella.", "please call stella"},
        {"don't  \"quote\" (me)!", "don't quote me"},
        {"The dogs' toys; 'tis rock 'n' roll", "the dogs toys tis rock n roll"},
        {"mother-in-law -- well-\tknown -5", "mother-in-law well known 5"},
        {"and/or word\xe2\x80\x94word snake_case", "and or word word snake case"},
        {"It costs 1,000.50, at 10:30 (50%)", "it costs 1,000.50 at 10:30 50"},
        {"U.S.A. AT&T me@example.com", "u.s.a at&t me@example.com"},
        {"a,b 1,b a:b", "a b 1 b a b"},
        {"$5 + \xe2\x82\xac"
         "5",
         "$5 + \xe2\x82\xac"
         "5"},
        {"can\xe2\x80\x99t can\xe2\x80\x98t", "can't can't"},
        {"well\xe2\x80\x91known", "well-known"},
        {"Stra\xc3\x9f"
         "e \xef\xac\x81ne",
         "strasse fine"},
        {"\xce\xa3\xce\x91\xcf\x82", "\xcf\x83\xce\xb1\xcf\x83"},
        {"\xef\xbc\xa1\xef\xbc\x91", "a1"},
        {"so\xc2\xadlid a\xc2\xa0"
         "b",
         "solid a b"},
        {"col\xc2\xb7lecci\xc3\xb3", "col\xc2\xb7lecci\xc3\xb3"},
        {"\xd7\xa6\xd7\x94\xd7\xb4\xd7\x9c", "\xd7\xa6\xd7\x94\xd7\xb4\xd7\x9c"},
        {"\xc2\xbfQu\xc3\xa9? \xc2\xa1S\xc3\xad!", "qu\xc3\xa9 s\xc3\xad"},
        {"\xe0\xa4\x95\xe0\xa5\x8d\xe0\xa4\xb7 \xe0\xa5\xa4",
         "\xe0\xa4\x95\xe0\xa5\x8d\xe0\xa4\xb7"},
    };
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++)
        check_basic(evh_view_of_text(pairs[i][0]), pairs[i][1]);
    check_basic(view_of_literal("a\0b"), "a b");
}

static void test_normalize_none_keeps_bytes(void **state)
{
    (void)state;
    evh_buffer out = evh_buffer_init(1000);
    assert_ok(evh_buffer_append(&out, view_of_literal("x")));
    assert_ok(evh_normalize(&out, EVH_NORMALIZER_NONE, view_of_literal(" A\xff\0. ")));
    assert_views_equal(evh_buffer_view(&out), view_of_literal("x A\xff\0. "));
    evh_buffer_clear(&out);
}

static void test_normalize_failures_add_nothing(void **state)
{
    (void)state;
    evh_buffer out = evh_buffer_init(4);
    assert_ok(evh_buffer_append(&out, view_of_literal("x")));
    assert_fails(evh_normalize(&out, EVH_NORMALIZER_BASIC, view_of_literal("ab\x80")),
                 EVH_ERR_ENCODING);
    assert_fails(evh_normalize(&out, EVH_NORMALIZER_BASIC, view_of_literal("abcdef")),
                 EVH_ERR_MEMORY);
    assert_fails(evh_normalize(&out, (evh_normalizer_kind)7, view_of_literal("a")), EVH_ERR_ARG);
    assert_views_equal(evh_buffer_view(&out), view_of_literal("x"));
    evh_buffer_clear(&out);
}

/* Every character of Unicode: the result is UTF-8 and stays as it is when normalised again. */
static void test_normalize_basic_is_idempotent_for_all_characters(void **state)
{
    (void)state;
    evh_buffer once = evh_buffer_init(1000);
    evh_buffer twice = evh_buffer_init(1000);
    for (uint32_t c = 0x80; c < 0x110000; c++) {
        if (c >= 0xd800 && c < 0xe000)
            continue;
        uint8_t text[6] = {'a', 0, 0, 0, 0, 'b'};
        size_t len = c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
        uint32_t rest = c;
        for (size_t i = len; i > 1; i--, rest >>= 6)
            text[i] = (uint8_t)(0x80 | (rest & 0x3f));
        text[1] = (uint8_t)((0xf00 >> len) | rest);
        text[1 + len] = 'b';
        evh_buffer_truncate(&once, 0);
        evh_buffer_truncate(&twice, 0);
        assert_ok(evh_normalize(&once, EVH_NORMALIZER_BASIC, evh_view_of(text, len + 2)));
        assert_ok(evh_normalize(&twice, EVH_NORMALIZER_BASIC, evh_buffer_view(&once)));
        assert_views_equal(evh_buffer_view(&twice), evh_buffer_view(&once));
    }
    evh_buffer_clear(&twice);
    evh_buffer_clear(&once);
}

static void test_normalizer_ids_are_pinned(void **state)
{
    (void)state;
    assert_string_equal(evh_normalizer_id(EVH_NORMALIZER_NONE), "none-1");
    assert_string_equal(evh_normalizer_id(EVH_NORMALIZER_BASIC), "basic-1");
    assert_ok(evh_normalizer_check(EVH_NORMALIZER_NONE));
    assert_ok(evh_normalizer_check(EVH_NORMALIZER_BASIC));
    assert_fails(evh_normalizer_check((evh_normalizer_kind)7), EVH_ERR_ARG);
}

int run_normalizer_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_normalize_basic_keeps_words_whole),
        cmocka_unit_test(test_normalize_none_keeps_bytes),
        cmocka_unit_test(test_normalize_failures_add_nothing),
        cmocka_unit_test(test_normalize_basic_is_idempotent_for_all_characters),
        cmocka_unit_test(test_normalizer_ids_are_pinned),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
