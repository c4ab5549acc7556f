/* SPDX-License-Identifier: Apache-2.0
 * What the log says about rounds, by task, kept beside the mirror in the transaction that takes the
 * entries in. The helper has cosigned every entry, so it follows the rules of a log; one that does
 * not make sense here is passed over and logged rather than stopping everything that comes after. */
#include <stdio.h>
#include <string.h>

#include "collect_internal.h"
#include "evenhand/base/failpoint.h"
#include "evenhand/plan/canonical.h"
#include "evenhand/protocol/enrolment.h"
#include "evenhand/seal/hash.h"
#include "evenhand/store/record.h"
#include "store.pb-c.h"

enum { KEY_MAX = 64 };

/* ---- where things are ---- */

typedef struct place_key {
    uint8_t bytes[KEY_MAX];
    size_t len;
} place_key;

static place_key key_of(const char *prefix, const uint8_t id[32])
{
    place_key key = {.len = strlen(prefix) + 32};
    memcpy(key.bytes, prefix, strlen(prefix));
    memcpy(key.bytes + strlen(prefix), id, 32);
    return key;
}

const char evh_collect_round_prefix[] = "collect/round/";
static const char plan_prefix[] = "collect/plan/";
static const char population_prefix[] = "collect/population/";

static evh_view view_of(const place_key *key)
{
    return evh_view_of(key->bytes, key->len);
}

evh_status evh_collect_find(evh_store *store, const uint8_t *task_id, stored_collection **out)
{
    place_key key = key_of(evh_collect_round_prefix, task_id);
    return evh_record_get(store, EVH_STORE_META, view_of(&key),
                          &evenhand__v1__stored_collection__descriptor, out);
}

static evh_status put_round(evh_store *store, const uint8_t *task_id,
                            const stored_collection *record)
{
    place_key key = key_of(evh_collect_round_prefix, task_id);
    return evh_record_put(store, EVH_STORE_META, view_of(&key), &record->base);
}

/* The first entry of a kind counts. */
static evh_status put_place(evh_store *store, const char *prefix, evh_view content, uint64_t index)
{
    uint8_t hash[EVH_SHA256_LEN];
    Evenhand__V1__StoredPlace place;
    Evenhand__V1__StoredPlace *known = NULL;
    place_key key;
    evh_status status = evh_ok();
    evenhand__v1__stored_place__init(&place);
    place.index = index;
    EVH_TRY(evh_sha256(hash, content));
    key = key_of(prefix, hash);
    EVH_TRY(evh_record_get(store, EVH_STORE_META, view_of(&key),
                           &evenhand__v1__stored_place__descriptor, &known));
    if (known == NULL)
        EVH_TRY(evh_record_put(store, EVH_STORE_META, view_of(&key), &place.base));
done:
    evh_wire_free(&known);
    return status;
}

/* Reads the entry at a place. *out stays NULL when there is no such place. */
static evh_status entry_at_place(evh_store *store, const char *prefix, const uint8_t id[32],
                                 uint64_t *index, Evenhand__V1__LogEntry **out)
{
    Evenhand__V1__StoredPlace *place = NULL;
    evh_buffer bytes = evh_buffer_init(EVH_TRANSLOG_ENTRY_BYTES_MAX);
    place_key key = key_of(prefix, id);
    evh_status status = evh_ok();
    EVH_TRY(evh_record_get(store, EVH_STORE_META, view_of(&key),
                           &evenhand__v1__stored_place__descriptor, &place));
    if (place == NULL)
        goto done;
    *index = place->index;
    EVH_TRY(evh_translog_entry(store, &bytes, place->index));
    EVH_TRY(evh_wire_unpack(out, &evenhand__v1__log_entry__descriptor, evh_buffer_view(&bytes),
                            "log entry"));
done:
    evh_wire_free(&place);
    evh_buffer_clear(&bytes);
    return status;
}

evh_status evh_collect_find_plan(evh_store *store, const uint8_t plan_id[32], uint64_t *index,
                                 Evenhand__V1__LogEntry **out)
{
    return entry_at_place(store, plan_prefix, plan_id, index, out);
}

evh_status evh_collect_find_population(evh_store *store, const uint8_t hash[32], uint64_t *index,
                                       Evenhand__V1__LogEntry **out)
{
    return entry_at_place(store, population_prefix, hash, index, out);
}

/* ---- entries ---- */

static void note_odd(const evh_collect *collect, uint64_t index)
{
    EVH_LOG(collect->self->events, EVH_LOG_WARN, "collector", "entry_passed_over",
            evh_log_u64("index", index));
}

