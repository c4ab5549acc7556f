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
};

evh_command_table evh_setup_commands(void)
{
    return (evh_command_table){.commands = commands, .count = sizeof commands / sizeof commands[0]};
}
