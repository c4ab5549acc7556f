/* SPDX-License-Identifier: Apache-2.0
 * Named measures for a terminal. */
#include <string.h>

#include "findings_internal.h"
#include "lines_internal.h"
#include "words_internal.h"

enum { NAME_WIDTH = 18 };

/* One grouping, model and class. */
typedef struct named_text {
    evh_buffer *out;
    const evh_evaluation *evaluation;
    evh_fairlearn_asked asked;
} named_text;

static evh_status put_padding(evh_buffer *out, size_t used, size_t width)
{
    return evh_buffer_format(out, "%*s", used < width ? (int)(width - used) : 0, "");
}

static evh_status put_estimate(evh_buffer *out, bool shown, evh_estimate estimate)
{
    if (!shown || !estimate.defined)
        return evh_buffer_format(out, " %7s", "-");
    return evh_buffer_format(out, " %7.4f", estimate.value);
}

static evh_status put_title(const named_text *to)
{
    evh_status status = evh_ok();
    const evh_evaluation *e = to->evaluation;
    const evh_plan_terms *terms = evh_plan_terms_of(e->plan);
    EVH_TRY(evh_buffer_format(to->out, "\nNamed measures "));
    EVH_TRY(evh_words_grouping(to->out, e->plan, e->groupings[to->asked.grouping].grouping));
    if (terms->model_count > 0)
        EVH_TRY(evh_buffer_format(to->out, ", model %s", terms->models[to->asked.model]));
    if (e->meaning.layout == EVH_CELLS_CLASSES)
        EVH_TRY(evh_buffer_format(to->out, ", class %s against the rest",
                                  terms->scoring.classes[to->asked.metric_class]));
    EVH_TRY(evh_buffer_format(to->out, "\n"));

done:
    return status;
}

/* A difference and the ratio beside it. */
static evh_status put_fairlearn_row(const named_text *to, const evh_fairlearn_finding found[2],
                                    const char *name)
{
    evh_status status = evh_ok();
    const size_t len = strlen(name) - strlen("_difference");
    EVH_TRY(evh_buffer_format(to->out, "  %-*.*s", NAME_WIDTH + 2, (int)len, name));
    for (size_t i = 0; i < 2; i++) {
        const bool shown = found[i].withheld == EVH_SHOWN;
        const evh_interval *interval = &found[i].interval;
        EVH_TRY(put_estimate(to->out, shown, found[i].estimate));
        if (shown && interval->withheld == EVH_SHOWN)
            EVH_TRY(evh_buffer_format(to->out, " (%.4f to %.4f)", interval->low, interval->high));
        else
            EVH_TRY(evh_buffer_format(to->out, " %18s", ""));
        EVH_TRY(put_estimate(to->out, shown, found[i].corrected));
        EVH_TRY(evh_buffer_format(to->out, i == 0 ? "   " : "\n"));
    }

done:
    return status;
}

static evh_status put_fairlearn(const named_text *to)
{
    evh_status status = evh_ok();
    evh_fairlearn_finding found[EVH_FAIRLEARN_COUNT];
    EVH_TRY(evh_fairlearn_measures(found, to->evaluation, &to->asked));
    EVH_TRY(evh_buffer_format(to->out, "  Fairlearn           %8s%-19s%8s   %8s%-19s%8s\n",
                              "differ.", " (interval)", "corr.", "ratio", " (interval)", "corr."));
    for (size_t i = 0; i < EVH_FAIRLEARN_COUNT; i += 2)
        EVH_TRY(put_fairlearn_row(to, &found[i], evh_fairlearn_name((evh_fairlearn)i)));

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
    EVH_TRY(put_estimate(to->out, found.withheld == EVH_SHOWN, found.estimate));

done:
    return status;
}

static evh_status put_facet(const named_text *to, size_t group)
{
    evh_status status = evh_ok();
    const evh_plan *plan = to->evaluation->plan;
    const size_t before = to->out->len;
    EVH_TRY(evh_buffer_format(to->out, "  "));
    EVH_TRY(evh_words_group(to->out, plan, to->evaluation->groupings[to->asked.grouping].grouping,
                            group, EVH_WORDS_PLAIN));
    EVH_TRY(put_padding(to->out,
                        evh_lines_width(evh_view_of(to->out->data + before, to->out->len - before)),
                        NAME_WIDTH));
    for (size_t i = 0; i < EVH_CLARIFY_GE; i++)
        EVH_TRY(put_measure(to, (evh_clarify)i, group));
    EVH_TRY(evh_buffer_format(to->out, "\n"));

done:
    return status;
}

static evh_status put_clarify(const named_text *to)
{
    evh_status status = evh_ok();
    const evh_plan *plan = to->evaluation->plan;
    const evh_plan_grouping *grouping = to->evaluation->groupings[to->asked.grouping].grouping;
    EVH_TRY(evh_buffer_format(to->out, "  %-*s", NAME_WIDTH - 2, "Clarify"));
    for (size_t i = 0; i < EVH_CLARIFY_GE; i++)
        EVH_TRY(evh_buffer_format(to->out, " %7s", evh_clarify_name((evh_clarify)i)));
    EVH_TRY(evh_buffer_format(to->out, "\n"));
    for (size_t group = 0; group < grouping->group_count; group++)
        if (evh_plan_group_is_declared(plan, grouping, group))
            EVH_TRY(put_facet(to, group));
    EVH_TRY(evh_buffer_format(to->out, "  %-*s", NAME_WIDTH - 2, "GE, everybody"));
    EVH_TRY(put_measure(to, EVH_CLARIFY_GE, 0));
    EVH_TRY(evh_buffer_format(to->out, "\n"));

done:
    return status;
}

evh_status evh_findings_named_text(evh_buffer *out, const evh_evaluation *evaluation,
                                   size_t grouping)
{
    evh_status status = evh_ok();
    const size_t classes = evh_words_classes(evaluation);
    named_text to = {.out = out, .evaluation = evaluation, .asked = {.grouping = grouping}};
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
    return status;
}
