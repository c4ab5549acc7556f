/* SPDX-License-Identifier: Apache-2.0
 * plan/scoring.h: what a plan tells the scorer and the bounding of units.
 * Memory   everything is borrowed from the plan          Tests    unit/plan/test_scoring.c */
#ifndef EVH_PLAN_SCORING_H
#define EVH_PLAN_SCORING_H

#include "evenhand/plan/plan.h"
#include "evenhand/scoring/bounding.h"
#include "evenhand/scoring/metric.h"
#include "evenhand/scoring/scorer.h"

/* Options for evh_scorer_new; its cells are then those of evh_plan_cell_name. */
const evh_scorer_options *evh_plan_scorer_options(const evh_plan *plan);

/* Which rates the cells of a group can tell. */
evh_cell_layout evh_plan_cell_layout(const evh_plan *plan);

/* Options for evh_bounding_new, all but scorer and key, which are left empty. */
evh_bounding_options evh_plan_bounding_options(const evh_plan *plan);

#endif
