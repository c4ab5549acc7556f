/* SPDX-License-Identifier: Apache-2.0 */
#include "evenhand/privacy/noise.h"

#include <stdlib.h>
#include <string.h>

#include "support/alloc_fail.h"
#include "tests.h"

enum { N = 24 };

static void mixed_cells(evh_noise cells[N])
{
    for (size_t i = 0; i < N; i++)
        cells[i] = i % 4 == 0   ? (evh_noise){EVH_NOISE_NONE, {0, 0}}
                   : i % 4 == 1 ? (evh_noise){EVH_NOISE_DISCRETE_LAPLACE, {7, 2}}
                   : i % 4 == 2 ? (evh_noise){EVH_NOISE_DISCRETE_GAUSSIAN, {40, 3}}
                                : (evh_noise){EVH_NOISE_SKELLAM, {33, 10}};
}

static void assert_all_zero(const void *memory, size_t len)
{
    const uint8_t *bytes = memory;
    for (size_t i = 0; i < len; i++)
        assert_int_equal(bytes[i], 0);
}

static void test_noise_draw_mixes_kinds(void **state)
{
    (void)state;
    evh_noise cells[N];
    mixed_cells(cells);
    test_rng generator;
    evh_rng rng = test_rng_seeded(&generator, 4);
    int64_t out[N];
    assert_ok(evh_noise_draw(out, cells, N, &rng));
    bool moved[4] = {false, false, false, false};
    for (size_t i = 0; i < N; i++)
        moved[i % 4] = moved[i % 4] || out[i] != 0;
    assert_false(moved[0]);
    assert_true(moved[1] && moved[2] && moved[3]);
}

/* However early the generator stops, nothing is left in the output. Block by block and, for the
 * first block, byte by byte. */
static void test_noise_draw_without_entropy(void **state)
{
    (void)state;
    enum { MANY = 4096, SCRIPT = 64 * 1024 };
    evh_noise *cells = calloc(MANY, sizeof *cells);
    int64_t *out = calloc(MANY, sizeof *out);
    uint8_t *bytes = calloc(SCRIPT, 1);
    assert_non_null(cells);
    assert_non_null(out);
    assert_non_null(bytes);
    for (size_t i = 0; i < MANY; i++)
        cells[i] = (evh_noise){EVH_NOISE_DISCRETE_LAPLACE, {9, 1}};
    test_rng generator;
    evh_rng seeded = test_rng_seeded(&generator, 12);
    assert_ok(evh_rng_fill(&seeded, bytes, SCRIPT));
    bool succeeded = false;
    size_t cuts = 0;
    for (size_t len = 0; len <= SCRIPT && !succeeded; len += len < 600 ? 1 : 512) {
        test_script script;
        evh_rng rng = test_rng_scripted(&script, evh_view_of(bytes, len));
        memset(out, 0x55, MANY * sizeof *out);
        evh_status status = evh_noise_draw(out, cells, MANY, &rng);
        succeeded = status.code == EVH_OK;
        if (!succeeded) {
            assert_fails(status, EVH_ERR_RNG);
            assert_all_zero(out, MANY * sizeof *out);
            cuts++;
        }
    }
    assert_true(succeeded);
    assert_true(cuts > 610);
    free(bytes);
    free(out);
    free(cells);
}

static void test_noise_draw_refuses_bad_arguments(void **state)
{
    (void)state;
    test_rng generator;
    evh_rng rng = test_rng_seeded(&generator, 1);
    evh_noise cells[2] = {{EVH_NOISE_DISCRETE_LAPLACE, {1, 1}}, {EVH_NOISE_SKELLAM, {1, 0}}};
    int64_t out[2] = {5, 5};
    assert_fails(evh_noise_draw(out, cells, 0, &rng), EVH_ERR_ARG);
    assert_fails_with(evh_noise_draw(out, cells, 2, &rng), EVH_ERR_RANGE, "cell 1");
    assert_all_zero(out, sizeof out);
    /* The size is refused before anything is touched. */
    assert_fails(evh_noise_draw(out, cells, EVH_PLAN_CELLS_MAX + 1, &rng), EVH_ERR_ARG);
    assert_int_equal(generator.block, 0);
}

/* ---- the vector ---- */

static evh_noise_vector *new_vector(const evh_noise *cells, size_t n, uint64_t seed)
{
    test_rng generator;
    evh_rng rng = test_rng_seeded(&generator, seed);
    evh_noise_vector *vector = NULL;
    assert_ok(evh_noise_vector_new(&vector, cells, n, &rng));
    assert_non_null(vector);
    return vector;
}

