/* SPDX-License-Identifier: Apache-2.0
 * What a cache holds for the parts of an aggregator. What is held stays as it is until it is let
 * go; nothing here needs a transaction. */
#ifndef EVH_AGGREGATOR_CACHE_INTERNAL_H
#define EVH_AGGREGATOR_CACHE_INTERNAL_H

#include <stdbool.h>

#include "evenhand/aggregator/cache.h"
#include "evenhand/aggregator/terms.h"
#include "evenhand/base/bytes.h"
#include "evenhand/base/secret.h"
#include "evenhand/protocol/task.h"
#include "evenhand/seal/key_ring.h"

/* ---- slots ---- */

typedef enum evh_cache_kind {
    EVH_CACHE_PLAN, /* key: plan_id | population hash */
    EVH_CACHE_TASK, /* key: task_id */
    EVH_CACHE_KEYS, /* key: task_id */
    EVH_CACHE_KINDS
} evh_cache_kind;

typedef struct evh_cache_key {
    uint8_t bytes[64];
} evh_cache_key;

/* The first member of everything that is cached. */
typedef struct evh_cache_slot {
    evh_cache_key key;
    void (*destroy)(struct evh_cache_slot *slot); /* frees it, this struct included */
    size_t holders;
    struct evh_cache_slot *next;
} evh_cache_slot;

/* head | tail, 32 bytes each; tail may be NULL. */
evh_cache_key evh_cache_key_of(const uint8_t *head, const uint8_t *tail);

/* What is there, or NULL. */
evh_cache_slot *evh_cache_hold(evh_cache *cache, evh_cache_kind kind, const evh_cache_key *key);

/* Puts something there and holds it; if another thread was faster, what is new is destroyed and
 * what is there is held. */
evh_cache_slot *evh_cache_add_take(evh_cache *cache, evh_cache_kind kind, evh_cache_slot *slot);

/* Lets go; accepts NULL. */
void evh_cache_release(evh_cache *cache, const evh_cache_slot *slot);

/* Destroys it as soon as nobody holds it; it is not found any more. */
void evh_cache_forget(evh_cache *cache, evh_cache_kind kind, const evh_cache_key *key);

/* ---- plans ---- */

/* A plan, decoded. */
typedef struct evh_known_plan {
    evh_cache_slot slot;
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

/* ---- rounds ---- */

/* Copies a task whose signatures have been checked before; false when it is not there. */
bool evh_cache_find_task(evh_cache *cache, evh_task *out, const uint8_t *task_id);

/* Keeps a task. Without memory it is not kept. */
void evh_cache_keep_task(evh_cache *cache, const evh_task *task);

/* What opens the shares of a round and verifies them. */
typedef struct evh_round_keys {
    evh_cache_slot slot;
    evh_key_ring *ring;
    evh_seed32 verify_key;
} evh_round_keys;

const evh_round_keys *evh_cache_hold_keys(evh_cache *cache, const uint8_t *task_id);

/* Takes the ring on success. Fails MEMORY. */
EVH_MUST_USE evh_status evh_cache_add_keys(evh_cache *cache, const evh_round_keys **out,
                                           const uint8_t *task_id, evh_key_ring **ring,
                                           const evh_seed32 *verify_key);
void evh_cache_release_keys(evh_cache *cache, const evh_round_keys **keys);

/* The round has ended: wipes its keys. */
void evh_cache_forget_keys(evh_cache *cache, const uint8_t *task_id);

#endif
