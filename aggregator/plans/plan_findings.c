/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <math.h>

#include "evenhand/plan/canonical.h"
#include "evenhand/plan/noise.h"
#include "plan_check_internal.h"

enum { OUTPUT_BYTES_MAX = 64 << 20 };

static void identify(const evh_plan *plan, char id[2 * EVH_PLAN_ID_LEN + 1])
{
    evh_hex_encode(id, evh_view_of(evh_plan_id(plan), EVH_PLAN_ID_LEN));
}

/* ---- text ---- */

static evh_status write_head(evh_buffer *out, const evh_plan_files *files,
                             const evh_plan_findings *findings)
{
    evh_status status = evh_ok();
    const evh_plan *plan = files->plan;
    const evh_plan_terms *terms = evh_plan_terms_of(plan);
    evh_plan_vdaf vdaf = evh_plan_vdaf_of(plan);
    char id[2 * EVH_PLAN_ID_LEN + 1];
    identify(plan, id);
    EVH_TRY(evh_buffer_format(out, "plan      %s\nplan_id   %s\n", terms->name, id));
    EVH_TRY(evh_buffer_format(out,
                              "report    %" PRIu64 " cells of 0..%" PRIu64 ", offset %" PRIu64
                              ", chunk length %" PRIu64 "\n",
                              vdaf.length, vdaf.max, evh_plan_noise_of(plan)->offset,
                              vdaf.chunk_length));
    EVH_TRY(evh_buffer_format(out, "range     %.0f units of a group at one customer surely fit\n",
                              findings->units_that_fit));
    EVH_TRY(evh_buffer_format(out, "noise     %s, %s, %s\n",
                              evh_noise_kind_name(terms->privacy.mechanism),
                              terms->privacy.placement == EVH_PLAN_LOCAL ? "local" : "distributed",
                              evh_adjacency_name(evh_plan_noise_of(plan)->adjacency)));
    EVH_TRY(evh_buffer_format(out, "epsilon   %.6g for one round, %.6g promised\n",
                              findings->epsilon, evh_fraction_up(evh_plan_budget(plan).epsilon)));
    if (terms->privacy.placement == EVH_PLAN_DISTRIBUTED)
        EVH_TRY(evh_buffer_format(out,
                                  "          with %" PRIu32
                                  " honest customers; %.6g when one report is seen alone\n",
                                  terms->rounds.min_honest, findings->epsilon_alone));
    if (files->has_population)
        EVH_TRY(evh_buffer_format(
            out, "rounds    %" PRIu32 " planned, the budget of %s affords %" PRIu32 "\n",
            terms->rounds.count, files->population.name, findings->rounds));
done:
    return status;
}

static evh_status write_question(evh_buffer *out, const evh_plan *plan,
                                 const evh_plan_findings *findings, size_t index)
{
    evh_status status = evh_ok();
    const evh_plan_terms *terms = evh_plan_terms_of(plan);
    const evh_plan_question *question = &terms->questions[index];
    const evh_plan_grouping *grouping = evh_plan_grouping_at(plan, question->grouping);
    char tolerance[EVH_DECIMAL_TEXT_LEN];
    evh_decimal_format(tolerance, question->tolerance);
    EVH_TRY(evh_buffer_format(out, "\nquestion %s: %s of %s within %s; units each group needs\n",
                              question->id,
                              question->measure == EVH_PLAN_RATIO ? "ratio" : "difference",
                              question->metric->name, tolerance));
    for (size_t g = 0; g < grouping->group_count; g++) {
        size_t values[EVH_PLAN_ATTRIBUTES_MAX] = {0};
        evh_plan_group_values(plan, grouping, g, values);
        EVH_TRY(evh_buffer_format(
            out, "%12.0f  ", evh_outlook_units_needed(plan, index, g, &findings->assumptions)));
        for (size_t i = 0; i < grouping->attribute_count; i++)
            EVH_TRY(
                evh_buffer_format(out, "%s%s", i == 0 ? "" : ", ",
                                  evh_plan_value_name(plan, grouping->attributes[i], values[i])));
        EVH_TRY(evh_buffer_format(out, "%s\n", g == question->reference ? " (reference)" : ""));
    }
done:
    return status;
}

evh_status evh_plan_findings_text(evh_cli *cli, const evh_plan_files *files,
                                  const evh_plan_findings *findings)
{
    evh_status status = evh_ok();
    const evh_plan_terms *terms = evh_plan_terms_of(files->plan);
    evh_buffer out = evh_buffer_init(OUTPUT_BYTES_MAX);
    EVH_TRY(write_head(&out, files, findings));
    for (size_t q = 0; q < terms->question_count; q++)
        EVH_TRY(write_question(&out, files->plan, findings, q));
    if (terms->question_count > 0)
        EVH_TRY(evh_buffer_format(&out,
                                  "\nassumed: %" PRIu32
                                  " customers, rates near %.3g; over all customers and one round\n",
                                  findings->assumptions.customers, findings->assumptions.rate));
    EVH_TRY(evh_cli_write(cli, evh_buffer_view(&out)));
done:
    evh_buffer_clear(&out);
    return status;
}

