/* SPDX-License-Identifier: Apache-2.0 */
#include "evenhand/fairness/named.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "evaluation_internal.h"
#include "evenhand/base/sizes.h"

enum { TP, FP, FN, TN, CELLS };

static const char *const clarify_names[] = {"DPPL", "DI",  "DCA", "DCR", "AD", "RD",
                                            "SD",   "DAR", "DRR", "TE",  "GE", "CDDPL"};

const char *evh_clarify_name(evh_clarify measure)
{
    return clarify_names[measure];
}

/* How a measure comes from something of each facet. */
typedef struct facet_rule {
    const char *metric; /* NULL: the quotient below */
    int8_t numerator[CELLS];
    int8_t denominator[CELLS];
    bool ratio;   /* d / a, else a difference */
    bool d_first; /* d - a, else a - d */
} facet_rule;

static const facet_rule rules[] = {
    [EVH_CLARIFY_DPPL] = {.metric = "selection_rate"},
    [EVH_CLARIFY_DI] = {.metric = "selection_rate", .ratio = true, .d_first = true},
    [EVH_CLARIFY_DCA] = {.numerator = {1, 0, 1, 0}, .denominator = {1, 1, 0, 0}},
    [EVH_CLARIFY_DCR] = {.numerator = {0, 1, 0, 1}, .denominator = {0, 0, 1, 1}, .d_first = true},
    [EVH_CLARIFY_AD] = {.metric = "accuracy"},
    [EVH_CLARIFY_RD] = {.metric = "true_positive_rate"},
    [EVH_CLARIFY_SD] = {.metric = "true_negative_rate", .d_first = true},
    [EVH_CLARIFY_DAR] = {.metric = "precision"},
    [EVH_CLARIFY_DRR] = {.metric = "negative_predictive_value", .d_first = true},
    [EVH_CLARIFY_TE] = {.numerator = {0, 0, 1, 0}, .denominator = {0, 1, 0, 0}, .d_first = true},
};

/* Binary sums with their noise. */
typedef struct facet {
    int64_t cells[CELLS];
    evh_cell_noise noise[CELLS];
} facet;

static evh_status add_group(facet *to, const evh_evaluation *e, const evh_clarify_asked *asked,
                            size_t group)
{
    evh_status status = evh_ok();
    evh_cell_noise noise[CELLS];
    const int64_t *cells = evh_evaluation_cells(e, asked->grouping, group, asked->model);
    evh_evaluation_noise(noise, e, asked->grouping, group, asked->model);
    for (size_t i = 0; i < CELLS; i++) {
        EVH_REQUIRE(evh_i64_add(to->cells[i], cells[i], &to->cells[i]), EVH_ERR_RANGE,
                    "a sum passes 63 bits");
        to->noise[i].variance += noise[i].variance;
        to->noise[i].fourth += noise[i].fourth;
    }

done:
    return status;
}

static evh_finding facet_finding(const evh_evaluation *e, const facet_rule *rule, const facet *of)
{
    const evh_quantiles z = {.pointwise = e->pointwise_z};
    const evh_cell_noise *noise = e->customers == 0 ? NULL : of->noise;
    if (rule->metric == NULL) {
        evh_quotient quotient =
            evh_quotient_of_counts(rule->numerator, rule->denominator, of->cells, noise, CELLS);
        return evh_finding_of(&quotient, &z);
    }
    evh_quotient quotient;
    const evh_metric *metric = evh_metric_find(EVH_CELLS_BINARY, evh_view_of_text(rule->metric));
    evh_status status = evh_quotient_of(&quotient, metric, &e->meaning, of->cells, noise, SIZE_MAX);
    return status.code == EVH_OK ? evh_finding_of(&quotient, &z)
                                 : evh_finding_withheld(EVH_WITHHELD_UNDEFINED);
}

