/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>

#include "finding_internal.h"

static double square(double x)
{
    return x * x;
}

evh_limits evh_limits_difference(const evh_limits *group, const evh_limits *reference)
{
    evh_limits out = {.estimate = group->estimate - reference->estimate,
                      .sampling_sd = hypot(group->sampling_sd, reference->sampling_sd),
                      .privacy_sd = hypot(group->privacy_sd, reference->privacy_sd),
                      .held = group->held && reference->held};
    if (!out.held)
        return out;
    out.ends[0] = out.estimate -
                  hypot(group->estimate - group->ends[0], reference->ends[1] - reference->estimate);
    out.ends[1] = out.estimate +
                  hypot(group->ends[1] - group->estimate, reference->estimate - reference->ends[0]);
    return out;
}

/* Smallest r >= 0 with (a - r b)^2 <= (a - low)^2 + r^2 (high - b)^2. */
static double smallest_ratio(double a, double low, double b, double high)
{
    if (low <= 0)
        return 0;
    double room = a * a - square(a - low);
    double root = sqrt(fmax(square(a * b) - (b * b - square(high - b)) * room, 0));
    return a * b + root > 0 ? room / (a * b + root) : INFINITY;
}

/* Largest r with (r b - a)^2 <= (high - a)^2 + r^2 (b - low)^2. */
static double largest_ratio(double a, double high, double b, double low)
{
    if (low <= 0)
        return INFINITY;
    double steep = b * b - square(b - low);
    double room = a * a - square(high - a);
    return (a * b + sqrt(fmax(square(a * b) - steep * room, 0))) / steep;
}

evh_limits evh_limits_ratio(const evh_limits *group, const evh_limits *reference)
{
    double ratio = group->estimate / reference->estimate;
    double per = 1 / fabs(reference->estimate);
    evh_limits out = {.estimate = ratio,
                      .sampling_sd =
                          per * hypot(group->sampling_sd, ratio * reference->sampling_sd),
                      .privacy_sd = per * hypot(group->privacy_sd, ratio * reference->privacy_sd),
                      .held = group->held && reference->held};
    if (!out.held)
        return out;
    out.ends[0] =
        smallest_ratio(group->estimate, group->ends[0], reference->estimate, reference->ends[1]);
    out.ends[1] =
        largest_ratio(group->estimate, group->ends[1], reference->estimate, reference->ends[0]);
    if (isinf(out.ends[1]) && (out.ends[0] <= 0 || isinf(out.ends[0])))
        out.held = false;
    return out;
}

evh_limits evh_limits_pointwise(const evh_finding *finding)
{
    return (evh_limits){.estimate = finding->raw,
                        .ends = {finding->pointwise_ends[0], finding->pointwise_ends[1]},
                        .sampling_sd = finding->sampling_sd,
                        .privacy_sd = finding->privacy_sd,
                        .held = finding->pointwise.withheld == EVH_SHOWN ||
                                finding->pointwise.withheld == EVH_WITHHELD_IMPOSSIBLE};
}

evh_limits evh_limits_simultaneous(const evh_finding *finding)
{
    return (evh_limits){.estimate = finding->raw,
                        .ends = {finding->simultaneous_ends[0], finding->simultaneous_ends[1]},
                        .sampling_sd = finding->sampling_sd,
                        .privacy_sd = finding->privacy_sd,
                        .held = finding->simultaneous.withheld == EVH_SHOWN ||
                                finding->simultaneous.withheld == EVH_WITHHELD_IMPOSSIBLE};
}

static double cut(double value, double lowest, double highest)
{
    return fmin(fmax(value, lowest), highest);
}

/* Squared distances add up: sampling's share of the variance is its share of the squared reach. An
 * end that is open, or seen from an estimate that does not exist, is not divided. */
static double sampling_end(const evh_limits *limits, double end)
{
    double all = hypot(limits->sampling_sd, limits->privacy_sd);
    if (limits->privacy_sd == 0 || !isfinite(limits->estimate) || !isfinite(end))
        return end;
    return limits->estimate + limits->sampling_sd / all * (end - limits->estimate);
}

evh_interval evh_interval_of(const evh_limits *limits, double lowest, double highest,
                             evh_withheld otherwise)
{
    if (!limits->held)
        return (evh_interval){.withheld = otherwise};
    if (limits->ends[0] > highest || limits->ends[1] < lowest || limits->ends[0] > limits->ends[1])
        return (evh_interval){.withheld = EVH_WITHHELD_IMPOSSIBLE};
    evh_interval out = {.low = cut(limits->ends[0], lowest, highest),
                        .high = cut(limits->ends[1], lowest, highest)};
    out.sampling_low = cut(sampling_end(limits, limits->ends[0]), out.low, out.high);
    out.sampling_high = cut(sampling_end(limits, limits->ends[1]), out.low, out.high);
    return out;
}
