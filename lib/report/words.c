/* SPDX-License-Identifier: Apache-2.0 */
#include "words_internal.h"

#include <math.h>

#define ISOLATE "\xe2\x81\xa8"
#define ISOLATE_END "\xe2\x81\xa9"
#define MINUS "\xe2\x88\x92"

bool evh_words_is_share(const evh_rate_kind *kind)
{
    return kind->metric->unit == EVH_METRIC_SHARE;
}

/* Without the zeros at the end of a fraction: "5", "2.5". */
static evh_status put_short(evh_buffer *out, double value)
{
    return evh_buffer_format(out, "%.4g", value);
}

/* With a true minus sign, and without one before what is rounded to zero. */
static evh_status put_fixed(evh_buffer *out, double value, int digits)
{
    evh_status status = evh_ok();
    if (value < 0 && fabs(value) * pow(10, digits) >= 0.5)
        EVH_TRY(evh_buffer_append(out, evh_view_of_text(MINUS)));
    EVH_TRY(evh_buffer_format(out, "%.*f", digits, fabs(value)));

done:
    return status;
}

static evh_status put_number(evh_buffer *out, bool share, double value)
{
    return share ? put_fixed(out, 100 * value, 1) : put_fixed(out, value, fabs(value) < 1 ? 3 : 2);
}

evh_status evh_words_rate(evh_buffer *out, const evh_rate_kind *kind, evh_estimate value)
{
    evh_status status = evh_ok();
    if (!value.defined)
        return evh_buffer_format(out, "-");
    EVH_TRY(put_number(out, evh_words_is_share(kind), value.value));
    if (evh_words_is_share(kind))
        EVH_TRY(evh_buffer_format(out, " %%"));

done:
    return status;
}

/* The ends of a ratio's interval may be open. */
static evh_status put_range(evh_buffer *out, double scale, int digits, double low, double high)
{
    evh_status status = evh_ok();
    EVH_TRY(put_fixed(out, scale * low, digits));
    EVH_TRY(evh_buffer_format(out, isfinite(high) ? " to " : " upwards"));
    if (isfinite(high))
        EVH_TRY(put_fixed(out, scale * high, digits));

done:
    return status;
}

evh_status evh_words_interval(evh_buffer *out, const evh_rate_kind *kind,
                              const evh_interval *interval)
{
    const bool share = evh_words_is_share(kind);
    if (interval->withheld != EVH_SHOWN)
        return evh_buffer_format(out, "-");
    evh_status status =
        put_range(out, share ? 100 : 1, share ? 1 : 3, interval->low, interval->high);
    if (status.code == EVH_OK && share)
        status = evh_buffer_format(out, " %%");
    return status;
}

const evh_interval *evh_words_interval_of(const evh_finding *finding)
{
    return finding->simultaneous.withheld == EVH_SHOWN ? &finding->simultaneous
                                                       : &finding->pointwise;
}

static evh_status put_name(evh_buffer *out, const char *name, evh_words_form form)
{
    const bool isolated = form == EVH_WORDS_ISOLATED;
    return evh_buffer_format(out, "%s%s%s", isolated ? ISOLATE : "", name,
                             isolated ? ISOLATE_END : "");
}

evh_status evh_words_metric(evh_buffer *out, const evh_evaluation *evaluation, size_t kind,
                            evh_words_form form)
{
    evh_status status = evh_ok();
    const evh_rate_kind *rate = &evaluation->kinds[kind];
    for (const char *at = rate->metric->name; *at != '\0'; at++)
        EVH_TRY(evh_buffer_u8(out, *at == '_' ? (uint8_t)' ' : (uint8_t)*at));
    if (rate->metric->of_class) {
        EVH_TRY(evh_buffer_format(out, " of "));
        EVH_TRY(put_name(
            out, evh_plan_terms_of(evaluation->plan)->scoring.classes[rate->metric_class], form));
    }

done:
    return status;
}

evh_status evh_words_group(evh_buffer *out, const evh_plan *plan, const evh_plan_grouping *grouping,
                           size_t group, evh_words_form form)
{
    evh_status status = evh_ok();
    size_t values[EVH_PLAN_ATTRIBUTES_MAX];
    if (grouping->attribute_count == 0)
        return evh_buffer_format(out, "everyone");
    evh_plan_group_values(plan, grouping, group, values);
    for (size_t i = 0; i < grouping->attribute_count; i++) {
        EVH_TRY(evh_buffer_format(out, i > 0 ? ", " : ""));
        EVH_TRY(put_name(out, evh_plan_value_name(plan, grouping->attributes[i], values[i]), form));
    }

done:
    return status;
}

