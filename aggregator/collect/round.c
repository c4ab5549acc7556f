/* SPDX-License-Identifier: Apache-2.0
 * One round, from commitments in the log to a result in it. */
#include <stdlib.h>
#include <string.h>

#include "collect_internal.h"
#include "evenhand/aggregator/collector.h"
#include "evenhand/base/failpoint.h"
#include "evenhand/base/limits.h"
#include "evenhand/base/sizes.h"
#include "evenhand/plan/groups.h"
#include "evenhand/report/result.h"

enum {
    SMALL_RESPONSE_BYTES_MAX = 1024,
    ENVELOPE_BYTES_MAX = 1024 /* of the message around a result and its entry */
};

evh_status evh_collect_call(const evh_collect *collect, const evh_peer *peer, const char *path,
                            const ProtobufCMessage *request, evh_buffer *response)
{
    evh_buffer bytes = evh_buffer_init(EVH_MESSAGE_BYTES_MAX);
    evh_status status = evh_ok();
    EVH_REQUIRE(collect->stop == NULL || !collect->stop(collect->context), EVH_ERR_UNAVAILABLE,
                "stopping");
    EVH_TRY(evh_wire_pack(&bytes, request));
    evh_buffer_clear(response);
    EVH_TRY(peer->call(peer->context, path, evh_buffer_view(&bytes), response));
done:
    evh_buffer_clear(&bytes);
    return status;
}

/* ---- shares ---- */

static evh_status get_share(const evh_collect *collect, const evh_peer *peer, const char *path,
                            const evh_collect_row *row, evh_buffer *out)
{
    Evenhand__V1__GetAggregateShareRequest request;
    evenhand__v1__get_aggregate_share_request__init(&request);
    evh_wire_set_bytes(&request.task_id, evh_view_of(row->task_id, sizeof row->task_id));
    return evh_collect_call(collect, peer, path, &request.base, out);
}

/* Both shares, opened and added.
 *   sums  [terms.vdaf.length] */
static evh_status add_up(const evh_collect *collect, int64_t *sums, evh_batch *batch,
                         const evh_collect_row *row, const evh_collect_material *material,
                         const evh_terms *terms)
{
    evh_buffer leader = evh_buffer_init(EVH_REPORT_BYTES_MAX);
    evh_buffer helper = evh_buffer_init(EVH_REPORT_BYTES_MAX);
    evh_collection in = {.round_opened = evh_buffer_view(&material->opened),
                         .round_closed = evh_buffer_view(&material->closed),
                         .share_commitment = evh_buffer_view(&material->committed),
                         .leader = &collect->self->leader,
                         .helper = &collect->self->helper,
                         .keys = collect->keys,
                         .terms = terms};
    evh_status status = evh_ok();
    EVH_TRY(evh_status_in(
        get_share(collect, &collect->leader, "/evenhand.v1.Leader/GetAggregateShare", row, &leader),
        "leader"));
    EVH_TRY(evh_status_in(
        get_share(collect, &collect->helper, "/evenhand.v1.Helper/GetAggregateShare", row, &helper),
        "helper"));
    in.leader_share = evh_buffer_view(&leader);
    in.helper_share = evh_buffer_view(&helper);
    EVH_TRY(evh_collector_unshard(sums, batch, &in));
    /* The helper holds the leader to this; the collector holds both to it. */
    EVH_REQUIRE(batch->report_count >= terms->min_honest + terms->assumed_corrupt, EVH_ERR_PRIVACY,
                "a batch of %u customers where the plan demands %u", batch->report_count,
                terms->min_honest + terms->assumed_corrupt);
done:
    evh_buffer_clear(&leader);
    evh_buffer_clear(&helper);
    return status;
}

/* ---- the result ---- */

