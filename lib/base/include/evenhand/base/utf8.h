/* SPDX-License-Identifier: Apache-2.0
 * base/utf8.h: strict UTF-8.
 * Source   RFC 3629: shortest form only, no surrogates, nothing above U+10FFFF
 * Memory   allocates nothing          Tests    unit/base/test_utf8.c */
#ifndef EVH_BASE_UTF8_H
#define EVH_BASE_UTF8_H

#include <stddef.h>
#include <stdint.h>

#include "evenhand/base/bytes.h"

/* Decodes the first character of text.
 *   code    the code point, 0 when there is none
 * Gives its length of 1..4 bytes, or 0 when text is empty or does not start with a whole valid
 * character. */
size_t evh_utf8_decode(evh_view text, uint32_t *code);

/* Length in bytes of the longest valid beginning of text: text.len when all of it is valid. */
size_t evh_utf8_valid_len(evh_view text);

#endif
