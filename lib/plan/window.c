/* SPDX-License-Identifier: Apache-2.0
 * Civil arithmetic of windows, and reading them from the message. */
#include "evenhand/plan/window.h"

#include <stdio.h>
#include <string.h>

#include "evenhand/base/clock.h"
#include "plan_internal.h"

enum { DAY_S = 86400, ZONE_MINUTES_MAX = 14 * 60 };

/* Start of a round, or of the one after the last. Months are counted from year 0, so that no
 * division sees a negative number. */
static int64_t start_of(const evh_plan_window *window, uint32_t round)
{
    static const uint32_t months_per_round[] = {
        [EVH_PLAN_MONTH] = 1, [EVH_PLAN_QUARTER] = 3, [EVH_PLAN_YEAR] = 12};
    uint32_t done = round - 1;
    evh_civil day = {.year = window->year, .month = window->month, .day = window->day};
    int64_t seconds = 0;
    if (window->every == EVH_PLAN_DAY || window->every == EVH_PLAN_WEEK) {
        int64_t days = window->every == EVH_PLAN_WEEK ? 7 : 1;
        seconds = evh_civil_to_unix(day) + days * DAY_S * done;
    } else {
        uint32_t months =
            (uint32_t)(day.year * 12 + day.month - 1) + done * months_per_round[window->every];
        day.year = (int)(months / 12);
        day.month = (int)(months % 12) + 1;
        seconds = evh_civil_to_unix(day);
    }
    return (seconds - window->offset_s) * 1000;
}

evh_status evh_plan_round_window(const evh_plan *plan, uint32_t round, int64_t *start_ms,
                                 int64_t *end_ms)
{
    *start_ms = 0;
    *end_ms = 0;
    if (!plan->terms.has_window)
        return evh_fail(EVH_ERR_ARG, "the plan has no window");
    if (round < 1 || round > EVH_PLAN_ROUNDS_MAX)
        return evh_fail(EVH_ERR_RANGE, "round %u: rounds are numbered from 1 to %d", round,
                        EVH_PLAN_ROUNDS_MAX);
    *start_ms = start_of(&plan->terms.window, round);
    *end_ms = start_of(&plan->terms.window, round + 1);
    return evh_ok();
}

evh_status evh_plan_round_at(const evh_plan *plan, int64_t time_ms, uint32_t *round)
{
    *round = 0;
    if (!plan->terms.has_window)
        return evh_fail(EVH_ERR_ARG, "the plan has no window");
    uint32_t low = 0;                        /* starts at or before the time, or 0 */
    uint32_t high = EVH_PLAN_ROUNDS_MAX + 1; /* starts after it, or the one behind the last */
    if (time_ms >= start_of(&plan->terms.window, high))
        return evh_ok();
    while (high - low > 1) {
        uint32_t middle = low + (high - low) / 2;
        if (start_of(&plan->terms.window, middle) <= time_ms)
            low = middle;
        else
            high = middle;
    }
    *round = low;
    return evh_ok();
}

/* "YYYY-MM-DD" of an existing day from 1970 on. Months, quarters and years start on a day that
 * every month has. */
static bool read_start(evh_plan_context *context, const char *text, evh_plan_window *window)
{
    const evh_yaml_node *node = evh_plan_node(context, "window", "start");
    int64_t unix_ms = 0;
    bool civil_month = window->every != EVH_PLAN_DAY && window->every != EVH_PLAN_WEEK;
    evh_status status = evh_ok();
    if (strlen(text) == 10)
        status = evh_time_parse(evh_view_of_text(text), 0, &unix_ms);
    if (strlen(text) != 10 || status.code != EVH_OK || unix_ms < 0) {
        evh_plan_wrong(context, node, "an existing day from 1970 on, YYYY-MM-DD", "start is \"%s\"",
                       text);
        return false;
    }
    evh_civil day = evh_civil_from_unix(unix_ms / 1000);
    if (civil_month && day.day > 28) {
        evh_plan_wrong(context, node, "a day from 1 to 28, which every month has",
                       "start is on day %d of a month", day.day);
        return false;
    }
    window->year = (int16_t)day.year;
    window->month = (uint8_t)day.month;
    window->day = (uint8_t)day.day;
    return true;
}

bool evh_plan_resolve_window(evh_plan_context *context)
{
    const Evenhand__V1__Plan__Window *from = context->plan->message->window;
    evh_plan_window *window = &context->plan->terms.window;
    if (from == NULL)
        return true;
    if (!evh_plan_in_range(context, evh_plan_node(context, "window", "every"), "every", from->every,
                           1, EVH_PLAN_YEAR + 1))
        return false;
    window->every = (evh_plan_every)(from->every - 1);
    if (from->offset_minutes < -ZONE_MINUTES_MAX || from->offset_minutes > ZONE_MINUTES_MAX) {
        evh_plan_wrong(context, evh_plan_node(context, "window", "timezone"),
                       "an offset from -14:00 to +14:00", "timezone is %d minutes",
                       (int)from->offset_minutes);
        return false;
    }
    window->offset_s = from->offset_minutes * 60;
    context->plan->terms.has_window = true;
    return read_start(context, from->start, window);
}
