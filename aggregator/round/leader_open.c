/* SPDX-License-Identifier: Apache-2.0
 * The leader opens rounds. */
#include <string.h>

#include "evenhand/aggregator/leader.h"
#include "evenhand/translog/translog.h"
#include "round_internal.h"

/* ---- opening ---- */

static evh_status append_opened(const evh_aggregator *self, uint8_t task_id[EVH_TASK_ID_LEN],
                                const Evenhand__V1__PrepareRoundRequest *request,
                                const Evenhand__V1__PrepareRoundResponse *response)
{
    enum { OPENED_BYTES_MAX = 4096 };
    Evenhand__V1__LogEntry entry;
    Evenhand__V1__RoundOpened opened;
    evenhand__v1__log_entry__init(&entry);
    evenhand__v1__round_opened__init(&opened);
    evh_buffer key = evh_buffer_init(EVH_SIGNED_KEY_LEN);
    evh_buffer bytes = evh_buffer_init(OPENED_BYTES_MAX);
    char origin[EVH_IDENTITY_NAME_BYTES_MAX + 1];
    uint8_t name[EVH_COMMITMENT_LEN];
    uint64_t index = 0;
    bool made = false;
    evh_task task;
    evh_status status = evh_ok();
    memcpy(origin, self->log.name, sizeof origin);
    EVH_TRY(evh_round_secrets_make(self, name, &key));
    made = true;
    opened.log_origin = origin;
    opened.plan_id = request->plan_id;
    opened.round = request->round;
    opened.window_start_ms = request->window_start_ms;
    opened.window_end_ms = request->window_end_ms;
    opened.deadline_ms = request->deadline_ms;
    evh_wire_set_bytes(&opened.leader_hpke_key, evh_buffer_view(&key));
    opened.helper_hpke_key = response->hpke_key;
    evh_wire_set_bytes(&opened.leader_commitment, evh_view_of(name, sizeof name));
    opened.helper_commitment = response->commitment;
    opened.vdaf_version = EVH_PRIO3_VERSION;
    EVH_TRY(evh_roster_count(self, &opened.roster_size));
    EVH_TRY(evh_wire_pack(&bytes, &opened.base));
    EVH_TRY(evh_task_read(&task, evh_buffer_view(&bytes), &self->leader, &self->helper));
    entry.kind_case = EVENHAND__V1__LOG_ENTRY__KIND_ROUND_OPENED;
    entry.round_opened = &opened;
    EVH_TRY(evh_entry_append(self, &entry, &index));
    memcpy(task_id, task.id, sizeof task.id);
done:
    if (made && status.code != EVH_OK)
        evh_status_discard(self->vault.destroy(self->vault.context, name),
                           "nothing names these secrets: they open nothing");
    evh_buffer_clear(&key);
    evh_buffer_clear(&bytes);
    return status;
}

evh_status evh_leader_open_round(const evh_aggregator *self, uint8_t task_id[EVH_TASK_ID_LEN],
                                 evh_view request_bytes, evh_view response_bytes)
{
    Evenhand__V1__PrepareRoundRequest *request = NULL;
    Evenhand__V1__PrepareRoundResponse *response = NULL;
    evh_status status = evh_ok();
    memset(task_id, 0, EVH_TASK_ID_LEN);
    EVH_TRY(evh_wire_unpack(&request, &evenhand__v1__prepare_round_request__descriptor,
                            request_bytes, "request"));
    EVH_TRY(evh_wire_unpack(&response, &evenhand__v1__prepare_round_response__descriptor,
                            response_bytes, "response"));
    EVH_TRY(evh_store_begin(self->store));
    EVH_TRY(append_opened(self, task_id, request, response));
    EVH_COMMIT(self->store, "leader-open");
done:
    evh_store_rollback(self->store);
    if (status.code != EVH_OK)
        memset(task_id, 0, EVH_TASK_ID_LEN);
    evh_wire_free(&request);
    evh_wire_free(&response);
    return status;
}

/* ---- reveal ---- */

evh_status evh_leader_reveal_request(const evh_aggregator *self, evh_buffer *request,
                                     const uint8_t *task_id)
{
    Evenhand__V1__RevealRequest message;
    evenhand__v1__reveal_request__init(&message);
    evh_round round = {.stored = NULL};
    evh_buffer note = evh_buffer_init(EVH_CHECKPOINT_BYTES_MAX);
    evh_round_secrets secrets;
    uint64_t cosigned = 0;
    memset(&secrets, 0, sizeof secrets);
    evh_status status = evh_ok();
    EVH_TRY(evh_store_begin(self->store));
    EVH_TRY(evh_round_load(self, &round, task_id));
    EVH_TRY(evh_translog_newest(self->store, true, &note, &cosigned));
    EVH_REQUIRE(round.stored->entry_index < cosigned, EVH_ERR_REFUSED,
                "the helper has not cosigned the round's entry");
    EVH_TRY(self->vault.find(self->vault.context, round.task.leader_commitment, &secrets));
    evh_wire_set_bytes(&message.task_id, evh_view_of(task_id, EVH_TASK_ID_LEN));
    evh_wire_set_bytes(&message.leader_random, evh_view_of(secrets.random.bytes, 32));
    EVH_TRY(evh_wire_pack(request, &message.base));
done:
    evh_store_rollback(self->store);
    evh_wipe(&secrets, sizeof secrets);
    evh_round_clear(&round);
    evh_buffer_clear(&note);
    return status;
}

evh_status evh_leader_take_reveal(const evh_aggregator *self, const uint8_t *task_id,
                                  evh_view response_bytes)
{
    Evenhand__V1__RevealResponse *response = NULL;
    Evenhand__V1__StoredRound changed;
    evh_round round = {.stored = NULL};
    const evh_round_keys *keys = NULL;
    evh_status status = evh_ok();
    EVH_TRY(evh_wire_unpack(&response, &evenhand__v1__reveal_response__descriptor, response_bytes,
                            "response"));
    EVH_TRY(evh_store_begin(self->store));
    EVH_TRY(evh_round_load(self, &round, task_id));
    EVH_TRY(evh_round_require_running(&round));
    changed = *round.stored;
    changed.peer_random = response->helper_random;
    EVH_TRY(evh_round_save(self, task_id, &changed));
    /* Holds both randoms against the log. */
    evh_round_clear(&round);
    EVH_TRY(evh_round_load(self, &round, task_id));
    EVH_TRY(evh_round_hold_keys(self, &round, &keys));
    EVH_COMMIT(self->store, "leader-reveal");
done:
    evh_store_rollback(self->store);
    evh_cache_release_keys(self->cache, &keys);
    evh_round_clear(&round);
    evh_wire_free(&response);
    return status;
}
