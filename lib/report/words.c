/* SPDX-License-Identifier: Apache-2.0 */
#include "words_internal.h"

#include <math.h>

#include "evenhand/fairness/named.h"

#define ISOLATE "\xe2\x81\xa8"
#define ISOLATE_END "\xe2\x81\xa9"
#define MINUS "\xe2\x88\x92"

bool evh_words_is_asked(const evh_evaluation *evaluation, size_t grouping)
{
    const evh_plan_terms *terms = evh_plan_terms_of(evaluation->plan);
    size_t first = 0;
    const evh_plan_grouping *of = evaluation->groupings[grouping].grouping;
    if (of->attribute_count == 0 || of->group_count > EVH_FAIRLEARN_GROUPS_MAX)
        return false;
    for (size_t i = 0; i < terms->question_count; i++)
        if (terms->questions[i].grouping == grouping)
            return true;
    while (evaluation->groupings[first].grouping->attribute_count == 0)
        first++;
    return terms->question_count == 0 && first == grouping;
}

size_t evh_words_classes(const evh_evaluation *evaluation)
{
    const size_t classes = evh_named_class_count(evaluation);
    return classes <= EVH_WORDS_CLASSES_MAX ? classes : 0;
}

bool evh_words_is_share(const evh_rate_kind *kind)
{
    return kind->metric->unit == EVH_METRIC_SHARE;
}

evh_status evh_words_put_fixed(evh_buffer *out, double value, int digits)
{
    evh_status status = evh_ok();
    if (value < 0 && fabs(value) * pow(10, digits) >= 0.5)
        EVH_TRY(evh_buffer_append(out, evh_view_of_text(MINUS)));
    EVH_TRY(evh_buffer_format(out, "%.*f", digits, fabs(value)));

done:
    return status;
}

/* Rates near 0 and 100 % get more digits, so that 0.04 % does not read as none. */
static int percent_digits(double percent)
{
    const double rest = fmin(fabs(percent), fabs(100 - percent));
    if (rest >= 1 || rest < 0.001)
        return 1;
    return rest >= 0.1 ? 2 : 3;
}

int evh_words_digits(double width, int least)
{
    int digits = least;
    while (digits < EVH_WORDS_DIGITS_MAX && width > 0 && width * pow(10, digits) < 10)
        digits++;
    return digits;
}

static evh_status put_number(evh_buffer *out, bool share, double value)
{
    return share ? evh_words_put_fixed(out, 100 * value, percent_digits(100 * value))
                 : evh_words_put_fixed(out, value, fabs(value) < 1 ? 3 : 2);
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

evh_status evh_words_put_range(evh_buffer *out, double scale, int digits, double low, double high)
{
    evh_status status = evh_ok();
    EVH_TRY(evh_words_put_fixed(out, scale * low, digits));
    EVH_TRY(evh_buffer_format(out, isfinite(high) ? " to " : " upwards"));
    if (isfinite(high))
        EVH_TRY(evh_words_put_fixed(out, scale * high, digits));

done:
    return status;
}

evh_status evh_words_interval(evh_buffer *out, const evh_rate_kind *kind,
                              const evh_interval *interval)
{
    const bool share = evh_words_is_share(kind);
    if (interval->withheld != EVH_SHOWN)
        return evh_buffer_format(out, "-");
    const double width = interval->high - interval->low;
    evh_status status = evh_words_put_range(
        out, share ? 100 : 1, share ? evh_words_digits(100 * width, 1) : evh_words_digits(width, 2),
        interval->low, interval->high);
    if (status.code == EVH_OK && share)
        status = evh_buffer_format(out, " %%");
    return status;
}

const evh_interval *evh_words_interval_of(const evh_finding *finding)
{
    return finding->simultaneous.withheld == EVH_SHOWN ? &finding->simultaneous
                                                       : &finding->pointwise;
}

evh_status evh_words_put_name(evh_buffer *out, const char *name, evh_words_form form)
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
        EVH_TRY(evh_words_put_name(
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
        EVH_TRY(evh_words_put_name(
            out, evh_plan_value_name(plan, grouping->attributes[i], values[i]), form));
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
