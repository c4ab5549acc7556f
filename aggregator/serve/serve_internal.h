/* SPDX-License-Identifier: Apache-2.0
 * What the parts of a serving leader or helper use of each other. */
#ifndef EVH_AGGREGATOR_SERVE_INTERNAL_H
#define EVH_AGGREGATOR_SERVE_INTERNAL_H

#include <pthread.h>
#include <stdatomic.h>

#include "evenhand/aggregator/deployment.h"
#include "evenhand/aggregator/drive.h"
#include "evenhand/aggregator/http.h"
#include "evenhand/aggregator/meters.h"
#include "evenhand/aggregator/methods.h"
#include "evenhand/aggregator/operator.h"
#include "evenhand/aggregator/throttle.h"
#include "evenhand/rpc/server.h"

/* A number of seconds for people who watch: docs/operator/running.md says what they mean. */
enum {
    EVH_SERVE_HELPER_AWAY_S = 120,
    EVH_SERVE_UNCOSIGNED_S = 300,
    EVH_SERVE_SAMPLE_OLD_S = 30,
    EVH_SERVE_HEARTBEAT_MS = 30000,
    EVH_SERVE_HELPER_CALL_MS = 120000,
    EVH_SERVE_GRACE_MS = 10000
};

/* The other aggregator, for the leader. */
typedef struct evh_helper_link {
    evh_rpc_client *client;
    evh_meters *meters;
    evh_clock clock;
    const evh_log *log;
    _Atomic int64_t reached_ms; /* monotonic time of its last answer; -1: never */
    atomic_bool away;           /* the last call was not answered */
} evh_helper_link;

/* The thread that moves the rounds on. */
typedef struct evh_driver {
    pthread_t thread;
    bool started;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    bool woken;
    atomic_bool stopping;
    _Atomic uint64_t waiting; /* reports taken since what the last whole pass saw */
} evh_driver;

/* What was last read from the store, by a thread of its own: a page never waits for it long. */
typedef struct evh_watch {
    pthread_t thread;
    bool started;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    bool stopping;
    uint64_t wanted, taken; /* samples */
    evh_gauges sample;      /* the part that comes from the store */
    evh_status status;      /* of the last attempt */
    int64_t taken_ms;       /* monotonic; -1: never */
    int64_t uncosigned_ms;  /* since when entries wait for their cosignature; -1: none do */
} evh_watch;

typedef struct evh_serve evh_serve;

/* A method as the transport calls it. */
typedef struct evh_serve_slot {
    evh_serve *serve;
    evh_service_method method;
    evh_operator_handler operate; /* instead of method.call */
    size_t index;
} evh_serve_slot;

/* One running leader or helper. */
struct evh_serve {
    evh_deployment *deployment;
    evh_aggregator self; /* the deployment's, with what a process adds */
    const char *version;
    evh_log log;
    evh_clock clock;
    evh_meters *meters;
    evh_throttle *throttle;
    pthread_mutex_t publish_lock;
    size_t method_count;
    const char *paths[EVH_METER_METHODS_MAX];
    evh_serve_slot slots[EVH_METER_METHODS_MAX];
    evh_rpc_method rpc_methods[EVH_METER_METHODS_MAX];
    evh_rpc_server *server;
    evh_http *http;
    evh_helper_link link;
    evh_peer helper; /* over the link */
    evh_operator office;
    evh_driver driver;
    evh_watch watch;
    int64_t certificate_expires_s;
    atomic_bool stopping;
};

/* ---- dispatch.c ---- */

/* Fills slots, paths and rpc_methods for this role. */
EVH_MUST_USE evh_status evh_serve_prepare_methods(evh_serve *serve);

/* ---- helper_link.c ---- */

/* The methods of the helper that a leader calls. */
evh_meter_methods evh_helper_link_methods(void);

/* The link as core code calls it. */
evh_peer evh_helper_link_peer(evh_helper_link *link);

/* Asks whether the helper is there. */
void evh_helper_link_beat(evh_helper_link *link);

/* Milliseconds since its last answer; -1 when there was none. */
int64_t evh_helper_link_age_ms(const evh_helper_link *link);

/* ---- drive_thread.c ---- */

EVH_MUST_USE evh_status evh_driver_start(evh_serve *serve);
void evh_driver_stop(evh_serve *serve);

/* Something has arrived; from any thread. context: the evh_driver. */
void evh_driver_wake(void *context);

/* ---- watch.c ---- */

EVH_MUST_USE evh_status evh_watch_start(evh_serve *serve);
void evh_watch_stop(evh_serve *serve);

/* The newest values; asks for fresh ones and waits for them, but not long. */
void evh_watch_read(evh_serve *serve, evh_gauges *out);

/* Appends a line for each reason not to be ready; nothing when there is none. */
EVH_MUST_USE evh_status evh_watch_reasons(evh_serve *serve, const evh_gauges *gauges,
                                          evh_buffer *out);

/* ---- pages.c ---- */

/* For evh_http; context is the evh_serve. */
evh_status evh_serve_page(void *context, const char *path, evh_http_page *page);

/* ---- serve.c ---- */

/* Serves until `wait` returns.
 *   ready_file  gets "ADDRESS METRICS-ADDRESS\n" when serving; NULL: none */
typedef struct evh_serve_options {
    evh_deployment *deployment;
    const char *version;
    const char *ready_file;
    void (*wait)(void *context); /* returns when it is time to stop */
    void *context;
} evh_serve_options;
EVH_MUST_USE evh_status evh_serve_run(const evh_serve_options *options);

#endif
