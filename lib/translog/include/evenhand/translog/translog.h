/* SPDX-License-Identifier: Apache-2.0
 * translog/translog.h: the transparency log in a store: its writing side at the leader, its mirror at
 * everybody else. An entry is appended in the transaction of what it describes, so that neither is ever
 * there without the other; it is published by the next checkpoint.
 * Every function needs a running transaction of its caller and fails STORE like the store.
 * Source   docs/reference/protocol.md; RFC 6962, C2SP tlog-checkpoint and tlog-cosignature
 * Secret   nothing              Threads  as store/store.h
 * Memory   one entry at a time  Tests    unit/translog */
#ifndef EVH_TRANSLOG_TRANSLOG_H
#define EVH_TRANSLOG_TRANSLOG_H

#include <stdbool.h>
#include <stdint.h>

#include "evenhand/base/bytes.h"
#include "evenhand/base/status.h"
#include "evenhand/seal/identity.h"
#include "evenhand/seal/signing.h"
#include "evenhand/store/store.h"
#include "evenhand/tlog/checkpoint.h"
#include "evenhand/tlog/merkle.h"

enum { EVH_TRANSLOG_ENTRY_BYTES_MAX = 2 << 20 };

/* The number of entries. */
EVH_MUST_USE evh_status evh_translog_size(evh_store *store, uint64_t *size);

/* The time to write into the next entry: now, or that of the newest entry if the clock is behind
 * it. */
EVH_MUST_USE evh_status evh_translog_time(evh_store *store, uint64_t now_ms, uint64_t *written_ms);

/* Appends one entry.
 *   entry  canonical LogEntry of a known kind, not older than the one before
 *   index  of the new entry
 * Fails    ENCODING; RANGE an entry that is too long or older than the one before; STORE also when
 *          this store is behind what it has published. */
EVH_MUST_USE evh_status evh_translog_append(evh_store *store, uint64_t *index, evh_view entry);

/* Reads an entry into out (cleared first). Fails RANGE when there is no such entry. */
EVH_MUST_USE evh_status evh_translog_entry(evh_store *store, evh_buffer *out, uint64_t index);

/* The root of the first `size` entries, and proofs; as in tlog/merkle.h. Fail RANGE for a tree that
 * is larger than the log. */
EVH_MUST_USE evh_status evh_translog_root(evh_store *store, evh_merkle_hash *out, uint64_t size);
EVH_MUST_USE evh_status evh_translog_prove_inclusion(evh_store *store, evh_merkle_proof *out,
                                                     uint64_t index, uint64_t size);
EVH_MUST_USE evh_status evh_translog_prove_consistency(evh_store *store, evh_merkle_proof *out,
                                                       uint64_t old_size, uint64_t new_size);

/* Signs the log as it is and keeps the checkpoint as the newest.
 * Fails    STORE when the store is behind what it has published; as evh_checkpoint_sign. */
EVH_MUST_USE evh_status evh_translog_publish(evh_store *store, const evh_signing_key *log);

/* Adds the helper's cosignature to the newest checkpoint, which then is the newest cosigned one.
 *   cosignature  [EVH_COSIGNATURE_LEN]
 * Fails    KEY when it does not fit the checkpoint; ARG when nothing has been published. */
EVH_MUST_USE evh_status evh_translog_add_cosignature(evh_store *store, const evh_identity *witness,
                                                     const uint8_t *cosignature);

/* The newest checkpoint, or the newest cosigned one, and its size; an empty note and 0 when there
 * is none. */
EVH_MUST_USE evh_status evh_translog_newest(evh_store *store, bool cosigned, evh_buffer *note,
                                            uint64_t *size);

/* Confronts the store with a checkpoint of this log that somebody else has kept. When it is not a
 * prefix of what is here the store was rolled back or forked: that is written down, and nothing is
 * appended any more until evh_translog_extend has brought what is missing.
 *   behind  the verdict
 * Fails    KEY when the log has not signed the note; ENCODING; LENGTH. */
EVH_MUST_USE evh_status evh_translog_confront(evh_store *store, bool *behind,
                                              const evh_identity *log, evh_view note);

/* Whether the store is behind a checkpoint, and of how many entries; 0 when it is not. Entries before
 * that are being repeated, not new. */
EVH_MUST_USE evh_status evh_translog_behind(evh_store *store, bool *behind, uint64_t *until);

/* For the writer of the log, once it has taken from its witness all that the witness has: what is
 * still missing never left this machine, and the log goes on without it. Fails REFUSED when nothing is
 * missing and the entries are others: a fork. */
EVH_MUST_USE evh_status evh_translog_settle(evh_store *store);

/* ---- the mirror ---- */

/* What is to be done with each new entry, in the same transaction; a failure refuses them all. */
typedef evh_status (*evh_translog_visit)(void *context, uint64_t index, evh_view entry);

typedef struct evh_translog_growth {
    uint64_t start;          /* index of the first entry; entries that are there already are fine */
    const evh_view *entries; /* [entry_count] */
    size_t entry_count;
    evh_view checkpoint; /* of exactly start + entry_count entries, or with a proof of more */
    /* NULL, or the proof that start + entry_count entries are the beginning of the checkpoint's: part
     * of a long log. The newest checkpoint then stays what it was. */
    const evh_merkle_proof *consistency;
} evh_translog_growth;

/* Takes new entries and the checkpoint that covers them. A store that is behind takes them too, and
 * is not behind any more once it has reached what it was confronted with.
 *   accepted  false, and nothing changed, when entries before `start` are missing here
 * Fails    REFUSED when the log does not grow from what is here, or the checkpoint is not the log's
 *          own or does not cover what came; like visit; ENCODING, RANGE as for append. The
 *          caller's transaction then has to be undone. */
EVH_MUST_USE evh_status evh_translog_extend(evh_store *store, bool *accepted,
                                            const evh_identity *log,
                                            const evh_translog_growth *growth,
                                            evh_translog_visit visit, void *context);

#endif
