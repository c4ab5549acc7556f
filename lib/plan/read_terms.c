/* SPDX-License-Identifier: Apache-2.0
 * From YAML to the message: window, privacy, rounds and questions. */
#include <stdio.h>
#include <string.h>

#include "evenhand/yaml/read.h"
#include "plan_internal.h"

static bool take_two_digits(const uint8_t *at, int32_t *out)
{
    if (at[0] < '0' || at[0] > '9' || at[1] < '0' || at[1] > '9')
        return false;
    *out = (at[0] - '0') * 10 + (at[1] - '0');
    return true;
}

/* "UTC" or "+hh:mm" or "-hh:mm". */
static bool read_timezone(evh_plan_context *context, const evh_yaml_node *node, int32_t *minutes)
{
    evh_view text;
    int32_t hour = 0;
    int32_t minute = 0;
    if (node == NULL)
        return true;
    if (!evh_yaml_read_text(node, "timezone", 1, 16, &text, context->diagnostics))
        return false;
    if (evh_view_equal(text, evh_view_of_text("UTC")))
        return true;
    bool form = text.len == 6 && (text.data[0] == '+' || text.data[0] == '-') &&
                text.data[3] == ':' && take_two_digits(text.data + 1, &hour) &&
                take_two_digits(text.data + 4, &minute) && minute < 60 && hour * 60 + minute <= 840;
    if (!form) {
        evh_yaml_wrong(node, context->diagnostics, "UTC, or an offset from -14:00 to +14:00",
                       "timezone is \"%.*s\"", (int)text.len, (const char *)text.data);
        return false;
    }
    *minutes = (text.data[0] == '-' ? -1 : 1) * (hour * 60 + minute);
    return true;
}

bool evh_plan_read_window(evh_plan_context *context)
{
    static const char *const keys[] = {"every", "start", "timezone"};
    static const char *const everies[] = {"day", "week", "month", "quarter", "year"};
    const evh_yaml_node *node = evh_yaml_find(context->root, "window");
    const evh_yaml_node *every = NULL;
    const evh_yaml_node *start = NULL;
    Evenhand__V1__Plan__Window *window = NULL;
    size_t chosen = 0;
    if (node == NULL)
        return true;
    if (!evh_yaml_read_map(node, "window", keys, 3, context->diagnostics) ||
        !evh_plan_take(context, &window, 1, sizeof *window))
        return false;
    evenhand__v1__plan__window__init(window);
    context->plan->message->window = window;
    bool good =
        evh_yaml_require(node, "window", "every", "every: day, week, month, quarter or year",
                         &every, context->diagnostics) &&
        evh_yaml_read_choice(every, "every", everies, 5, &chosen, context->diagnostics);
    good &= evh_yaml_require(node, "window", "start", "start: the first day of round 1, YYYY-MM-DD",
                             &start, context->diagnostics) &&
            evh_plan_read_name(context, start, "start", 16, &window->start);
    good &= read_timezone(context, evh_yaml_find(node, "timezone"), &window->offset_minutes);
    window->every = (Evenhand__V1__Plan__Window__Every)(chosen + 1);
    return good;
}

/* Like a block of another scorer, caps of words may stand there without being used. */
static void drop_unused_caps(evh_plan_context *context, const evh_yaml_node *words,
                             const evh_yaml_node *insertions, Evenhand__V1__Plan__Privacy *privacy)
{
    const Evenhand__V1__Plan__Wer *wer = context->plan->message->wer;
    if (wer != NULL && wer->average == EVENHAND__V1__PLAN__WER__AVERAGE__AVERAGE_WORD)
        return;
    privacy->words_per_unit = 0;
    privacy->insertions_per_unit = 0;
    if (words != NULL || insertions != NULL)
        evh_yaml_warn(words != NULL ? words : insertions, context->diagnostics, NULL,
                      "%s is not used: the plan does not average over words",
                      words != NULL ? "words_per_unit" : "insertions_per_unit");
}

