/* SPDX-License-Identifier: Apache-2.0 */
#include "units_internal.h"

#include <stdlib.h>
#include <string.h>

#include "evenhand/base/secret.h"
#include "evenhand/base/sizes.h"

/* The slot of the unit, or the free one where it belongs; the table is never full. */
static evh_unit_slot *find_slot(const evh_unit_table *table, uint64_t hash, evh_view name)
{
    size_t mask = table->capacity - 1;
    for (size_t at = (size_t)hash & mask;; at = (at + 1) & mask) {
        evh_unit_slot *slot = &table->slots[at];
        if (slot->unit == NULL)
            return slot;
        if (slot->hash == hash && slot->unit->name_len == name.len &&
            memcmp(slot->unit->name, name.data, name.len) == 0)
            return slot;
    }
}

static evh_status grow_table(evh_unit_table *table)
{
    evh_unit_slot *old = table->slots;
    size_t old_capacity = table->capacity;
    size_t capacity = old_capacity == 0 ? 1024 : 2 * old_capacity;
    evh_unit_slot *slots = NULL;
    evh_status status = evh_alloc(&slots, capacity, sizeof *slots, "the table of units");
    if (status.code != EVH_OK)
        return status;
    table->slots = slots;
    table->capacity = capacity;
    for (size_t i = 0; i < old_capacity; i++) {
        evh_unit *unit = old[i].unit;
        if (unit != NULL)
            *find_slot(table, unit->hash, evh_view_of(unit->name, unit->name_len)) = old[i];
    }
    evh_wipe(old, old_capacity * sizeof *old);
    free(old);
    return status;
}

evh_unit *evh_unit_table_find(const evh_unit_table *table, uint64_t hash, evh_view name)
{
    return table->capacity == 0 ? NULL : find_slot(table, hash, name)->unit;
}

evh_status evh_unit_table_get(evh_unit_table *table, evh_unit **out, uint64_t hash, evh_view name)
{
    evh_status status = evh_ok();
    evh_unit_slot *slot = NULL;
    *out = NULL;
    if (2 * (table->count + 1) > table->capacity)
        EVH_TRY(grow_table(table));
    slot = find_slot(table, hash, name);
    if (slot->unit == NULL) {
        evh_unit *unit = NULL;
        EVH_TRY(evh_alloc(&unit, 1, sizeof *unit + name.len, "a unit"));
        unit->hash = hash;
        unit->name_len = (uint32_t)name.len;
        memcpy(unit->name, name.data, name.len);
        *slot = (evh_unit_slot){.hash = hash, .unit = unit};
        table->count++;
    }
    *out = slot->unit;
done:
    return status;
}

void evh_unit_drop_records(const evh_unit_table *table, evh_unit *unit)
{
    if (unit->records == NULL)
        return;
    evh_wipe(unit->records, ((size_t)unit->capacity + 1) * table->stride);
    free(unit->records);
    unit->records = NULL;
}

evh_status evh_unit_reserve(const evh_unit_table *table, evh_unit *unit, uint32_t capacity)
{
    uint8_t *records = NULL;
    evh_status status =
        evh_alloc(&records, (size_t)capacity + 1, table->stride, "the records of a unit");
    if (status.code != EVH_OK)
        return status;
    if (unit->records != NULL)
        memcpy(records, unit->records, ((size_t)unit->count + 1) * table->stride);
    evh_unit_drop_records(table, unit);
    unit->records = records;
    unit->capacity = capacity;
    return status;
}

void evh_unit_table_clear(evh_unit_table *table)
{
    for (size_t i = 0; i < table->capacity; i++) {
        evh_unit *unit = table->slots[i].unit;
        if (unit == NULL)
            continue;
        evh_unit_drop_records(table, unit);
        evh_wipe(unit, sizeof *unit + unit->name_len);
        free(unit);
    }
    evh_wipe(table->slots, table->capacity * sizeof *table->slots);
    free(table->slots);
    *table = (evh_unit_table){.stride = table->stride};
}
