/* SPDX-License-Identifier: Apache-2.0 */
#include "evenhand/input/trn.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "evenhand/base/sizes.h"
#include "text_internal.h"

/* Splits "words (id)". False when there is no id at the end. */
static bool split_line(evh_view line, evh_input_utterance *out)
{
    if (line.len < 3 || line.data[line.len - 1] != ')')
        return false;
    size_t open = line.len - 1;
    while (open > 0 && line.data[open] != '(')
        open--;
    if (line.data[open] != '(')
        return false;
    out->id = evh_view_trim(evh_view_of(line.data + open + 1, line.len - open - 2));
    out->words = evh_view_trim(evh_view_of(line.data, open));
    return out->id.len > 0;
}

static evh_status parse_lines(evh_input_trn *trn, evh_view text)
{
    evh_status status = evh_ok();
    size_t capacity = 0;
    uint64_t number = 0;
    while (text.len > 0) {
        const uint8_t *newline = memchr(text.data, '\n', text.len);
        size_t len = newline == NULL ? text.len : (size_t)(newline - text.data);
        evh_view line = evh_view_trim(evh_view_of(text.data, len));
        len += newline == NULL ? 0 : 1;
        text = evh_view_of(text.data + len, text.len - len);
        number++;
        if (line.len == 0)
            continue;
        EVH_TRY(evh_array_reserve(&trn->utterances, &capacity, trn->count + 1,
                                  sizeof *trn->utterances, "utterances"));
        evh_input_utterance *utterance = &trn->utterances[trn->count];
        EVH_REQUIRE(split_line(line, utterance), EVH_ERR_INPUT,
                    "line %" PRIu64 ": no \"(utterance_id)\" at the end", number);
        utterance->line = number;
        trn->count++;
    }

done:
    return status;
}

static int compare_ids(const void *left, const void *right)
{
    const evh_input_utterance *const *a = left;
    const evh_input_utterance *const *b = right;
    return evh_view_compare((*a)->id, (*b)->id);
}

static evh_status sort_by_id(evh_input_trn *trn)
{
    evh_status status = evh_ok();
    EVH_TRY(evh_alloc(&trn->by_id, trn->count, sizeof *trn->by_id, "utterances"));
    for (size_t i = 0; i < trn->count; i++)
        trn->by_id[i] = &trn->utterances[i];
    qsort(trn->by_id, trn->count, sizeof *trn->by_id, compare_ids);
    for (size_t i = 1; i < trn->count; i++)
        EVH_REQUIRE(!evh_view_equal(trn->by_id[i - 1]->id, trn->by_id[i]->id), EVH_ERR_INPUT,
                    "lines %" PRIu64 " and %" PRIu64 " have the same utterance id",
                    trn->by_id[i - 1]->line, trn->by_id[i]->line);

done:
    return status;
}

evh_status evh_input_trn_parse(evh_input_trn *out, evh_view text)
{
    evh_status status = evh_ok();
    *out = (evh_input_trn){.utterances = NULL, .by_id = NULL, .count = 0};
    EVH_TRY(evh_input_text_check(&text));
    EVH_TRY(parse_lines(out, text));
    EVH_REQUIRE(out->count > 0, EVH_ERR_INPUT, "no utterance in it");
    EVH_TRY(sort_by_id(out));

done:
    if (status.code != EVH_OK)
        evh_input_trn_clear(out);
    return status;
}

void evh_input_trn_clear(evh_input_trn *trn)
{
    free(trn->utterances);
    free(trn->by_id);
    *trn = (evh_input_trn){.utterances = NULL, .by_id = NULL, .count = 0};
}

const evh_input_utterance *evh_input_trn_find(const evh_input_trn *trn, evh_view id)
{
    size_t low = 0;
    size_t high = trn->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = evh_view_compare(trn->by_id[middle]->id, id);
        if (order == 0)
            return trn->by_id[middle];
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}
