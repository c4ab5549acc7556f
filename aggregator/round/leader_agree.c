/* SPDX-License-Identifier: Apache-2.0
 * The leader closes a round and agrees with the helper on the batch. */
#include <stdlib.h>
#include <string.h>

#include "evenhand/aggregator/leader.h"
#include "evenhand/base/sizes.h"
#include "round_internal.h"

#define STATE(name) EVENHAND__V1__ROUND_STATE__ROUND_STATE_##name
#define REPORT_STATE(name) EVENHAND__V1__REPORT_STATE__REPORT_STATE_##name
#define REASON(name) EVENHAND__V1__REJECT_REASON__REJECT_REASON_##name

enum { IDS_BYTES_MAX = 1 << 24 };

evh_status evh_leader_close_round(const evh_aggregator *self, const uint8_t *task_id)
{
    evh_round round = {.stored = NULL};
    evh_status status = evh_ok();
    EVH_TRY(evh_store_begin(self->store));
    EVH_TRY(evh_round_load(self, &round, task_id));
    if (round.stored->state == STATE(CLOSED))
        goto done;
    EVH_TRY(evh_round_require(&round, STATE(OPEN)));
    round.stored->state = STATE(CLOSED);
    EVH_TRY(evh_round_save(self, task_id, round.stored));
    EVH_COMMIT(self->store, "leader-close");
done:
    evh_store_rollback(self->store);
    evh_round_clear(&round);
    return status;
}

static evh_status log_extended(const evh_aggregator *self, const uint8_t *task_id,
                               uint64_t deadline_ms)
{
    Evenhand__V1__LogEntry entry;
    Evenhand__V1__RoundExtended extended;
    evenhand__v1__log_entry__init(&entry);
    evenhand__v1__round_extended__init(&extended);
    uint64_t index = 0;
    evh_wire_set_bytes(&extended.task_id, evh_view_of(task_id, EVH_TASK_ID_LEN));
    extended.deadline_ms = deadline_ms;
    entry.kind_case = EVENHAND__V1__LOG_ENTRY__KIND_ROUND_EXTENDED;
    entry.round_extended = &extended;
    return evh_entry_append(self, &entry, &index);
}

evh_status evh_leader_extend_round(const evh_aggregator *self, const uint8_t *task_id,
                                   uint64_t deadline_ms)
{
    evh_round round = {.stored = NULL};
    evh_status status = evh_ok();
    EVH_TRY(evh_store_begin(self->store));
    EVH_TRY(evh_round_load(self, &round, task_id));
    EVH_TRY(evh_round_require(&round, STATE(OPEN)));
    if (round.stored->deadline_ms == deadline_ms)
        goto done;
    EVH_TRY(log_extended(self, task_id, deadline_ms));
    EVH_COMMIT(self->store, "leader-extend");
done:
    evh_store_rollback(self->store);
    evh_round_clear(&round);
    return status;
}

/* ---- the request ---- */

static evh_status sum_round(const evh_aggregator *self, evh_job_sum *sum, evh_batch *batch,
                            const evh_round *round)
{
    const Evenhand__V1__StoredRound *stored = round->stored;
    evh_status status = evh_ok();
    EVH_TRY(evh_jobs_sum(self, sum, round, evh_view_of(NULL, 0)));
    EVH_REQUIRE(stored->accepted + stored->rejected == stored->received && !sum->unanswered,
                EVH_ERR_REFUSED, "the round has reports that were not dealt with");
    EVH_TRY(evh_jobs_batch(batch, sum, round->task.id));
done:
    return status;
}

static evh_status pack_agree(const evh_aggregator *self, evh_buffer *request,
                             const evh_job_sum *sum, const evh_batch *batch)
{
    size_t count = sum->ids.len / EVH_JOB_ID_LEN;
    Evenhand__V1__AgreeJob *jobs = NULL;
    Evenhand__V1__AgreeJob **list = NULL;
    uint8_t signature[EVH_SIGNATURE_LEN];
    Evenhand__V1__AgreeRequest message;
    evenhand__v1__agree_request__init(&message);
    evh_status status = evh_ok();
    EVH_TRY(evh_alloc(&jobs, count, sizeof *jobs, "jobs"));
    EVH_TRY(evh_alloc(&list, count, sizeof *list, "jobs"));
    for (size_t i = 0; i < count; i++) {
        evenhand__v1__agree_job__init(&jobs[i]);
        evh_wire_set_bytes(&jobs[i].job_id,
                           evh_view_of(sum->ids.data + i * EVH_JOB_ID_LEN, EVH_JOB_ID_LEN));
        evh_wire_set_bytes(&jobs[i].root, evh_view_of(sum->roots.data + i * EVH_MERKLE_HASH_LEN,
                                                      EVH_MERKLE_HASH_LEN));
        list[i] = &jobs[i];
    }
    EVH_TRY(evh_batch_sign(signature, batch, self->signing));
    evh_wire_set_bytes(&message.task_id, evh_view_of(batch->task_id, EVH_TASK_ID_LEN));
    message.report_count = batch->report_count;
    evh_wire_set_bytes(&message.reports_root,
                       evh_view_of(batch->root.bytes, sizeof batch->root.bytes));
    message.jobs = list;
    message.n_jobs = count;
    evh_wire_set_bytes(&message.leader_signature, evh_view_of(signature, sizeof signature));
    EVH_TRY(evh_wire_pack(request, &message.base));
done:
    free(jobs);
    free(list);
    return status;
}

