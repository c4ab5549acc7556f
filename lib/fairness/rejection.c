/* SPDX-License-Identifier: Apache-2.0
 * The distribution of T(x) when x is the true quotient. */
#include <math.h>

#include "normal_internal.h"
#include "quotient_internal.h"

/* Sampling variances below this are summed up count by count when noise does not hide them. */
static const double FEW = 30;
/* Counts that are a smaller part of the variance than this, in units of which it is the skewness of
 * rare ones, are left to the expansion. */
static const double STRAIGHT = 0.03;
/* Counts less likely than this, relative to the most likely one, do not matter. */
static const double NEGLIGIBLE = 1e-13;

/* Noise is whole numbers. Below this variance hardly any is other than 0 (Chebyshev), and what little
 * there is no expansion describes: it is left out. */
static const double HARDLY_ANY = 1e-3;
/* An excess kurtosis above this, of noise with a small scale, is left out of the expansions: that of
 * one draw of discrete Laplace noise at a scale of 1/2. */
static const double TAILS_MAX = 6;

typedef struct moments {
    double sampling;    /* variance of T from sampling, as estimated at x */
    double noise;       /* from noise */
    double third;       /* third cumulant: noise is symmetric, so from sampling */
    double fourth;      /* fourth cumulant */
    double estimate;    /* covariance of T with the estimate of its variance */
    double uncertainty; /* variance of the estimate of its variance, from noise */
} moments;

static double polynomial(const double coefficients[5], double x)
{
    double sum = 0;
    for (size_t i = 5; i-- > 0;)
        sum = sum * x + coefficients[i];
    return sum;
}

static double noise_variance(const evh_quotient *q, double x)
{
    return fmax(q->noise_numerator - 2 * x * q->noise_both + x * x * q->noise_denominator, 0);
}

static double noise_fourth(const evh_quotient *q, double x, double variance)
{
    return fmin(fmax(polynomial(q->fourth, x), 0), TAILS_MAX * variance * variance);
}

/* n x (1 - x), with n as released: its noise goes together with that of T. */
static void binomial_moments(moments *m, const evh_quotient *q, double x)
{
    double spread = x * (1 - x);
    double n = fmax(q->denominator, 0);
    m->sampling = n * spread;
    m->third = n * spread * (1 - 2 * x);
    m->fourth += n * spread * (1 - 6 * spread);
    m->estimate = spread * (q->noise_both - x * q->noise_denominator);
    m->uncertainty = spread * spread * q->noise_denominator;
}

static void poisson_moments(moments *m, const evh_quotient *q, double x)
{
    m->sampling = fmax(q->denominator, 0) * x;
    m->third = m->sampling;
    m->fourth += m->sampling;
    m->estimate = x * (q->noise_both - x * q->noise_denominator);
    m->uncertainty = x * x * q->noise_denominator;
}

/* No distribution between two bounds varies more than the one that has only these two values
 * (Bhatia and Davis 2000). */
static double largest_variance(const evh_quotient *q, double x)
{
    double mean = x * q->unit;
    double n = fmax(q->denominator, 0) / q->unit;
    return n * (mean - q->lowest * q->unit) * (q->highest * q->unit - mean);
}

/* Third central moment of one contribution, which is not released: that of a gamma distribution
 * with this mean and variance, at most what the upper bound allows. Error rates of speakers are
 * about as skewed as that (docs/reference/metrics.md). */
static double assumed_third(double mean, double variance, double highest)
{
    double room = highest - mean;
    return fmin(2 * variance * variance / mean, variance * (room - variance / room));
}

/* Contributions of either sign: squares around x itself rather than around the estimate, which is
 * Student's test when they are normal. */
static double signed_variance(const evh_quotient *q, double x)
{
    return q->squares - 2 * x * q->unit * q->numerator + x * x * q->unit * q->denominator;
}

/* Contributions from 0 upwards vary with their mean: with twice the mean, twice the deviation, as
 * gamma distributions of one shape do. What is estimated is the shape, whose estimate does not go
 * together with that of the mean. Where noise is larger than what is sampled the estimate of the
 * mean says little, and x is taken for it. */
static double scaled_variance(const evh_quotient *q, double x, double noise)
{
    double n = q->denominator / q->unit;
    double t = q->numerator - x * q->denominator;
    double centred = signed_variance(q, x) - (t * t - noise) / n;
    centred = fmax(centred * n / fmax(n - 1, 1), 0);
    double trust = centred + noise > 0 ? centred / (centred + noise) : 1;
    double mean = x * q->unit;
    double near = fmax(mean + trust * t / n, 0.5 / n); /* half a step in all units together */
    return centred * (mean / near) * (mean / near);
}

