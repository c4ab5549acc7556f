/* SPDX-License-Identifier: Apache-2.0
 * plan/groups.h: groups and cells of a plan, in the one order that everybody uses.
 * A grouping is a list of attributes, in the plan's order of attributes. Its groups are the cross
 * product of their values, the last attribute running fastest; each attribute has two more values
 * after the declared ones, `_other` and `_missing`. Groupings are the releases in the plan's order,
 * then the derived ones, which are summed from a release.
 * The vector of cells holds, for each release in turn, for each group, for each model, the scorer's
 * cells.
 * Threads  any          Memory   evh_plan_value_of may grow its scratch buffer
 * Tests    unit/plan/test_groups.c, unit/plan/test_values.c */
#ifndef EVH_PLAN_GROUPS_H
#define EVH_PLAN_GROUPS_H

#include "evenhand/plan/plan.h"

#define EVH_PLAN_OTHER "_other"
#define EVH_PLAN_MISSING "_missing"

typedef struct evh_plan_grouping {
    bool derived;
    const size_t *attributes; /* [attribute_count] indices, rising */
    size_t attribute_count;
    size_t group_count;
    size_t release;    /* the release it is summed from; a release is its own */
    size_t first_cell; /* of that release in the vector of cells */
} evh_plan_grouping;

size_t evh_plan_release_count(const evh_plan *plan);

/* Releases and derived groupings together; the first evh_plan_release_count are the releases. */
size_t evh_plan_grouping_count(const evh_plan *plan);

/* Borrowed; index < evh_plan_grouping_count. */
const evh_plan_grouping *evh_plan_grouping_at(const evh_plan *plan, size_t index);

/* ---- values ---- */

/* Declared values and two more. */
size_t evh_plan_value_count(const evh_plan *plan, size_t attribute);

/* "_other" for value_count, "_missing" for value_count + 1. */
const char *evh_plan_value_name(const evh_plan *plan, size_t attribute, size_t value);

/* The value of an attribute that a raw text means: trimmed, in NFC, looked up or put in a band.
 * Empty is _missing; what the plan does not list, or lies outside all bands, or is no number where
 * bands are, is _other. A mapped attribute takes the text of the attribute it is made from.
 *   scratch  the caller's, its content is replaced; used for texts outside ASCII
 * Fails    ENCODING text that is not UTF-8; MEMORY; *value is then _other.
 * Cost     expected O(length) */
EVH_MUST_USE evh_status evh_plan_value_of(const evh_plan *plan, size_t attribute, evh_view text,
                                          evh_buffer *scratch, size_t *value);

/* ---- groups ---- */

/* The group of a grouping that holds these values, [attribute_count of the plan]. */
size_t evh_plan_group_of(const evh_plan *plan, const evh_plan_grouping *grouping,
                         const size_t *values);

/* The values of a group, [attribute_count of the grouping], in the grouping's order. */
void evh_plan_group_values(const evh_plan *plan, const evh_plan_grouping *grouping, size_t group,
                           size_t *values);

/* False when a value of the group is `_other` or `_missing`. */
bool evh_plan_group_is_declared(const evh_plan *plan, const evh_plan_grouping *grouping,
                                size_t group);

/* The group of a derived grouping (or of the release itself) to which a group of its release
 * belongs. */
size_t evh_plan_group_from_release(const evh_plan *plan, const evh_plan_grouping *grouping,
                                   size_t release_group);

/* ---- cells ---- */

/* Cells of one group of one model, and their names, in the scorer's order. */
size_t evh_plan_cells_per_group(const evh_plan *plan);
const char *evh_plan_cell_name(const evh_plan *plan, size_t cell);

/* Length of the whole vector: what one report holds. */
size_t evh_plan_cell_count(const evh_plan *plan);

/* Position in the vector of a cell of a release. */
size_t evh_plan_cell_at(const evh_plan *plan, size_t release, size_t group, size_t model,
                        size_t cell);

/* Sums a grouping out of the whole vector.
 *   out    [group_count * models * cells per group], groups, then models, then cells
 *   cells  [evh_plan_cell_count]
 * Fails    RANGE a sum passes 63 bits; out is then all zero. */
EVH_MUST_USE evh_status evh_plan_sum_grouping(const evh_plan *plan,
                                              const evh_plan_grouping *grouping,
                                              const int64_t *cells, int64_t *out);

#endif
