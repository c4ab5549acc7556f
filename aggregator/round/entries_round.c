/* SPDX-License-Identifier: Apache-2.0
 * What the entries of a round mean for it. */
#include <string.h>

#include "evenhand/seal/hash.h"
#include "round_internal.h"

#define STATE(name) EVENHAND__V1__ROUND_STATE__ROUND_STATE_##name

static const char opened_prefix[] = "round";

enum { ROUND_OPENED_BYTES_MAX = 4096, RESULT_BYTES_MAX = 1 << 20 };

/* ---- opened ---- */

typedef struct counted {
    uint32_t active;
} counted;

static evh_status count_active(void *context, evh_view key, evh_view value, bool *stop)
{
    counted *roster = context;
    Evenhand__V1__StoredCustomer *customer = NULL;
    (void)key;
    *stop = false;
    evh_status status = evh_wire_unpack(&customer, &evenhand__v1__stored_customer__descriptor,
                                        value, "stored customer");
    if (status.code == EVH_OK && customer->state == EVENHAND__V1__ROSTER_STATE__ROSTER_STATE_ACTIVE)
        roster->active++;
    evh_wire_free(&customer);
    return status;
}

evh_status evh_roster_count(const evh_aggregator *self, uint32_t *active)
{
    counted roster = {.active = 0};
    evh_status status = evh_store_scan(self->store, EVH_STORE_CUSTOMERS, evh_view_of(NULL, 0),
                                       count_active, &roster);
    *active = roster.active;
    return status;
}

evh_status evh_round_place(evh_place *out, const char *prefix, const uint8_t *plan_id,
                           uint32_t round)
{
    uint8_t tail[EVH_SHA256_LEN + 4];
    memcpy(tail, plan_id, EVH_SHA256_LEN);
    for (size_t i = 0; i < 4; i++)
        tail[EVH_SHA256_LEN + i] = (uint8_t)(round >> (24 - 8 * i));
    return evh_place_make(out, evh_view_of_text(prefix), 0, evh_view_of(tail, sizeof tail));
}

/* The helper opens a round only as it has prepared it. */
static evh_status check_prepared(const evh_aggregator *self, uint64_t index,
                                 const Evenhand__V1__RoundOpened *entry)
{
    Evenhand__V1__StoredPreparation *prepared = NULL;
    Evenhand__V1__PrepareRoundResponse *response = NULL;
    Evenhand__V1__PrepareRoundRequest request;
    evenhand__v1__prepare_round_request__init(&request);
    evh_buffer bytes = evh_buffer_init(ROUND_OPENED_BYTES_MAX);
    evh_place place;
    uint8_t hash[EVH_SHA256_LEN];
    bool repeated = false;
    evh_status status = evh_ok();
    EVH_TRY(evh_entry_is_repeated(self, &repeated, index));
    if (self->role != EVH_ROLE_HELPER || repeated)
        goto done;
    EVH_TRY(evh_round_place(&place, EVH_PREPARED_PREFIX, entry->plan_id.data, entry->round));
    EVH_TRY(evh_record_get(self->store, EVH_STORE_META, evh_place_view(&place),
                           &evenhand__v1__stored_preparation__descriptor, &prepared));
    EVH_REQUIRE(prepared != NULL, EVH_ERR_REFUSED, "a round that this helper has not prepared");
    request.plan_id = entry->plan_id;
    request.round = entry->round;
    request.window_start_ms = entry->window_start_ms;
    request.window_end_ms = entry->window_end_ms;
    request.deadline_ms = entry->deadline_ms;
    EVH_TRY(evh_wire_pack(&bytes, &request.base));
    EVH_TRY(evh_sha256(hash, evh_buffer_view(&bytes)));
    EVH_TRY(evh_wire_unpack(&response, &evenhand__v1__prepare_round_response__descriptor,
                            evh_wire_bytes(&prepared->response), "stored answer"));
    EVH_REQUIRE(
        evh_view_equal(evh_view_of(hash, sizeof hash), evh_wire_bytes(&prepared->request_hash)) &&
            evh_view_equal(evh_wire_bytes(&response->hpke_key),
                           evh_wire_bytes(&entry->helper_hpke_key)) &&
            evh_view_equal(evh_wire_bytes(&response->commitment),
                           evh_wire_bytes(&entry->helper_commitment)),
        EVH_ERR_REFUSED, "a round that differs from what this helper has prepared");
done:
    evh_wire_free(&prepared);
    evh_wire_free(&response);
    evh_buffer_clear(&bytes);
    return status;
}

