/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "tests.h"

static void assert_report_made_for(const fixture *f)
{
    static uint8_t expected[REPORT_BYTES];
    expected_report(expected, &f->position);
    assert_views_equal(evh_buffer_view(&f->report), evh_view_of(expected, REPORT_BYTES));
}

static evh_status never(void *context, const evh_ledger_position *position, evh_buffer *report)
{
    (void)position;
    (void)report;
    *(bool *)context = true;
    return evh_fail(EVH_ERR_RNG, "no noise");
}

static void test_charge_round_again_gives_identical_bytes(void **state)
{
    fixture *f = *state;
    evh_ledger_charge what = charge_of(1);
    assert_ok(charge(f, &what, NULL));
    assert_int_equal(f->position.sequence, 1);
    assert_report_made_for(f);
    reopen(f, EVH_LEDGER_WRITE);
    bool called = false;
    evh_ledger_maker maker = {.make = never, .context = &called};
    evh_ledger_position again;
    what.epsilon = decimal("9"); /* whatever is asked for: what was charged stands */
    assert_ok(evh_ledger_charge_round(f->ledger, &f->report, &again, &what, NULL, &maker, 0));
    assert_false(called);
    assert_memory_equal(&again, &f->position, sizeof again);
    assert_report_made_for(f);
    evh_ledger_spent spent;
    assert_ok(evh_ledger_spent_by(f->ledger, &spent, what.population, 2026));
    assert_int_equal(spent.entries, 1);
    assert_string_equal(spent.epsilon, "0.1");
}

static void test_charge_round_failed_maker_leaves_nothing(void **state)
{
    fixture *f = *state;
    evh_ledger_charge what = charge_of(1);
    bool called = false;
    bool found = true;
    evh_ledger_maker maker = {.make = never, .context = &called};
    assert_fails_with(
        evh_ledger_charge_round(f->ledger, &f->report, &f->position, &what, NULL, &maker, 0),
        EVH_ERR_RNG, "no noise");
    assert_true(called);
    assert_int_equal(f->report.len, 0);
    assert_ok(evh_ledger_find(f->ledger, &found, &f->report, &f->position, what.plan_id, 1));
    assert_false(found);
    assert_ok(charge(f, &what, NULL));
    assert_int_equal(f->position.sequence, 1);
}

static evh_status make_nothing(void *context, const evh_ledger_position *position,
                               evh_buffer *report)
{
    (void)context;
    (void)position;
    (void)report;
    return evh_ok();
}

static void test_charge_round_refuses_bad_charges(void **state)
{
    fixture *f = *state;
    evh_ledger_charge what = charge_of(1);
    what.round = 0;
    assert_fails(charge(f, &what, NULL), EVH_ERR_ARG);
    what = charge_of(1);
    what.population = view_of_literal("");
    assert_fails(charge(f, &what, NULL), EVH_ERR_ARG);
    what.population = view_of_literal("\xff");
    assert_fails(charge(f, &what, NULL), EVH_ERR_ARG);
    what = charge_of(1);
    what.epsilon = decimal("-0.1");
    assert_fails(charge(f, &what, NULL), EVH_ERR_ARG);
    what.epsilon = decimal("10000000");
    assert_fails(charge(f, &what, NULL), EVH_ERR_ARG);
    what = charge_of(1);
    what.customers_per_unit = 0;
    assert_fails(charge(f, &what, NULL), EVH_ERR_ARG);
    what = charge_of(1);
    what.window_end_ms = what.window_start_ms;
    assert_fails(charge(f, &what, NULL), EVH_ERR_ARG);
    what = charge_of(1);
    what.class_count = 1; /* a shift then names a class that is not there */
    assert_fails(charge(f, &what, NULL), EVH_ERR_RANGE);
    what = charge_of(1);
    evh_ledger_maker empty = {.make = make_nothing};
    assert_fails(
        evh_ledger_charge_round(f->ledger, &f->report, &f->position, &what, NULL, &empty, 0),
        EVH_ERR_ARG);
    evh_ledger_position tip;
    assert_ok(evh_ledger_tip(f->ledger, &tip));
    assert_int_equal(tip.sequence, 0);
}

