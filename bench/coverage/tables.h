/* SPDX-License-Identifier: Apache-2.0
 * The tables beside those of rates. */
#ifndef EVH_BENCH_COVERAGE_TABLES_H
#define EVH_BENCH_COVERAGE_TABLES_H

#include "world.h"

/* All simultaneous intervals of two questions, together. */
void print_families(run *r);

/* When rates are withheld. */
void print_withheld(run *r);

/* Largest minus smallest, raw and corrected. */
void print_spreads(run *r);

/* Measures under Clarify's names. */
void print_named(run *r);

/* Two models on the same records. */
void print_models(run *r);

/* One site against all. */
void print_sites(run *r);

#endif
