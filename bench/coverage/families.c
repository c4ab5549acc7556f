/* SPDX-License-Identifier: Apache-2.0
 * Ten groups under questions of both forms: how often any simultaneous interval is wrong. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "tables.h"
#include "topics.h"

enum { FAMILY = 10 };
static const double FAMILY_ERRORS = 0.056;
static const double RATE = 0.2;
static const double SHIFT = 0.15;

#define GROUPS                                                                                     \
    "attributes: [{name: g, values: [g0, g1, g2, g3, g4, g5, g6, g7, g8, g9]}]\n"                  \
    "releases: [[g]]\n"
#define QUESTIONS(metric)                                                                          \
    "questions:\n"                                                                                 \
    "  - {id: reference, metric: " metric ", by: g, reference: g0, tolerance: \"0.05\"}\n"         \
    "  - {id: range, metric: " metric ", by: g, tolerance: \"0.05\"}\n"

static const plan_text plans[2] = {{"scorer: event\n" GROUPS, "", QUESTIONS("event_rate")},
                                   {"scorer: wer\n" GROUPS, "", QUESTIONS("wer")}};

typedef struct family_result {
    double any_error; /* of all simultaneous intervals shown */
    double exceeds;   /* verdicts, of both questions together */
    double within;
} family_result;

/* Whether any simultaneous interval of this round is wrong. */
static bool any_wrong(const evh_evaluation *e, const double *truths)
{
    double largest = 0;
    double smallest = 1;
    for (size_t group = 0; group < FAMILY; group++) {
        largest = fmax(largest, truths[group]);
        smallest = fmin(smallest, truths[group]);
        if (misses(&evh_evaluation_rate(e, 0, 0, group, 0)->simultaneous, truths[group]))
            return true;
    }
    const evh_answer *against = &e->answers[0];
    for (size_t i = 0; i < against->comparison_count; i++) {
        const evh_comparison *one = &against->comparisons[i];
        if (one->counted && misses(&one->disparity.simultaneous, truths[one->group] - truths[0]))
            return true;
    }
    return misses(&e->answers[1].gap.simultaneous, largest - smallest);
}

/* shift is added to the rate of one group: 0 for none. */
static family_result run_family(const setting *of, bool words, double shift)
{
    family_result out = {0};
    world w;
    double truths[FAMILY];
    world_start(&w, of, &plans[words]);
    people (*const make)(double rate, source *from) =
        words ? people_with_words : people_with_events;
    people population[2] = {make(RATE, &w.from), make(RATE + shift, &w.from)};
    for (size_t group = 0; group < FAMILY; group++)
        w.lives_in[group] = (residents){&population[group == FAMILY - 1], of->size};
    if (shift == 0)
        w.lives_in[FAMILY - 1] = w.lives_in[0];
    evh_evaluation *truth = true_evaluation(&w);
    for (size_t group = 0; group < FAMILY; group++)
        truths[group] = evh_evaluation_rate(truth, 0, 0, group, 0)->raw;
    for (unsigned round = 0; round < of->rounds; round++) {
        evh_evaluation *e = next_round(&w);
        out.any_error += any_wrong(e, truths) / (double)of->rounds;
        for (size_t i = 0; i < 2; i++) {
            out.exceeds += (e->answers[i].verdict == EVH_EXCEEDS_TOLERANCE) / (2.0 * of->rounds);
            out.within += (e->answers[i].verdict == EVH_WITHIN_TOLERANCE) / (2.0 * of->rounds);
        }
        evh_evaluation_free(&e);
    }
    evh_evaluation_free(&truth);
    people_free(&population[0]);
    people_free(&population[1]);
    world_free(&w);
    return out;
}

static void print_family(run *r, const setting *of, const void *context)
{
    const bool *words = context;
    family_result same = run_family(of, *words, 0);
    family_result apart = run_family(of, *words, SHIFT);
    (void)printf("| %s | %s | %zu | %.2f | %.1f | %.1f | %.2f | %.1f |\n",
                 *words ? "speakers" : "records", mechanism_name(of->mechanism), of->size,
                 100 * same.any_error, 100 * same.exceeds, 100 * same.within, 100 * apart.any_error,
                 100 * apart.exceeds);
    double limit = FAMILY_ERRORS + CHANCE * error_of(FAMILY_ERRORS, r->rounds);
    r->bad += same.any_error > limit;
    r->bad += apart.any_error > limit;
}

void print_families(run *r)
{
    static const char *const columns[] = {"unit",
                                          "mechanism",
                                          "group",
                                          "any error",
                                          "exceeds, equal",
                                          "within, equal",
                                          "any error, one apart",
                                          "exceeds, one apart"};
    static const uint32_t ten[] = {10, 0};
    static const size_t sizes[] = {300, 3000, 30000, 0};
    static const size_t quick[] = {300, 0};
    print_head("Ten groups, all simultaneous intervals together", columns, 8);
    for (int words = 0; words < 2; words++)
        each_setting(r, ten, r->quick ? quick : sizes, print_family, &(bool){words == 1});
}