/* The budget is charged once and for all when a round opens. */
static evh_status charge_opening(const evh_aggregator *self, const uint8_t *plan_id)
{
    Evenhand__V1__StoredPlan *plan = NULL;
    evh_status status = evh_ok();
    EVH_TRY(evh_plan_find(self, &plan, plan_id));
    EVH_INVARIANT(plan != NULL);
    plan->rounds_opened++;
    EVH_TRY(evh_plan_save(self, plan_id, plan));
done:
    evh_wire_free(&plan);
    return status;
}

evh_status evh_round_check_new(const evh_aggregator *self, const uint8_t *plan_id, uint32_t round)
{
    evh_buffer id = evh_buffer_init(EVH_TASK_ID_LEN);
    evh_place place;
    bool found = false;
    evh_status status = evh_ok();
    EVH_TRY(evh_round_place(&place, opened_prefix, plan_id, round));
    EVH_TRY(evh_store_get(self->store, EVH_STORE_META, evh_place_view(&place), &id, &found));
    EVH_REQUIRE(!found, EVH_ERR_REFUSED, "round %u of the plan was opened before", round);
done:
    evh_buffer_clear(&id);
    return status;
}

static evh_status apply_opened(const evh_aggregator *self, uint64_t index,
                               const Evenhand__V1__RoundOpened *entry)
{
    evh_buffer bytes = evh_buffer_init(ROUND_OPENED_BYTES_MAX);
    Evenhand__V1__StoredRound record;
    evenhand__v1__stored_round__init(&record);
    evh_task task;
    evh_opening opening;
    evh_place place;
    uint32_t active = 0;
    bool added = false;
    evh_status status = evh_ok();
    EVH_TRY(evh_wire_pack(&bytes, &entry->base));
    EVH_TRY(evh_task_read(&task, evh_buffer_view(&bytes), &self->leader, &self->helper));
    EVH_REQUIRE(strcmp(task.log_origin, self->log.name) == 0, EVH_ERR_REFUSED,
                "a round of another log");
    opening.plan_id = task.plan_id;
    opening.round = task.round;
    opening.window_start_ms = task.window_start_ms;
    opening.window_end_ms = task.window_end_ms;
    EVH_TRY(evh_round_check_plan(self, &opening));
    EVH_TRY(check_prepared(self, index, entry));
    EVH_TRY(evh_roster_count(self, &active));
    EVH_REQUIRE(task.roster_size == active, EVH_ERR_REFUSED,
                "a round for %u customers where %u are active", task.roster_size, active);
    EVH_TRY(evh_round_place(&place, opened_prefix, task.plan_id, task.round));
    EVH_TRY(evh_store_add(self->store, EVH_STORE_META, evh_place_view(&place),
                          evh_view_of(task.id, sizeof task.id), &added));
    EVH_REQUIRE(added, EVH_ERR_REFUSED, "round %u of the plan was opened before", task.round);
    evh_wire_set_bytes(&record.round_opened, evh_buffer_view(&bytes));
    record.entry_index = index;
    record.state = STATE(OPEN);
    record.deadline_ms = task.deadline_ms;
    EVH_TRY(evh_round_save(self, task.id, &record));
    EVH_TRY(charge_opening(self, task.plan_id));
done:
    evh_buffer_clear(&bytes);
    return status;
}

/* ---- extended ---- */

static evh_status apply_extended(const evh_aggregator *self,
                                 const Evenhand__V1__RoundExtended *entry)
{
    evh_round round = {.stored = NULL};
    const uint8_t *task_id = NULL;
    evh_status status = evh_ok();
    EVH_TRY(evh_task_id_of(&entry->task_id, &task_id));
    EVH_TRY(evh_round_load(self, &round, task_id));
    EVH_TRY(evh_round_require(&round, STATE(OPEN)));
    EVH_REQUIRE(entry->deadline_ms > round.stored->deadline_ms, EVH_ERR_REFUSED,
                "an extension to a time that is not later");
    round.stored->deadline_ms = entry->deadline_ms;
    EVH_TRY(evh_round_save(self, task_id, round.stored));
done:
    evh_round_clear(&round);
    return status;
}

/* ---- closed, committed ---- */

/* A batch that was agreed on, and that this store has lost: its customers are not known any more. */
static evh_status take_lost_batch(const evh_aggregator *self, evh_round *round,
                                  const Evenhand__V1__RoundClosed *entry)
{
    Evenhand__V1__StoredRound changed = *round->stored;
    evh_status status = evh_ok();
    changed.state = STATE(AGREED);
    changed.report_count = entry->report_count;
    changed.reports_root = entry->reports_root;
    changed.leader_signature = entry->leader_signature;
    changed.helper_signature = entry->helper_signature;
    EVH_TRY(evh_batch_keep_unknown(self, round));
    EVH_TRY(evh_round_save(self, round->task.id, &changed));
done:
    return status;
}

