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

enum {
    EVH_PAGE_WHOLE_BYTES = 6 << 20, /* a larger result.json is not inside its page */
    EVH_PAGE_ROWS = 4000,           /* of all tables together, about, when it is not */
    EVH_PAGE_FINDINGS = 6000        /* rates of groups, likewise */
};

/* What of a result is on the page: all of it, or what an excerpt has room for. */
typedef struct evh_page_selection {
    bool whole;
    bool **groups; /* [grouping][group] */
    bool *kinds;   /* [kind] rates that the excerpt has */
} evh_page_selection;

typedef struct evh_page {
    evh_html html;
    const evh_result_facts *const *results;
    evh_evaluation **evaluations; /* [count] */
    size_t count;
    const evh_result_facts *facts;    /* of the last round */
    const evh_evaluation *evaluation; /* the same */
    evh_page_selection selection;
} evh_page;

/* page_selection.c: chooses what is shown. When a result is too large for a page: of each grouping
 * the groups that its questions name, then those beyond the tolerance, furthest first, then the
 * largest; rates that are asked for, then the others. Free with evh_page_selection_clear.
 *   result_len  bytes of result.json */
evh_status evh_page_select(evh_page *page, size_t result_len);
void evh_page_selection_clear(evh_page *page);
size_t evh_page_shown_count(const evh_page *page, size_t grouping);

/* page_excerpt.c: the members of result.json that charts are made of, of what was selected. */
evh_status evh_page_put_excerpt(evh_buffer *out, const evh_page *page);

/* page_answers.c: what comes out, in short; then one sentence, chart and table a question. */
void evh_page_summary(evh_page *page);
void evh_page_answers(evh_page *page);

/* page_trend.c: each question over the rounds. Fails MEMORY. */
evh_status evh_page_trend(evh_page *page);

/* page_table.c: where all rates are drawn; all groups, with their released sums. */
void evh_page_rates(evh_page *page);
void evh_page_table(evh_page *page);

/* page_names.c: measures under their usual names, of groupings that questions are about. Fails as
 * evh_clarify_measure. */
evh_status evh_page_names(evh_page *page);

/* page_notes.c: what is not shown; privacy; how to check.
 *   hash_hex  SHA-256 of result.json of the last round */
evh_status evh_page_notes(evh_page *page, const char *hash_hex);

/* page_meanings.c: a rate, or a kind of cell, in plain words; NULL for names without any. */
const char *evh_page_rate_meaning(const char *metric);
const char *evh_page_cell_meaning(const char *cell);

#endif