static evh_status compare_facets(evh_finding *out, const evh_evaluation *e, const facet_rule *rule,
                                 const evh_clarify_asked *asked)
{
    evh_status status = evh_ok();
    facet d = {0};
    facet a = {0};
    evh_finding of_d;
    evh_finding of_a;
    size_t groups = e->groupings[asked->grouping].grouping->group_count;
    EVH_TRY(add_group(&d, e, asked, asked->disfavoured));
    for (size_t group = 0; group < groups; group++)
        if (asked->favoured == EVH_NO_GROUP ? group != asked->disfavoured
                                            : group == asked->favoured)
            EVH_TRY(add_group(&a, e, asked, group));
    of_d = facet_finding(e, rule, &d);
    of_a = facet_finding(e, rule, &a);
    if (rule->ratio)
        *out = evh_finding_ratio(&of_d, &of_a);
    else if (rule->d_first)
        *out = evh_finding_difference(&of_d, &of_a, rule->metric == NULL ? INFINITY : 1);
    else
        *out = evh_finding_difference(&of_a, &of_d, rule->metric == NULL ? INFINITY : 1);

done:
    return status;
}

/* A function of many counts, by its gradient (delta method). */
static evh_finding delta_finding(const evh_evaluation *e, double value, double sampling,
                                 double privacy, double lowest, double highest)
{
    double sd = sqrt(sampling + privacy);
    evh_limits limits = {.estimate = value,
                         .ends = {value - e->pointwise_z * sd, value + e->pointwise_z * sd},
                         .sampling_sd = sqrt(sampling),
                         .privacy_sd = sqrt(privacy),
                         .held = true};
    evh_finding out = {.raw = value,
                       .estimate = {.defined = true, .value = fmin(fmax(value, lowest), highest)},
                       .sampling_sd = limits.sampling_sd,
                       .privacy_sd = limits.privacy_sd,
                       .pointwise_ends = {limits.ends[0], limits.ends[1]},
                       .simultaneous = {.withheld = EVH_WITHHELD_NOT_ASKED}};
    out.pointwise = evh_interval_of(&limits, lowest, highest, EVH_WITHHELD_UNCLEAR);
    return out;
}

static bool is_clear(const evh_evaluation *e, double count, double variance)
{
    return count > 0 && count * count > e->pointwise_z * e->pointwise_z * variance;
}

/* Benefits are 2 for a false positive, 0 for a false negative, 1 else: GE is
 * (n (n + 3 fp - fn) / (n + fp - fn)^2 - 1) / 2. */
static evh_finding entropy_of(const evh_evaluation *e, const facet *all)
{
    double n = 0;
    double noise = 0;
    for (size_t i = 0; i < CELLS; i++) {
        n += (double)all->cells[i];
        noise += all->noise[i].variance;
    }
    if (n == 0 && e->customers == 0)
        return evh_finding_withheld(EVH_WITHHELD_UNDEFINED);
    double squares = n + 3 * (double)all->cells[FP] - (double)all->cells[FN];
    double benefit = n + (double)all->cells[FP] - (double)all->cells[FN];
    if (!is_clear(e, n, noise) || benefit <= 0)
        return evh_finding_withheld(n <= 0 || e->customers > 0 ? EVH_WITHHELD_UNCLEAR
                                                               : EVH_WITHHELD_UNDEFINED);
    double value = (n * squares / (benefit * benefit) - 1) / 2;
    static const double squares_of[CELLS] = {1, 4, 0, 1};
    static const double benefit_of[CELLS] = {1, 2, 0, 1};
    double sampling = 0;
    double privacy = 0;
    for (size_t i = 0; i < CELLS; i++) {
        double slope = (squares + n * squares_of[i]) / (2 * benefit * benefit) -
                       n * squares * benefit_of[i] / (benefit * benefit * benefit);
        sampling += slope * slope * fmax((double)all->cells[i], 0);
        privacy += slope * slope * all->noise[i].variance;
    }
    return delta_finding(e, value, sampling, privacy, 0, INFINITY);
}

static evh_status entropy(evh_finding *out, const evh_evaluation *e, const evh_clarify_asked *asked)
{
    evh_status status = evh_ok();
    facet all = {0};
    for (size_t i = 0; i < e->groupings[asked->grouping].grouping->group_count; i++)
        EVH_TRY(add_group(&all, e, asked, i));
    *out = entropy_of(e, &all);

done:
    return status;
}

/* ---- conditional demographic disparity ---- */

/* Accepted and rejected, of facet d and of everybody, in one stratum. */
typedef struct stratum {
    facet d;
    facet all;
} stratum;

static double accepted(const facet *of)
{
    return (double)of->cells[TP] + (double)of->cells[FP];
}

static double rejected(const facet *of)
{
    return (double)of->cells[FN] + (double)of->cells[TN];
}

/* The share of nobody counts as 0, as in Clarify. */
static double share(double part, double whole)
{
    return whole > 0 ? part / whole : 0;
}

