/* SPDX-License-Identifier: Apache-2.0
 * Noise classes, and how much one unit can move the cells of each.
 *
 * What a unit puts into the cells is bounded before noise: k records, m groups of each release,
 * words and insertions for each model. Let the cost of a cell that moves by d be f(d). All the
 * accountant's costs have f(0) = 0 and f(d)/d never falling: pure epsilon is linear in d, the Renyi
 * divergences are convex, and Skellam's bound is a minimum of such functions. Then
 *   f(a) + f(b) <= f(a + b), and f(t d) <= t f(d) for 0 <= t <= 1,
 * so that among all ways to spread a budget over cells of one class the largest cost is reached
 * with everything in one cell, and among ways to divide it between classes with everything in one.
 * Shifts that move every cell by no more than another one does are left out with them. What
 * remains, for each scorer, is written below; docs/reference/plan.md has the argument for each. */
#include <string.h>

#include "evenhand/plan/groups.h"
#include "evenhand/plan/noise.h"
#include "plan_internal.h"

enum { KINDS_MAX = 3, NAMES_MAX = 4 };

/* How one kind of cells moves: `cells` cells by `magnitude`, for each model. */
typedef struct movement {
    uint64_t magnitude;
    uint64_t cells;
} movement;

typedef struct cell_kind {
    const char *names[NAMES_MAX];
    size_t name_count;
    double weight;
} cell_kind;

static const double expected_rate_squared = 0.04; /* rates near 1/5 */
static const double spread_weight = 0.1;          /* squares only widen or narrow an interval */

/* The kinds of cells that get the same noise, in the order of their first cell. */
static size_t kinds_of(const evh_plan_terms *terms, cell_kind kinds[KINDS_MAX])
{
    const double steps = terms->scorer == EVH_PLAN_REGRESSION ? (double)terms->scoring.steps : 100;
    const double per_step = 1 / (steps * steps);
    const cell_kind binary[] = {{{"tp", "fp", "fn", "tn"}, 4, 4}};
    const cell_kind classes[] = {{{"tp"}, 1, 1}, {{"fp", "fn"}, 2, 2}};
    const cell_kind records[] = {{{"records"}, 1, expected_rate_squared}, {{"errors"}, 1, 1}};
    const cell_kind events[] = {{{"records"}, 1, expected_rate_squared}, {{"events"}, 1, 1}};
    const cell_kind unit[] = {{{"units"}, 1, expected_rate_squared},
                              {{"rate_sum"}, 1, per_step},
                              {{"rate_squared_sum"}, 1, per_step * spread_weight}};
    const cell_kind words[] = {{{"words"}, 1, expected_rate_squared}, {{"errors"}, 1, 1}};
    const cell_kind sdi[] = {{{"words"}, 1, expected_rate_squared},
                             {{"substitutions", "deletions"}, 2, 2},
                             {{"insertions"}, 1, 1}};
    const cell_kind regression[] = {{{"units"}, 1, expected_rate_squared},
                                    {{"over", "under"}, 2, 2 * per_step},
                                    {{"squared"}, 1, per_step * spread_weight}};
    const cell_kind *from = binary;
    size_t count = 1;
    if (terms->scorer == EVH_PLAN_MULTICLASS) {
        from = terms->scoring.class_count > 0 ? classes : records;
        count = 2;
    } else if (terms->scorer == EVH_PLAN_EVENT) {
        from = events;
        count = 2;
    } else if (terms->scorer == EVH_PLAN_REGRESSION) {
        from = regression;
        count = 3;
    } else if (terms->scorer == EVH_PLAN_WER && !terms->scoring.by_word) {
        from = unit;
        count = 3;
    } else if (terms->scorer == EVH_PLAN_WER) {
        from = terms->scoring.detail_sdi ? sdi : words;
        count = terms->scoring.detail_sdi ? 3 : 2;
    }
    memcpy(kinds, from, count * sizeof kinds[0]);
    return count;
}

