/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "evenhand/base/sizes.h"
#include "evenhand/scoring/text.h"
#include "measure_internal.h"

enum { MEMORY_SLOTS = 1024, REMEMBERED_BYTES_MAX = 48, SCRATCH_BYTES_MAX = 8 << 20 };

/* Columns repeat few texts many times: one comparison instead of trimming, normalising and looking
 * up. A text that falls into a taken slot replaces what was there. */
typedef struct remembered {
    uint8_t text[REMEMBERED_BYTES_MAX];
    uint32_t len;
    uint32_t value; /* value + 1; 0: empty slot */
} remembered;

struct evh_value_memory {
    remembered slots[MEMORY_SLOTS];
};

/* From the length and the first and last bytes; only speed hangs on it. */
static size_t slot_of(evh_view text)
{
    uint64_t first = 0;
    uint64_t last = 0;
    size_t len = text.len < sizeof first ? text.len : sizeof first;
    if (len > 0) {
        memcpy(&first, text.data, len);
        memcpy(&last, text.data + text.len - len, len);
    }
    uint64_t hash = (first ^ (last << 7 | last >> 57) ^ text.len) * 0x9e3779b97f4a7c15U;
    return (size_t)(hash >> 32) % MEMORY_SLOTS;
}

evh_status evh_measure_values_init(evh_measure_values *out, const evh_plan *plan,
                                   const evh_records *records, evh_input_spellings **spellings)
{
    evh_status status = evh_ok();
    *out = (evh_measure_values){.plan = plan,
                                .records = records,
                                .spellings = spellings,
                                .scratch = evh_buffer_init(SCRATCH_BYTES_MAX)};
    EVH_TRY(evh_alloc(&out->memories, records->attribute_count, sizeof *out->memories,
                      "values of attributes"));
    out->count = records->attribute_count;
    for (size_t i = 0; i < out->count; i++)
        if (records->attributes[i] != EVH_RECORDS_NO_COLUMN)
            EVH_TRY(evh_alloc(&out->memories[i], 1, sizeof **out->memories, "spellings"));

done:
    return status;
}

void evh_measure_values_clear(evh_measure_values *values)
{
    for (size_t i = 0; i < values->count; i++)
        free(values->memories[i]);
    free(values->memories);
    evh_buffer_clear(&values->scratch);
    values->memories = NULL;
    values->count = 0;
}

/* The customer's own mapping first, then the plan's values. */
static evh_status look_up(evh_measure_values *values, size_t *out, size_t attribute, evh_view text)
{
    evh_status status = evh_ok();
    const evh_plan_attribute *meant = &evh_plan_terms_of(values->plan)->attributes[attribute];
    const evh_config_data *config = values->records->config;
    const char *to = NULL;
    evh_view normal = evh_view_of(NULL, 0);
    if (config != NULL && config->value_count > 0) {
        EVH_TRY(evh_text_nfc(&normal, &values->scratch, evh_view_trim(text)));
        to = evh_config_find_value(config, evh_view_of_text(meant->name), normal);
    }
    if (to != NULL && strcmp(to, EVH_PLAN_MISSING) == 0)
        *out = meant->value_count + 1;
    else
        EVH_TRY(evh_plan_value_of(values->plan, attribute, to != NULL ? evh_view_of_text(to) : text,
                                  &values->scratch, out));

done:
    return status;
}

static bool recall(const remembered *slot, size_t *out, evh_view text)
{
    if (slot->value == 0 || slot->len != text.len ||
        (text.len > 0 && memcmp(slot->text, text.data, text.len) != 0))
        return false;
    *out = slot->value - 1;
    return true;
}

static void remember(remembered *slot, size_t value, evh_view text)
{
    if (text.len > 0)
        memcpy(slot->text, text.data, text.len);
    slot->len = (uint32_t)text.len;
    slot->value = (uint32_t)value + 1;
}

static evh_status value_of(evh_measure_values *values, size_t *out, size_t attribute, evh_view text)
{
    evh_status status = evh_ok();
    if (text.len > REMEMBERED_BYTES_MAX)
        return look_up(values, out, attribute, text);
    remembered *slot = &values->memories[attribute]->slots[slot_of(text)];
    if (recall(slot, out, text))
        return status;
    EVH_TRY(look_up(values, out, attribute, text));
    remember(slot, *out, text);

done:
    return status;
}

static evh_status count_spelling(evh_measure_values *values, size_t attribute, size_t value,
                                 evh_view text)
{
    size_t declared = evh_plan_terms_of(values->plan)->attributes[attribute].value_count;
    if (value == declared)
        return evh_input_spellings_add_other(values->spellings[attribute], evh_view_trim(text));
    if (value < declared)
        values->known[attribute]++;
    else
        values->missing[attribute]++;
    return evh_ok();
}

void evh_measure_values_end(evh_measure_values *values)
{
    for (size_t i = 0; i < values->count; i++) {
        if (values->spellings[i] == NULL)
            continue;
        evh_input_spellings_add_known(values->spellings[i], values->known[i]);
        evh_input_spellings_add_missing(values->spellings[i], values->missing[i]);
        values->known[i] = 0;
        values->missing[i] = 0;
    }
}

/* _other and _missing of the attribute it is made from stay what they are. */
static size_t made_from(const evh_plan_terms *terms, size_t attribute, const size_t *values)
{
    const evh_plan_attribute *made = &terms->attributes[attribute];
    const evh_plan_attribute *from = &terms->attributes[made->from];
    size_t value = values[made->from];
    if (value < from->value_count)
        return made->map[value];
    return made->value_count + (value - from->value_count);
}

evh_status evh_measure_values_of(evh_measure_values *values, size_t *out, const evh_view *row)
{
    evh_status status = evh_ok();
    const evh_plan_terms *terms = evh_plan_terms_of(values->plan);
    for (size_t i = 0; i < values->count; i++) {
        uint32_t column = values->records->attributes[i];
        if (column == EVH_RECORDS_NO_COLUMN)
            continue;
        EVH_TRY(value_of(values, &out[i], i, row[column]));
    }
    for (size_t i = 0; i < values->count; i++)
        if (values->records->attributes[i] == EVH_RECORDS_NO_COLUMN)
            out[i] = made_from(terms, i, out);

done:
    return status;
}

evh_status evh_measure_values_count(evh_measure_values *values, const size_t *found,
                                    const evh_view *row)
{
    evh_status status = evh_ok();
    for (size_t i = 0; i < values->count; i++) {
        uint32_t column = values->records->attributes[i];
        if (column != EVH_RECORDS_NO_COLUMN)
            EVH_TRY(count_spelling(values, i, found[i], row[column]));
    }

done:
    return status;
}
