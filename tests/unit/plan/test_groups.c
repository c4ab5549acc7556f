/* SPDX-License-Identifier: Apache-2.0 */
#include "evenhand/plan/groups.h"

#include "plans.h"
#include "support/test.h"
#include "tests.h"

/* a: 2+2 values, b: 3+2, c: 1+2, half: 2+2. Releases a,b (20 groups) and b,c (15). */
static void test_groupings_order_and_size(void **state)
{
    (void)state;
    evh_plan *plan = parse_plan(plan_two_releases);
    static const struct {
        size_t attributes[2];
        size_t count;
        size_t groups;
        size_t release;
        size_t first_cell;
    } rows[] = {
        {{0, 1}, 2, 20, 0, 0}, {{1, 2}, 2, 15, 1, 40}, {{1}, 1, 5, 1, 40},
        {{3}, 1, 4, 1, 40},    {{0, 3}, 2, 16, 0, 0},  {{0}, 0, 1, 1, 40},
    };
    assert_int_equal(evh_plan_release_count(plan), 2);
    assert_int_equal(evh_plan_grouping_count(plan), 6);
    for (size_t i = 0; i < 6; i++) {
        const evh_plan_grouping *grouping = evh_plan_grouping_at(plan, i);
        assert_int_equal(grouping->derived, i >= 2);
        assert_int_equal(grouping->attribute_count, rows[i].count);
        for (size_t k = 0; k < rows[i].count; k++)
            assert_int_equal(grouping->attributes[k], rows[i].attributes[k]);
        assert_int_equal(grouping->group_count, rows[i].groups);
        assert_int_equal(grouping->release, rows[i].release);
        assert_int_equal(grouping->first_cell, rows[i].first_cell);
    }
    assert_int_equal(evh_plan_cell_count(plan), 70);
    evh_plan_free(&plan);
}

static void test_group_of_and_values_are_inverse(void **state)
{
    (void)state;
    evh_plan *plan = parse_plan(plan_two_releases);
    for (size_t i = 0; i < evh_plan_grouping_count(plan); i++) {
        const evh_plan_grouping *grouping = evh_plan_grouping_at(plan, i);
        for (size_t g = 0; g < grouping->group_count; g++) {
            size_t values[EVH_PLAN_ATTRIBUTES_MAX] = {0};
            size_t all[EVH_PLAN_ATTRIBUTES_MAX] = {0};
            evh_plan_group_values(plan, grouping, g, values);
            for (size_t k = 0; k < grouping->attribute_count; k++) {
                assert_true(values[k] < evh_plan_value_count(plan, grouping->attributes[k]));
                all[grouping->attributes[k]] = values[k];
            }
            assert_int_equal(evh_plan_group_of(plan, grouping, all), g);
        }
    }
    /* a: 2 declared of 4 values, b: 3 of 5 */
    size_t declared = 0;
    for (size_t g = 0; g < 20; g++)
        declared += evh_plan_group_is_declared(plan, evh_plan_grouping_at(plan, 0), g);
    assert_int_equal(declared, 2 * 3);
    assert_true(evh_plan_group_is_declared(plan, evh_plan_grouping_at(plan, 0), 7));
    assert_false(evh_plan_group_is_declared(plan, evh_plan_grouping_at(plan, 0), 8));
    assert_true(evh_plan_group_is_declared(plan, evh_plan_grouping_at(plan, 5), 0));
    /* the last attribute runs fastest */
    size_t values[2] = {9, 9};
    evh_plan_group_values(plan, evh_plan_grouping_at(plan, 0), 6, values);
    assert_int_equal(values[0], 1);
    assert_int_equal(values[1], 1);
    evh_plan_free(&plan);
}

static void test_cell_at_walks_the_vector_once(void **state)
{
    (void)state;
    evh_plan *plan = parse_plan(plan_speech);
    size_t next = 0;
    for (size_t r = 0; r < evh_plan_release_count(plan); r++)
        for (size_t g = 0; g < evh_plan_grouping_at(plan, r)->group_count; g++)
            for (size_t m = 0; m < evh_plan_model_slots(plan); m++)
                for (size_t c = 0; c < evh_plan_cells_per_group(plan); c++)
                    assert_int_equal(evh_plan_cell_at(plan, r, g, m, c), next++);
    assert_int_equal(next, evh_plan_cell_count(plan));
    assert_int_equal(next, 5 * 5 * 2 * 3);
    evh_plan_free(&plan);
}

/* Every release group counts once in every derived grouping, in the group its values say. */
static void test_sum_grouping_matches_values(void **state)
{
    (void)state;
    evh_plan *plan = parse_plan(plan_two_releases);
    int64_t cells[70];
    for (size_t i = 0; i < 70; i++)
        cells[i] = (int64_t)(i * i) - 1000;
    for (size_t i = 0; i < evh_plan_grouping_count(plan); i++) {
        const evh_plan_grouping *grouping = evh_plan_grouping_at(plan, i);
        const evh_plan_grouping *release = evh_plan_grouping_at(plan, grouping->release);
        int64_t sums[40] = {0};
        int64_t expected[40] = {0};
        for (size_t g = 0; g < release->group_count; g++) {
            size_t in_release[2] = {0};
            size_t all[4] = {0};
            evh_plan_group_values(plan, release, g, in_release);
            for (size_t k = 0; k < release->attribute_count; k++)
                all[release->attributes[k]] = in_release[k];
            /* half: b1, b2 -> low, b3 -> high, _other and _missing stay */
            static const size_t half[] = {0, 0, 1, 2, 3};
            all[3] = half[all[1]];
            size_t to = evh_plan_group_of(plan, grouping, all);
            assert_int_equal(evh_plan_group_from_release(plan, grouping, g), to);
            for (size_t c = 0; c < 2; c++)
                expected[2 * to + c] += cells[release->first_cell + 2 * g + c];
        }
        assert_ok(evh_plan_sum_grouping(plan, grouping, cells, sums));
        assert_memory_equal(sums, expected, sizeof sums);
    }
    evh_plan_free(&plan);
}

static void test_sum_grouping_refuses_overflow(void **state)
{
    (void)state;
    evh_plan *plan = parse_plan(plan_two_releases);
    int64_t cells[70] = {0};
    int64_t sums[10] = {7, 7, 7, 7, 7, 7, 7, 7, 7, 7};
    cells[40] = INT64_MAX;
    cells[42] = 1;
    assert_fails(evh_plan_sum_grouping(plan, evh_plan_grouping_at(plan, 2), cells, sums),
                 EVH_ERR_RANGE);
    for (size_t i = 0; i < 10; i++)
        assert_true(sums[i] == 0);
    evh_plan_free(&plan);
}

int run_groups_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_groupings_order_and_size),
        cmocka_unit_test(test_group_of_and_values_are_inverse),
        cmocka_unit_test(test_cell_at_walks_the_vector_once),
        cmocka_unit_test(test_sum_grouping_matches_values),
        cmocka_unit_test(test_sum_grouping_refuses_overflow),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
