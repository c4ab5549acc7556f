/* SPDX-License-Identifier: Apache-2.0
 * Plans that several test files use. */
#ifndef EVH_UNIT_PLAN_PLANS_H
#define EVH_UNIT_PLAN_PLANS_H

#include "evenhand/plan/groups.h"
#include "evenhand/plan/plan.h"

/* The plan of docs/reference/plan.md with every key, a binary one with as few as can be, and one
 * with three attributes and two releases. */
extern const char plan_speech[];
extern const char plan_smallest[];
extern const char plan_two_releases[];

/* Parses a plan that is good; fails the test otherwise. */
evh_plan *parse_plan(const char *yaml);

#endif
