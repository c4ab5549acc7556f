/* SPDX-License-Identifier: Apache-2.0 */
#include "evenhand/fairness/local.h"

#include <math.h>
#include <stdlib.h>

#include "evaluation_internal.h"
#include "evenhand/base/sizes.h"
#include "normal_internal.h"

static const double NEGLIGIBLE = 1e-9; /* a difference of metrics */

typedef struct comparing {
    const evh_evaluation *local;
    const evh_evaluation *global;
    int64_t *rest; /* [cells per group] what is left of the global sums without this customer */
    evh_cell_noise *noise;
    evh_quantiles z;
    evh_local_comparison *out;
    size_t count;
} comparing;

static bool is_asked(const evh_evaluation *e, size_t grouping, size_t kind, size_t model)
{
    for (size_t i = 0; i < e->answer_count; i++) {
        const evh_answer *answer = &e->answers[i];
        if (answer->kind == kind && answer->model == model &&
            evh_plan_terms_of(e->plan)->questions[answer->question].grouping == grouping)
            return true;
    }
    return e->answer_count == 0 && kind == 0;
}

static evh_status take_out(comparing *c, const int64_t *mine, const int64_t *all)
{
    evh_status status = evh_ok();
    for (size_t i = 0; i < evh_plan_cells_per_group(c->global->plan); i++)
        EVH_REQUIRE(evh_i64_sub(all[i], mine[i], &c->rest[i]), EVH_ERR_RANGE,
                    "a difference passes 63 bits");

done:
    return status;
}

static void scale(evh_finding *finding, double others)
{
    finding->raw *= others;
    finding->estimate.value *= others;
    finding->sampling_sd *= others;
    finding->privacy_sd *= others;
    evh_interval *intervals[2] = {&finding->pointwise, &finding->simultaneous};
    for (size_t i = 0; i < 2; i++) {
        intervals[i]->low *= others;
        intervals[i]->high *= others;
        intervals[i]->sampling_low *= others;
        intervals[i]->sampling_high *= others;
    }
    for (size_t i = 0; i < 2; i++) {
        finding->pointwise_ends[i] *= others;
        finding->simultaneous_ends[i] *= others;
    }
}

/* What remains of a difference to the rest when it is taken to the whole, which is a mean of this
 * customer and the rest, weighted by their shares: of quotients. A metric that is not proportional
 * to its quotient (F1, a root) bends that. */
static double others_part(const evh_quotient *own, const evh_quotient *rest, double share)
{
    const double at = own->numerator / own->denominator;
    const double there = rest->numerator / rest->denominator;
    const double here = evh_quotient_metric(own, at);
    const double far = here - evh_quotient_metric(own, there);
    if (own->map == EVH_MAP_SCALE || !(fabs(far) > NEGLIGIBLE)) /* NaN: nothing was counted */
        return 1 - share;
    return (here - evh_quotient_metric(own, share * at + (1 - share) * there)) / far;
}

/* From site - rest to site - all. */
static evh_status take_to_whole(comparing *c, evh_local_comparison *to, const int64_t *mine)
{
    evh_status status = evh_ok();
    const evh_rate_kind *of = &c->global->kinds[to->kind];
    const evh_cells_meaning *meaning = &c->local->meaning;
    evh_quotient own;
    evh_quotient rest;
    EVH_TRY(evh_quotient_of(&own, of->metric, meaning, mine, NULL, of->metric_class));
    EVH_TRY(evh_quotient_of(&rest, of->metric, meaning, c->rest, NULL, of->metric_class));
    scale(&to->difference, others_part(&own, &rest, to->share.value));

done:
    return status;
}

static evh_status share_of(evh_estimate *out, const comparing *c, size_t kind, const int64_t *mine,
                           const int64_t *all)
{
    evh_status status = evh_ok();
    const evh_rate_kind *of = &c->global->kinds[kind];
    evh_quotient own;
    evh_quotient whole;
    *out = (evh_estimate){.defined = false};
    EVH_TRY(evh_quotient_of(&own, of->metric, &c->local->meaning, mine, NULL, of->metric_class));
    EVH_TRY(evh_quotient_of(&whole, of->metric, &c->local->meaning, all, NULL, of->metric_class));
    if (whole.denominator > 0)
        *out = (evh_estimate){.defined = true,
                              .value = fmin(fmax(own.denominator / whole.denominator, 0), 1)};

done:
    return status;
}

