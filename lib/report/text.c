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
    BESIDE = 54,  /* name and figures */
    ROWS_MAX = 60 /* of one table */
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
    const evh_answer *answer; /* that they are about; NULL without */
} rates;

/* What a group is to the answer, in front of its name. */
enum { STATE_NONE, STATE_INSUFFICIENT, STATE_WITHIN, STATE_EXCEEDS, STATE_REFERENCE, STATE_BESIDE };
static const char *const ascii_states[] = {" ", "?", "+", "!", "=", "."};
static const char *const unicode_states[] = {
    " ", "\xe2\x97\x8b", "\xe2\x97\x8f", "\xe2\x97\x86", "\xe2\x96\xa0", "\xe2\x96\xb3"};

static size_t state_of_verdict(evh_verdict verdict)
{
    switch (verdict) {
    case EVH_WITHIN_TOLERANCE:
        return STATE_WITHIN;
    case EVH_EXCEEDS_TOLERANCE:
        return STATE_EXCEEDS;
    case EVH_INSUFFICIENT_EVIDENCE:
    default:
        return STATE_INSUFFICIENT;
    }
}

static size_t state_of(const page *to, const evh_answer *answer, size_t group)
{
    if (answer == NULL)
        return STATE_NONE;
    if (group == evh_plan_terms_of(to->evaluation->plan)->questions[answer->question].reference)
        return STATE_REFERENCE;
    for (size_t i = 0; i < answer->comparison_count; i++)
        if (answer->comparisons[i].group == group)
            return answer->comparisons[i].counted ? state_of_verdict(answer->comparisons[i].verdict)
                                                  : STATE_BESIDE;
    return group == answer->worst || group == answer->other ? state_of_verdict(answer->verdict)
                                                            : STATE_NONE;
}

static const char *state_mark(const page *to, size_t state)
{
    return (to->lines.terminal.unicode ? unicode_states : ascii_states)[state];
}

/* "33.5 %  (29.8 to 37.4 %)", or why there is no such number. */
static evh_status put_figures(evh_buffer *out, const evh_rate_kind *kind, const evh_finding *rate)
{
    evh_status status = evh_ok();
    if (rate->withheld != EVH_SHOWN)
        return evh_buffer_format(out, "-  %s", evh_words_withheld(rate->withheld));
    EVH_TRY(evh_words_rate(out, kind, rate->estimate));
    EVH_TRY(evh_buffer_format(out, "  ("));
    EVH_TRY(evh_words_interval(out, kind, evh_words_interval_of(rate)));
    EVH_TRY(evh_buffer_format(out, ")"));

done:
    return status;
}

static bool is_narrow(const page *to)
{
    return to->lines.terminal.columns < BESIDE + PLOT_MIN;
}

/* Name, plot and figures; in a narrow terminal the name stands above them, and the plot below. */
static evh_status put_row(page *to, const rates *of, size_t group, const axis *on)
{
    evh_status status = evh_ok();
    const evh_evaluation *evaluation = to->evaluation;
    evh_lines *lines = &to->lines;
    const bool narrow = is_narrow(to);
    const evh_finding *rate =
        evh_evaluation_rate(evaluation, of->grouping, of->kind, group, of->model);
    EVH_TRY(evh_buffer_format(lines->out, "%s ", state_mark(to, state_of(to, of->answer, group))));
    EVH_TRY(evh_words_group(&lines->scratch, evaluation->plan,
                            evaluation->groupings[of->grouping].grouping, group, EVH_WORDS_PLAIN));
    if (narrow) {
        EVH_TRY(evh_lines_text(lines, evh_buffer_view(&lines->scratch)));
        EVH_TRY(evh_buffer_format(lines->out, "\n    "));
        evh_buffer_truncate(&lines->scratch, 0);
    } else {
        EVH_TRY(evh_lines_column(lines, NAME_MAX));
        EVH_TRY(evh_lines_spaces(lines, 1));
        if (rate->withheld == EVH_SHOWN)
            EVH_TRY(put_plot(to, on, rate));
        EVH_TRY(evh_lines_spaces(lines, 1));
    }
    EVH_TRY(put_figures(&lines->scratch, &evaluation->kinds[of->kind], rate));
    EVH_TRY(evh_lines_text(lines, evh_buffer_view(&lines->scratch)));
    EVH_TRY(evh_buffer_u8(lines->out, '\n'));
    if (narrow && rate->withheld == EVH_SHOWN) {
        EVH_TRY(evh_lines_spaces(lines, 4));
        EVH_TRY(put_plot(to, on, rate));
        EVH_TRY(evh_buffer_u8(lines->out, '\n'));
    }

done:
    evh_buffer_truncate(&lines->scratch, 0);
    return status;
}