static double disparity_in(const stratum *s)
{
    return share(rejected(&s->d), rejected(&s->all)) - share(accepted(&s->d), accepted(&s->all));
}

/* Adds the variances of one stratum: the disparity moves with the cells of d and of the others,
 * and its weight with all. */
static void add_variances(double *sampling, double *privacy, const stratum *s, double records,
                          double total, double overall)
{
    double in_stratum = disparity_in(s);
    for (size_t i = 0; i < CELLS; i++) {
        bool accepts = i == TP || i == FP;
        double whole = accepts ? accepted(&s->all) : rejected(&s->all);
        double of_d = share(accepts ? accepted(&s->d) : rejected(&s->d), whole);
        double per = share(accepts ? -1 : 1, whole) * records / total;
        double weight = (in_stratum - overall) / total;
        double d_slope = weight + per * (1 - of_d);
        double other_slope = weight - per * of_d;
        double d_cells = fmax((double)s->d.cells[i], 0);
        double other_cells = fmax((double)s->all.cells[i] - (double)s->d.cells[i], 0);
        double d_noise = s->d.noise[i].variance;
        double other_noise = s->all.noise[i].variance - d_noise;
        *sampling += d_slope * d_slope * d_cells + other_slope * other_slope * other_cells;
        *privacy += d_slope * d_slope * d_noise + other_slope * other_slope * other_noise;
    }
}

static evh_finding conditional_disparity(const evh_evaluation *e, const stratum *strata,
                                         size_t count)
{
    double total = 0;
    double noise = 0;
    double sum = 0;
    for (size_t i = 0; i < count; i++) {
        double records = accepted(&strata[i].all) + rejected(&strata[i].all);
        total += records;
        sum += records * disparity_in(&strata[i]);
        for (size_t cell = 0; cell < CELLS; cell++)
            noise += strata[i].all.noise[cell].variance;
    }
    if (!is_clear(e, total, noise))
        return evh_finding_withheld(total == 0 && e->customers == 0 ? EVH_WITHHELD_UNDEFINED
                                                                    : EVH_WITHHELD_UNCLEAR);
    double sampling = 0;
    double privacy = 0;
    for (size_t i = 0; i < count; i++) {
        double records = accepted(&strata[i].all) + rejected(&strata[i].all);
        add_variances(&sampling, &privacy, &strata[i], records, total, sum / total);
    }
    return delta_finding(e, sum / total, sampling, privacy, -1, 1);
}

/* Whether a group has the values of the disfavoured one in all attributes but the condition. */
static bool is_facet(const evh_plan_grouping *grouping, const size_t *values,
                     const size_t *disfavoured, size_t condition)
{
    for (size_t i = 0; i < grouping->attribute_count; i++)
        if (grouping->attributes[i] != condition && values[i] != disfavoured[i])
            return false;
    return true;
}

static evh_status conditional(evh_finding *out, const evh_evaluation *e,
                              const evh_clarify_asked *asked)
{
    evh_status status = evh_ok();
    const evh_plan_grouping *grouping = e->groupings[asked->grouping].grouping;
    size_t values[EVH_PLAN_ATTRIBUTES_MAX];
    size_t disfavoured[EVH_PLAN_ATTRIBUTES_MAX];
    stratum *strata = NULL;
    size_t at = 0;
    size_t count = 0;
    while (at < grouping->attribute_count && grouping->attributes[at] != asked->stratum)
        at++;
    EVH_REQUIRE(at < grouping->attribute_count, EVH_ERR_ARG,
                "the condition is no attribute of the grouping");
    count = evh_plan_terms_of(e->plan)->attributes[asked->stratum].value_count + 2;
    EVH_TRY(evh_alloc(&strata, count, sizeof *strata, "strata"));
    evh_plan_group_values(e->plan, grouping, asked->disfavoured, disfavoured);
    for (size_t group = 0; group < grouping->group_count; group++) {
        evh_plan_group_values(e->plan, grouping, group, values);
        EVH_TRY(add_group(&strata[values[at]].all, e, asked, group));
        if (is_facet(grouping, values, disfavoured, asked->stratum))
            EVH_TRY(add_group(&strata[values[at]].d, e, asked, group));
    }
    *out = conditional_disparity(e, strata, count);

done:
    free(strata);
    return status;
}

