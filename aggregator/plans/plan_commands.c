/* SPDX-License-Identifier: Apache-2.0 */
#include "evenhand/aggregator/commands.h"
#include "plan_commands_internal.h"

#define POPULATION_OPTION                                                                          \
    {                                                                                              \
        .name = "population", .value = "FILE", .help = "The population file of the plan",          \
        .key = EVH_PLAN_KEY_POPULATION                                                             \
    }

static const evh_cli_option draft_options[] = {
    POPULATION_OPTION,
    {.name = "out", .value = "FILE", .help = "Write here instead of standard output", .key = 'o'},
    {.name = "insecure-no-noise",
     .help = "Accept mechanism none, which protects nobody: for tests with invented data",
     .key = EVH_PLAN_KEY_INSECURE},
    {.name = NULL},
};

static const evh_cli_option check_options[] = {
    POPULATION_OPTION,
    {.name = "customers",
     .value = "N",
     .help = "Customers expected to take part (default: as many as a round needs)",
     .key = EVH_PLAN_KEY_CUSTOMERS},
    {.name = "rate",
     .value = "R",
     .help = "Near which the rates are expected (default 0.2)",
     .key = EVH_PLAN_KEY_RATE},
    {.name = "largest-group",
     .value = "N",
     .help = "Units expected in the largest group of one customer, to compare with its cells",
     .key = EVH_PLAN_KEY_LARGEST},
    {.name = "insecure-no-noise",
     .help = "Accept mechanism none, which protects nobody: for tests with invented data",
     .key = EVH_PLAN_KEY_INSECURE},
    {.name = NULL},
};

static const evh_cli_command commands[] = {
    {.name = "plan draft",
     .section = "Plans",
     .summary = "Propose the noise of a plan and write it out complete",
     .details =
         "Finds the exact noise parameters that meet the plan's epsilon and delta with the least "
         "variance of the published rates, for every change that one person can cause, and writes "
         "the plan's text followed by the key noise. From then on the plan has an id.\v"
         "What one person can change depends on which data sets the population calls neighbours; "
         "without --population one unit more or less is assumed.",
     .takes = EVH_CLI_TAKES_PLAN,
     .options = draft_options,
     .own_size = sizeof(evh_plan_options),
     .set = evh_plan_options_set,
     .run = evh_command_plan_draft},
    {.name = "plan check",
     .section = "Plans",
     .summary = "Verify a finished plan and say what it can answer",
     .details =
         "Verifies that the noise meets the plan's epsilon and delta, says how many rounds the "
         "population's budget allows and how many units each group needs for the tolerance of each "
         "question, and warns when a count could be cut by the range of its cell.\v"
         "Figures about exactness assume what --customers and --rate say. They promise nothing; "
         "privacy does not depend on them.",
     .takes = EVH_CLI_TAKES_PLAN,
     .options = check_options,
     .own_size = sizeof(evh_plan_options),
     .set = evh_plan_options_set,
     .run = evh_command_plan_check},
};

evh_command_table evh_plan_commands(void)
{
    return (evh_command_table){.commands = commands, .count = sizeof commands / sizeof commands[0]};
}
