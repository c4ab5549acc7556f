/* SPDX-License-Identifier: Apache-2.0
 * scoring/align.h: counts of a minimum-cost word alignment.
 * Source   Wagner, Fischer, "The string-to-string correction problem" (1974), with the weights and
 *          tie-breaks of docs/reference/scoring.md; counts as NIST sclite's
 * Secret   words                          Threads  one thread per workspace
 * Memory   the workspace, which grows to the longest pair seen and stays
 * Tests    unit/scoring/test_align.c, test_sclite.c, fuzz/fuzz_align.c */
#ifndef EVH_SCORING_ALIGN_H
#define EVH_SCORING_ALIGN_H

#include <stddef.h>
#include <stdint.h>

#include "evenhand/base/bytes.h"
#include "evenhand/base/status.h"

typedef enum evh_alignment {
    EVH_ALIGN_SCLITE,     /* substitution 4, insertion 3, deletion 3 */
    EVH_ALIGN_LEVENSHTEIN /* 1 each; among the cheapest alignments the one with most correct words
                           */
} evh_alignment;

typedef struct evh_alignment_counts {
    uint32_t correct;
    uint32_t substitutions;
    uint32_t deletions;  /* reference words without a hypothesis word */
    uint32_t insertions; /* hypothesis words without a reference word */
} evh_alignment_counts;

/* Working memory for any number of alignments, one after the other. All zero is the empty state. */
typedef struct evh_align_workspace evh_align_workspace;

/* Fails MEMORY; *out is then NULL. */
EVH_MUST_USE evh_status evh_align_workspace_new(evh_align_workspace **out);

/* Takes the address, accepts NULL, leaves NULL. */
void evh_align_workspace_free(evh_align_workspace **workspace);

/* Splits both texts at ASCII white space and aligns the words, which are compared byte for byte.
 * Either text may be empty.
 *   out  correct + substitutions + deletions = words of the reference; correct + substitutions +
 *        insertions = words of the hypothesis; all zero on failure
 * Fails    INPUT more than EVH_ALIGN_WORDS_MAX words; ARG an unknown alignment; MEMORY
 * Cost     O(words of reference * words of hypothesis) at worst; memory grows linearly. */
EVH_MUST_USE evh_status evh_align(evh_align_workspace *workspace, evh_alignment_counts *out,
                                  evh_view reference, evh_view hypothesis, evh_alignment alignment);

enum { EVH_ALIGN_WORDS_MAX = 1 << 18 }; /* words of one text */

#endif
