/* SPDX-License-Identifier: Apache-2.0
 * The operator's commands and their options. */
#include "evenhand/aggregator/commands.h"

#include "commands_internal.h"

enum {
    KEY_CSV = 256,
    KEY_VALID,
    KEY_KEY,
    KEY_ALL,
    KEY_POPULATION,
    KEY_FOR,
    KEY_DEADLINE,
    KEY_NOW,
    KEY_AGAIN
};

/* ---- options ---- */

static const evh_cli_option invite_options[] = {
    {.name = "csv", .value = "FILE", .help = "Many: a csv file with a column name", .key = KEY_CSV},
    {.name = "out",
     .value = "FILE|DIR",
     .help = "Where the invitation goes, with --csv the folder (default: here, named after the "
             "organisation)",
     .key = 'o'},
    {.name = "valid-days",
     .value = "N",
     .help = "The request must come within N days, 1 to 365 (default 30)",
     .key = KEY_VALID},
    {.name = "again",
     .value = "FILE",
     .help = "An invitation that this store has lost, because it came from an older backup",
     .key = KEY_AGAIN},
    {.name = NULL},
};

static const evh_cli_option approve_options[] = {
    {.name = "csv",
     .value = "FILE",
     .help = "Many: a csv file with a column name, and a column key to compare with if it has one",
     .key = KEY_CSV},
    {.name = "key",
     .value = "KEY",
     .help = "Only if this is its key: what the organisation has told you",
     .key = KEY_KEY},
    {.name = "all-requested", .help = "Everybody who waits for your decision", .key = KEY_ALL},
    {.name = NULL},
};

static const evh_cli_option many_options[] = {
    {.name = "csv", .value = "FILE", .help = "Many: a csv file with a column name", .key = KEY_CSV},
    {.name = NULL},
};

static const evh_cli_option publish_options[] = {
    {.name = "population",
     .value = "FILE",
     .help = "Its population, which is added first unless the log has it",
     .key = KEY_POPULATION},
    {.name = NULL},
};

#define UNTIL_OPTIONS                                                                              \
    {.name = "for",                                                                                \
     .value = "DURATION",                                                                          \
     .help = "From now: 90s, 15m, 36h, 7d, 2w",                                                    \
     .key = KEY_FOR},                                                                              \
    {                                                                                              \
        .name = "deadline", .value = "TIME", .help = "2026-12-31T12:00Z; without a zone in UTC",   \
        .key = KEY_DEADLINE                                                                        \
    }

static const evh_cli_option open_options[] = {
    UNTIL_OPTIONS,
    {.name = "no-wait",
     .help = "Do not wait until the helper has cosigned the opening",
     .key = KEY_NOW},
    {.name = NULL},
};

static const evh_cli_option extend_options[] = {
    UNTIL_OPTIONS,
    {.name = NULL},
};

static evh_status set_customer(void *own, int key, const char *value)
{
    enum { VALID_DAYS_MAX = 365 };
    evh_customer_options *options = own;
    switch (key) {
    case KEY_CSV:
        options->csv = value;
        return evh_ok();
    case 'o':
        options->out = value;
        return evh_ok();
    case KEY_KEY:
        options->key = value;
        return evh_ok();
    case KEY_AGAIN:
        options->again = value;
        return evh_ok();
    case KEY_ALL:
        options->all_requested = true;
        return evh_ok();
    default:
        return evh_cli_number(&options->valid_days, value, "valid-days", 1, VALID_DAYS_MAX);
    }
}

static evh_status set_publish(void *own, int key, const char *value)
{
    evh_publish_options *options = own;
    (void)key;
    options->population = value;
    return evh_ok();
}

static evh_status set_round(void *own, int key, const char *value)
{
    evh_round_options *options = own;
    if (key == KEY_FOR)
        options->duration = value;
    else if (key == KEY_DEADLINE)
        options->deadline = value;
    else
        options->no_wait = true;
    return evh_ok();
}

/* ---- commands ---- */

#define CUSTOMER(word, about, what, more, list)                                                    \
    {                                                                                              \
        .name = "customer " #word, .section = "People", .summary = (about), .arguments = (what),   \
        .details = (more), .takes = EVH_CLI_TAKES_CONFIG, .options = (list),                       \
        .own_size = sizeof(evh_customer_options), .set = set_customer,                             \
        .run = evh_command_customer_##word                                                         \
    }

