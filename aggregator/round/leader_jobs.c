/* SPDX-License-Identifier: Apache-2.0
 * The leader's part of aggregation. Shares are opened and prepared while the store is free for
 * others; a job is stored with the states of its reports before it is
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

/* ---- one report ---- */

typedef struct job_item {
    const char *customer; /* borrowed from the names */
    evh_buffer bytes;     /* the report */
    evh_report report;    /* borrows from bytes */
    Evenhand__V1__RejectReason reason;
    evh_buffer state, initial;
    Evenhand__V1__AggregateReport sent;
    Evenhand__V1__StoredJob__JobReport stored;
} job_item;

/* A job in the making. */
typedef struct job_maker {
    const evh_aggregator *self;
    const uint8_t *task_id;
    evh_round round; /* as it was when the reports were read */
    size_t most;
    evh_buffer names; /* of customers whose reports wait, each with a NUL */
    job_item *items;  /* [count] */
    size_t count;
    uint8_t id[EVH_JOB_ID_LEN];
    evh_buffer request;
} job_maker;

static void job_maker_clear(job_maker *m)
{
    for (size_t i = 0; m->items != NULL && i < m->count; i++) {
        evh_buffer_clear(&m->items[i].bytes);
        evh_buffer_clear(&m->items[i].state);
        evh_buffer_clear(&m->items[i].initial);
    }
    free(m->items);
    m->items = NULL;
    m->count = 0;
    evh_buffer_clear(&m->names);
    evh_round_clear(&m->round);
}

/* ---- in a transaction: which reports ---- */

static evh_status find_waiting(void *context, evh_view key, evh_view value, bool *stop)
{
    job_maker *m = context;
    evh_status status = evh_ok();
    (void)value;
    EVH_TRY(evh_buffer_append(
        &m->names, evh_view_of(key.data + EVH_TASK_ID_LEN + 1, key.len - EVH_TASK_ID_LEN - 1)));
    EVH_TRY(evh_buffer_u8(&m->names, 0));
    m->count++;
done:
    *stop = m->count == m->most;
    return status;
}

/* The request of the job that waits for its answer, if there is one. */
static evh_status repeat_job(job_maker *m, const evh_round *round)
{
    Evenhand__V1__StoredJob *job = NULL;
    evh_place place;
    evh_status status = evh_ok();
    if (round->stored->open_job.len == 0)
        goto done;
    EVH_TRY(evh_place_make(&place, evh_view_of(m->task_id, EVH_TASK_ID_LEN), -1,
                           evh_wire_bytes(&round->stored->open_job)));
    EVH_TRY(evh_record_get(m->self->store, EVH_STORE_JOBS, evh_place_view(&place),
                           &evenhand__v1__stored_job__descriptor, &job));
    EVH_REQUIRE(job != NULL && !job->answered, EVH_ERR_STORE, "a job's record is missing");
    EVH_TRY(evh_buffer_append(&m->request, evh_wire_bytes(&job->request)));
done:
    evh_wire_free(&job);
    return status;
}

static evh_status read_report(job_maker *m, job_item *item)
{
    const evh_prio3 *prio3 = m->round.prio3;
    evh_report_status place = {.stored = NULL};
    bool found = false;
    evh_status status = evh_ok();
    item->bytes = evh_buffer_init(EVH_REPORT_BYTES_MAX);
    item->state = evh_buffer_init(evh_prio3_sizes_of(prio3)->state);
    item->initial = evh_buffer_init(evh_ping_pong_initial_len(prio3));
    EVH_TRY(evh_report_find(m->self, &place, m->task_id, item->customer));
    EVH_TRY(evh_store_get(m->self->store, EVH_STORE_REPORTS, evh_place_view(&place.body_key),
                          &item->bytes, &found));
    EVH_REQUIRE(found && place.stored != NULL, EVH_ERR_STORE, "a report's bytes are missing");
done:
    evh_wire_free(&place.stored);
    return status;
}

static evh_status find_work(job_maker *m)
{
    evh_view task = evh_view_of(m->task_id, EVH_TASK_ID_LEN);
    evh_place waiting;
    const char *name = NULL;
    evh_status status = evh_ok();
    EVH_TRY(evh_store_begin(m->self->store));
    EVH_TRY(evh_round_load(m->self, &m->round, m->task_id));
    EVH_TRY(evh_round_require_running(&m->round));
    EVH_TRY(repeat_job(m, &m->round));
    if (m->request.len > 0)
        goto done;
    EVH_TRY(evh_place_make(&waiting, task, EVH_PART_WAITING, evh_view_of(NULL, 0)));
    EVH_TRY(evh_store_scan(m->self->store, EVH_STORE_REPORTS, evh_place_view(&waiting),
                           find_waiting, m));
    EVH_TRY(evh_alloc(&m->items, m->count, sizeof *m->items, "job"));
    name = (const char *)m->names.data;
    for (size_t i = 0; i < m->count; i++, name += strlen(name) + 1) {
        m->items[i].customer = name;
        EVH_TRY(read_report(m, &m->items[i]));
    }
done:
    evh_store_rollback(m->self->store);
    return status;
}

