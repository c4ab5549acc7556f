/* SPDX-License-Identifier: Apache-2.0
 * The helper before reports come: the log's mirror, and the opening of rounds. */
#include <stdlib.h>
#include <string.h>

#include "evenhand/aggregator/helper.h"
#include "evenhand/base/sizes.h"
#include "evenhand/seal/hash.h"
#include "evenhand/tlog/checkpoint.h"
#include "evenhand/translog/translog.h"
#include "round_internal.h"

enum { ANSWER_BYTES_MAX = 4096, ENTRIES_MAX = 100000 };

/* ---- cosign ---- */

static evh_status extend(const evh_aggregator *self, bool *accepted,
                         const Evenhand__V1__CosignRequest *request)
{
    evh_view *entries = NULL;
    evh_aggregator copy = *self; /* a visitor's context is not const */
    evh_translog_growth growth = {.start = request->start,
                                  .entry_count = request->n_entries,
                                  .checkpoint = evh_wire_bytes(&request->checkpoint)};
    uint64_t size = 0;
    evh_status status = evh_ok();
    *accepted = false;
    EVH_TRY(evh_translog_size(self->store, &size));
    /* An old call; or the leader has lost entries, and learns from the answer that it has. */
    if (request->start < size && request->n_entries < size - request->start)
        goto done;
    EVH_REQUIRE(request->n_entries <= ENTRIES_MAX, EVH_ERR_LENGTH, "%zu entries at once",
                request->n_entries);
    EVH_TRY(evh_alloc(&entries, request->n_entries, sizeof *entries, "log entries"));
    for (size_t i = 0; i < request->n_entries; i++)
        entries[i] = evh_wire_bytes(&request->entries[i]);
    growth.entries = entries;
    EVH_TRY(
        evh_translog_extend(self->store, accepted, &self->log, &growth, evh_entry_apply, &copy));
done:
    free(entries);
    return status;
}

static evh_status cosign(const evh_aggregator *self, uint8_t cosignature[EVH_COSIGNATURE_LEN],
                         evh_view note)
{
    evh_checkpoint checkpoint;
    int64_t now_ms = evh_clock_wall_ms(&self->clock);
    evh_status status = evh_ok();
    EVH_TRY(evh_checkpoint_read(&checkpoint, note));
    EVH_TRY(evh_checkpoint_cosign(cosignature, &checkpoint,
                                  now_ms > 0 ? (uint64_t)now_ms / 1000 : 0, self->note_key));
done:
    return status;
}

evh_status evh_helper_cosign(const evh_aggregator *self, const evh_caller *caller,
                             evh_view request_bytes, evh_buffer *response)
{
    Evenhand__V1__CosignRequest *request = NULL;
    Evenhand__V1__CosignResponse message;
    evenhand__v1__cosign_response__init(&message);
    uint8_t cosignature[EVH_COSIGNATURE_LEN];
    bool accepted = false;
    bool behind = false;
    uint64_t until = 0;
    evh_status status = evh_ok();
    EVH_TRY(evh_require_role(caller, EVH_ROLE_LEADER));
    EVH_TRY(evh_wire_unpack(&request, &evenhand__v1__cosign_request__descriptor, request_bytes,
                            "request"));
    EVH_TRY(evh_store_begin(self->store));
    EVH_TRY(extend(self, &accepted, request));
    EVH_TRY(evh_translog_size(self->store, &message.size));
    EVH_TRY(evh_translog_behind(self->store, &behind, &until));
    /* What it has signed before was more: it says nothing about less. */
    accepted = accepted && !behind;
    if (accepted) {
        EVH_TRY(cosign(self, cosignature, evh_wire_bytes(&request->checkpoint)));
        evh_wire_set_bytes(&message.cosignature, evh_view_of(cosignature, sizeof cosignature));
    }
    EVH_COMMIT(self->store, "helper-cosign");
    if (accepted && self->published.keep != NULL)
        EVH_TRY(
            self->published.keep(self->published.context, evh_wire_bytes(&request->checkpoint)));
    EVH_FAILPOINT("helper-published");
    EVH_TRY(evh_aggregator_sweep(self));
    EVH_TRY(evh_wire_pack(response, &message.base));
done:
    evh_store_rollback(self->store);
    evh_wire_free(&request);
    return status;
}

