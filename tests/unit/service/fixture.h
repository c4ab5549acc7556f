/* SPDX-License-Identifier: Apache-2.0
 * A site and a leader in one process: the leader's log is fabricated entry by entry, signed with
 * whatever keys a test wants, and served by functions. */
#ifndef EVH_UNIT_SERVICE_FIXTURE_H
#define EVH_UNIT_SERVICE_FIXTURE_H

#include "evenhand/plan/plan.h"
#include "evenhand/plan/population.h"
#include "evenhand/seal/key_ring.h"
#include "evenhand/service/outbox.h"
#include "evenhand/service/submission.h"
#include "log.pb-c.h"
#include "service.pb-c.h"
#include "support/test.h"

enum { NOW_MS = 50000, DEADLINE_MS = 90000, ROUNDS_MAX = 4 };

typedef struct fixture {
    test_rng seed;
    evh_rng rng;
    char folder[256];
    char config_path[300];
    int64_t now_ms, monotonic_ms;
    evh_signing_key log, witness, leader, helper, collector, customer, other;
    evh_key_ring *leader_ring, *helper_ring, *collector_ring;
    evh_key_config leader_hpke, helper_hpke, collector_hpke;
    evh_config *config;
    evh_site site;
    evh_plan *plan;
    evh_population population;
    uint8_t population_hash[32];
    /* ---- the leader ---- */
    evh_store *store;
    uint64_t written_ms;
    uint64_t roster_sequence;     /* of the customer's newest entry */
    bool cosign;                  /* the helper cosigns what is published */
    const evh_signing_key *signs; /* the log */
    evh_status failure;           /* of every call and upload, while it lasts */
    size_t fail_uploads;          /* so many fail UNAVAILABLE first */
    bool keep_receipt;            /* the upload is taken and its answer is lost */
    bool forge_receipt;
    size_t uploads, calls, pauses;
    evh_buffer uploaded, receipt; /* the newest */
    uint8_t has_report_of[32];    /* task_id; all zero: none */
    bool has_closed;              /* every round, before the log says so */
    Evenhand__V1__ReportState report_state;
    Evenhand__V1__RejectReason reason;
    bool stop; /* the pause says so */
    evh_buffer result;
} fixture;

int set_up(void **state);
int tear_down(void **state);

/* Closes the site and opens it again. */
void reopen_site(fixture *f);

/* ---- what stands in the log ---- */

void log_keys(fixture *f, const evh_signing_key *helper);
void log_roster(fixture *f, const evh_signing_key *customer, Evenhand__V1__RosterState state,
                const evh_signing_key *leader, const evh_signing_key *helper);
void log_population(fixture *f);
void log_plan(fixture *f, const evh_plan *plan);

typedef struct round_options {
    uint32_t round;
    uint64_t window_start_ms, window_end_ms;
    uint64_t deadline_ms;
    const evh_signing_key *helper; /* that signs its HPKE key */
} round_options;
round_options usual_round(fixture *f, uint32_t round);
void log_round(fixture *f, const round_options *options, uint8_t task_id[32]);
void log_void(fixture *f, const uint8_t task_id[32], Evenhand__V1__VoidReason reason);
void log_closed(fixture *f, const uint8_t task_id[32]);
void log_extended(fixture *f, const uint8_t task_id[32], uint64_t deadline_ms);
/* The hash is that of f->result. */
void log_result(fixture *f, const uint8_t task_id[32], const evh_signing_key *collector,
                int64_t *sums, size_t count);
void publish(fixture *f);

/* Everything up to the roster and the plan, published. */
void log_all(fixture *f);

/* log_all and round 1, published and followed. */
void open_round(fixture *f);

/* A fresh store behind the same leader. */
void replace_log(fixture *f, const char *file);

/* prepare, draw, seal with counts 0, 1, 2, ... times 10. */
evh_status submit(fixture *f, uint32_t round, evh_buffer *report);

#define SERVICE_TEST(test_name) cmocka_unit_test_setup_teardown(test_name, set_up, tear_down)

int run_mirror_tests(void);
int run_submission_tests(void);
int run_outbox_tests(void);
int run_reconcile_tests(void);
int run_results_tests(void);
int run_enrol_tests(void);

#endif
