/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "evaluation_internal.h"
#include "evenhand/base/sizes.h"
#include "evenhand/fairness/named.h"
#include "normal_internal.h"

static const char *const fairlearn_names[] = {
    "demographic_parity_difference", "demographic_parity_ratio",  "equal_opportunity_difference",
    "equal_opportunity_ratio",       "equalized_odds_difference", "equalized_odds_ratio",
    "average_odds_difference",       "average_odds_ratio"};

const char *evh_fairlearn_name(evh_fairlearn measure)
{
    return fairlearn_names[measure];
}

size_t evh_named_class_count(const evh_evaluation *e)
{
    if (e->meaning.layout == EVH_CELLS_CLASSES)
        return e->meaning.classes;
    return e->meaning.layout == EVH_CELLS_BINARY ? 1 : 0;
}

/* The spread of one rate, and the interval of its true size when it stands alone, or when it is one
 * of the two of equalized odds, which hold together. */
typedef struct spread_part {
    const evh_spread_finding *spread;
    evh_interval alone[2]; /* difference, ratio */
    evh_interval both[2];
} spread_part;

static size_t kind_named(const evh_evaluation *e, const char *metric, size_t metric_class)
{
    size_t kind = 0;
    while (strcmp(e->kinds[kind].metric->name, metric) != 0 ||
           (e->kinds[kind].metric->of_class && e->kinds[kind].metric_class != metric_class))
        kind++;
    return kind;
}

static size_t count_declared(const evh_evaluation *e, const evh_plan_grouping *grouping)
{
    size_t count = 0;
    for (size_t group = 0; group < grouping->group_count; group++)
        count += evh_plan_group_is_declared(e->plan, grouping, group);
    return count;
}

/* Differences and ratios over all pairs, each of which may err in its part of the errors. */
static evh_status fill_intervals(evh_interval out[2], const evh_evaluation *e,
                                 const evh_fairlearn_asked *asked, size_t kind, size_t comparisons)
{
    evh_status status = evh_ok();
    evh_finding *rates = NULL;
    evh_cell_noise *noise = NULL;
    const size_t groups = e->groupings[asked->grouping].grouping->group_count;
    const evh_quantiles z = {.pointwise = e->pointwise_z,
                             .simultaneous =
                                 evh_normal_two_sided((1 - e->confidence) / (double)comparisons)};
    EVH_TRY(evh_alloc(&rates, groups, sizeof *rates, "rates"));
    EVH_TRY(evh_alloc(&noise, evh_plan_cells_per_group(e->plan), sizeof *noise, "noise"));
    for (size_t group = 0; group < groups; group++) {
        evh_evaluation_noise(noise, e, asked->grouping, group);
        EVH_TRY(evh_evaluation_finding(
            &rates[group], e, kind, evh_evaluation_cells(e, asked->grouping, group, asked->model),
            noise, &z));
    }
    for (size_t i = 0; i < 2; i++) {
        const evh_pairs_asked pairs = {asked->grouping, kind,
                                       i == 0 ? EVH_PLAN_DIFFERENCE : EVH_PLAN_RATIO, rates};
        (void)evh_pairs_interval(&out[i], e, &pairs);
    }

done:
    free(rates);
    free(noise);
    return status;
}

static evh_status fill_part(spread_part *out, const evh_evaluation *e,
                            const evh_fairlearn_asked *asked, const char *metric)
{
    evh_status status = evh_ok();
    const evh_grouping_findings *part = &e->groupings[asked->grouping];
    const size_t kind = kind_named(e, metric, asked->metric_class);
    const size_t groups = count_declared(e, part->grouping);
    const size_t pairs = groups * (groups - (groups > 0)) / 2;
    *out = (spread_part){.spread = &part->spreads[kind * e->model_count + asked->model]};
    for (size_t i = 0; i < 2; i++)
        out->alone[i] = out->both[i] = (evh_interval){.withheld = EVH_WITHHELD_NOT_ASKED};
    if (pairs == 0 || groups > EVH_FAIRLEARN_GROUPS_MAX)
        goto done;
    EVH_TRY(fill_intervals(out->alone, e, asked, kind, pairs));
    EVH_TRY(fill_intervals(out->both, e, asked, kind, 2 * pairs));

done:
    return status;
}

