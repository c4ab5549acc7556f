/* SPDX-License-Identifier: Apache-2.0
 * aggregator/collector.h: the collector's arithmetic: from two sealed shares to released sums.
 * Source   docs/reference/protocol.md      Secret   the two aggregate shares
 * Threads  values                          Memory   both shares
 * Tests    unit/aggregator */
#ifndef EVH_AGGREGATOR_COLLECTOR_H
#define EVH_AGGREGATOR_COLLECTOR_H

#include "evenhand/aggregator/aggregator.h"
#include "evenhand/seal/key_ring.h"

/* What the log and the two aggregators say about a round. The first three are canonical messages
 * whose entries the caller has found in the log. */
typedef struct evh_collection {
    evh_view round_opened, round_closed, share_commitment;
    evh_view leader_share, helper_share; /* AggregateShare responses */
    const evh_identity *leader, *helper; /* pinned */
    const evh_key_ring *keys;            /* the collector's */
    const evh_terms *terms;
} evh_collection;

/* Opens both shares against their commitments, adds them up and takes the offsets out.
 *   sums   [terms->vdaf.length] released sums; all zero on failure
 *   batch  the agreed batch
 * Fails    KEY a signature, a seal or a commitment that is not right; REFUSED aggregators that do
 *          not speak of the agreed batch; RANGE too many reports for the field; ENCODING, LENGTH */
EVH_MUST_USE evh_status evh_collector_unshard(int64_t *sums, evh_batch *batch,
                                              const evh_collection *in);

/* Appends the canonical, signed ResultEntry for a result file. Fails as evh_sign. */
EVH_MUST_USE evh_status evh_collector_sign_result(evh_buffer *out, const uint8_t *task_id,
                                                  evh_view result_json, const int64_t *sums,
                                                  size_t count, const evh_signing_key *collector);

#endif
