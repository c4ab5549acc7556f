/* SPDX-License-Identifier: Apache-2.0 */
#include "values_internal.h"

#include <stdlib.h>

#include "evenhand/base/sizes.h"
#include "evenhand/scoring/text.h"

static int compare_entries(const void *a, const void *b)
{
    const evh_value_entry *left = a;
    const evh_value_entry *right = b;
    return evh_view_compare(left->text, right->text);
}

evh_status evh_value_read(evh_view *out, evh_buffer *scratch, evh_view raw, const char *what)
{
    *out = evh_view_trim(raw);
    if (out->len == 0)
        return evh_fail(EVH_ERR_INPUT, "the %s is empty", what);
    evh_status status = evh_text_nfc(out, scratch, *out);
    return status.code == EVH_OK ? status : evh_status_in(status, "the %s", what);
}

static evh_status copy_values(evh_value_set *set, evh_buffer *all, const evh_view *values,
                              const char *what)
{
    evh_status status = evh_ok();
    evh_buffer scratch = evh_buffer_init(SIZE_MAX);
    for (size_t i = 0; i < set->count; i++) {
        EVH_REQUIRE(evh_view_trim(values[i]).len > 0, EVH_ERR_ARG, "%s %zu is empty", what, i + 1);
        evh_view value;
        EVH_TRY(evh_value_read(&value, &scratch, values[i], what));
        set->sorted[i] = (evh_value_entry){.text = evh_view_of(NULL, value.len), .index = i};
        EVH_TRY(evh_buffer_append(all, value));
    }
done:
    evh_buffer_clear(&scratch);
    return status;
}

evh_status evh_value_set_init(evh_value_set *set, const evh_view *values, size_t count,
                              const char *what)
{
    evh_status status = evh_ok();
    evh_buffer all = evh_buffer_init(SIZE_MAX);
    size_t at = 0;
    *set = (evh_value_set){.count = count};
    EVH_TRY(evh_alloc(&set->sorted, count, sizeof *set->sorted, what));
    EVH_TRY(copy_values(set, &all, values, what));
    set->bytes = all.data;
    all.data = NULL;
    all.capacity = 0;
    for (size_t i = 0; i < count; i++) {
        set->sorted[i].text.data = set->bytes + at;
        at += set->sorted[i].text.len;
    }
    qsort(set->sorted, count, sizeof *set->sorted, compare_entries);
    for (size_t i = 1; i < count; i++)
        EVH_REQUIRE(compare_entries(&set->sorted[i - 1], &set->sorted[i]) != 0, EVH_ERR_ARG,
                    "a %s occurs twice", what);
done:
    if (status.code != EVH_OK)
        evh_value_set_clear(set);
    evh_buffer_clear(&all);
    return status;
}

void evh_value_set_clear(evh_value_set *set)
{
    free(set->sorted);
    free(set->bytes);
    *set = (evh_value_set){0};
}

bool evh_value_set_find(const evh_value_set *set, evh_view value, size_t *index)
{
    size_t low = 0;
    size_t high = set->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = evh_view_compare(value, set->sorted[middle].text);
        if (order == 0) {
            *index = set->sorted[middle].index;
            return true;
        }
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return false;
}
