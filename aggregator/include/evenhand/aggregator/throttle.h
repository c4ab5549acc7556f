/* SPDX-License-Identifier: Apache-2.0
 * aggregator/throttle.h: how often, and how many at a time, each caller may ask. One token bucket
 * for each key; a refused call costs no token and may be repeated later.
 * Secret   nothing                         Threads  safe
 * Memory   a fixed table, made at start    Tests    unit/aggregator/test_throttle.c */
#ifndef EVH_AGGREGATOR_THROTTLE_H
#define EVH_AGGREGATOR_THROTTLE_H

#include <stdint.h>

#include "evenhand/base/clock.h"
#include "evenhand/base/status.h"

enum { EVH_THROTTLE_KEY_LEN = 32, EVH_THROTTLE_CALLERS_MAX = 1 << 20 };

typedef struct evh_throttle_options {
    uint32_t per_minute; /* of one key, on average; 1 or more */
    uint32_t burst;      /* of one key, at once; 1 or more */
    uint32_t running;    /* of one key at the same time; 1 or more */
    uint32_t callers;    /* keys remembered, 1..EVH_THROTTLE_CALLERS_MAX */
    evh_clock clock;
} evh_throttle_options;

typedef enum evh_throttle_limit {
    EVH_THROTTLE_NONE = 0,
    EVH_THROTTLE_RATE,
    EVH_THROTTLE_RUNNING,
    EVH_THROTTLE_CALLERS, /* more different callers at a time than are remembered */
    EVH_THROTTLE_WAITING  /* counted elsewhere: too many reports wait for the helper */
} evh_throttle_limit;

enum { EVH_THROTTLE_LIMIT_COUNT = EVH_THROTTLE_WAITING + 1 };

typedef struct evh_throttle evh_throttle;

/* Fails ARG on options out of range, MEMORY. */
EVH_MUST_USE evh_status evh_throttle_new(evh_throttle **out, const evh_throttle_options *options);

/* Takes the address, accepts NULL, leaves NULL. */
void evh_throttle_free(evh_throttle **throttle);

/* Starts a call of a key; NONE when it may go on, and then evh_throttle_leave must follow.
 *   key  [EVH_THROTTLE_KEY_LEN] public, uniform: a key or a hash */
evh_throttle_limit evh_throttle_enter(evh_throttle *throttle, const uint8_t *key);
void evh_throttle_leave(evh_throttle *throttle, const uint8_t *key);

#endif
