/* SPDX-License-Identifier: Apache-2.0
 * An open-addressing table. A key that is idle with a full bucket is as good as one that was never
 * seen, so its place may be taken by another: the table never grows. */
#include "evenhand/aggregator/throttle.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "evenhand/base/sizes.h"

enum { PROBES = 16, UNITS_PER_TOKEN = 60000 }; /* per_minute units come back each millisecond */

typedef struct bucket {
    uint8_t key[EVH_THROTTLE_KEY_LEN];
    bool used;
    uint32_t running;
    uint64_t units;
    int64_t updated_ms;
} bucket;

struct evh_throttle {
    evh_throttle_options options;
    pthread_mutex_t lock;
    bucket *buckets;
};

evh_status evh_throttle_new(evh_throttle **out, const evh_throttle_options *options)
{
    *out = NULL;
    evh_throttle *throttle = NULL;
    evh_status status = evh_ok();
    EVH_REQUIRE(options->per_minute >= 1 && options->burst >= 1 && options->running >= 1 &&
                    options->callers >= 1 && options->callers <= EVH_THROTTLE_CALLERS_MAX,
                EVH_ERR_ARG, "a limit is out of range");
    EVH_TRY(evh_alloc(&throttle, 1, sizeof *throttle, "limits"));
    throttle->options = *options;
    EVH_TRY(evh_alloc(&throttle->buckets, options->callers, sizeof *throttle->buckets, "limits"));
    (void)pthread_mutex_init(&throttle->lock, NULL);
    *out = throttle;
    throttle = NULL;
done:
    free(throttle);
    return status;
}

void evh_throttle_free(evh_throttle **address)
{
    evh_throttle *throttle = *address;
    if (throttle == NULL)
        return;
    *address = NULL;
    (void)pthread_mutex_destroy(&throttle->lock);
    free(throttle->buckets);
    free(throttle);
}

static uint64_t full(const evh_throttle *throttle)
{
    return (uint64_t)throttle->options.burst * UNITS_PER_TOKEN;
}

static void refill(const evh_throttle *throttle, bucket *b, int64_t now_ms)
{
    uint64_t passed = now_ms > b->updated_ms ? (uint64_t)(now_ms - b->updated_ms) : 0;
    uint64_t room = full(throttle) - b->units;
    b->updated_ms = now_ms;
    if (passed > room / throttle->options.per_minute)
        b->units = full(throttle);
    else
        b->units += passed * throttle->options.per_minute;
}

static size_t place_of(const evh_throttle *throttle, const uint8_t *key, size_t probe)
{
    uint64_t hash = 0;
    memcpy(&hash, key, sizeof hash);
    return (size_t)((hash + probe) % throttle->options.callers);
}

/* The key's bucket; NULL when there is none. */
static bucket *find(const evh_throttle *throttle, const uint8_t *key)
{
    for (size_t i = 0; i < PROBES; i++) {
        bucket *b = &throttle->buckets[place_of(throttle, key, i)];
        if (b->used && memcmp(b->key, key, sizeof b->key) == 0)
            return b;
    }
    return NULL;
}

/* A place for a key that has none; NULL when all that it could have are needed. */
static bucket *claim(const evh_throttle *throttle, const uint8_t *key, int64_t now_ms)
{
    for (size_t i = 0; i < PROBES; i++) {
        bucket *b = &throttle->buckets[place_of(throttle, key, i)];
        if (b->used)
            refill(throttle, b, now_ms);
        if (b->used && (b->running > 0 || b->units < full(throttle)))
            continue;
        memcpy(b->key, key, sizeof b->key);
        b->used = true;
        b->running = 0;
        b->units = full(throttle);
        b->updated_ms = now_ms;
        return b;
    }
    return NULL;
}

static evh_throttle_limit enter(evh_throttle *throttle, const uint8_t *key, int64_t now_ms)
{
    bucket *b = find(throttle, key);
    if (b == NULL)
        b = claim(throttle, key, now_ms);
    if (b == NULL)
        return EVH_THROTTLE_CALLERS;
    refill(throttle, b, now_ms);
    if (b->running >= throttle->options.running)
        return EVH_THROTTLE_RUNNING;
    if (b->units < UNITS_PER_TOKEN)
        return EVH_THROTTLE_RATE;
    b->units -= UNITS_PER_TOKEN;
    b->running++;
    return EVH_THROTTLE_NONE;
}

evh_throttle_limit evh_throttle_enter(evh_throttle *throttle, const uint8_t *key)
{
    (void)pthread_mutex_lock(&throttle->lock);
    evh_throttle_limit limit =
        enter(throttle, key, evh_clock_monotonic_ms(&throttle->options.clock));
    (void)pthread_mutex_unlock(&throttle->lock);
    return limit;
}

void evh_throttle_leave(evh_throttle *throttle, const uint8_t *key)
{
    (void)pthread_mutex_lock(&throttle->lock);
    bucket *b = find(throttle, key);
    if (b != NULL && b->running > 0)
        b->running--;
    (void)pthread_mutex_unlock(&throttle->lock);
}
