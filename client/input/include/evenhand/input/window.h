/* SPDX-License-Identifier: Apache-2.0
 * input/window.h: is a record's time inside the round's window?
 * Memory   allocates nothing          Tests    unit/input/test_window.c */
#ifndef EVH_INPUT_WINDOW_H
#define EVH_INPUT_WINDOW_H

#include <stdint.h>

#include "evenhand/base/bytes.h"
#include "evenhand/base/status.h"

typedef struct evh_input_window {
    int64_t start_ms; /* since 1970, first moment inside */
    int64_t end_ms;   /* first moment behind it */
    int32_t offset_s; /* seconds east of UTC that a time without a zone is in */
} evh_input_window;

/* Reads a time as evh_time_parse does (white space around it is ignored) and says whether
 * start <= time < end. Fails INPUT when the text is not a time; *inside is then false. */
EVH_MUST_USE evh_status evh_input_window_test(const evh_input_window *window, evh_view text,
                                              bool *inside);

#endif
