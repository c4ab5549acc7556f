/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "tests.h"

evh_scorer *make_scorer(const evh_scorer_options *options)
{
    evh_scorer *scorer = NULL;
    assert_ok(evh_scorer_new(&scorer, options));
    assert_non_null(scorer);
    return scorer;
}

evh_scorer *make_binary(void)
{
    const evh_view positive[] = {view_of_literal("1"), view_of_literal("yes")};
    const evh_scorer_options options = {.kind = EVH_SCORER_BINARY,
                                        .binary = {.positive = positive, .positive_count = 2}};
    return make_scorer(&options);
}

evh_score score_of(evh_scorer *scorer, const char *truth, const char *estimate)
{
    evh_score score;
    assert_ok(
        evh_scorer_score(scorer, &score, evh_view_of_text(truth), evh_view_of_text(estimate)));
    return score;
}

evh_decimal decimal_of(const char *text)
{
    evh_decimal value;
    assert_ok(evh_decimal_parse(evh_view_of_text(text), &value));
    return value;
}

uint32_t random_below(const evh_rng *rng, uint32_t bound)
{
    uint8_t bytes[4];
    assert_ok(evh_rng_fill(rng, bytes, sizeof bytes));
    uint32_t value;
    memcpy(&value, bytes, sizeof value);
    return value % bound;
}

static void append_letter(evh_buffer *out, const evh_rng *rng, uint32_t letters)
{
    assert_ok(evh_buffer_u8(out, (uint8_t)('a' + random_below(rng, letters))));
    assert_ok(evh_buffer_u8(out, ' '));
}

void random_words(evh_buffer *out, const evh_rng *rng, uint32_t letters, uint32_t longest)
{
    uint32_t count = random_below(rng, longest + 1);
    for (uint32_t i = 0; i < count; i++)
        append_letter(out, rng, letters);
}

void random_hypothesis(evh_buffer *out, const evh_rng *rng, evh_view reference, uint32_t letters)
{
    if (random_below(rng, 2) == 0) {
        random_words(out, rng, letters, 40);
        return;
    }
    uint32_t edits = 2 + random_below(rng, 30);
    for (size_t at = 0; at < reference.len; at += 2) {
        switch (random_below(rng, edits)) {
        case 0:
            break;
        case 1:
            append_letter(out, rng, letters);
            break;
        default:
            assert_ok(evh_buffer_append(out, evh_view_of(reference.data + at, 2)));
            if (random_below(rng, edits) == 0)
                append_letter(out, rng, letters);
        }
    }
}