/* The name of a round's plan, for people; "" when there is none that can be read. */
static evh_status name_of_plan(evh_store *store, char name[EVH_PLAN_NAME_MAX + 1],
                               const uint8_t plan_id[32])
{
    Evenhand__V1__LogEntry *entry = NULL;
    evh_plan *plan = NULL;
    uint64_t index = 0;
    evh_status status = evh_ok();
    name[0] = '\0';
    EVH_TRY(entry_at_place(store, plan_prefix, plan_id, &index, &entry));
    if (entry == NULL || entry->kind_case != EVENHAND__V1__LOG_ENTRY__KIND_PLAN)
        goto done;
    status = evh_plan_decode(&plan, evh_wire_bytes(&entry->plan->plan));
    if (status.code == EVH_OK)
        (void)snprintf(name, EVH_PLAN_NAME_MAX + 1, "%s", evh_plan_terms_of(plan)->name);
    else if (status.code != EVH_ERR_MEMORY)
        status = evh_ok();
done:
    evh_plan_free(&plan);
    evh_wire_free(&entry);
    return status;
}

static evh_status take_opened(const evh_collect *collect, uint64_t index,
                              const Evenhand__V1__RoundOpened *opened)
{
    uint8_t task_id[EVH_TASK_ID_LEN];
    char name[EVH_PLAN_NAME_MAX + 1];
    evh_store *store = collect->self->store;
    stored_collection record;
    stored_collection *known = NULL;
    evh_buffer bytes = evh_buffer_init(EVH_TRANSLOG_ENTRY_BYTES_MAX);
    evh_status status = evh_ok();
    evenhand__v1__stored_collection__init(&record);
    if (opened->plan_id.len != EVH_PLAN_ID_LEN) {
        note_odd(collect, index);
        goto done;
    }
    EVH_TRY(evh_wire_pack(&bytes, &opened->base));
    EVH_TRY(evh_sha256(task_id, evh_buffer_view(&bytes)));
    EVH_TRY(evh_collect_find(store, task_id, &known));
    if (known != NULL) {
        note_odd(collect, index);
        goto done;
    }
    EVH_TRY(name_of_plan(store, name, opened->plan_id.data));
    record.plan_id = opened->plan_id;
    record.round = opened->round;
    record.state = EVH_COLLECT_OPEN;
    record.opened = index;
    record.plan_name = name;
    EVH_TRY(put_round(store, task_id, &record));
done:
    evh_wire_free(&known);
    evh_buffer_clear(&bytes);
    return status;
}

/* What an entry about a round that is open makes of it. */
typedef struct progress {
    const ProtobufCBinaryData *task_id;
    uint32_t from, last_from; /* states it may come in */
    uint32_t to;
    uint32_t void_reason;
} progress;

static evh_status take_progress(const evh_collect *collect, uint64_t index, uint64_t written_ms,
                                const progress *p)
{
    stored_collection *known = NULL;
    stored_collection next;
    evh_store *store = collect->self->store;
    evh_status status = evh_ok();
    if (p->task_id->len == EVH_TASK_ID_LEN)
        EVH_TRY(evh_collect_find(store, p->task_id->data, &known));
    if (known == NULL || known->state < p->from || known->state > p->last_from) {
        note_odd(collect, index);
        goto done;
    }
    next = *known;
    next.state = p->to;
    next.void_reason = p->void_reason;
    if (p->to == EVH_COLLECT_CLOSED)
        next.closed = index;
    else if (p->to == EVH_COLLECT_READY) {
        next.committed = index;
        next.committed_ms = written_ms;
    } else
        next.ended = index;
    EVH_TRY(put_round(store, p->task_id->data, &next));
    if (p->to == EVH_COLLECT_VOID)
        EVH_LOG(collect->self->events, EVH_LOG_WARN, "collector", "round_void",
                evh_log_hex("task", evh_wire_bytes(p->task_id)), evh_log_u64("round", next.round),
                evh_log_u64("reason", p->void_reason));
done:
    evh_wire_free(&known);
    return status;
}

static bool is_text_of(const char *text, const evh_identity *identity)
{
    evh_identity read;
    evh_status status = evh_identity_parse(&read, evh_view_of_text(text));
    return status.code == EVH_OK && evh_identity_equal(&read, identity);
}

/* Whoever collects under other keys than the log names would find out late, from shares that do not
 * open. */
static void check_keys(const evh_collect *collect, uint64_t index,
                       const Evenhand__V1__AggregatorKeys *keys)
{
    const evh_aggregator *self = collect->self;
    if (!is_text_of(keys->leader, &self->leader) || !is_text_of(keys->helper, &self->helper) ||
        !is_text_of(keys->collector, &self->collector))
        EVH_LOG(self->events, EVH_LOG_ERROR, "collector", "keys_differ",
                evh_log_u64("index", index));
}

/* A customer's entry counts if both have endorsed it for the place where it stands. One that they
 * have not means that the helper has cosigned what it should not have. */
