/* SPDX-License-Identifier: Apache-2.0
 * From the message to the plan: the scorer, and the names of its cells. */
#include <stdio.h>
#include <string.h>

#include "plan_internal.h"

/* Only the block of the scorer in use is there. */
static bool check_blocks(evh_plan_context *context)
{
    const evh_plan_message *message = context->plan->message;
    const void *const blocks[] = {message->binary, message->multiclass, message->wer,
                                  message->regression, message->event};
    bool good = true;
    for (size_t i = 0; i < sizeof blocks / sizeof blocks[0]; i++)
        good &= (blocks[i] != NULL) == (i == (size_t)context->plan->terms.scorer);
    if (!good)
        evh_plan_wrong(context, evh_plan_node(context, "scorer", NULL),
                       "exactly the block of the scorer", "a block that does not fit the scorer");
    return good;
}

static bool resolve_positive(evh_plan_context *context, const char *block, char *const *positive,
                             size_t count)
{
    evh_plan_scoring *scoring = &context->plan->terms.scoring;
    const evh_yaml_node *node = evh_plan_node(context, block, "positive");
    scoring->positive_count = count;
    if (!evh_plan_in_range(context, node, "number of spellings of positive", count, 1,
                           EVH_PLAN_POSITIVE_MAX) ||
        !evh_plan_keep_list(context, node, "positive", positive, count, &scoring->positive))
        return false;
    for (size_t i = 1; i < count; i++) {
        if (strcmp(positive[i - 1], positive[i]) > 0) {
            evh_plan_wrong(context, node, "spellings in byte order", "positive is not in order");
            return false;
        }
    }
    return true;
}

static bool resolve_binary(evh_plan_context *context)
{
    static const evh_plan_bounds any = {
        .least = "-1e18", .most = "1e18", .right = "a decimal from -1e18 to 1e18"};
    evh_plan_scoring *scoring = &context->plan->terms.scoring;
    const Evenhand__V1__Plan__Binary *binary = context->plan->message->binary;
    bool good = resolve_positive(context, "binary", binary->positive, binary->n_positive);
    scoring->has_threshold = binary->threshold[0] != '\0';
    if (scoring->has_threshold)
        good &= evh_plan_resolve_number(context, evh_plan_node(context, "binary", "threshold"),
                                        "threshold", binary->threshold, &any, &scoring->threshold);
    return good;
}

static bool resolve_multiclass(evh_plan_context *context)
{
    evh_plan_scoring *scoring = &context->plan->terms.scoring;
    const Evenhand__V1__Plan__Multiclass *multiclass = context->plan->message->multiclass;
    const evh_yaml_node *node = evh_plan_node(context, "multiclass", "classes");
    scoring->class_count = multiclass->n_classes;
    if (multiclass->n_classes == 0)
        return true;
    return evh_plan_in_range(context, node, "number of classes", multiclass->n_classes, 2,
                             EVH_PLAN_CLASSES_MAX) &&
           evh_plan_keep_list(context, node, "classes", multiclass->classes, multiclass->n_classes,
                              &scoring->classes);
}

static bool resolve_wer(evh_plan_context *context)
{
    evh_plan_scoring *scoring = &context->plan->terms.scoring;
    const Evenhand__V1__Plan__Wer *wer = context->plan->message->wer;
    const evh_yaml_node *node = evh_plan_node(context, "wer", NULL);
    bool good = evh_plan_in_range(context, node, "average", wer->average, 1, 2) &&
                evh_plan_in_range(context, node, "alignment", wer->alignment, 1, 2) &&
                evh_plan_in_range(context, node, "normalizer", wer->normalizer, 1, 2) &&
                evh_plan_in_range(context, node, "empty_reference", wer->empty_reference, 1, 2) &&
                evh_plan_in_range(context, node, "detail", wer->detail, 1, 2);
    scoring->by_word = wer->average == EVENHAND__V1__PLAN__WER__AVERAGE__AVERAGE_WORD;
    scoring->levenshtein =
        wer->alignment == EVENHAND__V1__PLAN__WER__ALIGNMENT__ALIGNMENT_LEVENSHTEIN;
    scoring->basic_normalizer =
        wer->normalizer == EVENHAND__V1__PLAN__WER__NORMALIZER__NORMALIZER_BASIC;
    scoring->count_empty_reference =
        wer->empty_reference == EVENHAND__V1__PLAN__WER__EMPTY_REFERENCE__EMPTY_REFERENCE_COUNT;
    scoring->detail_sdi = wer->detail == EVENHAND__V1__PLAN__WER__DETAIL__DETAIL_SDI;
    if (scoring->detail_sdi && !scoring->by_word) {
        evh_plan_wrong(context, evh_plan_node(context, "wer", "detail"),
                       "average: word with detail: sdi, or detail: errors",
                       "detail is sdi, which an average over units does not have");
        return false;
    }
    return good;
}

