/* SPDX-License-Identifier: Apache-2.0
 * client/sending_internal.h: what the commands that talk to the service have in common. */
#ifndef EVH_CLIENT_SENDING_INTERNAL_H
#define EVH_CLIENT_SENDING_INTERNAL_H

#include "commands_internal.h"
#include "evenhand/service/mirror.h"
#include "evenhand/service/outbox.h"
#include "evenhand/service/site.h"
#include "evenhand/service/submission.h"

typedef struct evh_sending {
    evh_cli *cli;
    evh_session session; /* configuration, plan, counts */
    evh_site site;
} evh_sending;

/* Reads the configuration, opens the site and makes the way to the leader. `out` is zeroed but for
 * cli.
 *   needs  a sum of evh_config_need besides service, signing and ledger */
evh_status evh_sending_open(evh_sending *out, unsigned needs);

/* The same for a machine that only passes reports on: without key, ledger and mirror. */
evh_status evh_sending_open_line(evh_sending *out);

/* Shows what to do about a refusal, and closes. */
void evh_sending_close(evh_sending *sending, evh_status status);

/* The plan named with -p, which has a plan_id. Fails PRIVACY a draft. */
evh_status evh_sending_read_plan(evh_sending *sending);

/* ---- submit.c: one report, for submit and run ---- */

/* Draws noise, counts, seals and charges the report of a prepared round. The session has its plan;
 * its records are opened here. */
evh_status evh_submit_make(evh_sending *sending, evh_submission *submission,
                           const evh_submit_options *options);

#endif
