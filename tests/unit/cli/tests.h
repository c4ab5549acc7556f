/* SPDX-License-Identifier: Apache-2.0
 * The groups that main.c runs, one per source file. Each returns the number of failed tests. */
#ifndef EVH_UNIT_CLI_TESTS_H
#define EVH_UNIT_CLI_TESTS_H

int run_cli_tests(void);
int run_progress_tests(void);
int run_table_tests(void);
int run_terminal_tests(void);

#endif
