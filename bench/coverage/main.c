/* SPDX-License-Identifier: Apache-2.0
 * coverage: how often intervals are right, by simulation (docs/developer/coverage.md).
 * coverage [--rounds N] [--seed N] [--only events|words|families] [--quick] [--check]
 *   --quick  the sizes and customers of the test
 *   --check  exit 1 when a figure is out of bounds by more than chance */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/test.h"
#include "trials.h"

typedef struct bounds {
    double low;
    double high;
} bounds;

static const bounds of_rates = {0.94, 0.97};
static const bounds of_disparities = {0.93, 0.98};
static const double FAMILY_ERRORS = 0.056;

/* Only where nearly every round shows an interval is there an upper bound: what is not shown
 * covers. */
static const double NEARLY_ALL = 0.995;
/* Standard errors of a share beyond a bound that are left to chance, with --check. */
static const double CHANCE = 4;

typedef struct run {
    unsigned rounds;
    bool quick;
    bool check;
    unsigned bad;
    source from;
} run;

static double error_of(double share, unsigned rounds)
{
    return sqrt(share * (1 - share) / rounds);
}

static void judge(run *r, const coverage *of, const bounds *within)
{
    bool low = of->covered < within->low - CHANCE * error_of(within->low, r->rounds);
    bool high = of->shown >= NEARLY_ALL &&
                of->covered > within->high + CHANCE * error_of(within->high, r->rounds);
    r->bad += low || high;
}

static void print_cell(const coverage *of)
{
    if (of->shown < NEARLY_ALL)
        (void)printf(" %.1f (%.0f)", 100 * of->covered, 100 * of->shown);
    else
        (void)printf(" %.1f", 100 * of->covered);
    (void)printf(" |");
}

static void print_row(run *r, const setting *of)
{
    trial_result result = run_trials(of, &r->from);
    (void)printf("| %s | %u | %zu |", mechanism_name(of->mechanism), of->customers, of->size);
    /* Exact counts of few records are whole numbers: no interval is within the bounds there. */
    bool judged = of->mechanism != MECHANISM_NONE;
    for (size_t i = 0; i < RATES; i++) {
        print_cell(&result.rate[i]);
        if (judged)
            judge(r, &result.rate[i], &of_rates);
    }
    const coverage *const pairs[] = {result.equal, result.apart, result.equal_ratio,
                                     result.apart_ratio};
    for (size_t kind = 0; kind < 4; kind++) {
        coverage least = pairs[kind][0];
        coverage most = pairs[kind][0];
        for (size_t i = 0; i < RATES; i++) {
            if (judged)
                judge(r, &pairs[kind][i], &of_disparities);
            if (pairs[kind][i].covered < least.covered)
                least = pairs[kind][i];
            if (pairs[kind][i].covered > most.covered)
                most = pairs[kind][i];
        }
        (void)printf(" %.1f - %.1f |", 100 * least.covered, 100 * most.covered);
    }
    (void)printf("\n");
    (void)fflush(stdout);
}

static void print_table(run *r, bool words)
{
    static const size_t sizes[] = {30, 100, 1000, 10000, 100000};
    static const size_t few_sizes[] = {100, 1000};
    static const uint32_t customers[] = {10, 500};
    const size_t *tried = r->quick ? few_sizes : sizes;
    size_t tried_count = r->quick ? 2 : 5;
    (void)printf("\n%s\n\n", words ? "Word error rates, averaged over speakers" : "Event rates");
    (void)printf("| mechanism | customers | group | 5 %% | 10 %% | 20 %% | 50 %% | difference, "
                 "equal | apart | ratio, equal | apart |\n|---|---|---|---|---|---|---|---|---|---|"
                 "---|\n");
    for (int which = 0; which < MECHANISMS; which++)
        for (size_t k = 0; k < (which == MECHANISM_NONE || r->quick ? 1U : 2U); k++)
            for (size_t s = 0; s < tried_count; s++)
                print_row(r, &(setting){.words = words,
                                        .mechanism = (enum mechanism)which,
                                        .customers = which == MECHANISM_NONE ? 0 : customers[k],
                                        .size = tried[s],
                                        .rounds = r->rounds});
}

static void print_family(run *r, bool words, size_t size)
{
    for (int which = 0; which < MECHANISMS; which++) {
        const setting of = {.words = words,
                            .mechanism = (enum mechanism)which,
                            .customers = which == MECHANISM_NONE ? 0 : 10,
                            .size = size,
                            .rounds = r->rounds};
        family_result same = run_family(&of, 0.2, 0, &r->from);
        family_result apart = run_family(&of, 0.2, 0.15, &r->from);
        (void)printf("| %s | %s | %zu | %.2f | %.1f | %.1f | %.2f | %.1f |\n",
                     words ? "speakers" : "records", mechanism_name(of.mechanism), size,
                     100 * same.any_error, 100 * same.exceeds, 100 * same.within,
                     100 * apart.any_error, 100 * apart.exceeds);
        (void)fflush(stdout);
        double limit = FAMILY_ERRORS + CHANCE * error_of(FAMILY_ERRORS, r->rounds);
        r->bad += same.any_error > limit || apart.any_error > limit;
    }
}

static void print_families(run *r)
{
    (void)printf("\nTen groups, all simultaneous intervals together\n\n");
    (void)printf("| unit | mechanism | group | any error | exceeds, equal | within, equal | any "
                 "error, one apart | exceeds, one apart |\n|---|---|---|---|---|---|---|---|\n");
    static const size_t sizes[] = {300, 3000, 30000};
    for (size_t i = 0; i < (r->quick ? 1U : 3U); i++) {
        print_family(r, false, sizes[i]);
        print_family(r, true, sizes[i]);
    }
}

int main(int argc, char **argv)
{
    test_rng state;
    unsigned long seed = 1;
    const char *only = "";
    run r = {.rounds = 10000};
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--rounds") == 0 && i + 1 < argc)
            r.rounds = (unsigned)strtoul(argv[++i], NULL, 10);
        else if (strcmp(argv[i], "--seed") == 0 && i + 1 < argc)
            seed = strtoul(argv[++i], NULL, 10);
        else if (strcmp(argv[i], "--only") == 0 && i + 1 < argc)
            only = argv[++i];
        else if (strcmp(argv[i], "--quick") == 0)
            r.quick = true;
        else if (strcmp(argv[i], "--check") == 0)
            r.check = true;
        else {
            (void)fprintf(stderr,
                          "usage: coverage [--rounds N] [--seed N] [--only TABLE] [--quick] "
                          "[--check]\n");
            return 2;
        }
    }
    const evh_rng rng = test_rng_seeded(&state, seed);
    r.from = source_of(&rng);
    (void)printf("%u rounds each, seed %lu; coverage in %%, in brackets how often an interval is "
                 "shown where that is not nearly always\n",
                 r.rounds, seed);
    if (*only == '\0' || strcmp(only, "events") == 0)
        print_table(&r, false);
    if (*only == '\0' || strcmp(only, "words") == 0)
        print_table(&r, true);
    if (*only == '\0' || strcmp(only, "families") == 0)
        print_families(&r);
    (void)printf("\n%u figures out of bounds by more than chance\n", r.bad);
    return r.check && r.bad > 0 ? 1 : 0;
}
