/* SPDX-License-Identifier: Apache-2.0 */
#include "evenhand/scoring/align.h"

#include <stdlib.h>
#include <string.h>

#include "evenhand/base/sizes.h"
#include "words_internal.h"

/* A cell of the alignment table is one number: the cost, then the rank of the step that led here,
 * then the substitutions on the path. The smallest number is the cheapest path, ties decided by
 * rank (0 diagonal, 1 insertion, 2 deletion). The rank is cleared before the cell is used again.
 * The other counts follow from the substitutions, the cost and the numbers of words. */
enum { SUBSTITUTION_BITS = 20, RANK_BITS = 2, COST_SHIFT = SUBSTITUTION_BITS + RANK_BITS };

static const uint64_t rank_mask = (uint64_t)3 << SUBSTITUTION_BITS;
static const uint64_t unreachable = UINT64_MAX >> 2;

_Static_assert((1 << SUBSTITUTION_BITS) > EVH_ALIGN_WORDS_MAX, "substitutions fit their bits");

/* What one step of each kind adds to a cell. */
typedef struct step_keys {
    uint64_t substitution;
    uint64_t insertion;
    uint64_t deletion;
    uint64_t gap_cost; /* of one insertion or deletion */
} step_keys;

struct evh_align_workspace {
    evh_word_table words;
    evh_word_list reference;
    evh_word_list hypothesis;
    uint64_t *row; /* one more than the words of the hypothesis */
    size_t row_capacity;
};

evh_status evh_align_workspace_new(evh_align_workspace **out)
{
    return evh_alloc(out, 1, sizeof **out, "an alignment workspace");
}

void evh_align_workspace_free(evh_align_workspace **workspace)
{
    evh_align_workspace *old = *workspace;
    if (old == NULL)
        return;
    evh_word_table_clear(&old->words);
    evh_word_list_clear(&old->reference);
    evh_word_list_clear(&old->hypothesis);
    free(old->row);
    free(old);
    *workspace = NULL;
}

static evh_status steps_of(evh_alignment alignment, step_keys *out)
{
    const uint64_t cost = (uint64_t)1 << COST_SHIFT;
    const uint64_t rank = (uint64_t)1 << SUBSTITUTION_BITS;
    switch (alignment) {
    case EVH_ALIGN_SCLITE:
        *out = (step_keys){.substitution = 4 * cost + 1,
                           .insertion = 3 * cost + rank,
                           .deletion = 3 * cost + 2 * rank,
                           .gap_cost = 3};
        return evh_ok();
    case EVH_ALIGN_LEVENSHTEIN:
        /* Without ranks the fewest substitutions decide, which means the most correct words. */
        *out = (step_keys){
            .substitution = cost + 1, .insertion = cost, .deletion = cost, .gap_cost = 1};
        return evh_ok();
    }
    return evh_fail(EVH_ERR_ARG, "unknown alignment %d", (int)alignment);
}

