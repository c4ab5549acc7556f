/* SPDX-License-Identifier: Apache-2.0
 * Conditional demographic disparity: acceptance within strata. */
#include <math.h>
#include <stdlib.h>

#include "evenhand/base/secret.h"
#include "evenhand/base/sizes.h"
#include "facet_internal.h"

/* Accepted and rejected, of facet d and of everybody, in one stratum. */
typedef struct stratum {
    evh_facet d;
    evh_facet all;
} stratum;

static double accepted(const evh_facet *of)
{
    return (double)of->cells[EVH_TP] + (double)of->cells[EVH_FP];
}

static double rejected(const evh_facet *of)
{
    return (double)of->cells[EVH_FN] + (double)of->cells[EVH_TN];
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

/* Whether shares of both can be told: of what is empty without noise they are 0. */
static bool is_clear(const evh_evaluation *e, const stratum *s)
{
    static const double of_accepted[EVH_FACET_CELLS] = {1, 1, 0, 0};
    static const double of_rejected[EVH_FACET_CELLS] = {0, 0, 1, 1};
    return e->customers == 0 ||
           (evh_count_is_clear(e, accepted(&s->all), evh_facet_noise(&s->all, of_accepted)) &&
            evh_count_is_clear(e, rejected(&s->all), evh_facet_noise(&s->all, of_rejected)));
}

/* A stratum that may be all noise has next to no records, and no weight. */
static bool has_records(const evh_evaluation *e, const stratum *s)
{
    static const double ones[EVH_FACET_CELLS] = {1, 1, 1, 1};
    return evh_count_is_clear(e, accepted(&s->all) + rejected(&s->all),
                              evh_facet_noise(&s->all, ones));
}

static double others_noise(const evh_facet *all, const evh_facet *d, const double *slopes)
{
    evh_facet others = *all;
    for (size_t i = 0; i < EVH_FACET_CELLS; i++)
        others.noise[i].variance -= d->noise[i].variance;
    return evh_facet_noise(&others, slopes);
}

/* Adds the variances of one stratum: the disparity moves with the cells of d and of the others,
 * and its weight with all. */
static void add_variances(double *sampling, double *privacy, const stratum *s, double total,
                          double overall)
{
    const double records = accepted(&s->all) + rejected(&s->all);
    const double weight = (disparity_in(s) - overall) / total;
    double d_slopes[EVH_FACET_CELLS];
    double other_slopes[EVH_FACET_CELLS];
    for (size_t i = 0; i < EVH_FACET_CELLS; i++) {
        bool accepts = i == EVH_TP || i == EVH_FP;
        double whole = accepts ? accepted(&s->all) : rejected(&s->all);
        double of_d = share(accepts ? accepted(&s->d) : rejected(&s->d), whole);
        double per = share(accepts ? -1 : 1, whole) * records / total;
        d_slopes[i] = weight + per * (1 - of_d);
        other_slopes[i] = weight - per * of_d;
        double d_cells = fmax((double)s->d.cells[i], 0);
        double other_cells = fmax((double)s->all.cells[i] - (double)s->d.cells[i], 0);
        *sampling += d_slopes[i] * d_slopes[i] * d_cells;
        *sampling += other_slopes[i] * other_slopes[i] * other_cells;
    }
    *privacy += evh_facet_noise(&s->d, d_slopes) + others_noise(&s->all, &s->d, other_slopes);
}

static evh_finding disparity_over(const evh_evaluation *e, const stratum *strata, size_t count)
{
    double total = 0;
    double sum = 0;
    for (size_t i = 0; i < count; i++) {
        if (!has_records(e, &strata[i]))
            continue;
        if (!is_clear(e, &strata[i]))
            return evh_finding_withheld(EVH_WITHHELD_UNCLEAR);
        double records = accepted(&strata[i].all) + rejected(&strata[i].all);
        total += records;
        sum += records * disparity_in(&strata[i]);
    }
    if (total <= 0)
        return evh_finding_withheld(e->customers == 0 ? EVH_WITHHELD_UNDEFINED
                                                      : EVH_WITHHELD_UNCLEAR);
    double sampling = 0;
    double privacy = 0;
    for (size_t i = 0; i < count; i++)
        if (has_records(e, &strata[i]))
            add_variances(&sampling, &privacy, &strata[i], total, sum / total);
    return evh_delta_finding(e, sum / total, sampling, privacy, -1, 1);
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

evh_status evh_conditional_disparity(evh_finding *out, const evh_evaluation *e,
                                     const evh_clarify_asked *asked)
{
    evh_status status = evh_ok();
    const evh_plan_grouping *grouping = e->groupings[asked->grouping].grouping;
    size_t values[EVH_PLAN_ATTRIBUTES_MAX];
    size_t disfavoured[EVH_PLAN_ATTRIBUTES_MAX];
    evh_facet facet;
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
        EVH_TRY(evh_facet_of(&facet, e, asked, group, false));
        EVH_TRY(evh_facet_add(&strata[values[at]].all, &facet));
        if (is_facet(grouping, values, disfavoured, asked->stratum))
            EVH_TRY(evh_facet_add(&strata[values[at]].d, &facet));
    }
    *out = disparity_over(e, strata, count);

done:
    if (strata != NULL)
        evh_wipe(strata, count * sizeof *strata); /* counts may be exact */
    free(strata);
    return status;
}
