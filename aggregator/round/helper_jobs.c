/* SPDX-License-Identifier: Apache-2.0
 * The helper's part of aggregation: each report evaluated once, its verdict and the job's answer
 * stored before anything is said. */
#include <stdlib.h>
#include <string.h>

#include "evenhand/aggregator/helper.h"
#include "evenhand/base/limits.h"
#include "evenhand/base/sizes.h"
#include "evenhand/seal/hash.h"
#include "evenhand/vdaf/ping_pong.h"
#include "round_internal.h"

#define REASON(name) EVENHAND__V1__REJECT_REASON__REJECT_REASON_##name
#define REPORT_STATE(name) EVENHAND__V1__REPORT_STATE__REPORT_STATE_##name

/* What is needed for every report of a job, and what becomes of it. */
typedef struct evaluation {
    const evh_aggregator *self;
    const evh_round *round;
    evh_key_ring *ring;
    evh_seed32 verify_key;
    evh_prio3_workspace *workspace;
    const uint8_t *job_id;
    uint8_t *output_share, *accumulator;
    uint8_t *finals; /* [reports * final_len] */
    size_t final_len;
    Evenhand__V1__AggregateAnswer *answers;
    Evenhand__V1__AggregateAnswer **answer_list;
    Evenhand__V1__StoredJob__JobReport *reports;
    Evenhand__V1__StoredJob__JobReport **report_list;
    evh_buffer names; /* customers' names, each with a NUL; reserved at once, so that it stays */
    evh_report_header *headers;
    size_t count;
} evaluation;

static evh_status evaluation_start(evaluation *e, size_t count)
{
    const evh_prio3_sizes *sizes = evh_prio3_sizes_of(e->round->prio3);
    evh_status status = evh_ok();
    e->count = count;
    e->final_len = evh_ping_pong_final_len(e->round->prio3);
    EVH_TRY(evh_round_open_keys(e->self, e->round, &e->ring, &e->verify_key));
    EVH_TRY(evh_prio3_workspace_new(&e->workspace, e->round->prio3));
    EVH_TRY(evh_alloc(&e->output_share, sizes->output_share, 1, "output share"));
    EVH_TRY(evh_alloc(&e->accumulator, sizes->aggregate_share, 1, "aggregate share"));
    EVH_TRY(evh_alloc(&e->finals, count, e->final_len, "answers"));
    EVH_TRY(evh_alloc(&e->answers, count, sizeof *e->answers, "answers"));
    EVH_TRY(evh_alloc(&e->answer_list, count, sizeof *e->answer_list, "answers"));
    EVH_TRY(evh_alloc(&e->reports, count, sizeof *e->reports, "job"));
    EVH_TRY(evh_alloc(&e->report_list, count, sizeof *e->report_list, "job"));
    EVH_TRY(evh_alloc(&e->headers, count, sizeof *e->headers, "headers"));
    EVH_TRY(evh_buffer_reserve(&e->names, count * EVH_VKEY_BYTES_MAX));
    evh_prio3_aggregate_init(e->round->prio3, e->accumulator);
    for (size_t i = 0; i < count; i++) {
        evenhand__v1__aggregate_answer__init(&e->answers[i]);
        evenhand__v1__stored_job__job_report__init(&e->reports[i]);
        e->answer_list[i] = &e->answers[i];
        e->report_list[i] = &e->reports[i];
    }
done:
    return status;
}

static void evaluation_clear(evaluation *e)
{
    const evh_prio3_sizes *sizes = evh_prio3_sizes_of(e->round->prio3);
    if (e->output_share != NULL)
        evh_wipe(e->output_share, sizes->output_share);
    if (e->accumulator != NULL)
        evh_wipe(e->accumulator, sizes->aggregate_share);
    evh_wipe(&e->verify_key, sizeof e->verify_key);
    evh_key_ring_free(&e->ring);
    evh_prio3_workspace_free(&e->workspace);
    free(e->output_share);
    free(e->accumulator);
    free(e->finals);
    free(e->answers);
    free(e->answer_list);
    free(e->reports);
    free(e->report_list);
    free(e->headers);
    evh_buffer_clear(&e->names);
}