evh_status evh_words_grouping(evh_buffer *out, const evh_plan *plan,
                              const evh_plan_grouping *grouping)
{
    evh_status status = evh_ok();
    const evh_plan_attribute *attributes = evh_plan_terms_of(plan)->attributes;
    if (grouping->attribute_count == 0)
        return evh_buffer_format(out, "everyone together");
    for (size_t i = 0; i < grouping->attribute_count; i++)
        EVH_TRY(evh_buffer_format(out, "%s%s", i == 0 ? "by " : " and ",
                                  attributes[grouping->attributes[i]].name));

done:
    return status;
}

const char *evh_words_verdict(evh_verdict verdict)
{
    switch (verdict) {
    case EVH_WITHIN_TOLERANCE:
        return "Within tolerance";
    case EVH_EXCEEDS_TOLERANCE:
        return "Exceeds tolerance";
    case EVH_INSUFFICIENT_EVIDENCE:
    default:
        return "Insufficient evidence";
    }
}

const char *evh_words_caveat(unsigned caveats, unsigned flag)
{
    switch (caveats & flag) {
    case EVH_ASSUMES_INDEPENDENT_RECORDS:
        return "assumes independent records: intervals are too narrow where the records of one "
               "person resemble each other, and no verdict is given";
    case EVH_AVERAGES_UNIT_GROUP_PAIRS:
        return "averages over pairs of a person and a group: who is in several groups counts "
               "several times";
    default:
        return NULL;
    }
}

const char *evh_words_withheld(evh_withheld withheld)
{
    switch (withheld) {
    case EVH_WITHHELD_UNDEFINED:
        return "nothing was counted";
    case EVH_WITHHELD_UNCLEAR:
        return "too few: it may be all noise";
    case EVH_WITHHELD_IMPOSSIBLE:
        return "noise outweighs it";
    case EVH_WITHHELD_NOT_ASKED:
        return "not asked";
    case EVH_SHOWN:
    default:
        return "shown";
    }
}

/* ---- sentences ---- */

evh_status evh_words_tolerance(evh_buffer *out, const evh_evaluation *evaluation,
                               const evh_answer *answer)
{
    evh_status status = evh_ok();
    const evh_plan_question *asked =
        &evh_plan_terms_of(evaluation->plan)->questions[answer->question];
    if (asked->measure == EVH_PLAN_RATIO) {
        EVH_TRY(put_range(out, 1, 2, answer->tolerance_low, answer->tolerance_high));
        EVH_TRY(evh_buffer_format(out, " times"));
    } else {
        const bool share = evh_words_is_share(&evaluation->kinds[answer->kind]);
        EVH_TRY(put_short(out, (share ? 100 : 1) * answer->tolerance));
        EVH_TRY(evh_buffer_format(out, share ? " percentage points either way" : " either way"));
    }

done:
    return status;
}

/* What is compared: "word error rate by accent, asr-4". */
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
        EVH_TRY(put_name(out, terms->models[answer->model], form));
    }

done:
    return status;
}

/* Without a reference there is no side to be on: "4.12 percentage points apart". */
static evh_status put_distance(evh_buffer *out, bool ratio, bool share, double gap)
{
    evh_status status = evh_ok();
    if (ratio) {
        EVH_TRY(evh_buffer_format(out, "apart by a factor of "));
        EVH_TRY(put_fixed(out, gap, 2));
    } else {
        EVH_TRY(put_fixed(out, (share ? 100 : 1) * gap, share ? 2 : 3));
        EVH_TRY(evh_buffer_format(out, share ? " percentage points apart" : " apart"));
    }

done:
    return status;
}

/* "4.12 percentage points above", or "1.31 times". */
static evh_status put_gap(evh_buffer *out, bool ratio, bool share, double gap)
{
    evh_status status = evh_ok();
    if (ratio) {
        EVH_TRY(put_fixed(out, gap, 2));
        EVH_TRY(evh_buffer_format(out, " times"));
    } else {
        EVH_TRY(put_fixed(out, (share ? 100 : 1) * fabs(gap), share ? 2 : 3));
        EVH_TRY(evh_buffer_format(out, "%s %s", share ? " percentage points" : "",
                                  gap < 0 ? "below" : "above"));
    }

done:
    return status;
}

evh_status evh_words_distance(evh_buffer *out, const evh_rate_kind *kind, double difference)
{
    return put_gap(out, false, evh_words_is_share(kind), difference);
}