static bool leaves_out_zero(const evh_interval *interval)
{
    return interval->low > 0 || interval->high < 0;
}

static evh_status compare_one(comparing *c, size_t grouping, size_t kind, size_t group,
                              size_t model)
{
    evh_status status = evh_ok();
    evh_finding rest;
    evh_finding own;
    const int64_t *mine = evh_evaluation_cells(c->local, grouping, group, model);
    const int64_t *all = evh_evaluation_cells(c->global, grouping, group, model);
    evh_local_comparison *next = &c->out[c->count++];
    *next = (evh_local_comparison){
        .grouping = grouping,
        .kind = kind,
        .group = group,
        .model = model,
        .local = *evh_evaluation_rate(c->local, grouping, kind, group, model),
        .global = *evh_evaluation_rate(c->global, grouping, kind, group, model)};
    EVH_TRY(take_out(c, mine, all));
    evh_evaluation_noise(c->noise, c->global, grouping, group);
    EVH_TRY(evh_evaluation_finding(&rest, c->global, kind, c->rest, c->noise, &c->z));
    EVH_TRY(evh_evaluation_finding(&own, c->local, kind, mine, NULL, &c->z));
    if (next->global.withheld != EVH_WITHHELD_UNCLEAR) /* else it would be a share of noise */
        EVH_TRY(share_of(&next->share, c, kind, mine, all));
    next->difference = evh_finding_difference(&own, &rest, evh_evaluation_range(c->global, kind));
    next->decided = next->difference.simultaneous.withheld == EVH_SHOWN &&
                    (c->global->groupings[grouping].caveats & EVH_ASSUMES_INDEPENDENT_RECORDS) == 0;
    next->differs = next->decided && leaves_out_zero(&next->difference.simultaneous);
    if (next->difference.withheld == EVH_SHOWN)
        EVH_TRY(take_to_whole(c, next, mine));

done:
    return status;
}

static evh_status walk(comparing *c, bool only_count)
{
    evh_status status = evh_ok();
    const evh_evaluation *e = c->global;
    c->count = 0;
    for (size_t grouping = 0; grouping < e->grouping_count; grouping++)
        for (size_t kind = 0; kind < e->kind_count; kind++)
            for (size_t i = 0; i < e->groupings[grouping].grouping->group_count * e->model_count;
                 i++) {
                if (!is_asked(e, grouping, kind, i % e->model_count))
                    continue;
                if (only_count)
                    c->count++;
                else
                    EVH_TRY(compare_one(c, grouping, kind, i / e->model_count, i % e->model_count));
            }

done:
    return status;
}

evh_status evh_local_compare(evh_local_comparison **out, size_t *count, const evh_evaluation *local,
                             const evh_evaluation *global)
{
    evh_status status = evh_ok();
    comparing c = {.local = local, .global = global};
    size_t width = evh_plan_cells_per_group(global->plan);
    *out = NULL;
    *count = 0;
    EVH_REQUIRE(local->plan == global->plan, EVH_ERR_ARG, "two plans");
    EVH_REQUIRE(local->customers == 0, EVH_ERR_ARG, "the counts of one site have no noise");
    EVH_TRY(evh_alloc(&c.rest, width, sizeof *c.rest, "sums"));
    EVH_TRY(evh_alloc(&c.noise, width, sizeof *c.noise, "noise"));
    EVH_TRY(walk(&c, true));
    c.z.pointwise = global->pointwise_z;
    c.z.simultaneous = evh_normal_two_sided((1 - global->confidence) / fmax((double)c.count, 1));
    EVH_TRY(evh_alloc(&c.out, c.count, sizeof *c.out, "comparisons"));
    EVH_TRY(walk(&c, false));
    *out = c.out;
    *count = c.count;
    c.out = NULL;

done:
    free(c.rest);
    free(c.noise);
    free(c.out);
    return status;
}
