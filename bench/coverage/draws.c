/* SPDX-License-Identifier: Apache-2.0 */
#include "draws.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "evenhand/privacy/noise.h"

enum { FEW = 1000, POOL_MAX = 20000, POOL_PER_ROUND = 20 };

void *checked(void *memory)
{
    if (memory != NULL)
        return memory;
    (void)fprintf(stderr, "coverage: out of memory\n");
    exit(1);
}

void check(evh_status status)
{
    if (status.code == EVH_OK)
        return;
    (void)fprintf(stderr, "coverage: %s\n", status.text);
    exit(1);
}

static const size_t WORDS = sizeof((source){0}.words) / sizeof(uint64_t);

void source_start(source *of, uint64_t seed, unsigned rounds)
{
    of->rng = test_rng_seeded(&of->state, seed);
    of->pool = rounds < POOL_MAX / POOL_PER_ROUND ? (size_t)rounds * POOL_PER_ROUND : POOL_MAX;
    of->used = WORDS;
}

static uint64_t draw_word(source *from)
{
    if (from->used == WORDS) {
        check(evh_rng_fill(&from->rng, (uint8_t *)from->words, sizeof from->words));
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

/* ---- noise ---- */

/* A Skellam draw costs time in proportion to its variance. From here on the discrete Gaussian of
 * that variance cannot be told from it: the fourth cumulants differ by 1e-4 of the square. */
static const uint32_t LARGE_VARIANCE = 10000;

/* Shares of Skellam noise add up to Skellam noise: one draw instead of many. Returns how many draws
 * are left to make. */
static uint32_t draw_together(evh_noise *noise, uint32_t draws)
{
    if (noise->kind != EVH_NOISE_SKELLAM || draws == 0)
        return draws;
    double variance = (double)noise->parameter.num * draws / noise->parameter.den;
    if (variance >= LARGE_VARIANCE)
        *noise = (evh_noise){.kind = EVH_NOISE_DISCRETE_GAUSSIAN,
                             .parameter = {.num = (uint32_t)round(variance), .den = 1}};
    else if (noise->parameter.num <= UINT32_MAX / draws)
        noise->parameter.num *= draws;
    else
        return draws;
    return 1;
}

noise_pool noise_pool_new(const evh_noise *noise, uint32_t customers, size_t size, source *from)
{
    noise_pool out = {.size = size, .sums = checked(calloc(size, sizeof(int64_t)))};
    evh_noise one = *noise;
    uint32_t count = draw_together(&one, customers / 2);
    evh_noise *cells = checked(calloc(count + 1U, sizeof *cells));
    int64_t *draws = checked(calloc(count + 1U, sizeof *draws));
    for (uint32_t i = 0; i < count; i++)
        cells[i] = one;
    for (size_t i = 0; i < size && count > 0; i++) {
        check(evh_noise_draw(draws, cells, count, &from->rng));
        for (uint32_t k = 0; k < count; k++)
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

/* ---- people ---- */

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

static void one_by_one(int64_t *cells, const people *of, size_t n, source *from)
{
    for (size_t i = 0; i < n; i++) {
        size_t kind = find(of->cumulative, of->kinds, draw_uniform(from));
        for (size_t cell = 0; cell < of->width; cell++)
            cells[cell] += of->adds[kind * of->width + cell];
    }
}

people people_new(const double *chances, const int64_t *adds, size_t kinds, size_t width,
                  source *from)
{
    people out = {.width = width,
                  .kinds = kinds,
                  .pool = from->pool,
                  .cumulative = checked(calloc(kinds, sizeof(double))),
                  .adds = checked(calloc(kinds * width, sizeof(int64_t))),
                  .blocks = checked(calloc(from->pool * width, sizeof(int64_t)))};
    memcpy(out.adds, adds, kinds * width * sizeof *adds);
    double sum = 0;
    for (size_t i = 0; i < kinds; i++) {
        sum += chances[i];
        out.cumulative[i] = sum;
        for (size_t cell = 0; cell < width; cell++)
            out.mean[cell] += chances[i] * (double)adds[i * width + cell];
    }
    for (size_t i = 0; i < out.pool; i++) {
        one_by_one(out.blocks + i * width, &out, BLOCK, from);
        for (size_t cell = 0; cell < width; cell++)
            out.block_mean[cell] +=
                (double)out.blocks[i * width + cell] / ((double)out.pool * BLOCK);
    }
    return out;
}

void draw_people(int64_t *cells, const people *of, size_t n, source *from)
{
    size_t blocks = n < FEW ? 0 : n / BLOCK;
    for (size_t i = 0; i < blocks; i++) {
        const int64_t *block = of->blocks + draw_below(from, of->pool) * of->width;
        for (size_t cell = 0; cell < of->width; cell++)
            cells[cell] += block[cell];
    }
    one_by_one(cells, of, n - blocks * BLOCK, from);
}

const double *mean_of_people(const people *of, size_t n)
{
    return n < FEW ? of->mean : of->block_mean;
}

void people_free(people *of)
{
    free(of->cumulative);
    free(of->adds);
    free(of->blocks);
    *of = (people){.width = 0};
}
