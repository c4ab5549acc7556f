/* SPDX-License-Identifier: Apache-2.0 */
#include "evenhand/base/log.h"

#include <string.h>

#include "support/test.h"
#include "tests.h"

typedef struct capture {
    char text[EVH_LOG_LINE_MAX + 1];
    size_t lines;
} capture;

static void capture_write(void *context, const char *line, size_t len)
{
    capture *to = context;
    assert_true(len <= EVH_LOG_LINE_MAX);
    memcpy(to->text, line, len);
    to->text[len] = '\0';
    to->lines++;
}

static int64_t fixed_time(void *context)
{
    (void)context;
    return 1000;
}

static evh_log capture_log(capture *to)
{
    memset(to, 0, sizeof *to);
    evh_log log = {.write = capture_write,
                   .context = to,
                   .least = EVH_LOG_INFO,
                   .clock = {.wall_ms = fixed_time, .monotonic_ms = fixed_time}};
    return log;
}

static void test_log_event_writes_typed_fields(void **state)
{
    (void)state;
    capture to;
    evh_log log = capture_log(&to);
    const uint8_t id[4] = {0xde, 0xad, 0xbe, 0xef};
    EVH_LOG(&log, EVH_LOG_WARN, "test", "upload_refused", evh_log_id("customer", "acme"),
            evh_log_hex("task", evh_view_of(id, sizeof id)), evh_log_u64("count", 3),
            evh_log_i64("delta", -2), evh_log_code(EVH_ERR_TYPE));
    assert_string_equal(to.text, "1970-01-01T00:00:01.000Z level=warn module=test "
                                 "event=upload_refused customer=acme task=deadbeef count=3 "
                                 "delta=-2 code=TYPE\n");
}

static void test_log_event_neutralises_foreign_bytes(void **state)
{
    (void)state;
    capture to;
    evh_log log = capture_log(&to);
    EVH_LOG(&log, EVH_LOG_INFO, "test", "e", evh_log_id("customer", "a b\nlevel=error\x01"));
    assert_non_null(strstr(to.text, "customer=a?b?level?error?\n"));
}

static void test_log_event_drops_below_level_and_without_sink(void **state)
{
    (void)state;
    capture to;
    evh_log log = capture_log(&to);
    EVH_LOG(&log, EVH_LOG_DEBUG, "test", "e", evh_log_u64("n", 1));
    assert_int_equal(to.lines, 0);
    EVH_LOG(NULL, EVH_LOG_ERROR, "test", "e", evh_log_u64("n", 1));
}

static void test_log_event_cuts_long_lines(void **state)
{
    (void)state;
    capture to;
    evh_log log = capture_log(&to);
    char id[EVH_LOG_ID_MAX + 1];
    memset(id, 'x', EVH_LOG_ID_MAX);
    id[EVH_LOG_ID_MAX] = '\0';
    evh_log_field fields[40];
    for (size_t i = 0; i < 40; i++)
        fields[i] = evh_log_id("key", id);
    evh_log_event(&log, EVH_LOG_INFO, "test", "e", fields, 40);
    size_t len = strlen(to.text);
    assert_true(len <= EVH_LOG_LINE_MAX);
    assert_string_equal(to.text + len - 4, "...\n");
}

int run_log_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_log_event_writes_typed_fields),
        cmocka_unit_test(test_log_event_neutralises_foreign_bytes),
        cmocka_unit_test(test_log_event_drops_below_level_and_without_sink),
        cmocka_unit_test(test_log_event_cuts_long_lines),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
