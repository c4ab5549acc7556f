/* SPDX-License-Identifier: Apache-2.0
 * aggregator/collect.h: the collector at work: it follows the log, and for every round whose share
 * commitments are in it and whose result is not, fetches both aggregate shares, adds them, writes
 * result.json, and has the leader publish it.
 * Repeating is safe at any point: the same shares give the same bytes, a result is durable in the
 * folder of results with its signed entry before anybody sees it, and one that is there is published
 * as it is. What goes wrong with one round stops no other.
 * Source   docs/operator/collecting.md, docs/reference/protocol.md
 * Secret   the two aggregate shares, for a moment
 * Threads  one collector per store and folder
 * Memory   one round: both shares and its result     Tests    unit/collect */
#ifndef EVH_AGGREGATOR_COLLECT_H
#define EVH_AGGREGATOR_COLLECT_H

#include "evenhand/aggregator/aggregator.h"
#include "evenhand/files/files.h"
#include "evenhand/follow/follow.h"
#include "evenhand/plan/plan.h"
#include "evenhand/seal/key_ring.h"

enum {
    EVH_COLLECT_RETRY_MS = 500, /* before the first retry; doubles with each that fails */
    EVH_COLLECT_RETRY_MAX_MS = 60000
};

/* Everything is borrowed. */
typedef struct evh_collect {
    const evh_aggregator *self;  /* role EVH_ROLE_COLLECTOR; its store is the mirror of the log */
    const evh_key_ring *keys;    /* the collector's */
    evh_peer leader, helper;     /* how they are called */
    const char *folder;          /* of results; must exist */
    int64_t late_ms;             /* from the commitments to the result, before it is late */
    bool (*stop)(void *context); /* asked before each call; may be NULL */
    void *context;               /* of stop */
} evh_collect;

typedef enum evh_collect_state {
    EVH_COLLECT_OPEN = 1,  /* uploads and aggregation go on */
    EVH_COLLECT_CLOSED,    /* both have agreed on a batch */
    EVH_COLLECT_READY,     /* commitments to the shares are in the log: to be collected */
    EVH_COLLECT_PUBLISHED, /* a result is in the log */
    EVH_COLLECT_CONFIRMED, /* and it is the one in the folder */
    EVH_COLLECT_VOID       /* there will be no result */
} evh_collect_state;

/* "open", "closed", "ready", "published", "confirmed" or "void". */
const char *evh_collect_state_name(evh_collect_state state);

/* A round as the mirror knows it. */
typedef struct evh_collect_row {
    uint8_t task_id[EVH_TASK_ID_LEN];
    uint8_t plan_id[EVH_PLAN_ID_LEN];
    char plan[EVH_PLAN_NAME_MAX + 1];
    uint32_t round;
    evh_collect_state state;
    uint32_t void_reason;          /* VoidReason of proto/log.proto; 0 unless void */
    uint64_t opened_index;         /* of the round-opened entry */
    uint64_t ready_ms;             /* when the commitments were logged; 0 before */
    char path[EVH_PATH_BYTES_MAX]; /* of its result.json, there or not */
} evh_collect_row;

typedef struct evh_collect_list {
    evh_collect_row *rows; /* in the order in which they were opened */
    size_t count;
} evh_collect_list;

/* The rounds of the mirror as it is. Fails STORE, MEMORY. */
EVH_MUST_USE evh_status evh_collect_list_rounds(const evh_collect *collect, evh_collect_list *out);
void evh_collect_list_clear(evh_collect_list *list);

/* Brings the mirror up to date. Fails as evh_follow_sync. */
EVH_MUST_USE evh_status evh_collect_follow(const evh_collect *collect, evh_follow_report *report);

/* Collects one round as far as it goes now: nothing for one that is not ready or is confirmed.
 *   row     of the mirror as it is
 *   moved   true when a result was published or confirmed
 * Fails    UNAVAILABLE a peer to be asked again later; KEY a share that does not fit its commitment
 *          or a batch that is not signed; REFUSED aggregators that do not agree, or a log that has
 *          another result; PRIVACY fewer customers than the plan demands; STORE the folder, or files
 *          in it that do not fit together; INPUT, RANGE what the log says of the round gives no
 *          result */
EVH_MUST_USE evh_status evh_collect_round(const evh_collect *collect, const evh_collect_row *row,
                                          bool *moved);

/* What a pass has found. */
typedef struct evh_collect_outcome {
    evh_follow_report log;
    evh_code log_code;                                  /* of following the log */
    uint32_t open, ready, published, confirmed, voided; /* rounds in these states afterwards */
    uint32_t troubled;  /* rounds that could not be moved on; logged */
    uint32_t late;      /* rounds ready for longer than late_ms */
    bool peers_reached; /* no call found a peer away */
} evh_collect_outcome;

/* One pass: follows the log and collects what is ready. Trouble with the log or a round is logged
 * (docs/operator/events.md). Fails STORE, MEMORY; *outcome is filled whatever happens. */
EVH_MUST_USE evh_status evh_collect_pass(const evh_collect *collect, evh_collect_outcome *outcome);

#endif
