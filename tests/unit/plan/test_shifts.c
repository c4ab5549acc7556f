/* SPDX-License-Identifier: Apache-2.0
 * The listed shifts against everything that one unit can really cause: every sequence of records
 * from a small alphabet goes through the scorer and the bounding, and no vector, or difference of
 * two, may cost more than the worst listed shift, whatever the accountant's cost function. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "evenhand/plan/groups.h"
#include "evenhand/plan/noise.h"
#include "evenhand/plan/scoring.h"
#include "plans.h"
#include "support/test.h"
#include "tests.h"

enum { CELLS_MAX = 96, VECTORS_MAX = 4096, RECORDS_MAX = 3, COSTS = 12 };

typedef struct outcome {
    const char *truth;
    const char *estimate;
} outcome;

/* An alphabet of records: any outcome for each model in any of the groups of attribute a. */
typedef struct world {
    evh_plan *plan;
    evh_scorer *scorer;
    const outcome *outcomes;
    size_t outcome_count;
    size_t letters; /* groups * outcomes^models */
    int64_t (*vectors)[CELLS_MAX];
    size_t vector_count;
} world;

/* Adds the record that a letter stands for. */
static void add_letter(const world *w, evh_bounding *bounding, size_t letter)
{
    size_t groups[2] = {0, 0};
    uint32_t release_groups[2] = {0, 0};
    evh_score scores[2];
    uint8_t name = (uint8_t)letter;
    size_t models = evh_plan_model_slots(w->plan);
    groups[0] = letter % evh_plan_value_count(w->plan, 0);
    size_t rest = letter / evh_plan_value_count(w->plan, 0);
    for (size_t m = 0; m < models; m++) {
        const outcome *known = &w->outcomes[rest % w->outcome_count];
        rest /= w->outcome_count;
        assert_ok(evh_scorer_score(w->scorer, &scores[m], evh_view_of_text(known->truth),
                                   evh_view_of_text(known->estimate)));
        assert_false(scores[m].skipped);
    }
    for (size_t r = 0; r < evh_plan_release_count(w->plan); r++)
        release_groups[r] =
            (uint32_t)evh_plan_group_of(w->plan, evh_plan_grouping_at(w->plan, r), groups);
    assert_ok(evh_bounding_add(bounding, evh_view_of_text("u"), evh_view_of(&name, 1),
                               release_groups, scores));
}

static bool is_known(const world *w, const int64_t *vector)
{
    for (size_t i = 0; i < w->vector_count; i++) {
        if (memcmp(w->vectors[i], vector, CELLS_MAX * sizeof vector[0]) == 0)
            return true;
    }
    return false;
}

/* What the unit with these records adds to the vector of cells, kept once. */
static void add_vector(world *w, const size_t *letters, size_t count)
{
    evh_bounding_options options = evh_plan_bounding_options(w->plan);
    evh_bounding *bounding = NULL;
    evh_bounding_statistics statistics;
    int64_t cells[CELLS_MAX] = {0};
    options.scorer = w->scorer;
    assert_true(options.cell_count <= CELLS_MAX);
    assert_ok(evh_bounding_new(&bounding, &options));
    for (size_t i = 0; i < count; i++)
        add_letter(w, bounding, letters[i]);
    assert_ok(evh_bounding_finish(bounding, cells, &statistics));
    evh_bounding_free(&bounding);
    if (is_known(w, cells))
        return;
    assert_true(w->vector_count < VECTORS_MAX);
    memcpy(w->vectors[w->vector_count++], cells, sizeof cells);
}

/* Sequences in rising order: the order of a unit's records in the file does not matter. */
static void add_all(world *w, size_t letters[RECORDS_MAX], size_t count, size_t records)
{
    add_vector(w, letters, count);
    for (size_t next = count == 0 ? 0 : letters[count - 1]; count < records && next < w->letters;
         next++) {
        letters[count] = next;
        add_all(w, letters, count + 1, records);
    }
}

/* Cost functions with f(0) = 0 and f(d)/d never falling: linear, squares, and Skellam's minimum.
 * The weight of each class is drawn at random. */
static double cost(size_t kind, double weight, double moved)
{
    double linear = weight * moved;
    double square = weight * weight * moved * moved;
    if (kind % 3 == 0)
        return linear;
    return kind % 3 == 1 ? square : square + fmin(square * square / 4 + linear, 3 * linear);
}

static void draw_weights(double weights[8], uint64_t seed)
{
    test_rng state;
    evh_rng rng = test_rng_seeded(&state, seed);
    uint8_t bytes[8];
    assert_ok(evh_rng_fill(&rng, bytes, sizeof bytes));
    for (size_t i = 0; i < 8; i++)
        weights[i] = exp2((double)bytes[i] / 32 - 6);
}

static double cost_of_vector(const world *w, size_t kind, const double *weights, const int64_t *a,
                             const int64_t *b)
{
    double sum = 0;
    for (size_t i = 0; i < evh_plan_cell_count(w->plan); i++)
        sum +=
            cost(kind, weights[evh_plan_noise_class_of(w->plan, i)], fabs((double)(a[i] - b[i])));
    return sum;
}

