/* SPDX-License-Identifier: Apache-2.0
 * plan_commands_internal.h: the commands that work on plan files. */
#ifndef EVH_AGGREGATOR_PLAN_COMMANDS_INTERNAL_H
#define EVH_AGGREGATOR_PLAN_COMMANDS_INTERNAL_H

#include "evenhand/cli/cli.h"

enum {
    EVH_PLAN_KEY_POPULATION = 256,
    EVH_PLAN_KEY_INSECURE,
    EVH_PLAN_KEY_CUSTOMERS,
    EVH_PLAN_KEY_RATE,
    EVH_PLAN_KEY_LARGEST
};

/* Settings of both plan commands; each takes those it needs. */
typedef struct evh_plan_options {
    const char *population; /* file */
    const char *out;        /* file */
    const char *rate;
    uint64_t customers; /* 0: as many as a round needs */
    uint64_t largest;   /* units of the largest group at one customer; 0: not known */
    bool insecure_no_noise;
} evh_plan_options;

EVH_MUST_USE evh_status evh_plan_options_set(void *own, int key, const char *value);

EVH_MUST_USE evh_status evh_command_plan_draft(evh_cli *cli, void *own);
EVH_MUST_USE evh_status evh_command_plan_check(evh_cli *cli, void *own);

#endif
