/* SPDX-License-Identifier: Apache-2.0 */
#include "evenhand/aggregator/meters.h"

#include <stdlib.h>

#include "evenhand/base/sizes.h"
#include "meters_internal.h"

const int64_t evh_meter_bounds_us[EVH_METER_BOUNDS] = {1000,   5000,    25000,    100000,
                                                       500000, 2500000, 10000000, 60000000};

evh_status evh_meters_new(evh_meters **out, const evh_meter_methods methods[EVH_METER_SIDES])
{
    *out = NULL;
    evh_meters *meters = NULL;
    evh_status status = evh_ok();
    for (size_t side = 0; side < EVH_METER_SIDES; side++)
        EVH_REQUIRE(methods[side].count <= EVH_METER_METHODS_MAX, EVH_ERR_ARG,
                    "%zu methods are too many", methods[side].count);
    EVH_TRY(evh_alloc(&meters, 1, sizeof *meters, "meters"));
    (void)pthread_mutex_init(&meters->lock, NULL);
    for (size_t side = 0; side < EVH_METER_SIDES; side++)
        meters->counters.methods[side] = methods[side];
    *out = meters;
done:
    return status;
}

void evh_meters_free(evh_meters **address)
{
    evh_meters *meters = *address;
    if (meters == NULL)
        return;
    *address = NULL;
    (void)pthread_mutex_destroy(&meters->lock);
    free(meters);
}

void evh_meters_call(evh_meters *meters, const evh_meter_call *call)
{
    if (call->method >= meters->counters.methods[call->side].count)
        return;
    size_t bucket = 0;
    while (bucket < EVH_METER_BOUNDS && call->took_ns > evh_meter_bounds_us[bucket] * 1000)
        bucket++;
    (void)pthread_mutex_lock(&meters->lock);
    evh_method_meter *m = &meters->counters.calls[call->side][call->method];
    m->codes[call->code]++;
    m->buckets[bucket]++;
    m->took_ns += call->took_ns > 0 ? (uint64_t)call->took_ns : 0;
    m->received_bytes += call->received_bytes;
    m->sent_bytes += call->sent_bytes;
    (void)pthread_mutex_unlock(&meters->lock);
}

void evh_meters_throttled(evh_meters *meters, evh_throttle_limit limit)
{
    (void)pthread_mutex_lock(&meters->lock);
    meters->counters.throttled[limit]++;
    (void)pthread_mutex_unlock(&meters->lock);
}

void evh_meters_pass(evh_meters *meters, evh_code code, uint32_t troubled)
{
    (void)pthread_mutex_lock(&meters->lock);
    meters->counters.passes[code]++;
    meters->counters.troubled += troubled;
    (void)pthread_mutex_unlock(&meters->lock);
}

void evh_meters_work(evh_meters *meters, evh_meter_work work, int64_t cpu_ns)
{
    (void)pthread_mutex_lock(&meters->lock);
    meters->counters.cpu_ns[work] += cpu_ns > 0 ? (uint64_t)cpu_ns : 0;
    (void)pthread_mutex_unlock(&meters->lock);
}
