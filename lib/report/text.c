/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "evenhand/base/clock.h"
#include "evenhand/report/formats.h"
#include "lines_internal.h"
#include "result_internal.h"
#include "words_internal.h"

enum {
    PLOT_MIN = 12,
    PLOT_MAX = 40,
    NAME_MAX = 24,
    BESIDE = 54 /* name and figures */
};

/* One place of a plot. */
enum { PLACE_EMPTY, PLACE_NOISE, PLACE_SAMPLING, PLACE_LOW, PLACE_HIGH, PLACE_DOT, PLACE_HOLLOW };
static const char *const ascii_places[] = {" ", "-", "=", "|", "|", "*", "o"};
static const char *const unicode_places[] = {
    " ",           "\xe2\x94\x80", "\xe2\x94\x81", "\xe2\x94\x9c", "\xe2\x94\xa4", "\xe2\x97\x8f",
    "\xe2\x97\x8b"};

typedef struct page {
    evh_lines lines;
    const evh_evaluation *evaluation;
} page;

/* ---- plots ---- */

typedef struct axis {
    double low, high;
    size_t places;
} axis;

static size_t place_of(const axis *on, double value)
{
    double share = (value - on->low) / (on->high - on->low);
    if (!(share > 0))
        return 0;
    if (share > 1)
        share = 1;
    return (size_t)lround(share * (double)(on->places - 1));
}

/* From the lowest to the highest end of all intervals. */
static axis axis_of(const evh_evaluation *evaluation, size_t index, size_t kind, size_t model)
{
    axis on = {.low = INFINITY, .high = -INFINITY};
    for (size_t i = 0; i < evaluation->groupings[index].grouping->group_count; i++) {
        const evh_finding *rate = evh_evaluation_rate(evaluation, index, kind, i, model);
        const evh_interval *interval = evh_words_interval_of(rate);
        if (rate->withheld != EVH_SHOWN || !rate->estimate.defined)
            continue;
        const bool has = interval->withheld == EVH_SHOWN;
        on.low = fmin(on.low, has ? interval->low : rate->estimate.value);
        on.high = fmax(on.high, has ? interval->high : rate->estimate.value);
    }
    if (!(on.high > on.low)) {
        on.low = isfinite(on.low) ? on.low - 0.5 : 0;
        on.high = on.low + 1;
    }
    return on;
}

static void fill(uint8_t *places, const axis *on, double low, double high, uint8_t with)
{
    for (size_t i = place_of(on, low); i <= place_of(on, high); i++)
        places[i] = with;
}

static evh_status put_plot(page *to, const axis *on, const evh_finding *rate)
{
    evh_status status = evh_ok();
    uint8_t places[PLOT_MAX] = {PLACE_EMPTY};
    const evh_interval *interval = evh_words_interval_of(rate);
    const bool shown = rate->withheld == EVH_SHOWN && rate->estimate.defined;
    const bool has = shown && interval->withheld == EVH_SHOWN;
    if (has) {
        fill(places, on, interval->low, interval->high, PLACE_NOISE);
        fill(places, on, interval->sampling_low, interval->sampling_high, PLACE_SAMPLING);
        places[place_of(on, interval->low)] = PLACE_LOW;
        places[place_of(on, interval->high)] = PLACE_HIGH;
    }
    if (shown)
        places[place_of(on, rate->estimate.value)] = has ? PLACE_DOT : PLACE_HOLLOW;
    for (size_t i = 0; i < on->places; i++)
        EVH_TRY(evh_buffer_format(
            to->lines.out, "%s",
            (to->lines.terminal.unicode ? unicode_places : ascii_places)[places[i]]));

done:
    return status;
}

/* ---- tables ---- */

/* The rates of one kind and model in a grouping. */
typedef struct rates {
    size_t grouping, kind, model;
} rates;

static evh_status put_row(page *to, const rates *of, size_t group, const axis *on)
{
    evh_status status = evh_ok();
    const evh_evaluation *evaluation = to->evaluation;
    const evh_rate_kind *kind = &evaluation->kinds[of->kind];
    const evh_finding *rate =
        evh_evaluation_rate(evaluation, of->grouping, of->kind, group, of->model);
    EVH_TRY(evh_lines_spaces(&to->lines, 2));
    EVH_TRY(evh_words_group(&to->lines.scratch, evaluation->plan,
                            evaluation->groupings[of->grouping].grouping, group, EVH_WORDS_PLAIN));
    EVH_TRY(evh_lines_column(&to->lines, NAME_MAX));
    EVH_TRY(evh_lines_spaces(&to->lines, 1));
    EVH_TRY(put_plot(to, on, rate));
    EVH_TRY(evh_lines_spaces(&to->lines, 1));
    if (rate->withheld == EVH_SHOWN) {
        EVH_TRY(evh_words_rate(&to->lines.scratch, kind, rate->estimate));
        EVH_TRY(evh_buffer_format(&to->lines.scratch, "  ("));
        EVH_TRY(evh_words_interval(&to->lines.scratch, kind, evh_words_interval_of(rate)));
        EVH_TRY(evh_buffer_format(&to->lines.scratch, ")"));
    } else {
        EVH_TRY(evh_buffer_format(&to->lines.scratch, "-  %s", evh_words_withheld(rate->withheld)));
    }
    EVH_TRY(evh_lines_text(&to->lines, evh_buffer_view(&to->lines.scratch)));
    EVH_TRY(evh_buffer_u8(to->lines.out, '\n'));

done:
    evh_buffer_truncate(&to->lines.scratch, 0);
    return status;
}

