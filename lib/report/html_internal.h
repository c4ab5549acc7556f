/* SPDX-License-Identifier: Apache-2.0
 * report/html_internal.h: HTML text. What comes from a plan goes through evh_html_text, which leaves
 * no character that means anything in HTML; evh_html_raw takes what this module says itself. The
 * first failure is kept and every later call does nothing. */
#ifndef EVH_REPORT_HTML_INTERNAL_H
#define EVH_REPORT_HTML_INTERNAL_H

#include "evenhand/base/bytes.h"
#include "evenhand/base/status.h"

typedef struct evh_html {
    evh_buffer *out;    /* borrowed */
    evh_buffer scratch; /* for texts in words, which are escaped as a whole */
    evh_status status;  /* the first failure */
} evh_html;

void evh_html_raw(evh_html *html, const char *markup);
void evh_html_format(evh_html *html, const char *format, ...) EVH_PRINTF(2, 3); /* no texts */
void evh_html_text(evh_html *html, evh_view text);
void evh_html_name(evh_html *html, const char *text); /* in <bdi>: its direction stays its own */

/* Keeps a status; then escapes and writes what stands in the scratch buffer, and empties it. No line
 * breaks between a number and its per cent sign. */
void evh_html_words(evh_html *html, evh_status status);

/* A number with all its digits, as in result.json, for attributes; empty when it is not there. */
void evh_html_number(evh_html *html, bool there, double value);

/* JSON inside a script element: nothing in it can end the element. */
void evh_html_json(evh_html *html, evh_view json);

#endif
