/* SPDX-License-Identifier: Apache-2.0
 * report/page_internal.h: the parts of the page, and what is embedded into it at build time. */
#ifndef EVH_REPORT_PAGE_INTERNAL_H
#define EVH_REPORT_PAGE_INTERNAL_H

#include "evenhand/fairness/evaluation.h"
#include "evenhand/report/result.h"
#include "html_internal.h"

/* Made from report/page/ and d3 when the library is built. */
extern const uint8_t evh_embedded_style[], evh_embedded_script[], evh_embedded_d3[];
extern const size_t evh_embedded_style_len, evh_embedded_script_len, evh_embedded_d3_len;

typedef struct evh_page {
    evh_html html;
    const evh_result_facts *const *results;
    evh_evaluation **evaluations; /* [count] */
    size_t count;
    const evh_result_facts *facts;    /* of the last round */
    const evh_evaluation *evaluation; /* the same */
} evh_page;

/* page_answers.c: one sentence, chart and table a question. */
void evh_page_answers(evh_page *page);

/* page_trend.c: each question over the rounds. Fails MEMORY. */
evh_status evh_page_trend(evh_page *page);

/* page_table.c: all groups, with their released sums. */
void evh_page_table(evh_page *page);

/* page_notes.c: what is not shown; privacy; how to check.
 *   hash_hex  SHA-256 of result.json */
void evh_page_notes(evh_page *page, const char *hash_hex, double spent);

#endif
