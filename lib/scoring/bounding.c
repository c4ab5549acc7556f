/* SPDX-License-Identifier: Apache-2.0 */
#include "evenhand/scoring/bounding.h"

#include <stdlib.h>
#include <string.h>

#include "evenhand/base/secret.h"
#include "evenhand/base/sizes.h"
#include "scorer_internal.h"
#include "tally_internal.h"
#include "walk_internal.h"

enum {
    FIRST_RECORDS = 3,     /* room for records that a new unit gets */
    WAITING = 32,          /* records on their way to their units; a power of two */
    WAITING_NAME_MAX = 40, /* bytes of a unit's name; with a longer one a record does not wait */
};

/* A record that waits until its unit has arrived from memory. That records of a unit change places
 * by it does not matter: nothing depends on the order in which they are added. */
typedef struct waiting_record {
    uint64_t hash; /* of the unit's name */
    uint64_t order;
    uint32_t name_len; /* 0: no record */
    uint8_t name[WAITING_NAME_MAX];
} waiting_record;

struct evh_bounding {
    evh_unit_table units;
    evh_walk walk;
    evh_order_key key;
    evh_buffer message; /* what the order of a record is the hash of */
    size_t payload_len; /* 32-bit words */
    waiting_record waiting[WAITING];
    uint32_t *payloads; /* [WAITING][payload_len] */
    uint32_t *payload;  /* [payload_len] of a record that does not wait */
    size_t turn;        /* place of the next record to wait */
    uint64_t records;   /* added, those of a second pass not counted again */
    uint64_t left_over; /* records that the first pass leaves for the second */
    uint64_t kept;      /* records of units that are not summed up */
    int64_t *sums;      /* [cell_count] of all records, when each counts for itself */
    bool summing;       /* the first of two passes */
    bool second;        /* the second */
    bool finished;
};

void evh_bounding_key(evh_order_key *out, const evh_seed32 *secret, evh_view plan_id,
                      uint64_t round)
{
    uint8_t number[8];
    for (size_t i = 0; i < sizeof number; i++)
        number[i] = (uint8_t)(round >> (8 * i));
    const evh_view parts[] = {evh_view_of_text("evenhand bounding 1"), plan_id,
                              evh_view_of(number, sizeof number)};
    evh_order_key_derive(out, secret, parts, sizeof parts / sizeof parts[0]);
}

evh_status evh_bounding_new(evh_bounding **out, const evh_bounding_options *options)
{
    evh_status status = evh_ok();
    evh_bounding *bounding = NULL;
    *out = NULL;
    EVH_TRY(evh_alloc(&bounding, 1, sizeof *bounding, "an accumulator"));
    bounding->message = evh_buffer_init(SIZE_MAX);
    EVH_TRY(evh_walk_init(&bounding->walk, options));
    bounding->key = options->key;
    bounding->summing = options->passes == EVH_BOUNDING_TWO_PASSES;
    bounding->payload_len =
        options->release_count + options->model_count * evh_scorer_width(options->scorer);
    /* Rounded up to whole multiples of eight bytes, for the alignment of the next record. */
    bounding->units.stride =
        (sizeof(evh_record) + bounding->payload_len * sizeof(uint32_t) + 7) / 8 * 8;
    EVH_TRY(evh_alloc(&bounding->payloads, WAITING * bounding->payload_len, sizeof(uint32_t),
                      "records on their way"));
    EVH_TRY(evh_alloc(&bounding->payload, bounding->payload_len, sizeof(uint32_t), "a record"));
    /* A cap on groups that is no more than the one on records needs no memory of a unit's groups.
     */
    if (bounding->summing && evh_scorer_is_per_record(options->scorer) &&
        options->groups_per_unit >= options->records_per_unit)
        EVH_TRY(evh_alloc(&bounding->sums, options->cell_count, sizeof *bounding->sums, "cells"));
    *out = bounding;
    bounding = NULL;
done:
    evh_bounding_free(&bounding);
    return status;
}

void evh_bounding_free(evh_bounding **bounding)
{
    evh_bounding *old = *bounding;
    if (old == NULL)
        return;
    if (old->payloads != NULL)
        evh_wipe(old->payloads, WAITING * old->payload_len * sizeof(uint32_t));
    free(old->payloads);
    if (old->sums != NULL)
        evh_wipe(old->sums, old->walk.cell_count * sizeof *old->sums);
    free(old->sums);
    if (old->payload != NULL)
        evh_wipe(old->payload, old->payload_len * sizeof(uint32_t));
    free(old->payload);
    evh_buffer_clear(&old->message);
    evh_walk_clear(&old->walk);
    evh_unit_table_clear(&old->units);
    evh_wipe(old, sizeof *old);
    free(old);
    *bounding = NULL;
}

