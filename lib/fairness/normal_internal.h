/* SPDX-License-Identifier: Apache-2.0
 * fairness/normal_internal.h: the normal distribution. */
#ifndef EVH_FAIRNESS_NORMAL_INTERNAL_H
#define EVH_FAIRNESS_NORMAL_INTERNAL_H

/* P(Z > z). */
double evh_normal_tail(double z);

/* The density at z. */
double evh_normal_density(double z);

/* The z >= 0 beyond which, to both sides together, lies the share `outside` of the mass;
 * 0 < outside <= 1. */
double evh_normal_two_sided(double outside);

#endif
