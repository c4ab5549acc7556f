/* SPDX-License-Identifier: Apache-2.0
 * The leader's part of aggregation. A job is stored with the states of its reports before it is
 * sent: after a restart the very same request goes out, and its answer fits. */
#include <stdlib.h>
#include <string.h>

#include "evenhand/aggregator/leader.h"
#include "evenhand/base/limits.h"
#include "evenhand/base/sizes.h"
#include "evenhand/seal/hash.h"
#include "evenhand/vdaf/ping_pong.h"
#include "round_internal.h"

#define REASON(name) EVENHAND__V1__REJECT_REASON__REJECT_REASON_##name
#define REPORT_STATE(name) EVENHAND__V1__REPORT_STATE__REPORT_STATE_##name

/* ---- which reports ---- */

typedef struct search {
    evh_buffer names; /* of customers whose reports wait, each with a NUL */
    size_t count, most;
    evh_buffer request; /* of a job that waits for its answer */
} search;

static evh_status find_waiting(void *context, evh_view key, evh_view value, bool *stop)
{
    search *s = context;
    evh_status status = evh_ok();
    (void)value;
    EVH_TRY(evh_buffer_append(
        &s->names, evh_view_of(key.data + EVH_TASK_ID_LEN + 1, key.len - EVH_TASK_ID_LEN - 1)));
    EVH_TRY(evh_buffer_u8(&s->names, 0));
    s->count++;
done:
    *stop = s->count == s->most;
    return status;
}

/* The request of the job that waits for its answer, if there is one. */
static evh_status repeat_job(const evh_aggregator *self, evh_buffer *request,
                             const evh_round *round)
{
    Evenhand__V1__StoredJob *job = NULL;
    evh_place place;
    evh_status status = evh_ok();
    if (round->stored->open_job.len == 0)
        goto done;
    EVH_TRY(evh_place_make(&place, evh_view_of(round->task.id, EVH_TASK_ID_LEN), -1,
                           evh_wire_bytes(&round->stored->open_job)));
    EVH_TRY(evh_record_get(self->store, EVH_STORE_JOBS, evh_place_view(&place),
                           &evenhand__v1__stored_job__descriptor, &job));
    EVH_REQUIRE(job != NULL && !job->answered, EVH_ERR_STORE, "a job's record is missing");
    EVH_TRY(evh_buffer_append(request, evh_wire_bytes(&job->request)));
done:
    evh_wire_free(&job);
    return status;
}

/* ---- making a job ---- */

typedef struct job_item {
    evh_buffer bytes; /* the report */
    evh_buffer state, initial;
    Evenhand__V1__AggregateReport report;
    Evenhand__V1__StoredJob__JobReport stored;
} job_item;

typedef struct job_maker {
    const evh_aggregator *self;
    const evh_round *round;
    evh_key_ring *ring;
    evh_seed32 verify_key;
    evh_prio3_workspace *workspace;
    uint8_t id[EVH_JOB_ID_LEN];
    job_item *items;
    Evenhand__V1__AggregateReport **reports;
    Evenhand__V1__StoredJob__JobReport **stored;
    size_t count;
} job_maker;

static void job_maker_clear(job_maker *m)
{
    for (size_t i = 0; m->items != NULL && i < m->count; i++) {
        evh_buffer_clear(&m->items[i].bytes);
        evh_buffer_clear(&m->items[i].state);
        evh_buffer_clear(&m->items[i].initial);
    }
    evh_wipe(&m->verify_key, sizeof m->verify_key);
    evh_key_ring_free(&m->ring);
    evh_prio3_workspace_free(&m->workspace);
    free(m->items);
    free(m->reports);
    free(m->stored);
}

/* Opens the leader's share and takes the first step of the VDAF. */
static evh_status prepare(job_maker *m, Evenhand__V1__RejectReason *reason, job_item *item,
                          const evh_report *report)
{
    evh_buffer share = evh_buffer_init(EVH_REPORT_BYTES_MAX);
    evh_seal_verdict opened = EVH_SEAL_REJECTED;
    uint8_t ctx[EVH_TASK_CTX_LEN];
    uint8_t *state = NULL;
    uint8_t *initial = NULL;
    evh_prio3_task task = {.ctx = evh_view_of(ctx, sizeof ctx), .verify_key = m->verify_key.bytes};
    evh_prio3_report input = {.nonce = report->header.report_id,
                              .public_share = report->public_share};
    evh_status status = evh_ok();
    EVH_TRY(evh_buffer_extend(&item->state, item->state.ceiling, &state));
    EVH_TRY(evh_buffer_extend(&item->initial, item->initial.ceiling, &initial));
    *reason = REASON(SEALED_SHARE);
    EVH_TRY(evh_report_open(&share, &opened, &report->header, EVH_ROLE_LEADER, m->ring,
                            report->leader_share));
    if (opened != EVH_SEAL_ACCEPTED)
        goto done;
    *reason = REASON(ENCODING);
    evh_task_ctx(ctx, &m->round->task);
    input.input_share = evh_buffer_view(&share);
    EVH_TRY(
        evh_ping_pong_leader_init(m->round->prio3, m->workspace, state, initial, &task, &input));
    *reason = REASON(UNSPECIFIED);
done:
    evh_buffer_clear(&share);
    return evh_report_is_malformed(status.code) ? evh_ok() : status;
}