/* Makes room for the message that a record's order is the hash of. */
static evh_status reserve_message(evh_bounding *bounding, size_t unit_len, size_t record_len)
{
    size_t len = 0;
    if (!evh_size_add(record_len, sizeof(uint32_t) + unit_len, &len))
        return evh_fail(EVH_ERR_MEMORY, "a record of %zu bytes", record_len);
    return evh_buffer_reserve(&bounding->message, len);
}

/* Keyed hash of the unit's length, the unit and the record, for which there is room. */
static uint64_t order_of(evh_bounding *bounding, evh_view unit, evh_view record)
{
    const uint32_t unit_len = (uint32_t)unit.len;
    uint8_t *message = bounding->message.data;
    memcpy(message, &unit_len, sizeof unit_len);
    memcpy(message + sizeof unit_len, unit.data, unit.len);
    if (record.len > 0)
        memcpy(message + sizeof unit_len + unit.len, record.data, record.len);
    return evh_order_hash(&bounding->key,
                          evh_view_of(message, sizeof unit_len + unit.len + record.len));
}

/* True when a record has nothing that check_record would find. */
static bool is_good_record(const evh_bounding *bounding, evh_view unit, const uint32_t *groups,
                           const evh_score *scores)
{
    const evh_walk *walk = &bounding->walk;
    bool good = !bounding->finished && unit.len > 0 && unit.len <= EVH_BOUNDING_UNIT_BYTES_MAX;
    for (size_t i = 0; i < walk->release_count; i++)
        good = good && groups[i] < walk->releases[i].groups;
    for (size_t i = 0; i < walk->model_count; i++)
        good = good && !scores[i].skipped;
    return good;
}

/* Says what is wrong with a record. */
static evh_status check_record(const evh_bounding *bounding, evh_view unit, const uint32_t *groups,
                               const evh_score *scores)
{
    evh_status status = evh_ok();
    const evh_walk *walk = &bounding->walk;
    EVH_REQUIRE(!bounding->finished, EVH_ERR_ARG, "the counts are finished");
    EVH_REQUIRE(unit.len > 0, EVH_ERR_INPUT, "the unit is empty");
    EVH_REQUIRE(unit.len <= EVH_BOUNDING_UNIT_BYTES_MAX, EVH_ERR_INPUT,
                "a unit of %zu bytes: %d are possible", unit.len, EVH_BOUNDING_UNIT_BYTES_MAX);
    for (size_t i = 0; i < walk->release_count; i++)
        EVH_REQUIRE(groups[i] < walk->releases[i].groups, EVH_ERR_ARG,
                    "release %zu has no group %u", i, groups[i]);
    for (size_t i = 0; i < walk->model_count; i++)
        EVH_REQUIRE(!scores[i].skipped, EVH_ERR_ARG, "a skipped record has no score");
done:
    return status;
}

static void write_payload(const evh_bounding *bounding, uint32_t *payload, const uint32_t *groups,
                          const evh_score *scores)
{
    const evh_walk *walk = &bounding->walk;
    memcpy(payload, groups, walk->release_count * sizeof *groups);
    payload += walk->release_count;
    for (size_t i = 0; i < walk->model_count; i++, payload += walk->width)
        memcpy(payload, scores[i].values, walk->width * sizeof *payload);
}

/* Makes a free place behind the records that may be used: by letting go of those that cannot fit
 * any more, and by growing while they are more than half of the places. */
static evh_status make_place(evh_bounding *bounding, evh_unit *unit)
{
    evh_status status = evh_ok();
    if (unit->records == NULL) {
        EVH_TRY(evh_unit_reserve(&bounding->units, unit, FIRST_RECORDS));
        goto done;
    }
    if (unit->count < unit->capacity)
        goto done;
    EVH_TRY(evh_walk_cut(&bounding->walk, &bounding->units, unit));
    if (unit->count > unit->capacity / 2)
        EVH_TRY(evh_unit_reserve(&bounding->units, unit, 2 * unit->capacity + 1));
done:
    return status;
}

/* True when the record comes at or after the first one of its unit that did not fit: it never will,
 * because a record that is added only brings that point forward. */
static bool is_beyond_limit(const evh_bounding *bounding, const evh_unit *unit,
                            const evh_record *record)
{
    if (!unit->limited || record->order < unit->limit)
        return false;
    if (record->order > unit->limit)
        return true;
    const evh_record *limit = evh_unit_record(&bounding->units, unit, 0);
    return memcmp(record->payload, limit->payload,
                  bounding->payload_len * sizeof *record->payload) >= 0;
}

