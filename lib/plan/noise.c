/* SPDX-License-Identifier: Apache-2.0
 * From the message to the plan: noise, verified with outward rounding; and what follows from it. */
#include "evenhand/plan/noise.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "evenhand/base/uint128.h"
#include "evenhand/field/chunk.h"
#include "evenhand/plan/groups.h"
#include "plan_internal.h"

static const char draft_right[] = "what plan draft writes for this plan";

uint32_t evh_plan_common_divisor(uint32_t a, uint32_t b)
{
    while (b != 0) {
        uint32_t rest = a % b;
        a = b;
        b = rest;
    }
    return a;
}

/* The parameter of a class, and whether the message names the class as the plan does. */
static bool resolve_class(evh_plan_context *context, const evh_yaml_node *node, size_t index,
                          evh_noise *out)
{
    const evh_plan *plan = context->plan;
    const Evenhand__V1__Plan__CellNoise *from = plan->message->noise->cells[index];
    const evh_plan_noise_class *class = &plan->classes[index];
    bool same = from->release == class->release && from->n_names == class->name_count;
    for (size_t i = 0; same && i < from->n_names; i++)
        same = strcmp(from->names[i], class->names[i]) == 0;
    if (!same) {
        evh_plan_wrong(context, node, draft_right, "noise for other cells than the plan has here");
        return false;
    }
    out->kind = plan->terms.privacy.mechanism;
    out->parameter.num = from->numerator;
    out->parameter.den = from->denominator;
    bool none = out->kind == EVH_NOISE_NONE;
    if (none && from->numerator == 0 && from->denominator == 0)
        return true;
    evh_status status = evh_noise_check(out);
    if (none || status.code != EVH_OK ||
        evh_plan_common_divisor(from->numerator, from->denominator) != 1) {
        evh_plan_wrong(context, node, none ? "no parameter" : "a fraction in lowest terms",
                       "parameter %" PRIu32 "/%" PRIu32 " for mechanism %s%s%s", from->numerator,
                       from->denominator, evh_noise_kind_name(out->kind),
                       status.code == EVH_OK ? "" : ": ", status.text);
        return false;
    }
    return true;
}

static bool same_shift(const evh_shift *a, const Evenhand__V1__Plan__Shift *b)
{
    if (a->count != b->n_terms)
        return false;
    for (size_t i = 0; i < a->count; i++) {
        if (a->terms[i].noise != b->terms[i]->noise ||
            a->terms[i].magnitude != b->terms[i]->magnitude ||
            a->terms[i].cells != b->terms[i]->cells)
            return false;
    }
    return true;
}

/* The shifts of the message must be those that follow from the plan. */
static bool check_shifts(evh_plan_context *context, evh_plan_noise *noise)
{
    const Evenhand__V1__Plan__Noise *from = context->plan->message->noise;
    const evh_yaml_node *node = evh_plan_node(context, "noise", "shifts");
    noise->shifts = context->plan->shifts[noise->adjacency];
    if (noise->shifts.count == 0) {
        evh_plan_wrong(context, evh_plan_node(context, "privacy", NULL),
                       "words_per_unit: how many words of one unit count",
                       "without words_per_unit one unit can change counts without bound");
        return false;
    }
    bool same = noise->shifts.count == from->n_shifts;
    for (size_t i = 0; same && i < from->n_shifts; i++)
        same = same_shift(&noise->shifts.shifts[i], from->shifts[i]);
    if (!same)
        evh_plan_wrong(context, node, draft_right,
                       "these are not the changes that one unit can cause in this plan");
    return same;
}

/* Noise beyond the offset would be clamped: the chance for any cell of any report of a round. */
static bool check_offset(evh_plan_context *context, const evh_plan_noise *noise)
{
    const evh_plan *plan = context->plan;
    const evh_yaml_node *node = evh_plan_node(context, "noise", "offset");
    double log2_sum = -INFINITY;
    if (noise->offset > evh_plan_cell_max(plan) / 2 - (plan->terms.privacy.cell_bits > 1 ? 1 : 0)) {
        evh_plan_wrong(context, evh_plan_node(context, "privacy", "cell_bits"),
                       "more cell_bits, a larger epsilon or smaller caps",
                       "cells of %" PRIu32 " bits have no room for noise with offset %" PRIu64,
                       plan->terms.privacy.cell_bits, noise->offset);
        return false;
    }
    for (size_t i = 0; i < plan->class_count; i++) {
        double cells = (double)plan->classes[i].cell_count * plan->terms.rounds.max_clients;
        double tail = evh_noise_tail_log2(&noise->classes[i], noise->offset) + log2(cells);
        log2_sum = fmax(log2_sum, tail) + log2(1 + exp2(-fabs(log2_sum - tail)));
        if (isnan(log2_sum))
            log2_sum = tail;
    }
    if (plan->terms.privacy.mechanism == EVH_NOISE_NONE || log2_sum <= -EVH_PLAN_CLAMP_BITS)
        return true;
    evh_plan_wrong(context, node, draft_right,
                   "with offset %" PRIu64 " noise may be clamped, with probability over 2^-%d",
                   noise->offset, EVH_PLAN_CLAMP_BITS);
    return false;
}

