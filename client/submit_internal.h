/* SPDX-License-Identifier: Apache-2.0
 * client/submit_internal.h: the parts of a submission that look at counts. */
#ifndef EVH_CLIENT_SUBMIT_INTERNAL_H
#define EVH_CLIENT_SUBMIT_INTERNAL_H

#include "evenhand/cli/cli.h"
#include "evenhand/plan/plan.h"

/* What a group counts for when it is held against smallest_group. */
int64_t evh_group_size(const evh_plan *plan, const int64_t *cells);

/* Points out groups of at least one and fewer than `smallest` units (0: none) on standard error. */
evh_status evh_small_groups_note(evh_cli *cli, const evh_plan *plan, const int64_t *cells,
                                 uint64_t smallest);

#endif
