/* SPDX-License-Identifier: Apache-2.0
 * What a cache holds for the parts of an aggregator. What is held stays as it is until it is let
 * go; nothing here needs a transaction. */
#ifndef EVH_AGGREGATOR_CACHE_INTERNAL_H
#define EVH_AGGREGATOR_CACHE_INTERNAL_H

#include <stdbool.h>

#include "evenhand/aggregator/cache.h"
#include "evenhand/aggregator/terms.h"
#include "evenhand/base/bytes.h"

/* A plan, decoded. */
typedef struct evh_known_plan {
    uint8_t id[EVH_PLAN_ID_LEN];
    evh_plan *plan;
    evh_terms terms;
    evh_prio3 *prio3;
} evh_known_plan;

/* The plan if it is there, else NULL; both arguments as the log has them. Let it go afterwards. */
const evh_known_plan *evh_cache_hold_plan(evh_cache *cache, const uint8_t *plan_id,
                                          const uint8_t *population_hash);

/* Decodes a plan and holds it.
 *   bytes  canonical
 * Fails    as evh_plan_decode; INPUT a draft; RANGE a plan too large for the field; MEMORY */
EVH_MUST_USE evh_status evh_cache_add_plan(evh_cache *cache, const evh_known_plan **out,
                                           const uint8_t *plan_id, const uint8_t *population_hash,
                                           evh_view bytes);

/* Lets a plan go; takes the address, accepts NULL, leaves NULL. */
void evh_cache_release_plan(evh_cache *cache, const evh_known_plan **plan);

#endif
