/* SPDX-License-Identifier: Apache-2.0
 * input/trn.h: transcripts in sclite's trn form, one "words (utterance_id)" a line.
 * Source   SCTK documentation of the trn format; its markup ({a/b}, ;;) is not interpreted
 * Memory   allocates the list          Tests    unit/input/test_trn.c */
#ifndef EVH_INPUT_TRN_H
#define EVH_INPUT_TRN_H

#include <stddef.h>
#include <stdint.h>

#include "evenhand/base/bytes.h"
#include "evenhand/base/status.h"

typedef struct evh_input_utterance {
    evh_view id;    /* without the brackets; not empty */
    evh_view words; /* everything before the bracket, trimmed; may be empty */
    uint64_t line;  /* 1-based */
} evh_input_utterance;

typedef struct evh_input_trn {
    evh_input_utterance *utterances;   /* [count] in file order; views into the text parsed */
    const evh_input_utterance **by_id; /* [count] the same in the bytewise order of ids */
    size_t count;                      /* >= 1 */
} evh_input_trn;

/* Parses a whole file. text is borrowed for the list's life.
 *   out   overwritten; free with evh_input_trn_clear; empty on failure
 * Fails INPUT with the line: no id at its end, an id twice, invalid UTF-8, a NUL byte; or no
 * utterance at all. MEMORY */
EVH_MUST_USE evh_status evh_input_trn_parse(evh_input_trn *out, evh_view text);

void evh_input_trn_clear(evh_input_trn *trn);

/* The utterance with this id, or NULL. */
const evh_input_utterance *evh_input_trn_find(const evh_input_trn *trn, evh_view id);

#endif
