/* SPDX-License-Identifier: Apache-2.0
 * Enumeration: every script of 16 fair bits is run, so the share of scripts that end in a value is
 * a lower bound on its probability, and together with the scripts that need more bits an upper one.
 */
#include "evenhand/privacy/sampler.h"

#include <math.h>
#include <string.h>

#include "reference.h"
#include "support/test.h"
#include "tests.h"

enum { SCRIPTS = 65536, VALUES = 41, MIDDLE = 20 };

/* One run of a sampler; a value, or false when the script is used up. */
typedef bool (*sampler)(evh_bits *bits, const void *argument, int64_t *out);

typedef struct tally {
    size_t value[VALUES]; /* of -20 .. 20 */
    size_t elsewhere;
    size_t undecided;
} tally;

static tally enumerate(sampler run, const void *argument)
{
    tally count = {.undecided = 0};
    for (uint32_t word = 0; word < SCRIPTS; word++) {
        uint8_t bytes[2] = {(uint8_t)word, (uint8_t)(word >> 8)};
        test_script script;
        evh_rng rng = test_rng_scripted(&script, evh_view_of(bytes, sizeof bytes));
        evh_bits bits;
        evh_bits_init(&bits, &rng, 1);
        int64_t value = 0;
        if (!run(&bits, argument, &value)) {
            assert_fails(evh_bits_status(&bits), EVH_ERR_RNG);
            assert_int_equal(value, 0);
            count.undecided++;
        } else if (value >= -MIDDLE && value <= MIDDLE) {
            count.value[value + MIDDLE]++;
        } else {
            count.elsewhere++;
        }
        evh_bits_clear(&bits);
    }
    return count;
}

/* Whether the tally allows the mass p for value x; the slack covers the long doubles only. */
static bool allows(const tally *count, int64_t x, long double p)
{
    long double low = (long double)count->value[x + MIDDLE] / SCRIPTS;
    long double high = (long double)(count->value[x + MIDDLE] + count->undecided) / SCRIPTS;
    return low <= p + 1e-15L && p <= high + 1e-15L;
}

static bool allows_all(const tally *count, const reference_pmf *pmf)
{
    bool all = true;
    for (int64_t x = -MIDDLE; x <= MIDDLE; x++)
        all = all && allows(count, x, reference_mass(pmf, x));
    return all;
}

typedef struct fraction {
    evh_u128 p, q;
} fraction;

static bool run_bernoulli(evh_bits *bits, const void *argument, int64_t *out)
{
    const fraction *f = argument;
    bool heads = false;
    bool done = evh_sample_bernoulli(bits, f->p, f->q, &heads);
    *out = heads ? 1 : 0;
    return done;
}

static void test_bernoulli_enumerated(void **state)
{
    (void)state;
    for (uint32_t q = 1; q <= 12; q++)
        for (uint32_t p = 0; p <= q; p++) {
            /* The second has the same value with numbers over 64 bits. */
            const fraction forms[] = {{p, q}, {(evh_u128)p << 120, (evh_u128)q << 120}};
            for (size_t i = 0; i < 2; i++) {
                tally count = enumerate(run_bernoulli, &forms[i]);
                assert_true(allows(&count, 1, (long double)p / q));
                assert_true(allows(&count, 0, 1 - (long double)p / q));
                /* After 16 bits only the script that equals all 16 digits is open. */
                assert_true(count.undecided <= 1);
            }
        }
}

static void test_bernoulli_certain_needs_no_bits(void **state)
{
    (void)state;
    test_script script;
    evh_rng rng = test_rng_scripted(&script, view_of_literal(""));
    evh_bits bits;
    evh_bits_init(&bits, &rng, 1);
    bool heads = false;
    assert_true(evh_sample_bernoulli(&bits, 7, 7, &heads));
    assert_true(heads);
    assert_true(evh_sample_bernoulli(&bits, 0, 7, &heads));
    assert_false(heads);
    assert_false(evh_sample_bernoulli(&bits, 1, 7, &heads));
    /* Nothing is certain any more once the source has failed. */
    assert_false(evh_sample_bernoulli(&bits, 7, 7, &heads));
    evh_bits_clear(&bits);
}

