/* SPDX-License-Identifier: Apache-2.0
 * report/comparison_internal.h: what both forms of a comparison are made of. */
#ifndef EVH_REPORT_COMPARISON_INTERNAL_H
#define EVH_REPORT_COMPARISON_INTERNAL_H

#include "evenhand/fairness/local.h"
#include "evenhand/report/comparison.h"

/* All zero is empty. */
typedef struct evh_compared {
    const evh_result_facts *facts;
    const evh_own_counts *own;
    evh_evaluation *local;
    evh_evaluation *global;
    evh_local_comparison *rows; /* [count] */
    size_t count;
} evh_compared;

/* Clear it on failure too. Fails as evh_result_write. */
evh_status evh_compared_make(evh_compared *out, const evh_result_facts *facts,
                             const evh_own_counts *own);
void evh_compared_clear(evh_compared *compared);

/* What is said in one sentence: a question of one model, or, in a plan that asks none, a grouping
 * and model. */
typedef struct evh_compared_part {
    const evh_answer *here; /* NULL without questions */
    const evh_answer *all;
    size_t grouping, kind, model;
} evh_compared_part;

size_t evh_compared_part_count(const evh_compared *compared);
evh_compared_part evh_compared_part_at(const evh_compared *compared, size_t index);

/* The row of a group of a part; NULL when there is none. */
const evh_local_comparison *evh_compared_row(const evh_compared *compared,
                                             const evh_compared_part *part, size_t group);

/* Groups of a part; those that have a difference; those of them of which something can be said; and
 * those of them where this site differs. */
typedef struct evh_compared_tally {
    size_t groups;
    size_t compared;
    size_t decided;
    size_t differing;
} evh_compared_tally;
evh_compared_tally evh_compared_tally_of(const evh_compared *compared,
                                         const evh_compared_part *part);

/* "higher" or "lower": what the rate here is; NULL when it does not differ. */
const char *evh_compared_side(const evh_local_comparison *row);

/* Whether a difference is to the worse side of its rate. */
bool evh_compared_is_worse(const evh_compared *compared, const evh_local_comparison *row);

/* Whether, and where, this site differs. */
evh_status evh_compared_sentence(evh_buffer *out, const evh_compared *compared,
                                 const evh_compared_part *part);

/* That it is confidential, and what that means. */
evh_status evh_compared_notice(evh_buffer *out, const evh_compared *compared);

/* "submitted", "changed", "unchecked", and the same in a sentence. */
const char *evh_counts_origin_name(evh_counts_origin origin);
const char *evh_counts_origin_words(evh_counts_origin origin);

#endif
