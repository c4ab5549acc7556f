/* SPDX-License-Identifier: Apache-2.0
 * From the message to the plan: attributes, releases, derived groupings, and the order of cells. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "evenhand/base/sizes.h"
#include "plan_internal.h"

/* The node of an attribute in the file, and of one of its keys. */
static const evh_yaml_node *attribute_node(const evh_plan_context *context, size_t index,
                                           const char *key)
{
    const evh_yaml_node *node = evh_plan_item(evh_plan_node(context, "attributes", NULL), index);
    const evh_yaml_node *inner = evh_yaml_find(node, key);
    return inner != NULL ? inner : node;
}

static bool is_reserved(const char *value)
{
    return strcmp(value, EVH_PLAN_OTHER) == 0 || strcmp(value, EVH_PLAN_MISSING) == 0;
}

static bool check_values(evh_plan_context *context, const evh_yaml_node *node,
                         const char *const *values, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (is_reserved(values[i])) {
            evh_plan_wrong(context, evh_plan_item(node, i),
                           "only your own values: every attribute has _other and _missing besides",
                           "the value %s is reserved", values[i]);
            return false;
        }
    }
    return true;
}

static bool resolve_listed(evh_plan_context *context, size_t index,
                           const Evenhand__V1__Plan__Attribute *from, evh_plan_attribute *to)
{
    const evh_yaml_node *node = attribute_node(context, index, "values");
    to->kind = EVH_PLAN_LISTED;
    to->value_count = from->n_values;
    return evh_plan_in_range(context, node, "number of values", from->n_values, 1,
                             EVH_PLAN_VALUES_MAX) &&
           evh_plan_keep_list(context, node, "values", from->values, from->n_values, &to->values) &&
           check_values(context, node, to->values, to->value_count);
}

/* Names a band "[lo,hi)". */
static bool name_band(evh_plan_context *context, const char *low, const char *high,
                      const char **out)
{
    char *name = NULL;
    size_t len = strlen(low) + strlen(high) + 4;
    if (!evh_plan_take(context, &name, len, 1))
        return false;
    (void)snprintf(name, len, "[%s,%s)", low, high);
    *out = name;
    return true;
}

static bool resolve_bands(evh_plan_context *context, size_t index,
                          const Evenhand__V1__Plan__Attribute *from, evh_plan_attribute *to)
{
    static const evh_plan_bounds any = {
        .least = "-1e18", .most = "1e18", .right = "a decimal from -1e18 to 1e18"};
    const evh_yaml_node *node = attribute_node(context, index, "bins");
    evh_decimal *edges = NULL;
    const char **names = NULL;
    if (!evh_plan_in_range(context, node, "number of edges", from->n_edges, 2,
                           EVH_PLAN_VALUES_MAX) ||
        !evh_plan_take(context, &edges, from->n_edges, sizeof edges[0]) ||
        !evh_plan_take(context, &names, from->n_edges, sizeof names[0]))
        return false;
    for (size_t i = 0; i < from->n_edges; i++) {
        const evh_yaml_node *edge = evh_plan_item(node, i);
        if (!evh_plan_resolve_number(context, edge, "bins", from->edges[i], &any, &edges[i]))
            return false;
        if (i > 0 && evh_decimal_compare(edges[i - 1], edges[i]) >= 0) {
            evh_plan_wrong(context, edge, "edges that rise", "bins has %s after %s", from->edges[i],
                           from->edges[i - 1]);
            return false;
        }
        if (i > 0 && !name_band(context, from->edges[i - 1], from->edges[i], &names[i - 1]))
            return false;
    }
    to->kind = EVH_PLAN_BANDS;
    to->edges = edges;
    to->values = names;
    to->value_count = from->n_edges - 1;
    return true;
}

