/* SPDX-License-Identifier: Apache-2.0
 * aggregator/commands.h: the commands of evenhand-aggregator, by the folder that holds them.
 * Tests    integration/aggregator */
#ifndef EVH_AGGREGATOR_COMMANDS_H
#define EVH_AGGREGATOR_COMMANDS_H

#include <stddef.h>

#include "evenhand/cli/cli.h"

/* A static table. */
typedef struct evh_command_table {
    const evh_cli_command *commands; /* [count] */
    size_t count;
} evh_command_table;

/* aggregator/plans: plan files, without a service. */
evh_command_table evh_plan_commands(void);

/* aggregator/setup: init, doctor, keys, store. */
evh_command_table evh_setup_commands(void);

/* aggregator/serve: the processes of leader and helper. */
evh_command_table evh_serve_commands(void);

/* aggregator/collect: the process of the collector, and rounds collected by hand. */
evh_command_table evh_collect_commands(void);

/* aggregator/report: results as page, table and text, without a service. */
evh_command_table evh_report_commands(void);

/* aggregator/operate: customer, population, plan publish, list and retire, round. */
evh_command_table evh_operate_commands(void);

#endif