evh_status evh_clarify_measure(evh_finding *out, const evh_evaluation *evaluation,
                               evh_clarify measure, const evh_clarify_asked *asked)
{
    evh_status status = evh_ok();
    size_t groups = 0;
    *out = evh_finding_withheld(EVH_WITHHELD_UNDEFINED);
    EVH_REQUIRE(evaluation->meaning.layout == EVH_CELLS_BINARY, EVH_ERR_ARG,
                "%s is for the cells of binary", evh_clarify_name(measure));
    EVH_REQUIRE(asked->grouping < evaluation->grouping_count &&
                    asked->model < evaluation->model_count,
                EVH_ERR_ARG, "no such grouping or model");
    groups = evaluation->groupings[asked->grouping].grouping->group_count;
    EVH_REQUIRE(measure == EVH_CLARIFY_GE || asked->disfavoured < groups, EVH_ERR_ARG,
                "no such group");
    EVH_REQUIRE(asked->favoured == EVH_NO_GROUP || asked->favoured < groups, EVH_ERR_ARG,
                "no such group");
    if (measure == EVH_CLARIFY_GE)
        EVH_TRY(entropy(out, evaluation, asked));
    else if (measure == EVH_CLARIFY_CDDPL)
        EVH_TRY(conditional(out, evaluation, asked));
    else
        EVH_TRY(compare_facets(out, evaluation, &rules[measure], asked));

done:
    return status;
}

/* ---- Fairlearn ---- */

static const char *const fairlearn_names[] = {
    "demographic_parity_difference", "demographic_parity_ratio",  "equal_opportunity_difference",
    "equal_opportunity_ratio",       "equalized_odds_difference", "equalized_odds_ratio",
    "average_odds_difference",       "average_odds_ratio"};

const char *evh_fairlearn_name(evh_fairlearn measure)
{
    return fairlearn_names[measure];
}

static const evh_spread_finding *spread_named(const evh_evaluation *e, const char *metric,
                                              size_t grouping, size_t model, size_t metric_class)
{
    for (size_t kind = 0; kind < e->kind_count; kind++)
        if (strcmp(e->kinds[kind].metric->name, metric) == 0 &&
            (!e->kinds[kind].metric->of_class || e->kinds[kind].metric_class == metric_class))
            return &e->groupings[grouping].spreads[kind * e->model_count + model];
    return NULL;
}

static evh_estimate pick(const evh_spread_finding *spread, bool ratio, bool corrected)
{
    if (ratio)
        return corrected ? spread->ratio_corrected : spread->ratio;
    return corrected ? spread->difference_corrected : spread->difference;
}

/* Of true and false positive rates: the worse one, or the mean. */
static evh_estimate combine(evh_estimate one, evh_estimate other, evh_fairlearn measure)
{
    if (!one.defined || !other.defined)
        return (evh_estimate){.defined = false};
    double value = (one.value + other.value) / 2;
    if (measure == EVH_EQUALIZED_ODDS_DIFFERENCE)
        value = fmax(one.value, other.value);
    if (measure == EVH_EQUALIZED_ODDS_RATIO)
        value = fmin(one.value, other.value);
    return (evh_estimate){.defined = true, .value = value};
}

evh_status evh_fairlearn_measure(evh_estimate *out, evh_estimate *corrected,
                                 const evh_evaluation *evaluation, evh_fairlearn measure,
                                 size_t grouping, size_t model, size_t metric_class)
{
    evh_status status = evh_ok();
    bool ratio = measure % 2 == 1;
    bool parity = measure <= EVH_DEMOGRAPHIC_PARITY_RATIO;
    const evh_spread_finding *first =
        spread_named(evaluation, parity ? "selection_rate" : "true_positive_rate", grouping, model,
                     metric_class);
    const evh_spread_finding *second =
        spread_named(evaluation, "false_positive_rate", grouping, model, metric_class);
    *out = *corrected = (evh_estimate){.defined = false};
    EVH_REQUIRE(first != NULL && second != NULL, EVH_ERR_ARG, "the cells cannot tell %s",
                evh_fairlearn_name(measure));
    *out = pick(first, ratio, false);
    *corrected = pick(first, ratio, true);
    if (measure >= EVH_EQUALIZED_ODDS_DIFFERENCE) {
        *out = combine(*out, pick(second, ratio, false), measure);
        *corrected = combine(*corrected, pick(second, ratio, true), measure);
    }

done:
    return status;
}
