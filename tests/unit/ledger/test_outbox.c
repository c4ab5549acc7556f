/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "evenhand/ledger/ledger.h"
#include "tests.h"

static void test_receipt_is_kept_and_the_first_one_stays(void **state)
{
    fixture *f = *state;
    evh_ledger_charge what = charge_of(1);
    bool found = true;
    assert_ok(charge(f, &what, NULL));
    assert_ok(evh_ledger_find_receipt(f->ledger, &found, &f->report, what.plan_id, 1));
    assert_false(found);
    assert_ok(evh_ledger_store_receipt(f->ledger, what.plan_id, 1, view_of_literal("first"), 1));
    assert_ok(evh_ledger_store_receipt(f->ledger, what.plan_id, 1, view_of_literal("second"), 2));
    reopen(f, EVH_LEDGER_READ);
    assert_ok(evh_ledger_find_receipt(f->ledger, &found, &f->report, what.plan_id, 1));
    assert_true(found);
    assert_views_equal(evh_buffer_view(&f->report), view_of_literal("first"));
    assert_ok(evh_ledger_find_receipt(f->ledger, &found, &f->report, what.plan_id, 2));
    assert_false(found);
    assert_int_equal(f->report.len, 0);
}

static void test_receipt_needs_a_charge_and_a_length(void **state)
{
    fixture *f = *state;
    static uint8_t large[EVH_LEDGER_RECEIPT_BYTES_MAX + 1];
    evh_ledger_charge what = charge_of(1);
    assert_fails_with(
        evh_ledger_store_receipt(f->ledger, what.plan_id, 1, view_of_literal("early"), 1),
        EVH_ERR_ARG, "never charged");
    assert_ok(charge(f, &what, NULL));
    assert_fails(evh_ledger_store_receipt(f->ledger, what.plan_id, 1, view_of_literal(""), 1),
                 EVH_ERR_ARG);
    assert_fails(
        evh_ledger_store_receipt(f->ledger, what.plan_id, 1, evh_view_of(large, sizeof large), 1),
        EVH_ERR_ARG);
    reopen(f, EVH_LEDGER_READ);
    assert_fails(evh_ledger_store_receipt(f->ledger, what.plan_id, 1, view_of_literal("late"), 1),
                 EVH_ERR_STORE);
}

static void test_fingerprint_is_kept_with_its_report(void **state)
{
    fixture *f = *state;
    static const uint8_t none[EVH_LEDGER_FINGERPRINT_LEN] = {0};
    uint8_t out[EVH_LEDGER_FINGERPRINT_LEN] = {9};
    evh_ledger_charge what = charge_of(1);
    evh_ledger_charge bare = charge_of(2);
    evh_ledger_charge missed = charge_of(3);
    evh_ledger_maker maker = test_maker();
    bool found = true;
    assert_ok(evh_ledger_find_fingerprint(f->ledger, &found, out, what.plan_id, 1));
    assert_false(found);
    assert_memory_equal(out, none, sizeof none);
    assert_ok(charge(f, &what, NULL));
    maker.fingerprint = none; /* the report that is there stays, and its fingerprint with it */
    assert_ok(evh_ledger_charge_round(f->ledger, &f->report, &f->position, &what, NULL, &maker, 0));
    maker.fingerprint = NULL;
    assert_ok(evh_ledger_charge_round(f->ledger, &f->report, &f->position, &bare, NULL, &maker, 0));
    assert_ok(evh_ledger_charge_missed(f->ledger, &f->position, &missed, 1));
    reopen(f, EVH_LEDGER_READ);
    assert_ok(evh_ledger_find_fingerprint(f->ledger, &found, out, what.plan_id, 1));
    assert_true(found);
    assert_memory_equal(out, test_fingerprint, sizeof out);
    for (uint32_t round = 2; round <= 3; round++) {
        assert_ok(evh_ledger_find_fingerprint(f->ledger, &found, out, what.plan_id, round));
        assert_false(found);
        assert_memory_equal(out, none, sizeof none);
    }
}

static void test_agree_is_for_one_plan(void **state)
{
    fixture *f = *state;
    uint8_t one[EVH_LEDGER_PLAN_ID_LEN] = {1};
    uint8_t two[EVH_LEDGER_PLAN_ID_LEN] = {2};
    bool agreed = true;
    assert_ok(evh_ledger_agreed(f->ledger, &agreed, one));
    assert_false(agreed);
    assert_ok(evh_ledger_agree(f->ledger, one, 1));
    assert_ok(evh_ledger_agree(f->ledger, one, 2));
    reopen(f, EVH_LEDGER_READ);
    assert_ok(evh_ledger_agreed(f->ledger, &agreed, one));
    assert_true(agreed);
    assert_ok(evh_ledger_agreed(f->ledger, &agreed, two));
    assert_false(agreed);
    assert_fails(evh_ledger_agree(f->ledger, two, 1), EVH_ERR_STORE);
}

static void test_charge_missed_costs_and_never_gets_a_report(void **state)
{
    fixture *f = *state;
    evh_ledger_charge what = charge_of(1);
    evh_ledger_charge next = charge_of(2);
    evh_ledger_position position;
    evh_ledger_spent spent;
    evh_ledger_finding finding;
    bool found = false;
    assert_ok(evh_ledger_charge_missed(f->ledger, &position, &what, 1));
    assert_int_equal(position.sequence, 1);
    assert_ok(charge(f, &what, NULL));
    assert_int_equal(f->report.len, 0);
    assert_int_equal(f->position.sequence, 1);
    assert_memory_equal(f->position.head, position.head, sizeof position.head);
    assert_ok(charge(f, &next, NULL));
    assert_ok(evh_ledger_charge_missed(f->ledger, &position, &next, 1));
    assert_int_equal(position.sequence, 2);
    assert_ok(evh_ledger_find(f->ledger, &found, &f->report, &position, next.plan_id, 2));
    assert_true(found && f->report.len == REPORT_BYTES);
    assert_ok(evh_ledger_find(f->ledger, &found, &f->report, &position, what.plan_id, 1));
    assert_true(found && f->report.len == 0);
    assert_ok(evh_ledger_spent_by(f->ledger, &spent, what.population, 2026));
    assert_string_equal(spent.epsilon, "0.2");
    assert_ok(evh_ledger_verify(f->ledger, &finding));
    assert_true(finding.intact);
    assert_int_equal(finding.entries, 2);
}

static void test_charge_missed_refuses_bad_charges(void **state)
{
    fixture *f = *state;
    evh_ledger_charge what = charge_of(1);
    evh_ledger_position position;
    what.round = 0;
    assert_fails(evh_ledger_charge_missed(f->ledger, &position, &what, 1), EVH_ERR_ARG);
    assert_int_equal(position.sequence, 0);
}

int run_outbox_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_receipt_is_kept_and_the_first_one_stays, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_receipt_needs_a_charge_and_a_length, setup, teardown),
        cmocka_unit_test_setup_teardown(test_fingerprint_is_kept_with_its_report, setup, teardown),
        cmocka_unit_test_setup_teardown(test_agree_is_for_one_plan, setup, teardown),
        cmocka_unit_test_setup_teardown(test_charge_missed_costs_and_never_gets_a_report, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_charge_missed_refuses_bad_charges, setup, teardown),
    };
    return cmocka_run_group_tests_name("ledger outbox", tests, NULL, NULL);
}
