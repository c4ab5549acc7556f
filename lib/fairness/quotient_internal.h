/* SPDX-License-Identifier: Apache-2.0
 * fairness/quotient_internal.h: a rate as a quotient of two sums, each true sum plus noise, and the
 * values of the quotient that a test does not reject.
 * For a possible value x the difference T(x) = numerator - x * denominator has mean 0, whatever the
 * denominator; its distribution follows from what one unit contributes and from the noise. So the
 * noise of the denominator needs no division (Fieller 1954), and counts may be small (Wilson 1927).
 * Source   docs/reference/metrics.md, "Intervals" */
#ifndef EVH_FAIRNESS_QUOTIENT_INTERNAL_H
#define EVH_FAIRNESS_QUOTIENT_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "evenhand/base/status.h"
#include "evenhand/fairness/estimate.h"
#include "evenhand/privacy/mechanism.h"

/* How what is counted scatters around its mean. */
typedef enum evh_sampling {
    EVH_SAMPLING_BINOMIAL, /* each record adds 0 or 1 */
    EVH_SAMPLING_POISSON,  /* each word adds 0, 1, and now and then more */
    EVH_SAMPLING_SQUARES,  /* as the sum of squares over units says */
    EVH_SAMPLING_CELLS,    /* records fall into cells, each counted for itself */
    EVH_SAMPLING_BOUNDED   /* at most as two values at both ends of the range would */
} evh_sampling;

/* From the quotient to the metric; all rise. */
typedef enum evh_quotient_map {
    EVH_MAP_SCALE, /* times scale */
    EVH_MAP_ROOT,  /* the root of: times scale */
    EVH_MAP_F1     /* 2x / (1 + x): F1 from tp / (tp + fp + fn), which is a binomial share */
} evh_quotient_map;

/* Second and fourth cumulant of the noise in one cell of a sum; odd ones are 0. */
typedef struct evh_cell_noise {
    double variance;
    double fourth;
} evh_cell_noise;

/* Records of a cell, and what each adds to both sums. */
typedef struct evh_counted_cell {
    double numerator;
    double denominator;
    double records;
} evh_counted_cell;

typedef struct evh_quotient {
    double numerator;
    double denominator;
    evh_sampling sampling;
    evh_quotient_map map;
    double scale;
    double unit;    /* what one unit adds to the denominator */
    double lowest;  /* value of the quotient that is possible */
    double highest; /* may be INFINITY */
    double squares; /* EVH_SAMPLING_SQUARES: sum over units of what each adds to the numerator,
                     * squared */
    double squares_noise;                           /* its noise variance */
    evh_counted_cell counted[EVH_METRIC_CELLS_MAX]; /* EVH_SAMPLING_CELLS */
    /* Noise of the numerator and denominator: variances and covariance, and the fourth cumulant of
     * T(x) as a polynomial in x. */
    double noise_numerator;
    double noise_both;
    double noise_denominator;
    double fourth[5];
    /* How much noise seems to have raised the denominator, seeing that it is high enough to be
     * shown; set while ends are looked for. */
    double excess;
} evh_quotient;

/* Cumulants of one draw. */
evh_cell_noise evh_cell_noise_of(const evh_noise *noise);

/*   cells  [evh_cell_layout_count()], noise [the same] of these sums; NULL: exact
 * Fails    ARG as evh_fairness_estimate */
EVH_MUST_USE evh_status evh_quotient_of(evh_quotient *out, const evh_metric *metric,
                                        const evh_cells_meaning *meaning, const int64_t *cells,
                                        const evh_cell_noise *noise, size_t metric_class);

/* A quotient of two weighted sums of cells, which may have cells in common.
 *   numerator, denominator  [count] weights; cells, noise [count]; noise NULL: exact
 *   count                   at most EVH_METRIC_CELLS_MAX */
evh_quotient evh_quotient_of_counts(const int8_t *numerator, const int8_t *denominator,
                                    const int64_t *cells, const evh_cell_noise *noise,
                                    size_t count);

/* The metric for a value of the quotient. */
double evh_quotient_metric(const evh_quotient *quotient, double value);

/* Variances of T near the estimate, divided by the denominator squared: of the metric. */
void evh_quotient_variances(const evh_quotient *quotient, double *sampling, double *privacy);

/* Whether the denominator is above 0 for certain, as far as noise goes, at this quantile. */
bool evh_quotient_is_clear(const evh_quotient *quotient, double z);

/* Smallest and largest value of the metric that a test at two-sided quantile z does not reject,
 * beyond what is possible where noise leads there. Where no large (small) value is rejected the end
 * is the largest (smallest) that is possible.
 * Returns false when the denominator is not clear, or when there is no such value. */
bool evh_quotient_ends(double ends[2], const evh_quotient *quotient, double z);

#endif
