/* SPDX-License-Identifier: Apache-2.0
 * From a raw text of the data to the value it means: millions of times per run, so a listed value
 * is found by hashing and nothing is allocated for ASCII. */
#include <string.h>

#include "evenhand/scoring/text.h"
#include "plan_internal.h"

/* FNV-1a. The tables hold a plan's own values; a chosen text can at worst walk through them. */
static size_t hash_text(evh_view text)
{
    uint64_t hash = 0xcbf29ce484222325U;
    for (size_t i = 0; i < text.len; i++)
        hash = (hash ^ text.data[i]) * 0x100000001b3U;
    return (size_t)(hash ^ hash >> 32);
}

size_t evh_plan_lookup_find(const evh_plan_lookup *lookup, const char *const *values, size_t count,
                            evh_view text)
{
    if (lookup->slots == NULL)
        return count;
    for (size_t at = hash_text(text) & lookup->mask; lookup->slots[at] != 0;
         at = (at + 1) & lookup->mask) {
        size_t index = lookup->slots[at] - 1;
        if (evh_view_equal(evh_view_of_text(values[index]), text))
            return index;
    }
    return count;
}

bool evh_plan_lookup_build(evh_plan_context *context, evh_plan_lookup *lookup,
                           const char *const *values, size_t count, size_t *twice)
{
    size_t size = 8;
    *twice = SIZE_MAX;
    lookup->slots = NULL;
    while (size < 2 * count)
        size *= 2;
    lookup->mask = size - 1;
    if (!evh_plan_take(context, &lookup->slots, size, sizeof lookup->slots[0]))
        return false;
    for (size_t i = 0; i < count; i++) {
        evh_view text = evh_view_of_text(values[i]);
        if (evh_plan_lookup_find(lookup, values, count, text) != count) {
            *twice = i;
            return false;
        }
        size_t at = hash_text(text) & lookup->mask;
        while (lookup->slots[at] != 0)
            at = (at + 1) & lookup->mask;
        lookup->slots[at] = (uint32_t)(i + 1);
    }
    return true;
}

/* The band that holds the number, or value_count when it lies outside all or is no number. */
static size_t find_band(const evh_plan_attribute *attribute, evh_view text)
{
    evh_decimal number;
    bool cut = false;
    size_t low = 0;
    size_t high = attribute->value_count + 1; /* edges[low] <= number < edges[high] is sought */
    evh_status status = evh_decimal_parse_cut(text, &number, &cut);
    if (status.code != EVH_OK || evh_decimal_compare_cut(number, cut, attribute->edges[0]) < 0)
        return attribute->value_count;
    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;
        if (evh_decimal_compare_cut(number, cut, attribute->edges[middle]) < 0)
            high = middle;
        else
            low = middle;
    }
    return low; /* the last edge is value_count, and that is _other */
}

static evh_status own_value(const evh_plan *plan, size_t index, evh_view text, evh_buffer *scratch,
                            size_t *value)
{
    const evh_plan_attribute *attribute = &plan->terms.attributes[index];
    evh_view normal;
    evh_status status = evh_ok();
    *value = attribute->value_count;
    EVH_TRY(evh_text_nfc(&normal, scratch, text));
    if (attribute->kind == EVH_PLAN_BANDS)
        *value = find_band(attribute, normal);
    else
        *value = evh_plan_lookup_find(&plan->lookups[index], attribute->values,
                                      attribute->value_count, normal);
done:
    return status;
}

/* The value of a mapped attribute that follows from a value of its source. */
static size_t mapped_value(const evh_plan *plan, const evh_plan_attribute *attribute, size_t value)
{
    size_t declared = plan->terms.attributes[attribute->from].value_count;
    if (value < declared)
        return attribute->map[value];
    return attribute->value_count + (value - declared);
}

evh_status evh_plan_value_of(const evh_plan *plan, size_t attribute, evh_view text,
                             evh_buffer *scratch, size_t *value)
{
    const evh_plan_attribute *known = &plan->terms.attributes[attribute];
    evh_view trimmed = evh_view_trim(text);
    if (trimmed.len == 0) {
        *value = known->value_count + 1;
        return evh_ok();
    }
    if (known->kind != EVH_PLAN_MAPPED)
        return own_value(plan, attribute, trimmed, scratch, value);
    evh_status status = own_value(plan, known->from, trimmed, scratch, value);
    *value = mapped_value(plan, known, *value);
    return status;
}

size_t evh_plan_value_count(const evh_plan *plan, size_t attribute)
{
    return plan->terms.attributes[attribute].value_count + 2;
}

const char *evh_plan_value_name(const evh_plan *plan, size_t attribute, size_t value)
{
    const evh_plan_attribute *known = &plan->terms.attributes[attribute];
    if (value < known->value_count)
        return known->values[value];
    return value == known->value_count ? EVH_PLAN_OTHER : EVH_PLAN_MISSING;
}

size_t evh_plan_value_from(const evh_plan *plan, size_t attribute, size_t source_value)
{
    return mapped_value(plan, &plan->terms.attributes[attribute], source_value);
}
