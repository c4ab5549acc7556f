/* SPDX-License-Identifier: Apache-2.0
 * The helper's part of aggregation: each report evaluated once, its verdict and the job's answer
 * stored before anything is said. Between a look at who is admitted and the writing of verdicts the
 * store is free for others; admission is the same code both times, and has to come out the same. */
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

enum { ATTEMPTS_MAX = 4 };

/* One report of a job on its way. */
typedef struct item {
    const Evenhand__V1__AggregateReport *report;
    bool readable;
    evh_report_header header;
    const char *customer;
    evh_seal_verdict signature;
    Evenhand__V1__RejectReason admitted; /* from the look; UNSPECIFIED: worth verifying */
    Evenhand__V1__RejectReason verdict;
    uint8_t *final;
} item;

/* A job, and what becomes of it. */
typedef struct evaluation {
    const evh_aggregator *self;
    const Evenhand__V1__AggregateRequest *request;
    const uint8_t *task_id;
    uint8_t hash[EVH_SHA256_LEN]; /* of the request */
    evh_place place;
    evh_round round; /* as the look has found it */
    uint8_t *accumulator;
    size_t accumulator_len;
    uint8_t *finals; /* [count * final_len] */
    size_t final_len;
    item *items;
    size_t count;
    evh_buffer names; /* customers, each with a NUL; reserved at once, so that they stay */
    evh_buffer *answer;
} evaluation;

/* ---- before anything else: what needs neither store nor keys ---- */

static evh_status read_item(evaluation *e, item *it)
{
    evh_view header_bytes = evh_wire_bytes(&it->report->header);
    evh_view signature = evh_wire_bytes(&it->report->signature);
    evh_status status = evh_report_header_read(&it->header, header_bytes);
    it->admitted = REASON(ENCODING);
    if (status.code != EVH_OK)
        return evh_report_is_malformed(status.code) ? evh_ok() : status;
    it->readable = true;
    it->customer = (const char *)e->names.data + e->names.len;
    EVH_TRY(evh_vkey_text(&e->names, &it->header.customer));
    if (signature.len == EVH_SIGNATURE_LEN)
        EVH_TRY(evh_report_check_signature(&it->signature, &it->header, header_bytes, signature));
done:
    return status;
}

static evh_status read_items(evaluation *e)
{
    evh_status status = evh_ok();
    e->count = e->request->n_reports;
    EVH_TRY(evh_alloc(&e->items, e->count, sizeof *e->items, "job"));
    EVH_TRY(evh_buffer_reserve(&e->names, e->count * EVH_VKEY_BYTES_MAX));
    for (size_t i = 0; i < e->count; i++) {
        e->items[i].report = e->request->reports[i];
        EVH_TRY(read_item(e, &e->items[i]));
    }
done:
    return status;
}

static void evaluation_clear(evaluation *e)
{
    if (e->accumulator != NULL)
        evh_wipe(e->accumulator, e->accumulator_len);
    free(e->accumulator);
    free(e->finals);
    free(e->items);
    evh_buffer_clear(&e->names);
    evh_round_clear(&e->round);
}

/* ---- in a transaction: who is admitted ---- */

/* Writes down that this report has been evaluated, whatever comes of it. */
static evh_status note_report(evaluation *e, evh_round *round, const evh_report_status *place,
                              const item *it, Evenhand__V1__RejectReason reason)
{
    Evenhand__V1__StoredReport record;
    evenhand__v1__stored_report__init(&record);
    record.header = it->report->header;
    evh_wire_set_bytes(&record.hash, evh_view_of(it->header.hash, sizeof it->header.hash));
    record.state = reason == REASON(UNSPECIFIED) ? REPORT_STATE(ACCEPTED) : REPORT_STATE(REJECTED);
    record.reason = reason;
    record.job_id = e->request->job_id;
    evh_report_count(round->stored, REPORT_STATE(UNSPECIFIED), record.state);
    return evh_record_put(e->self->store, EVH_STORE_REPORTS, evh_place_view(&place->key),
                          &record.base);
}

