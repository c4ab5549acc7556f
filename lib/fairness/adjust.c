/* SPDX-License-Identifier: Apache-2.0
 * The sums nearest to the released ones, in units of their noise, that are possible: none negative,
 * and the same wherever two releases count the same. The true sums are possible, so this never
 * leads further away from them (projection on a convex set); alternating projections find it
 * (Dykstra 1983). */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "evaluation_internal.h"
#include "evenhand/base/sizes.h"
#include "evenhand/plan/scoring.h"

enum { SWEEPS = 5000 };
static const double CLOSE = 1e-10; /* relative to the largest sum: where sweeps end */

/* Two releases and, for each of their groups, to which part of what both count it belongs. */
typedef struct overlap {
    size_t releases[2];
    size_t *parts[2];  /* [groups of the release] */
    size_t part_count; /* at least 1: the total, when they share no attribute */
} overlap;

typedef struct adjustment {
    const evh_plan *plan;
    const double *variances;
    double *cells;
    double *pushed; /* what the last cut at 0 added, taken back before the next */
    overlap *overlaps;
    size_t overlap_count;
    double *work; /* twice the largest part_count */
    size_t work_count;
} adjustment;

/* ---- what two releases share ---- */

/* Where a release holds an attribute, or the one that it is mapped from; SIZE_MAX if neither. */
static size_t source_of(const evh_plan_terms *terms, const evh_plan_grouping *release,
                        size_t attribute)
{
    const evh_plan_attribute *of = &terms->attributes[attribute];
    for (size_t i = 0; i < release->attribute_count; i++)
        if (release->attributes[i] == attribute ||
            (of->kind == EVH_PLAN_MAPPED && release->attributes[i] == of->from))
            return i;
    return SIZE_MAX;
}

/* A value of one attribute as a value of what is mapped from it; `_other` and `_missing` stay. */
static size_t mapped_value(const evh_plan_terms *terms, size_t from, size_t value, size_t to)
{
    const evh_plan_attribute *target = &terms->attributes[to];
    size_t count = terms->attributes[from].value_count;
    if (from == to)
        return value;
    return value < count ? target->map[value] : target->value_count + (value - count);
}

/* Whether both releases tell an attribute. One that is mapped from another adds nothing where both
 * tell that one. */
static bool is_shared(const evh_plan_terms *terms, const evh_plan_grouping *release,
                      const evh_plan_grouping *other, size_t attribute)
{
    const evh_plan_attribute *of = &terms->attributes[attribute];
    if (source_of(terms, release, attribute) == SIZE_MAX ||
        source_of(terms, other, attribute) == SIZE_MAX)
        return false;
    return of->kind != EVH_PLAN_MAPPED || source_of(terms, release, of->from) == SIZE_MAX ||
           source_of(terms, other, of->from) == SIZE_MAX;
}

/* The part of a group: a number with one digit for each attribute that both releases share. Each of
 * these is an attribute of one of the two, so that it is below the product of their groups. */
static size_t part_of(const evh_plan *plan, const evh_plan_grouping *release,
                      const evh_plan_grouping *other, size_t group)
{
    const evh_plan_terms *terms = evh_plan_terms_of(plan);
    size_t values[EVH_PLAN_ATTRIBUTES_MAX];
    size_t part = 0;
    evh_plan_group_values(plan, release, group, values);
    for (size_t shared = 0; shared < terms->attribute_count; shared++) {
        if (!is_shared(terms, release, other, shared))
            continue;
        size_t at = source_of(terms, release, shared);
        part = part * (terms->attributes[shared].value_count + 2) +
               mapped_value(terms, release->attributes[at], values[at], shared);
    }
    return part;
}

static int compare_parts(const void *a, const void *b)
{
    const size_t one = *(const size_t *)a;
    const size_t other = *(const size_t *)b;
    return one < other ? -1 : one > other;
}

/* Numbers the parts that there are from 0: most combinations of mapped values do not occur. */
static evh_status close_ranks(overlap *out, const size_t counts[2])
{
    evh_status status = evh_ok();
    size_t *all = NULL;
    const size_t count = counts[0] + counts[1];
    EVH_TRY(evh_alloc(&all, count, sizeof *all, "parts"));
    memcpy(all, out->parts[0], counts[0] * sizeof *all);
    memcpy(all + counts[0], out->parts[1], counts[1] * sizeof *all);
    qsort(all, count, sizeof *all, compare_parts);
    for (size_t i = 0; i < count; i++)
        if (i == 0 || all[i] != all[out->part_count - 1])
            all[out->part_count++] = all[i];
    for (size_t side = 0; side < 2; side++) {
        for (size_t group = 0; group < counts[side]; group++) {
            const size_t *found =
                bsearch(&out->parts[side][group], all, out->part_count, sizeof *all, compare_parts);
            out->parts[side][group] = (size_t)(found - all);
        }
    }

done:
    free(all);
    return status;
}

