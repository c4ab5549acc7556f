/* SPDX-License-Identifier: Apache-2.0 */
#include "evenhand/input/spellings.h"

#include <stdlib.h>
#include <string.h>

#include "evenhand/base/sizes.h"
#include "evenhand/base/uint128.h"

/* Open addressing at a load of at most 10000/32768. */
enum { SLOTS = 32768 };

struct evh_input_spellings {
    evh_input_spelling_totals totals;
    evh_input_spelling *entries; /* [count] in the order they came; texts are owned */
    evh_input_spelling *sorted;  /* room for as many */
    size_t capacity, sorted_capacity, count;
    uint32_t slots[SLOTS]; /* index of an entry plus 1; 0 is free */
};

evh_status evh_input_spellings_new(evh_input_spellings **out)
{
    return evh_alloc(out, 1, sizeof **out, "spellings");
}

void evh_input_spellings_free(evh_input_spellings **spellings)
{
    if (*spellings == NULL)
        return;
    for (size_t i = 0; i < (*spellings)->count; i++) {
        void *text = NULL;
        const uint8_t *data = (*spellings)->entries[i].text.data;
        memcpy(&text, &data, sizeof text); /* the view is read-only, its storage ours */
        free(text);
    }
    free((*spellings)->entries);
    free((*spellings)->sorted);
    free(*spellings);
    *spellings = NULL;
}

void evh_input_spellings_add_known(evh_input_spellings *spellings, uint64_t count)
{
    spellings->totals.known += count;
}

void evh_input_spellings_add_missing(evh_input_spellings *spellings, uint64_t count)
{
    spellings->totals.missing += count;
}

/* FNV-1a (Fowler, Noll, Vo), 64 bits. An adversary gains nothing: the table is small and bounded.
 */
static uint64_t hash_text(evh_view text)
{
    uint64_t hash = 0xcbf29ce484222325ULL;
    for (size_t i = 0; i < text.len; i++)
        hash = (hash ^ text.data[i]) * 0x100000001b3ULL;
    return hash ^ hash >> 32;
}

static evh_view cut_at_character(evh_view text)
{
    if (text.len <= EVH_INPUT_SPELLING_BYTES_MAX)
        return text;
    text.len = EVH_INPUT_SPELLING_BYTES_MAX;
    while (text.len > 0 && (text.data[text.len] & 0xc0) == 0x80)
        text.len--;
    return text;
}

static evh_status add_entry(evh_input_spellings *spellings, evh_view text, uint32_t *slot)
{
    evh_status status = evh_ok();
    uint8_t *copy = NULL;
    size_t needed = spellings->count + 1;
    EVH_TRY(evh_array_reserve(&spellings->entries, &spellings->capacity, needed,
                              sizeof *spellings->entries, "spellings"));
    EVH_TRY(evh_array_reserve(&spellings->sorted, &spellings->sorted_capacity, needed,
                              sizeof *spellings->sorted, "spellings"));
    EVH_TRY(evh_alloc(&copy, text.len, 1, "spellings"));
    if (text.len > 0)
        memcpy(copy, text.data, text.len);
    spellings->entries[spellings->count].text = evh_view_of(copy, text.len);
    spellings->entries[spellings->count].count = 1;
    spellings->count = needed;
    *slot = (uint32_t)needed;

done:
    return status;
}

evh_status evh_input_spellings_add_other(evh_input_spellings *spellings, evh_view text)
{
    text = cut_at_character(text);
    spellings->totals.other++;
    size_t at = (size_t)(hash_text(text) % SLOTS);
    for (; spellings->slots[at] != 0; at = (at + 1) % SLOTS) {
        evh_input_spelling *entry = &spellings->entries[spellings->slots[at] - 1];
        if (evh_view_equal(entry->text, text)) {
            entry->count++;
            return evh_ok();
        }
    }
    if (spellings->count == EVH_INPUT_SPELLINGS_MAX) {
        spellings->totals.unlisted++;
        return evh_ok();
    }
    return add_entry(spellings, text, &spellings->slots[at]);
}

evh_input_spelling_totals evh_input_spellings_totals(const evh_input_spellings *spellings)
{
    return spellings->totals;
}

static int compare_spellings(const void *left, const void *right)
{
    const evh_input_spelling *a = left;
    const evh_input_spelling *b = right;
    if (a->count != b->count)
        return a->count > b->count ? -1 : 1;
    return evh_view_compare(a->text, b->text);
}

void evh_input_spellings_list(evh_input_spellings *spellings, const evh_input_spelling **list,
                              size_t *count)
{
    *list = spellings->sorted;
    *count = spellings->count;
    if (spellings->count == 0)
        return;
    memcpy(spellings->sorted, spellings->entries, spellings->count * sizeof *spellings->entries);
    qsort(spellings->sorted, spellings->count, sizeof *spellings->sorted, compare_spellings);
}

evh_status evh_input_spellings_check(const evh_input_spellings *spellings, const char *attribute,
                                     uint64_t numerator, uint64_t denominator)
{
    const evh_input_spelling_totals *totals = &spellings->totals;
    evh_u128 present = (evh_u128)totals->known + totals->other;
    if ((evh_u128)totals->other * denominator <= present * numerator)
        return evh_ok();
    return evh_fail(EVH_ERR_INPUT,
                    "attribute %s: too many values are not in the plan (max_unmapped); map their "
                    "spellings under data.values",
                    attribute);
}
