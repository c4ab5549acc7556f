/* SPDX-License-Identifier: Apache-2.0
 * Which class gets how much of the budget, and then how much noise that is.
 *
 * Split. With x the noise parameter of a class, its variance grows as x^k and the loss of a shift
 * as the sum of C/x^p over the classes it moves: for Laplace k = 2 and p = 1 with C = L1 (the pure
 * sum), or p = 2 with C = L2 squared (the Renyi bound of many rounds); for Gaussian and Skellam
 * k = p = 1 with C = L2 squared. Lagrange's condition for one shift is x^(k+p) ~ C/w. For several
 * shifts it holds with C averaged over them, in proportions in which only shifts of the largest
 * loss take part; these are found by raising each proportion with its loss.
 *
 * Scale. Bisection on the accountant itself, at the fractions that would be returned. */
#include "evenhand/privacy/calibrate.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "evenhand/base/sizes.h"
#include "simplest_internal.h"

static const double WEIGHT_LEAST = 1e-6; /* of the largest weight */
static const double FRACTION_SLACK = 1e-5;
static const double SCALE_STOP = 1e-6;
enum { SPLIT_STEPS = 400, BRACKET_STEPS = 80 };

typedef struct objective {
    double variance_power; /* k */
    double loss_power;     /* p */
    bool squared;          /* C is L2 squared, else L1 */
} objective;

typedef struct split {
    double *weights; /* [classes] floored */
    double *x;       /* [classes] the direction at hand */
    double *mean;    /* [classes] C averaged over the shifts */
    double *best;    /* [classes] the best direction seen, scaled to a loss of 1 */
    double *share;   /* [shifts] proportions */
    double *loss;    /* [shifts] */
} split;

static void split_clear(split *s)
{
    free(s->loss);
    free(s->share);
    free(s->best);
    free(s->mean);
    free(s->x);
    free(s->weights);
}

static evh_status split_init(split *s, const evh_calibration *problem)
{
    evh_status status = evh_ok();
    double largest = 0;
    EVH_TRY(evh_alloc(&s->weights, problem->class_count, sizeof(double), "weights"));
    EVH_TRY(evh_alloc(&s->x, problem->class_count, sizeof(double), "a direction"));
    EVH_TRY(evh_alloc(&s->mean, problem->class_count, sizeof(double), "mean losses"));
    EVH_TRY(evh_alloc(&s->best, problem->class_count, sizeof(double), "the best direction"));
    EVH_TRY(evh_alloc(&s->share, problem->shift_count, sizeof(double), "proportions"));
    EVH_TRY(evh_alloc(&s->loss, problem->shift_count, sizeof(double), "losses"));
    for (size_t i = 0; i < problem->class_count; i++) {
        EVH_REQUIRE(problem->weights[i] >= 0 && isfinite(problem->weights[i]), EVH_ERR_ARG,
                    "weight %zu must be a number of at least 0", i);
        largest = fmax(largest, problem->weights[i]);
    }
    EVH_REQUIRE(largest > 0, EVH_ERR_ARG, "all weights are 0: nothing to minimise");
    for (size_t i = 0; i < problem->class_count; i++)
        s->weights[i] = fmax(problem->weights[i] / largest, WEIGHT_LEAST);
done:
    return status;
}

static double term_cost(const evh_shift_term *term, const objective *goal)
{
    double magnitude = term->magnitude;
    return term->cells * (goal->squared ? magnitude * magnitude : magnitude);
}

/* Fills s->loss for the direction x; the largest. */
static double losses(split *s, const evh_calibration *problem, const objective *goal)
{
    double largest = 0;
    for (size_t i = 0; i < problem->shift_count; i++) {
        double sum = 0;
        for (size_t t = 0; t < problem->shifts[i].count; t++) {
            const evh_shift_term *term = &problem->shifts[i].terms[t];
            sum += term_cost(term, goal) / pow(s->x[term->noise], goal->loss_power);
        }
        s->loss[i] = sum;
        largest = fmax(largest, sum);
    }
    return largest;
}

