/* SPDX-License-Identifier: Apache-2.0
 * What is drawn: records, speakers, and the noise of many customers by the product's samplers. */
#ifndef EVH_BENCH_COVERAGE_DRAWS_H
#define EVH_BENCH_COVERAGE_DRAWS_H

#include <stddef.h>
#include <stdint.h>

#include "evenhand/base/rng.h"
#include "evenhand/privacy/mechanism.h"

/* Uniform numbers from a generator that repeats, read in blocks. */
typedef struct source {
    const evh_rng *rng;
    size_t used;
    uint64_t words[512];
} source;

source source_of(const evh_rng *rng);
double draw_uniform(source *from);
size_t draw_below(source *from, size_t bound);

/* The distribution of a binomial count. */
typedef struct binomial {
    size_t n;
    double *cumulative; /* [n + 1] */
} binomial;

binomial binomial_new(size_t n, double p);
size_t draw_binomial(const binomial *of, source *from);
void binomial_free(binomial *of);

/* Sums of the noise of half of the customers: two of them, drawn at random, make a sum of all. */
typedef struct noise_pool {
    size_t size;
    int64_t *sums;
} noise_pool;

noise_pool noise_pool_new(const evh_noise *noise, uint32_t customers, size_t size, source *from);
int64_t draw_noise(const noise_pool *of, source *from);
void noise_pool_free(noise_pool *of);

/* Speakers whose word error rates, in hundredths, are those of beta-binomial error counts. */
typedef struct speakers {
    double cumulative[101];
    double mean;        /* of the rates, in hundredths */
    int64_t *block_sum; /* blocks of SPEAKERS_BLOCK speakers: sums and sums of squares */
    int64_t *block_squares;
    double block_mean; /* of all speakers in blocks */
} speakers;

enum { SPEAKERS_BLOCK = 100 };

/* mean as a share, correlation between the errors of two words of a speaker, words of a speaker */
speakers speakers_new(double mean, double correlation, unsigned words, source *from);

/* Adds n speakers. Returns the mean they were drawn from, as a share. */
double draw_speakers(int64_t *sum, int64_t *squares, const speakers *of, size_t n, source *from);
void speakers_free(speakers *of);

#endif
