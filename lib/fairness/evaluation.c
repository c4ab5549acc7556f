/* SPDX-License-Identifier: Apache-2.0 */
#include "evenhand/fairness/evaluation.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "evaluation_internal.h"
#include "evenhand/base/secret.h"
#include "evenhand/base/sizes.h"
#include "evenhand/plan/noise.h"
#include "evenhand/plan/outlook.h"
#include "evenhand/plan/scoring.h"
#include "normal_internal.h"

/* Integers up to here are exact in a double. */
static const int64_t SUM_MAX = INT64_C(1) << 53;

/* Of all errors that simultaneous intervals may make, comparisons get this part and the rates of
 * questions the rest: verdicts rest on comparisons. */
static const double COMPARISON_PART = 0.8;

const int64_t *evh_evaluation_cells(const evh_evaluation *evaluation, size_t grouping, size_t group,
                                    size_t model)
{
    size_t at = group * evaluation->model_count + model;
    return evaluation->groupings[grouping].released +
           at * evh_plan_cells_per_group(evaluation->plan);
}

/* Of that many groups of the release. All of them, and all models, have the same noise, so the first
 * stands for all. */
static void noise_of_groups(evh_cell_noise *out, const evh_evaluation *evaluation, size_t release,
                            size_t groups)
{
    const evh_plan *plan = evaluation->plan;
    const double draws = (double)groups * evaluation->customers;
    for (size_t cell = 0; cell < evh_plan_cells_per_group(plan); cell++) {
        out[cell] = (evh_cell_noise){0};
        if (evaluation->customers == 0)
            continue;
        size_t class = evh_plan_noise_class_of(plan, evh_plan_cell_at(plan, release, 0, 0, cell));
        out[cell] = evh_cell_noise_of(&evh_plan_noise_of(plan)->classes[class]);
        out[cell].variance *= draws;
        out[cell].fourth *= draws;
    }
}

void evh_evaluation_noise(evh_cell_noise *out, const evh_evaluation *evaluation, size_t grouping,
                          size_t group)
{
    const evh_grouping_findings *of = &evaluation->groupings[grouping];
    noise_of_groups(out, evaluation, of->grouping->release, of->summed[group]);
}

void evh_evaluation_rest(int64_t *cells, evh_cell_noise *noise, const evh_evaluation *evaluation,
                         size_t grouping, size_t group, size_t model)
{
    const evh_grouping_findings *of = &evaluation->groupings[grouping];
    const size_t width = evh_plan_cells_per_group(evaluation->plan);
    const size_t release = of->grouping->release;
    const size_t groups = evh_plan_grouping_at(evaluation->plan, release)->group_count;
    const bool all = group == EVH_NO_GROUP;
    const int64_t *own = all ? NULL : evh_evaluation_cells(evaluation, grouping, group, model);
    for (size_t i = 0; i < width; i++)
        cells[i] = of->totals[model * width + i] - (all ? 0 : own[i]);
    noise_of_groups(noise, evaluation, release, groups - (all ? 0 : of->summed[group]));
}

bool evh_evaluation_is_positive(const evh_evaluation *evaluation, const evh_finding *rate)
{
    return rate->raw > evaluation->pointwise_z * rate->privacy_sd;
}

evh_status evh_evaluation_finding(evh_finding *out, const evh_evaluation *evaluation, size_t kind,
                                  const int64_t *cells, const evh_cell_noise *noise,
                                  const evh_quantiles *quantiles)
{
    const evh_rate_kind *of = &evaluation->kinds[kind];
    evh_quotient quotient;
    evh_status status =
        evh_quotient_of(&quotient, of->metric, &evaluation->meaning, cells,
                        evaluation->customers == 0 ? NULL : noise, of->metric_class);
    if (status.code != EVH_OK)
        *out = evh_finding_withheld(EVH_WITHHELD_UNDEFINED);
    else
        *out = evh_finding_of(&quotient, quantiles);
    /* Its noise has longer tails than the quantile knows by which the denominator is clear. */
    if (out->withheld == EVH_SHOWN && out->pointwise.withheld == EVH_WITHHELD_UNCLEAR)
        *out = evh_finding_withheld(EVH_WITHHELD_UNCLEAR);
    return status;
}