/* Opens the share and takes the VDAF's part. */
static evh_status verify(evaluation *e, Evenhand__V1__RejectReason *reason,
                         const evh_report_header *header,
                         const Evenhand__V1__AggregateReport *report, uint8_t *final)
{
    evh_buffer share = evh_buffer_init(EVH_REPORT_BYTES_MAX);
    evh_seal_verdict opened = EVH_SEAL_REJECTED;
    uint8_t ctx[EVH_TASK_CTX_LEN];
    uint8_t hash[EVH_SHA256_LEN];
    evh_prio3_task task = {.ctx = evh_view_of(ctx, sizeof ctx), .verify_key = e->verify_key.bytes};
    evh_prio3_report input = {.nonce = header->report_id,
                              .public_share = evh_wire_bytes(&report->public_share)};
    evh_ping_pong_helper_out out = {
        .output_share = e->output_share, .outbound = final, .verdict = EVH_PRIO3_REJECTED};
    evh_status status = evh_ok();
    *reason = REASON(ENCODING);
    EVH_TRY(evh_sha256(hash, input.public_share));
    if (memcmp(hash, header->public_share_hash, sizeof hash) != 0)
        goto done;
    *reason = REASON(SEALED_SHARE);
    EVH_TRY(evh_report_open(&share, &opened, header, EVH_ROLE_HELPER, e->ring,
                            evh_wire_bytes(&report->helper_share)));
    if (opened != EVH_SEAL_ACCEPTED)
        goto done;
    *reason = REASON(ENCODING);
    evh_task_ctx(ctx, &e->round->task);
    input.input_share = evh_buffer_view(&share);
    EVH_TRY(evh_ping_pong_helper(e->round->prio3, e->workspace, &out, &task, &input,
                                 evh_wire_bytes(&report->initial)));
    *reason = REASON(PROOF);
    if (out.verdict != EVH_PRIO3_ACCEPTED)
        goto done;
    EVH_TRY(evh_prio3_aggregate_add(
        e->round->prio3, e->accumulator,
        evh_view_of(e->output_share, evh_prio3_sizes_of(e->round->prio3)->output_share)));
    *reason = REASON(UNSPECIFIED);
done:
    evh_buffer_clear(&share);
    return evh_report_is_malformed(status.code) ? evh_ok() : status;
}

/* Writes down that this report has been evaluated, whatever comes of it. */
static evh_status note_report(evaluation *e, const evh_report_status *place,
                              const evh_report_header *header, evh_view header_bytes,
                              Evenhand__V1__RejectReason reason)
{
    Evenhand__V1__StoredReport record;
    evenhand__v1__stored_report__init(&record);
    evh_wire_set_bytes(&record.header, header_bytes);
    evh_wire_set_bytes(&record.hash, evh_view_of(header->hash, sizeof header->hash));
    record.state = reason == REASON(UNSPECIFIED) ? REPORT_STATE(ACCEPTED) : REPORT_STATE(REJECTED);
    record.reason = reason;
    evh_wire_set_bytes(&record.job_id, evh_view_of(e->job_id, EVH_JOB_ID_LEN));
    evh_report_count(e->round->stored, REPORT_STATE(UNSPECIFIED), record.state);
    return evh_record_put(e->self->store, EVH_STORE_REPORTS, evh_place_view(&place->key),
                          &record.base);
}

/* One report, from the form of its header to its verdict. Only a report that its customer has
 * signed for this round takes the customer's place in it. */
static evh_status judge(evaluation *e, Evenhand__V1__RejectReason *reason, size_t i,
                        const Evenhand__V1__AggregateReport *report)
{
    evh_report_header *header = &e->headers[i];
    evh_view header_bytes = evh_wire_bytes(&report->header);
    evh_report_status place = {.stored = NULL};
    char *customer = NULL;
    evh_status status = evh_ok();
    *reason = REASON(ENCODING);
    status = evh_report_header_read(header, header_bytes);
    if (status.code != EVH_OK)
        return evh_report_is_malformed(status.code) ? evh_ok() : status;
    customer = (char *)e->names.data + e->names.len;
    EVH_TRY(evh_vkey_text(&e->names, &header->customer));
    e->reports[i].customer = customer;
    evh_wire_set_bytes(&e->reports[i].hash, evh_view_of(header->hash, sizeof header->hash));
    EVH_TRY(evh_report_find(e->self, &place, e->round->task.id, customer));
    *reason = REASON(DUPLICATE);
    if (place.stored != NULL && memcmp(header->task_id, e->round->task.id, EVH_TASK_ID_LEN) == 0)
        goto done;
    EVH_TRY(evh_report_admit(e->self, reason, e->round, header, header_bytes,
                             evh_wire_bytes(&report->signature), customer));
    if (*reason != REASON(UNSPECIFIED))
        goto done;
    EVH_TRY(verify(e, reason, header, report, e->finals + i * e->final_len));
    EVH_TRY(note_report(e, &place, header, header_bytes, *reason));
done:
    evh_wire_free(&place.stored);
    return status;
}

static evh_status evaluate(evaluation *e, const Evenhand__V1__AggregateRequest *request)
{
    evh_status status = evh_ok();
    for (size_t i = 0; i < e->count; i++) {
        Evenhand__V1__RejectReason reason = REASON(UNSPECIFIED);
        EVH_TRY(judge(e, &reason, i, request->reports[i]));
        e->answers[i].rejected = reason;
        e->reports[i].accepted = reason == REASON(UNSPECIFIED);
        if (e->reports[i].accepted)
            evh_wire_set_bytes(&e->answers[i].final,
                               evh_view_of(e->finals + i * e->final_len, e->final_len));
    }
done:
    return status;
}