static evh_status note_in_job(const job_maker *m, const evh_report_status *place,
                              Evenhand__V1__RejectReason reason)
{
    Evenhand__V1__StoredReport changed = *place->stored;
    evh_wire_set_bytes(&changed.job_id, evh_view_of(m->id, sizeof m->id));
    evh_status status = evh_ok();
    changed.reason = reason;
    if (reason != REASON(UNSPECIFIED))
        changed.state = REPORT_STATE(REJECTED);
    evh_report_count(m->round->stored, place->stored->state, changed.state);
    EVH_TRY(evh_record_put(m->self->store, EVH_STORE_REPORTS, evh_place_view(&place->key),
                           &changed.base));
    EVH_TRY(
        evh_store_delete(m->self->store, EVH_STORE_REPORTS, evh_place_view(&place->waiting_key)));
done:
    return status;
}

/* Adds a customer's report to the job, unless it shows here already that it is worth nothing. */
static evh_status add_report(job_maker *m, char *customer)
{
    const evh_prio3 *prio3 = m->round->prio3;
    evh_report_status place = {.stored = NULL};
    job_item *item = &m->items[m->count];
    Evenhand__V1__RejectReason reason = REASON(UNSPECIFIED);
    evh_report report;
    bool found = false;
    evh_status status = evh_ok();
    item->bytes = evh_buffer_init(EVH_REPORT_BYTES_MAX);
    item->state = evh_buffer_init(evh_prio3_sizes_of(prio3)->state);
    item->initial = evh_buffer_init(evh_ping_pong_initial_len(prio3));
    m->count++;
    EVH_TRY(evh_report_find(m->self, &place, m->round->task.id, customer));
    EVH_TRY(evh_store_get(m->self->store, EVH_STORE_REPORTS, evh_place_view(&place.body_key),
                          &item->bytes, &found));
    EVH_REQUIRE(found && place.stored != NULL, EVH_ERR_STORE, "a report's bytes are missing");
    EVH_TRY(evh_report_read(&report, evh_buffer_view(&item->bytes)));
    EVH_TRY(prepare(m, &reason, item, &report));
    EVH_TRY(note_in_job(m, &place, reason));
    if (reason != REASON(UNSPECIFIED)) {
        m->count--;
        evh_buffer_clear(&item->bytes);
        evh_buffer_clear(&item->state);
        evh_buffer_clear(&item->initial);
        goto done;
    }
    evenhand__v1__aggregate_report__init(&item->report);
    evenhand__v1__stored_job__job_report__init(&item->stored);
    evh_wire_set_bytes(&item->report.header, report.header_bytes);
    evh_wire_set_bytes(&item->report.signature, report.signature);
    evh_wire_set_bytes(&item->report.public_share, report.public_share);
    evh_wire_set_bytes(&item->report.helper_share, report.helper_share);
    evh_wire_set_bytes(&item->report.initial, evh_buffer_view(&item->initial));
    item->stored.customer = customer;
    /* The header's bytes outlive the loop, its hash is taken again when the job is stored. */
    evh_wire_set_bytes(&item->stored.state, evh_buffer_view(&item->state));
    m->reports[m->count - 1] = &item->report;
    m->stored[m->count - 1] = &item->stored;
done:
    evh_wire_free(&place.stored);
    return status;
}

