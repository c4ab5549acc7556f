/* SPDX-License-Identifier: Apache-2.0
 * renyi_internal.h: upper bounds on Renyi divergences and on the epsilon they give. */
#ifndef EVH_PRIVACY_RENYI_INTERNAL_H
#define EVH_PRIVACY_RENYI_INTERNAL_H

#include "evenhand/privacy/accounting.h"

/* An upper bound on the epsilon of all charges at delta > 0, by the best Renyi order that a search
 * finds: every order gives a valid bound. INFINITY when a shift reaches a cell without noise. The
 * charges have been checked. */
double evh_renyi_epsilon(const evh_charge *charges, size_t count, double delta);

#endif
