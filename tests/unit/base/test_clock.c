/* SPDX-License-Identifier: Apache-2.0 */
#include "evenhand/base/clock.h"

#include "support/test.h"
#include "tests.h"

static void test_civil_round_trip_every_day(void **state)
{
    (void)state;
    int64_t day = evh_civil_to_unix((evh_civil){.year = 1600, .month = 1, .day = 1}) / 86400;
    for (int year = 1600; year < 2400; year++)
        for (int month = 1; month <= 12; month++)
            for (int date = 1; date <= evh_days_in_month(year, month); date++, day++) {
                evh_civil civil = {.year = year,
                                   .month = month,
                                   .day = date,
                                   .hour = 23,
                                   .minute = 59,
                                   .second = 58};
                assert_true(evh_civil_to_unix(civil) == day * 86400 + 86398);
                evh_civil back = evh_civil_from_unix(day * 86400 + 86398);
                assert_true(back.year == year && back.month == month && back.day == date &&
                            back.hour == 23 && back.minute == 59 && back.second == 58);
            }
    assert_true(evh_civil_to_unix((evh_civil){.year = 1970, .month = 1, .day = 1}) == 0);
}

static void test_time_format(void **state)
{
    (void)state;
    char text[EVH_TIME_TEXT_LEN];
    evh_time_format(text, 0);
    assert_string_equal(text, "1970-01-01T00:00:00.000Z");
    evh_time_format(text, -1);
    assert_string_equal(text, "1969-12-31T23:59:59.999Z");
    evh_time_format(text, 1793000000123);
    assert_string_equal(text, "2026-10-26T07:33:20.123Z");
}

static void test_time_parse_forms(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int32_t offset_s;
        int64_t unix_ms;
    } good[] = {
        {"1970-01-01", 0, 0},
        {"1970-01-01", 3600, -3600000},
        {"1970-01-01T00:00:01Z", 3600, 1000},
        {"1970-01-01 01:00", 0, 3600000},
        {"1970-01-01T00:00:00.5Z", 0, 500},
        {"1970-01-01T00:00:00.123456+00:00", 0, 123},
        {"1970-01-01T00:00:00+01:00", 0, -3600000},
        {"1970-01-01T00:00:00-01:30", 0, 5400000},
        {"2024-02-29", 0, 1709164800000},
    };
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        int64_t unix_ms = -7;
        assert_ok(evh_time_parse(evh_view_of_text(good[i].text), good[i].offset_s, &unix_ms));
        assert_true(unix_ms == good[i].unix_ms);
    }
    static const char *const bad[] = {"",
                                      "1970",
                                      "1970-1-01",
                                      "1970-13-01",
                                      "1970-02-30",
                                      "2023-02-29",
                                      "1970-01-01T",
                                      "1970-01-01T24:00",
                                      "1970-01-01T00:60",
                                      "1970-01-01T00:00:60",
                                      "1970-01-01T00:00:00.",
                                      "1970-01-01T00:00:00+1:00",
                                      "1970-01-01T00:00:00Zx",
                                      "1970-01-01Z",
                                      " 1970-01-01"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        int64_t unix_ms = -7;
        assert_fails_with(evh_time_parse(evh_view_of_text(bad[i]), 0, &unix_ms), EVH_ERR_ENCODING,
                          "YYYY-MM-DD");
        assert_true(unix_ms == 0);
    }
}

static void test_clock_os_moves_on(void **state)
{
    (void)state;
    evh_clock clock = evh_clock_os();
    int64_t first = evh_clock_monotonic_ms(&clock);
    assert_true(evh_clock_monotonic_ms(&clock) >= first);
    assert_true(evh_clock_wall_ms(&clock) > 1700000000000);
}

int run_clock_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_civil_round_trip_every_day),
        cmocka_unit_test(test_time_format),
        cmocka_unit_test(test_time_parse_forms),
        cmocka_unit_test(test_clock_os_moves_on),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