static bool run_uniform(evh_bits *bits, const void *argument, int64_t *out)
{
    uint64_t value = 0;
    bool done = evh_sample_uniform(bits, *(const uint64_t *)argument, &value);
    *out = (int64_t)value;
    return done;
}

static void test_uniform_enumerated(void **state)
{
    (void)state;
    for (uint64_t bound = 1; bound <= 20; bound++) {
        tally count = enumerate(run_uniform, &bound);
        assert_int_equal(count.elsewhere, 0);
        for (int64_t x = 0; x < (int64_t)bound; x++) {
            assert_true(allows(&count, x, 1 / (long double)bound));
            assert_int_equal(count.value[MIDDLE + x], count.value[MIDDLE]);
        }
    }
}

static bool run_exp(evh_bits *bits, const void *argument, int64_t *out)
{
    const fraction *f = argument;
    bool heads = false;
    bool done = evh_sample_bernoulli_exp(bits, f->p, f->q, &heads);
    *out = heads ? 1 : 0;
    return done;
}

static void test_bernoulli_exp_enumerated(void **state)
{
    (void)state;
    const fraction cases[] = {
        {0, 1}, {1, 1},  {1, 2}, {1, 3},    {2, 3},
        {7, 9}, {17, 5}, {3, 1}, {1, 1000}, {(evh_u128)5 << 100, (evh_u128)9 << 100}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        tally count = enumerate(run_exp, &cases[i]);
        long double p = expl(-(long double)cases[i].p / (long double)cases[i].q);
        assert_true(allows(&count, 1, p));
        assert_true(allows(&count, 0, 1 - p));
        assert_true(count.undecided < SCRIPTS / 64);
    }
}

static bool run_laplace(evh_bits *bits, const void *argument, int64_t *out)
{
    return evh_sample_discrete_laplace(bits, *(const evh_rational *)argument, out);
}

static bool run_gaussian(evh_bits *bits, const void *argument, int64_t *out)
{
    return evh_sample_discrete_gaussian(bits, *(const evh_rational *)argument, out);
}

static bool run_skellam(evh_bits *bits, const void *argument, int64_t *out)
{
    return evh_sample_skellam(bits, *(const evh_rational *)argument, out);
}

static bool run_poisson(evh_bits *bits, const void *argument, int64_t *out)
{
    uint64_t value = 0;
    bool done = evh_sample_poisson(bits, *(const evh_rational *)argument, &value);
    *out = (int64_t)value;
    return done;
}

static void test_noises_enumerated(void **state)
{
    (void)state;
    static const struct {
        sampler run;
        evh_noise noise;
    } cases[] = {
        {run_laplace, {EVH_NOISE_DISCRETE_LAPLACE, {1, 1}}},
        {run_laplace, {EVH_NOISE_DISCRETE_LAPLACE, {2, 1}}},
        {run_laplace, {EVH_NOISE_DISCRETE_LAPLACE, {1, 3}}},
        {run_laplace, {EVH_NOISE_DISCRETE_LAPLACE, {5, 3}}},
        {run_gaussian, {EVH_NOISE_DISCRETE_GAUSSIAN, {1, 1}}},
        {run_gaussian, {EVH_NOISE_DISCRETE_GAUSSIAN, {1, 5}}},
        {run_gaussian, {EVH_NOISE_DISCRETE_GAUSSIAN, {5, 2}}},
        {run_skellam, {EVH_NOISE_SKELLAM, {1, 10}}},
        {run_skellam, {EVH_NOISE_SKELLAM, {1, 2}}},
        {run_skellam, {EVH_NOISE_SKELLAM, {4, 3}}},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        tally count = enumerate(cases[i].run, &cases[i].noise.parameter);
        reference_pmf pmf = reference_of(&cases[i].noise);
        assert_true(allows_all(&count, &pmf));
        /* Enough is decided for the bounds to bite, and 0 above all. */
        assert_true(count.undecided < SCRIPTS * 9 / 10);
        assert_true(count.value[MIDDLE] > 0);
        /* The sign is a fair bit of its own. */
        for (int64_t x = 1; x <= MIDDLE; x++)
            assert_true(cases[i].run == run_skellam ||
                        count.value[MIDDLE + x] == count.value[MIDDLE - x]);
        reference_free(&pmf);
    }
}

