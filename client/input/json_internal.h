/* SPDX-License-Identifier: Apache-2.0
 * input/json_internal.h: the one place where jansson's errors become words.
 * Source   RFC 8259; jansson's texts quote the input, which is personal data, so they are not used
 */
#ifndef EVH_INPUT_JSON_INTERNAL_H
#define EVH_INPUT_JSON_INTERNAL_H

#include <jansson.h>

#include "evenhand/base/bytes.h"
#include "evenhand/base/status.h"

/* Parses one JSON object: UTF-8, no key twice, nothing behind it. Integers are read as reals, so
 * that large ones do not fail: whoever needs a number takes its text.
 *   out   owned by the caller (json_decref); NULL on failure
 * Fails INPUT with the reason and the byte */
EVH_MUST_USE evh_status evh_input_json_parse(json_t **out, evh_view text);

#endif