/* ---- prepare ---- */

static evh_status check_request(const evh_aggregator *self,
                                const Evenhand__V1__PrepareRoundRequest *request)
{
    evh_opening opening = {.plan_id = request->plan_id.data,
                           .round = request->round,
                           .window_start_ms = request->window_start_ms,
                           .window_end_ms = request->window_end_ms};
    int64_t now_ms = evh_clock_wall_ms(&self->clock);
    bool behind = false;
    uint64_t until = 0;
    evh_status status = evh_ok();
    EVH_TRY(evh_translog_behind(self->store, &behind, &until));
    EVH_REQUIRE(!behind, EVH_ERR_UNAVAILABLE, "this store was restored and lacks entries");
    EVH_REQUIRE(now_ms >= 0 && request->deadline_ms > (uint64_t)now_ms, EVH_ERR_REFUSED,
                "a round whose deadline has passed");
    EVH_TRY(evh_round_check_new(self, opening.plan_id, opening.round));
    EVH_TRY(evh_round_check_plan(self, &opening));
done:
    return status;
}

/* Makes the secrets before the record that names them: after a crash in between they are nobody's.
 */
static evh_status prepare(const evh_aggregator *self, const evh_place *place,
                          const uint8_t hash[EVH_SHA256_LEN], evh_buffer *response)
{
    Evenhand__V1__StoredPreparation record;
    Evenhand__V1__PrepareRoundResponse message;
    evenhand__v1__stored_preparation__init(&record);
    evenhand__v1__prepare_round_response__init(&message);
    evh_buffer key = evh_buffer_init(EVH_SIGNED_KEY_LEN);
    evh_buffer answer = evh_buffer_init(ANSWER_BYTES_MAX);
    uint8_t name[EVH_COMMITMENT_LEN];
    evh_status status = evh_ok();
    EVH_TRY(evh_round_secrets_make(self, name, &key));
    evh_wire_set_bytes(&message.hpke_key, evh_buffer_view(&key));
    evh_wire_set_bytes(&message.commitment, evh_view_of(name, sizeof name));
    EVH_TRY(evh_wire_pack(&answer, &message.base));
    evh_wire_set_bytes(&record.request_hash, evh_view_of(hash, EVH_SHA256_LEN));
    evh_wire_set_bytes(&record.response, evh_buffer_view(&answer));
    evh_wire_set_bytes(&record.commitment, evh_view_of(name, sizeof name));
    EVH_TRY(evh_record_put(self->store, EVH_STORE_META, evh_place_view(place), &record.base));
    EVH_TRY(evh_buffer_append(response, evh_buffer_view(&answer)));
done:
    evh_buffer_clear(&key);
    evh_buffer_clear(&answer);
    return status;
}

/* An earlier preparation of a round that was never opened: the leader crashed in between, or its
 * operator has chosen another deadline. Nobody has used its key. */
static evh_status forget(const evh_aggregator *self, const Evenhand__V1__StoredPreparation *earlier)
{
    uint8_t name[EVH_COMMITMENT_LEN];
    evh_status status = evh_ok();
    EVH_TRY(evh_wire_copy_bytes(name, sizeof name, &earlier->commitment, "the commitment"));
    EVH_TRY(self->vault.destroy(self->vault.context, name));
done:
    return status;
}

