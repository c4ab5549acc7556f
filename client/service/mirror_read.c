/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "evenhand/base/sizes.h"
#include "evenhand/plan/canonical.h"
#include "evenhand/store/record.h"
#include "evenhand/translog/translog.h"
#include "evenhand/wire/message.h"
#include "mirror_internal.h"
#include "store.pb-c.h"

enum { INDEX_LEN = 8, ENTRY_PART_MAX = EVH_TRANSLOG_ENTRY_BYTES_MAX };

/* ---- keys and numbers ---- */

evh_status evh_mirror_key_make(evh_mirror_key *out, const char *prefix, evh_view rest)
{
    evh_status status = evh_ok();
    size_t len = strlen(prefix);
    EVH_REQUIRE(len + rest.len <= sizeof out->bytes, EVH_ERR_RANGE,
                "a name in the log of %zu bytes is too long", rest.len);
    memcpy(out->bytes, prefix, len);
    if (rest.len > 0)
        memcpy(out->bytes + len, rest.data, rest.len);
    out->len = len + rest.len;
done:
    return status;
}

evh_status evh_mirror_round_key(evh_mirror_key *out, const uint8_t *plan_id, uint32_t round)
{
    uint8_t rest[EVH_PLAN_ID_LEN + 4];
    memcpy(rest, plan_id, EVH_PLAN_ID_LEN);
    for (size_t i = 0; i < 4; i++)
        rest[EVH_PLAN_ID_LEN + i] = (uint8_t)(round >> (24 - 8 * i));
    return evh_mirror_key_make(out, EVH_MIRROR_ROUND, evh_view_of(rest, sizeof rest));
}

static evh_status put_number(evh_site *site, evh_store_table table, evh_view key, uint64_t number)
{
    evh_buffer value = evh_buffer_init(INDEX_LEN);
    evh_status status = evh_ok();
    EVH_TRY(evh_buffer_be64(&value, number));
    EVH_TRY(evh_store_put(site->mirror, table, key, evh_buffer_view(&value)));
done:
    evh_buffer_clear(&value);
    return status;
}

static evh_status get_number(evh_site *site, bool *known, uint64_t *number, evh_store_table table,
                             evh_view key)
{
    evh_buffer value = evh_buffer_init(INDEX_LEN);
    evh_reader reader;
    evh_status status = evh_ok();
    *number = 0;
    EVH_TRY(evh_store_get(site->mirror, table, key, &value, known));
    if (!*known)
        goto done;
    reader = evh_reader_of(evh_buffer_view(&value));
    EVH_TRY(evh_read_be64(&reader, "mirror", number));
    EVH_TRY(evh_read_end(&reader, "mirror"));
done:
    evh_buffer_clear(&value);
    return status;
}

evh_status evh_mirror_put_index(evh_site *site, const char *prefix, evh_view rest, uint64_t index)
{
    evh_mirror_key key;
    evh_status status = evh_ok();
    EVH_TRY(evh_mirror_key_make(&key, prefix, rest));
    EVH_TRY(put_number(site, EVH_STORE_META, evh_mirror_key_view(&key), index));
done:
    return status;
}

evh_status evh_mirror_get_index(evh_site *site, bool *known, uint64_t *index, const char *prefix,
                                evh_view rest)
{
    evh_mirror_key key;
    evh_status status = evh_ok();
    *known = false;
    EVH_TRY(evh_mirror_key_make(&key, prefix, rest));
    EVH_TRY(get_number(site, known, index, EVH_STORE_META, evh_mirror_key_view(&key)));
done:
    return status;
}

evh_status evh_mirror_put_result(evh_site *site, evh_view task_id, uint64_t index)
{
    return put_number(site, EVH_STORE_RESULTS, task_id, index);
}

/* ---- parties and roster ---- */

evh_status evh_mirror_parties(evh_site *site, bool *known)
{
    uint64_t index = 0;
    evh_status status = evh_ok();
    *known = false;
    EVH_TRY(evh_store_begin(site->mirror));
    status = evh_mirror_get_index(site, known, &index, EVH_MIRROR_PARTIES, evh_view_of(NULL, 0));
    evh_store_rollback(site->mirror);
done:
    return status;
}

