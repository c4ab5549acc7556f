/* SPDX-License-Identifier: Apache-2.0 */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "cache_internal.h"
#include "evenhand/base/sizes.h"
#include "evenhand/plan/canonical.h"

/* The newest use comes first. */
typedef struct plan_slot {
    evh_known_plan known; /* first: a plan is the address of its slot */
    size_t holders;
    struct plan_slot *next;
} plan_slot;

struct evh_cache {
    pthread_mutex_t lock;
    plan_slot *plans;
};

evh_status evh_cache_new(evh_cache **out)
{
    evh_cache *cache = NULL;
    evh_status status = evh_ok();
    *out = NULL;
    EVH_TRY(evh_alloc(&cache, 1, sizeof *cache, "cache"));
    if (pthread_mutex_init(&cache->lock, NULL) != 0) {
        free(cache);
        return evh_fail(EVH_ERR_MEMORY, "no mutex");
    }
    *out = cache;
done:
    return status;
}

static void plan_slot_free(plan_slot *slot)
{
    evh_prio3_free(&slot->known.prio3);
    evh_plan_free(&slot->known.plan);
    free(slot);
}

void evh_cache_free(evh_cache **cache)
{
    if (*cache == NULL)
        return;
    for (plan_slot *slot = (*cache)->plans; slot != NULL;) {
        plan_slot *next = slot->next;
        plan_slot_free(slot);
        slot = next;
    }
    (void)pthread_mutex_destroy(&(*cache)->lock);
    free(*cache);
    *cache = NULL;
}

static void lock(evh_cache *cache)
{
    (void)pthread_mutex_lock(&cache->lock);
}

static void unlock(evh_cache *cache)
{
    (void)pthread_mutex_unlock(&cache->lock);
}

/* Finds a plan and moves it to the front; the lock is held. */
static plan_slot *find_plan(evh_cache *cache, const uint8_t *plan_id, const uint8_t *hash)
{
    for (plan_slot **link = &cache->plans; *link != NULL; link = &(*link)->next) {
        plan_slot *slot = *link;
        if (memcmp(slot->known.id, plan_id, sizeof slot->known.id) != 0 ||
            memcmp(slot->known.terms.population_hash, hash, EVH_PLAN_ID_LEN) != 0)
            continue;
        *link = slot->next;
        slot->next = cache->plans;
        cache->plans = slot;
        return slot;
    }
    return NULL;
}

/* Takes the plan that was not used for the longest time off the list, when there are more than are
 * kept; the lock is held. What is in use stays. */
static plan_slot *take_surplus(evh_cache *cache)
{
    plan_slot **victim = NULL;
    plan_slot *out = NULL;
    size_t count = 0;
    for (plan_slot **link = &cache->plans; *link != NULL; link = &(*link)->next) {
        if ((*link)->holders == 0)
            victim = link;
        count++;
    }
    if (count <= EVH_CACHE_PLANS_MAX || victim == NULL)
        return NULL;
    out = *victim;
    *victim = out->next;
    return out;
}

const evh_known_plan *evh_cache_hold_plan(evh_cache *cache, const uint8_t *plan_id,
                                          const uint8_t *population_hash)
{
    lock(cache);
    plan_slot *slot = find_plan(cache, plan_id, population_hash);
    if (slot != NULL)
        slot->holders++;
    unlock(cache);
    return slot == NULL ? NULL : &slot->known;
}

static evh_status decode(plan_slot *slot, const uint8_t *plan_id, const uint8_t *population_hash,
                         evh_view bytes)
{
    evh_status status = evh_ok();
    memcpy(slot->known.id, plan_id, sizeof slot->known.id);
    EVH_TRY(evh_plan_decode(&slot->known.plan, bytes));
    EVH_TRY(evh_terms_of_plan(&slot->known.terms, slot->known.plan, population_hash));
    EVH_TRY(evh_prio3_new(&slot->known.prio3, &slot->known.terms.vdaf));
done:
    return status;
}

evh_status evh_cache_add_plan(evh_cache *cache, const evh_known_plan **out, const uint8_t *plan_id,
                              const uint8_t *population_hash, evh_view bytes)
{
    plan_slot *slot = NULL;
    plan_slot *same = NULL;
    plan_slot *surplus = NULL;
    evh_status status = evh_ok();
    *out = NULL;
    EVH_TRY(evh_alloc(&slot, 1, sizeof *slot, "plan"));
    EVH_TRY(decode(slot, plan_id, population_hash, bytes));
    lock(cache);
    same = find_plan(cache, plan_id, population_hash); /* another thread may have been faster */
    if (same == NULL) {
        same = slot;
        slot->next = cache->plans;
        cache->plans = slot;
        slot = NULL;
    }
    same->holders++;
    surplus = take_surplus(cache);
    unlock(cache);
    *out = &same->known;
done:
    if (slot != NULL)
        plan_slot_free(slot);
    if (surplus != NULL)
        plan_slot_free(surplus);
    return status;
}

void evh_cache_release_plan(evh_cache *cache, const evh_known_plan **plan)
{
    if (*plan == NULL)
        return;
    lock(cache);
    for (plan_slot *slot = cache->plans; slot != NULL; slot = slot->next)
        if (&slot->known == *plan)
            slot->holders--;
    unlock(cache);
    *plan = NULL;
}
