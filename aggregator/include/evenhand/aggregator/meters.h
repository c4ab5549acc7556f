/* SPDX-License-Identifier: Apache-2.0
 * aggregator/meters.h: what a serving process counts, and the text that Prometheus reads.
 * Every metric is listed in docs/operator/running.md.
 * Source   Prometheus text exposition format 0.0.4
 * Secret   nothing; no metric names a customer     Threads  safe
 * Memory   fixed at start                          Tests    unit/aggregator/test_meters.c */
#ifndef EVH_AGGREGATOR_METERS_H
#define EVH_AGGREGATOR_METERS_H

#include <stdbool.h>
#include <stdint.h>

#include "evenhand/aggregator/throttle.h"
#include "evenhand/base/bytes.h"
#include "evenhand/base/status.h"
#include "evenhand/store/store.h"

typedef struct evh_meters evh_meters;

/* Whose calls: those this process answers, and those it makes. */
typedef enum evh_meter_side { EVH_METER_SERVED = 0, EVH_METER_MADE } evh_meter_side;

/* Where processor time goes. */
typedef enum evh_meter_work { EVH_METER_HANDLERS = 0, EVH_METER_DRIVE } evh_meter_work;

enum { EVH_METER_SIDES = 2, EVH_METER_WORKS = 2, EVH_METER_METHODS_MAX = 64 };

/* Names of methods, "/evenhand.v1.Leader/Upload"; static. */
typedef struct evh_meter_methods {
    const char *const *paths; /* [count], at most EVH_METER_METHODS_MAX */
    size_t count;
} evh_meter_methods;

/* Fails ARG on too many methods, MEMORY. */
EVH_MUST_USE evh_status evh_meters_new(evh_meters **out,
                                       const evh_meter_methods methods[EVH_METER_SIDES]);

/* Takes the address, accepts NULL, leaves NULL. */
void evh_meters_free(evh_meters **meters);

typedef struct evh_meter_call {
    evh_meter_side side;
    size_t method; /* index */
    evh_code code;
    int64_t took_ns;
    uint64_t received_bytes, sent_bytes; /* messages, without TLS and framing */
} evh_meter_call;

/* Counts a call that has ended. */
void evh_meters_call(evh_meters *meters, const evh_meter_call *call);

/* Counts a call that came too early or too often. */
void evh_meters_throttled(evh_meters *meters, evh_throttle_limit limit);

/* Counts a pass over all rounds; troubled: rounds that could not be moved on. */
void evh_meters_pass(evh_meters *meters, evh_code code, uint32_t troubled);

/* Adds processor time. */
void evh_meters_work(evh_meters *meters, evh_meter_work work, int64_t cpu_ns);

/* What is read at the moment it is asked for. A negative time or number: not known. */
typedef struct evh_gauges {
    const char *role, *version;
    int64_t log_entries, log_cosigned; /* sizes */
    int64_t uncosigned_s;              /* since when entries wait for their cosignature; 0: none */
    int64_t rounds_open, rounds_closed, rounds_agreed;
    int64_t reports_received, reports_accepted, reports_rejected; /* over all rounds in the store */
    int64_t next_deadline_s; /* until the next deadline of an open round */
    int64_t helper_age_s;    /* since the helper was last reached */
    int64_t sample_age_s;    /* since these were taken from the store */
    int64_t waiting_reports;
    int64_t certificate_expires_s; /* of the server's certificate, seconds since 1970 */
    int64_t resident_bytes;
    int64_t process_cpu_ns;
    bool ready;
    evh_code store_code; /* of the last attempt to read these */
    evh_store_usage store;
} evh_gauges;

/* Appends all metrics. Fails MEMORY. */
EVH_MUST_USE evh_status evh_meters_write(evh_buffer *out, evh_meters *meters,
                                         const evh_gauges *gauges);

#endif
