/* SPDX-License-Identifier: Apache-2.0 */
#include "evenhand/plan/outlook.h"

#include <math.h>
#include <stdlib.h>

#include "evenhand/plan/groups.h"
#include "evenhand/plan/noise.h"
#include "evenhand/plan/scoring.h"
#include "plan_internal.h"

evh_outlook_assumptions evh_outlook_assume(const evh_plan *plan)
{
    const evh_plan_rounds *rounds = &plan->terms.rounds;
    evh_outlook_assumptions assumptions = {
        .customers = rounds->min_honest + rounds->assumed_corrupt, .rate = 0.2};
    return assumptions;
}

/* The probability mass outside -z..z halves the distance again and again: 60 steps are exact. */
double evh_outlook_quantile(const evh_plan *plan)
{
    double comparisons = 0;
    for (size_t q = 0; q < plan->terms.question_count; q++) {
        const evh_plan_question *question = &plan->terms.questions[q];
        double groups = (double)plan->groupings[question->grouping].group_count;
        double models =
            question->model == EVH_PLAN_EVERY_MODEL ? (double)plan->terms.model_count : 1;
        comparisons +=
            models * (question->reference == SIZE_MAX ? groups * (groups - 1) / 2 : groups - 1);
    }
    char text[EVH_DECIMAL_TEXT_LEN];
    evh_decimal_format(text, plan->terms.confidence);
    double outside = (1 - strtod(text, NULL)) / fmax(comparisons, 1);
    double low = 0;
    double high = 40;
    for (int i = 0; i < 60; i++) {
        double middle = (low + high) / 2;
        if (erfc(middle / sqrt(2)) > outside)
            low = middle;
        else
            high = middle;
    }
    return high;
}

/* The quotient of cells that the metric is near to. */
static double expected_quotient(const evh_plan *plan, const evh_metric *metric, double rate)
{
    double steps = plan->terms.scoring.steps;
    switch (metric->unit) {
    case EVH_METRIC_SHARE:
        return rate;
    case EVH_METRIC_ERROR:
        return rate * steps;
    case EVH_METRIC_SQUARED_ERROR:
    case EVH_METRIC_ROOT_ERROR:
        return rate * rate * steps;
    }
    return rate;
}

/* Variance of what one unit contributes to the quotient. A record is right or wrong; a speaker's
 * rate spreads half as much; a person's mean error about as much as it is large. */
static double unit_variance(const evh_plan *plan, const evh_metric *metric, double rate)
{
    double quotient = expected_quotient(plan, metric, rate);
    if (metric->unit != EVH_METRIC_SHARE)
        return quotient * quotient;
    bool persons = evh_plan_cell_layout(plan) == EVH_CELLS_WER_UNITS;
    return rate * (1 - rate) / (persons ? 4 : 1);
}

/* What one unit adds to the denominator: 100 where rates are counted in hundredths. */
static double denominator_scale(const evh_metric *metric)
{
    double scale = 1;
    for (size_t i = 0; i < EVH_METRIC_CELLS_MAX; i++)
        scale = fmax(scale, fmax(metric->denominator[i], metric->denominator_all[i]));
    return scale;
}

/* The tolerance as a distance of quotients. */
static double tolerated_distance(const evh_plan *plan, const evh_plan_question *question,
                                 double rate)
{
    char text[EVH_DECIMAL_TEXT_LEN];
    evh_decimal_format(text, question->tolerance);
    double tolerance = strtod(text, NULL);
    evh_decimal_format(text, plan->terms.scoring.bound);
    double bound = strtod(text, NULL);
    double steps = plan->terms.scoring.steps;
    if (question->measure == EVH_PLAN_RATIO)
        return -log(tolerance) * expected_quotient(plan, question->metric, rate);
    switch (question->metric->unit) {
    case EVH_METRIC_SHARE:
        return tolerance;
    case EVH_METRIC_ERROR:
        return tolerance * steps / bound;
    case EVH_METRIC_SQUARED_ERROR:
        return tolerance * steps / (bound * bound);
    case EVH_METRIC_ROOT_ERROR: /* the square moves by twice the root times its own move */
        return 2 * rate * bound * tolerance * steps / (bound * bound);
    }
    return tolerance;
}

