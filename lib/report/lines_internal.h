/* SPDX-License-Identifier: Apache-2.0
 * report/lines_internal.h: text for a terminal: paragraphs and columns. */
#ifndef EVH_REPORT_LINES_INTERNAL_H
#define EVH_REPORT_LINES_INTERNAL_H

#include "evenhand/fairness/evaluation.h"
#include "evenhand/report/formats.h"

typedef struct evh_lines {
    evh_buffer *out;    /* borrowed */
    evh_buffer scratch; /* what is to be placed; cleared by whom it belongs to */
    evh_result_terminal terminal;
} evh_lines;

evh_lines evh_lines_of(evh_buffer *out, const evh_result_terminal *terminal);

/* Places on a terminal: 2 for the characters of Chinese and the like, 0 for combining ones. */
size_t evh_lines_width(evh_view text);

evh_status evh_lines_spaces(evh_lines *to, size_t count);

/* Without Unicode the true minus becomes a hyphen; names stay as they are. */
evh_status evh_lines_text(evh_lines *to, evh_view text);

/* What stands in the scratch buffer, in lines of the terminal's width, broken at spaces and
 * where it says so; the scratch is then empty, on failure too. */
evh_status evh_lines_paragraph(evh_lines *to, size_t indent);

/* The same in a column of its own, cut when it is longer. */
evh_status evh_lines_column(evh_lines *to, size_t width);

/* ---- text.c ---- */

/* What a result is about: plan, round, customers, window. */
evh_status evh_text_head(evh_buffer *out, const evh_result_facts *facts);

/* "event rate, by ward, model a", on a line of its own. */
evh_status evh_text_title(evh_lines *to, const evh_evaluation *evaluation, size_t grouping,
                          size_t kind, size_t model);

#endif
