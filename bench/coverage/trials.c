/* SPDX-License-Identifier: Apache-2.0 */
#include "trials.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "evenhand/fairness/evaluation.h"
#include "evenhand/plan/noise.h"

/* Of the speakers in the shared recordings, estimated by moments and pooled over their languages. */
static const double CORRELATION = 0.115;
enum { WORDS = 69, CELLS_MAX = 3, GROUPS = 2 * 4, FAMILY = 10, YAML_MAX = 2048 };

const double rates_tried[RATES] = {0.05, 0.1, 0.2, 0.5};

static const char *const names[MECHANISMS] = {"none", "discrete-laplace", "discrete-gaussian",
                                              "skellam"};

const char *mechanism_name(mechanism of)
{
    return names[of];
}

static void check(evh_status status)
{
    if (status.code == EVH_OK)
        return;
    (void)fprintf(stderr, "coverage: %s\n", status.text);
    exit(1);
}

/* ---- the plan ---- */

static void write_plan(char yaml[YAML_MAX], const setting *of, size_t groups, const char *questions)
{
    char values[256] = "";
    char privacy[160] = "epsilon: \"1\"";
    for (size_t i = 0; i < groups; i++) {
        size_t used = strlen(values);
        (void)snprintf(values + used, sizeof values - used, "%sg%zu", i > 0 ? ", " : "", i);
    }
    if (of->mechanism == MECHANISM_NONE)
        (void)snprintf(privacy, sizeof privacy, "mechanism: none");
    else
        (void)snprintf(privacy, sizeof privacy, "mechanism: %s, epsilon: \"1\", delta: \"%s\"%s",
                       names[of->mechanism], of->mechanism == MECHANISM_LAPLACE ? "0" : "1e-6",
                       of->mechanism == MECHANISM_SKELLAM ? ", placement: distributed" : "");
    (void)snprintf(yaml, YAML_MAX,
                   "name: coverage\nscorer: %s\nattributes: [{name: g, values: [%s]}]\n"
                   "releases: [[g]]\nprivacy: {%s}\n"
                   "rounds: {min_honest: %u, assumed_corrupt: 0}\n%s",
                   of->words ? "wer" : "event", values, privacy,
                   of->customers > 12 ? of->customers / 2 : 6, questions);
}

static evh_plan *make_plan(const setting *of, size_t groups, const char *questions)
{
    char yaml[YAML_MAX];
    evh_plan *read = NULL;
    evh_plan *out = NULL;
    evh_diagnostics list = evh_diagnostics_init(10);
    write_plan(yaml, of, groups, questions);
    check(evh_plan_parse(&read, "plan", evh_view_of_text(yaml), &list));
    check(evh_plan_draft(&out, read, EVH_ADD_REMOVE));
    evh_plan_free(&read);
    evh_diagnostics_clear(&list);
    return out;
}

/* ---- sums of one round ---- */

typedef struct world {
    const setting *of;
    evh_plan *plan;
    size_t width; /* cells of a group */
    noise_pool noise[CELLS_MAX];
    binomial *records; /* [populations] */
    speakers *people;
    size_t populations;
    int64_t *cells;
    source *from;
} world;

static void *checked(void *memory)
{
    if (memory != NULL)
        return memory;
    (void)fprintf(stderr, "coverage: out of memory\n");
    exit(1);
}

static world world_new(const setting *of, evh_plan *plan, const double *rates, size_t populations,
                       source *from)
{
    world out = {.of = of,
                 .plan = plan,
                 .width = evh_plan_cells_per_group(plan),
                 .records = checked(calloc(populations, sizeof(binomial))),
                 .people = checked(calloc(populations, sizeof(speakers))),
                 .populations = populations,
                 .cells = checked(calloc(evh_plan_cell_count(plan), sizeof(int64_t))),
                 .from = from};
    uint32_t customers = of->mechanism == MECHANISM_NONE ? 0 : of->customers;
    for (size_t cell = 0; cell < out.width; cell++) {
        size_t class = evh_plan_noise_class_of(plan, evh_plan_cell_at(plan, 0, 0, 0, cell));
        out.noise[cell] = noise_pool_new(&evh_plan_noise_of(plan)->classes[class], customers,
                                         2 * of->rounds, from);
    }
    for (size_t i = 0; i < populations; i++) {
        if (of->words)
            out.people[i] = speakers_new(rates[i], CORRELATION, WORDS, from);
        else
            out.records[i] = binomial_new(of->size, rates[i]);
    }
    return out;
}

static void world_free(world *of)
{
    for (size_t cell = 0; cell < of->width; cell++)
        noise_pool_free(&of->noise[cell]);
    for (size_t i = 0; i < of->populations; i++) {
        binomial_free(&of->records[i]);
        speakers_free(&of->people[i]);
    }
    free(of->records);
    free(of->people);
    free(of->cells);
    evh_plan_free(&of->plan);
}