#define ROUND_COMMAND(word, about, more, list)                                                     \
    {                                                                                              \
        .name = "round " #word, .section = "Rounds", .summary = (about), .arguments = "[TASK_ID]", \
        .details = (more),                                                                         \
        .takes = EVH_CLI_TAKES_CONFIG | EVH_CLI_TAKES_PLAN | EVH_CLI_TAKES_ROUND,                  \
        .options = (list), .own_size = sizeof(evh_round_options), .set = set_round,                \
        .run = evh_command_round_##word                                                            \
    }

#define WHICH_ROUND "The round is named by its task_id (8 digits will do), or by -p PLAN and -n N."

static const evh_cli_command commands[] = {
    CUSTOMER(invite, "Make an invitation for an organisation", "[NAME...]",
             "Writes one secret file for each, which the organisation gives to evenhand-client "
             "enrol. Inviting again makes a new file for the same invitation. Every line of a csv "
             "file is checked before anything is done.",
             invite_options),
    CUSTOMER(list, "Who was invited, who asks to join, who is on the roster", NULL,
             "At the leader and at the helper: each has a decision of its own.", NULL),
    CUSTOMER(approve, "Approve an organisation's request, or a change of the other side",
             "[NAME...]",
             "Leader and helper both have to approve. Compare the key that customer list shows "
             "with what the organisation tells you first: naming it here is your signature on "
             "its belonging to that organisation.",
             approve_options),
    CUSTOMER(refuse, "Refuse an organisation's request", "[NAME...]", NULL, many_options),
    CUSTOMER(suspend, "Take a customer off the roster for a while", "[NAME...]",
             "In force when leader and helper have both said so. Reports that were taken before "
             "count.",
             many_options),
    CUSTOMER(remove, "Take a customer off the roster for good", "[NAME...]", NULL, many_options),
    CUSTOMER(activate, "Put a suspended customer back on the roster", "[NAME...]", NULL,
             many_options),
    {.name = "population add",
     .section = "Plans",
     .summary = "Log a population and its budget",
     .arguments = "FILE",
     .details = "A population keeps its budget for life; the same file again changes nothing.",
     .takes = EVH_CLI_TAKES_CONFIG,
     .own_size = 0,
     .run = evh_command_population_add},
    {.name = "population list",
     .section = "Plans",
     .summary = "Populations of the log, and what is left of their budgets",
     .takes = EVH_CLI_TAKES_CONFIG,
     .run = evh_command_population_list},
    {.name = "plan publish",
     .section = "Plans",
     .summary = "Log a finished plan",
     .arguments = "[PLAN]",
     .details = "The plan has its noise (plan draft) and does what it promises (plan check). "
                "Published it never changes; the same file again changes nothing.",
     .takes = EVH_CLI_TAKES_CONFIG | EVH_CLI_TAKES_PLAN,
     .options = publish_options,
     .own_size = sizeof(evh_publish_options),
     .set = set_publish,
     .run = evh_command_plan_publish},
    {.name = "plan list",
     .section = "Plans",
     .summary = "Plans of the log",
     .takes = EVH_CLI_TAKES_CONFIG,
     .run = evh_command_plan_list},
    {.name = "plan retire",
     .section = "Plans",
     .summary = "Open no further round of a plan",
     .arguments = "[PLAN_ID]",
     .details = "Open rounds go on. The plan is named by its plan_id (8 digits will do), its name "
                "or its file.",
     .takes = EVH_CLI_TAKES_CONFIG | EVH_CLI_TAKES_PLAN,
     .run = evh_command_plan_retire},
    {.name = "round open",
     .section = "Rounds",
     .summary = "Open a round of a plan and charge the population's budget",
     .details = "The charge stands whatever becomes of the round. The plan is named by its "
                "plan_id (8 digits will do), its name or its file.",
     .takes = EVH_CLI_TAKES_CONFIG | EVH_CLI_TAKES_PLAN | EVH_CLI_TAKES_ROUND,
     .options = open_options,
     .own_size = sizeof(evh_round_options),
     .set = set_round,
     .run = evh_command_round_open},
    ROUND_COMMAND(close, "End a round's uploads before its deadline", WHICH_ROUND, NULL),
    ROUND_COMMAND(extend, "Take uploads for longer", WHICH_ROUND, extend_options),
    ROUND_COMMAND(void, "End a round without a result",
                  "Charges stand; customers see why. " WHICH_ROUND, NULL),
    ROUND_COMMAND(status, "Where all rounds stand, or one, customer by customer", WHICH_ROUND,
                  NULL),
};

evh_command_table evh_operate_commands(void)
{
    return (evh_command_table){.commands = commands, .count = sizeof commands / sizeof commands[0]};
}