/* Contributions were rounded to whole steps, which hides 1/12 of variance. */
static void squares_moments(moments *m, const evh_quotient *q, double x)
{
    double unit = q->unit;
    double n = q->denominator / unit;
    double largest = largest_variance(q, x);
    if (n <= 0)
        return;
    if (q->lowest < 0) {
        m->sampling = fmin(fmax(signed_variance(q, x), n / 12), largest);
    } else {
        m->sampling = fmin(fmax(scaled_variance(q, x, m->noise), n / 12), largest);
        double single = m->sampling / n;
        double mean = x * unit;
        double third = assumed_third(mean, single, q->highest * unit);
        m->third = n * third;
        m->fourth += 1.5 * n * third * third / single;
        m->uncertainty = 2 * m->sampling * single * (1 + fmin(single / (mean * mean), n));
    }
    m->estimate = -2 * x * unit * q->noise_numerator - x * x * x * unit * q->noise_denominator;
    m->uncertainty += fmin(q->squares_noise + 4 * x * x * unit * unit * q->noise_numerator +
                               x * x * x * x * unit * unit * q->noise_denominator,
                           largest * largest / 4);
}

/* What each record of a cell adds to T(x). */
static double weight_of(const evh_counted_cell *cell, double x)
{
    return cell->numerator - x * cell->denominator;
}

/* The mean of T when the mean of each cell is what was counted over 1 + tilt * weight. */
static double tilted_mean(const evh_quotient *q, double x, double tilt)
{
    double sum = 0;
    for (size_t i = 0; i < EVH_METRIC_CELLS_MAX; i++) {
        double weight = weight_of(&q->counted[i], x);
        if (q->counted[i].records > 0)
            sum += weight * q->counted[i].records / fmax(1 + tilt * weight, 0);
    }
    return sum;
}

static const int HALVINGS = 60;

/* Counts vary like Poisson ones when T has mean 0, that is, when records that add to it and records
 * that take from it balance. Their means are the likeliest that do: those of the tilt at which T has
 * mean 0, which falls as the tilt grows. What is then still missing is in the cell with the
 * steepest weight, where nothing was counted. */
static void cells_moments(moments *m, const evh_quotient *q, double x)
{
    double highest = 0;
    double lowest = 0;
    for (size_t i = 0; i < EVH_METRIC_CELLS_MAX; i++) {
        highest = fmax(highest, weight_of(&q->counted[i], x));
        lowest = fmin(lowest, weight_of(&q->counted[i], x));
    }
    if (highest <= 0 || lowest >= 0)
        return;
    double least = -1 / highest;
    double most = -1 / lowest;
    for (int i = 0; i < HALVINGS; i++) {
        double middle = (least + most) / 2;
        if (tilted_mean(q, x, middle) > 0)
            least = middle;
        else
            most = middle;
    }
    double missing = 0;
    for (size_t i = 0; i < EVH_METRIC_CELLS_MAX; i++) {
        double weight = weight_of(&q->counted[i], x);
        double rest = 1 + (least + most) / 2 * weight;
        if (q->counted[i].records <= 0 || rest <= 0)
            continue;
        missing -= weight * q->counted[i].records / rest;
        m->sampling += weight * weight * q->counted[i].records / rest;
    }
    m->sampling += missing * (missing > 0 ? highest : lowest);
}

static void bounded_moments(moments *m, const evh_quotient *q, double x)
{
    m->sampling = largest_variance(q, x);
}

static moments moments_at(const evh_quotient *q, double x)
{
    moments m = {.noise = noise_variance(q, x)};
    m.fourth = noise_fourth(q, x, m.noise);
    if (x <= q->lowest || x >= q->highest)
        return m;
    switch (q->sampling) {
    case EVH_SAMPLING_BINOMIAL:
        binomial_moments(&m, q, x);
        break;
    case EVH_SAMPLING_POISSON:
        poisson_moments(&m, q, x);
        break;
    case EVH_SAMPLING_SQUARES:
        squares_moments(&m, q, x);
        break;
    case EVH_SAMPLING_CELLS:
        cells_moments(&m, q, x);
        break;
    case EVH_SAMPLING_BOUNDED:
        bounded_moments(&m, q, x);
        break;
    }
    return m;
}

/* The z quantile of T / sqrt(its estimated variance): Cornish and Fisher's expansion, with the
 * terms of a variance that is estimated from the same data (Hall 1992, section 2.4; for the last
 * one, of noise in it, Student's t with 2/uncertainty degrees of freedom). */
static double expanded_quantile(const moments *m, double z)
{
    double variance = m->sampling + m->noise;
    double cube = variance * sqrt(variance);
    double skew = m->third / cube;
    double together = m->estimate / cube;
    double tails = m->fourth / (variance * variance);
    double doubt = fmin(m->uncertainty / (variance * variance), 1);
    double z2 = z * z;
    return z - together / 2 + (skew - 3 * together) * (z2 - 1) / 6 + tails * z * (z2 - 3) / 24 -
           skew * skew * z * (2 * z2 - 5) / 36 + doubt * z * (z2 + 1) / 8;
}

