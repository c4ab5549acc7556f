/* SPDX-License-Identifier: Apache-2.0
 * scoring/text.h: how values are compared as text: in Unicode NFC.
 * Source   Unicode 15.0 through utf8proc
 * Tests    unit/scoring/test_text.c */
#ifndef EVH_SCORING_TEXT_H
#define EVH_SCORING_TEXT_H

#include <stdbool.h>

#include "evenhand/base/bytes.h"
#include "evenhand/base/status.h"

/* True for bytes below 0x80 only (an empty text included): such a text is its own NFC. */
bool evh_text_is_ascii(evh_view text);

/* Gives the NFC form of a text: the text itself when it is ASCII, otherwise a view of scratch.
 *   scratch  replaced; its content is valid as long as the view is needed
 * Fails    ENCODING not UTF-8; MEMORY; *out is then empty. */
EVH_MUST_USE evh_status evh_text_nfc(evh_view *out, evh_buffer *scratch, evh_view text);

#endif