static bool read_caps(evh_plan_context *context, const evh_yaml_node *node,
                      Evenhand__V1__Plan__Privacy *privacy)
{
    const evh_yaml_node *words = evh_yaml_find(node, "words_per_unit");
    const evh_yaml_node *insertions = evh_yaml_find(node, "insertions_per_unit");
    privacy->records_per_unit = 1;
    bool good =
        evh_plan_read_u32(context, evh_yaml_find(node, "records_per_unit"), "records_per_unit", 1,
                          EVH_PLAN_RECORDS_MAX, &privacy->records_per_unit);
    privacy->groups_per_unit = privacy->records_per_unit;
    good &= evh_plan_read_u32(context, evh_yaml_find(node, "groups_per_unit"), "groups_per_unit", 1,
                              EVH_PLAN_RECORDS_MAX, &privacy->groups_per_unit);
    good &= evh_plan_read_u32(context, words, "words_per_unit", 1, EVH_PLAN_WORDS_MAX,
                              &privacy->words_per_unit);
    privacy->insertions_per_unit = privacy->words_per_unit;
    good &= evh_plan_read_u32(context, insertions, "insertions_per_unit", 1, EVH_PLAN_WORDS_MAX,
                              &privacy->insertions_per_unit);
    drop_unused_caps(context, words, insertions, privacy);
    privacy->cell_bits = 24;
    good &= evh_plan_read_u32(context, evh_yaml_find(node, "cell_bits"), "cell_bits", 1,
                              EVH_PLAN_CELL_BITS_MAX, &privacy->cell_bits);
    return good;
}

static bool read_mechanism(evh_plan_context *context, const evh_yaml_node *node,
                           Evenhand__V1__Plan__Privacy *privacy)
{
    static const char *const placements[] = {"local", "distributed"};
    static const char *const mechanisms[] = {"none", "discrete-laplace", "discrete-gaussian",
                                             "skellam"};
    const evh_yaml_node *placement = evh_yaml_find(node, "placement");
    const evh_yaml_node *mechanism = evh_yaml_find(node, "mechanism");
    const evh_yaml_node *epsilon = evh_yaml_find(node, "epsilon");
    const evh_yaml_node *delta = evh_yaml_find(node, "delta");
    size_t place = 0;
    size_t kind = 1;
    bool good = placement == NULL || evh_yaml_read_choice(placement, "placement", placements, 2,
                                                          &place, context->diagnostics);
    good &= mechanism == NULL || evh_yaml_read_choice(mechanism, "mechanism", mechanisms, 4, &kind,
                                                      context->diagnostics);
    privacy->placement = (Evenhand__V1__Plan__Privacy__Placement)(place + 1);
    privacy->mechanism = (Evenhand__V1__Plan__Privacy__Mechanism)(kind + 1);
    good &=
        evh_plan_keep_text(context, evh_view_of_text(kind == 0 ? "0" : "1"), &privacy->epsilon) &&
        evh_plan_read_number(context, epsilon, "epsilon", "a decimal such as \"1.0\"",
                             &privacy->epsilon);
    good &= evh_plan_keep_text(context, evh_view_of_text("0"), &privacy->delta) &&
            evh_plan_read_number(context, delta, "delta", "a decimal such as \"1e-6\"",
                                 &privacy->delta);
    return good;
}

bool evh_plan_read_privacy(evh_plan_context *context)
{
    static const char *const keys[] = {"population",     "records_per_unit",    "groups_per_unit",
                                       "words_per_unit", "insertions_per_unit", "cell_bits",
                                       "placement",      "mechanism",           "epsilon",
                                       "delta"};
    const evh_yaml_node *node = NULL;
    Evenhand__V1__Plan__Privacy *privacy = NULL;
    if (!evh_yaml_require(context->root, "the plan", "privacy",
                          "privacy: {population: ..., records_per_unit: ..., epsilon: ...}", &node,
                          context->diagnostics) ||
        !evh_yaml_read_map(node, "privacy", keys, sizeof keys / sizeof keys[0],
                           context->diagnostics) ||
        !evh_plan_take(context, &privacy, 1, sizeof *privacy))
        return false;
    evenhand__v1__plan__privacy__init(privacy);
    context->plan->message->privacy = privacy;
    const evh_yaml_node *population = evh_yaml_find(node, "population");
    bool good = population == NULL || evh_plan_read_name(context, population, "population",
                                                         EVH_PLAN_NAME_MAX, &privacy->population);
    good &= read_caps(context, node, privacy);
    good &= read_mechanism(context, node, privacy);
    return good;
}

