/* SPDX-License-Identifier: Apache-2.0
 * report/formats.h: a result in the forms that other programs and people take. The same facts give
 * the same bytes. Every function appends to `out`, and nothing on failure.
 * Source   docs/reference/result.md, "Other forms"
 * Threads  any          Memory   the caller's buffer; transient buffers
 * Tests    unit/report/test_formats.c */
#ifndef EVH_REPORT_FORMATS_H
#define EVH_REPORT_FORMATS_H

#include <stdbool.h>

#include "evenhand/report/result.h"

/* CSV (RFC 4180), one row for each group, model and metric, and for each named measure; numbers with
 * all their digits, empty where there is none. No text is a spreadsheet's formula: one apostrophe
 * stands before it. Fails as evh_result_write. */
EVH_MUST_USE evh_status evh_result_csv(evh_buffer *out, const evh_result_facts *facts);

/* A block of Markdown for a model card or the page of a service. Fails as evh_result_write. */
EVH_MUST_USE evh_status evh_result_card(evh_buffer *out, const evh_result_facts *facts);

/* The post-training metrics in the shape of SageMaker Clarify's analysis.json: each attribute that
 * has a grouping of its own is a facet, each of its declared values against all others.
 *   model  index of the one that the document is about; 0 without models
 * Fails    ARG no such model; TYPE a scorer other than binary, or no grouping of one attribute; as
 *          evh_result_write */
EVH_MUST_USE evh_status evh_result_analysis(evh_buffer *out, const evh_result_facts *facts,
                                            size_t model);

/* What the terminal can show. */
typedef struct evh_result_terminal {
    bool unicode;     /* UTF-8 and line drawing; otherwise ASCII, names as they are */
    unsigned columns; /* width to keep to where names allow it; at least 40 */
} evh_result_terminal;

/* Sentences and tables with small plots, for people without a browser. Fails as evh_result_write */
EVH_MUST_USE evh_status evh_result_text(evh_buffer *out, const evh_result_facts *facts,
                                        const evh_result_terminal *terminal);

#endif
