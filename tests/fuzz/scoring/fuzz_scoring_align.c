/* SPDX-License-Identifier: Apache-2.0
 * Alignment: any bytes give counts that fit the numbers of words, and short words out of few give
 * the counts of the slow reference. The first byte is the alignment and the number of letters, a
 * zero byte (or the end) parts reference and hypothesis. */
#include <string.h>

#include "../../unit/scoring/slow_align.h"
#include "evenhand/scoring/align.h"
#include "support/fuzz.h"

static uint32_t count_words(evh_view text)
{
    uint32_t words = 0;
    bool inside = false;
    for (size_t i = 0; i < text.len; i++) {
        bool space = text.data[i] == ' ' || (text.data[i] >= '\t' && text.data[i] <= '\r');
        words += !space && !inside;
        inside = !space;
    }
    return words;
}

static evh_alignment_counts align(evh_view reference, evh_view hypothesis, evh_alignment alignment)
{
    evh_align_workspace *workspace = NULL;
    evh_alignment_counts counts;
    evh_status status = evh_align_workspace_new(&workspace);
    FUZZ_CHECK(status.code == EVH_OK);
    status = evh_align(workspace, &counts, reference, hypothesis, alignment);
    FUZZ_CHECK(status.code == EVH_OK);
    evh_align_workspace_free(&workspace);
    return counts;
}

static void check_sums(evh_view reference, evh_view hypothesis, evh_alignment alignment)
{
    evh_alignment_counts counts = align(reference, hypothesis, alignment);
    FUZZ_CHECK(counts.correct + counts.substitutions + counts.deletions == count_words(reference));
    FUZZ_CHECK(counts.correct + counts.substitutions + counts.insertions ==
               count_words(hypothesis));
}

/* One word of one letter per byte. */
static void to_words(char out[2 * SLOW_ALIGN_WORDS_MAX + 1], evh_view bytes, unsigned letters)
{
    size_t count = bytes.len < SLOW_ALIGN_WORDS_MAX ? bytes.len : SLOW_ALIGN_WORDS_MAX;
    for (size_t i = 0; i < count; i++) {
        out[2 * i] = (char)('a' + bytes.data[i] % letters);
        out[2 * i + 1] = ' ';
    }
    out[2 * count] = '\0';
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    evh_alignment alignment = data[0] % 2 == 0 ? EVH_ALIGN_SCLITE : EVH_ALIGN_LEVENSHTEIN;
    unsigned letters = 1 + data[0] / 2U % 20;
    const uint8_t *zero = memchr(data + 1, 0, size - 1);
    size_t first = zero == NULL ? size - 1 : (size_t)(zero - data) - 1;
    size_t second = zero == NULL ? 0 : size - 2 - first;
    evh_view reference = evh_view_of(data + 1, first);
    evh_view hypothesis = evh_view_of(data + size - second, second);
    check_sums(reference, hypothesis, alignment);
    char left[2 * SLOW_ALIGN_WORDS_MAX + 1];
    char right[2 * SLOW_ALIGN_WORDS_MAX + 1];
    to_words(left, reference, letters);
    to_words(right, hypothesis, letters);
    evh_alignment_counts fast = align(evh_view_of_text(left), evh_view_of_text(right), alignment);
    evh_alignment_counts slow = slow_align(left, right, alignment);
    FUZZ_CHECK(memcmp(&fast, &slow, sizeof fast) == 0);
    return 0;
}
