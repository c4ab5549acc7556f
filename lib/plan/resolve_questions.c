/* SPDX-License-Identifier: Apache-2.0
 * From the message to the plan: questions. */
#include <stdio.h>
#include <string.h>

#include "evenhand/yaml/read.h"
#include "plan_internal.h"

/* The node of a question in the file, and of one of its keys. */
static const evh_yaml_node *question_node(const evh_plan_context *context, size_t index,
                                          const char *key)
{
    const evh_yaml_node *node = evh_plan_item(evh_plan_node(context, "questions", NULL), index);
    const evh_yaml_node *inner = evh_yaml_find(node, key);
    return inner != NULL ? inner : node;
}

static bool resolve_metric(evh_plan_context *context, size_t index,
                           const Evenhand__V1__Plan__Question *from, evh_plan_question *to)
{
    const evh_plan *plan = context->plan;
    evh_cell_layout layout = evh_plan_cell_layout(plan);
    char right[EVH_DIAGNOSTIC_TEXT_LEN] = "";
    to->metric = evh_metric_find(layout, evh_view_of_text(from->metric));
    if (to->metric != NULL)
        return true;
    for (size_t i = 0; i < evh_metric_count(layout); i++) {
        size_t used = strlen(right);
        (void)snprintf(right + used, sizeof right - used, "%s%s", i == 0 ? "" : ", ",
                       evh_metric_at(layout, i)->name);
    }
    evh_plan_wrong(context, question_node(context, index, "metric"), right,
                   "\"%s\" is no metric of scorer %s", from->metric,
                   evh_plan_scorer_name(plan->terms.scorer));
    return false;
}

static bool resolve_class(evh_plan_context *context, size_t index,
                          const Evenhand__V1__Plan__Question *from, evh_plan_question *to)
{
    const evh_plan *plan = context->plan;
    const evh_plan_scoring *scoring = &plan->terms.scoring;
    const evh_yaml_node *node = question_node(context, index, "class");
    bool wanted = to->metric->of_class;
    to->metric_class = SIZE_MAX;
    if (!wanted && from->metric_class[0] == '\0')
        return true;
    if (!wanted) {
        evh_plan_wrong(context, node, "no class", "%s is not the rate of a class", from->metric);
        return false;
    }
    for (size_t i = 0; i < scoring->class_count; i++) {
        if (strcmp(scoring->classes[i], from->metric_class) == 0)
            to->metric_class = i;
    }
    if (to->metric_class != SIZE_MAX)
        return true;
    evh_plan_wrong(context, node, "class: one of the scorer's classes",
                   "%s needs a class, and \"%s\" is none", from->metric, from->metric_class);
    return false;
}

static bool resolve_model(evh_plan_context *context, size_t index,
                          const Evenhand__V1__Plan__Question *from, evh_plan_question *to)
{
    const evh_plan_terms *terms = &context->plan->terms;
    const evh_yaml_node *node = question_node(context, index, "model");
    to->model = terms->model_count == 0 ? 0 : EVH_PLAN_EVERY_MODEL;
    if (from->model[0] == '\0')
        return true;
    for (size_t i = 0; i < terms->model_count; i++) {
        if (strcmp(terms->models[i], from->model) == 0) {
            to->model = i;
            return true;
        }
    }
    evh_plan_wrong(context, node,
                   terms->model_count == 0 ? "no model: the plan names none"
                                           : "model: one of the plan's models",
                   "\"%s\" is no model of this plan", from->model);
    return false;
}

static bool resolve_by(evh_plan_context *context, size_t index,
                       const Evenhand__V1__Plan__Question *from, evh_plan_question *to)
{
    const evh_plan *plan = context->plan;
    const evh_yaml_node *node = question_node(context, index, "by");
    const size_t *attributes = NULL;
    if (from->by == NULL || from->by->n_attributes == 0) {
        evh_plan_wrong(context, node, "by: the attribute to compare",
                       "a question compares groups of nothing");
        return false;
    }
    if (!evh_plan_resolve_names(context, node, from->by, &attributes))
        return false;
    to->grouping = evh_plan_grouping_find(plan, attributes, from->by->n_attributes);
    if (to->grouping < plan->grouping_count)
        return true;
    evh_plan_wrong(context, node, "a combination listed under releases or derive",
                   "this combination is not published");
    return false;
}

