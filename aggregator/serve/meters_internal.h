/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EVH_AGGREGATOR_METERS_INTERNAL_H
#define EVH_AGGREGATOR_METERS_INTERNAL_H

#include <pthread.h>

#include "evenhand/aggregator/meters.h"

/* Upper bounds of the histogram of durations; the last bucket has none. */
enum { EVH_METER_BOUNDS = 8 };
extern const int64_t evh_meter_bounds_us[EVH_METER_BOUNDS];

typedef struct evh_method_meter {
    uint64_t codes[EVH_CODE_COUNT];
    uint64_t buckets[EVH_METER_BOUNDS + 1]; /* each call in one of them */
    uint64_t took_ns, received_bytes, sent_bytes;
} evh_method_meter;

typedef struct evh_counters {
    evh_meter_methods methods[EVH_METER_SIDES];
    evh_method_meter calls[EVH_METER_SIDES][EVH_METER_METHODS_MAX];
    uint64_t throttled[EVH_THROTTLE_LIMIT_COUNT];
    uint64_t passes[EVH_CODE_COUNT];
    uint64_t troubled;
    uint64_t cpu_ns[EVH_METER_WORKS];
} evh_counters;

struct evh_meters {
    pthread_mutex_t lock;
    evh_counters counters;
};

#endif
