/* SPDX-License-Identifier: Apache-2.0 */
#include "tally_internal.h"

#include <string.h>

#include "scorer_internal.h"

/* Words that must be the same for two records to be of one kind. */
static size_t kind_len(const evh_walk *walk)
{
    return walk->additive ? walk->release_count
                          : walk->release_count + walk->model_count * walk->width;
}

static evh_record *find_kind(const evh_walk *walk, const evh_unit_table *units,
                             const evh_unit *unit, const uint32_t *payload)
{
    size_t len = kind_len(walk);
    for (size_t i = 1; i <= unit->count; i++) {
        evh_record *kind = evh_unit_record(units, unit, i);
        size_t same = 0; /* few words: a call of memcmp would take longer */
        while (same < len && kind->payload[same] == payload[same])
            same++;
        if (same == len)
            return kind;
    }
    return NULL;
}

static bool caps_words(const evh_walk *walk)
{
    return walk->words_max != UINT64_MAX || walk->insertions_max != UINT64_MAX;
}

bool evh_tally_bump(const evh_walk *walk, const evh_unit_table *units, evh_unit *unit,
                    const uint32_t *payload)
{
    if (walk->additive || unit->limit >= walk->records_max)
        return false;
    evh_record *kind = find_kind(walk, units, unit, payload);
    if (kind == NULL)
        return false;
    kind->order++;
    unit->limit++;
    return true;
}

/* Adds the scores of a record to those of its kind; false when a sum would not fit. */
static bool add_scores(const evh_walk *walk, evh_record *kind, const uint32_t *payload)
{
    size_t end = walk->release_count + walk->model_count * walk->width;
    for (size_t i = walk->release_count; i < end; i++)
        if (__builtin_add_overflow(kind->payload[i], payload[i], &kind->payload[i]))
            return false;
    return true;
}

/* Different groups of one release among the unit's kinds. */
static size_t count_groups(const evh_unit_table *units, const evh_unit *unit, size_t release)
{
    size_t count = 0;
    for (size_t i = 1; i <= unit->count; i++) {
        uint32_t group = evh_unit_record(units, unit, i)->payload[release];
        size_t before = 1;
        while (before < i && evh_unit_record(units, unit, before)->payload[release] != group)
            before++;
        count += before == i ? 1 : 0;
    }
    return count;
}

static bool groups_fit(const evh_walk *walk, const evh_unit_table *units, const evh_unit *unit)
{
    for (size_t i = 0; i < walk->release_count; i++)
        if (count_groups(units, unit, i) > walk->groups_max)
            return false;
    return true;
}

static bool words_fit(const evh_walk *walk, const evh_unit_table *units, const evh_unit *unit)
{
    for (size_t model = 0; model < walk->model_count; model++) {
        uint64_t words = 0;
        uint64_t insertions = 0;
        for (size_t i = 1; i <= unit->count; i++) {
            const uint32_t *values = evh_unit_record(units, unit, i)->payload +
                                     walk->release_count + model * walk->width;
            words += values[EVH_WER_WORDS];
            insertions += values[EVH_WER_INSERTIONS];
        }
        if (words > walk->words_max || insertions > walk->insertions_max)
            return false;
    }
    return true;
}

/* A new kind, with this record as its first. */
static evh_status append_kind(const evh_walk *walk, const evh_unit_table *units, evh_unit *unit,
                              const uint32_t *payload, bool *fits)
{
    evh_status status = evh_ok();
    evh_record *kind = NULL;
    *fits = unit->count < EVH_BOUNDING_KINDS_MAX;
    if (!*fits)
        goto done;
    if (unit->count == unit->capacity)
        EVH_TRY(evh_unit_reserve(units, unit, 2 * unit->capacity + 1));
    kind = evh_unit_record(units, unit, (size_t)unit->count + 1);
    kind->order = 1;
    memcpy(kind->payload, payload,
           (walk->release_count + walk->model_count * walk->width) * sizeof *payload);
    unit->count++;
    *fits = groups_fit(walk, units, unit);
done:
    return status;
}

evh_status evh_tally_add(const evh_walk *walk, const evh_unit_table *units, evh_unit *unit,
                         const uint32_t *payload, bool *fits)
{
    evh_status status = evh_ok();
    evh_record *kind = find_kind(walk, units, unit, payload);
    *fits = true;
    unit->limit++;
    if (kind == NULL) {
        EVH_TRY(append_kind(walk, units, unit, payload, fits));
    } else {
        kind->order++;
        if (walk->additive)
            *fits = add_scores(walk, kind, payload);
    }
    *fits = *fits && unit->limit <= walk->records_max;
    if (*fits && caps_words(walk))
        *fits = words_fit(walk, units, unit);
done:
    return status;
}
