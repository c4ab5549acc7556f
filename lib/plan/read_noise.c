/* SPDX-License-Identifier: Apache-2.0
 * From YAML to the message: the block `noise:` that `plan draft` writes. */
#include <string.h>

#include "evenhand/yaml/read.h"
#include "plan_internal.h"

static bool take_number(evh_view text, uint32_t *out)
{
    uint64_t value = 0;
    if (text.len == 0 || text.len > 10)
        return false;
    for (size_t i = 0; i < text.len; i++) {
        if (text.data[i] < '0' || text.data[i] > '9')
            return false;
        value = value * 10 + (uint64_t)(text.data[i] - '0');
    }
    *out = (uint32_t)value;
    return value >= 1 && value <= UINT32_MAX;
}

/* "7/2" or "7", put in lowest terms. */
static bool read_parameter(evh_plan_context *context, const evh_yaml_node *node,
                           Evenhand__V1__Plan__CellNoise *noise)
{
    evh_view text;
    if (!evh_yaml_read_text(node, "parameter", 1, 32, &text, context->diagnostics))
        return false;
    const uint8_t *slash = memchr(text.data, '/', text.len);
    size_t len = slash == NULL ? text.len : (size_t)(slash - text.data);
    noise->denominator = 1;
    bool good = take_number(evh_view_of(text.data, len), &noise->numerator);
    if (slash != NULL)
        good = good && take_number(evh_view_of(slash + 1, text.len - len - 1), &noise->denominator);
    if (!good) {
        evh_yaml_wrong(node, context->diagnostics,
                       "a fraction such as \"7/2\" of numbers from 1 to 4294967295",
                       "parameter is \"%.*s\"", (int)text.len, (const char *)text.data);
        return false;
    }
    uint32_t divisor = evh_plan_common_divisor(noise->numerator, noise->denominator);
    noise->numerator /= divisor;
    noise->denominator /= divisor;
    return true;
}

static bool same_names(const Evenhand__V1__Plan__Grouping *a, const Evenhand__V1__Plan__Grouping *b)
{
    if (a == NULL || b == NULL || a->n_attributes != b->n_attributes)
        return false;
    for (size_t i = 0; i < a->n_attributes; i++) {
        if (strcmp(a->attributes[i], b->attributes[i]) != 0)
            return false;
    }
    return true;
}

static bool read_release(evh_plan_context *context, const evh_yaml_node *node, uint32_t *out)
{
    const evh_plan_message *message = context->plan->message;
    Evenhand__V1__Plan__Grouping *grouping = NULL;
    if (!evh_plan_read_grouping(context, node, "release", &grouping))
        return false;
    for (size_t i = 0; i < message->n_releases; i++) {
        if (same_names(grouping, message->releases[i])) {
            *out = (uint32_t)i;
            return true;
        }
    }
    evh_yaml_wrong(node, context->diagnostics, "one of the plan's releases",
                   "noise for a release that the plan does not have");
    return false;
}

static bool read_cell_noise(evh_plan_context *context, const evh_yaml_node *node,
                            Evenhand__V1__Plan__CellNoise **out)
{
    static const char *const keys[] = {"release", "cells", "parameter"};
    static const char right[] = "what plan draft writes";
    const evh_yaml_node *release = NULL;
    const evh_yaml_node *cells = NULL;
    Evenhand__V1__Plan__CellNoise *noise = NULL;
    if (!evh_yaml_read_map(node, "noise.cells", keys, 3, context->diagnostics) ||
        !evh_plan_take(context, &noise, 1, sizeof *noise))
        return false;
    evenhand__v1__plan__cell_noise__init(noise);
    *out = noise;
    const evh_yaml_node *parameter = evh_yaml_find(node, "parameter");
    bool good =
        evh_yaml_require(node, "noise.cells", "release", right, &release, context->diagnostics) &&
        read_release(context, release, &noise->release);
    good &= evh_yaml_require(node, "noise.cells", "cells", right, &cells, context->diagnostics) &&
            evh_plan_read_names(context, cells, "cells", 1, 4, EVH_PLAN_NAME_MAX, &noise->names,
                                &noise->n_names);
    good &= parameter == NULL || read_parameter(context, parameter, noise);
    return good;
}

