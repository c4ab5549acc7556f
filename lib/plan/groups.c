/* SPDX-License-Identifier: Apache-2.0
 * Arithmetic on groups and cells. */
#include "evenhand/plan/groups.h"

#include <string.h>

#include "evenhand/base/sizes.h"
#include "plan_internal.h"

size_t evh_plan_release_count(const evh_plan *plan)
{
    return plan->release_count;
}

size_t evh_plan_grouping_count(const evh_plan *plan)
{
    return plan->grouping_count;
}

const evh_plan_grouping *evh_plan_grouping_at(const evh_plan *plan, size_t index)
{
    return &plan->groupings[index];
}

size_t evh_plan_group_of(const evh_plan *plan, const evh_plan_grouping *grouping,
                         const size_t *values)
{
    size_t group = 0;
    for (size_t i = 0; i < grouping->attribute_count; i++) {
        size_t attribute = grouping->attributes[i];
        group = group * evh_plan_value_count(plan, attribute) + values[attribute];
    }
    return group;
}

void evh_plan_group_values(const evh_plan *plan, const evh_plan_grouping *grouping, size_t group,
                           size_t *values)
{
    for (size_t i = grouping->attribute_count; i-- > 0;) {
        size_t count = evh_plan_value_count(plan, grouping->attributes[i]);
        values[i] = group % count;
        group /= count;
    }
}

bool evh_plan_group_is_declared(const evh_plan *plan, const evh_plan_grouping *grouping,
                                size_t group)
{
    const evh_plan_terms *terms = evh_plan_terms_of(plan);
    size_t values[EVH_PLAN_ATTRIBUTES_MAX];
    evh_plan_group_values(plan, grouping, group, values);
    for (size_t i = 0; i < grouping->attribute_count; i++)
        if (values[i] >= terms->attributes[grouping->attributes[i]].value_count)
            return false;
    return true;
}

size_t evh_plan_group_from_release(const evh_plan *plan, const evh_plan_grouping *grouping,
                                   size_t release_group)
{
    const evh_plan_grouping *release = &plan->groupings[grouping->release];
    size_t known[EVH_PLAN_ATTRIBUTES_MAX] = {0};
    size_t values[EVH_PLAN_ATTRIBUTES_MAX] = {0};
    evh_plan_group_values(plan, release, release_group, values);
    for (size_t i = 0; i < release->attribute_count; i++)
        known[release->attributes[i]] = values[i];
    for (size_t i = 0; i < grouping->attribute_count; i++) {
        size_t attribute = grouping->attributes[i];
        bool there = false;
        for (size_t k = 0; k < release->attribute_count; k++)
            there |= release->attributes[k] == attribute;
        if (!there) {
            size_t source = plan->terms.attributes[attribute].from;
            known[attribute] = evh_plan_value_from(plan, attribute, known[source]);
        }
    }
    return evh_plan_group_of(plan, grouping, known);
}

size_t evh_plan_cell_count(const evh_plan *plan)
{
    return plan->cell_count;
}

size_t evh_plan_cell_at(const evh_plan *plan, size_t release, size_t group, size_t model,
                        size_t cell)
{
    const evh_plan_grouping *grouping = &plan->groupings[release];
    size_t slot = group * evh_plan_model_slots(plan) + model;
    return grouping->first_cell + slot * plan->cells_per_group + cell;
}

evh_status evh_plan_sum_grouping(const evh_plan *plan, const evh_plan_grouping *grouping,
                                 const int64_t *cells, int64_t *out)
{
    evh_status status = evh_ok();
    size_t width = evh_plan_model_slots(plan) * plan->cells_per_group;
    const evh_plan_grouping *release = &plan->groupings[grouping->release];
    memset(out, 0, grouping->group_count * width * sizeof out[0]);
    for (size_t g = 0; g < release->group_count; g++) {
        const int64_t *from = cells + release->first_cell + g * width;
        int64_t *to = out + evh_plan_group_from_release(plan, grouping, g) * width;
        for (size_t i = 0; i < width; i++)
            EVH_REQUIRE(evh_i64_add(to[i], from[i], &to[i]), EVH_ERR_RANGE,
                        "a sum over groups passes 63 bits");
    }
done:
    if (status.code != EVH_OK)
        memset(out, 0, grouping->group_count * width * sizeof out[0]);
    return status;
}