static evh_status write_result(const evh_collect *collect, evh_collect_files *out,
                               const evh_collect_material *material, const evh_batch *batch,
                               const int64_t *sums, size_t count)
{
    evh_task task;
    evh_result_facts facts = {.plan = material->plan,
                              .population = &material->population,
                              .round = material->places->round,
                              .log_origin = collect->self->log.name,
                              .entries = {.population = material->population_index,
                                          .plan = material->plan_index,
                                          .round_opened = material->places->opened,
                                          .round_closed = material->places->closed,
                                          .share_commitment = material->places->committed},
                              .customers = batch->report_count,
                              .sums = sums,
                              .sum_count = count};
    evh_status status = evh_ok();
    EVH_TRY(evh_task_read(&task, evh_buffer_view(&material->opened), &collect->self->leader,
                          &collect->self->helper));
    facts.window_start_ms = task.window_start_ms;
    facts.window_end_ms = task.window_end_ms;
    memcpy(facts.task_id, task.id, sizeof facts.task_id);
    memcpy(facts.reports_root, batch->root.bytes, sizeof facts.reports_root);
    EVH_TRY(evh_result_write(&out->json, &facts));
    EVH_TRY(evh_collector_sign_result(&out->entry, task.id, evh_buffer_view(&out->json), sums,
                                      count, collect->self->signing));
done:
    return status;
}

/* Fetches, adds, writes, signs, and keeps the result. */
static evh_status make_result(const evh_collect *collect, evh_collect_files *out,
                              const evh_collect_row *row, const evh_collect_material *material)
{
    evh_terms terms;
    evh_batch batch;
    int64_t *sums = NULL;
    const size_t count = evh_plan_cell_count(material->plan);
    evh_status status = evh_ok();
    EVH_TRY(evh_terms_of_plan(&terms, material->plan, material->population_hash));
    EVH_INVARIANT(terms.vdaf.length == count);
    EVH_TRY(evh_alloc(&sums, count, sizeof *sums, "released sums"));
    EVH_TRY(add_up(collect, sums, &batch, row, material, &terms));
    EVH_FAILPOINT("collector-added");
    EVH_TRY(write_result(collect, out, material, &batch, sums, count));
    EVH_TRY(evh_collect_files_write(out, row));
    EVH_LOG(collect->self->events, EVH_LOG_INFO, "collector", "result_made",
            evh_log_hex("task", evh_view_of(row->task_id, sizeof row->task_id)),
            evh_log_u64("round", row->round), evh_log_u64("customers", batch.report_count));
done:
    free(sums);
    return status;
}

/* The leader takes, keeps and serves a result in one message. */
static evh_status check_size(const evh_collect *collect, const evh_collect_files *files,
                             const evh_collect_row *row)
{
    evh_status status = evh_ok();
    const size_t room = EVH_MESSAGE_BYTES_MAX - ENVELOPE_BYTES_MAX;
    if (files->json.len + files->entry.len <= room)
        goto done;
    EVH_LOG(collect->self->events, EVH_LOG_ERROR, "collector", "result_too_large",
            evh_log_hex("task", evh_view_of(row->task_id, sizeof row->task_id)),
            evh_log_u64("round", row->round), evh_log_u64("bytes", files->json.len));
    status = evh_fail(EVH_ERR_RANGE,
                      "result.json has %zu MiB, the leader takes 64: it stays in the folder; "
                      "plan fewer groups or models",
                      files->json.len >> 20);
done:
    return status;
}

static evh_status publish(const evh_collect *collect, const evh_collect_files *files,
                          const evh_collect_row *row)
{
    Evenhand__V1__PublishResultRequest request;
    Evenhand__V1__PublishResultResponse *answer = NULL;
    evh_buffer response = evh_buffer_init(SMALL_RESPONSE_BYTES_MAX);
    evh_status status = evh_ok();
    EVH_TRY(check_size(collect, files, row));
    evenhand__v1__publish_result_request__init(&request);
    evh_wire_set_bytes(&request.task_id, evh_view_of(row->task_id, sizeof row->task_id));
    evh_wire_set_bytes(&request.result_json, evh_buffer_view(&files->json));
    evh_wire_set_bytes(&request.result_entry, evh_buffer_view(&files->entry));
    EVH_TRY(evh_status_in(evh_collect_call(collect, &collect->leader,
                                           "/evenhand.v1.Leader/PublishResult", &request.base,
                                           &response),
                          "leader"));
    EVH_TRY(evh_wire_unpack(&answer, &evenhand__v1__publish_result_response__descriptor,
                            evh_buffer_view(&response), "answer to PublishResult"));
    EVH_LOG(collect->self->events, EVH_LOG_INFO, "collector", "result_published",
            evh_log_hex("task", evh_view_of(row->task_id, sizeof row->task_id)),
            evh_log_u64("round", row->round), evh_log_u64("index", answer->entry_index));
done:
    evh_wire_free(&answer);
    evh_buffer_clear(&response);
    return status;
}

