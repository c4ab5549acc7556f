/* SPDX-License-Identifier: Apache-2.0
 * cli/cli.h: the command line that all programs share: commands, common options, help, messages,
 * errors as text or JSON objects, and exit codes.
 * Data goes to standard output; messages, progress and errors go to standard error. With --json
 * standard error carries error objects alone, one a line.
 * Source   glibc argp reads the options
 * Threads  one thread              Tests    unit/cli/test_cli.c */
#ifndef EVH_CLI_CLI_H
#define EVH_CLI_CLI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "evenhand/base/bytes.h"
#include "evenhand/base/status.h"
#include "evenhand/json/writer.h"
#include "evenhand/yaml/diagnostics.h"

/* Which of the common options a command takes. --json, -q, -v, --help and --version always are. */
typedef enum evh_cli_takes {
    EVH_CLI_TAKES_CONFIG = 1,
    EVH_CLI_TAKES_PLAN = 2,
    EVH_CLI_TAKES_ROUND = 4,
    EVH_CLI_TAKES_DATA = 8,
    EVH_CLI_TAKES_DRY_RUN = 16
} evh_cli_takes;

/* What the common options said; texts are borrowed from argv and NULL when not given. */
typedef struct evh_cli_common {
    const char *config, *plan, *data;
    uint32_t round; /* 0: not given; rounds count from 1 */
    bool json, dry_run, quiet, verbose;
} evh_cli_common;

typedef struct evh_cli_program evh_cli_program;
typedef struct evh_cli_command evh_cli_command;

/* One run of a command. */
typedef struct evh_cli {
    const evh_cli_program *program;
    const evh_cli_command *command;
    evh_cli_common common;
    char *const *arguments; /* [argument_count] what is left after the options */
    size_t argument_count;
    FILE *out, *err;
    /* What is wrong in the files that people wrote. A command fills it; evh_cli_run shows it,
     * errors and warnings, before the failure. */
    evh_diagnostics diagnostics;
    bool verdict_failed; /* the command worked and its answer is no: exit 1 */
} evh_cli;

/* An option of one command only. */
typedef struct evh_cli_option {
    const char *name;  /* long name, without dashes; NULL ends the list */
    const char *value; /* name of its value in the help, or NULL for a switch */
    const char *help;
    int key; /* a letter, or a number above 255 for an option with no short form */
} evh_cli_option;

struct evh_cli_command {
    const char *name;      /* "count", or two words: "ledger show" */
    const char *section;   /* heading in the program's help */
    const char *summary;   /* one line */
    const char *arguments; /* names of positional arguments for the help; NULL: it takes none */
    const char *details;   /* paragraphs for its own help, or NULL */
    unsigned takes;        /* evh_cli_takes */
    const evh_cli_option *options; /* its own, or NULL */
    size_t own_size;               /* bytes of its own settings, zeroed before use */
    /* Stores one of its own options; value is NULL for a switch. */
    evh_status (*set)(void *own, int key, const char *value);
    evh_status (*run)(evh_cli *cli, void *own);
};

struct evh_cli_program {
    const char *name;    /* "evenhand-client" */
    const char *version; /* "0.1.0" */
    const char *summary; /* one line */
    const evh_cli_command *commands;
    size_t command_count;
};

/* Runs the command that argv names and reports its failure on `err`; gives the exit code of the
 * program: 0 done, 1 verdict, else that of the status' code, 2 for a wrong command line. A wrong
 * option in text mode and --help end the process as argp does (2 and 0). */
int evh_cli_run(const evh_cli_program *program, int argc, char **argv, FILE *out, FILE *err);

/* Fails ARG with what to give when the option was not given. */
EVH_MUST_USE evh_status evh_cli_need(const evh_cli *cli, evh_cli_takes option);

/* Writes data to standard output and flushes it. Fails STORE. */
EVH_MUST_USE evh_status evh_cli_write(evh_cli *cli, evh_view data);

/* One message line for people on standard error; nothing with -q or --json. */
void evh_cli_note(evh_cli *cli, const char *format, ...) EVH_PRINTF(2, 3);

/* The same, only with -v. */
void evh_cli_detail(evh_cli *cli, const char *format, ...) EVH_PRINTF(2, 3);

/* Writes cli->diagnostics as an array of objects {"severity","file","line","column","wrong",
 * "right"}; for a command that shows warnings in its own JSON. */
void evh_cli_json_diagnostics(evh_json *json, const char *key, const evh_diagnostics *list);

/* Reads a whole number in [least, most] from an option's value. Fails ARG, naming the option. */
EVH_MUST_USE evh_status evh_cli_number(uint64_t *out, const char *value, const char *option,
                                       uint64_t least, uint64_t most);

#endif
