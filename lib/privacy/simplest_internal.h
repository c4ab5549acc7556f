/* SPDX-License-Identifier: Apache-2.0
 * simplest_internal.h: the fraction a person would write for a number that need not be exact. */
#ifndef EVH_PRIVACY_SIMPLEST_INTERNAL_H
#define EVH_PRIVACY_SIMPLEST_INTERNAL_H

#include "evenhand/privacy/mechanism.h"

/* A fraction with a small denominator in [low, high], 0 < low < high, up to the rounding of
 * doubles; false when none was found with both parts in range. */
EVH_MUST_USE bool evh_simplest_rational(double low, double high, evh_rational *out);

#endif
