/* SPDX-License-Identifier: Apache-2.0 */
#include "evenhand/input/transcribe.h"

#include "support/test.h"
#include "tests.h"

static const char recent[] =
    "{\"jobName\":\"j\",\"accountId\":\"0\",\"status\":\"COMPLETED\",\"results\":{\"transcripts\":"
    "[{\"transcript\":\"Caf\\u00e9, twice.\"}],\"items\":[{\"id\":0,\"type\":\"pronunciation\","
    "\"alternatives\":[{\"confidence\":\"0.99\",\"content\":\"Caf\\u00e9\"}],\"start_time\":\"0."
    "1\","
    "\"end_time\":\"0.4\"}],\"audio_segments\":[{\"id\":0,\"transcript\":\"x\",\"items\":[0]}]}}";

static void test_transcribe_parse_old_and_new_files(void **state)
{
    (void)state;
    evh_buffer out = evh_buffer_init(1000);
    assert_ok(evh_buffer_append(&out, view_of_literal("before ")));
    assert_ok(evh_input_transcribe_parse(&out, view_of_literal(recent)));
    assert_views_equal(evh_buffer_view(&out), view_of_literal("before Caf\xc3\xa9, twice."));
    evh_buffer_clear(&out);
    assert_ok(evh_input_transcribe_parse(
        &out, view_of_literal("{\"results\":{\"transcripts\":[{\"transcript\":\"a\"},"
                              "{\"transcript\":\"\"},{\"transcript\":\"b c\"}]}}")));
    assert_views_equal(evh_buffer_view(&out), view_of_literal("a  b c"));
    evh_buffer_clear(&out);
    assert_ok(evh_input_transcribe_parse(
        &out, view_of_literal("{\"results\":{\"transcripts\":[{\"transcript\":\"\"}]}}")));
    assert_int_equal(out.len, 0);
    evh_buffer_clear(&out);
}

static void test_transcribe_parse_refuses(void **state)
{
    (void)state;
    static const struct {
        const char *json, *reason;
    } bad[] = {
        {"", "the end inside"},
        {"[]", "a JSON object"},
        {"{}", "no results.transcripts"},
        {"{\"results\":[]}", "no results.transcripts"},
        {"{\"results\":{}}", "no results.transcripts"},
        {"{\"results\":{\"transcripts\":{}}}", "no results.transcripts"},
        {"{\"results\":{\"transcripts\":[]}}", "no results.transcripts"},
        {"{\"results\":{\"transcripts\":[1]}}", "transcripts[0].transcript is not a text"},
        {"{\"results\":{\"transcripts\":[{\"transcript\":\"a\"},{}]}}", "transcripts[1]"},
        {"{\"results\":{\"transcripts\":[{\"transcript\":1.5}]}}", "transcripts[0]"},
        {"{\"status\":\"FAILED\",\"results\":{\"transcripts\":[{\"transcript\":\"a\"}]}}",
         "status is not COMPLETED"},
        {"{\"status\":1,\"results\":{\"transcripts\":[{\"transcript\":\"a\"}]}}", "status is not"},
        {"{\"results\":{},\"results\":{\"transcripts\":[{\"transcript\":\"a\"}]}}",
         "a key that was there before"},
        {"{\"results\":{\"transcripts\":[{\"transcript\":\"\xff\"}]}}", "not UTF-8"},
    };
    evh_buffer out = evh_buffer_init(1000);
    assert_ok(evh_buffer_append(&out, view_of_literal("kept")));
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_fails_with(evh_input_transcribe_parse(&out, evh_view_of_text(bad[i].json)),
                          EVH_ERR_INPUT, bad[i].reason);
        assert_views_equal(evh_buffer_view(&out), view_of_literal("kept"));
    }
    evh_buffer_clear(&out);
}

static void test_transcribe_parse_cut_at_every_byte(void **state)
{
    (void)state;
    evh_buffer out = evh_buffer_init(1000);
    for (size_t len = 0; len + 1 < sizeof recent; len++) {
        assert_fails(evh_input_transcribe_parse(&out, evh_view_of(recent, len)), EVH_ERR_INPUT);
        assert_int_equal(out.len, 0);
    }
    evh_buffer_clear(&out);
}

static void test_transcribe_parse_respects_ceiling(void **state)
{
    (void)state;
    evh_buffer out = evh_buffer_init(8);
    assert_fails(evh_input_transcribe_parse(&out, view_of_literal(recent)), EVH_ERR_MEMORY);
    assert_int_equal(out.len, 0);
    evh_buffer_clear(&out);
}

int run_transcribe_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_transcribe_parse_old_and_new_files),
        cmocka_unit_test(test_transcribe_parse_refuses),
        cmocka_unit_test(test_transcribe_parse_cut_at_every_byte),
        cmocka_unit_test(test_transcribe_parse_respects_ceiling),
    };
    return cmocka_run_group_tests_name("transcribe", tests, NULL, NULL);
}
