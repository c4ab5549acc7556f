/* SPDX-License-Identifier: Apache-2.0
 * scoring/tally_internal.h: a unit's records summed up by kind, as long as no cap clips them.
 * Kinds are different payloads (groups and scores); for scorers that add up their values, different
 * groups. Which of a unit's records are used can only matter when not all of them are.
 * Tests    unit/scoring/test_bounding.c */
#ifndef EVH_SCORING_TALLY_INTERNAL_H
#define EVH_SCORING_TALLY_INTERNAL_H

#include "units_internal.h"
#include "walk_internal.h"

/* Counts one more record of a kind that the unit has had before; false, and nothing changed, when
 * there is more to look at: a new kind, or a cap that may be reached. */
bool evh_tally_bump(const evh_walk *walk, const evh_unit_table *units, evh_unit *unit,
                    const uint32_t *payload);

/* Counts a record. *fits is false when the unit is over a cap with it, or has too many kinds: its
 * sums are then not to be used. Fails MEMORY. */
EVH_MUST_USE evh_status evh_tally_add(const evh_walk *walk, const evh_unit_table *units,
                                      evh_unit *unit, const uint32_t *payload, bool *fits);

#endif
