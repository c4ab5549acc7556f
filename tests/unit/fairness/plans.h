/* SPDX-License-Identifier: Apache-2.0
 * Plans and evaluations that several test files use. */
#ifndef EVH_UNIT_FAIRNESS_PLANS_H
#define EVH_UNIT_FAIRNESS_PLANS_H

#include "evenhand/fairness/evaluation.h"

enum { COMPAS_CELLS = 8 * 4 };

/* ProPublica's counts of six races, then `_other` and `_missing`: tp fp fn tn. */
extern const int64_t compas_cells[COMPAS_CELLS];

/* A plan for them, with three questions. */
extern const char plan_compas[];

/* Parses a plan that is good and gives it the noise that `plan draft` would; fails the test
 * otherwise. */
evh_plan *drafted_plan(const char *yaml);

/* The same without noise. */
evh_plan *draft_without_noise(const char *yaml);

evh_evaluation *evaluate(const evh_plan *plan, const int64_t *cells, uint32_t customers);

/* The rate of that name; fails the test when there is none. */
size_t kind_named(const evh_evaluation *evaluation, const char *name);

#endif