static evh_estimate pick(const evh_spread_finding *spread, bool ratio, bool corrected)
{
    if (ratio)
        return corrected ? spread->ratio_corrected : spread->ratio;
    return corrected ? spread->difference_corrected : spread->difference;
}

/* Of two numbers: the worse one, or the mean. All rise with both. */
static double combine(double one, double other, evh_fairlearn measure)
{
    switch (measure) {
    case EVH_EQUALIZED_ODDS_DIFFERENCE:
        return fmax(one, other);
    case EVH_EQUALIZED_ODDS_RATIO:
        return fmin(one, other);
    default:
        return (one + other) / 2;
    }
}

static evh_estimate combine_estimates(evh_estimate one, evh_estimate other, evh_fairlearn measure)
{
    if (!one.defined || !other.defined)
        return (evh_estimate){.defined = false};
    return (evh_estimate){.defined = true, .value = combine(one.value, other.value, measure)};
}

static evh_interval combine_intervals(const evh_interval *one, const evh_interval *other,
                                      evh_fairlearn measure)
{
    if (one->withheld != EVH_SHOWN)
        return *one;
    if (other->withheld != EVH_SHOWN)
        return *other;
    return (evh_interval){.low = combine(one->low, other->low, measure),
                          .high = combine(one->high, other->high, measure),
                          .sampling_low = combine(one->sampling_low, other->sampling_low, measure),
                          .sampling_high =
                              combine(one->sampling_high, other->sampling_high, measure)};
}

/* Of noisy sums one group that is clear is no comparison: the others may be anywhere. */
static evh_withheld reason(const evh_evaluation *e, const evh_fairlearn_finding *found)
{
    if (e->customers == 0)
        return found->estimate.defined ? EVH_SHOWN : EVH_WITHHELD_UNDEFINED;
    return found->estimate.defined && found->compared > 1 ? EVH_SHOWN : EVH_WITHHELD_UNCLEAR;
}

static void fill_finding(evh_fairlearn_finding *out, const evh_evaluation *e, evh_fairlearn measure,
                         const spread_part *first, const spread_part *second)
{
    const bool ratio = measure % 2 == 1;
    out->compared = first->spread->compared;
    out->estimate = pick(first->spread, ratio, false);
    out->corrected = pick(first->spread, ratio, true);
    out->interval = second == NULL ? first->alone[ratio] : first->both[ratio];
    if (second != NULL) {
        if (second->spread->compared < out->compared)
            out->compared = second->spread->compared;
        out->estimate =
            combine_estimates(out->estimate, pick(second->spread, ratio, false), measure);
        out->corrected =
            combine_estimates(out->corrected, pick(second->spread, ratio, true), measure);
        out->interval = combine_intervals(&out->interval, &second->both[ratio], measure);
    }
    out->withheld = reason(e, out);
}

evh_status evh_fairlearn_measures(evh_fairlearn_finding *out, const evh_evaluation *e,
                                  const evh_fairlearn_asked *asked)
{
    evh_status status = evh_ok();
    spread_part selection;
    spread_part true_positive;
    spread_part false_positive;
    memset(out, 0, EVH_FAIRLEARN_COUNT * sizeof *out);
    EVH_REQUIRE(evh_named_class_count(e) > 0, EVH_ERR_ARG,
                "Fairlearn's measures need what binary or multiclass counts");
    EVH_REQUIRE(asked->grouping < e->grouping_count && asked->model < e->model_count, EVH_ERR_ARG,
                "no such grouping or model");
    EVH_REQUIRE(e->meaning.layout == EVH_CELLS_BINARY || asked->metric_class < e->meaning.classes,
                EVH_ERR_ARG, "no such class");
    EVH_TRY(fill_part(&selection, e, asked, "selection_rate"));
    EVH_TRY(fill_part(&true_positive, e, asked, "true_positive_rate"));
    EVH_TRY(fill_part(&false_positive, e, asked, "false_positive_rate"));
    for (size_t i = 0; i < EVH_FAIRLEARN_COUNT; i++) {
        const evh_fairlearn measure = (evh_fairlearn)i;
        const bool parity = measure <= EVH_DEMOGRAPHIC_PARITY_RATIO;
        const bool odds = measure >= EVH_EQUALIZED_ODDS_DIFFERENCE;
        fill_finding(&out[i], e, measure, parity ? &selection : &true_positive,
                     odds ? &false_positive : NULL);
    }

done:
    return status;
}
