/* SPDX-License-Identifier: Apache-2.0
 * client/program.h: evenhand-client as a library: everything but main.
 * Tests    integration/test_client.c */
#ifndef EVH_CLIENT_PROGRAM_H
#define EVH_CLIENT_PROGRAM_H

#include <stdio.h>

/* Runs one command; gives the exit code. version: "0.1.0" */
int evh_client_run(const char *version, int argc, char **argv, FILE *out, FILE *err);

#endif