/* How much of the probability of just what was counted belongs to what is further out, where there
 * is no noise: a half (mid-p) covers too seldom below 100 records, all of it too often. */
static const double OWN_SHARE = 2.0 / 3;

/* P(noise > y). */
static double noise_tail(const moments *m, double fourth, double y)
{
    if (m->noise <= 0)
        return y < 0 ? 1 : (y > 0 ? 0 : OWN_SHARE);
    double z = y / sqrt(m->noise);
    double tails = fourth / (m->noise * m->noise);
    double tail = evh_normal_tail(z) + evh_normal_density(z) * tails * z * (z * z - 3) / 24;
    return fmin(fmax(tail, 0), 1);
}

typedef struct counting {
    double n;    /* binomial: whole number; Poisson: INFINITY */
    double rate; /* binomial: the odds; Poisson: the mean */
} counting;

/* P(count + 1) / P(count). */
static double step_up(const counting *c, double count)
{
    return isinf(c->n) ? c->rate / (count + 1) : (c->n - count) / (count + 1) * c->rate;
}

/* P(T beyond t on this side) when counts are few: a sum over every count, from the most likely one
 * outwards, and over the noise of each. Of two outcomes the rarer one is counted, so that there are
 * some hundred counts at most. */
static double counted_tail(const evh_quotient *q, const moments *m, double x, double t, int side)
{
    double n = fmax(round(q->denominator), 1);
    bool poisson = q->sampling == EVH_SAMPLING_POISSON;
    bool mirrored = !poisson && x > 0.5;
    double share = mirrored ? 1 - x : x;
    const counting c = {.n = poisson ? INFINITY : n, .rate = poisson ? n * x : share / (1 - share)};
    double fourth = noise_fourth(q, x, m->noise);
    double mode = fmin(floor((n + !poisson) * share), n);
    double weights = 0;
    double sum = 0;
    double weight = 1;
    double count = mode;
    while (weight > NEGLIGIBLE) {
        weights += weight;
        sum +=
            weight * noise_tail(m, fourth, side * (t - ((mirrored ? n - count : count) - n * x)));
        weight *= step_up(&c, count);
        count += 1;
    }
    weight = 1;
    count = mode;
    while (count > 0) {
        count -= 1;
        weight /= step_up(&c, count);
        if (weight < NEGLIGIBLE)
            break;
        weights += weight;
        sum +=
            weight * noise_tail(m, fourth, side * (t - ((mirrored ? n - count : count) - n * x)));
    }
    return sum / weights;
}

static bool is_counted(const evh_quotient *q, const moments *m)
{
    if (q->sampling != EVH_SAMPLING_BINOMIAL && q->sampling != EVH_SAMPLING_POISSON)
        return false;
    double variance = m->sampling + m->noise;
    return m->sampling > 0 && m->sampling < FEW &&
           m->sampling > STRAIGHT * variance * sqrt(variance);
}

/* A denominator is shown when it is high enough, and noise helped it there: without what it has
 * probably added, T would be as far on this side as this, or less. */
static double without_excess(const evh_quotient *q, double x, double t, int side)
{
    if (q->excess <= 0)
        return t;
    double together = (q->noise_both - x * q->noise_denominator) / q->noise_denominator;
    return side * fmin(side * t, side * (t - together * q->excess));
}

/* Above 0 unless T(x) is further on one side than chance allows: side 1 too large, -1 too small. */
static double margin_at(const evh_quotient *q, double x, double z, int side)
{
    static const double SMALLEST = 1e-300;
    double t = without_excess(q, x, q->numerator - x * q->denominator, side);
    moments m = moments_at(q, x);
    if (m.noise < HARDLY_ANY) {
        m.fourth -= noise_fourth(q, x, m.noise);
        m.noise = 0;
    }
    double variance = m.sampling + m.noise;
    if (variance <= 0)
        return side * t > 0 ? -1 : 1;
    if (is_counted(q, &m))
        return log(fmax(counted_tail(q, &m, x, t, side), SMALLEST) / evh_normal_tail(z));
    return side * (expanded_quantile(&m, side * z) - t / sqrt(variance));
}

enum { OUTWARDS = 200, STEPS = 90 };
static const double CLOSE = 1e-12; /* relative to the distance from the estimate */

/* Where the margin becomes 0 between a place inside and one outside, by false position (Illinois:
 * the weight of an end that stays is halved), halving every third time. */