/* Adds a record to the sums of its unit, or leaves the unit for the second pass. */
static evh_status sum_up(evh_bounding *bounding, evh_unit *unit, const uint32_t *payload)
{
    evh_status status = evh_ok();
    bool fits = true;
    if (bounding->sums != NULL) {
        unit->limit++;
        unit->summed = unit->limit <= bounding->walk.records_max;
        return evh_walk_add_record(&bounding->walk, payload, bounding->sums);
    }
    if (unit->limit == 0) {
        EVH_TRY(evh_unit_reserve(&bounding->units, unit, FIRST_RECORDS));
        unit->summed = true;
    }
    if (!unit->summed) {
        unit->limit++;
        goto done;
    }
    EVH_TRY(evh_tally_add(&bounding->walk, &bounding->units, unit, payload, &fits));
    if (!fits) {
        evh_unit_drop_records(&bounding->units, unit);
        unit->count = 0;
        unit->capacity = 0;
        unit->summed = false;
    }
done:
    return status;
}

/* Gives a record to its unit. */
static evh_status deliver(evh_bounding *bounding, evh_view name, uint64_t hash, uint64_t order,
                          const uint32_t *payload)
{
    evh_status status = evh_ok();
    evh_unit *unit = NULL;
    evh_record *place = NULL;
    EVH_TRY(evh_unit_table_get(&bounding->units, &unit, hash, name));
    if (bounding->summing)
        EVH_TRY(sum_up(bounding, unit, payload));
    if (bounding->summing || unit->summed)
        goto done;
    bounding->kept++;
    if (bounding->sums != NULL)
        EVH_TRY(evh_walk_take_record(&bounding->walk, payload, bounding->sums));
    if (unit->limited && order > unit->limit)
        goto done;
    EVH_TRY(make_place(bounding, unit));
    place = evh_unit_record(&bounding->units, unit, (size_t)unit->count + 1);
    place->order = order;
    memcpy(place->payload, payload, bounding->payload_len * sizeof *payload);
    if (!is_beyond_limit(bounding, unit, place))
        unit->count++;
done:
    return status;
}

/* Settles most records at once: where none waits, one that is clipped, as most are of units with
 * many, or one of a kind that its unit has had before. False: it has to be delivered. The whole way
 * through evh_status would take longer than this. */
static bool settle(evh_bounding *bounding, size_t at)
{
    const waiting_record *record = &bounding->waiting[at];
    const uint32_t *payload = bounding->payloads + at * bounding->payload_len;
    if (record->name_len == 0)
        return true;
    evh_unit *unit = evh_unit_table_find(&bounding->units, record->hash,
                                         evh_view_of(record->name, record->name_len));
    if (unit == NULL)
        return false;
    if (bounding->sums != NULL)
        return false;
    if (bounding->summing)
        return unit->summed && evh_tally_bump(&bounding->walk, &bounding->units, unit, payload);
    if (!unit->limited || record->order <= unit->limit)
        return false;
    bounding->kept++;
    return true;
}

/* Delivers the record that waits at a place, if any, and leaves the place empty. */
static evh_status deliver_waiting(evh_bounding *bounding, size_t at)
{
    waiting_record *record = &bounding->waiting[at];
    evh_view name = evh_view_of(record->name, record->name_len);
    if (record->name_len == 0)
        return evh_ok();
    record->name_len = 0;
    return deliver(bounding, name, record->hash, record->order,
                   bounding->payloads + at * bounding->payload_len);
}

/* Lets a record wait at the place of the one that has waited longest and is delivered. A third
 * of its wait later the slot of its unit has arrived, and the unit itself is sent for; then its
 * records. */
static void let_wait(evh_bounding *bounding, evh_view name, uint64_t hash, uint64_t order)
{
    size_t at = bounding->turn;
    waiting_record *record = &bounding->waiting[at];
    record->hash = hash;
    record->order = order;
    record->name_len = (uint32_t)name.len;
    memcpy(record->name, name.data, name.len);
    memcpy(bounding->payloads + at * bounding->payload_len, bounding->payload,
           bounding->payload_len * sizeof *bounding->payload);
    evh_unit_table_prefetch_unit(&bounding->units,
                                 bounding->waiting[(at + 2 * WAITING / 3) % WAITING].hash);
    evh_unit_table_prefetch_records(&bounding->units,
                                    bounding->waiting[(at + WAITING / 3) % WAITING].hash);
    bounding->turn = (at + 1) % WAITING;
}