static uint64_t smaller(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

/* Counts of records: k records, wherever they fall. With classes a record that is right moves one
 * tp, one that is wrong an fp and an fn: two variants. */
static size_t move_records(const evh_plan_terms *terms, bool replace, uint64_t groups,
                           movement variants[2][KINDS_MAX])
{
    uint64_t k = terms->privacy.records_per_unit;
    uint64_t ends = replace ? 2 : 1;
    if (terms->scorer == EVH_PLAN_BINARY) {
        variants[0][0] = (movement){k, ends};
        return 1;
    }
    if (terms->scoring.class_count > 0) {
        variants[0][0] = (movement){k, ends};
        variants[1][1] = (movement){k, 2 * ends};
        return 2;
    }
    variants[0][0] = (movement){k, smaller(ends, groups)};
    variants[0][1] = (movement){k, smaller(ends, groups)};
    return 1;
}

/* Averages over units: in each group where the unit appears one count moves by 1 and the others by
 * at most the number of steps. A unit that is replaced leaves up to m groups and enters up to m; in
 * a group that it leaves and enters, `over` and `under` may both move. */
static size_t move_units(const evh_plan_terms *terms, bool replace, uint64_t groups,
                         movement variants[2][KINDS_MAX])
{
    uint64_t m = smaller(terms->privacy.groups_per_unit, groups);
    uint64_t touched = replace ? smaller(2 * m, groups) : m;
    bool regression = terms->scorer == EVH_PLAN_REGRESSION;
    uint64_t steps = regression ? terms->scoring.steps : 100;
    variants[0][0] = (movement){1, touched};
    variants[0][1] = (movement){steps, regression && replace ? 2 * m : touched};
    variants[0][2] = (movement){steps, touched};
    return 1;
}

/* Counts of words. Substitutions and deletions together are at most the words. With a single group
 * a unit that is replaced moves its words once, but both substitutions and deletions. */
static size_t move_words(const evh_plan_terms *terms, bool replace, uint64_t groups,
                         movement variants[2][KINDS_MAX])
{
    uint64_t words = terms->privacy.words_per_unit;
    uint64_t insertions = terms->privacy.insertions_per_unit;
    uint64_t ends = replace ? smaller(2, groups) : 1;
    if (words == 0)
        return 0;
    variants[0][0] = (movement){words, ends};
    if (!terms->scoring.detail_sdi) {
        variants[0][1] = (movement){words + insertions, ends};
        return 1;
    }
    variants[0][1] = (movement){words, replace ? 2 : 1};
    variants[0][2] = (movement){insertions, ends};
    return 1;
}

/* The ways in which a unit moves the cells of a release with so many groups. */
static size_t movements(const evh_plan_terms *terms, bool replace, uint64_t groups,
                        movement variants[2][KINDS_MAX])
{
    memset(variants, 0, 2 * sizeof variants[0]);
    if (terms->scorer == EVH_PLAN_REGRESSION ||
        (terms->scorer == EVH_PLAN_WER && !terms->scoring.by_word))
        return move_units(terms, replace, groups, variants);
    if (terms->scorer == EVH_PLAN_WER)
        return move_words(terms, replace, groups, variants);
    return move_records(terms, replace, groups, variants);
}

/* A unit moves the cells of all releases at once, and of all models. Whether a record is right does
 * not depend on the release, so one variant holds for all of them. */
static bool build_shifts(evh_plan_context *context, evh_adjacency adjacency, size_t kind_count,
                         evh_plan_shifts *out)
{
    evh_plan *plan = context->plan;
    movement moves[2][KINDS_MAX];
    bool replace = adjacency == EVH_REPLACE_ONE;
    size_t variants = movements(&plan->terms, replace, 1, moves);
    evh_shift *shifts = NULL;
    if (!evh_plan_take(context, &shifts, variants, sizeof shifts[0]))
        return false;
    for (size_t v = 0; v < variants; v++) {
        evh_shift_term *terms = NULL;
        if (!evh_plan_take(context, &terms, plan->class_count, sizeof terms[0]))
            return false;
        for (size_t r = 0; r < plan->release_count; r++) {
            (void)movements(&plan->terms, replace, plan->groupings[r].group_count, moves);
            for (size_t kind = 0; kind < kind_count; kind++) {
                if (moves[v][kind].cells == 0)
                    continue;
                evh_shift_term *term = &terms[shifts[v].count++];
                term->noise = (uint32_t)(r * kind_count + kind);
                term->magnitude = (uint32_t)moves[v][kind].magnitude;
                term->cells = (uint32_t)(moves[v][kind].cells * evh_plan_model_slots(plan));
            }
        }
        shifts[v].terms = terms;
    }
    out->shifts = shifts;
    out->count = variants;
    return true;
}

/* Noise of a release's cells enters the rates of every grouping that is summed from it. With N
 * units spread over g groups a rate has N/g of them and the noise of G/g cells, G the groups of the
 * release: its variance is (G/g) / (N/g)^2, in proportion to G g. Groupings that a question asks
 * about count ten times. */
static double release_weight(const evh_plan *plan, size_t release)
{
    double weight = 0;
    for (size_t i = 0; i < plan->grouping_count; i++) {
        if (plan->groupings[i].release != release)
            continue;
        double importance = 1;
        for (size_t q = 0; q < plan->terms.question_count; q++) {
            if (plan->terms.questions[q].grouping == i)
                importance = 10;
        }
        weight += importance * (double)plan->groupings[i].group_count;
    }
    return weight * (double)plan->groupings[release].group_count;
}

static bool name_class(evh_plan_context *context, const cell_kind *kind, evh_plan_noise_class *to)
{
    const char **names = NULL;
    if (!evh_plan_take(context, &names, kind->name_count, sizeof names[0]))
        return false;
    memcpy(names, kind->names, kind->name_count * sizeof names[0]);
    to->names = names;
    to->name_count = kind->name_count;
    return true;
}

/* "tp" is the kind of "tp" and of every "tp:CLASS". */
static size_t kind_of_cell(const char *cell, const cell_kind *kinds, size_t kind_count)
{
    size_t len = strcspn(cell, ":");
    for (size_t kind = 0; kind < kind_count; kind++) {
        for (size_t i = 0; i < kinds[kind].name_count; i++) {
            if (strlen(kinds[kind].names[i]) == len && memcmp(kinds[kind].names[i], cell, len) == 0)
                return kind;
        }
    }
    return 0;
}

bool evh_plan_build_noise_classes(evh_plan_context *context)
{
    evh_plan *plan = context->plan;
    cell_kind kinds[KINDS_MAX];
    size_t kind_count = kinds_of(&plan->terms, kinds);
    evh_plan_noise_class *classes = NULL;
    uint8_t *kind_of = NULL;
    plan->class_count = plan->release_count * kind_count;
    if (!evh_plan_take(context, &classes, plan->class_count, sizeof classes[0]) ||
        !evh_plan_take(context, &kind_of, plan->cells_per_group, sizeof kind_of[0]))
        return false;
    for (size_t c = 0; c < plan->cells_per_group; c++)
        kind_of[c] = (uint8_t)kind_of_cell(plan->cell_names[c], kinds, kind_count);
    for (size_t i = 0; i < plan->class_count; i++) {
        const cell_kind *kind = &kinds[i % kind_count];
        classes[i].release = i / kind_count;
        classes[i].weight = kind->weight * release_weight(plan, i / kind_count);
        if (!name_class(context, kind, &classes[i]))
            return false;
        size_t per_group = 0;
        for (size_t c = 0; c < plan->cells_per_group; c++)
            per_group += kind_of[c] == i % kind_count;
        classes[i].cell_count =
            per_group * evh_plan_model_slots(plan) * plan->groupings[i / kind_count].group_count;
    }
    plan->classes = classes;
    plan->kind_count = kind_count;
    plan->kind_of_cell = kind_of;
    return build_shifts(context, EVH_ADD_REMOVE, kind_count, &plan->shifts[EVH_ADD_REMOVE]) &&
           build_shifts(context, EVH_REPLACE_ONE, kind_count, &plan->shifts[EVH_REPLACE_ONE]);
}

size_t evh_plan_noise_class_count(const evh_plan *plan)
{
    return plan->class_count;
}

const evh_plan_noise_class *evh_plan_noise_class_at(const evh_plan *plan, size_t index)
{
    return &plan->classes[index];
}

size_t evh_plan_noise_class_of(const evh_plan *plan, size_t position)
{
    size_t release = plan->release_count - 1;
    while (plan->groupings[release].first_cell > position)
        release--;
    size_t cell = (position - plan->groupings[release].first_cell) % plan->cells_per_group;
    return release * plan->kind_count + plan->kind_of_cell[cell];
}

evh_plan_shifts evh_plan_shifts_of(const evh_plan *plan, evh_adjacency adjacency)
{
    return plan->shifts[adjacency];
}