double evh_evaluation_range(const evh_evaluation *evaluation, size_t kind)
{
    const evh_metric *metric = evaluation->kinds[kind].metric;
    evh_cell_layout layout = evaluation->meaning.layout;
    double bound = evh_decimal_to_double(evaluation->meaning.bound);
    switch (metric->unit) {
    case EVH_METRIC_ERROR:
        return metric->numerator[2] < 0 ? 2 * bound : bound;
    case EVH_METRIC_SQUARED_ERROR:
        return bound * bound;
    case EVH_METRIC_ROOT_ERROR:
        return bound;
    case EVH_METRIC_SHARE:
        break;
    }
    bool words = layout == EVH_CELLS_WER_ERRORS || layout == EVH_CELLS_WER_SDI;
    return words ? INFINITY : 1;
}

const evh_finding *evh_evaluation_rate(const evh_evaluation *evaluation, size_t grouping,
                                       size_t kind, size_t group, size_t model)
{
    const evh_grouping_findings *of = &evaluation->groupings[grouping];
    size_t groups = of->grouping->group_count;
    return &of->rates[(kind * groups + group) * evaluation->model_count + model];
}

/* ---- making one ---- */

static evh_status list_kinds(evh_evaluation *e)
{
    evh_status status = evh_ok();
    const evh_plan_terms *terms = evh_plan_terms_of(e->plan);
    size_t classes = e->meaning.classes;
    size_t metrics = evh_metric_count(e->meaning.layout);
    EVH_TRY(evh_alloc(&e->kinds, metrics * (classes > 0 ? classes : 1), sizeof *e->kinds, "rates"));
    for (size_t i = 0; i < metrics; i++) {
        const evh_metric *metric = evh_metric_at(e->meaning.layout, i);
        for (size_t class = 0; class < (metric->of_class ? classes : 1); class ++) {
            evh_rate_kind *kind = &e->kinds[e->kind_count++];
            const char *name = metric->of_class ? terms->scoring.classes[class] : "";
            size_t room = strlen(metric->name) + strlen(name) + 2;
            *kind = (evh_rate_kind){.metric = metric,
                                    .metric_class = metric->of_class ? class : SIZE_MAX};
            EVH_TRY(evh_alloc(&kind->name, room, 1, "the name of a rate"));
            (void)snprintf(kind->name, room, "%s%s%s", metric->name, metric->of_class ? ":" : "",
                           name);
        }
    }

done:
    return status;
}

static bool is_asked(const evh_evaluation *e, size_t grouping, size_t kind, size_t model)
{
    const evh_plan_terms *terms = evh_plan_terms_of(e->plan);
    for (size_t i = 0; i < terms->question_count; i++) {
        const evh_plan_question *question = &terms->questions[i];
        if (question->grouping == grouping && question->metric == e->kinds[kind].metric &&
            question->metric_class == e->kinds[kind].metric_class &&
            (question->model == EVH_PLAN_EVERY_MODEL || question->model == model))
            return true;
    }
    return false;
}

/* Rates of questions that get a simultaneous interval: each once. */
static size_t count_asked_rates(const evh_evaluation *e)
{
    size_t count = 0;
    for (size_t grouping = 0; grouping < e->grouping_count; grouping++)
        for (size_t kind = 0; kind < e->kind_count; kind++)
            for (size_t model = 0; model < e->model_count; model++)
                if (is_asked(e, grouping, kind, model))
                    count += evh_plan_grouping_at(e->plan, grouping)->group_count;
    return count;
}

static size_t count_comparisons(const evh_evaluation *e)
{
    const evh_plan_terms *terms = evh_plan_terms_of(e->plan);
    size_t count = 0;
    for (size_t i = 0; i < terms->question_count; i++) {
        const evh_plan_question *question = &terms->questions[i];
        size_t models = question->model == EVH_PLAN_EVERY_MODEL ? e->model_count : 1;
        count += models * evh_answer_comparison_count(e->plan, question);
    }
    return count;
}

