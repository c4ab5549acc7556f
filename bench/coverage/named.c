/* SPDX-License-Identifier: Apache-2.0
 * Clarify's measures, and differences between models. */
#include <math.h>
#include <stdio.h>

#include "evenhand/fairness/named.h"
#include "tables.h"
#include "topics.h"

/* ---- named measures ---- */

enum { FACETS = 3, STRATA = 2, STRIDE = STRATA + 2 };

static const plan_text named_plan = {
    "scorer: binary\nattributes:\n  - {name: g, values: [g0, g1, g2]}\n"
    "  - {name: h, values: [h0, h1], per_unit: true}\nreleases: [[g, h]]\nderive: [[g]]\n",
    "", ""};

/* prevalence, true and false positive rate: of facets, then of both strata */
static people facet(size_t g, size_t h, source *from)
{
    static const double of[FACETS][3] = {{0.3, 0.7, 0.1}, {0.5, 0.8, 0.15}, {0.4, 0.8, 0.1}};
    double prevalence = of[g][0] + (h == 1 ? 0.1 : 0);
    const double chances[4] = {prevalence * of[g][1], (1 - prevalence) * of[g][2],
                               prevalence * (1 - of[g][1]), (1 - prevalence) * (1 - of[g][2])};
    static const int64_t adds[16] = {1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1};
    return people_new(chances, adds, 4, 4, from);
}

/* Facet g0 against g1, or against all others where `favoured` is EVH_NO_GROUP. */
static evh_finding measure_of(const evh_evaluation *e, evh_clarify measure, size_t favoured)
{
    evh_finding out;
    bool conditional = measure == EVH_CLARIFY_CDDPL;
    check(evh_clarify_measure(
        &out, e, measure,
        &(evh_clarify_asked){.grouping = conditional ? 0 : 1, .favoured = favoured, .stratum = 1}));
    return out;
}

static void print_named_row(run *r, const setting *at, const void *context)
{
    world w;
    people population[FACETS][STRATA];
    coverage all[EVH_CLARIFY_COUNT][2] = {{{0}}};
    static const size_t favoured[2] = {1, EVH_NO_GROUP};
    (void)context;
    world_start(&w, at, &named_plan);
    for (size_t g = 0; g < FACETS; g++)
        for (size_t h = 0; h < STRATA; h++) {
            population[g][h] = facet(g, h, &w.from);
            w.lives_in[g * STRIDE + h] = (residents){&population[g][h], at->size / STRATA};
        }
    evh_evaluation *truth = true_evaluation(&w);
    for (unsigned round = 0; round < at->rounds; round++) {
        evh_evaluation *e = next_round(&w);
        for (int i = 0; i < EVH_CLARIFY_COUNT; i++)
            for (size_t k = 0; k < 2; k++) {
                evh_finding right = measure_of(truth, (evh_clarify)i, favoured[k]);
                evh_finding seen = measure_of(e, (evh_clarify)i, favoured[k]);
                count_interval(&all[i][k], &seen.pointwise, right.raw, at->rounds);
            }
        evh_evaluation_free(&e);
    }
    (void)printf("| %s | %zu |", mechanism_name(at->mechanism), at->size);
    for (int i = 0; i < EVH_CLARIFY_COUNT; i++) {
        print_range(all[i], 2);
        for (size_t k = 0; k < 2; k++)
            r->bad += is_out(&all[i][k], &of_disparities, at->rounds);
    }
    (void)printf("\n");
    evh_evaluation_free(&truth);
    for (size_t i = 0; i < FACETS * STRATA; i++)
        people_free(&population[i / STRATA][i % STRATA]);
    world_free(&w);
}

static const uint32_t ten[] = {10, 0};
static const size_t sizes[] = {100, 1000, 10000, 0};
static const size_t quick[] = {1000, 0};

void print_named(run *r)
{
    const char *columns[2 + EVH_CLARIFY_COUNT] = {"mechanism", "group"};
    for (int i = 0; i < EVH_CLARIFY_COUNT; i++)
        columns[2 + i] = evh_clarify_name((evh_clarify)i);
    print_head("Clarify's measures, a group against another and against all others", columns,
               2 + EVH_CLARIFY_COUNT);
    each_setting(r, ten, r->quick ? quick : sizes, print_named_row, NULL);
}

/* ---- models ---- */

static const plan_text models_plan = {"scorer: event\nmodels: [a, b]\n"
                                      "attributes: [{name: g, values: [g0, g1, g2]}]\n"
                                      "releases: [[g]]\n",
                                      "", ""};

/* Correlation of the two models' events; their rates. */
static const double together[3] = {0, 0.5, 0.9};
static const double of_models[2] = {0.1, 0.15};

static people twice_scored(double correlation, source *from)
{
    double a = of_models[0];
    double b = of_models[1];
    double both = a * b + correlation * sqrt(a * (1 - a) * b * (1 - b));
    both = fmin(both, a);
    const double chances[4] = {1 - a - b + both, a - both, b - both, both};
    static const int64_t adds[16] = {1, 0, 1, 0, 1, 1, 1, 0, 1, 0, 1, 1, 1, 1, 1, 1};
    return people_new(chances, adds, 4, 4, from);
}

static void print_models_row(run *r, const setting *at, const void *context)
{
    world w;
    people population[3];
    coverage all[3][2] = {{{0}}};
    (void)context;
    world_start(&w, at, &models_plan);
    for (size_t i = 0; i < 3; i++) {
        population[i] = twice_scored(together[i], &w.from);
        w.lives_in[i] = (residents){&population[i], at->size};
    }
    evh_evaluation *truth = true_evaluation(&w);
    for (unsigned round = 0; round < at->rounds; round++) {
        evh_evaluation *e = next_round(&w);
        for (size_t i = 0; i < 3; i++)
            for (size_t ratio = 0; ratio < 2; ratio++) {
                const evh_models_asked asked = {.group = i,
                                                .model = 1,
                                                .measure = ratio == 1 ? EVH_PLAN_RATIO
                                                                      : EVH_PLAN_DIFFERENCE};
                evh_finding right = evh_evaluation_models(truth, &asked);
                evh_finding seen = evh_evaluation_models(e, &asked);
                count_interval(&all[i][ratio], &seen.pointwise, right.raw, at->rounds);
            }
        evh_evaluation_free(&e);
    }
    (void)printf("| %s | %zu |", mechanism_name(at->mechanism), at->size);
    for (size_t i = 0; i < 6; i++)
        print_coverage(&all[i / 2][i % 2]);
    (void)printf("\n");
    for (size_t i = 0; i < 3; i++)
        r->bad += all[i][0].covered <
                  of_disparities.low - CHANCE * error_of(of_disparities.low, at->rounds);
    evh_evaluation_free(&truth);
    for (size_t i = 0; i < 3; i++)
        people_free(&population[i]);
    world_free(&w);
}

void print_models(run *r)
{
    static const char *const columns[] = {
        "mechanism",           "group", "difference, r = 0",   "ratio",
        "difference, r = 0.5", "ratio", "difference, r = 0.9", "ratio"};
    print_head("Two models on the same records, whose events have correlation r", columns, 8);
    each_setting(r, ten, r->quick ? quick : sizes, print_models_row, NULL);
}