/* Who is compared, and how far they are apart. */
static evh_status put_pair(evh_buffer *out, const evh_evaluation *evaluation,
                           const evh_answer *answer, evh_words_form form)
{
    evh_status status = evh_ok();
    const evh_plan *plan = evaluation->plan;
    const evh_plan_question *asked = &evh_plan_terms_of(plan)->questions[answer->question];
    const evh_plan_grouping *grouping = evh_plan_grouping_at(plan, asked->grouping);
    const bool ratio = asked->measure == EVH_PLAN_RATIO;
    const bool share = evh_words_is_share(&evaluation->kinds[answer->kind]);
    const bool sided = asked->reference != EVH_NO_GROUP;
    EVH_TRY(evh_words_group(out, plan, grouping, answer->worst, form));
    EVH_TRY(evh_buffer_format(out, sided ? " is " : " and "));
    if (sided) {
        EVH_TRY(put_gap(out, ratio, share, answer->gap.estimate.value));
        EVH_TRY(evh_buffer_format(out, " "));
    }
    EVH_TRY(evh_words_group(out, plan, grouping, answer->other, form));
    if (!sided) {
        EVH_TRY(evh_buffer_format(out, " are "));
        EVH_TRY(put_distance(out, ratio, share, answer->gap.estimate.value));
    }

done:
    return status;
}

static evh_status put_certainty(evh_buffer *out, const evh_evaluation *evaluation,
                                const evh_answer *answer)
{
    evh_status status = evh_ok();
    const evh_interval *interval = &answer->gap.simultaneous;
    const bool ratio =
        evh_plan_terms_of(evaluation->plan)->questions[answer->question].measure == EVH_PLAN_RATIO;
    const bool percent = evh_words_is_share(&evaluation->kinds[answer->kind]) && !ratio;
    if (interval->withheld != EVH_SHOWN)
        return evh_buffer_format(out, " (no interval can be given)");
    EVH_TRY(evh_buffer_format(
        out, " (%.4g %% interval for all comparisons together: ", 100 * evaluation->confidence));
    EVH_TRY(
        put_range(out, percent ? 100 : 1, percent || ratio ? 2 : 3, interval->low, interval->high));
    EVH_TRY(evh_buffer_format(out, ")"));

done:
    return status;
}

static evh_status put_finding(evh_buffer *out, const evh_finding *finding, bool ratio, bool percent)
{
    evh_status status = evh_ok();
    const evh_interval *interval = evh_words_interval_of(finding);
    const int digits = percent || ratio ? 2 : 3;
    if (finding->withheld != EVH_SHOWN || !finding->estimate.defined)
        return evh_buffer_format(out, "-");
    EVH_TRY(put_fixed(out, (percent ? 100 : 1) * finding->estimate.value, digits));
    if (interval->withheld == EVH_SHOWN) {
        EVH_TRY(evh_buffer_format(out, " ("));
        EVH_TRY(put_range(out, percent ? 100 : 1, digits, interval->low, interval->high));
        EVH_TRY(evh_buffer_format(out, ")"));
    }

done:
    return status;
}

evh_status evh_words_disparity(evh_buffer *out, const evh_evaluation *evaluation,
                               const evh_answer *answer, const evh_finding *finding)
{
    const bool ratio =
        evh_plan_terms_of(evaluation->plan)->questions[answer->question].measure == EVH_PLAN_RATIO;
    const bool percent = evh_words_is_share(&evaluation->kinds[answer->kind]) && !ratio;
    return put_finding(out, finding, ratio, percent);
}

evh_status evh_words_difference(evh_buffer *out, const evh_rate_kind *kind,
                                const evh_finding *finding)
{
    return put_finding(out, finding, false, evh_words_is_share(kind));
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

evh_status evh_words_statement(evh_buffer *out, const evh_evaluation *evaluation,
                               const evh_answer *answer, evh_words_form form)
{
    evh_status status = evh_ok();
    const bool known = answer->gap.withheld == EVH_SHOWN && answer->gap.estimate.defined &&
                       answer->worst != EVH_NO_GROUP && answer->other != EVH_NO_GROUP;
    EVH_TRY(put_subject(out, evaluation, answer, form));
    EVH_TRY(evh_buffer_format(out, ": "));
    if (known) {
        EVH_TRY(put_pair(out, evaluation, answer, form));
        EVH_TRY(put_certainty(out, evaluation, answer));
    } else {
        EVH_TRY(evh_buffer_format(out, "no gap can be stated"));
    }
    EVH_TRY(evh_buffer_format(out, "; tolerated: "));
    EVH_TRY(evh_words_tolerance(out, evaluation, answer));
    if (answer->reason != NULL)
        EVH_TRY(evh_buffer_format(out, "; %s", answer->reason));
    EVH_TRY(evh_buffer_format(out, "."));

done:
    return status;
}