static double cost_of_shifts(const world *w, size_t kind, const double *weights,
                             evh_adjacency adjacency)
{
    evh_plan_shifts shifts = evh_plan_shifts_of(w->plan, adjacency);
    double most = 0;
    assert_true(shifts.count > 0);
    for (size_t s = 0; s < shifts.count; s++) {
        double sum = 0;
        for (size_t t = 0; t < shifts.shifts[s].count; t++) {
            const evh_shift_term *term = &shifts.shifts[s].terms[t];
            sum += term->cells * cost(kind, weights[term->noise], term->magnitude);
        }
        most = fmax(most, sum);
    }
    return most;
}

/* Sound: nothing costs more. Tight: something costs as much. A replaced unit does not always reach
 * the worst of every release at once (with a single group it has to come or go, with several to
 * move), and `over` and `under` are bounded apart: there the shifts are a little too large. */
static void check_shifts(const world *w, bool tight, bool tight_when_replaced)
{
    static const int64_t nothing[CELLS_MAX] = {0};
    for (size_t kind = 0; kind < COSTS; kind++) {
        double weights[8];
        double removed = 0;
        double replaced = 0;
        draw_weights(weights, kind);
        for (size_t i = 0; i < w->vector_count; i++) {
            removed = fmax(removed, cost_of_vector(w, kind, weights, w->vectors[i], nothing));
            for (size_t k = 0; k < i; k++)
                replaced =
                    fmax(replaced, cost_of_vector(w, kind, weights, w->vectors[i], w->vectors[k]));
        }
        double most_removed = cost_of_shifts(w, kind, weights, EVH_ADD_REMOVE);
        double most_replaced = cost_of_shifts(w, kind, weights, EVH_REPLACE_ONE);
        assert_true(removed <= most_removed * (1 + 1e-12));
        assert_true(replaced <= most_replaced * (1 + 1e-12));
        if (tight)
            assert_true(removed >= most_removed * (1 - 1e-12));
        if (tight_when_replaced)
            assert_true(replaced >= most_replaced * (1 - 1e-12));
    }
}

static void check_world(const char *yaml, const outcome *outcomes, size_t outcome_count,
                        size_t records, bool tight, bool tight_when_replaced)
{
    world w = {.plan = parse_plan(yaml), .outcomes = outcomes, .outcome_count = outcome_count};
    size_t letters[RECORDS_MAX] = {0};
    assert_ok(evh_scorer_new(&w.scorer, evh_plan_scorer_options(w.plan)));
    w.vectors = calloc(VECTORS_MAX, sizeof w.vectors[0]);
    assert_non_null(w.vectors);
    w.letters = evh_plan_value_count(w.plan, 0);
    for (size_t m = 0; m < evh_plan_model_slots(w.plan); m++)
        w.letters *= outcome_count;
    add_all(&w, letters, 0, records);
    assert_true(w.vector_count > 3);
    check_shifts(&w, tight, tight_when_replaced);
    free(w.vectors);
    evh_scorer_free(&w.scorer);
    evh_plan_free(&w.plan);
}

#define PLAN(scorer, releases, privacy)                                                            \
    "name: p\nscorer: " scorer "\nattributes: [{name: a, values: [x]}]\nreleases: " releases       \
    "\nprivacy: {" privacy "}\n"
#define COUNT(list) list, sizeof(list) / sizeof((list)[0])

static const outcome labels[] = {{"1", "1"}, {"0", "1"}, {"1", "0"}, {"0", "0"}};

static void test_shifts_binary(void **state)
{
    (void)state;
    check_world(PLAN("binary", "[[a], []]", "records_per_unit: 2, groups_per_unit: 1"),
                COUNT(labels), 3, true, true);
    check_world(PLAN("binary", "[[a], []]", "records_per_unit: 2"), COUNT(labels), 3, true, true);
    check_world(PLAN("binary", "[[]]", "records_per_unit: 3"), COUNT(labels), 3, true, true);
    check_world(PLAN("binary\nmodels: [m, n]", "[[a]]", ""), COUNT(labels), 2, true, true);
}

static void test_shifts_classes_and_events(void **state)
{
    (void)state;
    check_world(
        PLAN("multiclass\nmulticlass: {classes: ['0', '1']}", "[[a], []]", "records_per_unit: 2"),
        COUNT(labels), 3, true, true);
    check_world(
        PLAN("multiclass\nmulticlass: {classes: ['0', '1']}", "[[]]", "records_per_unit: 3"),
        COUNT(labels), 3, true, true);
    check_world(PLAN("multiclass", "[[a], []]", "records_per_unit: 2"), COUNT(labels), 3, true,
                false);
    check_world(PLAN("multiclass", "[[a]]", "records_per_unit: 2"), COUNT(labels), 3, true, true);
    check_world(PLAN("event", "[[a]]", "records_per_unit: 2"), COUNT(labels), 3, true, true);
    check_world(PLAN("event\nmodels: [m, n]", "[[]]", "records_per_unit: 2"), COUNT(labels), 3,
                true, true);
}

