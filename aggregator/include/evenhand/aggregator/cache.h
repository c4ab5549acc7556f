/* SPDX-License-Identifier: Apache-2.0
 * aggregator/cache.h: what a running aggregator need not work out again for every report: decoded
 * plans with their tables, and the keys of open rounds. Nothing in it is needed for correctness:
 * everything is found again from the store and the vault.
 * Secret   round keys, wiped when the round ends and when the cache is freed
 * Threads  safe
 * Memory   EVH_CACHE_PLANS_MAX plans, EVH_CACHE_ROUNDS_MAX rounds and what is in use
 * Tests    unit/aggregator */
#ifndef EVH_AGGREGATOR_CACHE_H
#define EVH_AGGREGATOR_CACHE_H

#include "evenhand/base/status.h"

enum { EVH_CACHE_PLANS_MAX = 16, EVH_CACHE_ROUNDS_MAX = 64 };

typedef struct evh_cache evh_cache;

/* One for each store. Fails MEMORY. */
EVH_MUST_USE evh_status evh_cache_new(evh_cache **out);

/* Takes the address, accepts NULL, leaves NULL. No call of its aggregator may be running. */
void evh_cache_free(evh_cache **cache);

#endif
