/* SPDX-License-Identifier: Apache-2.0
 * A pass: the newest checkpoint, held against what is here; then batch by batch the entries. A batch
 * that does not reach the checkpoint is proven to be its beginning by a proof that is asked for from
 * where the batch ends: the log has to hand out such proofs for any size anyway. */
#include <stdlib.h>
#include <string.h>

#include "evenhand/base/failpoint.h"
#include "evenhand/base/sizes.h"
#include "follow_internal.h"

typedef struct pass {
    evh_store *store;
    evh_follow_report *report;
    const evh_follow_peer *peer;
    const evh_follow_policy *policy;
    evh_translog_visit visit;
    void *context;
    evh_follow_batch *batch;
    evh_follow_note note;  /* extends what is here; where the pass ends, however the log grows */
    evh_follow_note later; /* for a batch that does not reach it */
} pass;

typedef struct mirror_state {
    uint64_t size;
    evh_merkle_hash root;
    uint64_t checkpoint_size; /* of the newest checkpoint that is kept */
} mirror_state;

static evh_status read_mirror(evh_store *store, mirror_state *out)
{
    evh_buffer note = evh_buffer_init(EVH_CHECKPOINT_BYTES_MAX);
    evh_status status = evh_ok();
    EVH_TRY(evh_store_begin(store));
    EVH_TRY(evh_translog_size(store, &out->size));
    EVH_TRY(evh_translog_root(store, &out->root, out->size));
    EVH_TRY(evh_translog_newest(store, false, &note, &out->checkpoint_size));
done:
    evh_store_rollback(store);
    evh_buffer_clear(&note);
    return status;
}

static evh_status visit_entry(void *context, uint64_t index, evh_view entry)
{
    pass *p = context;
    return evh_follow_found(&p->report->finding, EVH_FOLLOW_VISIT,
                            p->visit(p->context, index, entry));
}

/* What a refused extension says about the peer, unless its visitor has already said so. */
static void judge_extension(pass *p, evh_status status)
{
    if (p->report->finding != EVH_FOLLOW_FINE)
        return;
    if (status.code == EVH_ERR_REFUSED)
        p->report->finding = EVH_FOLLOW_MISMATCH;
    else if (status.code == EVH_ERR_ENCODING || status.code == EVH_ERR_RANGE)
        p->report->finding = EVH_FOLLOW_MALFORMED;
}

/* Takes the batch in, in one transaction. */
static evh_status take_batch(pass *p, uint64_t start, const evh_follow_note *note,
                             const evh_merkle_proof *proof)
{
    evh_view *views = NULL;
    evh_translog_growth growth = {.start = start,
                                  .entry_count = p->batch->count,
                                  .checkpoint = evh_buffer_view(&note->text),
                                  .consistency = proof};
    bool accepted = false;
    evh_status status = evh_ok();
    EVH_TRY(evh_alloc(&views, p->batch->count, sizeof *views, "log entries"));
    for (size_t i = 0, begin = 0; i < p->batch->count; begin = p->batch->ends[i++])
        views[i] = evh_view_of(p->batch->bytes.data + begin, p->batch->ends[i] - begin);
    growth.entries = views;
    EVH_TRY(evh_store_begin(p->store));
    status = evh_translog_extend(p->store, &accepted, p->policy->log, &growth, visit_entry, p);
    judge_extension(p, status);
    EVH_TRY(status);
    EVH_REQUIRE(accepted, EVH_ERR_STORE, "the mirror became shorter while it was extended");
    EVH_FAILPOINT("follow-before");
    EVH_TRY(evh_store_commit(p->store));
    EVH_FAILPOINT("follow-after");
    p->report->size = start + p->batch->count;
    p->report->new_entries += p->batch->count;
done:
    evh_store_rollback(p->store);
    free(views);
    return status;
}

/* The later note was asked for from inside of the first one: it has to be no smaller, and the same if
 * it is of the same size. That a larger one extends the first shows in the next pass. */
static evh_status check_later(pass *p)
{
    const evh_checkpoint *old = &p->note.checkpoint;
    const evh_checkpoint *new = &p->later.checkpoint;
    evh_status status = evh_ok();
    p->report->finding = EVH_FOLLOW_ROLLED_BACK;
    EVH_REQUIRE(new->size >= old->size, EVH_ERR_REFUSED, "the log shrank from %llu entries to %llu",
                (unsigned long long)old->size, (unsigned long long)new->size);
    p->report->finding = EVH_FOLLOW_FORKED;
    EVH_REQUIRE(new->size != old->size ||
                    memcmp(new->root.bytes, old->root.bytes, sizeof old->root.bytes) == 0,
                EVH_ERR_REFUSED, "the log shows two trees of %llu entries",
                (unsigned long long)old->size);
    p->report->finding = EVH_FOLLOW_FINE;
done:
    return status;
}

/* One batch from the mirror's end on. */
static evh_status step(pass *p)
{
    const uint64_t start = p->report->size;
    const uint64_t target = p->note.checkpoint.size;
    evh_follow_finding *finding = &p->report->finding;
    evh_status status = evh_ok();
    EVH_TRY(evh_follow_get_batch(p->batch, finding, p->peer, start, target));
    if (start + p->batch->count == target) {
        EVH_TRY(take_batch(p, start, &p->note, NULL));
        goto done;
    }
    EVH_TRY(evh_follow_get_note(&p->later, finding, p->peer, p->policy, start + p->batch->count));
    EVH_TRY(check_later(p));
    EVH_TRY(take_batch(p, start, &p->later, &p->later.proof));
done:
    return status;
}

static evh_status run(pass *p)
{
    mirror_state mirror = {.size = 0};
    evh_status status = evh_ok();
    EVH_TRY(read_mirror(p->store, &mirror));
    p->report->size = mirror.size;
    EVH_TRY(evh_follow_get_note(&p->note, &p->report->finding, p->peer, p->policy, mirror.size));
    EVH_TRY(evh_follow_check_growth(&p->note, &p->report->finding, mirror.size, &mirror.root));
    p->report->cosigned_s = p->note.cosigned_s;
    while (p->report->size < p->note.checkpoint.size)
        EVH_TRY(step(p));
    /* Part of the log came in an earlier pass, and there was nothing after it. */
    p->batch->count = 0;
    if (mirror.checkpoint_size < p->report->size && p->report->new_entries == 0)
        EVH_TRY(take_batch(p, p->report->size, &p->note, NULL));
done:
    return status;
}

evh_status evh_follow_sync(evh_store *store, evh_follow_report *report, const evh_follow_peer *peer,
                           const evh_follow_policy *policy, evh_translog_visit visit, void *context)
{
    pass p = {.store = store,
              .report = report,
              .peer = peer,
              .policy = policy,
              .visit = visit,
              .context = context,
              .note = evh_follow_note_init(),
              .later = evh_follow_note_init()};
    evh_status status = evh_ok();
    memset(report, 0, sizeof *report);
    EVH_TRY(evh_alloc(&p.batch, 1, sizeof *p.batch, "a batch of log entries"));
    p.batch->bytes = evh_buffer_init(EVH_FOLLOW_BATCH_BYTES + EVH_FOLLOW_RESPONSE_BYTES_MAX);
    EVH_TRY(run(&p));
done:
    if (status.code != EVH_OK && report->finding == EVH_FOLLOW_FINE)
        report->finding = EVH_FOLLOW_LOCAL;
    if (p.batch != NULL)
        evh_buffer_clear(&p.batch->bytes);
    free(p.batch);
    evh_follow_note_clear(&p.note);
    evh_follow_note_clear(&p.later);
    return status;
}
