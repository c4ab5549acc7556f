/* SPDX-License-Identifier: Apache-2.0 */
#include "page_internal.h"
#include "result_internal.h"

static void put_place(evh_json *json, const evh_page *page, const evh_plan_grouping *grouping,
                      size_t model)
{
    const evh_plan_terms *terms = evh_plan_terms_of(page->facts->plan);
    evh_findings_put_release(json, page->facts->plan, grouping);
    if (terms->model_count > 0)
        evh_json_text(json, "model", terms->models[model]);
}

static void put_comparisons(evh_json *json, const evh_page *page, const evh_answer *answer,
                            size_t index)
{
    const evh_plan_grouping *grouping = page->evaluation->groupings[index].grouping;
    evh_json_array_open(json, "comparisons");
    for (size_t i = 0; i < answer->comparison_count; i++) {
        const evh_comparison *comparison = &answer->comparisons[i];
        if (!page->selection.groups[index][comparison->group])
            continue;
        evh_json_row_open(json, NULL);
        evh_findings_put_values(json, "group", page->facts->plan, grouping, comparison->group);
        evh_json_bool(json, "counted", comparison->counted);
        evh_json_text(json, "verdict", evh_verdict_name(comparison->verdict));
        evh_findings_put_finding(json, "disparity", &comparison->disparity);
        evh_json_close(json);
    }
    evh_json_close(json);
}

static void put_question(evh_json *json, const evh_page *page, const evh_answer *answer)
{
    const evh_plan *plan = page->facts->plan;
    const evh_plan_question *asked = &evh_plan_terms_of(plan)->questions[answer->question];
    const evh_plan_grouping *grouping = evh_plan_grouping_at(plan, asked->grouping);
    evh_json_object_open(json, NULL);
    evh_json_text(json, "id", asked->id);
    put_place(json, page, grouping, answer->model);
    evh_json_text(json, "metric", page->evaluation->kinds[answer->kind].name);
    evh_findings_put_values(json, "reference", plan, grouping, asked->reference);
    evh_json_text(json, "measure", asked->measure == EVH_PLAN_RATIO ? "ratio" : "difference");
    evh_json_row_open(json, "tolerated");
    evh_findings_put_number(json, "low", answer->tolerance_low);
    evh_findings_put_number(json, "high", answer->tolerance_high);
    evh_json_close(json);
    evh_json_text(json, "verdict", evh_verdict_name(answer->verdict));
    evh_findings_put_finding(json, "gap", &answer->gap);
    evh_findings_put_values(json, "worst", plan, grouping, answer->worst);
    evh_findings_put_values(json, "compared_with", plan, grouping, answer->other);
    put_comparisons(json, page, answer, asked->grouping);
    evh_json_close(json);
}

static void put_group(evh_json *json, const evh_page *page, size_t index, size_t group,
                      size_t model)
{
    const evh_evaluation *evaluation = page->evaluation;
    const evh_plan_grouping *grouping = evaluation->groupings[index].grouping;
    evh_json_row_open(json, NULL);
    put_place(json, page, grouping, model);
    evh_findings_put_values(json, "group", page->facts->plan, grouping, group);
    evh_json_object_open(json, "findings");
    for (size_t kind = 0; kind < evaluation->kind_count; kind++)
        if (page->selection.kinds[kind])
            evh_findings_put_finding(json, evaluation->kinds[kind].name,
                                     evh_evaluation_rate(evaluation, index, kind, group, model));
    evh_json_close(json);
    evh_json_close(json);
}

static void put_groups(evh_json *json, const evh_page *page)
{
    const evh_evaluation *evaluation = page->evaluation;
    evh_json_array_open(json, "groups");
    for (size_t i = 0; i < evaluation->grouping_count; i++)
        for (size_t group = 0; group < evaluation->groupings[i].grouping->group_count; group++)
            for (size_t model = 0; model < evaluation->model_count; model++)
                if (page->selection.groups[i][group])
                    put_group(json, page, i, group, model);
    evh_json_close(json);
}

evh_status evh_page_put_excerpt(evh_buffer *out, const evh_page *page)
{
    evh_status status = evh_ok();
    evh_json json = evh_json_writer(out);
    evh_json_object_open(&json, NULL);
    evh_json_bool(&json, "excerpt", true);
    evh_json_row_open(&json, "statistics");
    evh_json_double(&json, "confidence", page->evaluation->confidence);
    evh_json_close(&json);
    evh_json_array_open(&json, "questions");
    for (size_t i = 0; i < page->evaluation->answer_count; i++)
        put_question(&json, page, &page->evaluation->answers[i]);
    evh_json_close(&json);
    evh_findings_put_metrics(&json, page->evaluation);
    put_groups(&json, page);
    evh_json_close(&json);
    EVH_TRY(evh_json_end(&json));

done:
    return status;
}
