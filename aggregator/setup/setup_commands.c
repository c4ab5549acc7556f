/* SPDX-License-Identifier: Apache-2.0 */
#include "evenhand/aggregator/commands.h"
#include "setup_commands_internal.h"

static const evh_cli_option init_options[] = {
    {.name = "name",
     .value = "N",
     .help = "The party's name, for example leader.example",
     .key = 'N'},
    {.name = "listen",
     .value = "HOST:PORT",
     .help = "Where it serves (leader and helper), for example 0.0.0.0:8443",
     .key = 'l'},
    {.name = "host",
     .value = "H",
     .help = "A name or address in its certificate; repeat for more (default: that of --listen)",
     .key = 'H'},
    {.name = "address",
     .value = "HOST:PORT",
     .help = "Where the others reach it (default: the first --host and the port of --listen)",
     .key = EVH_INIT_KEY_ADDRESS},
    {.name = "metrics",
     .value = "HOST:PORT",
     .help = "Where /metrics, /healthz and /readyz are, plain HTTP (default: nowhere)",
     .key = EVH_INIT_KEY_METRICS},
    {.name = "peer",
     .value = "FILE",
     .help = "Pair the folder with another party: its introduction; repeat for the other one",
     .key = EVH_INIT_KEY_PEER},
    {.name = NULL},
};

static const evh_cli_command commands[] = {
    {.name = "init",
     .section = "Set up",
     .summary = "Make a leader, a helper or a collector; pair it with the others",
     .arguments = "leader|helper|collector DIR | --peer FILE DIR",
     .details =
         "init ROLE DIR makes keys, certificates, settings and database in a new folder and "
         "overwrites nothing. DIR/introduction.yaml is public: give it to the two other parties.\v"
         "init --peer FILE DIR takes the introduction of another party. Its fingerprint is shown: "
         "compare it with its owner, by telephone, before you start the service. The same party's "
         "newer introduction replaces the older one; another party never does.",
     .options = init_options,
     .own_size = sizeof(evh_init_options),
     .set = evh_init_set,
     .run = evh_command_init},
    {.name = "doctor",
     .section = "Set up",
     .summary = "Check everything a start needs, and more",
     .details =
         "Checks settings, permissions, keys, certificates with the days they have left, disk, "
         "store, clock, and whether the other parties answer. Changes nothing. Each line says what "
         "is wrong and what to do; exit 1 when something is.\v"
         "While the service runs it has the store: the checks of the store are then left out.",
     .takes = EVH_CLI_TAKES_CONFIG,
     .run = evh_command_doctor},
    {.name = "keys list",
     .section = "Set up",
     .summary = "Show this party's keys and certificates and what it has pinned",
     .takes = EVH_CLI_TAKES_CONFIG,
     .run = evh_command_keys_list},
    {.name = "keys rotate",
     .section = "Set up",
     .summary = "Make new certificates or a new collector key",
     .arguments = "tls|client|collector",
     .details =
         "tls: the certificates of server and operator, under the same authority, with the hosts "
         "of "
         "the settings. Nobody else has to do anything.\v"
         "client: the certificate that the other parties know this one by. collector: the key to "
         "which aggregate shares are sealed; older keys stay until 'keys retire'. Both change the "
         "introduction, which the other parties have to take.",
     .takes = EVH_CLI_TAKES_CONFIG,
     .run = evh_command_keys_rotate},
    {.name = "keys retire",
     .section = "Set up",
     .summary = "Remove an older collector key",
     .arguments = "ID",
     .details = "What was sealed to it can no longer be opened: first collect the rounds that were "
                "agreed before the key was replaced.",
     .takes = EVH_CLI_TAKES_CONFIG,
     .run = evh_command_keys_retire},
    {.name = "store migrate",
     .section = "Store",
     .summary = "Bring the store of an older version up to date",
     .details = "Needs the service stopped. Make a backup first.",
     .takes = EVH_CLI_TAKES_CONFIG,
     .run = evh_command_store_migrate},
    {.name = "store backup",
     .section = "Store",
     .summary = "Copy the store to a new file, also while the service runs",
     .arguments = "FILE",
     .details =
         "The copy is consistent and knows that it is one: a service that starts with it voids the "
         "rounds that were open. Keys are not in it: back up keys/ and tls/ once, apart. Never "
         "copy "
         "the folder vault/.",
     .takes = EVH_CLI_TAKES_CONFIG,
     .run = evh_command_store_backup},
    {.name = "store fsck",
     .section = "Store",
     .summary = "Check the store, every entry of its log, and its newest checkpoint",
     .details = "Needs the service stopped. Changes nothing.",
     .takes = EVH_CLI_TAKES_CONFIG,
     .run = evh_command_store_fsck},
    {.name = "store gc",
     .section = "Store",
     .summary = "Give the room of deleted reports back to the disk",
     .details = "Needs the service stopped, and as much free disk as the store is large.",
     .takes = EVH_CLI_TAKES_CONFIG,
     .run = evh_command_store_gc},
};

evh_command_table evh_setup_commands(void)
{
    return (evh_command_table){.commands = commands, .count = sizeof commands / sizeof commands[0]};
}
