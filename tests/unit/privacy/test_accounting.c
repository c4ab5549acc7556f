/* SPDX-License-Identifier: Apache-2.0 */
#include "evenhand/privacy/accounting.h"

#include <math.h>
#include <stdlib.h>

#include "reference.h"
#include "support/alloc_fail.h"
#include "tests.h"

static const evh_fraction PURE = {0, 1};
static const evh_fraction MILLIONTH = {1, 1000000};

static const evh_shift_term one_by_one[] = {{0, 1, 1}};
static const evh_shift one = {one_by_one, 1};

static evh_charge simple_charge(const evh_noise *noise, const evh_shift *shift, uint32_t rounds)
{
    evh_charge charge = {.classes = noise,
                         .class_count = 1,
                         .shifts = shift,
                         .shift_count = 1,
                         .rounds = rounds,
                         .customers_per_unit = 1};
    return charge;
}

static double epsilon_of(const evh_charge *charge, evh_fraction delta)
{
    double epsilon = -1;
    assert_ok(evh_privacy_epsilon(&epsilon, charge, 1, delta));
    return epsilon;
}

/* ---- fractions ---- */

static void test_fraction_down_and_up(void **state)
{
    (void)state;
    static const evh_fraction exact[] = {{0, 7},          {1, 1}, {3, 4},         {5, 2},
                                         {1, 1ULL << 63}, {7, 7}, {1ULL << 60, 1}};
    for (size_t i = 0; i < sizeof exact / sizeof exact[0]; i++) {
        double value = (double)exact[i].num / (double)exact[i].den;
        assert_true(evh_fraction_down(exact[i]) == value);
        assert_true(evh_fraction_up(exact[i]) == value);
    }
    static const evh_fraction inexact[] = {{1, 10},         {1, 3},          {UINT64_MAX, 1},
                                           {1, UINT64_MAX}, {UINT64_MAX, 3}, {1, 1000000000000}};
    for (size_t i = 0; i < sizeof inexact / sizeof inexact[0]; i++) {
        long double value = (long double)inexact[i].num / (long double)inexact[i].den;
        double down = evh_fraction_down(inexact[i]);
        double up = evh_fraction_up(inexact[i]);
        assert_true(down < up && nextafter(down, INFINITY) == up);
        assert_true((long double)down <= value && value <= (long double)up);
    }
}

/* ---- closed forms ---- */

static void test_epsilon_pure_is_exact(void **state)
{
    (void)state;
    const evh_noise noise = {EVH_NOISE_DISCRETE_LAPLACE, {10, 1}};
    evh_charge charge = simple_charge(&noise, &one, 1);
    assert_true(epsilon_of(&charge, PURE) == evh_fraction_up((evh_fraction){1, 10}));
    charge.rounds = 30;
    assert_true(epsilon_of(&charge, PURE) == 3);
    charge.customers_per_unit = 2;
    assert_true(epsilon_of(&charge, PURE) == 6);
    /* Two classes, 8/10 + 3*2/(7/3) = 118/35. */
    const evh_noise classes[] = {{EVH_NOISE_DISCRETE_LAPLACE, {10, 1}},
                                 {EVH_NOISE_DISCRETE_LAPLACE, {7, 3}}};
    const evh_shift_term terms[] = {{0, 8, 1}, {1, 3, 2}};
    const evh_shift shifts[] = {one, {terms, 2}, {NULL, 0}};
    evh_charge both = {.classes = classes,
                       .class_count = 2,
                       .shifts = shifts,
                       .shift_count = 3,
                       .rounds = 1,
                       .customers_per_unit = 1};
    assert_true(epsilon_of(&both, PURE) == evh_fraction_up((evh_fraction){118, 35}));
    both.shift_count = 0;
    assert_true(epsilon_of(&both, PURE) == 0);
}

