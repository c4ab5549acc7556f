/* SPDX-License-Identifier: Apache-2.0
 * client/agent_internal.h: one pass of the agent. */
#ifndef EVH_CLIENT_AGENT_INTERNAL_H
#define EVH_CLIENT_AGENT_INTERNAL_H

#include "evenhand/base/log.h"
#include "sending_internal.h"

/* What was said about a round, so that it is said once. */
typedef struct evh_agent_told {
    uint8_t task_id[EVH_TASK_ID_LEN];
    evh_code code;
} evh_agent_told;

typedef struct evh_agent {
    evh_cli *cli;
    evh_sending *sending; /* of the running pass */
    evh_log log;
    bool stop;
    unsigned store_failures;
    evh_agent_told *told;
    size_t told_count, told_capacity;
    /* Of the newest pass: */
    uint64_t made, sent, missed, results, failed;
    evh_status first; /* failure of a single round */
} evh_agent;

/* Whether SIGTERM or SIGINT has come. */
bool evh_agent_stopped(evh_agent *agent);

/* Follows the log, submits what is due, sends what is waiting, charges what was missed, fetches
 * results. A failure that concerns one round is noted and stops no other; it fails with what
 * concerns all of them: UNAVAILABLE, PRIVACY, STORE. */
evh_status evh_agent_pass(evh_agent *agent);

#endif
