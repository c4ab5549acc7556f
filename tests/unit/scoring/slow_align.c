/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "slow_align.h"

typedef struct cell {
    uint32_t cost;
    uint32_t substitutions;
    char step; /* 'd'iagonal, 'i'nsertion, 'x' deletion */
} cell;

static size_t split(char words[SLOW_ALIGN_WORDS_MAX][8], const char *text)
{
    size_t count = 0;
    while (*text != '\0') {
        size_t len = strcspn(text, " ");
        if (len == 0 || len >= 8 || count >= SLOW_ALIGN_WORDS_MAX)
            abort();
        memcpy(words[count], text, len);
        words[count][len] = '\0';
        count++;
        text += len;
        text += *text == ' ';
    }
    return count;
}

/* The cheapest of three; on a tie the diagonal step, then the insertion, then the deletion for
 * sclite; the fewest substitutions for Levenshtein. */
static cell choose(cell diagonal, cell insertion, cell deletion, evh_alignment alignment)
{
    cell best = diagonal;
    const cell others[] = {insertion, deletion};
    for (size_t i = 0; i < 2; i++) {
        bool fewer = alignment == EVH_ALIGN_LEVENSHTEIN && others[i].cost == best.cost &&
                     others[i].substitutions < best.substitutions;
        if (others[i].cost < best.cost || fewer)
            best = others[i];
    }
    return best;
}

static cell step_from(cell before, uint32_t cost, uint32_t substitutions, char step)
{
    return (cell){.cost = before.cost + cost,
                  .substitutions = before.substitutions + substitutions,
                  .step = step};
}

static evh_alignment_counts walk_back(cell (*table)[SLOW_ALIGN_WORDS_MAX + 1],
                                      char reference[SLOW_ALIGN_WORDS_MAX][8],
                                      char hypothesis[SLOW_ALIGN_WORDS_MAX][8], size_t i, size_t j)
{
    evh_alignment_counts counts = {0};
    while (i > 0 || j > 0) {
        switch (table[i][j].step) {
        case 'd':
            i--;
            j--;
            if (strcmp(reference[i], hypothesis[j]) == 0)
                counts.correct++;
            else
                counts.substitutions++;
            break;
        case 'i':
            j--;
            counts.insertions++;
            break;
        default:
            i--;
            counts.deletions++;
        }
    }
    return counts;
}

evh_alignment_counts slow_align(const char *reference, const char *hypothesis,
                                evh_alignment alignment)
{
    static const cell far = {.cost = UINT32_MAX / 2};
    uint32_t gap = alignment == EVH_ALIGN_SCLITE ? 3 : 1;
    uint32_t change = alignment == EVH_ALIGN_SCLITE ? 4 : 1;
    cell table[SLOW_ALIGN_WORDS_MAX + 1][SLOW_ALIGN_WORDS_MAX + 1];
    char left[SLOW_ALIGN_WORDS_MAX][8];
    char right[SLOW_ALIGN_WORDS_MAX][8];
    size_t rows = split(left, reference);
    size_t columns = split(right, hypothesis);
    table[0][0] = (cell){0};
    for (size_t i = 0; i <= rows; i++) {
        for (size_t j = 0; j <= columns; j++) {
            if (i == 0 && j == 0)
                continue;
            bool equal = i > 0 && j > 0 && strcmp(left[i - 1], right[j - 1]) == 0;
            cell diagonal = i > 0 && j > 0 ? step_from(table[i - 1][j - 1], equal ? 0 : change,
                                                       equal ? 0 : 1, 'd')
                                           : far;
            cell insertion = j > 0 ? step_from(table[i][j - 1], gap, 0, 'i') : far;
            cell deletion = i > 0 ? step_from(table[i - 1][j], gap, 0, 'x') : far;
            table[i][j] = choose(diagonal, insertion, deletion, alignment);
        }
    }
    return walk_back(table, left, right, rows, columns);
}