/* Lagrange's direction for the proportions at hand. A class that only shifts of proportion near 0
 * move still needs noise: the proportions never fall to 0. */
static void direction(split *s, const evh_calibration *problem, const objective *goal)
{
    memset(s->mean, 0, problem->class_count * sizeof(double));
    for (size_t i = 0; i < problem->shift_count; i++)
        for (size_t t = 0; t < problem->shifts[i].count; t++) {
            const evh_shift_term *term = &problem->shifts[i].terms[t];
            s->mean[term->noise] += s->share[i] * term_cost(term, goal);
        }
    double power = 1 / (goal->variance_power + goal->loss_power);
    for (size_t k = 0; k < problem->class_count; k++)
        s->x[k] = pow(s->mean[k] / s->weights[k], power);
}

/* Keeps x, scaled to a largest loss of 1, when its objective is the best so far. */
static void keep_better(split *s, const evh_calibration *problem, const objective *goal,
                        double largest, double *best_objective)
{
    double scale = pow(largest, 1 / goal->loss_power);
    double total = 0;
    for (size_t k = 0; k < problem->class_count; k++)
        total += s->weights[k] * pow(scale * s->x[k], goal->variance_power);
    if (!(total < *best_objective))
        return;
    *best_objective = total;
    for (size_t k = 0; k < problem->class_count; k++)
        s->best[k] = scale * s->x[k];
}

static void find_split(split *s, const evh_calibration *problem, const objective *goal)
{
    double best_objective = INFINITY;
    for (size_t i = 0; i < problem->shift_count; i++)
        s->share[i] = 1 / (double)problem->shift_count;
    for (int step = 0; step < SPLIT_STEPS; step++) {
        direction(s, problem, goal);
        double largest = losses(s, problem, goal);
        keep_better(s, problem, goal, largest, &best_objective);
        double total = 0;
        for (size_t i = 0; i < problem->shift_count; i++) {
            s->share[i] = fmax(s->share[i] * s->loss[i] / largest, 1e-12);
            total += s->share[i];
        }
        for (size_t i = 0; i < problem->shift_count; i++)
            s->share[i] /= total;
    }
}

/* Parameters at a scale; false when one is out of range. */
static bool parameters_at(evh_noise *classes, const evh_calibration *problem, const double *shape,
                          double scale)
{
    const double least = 1.0 / UINT32_MAX;
    for (size_t k = 0; k < problem->class_count; k++) {
        double x = fmax(scale * shape[k], 2 * least);
        classes[k].kind = problem->kind;
        if (!evh_simplest_rational(x, x * (1 + FRACTION_SLACK), &classes[k].parameter))
            return false;
        evh_status status = evh_noise_check(&classes[k]);
        if (status.code != EVH_OK)
            return false;
    }
    return true;
}

static evh_status meets(bool *met, evh_noise *classes, const evh_calibration *problem,
                        const double *shape, double scale)
{
    *met = false;
    if (!parameters_at(classes, problem, shape, scale))
        return evh_ok();
    evh_charge charge = {.classes = classes,
                         .class_count = problem->class_count,
                         .shifts = problem->shifts,
                         .shift_count = problem->shift_count,
                         .rounds = problem->rounds,
                         .customers_per_unit = problem->customers_per_unit,
                         .honest_shares = problem->honest_shares,
                         .clamp_bits = problem->clamp_bits};
    return evh_privacy_within(met, &charge, 1, &problem->budget);
}

/* The smallest scale of the direction that meets the budget, up to SCALE_STOP; classes are then
 * those at that scale. */