static evh_status read_self(evh_site *site, evh_mirror_self *out)
{
    Evenhand__V1__StoredCustomer *customer = NULL;
    evh_status status = evh_ok();
    EVH_TRY(evh_record_get(site->mirror, EVH_STORE_CUSTOMERS, evh_view_of_text(site->customer),
                           &evenhand__v1__stored_customer__descriptor, &customer));
    if (customer == NULL)
        goto done;
    out->active = customer->state == EVENHAND__V1__ROSTER_STATE__ROSTER_STATE_ACTIVE;
    EVH_TRY(evh_mirror_get_index(site, &out->known, &out->since, EVH_MIRROR_SINCE,
                                 evh_view_of_text(site->customer)));
done:
    evh_wire_free(&customer);
    return status;
}

evh_status evh_mirror_self_of(evh_site *site, evh_mirror_self *out)
{
    evh_status status = evh_ok();
    *out = (evh_mirror_self){.known = false};
    EVH_TRY(evh_store_begin(site->mirror));
    status = read_self(site, out);
    evh_store_rollback(site->mirror);
done:
    return status;
}

/* ---- plans ---- */

static evh_status read_entry(evh_site *site, Evenhand__V1__LogEntry **out, uint64_t index)
{
    evh_buffer bytes = evh_buffer_init(EVH_TRANSLOG_ENTRY_BYTES_MAX);
    evh_status status = evh_ok();
    EVH_TRY(evh_translog_entry(site->mirror, &bytes, index));
    EVH_TRY(evh_wire_unpack(out, &evenhand__v1__log_entry__descriptor, evh_buffer_view(&bytes),
                            "log entry"));
done:
    evh_buffer_clear(&bytes);
    return status;
}

static evh_status read_population(evh_site *site, evh_population *out,
                                  const ProtobufCBinaryData *hash)
{
    evh_mirror_key key;
    Evenhand__V1__StoredPopulation *record = NULL;
    evh_status status = evh_ok();
    EVH_TRY(evh_mirror_key_make(&key, EVH_MIRROR_POPULATION, evh_wire_bytes(hash)));
    EVH_TRY(evh_record_get(site->mirror, EVH_STORE_META, evh_mirror_key_view(&key),
                           &evenhand__v1__stored_population__descriptor, &record));
    EVH_DEMAND(record != NULL, site, NULL, "the plan's population is not in the log");
    EVH_TRY(evh_population_decode(out, evh_wire_bytes(&record->population)));
done:
    evh_wire_free(&record);
    return status;
}

static evh_status read_plan(evh_site *site, evh_plan **plan, evh_population *population,
                            bool *retired, const uint8_t *plan_id)
{
    Evenhand__V1__StoredPlan *record = NULL;
    Evenhand__V1__LogEntry *entry = NULL;
    evh_status status = evh_ok();
    EVH_TRY(evh_record_get(site->mirror, EVH_STORE_PLANS, evh_view_of(plan_id, EVH_PLAN_ID_LEN),
                           &evenhand__v1__stored_plan__descriptor, &record));
    if (record == NULL)
        goto done;
    *retired = record->retired;
    EVH_TRY(read_entry(site, &entry, record->entry_index));
    EVH_REQUIRE(entry->kind_case == EVENHAND__V1__LOG_ENTRY__KIND_PLAN, EVH_ERR_STORE,
                "the mirror of the log is damaged: entry %llu is no plan",
                (unsigned long long)record->entry_index);
    EVH_TRY(read_population(site, population, &record->population_hash));
    EVH_TRY(evh_plan_decode(plan, evh_wire_bytes(&entry->plan->plan)));
done:
    evh_wire_free(&entry);
    evh_wire_free(&record);
    return status;
}

evh_status evh_mirror_plan(evh_site *site, evh_plan **plan, evh_population *population,
                           bool *retired, const uint8_t plan_id[EVH_PLAN_ID_LEN])
{
    evh_status status = evh_ok();
    *plan = NULL;
    *retired = false;
    memset(population, 0, sizeof *population);
    EVH_TRY(evh_store_begin(site->mirror));
    status = read_plan(site, plan, population, retired, plan_id);
    evh_store_rollback(site->mirror);
done:
    return status;
}