static uint64_t smaller(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

/* Fills the table row by row within `width` cells of the band that leads from corner to corner, and
 * gives its last cell. Row and column 0 are the empty texts. */
static uint64_t fill_band(evh_align_workspace *workspace, const step_keys *steps, size_t rows,
                          size_t columns, size_t width)
{
    uint64_t *row = workspace->row;
    const uint32_t *reference = workspace->reference.ids;
    const uint32_t *hypothesis = workspace->hypothesis.ids;
    size_t below = (rows > columns ? rows - columns : 0) + width;
    size_t above = (columns > rows ? columns - rows : 0) + width;
    row[0] = 0;
    for (size_t j = 1; j <= columns; j++)
        row[j] = j <= above ? (row[j - 1] + steps->insertion) & ~rank_mask : unreachable;
    for (size_t i = 1; i <= rows; i++) {
        size_t first = i > below ? i - below : 1;
        size_t last = i + above < columns ? i + above : columns;
        uint64_t diagonal = row[first - 1];
        uint64_t left = unreachable;
        if (i <= below)
            left = (row[0] + steps->deletion) & ~rank_mask;
        row[first - 1] = left;
        uint32_t word = reference[i - 1];
        for (size_t j = first; j <= last; j++) {
            uint64_t up = row[j];
            uint64_t match = diagonal + (hypothesis[j - 1] == word ? 0 : steps->substitution);
            uint64_t gap = smaller(left + steps->insertion, up + steps->deletion);
            left = smaller(match, gap) & ~rank_mask;
            row[j] = left;
            diagonal = up;
        }
    }
    return row[columns];
}

/* The last cell of the whole table. A path that leaves a band of this width needs at least
 * 2 * (width + 1) gaps more than the corners are apart; when the best path inside costs less than
 * that, every cheapest path lies inside, and with them every tie that decides between them. */
static uint64_t fill_table(evh_align_workspace *workspace, const step_keys *steps, size_t rows,
                           size_t columns)
{
    size_t apart = rows > columns ? rows - columns : columns - rows;
    size_t longest = rows > columns ? rows : columns;
    for (size_t width = 8;; width *= 2) {
        uint64_t last = fill_band(workspace, steps, rows, columns, width);
        uint64_t outside = steps->gap_cost * (apart + 2 * (width + 1));
        if (width >= longest || (last >> COST_SHIFT) < outside)
            return last;
    }
}

/* Equal words at the end are aligned with each other by every cheapest path that the tie-breaks
 * choose: neighbouring cells differ by at most one gap, so the diagonal step, which is free there,
 * is never dearer than a gap, and it wins ties. The same does not hold at the beginning. */
static size_t common_end(const evh_word_list *a, const evh_word_list *b)
{
    size_t shorter = a->count < b->count ? a->count : b->count;
    size_t common = 0;
    while (common < shorter && a->ids[a->count - 1 - common] == b->ids[b->count - 1 - common])
        common++;
    return common;
}

static evh_status count_steps(evh_align_workspace *workspace, evh_alignment_counts *out,
                              const step_keys *steps)
{
    size_t common = common_end(&workspace->reference, &workspace->hypothesis);
    size_t rows = workspace->reference.count - common;
    size_t columns = workspace->hypothesis.count - common;
    if (columns + 1 > workspace->row_capacity) {
        evh_status status = evh_array_reserve(&workspace->row, &workspace->row_capacity,
                                              columns + 1, sizeof *workspace->row, "an alignment");
        if (status.code != EVH_OK)
            return status;
    }
    uint64_t last = fill_table(workspace, steps, rows, columns);
    uint64_t cost = last >> COST_SHIFT;
    uint64_t substitutions = last & (((uint64_t)1 << SUBSTITUTION_BITS) - 1);
    uint64_t substitution_cost = steps->substitution >> COST_SHIFT;
    uint64_t gaps = (cost - substitution_cost * substitutions) / steps->gap_cost;
    out->substitutions = (uint32_t)substitutions;
    out->deletions = (uint32_t)((gaps + rows - columns) / 2);
    out->insertions = (uint32_t)((gaps + columns - rows) / 2);
    out->correct = (uint32_t)(workspace->reference.count - substitutions - out->deletions);
    return evh_ok();
}

evh_status evh_align(evh_align_workspace *workspace, evh_alignment_counts *out, evh_view reference,
                     evh_view hypothesis, evh_alignment alignment)
{
    evh_status status = evh_ok();
    *out = (evh_alignment_counts){0};
    step_keys steps = {0};
    EVH_TRY(steps_of(alignment, &steps));
    evh_word_table_start(&workspace->words);
    EVH_TRY(evh_word_list_split(&workspace->reference, &workspace->words, reference,
                                EVH_ALIGN_WORDS_MAX));
    EVH_TRY(evh_word_list_split(&workspace->hypothesis, &workspace->words, hypothesis,
                                EVH_ALIGN_WORDS_MAX));
    EVH_TRY(count_steps(workspace, out, &steps));
done:
    return status;
}