/* Denominators that are large primes leave 127 bits soon: the bound then goes on in doubles. */
static void test_epsilon_pure_beyond_exact_arithmetic(void **state)
{
    (void)state;
    enum { CLASSES = 12 };
    const uint32_t primes[CLASSES] = {4294967291U, 4294967279U, 4294967231U, 4294967197U,
                                      4294967189U, 4294967161U, 4294967143U, 4294967111U,
                                      4294967087U, 4294967029U, 4294966997U, 4294966981U};
    evh_noise classes[CLASSES];
    evh_shift_term terms[CLASSES];
    long double exact = 0;
    for (uint32_t i = 0; i < CLASSES; i++) {
        classes[i] = (evh_noise){EVH_NOISE_DISCRETE_LAPLACE, {primes[i], 1000000007U}};
        terms[i] = (evh_shift_term){i, i + 1, 2};
        exact += 2.0L * (i + 1) * 1000000007U / primes[i];
    }
    const evh_shift shift = {terms, CLASSES};
    evh_charge charge = simple_charge(classes, &shift, 1);
    charge.class_count = CLASSES;
    double epsilon = epsilon_of(&charge, PURE);
    assert_true((long double)epsilon >= exact);
    assert_close(epsilon, (double)exact, 1e-12);
    bool within = true;
    const evh_budget below = {{(uint64_t)(exact * 1e9L), 1000000000}, PURE};
    assert_ok(evh_privacy_within(&within, &charge, 1, &below));
    assert_false(within);
    const evh_budget above = {{(uint64_t)(exact * 1e9L) + 2, 1000000000}, PURE};
    assert_ok(evh_privacy_within(&within, &charge, 1, &above));
    assert_true(within);
}

/* The conversion of rho-zCDP by its optimality condition (2a-1) rho - eps + ln(1-1/a) = 0 solved
 * for a by bisection at the epsilon reported: delta there must be the one asked. */
static void test_epsilon_gaussian_closed_form(void **state)
{
    (void)state;
    const uint32_t sigma_squared[] = {1, 18, 100, 40000};
    const uint32_t rounds[] = {1, 12, 1000};
    for (size_t i = 0; i < 4; i++)
        for (size_t k = 0; k < 3; k++) {
            const evh_noise noise = {EVH_NOISE_DISCRETE_GAUSSIAN, {sigma_squared[i], 1}};
            evh_charge charge = simple_charge(&noise, &one, rounds[k]);
            double epsilon = epsilon_of(&charge, MILLIONTH);
            double rho = rounds[k] / (2.0 * sigma_squared[i]);
            double low = 1;
            double high = 1e12;
            for (int step = 0; step < 300; step++) {
                double a = sqrt((low - 1) * (high - 1));
                a = 1 + (a > 0 ? a : (high - 1) * 1e-6);
                if ((2 * a - 1) * rho - epsilon + log1p(-1 / a) > 0)
                    high = a;
                else
                    low = a;
            }
            double log_delta =
                (high - 1) * (high * rho - epsilon) - log(high - 1) + high * log1p(-1 / high);
            assert_close(log_delta, log(1e-6), 1e-6);
        }
}

/* The published bound, minimised over whole orders by trying each. */
static void test_epsilon_skellam_closed_form(void **state)
{
    (void)state;
    const uint32_t variances[] = {1, 14, 1000};
    const uint32_t magnitudes[] = {1, 3};
    for (size_t i = 0; i < 3; i++)
        for (size_t k = 0; k < 2; k++) {
            const evh_noise noise = {EVH_NOISE_SKELLAM, {variances[i], 1}};
            const evh_shift_term term = {0, magnitudes[k], 2};
            const evh_shift shift = {&term, 1};
            evh_charge charge = simple_charge(&noise, &shift, 5);
            long double v = variances[i];
            long double d = magnitudes[k];
            long double best = INFINITY;
            for (long double a = 2; a < 5000; a++) {
                long double correction =
                    fminl(((2 * a - 1) * d * d + 6 * d) / (4 * v * v), 3 * d / (2 * v));
                long double divergence = 5 * 2 * (a * d * d / (2 * v) + correction);
                best = fminl(best, divergence + log1pl(-1 / a) - (logl(1e-6L) + logl(a)) / (a - 1));
            }
            double epsilon = epsilon_of(&charge, MILLIONTH);
            assert_true((long double)epsilon >= best * (1 - 1e-15L));
            assert_close(epsilon, (double)best, 1e-9 * (double)best);
        }
}

