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

/* One grouping of a result. */
typedef struct grouping_part {
    const evh_plan *plan;
    const evh_evaluation *evaluation;
    size_t index; /* of the grouping */
    const evh_plan_grouping *grouping;
    const double *variances; /* [cells per group] of one group of its release */
} grouping_part;

static void put_cells(evh_json *json, const grouping_part *part, size_t group, size_t model)
{
    const evh_plan *plan = part->plan;
    const size_t width = evh_plan_cells_per_group(plan);
    const evh_grouping_findings *found = &part->evaluation->groupings[part->index];
    const size_t first = (group * part->evaluation->model_count + model) * width;
    evh_json_object_open(json, "released");
    for (size_t i = 0; i < width; i++)
        evh_json_i64(json, evh_plan_cell_name(plan, i), found->released[first + i]);
    evh_json_close(json);
    evh_json_object_open(json, "noise_variance");
    for (size_t i = 0; i < width; i++)
        evh_json_double(json, evh_plan_cell_name(plan, i),
                        (double)found->summed[group] * part->variances[i]);
    evh_json_close(json);
    evh_json_object_open(json, "adjusted");
    for (size_t i = 0; i < width; i++)
        evh_json_double(json, evh_plan_cell_name(plan, i), found->adjusted[first + i]);
    evh_json_close(json);
}

static evh_status put_group(evh_json *json, const grouping_part *part, size_t group, size_t model)
{
    evh_status status = evh_ok();
    evh_json_row_open(json, NULL);
    evh_findings_put_place(json, part->plan, part->grouping, group, model);
    put_cells(json, part, group, model);
    EVH_TRY(evh_findings_put_group(json, part->evaluation, part->index, group, model));
    evh_json_close(json);

done:
    return status;
}

evh_status evh_result_put_groups(evh_json *json, const evh_result_facts *facts,
                                 const evh_evaluation *evaluation)
{
    evh_status status = evh_ok();
    const evh_plan *plan = facts->plan;
    double *variances = NULL;
    EVH_TRY(evh_result_release_variances(&variances, facts));
    evh_json_array_open(json, "groups");
    for (size_t i = 0; i < evh_plan_grouping_count(plan); i++) {
        const evh_plan_grouping *grouping = evh_plan_grouping_at(plan, i);
        grouping_part part = {.plan = plan,
                              .evaluation = evaluation,
                              .index = i,
                              .grouping = grouping,
                              .variances =
                                  variances + grouping->release * evh_plan_cells_per_group(plan)};
        for (size_t group = 0; group < grouping->group_count; group++)
            for (size_t model = 0; model < evaluation->model_count; model++)
                EVH_TRY(put_group(json, &part, group, model));
    }
    evh_json_close(json);

done:
    free(variances);
    return status;
}
