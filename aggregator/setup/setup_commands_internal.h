/* SPDX-License-Identifier: Apache-2.0
 * The commands of this folder and their own options. */
#ifndef EVH_AGGREGATOR_SETUP_COMMANDS_INTERNAL_H
#define EVH_AGGREGATOR_SETUP_COMMANDS_INTERNAL_H

#include "deployment_internal.h"
#include "evenhand/cli/cli.h"

enum { EVH_INIT_KEY_METRICS = 0x100, EVH_INIT_KEY_ADDRESS, EVH_INIT_KEY_PEER };

enum { EVH_INIT_PEERS_MAX = 2 };

/* Texts are borrowed from argv. */
typedef struct evh_init_options {
    const char *name, *listen, *address, *metrics;
    const char *hosts[EVH_SETTINGS_HOSTS_MAX];
    size_t host_count;
    const char *peers[EVH_INIT_PEERS_MAX];
    size_t peer_count;
} evh_init_options;

EVH_MUST_USE evh_status evh_init_set(void *own, int key, const char *value);
EVH_MUST_USE evh_status evh_command_init(evh_cli *cli, void *own);

EVH_MUST_USE evh_status evh_command_doctor(evh_cli *cli, void *own);

EVH_MUST_USE evh_status evh_command_keys_list(evh_cli *cli, void *own);
EVH_MUST_USE evh_status evh_command_keys_rotate(evh_cli *cli, void *own);
EVH_MUST_USE evh_status evh_command_keys_retire(evh_cli *cli, void *own);

EVH_MUST_USE evh_status evh_command_store_migrate(evh_cli *cli, void *own);
EVH_MUST_USE evh_status evh_command_store_backup(evh_cli *cli, void *own);
EVH_MUST_USE evh_status evh_command_store_fsck(evh_cli *cli, void *own);
EVH_MUST_USE evh_status evh_command_store_gc(evh_cli *cli, void *own);

#endif
