/* SPDX-License-Identifier: Apache-2.0
 * Largest minus smallest of many groups: how far the raw and the corrected disparity are from the
 * true one, and how often the interval of the question holds. */
#include <math.h>
#include <stdio.h>

#include "tables.h"
#include "topics.h"

enum { GROUPS_MAX = 72, YAML_MAX = 1024 };

/* How the true rates and the groups differ. */
typedef struct pattern {
    const char *name;
    double step;    /* between rates of neighbours */
    double shift;   /* of the last group */
    size_t smaller; /* every second group has so many times fewer records */
} pattern;

static const double RATE = 0.15;
static const pattern patterns[] = {{"equal", 0, 0, 1},
                                   {"equal, half of them 16 times smaller", 0, 0, 16},
                                   {"one apart by 0.1", 0, 0.1, 1},
                                   {"one apart by 0.1, half of them 16 times smaller", 0, 0.1, 16},
                                   {"evenly over 0.2", 0.2, 0, 1},
                                   {"evenly over 0.2, half of them 16 times smaller", 0.2, 0, 16}};

typedef struct crowd {
    const pattern *of;
    size_t groups;
} crowd;

typedef struct spread_result {
    double seen;
    double raw;
    double corrected;
    double raw_squared;
    double corrected_squared;
    coverage interval;
} spread_result;

static double rate_of(const crowd *c, size_t group)
{
    double place = (double)group / (double)(c->groups - 1);
    return RATE + c->of->step * place + (group == c->groups - 1 ? c->of->shift : 0);
}

static void start(world *w, const setting *at, const crowd *c, people population[GROUPS_MAX])
{
    char values[VALUES_MAX];
    char head[YAML_MAX];
    write_values(values, 'g', c->groups);
    (void)snprintf(head, sizeof head,
                   "scorer: event\nattributes: [{name: g, values: [%s]}]\nreleases: [[g]]\n",
                   values);
    world_start(w, at,
                &(plan_text){head, "",
                             "questions: [{id: range, metric: event_rate, by: g, tolerance: "
                             "\"0.05\"}]\n"});
    for (size_t i = 0; i < c->groups; i++) {
        population[i] = people_with_events(rate_of(c, i), &w->from);
        w->lives_in[i] =
            (residents){&population[i], i % 2 == 1 ? at->size / c->of->smaller : at->size};
    }
}

/* Largest minus smallest true rate of the groups whose rates are shown. */
static double true_spread(const evh_evaluation *e, const crowd *c)
{
    double smallest = 1;
    double largest = 0;
    for (size_t i = 0; i < c->groups; i++) {
        if (evh_evaluation_rate(e, 0, 0, i, 0)->withheld != EVH_SHOWN)
            continue;
        smallest = fmin(smallest, rate_of(c, i));
        largest = fmax(largest, rate_of(c, i));
    }
    return largest - smallest;
}

static void count_round(spread_result *to, const evh_evaluation *e, const crowd *c, unsigned rounds)
{
    const evh_spread_finding *spread = &e->groupings[0].spreads[0];
    double truth = true_spread(e, c);
    count_interval(&to->interval, &e->answers[0].gap.simultaneous, truth, rounds);
    if (!spread->difference.defined)
        return;
    double raw = spread->difference.value - truth;
    double corrected = spread->difference_corrected.value - truth;
    to->seen += 1;
    to->raw += raw;
    to->raw_squared += raw * raw;
    to->corrected += corrected;
    to->corrected_squared += corrected * corrected;
}

static void print_row(run *r, const setting *at, const void *context)
{
    const crowd *c = context;
    world w;
    people population[GROUPS_MAX];
    spread_result all = {0};
    start(&w, at, c, population);
    for (unsigned round = 0; round < at->rounds; round++) {
        evh_evaluation *e = next_round(&w);
        count_round(&all, e, c, at->rounds);
        evh_evaluation_free(&e);
    }
    (void)printf("| %s | %zu | %s | %zu | %+.2f | %.2f | %+.2f | %.2f |", c->of->name, c->groups,
                 mechanism_name(at->mechanism), at->size, 100 * all.raw / all.seen,
                 100 * sqrt(all.raw_squared / all.seen), 100 * all.corrected / all.seen,
                 100 * sqrt(all.corrected_squared / all.seen));
    print_coverage(&all.interval);
    (void)printf("\n");
    r->bad += all.interval.covered < 0.95 - CHANCE * error_of(0.95, at->rounds);
    for (size_t i = 0; i < c->groups; i++)
        people_free(&population[i]);
    world_free(&w);
}

void print_spreads(run *r)
{
    static const char *const columns[] = {"true rates",      "groups",           "mechanism",
                                          "group",           "raw: bias",        "root mean square",
                                          "corrected: bias", "root mean square", "interval covers"};
    static const uint32_t ten[] = {10, 0};
    static const size_t sizes[] = {1600, 0};
    static const size_t counts[] = {5, 10, GROUPS_MAX};
    print_head("Largest minus smallest, in percentage points", columns, 9);
    for (size_t i = 0; i < sizeof patterns / sizeof patterns[0]; i++)
        for (size_t k = 0; k < (r->quick ? 1U : 3U); k++)
            each_setting(r, ten, sizes, print_row,
                         &(crowd){.of = &patterns[i], .groups = counts[k]});
}
