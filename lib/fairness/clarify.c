/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>

#include "facet_internal.h"

static const char *const clarify_names[] = {"DPPL", "DI",  "DCA", "DCR", "AD", "RD",
                                            "SD",   "DAR", "DRR", "TE",  "GE", "CDDPL"};

const char *evh_clarify_name(evh_clarify measure)
{
    return clarify_names[measure];
}

/* How a measure comes from a quotient of each facet. */
typedef struct facet_rule {
    int8_t numerator[EVH_FACET_CELLS];
    int8_t denominator[EVH_FACET_CELLS];
    bool is_share; /* what is counted above the line is part of what is below */
    bool ratio;    /* d / a, else a difference */
    bool d_first;  /* d - a, else a - d */
} facet_rule;

/* Weights of tp, fp, fn, tn. */
static const facet_rule rules[] = {
    [EVH_CLARIFY_DPPL] = {.numerator = {1, 1, 0, 0}, .denominator = {1, 1, 1, 1}, .is_share = true},
    [EVH_CLARIFY_DI] = {.numerator = {1, 1, 0, 0},
                        .denominator = {1, 1, 1, 1},
                        .is_share = true,
                        .ratio = true},
    [EVH_CLARIFY_DCA] = {.numerator = {1, 0, 1, 0}, .denominator = {1, 1, 0, 0}},
    [EVH_CLARIFY_DCR] = {.numerator = {0, 1, 0, 1}, .denominator = {0, 0, 1, 1}, .d_first = true},
    [EVH_CLARIFY_AD] = {.numerator = {1, 0, 0, 1}, .denominator = {1, 1, 1, 1}, .is_share = true},
    [EVH_CLARIFY_RD] = {.numerator = {1, 0, 0, 0}, .denominator = {1, 0, 1, 0}, .is_share = true},
    [EVH_CLARIFY_SD] = {.numerator = {0, 0, 0, 1},
                        .denominator = {0, 1, 0, 1},
                        .is_share = true,
                        .d_first = true},
    [EVH_CLARIFY_DAR] = {.numerator = {1, 0, 0, 0}, .denominator = {1, 1, 0, 0}, .is_share = true},
    [EVH_CLARIFY_DRR] = {.numerator = {0, 0, 0, 1},
                         .denominator = {0, 0, 1, 1},
                         .is_share = true,
                         .d_first = true},
    [EVH_CLARIFY_TE] = {.numerator = {0, 0, 1, 0}, .denominator = {0, 1, 0, 0}, .d_first = true},
};

static evh_finding facet_finding(const evh_evaluation *e, const facet_rule *rule,
                                 const evh_facet *of)
{
    const evh_quantiles z = {.pointwise = e->pointwise_z};
    evh_quotient quotient =
        evh_facet_quotient(e, of, rule->numerator, rule->denominator, rule->is_share);
    return evh_finding_of(&quotient, &z);
}

static evh_finding ratio_of_facets(const evh_evaluation *e, const evh_finding *of_d,
                                   const evh_finding *of_a)
{
    if (of_d->withheld == EVH_SHOWN && of_a->withheld == EVH_SHOWN && of_a->privacy_sd > 0 &&
        !evh_evaluation_is_positive(e, of_a))
        return evh_finding_withheld(EVH_WITHHELD_UNCLEAR);
    return evh_finding_ratio(of_d, of_a);
}

static evh_status compare_facets(evh_finding *out, const evh_evaluation *e, const facet_rule *rule,
                                 const evh_clarify_asked *asked)
{
    evh_status status = evh_ok();
    const bool rest = asked->favoured == EVH_NO_GROUP;
    const double range = rule->is_share ? 1 : INFINITY;
    evh_facet d;
    evh_facet a;
    evh_finding of_d;
    evh_finding of_a;
    EVH_TRY(evh_facet_of(&d, e, asked, asked->disfavoured, false));
    EVH_TRY(evh_facet_of(&a, e, asked, rest ? asked->disfavoured : asked->favoured, rest));
    of_d = facet_finding(e, rule, &d);
    of_a = facet_finding(e, rule, &a);
    if (rule->ratio)
        *out = ratio_of_facets(e, &of_d, &of_a);
    else if (rule->d_first)
        *out = evh_finding_difference(&of_d, &of_a, range);
    else
        *out = evh_finding_difference(&of_a, &of_d, range);

done:
    return status;
}