static void test_poisson_enumerated(void **state)
{
    (void)state;
    const evh_rational rates[] = {{1, 100}, {7, 100}, {1, 3}, {1, 2}, {3, 2}, {5, 4}};
    for (size_t i = 0; i < sizeof rates / sizeof rates[0]; i++) {
        tally count = enumerate(run_poisson, &rates[i]);
        reference_pmf pmf = reference_poisson((long double)rates[i].num / rates[i].den);
        assert_true(allows_all(&count, &pmf));
        assert_true(count.undecided < SCRIPTS / 4);
        reference_free(&pmf);
    }
}

/* ---- the enumeration must see planted faults ---- */

/* Discrete Laplace that keeps (negative, 0). */
static bool run_zero_twice(evh_bits *bits, const void *argument, int64_t *out)
{
    const evh_rational *scale = argument;
    *out = 0;
    for (;;) {
        uint64_t u = 0;
        bool accept = false;
        if (!evh_sample_uniform(bits, scale->num, &u) ||
            !evh_sample_bernoulli_exp(bits, u, scale->num, &accept))
            return false;
        if (!accept)
            continue;
        uint64_t v = 0;
        for (bool more = true; more; v += more ? 1 : 0)
            if (!evh_sample_bernoulli_exp(bits, 1, 1, &more))
                return false;
        uint64_t negative = 0;
        if (!evh_bits_take(bits, 1, &negative))
            return false;
        int64_t magnitude = (int64_t)((u + scale->num * v) / scale->den);
        *out = negative == 1 ? -magnitude : magnitude;
        return true;
    }
}

/* exp(-1) cut to 8 binary digits. */
static bool run_short_exp(evh_bits *bits, const void *argument, int64_t *out)
{
    (void)argument;
    uint64_t word = 0;
    bool done = evh_bits_take(bits, 8, &word);
    *out = done && word < 94 ? 1 : 0;
    return done;
}

static void test_enumeration_sees_faults(void **state)
{
    (void)state;
    evh_noise noise = {EVH_NOISE_DISCRETE_LAPLACE, {1, 1}};
    reference_pmf pmf = reference_of(&noise);
    tally count = enumerate(run_zero_twice, &noise.parameter);
    assert_false(allows(&count, 0, reference_mass(&pmf, 0)));
    reference_free(&pmf);
    count = enumerate(run_short_exp, NULL);
    assert_false(allows(&count, 1, expl(-1)));
}

/* ---- bits ---- */

static void test_take_gives_the_bits_in_order(void **state)
{
    (void)state;
    const uint8_t bytes[11] = {0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef, 0x10, 0x32, 0x54};
    for (size_t block = 1; block <= sizeof bytes; block += 10)
        for (unsigned width = 0; width <= 64; width++) {
            test_script script;
            evh_rng rng = test_rng_scripted(&script, evh_view_of(bytes, sizeof bytes));
            evh_bits bits;
            evh_bits_init(&bits, &rng, block);
            for (unsigned at = 0; width > 0 && at + width <= 88; at += width) {
                uint64_t word = 0;
                assert_true(evh_bits_take(&bits, width, &word));
                for (unsigned k = 0; k < 64; k++) {
                    unsigned bit = at + k;
                    uint64_t expected = k < width ? (bytes[bit / 8] >> (bit % 8)) & 1U : 0;
                    assert_int_equal((word >> k) & 1, expected);
                }
            }
            evh_bits_clear(&bits);
        }
}

