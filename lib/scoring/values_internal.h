/* SPDX-License-Identifier: Apache-2.0
 * scoring/values_internal.h: a fixed set of texts and the place of a record's value in it.
 * Tests    unit/scoring/test_binary.c, test_multiclass.c */
#ifndef EVH_SCORING_VALUES_INTERNAL_H
#define EVH_SCORING_VALUES_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>

#include "evenhand/base/bytes.h"
#include "evenhand/base/status.h"

typedef struct evh_value_entry {
    evh_view text;
    size_t index; /* in the list the set was made from */
} evh_value_entry;

/* All zero is the empty set. */
typedef struct evh_value_set {
    evh_value_entry *sorted; /* by text */
    size_t count;
    uint8_t *bytes; /* what the texts point into */
} evh_value_set;

/* Trims and normalises (NFC) the values.
 * Fails    ARG an empty value or one that occurs twice; ENCODING; MEMORY; the set is then empty. */
EVH_MUST_USE evh_status evh_value_set_init(evh_value_set *set, const evh_view *values, size_t count,
                                           const char *what);
void evh_value_set_clear(evh_value_set *set);

/* Finds a value that is trimmed and normalised already; false when it is not in the set. */
bool evh_value_set_find(const evh_value_set *set, evh_view value, size_t *index);

/* A record's value as it is compared: trimmed, NFC.
 * Fails    INPUT an empty one; ENCODING; MEMORY. */
EVH_MUST_USE evh_status evh_value_read(evh_view *out, evh_buffer *scratch, evh_view raw,
                                       const char *what);

#endif
