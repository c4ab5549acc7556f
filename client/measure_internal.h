/* SPDX-License-Identifier: Apache-2.0
 * client/measure_internal.h: the parts of a measurement. */
#ifndef EVH_CLIENT_MEASURE_INTERNAL_H
#define EVH_CLIENT_MEASURE_INTERNAL_H

#include "evenhand/client/measure.h"
#include "evenhand/plan/groups.h"

/* ---- measure_values.c: from the texts of a row to values of attributes ---- */

/* What a text turned out to be, remembered by its bytes. */
typedef struct evh_value_memory evh_value_memory;

typedef struct evh_measure_values {
    const evh_plan *plan;
    const evh_records *records;
    evh_value_memory **memories;     /* [attribute_count], NULL for made ones */
    evh_input_spellings **spellings; /* borrowed */
    evh_buffer scratch;
    size_t count;
    uint64_t known[EVH_PLAN_ATTRIBUTES_MAX]; /* since evh_measure_values_end */
    uint64_t missing[EVH_PLAN_ATTRIBUTES_MAX];
} evh_measure_values;

evh_status evh_measure_values_init(evh_measure_values *out, const evh_plan *plan,
                                   const evh_records *records, evh_input_spellings **spellings);
void evh_measure_values_clear(evh_measure_values *values);

/* Fills values[attribute_count] from the row. */
evh_status evh_measure_values_of(evh_measure_values *values, size_t *out, const evh_view *row);

/* Counts the spellings of a row whose values have been found. */
evh_status evh_measure_values_count(evh_measure_values *values, const size_t *found,
                                    const evh_view *row);

/* Adds what has been counted to the spellings. */
void evh_measure_values_end(evh_measure_values *values);

#endif
