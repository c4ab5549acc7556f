/* SPDX-License-Identifier: Apache-2.0
 * yaml/diagnostics.h: what is wrong in a file that people write, where, and what would be right.
 * A list with a ceiling: a file with a thousand mistakes names the first ones and counts the rest.
 * Secret   texts quote the file; never feed it a file that holds secrets or persons' records
 * Threads  one thread per list           Memory   allocates up to its ceiling
 * Tests    unit/yaml/test_diagnostics.c */
#ifndef EVH_YAML_DIAGNOSTICS_H
#define EVH_YAML_DIAGNOSTICS_H

#include <stddef.h>
#include <stdint.h>

#include "evenhand/base/bytes.h"
#include "evenhand/base/status.h"

/* A place in a text file. line and column count from 1, the column in characters; 0 where there is
 * none. file is borrowed. */
typedef struct evh_mark {
    const char *file;
    uint64_t line;
    uint64_t column;
} evh_mark;

typedef enum evh_severity {
    EVH_SEVERITY_ERROR,  /* the file cannot be used */
    EVH_SEVERITY_WARNING /* it can, but a person should look */
} evh_severity;

enum {
    EVH_DIAGNOSTIC_FILE_LEN = 256,
    EVH_DIAGNOSTIC_TEXT_LEN = 320,
    EVH_DIAGNOSTICS_DEFAULT = 100
};

/* Texts are UTF-8 and NUL-terminated; what does not fit is cut at its end. */
typedef struct evh_diagnostic {
    evh_severity severity;
    uint64_t line;
    uint64_t column;
    char file[EVH_DIAGNOSTIC_FILE_LEN];
    char wrong[EVH_DIAGNOSTIC_TEXT_LEN];
    char right[EVH_DIAGNOSTIC_TEXT_LEN]; /* "" when there is nothing to add */
} evh_diagnostic;

/* Read the members; write through the functions. errors and warnings count those that were dropped
 * over the ceiling, too. */
typedef struct evh_diagnostics {
    evh_diagnostic *items;
    size_t count;
    size_t capacity;
    size_t ceiling;
    size_t errors;
    size_t warnings;
} evh_diagnostics;

/* An empty list that keeps at most `ceiling` items. Allocates nothing yet, cannot fail. */
static inline evh_diagnostics evh_diagnostics_init(size_t ceiling)
{
    evh_diagnostics list = {.items = NULL, .ceiling = ceiling};
    return list;
}

/* Frees the items; the list stays usable and empty. */
void evh_diagnostics_clear(evh_diagnostics *list);

/* Adds one item with a printf-style text of what is wrong.
 *   list   borrowed; when it is full or there is no memory, the item is only counted
 *   right  what would be right, NUL-terminated; NULL for nothing
 * Bytes that are no valid UTF-8 and control characters come out as '?'. */
void evh_diagnostics_add(evh_diagnostics *list, evh_severity severity, evh_mark at,
                         const char *right, const char *format, ...) EVH_PRINTF(5, 6);

/* Orders the items of each file that stand together by line and column; equal places keep their
 * order. */
void evh_diagnostics_sort(evh_diagnostics *list);

/* OK without errors; otherwise INPUT with the first error of the list as its text. */
EVH_MUST_USE evh_status evh_diagnostics_status(const evh_diagnostics *list);

/* Appends "file:line:column: error: wrong (expected right)" without a newline; a line or column of
 * 0 is left out. Fails MEMORY. */
EVH_MUST_USE evh_status evh_diagnostic_format(evh_buffer *out, const evh_diagnostic *item);

/* Appends every item on a line of its own, and a last line with the number of those that were
 * dropped, if any. Fails MEMORY. */
EVH_MUST_USE evh_status evh_diagnostics_format(evh_buffer *out, const evh_diagnostics *list);

#endif
