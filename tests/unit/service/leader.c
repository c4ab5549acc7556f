/* SPDX-License-Identifier: Apache-2.0 */
#include "leader.h"

#include <stdlib.h>
#include <string.h>

#include "evenhand/protocol/receipt.h"
#include "evenhand/translog/translog.h"
#include "evenhand/wire/message.h"

enum { SCRATCH_MAX = 4 << 20, ENTRIES_MAX = 100 };

static evh_status serve_checkpoint(fixture *f, evh_view request, evh_buffer *response)
{
    Evenhand__V1__GetCheckpointRequest *asked = NULL;
    Evenhand__V1__GetCheckpointResponse answer;
    evh_merkle_proof proof = {.count = 0};
    ProtobufCBinaryData hashes[EVH_MERKLE_PROOF_MAX];
    evh_buffer note = evh_buffer_init(SCRATCH_MAX);
    uint64_t size = 0;
    evh_status status = evh_ok();
    evenhand__v1__get_checkpoint_response__init(&answer);
    assert_ok(evh_wire_unpack(&asked, &evenhand__v1__get_checkpoint_request__descriptor, request,
                              "request"));
    assert_ok(evh_store_begin(f->store));
    assert_ok(evh_translog_newest(f->store, f->cosign, &note, &size));
    if (size == 0)
        status = evh_fail(EVH_ERR_UNAVAILABLE, "nothing published");
    else if (asked->known_size > 0 && asked->known_size <= size)
        assert_ok(evh_translog_prove_consistency(f->store, &proof, asked->known_size, size));
    evh_store_rollback(f->store);
    evh_wire_set_bytes(&answer.checkpoint, evh_buffer_view(&note));
    for (size_t i = 0; i < proof.count; i++)
        evh_wire_set_bytes(&hashes[i], evh_view_of(proof.hashes[i].bytes, EVH_MERKLE_HASH_LEN));
    answer.consistency = hashes;
    answer.n_consistency = proof.count;
    if (status.code == EVH_OK)
        assert_ok(evh_wire_pack(response, &answer.base));
    evh_wire_free(&asked);
    evh_buffer_clear(&note);
    return status;
}

static evh_status serve_entries(fixture *f, evh_view request, evh_buffer *response)
{
    Evenhand__V1__GetEntriesRequest *asked = NULL;
    Evenhand__V1__GetEntriesResponse answer;
    ProtobufCBinaryData entries[ENTRIES_MAX];
    evh_buffer texts[ENTRIES_MAX];
    evenhand__v1__get_entries_response__init(&answer);
    assert_ok(evh_wire_unpack(&asked, &evenhand__v1__get_entries_request__descriptor, request,
                              "request"));
    assert_true(asked->count <= ENTRIES_MAX);
    assert_ok(evh_store_begin(f->store));
    for (size_t i = 0; i < asked->count; i++) {
        texts[i] = evh_buffer_init(EVH_TRANSLOG_ENTRY_BYTES_MAX);
        assert_ok(evh_translog_entry(f->store, &texts[i], asked->start + i));
        evh_wire_set_bytes(&entries[i], evh_buffer_view(&texts[i]));
    }
    evh_store_rollback(f->store);
    answer.entries = entries;
    answer.n_entries = asked->count;
    assert_ok(evh_wire_pack(response, &answer.base));
    for (size_t i = 0; i < asked->count; i++)
        evh_buffer_clear(&texts[i]);
    evh_wire_free(&asked);
    return evh_ok();
}

static evh_status serve_status(fixture *f, evh_view request, evh_buffer *response)
{
    Evenhand__V1__GetStatusRequest *asked = NULL;
    Evenhand__V1__GetStatusResponse answer;
    Evenhand__V1__Receipt *receipt = NULL;
    evenhand__v1__get_status_response__init(&answer);
    assert_ok(
        evh_wire_unpack(&asked, &evenhand__v1__get_status_request__descriptor, request, "request"));
    assert_string_equal(asked->customer, f->site.customer);
    answer.round = f->has_closed ? EVENHAND__V1__ROUND_STATE__ROUND_STATE_CLOSED
                                 : EVENHAND__V1__ROUND_STATE__ROUND_STATE_OPEN;
    if (evh_view_equal(evh_wire_bytes(&asked->task_id), evh_view_of(f->has_report_of, 32))) {
        answer.report = f->report_state;
        answer.reason = f->reason;
        if (f->receipt.len > 0)
            assert_ok(evh_wire_unpack(&receipt, &evenhand__v1__receipt__descriptor,
                                      evh_buffer_view(&f->receipt), "receipt"));
        answer.receipt = receipt;
    }
    assert_ok(evh_wire_pack(response, &answer.base));
    evh_wire_free(&asked);
    evh_wire_free(&receipt);
    return evh_ok();
}

static evh_status serve_result(fixture *f, evh_buffer *response)
{
    Evenhand__V1__GetResultResponse answer;
    evenhand__v1__get_result_response__init(&answer);
    evh_wire_set_bytes(&answer.result_json, evh_buffer_view(&f->result));
    return evh_wire_pack(response, &answer.base);
}

evh_status leader_call(void *context, const char *path, evh_view request, evh_buffer *response)
{
    fixture *f = context;
    f->calls++;
    if (f->failure.code != EVH_OK)
        return f->failure;
    if (strcmp(path, "/evenhand.v1.Leader/GetCheckpoint") == 0)
        return serve_checkpoint(f, request, response);
    if (strcmp(path, "/evenhand.v1.Leader/GetEntries") == 0)
        return serve_entries(f, request, response);
    if (strcmp(path, "/evenhand.v1.Leader/GetResult") == 0)
        return serve_result(f, response);
    assert_string_equal(path, "/evenhand.v1.Leader/GetStatus");
    return serve_status(f, request, response);
}

/* Takes any well-formed report once; the same one gets the same receipt. */
evh_status leader_upload(void *context, evh_view bytes, evh_buffer *receipt)
{
    fixture *f = context;
    evh_report report;
    f->uploads++;
    evh_buffer_clear(receipt);
    if (f->failure.code != EVH_OK)
        return f->failure;
    if (f->fail_uploads > 0) {
        f->fail_uploads--;
        return evh_fail(EVH_ERR_UNAVAILABLE, "busy");
    }
    assert_ok(evh_report_read(&report, bytes));
    if (f->uploaded.len > 0 && !evh_view_equal(evh_buffer_view(&f->uploaded), bytes))
        return evh_fail(EVH_ERR_REFUSED, "another report");
    if (f->uploaded.len == 0) {
        assert_ok(evh_buffer_append(&f->uploaded, bytes));
        assert_ok(evh_receipt_make(&f->receipt, &report.header, (uint64_t)f->now_ms,
                                   f->forge_receipt ? &f->helper : &f->leader));
        memcpy(f->has_report_of, report.header.task_id, sizeof f->has_report_of);
        f->report_state = EVENHAND__V1__REPORT_STATE__REPORT_STATE_RECEIVED;
    }
    if (f->keep_receipt)
        return evh_fail(EVH_ERR_UNAVAILABLE, "the answer was lost");
    return evh_buffer_append(receipt, evh_buffer_view(&f->receipt));
}
