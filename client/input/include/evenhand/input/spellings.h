/* SPDX-License-Identifier: Apache-2.0
 * input/spellings.h: what the values of one attribute looked like, counted.
 * The caller decides what a value is: known, missing, or a spelling that falls to _other. This
 * container counts the three, and each distinct spelling of the last.
 * Secret   spellings and counts are personal data of the site: shown locally, never sent
 * Memory   at most EVH_INPUT_SPELLINGS_MAX distinct spellings of EVH_INPUT_SPELLING_BYTES_MAX bytes
 *          (longer ones are cut at a character for the list); what comes after that is counted as
 *          a whole, and `unlisted` says so
 * Cost     O(1) expected per value          Tests    unit/input/test_spellings.c */
#ifndef EVH_INPUT_SPELLINGS_H
#define EVH_INPUT_SPELLINGS_H

#include <stddef.h>
#include <stdint.h>

#include "evenhand/base/bytes.h"
#include "evenhand/base/status.h"

enum { EVH_INPUT_SPELLINGS_MAX = 10000, EVH_INPUT_SPELLING_BYTES_MAX = 200 };

typedef struct evh_input_spelling {
    evh_view text; /* borrowed from the container */
    uint64_t count;
} evh_input_spelling;

typedef struct evh_input_spelling_totals {
    uint64_t known;
    uint64_t missing;  /* no value: the group _missing */
    uint64_t other;    /* a value that the plan does not know: the group _other */
    uint64_t unlisted; /* those of `other` whose spelling did not fit into the list any more */
} evh_input_spelling_totals;

typedef struct evh_input_spellings evh_input_spellings;

/* An empty container. Fails MEMORY. */
EVH_MUST_USE evh_status evh_input_spellings_new(evh_input_spellings **out);

/* Takes the address, accepts NULL, leaves NULL. */
void evh_input_spellings_free(evh_input_spellings **spellings);

/* Counts `count` values at once. */
void evh_input_spellings_add_known(evh_input_spellings *spellings, uint64_t count);
void evh_input_spellings_add_missing(evh_input_spellings *spellings, uint64_t count);

/* Counts one value that falls to _other. text is copied, and is what will be listed. Fails MEMORY.
 */
EVH_MUST_USE evh_status evh_input_spellings_add_other(evh_input_spellings *spellings,
                                                      evh_view text);

evh_input_spelling_totals evh_input_spellings_totals(const evh_input_spellings *spellings);

/* The distinct spellings, the most frequent first, ties in bytewise order.
 *   list   [*count], borrowed until the next call on the container */
void evh_input_spellings_list(evh_input_spellings *spellings, const evh_input_spelling **list,
                              size_t *count);

/* Fails INPUT when more than numerator/denominator of the values that are not missing fell to
 * _other; exact. The text names the attribute, neither counts nor spellings: those are in the list.
 *   denominator  > 0 */
EVH_MUST_USE evh_status evh_input_spellings_check(const evh_input_spellings *spellings,
                                                  const char *attribute, uint64_t numerator,
                                                  uint64_t denominator);

#endif
