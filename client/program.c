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

static const evh_cli_option enrol_options[] = {
    {.name = "name",
     .value = "NAME",
     .help = "Name of the files that are made (default: from the organisation's name)",
     .key = EVH_ENROL_KEY_NAME},
    {.name = "dir",
     .value = "DIR",
     .help = "Where they are made (default: here)",
     .key = EVH_ENROL_KEY_DIR},
    {.name = "proxy",
     .value = "URL",
     .help = "http://host:port of a proxy that leads to the leader",
     .key = EVH_ENROL_KEY_PROXY},
    {.name = NULL},
};

static const evh_cli_option submit_options[] = {
    EVH_SESSION_OPTIONS,
    {.name = "agree",
     .help = "This site agrees to the plan; needed once for each plan",
     .key = EVH_SUBMIT_KEY_AGREE},
    {.name = "no-upload",
     .help = "Write the sealed report to --out FILE instead of sending it",
     .key = EVH_SUBMIT_KEY_NO_UPLOAD},
    {.name = "out", .value = "FILE", .help = "Where to write it", .key = EVH_SUBMIT_KEY_OUT},
    {.name = "wait",
     .value = "SECONDS",
     .help = "How long to try again when the leader cannot be reached (default 120)",
     .key = EVH_SUBMIT_KEY_WAIT},
    {.name = NULL},
};

static const evh_cli_option upload_options[] = {
    {.name = "wait",
     .value = "SECONDS",
     .help = "How long to try again when the leader cannot be reached (default 120)",
     .key = EVH_SUBMIT_KEY_WAIT},
    {.name = NULL},
};

static const evh_cli_option results_options[] = {
    {.name = "compare",
     .help = "Set your own exact rates beside the result of one round (confidential)",
     .key = EVH_RESULTS_KEY_COMPARE},
    {.name = "out",
     .value = "FILE",
     .help = "Write the one result.json here; with --compare the comparison, for you alone",
     .key = EVH_RESULTS_KEY_OUT},
    {.name = "changed",
     .help = "Compare records that have changed since they were submitted",
     .key = EVH_RESULTS_KEY_CHANGED},
    EVH_SESSION_OPTIONS,
    {.name = NULL},
};

static const evh_cli_option run_options[] = {
    {.name = "once", .help = "One pass, then end", .key = EVH_RUN_KEY_ONCE},
    {.name = "every",
     .value = "SECONDS",
     .help = "How long to wait between passes, on average (default 300)",
     .key = EVH_RUN_KEY_EVERY},
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
    {.name = "enrol",
     .section = "Start",
     .summary = "Ask to join, with an invitation; run again to fetch the certificate",
     .arguments = "INVITATION",
     .details =
         "Makes the signing key, the TLS key and NAME.yaml with the keys that the invitation "
         "names, and asks the leader. When both operators have approved, the same command "
         "stores the certificate. Nothing that is there is overwritten, and an interrupted "
         "run is simply repeated.",
     .options = enrol_options,
     .own_size = sizeof(evh_enrol_options),
     .set = evh_enrol_set,
     .run = evh_command_enrol},
    {.name = "check",
     .section = "Start",
     .summary = "Test configuration, plan, records, clock, keys and permissions",
     .details = "Tries everything that a round will need and lists what came of it; asks the "
                "leader for the log. Nothing of yours is sent.",
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
     .details =
         "Counts as `count` does and shows what follows: error rates of every group and "
         "largest minus smallest of the declared groups (_other and _missing are shown, "
         "not compared); then what your records alone say to the plan's questions. Without noise: "
         "keep it on your premises.",
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
    {.name = "submit",
     .section = "Send",
     .summary = "Count, add noise, seal, charge the ledger, and send",
     .details =
         "Brings the mirror of the log up to date and checks everything that protects privacy; "
         "draws "
         "the noise; counts the records; seals the noised counts to both aggregators; charges the "
         "ledger and stores the report in one step; sends it until there is a receipt. A round has "
         "one report: submitting again sends the identical bytes.",
     .takes = TAKES_RECORDS | EVH_CLI_TAKES_DRY_RUN,
     .options = submit_options,
     .own_size = sizeof(evh_submit_options),
     .set = evh_submit_set,
     .run = evh_command_submit},
    {.name = "upload",
     .section = "Send",
     .summary = "Send a report that submit --no-upload has written",
     .arguments = "FILE",
     .details =
         "For a machine that may reach the leader, with a configuration that has customer, "
         "leader, tls and trust. The receipt is written to FILE.receipt, and to the ledger if "
         "it is here.",
     .takes = EVH_CLI_TAKES_CONFIG,
     .options = upload_options,
     .own_size = sizeof(evh_submit_options),
     .set = evh_submit_set,
     .run = evh_command_upload},
    {.name = "run",
     .section = "Send",
     .summary = "Do all of it again and again, as a careful person would",
     .details =
         "Follows the log; submits every open round of the plans that this site has agreed to, "
         "once "
         "its window is over and the records are there; sends what is waiting; charges rounds that "
         "were missed; fetches results. It ends on SIGTERM, and with exit status 4 when the log or "
         "the ledger cannot be trusted.",
     .takes = EVH_CLI_TAKES_CONFIG,
     .options = run_options,
     .own_size = sizeof(evh_run_options),
     .set = evh_run_set,
     .run = evh_command_run},
    {.name = "results",
     .section = "After",
     .summary = "Fetch published results and hold them against the log",
     .details =
         "The document's hash and sums must be those in the log, signed by the collector. Shows "
         "what the plan's questions are answered with, and the rates behind it. With --compare, "
         "one round that you took part in: your records are counted again as `submit` did, held "
         "against the ledger's fingerprint of what was submitted, and your exact rates stand "
         "beside those of all customers, with what is different here beyond chance. That is "
         "confidential: --out makes a file for you alone, and a file that others can read is "
         "refused.",
     .takes = TAKES_RECORDS,
     .options = results_options,
     .own_size = sizeof(evh_results_options),
     .set = evh_results_set,
     .run = evh_command_results},
    {.name = "status",
     .section = "After",
     .summary = "Say what became of the rounds and of your reports",
     .details =
         "Follows the log and asks the leader. A receipt that was lost on its way is stored.",
     .takes = EVH_CLI_TAKES_CONFIG | EVH_CLI_TAKES_PLAN | EVH_CLI_TAKES_ROUND,
     .run = evh_command_status},
    {.name = "ledger reconcile",
     .section = "After",
     .summary = "Charge every round that the ledger does not know",
     .details =
         "Charges as missed every round of your population's plans that was opened since you "
         "joined, that is over, and that the ledger does not know. A ledger that is behind "
         "is repaired by it: then every open round is charged too, and no report is made for "
         "it any more.",
     .takes = EVH_CLI_TAKES_CONFIG,
     .run = evh_command_ledger_reconcile},
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
