/* SPDX-License-Identifier: Apache-2.0
 * Figures of coverage, and the tables that they stand in. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "world.h"

const double NEARLY_ALL = 0.995;
const double CHANCE = 4;
const bounds of_rates = {0.94, 0.97};
const bounds of_disparities = {0.93, 0.98};

bool misses(const evh_interval *interval, double truth)
{
    return interval->withheld == EVH_SHOWN && (truth < interval->low || truth > interval->high);
}

void count_interval(coverage *to, const evh_interval *interval, double truth, unsigned rounds)
{
    to->shown += (interval->withheld == EVH_SHOWN) / (double)rounds;
    to->covered += !misses(interval, truth) / (double)rounds;
}

double error_of(double share, unsigned rounds)
{
    return sqrt(share * (1 - share) / rounds);
}

bool is_out(const coverage *of, const bounds *within, unsigned rounds)
{
    if (of->covered < within->low - CHANCE * error_of(within->low, rounds))
        return true;
    return of->shown >= NEARLY_ALL &&
           of->covered > within->high + CHANCE * error_of(within->high, rounds);
}

void each_setting(run *r, const uint32_t *customers, const size_t *sizes,
                  void (*row)(run *r, const setting *of, const void *context), const void *context)
{
    for (int which = 0; which < MECHANISMS; which++) {
        if (r->mechanism != NULL && strcmp(r->mechanism, mechanism_name((mechanism)which)) != 0)
            continue;
        for (size_t k = 0; customers[k] > 0 && (k == 0 || which != MECHANISM_NONE); k++) {
            if (r->customers > 0 && r->customers != customers[k])
                continue;
            for (size_t s = 0; sizes[s] > 0; s++) {
                const setting of = {.mechanism = (mechanism)which,
                                    .customers = which == MECHANISM_NONE ? 0 : customers[k],
                                    .size = sizes[s],
                                    .rounds = r->rounds,
                                    .seed = r->seed};
                if (r->size == 0 || r->size == sizes[s])
                    row(r, &of, context);
                (void)fflush(stdout);
            }
        }
    }
}

void print_coverage(const coverage *of)
{
    (void)printf(" %.1f", 100 * of->covered);
    if (of->shown < NEARLY_ALL && of->shown > 0)
        (void)printf(" (%.0f: %.0f)", 100 * of->shown, 100 - 100 * (1 - of->covered) / of->shown);
    (void)printf(" |");
}

void print_range(const coverage *of, size_t count)
{
    coverage least = {.shown = 1, .covered = 1};
    coverage most = {.covered = 0};
    for (size_t i = 0; i < count; i++) {
        if (of[i].shown <= 0)
            continue;
        least.covered = fmin(least.covered, of[i].covered);
        most.covered = fmax(most.covered, of[i].covered);
        least.shown = fmin(least.shown, of[i].shown);
    }
    if (most.covered <= 0) {
        (void)printf(" never shown |");
        return;
    }
    (void)printf(" %.1f - %.1f", 100 * least.covered, 100 * most.covered);
    if (least.shown < NEARLY_ALL)
        (void)printf(" (%.0f)", 100 * least.shown);
    (void)printf(" |");
}

void print_head(const char *title, const char *const *columns, size_t count)
{
    (void)printf("\n%s\n\n|", title);
    for (size_t i = 0; i < count; i++)
        (void)printf(" %s |", columns[i]);
    (void)printf("\n|");
    for (size_t i = 0; i < count; i++)
        (void)printf("---|");
    (void)printf("\n");
}