/* One value of a mapped attribute: which values of the other become it. */
static bool resolve_mapping(evh_plan_context *context, const evh_yaml_node *node,
                            const evh_plan_attribute *source,
                            const Evenhand__V1__Plan__Mapping *mapping, size_t value, size_t unset,
                            size_t *map)
{
    if (!evh_plan_in_range(context, node, "number of mapped values", mapping->n_from, 1,
                           EVH_PLAN_VALUES_MAX))
        return false;
    for (size_t i = 0; i < mapping->n_from; i++) {
        size_t at = 0;
        while (at < source->value_count && strcmp(source->values[at], mapping->from[i]) != 0)
            at++;
        if (at == source->value_count) {
            evh_plan_wrong(context, node, "values of that attribute", "\"%s\" is no value of %s",
                           mapping->from[i], source->name);
            return false;
        }
        if (map[at] != unset) {
            evh_plan_wrong(context, node, "each value once", "map has \"%s\" twice",
                           mapping->from[i]);
            return false;
        }
        if (i > 0 && strcmp(mapping->from[i - 1], mapping->from[i]) > 0) {
            evh_plan_wrong(context, node, "byte order", "map is not in order");
            return false;
        }
        map[at] = value;
    }
    return true;
}

static bool find_source(evh_plan_context *context, size_t index,
                        const Evenhand__V1__Plan__Attribute *from, evh_plan_attribute *to)
{
    const evh_plan *plan = context->plan;
    const evh_yaml_node *node = attribute_node(context, index, "from");
    to->from = evh_plan_attribute_find(plan, from->from);
    if (to->from == plan->terms.attribute_count || to->from == index) {
        evh_plan_wrong(context, node, "the name of another attribute",
                       "\"%s\" is no other attribute of this plan", from->from);
        return false;
    }
    const Evenhand__V1__Plan__Attribute *source = plan->message->attributes[to->from];
    if (source->from[0] != '\0') {
        evh_plan_wrong(context, node, "an attribute with values or bins",
                       "\"%s\" is itself made from another attribute", from->from);
        return false;
    }
    return true;
}

static bool resolve_mapped(evh_plan_context *context, size_t index,
                           const Evenhand__V1__Plan__Attribute *from, evh_plan_attribute *to)
{
    const evh_yaml_node *node = attribute_node(context, index, "map");
    const char **names = NULL;
    size_t *map = NULL;
    const evh_plan_attribute *source = NULL;
    if (!find_source(context, index, from, to))
        return false;
    source = &context->plan->terms.attributes[to->from];
    if (source->value_count == 0) /* its own mistake is reported */
        return false;
    if (!evh_plan_in_range(context, node, "number of values", from->n_map, 1,
                           EVH_PLAN_VALUES_MAX) ||
        !evh_plan_take(context, &names, from->n_map, sizeof names[0]) ||
        !evh_plan_take(context, &map, source->value_count, sizeof map[0]))
        return false;
    for (size_t i = 0; i < source->value_count; i++)
        map[i] = from->n_map;
    for (size_t i = 0; i < from->n_map; i++) {
        const evh_yaml_node *list =
            node != NULL && evh_yaml_kind_of(node) == EVH_YAML_MAP && i < evh_yaml_count(node)
                ? evh_yaml_item(node, i)
                : node;
        names[i] = from->map[i]->value;
        if (!resolve_mapping(context, list, source, from->map[i], i, from->n_map, map))
            return false;
    }
    evh_plan_lookup unique;
    size_t twice = SIZE_MAX;
    if (!evh_plan_lookup_build(context, &unique, names, from->n_map, &twice)) {
        if (twice != SIZE_MAX)
            evh_plan_wrong(context, node, "each value once", "map has \"%s\" twice", names[twice]);
        return false;
    }
    to->kind = EVH_PLAN_MAPPED;
    to->values = names;
    to->value_count = from->n_map;
    to->map = map;
    return check_values(context, node, to->values, to->value_count);
}

