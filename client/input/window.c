/* SPDX-License-Identifier: Apache-2.0 */
#include "evenhand/input/window.h"

#include "evenhand/base/clock.h"

evh_status evh_input_window_test(const evh_input_window *window, evh_view text, bool *inside)
{
    *inside = false;
    int64_t unix_ms = 0;
    evh_status status = evh_time_parse(evh_view_trim(text), window->offset_s, &unix_ms);
    if (status.code != EVH_OK)
        return evh_fail(EVH_ERR_INPUT, "the time is not YYYY-MM-DD[Thh:mm[:ss[.fff]][Z|+hh:mm]]");
    *inside = unix_ms >= window->start_ms && unix_ms < window->end_ms;
    return evh_ok();
}
