/* SPDX-License-Identifier: Apache-2.0
 * From YAML to the message: attributes, releases and derived groupings. */
#include <stdlib.h>
#include <string.h>

#include "evenhand/yaml/read.h"
#include "plan_internal.h"

/* Bands: their edges as canonical decimals. */
static bool read_bins(evh_plan_context *context, const evh_yaml_node *node,
                      Evenhand__V1__Plan__Attribute *attribute)
{
    if (!evh_yaml_read_list(node, "bins", 2, EVH_PLAN_VALUES_MAX, context->diagnostics) ||
        !evh_plan_take(context, &attribute->edges, evh_yaml_count(node), sizeof(char *)))
        return false;
    bool good = true;
    for (size_t i = 0; i < evh_yaml_count(node); i++)
        good &= evh_plan_read_number(context, evh_yaml_item(node, i), "bins",
                                     "rising numbers: the edges of the bands [lo, hi)",
                                     &attribute->edges[i]);
    attribute->n_edges = evh_yaml_count(node);
    return good;
}

static bool read_mapping(evh_plan_context *context, const evh_yaml_node *map, size_t index,
                         Evenhand__V1__Plan__Mapping **out)
{
    Evenhand__V1__Plan__Mapping *mapping = NULL;
    if (!evh_plan_take(context, &mapping, 1, sizeof *mapping))
        return false;
    evenhand__v1__plan__mapping__init(mapping);
    *out = mapping;
    bool good = evh_plan_read_name(context, evh_yaml_key(map, index), "map", EVH_PLAN_VALUE_MAX,
                                   &mapping->value);
    good &= evh_plan_read_names(context, evh_yaml_item(map, index), "map", 1, EVH_PLAN_VALUES_MAX,
                                EVH_PLAN_VALUE_MAX, &mapping->from, &mapping->n_from);
    if (good)
        evh_plan_sort_texts(mapping->from, mapping->n_from);
    return good;
}

static bool read_map(evh_plan_context *context, const evh_yaml_node *attribute_node,
                     Evenhand__V1__Plan__Attribute *attribute)
{
    const evh_yaml_node *map = NULL;
    if (!evh_yaml_require(attribute_node, "an attribute made from another", "map",
                          "map: {value: [values of the other]}", &map, context->diagnostics))
        return false;
    if (evh_yaml_kind_of(map) != EVH_YAML_MAP || evh_yaml_count(map) == 0 ||
        evh_yaml_count(map) > EVH_PLAN_VALUES_MAX) {
        evh_yaml_wrong(map, context->diagnostics, "a map {value: [values of the other]}",
                       "map is not a map of 1 to %d values", EVH_PLAN_VALUES_MAX);
        return false;
    }
    attribute->n_map = evh_yaml_count(map);
    if (!evh_plan_take(context, &attribute->map, attribute->n_map, sizeof attribute->map[0]))
        return false;
    bool good = true;
    for (size_t i = 0; i < attribute->n_map; i++)
        good &= read_mapping(context, map, i, &attribute->map[i]);
    return good;
}

/* Exactly one of values, bins and from says what the attribute's values are. */
static bool read_kind(evh_plan_context *context, const evh_yaml_node *node,
                      Evenhand__V1__Plan__Attribute *attribute)
{
    const evh_yaml_node *values = evh_yaml_find(node, "values");
    const evh_yaml_node *bins = evh_yaml_find(node, "bins");
    const evh_yaml_node *from = evh_yaml_find(node, "from");
    const evh_yaml_node *map = evh_yaml_find(node, "map");
    if ((values != NULL) + (bins != NULL) + (from != NULL) != 1) {
        evh_yaml_wrong(node, context->diagnostics, "one of values, bins, or from with map",
                       "an attribute with %s of values, bins and from",
                       values == NULL && bins == NULL && from == NULL ? "none" : "more than one");
        return false;
    }
    if (map != NULL && from == NULL) {
        evh_yaml_wrong(map, context->diagnostics, "from: the attribute it is made from",
                       "map without from");
        return false;
    }
    if (bins != NULL)
        return read_bins(context, bins, attribute);
    if (from == NULL)
        return evh_plan_read_names(context, values, "values", 1, EVH_PLAN_VALUES_MAX,
                                   EVH_PLAN_VALUE_MAX, &attribute->values, &attribute->n_values);
    bool good = evh_plan_read_name(context, from, "from", EVH_PLAN_NAME_MAX, &attribute->from);
    return read_map(context, node, attribute) && good;
}

