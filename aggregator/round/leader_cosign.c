/* SPDX-License-Identifier: Apache-2.0
 * The leader publishes its log and has it cosigned. */
#include "evenhand/aggregator/leader.h"
#include "evenhand/translog/translog.h"
#include "round_internal.h"

enum { ENTRY_BYTES_PER_CALL = 8 << 20 };

evh_status evh_leader_append(const evh_aggregator *self, evh_view bytes)
{
    Evenhand__V1__LogEntry *entry = NULL;
    uint64_t index = 0;
    evh_status status = evh_ok();
    EVH_TRY(evh_wire_unpack(&entry, &evenhand__v1__log_entry__descriptor, bytes, "log entry"));
    EVH_TRY(evh_store_begin(self->store));
    EVH_TRY(evh_entry_append(self, entry, &index));
    EVH_COMMIT(self->store, "leader-append");
done:
    evh_store_rollback(self->store);
    evh_wire_free(&entry);
    return status;
}

/* Signs the log as it is; the checkpoint is kept in and outside of the store before it leaves. */
static evh_status publish(const evh_aggregator *self, evh_buffer *note, uint64_t *size)
{
    evh_status status = evh_ok();
    EVH_TRY(evh_store_begin(self->store));
    EVH_TRY(evh_translog_publish(self->store, self->note_key));
    EVH_TRY(evh_translog_newest(self->store, false, note, size));
    EVH_COMMIT(self->store, "leader-publish");
    if (self->published.keep != NULL)
        EVH_TRY(self->published.keep(self->published.context, evh_buffer_view(note)));
    EVH_FAILPOINT("leader-published");
done:
    evh_store_rollback(self->store);
    return status;
}

/* A helper that lacks much gets it in pieces, each with a checkpoint of its own. */
static evh_status sign_part(const evh_aggregator *self, evh_buffer *note, uint64_t size)
{
    evh_merkle_hash root;
    evh_status status = evh_ok();
    evh_buffer_clear(note);
    EVH_TRY(evh_translog_root(self->store, &root, size));
    EVH_TRY(evh_checkpoint_sign(note, size, &root, self->note_key));
done:
    return status;
}

static evh_status pack_growth(const evh_aggregator *self, evh_buffer *request, uint64_t start,
                              uint64_t size, evh_buffer *note)
{
    Evenhand__V1__CosignRequest message;
    evenhand__v1__cosign_request__init(&message);
    evh_entry_run run = {.fields = NULL};
    evh_status status = evh_ok();
    EVH_REQUIRE(start <= size, EVH_ERR_RANGE, "the helper's log has %llu entries, this one %llu",
                (unsigned long long)start, (unsigned long long)size);
    EVH_TRY(evh_entries_read(self, &run, start, size, ENTRY_BYTES_PER_CALL));
    if (start + run.count < size)
        EVH_TRY(sign_part(self, note, start + run.count));
    message.start = start;
    message.entries = run.fields;
    message.n_entries = run.count;
    evh_wire_set_bytes(&message.checkpoint, evh_buffer_view(note));
    EVH_TRY(evh_wire_pack(request, &message.base));
done:
    evh_entries_clear(&run);
    return status;
}

evh_status evh_leader_cosign_request(const evh_aggregator *self, evh_buffer *request,
                                     uint64_t helper_size)
{
    evh_buffer note = evh_buffer_init(EVH_CHECKPOINT_BYTES_MAX);
    uint64_t size = 0;
    evh_status status = evh_ok();
    EVH_TRY(publish(self, &note, &size));
    EVH_TRY(evh_store_begin(self->store));
    EVH_TRY(pack_growth(self, request, helper_size, size, &note));
done:
    evh_store_rollback(self->store);
    evh_buffer_clear(&note);
    return status;
}

/* Adds a cosignature if it is about the newest checkpoint: one about a part, or one that comes late,
 * is of no use. */
static evh_status take(const evh_aggregator *self, const Evenhand__V1__CosignResponse *response)
{
    evh_buffer note = evh_buffer_init(EVH_CHECKPOINT_BYTES_MAX);
    uint64_t size = 0;
    evh_status status = evh_ok();
    EVH_REQUIRE(response->cosignature.len == EVH_COSIGNATURE_LEN, EVH_ERR_LENGTH,
                "a cosignature of %zu bytes", response->cosignature.len);
    EVH_TRY(evh_store_begin(self->store));
    EVH_TRY(evh_translog_newest(self->store, false, &note, &size));
    if (response->size != size)
        goto done;
    EVH_TRY(evh_translog_add_cosignature(self->store, &self->witness, response->cosignature.data));
    EVH_COMMIT(self->store, "leader-cosigned");
done:
    evh_store_rollback(self->store);
    evh_buffer_clear(&note);
    return status;
}

evh_status evh_leader_take_cosignature(const evh_aggregator *self, evh_view response_bytes,
                                       uint64_t *helper_size)
{
    Evenhand__V1__CosignResponse *response = NULL;
    evh_status status = evh_ok();
    *helper_size = 0;
    EVH_TRY(evh_wire_unpack(&response, &evenhand__v1__cosign_response__descriptor, response_bytes,
                            "response"));
    if (response->cosignature.len > 0)
        EVH_TRY(take(self, response));
    *helper_size = response->size;
done:
    evh_wire_free(&response);
    return status;
}