/* Benefits are 2 for a false positive, 0 for a false negative, 1 else: GE is
 * (n (n + 3 fp - fn) / (n + fp - fn)^2 - 1) / 2. */
static const double benefits[EVH_FACET_CELLS] = {1, 2, 0, 1};
static const double ones[EVH_FACET_CELLS] = {1, 1, 1, 1};

static evh_finding entropy_of(const evh_evaluation *e, const evh_facet *all)
{
    double n = 0;
    double benefit = 0;
    double squares = 0;
    for (size_t i = 0; i < EVH_FACET_CELLS; i++) {
        n += (double)all->cells[i];
        benefit += benefits[i] * (double)all->cells[i];
        squares += benefits[i] * benefits[i] * (double)all->cells[i];
    }
    if (!evh_count_is_clear(e, n, evh_facet_noise(all, ones)) ||
        !evh_count_is_clear(e, benefit, evh_facet_noise(all, benefits)))
        return evh_finding_withheld(e->customers > 0 ? EVH_WITHHELD_UNCLEAR
                                                     : EVH_WITHHELD_UNDEFINED);
    double value = (n * squares / (benefit * benefit) - 1) / 2;
    double slopes[EVH_FACET_CELLS];
    double sampling = 0;
    for (size_t i = 0; i < EVH_FACET_CELLS; i++) {
        slopes[i] = (squares + n * benefits[i] * benefits[i]) / (2 * benefit * benefit) -
                    n * squares * benefits[i] / (benefit * benefit * benefit);
        sampling += slopes[i] * slopes[i] * fmax((double)all->cells[i], 0);
    }
    return evh_delta_finding(e, value, sampling, evh_facet_noise(all, slopes), 0, INFINITY);
}

static evh_status entropy(evh_finding *out, const evh_evaluation *e, const evh_clarify_asked *asked)
{
    evh_status status = evh_ok();
    evh_facet all;
    EVH_TRY(evh_facet_of(&all, e, asked, EVH_NO_GROUP, true));
    *out = entropy_of(e, &all);

done:
    return status;
}

static evh_status check_asked(const evh_evaluation *e, evh_clarify measure,
                              const evh_clarify_asked *asked)
{
    evh_status status = evh_ok();
    size_t groups = 0;
    EVH_REQUIRE(evh_named_class_count(e) > 0, EVH_ERR_ARG,
                "%s needs what binary or multiclass counts", evh_clarify_name(measure));
    EVH_REQUIRE(asked->grouping < e->grouping_count && asked->model < e->model_count, EVH_ERR_ARG,
                "no such grouping or model");
    EVH_REQUIRE(e->meaning.layout == EVH_CELLS_BINARY || asked->metric_class < e->meaning.classes,
                EVH_ERR_ARG, "no such class");
    groups = e->groupings[asked->grouping].grouping->group_count;
    EVH_REQUIRE(measure == EVH_CLARIFY_GE || asked->disfavoured < groups, EVH_ERR_ARG,
                "no such group");
    EVH_REQUIRE(asked->favoured == EVH_NO_GROUP || asked->favoured < groups, EVH_ERR_ARG,
                "no such group");

done:
    return status;
}

evh_status evh_clarify_measure(evh_finding *out, const evh_evaluation *evaluation,
                               evh_clarify measure, const evh_clarify_asked *asked)
{
    evh_status status = evh_ok();
    *out = evh_finding_withheld(EVH_WITHHELD_UNDEFINED);
    EVH_TRY(check_asked(evaluation, measure, asked));
    if (measure == EVH_CLARIFY_GE)
        EVH_TRY(entropy(out, evaluation, asked));
    else if (measure == EVH_CLARIFY_CDDPL)
        EVH_TRY(evh_conditional_disparity(out, evaluation, asked));
    else
        EVH_TRY(compare_facets(out, evaluation, &rules[measure], asked));

done:
    return status;
}
