/* SPDX-License-Identifier: Apache-2.0
 * service/mirror.h: what a customer knows of the log: parties, its own roster entry, populations,
 * plans and rounds, each checked against the pinned keys when it comes in.
 * Look-ups run in a transaction of their own; they fail STORE on a damaged mirror.
 * Source   docs/reference/protocol.md            Secret   nothing
 * Threads  as store/store.h                      Memory   one entry at a time
 * Tests    unit/service/test_mirror.c */
#ifndef EVH_SERVICE_MIRROR_H
#define EVH_SERVICE_MIRROR_H

#include "evenhand/plan/plan.h"
#include "evenhand/plan/population.h"
#include "evenhand/protocol/task.h"
#include "evenhand/service/site.h"

typedef enum evh_round_state {
    EVH_ROUND_OPEN = 1, /* numbers as in proto/service.proto */
    EVH_ROUND_CLOSED,
    EVH_ROUND_AGREED,
    EVH_ROUND_COLLECTED,
    EVH_ROUND_VOID
} evh_round_state;

typedef struct evh_mirror_round {
    evh_task task;
    uint64_t entry_index;
    evh_round_state state;
    uint32_t void_reason;  /* VoidReason of proto/log.proto */
    uint32_t report_count; /* from AGREED on */
    uint64_t deadline_ms;  /* the newest */
    uint64_t opened_ms;    /* when its entry was written */
} evh_mirror_round;

typedef struct evh_mirror_self {
    bool known;     /* there was an entry */
    bool active;    /* by the newest */
    uint64_t since; /* index of the first */
} evh_mirror_self;

/* Takes one entry: for evh_follow_sync, with the site as context. Fails PRIVACY an entry that the
 * pinned keys do not vouch for. */
EVH_MUST_USE evh_status evh_mirror_visit(void *site, uint64_t index, evh_view entry);

/* Whether the log has named the parties; they are then the pinned ones. */
EVH_MUST_USE evh_status evh_mirror_parties(evh_site *site, bool *known);

EVH_MUST_USE evh_status evh_mirror_self_of(evh_site *site, evh_mirror_self *out);

/* A plan of the log.
 *   plan        NULL when the log has no such plan; free with evh_plan_free
 *   population  that it was published for
 *   retired     no further round is opened */
EVH_MUST_USE evh_status evh_mirror_plan(evh_site *site, evh_plan **plan, evh_population *population,
                                        bool *retired, const uint8_t plan_id[EVH_PLAN_ID_LEN]);

/* A round; *found is false when it was not opened. */
EVH_MUST_USE evh_status evh_mirror_round_of(evh_site *site, bool *found, evh_mirror_round *out,
                                            const uint8_t plan_id[EVH_PLAN_ID_LEN], uint32_t round);

/* Visits all rounds in the order in which they were opened, outside of a transaction. Fails as
 * visit does. */
typedef evh_status (*evh_mirror_visit_round)(void *context, const evh_mirror_round *round);
EVH_MUST_USE evh_status evh_mirror_each_round(evh_site *site, evh_mirror_visit_round visit,
                                              void *context);

/* The plan of the log with this name that was published last; *found is false without one. */
EVH_MUST_USE evh_status evh_mirror_plan_named(evh_site *site, bool *found,
                                              uint8_t plan_id[EVH_PLAN_ID_LEN], const char *name);

/* The canonical ResultEntry of a collected round; *found is false before. */
EVH_MUST_USE evh_status evh_mirror_result(evh_site *site, bool *found, evh_buffer *entry,
                                          const uint8_t task_id[EVH_TASK_ID_LEN]);

/* When the newest entry was written, milliseconds since 1970; 0 for an empty log. */
EVH_MUST_USE evh_status evh_mirror_time(evh_site *site, uint64_t *written_ms);

#endif
