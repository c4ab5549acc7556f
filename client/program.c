/* SPDX-License-Identifier: Apache-2.0 */
#include "evenhand/client/program.h"

#include "commands_internal.h"
#include "session_internal.h"

#define LOOK "Look (nothing leaves this machine)"

static const evh_cli_option record_options[] = {EVH_SESSION_OPTIONS, {.name = NULL}};

enum {
    TAKES_RECORDS =
        EVH_CLI_TAKES_CONFIG | EVH_CLI_TAKES_PLAN | EVH_CLI_TAKES_ROUND | EVH_CLI_TAKES_DATA
};

static const evh_cli_option report_options[] = {
    EVH_SESSION_OPTIONS,
    {.name = "metric",
     .value = "NAME",
     .help = "Show this rate in the table (default: the usual ones; --json has all)",
     .key = EVH_REPORT_KEY_METRIC},
    {.name = NULL},
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
    {.name = "check",
     .section = "Start",
     .summary = "Test configuration, plan, records, clock, keys and permissions",
     .details = "Tries everything that a round will need and lists what came of it. Nothing is "
                "sent, and nothing is changed.",
     .takes = TAKES_RECORDS,
     .options = record_options,
     .own_size = sizeof(evh_session_options),
     .set = evh_session_set,
     .run = evh_command_check},
    {.name = "explain",
     .section = LOOK,
     .summary = "Say in plain words what a plan asks of you",
     .details = "What leaves this machine, what it costs in privacy, how many rounds remain, and "
                "how exact the answer will be for each group. A plan without noise parameters is "
                "explained with those that `plan draft` would choose.",
     .takes = TAKES_RECORDS,
     .options = report_options,
     .own_size = sizeof(evh_report_options),
     .set = evh_report_set,
     .run = evh_command_explain},
    {.name = "count",
     .section = LOOK,
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
    {.name = "report",
     .section = LOOK,
     .summary = "Show your own rates and how far groups are apart",
     .details = "Counts as `count` does and shows what follows: error rates of every group and "
                "largest minus smallest of the declared groups (_other and _missing are shown, "
                "not compared). Point estimates of your own records, without noise.",
     .takes = TAKES_RECORDS,
     .options = report_options,
     .own_size = sizeof(evh_report_options),
     .set = evh_report_set,
     .run = evh_command_report},
    {.name = "preview",
     .section = LOOK,
     .summary = "Show what the noise would do to your own rates",
     .details = "Your exact rates with the interval in which 95 % of the noise of one report keeps "
                "them. The interval follows from the noise's variance: no noise is drawn, so that "
                "nobody can subtract it later.",
     .takes = TAKES_RECORDS,
     .options = report_options,
     .own_size = sizeof(evh_report_options),
     .set = evh_report_set,
     .run = evh_command_preview},
    {.name = "ledger show",
     .section = "After",
     .summary = "List what every round cost, and the sums",
     .arguments = "[FILE]",
     .details = "Shows the ledger that the configuration names, or FILE: every charge, and per "
                "population the epsilon of this year and over its whole life.",
     .takes = EVH_CLI_TAKES_CONFIG,
     .run = evh_command_ledger_show},
    {.name = "ledger verify",
     .section = "After",
     .summary = "Recompute the ledger's hash chain",
     .arguments = "[FILE]",
     .details = "Checks the file, the sequence, the chain over all charges and every report's "
                "hash. Exit status 7 and the first entry that does not fit when it is broken.",
     .takes = EVH_CLI_TAKES_CONFIG,
     .run = evh_command_ledger_verify},
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
