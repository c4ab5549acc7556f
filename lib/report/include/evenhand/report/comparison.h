/* SPDX-License-Identifier: Apache-2.0
 * report/comparison.h: one customer's exact rates beside those of a released result.
 * Everything that comes out is confidential, and says so first: it holds exact counts, or rates that
 * follow from them. It is written where the customer is, and is for nobody else.
 * Source   docs/reference/comparison.md; docs/reference/metrics.md, "One site against all"
 * Secret   the counts and everything that comes out; transient buffers are wiped
 * Threads  any          Memory   the caller's buffer; two evaluations
 * Tests    unit/report/test_comparison.c */
#ifndef EVH_REPORT_COMPARISON_H
#define EVH_REPORT_COMPARISON_H

#include "evenhand/report/formats.h"

enum { EVH_COMPARISON_VERSION = 1 };

/* Whether the counts are those that are in the sums. */
typedef enum evh_counts_origin {
    EVH_COUNTS_SUBMITTED, /* they are */
    EVH_COUNTS_CHANGED,   /* they are not: the records have changed since */
    EVH_COUNTS_UNCHECKED  /* nobody can tell */
} evh_counts_origin;

/* What is set beside the result. Everything is borrowed. */
typedef struct evh_own_counts {
    const char *customer;  /* its name, UTF-8 */
    const int64_t *counts; /* [sum_count of the result] of this round, bounded and cut as they were
                            * when noise was added */
    evh_counts_origin origin;
    uint8_t result_hash[EVH_RESULT_HASH_LEN]; /* SHA-256 of result.json */
} evh_own_counts;

/* Appends the comparison as JSON; nothing on failure. The same facts give the same bytes.
 * Fails    as evh_result_write */
EVH_MUST_USE evh_status evh_comparison_write(evh_buffer *out, const evh_result_facts *facts,
                                             const evh_own_counts *own);

/* The same for people: a sentence and a table for each question. Fails as evh_result_write. */
EVH_MUST_USE evh_status evh_comparison_text(evh_buffer *out, const evh_result_facts *facts,
                                            const evh_own_counts *own,
                                            const evh_result_terminal *terminal);

#endif
