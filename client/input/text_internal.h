/* SPDX-License-Identifier: Apache-2.0
 * input/text_internal.h: what every text file must be. */
#ifndef EVH_INPUT_TEXT_INTERNAL_H
#define EVH_INPUT_TEXT_INTERNAL_H

#include "evenhand/base/bytes.h"
#include "evenhand/base/status.h"

/* Takes a byte order mark off and checks the rest. Fails INPUT: invalid UTF-8, a NUL byte. */
EVH_MUST_USE evh_status evh_input_text_check(evh_view *text);

#endif
