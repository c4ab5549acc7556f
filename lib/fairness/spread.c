/* SPDX-License-Identifier: Apache-2.0
 * The largest of several uncertain rates is too large on average, and the smallest too small. */
#include <math.h>
#include <stdlib.h>

#include "evaluation_internal.h"
#include "evenhand/base/sizes.h"
#include "normal_internal.h"

evh_worse evh_metric_worse(const evh_metric *metric)
{
    static const struct {
        const char *name;
        evh_worse worse;
    } table[] = {{"accuracy", EVH_WORSE_LOW},
                 {"true_positive_rate", EVH_WORSE_LOW},
                 {"true_negative_rate", EVH_WORSE_LOW},
                 {"precision", EVH_WORSE_LOW},
                 {"negative_predictive_value", EVH_WORSE_LOW},
                 {"f1_score", EVH_WORSE_LOW},
                 {"selection_rate", EVH_WORSE_NEITHER},
                 {"prevalence", EVH_WORSE_NEITHER},
                 {"mean_error", EVH_WORSE_NEITHER},
                 {"event_rate", EVH_WORSE_NEITHER}};
    evh_view name = evh_view_of_text(metric->name);
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++)
        if (evh_view_equal(name, evh_view_of_text(table[i].name)))
            return table[i].worse;
    return EVH_WORSE_HIGH;
}

enum { STRIPS = 128, HALVINGS = 24 };
static const double TAILS = 6; /* standard deviations beyond which nothing is */

typedef struct normals {
    const double *values;
    const double *errors;
    size_t count;
    double centre;
    double part; /* means are centre + part * (value - centre) */
} normals;

static double mean_at(const normals *of, size_t i)
{
    return of->centre + of->part * (of->values[i] - of->centre);
}

/* The probability that x lies between the smallest and the largest. */
static double between(const normals *of, double x)
{
    double all_above = 1;
    double all_below = 1;
    for (size_t i = 0; i < of->count; i++) {
        double distance = x - mean_at(of, i);
        double above = of->errors[i] > 0 ? evh_normal_tail(distance / of->errors[i])
                                         : (distance < 0 ? 1 : (distance > 0 ? 0 : 0.5));
        all_above *= above;
        all_below *= 1 - above;
    }
    return 1 - all_above - all_below;
}

/* E(largest - smallest) is the integral of that over x (Tippett 1925), by the midpoint rule. */
static double expected_spread(const normals *of)
{
    double low = INFINITY;
    double high = -INFINITY;
    for (size_t i = 0; i < of->count; i++) {
        low = fmin(low, mean_at(of, i) - TAILS * of->errors[i]);
        high = fmax(high, mean_at(of, i) + TAILS * of->errors[i]);
    }
    double width = (high - low) / STRIPS;
    double sum = 0;
    for (size_t i = 0; i < STRIPS; i++)
        sum += between(of, low + ((double)i + 0.5) * width);
    return sum * width;
}

static double precise_mean(const double *values, const double *errors, size_t count)
{
    double smallest = INFINITY;
    for (size_t i = 0; i < count; i++)
        if (errors[i] > 0)
            smallest = fmin(smallest, errors[i]);
    double weights = 0;
    double sum = 0;
    for (size_t i = 0; i < count; i++) {
        double error = errors[i] > 0 ? errors[i] : smallest;
        double weight = isinf(error) ? 1 : smallest * smallest / (error * error);
        weights += weight;
        sum += weight * values[i];
    }
    return sum / weights;
}

double evh_spread_real_part(const double *values, const double *errors, size_t count,
                            double *centre)
{
    double low = INFINITY;
    double high = -INFINITY;
    double largest_error = 0;
    for (size_t i = 0; i < count; i++) {
        low = fmin(low, values[i]);
        high = fmax(high, values[i]);
        largest_error = fmax(largest_error, errors[i]);
    }
    *centre = precise_mean(values, errors, count);
    if (largest_error <= 0)
        return 1;
    normals of = {.values = values, .errors = errors, .count = count, .centre = *centre};
    double least = 0;
    double most = 1;
    if (expected_spread(&of) >= high - low)
        return 0;
    for (int i = 0; i < HALVINGS; i++) {
        of.part = (least + most) / 2;
        if (expected_spread(&of) >= high - low)
            most = of.part;
        else
            least = of.part;
    }
    return (least + most) / 2;
}

/* A ratio needs something positive below the line. */
static evh_estimate corrected_ratio(double centre, double part, double smallest, double largest)
{
    double above = centre + part * (smallest - centre);
    double below = centre + part * (largest - centre);
    if (below <= 0)
        return (evh_estimate){.defined = false};
    return (evh_estimate){.defined = true, .value = fmax(above, 0) / below};
}

static void fill_spread(evh_spread_finding *out, const evh_plan_grouping *grouping,
                        const evh_metric *metric, const evh_estimate *compared,
                        const double *values, const double *errors)
{
    evh_spread spread = evh_fairness_spread(compared, grouping->group_count);
    out->largest = spread.largest;
    out->smallest = spread.smallest;
    out->difference = spread.difference;
    out->ratio = spread.ratio;
    evh_worse worse = evh_metric_worse(metric);
    if (worse != EVH_WORSE_NEITHER)
        out->worst = worse == EVH_WORSE_HIGH ? spread.largest : spread.smallest;
    double centre;
    double part = evh_spread_real_part(values, errors, out->compared, &centre);
    out->difference_corrected =
        (evh_estimate){.defined = true, .value = part * spread.difference.value};
    out->ratio_corrected = corrected_ratio(centre, part, compared[spread.smallest].value,
                                           compared[spread.largest].value);
}

evh_status evh_spread_of(evh_spread_finding *out, const evh_evaluation *evaluation,
                         const evh_plan_grouping *grouping, const evh_metric *metric,
                         const evh_finding *rates, size_t model)
{
    evh_status status = evh_ok();
    double *values = NULL;
    double *errors = NULL;
    evh_estimate *compared = NULL;
    *out = (evh_spread_finding){
        .largest = EVH_NO_GROUP, .smallest = EVH_NO_GROUP, .worst = EVH_NO_GROUP};
    EVH_TRY(evh_alloc(&values, grouping->group_count, sizeof *values, "rates"));
    EVH_TRY(evh_alloc(&errors, grouping->group_count, sizeof *errors, "errors"));
    EVH_TRY(evh_alloc(&compared, grouping->group_count, sizeof *compared, "rates"));
    for (size_t group = 0; group < grouping->group_count; group++) {
        const evh_finding *rate = &rates[group * evaluation->model_count + model];
        if (rate->withheld != EVH_SHOWN || !evh_group_counts(evaluation->plan, grouping, group))
            continue;
        values[out->compared] = rate->raw;
        errors[out->compared++] = hypot(rate->sampling_sd, rate->privacy_sd);
        compared[group] = rate->estimate;
    }
    if (out->compared > 0)
        fill_spread(out, grouping, metric, compared, values, errors);

done:
    free(values);
    free(errors);
    free(compared);
    return status;
}
