/* SPDX-License-Identifier: Apache-2.0
 * The leader after agreement: commitments to the shares, and the result. */
#include <string.h>

#include "evenhand/aggregator/leader.h"
#include "evenhand/seal/hash.h"
#include "round_internal.h"

#define STATE(name) EVENHAND__V1__ROUND_STATE__ROUND_STATE_##name

evh_status evh_leader_commit_request(const evh_aggregator *self, evh_buffer *request,
                                     const uint8_t *task_id)
{
    Evenhand__V1__CommitShareRequest message;
    evenhand__v1__commit_share_request__init(&message);
    evh_round round = {.stored = NULL};
    evh_status status = evh_ok();
    EVH_TRY(evh_store_begin(self->store));
    EVH_TRY(evh_round_load(self, &round, task_id));
    EVH_TRY(evh_round_require(&round, STATE(AGREED)));
    evh_wire_set_bytes(&message.task_id, evh_view_of(task_id, EVH_TASK_ID_LEN));
    EVH_TRY(evh_wire_pack(request, &message.base));
done:
    evh_store_rollback(self->store);
    evh_round_clear(&round);
    return status;
}

static evh_status log_commitments(const evh_aggregator *self, const evh_round *round,
                                  const ProtobufCBinaryData *helper)
{
    Evenhand__V1__LogEntry entry;
    Evenhand__V1__ShareCommitment commitments;
    evenhand__v1__log_entry__init(&entry);
    evenhand__v1__share_commitment__init(&commitments);
    uint8_t own[EVH_COMMITMENT_LEN];
    uint64_t index = 0;
    evh_status status = evh_ok();
    EVH_TRY(evh_share_commit(self, round, own));
    evh_wire_set_bytes(&commitments.task_id, evh_view_of(round->task.id, EVH_TASK_ID_LEN));
    evh_wire_set_bytes(&commitments.leader, evh_view_of(own, sizeof own));
    commitments.helper = *helper;
    entry.kind_case = EVENHAND__V1__LOG_ENTRY__KIND_SHARE_COMMITMENT;
    entry.share_commitment = &commitments;
    EVH_TRY(evh_entry_append(self, &entry, &index));
done:
    return status;
}

evh_status evh_leader_take_commitment(const evh_aggregator *self, const uint8_t *task_id,
                                      evh_view response_bytes)
{
    Evenhand__V1__CommitShareResponse *response = NULL;
    evh_round round = {.stored = NULL};
    evh_status status = evh_ok();
    EVH_TRY(evh_wire_unpack(&response, &evenhand__v1__commit_share_response__descriptor,
                            response_bytes, "response"));
    EVH_TRY(evh_store_begin(self->store));
    EVH_TRY(evh_round_load(self, &round, task_id));
    EVH_TRY(evh_round_require(&round, STATE(AGREED)));
    if (round.stored->commitments_logged) {
        EVH_REQUIRE(evh_view_equal(evh_wire_bytes(&round.stored->helper_commitment),
                                   evh_wire_bytes(&response->commitment)),
                    EVH_ERR_REFUSED, "the helper has committed to another share before");
        goto done;
    }
    EVH_TRY(log_commitments(self, &round, &response->commitment));
    EVH_COMMIT(self->store, "leader-commit");
done:
    evh_store_rollback(self->store);
    evh_round_clear(&round);
    evh_wire_free(&response);
    return status;
}

/* ---- the result ---- */

static evh_status check_result(const Evenhand__V1__PublishResultRequest *request,
                               const Evenhand__V1__ResultEntry *result)
{
    uint8_t hash[EVH_SHA256_LEN];
    evh_status status = evh_ok();
    EVH_TRY(evh_sha256(hash, evh_wire_bytes(&request->result_json)));
    EVH_REQUIRE(
        evh_view_equal(evh_wire_bytes(&request->task_id), evh_wire_bytes(&result->task_id)) &&
            evh_view_equal(evh_wire_bytes(&result->result_hash), evh_view_of(hash, sizeof hash)),
        EVH_ERR_REFUSED, "a result whose entry is about something else");
done:
    return status;
}