static void test_charge_round_own_limit_per_year(void **state)
{
    fixture *f = *state;
    evh_ledger_limit limit = {
        .epsilon = decimal("1.2"), .delta = decimal("1e-5"), .per_year = true};
    for (uint32_t round = 1; round <= 12; round++) {
        evh_ledger_charge what = charge_of(round);
        assert_ok(charge(f, &what, &limit));
    }
    evh_ledger_charge other = charge_of(12);
    memset(other.plan_id, 0x22, sizeof other.plan_id);
    assert_fails_with(charge(f, &other, &limit), EVH_ERR_PRIVACY, "1.2 spent of 1.2 this year");
    assert_int_equal(f->report.len, 0);
    other.population = view_of_literal("staff");
    assert_ok(charge(f, &other, &limit)); /* another population has its own budget */
    evh_ledger_charge next_year = charge_of(13);
    assert_ok(charge(f, &next_year, &limit));
    evh_ledger_spent spent;
    assert_ok(evh_ledger_spent_by(f->ledger, &spent, next_year.population, 2027));
    assert_string_equal(spent.epsilon, "1.3");
    assert_string_equal(spent.year_epsilon, "0.1");
    assert_string_equal(spent.year_delta, "0.0000001");
    assert_int_equal(spent.entries, 13);
    assert_int_equal(spent.entries_in_year, 1);
}

static void test_charge_round_own_limit_over_life_and_delta(void **state)
{
    fixture *f = *state;
    evh_ledger_limit limit = {
        .epsilon = decimal("100"), .delta = decimal("2e-7"), .per_year = false};
    for (uint32_t round = 12; round <= 13; round++) { /* two years */
        evh_ledger_charge what = charge_of(round);
        assert_ok(charge(f, &what, &limit));
    }
    evh_ledger_charge third = charge_of(14);
    assert_fails(charge(f, &third, &limit), EVH_ERR_PRIVACY);
    evh_ledger_charge stored = charge_of(12); /* a stored report costs nothing again */
    assert_ok(charge(f, &stored, &limit));
}

static void test_charge_round_multiplies_customers_per_unit(void **state)
{
    fixture *f = *state;
    evh_ledger_charge what = charge_of(1);
    what.customers_per_unit = 3;
    what.epsilon = decimal("0.333333333333333333");
    evh_ledger_limit limit = {.epsilon = decimal("0.99"), .delta = decimal("1")};
    assert_fails(charge(f, &what, &limit), EVH_ERR_PRIVACY);
    limit.epsilon = decimal("1");
    assert_ok(charge(f, &what, &limit));
    evh_ledger_spent spent;
    assert_ok(evh_ledger_spent_by(f->ledger, &spent, what.population, 2026));
    assert_string_equal(spent.epsilon, "0.999999999999999999");
}

/* Below the unit in which sums are kept, everything counts as one unit: sums never come out low. */
static void test_charge_round_tiny_amounts_round_up(void **state)
{
    fixture *f = *state;
    evh_ledger_charge what = charge_of(1);
    what.delta = decimal("1e-300");
    assert_ok(charge(f, &what, NULL));
    evh_ledger_spent spent;
    assert_ok(evh_ledger_spent_by(f->ledger, &spent, what.population, 2026));
    assert_string_equal(spent.delta, "0.000000000000000000000000000001");
}

static void test_charge_round_without_window_counts_in_year_of_charge(void **state)
{
    fixture *f = *state;
    evh_ledger_charge what = charge_of(1);
    what.has_window = false;
    assert_ok(charge(f, &what, NULL)); /* in May 2026 by the fixture's clock */
    evh_ledger_spent spent;
    assert_ok(evh_ledger_spent_by(f->ledger, &spent, what.population, 2026));
    assert_int_equal(spent.entries_in_year, 1);
    assert_ok(evh_ledger_spent_by(f->ledger, &spent, what.population, 2025));
    assert_int_equal(spent.entries_in_year, 0);
    assert_string_equal(spent.year_epsilon, "0");
}

static void test_affords_counts_rounds(void **state)
{
    fixture *f = *state;
    evh_ledger_charge what = charge_of(1);
    evh_ledger_limit limit = {.epsilon = decimal("1"), .delta = decimal("1"), .per_year = true};
    uint32_t rounds = 0;
    assert_ok(evh_ledger_affords(f->ledger, &rounds, &what, &limit, 2026, 100));
    assert_int_equal(rounds, 10);
    assert_ok(charge(f, &what, &limit));
    assert_ok(evh_ledger_affords(f->ledger, &rounds, &what, &limit, 2026, 100));
    assert_int_equal(rounds, 9);
    assert_ok(evh_ledger_affords(f->ledger, &rounds, &what, &limit, 2027, 4));
    assert_int_equal(rounds, 4);
    assert_ok(evh_ledger_affords(NULL, &rounds, &what, &limit, 2026, 100));
    assert_int_equal(rounds, 10);
}

