/* SPDX-License-Identifier: Apache-2.0 */
#include "evenhand/scoring/metric.h"

static const evh_metric binary_metrics[] = {
    {.name = "accuracy", .numerator = {1, 0, 0, 1}, .denominator = {1, 1, 1, 1}},
    {.name = "error_rate", .numerator = {0, 1, 1, 0}, .denominator = {1, 1, 1, 1}},
    {.name = "selection_rate", .numerator = {1, 1, 0, 0}, .denominator = {1, 1, 1, 1}},
    {.name = "prevalence", .numerator = {1, 0, 1, 0}, .denominator = {1, 1, 1, 1}},
    {.name = "true_positive_rate", .numerator = {1, 0, 0, 0}, .denominator = {1, 0, 1, 0}},
    {.name = "false_positive_rate", .numerator = {0, 1, 0, 0}, .denominator = {0, 1, 0, 1}},
    {.name = "true_negative_rate", .numerator = {0, 0, 0, 1}, .denominator = {0, 1, 0, 1}},
    {.name = "false_negative_rate", .numerator = {0, 0, 1, 0}, .denominator = {1, 0, 1, 0}},
    {.name = "precision", .numerator = {1, 0, 0, 0}, .denominator = {1, 1, 0, 0}},
    {.name = "false_discovery_rate", .numerator = {0, 1, 0, 0}, .denominator = {1, 1, 0, 0}},
    {.name = "negative_predictive_value", .numerator = {0, 0, 0, 1}, .denominator = {0, 0, 1, 1}},
    {.name = "false_omission_rate", .numerator = {0, 0, 1, 0}, .denominator = {0, 0, 1, 1}},
    {.name = "f1_score", .numerator = {2, 0, 0, 0}, .denominator = {2, 1, 1, 0}},
};

/* A class against all others: its true negatives are the records less tp, fp and fn, and the
 * records are the sum of tp and fn over the classes. */
static const evh_metric class_metrics[] = {
    {.name = "accuracy", .numerator_all = {1, 0, 0}, .denominator_all = {1, 0, 1}},
    {.name = "error_rate", .numerator_all = {0, 0, 1}, .denominator_all = {1, 0, 1}},
    {.name = "selection_rate",
     .of_class = true,
     .numerator = {1, 1, 0},
     .denominator_all = {1, 0, 1}},
    {.name = "prevalence", .of_class = true, .numerator = {1, 0, 1}, .denominator_all = {1, 0, 1}},
    {.name = "true_positive_rate",
     .of_class = true,
     .numerator = {1, 0, 0},
     .denominator = {1, 0, 1}},
    {.name = "false_positive_rate",
     .of_class = true,
     .numerator = {0, 1, 0},
     .denominator = {-1, 0, -1},
     .denominator_all = {1, 0, 1}},
    {.name = "true_negative_rate",
     .of_class = true,
     .numerator = {-1, -1, -1},
     .numerator_all = {1, 0, 1},
     .denominator = {-1, 0, -1},
     .denominator_all = {1, 0, 1}},
    {.name = "false_negative_rate",
     .of_class = true,
     .numerator = {0, 0, 1},
     .denominator = {1, 0, 1}},
    {.name = "precision", .of_class = true, .numerator = {1, 0, 0}, .denominator = {1, 1, 0}},
    {.name = "false_discovery_rate",
     .of_class = true,
     .numerator = {0, 1, 0},
     .denominator = {1, 1, 0}},
    {.name = "negative_predictive_value",
     .of_class = true,
     .numerator = {-1, -1, -1},
     .numerator_all = {1, 0, 1},
     .denominator = {-1, -1, 0},
     .denominator_all = {1, 0, 1}},
    {.name = "false_omission_rate",
     .of_class = true,
     .numerator = {0, 0, 1},
     .denominator = {-1, -1, 0},
     .denominator_all = {1, 0, 1}},
    {.name = "f1_score", .of_class = true, .numerator = {2, 0, 0}, .denominator = {2, 1, 1}},
};

