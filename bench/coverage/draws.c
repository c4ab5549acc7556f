/* SPDX-License-Identifier: Apache-2.0 */
#include "draws.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "evenhand/privacy/noise.h"

enum { BLOCKS = 20000, FEW_SPEAKERS = 1000 };

static void *checked(void *memory)
{
    if (memory != NULL)
        return memory;
    (void)fprintf(stderr, "coverage: out of memory\n");
    exit(1);
}

static void check(evh_status status)
{
    if (status.code == EVH_OK)
        return;
    (void)fprintf(stderr, "coverage: %s\n", status.text);
    exit(1);
}

source source_of(const evh_rng *rng)
{
    return (source){.rng = rng, .used = sizeof((source){0}.words) / sizeof(uint64_t)};
}

static uint64_t draw_word(source *from)
{
    if (from->used == sizeof from->words / sizeof from->words[0]) {
        check(evh_rng_fill(from->rng, (uint8_t *)from->words, sizeof from->words));
        from->used = 0;
    }
    return from->words[from->used++];
}

double draw_uniform(source *from)
{
    return ((double)(draw_word(from) >> 11) + 0.5) / 9007199254740992.0;
}

size_t draw_below(source *from, size_t bound)
{
    return (size_t)(draw_uniform(from) * (double)bound);
}

static size_t find(const double *cumulative, size_t count, double u)
{
    size_t low = 0;
    size_t high = count - 1;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (cumulative[middle] > u)
            high = middle;
        else
            low = middle + 1;
    }
    return low;
}

binomial binomial_new(size_t n, double p)
{
    binomial out = {.n = n, .cumulative = checked(calloc(n + 1, sizeof(double)))};
    double sum = 0;
    for (size_t i = 0; i <= n; i++) {
        double x = (double)i;
        double rest = (double)(n - i);
        sum += exp(lgamma((double)n + 1) - lgamma(x + 1) - lgamma(rest + 1) + x * log(p) +
                   rest * log1p(-p));
        out.cumulative[i] = sum;
    }
    return out;
}

size_t draw_binomial(const binomial *of, source *from)
{
    return find(of->cumulative, of->n + 1, draw_uniform(from));
}

void binomial_free(binomial *of)
{
    free(of->cumulative);
    of->cumulative = NULL;
}

/* A Skellam draw costs time in proportion to its variance. From here on the discrete Gaussian of
 * that variance cannot be told from it: the fourth cumulants differ by 1e-4 of the square. */
static const uint32_t LARGE_VARIANCE = 10000;

static evh_noise affordable(evh_noise noise)
{
    if (noise.kind == EVH_NOISE_SKELLAM &&
        noise.parameter.num / noise.parameter.den >= LARGE_VARIANCE)
        noise.kind = EVH_NOISE_DISCRETE_GAUSSIAN;
    return noise;
}

noise_pool noise_pool_new(const evh_noise *noise, uint32_t customers, size_t size, source *from)
{
    noise_pool out = {.size = size, .sums = checked(calloc(size, sizeof(int64_t)))};
    evh_noise *cells = checked(calloc(customers / 2, sizeof *cells));
    int64_t *draws = checked(calloc(customers / 2, sizeof *draws));
    for (uint32_t i = 0; i < customers / 2; i++)
        cells[i] = affordable(*noise);
    for (size_t i = 0; i < size && customers > 0; i++) {
        check(evh_noise_draw(draws, cells, customers / 2, from->rng));
        for (uint32_t k = 0; k < customers / 2; k++)
            out.sums[i] += draws[k];
    }
    free(cells);
    free(draws);
    return out;
}

int64_t draw_noise(const noise_pool *of, source *from)
{
    return of->sums[draw_below(from, of->size)] + of->sums[draw_below(from, of->size)];
}

void noise_pool_free(noise_pool *of)
{
    free(of->sums);
    of->sums = NULL;
}

/* The chance that a speaker with so many words has so many errors. */
static double beta_binomial(unsigned errors, unsigned words, double alpha, double beta)
{
    double x = errors;
    double rest = (double)words - x;
    return exp(lgamma(words + 1.0) - lgamma(x + 1) - lgamma(rest + 1) + lgamma(x + alpha) +
               lgamma(rest + beta) - lgamma(words + alpha + beta) + lgamma(alpha + beta) -
               lgamma(alpha) - lgamma(beta));
}

static void one_by_one(int64_t *sum, int64_t *squares, const speakers *of, size_t n, source *from)
{
    for (size_t i = 0; i < n; i++) {
        int64_t rate = (int64_t)find(of->cumulative, 101, draw_uniform(from));
        *sum += rate;
        *squares += (rate * rate + 50) / 100;
    }
}

speakers speakers_new(double mean, double correlation, unsigned words, source *from)
{
    speakers out = {.block_sum = checked(calloc(BLOCKS, sizeof(int64_t))),
                    .block_squares = checked(calloc(BLOCKS, sizeof(int64_t)))};
    double together = 1 / correlation - 1;
    for (unsigned errors = 0; errors <= words; errors++) {
        double chance = beta_binomial(errors, words, mean * together, (1 - mean) * together);
        unsigned rate = (200 * errors + words) / (2 * words);
        out.cumulative[rate] += chance;
        out.mean += chance * rate;
    }
    for (size_t i = 1; i <= 100; i++)
        out.cumulative[i] += out.cumulative[i - 1];
    for (size_t i = 0; i < BLOCKS; i++) {
        one_by_one(&out.block_sum[i], &out.block_squares[i], &out, SPEAKERS_BLOCK, from);
        out.block_mean += (double)out.block_sum[i] / ((double)BLOCKS * SPEAKERS_BLOCK);
    }
    return out;
}

double draw_speakers(int64_t *sum, int64_t *squares, const speakers *of, size_t n, source *from)
{
    if (n < FEW_SPEAKERS) {
        one_by_one(sum, squares, of, n, from);
        return of->mean / 100;
    }
    for (size_t i = 0; i < n / SPEAKERS_BLOCK; i++) {
        size_t block = draw_below(from, BLOCKS);
        *sum += of->block_sum[block];
        *squares += of->block_squares[block];
    }
    return of->block_mean / 100;
}

void speakers_free(speakers *of)
{
    free(of->block_sum);
    free(of->block_squares);
    of->block_sum = NULL;
    of->block_squares = NULL;
}