/* Only a report that its customer has signed for this round takes the customer's place in it. */
static evh_status admit(evaluation *e, evh_round *round, Evenhand__V1__RejectReason *reason,
                        const item *it)
{
    evh_report_status place = {.stored = NULL};
    evh_status status = evh_ok();
    *reason = REASON(ENCODING);
    if (!it->readable)
        goto done;
    EVH_TRY(evh_report_find(e->self, &place, round->task.id, it->customer));
    *reason = REASON(DUPLICATE);
    if (place.stored != NULL && memcmp(it->header.task_id, round->task.id, EVH_TASK_ID_LEN) == 0)
        goto done;
    EVH_TRY(evh_report_admit(e->self, reason, round, &it->header, it->customer, it->signature));
    if (*reason == REASON(UNSPECIFIED))
        EVH_TRY(note_report(e, round, &place, it, it->verdict));
done:
    evh_wire_free(&place.stored);
    return status;
}

/* The stored answer of a job that was evaluated before; *known says whether there is one. */
static evh_status repeat_job(evaluation *e, bool *known)
{
    Evenhand__V1__StoredJob *job = NULL;
    evh_status status = evh_ok();
    EVH_TRY(evh_record_get(e->self->store, EVH_STORE_JOBS, evh_place_view(&e->place),
                           &evenhand__v1__stored_job__descriptor, &job));
    *known = job != NULL;
    if (!*known)
        goto done;
    EVH_REQUIRE(
        evh_view_equal(evh_wire_bytes(&job->request_hash), evh_view_of(e->hash, sizeof e->hash)),
        EVH_ERR_REFUSED, "the job was asked for with other reports before");
    EVH_TRY(evh_buffer_append(e->answer, evh_wire_bytes(&job->response)));
done:
    evh_wire_free(&job);
    return status;
}

/* Finds out which reports are worth verifying; what it writes is undone. */
static evh_status look(evaluation *e, bool *known)
{
    evh_status status = evh_ok();
    evh_round_clear(&e->round);
    EVH_TRY(evh_store_begin(e->self->store));
    EVH_TRY(evh_round_load(e->self, &e->round, e->task_id));
    EVH_TRY(repeat_job(e, known));
    if (*known)
        goto done;
    EVH_TRY(evh_round_require(&e->round, EVENHAND__V1__ROUND_STATE__ROUND_STATE_OPEN));
    for (size_t i = 0; i < e->count; i++) {
        e->items[i].verdict = REASON(UNSPECIFIED);
        EVH_TRY(admit(e, &e->round, &e->items[i].admitted, &e->items[i]));
    }
done:
    evh_store_rollback(e->self->store);
    return status;
}

/* ---- outside of any transaction: the VDAF ---- */

/* What is needed for every report of a job. */
typedef struct verifier {
    const evh_round *round;
    const evh_round_keys *keys;
    evh_prio3_workspace *workspace;
    uint8_t *output_share, *accumulator;
} verifier;

/* Opens the share and takes the VDAF's part. */
static evh_status verify(verifier *v, Evenhand__V1__RejectReason *reason, const item *it)
{
    const evh_report_header *header = &it->header;
    const Evenhand__V1__AggregateReport *report = it->report;
    evh_buffer share = evh_buffer_init(EVH_REPORT_BYTES_MAX);
    evh_seal_verdict opened = EVH_SEAL_REJECTED;
    uint8_t ctx[EVH_TASK_CTX_LEN];
    uint8_t hash[EVH_SHA256_LEN];
    evh_prio3_task task = {.ctx = evh_view_of(ctx, sizeof ctx),
                           .verify_key = v->keys->verify_key.bytes};
    evh_prio3_report input = {.nonce = header->report_id,
                              .public_share = evh_wire_bytes(&report->public_share)};
    evh_ping_pong_helper_out out = {
        .output_share = v->output_share, .outbound = it->final, .verdict = EVH_PRIO3_REJECTED};
    evh_status status = evh_ok();
    *reason = REASON(ENCODING);
    EVH_TRY(evh_sha256(hash, input.public_share));
    if (memcmp(hash, header->public_share_hash, sizeof hash) != 0)
        goto done;
    *reason = REASON(SEALED_SHARE);
    EVH_TRY(evh_report_open(&share, &opened, header, EVH_ROLE_HELPER, v->keys->ring,
                            evh_wire_bytes(&report->helper_share)));
    if (opened != EVH_SEAL_ACCEPTED)
        goto done;
    *reason = REASON(ENCODING);
    evh_task_ctx(ctx, &v->round->task);
    input.input_share = evh_buffer_view(&share);
    EVH_TRY(evh_ping_pong_helper(v->round->prio3, v->workspace, &out, &task, &input,
                                 evh_wire_bytes(&report->initial)));
    *reason = REASON(PROOF);
    if (out.verdict != EVH_PRIO3_ACCEPTED)
        goto done;
    EVH_TRY(evh_prio3_aggregate_add(
        v->round->prio3, v->accumulator,
        evh_view_of(v->output_share, evh_prio3_sizes_of(v->round->prio3)->output_share)));
    *reason = REASON(UNSPECIFIED);
done:
    evh_buffer_clear(&share);
    return evh_report_is_malformed(status.code) ? evh_ok() : status;
}