static evh_status put_table(page *to, const rates *of)
{
    evh_status status = evh_ok();
    const evh_evaluation *evaluation = to->evaluation;
    const size_t columns = to->lines.terminal.columns;
    axis on = axis_of(evaluation, of->grouping, of->kind, of->model);
    on.places = columns > BESIDE + PLOT_MIN ? columns - BESIDE : PLOT_MIN;
    if (on.places > PLOT_MAX)
        on.places = PLOT_MAX;
    for (size_t group = 0; group < evaluation->groupings[of->grouping].grouping->group_count;
         group++)
        EVH_TRY(put_row(to, of, group, &on));

done:
    return status;
}

static evh_status put_answer(page *to, const evh_answer *answer)
{
    evh_status status = evh_ok();
    const evh_evaluation *evaluation = to->evaluation;
    const evh_plan_question *asked =
        &evh_plan_terms_of(evaluation->plan)->questions[answer->question];
    const rates of = {.grouping = asked->grouping, .kind = answer->kind, .model = answer->model};
    EVH_TRY(evh_buffer_format(to->lines.out, "\n%s\n", asked->id));
    EVH_TRY(evh_words_sentence(&to->lines.scratch, evaluation, answer, EVH_WORDS_PLAIN));
    EVH_TRY(evh_lines_paragraph(&to->lines, 2));
    EVH_TRY(put_table(to, &of));

done:
    return status;
}

evh_status evh_text_title(evh_lines *to, const evh_evaluation *evaluation, size_t grouping,
                          size_t kind, size_t model)
{
    evh_status status = evh_ok();
    const evh_plan_terms *terms = evh_plan_terms_of(evaluation->plan);
    EVH_TRY(evh_words_metric(&to->scratch, evaluation, kind, EVH_WORDS_PLAIN));
    EVH_TRY(evh_buffer_format(&to->scratch, ", "));
    EVH_TRY(evh_words_grouping(&to->scratch, evaluation->plan,
                               evaluation->groupings[grouping].grouping));
    if (terms->model_count > 0)
        EVH_TRY(evh_buffer_format(&to->scratch, ", model %s", terms->models[model]));
    EVH_TRY(evh_lines_paragraph(to, 0));

done:
    return status;
}

/* A plan without questions: the first rate of everything that is released. */
static evh_status put_rates(page *to)
{
    evh_status status = evh_ok();
    const evh_evaluation *evaluation = to->evaluation;
    EVH_TRY(evh_buffer_format(to->lines.out, "\nThe plan asks no question.\n"));
    for (size_t i = 0; i < evaluation->grouping_count * evaluation->model_count; i++) {
        const rates of = {.grouping = i / evaluation->model_count,
                          .model = i % evaluation->model_count};
        EVH_TRY(evh_buffer_u8(to->lines.out, '\n'));
        EVH_TRY(evh_text_title(&to->lines, evaluation, of.grouping, of.kind, of.model));
        EVH_TRY(put_table(to, &of));
    }

done:
    return status;
}

evh_status evh_text_head(evh_buffer *out, const evh_result_facts *facts)
{
    evh_status status = evh_ok();
    const evh_plan_terms *terms = evh_plan_terms_of(facts->plan);
    char start[EVH_TIME_TEXT_LEN];
    char end[EVH_TIME_TEXT_LEN];
    EVH_TRY(evh_buffer_format(out, "%s\nRound %" PRIu32 " of %" PRIu32 ", %" PRIu32 " customers",
                              terms->name, facts->round, terms->rounds.count, facts->customers));
    if (terms->has_window) {
        evh_time_format(start, (int64_t)facts->window_start_ms);
        evh_time_format(end, (int64_t)facts->window_end_ms);
        EVH_TRY(evh_buffer_format(out, ", records from %.10s to before %.10s", start, end));
    }
    EVH_TRY(evh_buffer_u8(out, '\n'));
    if (terms->privacy.mechanism == EVH_NOISE_NONE)
        EVH_TRY(evh_buffer_format(out, "NO NOISE WAS ADDED: NOBODY IS PROTECTED\n"));

done:
    return status;
}

static evh_status put_foot(page *to)
{
    evh_status status = evh_ok();
    const char *const *places = to->lines.terminal.unicode ? unicode_places : ascii_places;
    EVH_TRY(evh_buffer_format(
        &to->lines.scratch,
        "%s estimate, %s%s reach of sampling alone, %s%s added by privacy noise. Intervals of "
        "questions hold for all comparisons of the plan together.",
        places[PLACE_DOT], places[PLACE_SAMPLING], places[PLACE_SAMPLING], places[PLACE_NOISE],
        places[PLACE_NOISE]));
    EVH_TRY(evh_buffer_u8(to->lines.out, '\n'));
    EVH_TRY(evh_lines_paragraph(&to->lines, 0));

done:
    return status;
}

evh_status evh_result_text(evh_buffer *out, const evh_result_facts *facts,
                           const evh_result_terminal *terminal)
{
    evh_status status = evh_ok();
    const size_t before = out->len;
    evh_evaluation *evaluation = NULL;
    page to = {.lines = evh_lines_of(out, terminal)};
    EVH_TRY(evh_result_evaluate(&evaluation, facts));
    to.evaluation = evaluation;
    EVH_TRY(evh_text_head(out, facts));
    for (size_t i = 0; i < evaluation->answer_count; i++)
        EVH_TRY(put_answer(&to, &evaluation->answers[i]));
    if (evaluation->answer_count == 0)
        EVH_TRY(put_rates(&to));
    EVH_TRY(put_foot(&to));

done:
    evh_evaluation_free(&evaluation);
    evh_buffer_clear(&to.lines.scratch);
    if (status.code != EVH_OK)
        evh_buffer_truncate(out, before);
    return status;
}
