/* SPDX-License-Identifier: Apache-2.0
 * Where the records are, and how their columns and values are called. */
#include <stdlib.h>
#include <string.h>

#include "config_internal.h"
#include "evenhand/base/sizes.h"
#include "evenhand/scoring/text.h"

static bool read_text(evh_config_context *context, const evh_yaml_node *node, const char *what,
                      size_t most, const char **out)
{
    evh_view text;
    if (!evh_yaml_read_text(node, what, 1, most, &text, context->diagnostics))
        return false;
    *out = (const char *)text.data;
    return true;
}

static void add_column(evh_config_context *context, const char *role, const char *model,
                       const evh_yaml_node *node)
{
    evh_config_data *data = &context->config->data;
    const char *column = NULL;
    if (!read_text(context, node, role, EVH_CONFIG_COLUMN_BYTES_MAX, &column))
        return;
    if (data->column_count == EVH_CONFIG_COLUMNS_MAX) {
        evh_yaml_wrong(node, context->diagnostics, NULL, "more than %d columns",
                       EVH_CONFIG_COLUMNS_MAX);
        return;
    }
    if (!evh_config_keep(
            context, evh_array_reserve(&data->columns, &context->config->storage->column_capacity,
                                       data->column_count + 1, sizeof *data->columns, "columns")))
        return;
    data->columns[data->column_count++] =
        (evh_config_column){.role = role, .model = model, .column = column};
}

static void read_columns(evh_config_context *context, const evh_yaml_node *node)
{
    if (node == NULL)
        return;
    if (evh_yaml_kind_of(node) != EVH_YAML_MAP) {
        evh_yaml_wrong(node, context->diagnostics, "columns: {unit: speaker_id}",
                       "columns is not a map from roles to the file's columns");
        return;
    }
    for (size_t i = 0; i < evh_yaml_count(node); i++) {
        const evh_yaml_node *item = evh_yaml_item(node, i);
        const char *role = NULL;
        if (!evh_config_read_term(context, evh_yaml_key(node, i), "a role", &role))
            continue;
        if (evh_yaml_kind_of(item) == EVH_YAML_MAP && evh_yaml_count(item) == 0)
            evh_yaml_wrong(item, context->diagnostics, "a column, or {model: column}",
                           "%s names no column", role);
        if (evh_yaml_kind_of(item) != EVH_YAML_MAP) {
            add_column(context, role, NULL, item);
            continue;
        }
        for (size_t m = 0; m < evh_yaml_count(item); m++) {
            const char *model = NULL;
            if (evh_config_read_term(context, evh_yaml_key(item, m), "a model", &model))
                add_column(context, role, model, evh_yaml_item(item, m));
        }
    }
}

static bool keep_spelling(evh_config_context *context, const evh_yaml_node *node, const char *what,
                          const char **out)
{
    static const evh_config_text_rule rule = {.most = EVH_CONFIG_SPELLING_BYTES_MAX,
                                              .blank =
                                                  "an empty value is _missing without a mapping"};
    return evh_config_normal_text(context, node, what, &rule, out);
}

static void add_value(evh_config_context *context, const char *attribute, const evh_yaml_node *from,
                      const evh_yaml_node *to)
{
    evh_config_data *data = &context->config->data;
    evh_config_value value = {.attribute = attribute, .from = NULL, .to = NULL};
    if (data->value_count == EVH_CONFIG_VALUES_MAX) {
        evh_yaml_wrong(from, context->diagnostics, NULL, "more than %d mapped spellings",
                       EVH_CONFIG_VALUES_MAX);
        return;
    }
    if (!keep_spelling(context, from, "a spelling", &value.from) ||
        !keep_spelling(context, to, "a value", &value.to) ||
        !evh_config_keep(context,
                         evh_array_reserve(&data->values, &context->config->storage->value_capacity,
                                           data->value_count + 1, sizeof *data->values, "values")))
        return;
    data->values[data->value_count++] = value;
}

