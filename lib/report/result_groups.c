/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "evenhand/base/sizes.h"
#include "evenhand/plan/noise.h"
#include "result_internal.h"

/* All groups and models of a release have the same noise, so its first group stands for all. */
evh_status evh_result_release_variances(double **out, const evh_result_facts *facts)
{
    evh_status status = evh_ok();
    const evh_plan *plan = facts->plan;
    const size_t width = evh_plan_cells_per_group(plan);
    const size_t releases = evh_plan_release_count(plan);
    evh_noise *noise = NULL;
    double *variances = NULL;
    *out = NULL;
    EVH_TRY(evh_alloc(&noise, evh_plan_cell_count(plan), sizeof *noise, "noise"));
    EVH_TRY(evh_alloc(&variances, releases * width, sizeof *variances, "noise"));
    EVH_TRY(evh_plan_cell_noise(plan, noise));
    for (size_t release = 0; release < releases; release++)
        for (size_t cell = 0; cell < width; cell++)
            variances[release * width + cell] =
                (double)facts->customers *
                evh_noise_variance(&noise[evh_plan_cell_at(plan, release, 0, 0, cell)]);
    *out = variances;
    variances = NULL;

done:
    free(noise);
    free(variances);
    return status;
}

void evh_result_put_group_name(evh_json *json, const evh_plan *plan,
                               const evh_plan_grouping *grouping, size_t group, size_t model)
{
    const evh_plan_terms *terms = evh_plan_terms_of(plan);
    size_t values[EVH_PLAN_ATTRIBUTES_MAX];
    evh_json_array_open(json, "release");
    for (size_t i = 0; i < grouping->attribute_count; i++)
        evh_json_text(json, NULL, terms->attributes[grouping->attributes[i]].name);
    evh_json_close(json);
    if (terms->model_count > 0)
        evh_json_text(json, "model", terms->models[model]);
    evh_plan_group_values(plan, grouping, group, values);
    evh_json_object_open(json, "group");
    for (size_t i = 0; i < grouping->attribute_count; i++)
        evh_json_text(json, terms->attributes[grouping->attributes[i]].name,
                      evh_plan_value_name(plan, grouping->attributes[i], values[i]));
    evh_json_close(json);
}

/* One grouping of a result. */
typedef struct grouping_part {
    const evh_plan *plan;
    const evh_plan_grouping *grouping;
    const double *variances; /* [cells per group] of one group of its release */
    int64_t *sums;           /* groups, then models, then cells */
    size_t *summed;          /* [groups] how many groups of the release each one adds up */
} grouping_part;

static void count_summed(grouping_part *part)
{
    const evh_plan_grouping *release = evh_plan_grouping_at(part->plan, part->grouping->release);
    for (size_t i = 0; i < release->group_count; i++)
        part->summed[evh_plan_group_from_release(part->plan, part->grouping, i)]++;
}

static void put_group(evh_json *json, const grouping_part *part, size_t group, size_t model)
{
    const evh_plan *plan = part->plan;
    const size_t width = evh_plan_cells_per_group(plan);
    const int64_t *sums = part->sums + (group * evh_plan_model_slots(plan) + model) * width;
    evh_json_row_open(json, NULL);
    evh_result_put_group_name(json, plan, part->grouping, group, model);
    evh_json_object_open(json, "released");
    for (size_t i = 0; i < width; i++)
        evh_json_i64(json, evh_plan_cell_name(plan, i), sums[i]);
    evh_json_close(json);
    evh_json_object_open(json, "noise_variance");
    for (size_t i = 0; i < width; i++)
        evh_json_double(json, evh_plan_cell_name(plan, i),
                        (double)part->summed[group] * part->variances[i]);
    evh_json_close(json);
    evh_json_close(json);
}

static evh_status put_grouping(evh_json *json, const evh_result_facts *facts, grouping_part *part)
{
    evh_status status = evh_ok();
    const evh_plan *plan = part->plan;
    const size_t groups = part->grouping->group_count;
    const size_t models = evh_plan_model_slots(plan);
    EVH_TRY(evh_alloc(&part->sums, groups * models * evh_plan_cells_per_group(plan),
                      sizeof *part->sums, "sums"));
    EVH_TRY(evh_alloc(&part->summed, groups, sizeof *part->summed, "groups"));
    EVH_TRY(evh_plan_sum_grouping(plan, part->grouping, facts->sums, part->sums));
    count_summed(part);
    for (size_t group = 0; group < groups; group++)
        for (size_t model = 0; model < models; model++)
            put_group(json, part, group, model);

done:
    return status;
}

evh_status evh_result_put_groups(evh_json *json, const evh_result_facts *facts)
{
    evh_status status = evh_ok();
    const evh_plan *plan = facts->plan;
    double *variances = NULL;
    EVH_TRY(evh_result_release_variances(&variances, facts));
    evh_json_array_open(json, "groups");
    for (size_t i = 0; i < evh_plan_grouping_count(plan); i++) {
        const evh_plan_grouping *grouping = evh_plan_grouping_at(plan, i);
        grouping_part part = {.plan = plan,
                              .grouping = grouping,
                              .variances =
                                  variances + grouping->release * evh_plan_cells_per_group(plan)};
        status = put_grouping(json, facts, &part);
        free(part.sums);
        free(part.summed);
        if (status.code != EVH_OK)
            goto done;
    }
    evh_json_close(json);

done:
    free(variances);
    return status;
}