/* Where the plots begin and end: "7.1 %      41.3 %" below them. */
static evh_status put_axis(page *to, const rates *of, const axis *on)
{
    evh_status status = evh_ok();
    evh_lines *lines = &to->lines;
    const evh_rate_kind *kind = &to->evaluation->kinds[of->kind];
    size_t used = 0;
    evh_buffer low = evh_buffer_init(EVH_WORDS_BYTES_MAX);
    EVH_TRY(evh_words_rate(&low, kind, (evh_estimate){.defined = true, .value = on->low}));
    EVH_TRY(
        evh_words_rate(&lines->scratch, kind, (evh_estimate){.defined = true, .value = on->high}));
    used =
        evh_lines_width(evh_buffer_view(&low)) + evh_lines_width(evh_buffer_view(&lines->scratch));
    EVH_TRY(evh_lines_spaces(lines, is_narrow(to) ? 4 : 2 + NAME_MAX + 1));
    EVH_TRY(evh_lines_text(lines, evh_buffer_view(&low)));
    EVH_TRY(evh_lines_spaces(lines, on->places > used ? on->places - used : 1));
    EVH_TRY(evh_lines_text(lines, evh_buffer_view(&lines->scratch)));
    EVH_TRY(evh_buffer_u8(lines->out, '\n'));

done:
    evh_buffer_clear(&low);
    evh_buffer_truncate(&lines->scratch, 0);
    return status;
}

/* Of many groups, those that answers name and those that exceed the tolerance come before others. */
static bool is_foremost(const page *to, const rates *of, size_t group)
{
    const size_t state = state_of(to, of->answer, group);
    return of->answer != NULL && (state == STATE_REFERENCE || state == STATE_EXCEEDS ||
                                  group == of->answer->worst || group == of->answer->other);
}

static evh_status put_rows(page *to, const rates *of, const axis *on)
{
    evh_status status = evh_ok();
    const size_t groups = to->evaluation->groupings[of->grouping].grouping->group_count;
    size_t foremost = 0;
    size_t shown = 0;
    for (size_t group = 0; groups > ROWS_MAX && group < groups; group++)
        foremost += is_foremost(to, of, group);
    size_t others = foremost < ROWS_MAX ? ROWS_MAX - foremost : 0;
    for (size_t group = 0; group < groups && shown < ROWS_MAX; group++) {
        const bool first = groups <= ROWS_MAX || is_foremost(to, of, group);
        if (!first && others == 0)
            continue;
        others -= !first;
        shown++;
        EVH_TRY(put_row(to, of, group, on));
    }
    EVH_TRY(put_axis(to, of, on));
    if (shown < groups) {
        EVH_TRY(evh_buffer_format(&to->lines.scratch,
                                  "%zu of %zu groups are shown, with those that exceed the "
                                  "tolerance. All of them: result.json, --csv.",
                                  shown, groups));
        EVH_TRY(evh_lines_paragraph(&to->lines, 2));
    }

done:
    return status;
}

static evh_status put_table(page *to, const rates *of)
{
    evh_status status = evh_ok();
    const size_t columns = to->lines.terminal.columns;
    axis on = axis_of(to->evaluation, of->grouping, of->kind, of->model);
    on.places = is_narrow(to) ? columns - 5 : columns - BESIDE;
    if (on.places > PLOT_MAX)
        on.places = PLOT_MAX;
    EVH_TRY(put_rows(to, of, &on));

done:
    return status;
}

