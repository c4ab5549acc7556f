/* SPDX-License-Identifier: Apache-2.0 */
#include "evenhand/cli/progress.h"

#include <stdio.h>
#include <string.h>

#include "support/test.h"
#include "tests.h"

static int64_t fake_ms(void *context)
{
    return *(const int64_t *)context;
}

typedef struct run_of {
    int64_t now_ms;
    evh_cli cli;
    evh_progress progress;
    char text[1024];
} run_of;

static void start(run_of *r, uint64_t total)
{
    r->cli.err = tmpfile();
    assert_non_null(r->cli.err);
    evh_clock clock = {.wall_ms = fake_ms, .monotonic_ms = fake_ms, .context = &r->now_ms};
    r->progress = evh_progress_start(&r->cli, clock, "reading", total);
}

static const char *finish(run_of *r)
{
    evh_progress_end(&r->progress);
    rewind(r->cli.err);
    size_t got = fread(r->text, 1, sizeof r->text - 1, r->cli.err);
    r->text[got] = '\0';
    (void)fclose(r->cli.err);
    return r->text;
}

static void test_progress_line_per_ten_seconds(void **state)
{
    (void)state;
    run_of r = {.now_ms = 5000};
    start(&r, 200);
    for (; r.now_ms <= 35500; r.now_ms += 500)
        evh_progress_at(&r.progress, (uint64_t)(r.now_ms - 5000) / 200);
    assert_string_equal(finish(&r), "reading: 25 % after 10 s\n"
                                    "reading: 50 % after 20 s\n"
                                    "reading: 75 % after 30 s\n");
}

static void test_progress_unknown_total(void **state)
{
    (void)state;
    run_of r = {.now_ms = 0};
    start(&r, 0);
    r.now_ms = 10000;
    evh_progress_at(&r.progress, 77);
    assert_string_equal(finish(&r), "reading: 10 s\n");
}

static void test_progress_never_above_hundred(void **state)
{
    (void)state;
    run_of r = {.now_ms = 0};
    start(&r, 10);
    r.now_ms = 10000;
    evh_progress_at(&r.progress, 11);
    assert_string_equal(finish(&r), "reading: 100 % after 10 s\n");
}

static void test_progress_silent(void **state)
{
    (void)state;
    run_of quiet = {.now_ms = 0, .cli.common.quiet = true};
    start(&quiet, 10);
    quiet.now_ms = 20000;
    evh_progress_at(&quiet.progress, 5);
    assert_string_equal(finish(&quiet), "");
    run_of json = {.now_ms = 0, .cli.common.json = true};
    start(&json, 10);
    json.now_ms = 20000;
    evh_progress_at(&json.progress, 5);
    assert_string_equal(finish(&json), "");
}

static void test_progress_bar_on_a_terminal(void **state)
{
    (void)state;
    run_of r = {.now_ms = 0};
    start(&r, 100);
    r.progress.terminal = true;
    r.progress.shown_ms = 0;
    r.now_ms = 300;
    evh_progress_at(&r.progress, 50);
    r.now_ms = 350;
    evh_progress_at(&r.progress, 60);
    assert_string_equal(finish(&r), "\rreading [###############---------------]  50 %\r\033[K");
}

int run_progress_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_progress_line_per_ten_seconds),
        cmocka_unit_test(test_progress_unknown_total),
        cmocka_unit_test(test_progress_never_above_hundred),
        cmocka_unit_test(test_progress_silent),
        cmocka_unit_test(test_progress_bar_on_a_terminal),
    };
    return cmocka_run_group_tests_name("progress", tests, NULL, NULL);
}
