/* SPDX-License-Identifier: Apache-2.0
 * session_internal.h: a collector's folder opened, with the way to both aggregators; and the process
 * that is made of it. */
#ifndef EVH_COLLECT_SESSION_INTERNAL_H
#define EVH_COLLECT_SESSION_INTERNAL_H

#include <pthread.h>
#include <stdatomic.h>

#include "evenhand/aggregator/collect.h"
#include "evenhand/aggregator/deployment.h"
#include "evenhand/aggregator/http.h"
#include "evenhand/cli/cli.h"

enum { EVH_COLLECT_CALL_MS = 120000 };

/* Points into itself: do not copy it. */
typedef struct evh_collect_session {
    evh_deployment *deployment;
    evh_aggregator self; /* the deployment's, with its events */
    evh_log log;
    char folder[EVH_PATH_BYTES_MAX];
    evh_rpc_client *leader, *helper;
    atomic_bool stopping;
    evh_collect collect;
} evh_collect_session;

/* Opens the folder of the settings file that -c names. Fails ARG without -c; INPUT when it is not a
 * collector's; as evh_deployment_open and evh_deployment_start. *out is then NULL. */
EVH_MUST_USE evh_status evh_collect_session_open(evh_collect_session **out, evh_cli *cli);
void evh_collect_session_close(evh_collect_session **session);

/* Ends running calls, and every later one; from any thread. */
void evh_collect_session_stop(evh_collect_session *session);

/* ---- pages.c ---- */

/* What a process shows of itself. */
typedef struct evh_collect_status {
    pthread_mutex_t lock;
    evh_collect_outcome outcome; /* of the last pass */
    evh_code code;               /* of the last pass */
    uint64_t passes, failed;     /* failed: it, the log or a round gave trouble */
    int64_t good_ms;             /* monotonic time of the last pass without trouble; -1: none */
    int64_t passed_ms;           /* and of the last pass */
    const char *version;
    evh_clock clock;
} evh_collect_status;

/* For evh_http: /metrics, /healthz, /readyz; context is an evh_collect_status. */
evh_status evh_collect_page(void *context, const char *path, evh_http_page *page);

/* ---- process.c ---- */

typedef struct evh_collect_process_options {
    const char *version;
    const char *ready_file; /* gets "- METRICS-ADDRESS\n"; NULL: none */
    uint32_t poll_s;        /* between two passes when nothing is wrong */
} evh_collect_process_options;

/* Works until SIGTERM or SIGINT, which must be blocked in the calling thread. */
EVH_MUST_USE evh_status evh_collect_process(evh_collect_session *session,
                                            const evh_collect_process_options *options);

/* ---- round_command.c ---- */

typedef struct evh_round_collect_options {
    bool once;
    const char *out;
} evh_round_collect_options;

evh_status evh_command_round_collect(evh_cli *cli, void *own);

#endif