static evh_status take_roster(const evh_collect *collect, uint64_t index,
                              const Evenhand__V1__RosterEntry *entry)
{
    const evh_aggregator *self = collect->self;
    Evenhand__V1__StoredCustomer *before = NULL;
    Evenhand__V1__StoredCustomer record;
    evh_roster_finding finding = EVH_ROSTER_UNENDORSED_LEADER;
    evh_view key = evh_view_of_text(entry->customer);
    evh_buffer bytes = evh_buffer_init(EVH_TRANSLOG_ENTRY_BYTES_MAX);
    evh_status status = evh_ok();
    evenhand__v1__stored_customer__init(&record);
    EVH_TRY(evh_record_get(self->store, EVH_STORE_CUSTOMERS, key,
                           &evenhand__v1__stored_customer__descriptor, &before));
    EVH_TRY(evh_wire_pack(&bytes, &entry->base));
    status = evh_roster_check(&finding, evh_buffer_view(&bytes), &self->leader, &self->helper,
                              self->log.name, before == NULL ? 0 : before->roster_sequence);
    EVH_REQUIRE(status.code != EVH_ERR_MEMORY, status.code, "%s", status.text);
    if (status.code != EVH_OK || finding != EVH_ROSTER_ACCEPTED) {
        status = evh_ok();
        EVH_LOG(self->events, EVH_LOG_ERROR, "collector", "roster_entry_refused",
                evh_log_u64("index", index));
        goto done;
    }
    record.state = entry->state;
    record.roster_sequence = entry->sequence;
    EVH_TRY(evh_record_put(self->store, EVH_STORE_CUSTOMERS, key, &record.base));
done:
    evh_wire_free(&before);
    evh_buffer_clear(&bytes);
    return status;
}

static evh_status take_entry(const evh_collect *collect, uint64_t index,
                             const Evenhand__V1__LogEntry *entry)
{
    evh_store *store = collect->self->store;
    progress p = {.from = EVH_COLLECT_OPEN, .last_from = EVH_COLLECT_READY};
    switch (entry->kind_case) {
    case EVENHAND__V1__LOG_ENTRY__KIND_KEYS:
        check_keys(collect, index, entry->keys);
        return evh_ok();
    case EVENHAND__V1__LOG_ENTRY__KIND_ROSTER:
        return take_roster(collect, index, entry->roster);
    case EVENHAND__V1__LOG_ENTRY__KIND_POPULATION:
        return put_place(store, population_prefix, evh_wire_bytes(&entry->population->population),
                         index);
    case EVENHAND__V1__LOG_ENTRY__KIND_PLAN:
        return put_place(store, plan_prefix, evh_wire_bytes(&entry->plan->plan), index);
    case EVENHAND__V1__LOG_ENTRY__KIND_ROUND_OPENED:
        return take_opened(collect, index, entry->round_opened);
    case EVENHAND__V1__LOG_ENTRY__KIND_ROUND_CLOSED:
        p.task_id = &entry->round_closed->task_id;
        p.last_from = EVH_COLLECT_OPEN;
        p.to = EVH_COLLECT_CLOSED;
        break;
    case EVENHAND__V1__LOG_ENTRY__KIND_SHARE_COMMITMENT:
        p.task_id = &entry->share_commitment->task_id;
        p.from = p.last_from = EVH_COLLECT_CLOSED;
        p.to = EVH_COLLECT_READY;
        break;
    case EVENHAND__V1__LOG_ENTRY__KIND_RESULT:
        p.task_id = &entry->result->task_id;
        p.from = EVH_COLLECT_READY;
        p.to = EVH_COLLECT_PUBLISHED;
        break;
    case EVENHAND__V1__LOG_ENTRY__KIND_ROUND_VOID:
        p.task_id = &entry->round_void->task_id;
        p.to = EVH_COLLECT_VOID;
        p.void_reason = entry->round_void->reason;
        break;
    default: /* nothing that a collector goes by */
        return evh_ok();
    }
    return take_progress(collect, index, entry->written_ms, &p);
}

evh_status evh_collect_visit(void *context, uint64_t index, evh_view bytes)
{
    const evh_collect *collect = context;
    Evenhand__V1__LogEntry *entry = NULL;
    evh_status status = evh_ok();
    EVH_TRY(evh_wire_unpack(&entry, &evenhand__v1__log_entry__descriptor, bytes, "log entry"));
    EVH_TRY(take_entry(collect, index, entry));
done:
    evh_wire_free(&entry);
    return status;
}

evh_status evh_collect_confirm(const evh_collect *collect, const uint8_t *task_id)
{
    evh_store *store = collect->self->store;
    stored_collection *known = NULL;
    stored_collection next;
    evh_status status = evh_ok();
    EVH_TRY(evh_store_begin(store));
    EVH_TRY(evh_collect_find(store, task_id, &known));
    EVH_INVARIANT(known != NULL && known->state >= EVH_COLLECT_PUBLISHED);
    next = *known;
    next.state = EVH_COLLECT_CONFIRMED;
    EVH_TRY(put_round(store, task_id, &next));
    EVH_FAILPOINT("collector-confirming");
    EVH_TRY(evh_store_commit(store));
done:
    evh_store_rollback(store);
    evh_wire_free(&known);
    return status;
}