/* Verifies epsilon and delta of one round with the rational parameters as they stand. */
static bool check_budget(evh_plan_context *context)
{
    const evh_plan *plan = context->plan;
    evh_charge charge = evh_plan_charge(plan, evh_plan_promised_view(plan), 1, 1);
    evh_budget budget = evh_plan_budget(plan);
    bool within = false;
    double reached = INFINITY;
    if (plan->terms.privacy.mechanism == EVH_NOISE_NONE)
        return true;
    evh_status status = evh_privacy_within(&within, &charge, 1, &budget);
    if (status.code != EVH_OK) {
        evh_plan_wrong(context, evh_plan_node(context, "noise", NULL), draft_right, "%s",
                       status.text);
        return false;
    }
    if (within)
        return true;
    evh_status_discard(evh_privacy_epsilon(&reached, &charge, 1, budget.delta),
                       "the text then says inf");
    evh_plan_wrong(context, evh_plan_node(context, "noise", NULL), draft_right,
                   "this noise does not meet epsilon %s and delta %s: it gives epsilon %.6g",
                   plan->message->privacy->epsilon, plan->message->privacy->delta, reached);
    return false;
}

bool evh_plan_resolve_noise(evh_plan_context *context)
{
    evh_plan *plan = context->plan;
    const Evenhand__V1__Plan__Noise *from = plan->message->noise;
    const evh_yaml_node *cells = evh_plan_node(context, "noise", "cells");
    evh_noise *classes = NULL;
    if (from == NULL)
        return true;
    if (!evh_plan_in_range(context, evh_plan_node(context, "noise", "adjacency"), "adjacency",
                           from->adjacency, 1, 2))
        return false;
    if (from->n_cells != plan->class_count) {
        evh_plan_wrong(context, cells, draft_right,
                       "noise for %zu kinds of cells, the plan has %zu", from->n_cells,
                       plan->class_count);
        return false;
    }
    if (!evh_plan_take(context, &classes, plan->class_count, sizeof classes[0]))
        return false;
    plan->noise.adjacency = (evh_adjacency)(from->adjacency - 1);
    plan->noise.offset = from->offset;
    plan->noise.classes = classes;
    bool good = true;
    for (size_t i = 0; i < plan->class_count; i++)
        good &= resolve_class(context, evh_plan_item(cells, i), i, &classes[i]);
    plan->has_noise = true;
    return good && check_shifts(context, &plan->noise) && check_offset(context, &plan->noise) &&
           check_budget(context);
}

const evh_plan_noise *evh_plan_noise_of(const evh_plan *plan)
{
    return plan->has_noise ? &plan->noise : NULL;
}

evh_status evh_plan_cell_noise(const evh_plan *plan, evh_noise *out)
{
    if (!plan->has_noise)
        return evh_fail(EVH_ERR_INPUT, "the plan has no noise parameters: run plan draft on it");
    for (size_t i = 0; i < plan->cell_count; i++)
        out[i] = plan->noise.classes[evh_plan_noise_class_of(plan, i)];
    return evh_ok();
}

uint64_t evh_plan_cell_max(const evh_plan *plan)
{
    return ((uint64_t)1 << plan->terms.privacy.cell_bits) - 1;
}

bool evh_plan_sum_fits(uint64_t reports, uint64_t cell_max)
{
    /* Field128 of VDAF: 2^66 * 4611686018427387897 + 1 */
    const evh_u128 modulus = ((evh_u128)4611686018427387897U << 66) + 1;
    const evh_u128 sum = (evh_u128)reports * cell_max;
    return sum < modulus && sum <= INT64_MAX;
}

evh_plan_vdaf evh_plan_vdaf_of(const evh_plan *plan)
{
    evh_plan_vdaf vdaf = {.length = plan->cell_count,
                          .max = evh_plan_cell_max(plan),
                          .chunk_length =
                              evh_chunk_length(plan->cell_count * plan->terms.privacy.cell_bits)};
    return vdaf;
}

evh_plan_view evh_plan_promised_view(const evh_plan *plan)
{
    return plan->terms.privacy.placement == EVH_PLAN_DISTRIBUTED ? EVH_PLAN_VIEW_SUM
                                                                 : EVH_PLAN_VIEW_ALONE;
}

evh_charge evh_plan_charge(const evh_plan *plan, evh_plan_view view, uint32_t rounds,
                           uint32_t customers_per_unit)
{
    bool sum = view == EVH_PLAN_VIEW_SUM;
    evh_charge charge = {.classes = plan->noise.classes,
                         .class_count = plan->class_count,
                         .shifts = plan->noise.shifts.shifts,
                         .shift_count = plan->noise.shifts.count,
                         .rounds = rounds,
                         .customers_per_unit = customers_per_unit,
                         .honest_shares = sum ? plan->terms.rounds.min_honest : 0,
                         .clamp_bits = sum ? EVH_PLAN_CLAMP_BITS : 0};
    return charge;
}

/* Both are checked to be fractions of 64-bit numbers when the plan is resolved. */
static evh_fraction fraction_of(evh_decimal value)
{
    evh_fraction fraction = {.num = 0, .den = 1};
    evh_status_discard(evh_decimal_fraction(value, &fraction.num, &fraction.den),
                       "checked before, and then the strictest value");
    return fraction;
}

evh_budget evh_plan_budget(const evh_plan *plan)
{
    evh_budget budget = {.epsilon = fraction_of(plan->terms.privacy.epsilon),
                         .delta = fraction_of(plan->terms.privacy.delta)};
    return budget;
}
