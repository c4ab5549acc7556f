/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "collect_internal.h"
#include "evenhand/plan/canonical.h"
#include "evenhand/store/record.h"

evh_collect_material evh_collect_material_init(void)
{
    evh_collect_material material;
    memset(&material, 0, sizeof material);
    material.opened = evh_buffer_init(EVH_TRANSLOG_ENTRY_BYTES_MAX);
    material.closed = evh_buffer_init(EVH_TRANSLOG_ENTRY_BYTES_MAX);
    material.committed = evh_buffer_init(EVH_TRANSLOG_ENTRY_BYTES_MAX);
    material.result = evh_buffer_init(EVH_TRANSLOG_ENTRY_BYTES_MAX);
    return material;
}

void evh_collect_material_clear(evh_collect_material *material)
{
    evh_wire_free(&material->places);
    evh_plan_free(&material->plan);
    evh_buffer_clear(&material->opened);
    evh_buffer_clear(&material->closed);
    evh_buffer_clear(&material->committed);
    evh_buffer_clear(&material->result);
}

static evh_status load_plan(evh_store *store, evh_collect_material *out)
{
    Evenhand__V1__LogEntry *plan = NULL;
    Evenhand__V1__LogEntry *population = NULL;
    evh_status status = evh_ok();
    EVH_TRY(evh_collect_find_plan(store, out->places->plan_id.data, &out->plan_index, &plan));
    EVH_REQUIRE(plan != NULL, EVH_ERR_INPUT, "the log has no plan of this round");
    EVH_TRY(evh_wire_copy_bytes(out->population_hash, sizeof out->population_hash,
                                &plan->plan->population_hash, "hash of the population"));
    EVH_TRY(evh_plan_decode(&out->plan, evh_wire_bytes(&plan->plan->plan)));
    EVH_TRY(evh_collect_find_population(store, out->population_hash, &out->population_index,
                                        &population));
    EVH_REQUIRE(population != NULL, EVH_ERR_INPUT, "the log has no population of this plan");
    EVH_TRY(evh_population_decode(&out->population,
                                  evh_wire_bytes(&population->population->population)));
done:
    evh_wire_free(&plan);
    evh_wire_free(&population);
    if (status.code == EVH_ERR_ENCODING || status.code == EVH_ERR_LENGTH ||
        status.code == EVH_ERR_RANGE)
        status.code = EVH_ERR_INPUT;
    return status;
}

/* The message inside of an entry, as its canonical bytes. */
static evh_status load_entry(evh_store *store, evh_buffer *out, uint64_t index)
{
    Evenhand__V1__LogEntry *entry = NULL;
    evh_buffer bytes = evh_buffer_init(EVH_TRANSLOG_ENTRY_BYTES_MAX);
    const ProtobufCMessage *message = NULL;
    evh_status status = evh_ok();
    EVH_TRY(evh_translog_entry(store, &bytes, index));
    EVH_TRY(evh_wire_unpack(&entry, &evenhand__v1__log_entry__descriptor, evh_buffer_view(&bytes),
                            "log entry"));
    switch (entry->kind_case) {
    case EVENHAND__V1__LOG_ENTRY__KIND_ROUND_OPENED:
        message = &entry->round_opened->base;
        break;
    case EVENHAND__V1__LOG_ENTRY__KIND_ROUND_CLOSED:
        message = &entry->round_closed->base;
        break;
    case EVENHAND__V1__LOG_ENTRY__KIND_SHARE_COMMITMENT:
        message = &entry->share_commitment->base;
        break;
    case EVENHAND__V1__LOG_ENTRY__KIND_RESULT:
        message = &entry->result->base;
        break;
    default:
        break;
    }
    EVH_REQUIRE(message != NULL, EVH_ERR_STORE, "the index of rounds is damaged");
    EVH_TRY(evh_wire_pack(out, message));
done:
    evh_wire_free(&entry);
    evh_buffer_clear(&bytes);
    return status;
}

evh_status evh_collect_load(const evh_collect *collect, evh_collect_material *out,
                            const uint8_t *task_id)
{
    evh_store *store = collect->self->store;
    evh_status status = evh_ok();
    EVH_TRY(evh_store_begin(store));
    EVH_TRY(evh_collect_find(store, task_id, &out->places));
    EVH_REQUIRE(out->places != NULL && out->places->state >= EVH_COLLECT_READY &&
                    out->places->state <= EVH_COLLECT_CONFIRMED,
                EVH_ERR_INPUT, "the round has not come to its collection");
    EVH_TRY(load_plan(store, out));
    EVH_TRY(load_entry(store, &out->opened, out->places->opened));
    EVH_TRY(load_entry(store, &out->closed, out->places->closed));
    EVH_TRY(load_entry(store, &out->committed, out->places->committed));
    if (out->places->state >= EVH_COLLECT_PUBLISHED)
        EVH_TRY(load_entry(store, &out->result, out->places->ended));
done:
    evh_store_rollback(store);
    return status;
}
