/* SPDX-License-Identifier: Apache-2.0
 * The helper at the end of a round: agreement on the batch, and the commitment to its share. */
#include <stdlib.h>
#include <string.h>

#include "evenhand/aggregator/helper.h"
#include "evenhand/base/sizes.h"
#include "round_internal.h"

#define STATE(name) EVENHAND__V1__ROUND_STATE__ROUND_STATE_##name
#define VOID_REASON(name) EVENHAND__V1__VOID_REASON__VOID_REASON_##name

enum { JOBS_MAX = 1 << 20, ID_BYTES_MAX = JOBS_MAX * EVH_JOB_ID_LEN };

/* Of the jobs asked for, those that are here with the same reports. */
static evh_status find_common(evh_buffer *common, const Evenhand__V1__AgreeRequest *request,
                              const evh_job_sum *all)
{
    size_t count = all->ids.len / EVH_JOB_ID_LEN;
    size_t at = 0;
    evh_status status = evh_ok();
    EVH_REQUIRE(request->n_jobs <= JOBS_MAX, EVH_ERR_LENGTH, "%zu jobs", request->n_jobs);
    for (size_t i = 0; i < request->n_jobs; i++) {
        const Evenhand__V1__AgreeJob *job = request->jobs[i];
        int order = 1;
        EVH_REQUIRE(job->job_id.len == EVH_JOB_ID_LEN && job->root.len == EVH_MERKLE_HASH_LEN &&
                        (i == 0 || evh_view_compare(evh_wire_bytes(&request->jobs[i - 1]->job_id),
                                                    evh_wire_bytes(&job->job_id)) < 0),
                    EVH_ERR_ENCODING, "jobs that are malformed or not in ascending order");
        while (at < count && (order = memcmp(all->ids.data + at * EVH_JOB_ID_LEN, job->job_id.data,
                                             EVH_JOB_ID_LEN)) < 0)
            at++;
        if (at < count && order == 0 &&
            memcmp(all->roots.data + at * EVH_MERKLE_HASH_LEN, job->root.data,
                   EVH_MERKLE_HASH_LEN) == 0)
            EVH_TRY(evh_buffer_append(common, evh_wire_bytes(&job->job_id)));
    }
done:
    return status;
}

/* A view of ids with a pointer even when there are none: no id means no job, not all of them. */
static evh_view ids_view(const evh_buffer *ids)
{
    static const uint8_t nothing[1] = {0};
    return ids->data == NULL ? evh_view_of(nothing, 0) : evh_buffer_view(ids);
}

/* Signs the batch and keeps it with everything that follows from it. */
static evh_status sign_batch(const evh_aggregator *self, const evh_round *round,
                             const Evenhand__V1__AgreeRequest *request, evh_job_sum *sum,
                             const evh_batch *batch)
{
    Evenhand__V1__StoredRound changed = *round->stored;
    uint8_t signature[EVH_SIGNATURE_LEN];
    evh_status status = evh_ok();
    EVH_TRY(evh_batch_keep(self, round, sum));
    EVH_TRY(evh_batch_sign(signature, batch, self->signing));
    changed.state = STATE(AGREED);
    changed.report_count = batch->report_count;
    evh_wire_set_bytes(&changed.reports_root,
                       evh_view_of(batch->root.bytes, sizeof batch->root.bytes));
    changed.leader_signature = request->leader_signature;
    evh_wire_set_bytes(&changed.helper_signature, evh_view_of(signature, sizeof signature));
    evh_wire_set_bytes(&changed.aggregate_share, evh_buffer_view(&sum->share));
    EVH_TRY(evh_round_save(self, round->task.id, &changed));
done:
    return status;
}

static evh_status decide(const evh_aggregator *self, evh_round *round,
                         const Evenhand__V1__AgreeRequest *request, const evh_buffer *common)
{
    evh_job_sum sum = {.prio3 = NULL};
    evh_batch batch;
    evh_seal_verdict verdict = EVH_SEAL_REJECTED;
    evh_status status = evh_ok();
    round->stored->state = STATE(CLOSED);
    EVH_TRY(evh_round_save(self, round->task.id, round->stored));
    if (common->len != request->n_jobs * EVH_JOB_ID_LEN)
        goto done;
    EVH_TRY(evh_jobs_sum(self, &sum, round, ids_view(common)));
    EVH_TRY(evh_jobs_batch(&batch, &sum, round->task.id));
    EVH_REQUIRE(request->report_count == batch.report_count &&
                    evh_view_equal(evh_wire_bytes(&request->reports_root),
                                   evh_view_of(batch.root.bytes, sizeof batch.root.bytes)),
                EVH_ERR_REFUSED, "a batch that is not the sum of its jobs");
    EVH_TRY(evh_batch_check(&verdict, &batch, &self->leader, &request->leader_signature));
    EVH_REQUIRE(verdict == EVH_SEAL_ACCEPTED, EVH_ERR_KEY,
                "a batch that the leader has not signed");
    EVH_TRY(evh_batch_judge(self, &round->stored->void_reason, round, &sum));
    if (round->stored->void_reason != VOID_REASON(UNSPECIFIED))
        EVH_TRY(evh_round_save(self, round->task.id, round->stored));
    else
        EVH_TRY(sign_batch(self, round, request, &sum, &batch));
done:
    evh_jobs_clear(&sum);
    return status;
}

