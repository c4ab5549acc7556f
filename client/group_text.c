/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "evenhand/base/sizes.h"
#include "session_internal.h"

evh_status evh_session_sum(int64_t **sums, const evh_session *session,
                           const evh_plan_grouping *grouping)
{
    evh_status status = evh_ok();
    const evh_plan *plan = session->plan;
    size_t width = evh_plan_model_slots(plan) * evh_plan_cells_per_group(plan);
    free(*sums);
    *sums = NULL;
    EVH_TRY(evh_alloc(sums, grouping->group_count * width, sizeof **sums, "counts"));
    EVH_TRY(evh_plan_sum_grouping(plan, grouping, session->measurement.cells, *sums));

done:
    return status;
}

size_t evh_group_columns(const evh_plan *plan, const evh_plan_grouping *grouping)
{
    return grouping->attribute_count + (evh_plan_terms_of(plan)->model_count > 0);
}

evh_status evh_group_heading(evh_table *table, const evh_plan *plan,
                             const evh_plan_grouping *grouping)
{
    evh_status status = evh_ok();
    const evh_plan_terms *terms = evh_plan_terms_of(plan);
    for (size_t i = 0; i < grouping->attribute_count; i++)
        EVH_TRY(evh_table_add(table, "%s", terms->attributes[grouping->attributes[i]].name));
    if (terms->model_count > 0)
        EVH_TRY(evh_table_add(table, "model"));

done:
    return status;
}

evh_status evh_group_labels(evh_table *table, const evh_plan *plan,
                            const evh_plan_grouping *grouping, size_t group, size_t model)
{
    evh_status status = evh_ok();
    const evh_plan_terms *terms = evh_plan_terms_of(plan);
    size_t values[EVH_PLAN_ATTRIBUTES_MAX];
    evh_plan_group_values(plan, grouping, group, values);
    for (size_t i = 0; i < grouping->attribute_count; i++)
        EVH_TRY(evh_table_add(table, "%s",
                              evh_plan_value_name(plan, grouping->attributes[i], values[i])));
    if (terms->model_count > 0)
        EVH_TRY(evh_table_add(table, "%s", terms->models[model]));

done:
    return status;
}

evh_status evh_group_title(evh_buffer *out, const evh_plan *plan, const evh_plan_grouping *grouping)
{
    evh_status status = evh_ok();
    const evh_plan_terms *terms = evh_plan_terms_of(plan);
    EVH_TRY(evh_buffer_format(out, "\n"));
    if (grouping->attribute_count == 0)
        EVH_TRY(evh_buffer_format(out, "All records"));
    for (size_t i = 0; i < grouping->attribute_count; i++)
        EVH_TRY(evh_buffer_format(out, "%s%s", i > 0 ? ", " : "By ",
                                  terms->attributes[grouping->attributes[i]].name));
    EVH_TRY(evh_buffer_format(out, "%s:\n", grouping->derived ? " (derived)" : ""));

done:
    return status;
}