static evh_status put_answer(page *to, const evh_answer *answer)
{
    evh_status status = evh_ok();
    const evh_evaluation *evaluation = to->evaluation;
    const evh_plan_question *asked =
        &evh_plan_terms_of(evaluation->plan)->questions[answer->question];
    const rates of = {.grouping = asked->grouping,
                      .kind = answer->kind,
                      .model = answer->model,
                      .answer = answer};
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

/* What the marks before the names are. */
static evh_status put_states(page *to)
{
    evh_status status = evh_ok();
    static const char *const words[] = {
        NULL,        "insufficient evidence", "within tolerance", "exceeds tolerance",
        "reference", "shown, not compared"};
    static const size_t order[] = {STATE_EXCEEDS, STATE_WITHIN, STATE_INSUFFICIENT, STATE_REFERENCE,
                                   STATE_BESIDE};
    for (size_t i = 0; i < sizeof order / sizeof order[0]; i++)
        EVH_TRY(evh_buffer_format(&to->lines.scratch, "%s%s %s", i > 0 ? ", " : "",
                                  state_mark(to, order[i]), words[order[i]]));
    EVH_TRY(evh_buffer_u8(&to->lines.scratch, '.'));
    EVH_TRY(evh_lines_paragraph(&to->lines, 0));

done:
    return status;
}

static evh_status put_foot(page *to)
{
    evh_status status = evh_ok();
    const char *const *places = to->lines.terminal.unicode ? unicode_places : ascii_places;
    EVH_TRY(evh_buffer_u8(to->lines.out, '\n'));
    if (to->evaluation->answer_count > 0)
        EVH_TRY(put_states(to));
    EVH_TRY(evh_buffer_format(&to->lines.scratch,
                              "Plots: %s estimate, %s%s reach of sampling alone", places[PLACE_DOT],
                              places[PLACE_SAMPLING], places[PLACE_SAMPLING]));
    if (to->evaluation->customers > 0)
        EVH_TRY(evh_buffer_format(&to->lines.scratch, ", %s%s added by privacy noise",
                                  places[PLACE_NOISE], places[PLACE_NOISE]));
    EVH_TRY(evh_buffer_format(&to->lines.scratch, ". Intervals of questions hold for all "
                                                  "comparisons of the plan together."));
    EVH_TRY(evh_lines_paragraph(&to->lines, 0));

done:
    return status;
}

static evh_status put_findings(page *to)
{
    evh_status status = evh_ok();
    const evh_evaluation *evaluation = to->evaluation;
    for (size_t i = 0; i < evaluation->answer_count; i++)
        EVH_TRY(put_answer(to, &evaluation->answers[i]));
    if (evaluation->answer_count == 0)
        EVH_TRY(put_rates(to));
    EVH_TRY(put_foot(to));
    for (size_t i = 0; i < evaluation->grouping_count; i++)
        if (evh_words_is_asked(evaluation, i))
            EVH_TRY(evh_findings_named_text(to->lines.out, evaluation, i, &to->lines.terminal));

done:
    return status;
}

evh_status evh_findings_text(evh_buffer *out, const evh_evaluation *evaluation,
                             const evh_result_terminal *terminal)
{
    const size_t before = out->len;
    page to = {.lines = evh_lines_of(out, terminal), .evaluation = evaluation};
    evh_status status = put_findings(&to);
    evh_buffer_clear(&to.lines.scratch);
    if (status.code != EVH_OK)
        evh_buffer_truncate(out, before);
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
    EVH_TRY(evh_text_head(&to.lines.scratch, facts));
    evh_buffer_truncate(&to.lines.scratch,
                        to.lines.scratch.len - 1); /* a paragraph ends its line */
    EVH_TRY(evh_lines_paragraph(&to.lines, 0));
    EVH_TRY(put_findings(&to));

done:
    evh_evaluation_free(&evaluation);
    evh_buffer_clear(&to.lines.scratch);
    if (status.code != EVH_OK)
        evh_buffer_truncate(out, before);
    return status;
}