static evh_status verify_items(evaluation *e)
{
    const evh_prio3_sizes *sizes = evh_prio3_sizes_of(e->round.prio3);
    verifier v = {.round = &e->round, .accumulator = e->accumulator};
    evh_status status = evh_ok();
    EVH_TRY(evh_round_hold_keys(e->self, &e->round, &v.keys));
    EVH_TRY(evh_prio3_workspace_new(&v.workspace, e->round.prio3));
    EVH_TRY(evh_alloc(&v.output_share, sizes->output_share, 1, "output share"));
    evh_prio3_aggregate_init(e->round.prio3, e->accumulator);
    for (size_t i = 0; i < e->count; i++) {
        item *it = &e->items[i];
        it->verdict = it->admitted;
        it->final = e->finals + i * e->final_len;
        if (it->admitted == REASON(UNSPECIFIED))
            EVH_TRY(verify(&v, &it->verdict, it));
    }
done:
    evh_cache_release_keys(e->self->cache, &v.keys);
    evh_prio3_workspace_free(&v.workspace);
    if (v.output_share != NULL)
        evh_wipe(v.output_share, sizes->output_share);
    free(v.output_share);
    return status;
}

/* ---- in a transaction: verdicts and answer, at once ---- */

static void write_item(const evaluation *e, const item *it, Evenhand__V1__AggregateAnswer *answer,
                       Evenhand__V1__StoredJob__JobReport *report)
{
    evenhand__v1__aggregate_answer__init(answer);
    evenhand__v1__stored_job__job_report__init(report);
    answer->rejected = it->verdict;
    if (it->verdict == REASON(UNSPECIFIED))
        evh_wire_set_bytes(&answer->final, evh_view_of(it->final, e->final_len));
    if (!it->readable)
        return;
    /* protobuf-c only reads what it packs, but its type is not const. */
    report->customer = (char *)e->names.data + (it->customer - (const char *)e->names.data);
    evh_wire_set_bytes(&report->hash, evh_view_of(it->header.hash, sizeof it->header.hash));
    report->accepted = it->verdict == REASON(UNSPECIFIED);
}

static evh_status keep_job(evaluation *e)
{
    Evenhand__V1__AggregateResponse message;
    Evenhand__V1__StoredJob record;
    evenhand__v1__aggregate_response__init(&message);
    evenhand__v1__stored_job__init(&record);
    Evenhand__V1__AggregateAnswer *answers = NULL;
    Evenhand__V1__StoredJob__JobReport *reports = NULL;
    evh_status status = evh_ok();
    EVH_TRY(evh_alloc(&answers, e->count, sizeof *answers, "answers"));
    EVH_TRY(evh_alloc(&reports, e->count, sizeof *reports, "job"));
    EVH_TRY(evh_alloc(&message.answers, e->count, sizeof *message.answers, "answers"));
    EVH_TRY(evh_alloc(&record.reports, e->count, sizeof *record.reports, "job"));
    for (size_t i = 0; i < e->count; i++) {
        write_item(e, &e->items[i], &answers[i], &reports[i]);
        message.answers[i] = &answers[i];
        record.reports[i] = &reports[i];
    }
    message.n_answers = e->count;
    EVH_TRY(evh_wire_pack(e->answer, &message.base));
    evh_wire_set_bytes(&record.request_hash, evh_view_of(e->hash, sizeof e->hash));
    evh_wire_set_bytes(&record.response, evh_buffer_view(e->answer));
    record.answered = true;
    evh_wire_set_bytes(&record.accumulator, evh_view_of(e->accumulator, e->accumulator_len));
    record.n_reports = e->count;
    EVH_TRY(
        evh_record_put(e->self->store, EVH_STORE_JOBS, evh_place_view(&e->place), &record.base));
done:
    free(answers);
    free(reports);
    free(message.answers);
    free(record.reports);
    return status;
}

