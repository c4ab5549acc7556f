/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>

#include "finding_internal.h"

static const char *const names[] = {"shown", "undefined", "unclear_denominator", "impossible",
                                    "not_asked"};

const char *evh_withheld_name(evh_withheld withheld)
{
    return names[withheld];
}

evh_finding evh_finding_withheld(evh_withheld why)
{
    return (evh_finding){
        .withheld = why, .pointwise = {.withheld = why}, .simultaneous = {.withheld = why}};
}

static double cut(double value, double lowest, double highest)
{
    return fmin(fmax(value, lowest), highest);
}

static void store_ends(double to[2], const evh_limits *limits)
{
    to[0] = limits->ends[0];
    to[1] = limits->ends[1];
}

evh_finding evh_finding_of(const evh_quotient *q, const evh_quantiles *z)
{
    if (q->denominator == 0 && q->noise_denominator <= 0)
        return evh_finding_withheld(EVH_WITHHELD_UNDEFINED);
    double lowest = evh_quotient_metric(q, q->lowest);
    double highest = evh_quotient_metric(q, q->highest);
    if (!evh_quotient_is_clear(q, z->pointwise))
        return evh_finding_withheld(EVH_WITHHELD_UNCLEAR);
    evh_limits limits = {.held = false};
    limits.held = evh_quotient_ends(limits.ends, q, z->pointwise);
    evh_finding out = {.raw = evh_quotient_metric(q, q->numerator / q->denominator)};
    evh_quotient_variances(q, &out.sampling_sd, &out.privacy_sd);
    out.sampling_sd = sqrt(out.sampling_sd);
    out.privacy_sd = sqrt(out.privacy_sd);
    out.estimate = (evh_estimate){.defined = true, .value = cut(out.raw, lowest, highest)};
    limits.estimate = out.raw;
    limits.sampling_sd = out.sampling_sd;
    limits.privacy_sd = out.privacy_sd;
    store_ends(out.pointwise_ends, &limits);
    out.pointwise = evh_interval_of(&limits, lowest, highest, EVH_WITHHELD_UNCLEAR);
    out.simultaneous.withheld = EVH_WITHHELD_NOT_ASKED;
    if (z->simultaneous > 0) {
        limits.held = evh_quotient_ends(limits.ends, q, z->simultaneous);
        store_ends(out.simultaneous_ends, &limits);
        out.simultaneous = evh_interval_of(&limits, lowest, highest, EVH_WITHHELD_UNCLEAR);
    }
    return out;
}

/* A disparity is withheld when one of its rates is, for the same reason. */
static bool either_withheld(evh_finding *out, const evh_finding *group,
                            const evh_finding *reference)
{
    evh_withheld why = group->withheld != EVH_SHOWN ? group->withheld : reference->withheld;
    *out = evh_finding_withheld(why);
    return why != EVH_SHOWN;
}

typedef evh_limits limits_of_two(const evh_limits *group, const evh_limits *reference);

static void fill(evh_finding *out, const evh_finding *group, const evh_finding *reference,
                 limits_of_two *combine, double lowest, double highest)
{
    const evh_limits narrow[2] = {evh_limits_pointwise(group), evh_limits_pointwise(reference)};
    const evh_limits wide[2] = {evh_limits_simultaneous(group), evh_limits_simultaneous(reference)};
    evh_limits limits = combine(&narrow[0], &narrow[1]);
    *out = (evh_finding){
        .raw = limits.estimate, .sampling_sd = limits.sampling_sd, .privacy_sd = limits.privacy_sd};
    out->estimate = (evh_estimate){.defined = true, .value = cut(out->raw, lowest, highest)};
    store_ends(out->pointwise_ends, &limits);
    out->pointwise = evh_interval_of(&limits, lowest, highest, EVH_WITHHELD_UNCLEAR);
    limits = combine(&wide[0], &wide[1]);
    bool asked = group->simultaneous.withheld != EVH_WITHHELD_NOT_ASKED &&
                 reference->simultaneous.withheld != EVH_WITHHELD_NOT_ASKED;
    store_ends(out->simultaneous_ends, &limits);
    out->simultaneous = evh_interval_of(&limits, lowest, highest,
                                        asked ? EVH_WITHHELD_UNCLEAR : EVH_WITHHELD_NOT_ASKED);
}

evh_finding evh_finding_difference(const evh_finding *group, const evh_finding *reference,
                                   double range)
{
    evh_finding out;
    if (!either_withheld(&out, group, reference))
        fill(&out, group, reference, evh_limits_difference, -range, range);
    /* What is shown is the difference of the rates that are shown, which are cut to what is possible;
     * it lies in the interval, because these do in theirs. */
    if (out.withheld == EVH_SHOWN && group->estimate.defined && reference->estimate.defined)
        out.estimate.value = group->estimate.value - reference->estimate.value;
    return out;
}

/* Without a positive reference there is no ratio, but what is known of it may still be half a line:
 * larger than some bound. */
evh_finding evh_finding_ratio(const evh_finding *group, const evh_finding *reference)
{
    evh_finding out;
    if (either_withheld(&out, group, reference))
        return out;
    fill(&out, group, reference, evh_limits_ratio, 0, INFINITY);
    if (reference->raw > 0)
        return out;
    out.estimate = (evh_estimate){.defined = false};
    out.raw = out.sampling_sd = out.privacy_sd = 0;
    if (out.pointwise.withheld != EVH_SHOWN)
        out.withheld = EVH_WITHHELD_UNDEFINED;
    return out;
}