static evh_status check_closed(const evh_aggregator *self, const evh_round *round,
                               const Evenhand__V1__RoundClosed *entry)
{
    evh_batch batch;
    evh_seal_verdict leader = EVH_SEAL_REJECTED;
    evh_seal_verdict helper = EVH_SEAL_REJECTED;
    evh_status status = evh_ok();
    EVH_TRY(evh_round_require(round, STATE(AGREED)));
    EVH_TRY(evh_round_batch(&batch, round));
    EVH_REQUIRE(!round->stored->closed_logged && entry->report_count == batch.report_count &&
                    evh_view_equal(evh_wire_bytes(&entry->reports_root),
                                   evh_view_of(batch.root.bytes, sizeof batch.root.bytes)),
                EVH_ERR_REFUSED, "a round closed with another batch than was agreed");
    EVH_TRY(evh_batch_check(&leader, &batch, &self->leader, &entry->leader_signature));
    EVH_TRY(evh_batch_check(&helper, &batch, &self->helper, &entry->helper_signature));
    EVH_REQUIRE(leader == EVH_SEAL_ACCEPTED && helper == EVH_SEAL_ACCEPTED, EVH_ERR_REFUSED,
                "a batch that not both aggregators have signed");
done:
    return status;
}

static evh_status apply_closed(const evh_aggregator *self, uint64_t index,
                               const Evenhand__V1__RoundClosed *entry)
{
    evh_round round = {.stored = NULL};
    const uint8_t *task_id = NULL;
    bool repeated = false;
    evh_status status = evh_ok();
    EVH_TRY(evh_task_id_of(&entry->task_id, &task_id));
    EVH_TRY(evh_entry_is_repeated(self, &repeated, index));
    EVH_TRY(evh_round_load(self, &round, task_id));
    if (repeated && round.stored->state < STATE(AGREED)) {
        EVH_TRY(take_lost_batch(self, &round, entry));
        evh_round_clear(&round);
        EVH_TRY(evh_round_load(self, &round, task_id));
    }
    EVH_TRY(check_closed(self, &round, entry));
    round.stored->closed_logged = true;
    EVH_TRY(evh_round_save(self, task_id, round.stored));
done:
    evh_round_clear(&round);
    return status;
}

/* The own share's commitment is right, unless the share was lost with a store that was restored. */
static evh_status check_own_commitment(const evh_aggregator *self, const evh_round *round,
                                       uint64_t index, const Evenhand__V1__ShareCommitment *entry)
{
    const ProtobufCBinaryData *named =
        self->role == EVH_ROLE_LEADER ? &entry->leader : &entry->helper;
    uint8_t own[EVH_COMMITMENT_LEN];
    bool repeated = false;
    evh_status status = evh_ok();
    EVH_TRY(evh_entry_is_repeated(self, &repeated, index));
    if (repeated)
        goto done;
    EVH_TRY(evh_share_commit(self, round, own));
    EVH_REQUIRE(evh_view_equal(evh_wire_bytes(named), evh_view_of(own, sizeof own)),
                EVH_ERR_REFUSED, "a commitment to another share than this aggregator has");
done:
    return status;
}

static evh_status apply_commitment(const evh_aggregator *self, uint64_t index,
                                   const Evenhand__V1__ShareCommitment *entry)
{
    evh_round round = {.stored = NULL};
    const uint8_t *task_id = NULL;
    Evenhand__V1__StoredRound changed;
    evh_status status = evh_ok();
    EVH_TRY(evh_task_id_of(&entry->task_id, &task_id));
    EVH_TRY(evh_round_load(self, &round, task_id));
    EVH_TRY(evh_round_require(&round, STATE(AGREED)));
    EVH_REQUIRE(round.stored->closed_logged && !round.stored->commitments_logged &&
                    entry->leader.len == EVH_COMMITMENT_LEN &&
                    entry->helper.len == EVH_COMMITMENT_LEN,
                EVH_ERR_REFUSED, "commitments that do not fit their round");
    EVH_TRY(check_own_commitment(self, &round, index, entry));
    changed = *round.stored;
    changed.leader_commitment = entry->leader;
    changed.helper_commitment = entry->helper;
    changed.commitments_logged = true;
    EVH_TRY(evh_round_save(self, task_id, &changed));
done:
    evh_round_clear(&round);
    return status;
}

/* ---- the end ---- */

/* Everything of the round that could still tell about one customer. */
static evh_status destroy_shares(const evh_aggregator *self, const uint8_t *task_id)
{
    evh_view task = evh_view_of(task_id, EVH_TASK_ID_LEN);
    evh_place prefix;
    evh_status status = evh_ok();
    for (int part = EVH_PART_BODY; part <= EVH_PART_WAITING; part++) {
        EVH_TRY(evh_place_make(&prefix, task, part, evh_view_of(NULL, 0)));
        EVH_TRY(evh_record_delete_all(self->store, EVH_STORE_REPORTS, evh_place_view(&prefix)));
    }
    EVH_TRY(evh_record_delete_all(self->store, EVH_STORE_JOBS, task));
done:
    return status;
}

