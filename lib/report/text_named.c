/* SPDX-License-Identifier: Apache-2.0
 * Named measures for a terminal. */
#include <math.h>

#include "findings_internal.h"
#include "lines_internal.h"
#include "words_internal.h"

enum {
    BESIDE = 78,     /* columns in which interval and value stand on one line */
    NAME_WIDTH = 16, /* of a group */
    PLACES = 8       /* of a number with the space before it */
};

/* One grouping, model and class. */
typedef struct named_text {
    evh_lines lines;
    const evh_evaluation *evaluation;
    evh_fairlearn_asked asked;
} named_text;

static evh_status put_estimate(evh_buffer *out, bool shown, evh_estimate estimate)
{
    if (!shown || !estimate.defined)
        return evh_buffer_format(out, " %7s", "-");
    const double size = fabs(estimate.value);
    if (size >= 1000)
        return evh_buffer_format(out, " %7.0e", estimate.value);
    return evh_buffer_format(out, " %7.*f", size < 10 ? 4 : 2, estimate.value);
}

static evh_status put_title(named_text *to)
{
    evh_status status = evh_ok();
    const evh_evaluation *e = to->evaluation;
    const evh_plan_terms *terms = evh_plan_terms_of(e->plan);
    evh_buffer *out = &to->lines.scratch;
    EVH_TRY(evh_buffer_u8(to->lines.out, '\n'));
    EVH_TRY(evh_buffer_format(out, "Named measures "));
    EVH_TRY(evh_words_grouping(out, e->plan, e->groupings[to->asked.grouping].grouping));
    if (terms->model_count > 0)
        EVH_TRY(evh_buffer_format(out, ", model %s", terms->models[to->asked.model]));
    if (e->meaning.layout == EVH_CELLS_CLASSES)
        EVH_TRY(evh_buffer_format(out, ", class %s against the rest",
                                  terms->scoring.classes[to->asked.metric_class]));
    EVH_TRY(evh_buffer_u8(out, '.'));
    EVH_TRY(evh_lines_paragraph(&to->lines, 0));

done:
    return status;
}

static evh_status put_fairlearn_row(const named_text *to, evh_fairlearn measure,
                                    const evh_fairlearn_finding *found)
{
    evh_status status = evh_ok();
    evh_buffer *out = to->lines.out;
    const bool shown = found->withheld == EVH_SHOWN;
    const char *before = to->lines.terminal.columns < BESIDE ? "\n    " : "  ";
    EVH_TRY(evh_buffer_format(out, "  %-30s", evh_fairlearn_name(measure)));
    EVH_TRY(put_estimate(out, shown, found->estimate));
    if (shown && found->interval.withheld == EVH_SHOWN)
        EVH_TRY(evh_buffer_format(out, "%s%.4f to %.4f", before, found->interval.low,
                                  found->interval.high));
    if (shown && found->interval.withheld == EVH_SHOWN && found->corrected.defined)
        EVH_TRY(evh_buffer_format(out, ", corrected %.4f", found->corrected.value));
    EVH_TRY(evh_buffer_u8(out, '\n'));

done:
    return status;
}

static evh_status put_fairlearn(const named_text *to)
{
    evh_status status = evh_ok();
    evh_fairlearn_finding found[EVH_FAIRLEARN_COUNT];
    EVH_TRY(evh_fairlearn_measures(found, to->evaluation, &to->asked));
    EVH_TRY(evh_buffer_format(to->lines.out, "  Fairlearn\n"));
    for (size_t i = 0; i < EVH_FAIRLEARN_COUNT; i++)
        EVH_TRY(put_fairlearn_row(to, (evh_fairlearn)i, &found[i]));

done:
    return status;
}

static evh_status put_measure(const named_text *to, evh_clarify measure, size_t group)
{
    evh_status status = evh_ok();
    evh_finding found;
    const evh_clarify_asked asked = {.grouping = to->asked.grouping,
                                     .model = to->asked.model,
                                     .metric_class = to->asked.metric_class,
                                     .disfavoured = group,
                                     .favoured = EVH_NO_GROUP};
    EVH_TRY(evh_clarify_measure(&found, to->evaluation, measure, &asked));
    EVH_TRY(put_estimate(to->lines.out, found.withheld == EVH_SHOWN, found.estimate));

done:
    return status;
}

/* Measures from `first` to before `end` of one group. */
static evh_status put_facet(named_text *to, size_t group, size_t first, size_t end)
{
    evh_status status = evh_ok();
    EVH_TRY(evh_lines_spaces(&to->lines, 2));
    EVH_TRY(evh_words_group(&to->lines.scratch, to->evaluation->plan,
                            to->evaluation->groupings[to->asked.grouping].grouping, group,
                            EVH_WORDS_PLAIN));
    EVH_TRY(evh_lines_column(&to->lines, NAME_WIDTH));
    for (size_t i = first; i < end; i++)
        EVH_TRY(put_measure(to, (evh_clarify)i, group));
    EVH_TRY(evh_buffer_u8(to->lines.out, '\n'));

done:
    return status;
}

static evh_status put_facets(named_text *to, size_t first, size_t end)
{
    evh_status status = evh_ok();
    const evh_plan *plan = to->evaluation->plan;
    const evh_plan_grouping *grouping = to->evaluation->groupings[to->asked.grouping].grouping;
    EVH_TRY(evh_buffer_format(to->lines.out, "  %-*s", NAME_WIDTH, "Clarify"));
    for (size_t i = first; i < end; i++)
        EVH_TRY(evh_buffer_format(to->lines.out, " %7s", evh_clarify_name((evh_clarify)i)));
    EVH_TRY(evh_buffer_u8(to->lines.out, '\n'));
    for (size_t group = 0; group < grouping->group_count; group++)
        if (evh_plan_group_is_declared(plan, grouping, group))
            EVH_TRY(put_facet(to, group, first, end));

done:
    return status;
}

static evh_status put_clarify(named_text *to)
{
    evh_status status = evh_ok();
    const size_t at_once = (to->lines.terminal.columns - NAME_WIDTH - 2) / PLACES;
    for (size_t i = 0; i < EVH_CLARIFY_GE; i += at_once)
        EVH_TRY(put_facets(to, i, i + at_once < EVH_CLARIFY_GE ? i + at_once : EVH_CLARIFY_GE));
    EVH_TRY(evh_buffer_format(to->lines.out, "  %-*s", NAME_WIDTH, "GE, everybody"));
    EVH_TRY(put_measure(to, EVH_CLARIFY_GE, 0));
    EVH_TRY(evh_buffer_u8(to->lines.out, '\n'));

done:
    return status;
}

evh_status evh_findings_named_text(evh_buffer *out, const evh_evaluation *evaluation,
                                   size_t grouping, const evh_result_terminal *terminal)
{
    evh_status status = evh_ok();
    const size_t classes = evh_words_classes(evaluation);
    named_text to = {.lines = evh_lines_of(out, terminal),
                     .evaluation = evaluation,
                     .asked = {.grouping = grouping}};
    if (evaluation->groupings[grouping].grouping->attribute_count == 0)
        goto done;
    for (to.asked.model = 0; to.asked.model < evaluation->model_count; to.asked.model++) {
        for (size_t i = 0; i < classes; i++) {
            to.asked.metric_class = i;
            EVH_TRY(put_title(&to));
            EVH_TRY(put_fairlearn(&to));
            EVH_TRY(put_clarify(&to));
        }
    }

done:
    evh_buffer_clear(&to.lines.scratch);
    return status;
}
