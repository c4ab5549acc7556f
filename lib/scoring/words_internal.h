/* SPDX-License-Identifier: Apache-2.0
 * scoring/words_internal.h: splits texts into words and numbers equal words equally.
 * Source   open addressing; FNV-1a's multiply-xor step over eight bytes at a time
 * Secret   words               Memory   grows to the longest pair of texts, then stays
 * Tests    unit/scoring/test_align.c */
#ifndef EVH_SCORING_WORDS_INTERNAL_H
#define EVH_SCORING_WORDS_INTERNAL_H

#include <stddef.h>
#include <stdint.h>

#include "evenhand/base/bytes.h"
#include "evenhand/base/status.h"

typedef struct evh_word_slot {
    uint64_t hash;
    const uint8_t *word;
    uint32_t len;
    uint32_t id;
    uint64_t epoch; /* in use when it is the table's */
} evh_word_slot;

/* Words numbered since the last start. All zero is the empty table. */
typedef struct evh_word_table {
    evh_word_slot *slots;
    size_t capacity; /* a power of two, or 0 */
    size_t count;
    uint64_t epoch;
} evh_word_table;

typedef struct evh_word_list {
    uint32_t *ids;
    size_t count;
    size_t capacity;
} evh_word_list;

/* Forgets all words, in constant time. */
void evh_word_table_start(evh_word_table *table);

/* Splits text at ASCII white space; equal words get equal ids as long as the table is not started
 * again. The texts must stay where they are until then.
 * Fails    INPUT more than `max` words; MEMORY. */
EVH_MUST_USE evh_status evh_word_list_split(evh_word_list *list, evh_word_table *table,
                                            evh_view text, size_t max);

void evh_word_table_clear(evh_word_table *table);
void evh_word_list_clear(evh_word_list *list);

#endif
