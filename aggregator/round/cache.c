/* SPDX-License-Identifier: Apache-2.0 */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "cache_internal.h"
#include "evenhand/base/sizes.h"

struct evh_cache {
    pthread_mutex_t lock;
    evh_cache_slot *slots[EVH_CACHE_KINDS]; /* the newest use comes first */
    evh_cache_slot *forgotten;              /* still held by somebody */
};

static const size_t most[EVH_CACHE_KINDS] = {
    [EVH_CACHE_PLAN] = EVH_CACHE_PLANS_MAX,
    [EVH_CACHE_TASK] = EVH_CACHE_ROUNDS_MAX,
    [EVH_CACHE_KEYS] = EVH_CACHE_ROUNDS_MAX,
};

evh_status evh_cache_new(evh_cache **out)
{
    evh_cache *cache = NULL;
    evh_status status = evh_ok();
    *out = NULL;
    EVH_TRY(evh_alloc(&cache, 1, sizeof *cache, "cache"));
    EVH_REQUIRE(pthread_mutex_init(&cache->lock, NULL) == 0, EVH_ERR_MEMORY, "no mutex");
    *out = cache;
    cache = NULL;
done:
    free(cache);
    return status;
}

static void destroy_all(evh_cache_slot *first)
{
    while (first != NULL) {
        evh_cache_slot *next = first->next;
        first->destroy(first);
        first = next;
    }
}

void evh_cache_free(evh_cache **cache)
{
    if (*cache == NULL)
        return;
    for (size_t kind = 0; kind < EVH_CACHE_KINDS; kind++)
        destroy_all((*cache)->slots[kind]);
    destroy_all((*cache)->forgotten);
    (void)pthread_mutex_destroy(&(*cache)->lock);
    free(*cache);
    *cache = NULL;
}

evh_cache_key evh_cache_key_of(const uint8_t *head, const uint8_t *tail)
{
    evh_cache_key key;
    memset(&key, 0, sizeof key);
    memcpy(key.bytes, head, sizeof key.bytes / 2);
    if (tail != NULL)
        memcpy(key.bytes + sizeof key.bytes / 2, tail, sizeof key.bytes / 2);
    return key;
}

/* ---- lists; the lock is held ---- */

static evh_cache_slot *unlink_slot(evh_cache_slot **link)
{
    evh_cache_slot *slot = *link;
    *link = slot->next;
    slot->next = NULL;
    return slot;
}

static void push(evh_cache_slot **list, evh_cache_slot *slot)
{
    slot->next = *list;
    *list = slot;
}

static evh_cache_slot **find(evh_cache_slot **list, const evh_cache_key *key)
{
    evh_cache_slot **link = list;
    while (*link != NULL && memcmp(&(*link)->key, key, sizeof *key) != 0)
        link = &(*link)->next;
    return link;
}

/* Takes what was not used for the longest time off a list that is too long. What is in use stays. */
static evh_cache_slot *take_surplus(evh_cache_slot **list, size_t limit)
{
    evh_cache_slot **oldest = NULL;
    size_t count = 0;
    for (evh_cache_slot **link = list; *link != NULL; link = &(*link)->next) {
        if ((*link)->holders == 0)
            oldest = link;
        count++;
    }
    return count > limit && oldest != NULL ? unlink_slot(oldest) : NULL;
}

static bool release_from(evh_cache_slot **list, const evh_cache_slot *slot, evh_cache_slot ***link)
{
    for (*link = list; **link != NULL; *link = &(**link)->next) {
        if (**link == slot) {
            (**link)->holders--;
            return true;
        }
    }
    return false;
}

/* ---- slots ---- */

evh_cache_slot *evh_cache_hold(evh_cache *cache, evh_cache_kind kind, const evh_cache_key *key)
{
    evh_cache_slot *slot = NULL;
    (void)pthread_mutex_lock(&cache->lock);
    evh_cache_slot **link = find(&cache->slots[kind], key);
    if (*link != NULL) {
        slot = unlink_slot(link);
        push(&cache->slots[kind], slot);
        slot->holders++;
    }
    (void)pthread_mutex_unlock(&cache->lock);
    return slot;
}

evh_cache_slot *evh_cache_add_take(evh_cache *cache, evh_cache_kind kind, evh_cache_slot *slot)
{
    evh_cache_slot *same = NULL;
    evh_cache_slot *surplus = slot;
    (void)pthread_mutex_lock(&cache->lock);
    same = *find(&cache->slots[kind], &slot->key);
    if (same == NULL) {
        push(&cache->slots[kind], slot);
        same = slot;
        same->holders++;
        surplus = take_surplus(&cache->slots[kind], most[kind]);
    } else {
        same->holders++;
    }
    (void)pthread_mutex_unlock(&cache->lock);
    if (surplus != NULL)
        surplus->destroy(surplus);
    return same;
}

void evh_cache_release(evh_cache *cache, const evh_cache_slot *slot)
{
    evh_cache_slot **link = NULL;
    evh_cache_slot *gone = NULL;
    bool found = false;
    if (slot == NULL)
        return;
    (void)pthread_mutex_lock(&cache->lock);
    for (size_t kind = 0; !found && kind < EVH_CACHE_KINDS; kind++)
        found = release_from(&cache->slots[kind], slot, &link);
    if (!found && release_from(&cache->forgotten, slot, &link) && (*link)->holders == 0)
        gone = unlink_slot(link);
    (void)pthread_mutex_unlock(&cache->lock);
    if (gone != NULL)
        gone->destroy(gone);
}

void evh_cache_forget(evh_cache *cache, evh_cache_kind kind, const evh_cache_key *key)
{
    evh_cache_slot *gone = NULL;
    (void)pthread_mutex_lock(&cache->lock);
    evh_cache_slot **link = find(&cache->slots[kind], key);
    if (*link != NULL) {
        gone = unlink_slot(link);
        if (gone->holders > 0) {
            push(&cache->forgotten, gone);
            gone = NULL;
        }
    }
    (void)pthread_mutex_unlock(&cache->lock);
    if (gone != NULL)
        gone->destroy(gone);
}