static evh_status find_scale(evh_noise *classes, const evh_calibration *problem,
                             const double *shape)
{
    evh_status status = evh_ok();
    double enough = 1;
    double too_little = 0;
    bool met = false;
    for (int i = 0; i < BRACKET_STEPS && !met; i++) {
        EVH_TRY(meets(&met, classes, problem, shape, enough));
        too_little = met ? too_little : enough;
        enough = met ? enough : 2 * enough;
    }
    EVH_REQUIRE(
        met, EVH_ERR_PRIVACY,
        "no %s noise below 2^32 (Skellam: %d) meets epsilon and delta: lower caps or steps, "
        "raise epsilon",
        evh_noise_kind_name(problem->kind), EVH_NOISE_SKELLAM_VARIANCE_MAX);
    for (int i = 0; i < BRACKET_STEPS && too_little == 0; i++) {
        EVH_TRY(meets(&met, classes, problem, shape, enough / 2));
        too_little = met ? 0 : enough / 2;
        enough = met ? enough / 2 : enough;
    }
    while (enough - too_little > SCALE_STOP * enough && too_little > 0) {
        double middle = too_little + (enough - too_little) / 2;
        EVH_TRY(meets(&met, classes, problem, shape, middle));
        too_little = met ? too_little : middle;
        enough = met ? middle : enough;
    }
    EVH_TRY(meets(&met, classes, problem, shape, enough));
    EVH_INVARIANT(met);
done:
    return status;
}

static double weighted_variance(const evh_noise *classes, const evh_calibration *problem)
{
    double sum = 0;
    for (size_t k = 0; k < problem->class_count; k++)
        sum += problem->weights[k] * evh_noise_variance(&classes[k]);
    return sum;
}

static evh_status problem_check(const evh_calibration *problem)
{
    evh_status status = evh_ok();
    EVH_REQUIRE(problem->kind >= EVH_NOISE_DISCRETE_LAPLACE && problem->kind <= EVH_NOISE_SKELLAM,
                EVH_ERR_ARG, "cannot calibrate noise of kind %s",
                evh_noise_kind_name(problem->kind));
    EVH_REQUIRE(problem->class_count >= 1 && problem->shift_count >= 1, EVH_ERR_ARG,
                "nothing to calibrate: %zu noise classes, %zu shifts", problem->class_count,
                problem->shift_count);
    EVH_TRY(evh_shifts_check(problem->shifts, problem->shift_count, problem->class_count));
done:
    return status;
}

static evh_status all_classes_move(const evh_calibration *problem, double *seen)
{
    for (size_t i = 0; i < problem->shift_count; i++)
        for (size_t t = 0; t < problem->shifts[i].count; t++)
            seen[problem->shifts[i].terms[t].noise] = 1;
    for (size_t k = 0; k < problem->class_count; k++)
        if (seen[k] == 0)
            return evh_fail(EVH_ERR_ARG, "no shift moves noise class %zu: it needs no noise", k);
    return evh_ok();
}

evh_status evh_calibrate(evh_noise *classes, const evh_calibration *problem)
{
    evh_status status = evh_ok();
    split work = {0};
    evh_noise *found = NULL;
    double best = INFINITY;
    const objective pure = {.variance_power = 2, .loss_power = 1, .squared = false};
    const objective renyi_laplace = {.variance_power = 2, .loss_power = 2, .squared = true};
    const objective renyi = {.variance_power = 1, .loss_power = 1, .squared = true};
    bool laplace = problem->kind == EVH_NOISE_DISCRETE_LAPLACE;
    const objective *goals[] = {laplace ? &pure : &renyi,
                                laplace && problem->budget.delta.num > 0 ? &renyi_laplace : NULL};
    memset(classes, 0, problem->class_count * sizeof *classes);
    EVH_TRY(problem_check(problem));
    EVH_TRY(split_init(&work, problem));
    EVH_TRY(all_classes_move(problem, work.x));
    EVH_TRY(evh_alloc(&found, problem->class_count, sizeof *found, "noise classes"));
    for (size_t i = 0; i < 2 && goals[i] != NULL; i++) {
        find_split(&work, problem, goals[i]);
        EVH_TRY(find_scale(found, problem, work.best));
        double objective_value = weighted_variance(found, problem);
        if (objective_value < best) {
            best = objective_value;
            memcpy(classes, found, problem->class_count * sizeof *found);
        }
    }
done:
    if (status.code != EVH_OK)
        memset(classes, 0, problem->class_count * sizeof *classes);
    free(found);
    split_clear(&work);
    return status;
}
