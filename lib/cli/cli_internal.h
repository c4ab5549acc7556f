/* SPDX-License-Identifier: Apache-2.0
 * cli/cli_internal.h: what the files of this module share. */
#ifndef EVH_CLI_INTERNAL_H
#define EVH_CLI_INTERNAL_H

#include "evenhand/cli/cli.h"

/* Takes the program's name and version. */
#define EVH_CLI_VERSION_FORMAT                                                                     \
    "%s (Evenhand) %s\n"                                                                           \
    "License Apache-2.0 <https://www.apache.org/licenses/LICENSE-2.0>.\n"                          \
    "There is no warranty, to the extent permitted by law."

enum { EVH_CLI_NAME_LEN = 96, EVH_CLI_EXIT_USAGE = 2 };

/* Finds the command that argv[1] (and argv[2]) name.
 *   words   how many of argv it took
 * Fails ARG with the commands that there are. */
evh_status evh_cli_find(const evh_cli_command **command, int *words, const evh_cli_program *program,
                        int argc, char **argv);

/* Reads the options after the command into cli->common and own. Fails ARG. */
evh_status evh_cli_parse(evh_cli *cli, void *own, int argc, char **argv);

/* The program's own help, or that of the commands which start with `word`. */
void evh_cli_print_help(const evh_cli_program *program, const char *word, FILE *out);
void evh_cli_print_version(const evh_cli_program *program, FILE *out);

/* Writes the diagnostics, and the failure if `end` is one: as lines of text, or as one JSON object
 * that holds both. Warnings of a success stay silent with --json. */
void evh_cli_print_end(const evh_cli *cli, evh_status end);

#endif
