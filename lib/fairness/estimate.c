/* SPDX-License-Identifier: Apache-2.0 */
#include "evenhand/fairness/estimate.h"

#include <math.h>

static const evh_estimate undefined = {.defined = false, .value = 0};

static evh_estimate defined(double value)
{
    return (evh_estimate){.defined = true, .value = value};
}

/* Counts below 2^53 and their small multiples are exact in a double. */
static double weigh(const int8_t *weights, const int64_t *cells, size_t count)
{
    double sum = 0;
    for (size_t i = 0; i < count; i++)
        if (weights[i] != 0)
            sum += (double)weights[i] * (double)cells[i];
    return sum;
}

static double weigh_all(const int8_t *weights, const int64_t *cells, size_t class_cells,
                        size_t classes)
{
    double sum = 0;
    for (size_t i = 0; i < classes; i++)
        sum += weigh(weights, cells + i * class_cells, class_cells);
    return sum;
}

static evh_estimate in_unit(double quotient, evh_metric_unit unit, const evh_cells_meaning *meaning)
{
    if (unit == EVH_METRIC_SHARE)
        return defined(quotient);
    double bound = evh_decimal_to_double(meaning->bound);
    double steps = meaning->steps;
    if (unit == EVH_METRIC_ERROR)
        return defined(quotient * bound / steps);
    double squared = quotient * bound * bound / steps;
    if (unit == EVH_METRIC_SQUARED_ERROR)
        return defined(squared);
    return squared < 0 ? undefined : defined(sqrt(squared));
}

static bool belongs_to(const evh_metric *metric, evh_cell_layout layout)
{
    for (size_t i = 0; i < evh_metric_count(layout); i++)
        if (evh_metric_at(layout, i) == metric)
            return true;
    return false;
}

static evh_status check_arguments(const evh_metric *metric, const evh_cells_meaning *meaning,
                                  size_t class)
{
    evh_status status = evh_ok();
    EVH_REQUIRE((size_t)meaning->layout < EVH_CELL_LAYOUTS, EVH_ERR_ARG, "unknown cells %d",
                (int)meaning->layout);
    EVH_REQUIRE(belongs_to(metric, meaning->layout), EVH_ERR_ARG,
                "the cells cannot tell the metric %s", metric->name);
    EVH_REQUIRE(!metric->of_class || class < meaning->classes, EVH_ERR_ARG,
                "%s of class %zu: there are %zu classes", metric->name, class, meaning->classes);
    EVH_REQUIRE(metric->unit == EVH_METRIC_SHARE ||
                    (meaning->bound.digits > 0 && meaning->steps >= 1),
                EVH_ERR_ARG, "%s needs the bound and steps of errors", metric->name);
done:
    return status;
}

evh_status evh_fairness_estimate(evh_estimate *out, const evh_metric *metric,
                                 const evh_cells_meaning *meaning, const int64_t *cells,
                                 size_t class)
{
    *out = undefined;
    evh_status status = check_arguments(metric, meaning, class);
    if (status.code != EVH_OK)
        return status;
    size_t count = evh_cell_layout_count(meaning->layout, 1);
    size_t classes = meaning->layout == EVH_CELLS_CLASSES ? meaning->classes : 0;
    const int64_t *own = metric->of_class ? cells + class * count : cells;
    double numerator = weigh(metric->numerator, own, count) +
                       weigh_all(metric->numerator_all, cells, count, classes);
    double denominator = weigh(metric->denominator, own, count) +
                         weigh_all(metric->denominator_all, cells, count, classes);
    if (denominator > 0)
        *out = in_unit(numerator / denominator, metric->unit, meaning);
    return status;
}

evh_estimate evh_fairness_difference(evh_estimate group, evh_estimate reference)
{
    if (!group.defined || !reference.defined)
        return undefined;
    return defined(group.value - reference.value);
}

evh_estimate evh_fairness_ratio(evh_estimate group, evh_estimate reference)
{
    if (!group.defined || !reference.defined || reference.value == 0)
        return undefined;
    return defined(group.value / reference.value);
}

evh_spread evh_fairness_spread(const evh_estimate *groups, size_t count)
{
    evh_spread spread = {.largest = SIZE_MAX, .smallest = SIZE_MAX};
    for (size_t i = 0; i < count; i++) {
        if (!groups[i].defined)
            continue;
        spread.defined++;
        if (spread.largest == SIZE_MAX || groups[i].value > groups[spread.largest].value)
            spread.largest = i;
        if (spread.smallest == SIZE_MAX || groups[i].value < groups[spread.smallest].value)
            spread.smallest = i;
    }
    if (spread.defined == 0)
        return spread;
    spread.difference = evh_fairness_difference(groups[spread.largest], groups[spread.smallest]);
    if (groups[spread.largest].value > 0)
        spread.ratio = evh_fairness_ratio(groups[spread.smallest], groups[spread.largest]);
    return spread;
}
