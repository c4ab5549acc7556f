/* SPDX-License-Identifier: Apache-2.0
 * Reading the log: what anybody may see. Nothing is served that no checkpoint covers. */
#include <stdlib.h>

#include "evenhand/base/sizes.h"
#include "evenhand/translog/translog.h"
#include "round_internal.h"

enum { ENTRIES_PER_ANSWER = 4096 };

/* What is served: at the leader only what the helper has cosigned. */
static evh_status newest(const evh_aggregator *self, evh_buffer *note, uint64_t *size)
{
    evh_status status = evh_translog_newest(self->store, self->role == EVH_ROLE_LEADER, note, size);
    if (status.code == EVH_OK && note->len == 0)
        status = evh_fail(EVH_ERR_UNAVAILABLE, "the log has no checkpoint yet");
    return status;
}

/* Makes fields of a message point at the hashes of a proof; free the list. */
static evh_status list_hashes(ProtobufCBinaryData **list, const evh_merkle_proof *proof)
{
    evh_status status = evh_alloc(list, proof->count, sizeof **list, "proof");
    for (size_t i = 0; status.code == EVH_OK && i < proof->count; i++)
        evh_wire_set_bytes(&(*list)[i],
                           evh_view_of(proof->hashes[i].bytes, sizeof proof->hashes[i].bytes));
    return status;
}

/* ---- checkpoint ---- */

static evh_status pack_checkpoint(const evh_aggregator *self, uint64_t known_size,
                                  evh_buffer *response)
{
    evh_buffer note = evh_buffer_init(EVH_CHECKPOINT_BYTES_MAX);
    evh_merkle_proof proof = {.count = 0};
    ProtobufCBinaryData *list = NULL;
    Evenhand__V1__GetCheckpointResponse message;
    evenhand__v1__get_checkpoint_response__init(&message);
    uint64_t size = 0;
    evh_status status = evh_ok();
    EVH_TRY(newest(self, &note, &size));
    EVH_REQUIRE(known_size <= size, EVH_ERR_RANGE, "the log has %llu entries",
                (unsigned long long)size);
    if (known_size > 0)
        EVH_TRY(evh_translog_prove_consistency(self->store, &proof, known_size, size));
    EVH_TRY(list_hashes(&list, &proof));
    evh_wire_set_bytes(&message.checkpoint, evh_buffer_view(&note));
    message.consistency = list;
    message.n_consistency = proof.count;
    EVH_TRY(evh_wire_pack(response, &message.base));
done:
    free(list);
    evh_buffer_clear(&note);
    return status;
}

evh_status evh_aggregator_get_checkpoint(const evh_aggregator *self, const evh_caller *caller,
                                         evh_view request_bytes, evh_buffer *response)
{
    Evenhand__V1__GetCheckpointRequest *request = NULL;
    evh_status status = evh_ok();
    (void)caller;
    EVH_TRY(evh_wire_unpack(&request, &evenhand__v1__get_checkpoint_request__descriptor,
                            request_bytes, "request"));
    EVH_TRY(evh_store_begin(self->store));
    EVH_TRY(pack_checkpoint(self, request->known_size, response));
done:
    evh_store_rollback(self->store);
    evh_wire_free(&request);
    return status;
}

/* ---- entries ---- */

evh_status evh_entries_read(const evh_aggregator *self, evh_entry_run *out, uint64_t start,
                            uint64_t end, size_t bytes)
{
    evh_buffer entry = evh_buffer_init(EVH_TRANSLOG_ENTRY_BYTES_MAX);
    size_t most = end - start < ENTRIES_PER_ANSWER ? (size_t)(end - start) : ENTRIES_PER_ANSWER;
    size_t *lengths = NULL;
    size_t at = 0;
    evh_status status = evh_ok();
    evh_entry_run empty = {.bytes = evh_buffer_init(bytes + EVH_TRANSLOG_ENTRY_BYTES_MAX)};
    *out = empty;
    EVH_TRY(evh_alloc(&lengths, most, sizeof *lengths, "log entries"));
    while (out->count < most && out->bytes.len < bytes) {
        EVH_TRY(evh_translog_entry(self->store, &entry, start + out->count));
        EVH_TRY(evh_buffer_append(&out->bytes, evh_buffer_view(&entry)));
        lengths[out->count++] = entry.len;
    }
    EVH_TRY(evh_alloc(&out->fields, out->count, sizeof *out->fields, "log entries"));
    for (size_t i = 0; i < out->count; at += lengths[i++])
        evh_wire_set_bytes(&out->fields[i], evh_view_of(out->bytes.data + at, lengths[i]));
done:
    free(lengths);
    evh_buffer_clear(&entry);
    return status;
}

