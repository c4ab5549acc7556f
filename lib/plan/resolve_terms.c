/* SPDX-License-Identifier: Apache-2.0
 * From the message to the plan: privacy and rounds. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "plan_internal.h"

static bool resolve_caps(evh_plan_context *context, const Evenhand__V1__Plan__Privacy *from)
{
    evh_plan_privacy *privacy = &context->plan->terms.privacy;
    const evh_plan_terms *terms = &context->plan->terms;
    bool by_word = terms->scorer == EVH_PLAN_WER && terms->scoring.by_word;
    const evh_yaml_node *words = evh_plan_node(context, "privacy", "words_per_unit");
    const evh_yaml_node *insertions = evh_plan_node(context, "privacy", "insertions_per_unit");
    bool good =
        evh_plan_in_range(context, evh_plan_node(context, "privacy", "records_per_unit"),
                          "records_per_unit", from->records_per_unit, 1, EVH_PLAN_RECORDS_MAX);
    good = good &&
           evh_plan_in_range(context, evh_plan_node(context, "privacy", "groups_per_unit"),
                             "groups_per_unit", from->groups_per_unit, 1, from->records_per_unit);
    good &= evh_plan_in_range(context, words, "words_per_unit", from->words_per_unit, 0,
                              EVH_PLAN_WORDS_MAX) &&
            evh_plan_in_range(context, insertions, "insertions_per_unit", from->insertions_per_unit,
                              0, EVH_PLAN_WORDS_MAX);
    if (!by_word && from->words_per_unit + from->insertions_per_unit > 0) {
        evh_plan_wrong(context, from->words_per_unit > 0 ? words : insertions,
                       "no cap of words, or scorer: wer with average: word",
                       "%s is for an average over words",
                       from->words_per_unit > 0 ? "words_per_unit" : "insertions_per_unit");
        good = false;
    } else if ((from->words_per_unit == 0) != (from->insertions_per_unit == 0)) {
        evh_plan_wrong(context, insertions, "words_per_unit beside it",
                       "insertions_per_unit without words_per_unit");
        good = false;
    }
    good &= evh_plan_in_range(context, evh_plan_node(context, "privacy", "cell_bits"), "cell_bits",
                              from->cell_bits, 1, EVH_PLAN_CELL_BITS_MAX);
    privacy->records_per_unit = from->records_per_unit;
    privacy->groups_per_unit = from->groups_per_unit;
    privacy->words_per_unit = from->words_per_unit;
    privacy->insertions_per_unit = from->insertions_per_unit;
    privacy->cell_bits = from->cell_bits;
    return good;
}

/* Which mechanism, placement, epsilon and delta make sense together. */
static bool check_mechanism(evh_plan_context *context)
{
    const evh_plan_privacy *privacy = &context->plan->terms.privacy;
    const evh_yaml_node *mechanism = evh_plan_node(context, "privacy", "mechanism");
    const evh_yaml_node *epsilon = evh_plan_node(context, "privacy", "epsilon");
    const evh_yaml_node *delta = evh_plan_node(context, "privacy", "delta");
    const char *name = evh_noise_kind_name(privacy->mechanism);
    bool none = privacy->mechanism == EVH_NOISE_NONE;
    if (privacy->placement == EVH_PLAN_DISTRIBUTED && privacy->mechanism != EVH_NOISE_SKELLAM) {
        evh_plan_wrong(context, evh_plan_node(context, "privacy", "placement"),
                       "mechanism: skellam, or placement: local",
                       "placement is distributed, but shares of %s do not add up to it", name);
        return false;
    }
    if (none && (privacy->epsilon.digits != 0 || privacy->delta.digits != 0)) {
        evh_plan_wrong(context, privacy->epsilon.digits != 0 ? epsilon : delta,
                       "a mechanism, or neither epsilon nor delta",
                       "mechanism none protects nobody, whatever epsilon and delta say");
        return false;
    }
    if (!none && privacy->epsilon.digits == 0) {
        evh_plan_wrong(context, epsilon, "a decimal above 0, at most 100", "epsilon is 0");
        return false;
    }
    if ((privacy->mechanism == EVH_NOISE_DISCRETE_GAUSSIAN ||
         privacy->mechanism == EVH_NOISE_SKELLAM) &&
        privacy->delta.digits == 0) {
        evh_plan_wrong(context, privacy->delta.digits == 0 ? delta : mechanism,
                       "a delta such as \"1e-6\", or mechanism: discrete-laplace",
                       "delta is 0, which %s cannot reach", name);
        return false;
    }
    return true;
}