/* The worst shift counts, wherever it stands in the list. */
static void test_epsilon_is_the_maximum_over_shifts(void **state)
{
    (void)state;
    const evh_noise noises[] = {{EVH_NOISE_DISCRETE_LAPLACE, {20, 1}},
                                {EVH_NOISE_DISCRETE_GAUSSIAN, {300, 1}},
                                {EVH_NOISE_SKELLAM, {300, 1}}};
    const evh_shift_term small = {0, 1, 1};
    const evh_shift_term large = {0, 5, 2};
    const evh_shift orders[2][3] = {{{&large, 1}, {&small, 1}, {NULL, 0}},
                                    {{NULL, 0}, {&small, 1}, {&large, 1}}};
    for (size_t i = 0; i < 3; i++) {
        evh_charge alone = simple_charge(&noises[i], &orders[0][0], 40);
        double expected = epsilon_of(&alone, MILLIONTH);
        for (size_t k = 0; k < 2; k++) {
            evh_charge charge = simple_charge(&noises[i], orders[k], 40);
            charge.shift_count = 3;
            assert_true(epsilon_of(&charge, MILLIONTH) == expected);
        }
    }
}

static void test_epsilon_without_a_bound_is_infinite(void **state)
{
    (void)state;
    const evh_noise none = {EVH_NOISE_NONE, {0, 0}};
    const evh_noise gaussian = {EVH_NOISE_DISCRETE_GAUSSIAN, {100, 1}};
    const evh_noise skellam = {EVH_NOISE_SKELLAM, {100, 1}};
    evh_charge charge = simple_charge(&none, &one, 1);
    assert_true(isinf(epsilon_of(&charge, MILLIONTH)));
    charge = simple_charge(&gaussian, &one, 1);
    assert_true(isinf(epsilon_of(&charge, PURE)));
    charge = simple_charge(&skellam, &one, 1);
    assert_true(isinf(epsilon_of(&charge, PURE)));
    /* A cell without noise that nobody moves costs nothing. */
    const evh_noise classes[] = {gaussian, none};
    charge = simple_charge(classes, &one, 1);
    charge.class_count = 2;
    assert_true(isfinite(epsilon_of(&charge, MILLIONTH)));
}

/* ---- soundness against the definition ---- */

/* delta(eps) of one shift of two cells at most, straight from the definition. */
static long double exact_delta(const reference_pmf *pmf, uint32_t magnitude, uint32_t cells,
                               long double epsilon)
{
    long double delta = 0;
    int64_t low = pmf->low;
    int64_t high = low + (int64_t)pmf->count - 1 + (int64_t)magnitude;
    for (int64_t x = low; x <= high; x++) {
        long double p = reference_mass(pmf, x);
        long double q = reference_mass(pmf, x - (int64_t)magnitude);
        for (int64_t y = cells == 2 ? low : 0; y <= (cells == 2 ? high : 0); y++) {
            long double p2 = cells == 2 ? p * reference_mass(pmf, y) : p;
            long double q2 = cells == 2 ? q * reference_mass(pmf, y - (int64_t)magnitude) : q;
            long double gain = p2 - expl(epsilon) * q2;
            delta += gain > 0 ? gain : 0;
        }
    }
    return delta;
}

static void test_epsilon_holds_by_definition(void **state)
{
    (void)state;
    static const struct {
        evh_noise noise;
        uint32_t magnitude, cells;
    } cases[] = {
        {{EVH_NOISE_DISCRETE_LAPLACE, {1, 1}}, 1, 1},
        {{EVH_NOISE_DISCRETE_LAPLACE, {4, 1}}, 8, 1},
        {{EVH_NOISE_DISCRETE_LAPLACE, {4, 1}}, 4, 2},
        {{EVH_NOISE_DISCRETE_LAPLACE, {1, 3}}, 1, 2},
        {{EVH_NOISE_DISCRETE_GAUSSIAN, {1, 1}}, 1, 1},
        {{EVH_NOISE_DISCRETE_GAUSSIAN, {1, 4}}, 2, 1},
        {{EVH_NOISE_DISCRETE_GAUSSIAN, {9, 1}}, 2, 2},
        {{EVH_NOISE_DISCRETE_GAUSSIAN, {400, 1}}, 5, 1},
        {{EVH_NOISE_SKELLAM, {1, 2}}, 1, 1},
        {{EVH_NOISE_SKELLAM, {2, 1}}, 3, 1},
        {{EVH_NOISE_SKELLAM, {14, 1}}, 1, 2},
        {{EVH_NOISE_SKELLAM, {100, 1}}, 3, 1},
    };
    const evh_fraction deltas[] = {{1, 100}, {1, 10000}, {1, 100000000}, {1, 1000000000000}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        reference_pmf pmf = reference_of(&cases[i].noise);
        const evh_shift_term term = {0, cases[i].magnitude, cases[i].cells};
        const evh_shift shift = {&term, 1};
        evh_charge charge = simple_charge(&cases[i].noise, &shift, 1);
        for (size_t k = 0; k < 4; k++) {
            double epsilon = epsilon_of(&charge, deltas[k]);
            long double limit = (long double)deltas[k].num / deltas[k].den;
            long double actual = exact_delta(&pmf, cases[i].magnitude, cases[i].cells, epsilon);
            assert_true(actual <= limit * (1 + 1e-12L));
        }
        reference_free(&pmf);
    }
}

