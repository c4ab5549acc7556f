/* SPDX-License-Identifier: Apache-2.0
 * aggregator/terms.h: what a plan means for its rounds.
 * Source   docs/reference/plan.md              Secret   nothing
 * Threads  values                              Memory   allocates nothing
 * Tests    unit/aggregator */
#ifndef EVH_AGGREGATOR_TERMS_H
#define EVH_AGGREGATOR_TERMS_H

#include <stdint.h>

#include "evenhand/base/status.h"
#include "evenhand/plan/plan.h"
#include "evenhand/vdaf/prio3.h"

typedef struct evh_terms {
    uint8_t population_hash[32]; /* batches of one population are held against each other */
    evh_prio3_params vdaf;       /* two aggregators */
    uint64_t offset;             /* in each of a customer's cells */
    uint32_t rounds;             /* how many the plan has */
    uint32_t min_honest, assumed_corrupt, max_clients;
} evh_terms;

/* The terms of a plan with noise.
 *   population_hash  [32] SHA-256 of the population's canonical bytes, as the plan's entry has it
 * Fails    INPUT a draft; *out is then all zero. */
EVH_MUST_USE evh_status evh_terms_of_plan(evh_terms *out, const evh_plan *plan,
                                          const uint8_t *population_hash);

#endif