typedef struct named {
    uint8_t (*ids)[EVH_PLAN_ID_LEN];
    size_t count, capacity;
} named;

static evh_status collect_id(void *context, evh_view key, evh_view value, bool *stop)
{
    named *list = context;
    evh_status status = evh_ok();
    (void)value;
    *stop = false;
    EVH_REQUIRE(key.len == EVH_PLAN_ID_LEN, EVH_ERR_STORE, "the mirror of the log is damaged");
    EVH_TRY(evh_array_reserve(&list->ids, &list->capacity, list->count + 1, sizeof *list->ids,
                              "plans"));
    memcpy(list->ids[list->count++], key.data, key.len);
done:
    return status;
}

evh_status evh_mirror_plan_named(evh_site *site, bool *found, uint8_t plan_id[EVH_PLAN_ID_LEN],
                                 const char *name)
{
    named list = {.ids = NULL};
    uint64_t newest = 0;
    evh_status status = evh_ok();
    *found = false;
    EVH_TRY(evh_store_begin(site->mirror));
    status = evh_store_scan(site->mirror, EVH_STORE_PLANS, evh_view_of(NULL, 0), collect_id, &list);
    for (size_t i = 0; status.code == EVH_OK && i < list.count; i++) {
        Evenhand__V1__StoredPlan *record = NULL;
        evh_plan *plan = NULL;
        evh_population population;
        bool retired = false;
        status =
            evh_record_get(site->mirror, EVH_STORE_PLANS, evh_view_of(list.ids[i], EVH_PLAN_ID_LEN),
                           &evenhand__v1__stored_plan__descriptor, &record);
        /* A plan that this program cannot read has no name here. */
        if (status.code == EVH_OK &&
            read_plan(site, &plan, &population, &retired, list.ids[i]).code == EVH_OK &&
            strcmp(evh_plan_terms_of(plan)->name, name) == 0 &&
            (!*found || record->entry_index > newest)) {
            *found = true;
            newest = record->entry_index;
            memcpy(plan_id, list.ids[i], EVH_PLAN_ID_LEN);
        }
        evh_plan_free(&plan);
        evh_wire_free(&record);
    }
    evh_store_rollback(site->mirror);
done:
    free(list.ids);
    return status;
}

/* ---- rounds ---- */

static evh_status read_round(evh_site *site, evh_mirror_round *out,
                             const Evenhand__V1__StoredRound *record)
{
    const evh_config_trust *trust = &site->config->trust;
    Evenhand__V1__LogEntry *entry = NULL;
    evh_status status = evh_ok();
    EVH_TRY(evh_task_read(&out->task, evh_wire_bytes(&record->round_opened), &trust->leader,
                          &trust->helper));
    EVH_TRY(read_entry(site, &entry, record->entry_index));
    out->opened_ms = entry->written_ms;
    out->entry_index = record->entry_index;
    out->state = (evh_round_state)record->state;
    out->void_reason = (uint32_t)record->void_reason;
    out->report_count = record->report_count;
    out->deadline_ms = record->deadline_ms;
done:
    evh_wire_free(&entry);
    return status;
}

static evh_status find_round(evh_site *site, bool *found, evh_mirror_round *out,
                             const uint8_t *plan_id, uint32_t round)
{
    Evenhand__V1__StoredRound *record = NULL;
    evh_buffer task_id = evh_buffer_init(EVH_TASK_ID_LEN);
    evh_mirror_key key;
    evh_status status = evh_ok();
    EVH_TRY(evh_mirror_round_key(&key, plan_id, round));
    EVH_TRY(
        evh_store_get(site->mirror, EVH_STORE_META, evh_mirror_key_view(&key), &task_id, found));
    if (!*found)
        goto done;
    EVH_TRY(evh_record_get(site->mirror, EVH_STORE_ROUNDS, evh_buffer_view(&task_id),
                           &evenhand__v1__stored_round__descriptor, &record));
    EVH_REQUIRE(record != NULL, EVH_ERR_STORE, "the mirror of the log is damaged: a lost round");
    EVH_TRY(read_round(site, out, record));
done:
    evh_wire_free(&record);
    evh_buffer_clear(&task_id);
    return status;
}

