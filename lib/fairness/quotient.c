/* SPDX-License-Identifier: Apache-2.0 */
#include "quotient_internal.h"

#include <math.h>
#include <string.h>

evh_cell_noise evh_cell_noise_of(const evh_noise *noise)
{
    double variance = evh_noise_variance(noise);
    double parameter = (double)noise->parameter.num / noise->parameter.den;
    switch (noise->kind) {
    case EVH_NOISE_DISCRETE_LAPLACE: { /* the difference of two geometric ones */
        double q = exp(-1 / parameter);
        double fourth = 2 * q * (1 + 4 * q + q * q) / pow(-expm1(-1 / parameter), 4);
        return (evh_cell_noise){.variance = variance, .fourth = fourth};
    }
    case EVH_NOISE_SKELLAM:
        return (evh_cell_noise){.variance = variance, .fourth = variance};
    case EVH_NOISE_DISCRETE_GAUSSIAN:
    case EVH_NOISE_NONE:
        break;
    }
    return (evh_cell_noise){.variance = variance};
}

static const double BINOMIAL_POWERS[5] = {1, -4, 6, -4, 1};

/* One cell: T(x) takes (numerator - x * denominator) times it. */
static void add_cell(evh_quotient *q, double numerator, double denominator, double count,
                     const evh_cell_noise *noise)
{
    if (numerator == 0 && denominator == 0)
        return;
    q->numerator += numerator * count;
    q->denominator += denominator * count;
    if (noise == NULL)
        return;
    q->noise_numerator += numerator * numerator * noise->variance;
    q->noise_both += numerator * denominator * noise->variance;
    q->noise_denominator += denominator * denominator * noise->variance;
    for (int power = 0; power <= 4; power++)
        q->fourth[power] += BINOMIAL_POWERS[power] * pow(numerator, 4 - power) *
                            pow(denominator, power) * noise->fourth;
}

/* Where the same cell of each class stands. */
typedef struct class_cells {
    size_t own;
    size_t classes;
    size_t width;
} class_cells;

/* A cell of all classes but the own one, whose weights are the same. */
static void add_others(evh_quotient *q, double numerator, double denominator, const int64_t *cells,
                       const evh_cell_noise *noise, const class_cells *of)
{
    double count = 0;
    evh_cell_noise all = {0};
    for (size_t class = 0; class < of->classes; class ++) {
        if (class == of->own)
            continue;
        count += (double)cells[class * of->width];
        if (noise == NULL)
            continue;
        all.variance += noise[class * of->width].variance;
        all.fourth += noise[class * of->width].fourth;
    }
    add_cell(q, numerator, denominator, count, noise == NULL ? NULL : &all);
}

/* F1 as a share: tp of tp + fp + fn. */
static const int8_t shared_denominator[EVH_METRIC_CELLS_MAX] = {1, 1, 1, 0};
static const int8_t shared_numerator[EVH_METRIC_CELLS_MAX] = {1, 0, 0, 0};

static void add_cells(evh_quotient *q, const evh_metric *metric, const evh_cells_meaning *meaning,
                      const int64_t *cells, const evh_cell_noise *noise, size_t metric_class)
{
    bool f1 = q->map == EVH_MAP_F1;
    const int8_t *numerator = f1 ? shared_numerator : metric->numerator;
    const int8_t *denominator = f1 ? shared_denominator : metric->denominator;
    size_t width = evh_cell_layout_count(meaning->layout, 1);
    size_t classes = meaning->layout == EVH_CELLS_CLASSES ? meaning->classes : 1;
    const size_t own = metric->of_class ? metric_class : 0;
    for (size_t i = 0; i < width; i++) {
        const double above = metric->numerator_all[i];
        const double below = metric->denominator_all[i];
        add_cell(q, above + numerator[i], below + denominator[i], (double)cells[own * width + i],
                 noise == NULL ? NULL : &noise[own * width + i]);
        if (above != 0 || below != 0)
            add_others(q, above, below, cells + i, noise == NULL ? NULL : noise + i,
                       &(class_cells){.own = own, .classes = classes, .width = width});
    }
}

/* What k^2 loses when it is counted in whole steps, rounded half up. */
static double lost_of(uint64_t k, uint32_t steps)
{
    const uint64_t rounded = (k * k + steps / 2) / steps;
    return (double)(k * k) - (double)steps * (double)rounded;
}

/* The remainders of squares are not spread evenly: on average over all values 4.5 of 100 are lost,
 * which matters where units hardly differ. */
static double lost_on_average(uint32_t steps)
{
    double lost = 0;
    for (uint64_t k = 0; k < steps; k++)
        lost += lost_of(k, steps);
    return lost / steps;
}

