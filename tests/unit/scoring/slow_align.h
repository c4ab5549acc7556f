/* SPDX-License-Identifier: Apache-2.0
 * slow_align.h: the alignment as docs/reference/scoring.md tells it, for comparison: the whole
 * table, and a walk back through it step by step. */
#ifndef EVH_UNIT_SCORING_SLOW_ALIGN_H
#define EVH_UNIT_SCORING_SLOW_ALIGN_H

#include "evenhand/scoring/align.h"

enum { SLOW_ALIGN_WORDS_MAX = 64 };

/* At most SLOW_ALIGN_WORDS_MAX words of up to 7 bytes, between single spaces; aborts otherwise. */
evh_alignment_counts slow_align(const char *reference, const char *hypothesis,
                                evh_alignment alignment);

#endif