evh_status evh_mirror_round_of(evh_site *site, bool *found, evh_mirror_round *out,
                               const uint8_t plan_id[EVH_PLAN_ID_LEN], uint32_t round)
{
    evh_status status = evh_ok();
    *found = false;
    *out = (evh_mirror_round){.entry_index = 0};
    EVH_TRY(evh_store_begin(site->mirror));
    status = find_round(site, found, out, plan_id, round);
    evh_store_rollback(site->mirror);
done:
    return status;
}

typedef struct rounds {
    evh_site *site;
    evh_mirror_round *items;
    size_t count, capacity;
} rounds;

static evh_status collect_round(void *context, evh_view key, evh_view value, bool *stop)
{
    rounds *list = context;
    Evenhand__V1__StoredRound *record = NULL;
    evh_status status = evh_ok();
    (void)key;
    *stop = false;
    EVH_TRY(evh_array_reserve(&list->items, &list->capacity, list->count + 1, sizeof *list->items,
                              "rounds"));
    EVH_TRY(evh_wire_unpack(&record, &evenhand__v1__stored_round__descriptor, value, "round"));
    EVH_TRY(read_round(list->site, &list->items[list->count], record));
    list->count++;
done:
    evh_wire_free(&record);
    return status;
}

static int by_index(const void *a, const void *b)
{
    const evh_mirror_round *left = a;
    const evh_mirror_round *right = b;
    return (left->entry_index > right->entry_index) - (left->entry_index < right->entry_index);
}

evh_status evh_mirror_each_round(evh_site *site, evh_mirror_visit_round visit, void *context)
{
    rounds list = {.site = site};
    evh_status status = evh_ok();
    EVH_TRY(evh_store_begin(site->mirror));
    status =
        evh_store_scan(site->mirror, EVH_STORE_ROUNDS, evh_view_of(NULL, 0), collect_round, &list);
    evh_store_rollback(site->mirror);
    EVH_TRY(status);
    if (list.count > 0)
        qsort(list.items, list.count, sizeof *list.items, by_index);
    for (size_t i = 0; i < list.count; i++)
        EVH_TRY(visit(context, &list.items[i]));
done:
    free(list.items);
    return status;
}

/* ---- results ---- */

static evh_status read_result(evh_site *site, bool *found, evh_buffer *out, evh_view task_id)
{
    Evenhand__V1__LogEntry *entry = NULL;
    uint64_t index = 0;
    evh_status status = evh_ok();
    EVH_TRY(get_number(site, found, &index, EVH_STORE_RESULTS, task_id));
    if (!*found)
        goto done;
    EVH_TRY(read_entry(site, &entry, index));
    EVH_REQUIRE(entry->kind_case == EVENHAND__V1__LOG_ENTRY__KIND_RESULT, EVH_ERR_STORE,
                "the mirror of the log is damaged: a lost result");
    EVH_TRY(evh_wire_pack(out, &entry->result->base));
done:
    evh_wire_free(&entry);
    return status;
}

evh_status evh_mirror_result(evh_site *site, bool *found, evh_buffer *entry,
                             const uint8_t task_id[EVH_TASK_ID_LEN])
{
    evh_status status = evh_ok();
    *found = false;
    evh_buffer_clear(entry);
    EVH_TRY(evh_store_begin(site->mirror));
    status = read_result(site, found, entry, evh_view_of(task_id, EVH_TASK_ID_LEN));
    evh_store_rollback(site->mirror);
done:
    return status;
}

static evh_status read_time(evh_site *site, uint64_t *written_ms)
{
    Evenhand__V1__LogEntry *entry = NULL;
    uint64_t size = 0;
    evh_status status = evh_ok();
    EVH_TRY(evh_translog_size(site->mirror, &size));
    if (size == 0)
        goto done;
    EVH_TRY(read_entry(site, &entry, size - 1));
    *written_ms = entry->written_ms;
done:
    evh_wire_free(&entry);
    return status;
}

evh_status evh_mirror_time(evh_site *site, uint64_t *written_ms)
{
    evh_status status = evh_ok();
    *written_ms = 0;
    EVH_TRY(evh_store_begin(site->mirror));
    status = read_time(site, written_ms);
    evh_store_rollback(site->mirror);
done:
    return status;
}
