/* SPDX-License-Identifier: Apache-2.0
 * From the message to the plan: releases, derived groupings, and the size of the vector. */
#include <string.h>

#include "evenhand/base/sizes.h"
#include "plan_internal.h"

/* Attribute names to rising indices. */
bool evh_plan_resolve_names(evh_plan_context *context, const evh_yaml_node *node,
                            const Evenhand__V1__Plan__Grouping *from, const size_t **out)
{
    size_t *attributes = NULL;
    if (!evh_plan_take(context, &attributes, from->n_attributes, sizeof attributes[0]))
        return false;
    for (size_t i = 0; i < from->n_attributes; i++) {
        attributes[i] = evh_plan_attribute_find(context->plan, from->attributes[i]);
        if (attributes[i] == context->plan->terms.attribute_count) {
            evh_plan_wrong(context, node, "names listed under attributes",
                           "\"%s\" is no attribute of this plan", from->attributes[i]);
            return false;
        }
        if (i > 0 && attributes[i] <= attributes[i - 1]) {
            evh_plan_wrong(context, node, "each attribute once, in the order of the plan",
                           "\"%s\" is there twice or out of order", from->attributes[i]);
            return false;
        }
    }
    *out = attributes;
    return true;
}

static bool count_groups(evh_plan_context *context, const evh_yaml_node *node,
                         evh_plan_grouping *grouping)
{
    grouping->group_count = 1;
    for (size_t i = 0; i < grouping->attribute_count; i++) {
        size_t values = evh_plan_value_count(context->plan, grouping->attributes[i]);
        if (!evh_size_mul(grouping->group_count, values, &grouping->group_count) ||
            grouping->group_count > EVH_PLAN_CELLS_MAX) {
            evh_plan_wrong(context, node, "fewer attributes or values",
                           "a combination with more than %d groups", EVH_PLAN_CELLS_MAX);
            return false;
        }
    }
    return true;
}

static bool holds(const evh_plan_grouping *grouping, size_t attribute)
{
    for (size_t i = 0; i < grouping->attribute_count; i++) {
        if (grouping->attributes[i] == attribute)
            return true;
    }
    return false;
}

/* A mapped attribute beside its source says nothing new, and fills a release with empty groups. */
static bool check_redundant(evh_plan_context *context, const evh_yaml_node *node,
                            const evh_plan_grouping *grouping)
{
    const evh_plan_attribute *attributes = context->plan->terms.attributes;
    for (size_t i = 0; i < grouping->attribute_count; i++) {
        const evh_plan_attribute *attribute = &attributes[grouping->attributes[i]];
        if (attribute->kind == EVH_PLAN_MAPPED && holds(grouping, attribute->from)) {
            evh_plan_wrong(context, node, "one of the two", "%s follows from %s", attribute->name,
                           attributes[attribute->from].name);
            return false;
        }
    }
    return true;
}

static bool same_attributes(const evh_plan_grouping *a, const evh_plan_grouping *b)
{
    if (a->attribute_count != b->attribute_count)
        return false;
    for (size_t i = 0; i < a->attribute_count; i++) {
        if (a->attributes[i] != b->attributes[i])
            return false;
    }
    return true;
}

size_t evh_plan_grouping_find(const evh_plan *plan, const size_t *attributes, size_t count)
{
    evh_plan_grouping wanted = {.attributes = attributes, .attribute_count = count};
    for (size_t i = 0; i < plan->grouping_count; i++) {
        if (same_attributes(&plan->groupings[i], &wanted))
            return i;
    }
    return plan->grouping_count;
}

static bool resolve_grouping(evh_plan_context *context, const evh_yaml_node *node,
                             const Evenhand__V1__Plan__Grouping *from)
{
    evh_plan *plan = context->plan;
    evh_plan_grouping *grouping = &plan->groupings[plan->grouping_count];
    grouping->attribute_count = from->n_attributes;
    if (!evh_plan_resolve_names(context, node, from, &grouping->attributes) ||
        !check_redundant(context, node, grouping) || !count_groups(context, node, grouping))
        return false;
    if (evh_plan_grouping_find(plan, grouping->attributes, grouping->attribute_count) <
        plan->grouping_count) {
        evh_plan_wrong(context, node, "each combination once in releases and derive",
                       "the same combination is there twice");
        return false;
    }
    plan->grouping_count++;
    return true;
}

