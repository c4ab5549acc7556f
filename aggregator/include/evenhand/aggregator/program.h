/* SPDX-License-Identifier: Apache-2.0
 * aggregator/program.h: evenhand-aggregator as a library: everything but main.
 * Tests    integration/aggregator/test_plan_commands.c */
#ifndef EVH_AGGREGATOR_PROGRAM_H
#define EVH_AGGREGATOR_PROGRAM_H

#include <stdio.h>

/* Runs one command; gives the exit code. version: "0.1.0" */
int evh_aggregator_run(const char *version, int argc, char **argv, FILE *out, FILE *err);

#endif
