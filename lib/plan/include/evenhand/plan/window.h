/* SPDX-License-Identifier: Apache-2.0
 * plan/window.h: which time a round counts.
 * Round 1 starts on the window's start day at midnight in its time zone; each round ends where the
 * next begins. Months, quarters and years are civil ones.
 * Memory   allocates nothing          Tests    unit/plan/test_window.c */
#ifndef EVH_PLAN_WINDOW_H
#define EVH_PLAN_WINDOW_H

#include "evenhand/plan/plan.h"

/* The window of a round, [start_ms, end_ms) since 1970.
 *   round  1..EVH_PLAN_ROUNDS_MAX
 * Fails    RANGE round out of range; ARG a plan without window; both are then 0. */
EVH_MUST_USE evh_status evh_plan_round_window(const evh_plan *plan, uint32_t round,
                                              int64_t *start_ms, int64_t *end_ms);

/* The round whose window holds a time: 0 before round 1 or over EVH_PLAN_ROUNDS_MAX rounds later.
 * Fails    ARG a plan without window; *round is then 0. */
EVH_MUST_USE evh_status evh_plan_round_at(const evh_plan *plan, int64_t time_ms, uint32_t *round);

#endif
