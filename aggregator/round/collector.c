/* SPDX-License-Identifier: Apache-2.0 */
#include "evenhand/aggregator/collector.h"

#include <stdlib.h>
#include <string.h>

#include "evenhand/base/limits.h"
#include "evenhand/base/sizes.h"
#include "evenhand/seal/hash.h"
#include "round_internal.h"

enum { RESULT_BYTES_MAX = 1 << 20 };

/* The messages of a collection, read. */
typedef struct statements {
    evh_task task;
    Evenhand__V1__RoundClosed *closed;
    Evenhand__V1__ShareCommitment *commitments;
    Evenhand__V1__AggregateShare *shares[2]; /* leader, helper */
} statements;

static void statements_clear(statements *s)
{
    evh_wire_free(&s->closed);
    evh_wire_free(&s->commitments);
    evh_wire_free(&s->shares[0]);
    evh_wire_free(&s->shares[1]);
}

static evh_status read_statements(statements *s, const evh_collection *in)
{
    evh_status status = evh_ok();
    EVH_TRY(evh_task_read(&s->task, in->round_opened, in->leader, in->helper));
    EVH_TRY(evh_wire_unpack(&s->closed, &evenhand__v1__round_closed__descriptor, in->round_closed,
                            "round-closed entry"));
    EVH_TRY(evh_wire_unpack(&s->commitments, &evenhand__v1__share_commitment__descriptor,
                            in->share_commitment, "share commitments"));
    EVH_TRY(evh_wire_unpack(&s->shares[0], &evenhand__v1__aggregate_share__descriptor,
                            in->leader_share, "the leader's share"));
    EVH_TRY(evh_wire_unpack(&s->shares[1], &evenhand__v1__aggregate_share__descriptor,
                            in->helper_share, "the helper's share"));
done:
    return status;
}

/* The batch that both have signed, and that everything else is about. */
static evh_status check_statements(const statements *s, evh_batch *batch, const evh_collection *in)
{
    evh_view id = evh_view_of(s->task.id, sizeof s->task.id);
    evh_seal_verdict leader = EVH_SEAL_REJECTED;
    evh_seal_verdict helper = EVH_SEAL_REJECTED;
    evh_status status = evh_ok();
    EVH_REQUIRE(evh_view_equal(evh_wire_bytes(&s->closed->task_id), id) &&
                    evh_view_equal(evh_wire_bytes(&s->commitments->task_id), id),
                EVH_ERR_REFUSED, "entries of another round");
    memcpy(batch->task_id, s->task.id, sizeof batch->task_id);
    batch->report_count = s->closed->report_count;
    EVH_TRY(evh_wire_copy_bytes(batch->root.bytes, sizeof batch->root.bytes,
                                &s->closed->reports_root, "the agreed root"));
    EVH_TRY(evh_batch_check(&leader, batch, in->leader, &s->closed->leader_signature));
    EVH_TRY(evh_batch_check(&helper, batch, in->helper, &s->closed->helper_signature));
    EVH_REQUIRE(leader == EVH_SEAL_ACCEPTED && helper == EVH_SEAL_ACCEPTED, EVH_ERR_KEY,
                "a batch that not both aggregators have signed");
    EVH_REQUIRE(s->commitments->leader.len == EVH_COMMITMENT_LEN &&
                    s->commitments->helper.len == EVH_COMMITMENT_LEN,
                EVH_ERR_LENGTH, "a commitment of a wrong length");
    for (size_t i = 0; i < 2; i++)
        EVH_REQUIRE(s->shares[i]->report_count == batch->report_count &&
                        evh_view_equal(evh_wire_bytes(&s->shares[i]->reports_root),
                                       evh_wire_bytes(&s->closed->reports_root)),
                    EVH_ERR_REFUSED, "an aggregate share of another batch");
done:
    return status;
}

static evh_status open_share(evh_buffer *out, const statements *s, const evh_batch *batch,
                             evh_role from, const evh_collection *in)
{
    bool leads = from == EVH_ROLE_LEADER;
    evh_seal_verdict verdict = EVH_SEAL_REJECTED;
    evh_status status = evh_ok();
    EVH_TRY(evh_batch_open_share(
        out, &verdict, batch, from, in->keys, evh_wire_bytes(&s->shares[leads ? 0 : 1]->sealed),
        leads ? s->commitments->leader.data : s->commitments->helper.data));
    EVH_REQUIRE(verdict == EVH_SEAL_ACCEPTED, EVH_ERR_KEY,
                "the %s's share is not what it has committed to", leads ? "leader" : "helper");
done:
    return status;
}

