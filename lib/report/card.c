/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <string.h>

#include "evenhand/base/clock.h"
#include "evenhand/fairness/named.h"
#include "evenhand/plan/canonical.h"
#include "evenhand/report/formats.h"
#include "result_internal.h"
#include "words_internal.h"

typedef struct card {
    evh_buffer *out;
    evh_buffer scratch;
    const evh_result_facts *facts;
    const evh_evaluation *evaluation;
} card;

/* Plain text in Markdown: no character of a name means anything. */
static evh_status put_plain(card *to, evh_view text)
{
    evh_status status = evh_ok();
    for (size_t i = 0; i < text.len; i++) {
        const char c = (char)text.data[i];
        if (c == '<' || c == '>' || c == '&')
            EVH_TRY(evh_buffer_format(to->out, "&#%d;", c));
        else if (strchr("\\`*_[]#+!|~$^", c) != NULL)
            EVH_TRY(evh_buffer_format(to->out, "\\%c", c));
        else
            EVH_TRY(evh_buffer_u8(to->out, (uint8_t)c));
    }

done:
    return status;
}

/* Writes what stands in the scratch buffer, and empties it. */
static evh_status put_scratch(card *to)
{
    evh_status status = put_plain(to, evh_buffer_view(&to->scratch));
    evh_buffer_truncate(&to->scratch, 0);
    return status;
}

static evh_status put_head(card *to)
{
    evh_status status = evh_ok();
    const evh_result_facts *facts = to->facts;
    const evh_plan_terms *terms = evh_plan_terms_of(facts->plan);
    char start[EVH_TIME_TEXT_LEN];
    char end[EVH_TIME_TEXT_LEN];
    EVH_TRY(evh_buffer_format(to->out, "## Differences between groups: "));
    EVH_TRY(put_plain(to, evh_view_of_text(terms->name)));
    EVH_TRY(evh_buffer_format(to->out,
                              "\n\nRound %" PRIu32 " of %" PRIu32 ", %" PRIu32 " customers",
                              facts->round, terms->rounds.count, facts->customers));
    if (terms->has_window) {
        evh_time_format(start, (int64_t)facts->window_start_ms);
        evh_time_format(end, (int64_t)facts->window_end_ms);
        EVH_TRY(evh_buffer_format(to->out, ", records from %.10s to before %.10s", start, end));
    }
    EVH_TRY(evh_buffer_format(to->out, ". "));
    if (terms->privacy.mechanism == EVH_NOISE_NONE)
        EVH_TRY(evh_buffer_format(to->out, "**No noise was added: nobody is protected.**\n\n"));
    else
        EVH_TRY(evh_buffer_format(to->out, "Measured with differential privacy.\n\n"));

done:
    return status;
}

static evh_status put_answers(card *to)
{
    evh_status status = evh_ok();
    const evh_evaluation *evaluation = to->evaluation;
    for (size_t i = 0; i < evaluation->answer_count; i++) {
        const evh_answer *answer = &evaluation->answers[i];
        const char *id = evh_plan_terms_of(evaluation->plan)->questions[answer->question].id;
        EVH_TRY(evh_buffer_format(to->out, "- **"));
        EVH_TRY(put_plain(to, evh_view_of_text(id)));
        EVH_TRY(evh_buffer_format(to->out, "**: "));
        EVH_TRY(evh_words_sentence(&to->scratch, evaluation, answer, EVH_WORDS_PLAIN));
        EVH_TRY(put_scratch(to));
        EVH_TRY(evh_buffer_format(to->out, "\n"));
    }

done:
    return status;
}

static evh_status put_row(card *to, const evh_answer *answer, size_t index, size_t group)
{
    evh_status status = evh_ok();
    const evh_evaluation *evaluation = to->evaluation;
    const evh_rate_kind *kind = &evaluation->kinds[answer->kind];
    const evh_finding *rate =
        evh_evaluation_rate(evaluation, index, answer->kind, group, answer->model);
    EVH_TRY(evh_buffer_format(to->out, "| "));
    EVH_TRY(evh_words_group(&to->scratch, evaluation->plan, evaluation->groupings[index].grouping,
                            group, EVH_WORDS_PLAIN));
    EVH_TRY(put_scratch(to));
    EVH_TRY(evh_buffer_format(to->out, " | "));
    if (rate->withheld == EVH_SHOWN) {
        EVH_TRY(evh_words_rate(to->out, kind, rate->estimate));
        EVH_TRY(evh_buffer_format(to->out, " | "));
        EVH_TRY(evh_words_interval(to->out, kind, evh_words_interval_of(rate)));
    } else {
        EVH_TRY(evh_buffer_format(to->out, "- | %s", evh_words_withheld(rate->withheld)));
    }
    EVH_TRY(evh_buffer_format(to->out, " |\n"));

done:
    return status;
}

static evh_status put_table(card *to, const evh_answer *answer)
{
    evh_status status = evh_ok();
    const evh_evaluation *evaluation = to->evaluation;
    const evh_plan_terms *terms = evh_plan_terms_of(evaluation->plan);
    const size_t index = terms->questions[answer->question].grouping;
    const evh_plan_grouping *grouping = evaluation->groupings[index].grouping;
    EVH_TRY(evh_buffer_format(to->out, "\n| "));
    EVH_TRY(evh_words_grouping(&to->scratch, evaluation->plan, grouping));
    if (terms->model_count > 0)
        EVH_TRY(evh_buffer_format(&to->scratch, ", %s", terms->models[answer->model]));
    EVH_TRY(put_scratch(to));
    EVH_TRY(evh_buffer_format(to->out, " | "));
    EVH_TRY(evh_words_metric(&to->scratch, evaluation, answer->kind, EVH_WORDS_PLAIN));
    EVH_TRY(put_scratch(to));
    EVH_TRY(evh_buffer_format(to->out, " | %.4g %% interval |\n|---|---:|---|\n",
                              100 * evaluation->confidence));
    for (size_t group = 0; group < grouping->group_count; group++)
        EVH_TRY(put_row(to, answer, index, group));

done:
    return status;
}