bool evh_plan_read_rounds(evh_plan_context *context)
{
    static const char *const keys[] = {"count", "min_honest", "assumed_corrupt", "max_clients"};
    const evh_yaml_node *node = evh_yaml_find(context->root, "rounds");
    Evenhand__V1__Plan__Rounds *rounds = NULL;
    if (!evh_plan_take(context, &rounds, 1, sizeof *rounds))
        return false;
    evenhand__v1__plan__rounds__init(rounds);
    rounds->count = 1;
    rounds->min_honest = 5;
    rounds->assumed_corrupt = 1;
    rounds->max_clients = 1000;
    context->plan->message->rounds = rounds;
    if (node == NULL)
        return true;
    bool good = evh_yaml_read_map(node, "rounds", keys, 4, context->diagnostics);
    good &= evh_plan_read_u32(context, evh_yaml_find(node, keys[0]), keys[0], 1,
                              EVH_PLAN_ROUNDS_MAX, &rounds->count);
    good &= evh_plan_read_u32(context, evh_yaml_find(node, keys[1]), keys[1], 1, EVH_CLIENTS_MAX,
                              &rounds->min_honest);
    good &= evh_plan_read_u32(context, evh_yaml_find(node, keys[2]), keys[2], 0, EVH_CLIENTS_MAX,
                              &rounds->assumed_corrupt);
    good &= evh_plan_read_u32(context, evh_yaml_find(node, keys[3]), keys[3], 1, EVH_CLIENTS_MAX,
                              &rounds->max_clients);
    return good;
}

/* A text or a list of texts: `by: accent` is `by: [accent]`. */
static bool read_one_or_more(evh_plan_context *context, const evh_yaml_node *node, const char *what,
                             size_t bytes, char ***out, size_t *count)
{
    if (evh_yaml_kind_of(node) != EVH_YAML_SCALAR)
        return evh_plan_read_names(context, node, what, 1, EVH_PLAN_ATTRIBUTES_MAX, bytes, out,
                                   count);
    if (!evh_plan_take(context, out, 1, sizeof **out))
        return false;
    *count = 1;
    return evh_plan_read_name(context, node, what, bytes, &(*out)[0]);
}

/* `by` and `reference` go together, so they are put in the plan's order together. */
static void order_by(evh_plan_message *message, Evenhand__V1__Plan__Question *question)
{
    char **by = question->by->attributes;
    for (size_t i = 1; i < question->by->n_attributes; i++) {
        for (size_t at = i; at > 0; at--) {
            size_t left = evh_plan_place_of(message, by[at - 1]);
            size_t right = evh_plan_place_of(message, by[at]);
            if (left <= right)
                break;
            char *name = by[at];
            by[at] = by[at - 1];
            by[at - 1] = name;
            if (question->n_reference == question->by->n_attributes) {
                char *value = question->reference[at];
                question->reference[at] = question->reference[at - 1];
                question->reference[at - 1] = value;
            }
        }
    }
}

static bool read_compared(evh_plan_context *context, const evh_yaml_node *node,
                          Evenhand__V1__Plan__Question *question)
{
    const evh_yaml_node *by = NULL;
    const evh_yaml_node *reference = evh_yaml_find(node, "reference");
    Evenhand__V1__Plan__Grouping *grouping = NULL;
    if (!evh_plan_take(context, &grouping, 1, sizeof *grouping))
        return false;
    evenhand__v1__plan__grouping__init(grouping);
    question->by = grouping;
    bool good = evh_yaml_require(node, "a question", "by", "by: the attribute to compare", &by,
                                 context->diagnostics) &&
                read_one_or_more(context, by, "by", EVH_PLAN_NAME_MAX, &grouping->attributes,
                                 &grouping->n_attributes);
    good &=
        reference == NULL || read_one_or_more(context, reference, "reference", EVH_PLAN_VALUE_MAX,
                                              &question->reference, &question->n_reference);
    if (good)
        order_by(context->plan->message, question);
    return good;
}