static evh_status keep_job(evaluation *e, const evh_place *place,
                           const uint8_t hash[EVH_SHA256_LEN], evh_buffer *answer)
{
    Evenhand__V1__AggregateResponse message;
    Evenhand__V1__StoredJob record;
    evenhand__v1__aggregate_response__init(&message);
    evenhand__v1__stored_job__init(&record);
    evh_status status = evh_ok();
    message.answers = e->answer_list;
    message.n_answers = e->count;
    EVH_TRY(evh_wire_pack(answer, &message.base));
    evh_wire_set_bytes(&record.request_hash, evh_view_of(hash, EVH_SHA256_LEN));
    evh_wire_set_bytes(&record.response, evh_buffer_view(answer));
    record.answered = true;
    evh_wire_set_bytes(
        &record.accumulator,
        evh_view_of(e->accumulator, evh_prio3_sizes_of(e->round->prio3)->aggregate_share));
    record.reports = e->report_list;
    record.n_reports = e->count;
    EVH_TRY(evh_record_put(e->self->store, EVH_STORE_JOBS, evh_place_view(place), &record.base));
done:
    return status;
}

/* The stored answer of a job that was evaluated before; *known says whether there is one. */
static evh_status repeat_job(const evh_aggregator *self, bool *known, const evh_place *place,
                             const uint8_t hash[EVH_SHA256_LEN], evh_buffer *answer)
{
    Evenhand__V1__StoredJob *job = NULL;
    evh_status status = evh_ok();
    EVH_TRY(evh_record_get(self->store, EVH_STORE_JOBS, evh_place_view(place),
                           &evenhand__v1__stored_job__descriptor, &job));
    *known = job != NULL;
    if (!*known)
        goto done;
    EVH_REQUIRE(
        evh_view_equal(evh_wire_bytes(&job->request_hash), evh_view_of(hash, EVH_SHA256_LEN)),
        EVH_ERR_REFUSED, "the job was asked for with other reports before");
    EVH_TRY(evh_buffer_append(answer, evh_wire_bytes(&job->response)));
done:
    evh_wire_free(&job);
    return status;
}

static evh_status run_job(const evh_aggregator *self, const evh_round *round,
                          const Evenhand__V1__AggregateRequest *request, const evh_place *place,
                          const uint8_t hash[EVH_SHA256_LEN], evh_buffer *answer)
{
    evaluation e = {.self = self,
                    .round = round,
                    .job_id = request->job_id.data,
                    .names = evh_buffer_init((size_t)EVH_JOB_REPORTS_MAX * EVH_VKEY_BYTES_MAX)};
    evh_status status = evh_ok();
    EVH_TRY(evh_round_require(round, EVENHAND__V1__ROUND_STATE__ROUND_STATE_OPEN));
    EVH_TRY(evaluation_start(&e, request->n_reports));
    EVH_TRY(evaluate(&e, request));
    EVH_TRY(keep_job(&e, place, hash, answer));
    EVH_TRY(evh_round_save(self, round->task.id, round->stored));
done:
    evaluation_clear(&e);
    return status;
}

evh_status evh_helper_aggregate(const evh_aggregator *self, const evh_caller *caller,
                                evh_view request_bytes, evh_buffer *response)
{
    Evenhand__V1__AggregateRequest *request = NULL;
    evh_round round = {.stored = NULL};
    evh_buffer answer = evh_buffer_init(EVH_MESSAGE_BYTES_MAX);
    const uint8_t *task_id = NULL;
    uint8_t hash[EVH_SHA256_LEN];
    evh_place place;
    bool known = false;
    evh_status status = evh_ok();
    EVH_TRY(evh_require_role(caller, EVH_ROLE_LEADER));
    EVH_TRY(evh_wire_unpack(&request, &evenhand__v1__aggregate_request__descriptor, request_bytes,
                            "request"));
    EVH_TRY(evh_task_id_of(&request->task_id, &task_id));
    EVH_REQUIRE(request->job_id.len == EVH_JOB_ID_LEN && request->n_reports >= 1 &&
                    request->n_reports <= EVH_JOB_REPORTS_MAX,
                EVH_ERR_LENGTH, "a job of %zu reports", request->n_reports);
    EVH_TRY(evh_sha256(hash, request_bytes));
    EVH_TRY(evh_place_make(&place, evh_view_of(task_id, EVH_TASK_ID_LEN), -1,
                           evh_wire_bytes(&request->job_id)));
    EVH_TRY(evh_store_begin(self->store));
    EVH_TRY(evh_round_load(self, &round, task_id));
    EVH_TRY(repeat_job(self, &known, &place, hash, &answer));
    if (!known)
        EVH_TRY(run_job(self, &round, request, &place, hash, &answer));
    EVH_TRY(evh_store_commit(self->store));
    EVH_TRY(evh_buffer_append(response, evh_buffer_view(&answer)));
done:
    evh_store_rollback(self->store);
    evh_round_clear(&round);
    evh_wire_free(&request);
    evh_buffer_clear(&answer);
    return status;
}