/* A column cannot be an attribute and something else at once. */
static bool check_name(evh_plan_context *context, size_t index, const char *name)
{
    static const char *const taken[][4] = {
        [EVH_PLAN_BINARY] = {"label", "prediction"},
        [EVH_PLAN_MULTICLASS] = {"class", "predicted"},
        [EVH_PLAN_WER] = {"reference", "hypothesis"},
        [EVH_PLAN_REGRESSION] = {"truth", "estimate"},
        [EVH_PLAN_EVENT] = {"event"},
    };
    bool clash = strcmp(name, "unit") == 0 || strcmp(name, "time") == 0;
    for (size_t i = 0; i < 4 && taken[context->plan->terms.scorer][i] != NULL; i++)
        clash |= strcmp(name, taken[context->plan->terms.scorer][i]) == 0;
    if (clash)
        evh_plan_wrong(context, attribute_node(context, index, "name"), "another name",
                       "\"%s\" is the name of a column with another meaning", name);
    return !clash;
}

static bool resolve_attribute(evh_plan_context *context, size_t index, bool mapped,
                              evh_plan_attribute *to)
{
    const Evenhand__V1__Plan__Attribute *from = context->plan->message->attributes[index];
    if ((from->from[0] != '\0') != mapped)
        return true;
    if ((from->n_values > 0) + (from->n_edges > 0) + (from->from[0] != '\0') != 1 ||
        (from->n_map > 0 && !mapped)) {
        evh_plan_wrong(context, attribute_node(context, index, "name"),
                       "one of values, bins, or from with map", "attribute %s is ambiguous",
                       from->name);
        return false;
    }
    if (mapped)
        return resolve_mapped(context, index, from, to);
    return from->n_edges > 0 ? resolve_bands(context, index, from, to)
                             : resolve_listed(context, index, from, to);
}

size_t evh_plan_attribute_find(const evh_plan *plan, const char *name)
{
    for (size_t i = 0; i < plan->terms.attribute_count; i++) {
        if (strcmp(plan->terms.attributes[i].name, name) == 0)
            return i;
    }
    return plan->terms.attribute_count;
}

/* Names first, then attributes with values of their own, then those made from them. */
bool evh_plan_resolve_attributes(evh_plan_context *context)
{
    evh_plan *plan = context->plan;
    const evh_plan_message *message = plan->message;
    evh_plan_attribute *attributes = NULL;
    bool good = evh_plan_in_range(context, evh_plan_node(context, "attributes", NULL),
                                  "number of attributes", message->n_attributes, 0,
                                  EVH_PLAN_ATTRIBUTES_MAX);
    if (!good || !evh_plan_take(context, &attributes, message->n_attributes, sizeof attributes[0]))
        return false;
    plan->terms.attributes = attributes;
    for (size_t i = 0; i < message->n_attributes; i++) {
        const char *name = message->attributes[i]->name;
        good &= evh_plan_in_range(context, attribute_node(context, i, "name"), "length of name",
                                  strlen(name), 1, EVH_PLAN_NAME_MAX) &&
                check_name(context, i, name);
        if (evh_plan_attribute_find(plan, name) != i) {
            evh_plan_wrong(context, attribute_node(context, i, "name"), "each name once",
                           "two attributes have the name \"%s\"", name);
            good = false;
        }
        attributes[i].name = name;
        attributes[i].per_unit = message->attributes[i]->per_unit != 0;
        plan->terms.attribute_count = i + 1;
    }
    for (size_t i = 0; good && i < message->n_attributes; i++)
        good &= resolve_attribute(context, i, false, &attributes[i]);
    for (size_t i = 0; good && i < message->n_attributes; i++)
        good &= resolve_attribute(context, i, true, &attributes[i]);
    if (!good ||
        !evh_plan_take(context, &plan->lookups, message->n_attributes, sizeof plan->lookups[0]))
        return false;
    for (size_t i = 0; i < message->n_attributes; i++) {
        size_t twice = SIZE_MAX;
        good &= evh_plan_lookup_build(context, &plan->lookups[i], attributes[i].values,
                                      attributes[i].value_count, &twice);
    }
    return good;
}