/* ---- outside of any transaction: opening, and the first step of the VDAF ---- */

/* A report that shows here already that it is worth nothing gets its reason. */
static evh_status prepare(job_maker *m, job_item *item, const evh_round_keys *keys,
                          evh_prio3_workspace *workspace)
{
    evh_buffer share = evh_buffer_init(EVH_REPORT_BYTES_MAX);
    evh_seal_verdict opened = EVH_SEAL_REJECTED;
    uint8_t ctx[EVH_TASK_CTX_LEN];
    uint8_t *state = NULL;
    uint8_t *initial = NULL;
    evh_prio3_task task = {.ctx = evh_view_of(ctx, sizeof ctx),
                           .verify_key = keys->verify_key.bytes};
    const evh_report *report = &item->report;
    evh_prio3_report input = {.nonce = report->header.report_id};
    evh_status status = evh_ok();
    EVH_TRY(evh_buffer_extend(&item->state, item->state.ceiling, &state));
    EVH_TRY(evh_buffer_extend(&item->initial, item->initial.ceiling, &initial));
    item->reason = REASON(SEALED_SHARE);
    EVH_TRY(evh_report_read(&item->report, evh_buffer_view(&item->bytes)));
    EVH_TRY(evh_report_open(&share, &opened, &report->header, EVH_ROLE_LEADER, keys->ring,
                            report->leader_share));
    if (opened != EVH_SEAL_ACCEPTED)
        goto done;
    item->reason = REASON(ENCODING);
    evh_task_ctx(ctx, &m->round.task);
    input.public_share = report->public_share;
    input.input_share = evh_buffer_view(&share);
    EVH_TRY(evh_ping_pong_leader_init(m->round.prio3, workspace, state, initial, &task, &input));
    item->reason = REASON(UNSPECIFIED);
done:
    evh_buffer_clear(&share);
    return evh_report_is_malformed(status.code) ? evh_ok() : status;
}

static evh_status prepare_all(job_maker *m)
{
    const evh_round_keys *keys = NULL;
    evh_prio3_workspace *workspace = NULL;
    evh_status status = evh_ok();
    EVH_TRY(evh_round_hold_keys(m->self, &m->round, &keys));
    EVH_TRY(evh_prio3_workspace_new(&workspace, m->round.prio3));
    for (size_t i = 0; i < m->count; i++)
        EVH_TRY(prepare(m, &m->items[i], keys, workspace));
done:
    evh_cache_release_keys(m->self->cache, &keys);
    evh_prio3_workspace_free(&workspace);
    return status;
}

/* ---- in a transaction: the job ---- */

static evh_status note_in_job(const job_maker *m, evh_round *round, const job_item *item)
{
    evh_report_status place = {.stored = NULL};
    Evenhand__V1__StoredReport changed;
    evh_status status = evh_ok();
    EVH_TRY(evh_report_find(m->self, &place, m->task_id, item->customer));
    EVH_REQUIRE(place.stored != NULL && place.stored->state == REPORT_STATE(RECEIVED) &&
                    place.stored->job_id.len == 0,
                EVH_ERR_UNAVAILABLE, "another job has taken the report");
    changed = *place.stored;
    evh_wire_set_bytes(&changed.job_id, evh_view_of(m->id, sizeof m->id));
    changed.reason = item->reason;
    if (item->reason != REASON(UNSPECIFIED))
        changed.state = REPORT_STATE(REJECTED);
    evh_report_count(round->stored, place.stored->state, changed.state);
    EVH_TRY(evh_record_put(m->self->store, EVH_STORE_REPORTS, evh_place_view(&place.key),
                           &changed.base));
    EVH_TRY(
        evh_store_delete(m->self->store, EVH_STORE_REPORTS, evh_place_view(&place.waiting_key)));
done:
    evh_wire_free(&place.stored);
    return status;
}

/* protobuf-c only reads what it packs, but its types are not const. */
static char *borrow_name(const job_maker *m, const char *customer)
{
    return (char *)m->names.data + (customer - (const char *)m->names.data);
}

static void write_item(const job_maker *m, job_item *item)
{
    const evh_report *report = &item->report;
    evenhand__v1__aggregate_report__init(&item->sent);
    evenhand__v1__stored_job__job_report__init(&item->stored);
    evh_wire_set_bytes(&item->sent.header, report->header_bytes);
    evh_wire_set_bytes(&item->sent.signature, report->signature);
    evh_wire_set_bytes(&item->sent.public_share, report->public_share);
    evh_wire_set_bytes(&item->sent.helper_share, report->helper_share);
    evh_wire_set_bytes(&item->sent.initial, evh_buffer_view(&item->initial));
    item->stored.customer = borrow_name(m, item->customer);
    evh_wire_set_bytes(&item->stored.hash,
                       evh_view_of(report->header.hash, sizeof report->header.hash));
    evh_wire_set_bytes(&item->stored.state, evh_buffer_view(&item->state));
}

