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

typedef struct evh_enrol_options {
    const char *name;  /* --name */
    const char *dir;   /* --dir */
    const char *proxy; /* --proxy */
} evh_enrol_options;

enum { EVH_ENROL_KEY_NAME = 3300, EVH_ENROL_KEY_DIR, EVH_ENROL_KEY_PROXY };
evh_status evh_enrol_set(void *own, int key, const char *value);
evh_status evh_command_enrol(evh_cli *cli, void *own);

typedef struct evh_submit_options {
    evh_session_options session;
    bool agree;      /* --agree */
    bool no_upload;  /* --no-upload */
    const char *out; /* --out */
    uint64_t wait_s; /* --wait */
    bool wait_given;
} evh_submit_options;

enum {
    EVH_SUBMIT_KEY_AGREE = 3200,
    EVH_SUBMIT_KEY_NO_UPLOAD,
    EVH_SUBMIT_KEY_OUT,
    EVH_SUBMIT_KEY_WAIT
};
evh_status evh_submit_set(void *own, int key, const char *value);
int64_t evh_submit_wait_ms(const evh_submit_options *options);
evh_status evh_command_submit(evh_cli *cli, void *own);
evh_status evh_command_upload(evh_cli *cli, void *own);
evh_status evh_command_status(evh_cli *cli, void *own);

typedef struct evh_results_options {
    evh_session_options session;
    const char *out; /* --out */
    bool compare;    /* --compare */
    bool changed;    /* --changed */
} evh_results_options;

enum { EVH_RESULTS_KEY_OUT = 3500, EVH_RESULTS_KEY_COMPARE, EVH_RESULTS_KEY_CHANGED };
evh_status evh_results_set(void *own, int key, const char *value);
evh_status evh_command_results(evh_cli *cli, void *own);

typedef struct evh_run_options {
    bool once;        /* --once */
    uint64_t every_s; /* --every */
} evh_run_options;

enum { EVH_RUN_KEY_ONCE = 3400, EVH_RUN_KEY_EVERY };
evh_status evh_run_set(void *own, int key, const char *value);
evh_status evh_command_run(evh_cli *cli, void *own);
evh_status evh_command_ledger_reconcile(evh_cli *cli, void *own);

evh_status evh_command_check(evh_cli *cli, void *own);
evh_status evh_command_explain(evh_cli *cli, void *own);
evh_status evh_command_preview(evh_cli *cli, void *own);
evh_status evh_command_ledger_show(evh_cli *cli, void *own);
evh_status evh_command_ledger_verify(evh_cli *cli, void *own);

#endif
