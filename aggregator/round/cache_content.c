/* SPDX-License-Identifier: Apache-2.0
 * What is cached: plans, tasks and keys. */
#include <stdlib.h>
#include <string.h>

#include "cache_internal.h"
#include "evenhand/base/sizes.h"
#include "evenhand/plan/canonical.h"

/* ---- plans ---- */

static void destroy_plan(evh_cache_slot *slot)
{
    evh_known_plan *known = (evh_known_plan *)slot;
    evh_prio3_free(&known->prio3);
    evh_plan_free(&known->plan);
    free(known);
}

const evh_known_plan *evh_cache_hold_plan(evh_cache *cache, const uint8_t *plan_id,
                                          const uint8_t *population_hash)
{
    evh_cache_key key = evh_cache_key_of(plan_id, population_hash);
    return (const evh_known_plan *)evh_cache_hold(cache, EVH_CACHE_PLAN, &key);
}

evh_status evh_cache_add_plan(evh_cache *cache, const evh_known_plan **out, const uint8_t *plan_id,
                              const uint8_t *population_hash, evh_view bytes)
{
    evh_known_plan *made = NULL;
    evh_status status = evh_ok();
    *out = NULL;
    EVH_TRY(evh_alloc(&made, 1, sizeof *made, "plan"));
    made->slot.key = evh_cache_key_of(plan_id, population_hash);
    made->slot.destroy = destroy_plan;
    EVH_TRY(evh_plan_decode(&made->plan, bytes));
    EVH_TRY(evh_terms_of_plan(&made->terms, made->plan, population_hash));
    EVH_TRY(evh_prio3_new(&made->prio3, &made->terms.vdaf));
    *out = (const evh_known_plan *)evh_cache_add_take(cache, EVH_CACHE_PLAN, &made->slot);
    made = NULL;
done:
    if (made != NULL)
        destroy_plan(&made->slot);
    return status;
}

void evh_cache_release_plan(evh_cache *cache, const evh_known_plan **plan)
{
    if (*plan != NULL)
        evh_cache_release(cache, &(*plan)->slot);
    *plan = NULL;
}

/* ---- tasks ---- */

typedef struct known_task {
    evh_cache_slot slot;
    evh_task task;
} known_task;

static void destroy_task(evh_cache_slot *slot)
{
    free((known_task *)slot);
}

bool evh_cache_find_task(evh_cache *cache, evh_task *out, const uint8_t *task_id)
{
    evh_cache_key key = evh_cache_key_of(task_id, NULL);
    const known_task *known = (const known_task *)evh_cache_hold(cache, EVH_CACHE_TASK, &key);
    if (known == NULL)
        return false;
    *out = known->task;
    evh_cache_release(cache, &known->slot);
    return true;
}

void evh_cache_keep_task(evh_cache *cache, const evh_task *task)
{
    known_task *made = NULL;
    evh_status status = evh_alloc(&made, 1, sizeof *made, "task");
    if (status.code != EVH_OK)
        return;
    made->slot.key = evh_cache_key_of(task->id, NULL);
    made->slot.destroy = destroy_task;
    made->task = *task;
    evh_cache_release(cache, evh_cache_add_take(cache, EVH_CACHE_TASK, &made->slot));
}

/* ---- keys ---- */

static void destroy_keys(evh_cache_slot *slot)
{
    evh_round_keys *keys = (evh_round_keys *)slot;
    evh_key_ring_free(&keys->ring);
    evh_wipe(keys, sizeof *keys);
    free(keys);
}

const evh_round_keys *evh_cache_hold_keys(evh_cache *cache, const uint8_t *task_id)
{
    evh_cache_key key = evh_cache_key_of(task_id, NULL);
    return (const evh_round_keys *)evh_cache_hold(cache, EVH_CACHE_KEYS, &key);
}

evh_status evh_cache_add_keys(evh_cache *cache, const evh_round_keys **out, const uint8_t *task_id,
                              evh_key_ring **ring, const evh_seed32 *verify_key)
{
    evh_round_keys *made = NULL;
    evh_status status = evh_ok();
    *out = NULL;
    EVH_TRY(evh_alloc(&made, 1, sizeof *made, "round keys"));
    made->slot.key = evh_cache_key_of(task_id, NULL);
    made->slot.destroy = destroy_keys;
    made->ring = *ring;
    made->verify_key = *verify_key;
    *ring = NULL;
    *out = (const evh_round_keys *)evh_cache_add_take(cache, EVH_CACHE_KEYS, &made->slot);
done:
    return status;
}

void evh_cache_release_keys(evh_cache *cache, const evh_round_keys **keys)
{
    if (*keys != NULL)
        evh_cache_release(cache, &(*keys)->slot);
    *keys = NULL;
}

void evh_cache_forget_keys(evh_cache *cache, const uint8_t *task_id)
{
    evh_cache_key key = evh_cache_key_of(task_id, NULL);
    evh_cache_forget(cache, EVH_CACHE_KEYS, &key);
}
