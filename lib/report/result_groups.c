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
    int64_t *sums;           /* groups, then models, then cells */
    size_t *summed;          /* [groups] how many groups of the release each one adds up */
} grouping_part;

static void count_summed(grouping_part *part)
{
    const evh_plan_grouping *release = evh_plan_grouping_at(part->plan, part->grouping->release);
    for (size_t i = 0; i < release->group_count; i++)
        part->summed[evh_plan_group_from_release(part->plan, part->grouping, i)]++;
}

static void put_cells(evh_json *json, const grouping_part *part, size_t group, size_t model)
{
    const evh_plan *plan = part->plan;
    const size_t width = evh_plan_cells_per_group(plan);
    const size_t first = (group * evh_plan_model_slots(plan) + model) * width;
    evh_json_object_open(json, "released");
    for (size_t i = 0; i < width; i++)
        evh_json_i64(json, evh_plan_cell_name(plan, i), part->sums[first + i]);
    evh_json_close(json);
    evh_json_object_open(json, "noise_variance");
    for (size_t i = 0; i < width; i++)
        evh_json_double(json, evh_plan_cell_name(plan, i),
                        (double)part->summed[group] * part->variances[i]);
    evh_json_close(json);
    evh_json_object_open(json, "adjusted");
    for (size_t i = 0; i < width; i++)
        evh_json_double(json, evh_plan_cell_name(plan, i),
                        part->evaluation->groupings[part->index].adjusted[first + i]);
    evh_json_close(json);
}

static void put_group(evh_json *json, const grouping_part *part, size_t group, size_t model)
{
    const evh_evaluation *evaluation = part->evaluation;
    const evh_plan_terms *terms = evh_plan_terms_of(part->plan);
    evh_json_row_open(json, NULL);
    evh_result_put_release(json, part->plan, part->grouping);
    if (terms->model_count > 0)
        evh_json_text(json, "model", terms->models[model]);
    evh_result_put_values(json, "group", part->plan, part->grouping, group);
    put_cells(json, part, group, model);
    evh_json_object_open(json, "rates");
    for (size_t kind = 0; kind < evaluation->kind_count; kind++) {
        const evh_finding *rate = evh_evaluation_rate(evaluation, part->index, kind, group, model);
        const evh_estimate none = {.defined = false};
        evh_result_put_estimate(json, evaluation->kinds[kind].name,
                                rate->withheld == EVH_SHOWN ? rate->estimate : none);
    }
    evh_json_close(json);
    evh_json_object_open(json, "findings");
    for (size_t kind = 0; kind < evaluation->kind_count; kind++)
        evh_result_put_finding(json, evaluation->kinds[kind].name,
                               evh_evaluation_rate(evaluation, part->index, kind, group, model));
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