/* Bonferroni: each of count comparisons gets an equal part of the errors allowed. */
static void set_quantiles(evh_evaluation *e)
{
    double outside = 1 - e->confidence;
    size_t rates = count_asked_rates(e);
    e->comparisons = count_comparisons(e);
    e->pointwise_z = evh_normal_two_sided(outside);
    if (e->comparisons > 0)
        e->comparison_z = evh_normal_two_sided(COMPARISON_PART * outside / (double)e->comparisons);
    if (rates > 0)
        e->rate_z = evh_normal_two_sided((1 - COMPARISON_PART) * outside / (double)rates);
}

static unsigned caveats_of(const evh_evaluation *e, size_t grouping)
{
    const evh_plan_privacy *privacy = &evh_plan_terms_of(e->plan)->privacy;
    switch (e->meaning.layout) {
    case EVH_CELLS_WER_UNITS:
    case EVH_CELLS_REGRESSION: {
        bool sound = evh_outlook_grouping_is_sound(e->plan, grouping, NULL);
        return sound || privacy->groups_per_unit == 1 ? 0 : EVH_AVERAGES_UNIT_GROUP_PAIRS;
    }
    case EVH_CELLS_WER_ERRORS:
    case EVH_CELLS_WER_SDI:
        return EVH_ASSUMES_INDEPENDENT_RECORDS;
    case EVH_CELLS_BINARY:
    case EVH_CELLS_CLASSES:
    case EVH_CELLS_CLASS_ERRORS:
    case EVH_CELLS_EVENTS:
        break;
    }
    return privacy->records_per_unit == 1 ? 0 : EVH_ASSUMES_INDEPENDENT_RECORDS;
}

static evh_status fill_group(evh_evaluation *e, size_t grouping, size_t group, size_t model,
                             evh_cell_noise *noise)
{
    evh_status status = evh_ok();
    const int64_t *cells = evh_evaluation_cells(e, grouping, group, model);
    size_t groups = e->groupings[grouping].grouping->group_count;
    evh_evaluation_noise(noise, e, grouping, group);
    for (size_t kind = 0; kind < e->kind_count; kind++) {
        const evh_quantiles z = {.pointwise = e->pointwise_z,
                                 .simultaneous =
                                     is_asked(e, grouping, kind, model) ? e->rate_z : 0};
        size_t at = (kind * groups + group) * e->model_count + model;
        EVH_TRY(
            evh_evaluation_finding(&e->groupings[grouping].rates[at], e, kind, cells, noise, &z));
    }

done:
    return status;
}

/* How many groups of the release each group adds up. */
static evh_status count_summed(evh_grouping_findings *out, const evh_plan *plan)
{
    evh_status status = evh_ok();
    const size_t groups = evh_plan_grouping_at(plan, out->grouping->release)->group_count;
    EVH_TRY(evh_alloc(&out->summed, out->grouping->group_count, sizeof *out->summed, "groups"));
    for (size_t i = 0; i < groups; i++)
        out->summed[evh_plan_group_from_release(plan, out->grouping, i)]++;

done:
    return status;
}

static evh_status sum_groups(evh_evaluation *e, evh_grouping_findings *out)
{
    evh_status status = evh_ok();
    const size_t all = e->model_count * evh_plan_cells_per_group(e->plan);
    EVH_TRY(evh_alloc(&out->totals, all, sizeof *out->totals, "sums"));
    for (size_t group = 0; group < out->grouping->group_count; group++)
        for (size_t i = 0; i < all; i++)
            EVH_REQUIRE(
                evh_i64_add(out->totals[i], out->released[group * all + i], &out->totals[i]),
                EVH_ERR_RANGE, "a sum passes 63 bits");
    /* So that any group can be taken off again. */
    for (size_t i = 0; i < all; i++)
        EVH_REQUIRE(out->totals[i] <= INT64_MAX - SUM_MAX && out->totals[i] >= SUM_MAX - INT64_MAX,
                    EVH_ERR_RANGE, "a sum passes 63 bits");

done:
    return status;
}

