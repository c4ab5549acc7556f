/* SPDX-License-Identifier: Apache-2.0
 * aggregator/listing.h: what an operator sees of the log and the rounds, at leader and helper. Each
 * call is a transaction of its own, and gives a list of its own. Enums have the numbers of proto/.
 * Secret   nothing                     Threads  as aggregator/aggregator.h
 * Memory   one list                    Tests    unit/aggregator/test_listing.c */
#ifndef EVH_AGGREGATOR_LISTING_H
#define EVH_AGGREGATOR_LISTING_H

#include "evenhand/aggregator/aggregator.h"
#include "evenhand/plan/population.h"

/* ---- rounds ---- */

typedef struct evh_round_row {
    uint8_t task_id[EVH_TASK_ID_LEN];
    uint8_t plan_id[EVH_PLAN_ID_LEN];
    char plan[EVH_PLAN_NAME_MAX + 1]; /* its name */
    uint32_t round;
    uint32_t state;       /* RoundState */
    uint64_t deadline_ms; /* the newest */
    uint32_t void_reason; /* VoidReason; 0 unless void */
    uint32_t received;    /* reports: at the leader all, at the helper those in jobs; of these: */
    uint32_t accepted;
    uint32_t rejected;
    uint32_t customers;                      /* on the roster when it opened */
    uint32_t customers_needed;               /* min_honest + assumed_corrupt */
    uint64_t window_start_ms, window_end_ms; /* both 0 without a window */
    uint64_t entry_index;                    /* of the round-opened entry */
    bool cosigned;                           /* leader: that entry has been cosigned */
} evh_round_row;

typedef struct evh_round_list {
    evh_round_row *rows;
    size_t count;
} evh_round_list;

/* One round. Fails REFUSED when there is none. */
EVH_MUST_USE evh_status evh_aggregator_find_round(const evh_aggregator *self, evh_round_row *out,
                                                  const uint8_t *task_id);

/* Rounds in the order they were opened.
 *   plan_id  [32] of this plan only; NULL: all */
EVH_MUST_USE evh_status evh_aggregator_list_rounds(const evh_aggregator *self, evh_round_list *out,
                                                   const uint8_t *plan_id);
void evh_round_list_clear(evh_round_list *list);

/* ---- reports of a round ---- */

typedef struct evh_report_row {
    const char *customer; /* verifier key */
    uint32_t state;       /* ReportState; UNSPECIFIED: active on the roster, has sent nothing */
    uint32_t reason;      /* RejectReason */
    uint64_t received_ms; /* 0 at the helper */
} evh_report_row;

typedef struct evh_report_list {
    evh_report_row *rows;
    size_t count;
    evh_buffer names;
} evh_report_list;

/* Every customer that has sent a report or could have, by verifier key. Fails REFUSED when there is
 * no such round. */
EVH_MUST_USE evh_status evh_aggregator_list_reports(const evh_aggregator *self,
                                                    evh_report_list *out, const uint8_t *task_id);
void evh_report_list_clear(evh_report_list *list);

/* ---- populations and plans ---- */

typedef struct evh_population_row {
    evh_population population;
    uint8_t hash[32];
    uint32_t rounds_charged; /* opened so far, over all its plans */
    double epsilon_spent;    /* upper bound at the population's delta; rounded up */
} evh_population_row;

typedef struct evh_population_list {
    evh_population_row *rows;
    size_t count;
} evh_population_list;

/* In the order of their entries. */
EVH_MUST_USE evh_status evh_aggregator_list_populations(const evh_aggregator *self,
                                                        evh_population_list *out);
void evh_population_list_clear(evh_population_list *list);

typedef struct evh_plan_row {
    uint8_t plan_id[EVH_PLAN_ID_LEN];
    char name[EVH_PLAN_NAME_MAX + 1];
    char population[EVH_PLAN_NAME_MAX + 1];
    uint8_t population_hash[32];
    uint32_t rounds; /* the plan's own number */
    uint32_t rounds_opened;
    bool retired;
    uint64_t entry_index;
} evh_plan_row;

typedef struct evh_plan_list {
    evh_plan_row *rows;
    size_t count;
} evh_plan_list;

/* In the order of their entries. */
EVH_MUST_USE evh_status evh_aggregator_list_plans(const evh_aggregator *self, evh_plan_list *out);
void evh_plan_list_clear(evh_plan_list *list);

#endif
