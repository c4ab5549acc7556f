/* SPDX-License-Identifier: Apache-2.0
 * A leader, a helper, a collector and customers in one process, passing bytes. */
#ifndef EVH_UNIT_AGGREGATOR_FIXTURE_H
#define EVH_UNIT_AGGREGATOR_FIXTURE_H

#include "evenhand/aggregator/collector.h"
#include "evenhand/aggregator/helper.h"
#include "evenhand/aggregator/leader.h"
#include "evenhand/protocol/receipt.h"
#include "evenhand/protocol/report.h"
#include "evenhand/seal/key_ring.h"
#include "evenhand/translog/translog.h"
#include "log.pb-c.h"
#include "service.pb-c.h"
#include "support/test.h"

enum {
    CUSTOMERS = 6,
    CELLS = 4,
    CELL_MAX = 1023,
    SECRETS_MAX = 16,
    NOW_MS = 50000,
    DEADLINE_MS = 90000
};

/* A vault that survives the reopening of a store. */
typedef struct memory_vault {
    uint8_t names[SECRETS_MAX][32];
    evh_round_secrets secrets[SECRETS_MAX];
    size_t count;
    uint8_t closed[32]; /* secrets that are there and cannot be read; all zero: none */
} memory_vault;

typedef struct side {
    char path[300];
    evh_store *store;
    evh_cache *cache;
    memory_vault vault;
    evh_aggregator aggregator;
} side;

typedef struct fixture {
    test_rng seed;
    evh_rng rng;
    char folder[256];
    int64_t now_ms;
    bool restless; /* reopen both stores between any two steps */
    evh_signing_key leader_id, helper_id, collector_id, log_key, witness_key;
    evh_key_ring *collector_ring;
    side leader, helper;
    evh_terms terms;
    evh_prio3 *prio3;
    evh_prio3_workspace *workspace;
    evh_signing_key customers[CUSTOMERS];
    uint64_t roster_sequences[CUSTOMERS]; /* of their newest roster entries */
    uint64_t ledger[CUSTOMERS];
    uint8_t plan_id[32];
    uint8_t task_id[EVH_TASK_ID_LEN];
    evh_task task;
    uint64_t helper_size;
    evh_buffer request, response, report, receipt;
} fixture;

int round_set_up(void **state);
int round_tear_down(void **state);

/* A plan with noise for the population that is in the log, canonical. */
void make_plan(evh_buffer *out, const char *name, uint32_t rounds, uint32_t max_clients);

/* Logs such a plan and makes it the one that the functions below use. */
void use_plan(fixture *f, const char *name, uint32_t rounds, uint32_t max_clients);

/* Closes and opens both stores when the fixture is restless. */
void step(fixture *f);

/* Opens both stores anew, as after a restart. */
void restart(fixture *f);

/* step, and empty buffers. */
void clear(fixture *f);

/* The log up to now, at the helper and cosigned. */
void cosign(fixture *f);

/* Appends a roster entry with both endorsements, one above roster_sequences. */
evh_status enrol(fixture *f, size_t customer, Evenhand__V1__RosterState state);

/* The same with any number. The bytes are those of an earlier entry with the same number and state. */
evh_status enrol_as(fixture *f, size_t customer, Evenhand__V1__RosterState state,
                    uint64_t sequence);

/* A leader that deviates: puts it into its log and looks at nothing. */
void sneak_roster(fixture *f, size_t customer, Evenhand__V1__RosterState state, uint64_t sequence);

/* The log as it is, published and cosigned with the helper's key by somebody who looks at nothing. */
void cosign_blindly(fixture *f);

/* Opens a round up to the reveal. */
void open_round(fixture *f, uint32_t round);

/* A report of a customer with cells {value, value + 1, ...} + OFFSET, in f->report. */
void make_report(fixture *f, size_t customer, uint64_t value);
evh_status upload(fixture *f, size_t customer);

/* make_report, upload. */
void report(fixture *f, size_t customer, uint64_t value);

/* Runs all aggregation jobs of at most `most` reports. */
void aggregate(fixture *f, size_t most);

/* Closes the round and asks for agreement once. */
evh_agreement agree(fixture *f);

/* Commits to the shares of an agreed round, in the log. */
void commit(fixture *f);

/* The entry of a kind about f->task_id, without what is around it. */
void find_entry(fixture *f, Evenhand__V1__LogEntry__KindCase kind, evh_buffer *out);

/* Reads f->task, which is f->task_id, from the log. */
void read_task(fixture *f);

/* The released sums of a round whose commitments are logged. */
void unshard(fixture *f, int64_t sums[CELLS], uint32_t *count);
void publish_result(fixture *f, const int64_t sums[CELLS]);

/* From agreement to the released sums; publishes the result. */
void collect(fixture *f, int64_t sums[CELLS], uint32_t *count);

/* What GetStatus says. */
void expect_status(fixture *f, size_t customer, Evenhand__V1__ReportState state,
                   Evenhand__V1__RejectReason reason);

evh_caller as_leader(void);
evh_caller as_collector(void);

int run_round_tests(void);
int run_attack_tests(void);
int run_drive_tests(void);
int run_listing_tests(void);
int run_thread_tests(void);
int run_restored_tests(void);
int run_memory_tests(void);

#endif
