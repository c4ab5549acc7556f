/* SPDX-License-Identifier: Apache-2.0
 * client/commands_internal.h: what each command runs; the table of commands is in program.c. */
#ifndef EVH_CLIENT_COMMANDS_INTERNAL_H
#define EVH_CLIENT_COMMANDS_INTERNAL_H

#include "evenhand/cli/cli.h"
#include "session_internal.h"

typedef struct evh_keygen_options {
    const char *out; /* --out */
} evh_keygen_options;

evh_status evh_keygen_set(void *own, int key, const char *value);
evh_status evh_command_keygen(evh_cli *cli, void *own);
evh_status evh_command_count(evh_cli *cli, void *own);

typedef struct evh_report_options {
    evh_session_options session;
    const char *metric; /* --metric */
} evh_report_options;

enum { EVH_REPORT_KEY_METRIC = 3100 };
evh_status evh_report_set(void *own, int key, const char *value);
evh_status evh_command_report(evh_cli *cli, void *own);

evh_status evh_command_check(evh_cli *cli, void *own);
evh_status evh_command_explain(evh_cli *cli, void *own);
evh_status evh_command_preview(evh_cli *cli, void *own);
evh_status evh_command_ledger_show(evh_cli *cli, void *own);
evh_status evh_command_ledger_verify(evh_cli *cli, void *own);

#endif
