/* SPDX-License-Identifier: Apache-2.0 */
#include "evenhand/client/program.h"

#include "commands_internal.h"
#include "session_internal.h"

static const evh_cli_option record_options[] = {EVH_SESSION_OPTIONS, {.name = NULL}};

enum {
    TAKES_RECORDS =
        EVH_CLI_TAKES_CONFIG | EVH_CLI_TAKES_PLAN | EVH_CLI_TAKES_ROUND | EVH_CLI_TAKES_DATA
};

static const evh_cli_option keygen_options[] = {
    {.name = "out", .value = "FILE", .help = "Name of the key file (NAME.ed25519)", .key = 'o'},
    {.name = NULL},
};

static const evh_cli_command commands[] = {
    {.name = "keygen",
     .section = "Start",
     .summary = "Make your signing key and ordering secret",
     .arguments = "NAME",
     .details = "Makes an Ed25519 identity for the customer NAME and the secret that orders a "
                "unit's records, in files that only you can read. Nothing is overwritten.",
     .options = keygen_options,
     .own_size = sizeof(evh_keygen_options),
     .set = evh_keygen_set,
     .run = evh_command_keygen},
    {.name = "count",
     .section = "Look (nothing leaves this machine)",
     .summary = "Count your records exactly, in every group of the plan",
     .details =
         "Counts the records as the plan says: every group of every release and derived grouping, "
         "_other, _missing and empty groups included. The counts are exact and yours alone."
         "\vWithout a configuration, --data takes columns by name: unit, the attributes, time if "
         "the plan has a window, and label, prediction (binary); class, predicted (multiclass); "
         "reference, hypothesis (wer); truth, estimate (regression); event (event).",
     .takes = TAKES_RECORDS,
     .options = record_options,
     .own_size = sizeof(evh_session_options),
     .set = evh_session_set,
     .run = evh_command_count},
};

int evh_client_run(const char *version, int argc, char **argv, FILE *out, FILE *err)
{
    evh_cli_program program = {
        .name = "evenhand-client",
        .version = version,
        .summary = "Measure your own site; send only noised, sealed counts.",
        .commands = commands,
        .command_count = sizeof commands / sizeof commands[0],
    };
    return evh_cli_run(&program, argc, argv, out, err);
}
