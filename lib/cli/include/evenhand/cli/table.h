/* SPDX-License-Identifier: Apache-2.0
 * cli/table.h: tables of text with columns as wide as their cells; columns of numbers stand right.
 * Threads  one thread per table          Memory   all cells
 * Tests    unit/cli/test_table.c */
#ifndef EVH_CLI_TABLE_H
#define EVH_CLI_TABLE_H

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>

#include "evenhand/base/bytes.h"
#include "evenhand/base/status.h"

enum { EVH_TABLE_CELL_LEN = 300 };

typedef struct evh_table {
    size_t columns;
    evh_buffer text;
    size_t *ends; /* [count] of each cell in text, row after row */
    size_t count, capacity;
} evh_table;

/* An empty table of 1 or more columns. */
evh_table evh_table_of(size_t columns);

/* Frees; the table stays usable and empty. */
void evh_table_clear(evh_table *table);

/* The next cell, row by row; the first row is the heading. A text over EVH_TABLE_CELL_LEN is cut.
 * Fails MEMORY. */
EVH_MUST_USE evh_status evh_table_add(evh_table *table, const char *format, ...) EVH_PRINTF(2, 3);

/* Appends the whole table. Fails MEMORY; INTERNAL when the last row is not complete. */
EVH_MUST_USE evh_status evh_table_format(evh_buffer *out, const evh_table *table);

#endif