static evh_status put_named_row(card *to, const char *name, const evh_fairlearn_finding *found)
{
    evh_status status = evh_ok();
    const bool shown = found->withheld == EVH_SHOWN && found->estimate.defined;
    EVH_TRY(evh_buffer_format(to->out, "| "));
    EVH_TRY(put_plain(to, evh_view_of_text(name)));
    EVH_TRY(evh_buffer_format(to->out, " | "));
    if (shown)
        EVH_TRY(evh_buffer_format(to->out, "%.4f | ", found->estimate.value));
    else
        EVH_TRY(evh_buffer_format(to->out, "- | "));
    if (shown && found->interval.withheld == EVH_SHOWN)
        EVH_TRY(evh_buffer_format(to->out, "%.4f to %.4f |\n", found->interval.low,
                                  found->interval.high));
    else
        EVH_TRY(evh_buffer_format(to->out, "- |\n"));

done:
    return status;
}

/* Fairlearn's measures of one grouping, model and class. */
static evh_status put_named(card *to, const evh_fairlearn_asked *asked)
{
    evh_status status = evh_ok();
    const evh_evaluation *e = to->evaluation;
    const evh_plan_terms *terms = evh_plan_terms_of(e->plan);
    evh_fairlearn_finding found[EVH_FAIRLEARN_COUNT];
    EVH_TRY(evh_fairlearn_measures(found, e, asked));
    EVH_TRY(evh_words_grouping(&to->scratch, e->plan, e->groupings[asked->grouping].grouping));
    if (terms->model_count > 0)
        EVH_TRY(evh_buffer_format(&to->scratch, ", %s", terms->models[asked->model]));
    if (e->meaning.layout == EVH_CELLS_CLASSES)
        EVH_TRY(evh_buffer_format(&to->scratch, ", %s against the rest",
                                  terms->scoring.classes[asked->metric_class]));
    EVH_TRY(evh_buffer_format(to->out, "\n| "));
    EVH_TRY(put_scratch(to));
    EVH_TRY(evh_buffer_format(to->out, " | value | %.4g %% interval |\n|---|---:|---|\n",
                              100 * e->confidence));
    for (size_t i = 0; i < EVH_FAIRLEARN_COUNT; i++)
        EVH_TRY(put_named_row(to, evh_fairlearn_name((evh_fairlearn)i), &found[i]));

done:
    return status;
}

static evh_status put_names(card *to)
{
    evh_status status = evh_ok();
    const evh_evaluation *e = to->evaluation;
    const size_t classes = evh_words_classes(e);
    evh_fairlearn_asked asked = {.grouping = 0};
    for (; asked.grouping < e->grouping_count; asked.grouping++) {
        if (!evh_words_is_asked(e, asked.grouping))
            continue;
        for (asked.model = 0; asked.model < e->model_count; asked.model++)
            for (asked.metric_class = 0; asked.metric_class < classes; asked.metric_class++)
                EVH_TRY(put_named(to, &asked));
    }

done:
    return status;
}

static evh_status put_foot(card *to)
{
    evh_status status = evh_ok();
    const evh_result_facts *facts = to->facts;
    const evh_plan_terms *terms = evh_plan_terms_of(facts->plan);
    char id[2 * EVH_PLAN_ID_LEN + 1];
    char epsilon[EVH_DECIMAL_TEXT_LEN];
    char delta[EVH_DECIMAL_TEXT_LEN];
    evh_hex_encode(id, evh_view_of(evh_plan_id(facts->plan), EVH_PLAN_ID_LEN));
    evh_decimal_format(epsilon, terms->privacy.epsilon);
    evh_decimal_format(delta, terms->privacy.delta);
    EVH_TRY(evh_buffer_format(
        to->out, "\nIntervals hold sampling and privacy noise, and hold for all comparisons of the "
                 "plan together where a question asks for them. Customers are the only source of "
                 "these counts: nobody checks from outside that what they count is true.\n\n"));
    if (terms->privacy.mechanism != EVH_NOISE_NONE)
        EVH_TRY(evh_buffer_format(to->out, "Privacy: epsilon %s, delta %s for this round. ",
                                  epsilon, delta));
    EVH_TRY(evh_buffer_format(to->out, "Plan `%s`; log ", id));
    EVH_TRY(put_plain(to, evh_view_of_text(facts->log_origin)));
    EVH_TRY(evh_buffer_format(to->out, ", entry %" PRIu64 ".\n", facts->entries.round_closed));

done:
    return status;
}

evh_status evh_result_card(evh_buffer *out, const evh_result_facts *facts)
{
    evh_status status = evh_ok();
    const size_t before = out->len;
    evh_evaluation *evaluation = NULL;
    card to = {.out = out, .scratch = evh_buffer_init(EVH_WORDS_BYTES_MAX), .facts = facts};
    EVH_TRY(evh_result_evaluate(&evaluation, facts));
    to.evaluation = evaluation;
    EVH_TRY(put_head(&to));
    EVH_TRY(put_answers(&to));
    for (size_t i = 0; i < evaluation->answer_count; i++)
        EVH_TRY(put_table(&to, &evaluation->answers[i]));
    EVH_TRY(put_names(&to));
    EVH_TRY(put_foot(&to));

done:
    evh_evaluation_free(&evaluation);
    evh_buffer_clear(&to.scratch);
    if (status.code != EVH_OK)
        evh_buffer_truncate(out, before);
    return status;
}