static const outcome texts[] = {{"a", "a"},         {"a", "b"},  {"a", ""},
                                {"a", "a b c d e"}, {"a b", ""}, {"a b", "a c"},
                                {"a b", "c d"},     {"", "q q"}, {"a b", "c d q q"}};

static void test_shifts_wer_by_unit(void **state)
{
    (void)state;
    check_world(PLAN("wer\nwer: {empty_reference: count}", "[[a], []]",
                     "records_per_unit: 2, groups_per_unit: 1"),
                COUNT(texts), 2, true, false);
    check_world(PLAN("wer\nwer: {empty_reference: count}", "[[a]]", "records_per_unit: 3"),
                COUNT(texts), 2, false, true);
    check_world(PLAN("wer\nwer: {empty_reference: count}", "[[a]]",
                     "records_per_unit: 3, groups_per_unit: 2"),
                COUNT(texts), 2, true, true);
}

static void test_shifts_wer_by_word(void **state)
{
    (void)state;
    check_world(PLAN("wer\nwer: {average: word, empty_reference: count}", "[[a], []]",
                     "records_per_unit: 3, words_per_unit: 2"),
                COUNT(texts), 2, true, false);
    check_world(PLAN("wer\nwer: {average: word, empty_reference: count}", "[[a]]",
                     "records_per_unit: 3, words_per_unit: 2"),
                COUNT(texts), 2, true, true);
    check_world(PLAN("wer\nwer: {average: word, detail: sdi, empty_reference: count}", "[[a], []]",
                     "records_per_unit: 3, words_per_unit: 2"),
                COUNT(texts), 2, true, false);
    check_world(PLAN("wer\nwer: {average: word, detail: sdi, empty_reference: count}", "[[a]]",
                     "records_per_unit: 3, words_per_unit: 2, insertions_per_unit: 4"),
                COUNT(texts), 2, true, true);
    check_world(PLAN("wer\nwer: {average: word, detail: sdi, empty_reference: count}", "[[]]",
                     "records_per_unit: 3, words_per_unit: 2"),
                COUNT(texts), 2, true, false);
}

static const outcome errors[] = {{"0", "0"}, {"0", "4"},  {"0", "-4"}, {"0", "2"},
                                 {"0", "1"}, {"0", "-3"}, {"0", "99"}};

static void test_shifts_regression(void **state)
{
    (void)state;
    check_world(PLAN("regression\nregression: {bound: 4, steps: 8}", "[[a], []]",
                     "records_per_unit: 2, groups_per_unit: 1"),
                COUNT(errors), 2, true, false);
    check_world(
        PLAN("regression\nregression: {bound: 4, steps: 8}", "[[a]]", "records_per_unit: 2"),
        COUNT(errors), 3, true, false);
    check_world(PLAN("regression\nregression: {bound: 4, steps: 8}", "[[]]", ""), COUNT(errors), 2,
                true, false);
}

/* The numbers themselves, for one plan of each adjacency. */
static void test_shifts_of_the_speech_plan(void **state)
{
    (void)state;
    evh_plan *plan = parse_plan(plan_speech);
    static const uint32_t magnitudes[] = {1, 100, 100};
    for (unsigned adjacency = 0; adjacency < 2; adjacency++) {
        evh_plan_shifts shifts = evh_plan_shifts_of(plan, (evh_adjacency)adjacency);
        assert_int_equal(shifts.count, 1);
        assert_int_equal(shifts.shifts[0].count, 3);
        for (uint32_t i = 0; i < 3; i++) {
            assert_int_equal(shifts.shifts[0].terms[i].noise, i);
            assert_int_equal(shifts.shifts[0].terms[i].magnitude, magnitudes[i]);
            /* two groups of two models; twice that when a unit is replaced */
            assert_int_equal(shifts.shifts[0].terms[i].cells, adjacency == 0 ? 4 : 8);
        }
    }
    evh_plan_free(&plan);
}

static void test_shifts_without_cap_of_words(void **state)
{
    (void)state;
    evh_plan *plan = parse_plan(PLAN("wer\nwer: {average: word}", "[[a]]", ""));
    assert_int_equal(evh_plan_shifts_of(plan, EVH_ADD_REMOVE).count, 0);
    assert_int_equal(evh_plan_shifts_of(plan, EVH_REPLACE_ONE).count, 0);
    evh_plan_free(&plan);
}

int run_shifts_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_shifts_binary),
        cmocka_unit_test(test_shifts_classes_and_events),
        cmocka_unit_test(test_shifts_wer_by_unit),
        cmocka_unit_test(test_shifts_wer_by_word),
        cmocka_unit_test(test_shifts_regression),
        cmocka_unit_test(test_shifts_of_the_speech_plan),
        cmocka_unit_test(test_shifts_without_cap_of_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
