/* SPDX-License-Identifier: Apache-2.0
 * report/result_internal.h: the parts of result.json. */
#ifndef EVH_REPORT_RESULT_INTERNAL_H
#define EVH_REPORT_RESULT_INTERNAL_H

#include "evenhand/json/writer.h"
#include "evenhand/plan/groups.h"
#include "evenhand/report/result.h"

#define EVH_RESULT_FORMAT "evenhand-result"

/* Whether the facts fit the plan; fails as evh_result_write. */
evh_status evh_result_check(const evh_result_facts *facts);

/* "groups": every group of every release and derived grouping. */
evh_status evh_result_put_groups(evh_json *json, const evh_result_facts *facts);

/* "release", "group" and, where the plan names models, "model". */
void evh_result_put_group_name(evh_json *json, const evh_plan *plan,
                               const evh_plan_grouping *grouping, size_t group, size_t model);

/* Variance of the noise of all customers together in the cells of a release,
 * [evh_plan_cells_per_group] of each release in turn; free() it. */
evh_status evh_result_release_variances(double **out, const evh_result_facts *facts);

#endif
