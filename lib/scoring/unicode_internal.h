/* SPDX-License-Identifier: Apache-2.0
 * scoring/unicode_internal.h: one call of utf8proc's mapping into a buffer.
 * Tests    unit/scoring/test_text.c, test_normalizer.c */
#ifndef EVH_SCORING_UNICODE_INTERNAL_H
#define EVH_SCORING_UNICODE_INTERNAL_H

#include "evenhand/base/bytes.h"
#include "evenhand/base/status.h"

/* The library works with one 32-bit code point per byte at worst, several times over. */
enum { EVH_UNICODE_BYTES_MAX = 1 << 28 };

/* Appends the text as mapped by utf8proc options.
 *   options  of utf8proc_option_t, without UTF8PROC_NULLTERM: a NUL is a character like others
 * Fails    ENCODING not UTF-8; MEMORY; nothing was then added. */
EVH_MUST_USE evh_status evh_unicode_map(evh_buffer *out, evh_view text, int options);

#endif