static double find_between(const evh_quotient *q, const double places[2], const double margins[2],
                           double z, int side)
{
    double from = q->numerator / q->denominator;
    double inside = places[0];
    double outside = places[1];
    double good = margins[0];
    double bad = margins[1];
    int moved = 0; /* 1: the inner end, -1: the outer one */
    for (int i = 0; i < STEPS; i++) {
        if (fabs(outside - inside) <= CLOSE * fabs(outside - from))
            break;
        double part = i % 3 == 2 ? 0.5 : fmin(fmax(good / (good - bad), 0.001), 0.999);
        double next = inside + part * (outside - inside);
        double margin = margin_at(q, next, z, side);
        if (margin > 0) {
            inside = next;
            good = margin;
            bad /= moved == 1 ? 2 : 1;
        } else {
            outside = next;
            bad = margin;
            good /= moved == -1 ? 2 : 1;
        }
        moved = margin > 0 ? 1 : -1;
    }
    return inside;
}

/* The end of the values that are not rejected, from the estimate to one side. */
static bool find_end(double *out, const evh_quotient *q, double from, double step, double z)
{
    int side = step < 0 ? 1 : -1;
    double places[2] = {from, from + step};
    double margins[2] = {margin_at(q, from, z, side), margin_at(q, from + step, z, side)};
    for (int i = 0; margins[1] > 0; i++) {
        if (i == OUTWARDS)
            return false;
        step *= 2;
        places[0] = places[1];
        margins[0] = margins[1];
        places[1] = from + step;
        margins[1] = margin_at(q, places[1], z, side);
    }
    *out = margins[0] > 0 ? find_between(q, places, margins, z, side) : from;
    return true;
}

void evh_quotient_variances(const evh_quotient *q, double *sampling, double *privacy)
{
    double x = q->numerator / q->denominator;
    moments m = moments_at(q, x);
    /* A count of 0, or of all, varies too: where it is one record less extreme. */
    if (m.sampling <= 0 && isfinite(q->lowest)) {
        double nearest = fmin(1, q->denominator / q->unit / 2) / (q->denominator / q->unit);
        double range = isinf(q->highest) ? 1 : q->highest - q->lowest;
        double inside =
            x <= q->lowest ? q->lowest + nearest * range / 2 : q->highest - nearest * range / 2;
        if (q->sampling == EVH_SAMPLING_BINOMIAL || q->sampling == EVH_SAMPLING_POISSON)
            m.sampling = moments_at(q, inside).sampling;
    }
    double slope = 1 / q->denominator;
    if (q->map == EVH_MAP_SCALE)
        slope *= q->scale;
    else if (q->map == EVH_MAP_F1)
        slope *= 2 / ((1 + fmax(x, 0)) * (1 + fmax(x, 0)));
    else
        slope *= x > 0 ? sqrt(q->scale / x) / 2 : 0;
    *sampling = m.sampling * slope * slope;
    *privacy = m.noise * slope * slope;
}

bool evh_quotient_is_clear(const evh_quotient *q, double z)
{
    return q->denominator > 0 && q->denominator * q->denominator > z * z * q->noise_denominator;
}

/* Beyond these standard deviations above the limit selection does not matter. */
static const double WELL_ABOVE = 4;

/* The denominator less its median-unbiased estimate among those that are above the limit: the value
 * at which half of them would be further above than this one (not below 0). */
static double excess_of(const evh_quotient *q, double limit)
{
    if (q->noise_denominator <= 0)
        return 0;
    double sd = sqrt(q->noise_denominator);
    double seen = q->denominator / sd;
    if (seen > limit + WELL_ABOVE)
        return 0;
    double low = 0;
    double high = seen;
    for (int i = 0; i < HALVINGS; i++) {
        double middle = (low + high) / 2;
        if (2 * evh_normal_tail(seen - middle) > evh_normal_tail(limit - middle))
            high = middle;
        else
            low = middle;
    }
    return (seen - low) * sd;
}

bool evh_quotient_ends(double ends[2], const evh_quotient *of, double z)
{
    ends[0] = ends[1] = 0;
    if (!evh_quotient_is_clear(of, z))
        return false;
    evh_quotient q = *of;
    q.excess = excess_of(of, z);
    double from = q.numerator / q.denominator;
    moments m = moments_at(&q, from);
    double least = 1e-6 * (isinf(q.highest) ? fmax(fabs(from), 1e-3) : q.highest - q.lowest);
    double step = fmax(z * sqrt(m.sampling + m.noise) / q.denominator, least);
    double low = fmin(q.lowest, from);
    double high = fmax(q.highest, from);
    (void)find_end(&low, &q, from, -step, z);
    if (!find_end(&high, &q, from, step, z) && isinf(q.highest))
        return false;
    ends[0] = evh_quotient_metric(&q, low);
    ends[1] = evh_quotient_metric(&q, high);
    return true;
}