/* The bound for Laplace through Renyi orders, against the sum over the definition at many orders.
 */
static void test_epsilon_laplace_divergence_is_tight(void **state)
{
    (void)state;
    const evh_noise noise = {EVH_NOISE_DISCRETE_LAPLACE, {20, 1}};
    const evh_shift_term term = {0, 4, 1};
    const evh_shift shift = {&term, 1};
    enum { ROUNDS = 52 };
    evh_charge charge = simple_charge(&noise, &shift, ROUNDS);
    reference_pmf pmf = reference_of(&noise);
    long double best = INFINITY;
    for (long double order = 1.5L; order < 40; order *= 1.01L) {
        long double sum = 0;
        for (int64_t x = pmf.low; x < pmf.low + (int64_t)pmf.count + 4; x++) {
            /* Masses from the definition, also where the table ends. */
            long double log_ratio = (fabsl((long double)x - 4) - fabsl((long double)x)) / 20;
            sum += reference_mass(&pmf, x) * expl((order - 1) * log_ratio);
        }
        long double divergence = ROUNDS * logl(sum) / (order - 1);
        long double epsilon =
            divergence + log1pl(-1 / order) - (logl(1e-6L) + logl(order)) / (order - 1);
        best = epsilon < best ? epsilon : best;
    }
    reference_free(&pmf);
    assert_close(epsilon_of(&charge, MILLIONTH), (double)best, 1e-4 * (double)best);
}

/* ---- composition, customers, shares, clamps ---- */

static void test_epsilon_grows_and_composes(void **state)
{
    (void)state;
    const evh_noise noises[] = {{EVH_NOISE_DISCRETE_LAPLACE, {20, 1}},
                                {EVH_NOISE_DISCRETE_GAUSSIAN, {300, 1}},
                                {EVH_NOISE_SKELLAM, {300, 1}}};
    for (size_t i = 0; i < 3; i++) {
        double last = 0;
        for (uint32_t rounds = 1; rounds <= 64; rounds *= 2) {
            evh_charge charge = simple_charge(&noises[i], &one, rounds);
            double epsilon = epsilon_of(&charge, MILLIONTH);
            assert_true(epsilon > last);
            /* The same rounds as two charges cost the same. */
            evh_charge split[] = {simple_charge(&noises[i], &one, 1),
                                  simple_charge(&noises[i], &one, 1)};
            split[1].rounds = rounds;
            double sum = 0;
            assert_ok(evh_privacy_epsilon(&sum, split, 2, MILLIONTH));
            assert_true(sum > epsilon);
            charge.rounds = rounds + 1;
            assert_close(sum, epsilon_of(&charge, MILLIONTH), 1e-9);
            last = epsilon;
        }
    }
    /* Different mechanisms together cost more than each. */
    evh_charge mixed[] = {simple_charge(&noises[0], &one, 3), simple_charge(&noises[1], &one, 3),
                          simple_charge(&noises[2], &one, 3)};
    double together = 0;
    assert_ok(evh_privacy_epsilon(&together, mixed, 3, MILLIONTH));
    for (size_t i = 0; i < 3; i++)
        assert_true(together > epsilon_of(&mixed[i], MILLIONTH));
    assert_true(isfinite(together));
}

static void test_epsilon_customers_per_unit(void **state)
{
    (void)state;
    /* Separate vectors compose: three customers cost what three rounds cost. */
    const evh_noise gaussian = {EVH_NOISE_DISCRETE_GAUSSIAN, {300, 1}};
    evh_charge local = simple_charge(&gaussian, &one, 1);
    local.customers_per_unit = 3;
    evh_charge thrice = simple_charge(&gaussian, &one, 3);
    assert_true(epsilon_of(&local, MILLIONTH) == epsilon_of(&thrice, MILLIONTH));
    /* One sum moves three times as far, which costs more than three rounds. */
    const evh_noise share = {EVH_NOISE_SKELLAM, {30, 1}};
    evh_charge sum = simple_charge(&share, &one, 1);
    sum.honest_shares = 10;
    sum.clamp_bits = 80;
    double single = epsilon_of(&sum, MILLIONTH);
    sum.customers_per_unit = 3;
    evh_charge composed = sum;
    composed.customers_per_unit = 1;
    composed.rounds = 3;
    assert_true(epsilon_of(&sum, MILLIONTH) > epsilon_of(&composed, MILLIONTH));
    assert_true(epsilon_of(&composed, MILLIONTH) > single);
}