static evh_status write_ids(Evenhand__V1__AgreeResponse *message, ProtobufCBinaryData **list,
                            const evh_buffer *ids)
{
    size_t count = ids->len / EVH_JOB_ID_LEN;
    evh_status status = evh_alloc(list, count, sizeof **list, "job ids");
    if (status.code != EVH_OK)
        return status;
    for (size_t i = 0; i < count; i++)
        evh_wire_set_bytes(&(*list)[i],
                           evh_view_of(ids->data + i * EVH_JOB_ID_LEN, EVH_JOB_ID_LEN));
    message->common_job_ids = *list;
    message->n_common_job_ids = count;
    return status;
}

/* Says what the record says, which by now is the decision. */
static evh_status answer(const evh_aggregator *self, evh_buffer *response,
                         const Evenhand__V1__AgreeRequest *request, const evh_buffer *common)
{
    Evenhand__V1__AgreeResponse message;
    evenhand__v1__agree_response__init(&message);
    evh_round round = {.stored = NULL};
    ProtobufCBinaryData *list = NULL;
    evh_status status = evh_ok();
    EVH_TRY(evh_round_load(self, &round, request->task_id.data));
    if (round.stored->void_reason != VOID_REASON(UNSPECIFIED)) {
        message.void_reason = (uint32_t)round.stored->void_reason;
    } else if (round.stored->state == STATE(AGREED)) {
        EVH_REQUIRE(evh_view_equal(evh_wire_bytes(&request->reports_root),
                                   evh_wire_bytes(&round.stored->reports_root)) &&
                        request->report_count == round.stored->report_count,
                    EVH_ERR_REFUSED, "another batch was agreed on");
        message.agreed = true;
        message.signature = round.stored->helper_signature;
    } else {
        EVH_TRY(write_ids(&message, &list, common));
    }
    EVH_TRY(evh_wire_pack(response, &message.base));
done:
    evh_round_clear(&round);
    free(list);
    return status;
}

static evh_status agree(const evh_aggregator *self, const Evenhand__V1__AgreeRequest *request,
                        evh_buffer *response)
{
    evh_round round = {.stored = NULL};
    evh_job_sum all = {.prio3 = NULL};
    evh_buffer common = evh_buffer_init(ID_BYTES_MAX);
    evh_status status = evh_ok();
    EVH_TRY(evh_round_load(self, &round, request->task_id.data));
    if (round.stored->void_reason == VOID_REASON(UNSPECIFIED) &&
        round.stored->state < STATE(AGREED)) {
        EVH_TRY(evh_jobs_sum(self, &all, &round, evh_view_of(NULL, 0)));
        EVH_TRY(find_common(&common, request, &all));
        EVH_TRY(decide(self, &round, request, &common));
    }
    EVH_TRY(answer(self, response, request, &common));
done:
    evh_round_clear(&round);
    evh_jobs_clear(&all);
    evh_buffer_clear(&common);
    return status;
}

evh_status evh_helper_agree(const evh_aggregator *self, const evh_caller *caller,
                            evh_view request_bytes, evh_buffer *response)
{
    Evenhand__V1__AgreeRequest *request = NULL;
    evh_buffer out = evh_buffer_init(EVH_MESSAGE_BYTES_MAX);
    const uint8_t *task_id = NULL;
    evh_status status = evh_ok();
    EVH_TRY(evh_require_role(caller, EVH_ROLE_LEADER));
    EVH_TRY(evh_wire_unpack(&request, &evenhand__v1__agree_request__descriptor, request_bytes,
                            "request"));
    EVH_TRY(evh_task_id_of(&request->task_id, &task_id));
    EVH_TRY(evh_store_begin(self->store));
    EVH_TRY(agree(self, request, &out));
    EVH_COMMIT(self->store, "helper-agree");
    EVH_TRY(evh_buffer_append(response, evh_buffer_view(&out)));
done:
    evh_store_rollback(self->store);
    evh_wire_free(&request);
    evh_buffer_clear(&out);
    return status;
}

evh_status evh_helper_commit_share(const evh_aggregator *self, const evh_caller *caller,
                                   evh_view request_bytes, evh_buffer *response)
{
    Evenhand__V1__CommitShareRequest *request = NULL;
    Evenhand__V1__CommitShareResponse message;
    evenhand__v1__commit_share_response__init(&message);
    evh_round round = {.stored = NULL};
    uint8_t commitment[EVH_COMMITMENT_LEN];
    const uint8_t *task_id = NULL;
    evh_status status = evh_ok();
    EVH_TRY(evh_require_role(caller, EVH_ROLE_LEADER));
    EVH_TRY(evh_wire_unpack(&request, &evenhand__v1__commit_share_request__descriptor,
                            request_bytes, "request"));
    EVH_TRY(evh_task_id_of(&request->task_id, &task_id));
    EVH_TRY(evh_store_begin(self->store));
    EVH_TRY(evh_round_load(self, &round, task_id));
    EVH_TRY(evh_round_require(&round, STATE(AGREED)));
    EVH_TRY(evh_share_commit(self, &round, commitment));
    evh_wire_set_bytes(&message.commitment, evh_view_of(commitment, sizeof commitment));
    EVH_TRY(evh_wire_pack(response, &message.base));
done:
    evh_store_rollback(self->store);
    evh_round_clear(&round);
    evh_wire_free(&request);
    return status;
}