static bool read_term(evh_plan_context *context, const evh_yaml_node *node,
                      Evenhand__V1__Plan__Shift__Term **out)
{
    static const char *const keys[] = {"noise", "by", "cells"};
    const evh_yaml_node *nodes[3] = {NULL, NULL, NULL};
    Evenhand__V1__Plan__Shift__Term *term = NULL;
    if (!evh_yaml_read_map(node, "a shift", keys, 3, context->diagnostics) ||
        !evh_plan_take(context, &term, 1, sizeof *term))
        return false;
    evenhand__v1__plan__shift__term__init(term);
    *out = term;
    bool good = true;
    for (size_t i = 0; i < 3; i++)
        good &= evh_yaml_require(node, "a shift", keys[i], "what plan draft writes", &nodes[i],
                                 context->diagnostics);
    return good &&
           evh_plan_read_u32(context, nodes[0], "noise", 0, EVH_SHIFT_CLASSES_MAX, &term->noise) &&
           evh_plan_read_u32(context, nodes[1], "by", 1, UINT32_MAX, &term->magnitude) &&
           evh_plan_read_u32(context, nodes[2], "cells", 1, UINT32_MAX, &term->cells);
}

static bool read_shift(evh_plan_context *context, const evh_yaml_node *node,
                       Evenhand__V1__Plan__Shift **out)
{
    Evenhand__V1__Plan__Shift *shift = NULL;
    if (!evh_yaml_read_list(node, "a shift", 1, EVH_SHIFT_CLASSES_MAX, context->diagnostics) ||
        !evh_plan_take(context, &shift, 1, sizeof *shift) ||
        !evh_plan_take(context, &shift->terms, evh_yaml_count(node), sizeof shift->terms[0]))
        return false;
    Evenhand__V1__Plan__Shift__Term **terms = shift->terms;
    evenhand__v1__plan__shift__init(shift);
    shift->terms = terms;
    shift->n_terms = evh_yaml_count(node);
    *out = shift;
    bool good = true;
    for (size_t i = 0; i < shift->n_terms; i++)
        good &= read_term(context, evh_yaml_item(node, i), &shift->terms[i]);
    return good;
}

static bool read_lists(evh_plan_context *context, const evh_yaml_node *node,
                       Evenhand__V1__Plan__Noise *noise)
{
    static const char right[] = "what plan draft writes";
    const evh_yaml_node *cells = NULL;
    const evh_yaml_node *shifts = NULL;
    if (!evh_yaml_require(node, "noise", "cells", right, &cells, context->diagnostics) ||
        !evh_yaml_require(node, "noise", "shifts", right, &shifts, context->diagnostics) ||
        !evh_yaml_read_list(cells, "noise.cells", 1, EVH_SHIFT_CLASSES_MAX, context->diagnostics) ||
        !evh_yaml_read_list(shifts, "shifts", 0, EVH_SHIFT_CLASSES_MAX, context->diagnostics) ||
        !evh_plan_take(context, &noise->cells, evh_yaml_count(cells), sizeof noise->cells[0]) ||
        !evh_plan_take(context, &noise->shifts, evh_yaml_count(shifts), sizeof noise->shifts[0]))
        return false;
    bool good = true;
    for (size_t i = 0; i < evh_yaml_count(cells); i++)
        good &= read_cell_noise(context, evh_yaml_item(cells, i), &noise->cells[i]);
    for (size_t i = 0; i < evh_yaml_count(shifts); i++)
        good &= read_shift(context, evh_yaml_item(shifts, i), &noise->shifts[i]);
    noise->n_cells = evh_yaml_count(cells);
    noise->n_shifts = evh_yaml_count(shifts);
    return good;
}

bool evh_plan_read_noise(evh_plan_context *context)
{
    static const char *const keys[] = {"adjacency", "offset", "cells", "shifts"};
    static const char *const adjacencies[] = {"add-remove", "replace-one"};
    const evh_yaml_node *node = evh_yaml_find(context->root, "noise");
    const evh_yaml_node *offset = NULL;
    const evh_yaml_node *adjacency = evh_yaml_find(node, "adjacency");
    Evenhand__V1__Plan__Noise *noise = NULL;
    size_t chosen = 0;
    int64_t value = 0;
    if (node == NULL)
        return true;
    if (!evh_yaml_read_map(node, "noise", keys, 4, context->diagnostics) ||
        !evh_plan_take(context, &noise, 1, sizeof *noise))
        return false;
    evenhand__v1__plan__noise__init(noise);
    context->plan->message->noise = noise;
    bool good = adjacency == NULL || evh_yaml_read_choice(adjacency, "adjacency", adjacencies, 2,
                                                          &chosen, context->diagnostics);
    good &= evh_yaml_require(node, "noise", "offset", "what plan draft writes", &offset,
                             context->diagnostics) &&
            evh_yaml_read_integer(offset, "offset", 0, ((int64_t)1 << EVH_PLAN_CELL_BITS_MAX) - 1,
                                  &value, context->diagnostics);
    noise->offset = (uint64_t)value;
    noise->adjacency = (Evenhand__V1__Plan__Noise__Adjacency)(chosen + 1);
    return read_lists(context, node, noise) && good;
}
