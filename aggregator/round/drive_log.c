/* SPDX-License-Identifier: Apache-2.0
 * The driver's calls about the log: catching up after a loss, and cosigning. */
#include <stdlib.h>
#include <string.h>

#include "drive_internal.h"
#include "evenhand/aggregator/leader.h"
#include "evenhand/base/sizes.h"
#include "evenhand/translog/translog.h"

enum { CATCH_BYTES_MAX = 1 << 28 };

/* ---- calling the helper ---- */

evh_status evh_drive_call(evh_drive_pass *p, const char *path)
{
    evh_status status = evh_ok();
    p->stopped = p->stopped || (p->drive->stop != NULL && p->drive->stop(p->drive->context));
    EVH_REQUIRE(!p->stopped, EVH_ERR_UNAVAILABLE, "stopping");
    evh_buffer_clear(&p->response);
    p->helper_lost_keys = false;
    EVH_TRY(p->helper->call(p->helper->context, path, evh_buffer_view(&p->request), &p->response));
done:
    if (status.code == EVH_ERR_UNAVAILABLE)
        p->outcome->helper_reached = false;
    p->helper_lost_keys = status.code == EVH_ERR_KEY;
    return status;
}

/* ---- catching up ---- */

/* Entries as they came, one after the other. */
typedef struct catch
{
    evh_buffer bytes;
    evh_buffer lengths; /* BE32 each */
    size_t count;
}
catch;

static evh_status fetch_checkpoint(evh_drive_pass *p, evh_buffer *note)
{
    Evenhand__V1__GetCheckpointResponse *response = NULL;
    evh_status status = evh_ok();
    evh_buffer_clear(&p->request); /* known_size 0 is no bytes at all */
    EVH_TRY(evh_drive_call(p, "/evenhand.v1.Helper/GetCheckpoint"));
    EVH_TRY(evh_wire_unpack(&response, &evenhand__v1__get_checkpoint_response__descriptor,
                            evh_buffer_view(&p->response), "response"));
    EVH_TRY(evh_buffer_append(note, evh_wire_bytes(&response->checkpoint)));
done:
    evh_wire_free(&response);
    return status;
}

static evh_status fetch_page(evh_drive_pass *p, catch *c, uint64_t start, uint64_t end)
{
    Evenhand__V1__GetEntriesRequest request;
    Evenhand__V1__GetEntriesResponse *response = NULL;
    evenhand__v1__get_entries_request__init(&request);
    evh_status status = evh_ok();
    request.start = start;
    request.count = end - start < UINT32_MAX ? (uint32_t)(end - start) : UINT32_MAX;
    evh_buffer_clear(&p->request);
    EVH_TRY(evh_wire_pack(&p->request, &request.base));
    EVH_TRY(evh_drive_call(p, "/evenhand.v1.Helper/GetEntries"));
    EVH_TRY(evh_wire_unpack(&response, &evenhand__v1__get_entries_response__descriptor,
                            evh_buffer_view(&p->response), "response"));
    EVH_REQUIRE(response->n_entries >= 1 && response->n_entries <= end - start, EVH_ERR_REFUSED,
                "%zu entries where %llu were asked for", response->n_entries,
                (unsigned long long)(end - start));
    for (size_t i = 0; i < response->n_entries; i++) {
        EVH_TRY(evh_buffer_append(&c->bytes, evh_wire_bytes(&response->entries[i])));
        EVH_TRY(evh_buffer_be32(&c->lengths, (uint32_t)response->entries[i].len));
    }
    c->count += response->n_entries;
done:
    evh_wire_free(&response);
    return status;
}

/* Takes what came, in the same way as the helper once did. */
static evh_status take_entries(const evh_aggregator *self, const catch *c, uint64_t start,
                               evh_view note)
{
    evh_view *entries = NULL;
    evh_reader lengths = evh_reader_of(evh_buffer_view(&c->lengths));
    evh_reader bytes = evh_reader_of(evh_buffer_view(&c->bytes));
    evh_aggregator copy = *self; /* a visitor's context is not const */
    evh_translog_growth growth = {.start = start, .entry_count = c->count, .checkpoint = note};
    bool accepted = false;
    evh_status status = evh_ok();
    EVH_TRY(evh_alloc(&entries, c->count, sizeof *entries, "log entries"));
    for (size_t i = 0; i < c->count; i++) {
        uint32_t len = 0;
        EVH_TRY(evh_read_be32(&lengths, "length", &len));
        EVH_TRY(evh_read_view(&bytes, "entry", len, &entries[i]));
    }
    growth.entries = entries;
    EVH_TRY(evh_store_begin(self->store));
    EVH_TRY(
        evh_translog_extend(self->store, &accepted, &self->log, &growth, evh_entry_apply, &copy));
    EVH_COMMIT(self->store, "leader-recover");
done:
    evh_store_rollback(self->store);
    free(entries);
    return status;
}

/* The helper's newest checkpoint, which is as good as one that was kept here. */
static evh_status confront(const evh_aggregator *self, evh_view note, uint64_t *start,
                           uint64_t *end)
{
    evh_checkpoint checkpoint;
    bool behind = false;
    evh_status status = evh_ok();
    EVH_TRY(evh_checkpoint_read(&checkpoint, note));
    *end = checkpoint.size;
    EVH_TRY(evh_store_begin(self->store));
    EVH_TRY(evh_translog_confront(self->store, &behind, &self->log, note));
    EVH_TRY(evh_translog_size(self->store, start));
    EVH_TRY(evh_store_commit(self->store));
done:
    evh_store_rollback(self->store);
    return status;
}