static int compare_values(const void *left, const void *right)
{
    const evh_config_value *a = left;
    const evh_config_value *b = right;
    int order = strcmp(a->attribute, b->attribute);
    return order != 0 ? order : strcmp(a->from, b->from);
}

static void read_values(evh_config_context *context, const evh_yaml_node *node)
{
    static const char right[] = "values: {accent: {\"British English\": english_uk}}";
    evh_config_data *data = &context->config->data;
    if (node == NULL)
        return;
    if (evh_yaml_kind_of(node) != EVH_YAML_MAP) {
        evh_yaml_wrong(node, context->diagnostics, right, "values is not a map of attributes");
        return;
    }
    for (size_t i = 0; i < evh_yaml_count(node); i++) {
        const evh_yaml_node *map = evh_yaml_item(node, i);
        const char *attribute = NULL;
        if (!evh_config_read_term(context, evh_yaml_key(node, i), "an attribute", &attribute))
            continue;
        if (evh_yaml_kind_of(map) != EVH_YAML_MAP)
            evh_yaml_wrong(map, context->diagnostics, right, "%s is not a map of spellings",
                           attribute);
        for (size_t v = 0; evh_yaml_kind_of(map) == EVH_YAML_MAP && v < evh_yaml_count(map); v++)
            add_value(context, attribute, evh_yaml_key(map, v), evh_yaml_item(map, v));
    }
    if (data->value_count > 0)
        qsort(data->values, data->value_count, sizeof *data->values, compare_values);
    /* The document has no key twice, but two keys may be one spelling after trimming and NFC. */
    for (size_t i = 1; i < data->value_count; i++)
        if (compare_values(&data->values[i - 1], &data->values[i]) == 0)
            evh_yaml_wrong(node, context->diagnostics, "each spelling once",
                           "%s: the spelling \"%s\" is there twice after trimming and NFC",
                           data->values[i].attribute, data->values[i].from);
}

static void read_max_unmapped(evh_config_context *context, const evh_yaml_node *node)
{
    static const char right[] = "a share from 0 to 1, for example \"0.02\"";
    evh_config_data *data = &context->config->data;
    evh_decimal share;
    uint64_t numerator = 0;
    uint64_t denominator = 1;
    if (node == NULL ||
        !evh_yaml_read_decimal(node, "max_unmapped", right, &share, context->diagnostics))
        return;
    bool good = share.digits >= 0 && evh_decimal_compare(share, evh_decimal_of(1)) <= 0;
    good = good && evh_decimal_fraction(share, &numerator, &denominator).code == EVH_OK;
    if (!good) {
        evh_yaml_wrong(node, context->diagnostics, right, "max_unmapped is out of range");
        return;
    }
    data->max_unmapped_numerator = numerator;
    data->max_unmapped_denominator = denominator;
}

void evh_config_read_data(evh_config_context *context, const evh_yaml_node *node)
{
    static const char *const keys[] = {"population", "format", "path",
                                       "columns",    "values", "max_unmapped"};
    static const char *const formats[] = {"csv", "jsonl", "manifest"};
    evh_config_data *data = &context->config->data;
    const evh_yaml_node *population = evh_yaml_find(node, "population");
    const evh_yaml_node *format = evh_yaml_find(node, "format");
    size_t chosen = 0;
    if (node == NULL ||
        !evh_yaml_read_map(node, "data", keys, sizeof keys / sizeof keys[0], context->diagnostics))
        return;
    if (population != NULL &&
        !evh_config_read_term(context, population, "population", &data->population))
        data->population = NULL;
    if (format != NULL &&
        evh_yaml_read_choice(format, "format", formats, 3, &chosen, context->diagnostics))
        data->format = (evh_config_format)chosen;
    evh_config_read_path(context, evh_yaml_find(node, "path"), "path", &data->path);
    read_columns(context, evh_yaml_find(node, "columns"));
    read_values(context, evh_yaml_find(node, "values"));
    read_max_unmapped(context, evh_yaml_find(node, "max_unmapped"));
    context->config->has_data = true;
}
