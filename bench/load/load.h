/* SPDX-License-Identifier: Apache-2.0
 * Load on a leader and a helper: many customers with a finished report each. */
#ifndef EVH_BENCH_LOAD_H
#define EVH_BENCH_LOAD_H

#include "evenhand/aggregator/deployment.h"
#include "evenhand/plan/plan.h"

typedef struct customer {
    evh_signing_key key;
    evh_buffer cert; /* TLS certificate, PEM */
    evh_buffer report;
} customer;

typedef struct load {
    const char *leader_config, *helper_config;
    evh_clock clock;
    evh_rng rng;
    evh_diagnostics diagnostics;
    evh_plan *plan;
    evh_terms terms;
    uint8_t plan_id[EVH_PLAN_ID_LEN];
    evh_buffer tls_key; /* one key for all: what is measured is the service */
    evh_buffer ca, address;
    uint64_t log_size; /* before the round */
    customer *customers;
    size_t count;
    unsigned threads;
    evh_task task;
} load;

/* Reads the plan and the population, and puts them and all customers into the leader's log. Neither
 * process may be running. */
EVH_MUST_USE evh_status load_people(load *l, const char *plan, const char *population);

/* Opens round 1, waits until the helper has cosigned it, makes all reports. */
EVH_MUST_USE evh_status load_open_round(load *l);

/* Uploads all reports, each over a connection of its own. */
EVH_MUST_USE evh_status load_upload(load *l);

#endif