/* What is missing here and at the helper never left this machine. */
static evh_status settle(const evh_aggregator *self)
{
    evh_status status = evh_ok();
    EVH_TRY(evh_store_begin(self->store));
    EVH_TRY(evh_translog_settle(self->store));
    EVH_TRY(evh_store_commit(self->store));
done:
    evh_store_rollback(self->store);
    return status;
}

static evh_status catch_up(evh_drive_pass *p)
{
    evh_buffer note = evh_buffer_init(EVH_CHECKPOINT_BYTES_MAX);
    catch c = {.bytes = evh_buffer_init(CATCH_BYTES_MAX),
               .lengths = evh_buffer_init(CATCH_BYTES_MAX)};
    uint64_t start = 0;
    uint64_t end = 0;
    evh_status status = evh_ok();
    EVH_TRY(fetch_checkpoint(p, &note));
    EVH_TRY(confront(p->self, evh_buffer_view(&note), &start, &end));
    while (start + c.count < end)
        EVH_TRY(fetch_page(p, &c, start + c.count, end));
    if (c.count > 0)
        EVH_TRY(take_entries(p->self, &c, start, evh_buffer_view(&note)));
    EVH_TRY(settle(p->self));
    EVH_LOG(p->self->events, EVH_LOG_WARN, "aggregator", "log_recovered",
            evh_log_u64("entries", c.count), evh_log_u64("size", end));
done:
    evh_buffer_clear(&note);
    evh_buffer_clear(&c.bytes);
    evh_buffer_clear(&c.lengths);
    return status;
}

evh_status evh_drive_recover(evh_drive_pass *p)
{
    bool behind = false;
    uint64_t until = 0;
    evh_status status = evh_ok();
    EVH_TRY(evh_store_begin(p->self->store));
    EVH_TRY(evh_translog_behind(p->self->store, &behind, &until));
    evh_store_rollback(p->self->store);
    if (behind)
        EVH_TRY(catch_up(p));
done:
    evh_store_rollback(p->self->store);
    return status;
}

/* ---- cosigning ---- */

/* How long the log is, and how much of it the helper has cosigned. */
typedef struct extent {
    uint64_t size, cosigned;
} extent;

static evh_status measure(const evh_aggregator *self, extent *out)
{
    evh_buffer note = evh_buffer_init(EVH_CHECKPOINT_BYTES_MAX);
    evh_status status = evh_ok();
    EVH_TRY(evh_store_begin(self->store));
    EVH_TRY(evh_translog_size(self->store, &out->size));
    EVH_TRY(evh_translog_newest(self->store, true, &note, &out->cosigned));
done:
    evh_store_rollback(self->store);
    evh_buffer_clear(&note);
    return status;
}

/* One call; *helper_size goes in as what the helper is believed to have, and comes out as what it
 * says. A helper that has more than this store shows that this store has lost something. */
static evh_status cosign_once(evh_drive_pass *p, extent *log, uint64_t *helper_size)
{
    evh_status status = evh_ok();
    evh_buffer_clear(&p->request);
    EVH_TRY(evh_leader_cosign_request(p->self, &p->request, *helper_size));
    EVH_TRY(evh_drive_call(p, "/evenhand.v1.Helper/Cosign"));
    EVH_TRY(evh_leader_take_cosignature(p->self, evh_buffer_view(&p->response), helper_size));
    EVH_TRY(measure(p->self, log));
    if (*helper_size > log->size) {
        EVH_TRY(catch_up(p));
        EVH_TRY(measure(p->self, log));
    }
done:
    return status;
}

/* Sends what the helper lacks until it has all of it. It says itself what it has: what it answers
 * first may differ from what is believed here. After a start, and when the helper was away, it is
 * asked although nothing is new. */
evh_status evh_drive_cosign(evh_drive_pass *p)
{
    extent log = {.size = 0};
    uint64_t helper_size = 0;
    uint64_t before = 0;
    bool corrected = false;
    evh_status status = evh_ok();
    EVH_TRY(measure(p->self, &log));
    helper_size = log.cosigned;
    if (log.cosigned == log.size && p->drive->log_checked)
        goto done;
    do {
        before = helper_size;
        EVH_TRY(cosign_once(p, &log, &helper_size));
        /* A helper that has lost entries may have lost keys as well. */
        if (helper_size < before)
            p->drive->rounds_checked = false;
        EVH_REQUIRE(log.cosigned == log.size || helper_size > before || !corrected, EVH_ERR_REFUSED,
                    "the helper's log does not grow");
        corrected = corrected || helper_size <= before;
    } while (log.cosigned < log.size || helper_size < log.size);
    p->drive->log_checked = true;
done:
    return status;
}

evh_status evh_leader_cosign(const evh_aggregator *self, const evh_peer *helper)
{
    evh_drive drive = {.job_reports = 1, .log_checked = true};
    evh_drive_outcome outcome = {.wait_ms = 0};
    evh_drive_pass p = {.self = self,
                        .helper = helper,
                        .drive = &drive,
                        .outcome = &outcome,
                        .request = evh_buffer_init(EVH_MESSAGE_BYTES_MAX),
                        .response = evh_buffer_init(EVH_MESSAGE_BYTES_MAX)};
    evh_status status = evh_drive_cosign(&p);
    evh_buffer_clear(&p.request);
    evh_buffer_clear(&p.response);
    return status;
}
