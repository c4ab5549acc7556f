/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "evenhand/scoring/text.h"
#include "plan_internal.h"

bool evh_plan_take(evh_plan_context *context, void *out, size_t count, size_t size)
{
    evh_status status = evh_plan_arena_take(&context->plan->arena, out, count, size);
    if (status.code != EVH_OK && context->failure.code == EVH_OK)
        context->failure = status;
    return status.code == EVH_OK;
}

bool evh_plan_keep_text(evh_plan_context *context, evh_view text, char **out)
{
    evh_buffer scratch = evh_buffer_init(4 * (size_t)EVH_PLAN_BYTES_MAX);
    evh_view normal;
    char *kept = NULL;
    evh_status status = evh_text_nfc(&normal, &scratch, evh_view_trim(text));
    if (status.code != EVH_OK && context->failure.code == EVH_OK)
        context->failure = status;
    bool good = status.code == EVH_OK && evh_plan_take(context, &kept, normal.len + 1, 1);
    if (good) {
        if (normal.len > 0)
            memcpy(kept, normal.data, normal.len);
        *out = kept;
    }
    evh_buffer_clear(&scratch);
    return good;
}

static int compare_texts(const void *left, const void *right)
{
    const char *const *a = left;
    const char *const *b = right;
    return strcmp(*a, *b);
}

void evh_plan_sort_texts(char **texts, size_t count)
{
    qsort(texts, count, sizeof texts[0], compare_texts);
}
