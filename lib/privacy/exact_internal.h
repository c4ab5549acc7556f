/* SPDX-License-Identifier: Apache-2.0
 * exact_internal.h: exact sums of pure epsilons. */
#ifndef EVH_PRIVACY_EXACT_INTERNAL_H
#define EVH_PRIVACY_EXACT_INTERNAL_H

#include "evenhand/base/uint128.h"
#include "evenhand/privacy/accounting.h"

/* A number >= 0: num/den when exact (both below 2^127), and always a double not below it. */
typedef struct evh_exact {
    bool exact;
    evh_u128 num;
    evh_u128 den;
    double bound;
} evh_exact;

evh_exact evh_exact_of(evh_u128 num, evh_u128 den);
evh_exact evh_exact_infinity(void);
evh_exact evh_exact_add(evh_exact a, evh_exact b);
evh_exact evh_exact_times(evh_exact a, uint64_t factor);

/* a <= b for certain: by the fractions when both are exact, else by the bound of a against the
 * largest double not above b (never, when b is not exact). */
bool evh_exact_at_most(evh_exact a, evh_exact b);

#endif
