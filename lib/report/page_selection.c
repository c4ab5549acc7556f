/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "evenhand/base/sizes.h"
#include "page_internal.h"

enum { ROWS_LEAST = 20, ROWS_MOST = 200 };

typedef struct candidate {
    size_t group;
    double weight; /* the heaviest are shown */
} candidate;

static int by_weight(const void *a, const void *b)
{
    const candidate *one = a;
    const candidate *other = b;
    if (one->weight != other->weight)
        return one->weight < other->weight ? 1 : -1;
    return (one->group > other->group) - (one->group < other->group);
}

/* How much was counted, from 0 to 1. Confusion counts are parts of a whole; elsewhere the first
 * cell counts. */
static double size_of(const evh_page *page, size_t index, size_t group)
{
    const evh_plan *plan = page->facts->plan;
    const size_t width = evh_plan_cells_per_group(plan);
    const size_t counting = strncmp(evh_plan_cell_name(plan, 0), "tp", 2) == 0 ? width : 1;
    const double *cells =
        page->evaluation->groupings[index].adjusted + group * page->evaluation->model_count * width;
    double size = 0;
    for (size_t i = 0; i < counting; i++)
        size += cells[i];
    return size / (1 + size);
}

/* Between 2 and 3 for what exceeds the tolerance; 4 for what sentences name. */
static void weigh_answers(const evh_page *page, size_t index, candidate *candidates)
{
    const evh_evaluation *evaluation = page->evaluation;
    const evh_plan_question *questions = evh_plan_terms_of(page->facts->plan)->questions;
    for (size_t i = 0; i < evaluation->answer_count; i++) {
        const evh_answer *answer = &evaluation->answers[i];
        const size_t named[] = {questions[answer->question].reference, answer->worst,
                                answer->other};
        if (questions[answer->question].grouping != index)
            continue;
        for (size_t j = 0; j < answer->comparison_count; j++) {
            const evh_comparison *comparison = &answer->comparisons[j];
            const double gap = fabs(comparison->disparity.estimate.value);
            candidate *one = &candidates[comparison->group];
            if (comparison->verdict == EVH_EXCEEDS_TOLERANCE)
                one->weight = fmax(one->weight, 2 + gap / (1 + gap));
        }
        for (size_t j = 0; j < sizeof named / sizeof named[0]; j++)
            if (named[j] != EVH_NO_GROUP)
                candidates[named[j]].weight = 4;
    }
}

static evh_status choose_groups(evh_page *page, size_t index, size_t room)
{
    evh_status status = evh_ok();
    candidate *candidates = NULL;
    bool *shown = page->selection.groups[index];
    const size_t count = page->evaluation->groupings[index].grouping->group_count;
    EVH_TRY(evh_alloc(&candidates, count, sizeof *candidates, "groups of a page"));
    for (size_t i = 0; i < count; i++)
        candidates[i] = (candidate){.group = i, .weight = size_of(page, index, i)};
    weigh_answers(page, index, candidates);
    qsort(candidates, count, sizeof *candidates, by_weight);
    for (size_t i = 0; i < count; i++)
        shown[candidates[i].group] = page->selection.whole || i < room;

done:
    free(candidates);
    return status;
}

static void choose_kinds(evh_page *page, size_t rows)
{
    const evh_evaluation *evaluation = page->evaluation;
    size_t chosen = 0;
    for (size_t i = 0; i < evaluation->answer_count; i++) {
        chosen += !page->selection.kinds[evaluation->answers[i].kind];
        page->selection.kinds[evaluation->answers[i].kind] = true;
    }
    for (size_t kind = 0; kind < evaluation->kind_count; kind++) {
        const bool fits = chosen == 0 || (chosen + 1) * rows <= EVH_PAGE_FINDINGS;
        if (page->selection.kinds[kind] || !(fits || page->selection.whole))
            continue;
        page->selection.kinds[kind] = true;
        chosen++;
    }
}

size_t evh_page_shown_count(const evh_page *page, size_t grouping)
{
    size_t shown = 0;
    for (size_t i = 0; i < page->evaluation->groupings[grouping].grouping->group_count; i++)
        shown += page->selection.groups[grouping][i];
    return shown;
}

evh_status evh_page_select(evh_page *page, size_t result_len)
{
    evh_status status = evh_ok();
    evh_page_selection *selection = &page->selection;
    const evh_evaluation *evaluation = page->evaluation;
    const size_t models = evaluation->model_count;
    size_t parts = evaluation->grouping_count * models;
    size_t rows = 0;
    size_t room = 0;
    selection->whole = result_len <= EVH_PAGE_WHOLE_BYTES;
    EVH_TRY(evh_alloc(&selection->groups, evaluation->grouping_count, sizeof *selection->groups,
                      "groups of a page"));
    EVH_TRY(evh_alloc(&selection->kinds, evaluation->kind_count, sizeof *selection->kinds,
                      "rates of a page"));
    if (parts < evaluation->answer_count)
        parts = evaluation->answer_count;
    room = EVH_PAGE_ROWS / parts;
    room = room < ROWS_LEAST ? ROWS_LEAST : room > ROWS_MOST ? ROWS_MOST : room;
    for (size_t i = 0; i < evaluation->grouping_count; i++) {
        EVH_TRY(evh_alloc(&selection->groups[i], evaluation->groupings[i].grouping->group_count,
                          sizeof *selection->groups[i], "groups of a page"));
        EVH_TRY(choose_groups(page, i, room));
        rows += evh_page_shown_count(page, i) * models;
    }
    choose_kinds(page, rows);

done:
    return status;
}

void evh_page_selection_clear(evh_page *page)
{
    for (size_t i = 0; page->selection.groups != NULL && i < page->evaluation->grouping_count; i++)
        free(page->selection.groups[i]);
    free(page->selection.groups);
    free(page->selection.kinds);
    page->selection = (evh_page_selection){.whole = false};
}
