/* SPDX-License-Identifier: Apache-2.0 */
#include "evenhand/privacy/noise.h"

#include <stdlib.h>

#include "evenhand/base/secret.h"
#include "evenhand/base/sizes.h"
#include "evenhand/privacy/sampler.h"

struct evh_noise_vector {
    int64_t *noise; /* [n] locked; NULL once used */
    size_t n;
};

static bool draw_cell(evh_bits *bits, const evh_noise *cell, int64_t *out)
{
    switch (cell->kind) {
    case EVH_NOISE_NONE:
        *out = 0;
        return true;
    case EVH_NOISE_DISCRETE_LAPLACE:
        return evh_sample_discrete_laplace(bits, cell->parameter, out);
    case EVH_NOISE_DISCRETE_GAUSSIAN:
        return evh_sample_discrete_gaussian(bits, cell->parameter, out);
    case EVH_NOISE_SKELLAM:
        return evh_sample_skellam(bits, cell->parameter, out);
    }
    return false;
}

static evh_status cells_check(const evh_noise *cells, size_t n)
{
    if (n < 1 || n > EVH_PLAN_CELLS_MAX)
        return evh_fail(EVH_ERR_ARG, "noise for %zu cells: 1 to %d", n, EVH_PLAN_CELLS_MAX);
    for (size_t i = 0; i < n; i++) {
        evh_status status = evh_noise_check(&cells[i]);
        if (status.code != EVH_OK)
            return evh_status_in(status, "cell %zu", i);
    }
    return evh_ok();
}

evh_status evh_noise_draw(int64_t *out, const evh_noise *cells, size_t n, const evh_rng *rng)
{
    evh_status status = evh_ok();
    evh_bits bits;
    evh_bits_init(&bits, rng, EVH_BITS_BLOCK_BYTES);
    EVH_TRY(cells_check(cells, n));
    for (size_t i = 0; i < n; i++)
        if (!draw_cell(&bits, &cells[i], &out[i])) {
            EVH_TRY(evh_bits_status(&bits));
            EVH_INVARIANT(bits.failed);
        }
done:
    evh_bits_clear(&bits);
    if (status.code != EVH_OK && n <= EVH_PLAN_CELLS_MAX)
        evh_wipe(out, n * sizeof *out);
    return status;
}

evh_status evh_noise_vector_new(evh_noise_vector **out, const evh_noise *cells, size_t n,
                                const evh_rng *rng)
{
    evh_status status = evh_ok();
    evh_noise_vector *vector = NULL;
    *out = NULL;
    EVH_TRY(cells_check(cells, n));
    EVH_TRY(evh_alloc(&vector, 1, sizeof *vector, "a noise vector"));
    EVH_TRY(evh_secret_new(&vector->noise, n, sizeof *vector->noise));
    EVH_TRY(evh_noise_draw(vector->noise, cells, n, rng));
    evh_mark_secret(vector->noise, n * sizeof *vector->noise);
    vector->n = n;
    *out = vector;
    vector = NULL;
done:
    evh_noise_vector_free(&vector);
    return status;
}

void evh_noise_vector_free(evh_noise_vector **vector)
{
    if (*vector == NULL)
        return;
    evh_secret_free(&(*vector)->noise);
    free(*vector);
    *vector = NULL;
}

/* a < b as a mask of all ones or all zeros, without a branch. */
static uint64_t less_mask(uint64_t a, uint64_t b)
{
    uint64_t borrow = (~a & b) | ((~a | b) & (a - b));
    return 0 - (borrow >> 63);
}

static uint64_t smaller(uint64_t a, uint64_t b)
{
    return b ^ ((a ^ b) & less_mask(a, b));
}

evh_status evh_noise_vector_add(evh_noise_vector *vector, uint64_t *out, const uint64_t *counts,
                                size_t n, uint64_t offset, uint64_t max)
{
    evh_status status = evh_ok();
    EVH_REQUIRE(vector->noise != NULL, EVH_ERR_PRIVACY,
                "this noise has been used: drawn noise serves one vector of counts");
    EVH_REQUIRE(n == vector->n, EVH_ERR_ARG, "noise was drawn for %zu cells, not %zu", vector->n,
                n);
    EVH_REQUIRE(max >= 1 && max < (uint64_t)1 << EVH_PLAN_CELL_BITS_MAX && offset <= max / 2,
                EVH_ERR_ARG, "max must be 1 to 2^%d - 1 and offset at most half of it",
                EVH_PLAN_CELL_BITS_MAX);
    for (size_t i = 0; i < n; i++) {
        /* A count is below 2^40 after the cut and noise below 2^60: the sum does not overflow. */
        int64_t sum = (int64_t)(smaller(counts[i], max - 2 * offset) + offset) + vector->noise[i];
        uint64_t positive = ~(uint64_t)(sum >> 63);
        out[i] = smaller((uint64_t)sum & positive, max);
    }
done:
    if (status.code != EVH_OK && n <= EVH_PLAN_CELLS_MAX)
        evh_wipe(out, n * sizeof *out);
    evh_secret_free(&vector->noise);
    return status;
}
