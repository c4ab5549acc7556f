/* SPDX-License-Identifier: Apache-2.0
 * scoring/normalizer.h: what is done to a transcript before its words are compared.
 * Source   Unicode 15.0: NFKC_Casefold (chapter 3.13) and General_Category, from utf8proc; the
 *          punctuation rule of docs/reference/scoring.md
 * Secret   the text                        Memory   the caller's buffer
 * Tests    unit/scoring/test_normalizer.c, fuzz/fuzz_normalizer.c */
#ifndef EVH_SCORING_NORMALIZER_H
#define EVH_SCORING_NORMALIZER_H

#include "evenhand/base/bytes.h"
#include "evenhand/base/status.h"

typedef enum evh_normalizer_kind { EVH_NORMALIZER_NONE, EVH_NORMALIZER_BASIC } evh_normalizer_kind;

/* The pinned id: "none-1", "basic-1". A changed rule gets a new id. */
const char *evh_normalizer_id(evh_normalizer_kind kind);

/* Fails TYPE unless the Unicode library has the version the normaliser is pinned to, ARG for an
 * unknown kind. */
EVH_MUST_USE evh_status evh_normalizer_check(evh_normalizer_kind kind);

/* Appends the normalised text: EVH_NORMALIZER_NONE any bytes as they are; EVH_NORMALIZER_BASIC
 * words separated by one space. Applying it again changes nothing. text  must not point into out
 * Fails    ENCODING not UTF-8 (basic only); MEMORY; nothing was then added. */
EVH_MUST_USE evh_status evh_normalize(evh_buffer *out, evh_normalizer_kind kind, evh_view text);

#endif
