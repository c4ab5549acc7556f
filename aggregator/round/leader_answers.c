/* SPDX-License-Identifier: Apache-2.0
 * What the helper's answers to a job mean. The whole job counts or none of it: an answer that
 * cannot be right drops it. */
#include <stdlib.h>
#include <string.h>

#include "evenhand/aggregator/leader.h"
#include "evenhand/base/sizes.h"
#include "evenhand/seal/hash.h"
#include "evenhand/vdaf/ping_pong.h"
#include "round_internal.h"

#define REASON(name) EVENHAND__V1__REJECT_REASON__REJECT_REASON_##name
#define REPORT_STATE(name) EVENHAND__V1__REPORT_STATE__REPORT_STATE_##name

/* Finishes one report that the helper has accepted; *fits is false when its message is wrong. */
static evh_status finish(const evh_round *round, bool *fits, uint8_t *output_share,
                         uint8_t *accumulator, Evenhand__V1__StoredJob__JobReport *report,
                         evh_view final)
{
    const evh_prio3_sizes *sizes = evh_prio3_sizes_of(round->prio3);
    evh_prio3_verdict verdict = EVH_PRIO3_REJECTED;
    evh_status status = evh_ok();
    *fits = false;
    EVH_REQUIRE(report->state.len == sizes->state, EVH_ERR_STORE, "a job's record is damaged");
    status = evh_ping_pong_leader_finish(round->prio3, output_share, &verdict, report->state.data,
                                         final);
    if (status.code != EVH_OK)
        return evh_report_is_malformed(status.code) ? evh_ok() : status;
    if (verdict != EVH_PRIO3_ACCEPTED)
        return evh_ok();
    EVH_TRY(evh_prio3_aggregate_add(round->prio3, accumulator,
                                    evh_view_of(output_share, sizes->output_share)));
    *fits = true;
    report->accepted = true;
done:
    return status;
}

static evh_status finish_all(const evh_round *round, Evenhand__V1__StoredJob *job,
                             const Evenhand__V1__AggregateResponse *response, uint8_t *accumulator)
{
    size_t len = evh_prio3_sizes_of(round->prio3)->output_share;
    uint8_t *output_share = NULL;
    bool fits = true;
    evh_status status = evh_ok();
    EVH_TRY(evh_alloc(&output_share, len, 1, "output share"));
    for (size_t i = 0; fits && i < job->n_reports; i++)
        if (response->answers[i]->rejected == REASON(UNSPECIFIED))
            EVH_TRY(finish(round, &fits, output_share, accumulator, job->reports[i],
                           evh_wire_bytes(&response->answers[i]->final)));
    job->dropped = !fits;
done:
    if (output_share != NULL)
        evh_wipe(output_share, len);
    free(output_share);
    return status;
}

static evh_status note_verdicts(const evh_aggregator *self, evh_round *round,
                                const Evenhand__V1__StoredJob *job,
                                const Evenhand__V1__AggregateResponse *response)
{
    evh_status status = evh_ok();
    for (size_t i = 0; i < job->n_reports; i++) {
        Evenhand__V1__RejectReason reason = response->answers[i]->rejected;
        if (reason == REASON(UNSPECIFIED) && job->dropped)
            reason = REASON(DROPPED);
        EVH_TRY(evh_report_set(self, round, job->reports[i]->customer,
                               reason == REASON(UNSPECIFIED) ? REPORT_STATE(ACCEPTED)
                                                             : REPORT_STATE(REJECTED),
                               reason));
    }
done:
    return status;
}

static evh_status keep_answered(const evh_aggregator *self, const evh_place *place,
                                const Evenhand__V1__StoredJob *job, evh_view accumulator)
{
    Evenhand__V1__StoredJob changed = *job;
    for (size_t i = 0; i < job->n_reports; i++) {
        evh_wipe(job->reports[i]->state.data, job->reports[i]->state.len);
        job->reports[i]->state.len = 0;
    }
    changed.answered = true;
    evh_wire_set_bytes(&changed.request, evh_view_of(NULL, 0));
    evh_wire_set_bytes(&changed.accumulator, accumulator);
    return evh_record_put(self->store, EVH_STORE_JOBS, evh_place_view(place), &changed.base);
}

/* An answer on its way: read with its job, worked out while the store is free, written. */
typedef struct answering {
    const evh_aggregator *self;
    const uint8_t *task_id;
    const uint8_t *request_hash;
    evh_place place;
    evh_round round;
    Evenhand__V1__StoredJob *job;
    uint8_t *accumulator;
    size_t accumulator_len;
} answering;