static evh_status sum_cells(evh_evaluation *e, size_t grouping, const int64_t *cells, size_t count)
{
    evh_status status = evh_ok();
    evh_grouping_findings *out = &e->groupings[grouping];
    EVH_TRY(count_summed(out, e->plan));
    EVH_TRY(evh_alloc(&out->released, count, sizeof *out->released, "sums"));
    EVH_TRY(evh_plan_sum_grouping(e->plan, out->grouping, cells, out->released));
    for (size_t i = 0; i < count; i++)
        EVH_REQUIRE(out->released[i] <= SUM_MAX && out->released[i] >= -SUM_MAX, EVH_ERR_RANGE,
                    "a sum passes 53 bits");
    EVH_TRY(sum_groups(e, out));

done:
    return status;
}

static void sum_adjusted(evh_grouping_findings *out, const evh_evaluation *e,
                         const double *adjusted)
{
    const evh_plan *plan = e->plan;
    size_t release = out->grouping->release;
    size_t width = evh_plan_cells_per_group(plan);
    for (size_t g = 0; g < evh_plan_grouping_at(plan, release)->group_count; g++) {
        size_t group = evh_plan_group_from_release(plan, out->grouping, g);
        for (size_t model = 0; model < e->model_count; model++)
            for (size_t cell = 0; cell < width; cell++)
                out->adjusted[(group * e->model_count + model) * width + cell] +=
                    adjusted[evh_plan_cell_at(plan, release, g, model, cell)];
    }
}

static evh_status fill_grouping(evh_evaluation *e, size_t grouping, const int64_t *cells,
                                const double *adjusted)
{
    evh_status status = evh_ok();
    evh_cell_noise *noise = NULL;
    evh_grouping_findings *out = &e->groupings[grouping];
    *out = (evh_grouping_findings){.grouping = evh_plan_grouping_at(e->plan, grouping),
                                   .caveats = caveats_of(e, grouping)};
    size_t width = evh_plan_cells_per_group(e->plan);
    size_t rows = out->grouping->group_count * e->model_count;
    EVH_TRY(evh_alloc(&noise, width, sizeof *noise, "noise"));
    EVH_TRY(evh_alloc(&out->adjusted, rows * width, sizeof *out->adjusted, "sums"));
    EVH_TRY(evh_alloc(&out->rates, rows * e->kind_count, sizeof *out->rates, "rates"));
    EVH_TRY(
        evh_alloc(&out->spreads, e->kind_count * e->model_count, sizeof *out->spreads, "spreads"));
    EVH_TRY(sum_cells(e, grouping, cells, rows * width));
    sum_adjusted(out, e, adjusted);
    for (size_t i = 0; i < rows; i++)
        EVH_TRY(fill_group(e, grouping, i / e->model_count, i % e->model_count, noise));
    for (size_t kind = 0; kind < e->kind_count; kind++)
        for (size_t model = 0; model < e->model_count; model++)
            EVH_TRY(evh_spread_of(&out->spreads[kind * e->model_count + model], e, out->grouping,
                                  e->kinds[kind].metric, out->rates + kind * rows, model));

done:
    free(noise);
    return status;
}

static evh_status fill_answers(evh_evaluation *e)
{
    evh_status status = evh_ok();
    const evh_plan_terms *terms = evh_plan_terms_of(e->plan);
    EVH_TRY(evh_alloc(&e->answers, terms->question_count * e->model_count, sizeof *e->answers,
                      "answers"));
    for (size_t i = 0; i < terms->question_count; i++)
        for (size_t model = 0; model < e->model_count; model++)
            if (terms->questions[i].model == EVH_PLAN_EVERY_MODEL ||
                terms->questions[i].model == model)
                EVH_TRY(evh_answer_fill(&e->answers[e->answer_count++], e, i, model));

done:
    return status;
}

