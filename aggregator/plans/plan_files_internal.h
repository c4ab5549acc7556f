/* SPDX-License-Identifier: Apache-2.0
 * plan_files_internal.h: a plan and its population, read from files. */
#ifndef EVH_AGGREGATOR_PLAN_FILES_INTERNAL_H
#define EVH_AGGREGATOR_PLAN_FILES_INTERNAL_H

#include "evenhand/plan/plan.h"
#include "evenhand/plan/population.h"
#include "evenhand/yaml/document.h"
#include "plan_commands_internal.h"

/* All zero is the empty state. */
typedef struct evh_plan_files {
    evh_buffer text; /* of the plan */
    evh_plan *plan;
    evh_yaml *document; /* of the plan, for the places of mistakes */
    bool has_population;
    evh_population population;
} evh_plan_files;

evh_plan_files evh_plan_files_init(void);

/* Reads --plan, and --population where it is given, and checks that they fit together. Mistakes are
 * in cli->diagnostics.
 * Fails    ARG no --plan; INPUT files that cannot be read or used; PRIVACY mechanism none without
 *          --insecure-no-noise; MEMORY */
EVH_MUST_USE evh_status evh_plan_files_read(evh_plan_files *files, evh_cli *cli,
                                            const evh_plan_options *options);

void evh_plan_files_clear(evh_plan_files *files);

/* The place of a key of the plan, of a key or item in it (may be NULL or SIZE_MAX), and of a key in
 * that; the deepest that the file has. */
evh_mark evh_plan_files_mark(const evh_plan_files *files, const char *key, size_t item,
                             const char *inner);

#endif
