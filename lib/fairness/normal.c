/* SPDX-License-Identifier: Apache-2.0 */
#include "normal_internal.h"

#include <math.h>

static const double ROOT_OF_HALF = 0.70710678118654752440;
static const double DENSITY_AT_ZERO = 0.39894228040143267794;

double evh_normal_tail(double z)
{
    return erfc(z * ROOT_OF_HALF) / 2;
}

double evh_normal_density(double z)
{
    return DENSITY_AT_ZERO * exp(-z * z / 2);
}

/* erfc falls: halving the distance 60 times is exact. */
double evh_normal_two_sided(double outside)
{
    double low = 0;
    double high = 38;
    for (int i = 0; i < 60; i++) {
        double middle = (low + high) / 2;
        if (2 * evh_normal_tail(middle) > outside)
            low = middle;
        else
            high = middle;
    }
    return (low + high) / 2;
}