evh_status evh_leader_agree_request(const evh_aggregator *self, evh_buffer *request,
                                    const uint8_t *task_id)
{
    evh_round round = {.stored = NULL};
    evh_job_sum sum = {.prio3 = NULL};
    evh_batch batch;
    evh_status status = evh_ok();
    EVH_TRY(evh_store_begin(self->store));
    EVH_TRY(evh_round_load(self, &round, task_id));
    EVH_TRY(evh_round_require(&round, STATE(CLOSED)));
    EVH_TRY(sum_round(self, &sum, &batch, &round));
    EVH_TRY(pack_agree(self, request, &sum, &batch));
done:
    evh_store_rollback(self->store);
    evh_jobs_clear(&sum);
    evh_round_clear(&round);
    return status;
}

/* ---- the answer ---- */

static evh_status log_closed(const evh_aggregator *self, evh_round *round, const evh_batch *batch,
                             const evh_job_sum *sum, const ProtobufCBinaryData *helper_signature)
{
    Evenhand__V1__StoredRound changed = *round->stored;
    Evenhand__V1__LogEntry entry;
    Evenhand__V1__RoundClosed closed;
    evenhand__v1__log_entry__init(&entry);
    evenhand__v1__round_closed__init(&closed);
    uint8_t signature[EVH_SIGNATURE_LEN];
    uint64_t index = 0;
    evh_status status = evh_ok();
    EVH_TRY(evh_batch_sign(signature, batch, self->signing));
    changed.state = STATE(AGREED);
    changed.report_count = batch->report_count;
    evh_wire_set_bytes(&changed.reports_root,
                       evh_view_of(batch->root.bytes, sizeof batch->root.bytes));
    evh_wire_set_bytes(&changed.leader_signature, evh_view_of(signature, sizeof signature));
    changed.helper_signature = *helper_signature;
    evh_wire_set_bytes(&changed.aggregate_share, evh_buffer_view(&sum->share));
    EVH_TRY(evh_round_save(self, round->task.id, &changed));
    evh_wire_set_bytes(&closed.task_id, evh_view_of(round->task.id, EVH_TASK_ID_LEN));
    closed.report_count = batch->report_count;
    closed.reports_root = changed.reports_root;
    closed.leader_signature = changed.leader_signature;
    closed.helper_signature = *helper_signature;
    entry.kind_case = EVENHAND__V1__LOG_ENTRY__KIND_ROUND_CLOSED;
    entry.round_closed = &closed;
    EVH_TRY(evh_entry_append(self, &entry, &index));
done:
    return status;
}

static evh_status log_void(const evh_aggregator *self, const uint8_t *task_id, uint32_t reason)
{
    Evenhand__V1__LogEntry entry;
    Evenhand__V1__RoundVoid ended;
    evenhand__v1__log_entry__init(&entry);
    evenhand__v1__round_void__init(&ended);
    uint64_t index = 0;
    evh_wire_set_bytes(&ended.task_id, evh_view_of(task_id, EVH_TASK_ID_LEN));
    ended.reason = (Evenhand__V1__VoidReason)reason;
    entry.kind_case = EVENHAND__V1__LOG_ENTRY__KIND_ROUND_VOID;
    entry.round_void = &ended;
    return evh_entry_append(self, &entry, &index);
}

/* A job that the helper does not have the same way counts no more, nor do its reports. */
static evh_status drop_job(const evh_aggregator *self, evh_round *round, const uint8_t *id)
{
    Evenhand__V1__StoredJob *job = NULL;
    evh_place place;
    evh_status status = evh_ok();
    EVH_TRY(evh_place_make(&place, evh_view_of(round->task.id, EVH_TASK_ID_LEN), -1,
                           evh_view_of(id, EVH_JOB_ID_LEN)));
    EVH_TRY(evh_record_get(self->store, EVH_STORE_JOBS, evh_place_view(&place),
                           &evenhand__v1__stored_job__descriptor, &job));
    EVH_REQUIRE(job != NULL, EVH_ERR_STORE, "a job's record is missing");
    job->dropped = true;
    EVH_TRY(evh_record_put(self->store, EVH_STORE_JOBS, evh_place_view(&place), &job->base));
    for (size_t i = 0; i < job->n_reports; i++)
        if (job->reports[i]->accepted)
            EVH_TRY(evh_report_set(self, round, job->reports[i]->customer, REPORT_STATE(REJECTED),
                                   REASON(DROPPED)));
done:
    evh_wire_free(&job);
    return status;
}