static evh_status adjust_cells(double *adjusted, const evh_evaluation *e, const int64_t *cells)
{
    evh_status status = evh_ok();
    double *variances = NULL;
    size_t count = evh_plan_cell_count(e->plan);
    EVH_TRY(evh_alloc(&variances, count, sizeof *variances, "variances"));
    for (size_t i = 0; e->customers > 0 && i < count; i++) {
        const evh_plan_noise *noise = evh_plan_noise_of(e->plan);
        variances[i] = evh_noise_variance(&noise->classes[evh_plan_noise_class_of(e->plan, i)]);
    }
    EVH_TRY(evh_adjust(adjusted, e->plan, cells, variances));

done:
    free(variances);
    return status;
}

static void set_up(evh_evaluation *e, const evh_plan *plan, const evh_evaluation_options *options)
{
    const evh_plan_terms *terms = evh_plan_terms_of(plan);
    e->plan = plan;
    e->customers = options->customers;
    e->confidence = evh_decimal_to_double(terms->confidence);
    e->model_count = evh_plan_model_slots(plan);
    e->meaning = (evh_cells_meaning){.layout = evh_plan_cell_layout(plan),
                                     .classes = terms->scoring.class_count,
                                     .bound = terms->scoring.bound,
                                     .steps = terms->scoring.steps};
    e->grouping_count = evh_plan_grouping_count(plan);
}

evh_status evh_evaluation_new(evh_evaluation **out, const evh_plan *plan, const int64_t *cells,
                              const evh_evaluation_options *options)
{
    evh_status status = evh_ok();
    evh_evaluation *e = NULL;
    double *adjusted = NULL;
    *out = NULL;
    EVH_REQUIRE(options->customers == 0 || evh_plan_noise_of(plan) != NULL, EVH_ERR_INPUT,
                "released sums of a plan without noise: cells have none");
    EVH_TRY(evh_alloc(&e, 1, sizeof *e, "an evaluation"));
    set_up(e, plan, options);
    EVH_TRY(evh_alloc(&e->groupings, e->grouping_count, sizeof *e->groupings, "groupings"));
    EVH_TRY(list_kinds(e));
    set_quantiles(e);
    EVH_TRY(evh_alloc(&adjusted, evh_plan_cell_count(plan), sizeof *adjusted, "sums"));
    EVH_TRY(adjust_cells(adjusted, e, cells));
    for (size_t i = 0; i < e->grouping_count; i++)
        EVH_TRY(fill_grouping(e, i, cells, adjusted));
    EVH_TRY(fill_answers(e));
    *out = e;
    e = NULL;

done:
    free(adjusted);
    evh_evaluation_free(&e);
    return status;
}

/* Wiped: counts may be exact, and rates follow from them. */
static void free_findings(evh_grouping_findings *of, const evh_evaluation *e)
{
    const size_t rates = of->grouping->group_count * e->model_count;
    const size_t cells = rates * evh_plan_cells_per_group(e->plan);
    if (of->released != NULL)
        evh_wipe(of->released, cells * sizeof *of->released);
    if (of->adjusted != NULL)
        evh_wipe(of->adjusted, cells * sizeof *of->adjusted);
    if (of->totals != NULL)
        evh_wipe(of->totals, cells / of->grouping->group_count * sizeof *of->totals);
    if (of->rates != NULL)
        evh_wipe(of->rates, e->kind_count * rates * sizeof *of->rates);
    free(of->summed);
    free(of->released);
    free(of->totals);
    free(of->adjusted);
    free(of->rates);
    free(of->spreads);
}

void evh_evaluation_free(evh_evaluation **evaluation)
{
    evh_evaluation *e = *evaluation;
    if (e == NULL)
        return;
    for (size_t i = 0; i < e->kind_count; i++)
        free(e->kinds[i].name);
    for (size_t i = 0; e->groupings != NULL && i < e->grouping_count; i++)
        if (e->groupings[i].grouping != NULL)
            free_findings(&e->groupings[i], e);
    for (size_t i = 0; i < e->answer_count; i++)
        free(e->answers[i].comparisons);
    free(e->kinds);
    free(e->groupings);
    free(e->answers);
    free(e);
    *evaluation = NULL;
}