/* ---- JSON ---- */

/* A whole number of units, or null when no number is enough. */
static void put_units(evh_json *json, const char *key, double units)
{
    if (units < 0x1p63)
        evh_json_u64(json, key, (uint64_t)units);
    else
        evh_json_null(json, key);
}

/* JSON has no infinities: what is not finite is null. */
static void put_number(evh_json *json, const char *key, double value)
{
    if (isfinite(value))
        evh_json_double(json, key, value);
    else
        evh_json_null(json, key);
}

static void put_group(evh_json *json, const evh_plan *plan, const evh_plan_findings *findings,
                      size_t index, size_t group)
{
    const evh_plan_terms *terms = evh_plan_terms_of(plan);
    const evh_plan_question *question = &terms->questions[index];
    const evh_plan_grouping *grouping = evh_plan_grouping_at(plan, question->grouping);
    size_t values[EVH_PLAN_ATTRIBUTES_MAX] = {0};
    evh_plan_group_values(plan, grouping, group, values);
    evh_json_row_open(json, NULL);
    evh_json_object_open(json, "group");
    for (size_t i = 0; i < grouping->attribute_count; i++)
        evh_json_text(json, terms->attributes[grouping->attributes[i]].name,
                      evh_plan_value_name(plan, grouping->attributes[i], values[i]));
    evh_json_close(json);
    put_units(json, "units_needed",
              evh_outlook_units_needed(plan, index, group, &findings->assumptions));
    evh_json_close(json);
}

static void put_question(evh_json *json, const evh_plan *plan, const evh_plan_findings *findings,
                         size_t index)
{
    const evh_plan_question *question = &evh_plan_terms_of(plan)->questions[index];
    char tolerance[EVH_DECIMAL_TEXT_LEN];
    evh_decimal_format(tolerance, question->tolerance);
    evh_json_object_open(json, NULL);
    evh_json_text(json, "id", question->id);
    evh_json_text(json, "metric", question->metric->name);
    evh_json_text(json, "measure", question->measure == EVH_PLAN_RATIO ? "ratio" : "difference");
    evh_json_text(json, "tolerance", tolerance);
    evh_json_array_open(json, "groups");
    for (size_t g = 0; g < evh_plan_grouping_at(plan, question->grouping)->group_count; g++)
        put_group(json, plan, findings, index, g);
    evh_json_close(json);
    evh_json_close(json);
}

static void put_head(evh_json *json, const evh_plan_files *files, const evh_plan_findings *findings)
{
    const evh_plan *plan = files->plan;
    const evh_plan_terms *terms = evh_plan_terms_of(plan);
    evh_plan_vdaf vdaf = evh_plan_vdaf_of(plan);
    char id[2 * EVH_PLAN_ID_LEN + 1];
    identify(plan, id);
    evh_json_text(json, "plan", terms->name);
    evh_json_text(json, "plan_id", id);
    evh_json_row_open(json, "report");
    evh_json_u64(json, "cells", vdaf.length);
    evh_json_u64(json, "max", vdaf.max);
    evh_json_u64(json, "offset", evh_plan_noise_of(plan)->offset);
    evh_json_u64(json, "chunk_length", vdaf.chunk_length);
    put_units(json, "units_that_fit", findings->units_that_fit);
    evh_json_close(json);
    put_number(json, "epsilon", findings->epsilon);
    put_number(json, "epsilon_alone", findings->epsilon_alone);
    evh_json_row_open(json, "rounds");
    evh_json_u64(json, "planned", terms->rounds.count);
    if (files->has_population)
        evh_json_u64(json, "affordable", findings->rounds);
    else
        evh_json_null(json, "affordable");
    evh_json_close(json);
    evh_json_row_open(json, "assumed");
    evh_json_u64(json, "customers", findings->assumptions.customers);
    put_number(json, "rate", findings->assumptions.rate);
    evh_json_close(json);
}

evh_status evh_plan_findings_json(evh_cli *cli, const evh_plan_files *files,
                                  const evh_plan_findings *findings)
{
    evh_status status = evh_ok();
    evh_buffer out = evh_buffer_init(OUTPUT_BYTES_MAX);
    evh_json json = evh_json_writer(&out);
    evh_json_object_open(&json, NULL);
    put_head(&json, files, findings);
    evh_json_array_open(&json, "questions");
    for (size_t q = 0; q < evh_plan_terms_of(files->plan)->question_count; q++)
        put_question(&json, files->plan, findings, q);
    evh_json_close(&json);
    evh_cli_json_diagnostics(&json, "diagnostics", &cli->diagnostics);
    evh_json_close(&json);
    EVH_TRY(evh_json_end(&json));
    EVH_TRY(evh_cli_write(cli, evh_buffer_view(&out)));
done:
    evh_buffer_clear(&out);
    return status;
}