/* Releases stand one after the other in the vector. */
static bool resolve_release(evh_plan_context *context, const evh_yaml_node *node, size_t index)
{
    evh_plan *plan = context->plan;
    evh_plan_grouping *grouping = &plan->groupings[index];
    if (!resolve_grouping(context, node, plan->message->releases[index]))
        return false;
    grouping->release = index;
    grouping->first_cell = plan->cell_count;
    size_t cells = 0;
    if (!evh_size_mul(grouping->group_count, evh_plan_model_slots(plan) * plan->cells_per_group,
                      &cells) ||
        !evh_size_add(plan->cell_count, cells, &plan->cell_count) ||
        plan->cell_count > EVH_PLAN_CELLS_MAX) {
        evh_plan_wrong(context, node, "fewer releases, attributes, values, classes or models",
                       "with this release the plan has more than %d cells", EVH_PLAN_CELLS_MAX);
        return false;
    }
    return true;
}

/* Can the grouping be summed from the release? Each of its attributes is there, or its source. */
static bool follows_from(const evh_plan *plan, const evh_plan_grouping *grouping,
                         const evh_plan_grouping *release)
{
    for (size_t i = 0; i < grouping->attribute_count; i++) {
        size_t attribute = grouping->attributes[i];
        const evh_plan_attribute *known = &plan->terms.attributes[attribute];
        bool mapped = known->kind == EVH_PLAN_MAPPED && holds(release, known->from);
        if (!holds(release, attribute) && !mapped)
            return false;
    }
    return true;
}

/* The release with the fewest groups adds up the least noise. */
static bool resolve_derived(evh_plan_context *context, const evh_yaml_node *node, size_t index)
{
    evh_plan *plan = context->plan;
    evh_plan_grouping *grouping = &plan->groupings[plan->grouping_count];
    if (!resolve_grouping(context, node, plan->message->derived[index]))
        return false;
    grouping->derived = true;
    grouping->release = plan->release_count;
    for (size_t i = 0; i < plan->release_count; i++) {
        const evh_plan_grouping *release = &plan->groupings[i];
        if (follows_from(plan, grouping, release) &&
            (grouping->release == plan->release_count ||
             release->group_count < plan->groupings[grouping->release].group_count))
            grouping->release = i;
    }
    if (grouping->release == plan->release_count) {
        evh_plan_wrong(context, node, "attributes of one release, or made from them",
                       "no release has all attributes of this grouping");
        return false;
    }
    grouping->first_cell = plan->groupings[grouping->release].first_cell;
    return true;
}

static void warn_of_unused(evh_plan_context *context)
{
    const evh_plan *plan = context->plan;
    for (size_t a = 0; a < plan->terms.attribute_count; a++) {
        bool used = false;
        for (size_t i = 0; i < plan->grouping_count; i++)
            used |= holds(&plan->groupings[i], a);
        for (size_t b = 0; b < plan->terms.attribute_count; b++)
            used |= plan->terms.attributes[b].kind == EVH_PLAN_MAPPED &&
                    plan->terms.attributes[b].from == a;
        if (!used)
            evh_plan_warn(context, evh_plan_item(evh_plan_node(context, "attributes", NULL), a),
                          NULL, "attribute %s is in no release and no derived grouping",
                          plan->terms.attributes[a].name);
    }
}

bool evh_plan_resolve_groupings(evh_plan_context *context)
{
    evh_plan *plan = context->plan;
    const evh_plan_message *message = plan->message;
    const evh_yaml_node *releases = evh_plan_node(context, "releases", NULL);
    const evh_yaml_node *derive = evh_plan_node(context, "derive", NULL);
    if (!evh_plan_in_range(context, releases, "number of releases", message->n_releases, 1,
                           EVH_PLAN_RELEASES_MAX) ||
        !evh_plan_in_range(context, derive, "number of derived groupings", message->n_derived, 0,
                           EVH_PLAN_DERIVED_MAX) ||
        !evh_plan_take(context, &plan->groupings, message->n_releases + message->n_derived,
                       sizeof plan->groupings[0]))
        return false;
    bool good = true;
    for (size_t i = 0; good && i < message->n_releases; i++)
        good = resolve_release(context, evh_plan_item(releases, i), i);
    plan->release_count = plan->grouping_count;
    for (size_t i = 0; good && i < message->n_derived; i++)
        good = resolve_derived(context, evh_plan_item(derive, i), i);
    if (good)
        warn_of_unused(context);
    return good;
}