static void test_epsilon_honest_shares_add_up(void **state)
{
    (void)state;
    const evh_noise share = {EVH_NOISE_SKELLAM, {30, 1}};
    const evh_noise total = {EVH_NOISE_SKELLAM, {300, 1}};
    evh_charge sum = simple_charge(&share, &one, 1);
    sum.honest_shares = 10;
    sum.clamp_bits = 80;
    evh_charge whole = simple_charge(&total, &one, 1);
    /* Equal but for the part of delta that clamping takes. */
    assert_true(epsilon_of(&sum, MILLIONTH) > epsilon_of(&whole, MILLIONTH));
    assert_close(epsilon_of(&sum, MILLIONTH), epsilon_of(&whole, MILLIONTH), 1e-3);
    evh_charge alone = simple_charge(&share, &one, 1);
    assert_true(epsilon_of(&alone, MILLIONTH) > 3 * epsilon_of(&sum, MILLIONTH));
    /* A clamp that is too likely eats delta up: first more of it, then all. */
    double before = epsilon_of(&sum, MILLIONTH);
    sum.clamp_bits = 25;
    assert_true(epsilon_of(&sum, MILLIONTH) > before);
    assert_true(isfinite(epsilon_of(&sum, MILLIONTH)));
    sum.clamp_bits = 20;
    assert_true(isinf(epsilon_of(&sum, MILLIONTH)));
}

/* ---- budgets ---- */

static void test_within_compares_exactly(void **state)
{
    (void)state;
    const evh_noise noise = {EVH_NOISE_DISCRETE_LAPLACE, {10, 1}};
    evh_charge charge = simple_charge(&noise, &one, 1);
    bool within = false;
    const evh_budget tenth = {{1, 10}, PURE};
    assert_ok(evh_privacy_within(&within, &charge, 1, &tenth));
    assert_true(within);
    const evh_budget less = {{99999999999999999ULL, 1000000000000000000ULL}, PURE};
    assert_ok(evh_privacy_within(&within, &charge, 1, &less));
    assert_false(within);
    charge.rounds = 7;
    const evh_budget seven = {{7, 10}, PURE};
    assert_ok(evh_privacy_within(&within, &charge, 1, &seven));
    assert_true(within);
}

