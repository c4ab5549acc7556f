/* SPDX-License-Identifier: Apache-2.0
 * input/bad_rows.h: the list of rows that could not be used, with a limit.
 * Memory   one allocation of limit entries          Tests    unit/input/test_bad_rows.c */
#ifndef EVH_INPUT_BAD_ROWS_H
#define EVH_INPUT_BAD_ROWS_H

#include <stddef.h>
#include <stdint.h>

#include "evenhand/base/status.h"
#include "evenhand/input/rows.h"

enum { EVH_INPUT_BAD_ROWS_DEFAULT = 20, EVH_INPUT_BAD_ROWS_MAX = 100000 };

typedef struct evh_input_bad_row {
    uint64_t line; /* 1-based */
    char reason[EVH_INPUT_REASON_LEN];
} evh_input_bad_row;

/* Read the members freely; change them through the functions. */
typedef struct evh_input_bad_rows {
    evh_input_bad_row *rows; /* [count] in the order added */
    size_t count;
    size_t limit;
} evh_input_bad_rows;

/* An empty list for `limit` rows, 1..EVH_INPUT_BAD_ROWS_MAX. Fails ARG, MEMORY. */
EVH_MUST_USE evh_status evh_input_bad_rows_init(evh_input_bad_rows *list, size_t limit);

/* Frees the entries and leaves an empty list with limit 0. */
void evh_input_bad_rows_clear(evh_input_bad_rows *list);

/* Adds a row; a reason too long for an entry is cut.
 * Fails INPUT when this row fills the list: the row is in the list, and the run is to stop. */
EVH_MUST_USE evh_status evh_input_bad_rows_add(evh_input_bad_rows *list, uint64_t line,
                                               const char *reason);

/* Fails INPUT, naming count and first line and reason, unless the list is empty. */
EVH_MUST_USE evh_status evh_input_bad_rows_check(const evh_input_bad_rows *list);

#endif
