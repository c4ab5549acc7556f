/* SPDX-License-Identifier: Apache-2.0 */
#include "evenhand/plan/window.h"

#include <string.h>

#include "evenhand/base/clock.h"
#include "plans.h"
#include "support/test.h"
#include "tests.h"

static evh_plan *plan_with_window(const char *window)
{
    evh_buffer yaml = evh_buffer_init(4096);
    assert_ok(evh_buffer_format(&yaml, "%swindow: {%s}\n", plan_smallest, window));
    assert_ok(evh_buffer_u8(&yaml, 0));
    evh_plan *plan = parse_plan((const char *)yaml.data);
    evh_buffer_clear(&yaml);
    return plan;
}

static void test_round_window(void **state)
{
    (void)state;
    static const struct {
        const char *window;
        uint32_t round;
        const char *start;
        const char *end;
    } rows[] = {
        {"every: month, start: 2026-10-01", 1, "2026-10-01T00:00:00.000Z",
         "2026-11-01T00:00:00.000Z"},
        {"every: month, start: 2026-10-01", 5, "2027-02-01T00:00:00.000Z",
         "2027-03-01T00:00:00.000Z"},
        {"every: month, start: 2027-12-28", 3, "2028-02-28T00:00:00.000Z",
         "2028-03-28T00:00:00.000Z"},
        {"every: day, start: 2028-02-28", 2, "2028-02-29T00:00:00.000Z",
         "2028-03-01T00:00:00.000Z"},
        {"every: week, start: 2026-12-28", 2, "2027-01-04T00:00:00.000Z",
         "2027-01-11T00:00:00.000Z"},
        {"every: quarter, start: 2026-11-15", 2, "2027-02-15T00:00:00.000Z",
         "2027-05-15T00:00:00.000Z"},
        {"every: year, start: 2026-02-28", 3, "2028-02-28T00:00:00.000Z",
         "2029-02-28T00:00:00.000Z"},
        {"every: day, start: 2026-10-01, timezone: '+05:30'", 1, "2026-09-30T18:30:00.000Z",
         "2026-10-01T18:30:00.000Z"},
        {"every: day, start: 2026-10-01, timezone: -03:00", 1, "2026-10-01T03:00:00.000Z",
         "2026-10-02T03:00:00.000Z"},
        {"every: month, start: 1970-01-01, timezone: +14:00", 1, "1969-12-31T10:00:00.000Z",
         "1970-01-31T10:00:00.000Z"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        evh_plan *plan = plan_with_window(rows[i].window);
        int64_t start = 0;
        int64_t end = 0;
        char text[EVH_TIME_TEXT_LEN];
        assert_ok(evh_plan_round_window(plan, rows[i].round, &start, &end));
        evh_time_format(text, start);
        assert_string_equal(text, rows[i].start);
        evh_time_format(text, end);
        assert_string_equal(text, rows[i].end);
        evh_plan_free(&plan);
    }
}

/* Rounds follow each other without a gap, and round_at finds each from its first to its last
 * moment. */
static void test_round_at_is_inverse(void **state)
{
    (void)state;
    static const char *const everies[] = {"day", "week", "month", "quarter", "year"};
    for (size_t i = 0; i < 5; i++) {
        char window[128] = "every: ";
        (void)strncat(window, everies[i], 16);
        (void)strncat(window, ", start: 2027-11-28, timezone: -09:30", 64);
        evh_plan *plan = plan_with_window(window);
        int64_t before = 0;
        for (uint32_t round = 1; round <= EVH_PLAN_ROUNDS_MAX; round += round < 900 ? 1 : 700) {
            int64_t start = 0;
            int64_t end = 0;
            uint32_t found = 0;
            assert_ok(evh_plan_round_window(plan, round, &start, &end));
            assert_true(start < end);
            assert_true(round == 1 || round > 900 || start == before);
            before = end;
            assert_ok(evh_plan_round_at(plan, start, &found));
            assert_int_equal(found, round);
            assert_ok(evh_plan_round_at(plan, end - 1, &found));
            assert_int_equal(found, round);
            assert_ok(evh_plan_round_at(plan, start - 1, &found));
            assert_int_equal(found, round - 1);
        }
        evh_plan_free(&plan);
    }
}

static void test_round_window_limits(void **state)
{
    (void)state;
    evh_plan *plan = plan_with_window("every: year, start: 2026-01-01");
    int64_t start = 7;
    int64_t end = 7;
    uint32_t round = 7;
    assert_fails(evh_plan_round_window(plan, 0, &start, &end), EVH_ERR_RANGE);
    assert_true(start == 0 && end == 0);
    assert_fails(evh_plan_round_window(plan, EVH_PLAN_ROUNDS_MAX + 1, &start, &end), EVH_ERR_RANGE);
    assert_ok(evh_plan_round_window(plan, EVH_PLAN_ROUNDS_MAX, &start, &end));
    assert_ok(evh_plan_round_at(plan, end - 1, &round));
    assert_int_equal(round, EVH_PLAN_ROUNDS_MAX);
    assert_ok(evh_plan_round_at(plan, end, &round));
    assert_int_equal(round, 0);
    assert_ok(evh_plan_round_at(plan, INT64_MIN, &round));
    assert_int_equal(round, 0);
    evh_plan_free(&plan);

    plan = parse_plan(plan_smallest);
    assert_fails(evh_plan_round_window(plan, 1, &start, &end), EVH_ERR_ARG);
    assert_fails(evh_plan_round_at(plan, 0, &round), EVH_ERR_ARG);
    evh_plan_free(&plan);
}

int run_window_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_round_window),
        cmocka_unit_test(test_round_at_is_inverse),
        cmocka_unit_test(test_round_window_limits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