/* Logs a result and keeps its file; a repeated one is found by what is kept. */
static evh_status publish(const evh_aggregator *self,
                          const Evenhand__V1__PublishResultRequest *request,
                          Evenhand__V1__ResultEntry *result, uint64_t *index)
{
    Evenhand__V1__LogEntry entry;
    evenhand__v1__log_entry__init(&entry);
    evh_buffer kept = evh_buffer_init(EVH_STORE_VALUE_BYTES_MAX);
    evh_view key = evh_wire_bytes(&request->task_id);
    evh_reader reader;
    bool known = false;
    evh_status status = evh_ok();
    EVH_TRY(evh_store_get(self->store, EVH_STORE_RESULTS, key, &kept, &known));
    if (known) {
        reader = evh_reader_of(evh_buffer_view(&kept));
        EVH_TRY(evh_read_be64(&reader, "stored result", index));
        EVH_REQUIRE(evh_view_equal(reader.rest, evh_wire_bytes(&request->result_json)),
                    EVH_ERR_REFUSED, "the round has another result");
        goto done;
    }
    entry.kind_case = EVENHAND__V1__LOG_ENTRY__KIND_RESULT;
    entry.result = result;
    EVH_TRY(evh_entry_append(self, &entry, index));
    EVH_TRY(evh_buffer_be64(&kept, *index));
    EVH_TRY(evh_buffer_append(&kept, evh_wire_bytes(&request->result_json)));
    EVH_TRY(evh_store_put(self->store, EVH_STORE_RESULTS, key, evh_buffer_view(&kept)));
done:
    evh_buffer_clear(&kept);
    return status;
}

evh_status evh_leader_publish_result(const evh_aggregator *self, const evh_caller *caller,
                                     evh_view request_bytes, evh_buffer *response)
{
    Evenhand__V1__PublishResultRequest *request = NULL;
    Evenhand__V1__ResultEntry *result = NULL;
    Evenhand__V1__PublishResultResponse message;
    evenhand__v1__publish_result_response__init(&message);
    const uint8_t *task_id = NULL;
    evh_status status = evh_ok();
    EVH_TRY(evh_require_role(caller, EVH_ROLE_COLLECTOR));
    EVH_TRY(evh_wire_unpack(&request, &evenhand__v1__publish_result_request__descriptor,
                            request_bytes, "request"));
    EVH_TRY(evh_task_id_of(&request->task_id, &task_id));
    EVH_TRY(evh_wire_unpack(&result, &evenhand__v1__result_entry__descriptor,
                            evh_wire_bytes(&request->result_entry), "result entry"));
    EVH_TRY(check_result(request, result));
    EVH_TRY(evh_store_begin(self->store));
    EVH_TRY(publish(self, request, result, &message.entry_index));
    EVH_COMMIT(self->store, "leader-result");
    EVH_TRY(evh_aggregator_sweep(self));
    EVH_TRY(evh_wire_pack(response, &message.base));
done:
    evh_store_rollback(self->store);
    evh_wire_free(&request);
    evh_wire_free(&result);
    return status;
}

static evh_status find_result(const evh_aggregator *self, evh_buffer *kept, const uint8_t *task_id)
{
    evh_round round = {.stored = NULL};
    bool found = false;
    evh_status status = evh_ok();
    EVH_TRY(evh_store_get(self->store, EVH_STORE_RESULTS, evh_view_of(task_id, EVH_TASK_ID_LEN),
                          kept, &found));
    if (found)
        goto done;
    EVH_TRY(evh_round_load(self, &round, task_id));
    status = round.stored->state == STATE(VOID)
                 ? evh_fail(EVH_ERR_REFUSED, "the round is void: it has no result")
                 : evh_fail(EVH_ERR_UNAVAILABLE, "the round has no result yet");
done:
    evh_round_clear(&round);
    return status;
}

evh_status evh_leader_get_result(const evh_aggregator *self, const evh_caller *caller,
                                 evh_view request_bytes, evh_buffer *response)
{
    Evenhand__V1__GetResultRequest *request = NULL;
    Evenhand__V1__GetResultResponse message;
    evenhand__v1__get_result_response__init(&message);
    evh_buffer kept = evh_buffer_init(EVH_STORE_VALUE_BYTES_MAX);
    evh_reader reader;
    const uint8_t *task_id = NULL;
    uint64_t index = 0;
    evh_status status = evh_ok();
    (void)caller;
    EVH_TRY(evh_wire_unpack(&request, &evenhand__v1__get_result_request__descriptor, request_bytes,
                            "request"));
    EVH_TRY(evh_task_id_of(&request->task_id, &task_id));
    EVH_TRY(evh_store_begin(self->store));
    EVH_TRY(find_result(self, &kept, task_id));
    reader = evh_reader_of(evh_buffer_view(&kept));
    EVH_TRY(evh_read_be64(&reader, "stored result", &index));
    evh_wire_set_bytes(&message.result_json, reader.rest);
    EVH_TRY(evh_wire_pack(response, &message.base));
done:
    evh_store_rollback(self->store);
    evh_wire_free(&request);
    evh_buffer_clear(&kept);
    return status;
}