static void test_clear_wipes_and_ends_the_source(void **state)
{
    (void)state;
    test_rng generator;
    evh_rng rng = test_rng_seeded(&generator, 1);
    evh_bits bits;
    evh_bits_init(&bits, &rng, EVH_BITS_BLOCK_BYTES);
    uint64_t word = 0;
    assert_true(evh_bits_take(&bits, 9, &word));
    assert_ok(evh_bits_status(&bits));
    evh_bits_clear(&bits);
    const uint8_t zeros[EVH_BITS_BLOCK_BYTES] = {0};
    assert_memory_equal(bits.block, zeros, sizeof zeros);
    assert_int_equal(bits.word, 0);
    assert_false(evh_bits_take(&bits, 1, &word));
    assert_fails(evh_bits_status(&bits), EVH_ERR_RNG);
}

static evh_status constant_fill(void *context, uint8_t *out, size_t len)
{
    memset(out, *(const uint8_t *)context, len);
    return evh_ok();
}

/* A generator that is stuck ends the draw instead of hanging it. What little a stuck one could
 * still feed through without a contradiction is not detectable here. */
static void test_stuck_generator_ends(void **state)
{
    (void)state;
    static const struct {
        sampler run;
        evh_rational parameter;
        uint8_t byte;
    } cases[] = {
        {run_laplace, {3, 1}, 0x00},  {run_laplace, {3, 1}, 0xff}, {run_gaussian, {9, 2}, 0x00},
        {run_gaussian, {9, 2}, 0xff}, {run_skellam, {9, 2}, 0x00}, {run_poisson, {9, 2}, 0x00},
        {run_poisson, {1, 3}, 0xff},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        uint8_t byte = cases[i].byte;
        evh_rng rng = {.fill = constant_fill, .context = &byte};
        evh_bits bits;
        evh_bits_init(&bits, &rng, EVH_BITS_BLOCK_BYTES);
        int64_t value = 1;
        assert_false(cases[i].run(&bits, &cases[i].parameter, &value));
        assert_int_equal(value, 0);
        assert_fails_with(evh_bits_status(&bits), EVH_ERR_RNG, "cannot be random");
        evh_bits_clear(&bits);
    }
}

/* Whatever the generator gives, the magnitude stays inside the bound that the code claims. */
static void test_extreme_parameters_stay_in_bounds(void **state)
{
    (void)state;
    static const struct {
        sampler run;
        evh_rational parameter;
        int64_t most;
    } cases[] = {
        {run_laplace, {UINT32_MAX, 1}, (int64_t)1 << 44},
        {run_laplace, {1, UINT32_MAX}, 0},
        {run_laplace, {UINT32_MAX, UINT32_MAX}, 1 << 12},
        {run_gaussian, {UINT32_MAX, 1}, 1 << 28},
        {run_gaussian, {1, UINT32_MAX}, 0},
        {run_gaussian, {UINT32_MAX, UINT32_MAX - 1}, 1 << 13},
        {run_skellam, {1, UINT32_MAX}, 1},
        {run_skellam, {UINT32_MAX, 1 << 20}, 4096},
    };
    test_rng generator;
    evh_rng rng = test_rng_seeded(&generator, 77);
    evh_bits bits;
    evh_bits_init(&bits, &rng, EVH_BITS_BLOCK_BYTES);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        for (int k = 0; k < 200; k++) {
            int64_t value = 0;
            assert_true(cases[i].run(&bits, &cases[i].parameter, &value));
            assert_true(value >= -cases[i].most && value <= cases[i].most);
        }
    evh_bits_clear(&bits);
}

int run_sampler_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_bernoulli_enumerated),
        cmocka_unit_test(test_bernoulli_certain_needs_no_bits),
        cmocka_unit_test(test_uniform_enumerated),
        cmocka_unit_test(test_bernoulli_exp_enumerated),
        cmocka_unit_test(test_noises_enumerated),
        cmocka_unit_test(test_poisson_enumerated),
        cmocka_unit_test(test_enumeration_sees_faults),
        cmocka_unit_test(test_take_gives_the_bits_in_order),
        cmocka_unit_test(test_clear_wipes_and_ends_the_source),
        cmocka_unit_test(test_stuck_generator_ends),
        cmocka_unit_test(test_extreme_parameters_stay_in_bounds),
    };
    return cmocka_run_group_tests_name("sampler", tests, NULL, NULL);
}
