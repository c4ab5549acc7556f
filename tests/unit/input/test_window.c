/* SPDX-License-Identifier: Apache-2.0 */
#include "evenhand/input/window.h"

#include "support/test.h"
#include "tests.h"

/* October 2026 in a zone two hours east of UTC. */
static const evh_input_window october = {
    .start_ms = 1790805600000, .end_ms = 1793484000000, .offset_s = 7200};

static void test_window_test_edges(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        bool inside;
    } cases[] = {
        {"2026-09-30T23:59:59.999", false},  {"2026-10-01", true},
        {"2026-10-01T00:00:00+02:00", true}, {"2026-09-30T22:00:00Z", true},
        {"2026-09-30T21:59:59.999Z", false}, {"2026-10-31T23:59:59.999", true},
        {" 2026-10-31 23:59 \r", true},      {"2026-11-01", false},
        {"2026-11-01T00:00:00Z", false},     {"2026-10-31T21:59:59Z", true},
        {"2026-10-31T22:00:00Z", false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        bool inside = !cases[i].inside;
        assert_ok(evh_input_window_test(&october, evh_view_of_text(cases[i].text), &inside));
        if (inside != cases[i].inside)
            fail_msg("%s", cases[i].text);
    }
}

static void test_window_test_refuses_no_time(void **state)
{
    (void)state;
    static const char *const bad[] = {"",           " ",          "yesterday",
                                      "2026-13-01", "1790805600", "01.10.2026"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        bool inside = true;
        assert_fails_with(evh_input_window_test(&october, evh_view_of_text(bad[i]), &inside),
                          EVH_ERR_INPUT, "YYYY-MM-DD");
        assert_false(inside);
    }
}

int run_window_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_window_test_edges),
        cmocka_unit_test(test_window_test_refuses_no_time),
    };
    return cmocka_run_group_tests_name("window", tests, NULL, NULL);
}
