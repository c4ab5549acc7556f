/* SPDX-License-Identifier: Apache-2.0
 * One setting, many rounds: a plan, people in its groups, noise, and the evaluation of the sums. */
#ifndef EVH_BENCH_COVERAGE_WORLD_H
#define EVH_BENCH_COVERAGE_WORLD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "draws.h"
#include "evenhand/fairness/evaluation.h"

typedef enum mechanism {
    MECHANISM_NONE,
    MECHANISM_LAPLACE,
    MECHANISM_GAUSSIAN,
    MECHANISM_SKELLAM
} mechanism;
enum { MECHANISMS = MECHANISM_SKELLAM + 1 };

const char *mechanism_name(mechanism of);

typedef struct setting {
    mechanism mechanism;
    uint32_t customers; /* 0 without a mechanism */
    size_t size;        /* records or units of a group, of all customers together */
    unsigned rounds;
    uint64_t seed;
} setting;

/* What a plan says, without its mechanism. */
typedef struct plan_text {
    const char *head;      /* name, scorer, attributes, releases, derive, models */
    const char *privacy;   /* more of the block, "" or ", key: value" */
    const char *questions; /* "" or the block */
} plan_text;

/* Copies a list "g0, g1, ..." of so many values to out. */
enum { VALUES_MAX = 512 };
void write_values(char out[VALUES_MAX], char letter, size_t count);

/* The people of a release group; NULL: nobody. */
typedef struct residents {
    const people *of;
    size_t count;
} residents;

typedef struct world {
    setting of;
    evh_plan *plan;
    source from;
    size_t width; /* cells of a group of the first release, of all models together */
    size_t groups;
    noise_pool *noise;   /* [width] */
    residents *lives_in; /* [groups]: for the caller to fill */
    int64_t *exact;      /* [cells] of the round, before noise */
    int64_t *cells;
} world;

/* Starts its own generator from seed and setting: each row of a table can be made alone. */
void world_start(world *out, const setting *of, const plan_text *text);
void world_free(world *of);

/* Evaluates what the groups would hold on average, which gives the true rates. */
evh_evaluation *true_evaluation(const world *of);

/* Draws people and noise, and evaluates the sums. */
evh_evaluation *next_round(world *of);

/* ---- counting ---- */

/* Shares of rounds. What is not shown covers. */
typedef struct coverage {
    double shown;
    double covered;
} coverage;

bool misses(const evh_interval *interval, double truth);
void count_interval(coverage *to, const evh_interval *interval, double truth, unsigned rounds);

/* The standard error of a share. */
double error_of(double share, unsigned rounds);

/* Only where nearly every round shows an interval is there an upper bound of coverage: what is not
 * shown covers. */
extern const double NEARLY_ALL;

/* Standard errors beyond a bound that are left to chance, when figures are judged. */
extern const double CHANCE;

typedef struct bounds {
    double low;
    double high;
} bounds;
extern const bounds of_rates;
extern const bounds of_disparities;

/* Whether a coverage is out of bounds by more than chance. */
bool is_out(const coverage *of, const bounds *within, unsigned rounds);

/* ---- tables ---- */

/* What is asked for on the command line. */
typedef struct run {
    unsigned rounds;
    uint64_t seed;
    bool quick;            /* the few settings of the test */
    const char *mechanism; /* NULL: each */
    uint32_t customers;    /* 0: each that the table has */
    size_t size;           /* 0: each that the table has */
    unsigned bad;          /* out: figures out of bounds by more than chance */
} run;

/* Calls `row` for each setting of a table that was asked for.
 *   customers, sizes  end with 0 */
void each_setting(run *r, const uint32_t *customers, const size_t *sizes,
                  void (*row)(run *r, const setting *of, const void *context), const void *context);

/* "95.0", or "97.5 (40: 93.8)": how often it is shown, and the coverage of what is shown. */
void print_coverage(const coverage *of);

/* "94.8 - 95.1", or "94.8 - 97.4 (93)", of several; those that are never shown are left out. */
void print_range(const coverage *of, size_t count);

/* A headline and the columns of a Markdown table. */
void print_head(const char *title, const char *const *columns, size_t count);

#endif
