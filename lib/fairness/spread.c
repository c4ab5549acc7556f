/* SPDX-License-Identifier: Apache-2.0
 * The largest of several uncertain rates is too large on average, and the smallest too small. */
#include <math.h>
#include <stdlib.h>

#include "evaluation_internal.h"
#include "evenhand/base/sizes.h"

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

enum { HALVINGS = 60 };
/* An error is taken to be at least this part of the largest one: none is nothing. */
static const double LEAST_ERROR = 1e-6;

/* Estimates, each with a standard error, of values that vary among groups. */
typedef struct ensemble {
    const double *values;
    const double *errors;
    size_t count;
    double least; /* error */
    double centre;
} ensemble;

static double square_of_error(const ensemble *of, size_t i)
{
    return of->errors[i] > of->least ? of->errors[i] * of->errors[i] : of->least * of->least;
}

/* The mean squared distance of the estimates from their mean, in units of what is expected when the
 * true values have this variance; their mean is weighted likewise. */
static double scatter(ensemble *of, double variance)
{
    double weights = 0;
    double sum = 0;
    double squares = 0;
    for (size_t i = 0; i < of->count; i++) {
        double weight = 1 / (variance + square_of_error(of, i));
        weights += weight;
        sum += weight * of->values[i];
    }
    of->centre = sum / weights;
    for (size_t i = 0; i < of->count; i++) {
        double distance = of->values[i] - of->centre;
        squares += distance * distance / (variance + square_of_error(of, i));
    }
    return squares / ((double)of->count - 1);
}

static double variance_of(const double *values, size_t count)
{
    double mean = 0;
    double squares = 0;
    for (size_t i = 0; i < count; i++)
        mean += values[i] / (double)count;
    for (size_t i = 0; i < count; i++)
        squares += (values[i] - mean) * (values[i] - mean);
    return squares / ((double)count - 1);
}

/* The variance of the true values at which the estimates scatter as expected (Paule and Mandel
 * 1982): 0 when their errors explain it all. The scatter falls as the variance grows, and is below
 * 1 at that of the estimates. */
static double true_variance(ensemble *of)
{
    double low = 0;
    double high = variance_of(of->values, of->count);
    if (scatter(of, 0) <= 1)
        return 0;
    for (int i = 0; i < HALVINGS; i++) {
        double middle = (low + high) / 2;
        if (scatter(of, middle) > 1)
            low = middle;
        else
            high = middle;
    }
    return high;
}

void evh_spread_calm(double *out, const double *values, const double *errors, size_t count)
{
    ensemble of = {.values = values, .errors = errors, .count = count};
    for (size_t i = 0; i < count; i++) {
        out[i] = values[i];
        of.least = fmax(of.least, LEAST_ERROR * errors[i]);
    }
    if (count < 2 || of.least <= 0)
        return;
    double variance = true_variance(&of);
    (void)scatter(&of, variance);
    for (size_t i = 0; i < count; i++) {
        double part = sqrt(variance / (variance + square_of_error(&of, i)));
        out[i] = of.centre + part * (values[i] - of.centre);
    }
}

/* From the calmed rates, none of which lies further out than a rate that is shown. */
static void fill_corrected(evh_spread_finding *out, const double *calm, double smallest,
                           double largest)
{
    double low = largest;
    double high = smallest;
    for (size_t i = 0; i < out->compared; i++) {
        low = fmax(fmin(low, calm[i]), smallest);
        high = fmin(fmax(high, calm[i]), largest);
    }
    out->difference_corrected = (evh_estimate){.defined = true, .value = high - low};
    if (high > 0) /* a ratio needs something positive below the line */
        out->ratio_corrected = (evh_estimate){.defined = true, .value = fmax(low, 0) / high};
}

static void fill_spread(evh_spread_finding *out, const evh_plan_grouping *grouping,
                        const evh_metric *metric, const evh_estimate *compared, const double *calm)
{
    evh_spread spread = evh_fairness_spread(compared, grouping->group_count);
    out->largest = spread.largest;
    out->smallest = spread.smallest;
    out->difference = spread.difference;
    out->ratio = spread.ratio;
    evh_worse worse = evh_metric_worse(metric);
    if (worse != EVH_WORSE_NEITHER)
        out->worst = worse == EVH_WORSE_HIGH ? spread.largest : spread.smallest;
    fill_corrected(out, calm, compared[spread.smallest].value, compared[spread.largest].value);
}

evh_status evh_spread_of(evh_spread_finding *out, const evh_evaluation *evaluation,
                         const evh_plan_grouping *grouping, const evh_metric *metric,
                         const evh_finding *rates, size_t model)
{
    evh_status status = evh_ok();
    double *values = NULL;
    double *errors = NULL;
    double *calm = NULL;
    evh_estimate *compared = NULL;
    *out = (evh_spread_finding){
        .largest = EVH_NO_GROUP, .smallest = EVH_NO_GROUP, .worst = EVH_NO_GROUP};
    EVH_TRY(evh_alloc(&values, grouping->group_count, sizeof *values, "rates"));
    EVH_TRY(evh_alloc(&errors, grouping->group_count, sizeof *errors, "errors"));
    EVH_TRY(evh_alloc(&calm, grouping->group_count, sizeof *calm, "rates"));
    EVH_TRY(evh_alloc(&compared, grouping->group_count, sizeof *compared, "rates"));
    for (size_t group = 0; group < grouping->group_count; group++) {
        const evh_finding *rate = &rates[group * evaluation->model_count + model];
        if (rate->withheld != EVH_SHOWN ||
            !evh_plan_group_is_declared(evaluation->plan, grouping, group))
            continue;
        values[out->compared] = rate->raw;
        errors[out->compared++] = hypot(rate->sampling_sd, rate->privacy_sd);
        compared[group] = rate->estimate;
    }
    evh_spread_calm(calm, values, errors, out->compared);
    if (out->compared > 0)
        fill_spread(out, grouping, metric, compared, calm);
    if (out->compared > 0 &&
        !evh_evaluation_is_positive(evaluation,
                                    &rates[out->largest * evaluation->model_count + model]))
        out->ratio = out->ratio_corrected = (evh_estimate){.defined = false};

done:
    free(values);
    free(errors);
    free(calm);
    free(compared);
    return status;
}
