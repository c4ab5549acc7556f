/* SPDX-License-Identifier: Apache-2.0 */
#include "evenhand/scoring/scorer.h"

#include <stdlib.h>

#include "evenhand/base/sizes.h"
#include "scorer_internal.h"

static evh_status init_kind(evh_scorer *scorer, const evh_scorer_options *options)
{
    switch (options->kind) {
    case EVH_SCORER_BINARY:
        return evh_binary_init(scorer, &options->binary);
    case EVH_SCORER_MULTICLASS:
        return evh_multiclass_init(scorer, &options->multiclass);
    case EVH_SCORER_WER:
        return evh_wer_init(scorer, &options->wer);
    case EVH_SCORER_REGRESSION:
        return evh_regression_init(scorer, &options->regression);
    case EVH_SCORER_EVENT:
        return evh_event_init(scorer, &options->binary);
    }
    return evh_fail(EVH_ERR_ARG, "unknown scorer %d", (int)options->kind);
}

evh_status evh_scorer_new(evh_scorer **out, const evh_scorer_options *options)
{
    evh_status status = evh_ok();
    evh_scorer *scorer = NULL;
    *out = NULL;
    EVH_TRY(evh_alloc(&scorer, 1, sizeof *scorer, "a scorer"));
    scorer->scratch[0] = evh_buffer_init(SIZE_MAX);
    scorer->scratch[1] = evh_buffer_init(SIZE_MAX);
    EVH_TRY(init_kind(scorer, options));
    scorer->cell_count = evh_cell_layout_count(scorer->row->layout, scorer->values.count);
    *out = scorer;
    scorer = NULL;
done:
    evh_scorer_free(&scorer);
    return status;
}

void evh_scorer_free(evh_scorer **scorer)
{
    evh_scorer *old = *scorer;
    if (old == NULL)
        return;
    evh_buffer_clear(&old->scratch[1]);
    evh_buffer_clear(&old->scratch[0]);
    evh_align_workspace_free(&old->workspace);
    evh_value_set_clear(&old->values);
    free(old->cell_names);
    free(old->names);
    free(old);
    *scorer = NULL;
}

size_t evh_scorer_width(const evh_scorer *scorer)
{
    return scorer->row->width;
}

size_t evh_scorer_cell_count(const evh_scorer *scorer)
{
    return scorer->cell_count;
}

evh_cell_layout evh_scorer_layout(const evh_scorer *scorer)
{
    return scorer->row->layout;
}

const char *evh_scorer_cell_name(const evh_scorer *scorer, size_t cell)
{
    return scorer->cell_names != NULL ? scorer->cell_names[cell] : scorer->row->cell_names[cell];
}

evh_status evh_scorer_score(evh_scorer *scorer, evh_score *out, evh_view truth, evh_view estimate)
{
    *out = (evh_score){0};
    evh_status status = scorer->row->score(scorer, out, truth, estimate);
    if (status.code != EVH_OK)
        *out = (evh_score){0};
    return status;
}

evh_status evh_scorer_reduce(const evh_scorer *scorer, int64_t *cells, const uint32_t *values,
                             size_t count)
{
    return count == 0 ? evh_ok() : scorer->row->reduce(scorer, cells, values, count);
}

evh_status evh_cell_add(int64_t *cell, int64_t amount)
{
    if (!evh_i64_add(*cell, amount, cell))
        return evh_fail(EVH_ERR_RANGE, "a count passes 63 bits");
    return evh_ok();
}