static evh_status take_offsets_out(int64_t *sums, const evh_u128 *totals, const evh_batch *batch,
                                   const evh_terms *terms)
{
    evh_u128 offset = (evh_u128)terms->offset * batch->report_count;
    for (size_t i = 0; i < terms->vdaf.length; i++) {
        bool negative = totals[i] < offset;
        evh_u128 size = negative ? offset - totals[i] : totals[i] - offset;
        if (size > INT64_MAX)
            return evh_fail(EVH_ERR_RANGE, "a sum that passes 63 bits");
        sums[i] = negative ? -(int64_t)size : (int64_t)size;
    }
    return evh_ok();
}

evh_status evh_collector_unshard(int64_t *sums, evh_batch *batch, const evh_collection *in)
{
    statements s = {.closed = NULL};
    evh_buffer shares[2] = {evh_buffer_init(EVH_REPORT_BYTES_MAX),
                            evh_buffer_init(EVH_REPORT_BYTES_MAX)};
    evh_view views[2];
    evh_prio3 *prio3 = NULL;
    evh_u128 *totals = NULL;
    size_t count = (size_t)in->terms->vdaf.length;
    evh_status status = evh_ok();
    memset(sums, 0, count * sizeof *sums);
    memset(batch, 0, sizeof *batch);
    EVH_TRY(read_statements(&s, in));
    EVH_TRY(check_statements(&s, batch, in));
    EVH_TRY(evh_prio3_new(&prio3, &in->terms->vdaf));
    EVH_TRY(evh_prio3_check_capacity(prio3, batch->report_count));
    EVH_TRY(open_share(&shares[0], &s, batch, EVH_ROLE_LEADER, in));
    EVH_TRY(open_share(&shares[1], &s, batch, EVH_ROLE_HELPER, in));
    views[0] = evh_buffer_view(&shares[0]);
    views[1] = evh_buffer_view(&shares[1]);
    EVH_TRY(evh_alloc(&totals, count, sizeof *totals, "sums"));
    EVH_TRY(evh_prio3_unshard(prio3, totals, views, 2));
    EVH_TRY(take_offsets_out(sums, totals, batch, in->terms));
done:
    if (status.code != EVH_OK) {
        memset(sums, 0, count * sizeof *sums);
        memset(batch, 0, sizeof *batch);
    }
    free(totals);
    evh_prio3_free(&prio3);
    evh_buffer_clear(&shares[0]);
    evh_buffer_clear(&shares[1]);
    statements_clear(&s);
    return status;
}

evh_status evh_collector_sign_result(evh_buffer *out, const uint8_t *task_id, evh_view result_json,
                                     const int64_t *sums, size_t count,
                                     const evh_signing_key *collector)
{
    Evenhand__V1__ResultEntry message;
    evenhand__v1__result_entry__init(&message);
    evh_buffer body = evh_buffer_init(RESULT_BYTES_MAX);
    uint8_t hash[EVH_SHA256_LEN];
    uint8_t signature[EVH_SIGNATURE_LEN];
    int64_t *copy = NULL; /* protobuf-c only reads what it packs, but its type is not const */
    evh_status status = evh_ok();
    EVH_TRY(evh_alloc(&copy, count, sizeof *copy, "sums"));
    memcpy(copy, sums, count * sizeof *copy);
    EVH_TRY(evh_sha256(hash, result_json));
    evh_wire_set_bytes(&message.task_id, evh_view_of(task_id, EVH_TASK_ID_LEN));
    evh_wire_set_bytes(&message.result_hash, evh_view_of(hash, sizeof hash));
    message.sums = copy;
    message.n_sums = count;
    EVH_TRY(evh_wire_pack(&body, &message.base));
    EVH_TRY(evh_sign(signature, collector, EVH_LABEL_RESULT, evh_buffer_view(&body)));
    evh_wire_set_bytes(&message.collector_signature, evh_view_of(signature, sizeof signature));
    EVH_TRY(evh_wire_pack(out, &message.base));
done:
    free(copy);
    evh_buffer_clear(&body);
    return status;
}
