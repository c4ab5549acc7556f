/* SPDX-License-Identifier: Apache-2.0
 * Largest against smallest: if every pair's interval holds, the largest disparity of any pair is at
 * least the largest lower and at most the largest upper end, whichever two groups are the extreme
 * ones in truth. */
#include <math.h>

#include "evaluation_internal.h"

evh_finding evh_pair_disparity(const evh_evaluation *e, size_t kind, const evh_finding *group,
                               const evh_finding *reference, evh_plan_measure measure)
{
    if (measure == EVH_PLAN_RATIO)
        return evh_finding_ratio(group, reference);
    return evh_finding_difference(group, reference, evh_evaluation_range(e, kind));
}

static void widen(evh_interval *out, const evh_interval *pair, evh_plan_measure measure)
{
    if (pair->withheld != EVH_SHOWN)
        return;
    if (out->withheld != EVH_SHOWN) {
        *out = *pair;
    } else if (measure == EVH_PLAN_DIFFERENCE) {
        out->low = fmax(out->low, pair->low);
        out->high = fmax(out->high, pair->high);
        out->sampling_low = fmax(out->sampling_low, pair->sampling_low);
        out->sampling_high = fmax(out->sampling_high, pair->sampling_high);
    } else {
        out->low = fmin(out->low, pair->low);
        out->high = fmin(out->high, pair->high);
        out->sampling_low = fmin(out->sampling_low, pair->sampling_low);
        out->sampling_high = fmin(out->sampling_high, pair->sampling_high);
    }
}

static double cut(double value, double low, double high)
{
    return fmin(fmax(value, low), high);
}

static void cut_to_possible(evh_interval *interval, evh_plan_measure measure)
{
    double lowest = 0;
    double highest = measure == EVH_PLAN_RATIO ? 1 : INFINITY;
    if (interval->withheld != EVH_SHOWN)
        return;
    interval->low = cut(interval->low, lowest, highest);
    interval->high = cut(interval->high, lowest, highest);
    interval->sampling_low = cut(interval->sampling_low, interval->low, interval->high);
    interval->sampling_high = cut(interval->sampling_high, interval->low, interval->high);
}

/* Of two rates that are shown the disparity may be anything: so may the largest one. */
static void widen_to_all(evh_interval *out, evh_plan_measure measure, double range)
{
    if (out->withheld != EVH_SHOWN)
        return;
    if (measure == EVH_PLAN_RATIO)
        out->low = 0;
    else
        out->high = range;
}

size_t evh_pairs_interval(evh_interval *out, const evh_evaluation *e, const evh_pairs_asked *asked)
{
    const evh_plan_grouping *grouping = e->groupings[asked->grouping].grouping;
    const evh_finding *rates = asked->rates;
    size_t missing = 0;
    *out = (evh_interval){.withheld = EVH_WITHHELD_UNDEFINED};
    for (size_t a = 0; a < grouping->group_count; a++) {
        if (rates[a].withheld != EVH_SHOWN || !evh_plan_group_is_declared(e->plan, grouping, a))
            continue;
        for (size_t b = 0; b < grouping->group_count; b++) {
            if (a == b || rates[b].withheld != EVH_SHOWN ||
                !evh_plan_group_is_declared(e->plan, grouping, b))
                continue;
            evh_finding pair =
                evh_pair_disparity(e, asked->kind, &rates[a], &rates[b], asked->measure);
            widen(out, &pair.simultaneous, asked->measure);
            missing += pair.simultaneous.withheld != EVH_SHOWN;
        }
    }
    cut_to_possible(out, asked->measure);
    if (missing > 0)
        widen_to_all(out, asked->measure, evh_evaluation_range(e, asked->kind));
    return missing;
}
