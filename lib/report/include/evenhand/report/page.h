/* SPDX-License-Identifier: Apache-2.0
 * report/page.h: results as one HTML page that needs nothing else: no network, no other file. All
 * sentences, tables and numbers are plain HTML; charts and sorting are added by the script inside,
 * which a Content-Security-Policy allows by its hash and nothing beside it.
 * Source   docs/reference/result.md, "The page"; charts by d3, inlined when this library was built
 * Threads  any          Memory   the caller's buffer; transient buffers
 * Tests    unit/report/test_page.c, integration/page (in a browser) */
#ifndef EVH_REPORT_PAGE_H
#define EVH_REPORT_PAGE_H

#include "evenhand/report/result.h"

enum { EVH_PAGE_BYTES_MAX = 512 << 20, EVH_PAGE_ROUNDS_MAX = 1000 };

/* Appends the page; nothing on failure. The same results give the same bytes.
 *   results  [count] of one plan, rounds rising; the page is about the last, the others are for the
 *            trend
 *   count    1..EVH_PAGE_ROUNDS_MAX
 * Fails    ARG no or too many results, several plans, or rounds that do not rise; as
 *          evh_result_write */
EVH_MUST_USE evh_status evh_result_page(evh_buffer *out, const evh_result_facts *const *results,
                                        size_t count);

#endif