static void test_rounds_within_finds_the_last(void **state)
{
    (void)state;
    static const struct {
        evh_noise noise;
        evh_budget budget;
        uint32_t expected; /* 0: checked by its neighbours only */
    } cases[] = {
        {{EVH_NOISE_DISCRETE_LAPLACE, {10, 1}}, {{12, 10}, {0, 1}}, 12},
        {{EVH_NOISE_DISCRETE_LAPLACE, {10, 1}}, {{1199, 1000}, {0, 1}}, 11},
        {{EVH_NOISE_DISCRETE_LAPLACE, {1, 1}}, {{1, 1}, {0, 1}}, 1},
        {{EVH_NOISE_DISCRETE_LAPLACE, {2000, 1}}, {{1, 1}, {1, 1000000}}, 0},
        {{EVH_NOISE_DISCRETE_GAUSSIAN, {1000, 1}}, {{1, 1}, {1, 1000000}}, 0},
        {{EVH_NOISE_SKELLAM, {10000, 1}}, {{2, 1}, {1, 1000000}}, 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        evh_charge charge = simple_charge(&cases[i].noise, &one, 0);
        uint32_t rounds = 0;
        assert_ok(evh_privacy_rounds_within(&rounds, &charge, NULL, 0, &cases[i].budget));
        assert_true(rounds >= 1);
        assert_true(cases[i].expected == 0 || rounds == cases[i].expected);
        bool within = false;
        charge.rounds = rounds;
        assert_ok(evh_privacy_within(&within, &charge, 1, &cases[i].budget));
        assert_true(within);
        charge.rounds = rounds + 1;
        assert_ok(evh_privacy_within(&within, &charge, 1, &cases[i].budget));
        assert_false(within);
    }
    /* Many rounds are better served by the Renyi bound than by the sum: over 2000 of 1/2000. */
    evh_charge many = simple_charge(&cases[3].noise, &one, 1);
    uint32_t rounds = 0;
    assert_ok(evh_privacy_rounds_within(&rounds, &many, NULL, 0, &cases[3].budget));
    assert_true(rounds > 20000);
}

static void test_rounds_within_beside_what_is_spent(void **state)
{
    (void)state;
    const evh_noise noise = {EVH_NOISE_DISCRETE_LAPLACE, {10, 1}};
    const evh_charge spent[] = {simple_charge(&noise, &one, 5), simple_charge(&noise, &one, 4)};
    evh_charge charge = simple_charge(&noise, &one, 1);
    const evh_budget budget = {{12, 10}, PURE};
    uint32_t rounds = 9;
    assert_ok(evh_privacy_rounds_within(&rounds, &charge, spent, 2, &budget));
    assert_int_equal(rounds, 3);
    const evh_budget small = {{9, 10}, PURE};
    assert_ok(evh_privacy_rounds_within(&rounds, &charge, spent, 2, &small));
    assert_int_equal(rounds, 0);
    /* Nothing to lose: as many as are ever counted. */
    const evh_shift still = {NULL, 0};
    charge.shifts = &still;
    assert_ok(evh_privacy_rounds_within(&rounds, &charge, NULL, 0, &budget));
    assert_int_equal(rounds, 1 << 20);
}

static evh_status ask_rounds(void *context)
{
    (void)context;
    const evh_noise noise = {EVH_NOISE_DISCRETE_LAPLACE, {10, 1}};
    evh_charge charge = simple_charge(&noise, &one, 1);
    const evh_budget budget = {{12, 10}, PURE};
    uint32_t rounds = 0;
    return evh_privacy_rounds_within(&rounds, &charge, NULL, 0, &budget);
}

static void test_rounds_within_without_memory(void **state)
{
    (void)state;
    assert_int_equal(test_alloc_sweep(ask_rounds, NULL), 1);
}

/* ---- refusals ---- */

static void check_refused(const evh_charge *charge, evh_fraction delta, evh_code code,
                          const char *part)
{
    double epsilon = 0;
    bool within = true;
    uint32_t rounds = 9;
    const evh_budget budget = {{1, 1}, delta};
    assert_fails_with(evh_privacy_epsilon(&epsilon, charge, 1, delta), code, part);
    assert_true(isinf(epsilon));
    assert_fails_with(evh_privacy_within(&within, charge, 1, &budget), code, part);
    assert_false(within);
    assert_fails_with(evh_privacy_rounds_within(&rounds, charge, charge, 1, &budget), code, part);
    assert_int_equal(rounds, 0);
}

static void test_accounting_refuses_bad_charges(void **state)
{
    (void)state;
    const evh_noise laplace = {EVH_NOISE_DISCRETE_LAPLACE, {10, 1}};
    const evh_noise skellam = {EVH_NOISE_SKELLAM, {10, 1}};
    const evh_noise broken = {EVH_NOISE_SKELLAM, {10, 0}};
    const evh_charge good = simple_charge(&laplace, &one, 1);
    evh_charge bad = good;
    bad.rounds = 0;
    check_refused(&bad, PURE, EVH_ERR_ARG, "rounds");
    bad = good;
    bad.customers_per_unit = 0;
    check_refused(&bad, PURE, EVH_ERR_ARG, "customers per unit");
    bad = good;
    bad.honest_shares = 3;
    bad.clamp_bits = 60;
    check_refused(&bad, PURE, EVH_ERR_ARG, "only Skellam");
    bad.classes = &skellam;
    bad.clamp_bits = 0;
    check_refused(&bad, PURE, EVH_ERR_ARG, "clamp");
    bad.clamp_bits = 60;
    bad.honest_shares = 0;
    check_refused(&bad, PURE, EVH_ERR_ARG, "clamp");
    bad = good;
    bad.classes = &broken;
    check_refused(&bad, PURE, EVH_ERR_RANGE, "noise class 0");
    check_refused(&good, (evh_fraction){1, 0}, EVH_ERR_ARG, "delta");
    check_refused(&good, (evh_fraction){1, 1}, EVH_ERR_ARG, "delta");
    double epsilon = 0;
    assert_fails(evh_privacy_epsilon(&epsilon, &good, 0, PURE), EVH_ERR_ARG);
    bool within = true;
    const evh_budget budget = {{1, 0}, PURE};
    assert_fails_with(evh_privacy_within(&within, &good, 1, &budget), EVH_ERR_ARG, "epsilon");
    uint32_t rounds = 1;
    assert_fails(evh_privacy_rounds_within(&rounds, &good, &good, SIZE_MAX, &budget), EVH_ERR_ARG);
}

static void test_accounting_refuses_bad_shifts(void **state)
{
    (void)state;
    const evh_noise laplace = {EVH_NOISE_DISCRETE_LAPLACE, {10, 1}};
    const evh_shift_term bad[] = {{1, 1, 1}, {0, 0, 1}, {0, 1, 0}};
    for (size_t i = 0; i < 3; i++) {
        const evh_shift_term terms[] = {{0, 1, 1}, bad[i]};
        const evh_shift shift = {terms, 2};
        evh_charge charge = simple_charge(&laplace, &shift, 1);
        check_refused(&charge, PURE, EVH_ERR_RANGE, "shift 0, term 1");
    }
    assert_fails(evh_shifts_check(NULL, 0, EVH_SHIFT_CLASSES_MAX + 1), EVH_ERR_RANGE);
    assert_fails(evh_shifts_check(NULL, EVH_SHIFTS_MAX + 1, 1), EVH_ERR_RANGE);
    assert_ok(evh_shifts_check(NULL, 0, 0));
}

/* The largest everything: still a bound, never a NaN, never less than the truth. */
static void test_epsilon_extreme_values(void **state)
{
    (void)state;
    const evh_rational parameters[] = {{1, UINT32_MAX}, {UINT32_MAX, 1}, {1, 1}};
    const evh_shift_term term = {0, UINT32_MAX, UINT32_MAX};
    const evh_shift shift = {&term, 1};
    for (unsigned kind = EVH_NOISE_DISCRETE_LAPLACE; kind <= EVH_NOISE_DISCRETE_GAUSSIAN; kind++)
        for (size_t i = 0; i < 3; i++) {
            const evh_noise noise = {(evh_noise_kind)kind, parameters[i]};
            evh_charge charge = simple_charge(&noise, &shift, UINT32_MAX);
            charge.customers_per_unit = UINT32_MAX;
            double epsilon = epsilon_of(&charge, MILLIONTH);
            assert_true(epsilon == epsilon); /* no NaN */
            assert_true(epsilon > 1e18);
            /* And the smallest shift under the widest noise is next to nothing. */
            charge = simple_charge(&noise, &one, 1);
            epsilon = epsilon_of(&charge, MILLIONTH);
            assert_true(epsilon == epsilon); /* no NaN */
            assert_true(epsilon >= 0);
            assert_true(i != 1 || epsilon < 0.01);
        }
}

int run_accounting_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_fraction_down_and_up),
        cmocka_unit_test(test_epsilon_pure_is_exact),
        cmocka_unit_test(test_epsilon_pure_beyond_exact_arithmetic),
        cmocka_unit_test(test_epsilon_gaussian_closed_form),
        cmocka_unit_test(test_epsilon_skellam_closed_form),
        cmocka_unit_test(test_epsilon_is_the_maximum_over_shifts),
        cmocka_unit_test(test_epsilon_without_a_bound_is_infinite),
        cmocka_unit_test(test_epsilon_holds_by_definition),
        cmocka_unit_test(test_epsilon_laplace_divergence_is_tight),
        cmocka_unit_test(test_epsilon_grows_and_composes),
        cmocka_unit_test(test_epsilon_customers_per_unit),
        cmocka_unit_test(test_epsilon_honest_shares_add_up),
        cmocka_unit_test(test_within_compares_exactly),
        cmocka_unit_test(test_rounds_within_finds_the_last),
        cmocka_unit_test(test_rounds_within_beside_what_is_spent),
        cmocka_unit_test(test_rounds_within_without_memory),
        cmocka_unit_test(test_accounting_refuses_bad_charges),
        cmocka_unit_test(test_accounting_refuses_bad_shifts),
        cmocka_unit_test(test_epsilon_extreme_values),
    };
    return cmocka_run_group_tests_name("accounting", tests, NULL, NULL);
}