/* Fills a group with people of a population; SIZE_MAX leaves it empty. Returns the true rate. */
static double fill_group(world *w, size_t group, size_t population)
{
    int64_t *cells = w->cells + evh_plan_cell_at(w->plan, 0, group, 0, 0);
    double truth = 0;
    memset(cells, 0, w->width * sizeof *cells);
    if (population != SIZE_MAX) {
        size_t n = w->of->size;
        if (w->of->words) {
            n = n < SPEAKERS_BLOCK ? n : n / SPEAKERS_BLOCK * SPEAKERS_BLOCK;
            truth = draw_speakers(&cells[1], &cells[2], &w->people[population], n, w->from);
        } else {
            cells[1] = (int64_t)draw_binomial(&w->records[population], w->from);
        }
        cells[0] = (int64_t)n;
    }
    for (size_t cell = 0; cell < w->width; cell++)
        cells[cell] += draw_noise(&w->noise[cell], w->from);
    return truth;
}

static evh_evaluation *evaluate(const world *w)
{
    evh_evaluation *out = NULL;
    bool exact = w->of->mechanism == MECHANISM_NONE;
    const evh_evaluation_options options = {.customers = exact ? 0 : w->of->customers};
    check(evh_evaluation_new(&out, w->plan, w->cells, &options));
    return out;
}

/* ---- pointwise ---- */

static bool misses(const evh_interval *interval, double truth)
{
    return interval->withheld == EVH_SHOWN && (truth < interval->low || truth > interval->high);
}

static void count(coverage *to, const evh_interval *interval, double truth, unsigned rounds)
{
    to->shown += (interval->withheld == EVH_SHOWN) / (double)rounds;
    to->covered += !misses(interval, truth) / (double)rounds;
}

static void count_disparity(coverage *difference, coverage *ratio, const evh_evaluation *e,
                            const size_t groups[2], const double truths[2], unsigned rounds)
{
    evh_disparity_asked asked = {
        .group = groups[0], .against = EVH_AGAINST_GROUP, .reference = groups[1]};
    evh_finding out;
    check(evh_evaluation_disparity(&out, e, &asked));
    count(difference, &out.pointwise, truths[0] - truths[1], rounds);
    asked.measure = EVH_PLAN_RATIO;
    check(evh_evaluation_disparity(&out, e, &asked));
    count(ratio, &out.pointwise, truths[0] / truths[1], rounds);
}

static void count_round(trial_result *to, const world *w, const double *truths)
{
    unsigned rounds = w->of->rounds;
    evh_evaluation *e = evaluate(w);
    for (size_t i = 0; i < RATES; i++) {
        const size_t twins[2] = {2 * i, 2 * i + 1};
        const size_t others[2] = {2 * i, 2 * ((i + 1) % RATES)};
        const double same[2] = {truths[i], truths[i]};
        const double apart[2] = {truths[i], truths[(i + 1) % RATES]};
        count(&to->rate[i], &evh_evaluation_rate(e, 0, 0, 2 * i, 0)->pointwise, truths[i], rounds);
        count_disparity(&to->equal[i], &to->equal_ratio[i], e, twins, same, rounds);
        count_disparity(&to->apart[i], &to->apart_ratio[i], e, others, apart, rounds);
    }
    evh_evaluation_free(&e);
}

trial_result run_trials(const setting *of, source *from)
{
    trial_result out = {0};
    world w = world_new(of, make_plan(of, GROUPS, ""), rates_tried, RATES, from);
    for (unsigned round = 0; round < of->rounds; round++) {
        double truths[RATES];
        for (size_t group = 0; group < GROUPS; group++)
            truths[group / 2] = fill_group(&w, group, group / 2);
        if (!of->words)
            memcpy(truths, rates_tried, sizeof truths);
        (void)fill_group(&w, GROUPS, SIZE_MAX);
        (void)fill_group(&w, GROUPS + 1, SIZE_MAX);
        count_round(&out, &w, truths);
    }
    world_free(&w);
    return out;
}

/* ---- simultaneous ---- */

static const char family_questions[] =
    "questions:\n"
    "  - {id: reference, metric: %s, by: g, reference: g0, tolerance: \"0.05\"}\n"
    "  - {id: range, metric: %s, by: g, tolerance: \"0.05\"}\n";

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

family_result run_family(const setting *of, double rate, double shift, source *from)
{
    family_result out = {0};
    char questions[512];
    const char *metric = of->words ? "wer" : "event_rate";
    (void)snprintf(questions, sizeof questions, family_questions, metric, metric);
    const double rates[2] = {rate, rate + shift};
    world w = world_new(of, make_plan(of, FAMILY, questions), rates, 2, from);
    for (unsigned round = 0; round < of->rounds; round++) {
        double truths[FAMILY];
        for (size_t group = 0; group < FAMILY; group++) {
            size_t population = group == FAMILY - 1 && shift > 0;
            truths[group] = fill_group(&w, group, population);
            if (!of->words)
                truths[group] = rates[population];
        }
        (void)fill_group(&w, FAMILY, SIZE_MAX);
        (void)fill_group(&w, FAMILY + 1, SIZE_MAX);
        evh_evaluation *e = evaluate(&w);
        out.any_error += any_wrong(e, truths) / (double)of->rounds;
        for (size_t i = 0; i < 2; i++) {
            out.exceeds += (e->answers[i].verdict == EVH_EXCEEDS_TOLERANCE) / (2.0 * of->rounds);
            out.within += (e->answers[i].verdict == EVH_WITHIN_TOLERANCE) / (2.0 * of->rounds);
        }
        evh_evaluation_free(&e);
    }
    world_free(&w);
    return out;
}
