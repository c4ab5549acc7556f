/* SPDX-License-Identifier: Apache-2.0
 * From YAML to the message: the scorer and its block. */
#include <string.h>

#include "evenhand/yaml/read.h"
#include "plan_internal.h"

static const char *const scorer_names[] = {"binary", "multiclass", "wer", "regression", "event"};
enum { SCORER_COUNT = sizeof scorer_names / sizeof scorer_names[0] };

const char *evh_plan_scorer_name(evh_plan_scorer scorer)
{
    return scorer_names[scorer];
}

/* The spellings of positive, "1" unless the block names others; their order means nothing. */
static bool read_positive(evh_plan_context *context, const evh_yaml_node *block, const char *what,
                          char ***out, size_t *count)
{
    const evh_yaml_node *node = evh_yaml_find(block, "positive");
    const char *const *unique = NULL;
    if (node == NULL) {
        if (!evh_plan_take(context, out, 1, sizeof(char *)))
            return false;
        *count = 1;
        return evh_plan_keep_text(context, evh_view_of_text("1"), &(*out)[0]);
    }
    if (!evh_plan_read_names(context, node, what, 1, EVH_PLAN_POSITIVE_MAX, EVH_PLAN_VALUE_MAX, out,
                             count))
        return false;
    /* Before they are sorted a duplicate is still in its place. */
    if (!evh_plan_keep_list(context, node, what, *out, *count, &unique))
        return false;
    evh_plan_sort_texts(*out, *count);
    return true;
}

static bool read_binary(evh_plan_context *context, const evh_yaml_node *block)
{
    static const char *const keys[] = {"positive", "threshold"};
    Evenhand__V1__Plan__Binary *binary = NULL;
    if (!evh_plan_take(context, &binary, 1, sizeof *binary))
        return false;
    evenhand__v1__plan__binary__init(binary);
    context->plan->message->binary = binary;
    bool good = block == NULL || evh_yaml_read_map(block, "binary", keys, 2, context->diagnostics);
    good &=
        read_positive(context, block, "binary.positive", &binary->positive, &binary->n_positive);
    good &= evh_plan_read_number(context, evh_yaml_find(block, "threshold"), "binary.threshold",
                                 "a decimal such as \"0.5\"", &binary->threshold);
    return good;
}

static bool read_event(evh_plan_context *context, const evh_yaml_node *block)
{
    static const char *const keys[] = {"positive"};
    Evenhand__V1__Plan__Event *event = NULL;
    if (!evh_plan_take(context, &event, 1, sizeof *event))
        return false;
    evenhand__v1__plan__event__init(event);
    context->plan->message->event = event;
    bool good = block == NULL || evh_yaml_read_map(block, "event", keys, 1, context->diagnostics);
    good &= read_positive(context, block, "event.positive", &event->positive, &event->n_positive);
    return good;
}

/* `detail` follows from whether classes are given; writing it against that is a mistake. */
static bool read_multiclass(evh_plan_context *context, const evh_yaml_node *block)
{
    static const char *const keys[] = {"classes", "detail"};
    static const char *const details[] = {"ovr", "errors"};
    Evenhand__V1__Plan__Multiclass *multiclass = NULL;
    if (!evh_plan_take(context, &multiclass, 1, sizeof *multiclass))
        return false;
    evenhand__v1__plan__multiclass__init(multiclass);
    context->plan->message->multiclass = multiclass;
    if (block != NULL && !evh_yaml_read_map(block, "multiclass", keys, 2, context->diagnostics))
        return false;
    const evh_yaml_node *classes = evh_yaml_find(block, "classes");
    const evh_yaml_node *detail = evh_yaml_find(block, "detail");
    size_t chosen = classes != NULL ? 0 : 1;
    bool good = detail == NULL || evh_yaml_read_choice(detail, "multiclass.detail", details, 2,
                                                       &chosen, context->diagnostics);
    if (good && chosen == 0 && classes == NULL) {
        evh_yaml_wrong(detail, context->diagnostics, "classes: [the classes] beside it",
                       "multiclass.detail is ovr, but there are no classes");
        good = false;
    }
    if (good && chosen == 1 && classes != NULL) {
        evh_yaml_wrong(classes, context->diagnostics, "no classes, or detail: ovr",
                       "multiclass.classes are not used with detail errors");
        good = false;
    }
    if (classes != NULL)
        good &=
            evh_plan_read_names(context, classes, "multiclass.classes", 2, EVH_PLAN_CLASSES_MAX,
                                EVH_PLAN_VALUE_MAX, &multiclass->classes, &multiclass->n_classes);
    return good;
}

/* Reads one of several words; the first is the default. Enums of the message start at 1. */
static bool read_word(evh_plan_context *context, const evh_yaml_node *block, const char *key,
                      const char *const *words, size_t count, size_t *out)
{
    const evh_yaml_node *node = evh_yaml_find(block, key);
    size_t chosen = 0;
    bool good = node == NULL ||
                evh_yaml_read_choice(node, key, words, count, &chosen, context->diagnostics);
    *out = chosen + 1;
    return good;
}

