/* SPDX-License-Identifier: Apache-2.0 */
#include "evenhand/plan/scoring.h"

#include "plan_internal.h"

static bool views_of(evh_plan_context *context, const char *const *texts, size_t count,
                     const evh_view **out)
{
    evh_view *views = NULL;
    if (!evh_plan_take(context, &views, count, sizeof views[0]))
        return false;
    for (size_t i = 0; i < count; i++)
        views[i] = evh_view_of_text(texts[i]);
    *out = views;
    return true;
}

bool evh_plan_fill_scorer_options(evh_plan_context *context)
{
    static const evh_scorer_kind kinds[] = {[EVH_PLAN_BINARY] = EVH_SCORER_BINARY,
                                            [EVH_PLAN_MULTICLASS] = EVH_SCORER_MULTICLASS,
                                            [EVH_PLAN_WER] = EVH_SCORER_WER,
                                            [EVH_PLAN_REGRESSION] = EVH_SCORER_REGRESSION,
                                            [EVH_PLAN_EVENT] = EVH_SCORER_EVENT};
    const evh_plan_scoring *from = &context->plan->terms.scoring;
    evh_scorer_options *to = &context->plan->scorer_options;
    to->kind = kinds[context->plan->terms.scorer];
    to->binary.positive_count = from->positive_count;
    to->binary.has_threshold = from->has_threshold;
    to->binary.threshold = from->threshold;
    to->multiclass.class_count = from->class_count;
    to->wer.average = from->by_word ? EVH_WER_BY_WORD : EVH_WER_BY_UNIT;
    to->wer.detail = from->detail_sdi ? EVH_WER_SDI : EVH_WER_ERRORS;
    to->wer.alignment = from->levenshtein ? EVH_ALIGN_LEVENSHTEIN : EVH_ALIGN_SCLITE;
    to->wer.normalizer = from->basic_normalizer ? EVH_NORMALIZER_BASIC : EVH_NORMALIZER_NONE;
    to->wer.empty_reference =
        from->count_empty_reference ? EVH_WER_EMPTY_COUNT : EVH_WER_EMPTY_SKIP;
    to->regression.bound = from->bound;
    to->regression.steps = from->steps;
    return views_of(context, from->positive, from->positive_count, &to->binary.positive) &&
           views_of(context, from->classes, from->class_count, &to->multiclass.classes);
}

bool evh_plan_fill_bounding(evh_plan_context *context)
{
    evh_plan *plan = context->plan;
    evh_bounding_release *releases = NULL;
    if (!evh_plan_take(context, &releases, plan->release_count, sizeof releases[0]))
        return false;
    for (size_t i = 0; i < plan->release_count; i++) {
        releases[i].groups = plan->groupings[i].group_count;
        releases[i].first = plan->groupings[i].first_cell;
        releases[i].group_stride = evh_plan_model_slots(plan) * plan->cells_per_group;
        releases[i].model_stride = plan->cells_per_group;
    }
    plan->bounding_releases = releases;
    return true;
}

const evh_scorer_options *evh_plan_scorer_options(const evh_plan *plan)
{
    return &plan->scorer_options;
}

evh_cell_layout evh_plan_cell_layout(const evh_plan *plan)
{
    const evh_plan_scoring *scoring = &plan->terms.scoring;
    switch (plan->terms.scorer) {
    case EVH_PLAN_BINARY:
        return EVH_CELLS_BINARY;
    case EVH_PLAN_MULTICLASS:
        return scoring->class_count > 0 ? EVH_CELLS_CLASSES : EVH_CELLS_CLASS_ERRORS;
    case EVH_PLAN_WER:
        if (!scoring->by_word)
            return EVH_CELLS_WER_UNITS;
        return scoring->detail_sdi ? EVH_CELLS_WER_SDI : EVH_CELLS_WER_ERRORS;
    case EVH_PLAN_REGRESSION:
        return EVH_CELLS_REGRESSION;
    case EVH_PLAN_EVENT:
        return EVH_CELLS_EVENTS;
    }
    return EVH_CELLS_EVENTS;
}

evh_bounding_options evh_plan_bounding_options(const evh_plan *plan)
{
    evh_bounding_options options = {
        .releases = plan->bounding_releases,
        .release_count = plan->release_count,
        .model_count = evh_plan_model_slots(plan),
        .cell_count = plan->cell_count,
        .records_per_unit = plan->terms.privacy.records_per_unit,
        .groups_per_unit = plan->terms.privacy.groups_per_unit,
        .words_per_unit = plan->terms.privacy.words_per_unit,
        .insertions_per_unit = plan->terms.privacy.insertions_per_unit,
    };
    return options;
}
