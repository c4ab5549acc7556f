/* SPDX-License-Identifier: Apache-2.0
 * One site against all, when nothing differs and when its rates are higher. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "evenhand/fairness/local.h"
#include "tables.h"
#include "topics.h"

enum { GROUPS = 8 };
static const double RATE = 0.2;
static const double WORSE = 0.3;
static const double FAMILY_ERRORS = 0.056;

#define PLAN_GROUPS                                                                                \
    "attributes: [{name: g, values: [g0, g1, g2, g3, g4, g5, g6, g7]}]\nreleases: [[g]]\n"
static const plan_text plans[2] = {{"scorer: event\n" PLAN_GROUPS, "", ""},
                                   {"scorer: wer\n" PLAN_GROUPS, "", ""}};

/* A site's part of each group, in hundredths, and what is counted. */
typedef struct site {
    size_t part;
    bool words;
} site;

typedef struct site_result {
    coverage pointwise;
    double any;   /* rounds in which some group is said to differ */
    double found; /* groups that differ and are said to, of all that differ */
} site_result;

/* Adds the people of one site to the sums, and evaluates both. */
static void one_round(site_result *to, world *w, const people *there, const site *of, bool differs)
{
    size_t count = w->groups * w->width;
    int64_t *own = checked(calloc(count, sizeof *own));
    evh_evaluation *rest = next_round(w);
    evh_evaluation_free(&rest);
    for (size_t group = 0; group < GROUPS; group++)
        draw_people(own + group * w->width, there, w->of.size * of->part / 100, &w->from);
    for (size_t i = 0; i < count; i++)
        w->cells[i] += own[i];
    evh_evaluation *global = NULL;
    evh_evaluation *local = NULL;
    evh_local_comparison *all = NULL;
    size_t compared = 0;
    check(evh_evaluation_new(&global, w->plan, w->cells,
                             &(evh_evaluation_options){.customers = w->of.customers}));
    check(evh_evaluation_new(&local, w->plan, own, &(evh_evaluation_options){.customers = 0}));
    check(evh_local_compare(&all, &compared, local, global));
    bool any = false;
    for (size_t i = 0; i < compared; i++) {
        if (all[i].group >= GROUPS)
            continue;
        any |= all[i].differs;
        to->found += all[i].differs / (double)GROUPS / w->of.rounds;
        if (!differs)
            count_interval(&to->pointwise, &all[i].difference.pointwise, 0,
                           w->of.rounds * (unsigned)GROUPS);
    }
    to->any += any / (double)w->of.rounds;
    free(all);
    free(own);
    evh_evaluation_free(&global);
    evh_evaluation_free(&local);
}

static site_result run_site(const setting *at, const site *of, bool differs)
{
    site_result out = {.any = 0};
    world w;
    world_start(&w, at, &plans[of->words]);
    people (*const make)(double rate, source *from) =
        of->words ? people_with_words : people_with_events;
    people everywhere = make(RATE, &w.from);
    people there = make(differs ? WORSE : RATE, &w.from);
    for (size_t group = 0; group < GROUPS; group++)
        w.lives_in[group] = (residents){&everywhere, at->size - at->size * of->part / 100};
    for (unsigned round = 0; round < at->rounds; round++)
        one_round(&out, &w, &there, of, differs);
    people_free(&everywhere);
    people_free(&there);
    world_free(&w);
    return out;
}

static void print_row(run *r, const setting *at, const void *context)
{
    const site *of = context;
    site_result same = run_site(at, of, false);
    site_result apart = run_site(at, of, true);
    (void)printf("| %s | %zu %% | %s | %zu |", of->words ? "speakers" : "records", of->part,
                 mechanism_name(at->mechanism), at->size);
    print_coverage(&same.pointwise);
    (void)printf(" %.2f | %.1f |\n", 100 * same.any, 100 * apart.found);
    r->bad += same.any > FAMILY_ERRORS + CHANCE * error_of(FAMILY_ERRORS, at->rounds);
    r->bad +=
        at->mechanism != MECHANISM_NONE && is_out(&same.pointwise, &of_disparities, at->rounds);
}

void print_sites(run *r)
{
    static const char *const columns[] = {"unit",
                                          "site's share",
                                          "mechanism",
                                          "group",
                                          "difference covers",
                                          "any said to differ",
                                          "found, where each differs"};
    static const uint32_t ten[] = {10, 0};
    static const size_t sizes[] = {300, 3000, 30000, 0};
    static const size_t quick[] = {3000, 0};
    static const site sites[] = {{10, false}, {50, false}, {10, true}};
    print_head("One site against all, eight groups", columns, 7);
    for (size_t i = 0; i < (r->quick ? 1U : 3U); i++)
        each_setting(r, ten, r->quick ? quick : sizes, print_row, &sites[i]);
}