/* Groups of the release that a group is summed from. */
static double summed_groups(const evh_plan *plan, const evh_plan_grouping *grouping, size_t group)
{
    double count = 0;
    if (!grouping->derived)
        return 1;
    for (size_t g = 0; g < plan->groupings[grouping->release].group_count; g++)
        count += evh_plan_group_from_release(plan, grouping, g) == group;
    return count;
}

/* Delta method: the noise of numerator - quotient * denominator, for the cells of one customer and
 * one group of the release. With classes the cells of the class in question and those of all. */
static double noise_variance(const evh_plan *plan, const evh_plan_question *question,
                             double quotient)
{
    const evh_metric *metric = question->metric;
    size_t release = plan->groupings[question->grouping].release;
    size_t classes = plan->terms.scoring.class_count;
    size_t width = classes > 0 ? 3 : plan->cells_per_group;
    double sum = 0;
    for (size_t c = 0; c < width; c++) {
        size_t class = release * plan->kind_count + plan->kind_of_cell[c];
        double variance = evh_noise_variance(&plan->noise.classes[class]);
        double all = metric->numerator_all[c] - quotient * metric->denominator_all[c];
        double own = metric->numerator[c] - quotient * metric->denominator[c] + all;
        double others = classes > 0 ? (double)(classes - 1) : 0;
        sum += variance * (own * own + others * all * all);
    }
    return sum;
}

double evh_outlook_noise_sd(const evh_plan *plan, size_t question, size_t group, double n,
                            const evh_outlook_assumptions *assumptions)
{
    const evh_plan_question *known = &plan->terms.questions[question];
    const evh_plan_grouping *grouping = &plan->groupings[known->grouping];
    double quotient = expected_quotient(plan, known->metric, assumptions->rate);
    double variance = noise_variance(plan, known, quotient) * summed_groups(plan, grouping, group) *
                      assumptions->customers;
    return sqrt(variance) / (n * denominator_scale(known->metric));
}

double evh_outlook_units_needed(const evh_plan *plan, size_t question, size_t group,
                                const evh_outlook_assumptions *assumptions)
{
    const evh_plan_question *known = &plan->terms.questions[question];
    size_t other = known->reference == SIZE_MAX ? group : known->reference;
    double z = evh_outlook_quantile(plan);
    double distance = tolerated_distance(plan, known, assumptions->rate) / z;
    double sampling = 2 * unit_variance(plan, known->metric, assumptions->rate);
    double own = evh_outlook_noise_sd(plan, question, group, 1, assumptions);
    double theirs = evh_outlook_noise_sd(plan, question, other, 1, assumptions);
    double noise = own * own + theirs * theirs;
    /* distance^2 = sampling / n + noise / n^2 */
    double square = distance * distance;
    return ceil((sampling + sqrt(sampling * sampling + 4 * square * noise)) / (2 * square));
}

double evh_outlook_units_that_fit(const evh_plan *plan)
{
    uint64_t room = evh_plan_cell_max(plan) - 2 * plan->noise.offset;
    evh_plan_shifts shifts = plan->noise.shifts;
    uint32_t largest = 1;
    for (size_t i = 0; i < shifts.count; i++) {
        for (size_t k = 0; k < shifts.shifts[i].count; k++) {
            if (shifts.shifts[i].terms[k].magnitude > largest)
                largest = shifts.shifts[i].terms[k].magnitude;
        }
    }
    return floor((double)room / largest);
}

static bool contains(const evh_plan_grouping *grouping, size_t attribute)
{
    for (size_t i = 0; i < grouping->attribute_count; i++) {
        if (grouping->attributes[i] == attribute)
            return true;
    }
    return false;
}

bool evh_outlook_grouping_is_sound(const evh_plan *plan, size_t grouping, size_t *attribute)
{
    const evh_plan_grouping *asked = &plan->groupings[grouping];
    const evh_plan_grouping *release = &plan->groupings[asked->release];
    evh_cell_layout layout = evh_plan_cell_layout(plan);
    if (layout != EVH_CELLS_WER_UNITS && layout != EVH_CELLS_REGRESSION)
        return true;
    for (size_t i = 0; i < release->attribute_count; i++) {
        size_t dropped = release->attributes[i];
        if (contains(asked, dropped) || plan->terms.attributes[dropped].per_unit)
            continue;
        if (attribute != NULL)
            *attribute = dropped;
        return false;
    }
    return true;
}