static evh_status drop_uncommon(const evh_aggregator *self, evh_round *round,
                                const evh_job_sum *sum, const Evenhand__V1__AgreeResponse *response)
{
    evh_buffer common = evh_buffer_init(IDS_BYTES_MAX);
    size_t dropped = 0;
    evh_status status = evh_ok();
    for (size_t i = 0; i < response->n_common_job_ids; i++) {
        EVH_REQUIRE(response->common_job_ids[i].len == EVH_JOB_ID_LEN, EVH_ERR_LENGTH,
                    "a job id of %zu bytes", response->common_job_ids[i].len);
        EVH_TRY(evh_buffer_append(&common, evh_wire_bytes(&response->common_job_ids[i])));
    }
    for (size_t at = 0; at < sum->ids.len; at += EVH_JOB_ID_LEN) {
        if (evh_job_listed(evh_buffer_view(&common), sum->ids.data + at))
            continue;
        EVH_TRY(drop_job(self, round, sum->ids.data + at));
        dropped++;
    }
    EVH_REQUIRE(dropped > 0, EVH_ERR_REFUSED, "the helper has the same jobs and does not agree");
    EVH_TRY(evh_round_save(self, round->task.id, round->stored));
done:
    evh_buffer_clear(&common);
    return status;
}

static evh_status take_agreement(const evh_aggregator *self, evh_agreement *out, evh_round *round,
                                 const Evenhand__V1__AgreeResponse *response)
{
    evh_job_sum sum = {.prio3 = NULL};
    evh_batch batch;
    evh_seal_verdict verdict = EVH_SEAL_REJECTED;
    evh_status status = evh_ok();
    EVH_TRY(sum_round(self, &sum, &batch, round));
    if (response->void_reason != 0) {
        *out = EVH_AGREEMENT_VOID;
        EVH_TRY(log_void(self, round->task.id, response->void_reason));
    } else if (!response->agreed) {
        *out = EVH_AGREEMENT_DROPPED;
        EVH_TRY(drop_uncommon(self, round, &sum, response));
    } else {
        *out = EVH_AGREEMENT_REACHED;
        EVH_TRY(evh_batch_check(&verdict, &batch, &self->helper, &response->signature));
        EVH_REQUIRE(verdict == EVH_SEAL_ACCEPTED, EVH_ERR_KEY,
                    "a batch that the helper has not signed");
        EVH_TRY(log_closed(self, round, &batch, &sum, &response->signature));
    }
done:
    evh_jobs_clear(&sum);
    return status;
}

evh_status evh_leader_take_agreement(const evh_aggregator *self, evh_agreement *out,
                                     const uint8_t *task_id, evh_view response_bytes)
{
    Evenhand__V1__AgreeResponse *response = NULL;
    evh_round round = {.stored = NULL};
    evh_status status = evh_ok();
    *out = EVH_AGREEMENT_DROPPED;
    EVH_TRY(evh_wire_unpack(&response, &evenhand__v1__agree_response__descriptor, response_bytes,
                            "response"));
    EVH_TRY(evh_store_begin(self->store));
    EVH_TRY(evh_round_load(self, &round, task_id));
    if (round.stored->state == STATE(AGREED) || round.stored->state == STATE(COLLECTED)) {
        *out = EVH_AGREEMENT_REACHED;
        goto done;
    }
    if (round.stored->state == STATE(VOID)) {
        *out = EVH_AGREEMENT_VOID;
        goto done;
    }
    EVH_TRY(evh_round_require(&round, STATE(CLOSED)));
    EVH_TRY(take_agreement(self, out, &round, response));
    EVH_COMMIT(self->store, "leader-agree");
    EVH_TRY(evh_aggregator_sweep(self));
done:
    evh_store_rollback(self->store);
    evh_round_clear(&round);
    evh_wire_free(&response);
    return status;
}

evh_status evh_leader_void_round(const evh_aggregator *self, const uint8_t *task_id,
                                 uint32_t reason)
{
    evh_status status = evh_ok();
    EVH_REQUIRE(reason >= EVENHAND__V1__VOID_REASON__VOID_REASON_TOO_FEW_CUSTOMERS &&
                    reason <= EVENHAND__V1__VOID_REASON__VOID_REASON_NO_AGREEMENT,
                EVH_ERR_ARG, "%u is no reason to void a round", reason);
    EVH_TRY(evh_store_begin(self->store));
    EVH_TRY(log_void(self, task_id, reason));
    EVH_COMMIT(self->store, "leader-void");
    EVH_TRY(evh_aggregator_sweep(self));
done:
    evh_store_rollback(self->store);
    return status;
}