/* The group named by one value for each attribute of `by`. */
static bool resolve_reference(evh_plan_context *context, size_t index,
                              const Evenhand__V1__Plan__Question *from, evh_plan_question *to)
{
    const evh_plan *plan = context->plan;
    const evh_plan_grouping *grouping = &plan->groupings[to->grouping];
    const evh_yaml_node *node = question_node(context, index, "reference");
    size_t values[EVH_PLAN_ATTRIBUTES_MAX] = {0};
    to->reference = SIZE_MAX;
    if (from->n_reference == 0)
        return true;
    if (from->n_reference != grouping->attribute_count) {
        evh_plan_wrong(context, node, "one value for each attribute of by",
                       "reference has %zu values for %zu attributes", from->n_reference,
                       grouping->attribute_count);
        return false;
    }
    for (size_t i = 0; i < grouping->attribute_count; i++) {
        const evh_plan_attribute *attribute = &plan->terms.attributes[grouping->attributes[i]];
        size_t value = 0;
        while (value < attribute->value_count &&
               strcmp(attribute->values[value], from->reference[i]) != 0)
            value++;
        if (value == attribute->value_count) {
            evh_plan_wrong(context, node, "one of its values", "\"%s\" is no value of %s",
                           from->reference[i], attribute->name);
            return false;
        }
        values[grouping->attributes[i]] = value;
    }
    to->reference = evh_plan_group_of(plan, grouping, values);
    return true;
}

/* A difference of rates is below 1; of numbers it may be anything. A ratio is tolerated down to the
 * tolerance, and up to its inverse. */
static bool resolve_tolerance(evh_plan_context *context, size_t index,
                              const Evenhand__V1__Plan__Question *from, evh_plan_question *to)
{
    static const evh_plan_bounds rate = {
        .least = "0", .above_least = true, .most = "1", .right = "a decimal above 0, at most 1"};
    static const evh_plan_bounds number = {
        .least = "0", .above_least = true, .most = "1e18", .right = "a decimal above 0"};
    static const evh_plan_bounds ratio = {.least = "0",
                                          .above_least = true,
                                          .most = "1",
                                          .below_most = true,
                                          .right =
                                              "a decimal above 0 and below 1, such as \"0.8\""};
    const evh_plan_bounds *bounds = &rate;
    if (!evh_plan_in_range(context, question_node(context, index, "measure"), "measure",
                           from->measure, 1, 2))
        return false;
    to->measure = (evh_plan_measure)(from->measure - 1);
    if (to->measure == EVH_PLAN_RATIO)
        bounds = &ratio;
    else if (context->plan->terms.scorer == EVH_PLAN_REGRESSION)
        bounds = &number;
    if (to->measure == EVH_PLAN_RATIO && context->plan->terms.scorer == EVH_PLAN_REGRESSION &&
        strcmp(from->metric, "mean_error") == 0) {
        evh_plan_wrong(context, question_node(context, index, "measure"), "measure: difference",
                       "a ratio of mean errors, which may be negative, means nothing");
        return false;
    }
    return evh_plan_resolve_number(context, question_node(context, index, "tolerance"), "tolerance",
                                   from->tolerance, bounds, &to->tolerance);
}

static bool resolve_question(evh_plan_context *context, size_t index, evh_plan_question *to)
{
    const evh_plan_message *message = context->plan->message;
    const Evenhand__V1__Plan__Question *from = message->questions[index];
    to->id = from->id;
    if (!evh_plan_in_range(context, question_node(context, index, "id"), "length of id",
                           strlen(from->id), 1, EVH_PLAN_NAME_MAX))
        return false;
    for (size_t i = 0; i < index; i++) {
        if (strcmp(message->questions[i]->id, from->id) == 0) {
            evh_plan_wrong(context, question_node(context, index, "id"), "each id once",
                           "two questions have the id \"%s\"", from->id);
            return false;
        }
    }
    bool good = resolve_metric(context, index, from, to) && resolve_class(context, index, from, to);
    good &= resolve_model(context, index, from, to);
    good &= resolve_by(context, index, from, to) && resolve_reference(context, index, from, to);
    good &= resolve_tolerance(context, index, from, to);
    return good;
}

bool evh_plan_resolve_questions(evh_plan_context *context)
{
    evh_plan *plan = context->plan;
    evh_plan_question *questions = NULL;
    size_t count = plan->message->n_questions;
    if (!evh_plan_in_range(context, evh_plan_node(context, "questions", NULL),
                           "number of questions", count, 0, EVH_PLAN_QUESTIONS_MAX) ||
        !evh_plan_take(context, &questions, count, sizeof questions[0]))
        return false;
    bool good = true;
    for (size_t i = 0; i < count; i++)
        good &= resolve_question(context, i, &questions[i]);
    plan->terms.questions = questions;
    plan->terms.question_count = count;
    return good;
}