static evh_status end_round(const evh_aggregator *self, const uint8_t *task_id,
                            const evh_round *round, Evenhand__V1__RoundState state,
                            Evenhand__V1__VoidReason reason)
{
    Evenhand__V1__StoredRound changed = *round->stored;
    evh_status status = evh_ok();
    changed.state = state;
    changed.void_reason = reason;
    evh_wire_set_bytes(&changed.aggregate_share, evh_view_of(NULL, 0));
    evh_wire_set_bytes(&changed.peer_random, evh_view_of(NULL, 0));
    EVH_TRY(evh_round_save(self, task_id, &changed));
    EVH_TRY(destroy_shares(self, task_id));
done:
    return status;
}

static evh_status apply_result(const evh_aggregator *self, const Evenhand__V1__ResultEntry *entry)
{
    evh_round round = {.stored = NULL};
    evh_buffer body = evh_buffer_init(RESULT_BYTES_MAX);
    Evenhand__V1__ResultEntry unsigned_entry = *entry;
    evh_seal_verdict verdict = EVH_SEAL_REJECTED;
    const uint8_t *task_id = NULL;
    evh_status status = evh_ok();
    EVH_TRY(evh_task_id_of(&entry->task_id, &task_id));
    EVH_TRY(evh_round_load(self, &round, task_id));
    EVH_TRY(evh_round_require(&round, STATE(AGREED)));
    EVH_REQUIRE(round.stored->commitments_logged && entry->result_hash.len == EVH_SHA256_LEN &&
                    entry->n_sums == round.terms->vdaf.length &&
                    entry->collector_signature.len == EVH_SIGNATURE_LEN,
                EVH_ERR_REFUSED, "a result that does not fit its round");
    evh_wire_set_bytes(&unsigned_entry.collector_signature, evh_view_of(NULL, 0));
    EVH_TRY(evh_wire_pack(&body, &unsigned_entry.base));
    EVH_TRY(evh_verify(&verdict, &self->collector, EVH_LABEL_RESULT, evh_buffer_view(&body),
                       evh_wire_bytes(&entry->collector_signature)));
    EVH_REQUIRE(verdict == EVH_SEAL_ACCEPTED, EVH_ERR_KEY,
                "a result that the collector has not signed");
    EVH_TRY(end_round(self, task_id, &round, STATE(COLLECTED),
                      EVENHAND__V1__VOID_REASON__VOID_REASON_UNSPECIFIED));
done:
    evh_round_clear(&round);
    evh_buffer_clear(&body);
    return status;
}

static evh_status apply_void(const evh_aggregator *self, const Evenhand__V1__RoundVoid *entry)
{
    evh_round round = {.stored = NULL};
    const uint8_t *task_id = NULL;
    evh_status status = evh_ok();
    EVH_TRY(evh_task_id_of(&entry->task_id, &task_id));
    EVH_TRY(evh_round_load(self, &round, task_id));
    EVH_REQUIRE(entry->reason >= EVENHAND__V1__VOID_REASON__VOID_REASON_TOO_FEW_CUSTOMERS &&
                    entry->reason <= EVENHAND__V1__VOID_REASON__VOID_REASON_NO_AGREEMENT &&
                    round.stored->state >= STATE(OPEN) && round.stored->state <= STATE(AGREED),
                EVH_ERR_REFUSED, "the round has ended: it cannot become void any more");
    EVH_TRY(end_round(self, task_id, &round, STATE(VOID), entry->reason));
done:
    evh_round_clear(&round);
    return status;
}

evh_status evh_entry_apply_round(const evh_aggregator *self, uint64_t index,
                                 const Evenhand__V1__LogEntry *entry)
{
    switch (entry->kind_case) {
    case EVENHAND__V1__LOG_ENTRY__KIND_ROUND_OPENED:
        return apply_opened(self, index, entry->round_opened);
    case EVENHAND__V1__LOG_ENTRY__KIND_ROUND_EXTENDED:
        return apply_extended(self, entry->round_extended);
    case EVENHAND__V1__LOG_ENTRY__KIND_ROUND_CLOSED:
        return apply_closed(self, index, entry->round_closed);
    case EVENHAND__V1__LOG_ENTRY__KIND_SHARE_COMMITMENT:
        return apply_commitment(self, index, entry->share_commitment);
    case EVENHAND__V1__LOG_ENTRY__KIND_RESULT:
        return apply_result(self, entry->result);
    case EVENHAND__V1__LOG_ENTRY__KIND_ROUND_VOID:
        return apply_void(self, entry->round_void);
    default:
        return evh_fail(EVH_ERR_REFUSED, "a log entry of an unknown kind");
    }
}