static bool read_wer(evh_plan_context *context, const evh_yaml_node *block)
{
    static const char *const keys[] = {"average", "alignment", "normalizer", "empty_reference",
                                       "detail"};
    static const char *const averages[] = {"unit", "word"};
    static const char *const alignments[] = {"sclite", "levenshtein"};
    static const char *const normalizers[] = {"none", "basic"};
    static const char *const empties[] = {"skip", "count"};
    static const char *const details[] = {"errors", "sdi"};
    Evenhand__V1__Plan__Wer *wer = NULL;
    if (!evh_plan_take(context, &wer, 1, sizeof *wer))
        return false;
    evenhand__v1__plan__wer__init(wer);
    context->plan->message->wer = wer;
    size_t chosen[5] = {1, 1, 1, 1, 1};
    bool good = block == NULL || evh_yaml_read_map(block, "wer", keys, 5, context->diagnostics);
    good &= read_word(context, block, "average", averages, 2, &chosen[0]);
    good &= read_word(context, block, "alignment", alignments, 2, &chosen[1]);
    good &= read_word(context, block, "normalizer", normalizers, 2, &chosen[2]);
    good &= read_word(context, block, "empty_reference", empties, 2, &chosen[3]);
    good &= read_word(context, block, "detail", details, 2, &chosen[4]);
    wer->average = (Evenhand__V1__Plan__Wer__Average)chosen[0];
    wer->alignment = (Evenhand__V1__Plan__Wer__Alignment)chosen[1];
    wer->normalizer = (Evenhand__V1__Plan__Wer__Normalizer)chosen[2];
    wer->empty_reference = (Evenhand__V1__Plan__Wer__EmptyReference)chosen[3];
    wer->detail = (Evenhand__V1__Plan__Wer__Detail)chosen[4];
    return good;
}

static bool read_regression(evh_plan_context *context, const evh_yaml_node *block)
{
    static const char *const keys[] = {"bound", "steps"};
    static const char right[] = "bound: the largest error that is told apart, such as \"10\"";
    Evenhand__V1__Plan__Regression *regression = NULL;
    if (!evh_plan_take(context, &regression, 1, sizeof *regression))
        return false;
    evenhand__v1__plan__regression__init(regression);
    regression->steps = 100;
    context->plan->message->regression = regression;
    if (block == NULL) {
        evh_plan_wrong(context, evh_plan_node(context, "scorer", NULL), right,
                       "scorer regression needs a block regression");
        return false;
    }
    const evh_yaml_node *bound = NULL;
    bool good = evh_yaml_read_map(block, "regression", keys, 2, context->diagnostics) &&
                evh_yaml_require(block, "regression", "bound", right, &bound, context->diagnostics);
    good = good && evh_plan_read_number(context, bound, "regression.bound",
                                        "a decimal above 0 such as \"10\"", &regression->bound);
    good &= evh_plan_read_u32(context, evh_yaml_find(block, "steps"), "regression.steps", 1,
                              EVH_PLAN_STEPS_MAX, &regression->steps);
    return good;
}

/* A block of a scorer that is not in use may stand there, ready for a change of one word; it is no
 * part of the canonical bytes. */
static void warn_of_unused_blocks(evh_plan_context *context, size_t used)
{
    for (size_t i = 0; i < SCORER_COUNT; i++) {
        for (size_t k = 0; i != used && k < evh_yaml_count(context->root); k++) {
            const evh_yaml_node *key = evh_yaml_key(context->root, k);
            if (evh_view_equal(evh_yaml_text(key), evh_view_of_text(scorer_names[i])))
                evh_yaml_warn(key, context->diagnostics, NULL,
                              "the block %s is not used: the scorer is %s", scorer_names[i],
                              scorer_names[used]);
        }
    }
}

bool evh_plan_read_scorer(evh_plan_context *context)
{
    static bool (*const readers[SCORER_COUNT])(evh_plan_context *, const evh_yaml_node *) = {
        read_binary, read_multiclass, read_wer, read_regression, read_event};
    evh_plan_message *message = context->plan->message;
    const evh_yaml_node *node = NULL;
    size_t scorer = 0;
    if (!evh_yaml_require(context->root, "the plan", "scorer",
                          "scorer: binary, multiclass, wer, regression or event", &node,
                          context->diagnostics) ||
        !evh_yaml_read_choice(node, "scorer", scorer_names, SCORER_COUNT, &scorer,
                              context->diagnostics))
        return false;
    warn_of_unused_blocks(context, scorer);
    message->scorer = (Evenhand__V1__Plan__Scorer)(scorer + 1);
    return readers[scorer](context, evh_yaml_find(context->root, scorer_names[scorer]));
}