static evh_status keep_job(job_maker *m, Evenhand__V1__AggregateRequest *message,
                           Evenhand__V1__StoredJob *record)
{
    uint8_t request_hash[EVH_SHA256_LEN];
    evh_place place;
    evh_status status = evh_ok();
    evh_wire_set_bytes(&message->task_id, evh_view_of(m->task_id, EVH_TASK_ID_LEN));
    evh_wire_set_bytes(&message->job_id, evh_view_of(m->id, sizeof m->id));
    EVH_TRY(evh_wire_pack(&m->request, &message->base));
    EVH_TRY(evh_sha256(request_hash, evh_buffer_view(&m->request)));
    evh_wire_set_bytes(&record->request_hash, evh_view_of(request_hash, sizeof request_hash));
    evh_wire_set_bytes(&record->request, evh_buffer_view(&m->request));
    EVH_TRY(evh_place_make(&place, evh_view_of(m->task_id, EVH_TASK_ID_LEN), -1,
                           evh_view_of(m->id, sizeof m->id)));
    EVH_TRY(evh_record_put(m->self->store, EVH_STORE_JOBS, evh_place_view(&place), &record->base));
done:
    return status;
}

/* The job of the reports that are worth it, if there is any. */
static evh_status pack_job(job_maker *m)
{
    Evenhand__V1__AggregateRequest message;
    Evenhand__V1__StoredJob record;
    evenhand__v1__aggregate_request__init(&message);
    evenhand__v1__stored_job__init(&record);
    evh_status status = evh_ok();
    EVH_TRY(evh_alloc(&message.reports, m->count, sizeof *message.reports, "job"));
    EVH_TRY(evh_alloc(&record.reports, m->count, sizeof *record.reports, "job"));
    for (size_t i = 0; i < m->count; i++) {
        if (m->items[i].reason != REASON(UNSPECIFIED))
            continue;
        write_item(m, &m->items[i]);
        message.reports[message.n_reports++] = &m->items[i].sent;
        record.reports[record.n_reports++] = &m->items[i].stored;
    }
    if (message.n_reports > 0)
        EVH_TRY(keep_job(m, &message, &record));
done:
    free(message.reports);
    free(record.reports);
    return status;
}

static evh_status store_job(job_maker *m)
{
    evh_round round = {.stored = NULL};
    Evenhand__V1__StoredRound changed;
    evh_status status = evh_ok();
    EVH_TRY(evh_rng_fill(&m->self->rng, m->id, sizeof m->id));
    EVH_TRY(evh_store_begin(m->self->store));
    EVH_TRY(evh_round_load(m->self, &round, m->task_id));
    EVH_TRY(evh_round_require_running(&round));
    EVH_REQUIRE(round.stored->open_job.len == 0, EVH_ERR_UNAVAILABLE,
                "another job of the round was made");
    for (size_t i = 0; i < m->count; i++)
        EVH_TRY(note_in_job(m, &round, &m->items[i]));
    EVH_TRY(pack_job(m));
    changed = *round.stored;
    if (m->request.len > 0)
        evh_wire_set_bytes(&changed.open_job, evh_view_of(m->id, sizeof m->id));
    EVH_TRY(evh_round_save(m->self, m->task_id, &changed));
    EVH_COMMIT(m->self->store, "leader-job");
done:
    evh_store_rollback(m->self->store);
    evh_round_clear(&round);
    return status;
}

evh_status evh_leader_next_job(const evh_aggregator *self, evh_buffer *request,
                               const uint8_t *task_id, size_t most)
{
    job_maker m = {.self = self,
                   .task_id = task_id,
                   .most = most < EVH_JOB_REPORTS_MAX ? most : EVH_JOB_REPORTS_MAX,
                   .names = evh_buffer_init((size_t)EVH_JOB_REPORTS_MAX * EVH_VKEY_BYTES_MAX),
                   .request = evh_buffer_init(EVH_MESSAGE_BYTES_MAX)};
    evh_status status = evh_ok();
    EVH_REQUIRE(most >= 1, EVH_ERR_ARG, "a job of no reports");
    /* Again when every report that was found turned out to be worth nothing. */
    for (bool more = true; more; more = m.count > 0 && m.request.len == 0) {
        job_maker_clear(&m);
        EVH_TRY(find_work(&m));
        if (m.count == 0 || m.request.len > 0)
            break;
        EVH_TRY(prepare_all(&m));
        EVH_TRY(store_job(&m));
    }
    EVH_TRY(evh_buffer_append(request, evh_buffer_view(&m.request)));
done:
    job_maker_clear(&m);
    evh_buffer_clear(&m.request);
    return status;
}
