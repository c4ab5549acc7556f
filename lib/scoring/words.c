/* SPDX-License-Identifier: Apache-2.0 */
#include "words_internal.h"

#include <stdlib.h>
#include <string.h>

#include "evenhand/base/sizes.h"

/* ASCII white space, as sclite splits words in the C locale. */
static const bool is_space[256] = {
    [' '] = true, ['\t'] = true, ['\n'] = true, ['\v'] = true, ['\f'] = true, ['\r'] = true};

void evh_word_table_start(evh_word_table *table)
{
    table->epoch++;
    table->count = 0;
}

static uint64_t hash_word(const uint8_t *word, size_t len)
{
    const uint64_t factor = 0x9e3779b97f4a7c15U;
    uint64_t hash = len * factor;
    while (len >= 8) {
        uint64_t chunk;
        memcpy(&chunk, word, 8);
        hash = (hash ^ chunk) * factor;
        hash ^= hash >> 29;
        word += 8;
        len -= 8;
    }
    uint64_t tail = 0;
    for (size_t i = 0; i < len; i++)
        tail |= (uint64_t)word[i] << (8 * i);
    hash = (hash ^ tail) * factor;
    return hash ^ (hash >> 32);
}

/* The slot that holds the word, or the free one where it belongs; the table is never full. */
static evh_word_slot *find_slot(const evh_word_table *table, uint64_t hash, const uint8_t *word,
                                size_t len)
{
    size_t mask = table->capacity - 1;
    for (size_t at = (size_t)hash & mask;; at = (at + 1) & mask) {
        evh_word_slot *slot = &table->slots[at];
        if (slot->epoch != table->epoch)
            return slot;
        if (slot->hash == hash && slot->len == len && memcmp(slot->word, word, len) == 0)
            return slot;
    }
}

static evh_status grow_table(evh_word_table *table)
{
    evh_word_table larger = {.capacity = table->capacity == 0 ? 512 : 2 * table->capacity,
                             .count = table->count,
                             .epoch = 1};
    evh_status status =
        evh_alloc(&larger.slots, larger.capacity, sizeof *larger.slots, "the words of a text");
    if (status.code != EVH_OK)
        return status;
    for (size_t i = 0; i < table->capacity; i++) {
        const evh_word_slot *old = &table->slots[i];
        if (old->epoch != table->epoch)
            continue;
        evh_word_slot *slot = find_slot(&larger, old->hash, old->word, old->len);
        *slot = *old;
        slot->epoch = larger.epoch;
    }
    evh_word_table_clear(table);
    *table = larger;
    return status;
}

static evh_status number_word(evh_word_table *table, const uint8_t *word, size_t len, uint32_t *id)
{
    if (2 * (table->count + 1) > table->capacity) {
        evh_status status = grow_table(table);
        if (status.code != EVH_OK)
            return status;
    }
    uint64_t hash = hash_word(word, len);
    evh_word_slot *slot = find_slot(table, hash, word, len);
    if (slot->epoch != table->epoch) {
        slot->hash = hash;
        slot->word = word;
        slot->len = (uint32_t)len;
        slot->id = (uint32_t)table->count;
        slot->epoch = table->epoch;
        table->count++;
    }
    *id = slot->id;
    return evh_ok();
}

static evh_status append_word(evh_word_list *list, evh_word_table *table, const uint8_t *word,
                              size_t len)
{
    evh_status status = evh_ok();
    if (list->count == list->capacity)
        EVH_TRY(evh_array_reserve(&list->ids, &list->capacity, list->count + 1, sizeof *list->ids,
                                  "the words of a text"));
    EVH_TRY(number_word(table, word, len, &list->ids[list->count]));
    list->count++;
done:
    return status;
}

evh_status evh_word_list_split(evh_word_list *list, evh_word_table *table, evh_view text,
                               size_t max)
{
    evh_status status = evh_ok();
    size_t at = 0;
    list->count = 0;
    EVH_REQUIRE(text.len <= UINT32_MAX, EVH_ERR_INPUT, "a text of %zu bytes is too long", text.len);
    for (;;) {
        while (at < text.len && is_space[text.data[at]])
            at++;
        if (at == text.len)
            break;
        size_t start = at;
        while (at < text.len && !is_space[text.data[at]])
            at++;
        EVH_REQUIRE(list->count < max, EVH_ERR_INPUT, "a text of more than %zu words", max);
        EVH_TRY(append_word(list, table, text.data + start, at - start));
    }
done:
    return status;
}

void evh_word_table_clear(evh_word_table *table)
{
    free(table->slots);
    *table = (evh_word_table){0};
}

void evh_word_list_clear(evh_word_list *list)
{
    free(list->ids);
    *list = (evh_word_list){0};
}