/* Admits again, this time for good; *same is false, and nothing is kept, when something has happened
 * since the look that changes who is admitted. */
static evh_status keep(evaluation *e, bool *known, bool *same)
{
    evh_round round = {.stored = NULL};
    evh_status status = evh_ok();
    *same = true;
    EVH_TRY(evh_store_begin(e->self->store));
    EVH_TRY(evh_round_load(e->self, &round, e->task_id));
    EVH_TRY(repeat_job(e, known));
    if (*known)
        goto done;
    EVH_TRY(evh_round_require(&round, EVENHAND__V1__ROUND_STATE__ROUND_STATE_OPEN));
    for (size_t i = 0; i < e->count && *same; i++) {
        Evenhand__V1__RejectReason admitted = REASON(UNSPECIFIED);
        EVH_TRY(admit(e, &round, &admitted, &e->items[i]));
        *same = admitted == e->items[i].admitted;
    }
    if (!*same)
        goto done;
    EVH_TRY(keep_job(e));
    EVH_TRY(evh_round_save(e->self, e->task_id, round.stored));
    EVH_COMMIT(e->self->store, "helper-aggregate");
done:
    evh_store_rollback(e->self->store);
    evh_round_clear(&round);
    return status;
}

/* Two jobs at once are only in each other's way when they hold the same customers. */
static evh_status evaluate(evaluation *e)
{
    bool known = false;
    bool same = false;
    evh_status status = evh_ok();
    EVH_TRY(read_items(e));
    for (size_t i = 0; i < ATTEMPTS_MAX && !same; i++) {
        EVH_TRY(look(e, &known));
        if (known)
            goto done;
        if (e->accumulator == NULL) {
            e->final_len = evh_ping_pong_final_len(e->round.prio3);
            e->accumulator_len = evh_prio3_sizes_of(e->round.prio3)->aggregate_share;
            EVH_TRY(evh_alloc(&e->accumulator, e->accumulator_len, 1, "aggregate share"));
            EVH_TRY(evh_alloc(&e->finals, e->count, e->final_len, "answers"));
        }
        EVH_TRY(verify_items(e));
        EVH_TRY(keep(e, &known, &same));
    }
    EVH_REQUIRE(same, EVH_ERR_UNAVAILABLE, "other jobs hold the same reports");
done:
    return status;
}

evh_status evh_helper_aggregate(const evh_aggregator *self, const evh_caller *caller,
                                evh_view request_bytes, evh_buffer *response)
{
    Evenhand__V1__AggregateRequest *request = NULL;
    evh_buffer answer = evh_buffer_init(EVH_MESSAGE_BYTES_MAX);
    evaluation e = {.self = self,
                    .names = evh_buffer_init((size_t)EVH_JOB_REPORTS_MAX * EVH_VKEY_BYTES_MAX),
                    .answer = &answer};
    evh_status status = evh_ok();
    EVH_TRY(evh_require_role(caller, EVH_ROLE_LEADER));
    EVH_TRY(evh_wire_unpack(&request, &evenhand__v1__aggregate_request__descriptor, request_bytes,
                            "request"));
    e.request = request;
    EVH_TRY(evh_task_id_of(&request->task_id, &e.task_id));
    EVH_REQUIRE(request->job_id.len == EVH_JOB_ID_LEN && request->n_reports >= 1 &&
                    request->n_reports <= EVH_JOB_REPORTS_MAX,
                EVH_ERR_LENGTH, "a job of %zu reports", request->n_reports);
    EVH_TRY(evh_sha256(e.hash, request_bytes));
    EVH_TRY(evh_place_make(&e.place, evh_view_of(e.task_id, EVH_TASK_ID_LEN), -1,
                           evh_wire_bytes(&request->job_id)));
    EVH_TRY(evaluate(&e));
    EVH_TRY(evh_buffer_append(response, evh_buffer_view(&answer)));
done:
    evaluation_clear(&e);
    evh_wire_free(&request);
    evh_buffer_clear(&answer);
    return status;
}
