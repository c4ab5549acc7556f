/* SPDX-License-Identifier: Apache-2.0
 * From the message to the plan: order of the steps, and what they share. Everything is checked
 * here, also what reading YAML has checked before: the message may come from bytes. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "plan_internal.h"

bool evh_plan_in_range(evh_plan_context *context, const evh_yaml_node *node, const char *what,
                       uint64_t value, uint64_t least, uint64_t most)
{
    if (value >= least && value <= most)
        return true;
    char right[EVH_DIAGNOSTIC_TEXT_LEN];
    (void)snprintf(right, sizeof right, "%" PRIu64 " to %" PRIu64, least, most);
    evh_plan_wrong(context, node, right, "%s is %" PRIu64, what, value);
    return false;
}

static evh_decimal known_decimal(const char *text)
{
    evh_decimal value = {.digits = 0};
    evh_status_discard(evh_decimal_parse(evh_view_of_text(text), &value),
                       "a constant of this program");
    return value;
}

bool evh_plan_resolve_number(evh_plan_context *context, const evh_yaml_node *node, const char *what,
                             const char *text, const evh_plan_bounds *bounds, evh_decimal *out)
{
    evh_decimal value;
    char canonical[EVH_DECIMAL_TEXT_LEN] = "";
    evh_status status = evh_decimal_parse(evh_view_of_text(text), &value);
    if (status.code == EVH_OK)
        evh_decimal_format(canonical, value);
    if (status.code != EVH_OK || strcmp(canonical, text) != 0) {
        evh_plan_wrong(context, node, "a decimal in its shortest form", "%s is \"%s\"", what, text);
        return false;
    }
    int low = evh_decimal_compare(value, known_decimal(bounds->least));
    int high = evh_decimal_compare(value, known_decimal(bounds->most));
    if (low < 0 || (low == 0 && bounds->above_least) || high > 0 ||
        (high == 0 && bounds->below_most)) {
        evh_plan_wrong(context, node, bounds->right, "%s is %s", what, text);
        return false;
    }
    *out = value;
    return true;
}

bool evh_plan_keep_list(evh_plan_context *context, const evh_yaml_node *node, const char *what,
                        char *const *texts, size_t count, const char *const **out)
{
    const char **kept = NULL;
    evh_plan_lookup unique;
    size_t twice = SIZE_MAX;
    if (!evh_plan_take(context, &kept, count, sizeof kept[0]))
        return false;
    for (size_t i = 0; i < count; i++)
        kept[i] = texts[i];
    *out = kept;
    if (evh_plan_lookup_build(context, &unique, kept, count, &twice))
        return true;
    if (twice != SIZE_MAX)
        evh_plan_wrong(context, evh_plan_item(node, twice), "each once", "%s has \"%s\" twice",
                       what, texts[twice]);
    return false;
}

static bool resolve_head(evh_plan_context *context)
{
    static const evh_plan_bounds confidence = {
        .least = "0.5", .most = "1", .below_most = true, .right = "a decimal from 0.5 to below 1"};
    evh_plan_terms *terms = &context->plan->terms;
    const evh_plan_message *message = context->plan->message;
    terms->name = message->name;
    bool good = evh_plan_in_range(context, evh_plan_node(context, "version", NULL), "version",
                                  message->version, EVH_PLAN_VERSION, EVH_PLAN_VERSION);
    good &= evh_plan_in_range(context, evh_plan_node(context, "name", NULL), "length of name",
                              strlen(message->name), 1, EVH_PLAN_NAME_MAX);
    good &= evh_plan_in_range(context, evh_plan_node(context, "models", NULL), "number of models",
                              message->n_models, 0, EVH_PLAN_MODELS_MAX);
    good = good && evh_plan_keep_list(context, evh_plan_node(context, "models", NULL), "models",
                                      message->models, message->n_models, &terms->models);
    terms->model_count = message->n_models;
    good &=
        evh_plan_resolve_number(context, evh_plan_node(context, "confidence", NULL), "confidence",
                                message->confidence, &confidence, &terms->confidence);
    return good;
}

bool evh_plan_resolve(evh_plan_context *context)
{
    bool good = resolve_head(context);
    good &= evh_plan_resolve_scoring(context);
    good &= evh_plan_resolve_window(context);
    good &= evh_plan_resolve_privacy(context);
    good &= evh_plan_resolve_rounds(context);
    good = evh_plan_resolve_attributes(context) && good;
    return good && evh_plan_resolve_groupings(context) && evh_plan_resolve_questions(context) &&
           evh_plan_fill_scorer_options(context) && evh_plan_fill_bounding(context) &&
           evh_plan_build_noise_classes(context) && evh_plan_resolve_noise(context);
}

const evh_plan_terms *evh_plan_terms_of(const evh_plan *plan)
{
    return &plan->terms;
}

size_t evh_plan_model_slots(const evh_plan *plan)
{
    return plan->terms.model_count == 0 ? 1 : plan->terms.model_count;
}
