/* SPDX-License-Identifier: Apache-2.0
 * scoring/scorer.h: turns one record (truth and estimate of one model) into a small score, and the
 * scores of one unit in one group into increments of cells.
 * Source   docs/reference/scoring.md       Secret   records, scores and cells are exact data
 * Threads  one thread per scorer           Memory   grows to the longest record, then stays
 * Tests    unit/scoring/test_binary.c, test_multiclass.c, test_wer.c, test_regression.c */
#ifndef EVH_SCORING_SCORER_H
#define EVH_SCORING_SCORER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "evenhand/base/bytes.h"
#include "evenhand/base/decimal.h"
#include "evenhand/base/status.h"
#include "evenhand/scoring/align.h"
#include "evenhand/scoring/metric.h"
#include "evenhand/scoring/normalizer.h"

enum {
    EVH_SCORE_VALUES_MAX = 4,          /* values of one score */
    EVH_SCORER_CLASSES_MAX = 4096,     /* classes of a multiclass scorer */
    EVH_SCORER_STEPS_MAX = 10000,      /* steps of a regression scorer */
    EVH_WER_RATE_STEPS = 100,          /* steps of a unit's word error rate */
    EVH_REGRESSION_ERROR_MAX = 1000000 /* a record's error is kept in millionths of the bound */
};

typedef enum evh_scorer_kind {
    EVH_SCORER_BINARY,
    EVH_SCORER_MULTICLASS,
    EVH_SCORER_WER,
    EVH_SCORER_REGRESSION,
    EVH_SCORER_EVENT
} evh_scorer_kind;

/* What counts as positive. Values are trimmed of white space and compared in Unicode NFC. */
typedef struct evh_binary_options {
    const evh_view *positive; /* at least one, none empty, none twice */
    size_t positive_count;
    bool has_threshold; /* estimates are numbers, positive from the threshold upwards */
    evh_decimal threshold;
} evh_binary_options;

typedef struct evh_multiclass_options {
    const evh_view *classes; /* per class cells for these 2 or more; none: records and errors */
    size_t class_count;
} evh_multiclass_options;

typedef enum evh_wer_average { EVH_WER_BY_UNIT, EVH_WER_BY_WORD } evh_wer_average;
typedef enum evh_wer_detail { EVH_WER_ERRORS, EVH_WER_SDI } evh_wer_detail;

/* A record whose reference has no word (after normalising), whatever its hypothesis holds. */
typedef enum evh_wer_empty_reference {
    EVH_WER_EMPTY_SKIP, /* the record is skipped */
    EVH_WER_EMPTY_COUNT /* no words; every hypothesis word is an insertion */
} evh_wer_empty_reference;

typedef struct evh_wer_options {
    evh_wer_average average;
    evh_wer_detail detail; /* EVH_WER_SDI needs EVH_WER_BY_WORD */
    evh_alignment alignment;
    evh_normalizer_kind normalizer;
    evh_wer_empty_reference empty_reference;
} evh_wer_options;

/* A record's error is estimate - truth, clipped to [-bound, bound]. A unit's mean error in a group
 * is rounded half away from zero to bound/steps. */
typedef struct evh_regression_options {
    evh_decimal bound; /* > 0 */
    uint32_t steps;    /* 1..EVH_SCORER_STEPS_MAX */
} evh_regression_options;

typedef struct evh_scorer_options {
    evh_scorer_kind kind;      /* says which of the blocks below is read */
    evh_binary_options binary; /* also for EVH_SCORER_EVENT, where it has no threshold */
    evh_multiclass_options multiclass;
    evh_wer_options wer;
    evh_regression_options regression;
} evh_scorer_options;

/* What one record scored for one model: the first evh_scorer_width() values are in use.
 *   binary      0 tp, 1 fp, 2 fn, 3 tn
 *   multiclass  class, predicted class; or 0 right, 1 wrong
 *   wer         words, substitutions, deletions, insertions
 *   regression  error in millionths of the bound + EVH_REGRESSION_ERROR_MAX
 *   event       0 or 1 */
typedef struct evh_score {
    uint32_t values[EVH_SCORE_VALUES_MAX];
    bool skipped; /* nothing to score: an empty reference */
} evh_score;

/* Options, prepared, with the working memory of the alignment and the normaliser. */
typedef struct evh_scorer evh_scorer;

/* Copies what it needs of the options.
 * Fails    ARG options outside their contract; ENCODING a value that is not UTF-8; MEMORY; TYPE a
 *          Unicode library of another version than the normaliser's; *out is then NULL. */
EVH_MUST_USE evh_status evh_scorer_new(evh_scorer **out, const evh_scorer_options *options);

/* Takes the address, accepts NULL, leaves NULL. */
void evh_scorer_free(evh_scorer **scorer);

/* Values of a score in use, 1..EVH_SCORE_VALUES_MAX. */
size_t evh_scorer_width(const evh_scorer *scorer);

/* Cells of one group and model, and what they are called:
 *   binary      tp fp fn tn
 *   multiclass  tp:CLASS fp:CLASS fn:CLASS for every class in turn; or records errors
 *   wer         units rate_sum rate_squared_sum; words errors; words substitutions deletions
 *               insertions
 *   regression  units over under squared
 *   event       records events */
size_t evh_scorer_cell_count(const evh_scorer *scorer);

/* The same as the metrics know it. */
evh_cell_layout evh_scorer_layout(const evh_scorer *scorer);

/* The name of a cell below evh_scorer_cell_count(), NUL-terminated, owned by the scorer. */
const char *evh_scorer_cell_name(const evh_scorer *scorer, size_t cell);

/* Scores one record of one model.
 *   out       all zero on failure
 *   truth     label, class, reference, truth or event as the record has it
 *   estimate  prediction, predicted, hypothesis or estimate; not read by EVH_SCORER_EVENT
 * Fails    INPUT a bad row: an empty value, an undeclared class, not a number, too many words;
 *          ENCODING not UTF-8 where text is compared as text; MEMORY.
 * Cost     wer: O(words of truth * words of estimate); others linear. */
EVH_MUST_USE evh_status evh_scorer_score(evh_scorer *scorer, evh_score *out, evh_view truth,
                                         evh_view estimate);

/* Adds what one unit did in one group, for one model, to that group's cells.
 *   cells   [evh_scorer_cell_count()], each grows by what this unit contributes
 *   values  [count * evh_scorer_width()], the scores of the unit's records in this group; none of
 *           them was skipped
 *   count   number of records; 0 adds nothing
 * Fails    RANGE a sum passes 63 bits: the cells are then not to be used; ARG a value that no score
 *          has. */
EVH_MUST_USE evh_status evh_scorer_reduce(const evh_scorer *scorer, int64_t *cells,
                                          const uint32_t *values, size_t count);

#endif
