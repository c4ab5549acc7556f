/* SPDX-License-Identifier: Apache-2.0
 * scoring/units_internal.h: the units of an accumulator and the records kept of each.
 * Source   open addressing over a keyed hash; names are compared, so two units are never one
 * Secret   everything             Memory   one block per unit and one for its records
 * Tests    unit/scoring/test_bounding.c */
#ifndef EVH_SCORING_UNITS_INTERNAL_H
#define EVH_SCORING_UNITS_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "evenhand/base/bytes.h"
#include "evenhand/base/status.h"

/* A record that may still be used: where it stands in its unit's order, then its payload
 * (groups and scores) of the accumulator's payload length. Kept in an array by stride.
 * Of a unit that is summed up: a kind of records, and how many there are in place of the order. */
typedef struct evh_record {
    uint64_t order;
    uint32_t payload[];
} evh_record;

typedef struct evh_unit {
    uint64_t hash;
    uint64_t limit;    /* records from here on are clipped; summed up: number of records */
    uint8_t *records;  /* when limited, the first place holds the first record that did not fit */
    uint32_t count;    /* of records that may be used, behind the first place */
    uint32_t capacity; /* places behind the first */
    bool limited;
    bool summed; /* its records are summed up by kind, and none of them has to be clipped */
    uint32_t name_len;
    uint8_t name[];
} evh_unit;

typedef struct evh_unit_slot {
    uint64_t hash;
    evh_unit *unit; /* NULL: free */
} evh_unit_slot;

/* All zero is the empty table. */
typedef struct evh_unit_table {
    evh_unit_slot *slots;
    size_t capacity; /* a power of two, or 0 */
    size_t count;
    size_t stride; /* bytes of a record, set by the owner */
} evh_unit_table;

/* Finds a unit by name; NULL when there is none. */
evh_unit *evh_unit_table_find(const evh_unit_table *table, uint64_t hash, evh_view name);

/* Finds a unit by name, or adds it. Fails MEMORY; nothing was then added. */
EVH_MUST_USE evh_status evh_unit_table_get(evh_unit_table *table, evh_unit **out, uint64_t hash,
                                           evh_view name);

/* Start to bring the place of a hash, and then the unit that stands there, close to the processor:
 * both are far away when there are many units. */
static inline void evh_unit_table_prefetch(const evh_unit_table *table, uint64_t hash)
{
    if (table->capacity > 0)
        __builtin_prefetch(&table->slots[hash & (table->capacity - 1)]);
}

static inline void evh_unit_table_prefetch_unit(const evh_unit_table *table, uint64_t hash)
{
    if (table->capacity > 0)
        __builtin_prefetch(table->slots[hash & (table->capacity - 1)].unit);
}

/* The same for the records of the unit at the place of a hash, when that has arrived. */
static inline void evh_unit_table_prefetch_records(const evh_unit_table *table, uint64_t hash)
{
    const evh_unit *unit =
        table->capacity > 0 ? table->slots[hash & (table->capacity - 1)].unit : NULL;
    if (unit != NULL && unit->records != NULL)
        __builtin_prefetch(unit->records);
}

/* Wipes and frees everything; keeps the stride. */
void evh_unit_table_clear(evh_unit_table *table);

/* Place `index` of a unit's records; the unit has some. */
static inline evh_record *evh_unit_record(const evh_unit_table *table, const evh_unit *unit,
                                          size_t index)
{
    /* Blocks come from the allocator and strides are multiples of eight. */
    return (evh_record *)(void *)(unit->records + index * table->stride);
}

/* Wipes and frees a unit's records. */
void evh_unit_drop_records(const evh_unit_table *table, evh_unit *unit);

/* Gives a unit room for `capacity` records behind the first place. Fails MEMORY; nothing changed.
 */
EVH_MUST_USE evh_status evh_unit_reserve(const evh_unit_table *table, evh_unit *unit,
                                         uint32_t capacity);

#endif
