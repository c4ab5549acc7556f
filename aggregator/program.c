/* SPDX-License-Identifier: Apache-2.0 */
#include "evenhand/aggregator/program.h"

#include <stdlib.h>
#include <string.h>

#include "evenhand/aggregator/commands.h"

enum { COMMANDS_MAX = 80 };

int evh_aggregator_run(const char *version, int argc, char **argv, FILE *out, FILE *err)
{
    const evh_command_table tables[] = {evh_serve_commands(),   evh_setup_commands(),
                                        evh_operate_commands(), evh_plan_commands(),
                                        evh_collect_commands(), evh_report_commands()};
    evh_cli_command all[COMMANDS_MAX];
    evh_cli_program program = {.name = "evenhand-aggregator",
                               .version = version,
                               .summary = "Run a leader, a helper or a collector.",
                               .commands = all};
    for (size_t i = 0; i < sizeof tables / sizeof tables[0]; i++) {
        if (program.command_count + tables[i].count > COMMANDS_MAX)
            abort(); /* more commands than this program was written for */
        memcpy(all + program.command_count, tables[i].commands, tables[i].count * sizeof *all);
        program.command_count += tables[i].count;
    }
    return evh_cli_run(&program, argc, argv, out, err);
}
