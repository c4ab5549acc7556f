/* SPDX-License-Identifier: Apache-2.0
 * plan/noise.h: noise classes, admissible shifts, the noise of each cell, and what follows for one
 * report: range, offset, VDAF parameters.
 * A noise class is a kind of cell of one release: its cells, of all groups and models, get the same
 * noise. Classes and shifts follow from the plan; the parameters are written by `plan draft`.
 * Source   docs/reference/plan.md, "Shifts", with the proof for each scorer
 * Threads  any          Memory   everything is borrowed from the plan unless it is said
 * Tests    unit/plan/test_noise.c, test_shifts.c */
#ifndef EVH_PLAN_NOISE_H
#define EVH_PLAN_NOISE_H

#include "evenhand/plan/plan.h"
#include "evenhand/privacy/accounting.h"
#include "evenhand/privacy/mechanism.h"
#include "evenhand/privacy/shift.h"

/* Which data sets are neighbours. */
typedef enum evh_adjacency {
    EVH_ADD_REMOVE, /* one unit more or less */
    EVH_REPLACE_ONE /* one unit's records become any others */
} evh_adjacency;

enum {
    EVH_PLAN_CLAMP_BITS = 60
}; /* any cell of any report of a round is clamped with probability
    * at most 2^-60 */

typedef struct evh_plan_noise_class {
    size_t release;
    const char *const *names; /* [name_count] kinds of cells: "tp" stands for every "tp:CLASS" */
    size_t name_count;
    size_t cell_count; /* cells of the vector that belong to it */
    double weight;     /* how much a published rate's variance grows with this class' */
} evh_plan_noise_class;

typedef struct evh_plan_shifts {
    const evh_shift *shifts; /* [count] */
    size_t count;
} evh_plan_shifts;

/* What `noise:` says. */
typedef struct evh_plan_noise {
    evh_adjacency adjacency;
    uint64_t offset;          /* added to every cell of a report */
    const evh_noise *classes; /* [evh_plan_noise_class_count] */
    evh_plan_shifts shifts;
} evh_plan_noise;

size_t evh_plan_noise_class_count(const evh_plan *plan);
const evh_plan_noise_class *evh_plan_noise_class_at(const evh_plan *plan, size_t index);

/* The class of a cell of the vector; position < evh_plan_cell_count. */
size_t evh_plan_noise_class_of(const evh_plan *plan, size_t position);

/* All changes of the vector that one unit can cause, up to symmetry and domination. None when a cap
 * is missing that would bound them (wer by word without words_per_unit). */
evh_plan_shifts evh_plan_shifts_of(const evh_plan *plan, evh_adjacency adjacency);

/* NULL for a draft. */
const evh_plan_noise *evh_plan_noise_of(const evh_plan *plan);

/* The noise of every cell, [evh_plan_cell_count], for evh_noise_draw.
 * Fails    INPUT a draft; out is then untouched. */
EVH_MUST_USE evh_status evh_plan_cell_noise(const evh_plan *plan, evh_noise *out);

/* Largest value of a cell of a report: 2^cell_bits - 1. */
uint64_t evh_plan_cell_max(const evh_plan *plan);

/* Whether so many cells of at most cell_max add up to less than the modulus of Field128, in which
 * reports are added up, and to no more than a signed 64-bit integer, with which sums are computed
 * on. Holds for max_clients of every plan. */
bool evh_plan_sum_fits(uint64_t reports, uint64_t cell_max);

/* Prio3 SumVec with this plan: length integers of 0..max. */
typedef struct evh_plan_vdaf {
    uint64_t length;
    uint64_t max;
    uint64_t chunk_length;
} evh_plan_vdaf;
evh_plan_vdaf evh_plan_vdaf_of(const evh_plan *plan);

/* Against whom epsilon is counted. */
typedef enum evh_plan_view {
    EVH_PLAN_VIEW_ALONE, /* who sees one customer's noised vector by itself */
    EVH_PLAN_VIEW_SUM    /* who sees only sums with at least min_honest honest shares */
} evh_plan_view;

/* What `rounds` rounds cost, for the accountant; borrowed from the plan, which is no draft.
 * EVH_PLAN_VIEW_SUM is for placement distributed. */
evh_charge evh_plan_charge(const evh_plan *plan, evh_plan_view view, uint32_t rounds,
                           uint32_t customers_per_unit);

/* The view that the plan's own epsilon is promised for. */
evh_plan_view evh_plan_promised_view(const evh_plan *plan);

/* epsilon and delta of one round, as the plan promises them. */
evh_budget evh_plan_budget(const evh_plan *plan);

/* Proposes noise for a plan without, or anew for one with: the parameters that meet epsilon and
 * delta at the least weighted variance, and the offset that goes with them.
 *   out   a new plan, complete; NULL on failure; free with evh_plan_free
 * Fails    INPUT a cap is missing, or the cells are too narrow for the noise; PRIVACY no parameters
 *          meet the budget; MEMORY */
EVH_MUST_USE evh_status evh_plan_draft(evh_plan **out, const evh_plan *plan,
                                       evh_adjacency adjacency);

/* Appends `noise:` as YAML, to stand at the end of the plan's file. Fails INPUT a draft; MEMORY. */
EVH_MUST_USE evh_status evh_plan_noise_yaml(const evh_plan *plan, evh_buffer *out);

#endif
