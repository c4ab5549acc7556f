/* SPDX-License-Identifier: Apache-2.0
 * scoring/metric.h: which rates the cells of a scorer can tell, as quotients of sums of cells.
 * Names follow Fairlearn and SageMaker Clarify. This is a table; dividing is for lib/fairness.
 * Source   docs/reference/metrics.md, "Rates"
 * Memory   allocates nothing               Tests    unit/fairness/test_estimate.c */
#ifndef EVH_SCORING_METRIC_H
#define EVH_SCORING_METRIC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "evenhand/base/bytes.h"

/* The cells of one group, in their order. */
typedef enum evh_cell_layout {
    EVH_CELLS_BINARY,       /* tp fp fn tn */
    EVH_CELLS_CLASSES,      /* tp fp fn for each class in turn */
    EVH_CELLS_CLASS_ERRORS, /* records errors */
    EVH_CELLS_WER_UNITS,    /* units rate_sum rate_squared_sum */
    EVH_CELLS_WER_ERRORS,   /* words errors */
    EVH_CELLS_WER_SDI,      /* words substitutions deletions insertions */
    EVH_CELLS_REGRESSION,   /* units over under squared */
    EVH_CELLS_EVENTS        /* records events */
} evh_cell_layout;

enum { EVH_CELL_LAYOUTS = EVH_CELLS_EVENTS + 1, EVH_METRIC_CELLS_MAX = 4 };

/* What the quotient is to be multiplied with. */
typedef enum evh_metric_unit {
    EVH_METRIC_SHARE,         /* nothing: it is a share or a rate */
    EVH_METRIC_ERROR,         /* bound / steps of the regression */
    EVH_METRIC_SQUARED_ERROR, /* bound * bound / steps */
    EVH_METRIC_ROOT_ERROR     /* bound * bound / steps, and then the square root */
} evh_metric_unit;

/* (numerator . cells + numerator_all . sums) / (denominator . cells + denominator_all . sums).
 * With EVH_CELLS_CLASSES `cells` are the three of one class and `sums` those of all classes added
 * up; with other layouts there are no sums and their weights are zero. */
typedef struct evh_metric {
    const char *name;
    bool of_class; /* needs to be told which class */
    evh_metric_unit unit;
    int8_t numerator[EVH_METRIC_CELLS_MAX];
    int8_t denominator[EVH_METRIC_CELLS_MAX];
    int8_t numerator_all[EVH_METRIC_CELLS_MAX];
    int8_t denominator_all[EVH_METRIC_CELLS_MAX];
} evh_metric;

/* Cells of one group; classes matters for EVH_CELLS_CLASSES only. */
size_t evh_cell_layout_count(evh_cell_layout layout, size_t classes);

/* The metrics of a layout, in a fixed order; index < evh_metric_count. The first is the one that
 * is shown when none is asked for. */
size_t evh_metric_count(evh_cell_layout layout);
const evh_metric *evh_metric_at(evh_cell_layout layout, size_t index);

/* NULL when the layout has no metric of that name. */
const evh_metric *evh_metric_find(evh_cell_layout layout, evh_view name);

#endif
