/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "evenhand/base/limits.h"
#include "evenhand/plan/canonical.h"
#include "fixture.h"

static evh_mirror_round the_round(fixture *f, uint32_t number)
{
    evh_mirror_round round;
    bool found = false;
    assert_ok(evh_mirror_round_of(&f->site, &found, &round, evh_plan_id(f->plan), number));
    assert_true(found);
    return round;
}

static evh_outbox_entry entry_of(fixture *f, uint32_t round)
{
    evh_outbox_entry entry;
    evh_buffer report = evh_buffer_init(EVH_REPORT_BYTES_MAX);
    assert_ok(evh_outbox_find(&f->site, &entry, &report, evh_plan_id(f->plan), round));
    evh_buffer_clear(&report);
    return entry;
}

static void make_report(fixture *f)
{
    evh_buffer report = evh_buffer_init(EVH_REPORT_BYTES_MAX);
    open_round(f);
    assert_ok(submit(f, 1, &report));
    evh_buffer_clear(&report);
}

static void test_deliver_stores_the_receipt_once(void **state)
{
    fixture *f = *state;
    make_report(f);
    evh_mirror_round round = the_round(f, 1);
    assert_false(entry_of(f, 1).receipt);
    assert_ok(evh_outbox_deliver(&f->site, &round, 1000));
    assert_true(entry_of(f, 1).receipt);
    assert_ok(evh_outbox_deliver(&f->site, &round, 1000));
    assert_int_equal(f->uploads, 1);
}

static void test_deliver_tries_again_while_there_is_time(void **state)
{
    fixture *f = *state;
    make_report(f);
    evh_mirror_round round = the_round(f, 1);
    f->fail_uploads = 3;
    assert_ok(evh_outbox_deliver(&f->site, &round, 60000));
    assert_int_equal(f->uploads, 4);
    assert_int_equal(f->pauses, 3);
    assert_true(f->monotonic_ms >= 250 + 500 + 1000 && f->monotonic_ms <= 500 + 1000 + 2000);
}

static void test_deliver_gives_up_and_loses_nothing(void **state)
{
    fixture *f = *state;
    make_report(f);
    evh_mirror_round round = the_round(f, 1);
    f->fail_uploads = SIZE_MAX;
    assert_fails(evh_outbox_deliver(&f->site, &round, 0), EVH_ERR_UNAVAILABLE);
    assert_int_equal(f->uploads, 1);
    assert_non_null(f->site.advice);
    assert_fails(evh_outbox_deliver(&f->site, &round, 3000), EVH_ERR_UNAVAILABLE);
    assert_true(f->monotonic_ms == 3000);
    /* Not beyond the round's deadline. */
    f->now_ms = DEADLINE_MS - 100;
    f->monotonic_ms = 0;
    assert_fails(evh_outbox_deliver(&f->site, &round, 60000), EVH_ERR_UNAVAILABLE);
    assert_true(f->monotonic_ms == 100);
    f->stop = true;
    f->now_ms = NOW_MS;
    f->pauses = 0;
    assert_fails(evh_outbox_deliver(&f->site, &round, 60000), EVH_ERR_UNAVAILABLE);
    assert_int_equal(f->pauses, 1);
    f->fail_uploads = 0;
    assert_ok(evh_outbox_deliver(&f->site, &round, 0));
}

static void test_deliver_sends_identical_bytes_after_a_lost_answer(void **state)
{
    fixture *f = *state;
    make_report(f);
    evh_mirror_round round = the_round(f, 1);
    f->keep_receipt = true;
    assert_fails(evh_outbox_deliver(&f->site, &round, 0), EVH_ERR_UNAVAILABLE);
    assert_false(entry_of(f, 1).receipt);
    reopen_site(f);
    f->keep_receipt = false;
    assert_ok(evh_outbox_deliver(&f->site, &round, 0)); /* other bytes would be refused */
    assert_true(entry_of(f, 1).receipt);
}

static void test_deliver_refuses_forged_receipts(void **state)
{
    fixture *f = *state;
    make_report(f);
    evh_mirror_round round = the_round(f, 1);
    f->forge_receipt = true;
    assert_fails_with(evh_outbox_deliver(&f->site, &round, 0), EVH_ERR_REFUSED, "not signed");
    assert_false(entry_of(f, 1).receipt);
}

static void test_deliver_refused_by_the_leader(void **state)
{
    fixture *f = *state;
    make_report(f);
    evh_mirror_round round = the_round(f, 1);
    f->failure = evh_fail(EVH_ERR_REFUSED, "no");
    assert_fails(evh_outbox_deliver(&f->site, &round, 60000), EVH_ERR_REFUSED);
    assert_int_equal(f->uploads, 1);
    assert_non_null(f->site.advice);
}

