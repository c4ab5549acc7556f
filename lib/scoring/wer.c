/* SPDX-License-Identifier: Apache-2.0 */
#include "scorer_internal.h"

/* The text as its words are compared: itself, or normalised into a buffer. */
static evh_status prepare(const evh_scorer *scorer, evh_view *out, evh_buffer *scratch,
                          evh_view text, const char *what)
{
    *out = text;
    if (scorer->wer.normalizer == EVH_NORMALIZER_NONE)
        return evh_ok();
    evh_buffer_truncate(scratch, 0);
    evh_status status = evh_normalize(scratch, scorer->wer.normalizer, text);
    if (status.code != EVH_OK)
        return evh_status_in(status, "the %s", what);
    *out = evh_buffer_view(scratch);
    return status;
}

static evh_status score_wer(evh_scorer *scorer, evh_score *out, evh_view truth, evh_view estimate)
{
    evh_status status = evh_ok();
    evh_view reference;
    evh_view hypothesis;
    evh_alignment_counts counts;
    EVH_TRY(prepare(scorer, &reference, &scorer->scratch[0], truth, "reference"));
    EVH_TRY(prepare(scorer, &hypothesis, &scorer->scratch[1], estimate, "hypothesis"));
    EVH_TRY(evh_align(scorer->workspace, &counts, reference, hypothesis, scorer->wer.alignment));
    out->values[EVH_WER_WORDS] = counts.correct + counts.substitutions + counts.deletions;
    out->values[EVH_WER_SUBSTITUTIONS] = counts.substitutions;
    out->values[EVH_WER_DELETIONS] = counts.deletions;
    out->values[EVH_WER_INSERTIONS] = counts.insertions;
    if (out->values[EVH_WER_WORDS] == 0 && scorer->wer.empty_reference == EVH_WER_EMPTY_SKIP)
        *out = (evh_score){.skipped = true};
done:
    return status;
}

/* A score's values are far below 2^31 and a unit's records below 2^21: their sums fit. */
static void sum_values(int64_t sums[EVH_WER_WIDTH], const uint32_t *values, size_t count)
{
    for (size_t i = 0; i < count; i++)
        for (size_t k = 0; k < EVH_WER_WIDTH; k++)
            sums[k] += values[EVH_WER_WIDTH * i + k];
}

static evh_status reduce_sdi(const evh_scorer *scorer, int64_t *cells, const uint32_t *values,
                             size_t count)
{
    (void)scorer;
    evh_status status = evh_ok();
    int64_t sums[EVH_WER_WIDTH] = {0};
    sum_values(sums, values, count);
    for (size_t k = 0; k < EVH_WER_WIDTH; k++)
        EVH_TRY(evh_cell_add(&cells[k], sums[k]));
done:
    return status;
}

static evh_status reduce_errors(const evh_scorer *scorer, int64_t *cells, const uint32_t *values,
                                size_t count)
{
    (void)scorer;
    evh_status status = evh_ok();
    int64_t sums[EVH_WER_WIDTH] = {0};
    sum_values(sums, values, count);
    EVH_TRY(evh_cell_add(&cells[0], sums[EVH_WER_WORDS]));
    EVH_TRY(evh_cell_add(&cells[1], sums[EVH_WER_SUBSTITUTIONS] + sums[EVH_WER_DELETIONS] +
                                        sums[EVH_WER_INSERTIONS]));
done:
    return status;
}

/* Errors per word in steps of 1/100, rounded half up, at most 1. Insertions alone make a rate of 1
 * out of no words. */
static int64_t rate_steps(int64_t words, int64_t errors)
{
    if (words == 0)
        return errors > 0 ? EVH_WER_RATE_STEPS : 0;
    if (errors >= words)
        return EVH_WER_RATE_STEPS;
    return (2 * EVH_WER_RATE_STEPS * errors + words) / (2 * words);
}

static evh_status reduce_unit(const evh_scorer *scorer, int64_t *cells, const uint32_t *values,
                              size_t count)
{
    (void)scorer;
    evh_status status = evh_ok();
    int64_t sums[EVH_WER_WIDTH] = {0};
    sum_values(sums, values, count);
    int64_t rate =
        rate_steps(sums[EVH_WER_WORDS], sums[EVH_WER_SUBSTITUTIONS] + sums[EVH_WER_DELETIONS] +
                                            sums[EVH_WER_INSERTIONS]);
    int64_t squared = (rate * rate + EVH_WER_RATE_STEPS / 2) / EVH_WER_RATE_STEPS;
    EVH_TRY(evh_cell_add(&cells[0], 1));
    EVH_TRY(evh_cell_add(&cells[1], rate));
    EVH_TRY(evh_cell_add(&cells[2], squared));
done:
    return status;
}

evh_status evh_wer_init(evh_scorer *scorer, const evh_wer_options *options)
{
    evh_status status = evh_ok();
    EVH_REQUIRE(options->average == EVH_WER_BY_UNIT || options->average == EVH_WER_BY_WORD,
                EVH_ERR_ARG, "unknown average %d", (int)options->average);
    EVH_REQUIRE(options->detail == EVH_WER_ERRORS || options->detail == EVH_WER_SDI, EVH_ERR_ARG,
                "unknown detail %d", (int)options->detail);
    EVH_REQUIRE(options->detail == EVH_WER_ERRORS || options->average == EVH_WER_BY_WORD,
                EVH_ERR_ARG, "detail sdi needs average word");
    EVH_REQUIRE(options->alignment == EVH_ALIGN_SCLITE ||
                    options->alignment == EVH_ALIGN_LEVENSHTEIN,
                EVH_ERR_ARG, "unknown alignment %d", (int)options->alignment);
    EVH_REQUIRE(options->empty_reference == EVH_WER_EMPTY_SKIP ||
                    options->empty_reference == EVH_WER_EMPTY_COUNT,
                EVH_ERR_ARG, "unknown rule %d for empty references", (int)options->empty_reference);
    EVH_TRY(evh_normalizer_check(options->normalizer));
    scorer->wer = *options;
    if (options->average == EVH_WER_BY_UNIT)
        scorer->row = &evh_wer_unit_row;
    else
        scorer->row = options->detail == EVH_WER_SDI ? &evh_wer_sdi_row : &evh_wer_errors_row;
    EVH_TRY(evh_align_workspace_new(&scorer->workspace));
done:
    return status;
}

const evh_scorer_kind_row evh_wer_unit_row = {
    .width = EVH_WER_WIDTH,
    .layout = EVH_CELLS_WER_UNITS,
    .cell_names = {"units", "rate_sum", "rate_squared_sum"},
    .score = score_wer,
    .reduce = reduce_unit};

const evh_scorer_kind_row evh_wer_errors_row = {.width = EVH_WER_WIDTH,
                                                .layout = EVH_CELLS_WER_ERRORS,
                                                .cell_names = {"words", "errors"},
                                                .score = score_wer,
                                                .reduce = reduce_errors};

const evh_scorer_kind_row evh_wer_sdi_row = {
    .width = EVH_WER_WIDTH,
    .layout = EVH_CELLS_WER_SDI,
    .cell_names = {"words", "substitutions", "deletions", "insertions"},
    .score = score_wer,
    .reduce = reduce_sdi};