/* Of errors whose absolute values have this mean. Small ones lose most: 7^2 is less than half of a
 * step of 100. Taken to be normal, which loses more than distributions with longer tails do. */
static double lost_by_errors(double mean, uint32_t steps)
{
    static const double DEVIATION = 1.2533141373155003; /* sqrt(pi/2), of their mean */
    static const double FAR = 8;
    double deviation = fmax(mean, 1.0 / steps) * DEVIATION;
    double lost = 0;
    double weights = 0.5;
    for (uint64_t k = 1; k <= steps && (double)k < FAR * deviation; k++) {
        double z = (double)k / deviation;
        double weight = exp(-z * z / 2);
        weights += weight;
        lost += weight * lost_of(k, steps);
    }
    return lost / weights;
}

static void set_squares(evh_quotient *q, size_t cell, uint32_t steps, double lost,
                        const int64_t *cells, const evh_cell_noise *noise)
{
    q->sampling = EVH_SAMPLING_SQUARES;
    q->squares = (double)steps * (double)cells[cell] + lost * (double)cells[0];
    q->squares_noise = noise == NULL ? 0 : (double)steps * steps * noise[cell].variance;
}

static void set_regression(evh_quotient *q, const evh_metric *metric,
                           const evh_cells_meaning *meaning, const int64_t *cells,
                           const evh_cell_noise *noise)
{
    double bound = evh_decimal_to_double(meaning->bound);
    double steps = meaning->steps;
    q->highest = steps;
    if (metric->unit == EVH_METRIC_ERROR) {
        double mean =
            cells[0] > 0 ? (double)(cells[1] + cells[2]) / (double)cells[0] : meaning->steps;
        set_squares(q, 3, meaning->steps, lost_by_errors(mean, meaning->steps), cells, noise);
        q->scale = bound / steps;
        if (metric->numerator[2] < 0) /* over - under */
            q->lowest = -steps;
        return;
    }
    q->sampling = EVH_SAMPLING_BOUNDED;
    q->scale = bound * bound / steps;
    if (metric->unit == EVH_METRIC_ROOT_ERROR)
        q->map = EVH_MAP_ROOT;
}

/* Insertions are words that the reference does not have: there may be more errors than words. */
static bool counts_insertions(const evh_metric *metric, evh_cell_layout layout)
{
    return layout == EVH_CELLS_WER_ERRORS ||
           (layout == EVH_CELLS_WER_SDI && metric->numerator[3] != 0);
}

evh_status evh_quotient_of(evh_quotient *out, const evh_metric *metric,
                           const evh_cells_meaning *meaning, const int64_t *cells,
                           const evh_cell_noise *noise, size_t metric_class)
{
    *out = (evh_quotient){.scale = 1, .unit = 1, .highest = 1};
    evh_estimate estimate;
    evh_status status = evh_fairness_estimate(&estimate, metric, meaning, cells, metric_class);
    if (status.code != EVH_OK)
        return status;
    if (strcmp(metric->name, "f1_score") == 0)
        out->map = EVH_MAP_F1;
    if (counts_insertions(metric, meaning->layout)) {
        out->sampling = EVH_SAMPLING_POISSON;
        out->highest = INFINITY;
    }
    if (meaning->layout == EVH_CELLS_WER_UNITS) {
        set_squares(out, 2, 100, lost_on_average(100), cells, noise);
        out->unit = 100;
    }
    if (meaning->layout == EVH_CELLS_REGRESSION)
        set_regression(out, metric, meaning, cells, noise);
    add_cells(out, metric, meaning, cells, noise, metric_class);
    return status;
}

double evh_quotient_metric(const evh_quotient *q, double value)
{
    switch (q->map) {
    case EVH_MAP_ROOT:
        return copysign(sqrt(fabs(value) * q->scale), value);
    case EVH_MAP_F1:
        return 2 * value / (1 + fmax(value, -0.5));
    case EVH_MAP_SCALE:
        break;
    }
    return value * q->scale;
}

evh_quotient evh_quotient_of_counts(const int8_t *numerator, const int8_t *denominator,
                                    const int64_t *cells, const evh_cell_noise *noise, size_t count)
{
    evh_quotient out = {.scale = 1, .unit = 1, .highest = INFINITY, .sampling = EVH_SAMPLING_CELLS};
    for (size_t i = 0; i < count; i++) {
        add_cell(&out, numerator[i], denominator[i], (double)cells[i],
                 noise == NULL ? NULL : &noise[i]);
        out.counted[i] = (evh_counted_cell){.numerator = numerator[i],
                                            .denominator = denominator[i],
                                            .records = fmax((double)cells[i], 0)};
    }
    return out;
}