static const evh_metric class_error_metrics[] = {
    {.name = "error_rate", .numerator = {0, 1}, .denominator = {1, 0}},
    {.name = "accuracy", .numerator = {1, -1}, .denominator = {1, 0}},
};

/* Rates are kept in hundredths. */
static const evh_metric wer_unit_metrics[] = {
    {.name = "word_error_rate", .numerator = {0, 1, 0}, .denominator = {100, 0, 0}},
};

static const evh_metric wer_error_metrics[] = {
    {.name = "word_error_rate", .numerator = {0, 1}, .denominator = {1, 0}},
};

static const evh_metric wer_sdi_metrics[] = {
    {.name = "word_error_rate", .numerator = {0, 1, 1, 1}, .denominator = {1, 0, 0, 0}},
    {.name = "substitution_rate", .numerator = {0, 1, 0, 0}, .denominator = {1, 0, 0, 0}},
    {.name = "deletion_rate", .numerator = {0, 0, 1, 0}, .denominator = {1, 0, 0, 0}},
    {.name = "insertion_rate", .numerator = {0, 0, 0, 1}, .denominator = {1, 0, 0, 0}},
};

static const evh_metric regression_metrics[] = {
    {.name = "mean_error",
     .unit = EVH_METRIC_ERROR,
     .numerator = {0, 1, -1, 0},
     .denominator = {1, 0, 0, 0}},
    {.name = "mean_absolute_error",
     .unit = EVH_METRIC_ERROR,
     .numerator = {0, 1, 1, 0},
     .denominator = {1, 0, 0, 0}},
    {.name = "mean_squared_error",
     .unit = EVH_METRIC_SQUARED_ERROR,
     .numerator = {0, 0, 0, 1},
     .denominator = {1, 0, 0, 0}},
    {.name = "root_mean_squared_error",
     .unit = EVH_METRIC_ROOT_ERROR,
     .numerator = {0, 0, 0, 1},
     .denominator = {1, 0, 0, 0}},
};

static const evh_metric event_metrics[] = {
    {.name = "event_rate", .numerator = {0, 1}, .denominator = {1, 0}},
};

typedef struct layout_row {
    size_t cells; /* of a class for EVH_CELLS_CLASSES */
    const evh_metric *metrics;
    size_t metric_count;
} layout_row;

#define ROW(cell_count, table)                                                                     \
    {                                                                                              \
        cell_count, table, sizeof(table) / sizeof((table)[0])                                      \
    }

static const layout_row rows[EVH_CELL_LAYOUTS] = {
    [EVH_CELLS_BINARY] = ROW(4, binary_metrics),
    [EVH_CELLS_CLASSES] = ROW(3, class_metrics),
    [EVH_CELLS_CLASS_ERRORS] = ROW(2, class_error_metrics),
    [EVH_CELLS_WER_UNITS] = ROW(3, wer_unit_metrics),
    [EVH_CELLS_WER_ERRORS] = ROW(2, wer_error_metrics),
    [EVH_CELLS_WER_SDI] = ROW(4, wer_sdi_metrics),
    [EVH_CELLS_REGRESSION] = ROW(4, regression_metrics),
    [EVH_CELLS_EVENTS] = ROW(2, event_metrics),
};

size_t evh_cell_layout_count(evh_cell_layout layout, size_t classes)
{
    return rows[layout].cells * (layout == EVH_CELLS_CLASSES ? classes : 1);
}

size_t evh_metric_count(evh_cell_layout layout)
{
    return rows[layout].metric_count;
}

const evh_metric *evh_metric_at(evh_cell_layout layout, size_t index)
{
    return &rows[layout].metrics[index];
}

const evh_metric *evh_metric_find(evh_cell_layout layout, evh_view name)
{
    for (size_t i = 0; i < rows[layout].metric_count; i++)
        if (evh_view_equal(evh_view_of_text(rows[layout].metrics[i].name), name))
            return &rows[layout].metrics[i];
    return NULL;
}