static evh_status number_parts(overlap *out, const evh_plan *plan)
{
    evh_status status = evh_ok();
    const evh_plan_grouping *both[2] = {evh_plan_grouping_at(plan, out->releases[0]),
                                        evh_plan_grouping_at(plan, out->releases[1])};
    const size_t counts[2] = {both[0]->group_count, both[1]->group_count};
    for (size_t side = 0; side < 2; side++) {
        EVH_TRY(evh_alloc(&out->parts[side], counts[side], sizeof(size_t), "parts"));
        for (size_t group = 0; group < counts[side]; group++)
            out->parts[side][group] = part_of(plan, both[side], both[1 - side], group);
    }
    EVH_TRY(close_ranks(out, counts));

done:
    return status;
}

static evh_status find_overlaps(adjustment *a)
{
    evh_status status = evh_ok();
    size_t releases = evh_plan_release_count(a->plan);
    EVH_TRY(evh_alloc(&a->overlaps, releases * releases / 2 + 1, sizeof *a->overlaps, "overlaps"));
    for (size_t first = 0; first < releases; first++) {
        for (size_t second = first + 1; second < releases; second++) {
            overlap *next = &a->overlaps[a->overlap_count++];
            *next = (overlap){.releases = {first, second}};
            EVH_TRY(number_parts(next, a->plan));
            if (next->part_count > a->work_count)
                a->work_count = next->part_count;
        }
    }
    EVH_TRY(evh_alloc(&a->work, 2 * a->work_count, sizeof *a->work, "sums"));

done:
    return status;
}

/* ---- projections ---- */

/* Makes the sums of all parts equal in both releases, moving each cell in proportion to its
 * variance. Returns the largest move. */
static double make_equal(adjustment *a, const overlap *of, size_t model, size_t cell)
{
    double *sums = a->work;
    double *spreads = a->work + a->work_count;
    double largest = 0;
    for (size_t part = 0; part < of->part_count; part++)
        sums[part] = spreads[part] = 0;
    for (size_t side = 0; side < 2; side++) {
        size_t groups = evh_plan_grouping_at(a->plan, of->releases[side])->group_count;
        for (size_t group = 0; group < groups; group++) {
            size_t at = evh_plan_cell_at(a->plan, of->releases[side], group, model, cell);
            sums[of->parts[side][group]] += side == 0 ? a->cells[at] : -a->cells[at];
            spreads[of->parts[side][group]] += a->variances[at];
        }
    }
    for (size_t side = 0; side < 2; side++) {
        size_t groups = evh_plan_grouping_at(a->plan, of->releases[side])->group_count;
        for (size_t group = 0; group < groups; group++) {
            size_t at = evh_plan_cell_at(a->plan, of->releases[side], group, model, cell);
            size_t part = of->parts[side][group];
            double move = spreads[part] > 0 ? sums[part] / spreads[part] * a->variances[at] : 0;
            a->cells[at] += side == 0 ? -move : move;
            largest = fmax(largest, fabs(move));
        }
    }
    return largest;
}

static double make_all_equal(adjustment *a)
{
    double largest = 0;
    size_t width = evh_plan_cells_per_group(a->plan);
    for (size_t i = 0; i < a->overlap_count; i++)
        for (size_t model = 0; model < evh_plan_model_slots(a->plan); model++)
            for (size_t cell = 0; cell < width; cell++)
                largest = fmax(largest, make_equal(a, &a->overlaps[i], model, cell));
    return largest;
}

static void cut_at_zero(adjustment *a)
{
    for (size_t i = 0; i < evh_plan_cell_count(a->plan); i++) {
        double before = a->cells[i] - a->pushed[i];
        a->cells[i] = fmax(before, 0);
        a->pushed[i] = a->cells[i] - before;
    }
}

/* Averages over units count a unit once in each of its groups: releases then count alike only if a
 * unit has one group. */
static bool counts_alike(const evh_plan *plan)
{
    evh_cell_layout layout = evh_plan_cell_layout(plan);
    if (layout != EVH_CELLS_WER_UNITS && layout != EVH_CELLS_REGRESSION)
        return true;
    return evh_plan_terms_of(plan)->privacy.groups_per_unit == 1;
}

evh_status evh_adjust(double *out, const evh_plan *plan, const int64_t *cells,
                      const double *variances)
{
    evh_status status = evh_ok();
    adjustment a = {.plan = plan, .variances = variances, .cells = out};
    double largest = 1;
    for (size_t i = 0; i < evh_plan_cell_count(plan); i++) {
        out[i] = (double)cells[i];
        largest = fmax(largest, fabs(out[i]));
    }
    EVH_TRY(evh_alloc(&a.pushed, evh_plan_cell_count(plan), sizeof *a.pushed, "sums"));
    if (counts_alike(plan))
        EVH_TRY(find_overlaps(&a));
    for (int sweep = 0; sweep < SWEEPS; sweep++) {
        double moved = make_all_equal(&a);
        cut_at_zero(&a);
        if (moved <= CLOSE * largest)
            break;
    }

done:
    for (size_t i = 0; i < a.overlap_count; i++) {
        free(a.overlaps[i].parts[0]);
        free(a.overlaps[i].parts[1]);
    }
    free(a.overlaps);
    free(a.pushed);
    free(a.work);
    return status;
}