static bool read_attribute(evh_plan_context *context, const evh_yaml_node *node,
                           Evenhand__V1__Plan__Attribute **out)
{
    static const char *const keys[] = {"name", "values", "bins", "from", "map", "per_unit"};
    Evenhand__V1__Plan__Attribute *attribute = NULL;
    if (!evh_plan_take(context, &attribute, 1, sizeof *attribute))
        return false;
    evenhand__v1__plan__attribute__init(attribute);
    *out = attribute;
    const evh_yaml_node *name = NULL;
    const evh_yaml_node *per_unit = evh_yaml_find(node, "per_unit");
    bool constant = false;
    if (!evh_yaml_read_map(node, "an attribute", keys, 6, context->diagnostics))
        return false;
    bool good = evh_yaml_require(node, "an attribute", "name", "name: its column in the data",
                                 &name, context->diagnostics) &&
                evh_plan_read_name(context, name, "name", EVH_PLAN_NAME_MAX, &attribute->name);
    good &= read_kind(context, node, attribute);
    good &= per_unit == NULL ||
            evh_yaml_read_bool(per_unit, "per_unit", &constant, context->diagnostics);
    attribute->per_unit = constant;
    return good;
}

bool evh_plan_read_attributes(evh_plan_context *context)
{
    evh_plan_message *message = context->plan->message;
    const evh_yaml_node *node = NULL;
    if (!evh_yaml_require(context->root, "the plan", "attributes",
                          "attributes: [{name: ..., values: [...]}]", &node,
                          context->diagnostics) ||
        !evh_yaml_read_list(node, "attributes", 0, EVH_PLAN_ATTRIBUTES_MAX, context->diagnostics))
        return false;
    size_t count = evh_yaml_count(node);
    if (!evh_plan_take(context, &message->attributes, count, sizeof message->attributes[0]))
        return false;
    bool good = true;
    for (size_t i = 0; i < count; i++)
        good &= read_attribute(context, evh_yaml_item(node, i), &message->attributes[i]);
    message->n_attributes = count;
    return good;
}

size_t evh_plan_place_of(const evh_plan_message *message, const char *name)
{
    for (size_t i = 0; i < message->n_attributes; i++) {
        if (message->attributes[i] != NULL && strcmp(message->attributes[i]->name, name) == 0)
            return i;
    }
    return message->n_attributes;
}

/* The order in which a grouping names its attributes means nothing: they are put in the plan's
 * order. Unknown names go last, to be refused when the plan is resolved. */
static void put_in_order(const evh_plan_message *message, char **names, size_t count)
{
    for (size_t i = 1; i < count; i++) {
        char *name = names[i];
        size_t place = evh_plan_place_of(message, name);
        size_t at = i;
        for (; at > 0 && place < evh_plan_place_of(message, names[at - 1]); at--)
            names[at] = names[at - 1];
        names[at] = name;
    }
}

bool evh_plan_read_grouping(evh_plan_context *context, const evh_yaml_node *node, const char *what,
                            Evenhand__V1__Plan__Grouping **out)
{
    Evenhand__V1__Plan__Grouping *grouping = NULL;
    if (!evh_plan_take(context, &grouping, 1, sizeof *grouping))
        return false;
    evenhand__v1__plan__grouping__init(grouping);
    *out = grouping;
    if (!evh_plan_read_names(context, node, what, 0, EVH_PLAN_ATTRIBUTES_MAX, EVH_PLAN_NAME_MAX,
                             &grouping->attributes, &grouping->n_attributes))
        return false;
    put_in_order(context->plan->message, grouping->attributes, grouping->n_attributes);
    return true;
}

static bool read_list_of_groupings(evh_plan_context *context, const evh_yaml_node *node,
                                   const char *what, size_t least, size_t most,
                                   Evenhand__V1__Plan__Grouping ***out, size_t *count)
{
    if (!evh_yaml_read_list(node, what, least, most, context->diagnostics) ||
        !evh_plan_take(context, out, evh_yaml_count(node), sizeof **out))
        return false;
    bool good = true;
    for (size_t i = 0; i < evh_yaml_count(node); i++)
        good &= evh_plan_read_grouping(context, evh_yaml_item(node, i), what, &(*out)[i]);
    *count = evh_yaml_count(node);
    return good;
}

bool evh_plan_read_groupings(evh_plan_context *context)
{
    evh_plan_message *message = context->plan->message;
    const evh_yaml_node *releases = NULL;
    const evh_yaml_node *derive = evh_yaml_find(context->root, "derive");
    bool good =
        evh_yaml_require(context->root, "the plan", "releases", "releases: [[attribute, ...], ...]",
                         &releases, context->diagnostics) &&
        read_list_of_groupings(context, releases, "releases", 1, EVH_PLAN_RELEASES_MAX,
                               &message->releases, &message->n_releases);
    good &=
        derive == NULL || read_list_of_groupings(context, derive, "derive", 0, EVH_PLAN_DERIVED_MAX,
                                                 &message->derived, &message->n_derived);
    return good;
}