static bool resolve_mechanism(evh_plan_context *context, const Evenhand__V1__Plan__Privacy *from)
{
    static const evh_noise_kind kinds[] = {EVH_NOISE_NONE, EVH_NOISE_DISCRETE_LAPLACE,
                                           EVH_NOISE_DISCRETE_GAUSSIAN, EVH_NOISE_SKELLAM};
    static const evh_plan_bounds epsilon = {
        .least = "0", .most = "100", .right = "a decimal above 0, at most 100"};
    static const evh_plan_bounds delta = {
        .least = "0", .most = "0.001", .right = "a decimal from 0 to 0.001"};
    evh_plan_privacy *privacy = &context->plan->terms.privacy;
    if (!evh_plan_in_range(context, evh_plan_node(context, "privacy", "mechanism"), "mechanism",
                           from->mechanism, 1, sizeof kinds / sizeof kinds[0]) ||
        !evh_plan_in_range(context, evh_plan_node(context, "privacy", "placement"), "placement",
                           from->placement, 1, 2))
        return false;
    privacy->mechanism = kinds[from->mechanism - 1];
    privacy->placement = (evh_plan_placement)(from->placement - 1);
    bool good = evh_plan_resolve_number(context, evh_plan_node(context, "privacy", "epsilon"),
                                        "epsilon", from->epsilon, &epsilon, &privacy->epsilon);
    good &= evh_plan_resolve_number(context, evh_plan_node(context, "privacy", "delta"), "delta",
                                    from->delta, &delta, &privacy->delta);
    good &= evh_plan_fits_fraction(context, evh_plan_node(context, "privacy", "epsilon"), "epsilon",
                                   privacy->epsilon);
    good &= evh_plan_fits_fraction(context, evh_plan_node(context, "privacy", "delta"), "delta",
                                   privacy->delta);
    return good && check_mechanism(context);
}

bool evh_plan_fits_fraction(evh_plan_context *context, const evh_yaml_node *node, const char *what,
                            evh_decimal value)
{
    uint64_t numerator = 0;
    uint64_t denominator = 0;
    evh_status status = evh_decimal_fraction(value, &numerator, &denominator);
    if (status.code == EVH_OK)
        return true;
    evh_plan_wrong(context, node, "at most 19 digits behind the point", "%s is too fine", what);
    return false;
}

bool evh_plan_resolve_privacy(evh_plan_context *context)
{
    const Evenhand__V1__Plan__Privacy *from = context->plan->message->privacy;
    if (from == NULL) {
        evh_plan_wrong(context, context->root, "a block privacy", "the plan has no privacy");
        return false;
    }
    context->plan->terms.privacy.population = from->population;
    bool good =
        evh_plan_in_range(context, evh_plan_node(context, "privacy", "population"),
                          "length of population", strlen(from->population), 0, EVH_PLAN_NAME_MAX);
    good &= resolve_caps(context, from);
    good &= resolve_mechanism(context, from);
    return good;
}

static bool check_sum(evh_plan_context *context, uint32_t max_clients, uint32_t cell_bits)
{
    uint64_t cell_max = ((uint64_t)1 << cell_bits) - 1;
    if (evh_plan_sum_fits(max_clients, cell_max))
        return true;
    evh_plan_wrong(context, evh_plan_node(context, "rounds", "max_clients"),
                   "fewer max_clients or cell_bits",
                   "%u customers with cells of %u bits can add up to more than a sum holds",
                   max_clients, cell_bits);
    return false;
}

bool evh_plan_resolve_rounds(evh_plan_context *context)
{
    const Evenhand__V1__Plan__Rounds *from = context->plan->message->rounds;
    const Evenhand__V1__Plan__Privacy *privacy = context->plan->message->privacy;
    evh_plan_rounds *rounds = &context->plan->terms.rounds;
    if (from == NULL) {
        evh_plan_wrong(context, context->root, "a block rounds", "the plan has no rounds");
        return false;
    }
    bool good = evh_plan_in_range(context, evh_plan_node(context, "rounds", "count"), "count",
                                  from->count, 1, EVH_PLAN_ROUNDS_MAX);
    good &= evh_plan_in_range(context, evh_plan_node(context, "rounds", "min_honest"), "min_honest",
                              from->min_honest, 1, EVH_CLIENTS_MAX);
    good &= evh_plan_in_range(context, evh_plan_node(context, "rounds", "assumed_corrupt"),
                              "assumed_corrupt", from->assumed_corrupt, 0, EVH_CLIENTS_MAX);
    good &= evh_plan_in_range(context, evh_plan_node(context, "rounds", "max_clients"),
                              "max_clients", from->max_clients, 1, EVH_CLIENTS_MAX);
    rounds->count = from->count;
    rounds->min_honest = from->min_honest;
    rounds->assumed_corrupt = from->assumed_corrupt;
    rounds->max_clients = from->max_clients;
    if (good && from->min_honest + from->assumed_corrupt > from->max_clients) {
        evh_plan_wrong(context, evh_plan_node(context, "rounds", "max_clients"),
                       "at least min_honest + assumed_corrupt",
                       "max_clients is %u, but a round needs %u customers", from->max_clients,
                       from->min_honest + from->assumed_corrupt);
        good = false;
    }
    if (good && privacy != NULL && privacy->cell_bits <= EVH_PLAN_CELL_BITS_MAX)
        good = check_sum(context, from->max_clients, privacy->cell_bits);
    return good;
}