evh_status evh_helper_prepare_round(const evh_aggregator *self, const evh_caller *caller,
                                    evh_view request_bytes, evh_buffer *response)
{
    Evenhand__V1__PrepareRoundRequest *request = NULL;
    Evenhand__V1__StoredPreparation *known = NULL;
    evh_buffer answer = evh_buffer_init(ANSWER_BYTES_MAX);
    uint8_t hash[EVH_SHA256_LEN];
    bool again = false;
    evh_place place;
    evh_status status = evh_ok();
    EVH_TRY(evh_require_role(caller, EVH_ROLE_LEADER));
    EVH_TRY(evh_wire_unpack(&request, &evenhand__v1__prepare_round_request__descriptor,
                            request_bytes, "request"));
    EVH_TRY(evh_sha256(hash, request_bytes));
    EVH_REQUIRE(request->plan_id.len == EVH_SHA256_LEN, EVH_ERR_LENGTH, "a plan_id of %zu bytes",
                request->plan_id.len);
    EVH_TRY(evh_store_begin(self->store));
    EVH_TRY(evh_round_place(&place, EVH_PREPARED_PREFIX, request->plan_id.data, request->round));
    EVH_TRY(evh_record_get(self->store, EVH_STORE_META, evh_place_view(&place),
                           &evenhand__v1__stored_preparation__descriptor, &known));
    again = known != NULL &&
            evh_view_equal(evh_wire_bytes(&known->request_hash), evh_view_of(hash, sizeof hash));
    if (again) {
        EVH_TRY(evh_buffer_append(&answer, evh_wire_bytes(&known->response)));
    } else {
        EVH_TRY(check_request(self, request));
        EVH_TRY(prepare(self, &place, hash, &answer));
    }
    EVH_COMMIT(self->store, "helper-prepare");
    if (known != NULL && !again)
        EVH_TRY(forget(self, known));
    EVH_TRY(evh_buffer_append(response, evh_buffer_view(&answer)));
done:
    evh_store_rollback(self->store);
    evh_wire_free(&request);
    evh_wire_free(&known);
    evh_buffer_clear(&answer);
    return status;
}

/* ---- reveal ---- */

static evh_status take_random(const evh_aggregator *self, evh_round *round,
                              const ProtobufCBinaryData *leader_random, evh_round_secrets *own)
{
    evh_seed32 leader;
    evh_seed32 verify_key;
    Evenhand__V1__StoredRound changed = *round->stored;
    evh_status status = evh_ok();
    EVH_TRY(evh_wire_copy_bytes(leader.bytes, sizeof leader.bytes, leader_random, "the random"));
    EVH_TRY(self->vault.find(self->vault.context, evh_round_own_name(self, &round->task), own));
    /* Checks both against the log. */
    EVH_TRY(evh_task_verify_key(&verify_key, &round->task, &leader, &own->random));
    evh_wipe(&verify_key, sizeof verify_key);
    changed.peer_random = *leader_random;
    EVH_TRY(evh_round_save(self, round->task.id, &changed));
done:
    evh_wipe(&leader, sizeof leader);
    return status;
}

evh_status evh_helper_reveal(const evh_aggregator *self, const evh_caller *caller,
                             evh_view request_bytes, evh_buffer *response)
{
    Evenhand__V1__RevealRequest *request = NULL;
    Evenhand__V1__RevealResponse message;
    evenhand__v1__reveal_response__init(&message);
    evh_round round = {.stored = NULL};
    evh_round_secrets own;
    const uint8_t *task_id = NULL;
    memset(&own, 0, sizeof own);
    evh_status status = evh_ok();
    EVH_TRY(evh_require_role(caller, EVH_ROLE_LEADER));
    EVH_TRY(evh_wire_unpack(&request, &evenhand__v1__reveal_request__descriptor, request_bytes,
                            "request"));
    EVH_TRY(evh_task_id_of(&request->task_id, &task_id));
    EVH_TRY(evh_store_begin(self->store));
    EVH_TRY(evh_round_load(self, &round, task_id));
    EVH_TRY(evh_round_require(&round, EVENHAND__V1__ROUND_STATE__ROUND_STATE_OPEN));
    EVH_TRY(take_random(self, &round, &request->leader_random, &own));
    EVH_COMMIT(self->store, "helper-reveal");
    evh_wire_set_bytes(&message.helper_random, evh_view_of(own.random.bytes, 32));
    EVH_TRY(evh_wire_pack(response, &message.base));
done:
    evh_store_rollback(self->store);
    evh_wipe(&own, sizeof own);
    evh_round_clear(&round);
    evh_wire_free(&request);
    return status;
}
