/* SPDX-License-Identifier: Apache-2.0
 * What is drawn: people who fill cells, and the noise of many customers by the product's samplers. */
#ifndef EVH_BENCH_COVERAGE_DRAWS_H
#define EVH_BENCH_COVERAGE_DRAWS_H

#include <stddef.h>
#include <stdint.h>

#include "evenhand/base/rng.h"
#include "evenhand/privacy/mechanism.h"
#include "support/test.h"

/* Uniform numbers from a generator that repeats, read in blocks. Stays where it was started. */
typedef struct source {
    test_rng state;
    evh_rng rng;
    size_t pool; /* blocks of people that are made to draw from */
    size_t used;
    uint64_t words[512];
} source;

void source_start(source *of, uint64_t seed, unsigned rounds);
double draw_uniform(source *from);
size_t draw_below(source *from, size_t bound);

/* Ends the program with the text of a status that is not OK, or when memory is NULL. */
void check(evh_status status);
void *checked(void *memory);

/* Sums of the noise of half of the customers: two of them, drawn at random, make a sum of all. */
typedef struct noise_pool {
    size_t size;
    int64_t *sums;
} noise_pool;

noise_pool noise_pool_new(const evh_noise *noise, uint32_t customers, size_t size, source *from);
int64_t draw_noise(const noise_pool *of, source *from);
void noise_pool_free(noise_pool *of);

enum { WIDTH_MAX = 16, BLOCK = 100 };

/* Units of so many kinds, each of which adds something to cells. Many are drawn as blocks of BLOCK
 * units, from a pool of blocks. */
typedef struct people {
    size_t width; /* cells that a unit fills, at most WIDTH_MAX */
    size_t kinds;
    double *cumulative;           /* [kinds] */
    int64_t *adds;                /* [kinds][width] */
    double mean[WIDTH_MAX];       /* of one unit */
    double block_mean[WIDTH_MAX]; /* of one unit of all blocks */
    size_t pool;
    int64_t *blocks; /* [pool][width] */
} people;

/*   chances  [kinds], adding up to 1      adds  [kinds][width] */
people people_new(const double *chances, const int64_t *adds, size_t kinds, size_t width,
                  source *from);

/* Adds n units to cells. */
void draw_people(int64_t *cells, const people *of, size_t n, source *from);

/* What one of n units adds on average, [width]: that of the blocks, when blocks are drawn. */
const double *mean_of_people(const people *of, size_t n);
void people_free(people *of);

#endif
