/* SPDX-License-Identifier: Apache-2.0
 * The groups that main.c runs, one per source file, and a way to run the whole client: command line
 * in, exit code and both outputs back. */
#ifndef EVH_INTEGRATION_CLIENT_TESTS_H
#define EVH_INTEGRATION_CLIENT_TESTS_H

#include <jansson.h>

#include "support/test.h"

int run_count_tests(void);
int run_shared_tests(void);
int run_keys_tests(void);
int run_look_tests(void);

typedef struct site {
    char dir[256];
    int exit;
    evh_buffer out, err; /* NUL-terminated texts */
    json_t *json;        /* of the last run that wrote JSON to its output */
} site;

int site_setup(void **state);
int site_teardown(void **state);

/* Writes a file into the site's folder. */
void site_write(const site *s, const char *name, const char *text);

/* Runs one command in the site's folder: words separated by spaces, "@" in front of a word stands
 * for the folder. */
void site_run(site *s, const char *line);

/* The same, and the exit code must be this; prints what was said if it is not. */
void site_expect(site *s, int exit, const char *line);

/* A text that standard error (output) of the last run must hold. */
void site_said(const site *s, const char *part);
void site_wrote(const site *s, const char *part);

/* The object of `groups` with this release ("race", "race,sex", "" for everything) and group values
 * ("African-American"), and model (NULL: none). */
json_t *site_group(const site *s, const char *release, const char *values, const char *model);

/* A cell of it. */
long long site_cell(const site *s, const char *release, const char *values, const char *cell);

#endif
