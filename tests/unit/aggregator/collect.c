/* SPDX-License-Identifier: Apache-2.0
 * The fixture after agreement, and what it finds in the log. */
#include <string.h>

#include "evenhand/base/limits.h"
#include "evenhand/seal/hash.h"
#include "evenhand/wire/message.h"
#include "fixture.h"

#define KIND(name) EVENHAND__V1__LOG_ENTRY__KIND_##name

void commit(fixture *f)
{
    evh_caller leader = as_leader();
    clear(f);
    assert_ok(evh_leader_commit_request(&f->leader.aggregator, &f->request, f->task_id));
    step(f);
    assert_ok(evh_helper_commit_share(&f->helper.aggregator, &leader, evh_buffer_view(&f->request),
                                      &f->response));
    step(f);
    assert_ok(evh_leader_take_commitment(&f->leader.aggregator, f->task_id,
                                         evh_buffer_view(&f->response)));
    assert_ok(evh_leader_take_commitment(&f->leader.aggregator, f->task_id,
                                         evh_buffer_view(&f->response)));
}

static evh_status ask_share(fixture *f, side *from, evh_buffer *share)
{
    evh_caller collector = as_collector();
    Evenhand__V1__GetAggregateShareRequest request;
    evenhand__v1__get_aggregate_share_request__init(&request);
    evh_wire_set_bytes(&request.task_id, evh_view_of(f->task_id, 32));
    clear(f);
    evh_buffer_clear(share);
    assert_ok(evh_wire_pack(&f->request, &request.base));
    evh_caller other = as_leader();
    assert_fails(
        evh_aggregator_get_share(&from->aggregator, &other, evh_buffer_view(&f->request), share),
        EVH_ERR_REFUSED);
    return evh_aggregator_get_share(&from->aggregator, &collector, evh_buffer_view(&f->request),
                                    share);
}

void find_entry(fixture *f, Evenhand__V1__LogEntry__KindCase kind, evh_buffer *out)
{
    evh_buffer bytes = evh_buffer_init(EVH_TRANSLOG_ENTRY_BYTES_MAX);
    uint64_t size = 0;
    bool found = false;
    assert_ok(evh_store_begin(f->leader.store));
    assert_ok(evh_translog_size(f->leader.store, &size));
    for (uint64_t i = 0; i < size && !found; i++) {
        Evenhand__V1__LogEntry *entry = NULL;
        uint8_t id[32] = {0};
        assert_ok(evh_translog_entry(f->leader.store, &bytes, i));
        assert_ok(evh_wire_unpack(&entry, &evenhand__v1__log_entry__descriptor,
                                  evh_buffer_view(&bytes), "entry"));
        evh_buffer_clear(out);
        if (entry->kind_case == kind && kind == KIND(ROUND_OPENED)) {
            assert_ok(evh_wire_pack(out, &entry->round_opened->base));
            assert_ok(evh_sha256(id, evh_buffer_view(out)));
        } else if (entry->kind_case == kind && kind == KIND(ROUND_CLOSED)) {
            assert_ok(evh_wire_pack(out, &entry->round_closed->base));
            memcpy(id, entry->round_closed->task_id.data, 32);
        } else if (entry->kind_case == kind && kind == KIND(SHARE_COMMITMENT)) {
            assert_ok(evh_wire_pack(out, &entry->share_commitment->base));
            memcpy(id, entry->share_commitment->task_id.data, 32);
        }
        found = memcmp(id, f->task_id, 32) == 0;
        evh_wire_free(&entry);
    }
    evh_store_rollback(f->leader.store);
    assert_true(found);
    evh_buffer_clear(&bytes);
}

void read_task(fixture *f)
{
    evh_buffer bytes = evh_buffer_init(8192);
    find_entry(f, KIND(ROUND_OPENED), &bytes);
    assert_ok(evh_task_read(&f->task, evh_buffer_view(&bytes), &f->leader_id.identity,
                            &f->helper_id.identity));
    assert_memory_equal(f->task.id, f->task_id, sizeof f->task_id);
    evh_buffer_clear(&bytes);
}

void publish_result(fixture *f, const int64_t sums[CELLS])
{
    evh_caller collector = as_collector();
    evh_buffer result = evh_buffer_init(8192);
    Evenhand__V1__PublishResultRequest request;
    evenhand__v1__publish_result_request__init(&request);
    assert_ok(evh_collector_sign_result(&result, f->task_id, view_of_literal("{}"), sums, CELLS,
                                        &f->collector_id));
    evh_wire_set_bytes(&request.task_id, evh_view_of(f->task_id, 32));
    evh_wire_set_bytes(&request.result_json, view_of_literal("{}"));
    evh_wire_set_bytes(&request.result_entry, evh_buffer_view(&result));
    clear(f);
    assert_ok(evh_wire_pack(&f->request, &request.base));
    for (size_t i = 0; i < 2; i++) {
        evh_buffer_clear(&f->response);
        assert_ok(evh_leader_publish_result(&f->leader.aggregator, &collector,
                                            evh_buffer_view(&f->request), &f->response));
        step(f);
    }
    evh_buffer_clear(&result);
}

void unshard(fixture *f, int64_t sums[CELLS], uint32_t *count)
{
    enum { SHARES = 2 };
    evh_buffer shares[SHARES] = {evh_buffer_init(EVH_REPORT_BYTES_MAX),
                                 evh_buffer_init(EVH_REPORT_BYTES_MAX)};
    evh_buffer opened = evh_buffer_init(8192);
    evh_buffer closed = evh_buffer_init(8192);
    evh_buffer commitments = evh_buffer_init(8192);
    evh_batch batch;
    assert_ok(ask_share(f, &f->leader, &shares[0]));
    assert_ok(ask_share(f, &f->helper, &shares[1]));
    find_entry(f, KIND(ROUND_OPENED), &opened);
    find_entry(f, KIND(ROUND_CLOSED), &closed);
    find_entry(f, KIND(SHARE_COMMITMENT), &commitments);
    evh_collection in = {.round_opened = evh_buffer_view(&opened),
                         .round_closed = evh_buffer_view(&closed),
                         .share_commitment = evh_buffer_view(&commitments),
                         .leader_share = evh_buffer_view(&shares[1]),
                         .helper_share = evh_buffer_view(&shares[0]),
                         .leader = &f->leader_id.identity,
                         .helper = &f->helper_id.identity,
                         .keys = f->collector_ring,
                         .terms = &f->terms};
    assert_fails(evh_collector_unshard(sums, &batch, &in), EVH_ERR_KEY);
    in.leader_share = evh_buffer_view(&shares[0]);
    in.helper_share = evh_buffer_view(&shares[1]);
    assert_ok(evh_collector_unshard(sums, &batch, &in));
    *count = batch.report_count;
    for (size_t i = 0; i < SHARES; i++)
        evh_buffer_clear(&shares[i]);
    evh_buffer_clear(&opened);
    evh_buffer_clear(&closed);
    evh_buffer_clear(&commitments);
}

void collect(fixture *f, int64_t sums[CELLS], uint32_t *count)
{
    evh_buffer share = evh_buffer_init(EVH_REPORT_BYTES_MAX);
    commit(f);
    assert_fails(ask_share(f, &f->helper, &share), EVH_ERR_REFUSED);
    cosign(f);
    unshard(f, sums, count);
    publish_result(f, sums);
    cosign(f);
    assert_int_equal(f->leader.vault.count, 0);
    assert_int_equal(f->helper.vault.count, 0);
    evh_buffer_clear(&share);
}
