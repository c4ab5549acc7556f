/* SPDX-License-Identifier: Apache-2.0
 * Answers in sentences. */
#include <math.h>

#include "words_internal.h"

/* Without the zeros at the end of a fraction: "5", "2.5". */
static evh_status put_short(evh_buffer *out, double value)
{
    return evh_buffer_format(out, "%.4g", value);
}

/* How a gap is written: in percentage points, as a ratio, or in the unit of what is measured. */
typedef struct gap_form {
    bool ratio;
    bool percent;
    double scale;
    const char *unit; /* with a space in front */
    int digits;       /* behind the point */
} gap_form;

static double rounded(double value, int digits)
{
    return round(value * pow(10, digits)) / pow(10, digits);
}

/* Whether a number that is written with so many digits lies on the other side of a bound. */
static bool crosses(double value, double bound, int digits)
{
    const double seen = rounded(value, digits);
    return isfinite(value) && isfinite(bound) &&
           ((value < bound) != (seen < bound) || (value > bound) != (seen > bound));
}

/* As many digits as the interval deserves, and so many more that no rounded end contradicts the
 * verdict. */
static gap_form form_of(const evh_evaluation *evaluation, const evh_answer *answer,
                        const evh_finding *finding)
{
    const evh_interval *interval = evh_words_interval_of(finding);
    gap_form form = {.ratio =
                         evh_plan_terms_of(evaluation->plan)->questions[answer->question].measure ==
                         EVH_PLAN_RATIO};
    form.percent = evh_words_is_share(&evaluation->kinds[answer->kind]) && !form.ratio;
    form.scale = form.percent ? 100 : 1;
    form.unit = form.percent ? " percentage points" : "";
    form.digits = form.percent ? 1 : 2;
    if (interval->withheld != EVH_SHOWN)
        return form;
    if (isfinite(interval->high))
        form.digits = evh_words_digits(form.scale * (interval->high - interval->low), form.digits);
    const double ends[] = {form.scale * interval->low, form.scale * interval->high};
    const double bounds[] = {form.scale * answer->tolerance_low,
                             form.scale * answer->tolerance_high};
    for (size_t i = 0; i < 4; i++)
        while (form.digits < EVH_WORDS_DIGITS_MAX &&
               crosses(ends[i % 2], bounds[i / 2], form.digits))
            form.digits++;
    return form;
}

evh_status evh_words_tolerance(evh_buffer *out, const evh_evaluation *evaluation,
                               const evh_answer *answer)
{
    evh_status status = evh_ok();
    const evh_plan_question *asked =
        &evh_plan_terms_of(evaluation->plan)->questions[answer->question];
    const bool sided = asked->reference != EVH_NO_GROUP;
    if (asked->measure == EVH_PLAN_RATIO) {
        EVH_TRY(evh_buffer_format(out, sided ? "" : "at least "));
        EVH_TRY(put_short(out, answer->tolerance_low));
        if (sided) {
            EVH_TRY(evh_buffer_format(out, " to "));
            EVH_TRY(put_short(out, answer->tolerance_high));
        }
        EVH_TRY(evh_buffer_format(out, " times"));
    } else {
        const bool share = evh_words_is_share(&evaluation->kinds[answer->kind]);
        EVH_TRY(evh_buffer_format(out, sided ? "" : "up to "));
        EVH_TRY(put_short(out, (share ? 100 : 1) * answer->tolerance));
        EVH_TRY(evh_buffer_format(out, "%s%s", share ? " percentage points" : "",
                                  sided ? " either way" : ""));
    }

done:
    return status;
}

/* What is compared: "word error rate by accent, model asr-4". */
static evh_status put_subject(evh_buffer *out, const evh_evaluation *evaluation,
                              const evh_answer *answer, evh_words_form form)
{
    evh_status status = evh_ok();
    const evh_plan_terms *terms = evh_plan_terms_of(evaluation->plan);
    const evh_plan_question *asked = &terms->questions[answer->question];
    EVH_TRY(evh_words_metric(out, evaluation, answer->kind, form));
    EVH_TRY(evh_buffer_format(out, " "));
    EVH_TRY(evh_words_grouping(out, evaluation->plan,
                               evh_plan_grouping_at(evaluation->plan, asked->grouping)));
    if (terms->model_count > 0) {
        EVH_TRY(evh_buffer_format(out, ", model "));
        EVH_TRY(evh_words_put_name(out, terms->models[answer->model], form));
    }

done:
    return status;
}