static bool resolve_regression(evh_plan_context *context)
{
    static const evh_plan_bounds bound = {
        .least = "1e-6", .most = "1e12", .right = "a decimal from 1e-6 to 1e12"};
    evh_plan_scoring *scoring = &context->plan->terms.scoring;
    const Evenhand__V1__Plan__Regression *regression = context->plan->message->regression;
    bool good = evh_plan_resolve_number(context, evh_plan_node(context, "regression", "bound"),
                                        "bound", regression->bound, &bound, &scoring->bound);
    good &= evh_plan_in_range(context, evh_plan_node(context, "regression", "steps"), "steps",
                              regression->steps, 1, EVH_PLAN_STEPS_MAX);
    scoring->steps = regression->steps;
    return good;
}

static bool resolve_event(evh_plan_context *context)
{
    const Evenhand__V1__Plan__Event *event = context->plan->message->event;
    return resolve_positive(context, "event", event->positive, event->n_positive);
}

/* Cells of one group, in the scorer's order; multiclass with classes has three for each class. */
static bool name_cells(evh_plan_context *context)
{
    static const char *const binary[] = {"tp", "fp", "fn", "tn"};
    static const char *const unit[] = {"units", "rate_sum", "rate_squared_sum"};
    static const char *const words[] = {"words", "errors"};
    static const char *const sdi[] = {"words", "substitutions", "deletions", "insertions"};
    static const char *const regression[] = {"units", "over", "under", "squared"};
    static const char *const records[] = {"records", "errors"};
    static const char *const events[] = {"records", "events"};
    evh_plan *plan = context->plan;
    const evh_plan_scoring *scoring = &plan->terms.scoring;
    const char *const *names = binary;
    size_t count = 4;
    if (plan->terms.scorer == EVH_PLAN_WER && scoring->by_word) {
        names = scoring->detail_sdi ? sdi : words;
        count = scoring->detail_sdi ? 4 : 2;
    } else if (plan->terms.scorer == EVH_PLAN_WER) {
        names = unit;
        count = 3;
    } else if (plan->terms.scorer == EVH_PLAN_REGRESSION) {
        names = regression;
    } else if (plan->terms.scorer != EVH_PLAN_BINARY) {
        names = plan->terms.scorer == EVH_PLAN_EVENT ? events : records;
        count = 2;
    }
    plan->cell_names = names;
    plan->cells_per_group = count;
    if (scoring->class_count == 0)
        return true;
    static const char *const prefixes[] = {"tp", "fp", "fn"};
    char **made = NULL;
    const char **kept = NULL;
    plan->cells_per_group = 3 * scoring->class_count;
    if (!evh_plan_take(context, &kept, plan->cells_per_group, sizeof kept[0]) ||
        !evh_plan_take(context, &made, plan->cells_per_group, sizeof made[0]))
        return false;
    for (size_t i = 0; i < plan->cells_per_group; i++) {
        const char *class = scoring->classes[i / 3];
        if (!evh_plan_take(context, &made[i], strlen(class) + 4, 1))
            return false;
        (void)snprintf(made[i], strlen(class) + 4, "%s:%s", prefixes[i % 3], class);
        kept[i] = made[i];
    }
    plan->cell_names = kept;
    return true;
}

bool evh_plan_resolve_scoring(evh_plan_context *context)
{
    static bool (*const resolvers[])(evh_plan_context *) = {
        resolve_binary, resolve_multiclass, resolve_wer, resolve_regression, resolve_event};
    const evh_plan_message *message = context->plan->message;
    if (!evh_plan_in_range(context, evh_plan_node(context, "scorer", NULL), "scorer",
                           message->scorer, 1, sizeof resolvers / sizeof resolvers[0]))
        return false;
    context->plan->terms.scorer = (evh_plan_scorer)(message->scorer - 1);
    return check_blocks(context) && resolvers[context->plan->terms.scorer](context) &&
           name_cells(context);
}

size_t evh_plan_cells_per_group(const evh_plan *plan)
{
    return plan->cells_per_group;
}

const char *evh_plan_cell_name(const evh_plan *plan, size_t cell)
{
    return plan->cell_names[cell];
}
