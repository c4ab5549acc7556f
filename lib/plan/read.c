/* SPDX-License-Identifier: Apache-2.0
 * From YAML to the message: the keys of the plan itself, and what all parts share. */
#include <string.h>

#include "evenhand/yaml/read.h"
#include "plan_internal.h"

static const char *const plan_keys[] = {
    "version",    "name",    "scorer", "binary",     "multiclass", "wer",
    "regression", "event",   "models", "attributes", "releases",   "derive",
    "window",     "privacy", "rounds", "questions",  "confidence", "noise"};

bool evh_plan_read_name(evh_plan_context *context, const evh_yaml_node *node, const char *what,
                        size_t most, char **out)
{
    evh_view text;
    if (!evh_yaml_read_text(node, what, 1, most, &text, context->diagnostics))
        return false;
    if (evh_view_trim(text).len == 0) {
        evh_yaml_wrong(node, context->diagnostics, "a text", "%s is blank", what);
        return false;
    }
    if (!evh_plan_keep_text(context, text, out))
        return false;
    if (strlen(*out) <= most)
        return true;
    evh_yaml_wrong(node, context->diagnostics, "a shorter text",
                   "%s is over %zu bytes long in its normal form", what, most);
    return false;
}

bool evh_plan_read_names(evh_plan_context *context, const evh_yaml_node *node, const char *what,
                         size_t least, size_t most, size_t bytes, char ***out, size_t *count)
{
    if (!evh_yaml_read_list(node, what, least, most, context->diagnostics))
        return false;
    char **names = NULL;
    size_t items = evh_yaml_count(node);
    if (!evh_plan_take(context, &names, items, sizeof names[0]))
        return false;
    bool good = true;
    for (size_t i = 0; i < items; i++)
        good &= evh_plan_read_name(context, evh_yaml_item(node, i), what, bytes, &names[i]);
    if (good) { /* a list with holes is no list: later steps would compare them */
        *out = names;
        *count = items;
    }
    return good;
}

bool evh_plan_read_u32(evh_plan_context *context, const evh_yaml_node *node, const char *what,
                       uint32_t least, uint32_t most, uint32_t *out)
{
    int64_t value = 0;
    if (node == NULL)
        return true;
    if (!evh_yaml_read_integer(node, what, least, most, &value, context->diagnostics))
        return false;
    *out = (uint32_t)value;
    return true;
}

bool evh_plan_read_number(evh_plan_context *context, const evh_yaml_node *node, const char *what,
                          const char *right, char **out)
{
    evh_decimal value;
    char text[EVH_DECIMAL_TEXT_LEN];
    if (node == NULL)
        return true;
    if (!evh_yaml_read_decimal(node, what, right, &value, context->diagnostics))
        return false;
    evh_decimal_format(text, value);
    return evh_plan_keep_text(context, evh_view_of_text(text), out);
}

static bool read_version(evh_plan_context *context)
{
    context->plan->message->version = EVH_PLAN_VERSION;
    const evh_yaml_node *node = evh_yaml_find(context->root, "version");
    return evh_plan_read_u32(context, node, "version", EVH_PLAN_VERSION, EVH_PLAN_VERSION,
                             &context->plan->message->version);
}

static bool read_plan_name(evh_plan_context *context)
{
    const evh_yaml_node *node = NULL;
    return evh_yaml_require(context->root, "the plan", "name", "name: what people call this plan",
                            &node, context->diagnostics) &&
           evh_plan_read_name(context, node, "name", EVH_PLAN_NAME_MAX,
                              &context->plan->message->name);
}

static bool read_models(evh_plan_context *context)
{
    evh_plan_message *message = context->plan->message;
    const evh_yaml_node *node = evh_yaml_find(context->root, "models");
    return node == NULL ||
           evh_plan_read_names(context, node, "models", 1, EVH_PLAN_MODELS_MAX, EVH_PLAN_NAME_MAX,
                               &message->models, &message->n_models);
}

static bool read_confidence(evh_plan_context *context)
{
    evh_plan_message *message = context->plan->message;
    return evh_plan_keep_text(context, evh_view_of_text("0.95"), &message->confidence) &&
           evh_plan_read_number(context, evh_yaml_find(context->root, "confidence"), "confidence",
                                "a decimal such as \"0.95\"", &message->confidence);
}

bool evh_plan_read(evh_plan_context *context)
{
    bool good = evh_yaml_read_map(context->root, "the plan", plan_keys,
                                  sizeof plan_keys / sizeof plan_keys[0], context->diagnostics);
    if (evh_yaml_kind_of(context->root) != EVH_YAML_MAP)
        return false;
    good &= read_version(context);
    good &= read_plan_name(context);
    good &= evh_plan_read_scorer(context);
    good &= read_models(context);
    good &= evh_plan_read_attributes(context);
    good &= evh_plan_read_groupings(context);
    good &= evh_plan_read_window(context);
    good &= evh_plan_read_privacy(context);
    good &= evh_plan_read_rounds(context);
    good &= evh_plan_read_questions(context);
    good &= read_confidence(context);
    good &= evh_plan_read_noise(context);
    return good;
}
