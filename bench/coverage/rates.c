/* SPDX-License-Identifier: Apache-2.0
 * Pointwise intervals of rates, and of differences and ratios of two groups. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "topics.h"

typedef struct tally {
    coverage rate[METRICS_MAX][POPULATIONS];
    coverage pair[4][METRICS_MAX * POPULATIONS]; /* difference, ratio of equals; of others */
    bool judge_rate[METRICS_MAX][POPULATIONS];
    size_t metrics;
} tally;

static size_t kind_named(const evh_evaluation *e, const char *name)
{
    for (size_t kind = 0; kind < e->kind_count; kind++)
        if (strcmp(e->kinds[kind].name, name) == 0)
            return kind;
    check(evh_fail(EVH_ERR_ARG, "no rate %s", name));
    return 0;
}

typedef struct looking {
    const topic *of;
    const evh_evaluation *truth;
    const evh_evaluation *now;
    tally *to;
    size_t grouping;
    unsigned rounds;
} looking;

static void count_pair(const looking *l, size_t metric, size_t kind, size_t which,
                       const size_t groups[2], size_t column)
{
    evh_disparity_asked asked = {.grouping = l->grouping,
                                 .kind = kind,
                                 .group = groups[0],
                                 .against = EVH_AGAINST_GROUP,
                                 .reference = groups[1]};
    bool signs = strcmp(l->of->metrics[metric], "mean_error") == 0; /* no ratio means anything */
    for (size_t ratio = 0; ratio < 2; ratio++) {
        evh_finding out;
        evh_finding truth;
        asked.measure = ratio == 1 ? EVH_PLAN_RATIO : EVH_PLAN_DIFFERENCE;
        check(evh_evaluation_disparity(&out, l->now, &asked));
        check(evh_evaluation_disparity(&truth, l->truth, &asked));
        if (ratio == 1 && signs)
            out.pointwise.withheld = EVH_WITHHELD_UNDEFINED;
        count_interval(&l->to->pair[column + ratio][metric * POPULATIONS + which], &out.pointwise,
                       truth.raw, l->rounds);
    }
}

static void count_round(const looking *l)
{
    for (size_t metric = 0; l->of->metrics[metric] != NULL; metric++) {
        size_t kind = kind_named(l->now, l->of->metrics[metric]);
        for (size_t which = 0; which < POPULATIONS; which++) {
            const size_t twins[2] = {2 * which, 2 * which + 1};
            const size_t others[2] = {2 * which, 2 * ((which + 1) % POPULATIONS)};
            double truth = evh_evaluation_rate(l->truth, l->grouping, kind, 2 * which, 0)->raw;
            count_interval(&l->to->rate[metric][which],
                           &evh_evaluation_rate(l->now, l->grouping, kind, 2 * which, 0)->pointwise,
                           truth, l->rounds);
            double share = truth > 0.5 ? 1 - truth : truth;
            l->to->judge_rate[metric][which] = l->of->judged && share > 0.049;
            count_pair(l, metric, kind, which, twins, 0);
            count_pair(l, metric, kind, which, others, 2);
        }
    }
}

static void settle(world *w, const topic *of, people *population)
{
    for (size_t which = 0; which < POPULATIONS; which++)
        population[which] = of->population(which, &w->from);
    for (size_t group = 0; group < 2 * POPULATIONS; group++)
        for (size_t part = 0; part < of->parts; part++)
            w->lives_in[group * of->strides + part] =
                (residents){.of = &population[group / 2], .count = w->of.size / of->parts};
}

static void run_rounds(tally *out, const topic *of, const setting *at)
{
    world w;
    people population[POPULATIONS];
    *out = (tally){.metrics = 0};
    world_start(&w, at, &of->plan);
    settle(&w, of, population);
    evh_evaluation *truth = true_evaluation(&w);
    for (unsigned round = 0; round < at->rounds; round++) {
        evh_evaluation *e = next_round(&w);
        count_round(&(looking){.of = of,
                               .truth = truth,
                               .now = e,
                               .to = out,
                               .grouping = of->parts > 1,
                               .rounds = at->rounds});
        evh_evaluation_free(&e);
    }
    while (of->metrics[out->metrics] != NULL)
        out->metrics++;
    evh_evaluation_free(&truth);
    for (size_t which = 0; which < POPULATIONS; which++)
        people_free(&population[which]);
    world_free(&w);
}

/* Exact counts of few records are whole numbers: no interval is within the bounds there. */
static void judge(run *r, const topic *of, const tally *t, const setting *at)
{
    if (!of->judged || at->mechanism == MECHANISM_NONE)
        return;
    for (size_t metric = 0; metric < t->metrics; metric++)
        for (size_t which = 0; which < POPULATIONS; which++) {
            if (t->judge_rate[metric][which])
                r->bad += is_out(&t->rate[metric][which], &of_rates, at->rounds);
            for (size_t column = 0; column < 4; column++)
                r->bad += is_out(&t->pair[column][metric * POPULATIONS + which], &of_disparities,
                                 at->rounds);
        }
}

static void print_row(run *r, const setting *at, const void *context)
{
    const topic *of = context;
    static tally t;
    run_rounds(&t, of, at);
    (void)printf("| %s | %u | %zu |", mechanism_name(at->mechanism), at->customers, at->size);
    if (t.metrics == 1)
        for (size_t which = 0; which < POPULATIONS; which++)
            print_coverage(&t.rate[0][which]);
    else
        for (size_t metric = 0; metric < t.metrics; metric++)
            print_range(t.rate[metric], POPULATIONS);
    static const size_t order[4] = {0, 2, 1, 3};
    for (size_t column = 0; column < 4; column++)
        print_range(t.pair[order[column]], t.metrics * POPULATIONS);
    (void)printf("\n");
    judge(r, of, &t, at);
}

static void print_columns(const topic *of)
{
    static const char *const ends[4] = {"difference, equal", "apart", "ratio, equal", "apart"};
    static const char *const populations[POPULATIONS] = {"5 %", "10 %", "20 %", "50 %"};
    const char *columns[3 + METRICS_MAX + 4] = {"mechanism", "customers", "group"};
    size_t count = 3;
    if (of->metrics[1] == NULL)
        for (size_t which = 0; which < POPULATIONS; which++)
            columns[count++] = populations[which];
    else
        for (size_t metric = 0; of->metrics[metric] != NULL; metric++)
            columns[count++] = of->metrics[metric];
    for (size_t i = 0; i < 4; i++)
        columns[count++] = ends[i];
    print_head(of->title, columns, count);
}

void print_topic(run *r, const topic *of)
{
    static const uint32_t two[] = {10, 500, 0};
    static const uint32_t ten[] = {10, 0};
    static const size_t all[] = {30, 100, 1000, 10000, 100000, 0};
    static const size_t some[] = {100, 1000, 10000, 0};
    static const size_t quick[] = {1000, 0};
    bool main_table = of == &topics[0] || of == &topics[1];
    if (r->quick && of->parts > 1 && of->metrics[1] != NULL)
        return; /* many groups and rates: not for a test */
    print_columns(of);
    each_setting(r, main_table && !r->quick ? two : ten,
                 r->quick ? quick : (main_table ? all : some), print_row, of);
}