/* `wer` is what everybody calls it. */
static bool use_full_name(evh_plan_context *context, char **metric)
{
    return strcmp(*metric, "wer") != 0 ||
           context->plan->message->scorer != EVENHAND__V1__PLAN__SCORER__SCORER_WER ||
           evh_plan_keep_text(context, evh_view_of_text("word_error_rate"), metric);
}

static bool read_question(evh_plan_context *context, const evh_yaml_node *node,
                          Evenhand__V1__Plan__Question **out)
{
    static const char *const keys[] = {"id",        "metric",  "class",     "by",
                                       "reference", "measure", "tolerance", "model"};
    static const char *const measures[] = {"difference", "ratio"};
    Evenhand__V1__Plan__Question *question = NULL;
    if (!evh_yaml_read_map(node, "a question", keys, 8, context->diagnostics) ||
        !evh_plan_take(context, &question, 1, sizeof *question))
        return false;
    evenhand__v1__plan__question__init(question);
    *out = question;
    const evh_yaml_node *id = NULL;
    const evh_yaml_node *metric = NULL;
    const evh_yaml_node *tolerance = NULL;
    const evh_yaml_node *measure = evh_yaml_find(node, "measure");
    const evh_yaml_node *class = evh_yaml_find(node, "class");
    const evh_yaml_node *model = evh_yaml_find(node, "model");
    size_t chosen = 0;
    bool good = evh_yaml_require(node, "a question", "id", "id: a name for it", &id,
                                 context->diagnostics) &&
                evh_plan_read_name(context, id, "id", EVH_PLAN_NAME_MAX, &question->id);
    good &= evh_yaml_require(node, "a question", "metric", "metric: the rate to compare", &metric,
                             context->diagnostics) &&
            evh_plan_read_name(context, metric, "metric", EVH_PLAN_NAME_MAX, &question->metric) &&
            use_full_name(context, &question->metric);
    good &= class == NULL || evh_plan_read_name(context, class, "class", EVH_PLAN_VALUE_MAX,
                                                &question->metric_class);
    good &= model == NULL ||
            evh_plan_read_name(context, model, "model", EVH_PLAN_NAME_MAX, &question->model);
    good &= read_compared(context, node, question);
    good &= measure == NULL ||
            evh_yaml_read_choice(measure, "measure", measures, 2, &chosen, context->diagnostics);
    question->measure = (Evenhand__V1__Plan__Question__Measure)(chosen + 1);
    good &= evh_yaml_require(node, "a question", "tolerance",
                             "tolerance: the disparity that is tolerated, such as \"0.05\"",
                             &tolerance, context->diagnostics) &&
            evh_plan_read_number(context, tolerance, "tolerance", "a decimal such as \"0.05\"",
                                 &question->tolerance);
    return good;
}

bool evh_plan_read_questions(evh_plan_context *context)
{
    evh_plan_message *message = context->plan->message;
    const evh_yaml_node *node = evh_yaml_find(context->root, "questions");
    if (node == NULL)
        return true;
    if (!evh_yaml_read_list(node, "questions", 0, EVH_PLAN_QUESTIONS_MAX, context->diagnostics) ||
        !evh_plan_take(context, &message->questions, evh_yaml_count(node),
                       sizeof message->questions[0]))
        return false;
    bool good = true;
    for (size_t i = 0; i < evh_yaml_count(node); i++)
        good &= read_question(context, evh_yaml_item(node, i), &message->questions[i]);
    message->n_questions = evh_yaml_count(node);
    return good;
}