static evh_status collect_ready(const evh_collect *collect, const evh_collect_row *row,
                                const evh_collect_material *material, bool *moved)
{
    evh_collect_files files = evh_collect_files_init();
    bool found = false;
    evh_status status = evh_ok();
    EVH_TRY(evh_collect_files_read(collect, &files, &found, row));
    if (!found) {
        evh_collect_files_clear(&files);
        EVH_TRY(make_result(collect, &files, row, material));
    }
    EVH_FAILPOINT("collector-kept");
    EVH_TRY(publish(collect, &files, row));
    EVH_FAILPOINT("collector-published");
    *moved = true;
done:
    evh_collect_files_clear(&files);
    return status;
}

/* ---- a result that is in the log ---- */

/* The folder has lost a result of this collector: the leader serves it, and the log says what it
 * is. */
static evh_status fetch_result(const evh_collect *collect, evh_collect_files *out,
                               const evh_collect_row *row, const evh_collect_material *material)
{
    Evenhand__V1__GetResultRequest request;
    Evenhand__V1__GetResultResponse *answer = NULL;
    evh_buffer response = evh_buffer_init(EVH_MESSAGE_BYTES_MAX);
    evh_seal_verdict verdict = EVH_SEAL_REJECTED;
    evh_status status = evh_ok();
    evenhand__v1__get_result_request__init(&request);
    evh_wire_set_bytes(&request.task_id, evh_view_of(row->task_id, sizeof row->task_id));
    EVH_TRY(
        evh_status_in(evh_collect_call(collect, &collect->leader, "/evenhand.v1.Leader/GetResult",
                                       &request.base, &response),
                      "leader"));
    EVH_TRY(evh_wire_unpack(&answer, &evenhand__v1__get_result_response__descriptor,
                            evh_buffer_view(&response), "answer to GetResult"));
    EVH_TRY(evh_buffer_append(&out->json, evh_wire_bytes(&answer->result_json)));
    EVH_TRY(evh_buffer_append(&out->entry, evh_buffer_view(&material->result)));
    EVH_TRY(evh_result_entry_check(&verdict, evh_buffer_view(&out->entry), row->task_id,
                                   evh_buffer_view(&out->json), &collect->self->collector));
    EVH_REQUIRE(verdict == EVH_SEAL_ACCEPTED, EVH_ERR_REFUSED,
                "the leader serves a result that is not the one in the log");
    EVH_TRY(evh_collect_files_write(out, row));
done:
    evh_wire_free(&answer);
    evh_buffer_clear(&response);
    return status;
}

static evh_status confirm(const evh_collect *collect, const evh_collect_row *row,
                          const evh_collect_material *material, bool *moved)
{
    evh_collect_files files = evh_collect_files_init();
    bool found = false;
    evh_status status = evh_ok();
    EVH_TRY(evh_collect_files_read(collect, &files, &found, row));
    if (!found) {
        evh_collect_files_clear(&files);
        EVH_TRY(fetch_result(collect, &files, row, material));
    }
    EVH_REQUIRE(evh_view_equal(evh_buffer_view(&files.entry), evh_buffer_view(&material->result)),
                EVH_ERR_REFUSED, "the log has another result of this round than this collector");
    EVH_TRY(evh_collect_confirm(collect, row->task_id));
    EVH_LOG(collect->self->events, EVH_LOG_INFO, "collector", "result_confirmed",
            evh_log_hex("task", evh_view_of(row->task_id, sizeof row->task_id)),
            evh_log_u64("round", row->round));
    *moved = true;
done:
    evh_collect_files_clear(&files);
    return status;
}

evh_status evh_collect_round(const evh_collect *collect, const evh_collect_row *row, bool *moved)
{
    evh_collect_material material = evh_collect_material_init();
    evh_status status = evh_ok();
    *moved = false;
    if (row->state != EVH_COLLECT_READY && row->state != EVH_COLLECT_PUBLISHED)
        goto done;
    EVH_TRY(evh_collect_load(collect, &material, row->task_id));
    if (row->state == EVH_COLLECT_READY)
        EVH_TRY(collect_ready(collect, row, &material, moved));
    else
        EVH_TRY(confirm(collect, row, &material, moved));
done:
    evh_collect_material_clear(&material);
    return status;
}