evh_status evh_bounding_add(evh_bounding *bounding, evh_view unit, evh_view record,
                            const uint32_t *groups, const evh_score *scores)
{
    evh_status status = evh_ok();
    uint64_t hash = 0;
    uint64_t order = 0;
    if (!is_good_record(bounding, unit, groups, scores))
        EVH_TRY(check_record(bounding, unit, groups, scores));
    hash = evh_order_hash(&bounding->key, unit);
    evh_unit_table_prefetch(&bounding->units, hash);
    if (!bounding->summing) {
        if (bounding->message.capacity < sizeof(uint32_t) + unit.len ||
            bounding->message.capacity - sizeof(uint32_t) - unit.len < record.len)
            EVH_TRY(reserve_message(bounding, unit.len, record.len));
        order = order_of(bounding, unit, record);
    }
    write_payload(bounding, bounding->payload, groups, scores);
    if (unit.len > WAITING_NAME_MAX) {
        EVH_TRY(deliver(bounding, unit, hash, order, bounding->payload));
    } else {
        if (!settle(bounding, bounding->turn))
            EVH_TRY(deliver_waiting(bounding, bounding->turn));
        let_wait(bounding, unit, hash, order);
    }
    bounding->records += bounding->second ? 0 : 1;
done:
    return status;
}

bool evh_bounding_wants(const evh_bounding *bounding, evh_view unit)
{
    const evh_unit *found =
        evh_unit_table_find(&bounding->units, evh_order_hash(&bounding->key, unit), unit);
    return found == NULL || !found->summed;
}

/* Delivers what still waits. */
static evh_status deliver_all(evh_bounding *bounding)
{
    evh_status status = evh_ok();
    for (size_t i = 0; i < WAITING; i++)
        EVH_TRY(deliver_waiting(bounding, i));
done:
    return status;
}

evh_status evh_bounding_end_pass(evh_bounding *bounding, bool *again)
{
    evh_status status = evh_ok();
    evh_unit_table *units = &bounding->units;
    *again = false;
    EVH_REQUIRE(!bounding->finished, EVH_ERR_ARG, "the counts are finished");
    EVH_TRY(deliver_all(bounding));
    for (size_t i = 0; bounding->summing && i < units->capacity; i++) {
        evh_unit *unit = units->slots[i].unit;
        if (unit == NULL || unit->summed)
            continue;
        bounding->left_over += unit->limit;
        unit->limit = 0;
    }
    *again = bounding->summing && bounding->left_over > 0;
    bounding->second = bounding->second || *again;
    bounding->summing = false;
done:
    return status;
}

static evh_status add_up_unit(evh_bounding *bounding, evh_unit *unit, int64_t *cells,
                              evh_bounding_statistics *statistics)
{
    evh_status status = evh_ok();
    if (!unit->summed)
        EVH_TRY(evh_walk_cut(&bounding->walk, &bounding->units, unit));
    if (!unit->summed || bounding->sums == NULL)
        EVH_TRY(evh_walk_add_up(&bounding->walk, &bounding->units, unit, cells));
    statistics->used += unit->summed ? unit->limit : unit->count;
    statistics->units++;
    if (unit->limited)
        statistics->units_clipped++;
done:
    return status;
}

evh_status evh_bounding_finish(evh_bounding *bounding, int64_t *cells,
                               evh_bounding_statistics *statistics)
{
    evh_status status = evh_ok();
    evh_unit_table *units = &bounding->units;
    memset(cells, 0, bounding->walk.cell_count * sizeof *cells);
    *statistics = (evh_bounding_statistics){.records = bounding->records};
    EVH_REQUIRE(!bounding->finished, EVH_ERR_ARG, "the counts are finished");
    EVH_REQUIRE(!bounding->summing, EVH_ERR_ARG, "the first pass has not been ended");
    EVH_TRY(deliver_all(bounding));
    bounding->finished = true;
    EVH_REQUIRE(!bounding->second || bounding->kept == bounding->left_over, EVH_ERR_INPUT,
                "the records are not the same when read a second time: did the file change?");
    if (bounding->sums != NULL)
        memcpy(cells, bounding->sums, bounding->walk.cell_count * sizeof *cells);
    for (size_t i = 0; i < units->capacity; i++) {
        evh_unit *unit = units->slots[i].unit;
        if (unit != NULL && (unit->records != NULL || unit->summed))
            EVH_TRY(add_up_unit(bounding, unit, cells, statistics));
    }
    statistics->clipped = statistics->records - statistics->used;
done:
    if (status.code != EVH_OK) {
        evh_wipe(cells, bounding->walk.cell_count * sizeof *cells);
        *statistics = (evh_bounding_statistics){0};
    }
    return status;
}