evh_status evh_words_question(evh_buffer *out, const evh_evaluation *evaluation,
                              const evh_answer *answer, evh_words_form form)
{
    evh_status status = evh_ok();
    const evh_plan *plan = evaluation->plan;
    const evh_plan_question *asked = &evh_plan_terms_of(plan)->questions[answer->question];
    const evh_plan_grouping *grouping = evh_plan_grouping_at(plan, asked->grouping);
    const bool share = evh_words_is_share(&evaluation->kinds[answer->kind]);
    const bool ratio = asked->measure == EVH_PLAN_RATIO;
    EVH_TRY(put_subject(out, evaluation, answer, form));
    if (asked->reference == EVH_NO_GROUP) {
        EVH_TRY(evh_buffer_format(out, ratio ? ": is the smallest at least "
                                             : ": are all groups within "));
        EVH_TRY(put_short(out, (share && !ratio ? 100 : 1) * answer->tolerance));
        EVH_TRY(evh_buffer_format(out, "%s%s",
                                  ratio   ? " times the largest"
                                  : share ? " percentage points"
                                          : "",
                                  ratio ? "?" : " of each other?"));
        goto done;
    }
    EVH_TRY(evh_buffer_format(out, ": is every group within "));
    EVH_TRY(put_short(out, ratio ? answer->tolerance_low : (share ? 100 : 1) * answer->tolerance));
    if (ratio) {
        EVH_TRY(evh_buffer_format(out, " to "));
        EVH_TRY(put_short(out, answer->tolerance_high));
    }
    EVH_TRY(evh_buffer_format(out, "%s",
                              ratio   ? " times "
                              : share ? " percentage points of "
                                      : " of "));
    EVH_TRY(evh_words_group(out, plan, grouping, asked->reference, form));
    EVH_TRY(evh_buffer_format(out, "?"));

done:
    return status;
}

/* A group and its own rate: "arabic (33.5 %)". */
static evh_status put_party(evh_buffer *out, const evh_evaluation *evaluation,
                            const evh_answer *answer, size_t group, evh_words_form form)
{
    evh_status status = evh_ok();
    const size_t index = evh_plan_terms_of(evaluation->plan)->questions[answer->question].grouping;
    const evh_finding *rate =
        evh_evaluation_rate(evaluation, index, answer->kind, group, answer->model);
    EVH_TRY(evh_words_group(out, evaluation->plan, evh_plan_grouping_at(evaluation->plan, index),
                            group, form));
    if (rate->withheld != EVH_SHOWN || !rate->estimate.defined)
        goto done;
    EVH_TRY(evh_buffer_format(out, " ("));
    EVH_TRY(evh_words_rate(out, &evaluation->kinds[answer->kind], rate->estimate));
    EVH_TRY(evh_buffer_format(out, ")"));

done:
    return status;
}

static bool is_known(const evh_answer *answer)
{
    return answer->gap.withheld == EVH_SHOWN && answer->gap.estimate.defined &&
           answer->worst != EVH_NO_GROUP && answer->other != EVH_NO_GROUP;
}

/* "17.3 percentage points above", "1.31 times"; without a reference there is no side to be on. */
static evh_status put_gap(evh_buffer *out, const gap_form *as, double gap, bool sided)
{
    evh_status status = evh_ok();
    if (as->ratio) {
        EVH_TRY(evh_words_put_fixed(out, gap, as->digits));
        EVH_TRY(evh_buffer_format(out, " times"));
        goto done;
    }
    EVH_TRY(evh_words_put_fixed(out, as->scale * fabs(gap), as->digits));
    EVH_TRY(evh_buffer_format(out, "%s", as->unit));
    if (sided)
        EVH_TRY(evh_buffer_format(out, gap < 0 ? " below" : " above"));

done:
    return status;
}

/* The smaller of two groups is so many times the larger; or they are so far apart. What is said
 * here is less than the rates differ, because the furthest of several are so by chance, too. */
static evh_status put_extremes(evh_buffer *out, const evh_evaluation *evaluation,
                               const evh_answer *answer, const gap_form *as, evh_words_form form)
{
    evh_status status = evh_ok();
    const bool high = evh_metric_worse(evaluation->kinds[answer->kind].metric) == EVH_WORSE_HIGH;
    EVH_TRY(put_party(out, evaluation, answer, as->ratio && high ? answer->other : answer->worst,
                      form));
    EVH_TRY(evh_buffer_format(out, as->ratio ? " is " : " and "));
    if (as->ratio) {
        EVH_TRY(put_gap(out, as, answer->gap.estimate.value, false));
        EVH_TRY(evh_buffer_format(out, " "));
    }
    EVH_TRY(put_party(out, evaluation, answer, as->ratio && high ? answer->worst : answer->other,
                      form));
    if (!as->ratio) {
        EVH_TRY(evh_buffer_format(out, " are "));
        EVH_TRY(put_gap(out, as, answer->gap.estimate.value, false));
        EVH_TRY(evh_buffer_format(out, " apart"));
    }
    EVH_TRY(evh_buffer_format(out, ", corrected for having picked the extremes"));

done:
    return status;
}

