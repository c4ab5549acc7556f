/* SPDX-License-Identifier: Apache-2.0
 * cli/terminal.h: what can be shown where output goes.
 * Threads  any          Memory   allocates nothing that stays
 * Tests    unit/cli/test_terminal.c */
#ifndef EVH_CLI_TERMINAL_H
#define EVH_CLI_TERMINAL_H

#include <stdbool.h>
#include <stdio.h>

enum { EVH_TERMINAL_COLUMNS = 100 }; /* where there is no terminal */

/* Whether the user's locale is in UTF-8; the program's own stays as it is. */
bool evh_terminal_is_utf8(void);

/* The width of the terminal behind `out`; EVH_TERMINAL_COLUMNS when there is none. */
unsigned evh_terminal_columns(FILE *out);

#endif
