/* SPDX-License-Identifier: Apache-2.0
 * Groups that may be empty: how often a rate is shown, how often what is shown is right, and how
 * wide it is, by how many standard deviations of its noise the denominator has to reach. */
#include <math.h>
#include <stdio.h>

#include "evenhand/plan/noise.h"
#include "tables.h"
#include "topics.h"

enum { RATES = 2, LIMITS = 3 };
static const double rates[RATES] = {0.1, 0.5};
static const double limits[LIMITS] = {0, 3, 4};

static const plan_text plan = {
    "scorer: event\nattributes: [{name: g, values: [g0, g1]}]\nreleases: [[g]]\n", "", ""};

typedef struct shown {
    double share;
    double right;
    double width;
} shown;

static double noise_sd(const world *w)
{
    size_t class = evh_plan_noise_class_of(w->plan, evh_plan_cell_at(w->plan, 0, 0, 0, 0));
    const evh_noise *noise = &evh_plan_noise_of(w->plan)->classes[class];
    return sqrt(evh_noise_variance(noise) * w->of.customers);
}

static void count_group(shown of[LIMITS], const evh_evaluation *e, size_t group, double truth,
                        double sd)
{
    const evh_finding *rate = evh_evaluation_rate(e, 0, 0, group, 0);
    double reach = (double)e->groupings[0].released[group * 2] / sd;
    for (size_t i = 0; i < LIMITS; i++) {
        if (rate->pointwise.withheld != EVH_SHOWN || reach <= limits[i])
            continue;
        of[i].share += 1;
        of[i].right += !misses(&rate->pointwise, truth);
        of[i].width += rate->pointwise.high - rate->pointwise.low;
    }
}

/* size is in tenths of standard deviations of the denominator's noise. */
static void print_row(run *r, const setting *at, const void *context)
{
    world w;
    shown all[RATES][LIMITS] = {{{0}}};
    (void)r;
    (void)context;
    if (at->mechanism == MECHANISM_NONE)
        return;
    world_start(&w, at, &plan);
    double sd = noise_sd(&w);
    people population[RATES];
    for (size_t i = 0; i < RATES; i++) {
        population[i] = people_with_events(rates[i], &w.from);
        size_t count = (size_t)round((double)(at->size - 1) / 10 * sd);
        w.lives_in[i] = (residents){&population[i], count};
    }
    for (unsigned round = 0; round < at->rounds; round++) {
        evh_evaluation *e = next_round(&w);
        for (size_t i = 0; i < RATES; i++)
            count_group(all[i], e, i, rates[i], sd);
        evh_evaluation_free(&e);
    }
    (void)printf("| %s | %.1f |", mechanism_name(at->mechanism), (double)(at->size - 1) / 10);
    for (size_t i = 0; i < RATES; i++)
        for (size_t k = 0; k < LIMITS; k++) {
            const shown *of = &all[i][k];
            if (of->share == 0)
                (void)printf(" 0 |");
            else
                (void)printf(" %.1f: %.0f, %.2f |", 100 * of->share / at->rounds,
                             100 * of->right / of->share, of->width / of->share);
        }
    (void)printf("\n");
    for (size_t i = 0; i < RATES; i++)
        people_free(&population[i]);
    world_free(&w);
}

void print_withheld(run *r)
{
    static const char *const columns[] = {"mechanism", "denominator", "10 %, above 1.96",
                                          "above 3",   "above 4",     "50 %, above 1.96",
                                          "above 3",   "above 4"};
    static const uint32_t ten[] = {10, 0};
    static const size_t sizes[] = {1, 6, 11, 21, 31, 41, 61, 101, 0};
    print_head("Rates of groups that may be empty", columns, 8);
    each_setting(r, ten, sizes, print_row, NULL);
}