/* In a transaction. */
static evh_status read_job(answering *a)
{
    evh_status status = evh_ok();
    evh_round_clear(&a->round);
    EVH_TRY(evh_round_load(a->self, &a->round, a->task_id));
    EVH_TRY(evh_record_get(a->self->store, EVH_STORE_JOBS, evh_place_view(&a->place),
                           &evenhand__v1__stored_job__descriptor, &a->job));
    EVH_REQUIRE(a->job != NULL && evh_view_equal(evh_wire_bytes(&a->job->request_hash),
                                                 evh_view_of(a->request_hash, EVH_SHA256_LEN)),
                EVH_ERR_REFUSED, "an answer to a job that was not asked for");
done:
    return status;
}

static evh_status work_out(answering *a, const Evenhand__V1__AggregateResponse *response)
{
    evh_status status = evh_ok();
    EVH_REQUIRE(response->n_answers == a->job->n_reports, EVH_ERR_REFUSED,
                "%zu answers to a job of %zu reports", response->n_answers, a->job->n_reports);
    a->accumulator_len = evh_prio3_sizes_of(a->round.prio3)->aggregate_share;
    EVH_TRY(evh_alloc(&a->accumulator, a->accumulator_len, 1, "aggregate share"));
    evh_prio3_aggregate_init(a->round.prio3, a->accumulator);
    EVH_TRY(finish_all(&a->round, a->job, response, a->accumulator));
done:
    return status;
}

/* In a transaction: unless another thread has taken the same answer meanwhile. */
static evh_status write_answer(answering *a, const Evenhand__V1__AggregateResponse *response)
{
    Evenhand__V1__StoredJob *worked_out = a->job;
    evh_status status = evh_ok();
    a->job = NULL;
    EVH_TRY(read_job(a));
    if (a->job->answered)
        goto done;
    EVH_TRY(note_verdicts(a->self, &a->round, worked_out, response));
    EVH_TRY(keep_answered(a->self, &a->place, worked_out,
                          evh_view_of(a->accumulator, a->accumulator_len)));
    a->round.stored->open_job.len = 0;
    EVH_TRY(evh_round_save(a->self, a->task_id, a->round.stored));
done:
    evh_wire_free(&worked_out);
    return status;
}

static evh_status take(answering *a, const Evenhand__V1__AggregateResponse *response)
{
    evh_status status = evh_ok();
    EVH_TRY(evh_store_begin(a->self->store));
    EVH_TRY(read_job(a));
    evh_store_rollback(a->self->store);
    if (a->job->answered)
        goto done;
    EVH_TRY(work_out(a, response));
    EVH_TRY(evh_store_begin(a->self->store));
    EVH_TRY(write_answer(a, response));
    EVH_COMMIT(a->self->store, "leader-answers");
done:
    evh_store_rollback(a->self->store);
    return status;
}

static void answering_clear(answering *a)
{
    if (a->accumulator != NULL)
        evh_wipe(a->accumulator, a->accumulator_len);
    free(a->accumulator);
    evh_wire_free(&a->job);
    evh_round_clear(&a->round);
}

evh_status evh_leader_take_answers(const evh_aggregator *self, evh_view request_bytes,
                                   evh_view response_bytes)
{
    Evenhand__V1__AggregateRequest *request = NULL;
    Evenhand__V1__AggregateResponse *response = NULL;
    uint8_t hash[EVH_SHA256_LEN];
    answering a = {.self = self, .request_hash = hash};
    evh_status status = evh_ok();
    EVH_TRY(evh_wire_unpack(&request, &evenhand__v1__aggregate_request__descriptor, request_bytes,
                            "request"));
    EVH_TRY(evh_wire_unpack(&response, &evenhand__v1__aggregate_response__descriptor,
                            response_bytes, "response"));
    EVH_TRY(evh_sha256(hash, request_bytes));
    EVH_TRY(evh_task_id_of(&request->task_id, &a.task_id));
    EVH_TRY(evh_place_make(&a.place, evh_view_of(a.task_id, EVH_TASK_ID_LEN), -1,
                           evh_wire_bytes(&request->job_id)));
    EVH_TRY(take(&a, response));
done:
    answering_clear(&a);
    evh_wire_free(&request);
    evh_wire_free(&response);
    return status;
}
