/* SPDX-License-Identifier: Apache-2.0
 * follow/follow.h: following the transparency log of a leader that is not trusted: bringing a mirror
 * in a store up to date, or checking one entry without a mirror.
 * Nothing is taken into a store that the pinned key of the log has not signed and the pinned helper
 * has not cosigned, and nothing that does not extend what was there before. A long log comes in
 * several transactions. Each of them ends in a state that stands for itself: the entries up to there
 * are proven to be the beginning of the signed checkpoint, so that it does not matter whether the
 * rest ever comes.
 * Source   RFC 6962, C2SP tlog-checkpoint and tlog-cosignature; proto/service.proto
 * Secret   nothing
 * Threads  one follower per store; calls run outside of its transactions
 * Memory   EVH_FOLLOW_BATCH_BYTES of entries and one message     Tests    unit/follow, fuzz/follow */
#ifndef EVH_FOLLOW_FOLLOW_H
#define EVH_FOLLOW_FOLLOW_H

#include <stdint.h>

#include "evenhand/base/bytes.h"
#include "evenhand/base/status.h"
#include "evenhand/seal/identity.h"
#include "evenhand/store/store.h"
#include "evenhand/tlog/merkle.h"
#include "evenhand/translog/translog.h"

enum {
    EVH_FOLLOW_RESPONSE_BYTES_MAX = 8 << 20, /* one response; it holds an entry of any size */
    EVH_FOLLOW_BATCH_BYTES = 16 << 20, /* entries of one transaction; the last may exceed it */
    EVH_FOLLOW_BATCH_ENTRIES = 4096
};

/* How the leader, or whoever else serves the log, is reached: one call of a method.
 *   path      "/evenhand.v1.Leader/GetCheckpoint"
 *   response  cleared first
 * Fails     UNAVAILABLE when it should be tried again later; what the peer refused with */
typedef struct evh_follow_peer {
    evh_status (*call)(void *context, const char *path, evh_view request, evh_buffer *response);
    void *context;
} evh_follow_peer;

/* Whose signatures a checkpoint must carry; all pinned, borrowed. */
typedef struct evh_follow_policy {
    const evh_identity *log;    /* its name is the log's origin */
    const evh_identity *helper; /* EVH_IDENTITY_COSIGNATURE */
} evh_follow_policy;

/* What was wrong, for callers who treat one thing otherwise than another. In brackets the status
 * code that goes with it. */
typedef enum evh_follow_finding {
    EVH_FOLLOW_FINE = 0,
    EVH_FOLLOW_UNREACHABLE, /* [UNAVAILABLE] the peer does not answer, or has published nothing yet */
    EVH_FOLLOW_DECLINED,    /* [the peer's] the peer does not want to answer */
    EVH_FOLLOW_MALFORMED,   /* [ENCODING, LENGTH, RANGE] an answer that is none */
    EVH_FOLLOW_OTHER_LOG,   /* [REFUSED] a checkpoint of a log with another name */
    EVH_FOLLOW_NOT_SIGNED,   /* [KEY] the log's pinned key has not signed the checkpoint */
    EVH_FOLLOW_NOT_COSIGNED, /* [KEY] the pinned helper has not cosigned it */
    EVH_FOLLOW_ROLLED_BACK,  /* [REFUSED] the log is shorter than what was seen of it before */
    EVH_FOLLOW_FORKED,       /* [REFUSED] the log does not extend what was seen of it before */
    EVH_FOLLOW_MISMATCH,     /* [REFUSED] entries that are not those the checkpoint covers */
    EVH_FOLLOW_VISIT,        /* [the visitor's] the visitor refused an entry */
    EVH_FOLLOW_LOCAL         /* [any other] on this side: the store, memory (also for an answer that
                                is too long to be one) */
} evh_follow_finding;

enum { EVH_FOLLOW_FINDING_COUNT = EVH_FOLLOW_LOCAL + 1 };

/* A stable name for logs and JSON: "rolled_back". */
const char *evh_follow_finding_name(evh_follow_finding finding);

/* Filled whatever happens. */
typedef struct evh_follow_report {
    evh_follow_finding finding;
    uint64_t size; /* entries in the mirror now */
    uint64_t new_entries;
    uint64_t cosigned_s; /* when the helper cosigned the newest checkpoint that was seen, seconds
                            since 1970; 0 when none was. A peer that hides what is new shows itself
                            by a time that stays behind */
} evh_follow_report;

/* Brings a mirror up to date.
 *   store    without a running transaction
 *   visit    is called with each new entry in its order, in the transaction that takes it in
 * Fails     as evh_follow_finding says. What was taken in by earlier transactions of the call stays,
 *           and is right. */
EVH_MUST_USE evh_status evh_follow_sync(evh_store *store, evh_follow_report *report,
                                        const evh_follow_peer *peer,
                                        const evh_follow_policy *policy, evh_translog_visit visit,
                                        void *context);

/* ---- without a mirror ---- */

/* What is remembered of a log instead; all zero: nothing yet. */
typedef struct evh_follow_head {
    uint64_t size;
    evh_merkle_hash root;
    uint64_t cosigned_s;
} evh_follow_head;

/* Moves to the newest checkpoint: signed, cosigned, and an extension of *head. *head is unchanged on
 * failure. Fails as evh_follow_finding says. */
EVH_MUST_USE evh_status evh_follow_advance(evh_follow_head *head, evh_follow_finding *finding,
                                           const evh_follow_peer *peer,
                                           const evh_follow_policy *policy);

/* Checks that an entry is where it is said to be.
 *   entry  canonical LogEntry
 * Fails    REFUSED with MISMATCH when it is not, or index is not below the size of *head; otherwise
 *          as evh_follow_finding says. */
EVH_MUST_USE evh_status evh_follow_check_entry(const evh_follow_head *head,
                                               evh_follow_finding *finding,
                                               const evh_follow_peer *peer, uint64_t index,
                                               evh_view entry);

#endif
