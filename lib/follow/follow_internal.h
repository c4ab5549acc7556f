/* SPDX-License-Identifier: Apache-2.0
 * follow_internal.h: what the parts of the follower share.
 * Everything here sets *finding when it fails for a reason that is not on this side. */
#ifndef EVH_FOLLOW_INTERNAL_H
#define EVH_FOLLOW_INTERNAL_H

#include "evenhand/follow/follow.h"
#include "evenhand/tlog/checkpoint.h"

struct ProtobufCMessage;
struct ProtobufCBinaryData;

/* Gives a failure its finding. Running out of memory is on this side wherever it happens. */
evh_status evh_follow_found(evh_follow_finding *finding, evh_follow_finding value,
                            evh_status status);

/* Calls a method with a message. */
EVH_MUST_USE evh_status evh_follow_ask(const evh_follow_peer *peer, const char *method,
                                       const struct ProtobufCMessage *request, evh_buffer *response,
                                       evh_follow_finding *finding);

EVH_MUST_USE evh_status evh_follow_read_proof(evh_merkle_proof *out,
                                              const struct ProtobufCBinaryData *hashes,
                                              size_t count, evh_follow_finding *finding);

/* ---- checkpoints ---- */

/* A checkpoint as it came, with the proof from known_size on; not held against anything yet but the
 * keys. Init with evh_follow_note_init. */
typedef struct evh_follow_note {
    evh_buffer text;
    evh_checkpoint checkpoint; /* borrows from text */
    evh_merkle_proof proof;
    uint64_t cosigned_s;
} evh_follow_note;

evh_follow_note evh_follow_note_init(void);
void evh_follow_note_clear(evh_follow_note *note);

/* Asks for the newest checkpoint: it is signed and cosigned, and not smaller than known_size. */
EVH_MUST_USE evh_status evh_follow_get_note(evh_follow_note *out, evh_follow_finding *finding,
                                            const evh_follow_peer *peer,
                                            const evh_follow_policy *policy, uint64_t known_size);

/* Fails with FORKED unless the note extends the tree of that size, which it was asked for. */
EVH_MUST_USE evh_status evh_follow_check_growth(const evh_follow_note *note,
                                                evh_follow_finding *finding, uint64_t known_size,
                                                const evh_merkle_hash *known_root);

/* ---- entries ---- */

/* Entries in a row, copied together. All zero but for `bytes` to begin with. */
typedef struct evh_follow_batch {
    evh_buffer bytes;
    size_t ends[EVH_FOLLOW_BATCH_ENTRIES]; /* where each ends in bytes */
    size_t count;
} evh_follow_batch;

/* Asks for entries from `start` on until the batch is full or `end` is reached. At least one comes.
 */
EVH_MUST_USE evh_status evh_follow_get_batch(evh_follow_batch *out, evh_follow_finding *finding,
                                             const evh_follow_peer *peer, uint64_t start,
                                             uint64_t end);

#endif
