/* SPDX-License-Identifier: Apache-2.0 */
#include "evenhand/input/trn.h"

#include <stdio.h>

#include "support/test.h"
#include "tests.h"

static void test_trn_parse_lines(void **state)
{
    (void)state;
    evh_view text = view_of_literal("\xef\xbb\xbfonce upon  a time (b-1)\r\n\n"
                                    "  (a_2)\n(oh) {well / hm} ;; x( z 9 ) \t\nlast(c)");
    evh_input_trn trn;
    assert_ok(evh_input_trn_parse(&trn, text));
    static const struct {
        const char *id, *words;
        uint64_t line;
    } expected[] = {{"b-1", "once upon  a time", 1},
                    {"a_2", "", 3},
                    {"z 9", "(oh) {well / hm} ;; x", 4},
                    {"c", "last", 5}};
    assert_int_equal(trn.count, 4);
    for (size_t i = 0; i < 4; i++) {
        assert_views_equal(trn.utterances[i].id, evh_view_of_text(expected[i].id));
        assert_views_equal(trn.utterances[i].words, evh_view_of_text(expected[i].words));
        assert_true(trn.utterances[i].line == expected[i].line);
        assert_ptr_equal(evh_input_trn_find(&trn, trn.utterances[i].id), &trn.utterances[i]);
    }
    assert_null(evh_input_trn_find(&trn, view_of_literal("B-1")));
    assert_null(evh_input_trn_find(&trn, view_of_literal("")));
    evh_input_trn_clear(&trn);
    assert_int_equal(trn.count, 0);
}

static void test_trn_parse_refuses(void **state)
{
    (void)state;
    static const struct {
        const char *text, *reason;
    } bad[] = {
        {"", "no utterance"},
        {" \n\r\n", "no utterance"},
        {"a b\n", "line 1: no \"(utterance_id)\" at the end"},
        {"a (1)\n\nb (2) c\n", "line 3: no \"(utterance_id)\""},
        {"a ()\n", "line 1: no \"(utterance_id)\""},
        {"a ( )\n", "line 1: no \"(utterance_id)\""},
        {"1)\n", "line 1: no \"(utterance_id)\""},
        {")\n", "line 1: no \"(utterance_id)\""},
        {"a (1)\nb (2)\nc (1)\n", "lines 1 and 3 have the same utterance id"},
        {"a (\xff)\n", "byte 4 is not UTF-8"},
    };
    evh_input_trn trn;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_fails_with(evh_input_trn_parse(&trn, evh_view_of_text(bad[i].text)), EVH_ERR_INPUT,
                          bad[i].reason);
        assert_null(trn.utterances);
        assert_null(trn.by_id);
    }
    assert_fails_with(evh_input_trn_parse(&trn, view_of_literal("a\0 (1)")), EVH_ERR_INPUT,
                      "byte 2 is NUL");
}

static void test_trn_parse_cut_at_every_byte(void **state)
{
    (void)state;
    evh_view text = view_of_literal("a b (1)\nc (2)\n");
    for (size_t len = 0; len <= text.len; len++) {
        evh_input_trn trn;
        evh_status status = evh_input_trn_parse(&trn, evh_view_of(text.data, len));
        bool whole = len == 7 || len == 8 || len >= 13;
        assert_int_equal(status.code, whole ? EVH_OK : EVH_ERR_INPUT);
        assert_int_equal(trn.count, !whole ? 0 : len < 13 ? 1 : 2);
        evh_input_trn_clear(&trn);
    }
}

static void test_trn_find_among_many(void **state)
{
    (void)state;
    enum { COUNT = 1000 };
    evh_buffer text = evh_buffer_init(1 << 20);
    for (int i = 0; i < COUNT; i++)
        assert_ok(evh_buffer_format(&text, "word%d (id_%d)\n", i, i * 7919 % COUNT));
    evh_input_trn trn;
    assert_ok(evh_input_trn_parse(&trn, evh_buffer_view(&text)));
    assert_int_equal(trn.count, COUNT);
    for (int i = 0; i < COUNT; i++) {
        char id[32];
        (void)snprintf(id, sizeof id, "id_%d", i * 7919 % COUNT);
        assert_ptr_equal(evh_input_trn_find(&trn, evh_view_of_text(id)), &trn.utterances[i]);
    }
    evh_input_trn_clear(&trn);
    evh_buffer_clear(&text);
}

int run_trn_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_trn_parse_lines),
        cmocka_unit_test(test_trn_parse_refuses),
        cmocka_unit_test(test_trn_parse_cut_at_every_byte),
        cmocka_unit_test(test_trn_find_among_many),
    };
    return cmocka_run_group_tests_name("trn", tests, NULL, NULL);
}
