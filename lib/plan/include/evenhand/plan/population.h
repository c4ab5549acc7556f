/* SPDX-License-Identifier: Apache-2.0
 * plan/population.h: whose data is measured, and the budget that protects them over all plans.
 * Source   docs/reference/plan.md, "Population files"
 * Secret   nothing                         Threads  values, no shared state
 * Memory   allocates nothing that stays    Tests    unit/plan/test_population.c */
#ifndef EVH_PLAN_POPULATION_H
#define EVH_PLAN_POPULATION_H

#include "evenhand/plan/noise.h"
#include "evenhand/plan/plan.h"

enum { EVH_POPULATION_CUSTOMERS_MAX = 1000 }; /* customers_per_unit */

typedef enum evh_accountant {
    EVH_ACCOUNTANT_BASIC, /* basic-1: closed forms, sound, not tight */
    EVH_ACCOUNTANT_PLD    /* pld-1: privacy loss distributions */
} evh_accountant;

typedef struct evh_population {
    char name[EVH_PLAN_NAME_MAX + 1]; /* NFC */
    evh_adjacency adjacency;
    uint32_t customers_per_unit; /* at how many customers one unit may appear; multiplies charges */
    evh_decimal epsilon;         /* of all plans together */
    evh_decimal delta;
    evh_accountant accountant;
} evh_population;

/* Reads a population file: YAML or JSON.
 *   out          all zero on failure
 *   file         name for the diagnostics
 * Fails    INPUT with the first mistake, which is in the diagnostics with its line and column;
 *          MEMORY */
EVH_MUST_USE evh_status evh_population_parse(evh_population *out, const char *file, evh_view text,
                                             evh_diagnostics *diagnostics);

/* Appends the canonical bytes (proto/plan.proto, message Population). Fails MEMORY. */
EVH_MUST_USE evh_status evh_population_encode(const evh_population *population, evh_buffer *out);

/* Reads canonical bytes, with every check that a file has to pass. Fails ENCODING malformed, not
 * canonical, or out of range; RANGE over EVH_PLAN_BYTES_MAX bytes; MEMORY. *out is then all zero.
 */
EVH_MUST_USE evh_status evh_population_decode(evh_population *out, evh_view bytes);

/* The budget as the accountant takes it. */
evh_budget evh_population_budget(const evh_population *population);

/* "basic-1" or "pld-1". */
const char *evh_accountant_name(evh_accountant accountant);

/* "add-remove" or "replace-one". */
const char *evh_adjacency_name(evh_adjacency adjacency);

#endif
