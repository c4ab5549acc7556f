/* SPDX-License-Identifier: Apache-2.0
 * Independent noise on each cell: the divergence of a shift is the sum over its cells, that of
 * rounds and charges the sum over them. Orders are real above 1, or whole from 2 when a Skellam is
 * among the charges, for which the bound used is proven at whole orders only. */
#include "renyi_internal.h"

#include "rounding_internal.h"

/* Discrete Laplace of scale b shifted by d, exactly. With q = exp(-1/b), e = d/b and order a,
 * summing P^a Q^(1-a) left of both centres, between them and right of both gives exp((a-1) R) =
 * exp((a-1) e) * A, A = (1 + exp(-(2a-1) e))/(1+q) + (1-q)/(1+q) * sum_{x=1}^{d-1} q^((2a-1) x).
 * 1/2 <= A <= 1, so its logarithm errs by a few ulp of 1. R never exceeds e (order infinity). */
static double laplace_divergence(double num, double den, double d, double order)
{
    double step = den / num;
    double pure = d * step;
    double factor = 2 * order - 1;
    double q = exp(-step);
    double one_less_q = -expm1(-step);
    double between = exp(-factor * step) * expm1(-factor * step * (d - 1)) / expm1(-factor * step);
    double a = (1 + exp(-factor * pure) + one_less_q * between) / (1 + q);
    double exponent = (order - 1) * pure;
    double bound = evh_above(exponent + log(a), exponent + 1) / (order - 1);
    double pure_bound = evh_above(pure, pure);
    return bound < pure_bound ? evh_above(bound, bound) : pure_bound;
}

/* CKS20 theorem 4: a d^2/(2 sigma^2). */
static double gaussian_divergence(double num, double den, double d, double order)
{
    double bound = order * d * d * den / (2 * num);
    return evh_above(bound, bound);
}

/* Agarwal, Kairouz, Liu 2021, bound on the Skellam mechanism, for one cell and variance v:
 * a d^2/(2v) + min(((2a-1) d^2 + 6d)/(4 v^2), 3d/(2v)). */
static double skellam_divergence(double variance, double d, double order)
{
    double first = order * d * d / (2 * variance);
    double second = ((2 * order - 1) * d * d + 6 * d) / (4 * variance * variance);
    double third = 3 * d / (2 * variance);
    double bound = first + (second < third ? second : third);
    return evh_above(bound, bound);
}

static double cell_divergence(const evh_charge *charge, const evh_shift_term *term, double order)
{
    const evh_noise *noise = &charge->classes[term->noise];
    double num = noise->parameter.num;
    double den = noise->parameter.den;
    double d = term->magnitude;
    switch (noise->kind) {
    case EVH_NOISE_DISCRETE_LAPLACE:
        return laplace_divergence(num, den, d, order);
    case EVH_NOISE_DISCRETE_GAUSSIAN:
        return gaussian_divergence(num, den, d, order);
    case EVH_NOISE_SKELLAM:
        /* One sum holds the shifts of all customers of the unit; separate vectors compose. */
        if (charge->honest_shares > 0)
            return skellam_divergence(charge->honest_shares * num / den,
                                      d * charge->customers_per_unit, order);
        return skellam_divergence(num / den, d, order);
    case EVH_NOISE_NONE:
        break;
    }
    return INFINITY;
}

static double charge_divergence(const evh_charge *charge, double order)
{
    double worst = 0;
    for (size_t s = 0; s < charge->shift_count; s++) {
        double sum = 0;
        for (size_t i = 0; i < charge->shifts[s].count; i++) {
            const evh_shift_term *term = &charge->shifts[s].terms[i];
            double cells = evh_mul_up(term->cells, cell_divergence(charge, term, order));
            sum = evh_add_up(sum, cells);
        }
        worst = sum > worst ? sum : worst;
    }
    double times = charge->rounds;
    if (charge->honest_shares == 0)
        times *= charge->customers_per_unit; /* < 2^64: rounding is covered by the next line */
    return evh_mul_up(nextafter(times, INFINITY), worst);
}

/* CKS20 (also Asoodeh et al. 2020): a divergence R at order a gives, for every delta,
 * epsilon = R + ln(1 - 1/a) - (ln delta + ln a)/(a-1). */
static double epsilon_at(const evh_charge *charges, size_t count, double delta, double order)
{
    double divergence = 0;
    for (size_t i = 0; i < count; i++)
        divergence = evh_add_up(divergence, charge_divergence(&charges[i], order));
    /* ln(1 - 1/a) in the form that keeps its relative accuracy: evh_above counts on it. */
    double gain = order < 2 ? log((order - 1) / order) : log1p(-1 / order);
    double price = -log(delta) / (order - 1);
    double discount = log(order) / (order - 1);
    double epsilon = divergence + gain + price - discount;
    epsilon = evh_above(epsilon, divergence - gain + price + discount);
    return epsilon > 0 ? epsilon : 0;
}

static bool has_skellam(const evh_charge *charges, size_t count)
{
    for (size_t i = 0; i < count; i++)
        for (size_t k = 0; k < charges[i].class_count; k++)
            if (charges[i].classes[k].kind == EVH_NOISE_SKELLAM)
                return true;
    return false;
}

/* Orders are searched on a logarithmic scale of order - 1; whole ones from 2, so that a walk does
 * not begin where all orders round to 2. */
static const double LOG_ORDER_LEAST = -7;
static const double LOG_WHOLE_ORDER_LEAST = 0;
static const double LOG_ORDER_MOST = 17;
enum { COARSE_STEPS = 24, FINE_STEPS = 28 };

static double order_of(double log_order, bool whole)
{
    double order = 1 + exp(log_order);
    return whole ? fmax(2, rint(order)) : order;
}

double evh_renyi_epsilon(const evh_charge *charges, size_t count, double delta)
{
    bool whole = has_skellam(charges, count);
    double least = whole ? LOG_WHOLE_ORDER_LEAST : LOG_ORDER_LEAST;
    double step = (LOG_ORDER_MOST - least) / COARSE_STEPS;
    double best = INFINITY;
    double best_at = least;
    for (int i = 0; i <= COARSE_STEPS; i++) {
        double at = least + step * i;
        double epsilon = epsilon_at(charges, count, delta, order_of(at, whole));
        if (epsilon < best) {
            best = epsilon;
            best_at = at;
        }
    }
    if (isinf(best))
        return best;
    /* Walk towards the smaller neighbour, halving the step when neither is smaller. */
    for (int i = 0; i < FINE_STEPS; i++) {
        double left = epsilon_at(charges, count, delta, order_of(best_at - step, whole));
        double right = epsilon_at(charges, count, delta, order_of(best_at + step, whole));
        double smaller = left < right ? left : right;
        if (smaller < best) {
            best_at += left < right ? -step : step;
            best = smaller;
        } else {
            step /= 2;
        }
    }
    return best;
}
