/* SPDX-License-Identifier: Apache-2.0
 * scoring/scorer_internal.h: a scorer's state, and what each kind has to offer.
 * Tests    unit/scoring */
#ifndef EVH_SCORING_SCORER_INTERNAL_H
#define EVH_SCORING_SCORER_INTERNAL_H

#include "evenhand/base/uint128.h"
#include "evenhand/scoring/scorer.h"
#include "values_internal.h"

/* The values of a wer score. */
enum { EVH_WER_WORDS, EVH_WER_SUBSTITUTIONS, EVH_WER_DELETIONS, EVH_WER_INSERTIONS, EVH_WER_WIDTH };

/* One row per kind and cell layout. */
typedef struct evh_scorer_kind_row {
    size_t width;
    evh_cell_layout layout;
    const char *cell_names[EVH_METRIC_CELLS_MAX];
    evh_status (*score)(evh_scorer *, evh_score *, evh_view truth, evh_view estimate);
    evh_status (*reduce)(const evh_scorer *, int64_t *cells, const uint32_t *values, size_t count);
} evh_scorer_kind_row;

struct evh_scorer {
    const evh_scorer_kind_row *row;
    size_t cell_count;
    char *names; /* multiclass: NUL-terminated, one after the other */
    const char **cell_names;
    evh_value_set values; /* positive ones, or classes */
    bool has_threshold;
    evh_decimal threshold;
    evh_wer_options wer;
    evh_align_workspace *workspace;
    evh_i128 bound; /* regression, in units of 10^-18 */
    uint32_t steps;
    evh_buffer scratch[2]; /* texts as they are compared */
};

extern const evh_scorer_kind_row evh_binary_row;
extern const evh_scorer_kind_row evh_event_row;
extern const evh_scorer_kind_row evh_classes_row;
extern const evh_scorer_kind_row evh_multiclass_errors_row;
extern const evh_scorer_kind_row evh_wer_unit_row;
extern const evh_scorer_kind_row evh_wer_errors_row;
extern const evh_scorer_kind_row evh_wer_sdi_row;
extern const evh_scorer_kind_row evh_regression_row;

/* Each checks and copies its options and sets the row. Fails as evh_scorer_new. */
EVH_MUST_USE evh_status evh_binary_init(evh_scorer *scorer, const evh_binary_options *options);
EVH_MUST_USE evh_status evh_event_init(evh_scorer *scorer, const evh_binary_options *options);
EVH_MUST_USE evh_status evh_multiclass_init(evh_scorer *scorer,
                                            const evh_multiclass_options *options);
EVH_MUST_USE evh_status evh_wer_init(evh_scorer *scorer, const evh_wer_options *options);
EVH_MUST_USE evh_status evh_regression_init(evh_scorer *scorer,
                                            const evh_regression_options *options);

/* True for the wer scorers that add up words. */
static inline bool evh_scorer_counts_words(const evh_scorer *scorer)
{
    return scorer->row == &evh_wer_errors_row || scorer->row == &evh_wer_sdi_row;
}

/* True when a unit's scores in one group count by their sums alone. */
static inline bool evh_scorer_is_additive(const evh_scorer *scorer)
{
    return scorer->row == &evh_wer_unit_row || evh_scorer_counts_words(scorer);
}

/* True when every record counts for itself, whatever else its unit did. */
static inline bool evh_scorer_is_per_record(const evh_scorer *scorer)
{
    return !evh_scorer_is_additive(scorer) && scorer->row != &evh_regression_row;
}

/* For scores of 0 or 1: the records, and those with 1. */
EVH_MUST_USE evh_status evh_reduce_flags(const evh_scorer *scorer, int64_t *cells,
                                         const uint32_t *values, size_t count);

/* Adds `amount` to a cell. Fails RANGE beyond 63 bits. */
EVH_MUST_USE evh_status evh_cell_add(int64_t *cell, int64_t amount);

#endif