void evh_entries_clear(evh_entry_run *run)
{
    free(run->fields);
    run->fields = NULL;
    evh_buffer_clear(&run->bytes);
}

static evh_status pack_entries(const evh_aggregator *self,
                               const Evenhand__V1__GetEntriesRequest *request, evh_buffer *response)
{
    evh_buffer note = evh_buffer_init(EVH_CHECKPOINT_BYTES_MAX);
    evh_entry_run run = {.fields = NULL};
    Evenhand__V1__GetEntriesResponse message;
    evenhand__v1__get_entries_response__init(&message);
    uint64_t size = 0;
    uint64_t end = 0;
    evh_status status = evh_ok();
    EVH_TRY(newest(self, &note, &size));
    EVH_REQUIRE(request->start < size && request->count > 0, EVH_ERR_RANGE,
                "the log has %llu entries", (unsigned long long)size);
    end = size - request->start < request->count ? size : request->start + request->count;
    EVH_TRY(evh_entries_read(self, &run, request->start, end, EVH_ENTRIES_BYTES));
    message.entries = run.fields;
    message.n_entries = run.count;
    EVH_TRY(evh_wire_pack(response, &message.base));
done:
    evh_entries_clear(&run);
    evh_buffer_clear(&note);
    return status;
}

evh_status evh_aggregator_get_entries(const evh_aggregator *self, const evh_caller *caller,
                                      evh_view request_bytes, evh_buffer *response)
{
    Evenhand__V1__GetEntriesRequest *request = NULL;
    evh_status status = evh_ok();
    (void)caller;
    EVH_TRY(evh_wire_unpack(&request, &evenhand__v1__get_entries_request__descriptor, request_bytes,
                            "request"));
    EVH_TRY(evh_store_begin(self->store));
    EVH_TRY(pack_entries(self, request, response));
done:
    evh_store_rollback(self->store);
    evh_wire_free(&request);
    return status;
}

/* ---- inclusion ---- */

static evh_status pack_inclusion(const evh_aggregator *self,
                                 const Evenhand__V1__GetInclusionRequest *request,
                                 evh_buffer *response)
{
    evh_buffer note = evh_buffer_init(EVH_CHECKPOINT_BYTES_MAX);
    evh_merkle_proof proof = {.count = 0};
    ProtobufCBinaryData *list = NULL;
    Evenhand__V1__Proof message;
    evenhand__v1__proof__init(&message);
    uint64_t size = 0;
    evh_status status = evh_ok();
    EVH_TRY(newest(self, &note, &size));
    EVH_REQUIRE(request->size <= size, EVH_ERR_RANGE, "the log has %llu entries",
                (unsigned long long)size);
    EVH_TRY(evh_translog_prove_inclusion(self->store, &proof, request->index, request->size));
    EVH_TRY(list_hashes(&list, &proof));
    message.hashes = list;
    message.n_hashes = proof.count;
    EVH_TRY(evh_wire_pack(response, &message.base));
done:
    free(list);
    evh_buffer_clear(&note);
    return status;
}

evh_status evh_aggregator_get_inclusion(const evh_aggregator *self, const evh_caller *caller,
                                        evh_view request_bytes, evh_buffer *response)
{
    Evenhand__V1__GetInclusionRequest *request = NULL;
    evh_status status = evh_ok();
    (void)caller;
    EVH_TRY(evh_wire_unpack(&request, &evenhand__v1__get_inclusion_request__descriptor,
                            request_bytes, "request"));
    EVH_TRY(evh_store_begin(self->store));
    EVH_TRY(pack_inclusion(self, request, response));
done:
    evh_store_rollback(self->store);
    evh_wire_free(&request);
    return status;
}