static void test_deliver_needs_a_report(void **state)
{
    fixture *f = *state;
    open_round(f);
    evh_mirror_round round = the_round(f, 1);
    assert_fails(evh_outbox_deliver(&f->site, &round, 0), EVH_ERR_ARG);
}

static void test_send_takes_reports_only(void **state)
{
    fixture *f = *state;
    evh_report_header header;
    evh_buffer receipt = evh_buffer_init(EVH_LEDGER_RECEIPT_BYTES_MAX);
    open_round(f);
    assert_fails_with(evh_outbox_send(&f->site, &header, &receipt, view_of_literal("no report"), 0),
                      EVH_ERR_INPUT, "this is no report");
    assert_int_equal(f->uploads, 0);
    evh_buffer_clear(&receipt);
}

static void test_ask_brings_a_receipt_that_was_lost(void **state)
{
    fixture *f = *state;
    evh_leader_says says;
    make_report(f);
    evh_mirror_round round = the_round(f, 1);
    assert_ok(evh_outbox_ask(&f->site, &says, &round));
    assert_int_equal(says.report, EVH_REPORT_NONE);
    f->keep_receipt = true;
    assert_fails(evh_outbox_deliver(&f->site, &round, 0), EVH_ERR_UNAVAILABLE);
    assert_ok(evh_outbox_ask(&f->site, &says, &round));
    assert_true(says.report == EVH_REPORT_RECEIVED && !says.other);
    assert_true(entry_of(f, 1).receipt);
}

static void test_ask_refuses_forged_receipts(void **state)
{
    fixture *f = *state;
    evh_leader_says says;
    make_report(f);
    evh_mirror_round round = the_round(f, 1);
    f->keep_receipt = true;
    f->forge_receipt = true;
    assert_fails(evh_outbox_deliver(&f->site, &round, 0), EVH_ERR_UNAVAILABLE);
    assert_fails_with(evh_outbox_ask(&f->site, &says, &round), EVH_ERR_REFUSED, "not signed");
    assert_false(entry_of(f, 1).receipt);
}

static void test_ask_tells_why_a_report_was_rejected(void **state)
{
    fixture *f = *state;
    evh_leader_says says;
    make_report(f);
    evh_mirror_round round = the_round(f, 1);
    assert_ok(evh_outbox_deliver(&f->site, &round, 0));
    f->report_state = EVENHAND__V1__REPORT_STATE__REPORT_STATE_REJECTED;
    f->reason = EVENHAND__V1__REJECT_REASON__REJECT_REASON_PROOF;
    assert_ok(evh_outbox_ask(&f->site, &says, &round));
    assert_int_equal(says.report, EVH_REPORT_REJECTED);
    assert_string_equal(evh_reject_words(says.reason),
                        "the proof that its counts are in range does not hold");
}

static void test_words_for_every_reason(void **state)
{
    (void)state;
    for (uint32_t i = 1; i <= 10; i++)
        assert_true(strlen(evh_reject_words(i)) > 10);
    for (uint32_t i = 1; i <= 6; i++)
        assert_true(strlen(evh_void_words(i)) > 10);
    assert_non_null(strstr(evh_reject_words(11), "does not know"));
    assert_non_null(strstr(evh_void_words(7), "does not know"));
    assert_string_equal(evh_round_state_name((evh_round_state)6), "unknown");
    assert_string_equal(evh_report_state_name((evh_report_state)4), "unknown");
}

int run_outbox_tests(void)
{
    const struct CMUnitTest tests[] = {
        SERVICE_TEST(test_deliver_stores_the_receipt_once),
        SERVICE_TEST(test_deliver_tries_again_while_there_is_time),
        SERVICE_TEST(test_deliver_gives_up_and_loses_nothing),
        SERVICE_TEST(test_deliver_sends_identical_bytes_after_a_lost_answer),
        SERVICE_TEST(test_deliver_refuses_forged_receipts),
        SERVICE_TEST(test_deliver_refused_by_the_leader),
        SERVICE_TEST(test_deliver_needs_a_report),
        SERVICE_TEST(test_send_takes_reports_only),
        SERVICE_TEST(test_ask_brings_a_receipt_that_was_lost),
        SERVICE_TEST(test_ask_refuses_forged_receipts),
        SERVICE_TEST(test_ask_tells_why_a_report_was_rejected),
        SERVICE_TEST(test_words_for_every_reason),
    };
    return cmocka_run_group_tests_name("service outbox", tests, NULL, NULL);
}