static evh_status put_pair(evh_buffer *out, const evh_evaluation *evaluation,
                           const evh_answer *answer, const gap_form *as, evh_words_form form)
{
    evh_status status = evh_ok();
    EVH_TRY(put_party(out, evaluation, answer, answer->worst, form));
    EVH_TRY(evh_buffer_format(out, " is "));
    EVH_TRY(put_gap(out, as, answer->gap.estimate.value, true));
    EVH_TRY(evh_buffer_format(out, " "));
    EVH_TRY(put_party(out, evaluation, answer, answer->other, form));

done:
    return status;
}

evh_status evh_words_apart(evh_buffer *out, const evh_evaluation *evaluation,
                           const evh_answer *answer, evh_words_form form)
{
    const gap_form as = form_of(evaluation, answer, &answer->gap);
    const bool sided =
        evh_plan_terms_of(evaluation->plan)->questions[answer->question].reference != EVH_NO_GROUP;
    if (!is_known(answer))
        return evh_buffer_format(out, "no gap can be stated");
    return sided ? put_pair(out, evaluation, answer, &as, form)
                 : put_extremes(out, evaluation, answer, &as, form);
}

/* "17.3 (14.3 to 20.5)". */
static evh_status put_finding(evh_buffer *out, const gap_form *as, const evh_finding *finding)
{
    evh_status status = evh_ok();
    const evh_interval *interval = evh_words_interval_of(finding);
    if (finding->withheld != EVH_SHOWN || !finding->estimate.defined)
        return evh_buffer_format(out, "-");
    EVH_TRY(evh_words_put_fixed(out, as->scale * finding->estimate.value, as->digits));
    if (interval->withheld == EVH_SHOWN) {
        EVH_TRY(evh_buffer_format(out, " ("));
        EVH_TRY(evh_words_put_range(out, as->scale, as->digits, interval->low, interval->high));
        EVH_TRY(evh_buffer_format(out, ")"));
    }

done:
    return status;
}

evh_status evh_words_disparity(evh_buffer *out, const evh_evaluation *evaluation,
                               const evh_answer *answer, const evh_finding *finding)
{
    const gap_form as = form_of(evaluation, answer, finding);
    return put_finding(out, &as, finding);
}

/* Of two rates that no question compares: there is no tolerance to be on a side of. */
static gap_form plain_form(const evh_rate_kind *kind, double width)
{
    const bool percent = evh_words_is_share(kind);
    const double scale = percent ? 100 : 1;
    return (gap_form){.percent = percent,
                      .scale = scale,
                      .unit = percent ? " percentage points" : "",
                      .digits = evh_words_digits(scale * width, percent ? 1 : 2)};
}

evh_status evh_words_difference(evh_buffer *out, const evh_rate_kind *kind,
                                const evh_finding *finding)
{
    const evh_interval *interval = evh_words_interval_of(finding);
    const gap_form as =
        plain_form(kind, interval->withheld == EVH_SHOWN ? interval->high - interval->low : 0);
    return put_finding(out, &as, finding);
}

evh_status evh_words_distance(evh_buffer *out, const evh_rate_kind *kind, double difference)
{
    const gap_form as = plain_form(kind, fabs(difference));
    return put_gap(out, &as, difference, true);
}

evh_status evh_words_sentence(evh_buffer *out, const evh_evaluation *evaluation,
                              const evh_answer *answer, evh_words_form form)
{
    evh_status status = evh_ok();
    EVH_TRY(evh_buffer_format(out, "%s: ", evh_words_verdict(answer->verdict)));
    EVH_TRY(evh_words_statement(out, evaluation, answer, form));

done:
    return status;
}

static evh_status put_certainty(evh_buffer *out, const evh_evaluation *evaluation,
                                const evh_answer *answer)
{
    evh_status status = evh_ok();
    const gap_form as = form_of(evaluation, answer, &answer->gap);
    const evh_interval *interval = &answer->gap.simultaneous;
    if (interval->withheld != EVH_SHOWN)
        return evh_buffer_format(out, " (no interval can be given)");
    EVH_TRY(evh_buffer_format(
        out, " (%.4g %% interval for all comparisons together: ", 100 * evaluation->confidence));
    EVH_TRY(evh_words_put_range(out, as.scale, as.digits, interval->low, interval->high));
    EVH_TRY(evh_buffer_format(out, ")"));

done:
    return status;
}

evh_status evh_words_statement(evh_buffer *out, const evh_evaluation *evaluation,
                               const evh_answer *answer, evh_words_form form)
{
    evh_status status = evh_ok();
    EVH_TRY(put_subject(out, evaluation, answer, form));
    EVH_TRY(evh_buffer_format(out, ": "));
    EVH_TRY(evh_words_apart(out, evaluation, answer, form));
    if (is_known(answer))
        EVH_TRY(put_certainty(out, evaluation, answer));
    EVH_TRY(evh_buffer_format(out, "; tolerated: "));
    EVH_TRY(evh_words_tolerance(out, evaluation, answer));
    if (answer->reason != NULL)
        EVH_TRY(evh_buffer_format(out, "; %s", answer->reason));
    EVH_TRY(evh_buffer_format(out, "."));

done:
    return status;
}