static evh_status keep_job(job_maker *m, evh_buffer *request)
{
    Evenhand__V1__AggregateRequest message;
    Evenhand__V1__StoredJob record;
    evenhand__v1__aggregate_request__init(&message);
    evenhand__v1__stored_job__init(&record);
    evh_buffer hashes = evh_buffer_init(m->count * EVH_SHA256_LEN + 1);
    uint8_t *hash = NULL;
    uint8_t request_hash[EVH_SHA256_LEN];
    evh_place place;
    evh_status status = evh_ok();
    EVH_TRY(evh_buffer_extend(&hashes, m->count * EVH_SHA256_LEN, &hash));
    for (size_t i = 0; i < m->count; i++, hash += EVH_SHA256_LEN) {
        EVH_TRY(evh_sha256(hash, evh_wire_bytes(&m->reports[i]->header)));
        evh_wire_set_bytes(&m->stored[i]->hash, evh_view_of(hash, EVH_SHA256_LEN));
    }
    evh_wire_set_bytes(&message.task_id, evh_view_of(m->round->task.id, EVH_TASK_ID_LEN));
    evh_wire_set_bytes(&message.job_id, evh_view_of(m->id, sizeof m->id));
    message.reports = m->reports;
    message.n_reports = m->count;
    EVH_TRY(evh_wire_pack(request, &message.base));
    EVH_TRY(evh_sha256(request_hash, evh_buffer_view(request)));
    evh_wire_set_bytes(&record.request_hash, evh_view_of(request_hash, sizeof request_hash));
    evh_wire_set_bytes(&record.request, evh_buffer_view(request));
    record.reports = m->stored;
    record.n_reports = m->count;
    EVH_TRY(evh_place_make(&place, evh_view_of(m->round->task.id, EVH_TASK_ID_LEN), -1,
                           evh_view_of(m->id, sizeof m->id)));
    EVH_TRY(evh_record_put(m->self->store, EVH_STORE_JOBS, evh_place_view(&place), &record.base));
done:
    evh_buffer_clear(&hashes);
    return status;
}

static evh_status make_job(const evh_aggregator *self, evh_buffer *request, const evh_round *round,
                           search *waiting)
{
    job_maker m = {.self = self, .round = round};
    Evenhand__V1__StoredRound open = *round->stored;
    char *name = (char *)waiting->names.data;
    evh_status status = evh_ok();
    EVH_TRY(evh_round_open_keys(self, round, &m.ring, &m.verify_key));
    EVH_TRY(evh_prio3_workspace_new(&m.workspace, round->prio3));
    EVH_TRY(evh_rng_fill(&self->rng, m.id, sizeof m.id));
    EVH_TRY(evh_alloc(&m.items, waiting->count, sizeof *m.items, "job"));
    EVH_TRY(evh_alloc(&m.reports, waiting->count, sizeof *m.reports, "job"));
    EVH_TRY(evh_alloc(&m.stored, waiting->count, sizeof *m.stored, "job"));
    for (size_t i = 0; i < waiting->count; i++, name += strlen(name) + 1)
        EVH_TRY(add_report(&m, name));
    if (m.count > 0) {
        EVH_TRY(keep_job(&m, request));
        evh_wire_set_bytes(&open.open_job, evh_view_of(m.id, sizeof m.id));
    }
    /* Counters have changed meanwhile. */
    open.rejected = round->stored->rejected;
    EVH_TRY(evh_round_save(self, round->task.id, &open));
done:
    job_maker_clear(&m);
    return status;
}

evh_status evh_leader_next_job(const evh_aggregator *self, evh_buffer *request,
                               const uint8_t *task_id, size_t most)
{
    search s = {.names = evh_buffer_init((size_t)EVH_JOB_REPORTS_MAX * EVH_VKEY_BYTES_MAX),
                .most = most < EVH_JOB_REPORTS_MAX ? most : EVH_JOB_REPORTS_MAX,
                .request = evh_buffer_init(EVH_MESSAGE_BYTES_MAX)};
    evh_round round = {.stored = NULL};
    evh_place reports;
    evh_view task = evh_view_of(task_id, EVH_TASK_ID_LEN);
    evh_status status = evh_ok();
    EVH_REQUIRE(most >= 1, EVH_ERR_ARG, "a job of no reports");
    EVH_TRY(evh_store_begin(self->store));
    EVH_TRY(evh_round_load(self, &round, task_id));
    EVH_TRY(evh_round_require_running(&round));
    EVH_TRY(repeat_job(self, &s.request, &round));
    EVH_TRY(evh_place_make(&reports, task, EVH_PART_WAITING, evh_view_of(NULL, 0)));
    /* Again when every report that was found turned out to be worth nothing. */
    for (bool more = s.request.len == 0; more; more = s.count > 0 && s.request.len == 0) {
        evh_buffer_clear(&s.names);
        s.count = 0;
        EVH_TRY(evh_store_scan(self->store, EVH_STORE_REPORTS, evh_place_view(&reports),
                               find_waiting, &s));
        if (s.count > 0)
            EVH_TRY(make_job(self, &s.request, &round, &s));
    }
    EVH_TRY(evh_store_commit(self->store));
    EVH_TRY(evh_buffer_append(request, evh_buffer_view(&s.request)));
done:
    evh_store_rollback(self->store);
    evh_round_clear(&round);
    evh_buffer_clear(&s.names);
    evh_buffer_clear(&s.request);
    return status;
}