static void test_noise_vector_adds_what_was_drawn(void **state)
{
    (void)state;
    evh_noise cells[N];
    mixed_cells(cells);
    test_rng generator;
    evh_rng rng = test_rng_seeded(&generator, 21);
    int64_t noise[N];
    assert_ok(evh_noise_draw(noise, cells, N, &rng));
    evh_noise_vector *vector = new_vector(cells, N, 21);
    uint64_t counts[N];
    uint64_t out[N];
    for (size_t i = 0; i < N; i++)
        counts[i] = 1000 + i;
    assert_ok(evh_noise_vector_add(vector, out, counts, N, 500, 65535));
    for (size_t i = 0; i < N; i++)
        assert_int_equal((int64_t)out[i], 1500 + (int64_t)i + noise[i]);
    evh_noise_vector_free(&vector);
    assert_null(vector);
    evh_noise_vector_free(&vector);
}

static void test_noise_vector_is_used_once(void **state)
{
    (void)state;
    evh_noise cells[N];
    mixed_cells(cells);
    uint64_t counts[N] = {0};
    uint64_t out[N];
    evh_noise_vector *vector = new_vector(cells, N, 2);
    assert_ok(evh_noise_vector_add(vector, out, counts, N, 100, 1023));
    memset(out, 0x55, sizeof out);
    assert_fails(evh_noise_vector_add(vector, out, counts, N, 100, 1023), EVH_ERR_PRIVACY);
    assert_all_zero(out, sizeof out);
    evh_noise_vector_free(&vector);
}

/* A refused use is a use: what came of it is not known to the caller for certain. */
static void test_noise_vector_refused_use_counts(void **state)
{
    (void)state;
    static const struct {
        size_t n;
        uint64_t offset, max;
    } bad[] = {
        {N - 1, 10, 1000},
        {N, 501, 1000},
        {N, 0, 0},
        {N, 10, (uint64_t)1 << EVH_PLAN_CELL_BITS_MAX},
        {N, UINT64_MAX, 1000},
    };
    evh_noise cells[N];
    mixed_cells(cells);
    uint64_t counts[N] = {0};
    uint64_t out[N];
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        evh_noise_vector *vector = new_vector(cells, N, 3);
        memset(out, 0x55, sizeof out);
        assert_fails(evh_noise_vector_add(vector, out, counts, bad[i].n, bad[i].offset, bad[i].max),
                     EVH_ERR_ARG);
        assert_all_zero(out, bad[i].n * sizeof out[0]);
        assert_fails(evh_noise_vector_add(vector, out, counts, N, 10, 1000), EVH_ERR_PRIVACY);
        evh_noise_vector_free(&vector);
    }
}

/* Counts are cut first, then noised, then clamped. Cells without noise show the first cut. */
static void test_noise_vector_bounds(void **state)
{
    (void)state;
    const evh_noise none[N] = {{EVH_NOISE_NONE, {0, 0}}};
    const uint64_t top = ((uint64_t)1 << EVH_PLAN_CELL_BITS_MAX) - 1;
    uint64_t counts[N] = {0, 1, 799, 800, 801, 1000, top, UINT64_MAX - 1, UINT64_MAX};
    const uint64_t expected[9] = {100, 101, 899, 900, 900, 900, 900, 900, 900};
    uint64_t out[N];
    evh_noise_vector *vector = new_vector(none, N, 4);
    assert_ok(evh_noise_vector_add(vector, out, counts, N, 100, 1000));
    for (size_t i = 0; i < 9; i++)
        assert_int_equal(out[i], expected[i]);
    evh_noise_vector_free(&vector);
    /* In place, at the largest range, and with no room for counts at all. */
    vector = new_vector(none, N, 4);
    assert_ok(evh_noise_vector_add(vector, counts, counts, N, 0, top));
    assert_int_equal(counts[1], 1);
    assert_int_equal(counts[8], top);
    evh_noise_vector_free(&vector);
    vector = new_vector(none, N, 4);
    assert_ok(evh_noise_vector_add(vector, out, counts, N, 500, 1000));
    assert_int_equal(out[8], 500);
    evh_noise_vector_free(&vector);
}

