/* SPDX-License-Identifier: Apache-2.0
 * protocol/batch.h: the set of accepted reports, and the aggregate shares released for it.
 * Source   docs/reference/protocol.md, proto/log.proto
 * Secret   aggregate shares until they are released       Tests  unit/protocol/test_batch.c */
#ifndef EVH_PROTOCOL_BATCH_H
#define EVH_PROTOCOL_BATCH_H

#include "evenhand/base/bytes.h"
#include "evenhand/base/rng.h"
#include "evenhand/base/status.h"
#include "evenhand/protocol/report.h"
#include "evenhand/protocol/task.h"
#include "evenhand/tlog/merkle.h"

typedef struct evh_batch {
    uint8_t task_id[EVH_TASK_ID_LEN];
    uint32_t report_count;
    evh_merkle_hash root; /* of the accepted reports' hashes in ascending order */
} evh_batch;

/* The root of a set of report hashes; sorts them in place.
 *   hashes  [count * EVH_REPORT_HASH_LEN] bytes
 * Fails    ARG the same hash twice; MEMORY. */
EVH_MUST_USE evh_status evh_batch_root(evh_merkle_hash *out, uint8_t *hashes, size_t count);

/* Appends the canonical bytes that both aggregators sign (label evenhand/agreed/1) and that are the
 * AAD of their sealed shares. Fails MEMORY. */
EVH_MUST_USE evh_status evh_batch_encode(evh_buffer *out, const evh_batch *batch);

/* SHA-256(salt | aggregate share): published before either share is. Fails MEMORY. */
EVH_MUST_USE evh_status evh_batch_commit_share(uint8_t out[EVH_COMMITMENT_LEN],
                                               const evh_seed32 *salt, evh_view share);

/* Seals salt | aggregate share to the collector. `from` is the leader or the helper. Fails as
 * evh_seal. */
EVH_MUST_USE evh_status evh_batch_seal_share(evh_buffer *out, const evh_batch *batch, evh_role from,
                                             const evh_key_config *collector,
                                             const evh_seed32 *salt, evh_view share,
                                             const evh_rng *rng);

/* Opens one and holds it against its commitment.
 *   out      the aggregate share is appended, only if accepted
 *   verdict  rejected when the seal, the batch, the sender or the commitment is not right
 * Fails    KEY, LENGTH, MEMORY. */
EVH_MUST_USE evh_status evh_batch_open_share(evh_buffer *out, evh_seal_verdict *verdict,
                                             const evh_batch *batch, evh_role from,
                                             const evh_key_ring *collector, evh_view sealed,
                                             const uint8_t commitment[EVH_COMMITMENT_LEN]);

#endif