typedef struct seen {
    uint32_t rounds;
    uint64_t last;
} seen;

static evh_status see(void *context, const evh_ledger_entry *entry)
{
    seen *s = context;
    evh_ledger_charge expected = charge_of(entry->charge.round);
    s->rounds++;
    assert_int_equal(entry->position.sequence, s->last + 1);
    s->last = entry->position.sequence;
    assert_views_equal(entry->charge.population, expected.population);
    assert_int_equal(entry->charge.window_start_ms, expected.window_start_ms);
    assert_int_equal(evh_decimal_compare(entry->charge.epsilon, expected.epsilon), 0);
    assert_int_equal(entry->charge.class_count, 2);
    assert_int_equal(entry->charge.classes[1].parameter.num, 7);
    assert_int_equal(entry->charge.shift_count, 2);
    assert_int_equal(entry->charge.shifts[0].count, 2);
    assert_int_equal(entry->charge.shifts[0].terms[1].magnitude, 100);
    assert_int_equal(entry->charge.shifts[1].terms[0].magnitude, 2);
    assert_int_equal(entry->report_bytes, REPORT_BYTES);
    return entry->charge.round == 3 ? evh_fail(EVH_ERR_RANGE, "enough") : evh_ok();
}

static void test_visit_in_order_until_the_visitor_fails(void **state)
{
    fixture *f = *state;
    for (uint32_t round = 1; round <= 2; round++) {
        evh_ledger_charge what = charge_of(round);
        assert_ok(charge(f, &what, NULL));
    }
    seen s = {.rounds = 0};
    assert_ok(evh_ledger_visit(f->ledger, see, &s));
    assert_int_equal(s.rounds, 2);
    for (uint32_t round = 3; round <= 4; round++) {
        evh_ledger_charge what = charge_of(round);
        assert_ok(charge(f, &what, NULL));
    }
    s = (seen){.rounds = 0};
    assert_fails_with(evh_ledger_visit(f->ledger, see, &s), EVH_ERR_RANGE, "enough");
    assert_int_equal(s.rounds, 3);
}

static void test_find_by_plan_and_round(void **state)
{
    fixture *f = *state;
    evh_ledger_charge what = charge_of(4);
    bool found = false;
    assert_ok(charge(f, &what, NULL));
    assert_ok(evh_ledger_find(f->ledger, &found, &f->report, &f->position, what.plan_id, 4));
    assert_true(found);
    assert_report_made_for(f);
    assert_ok(evh_ledger_find(f->ledger, &found, &f->report, &f->position, what.plan_id, 5));
    assert_false(found);
    assert_int_equal(f->report.len, 0);
    what.plan_id[0] ^= 1;
    assert_ok(evh_ledger_find(f->ledger, &found, &f->report, &f->position, what.plan_id, 4));
    assert_false(found);
}

static void test_tip_moves_with_entries(void **state)
{
    fixture *f = *state;
    evh_ledger_position start, after;
    assert_ok(evh_ledger_tip(f->ledger, &start));
    assert_int_equal(start.sequence, 0);
    evh_ledger_charge what = charge_of(1);
    assert_ok(charge(f, &what, NULL));
    assert_ok(evh_ledger_tip(f->ledger, &after));
    assert_memory_equal(&after, &f->position, sizeof after);
    assert_memory_not_equal(after.head, start.head, sizeof start.head);
}

int run_charge_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_charge_round_again_gives_identical_bytes, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_charge_round_failed_maker_leaves_nothing, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_charge_round_refuses_bad_charges, setup, teardown),
        cmocka_unit_test_setup_teardown(test_charge_round_own_limit_per_year, setup, teardown),
        cmocka_unit_test_setup_teardown(test_charge_round_own_limit_over_life_and_delta, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_charge_round_multiplies_customers_per_unit, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_charge_round_tiny_amounts_round_up, setup, teardown),
        cmocka_unit_test_setup_teardown(test_charge_round_without_window_counts_in_year_of_charge,
                                        setup, teardown),
        cmocka_unit_test_setup_teardown(test_affords_counts_rounds, setup, teardown),
        cmocka_unit_test_setup_teardown(test_visit_in_order_until_the_visitor_fails, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_find_by_plan_and_round, setup, teardown),
        cmocka_unit_test_setup_teardown(test_tip_moves_with_entries, setup, teardown),
    };
    return cmocka_run_group_tests_name("ledger charge", tests, NULL, NULL);
}