static void test_noise_vector_clamps_both_ends(void **state)
{
    (void)state;
    enum { MANY = 2000, MAX = 64, OFFSET = 8 };
    evh_noise *cells = calloc(MANY, sizeof *cells);
    int64_t *noise = calloc(MANY, sizeof *noise);
    uint64_t *counts = calloc(MANY, sizeof *counts);
    uint64_t *out = calloc(MANY, sizeof *out);
    assert_non_null(cells);
    assert_non_null(noise);
    assert_non_null(counts);
    assert_non_null(out);
    for (size_t i = 0; i < MANY; i++) {
        cells[i] = (evh_noise){EVH_NOISE_DISCRETE_LAPLACE, {30, 1}};
        counts[i] = i % 70;
    }
    test_rng generator;
    evh_rng rng = test_rng_seeded(&generator, 6);
    assert_ok(evh_noise_draw(noise, cells, MANY, &rng));
    evh_noise_vector *vector = new_vector(cells, MANY, 6);
    assert_ok(evh_noise_vector_add(vector, out, counts, MANY, OFFSET, MAX));
    size_t low = 0;
    size_t high = 0;
    for (size_t i = 0; i < MANY; i++) {
        int64_t cut = counts[i] > MAX - 2 * OFFSET ? MAX - 2 * OFFSET : (int64_t)counts[i];
        int64_t sum = cut + noise[i] + OFFSET;
        low += sum < 0 ? 1 : 0;
        high += sum > MAX ? 1 : 0;
        assert_int_equal(out[i], sum < 0 ? 0 : sum > MAX ? MAX : sum);
    }
    assert_true(low > 100 && high > 100);
    evh_noise_vector_free(&vector);
    free(out);
    free(counts);
    free(noise);
    free(cells);
}

static void test_noise_vector_of_the_largest_plan(void **state)
{
    (void)state;
    enum { MANY = EVH_PLAN_CELLS_MAX, OFFSET = 1000, COUNT = 5 };
    evh_noise *cells = calloc(MANY, sizeof *cells);
    uint64_t *values = calloc(MANY, sizeof *values);
    assert_non_null(cells);
    assert_non_null(values);
    for (size_t i = 0; i < MANY; i++) {
        cells[i] = (evh_noise){EVH_NOISE_DISCRETE_LAPLACE, {3, 1}};
        values[i] = COUNT;
    }
    evh_noise_vector *vector = new_vector(cells, MANY, 15);
    assert_ok(evh_noise_vector_add(vector, values, values, MANY, OFFSET, 65535));
    size_t moved = 0;
    for (size_t i = 0; i < MANY; i++) {
        assert_in_range(values[i], OFFSET + COUNT - 200, OFFSET + COUNT + 200);
        moved += values[i] != OFFSET + COUNT ? 1 : 0;
    }
    /* Zero has the mass 0.165: a noiseless stretch anywhere would show. */
    assert_true(moved > MANY * 8 / 10 && moved < MANY * 9 / 10);
    evh_noise_vector_free(&vector);
    free(values);
    free(cells);
}

static void test_noise_vector_new_without_entropy(void **state)
{
    (void)state;
    evh_noise cells[N];
    mixed_cells(cells);
    test_script script;
    evh_rng rng = test_rng_scripted(&script, view_of_literal("short"));
    evh_noise_vector *vector = NULL;
    assert_fails(evh_noise_vector_new(&vector, cells, N, &rng), EVH_ERR_RNG);
    assert_null(vector);
    assert_fails(evh_noise_vector_new(&vector, cells, 0, &rng), EVH_ERR_ARG);
    assert_null(vector);
    cells[7].kind = (evh_noise_kind)9;
    assert_fails_with(evh_noise_vector_new(&vector, cells, N, &rng), EVH_ERR_RANGE, "cell 7");
    assert_null(vector);
}

static evh_status make_vector(void *context)
{
    (void)context;
    evh_noise cells[N];
    mixed_cells(cells);
    test_rng generator;
    evh_rng rng = test_rng_seeded(&generator, 6);
    evh_noise_vector *vector = NULL;
    evh_status status = evh_noise_vector_new(&vector, cells, N, &rng);
    assert_int_equal(vector == NULL, status.code != EVH_OK);
    evh_noise_vector_free(&vector);
    return status;
}

static void test_noise_vector_new_without_memory(void **state)
{
    (void)state;
    assert_int_equal(test_alloc_sweep(make_vector, NULL), 1);
}

int run_noise_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_noise_draw_mixes_kinds),
        cmocka_unit_test(test_noise_draw_without_entropy),
        cmocka_unit_test(test_noise_draw_refuses_bad_arguments),
        cmocka_unit_test(test_noise_vector_adds_what_was_drawn),
        cmocka_unit_test(test_noise_vector_is_used_once),
        cmocka_unit_test(test_noise_vector_refused_use_counts),
        cmocka_unit_test(test_noise_vector_bounds),
        cmocka_unit_test(test_noise_vector_clamps_both_ends),
        cmocka_unit_test(test_noise_vector_of_the_largest_plan),
        cmocka_unit_test(test_noise_vector_new_without_entropy),
        cmocka_unit_test(test_noise_vector_new_without_memory),
    };
    return cmocka_run_group_tests_name("noise", tests, NULL, NULL);
}
