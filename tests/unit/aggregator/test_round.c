/* SPDX-License-Identifier: Apache-2.0
 * Whole rounds that go well, or that the rules end. */
#include <string.h>

#include "evenhand/wire/message.h"
#include "fixture.h"

#define ACCEPTED EVENHAND__V1__REPORT_STATE__REPORT_STATE_ACCEPTED
#define NO_REASON EVENHAND__V1__REJECT_REASON__REJECT_REASON_UNSPECIFIED

/* The sums of `count` customers with these values. */
static void expect_sums(const int64_t sums[CELLS], int64_t total, int64_t count)
{
    for (size_t i = 0; i < CELLS; i++)
        assert_int_equal(sums[i], total + (int64_t)i * count);
}

static void run_round(fixture *f, uint32_t number, size_t most)
{
    int64_t sums[CELLS];
    uint32_t count = 0;
    open_round(f, number);
    for (size_t i = 0; i < 5; i++)
        report(f, i, 10 * (i + 1));
    aggregate(f, most);
    for (size_t i = 0; i < 5; i++)
        expect_status(f, i, ACCEPTED, NO_REASON);
    assert_int_equal(agree(f), EVH_AGREEMENT_REACHED);
    collect(f, sums, &count);
    assert_int_equal(count, 5);
    expect_sums(sums, 150, 5);
}

static void test_round_sums_are_exact(void **state)
{
    fixture *f = *state;
    run_round(f, 1, 100);
    /* The same customers again: no difference to learn from. */
    run_round(f, 2, 1);
}

static void test_round_reopening_stores_changes_nothing(void **state)
{
    fixture *f = *state;
    f->restless = true;
    run_round(f, 1, 2);
}

static void test_round_lost_repeated_and_late_answers_change_nothing(void **state)
{
    fixture *f = *state;
    evh_caller leader = as_leader();
    evh_buffer first_request = evh_buffer_init(1 << 20);
    evh_buffer first_response = evh_buffer_init(1 << 20);
    evh_buffer again = evh_buffer_init(1 << 20);
    int64_t sums[CELLS];
    uint32_t count = 0;
    open_round(f, 1);
    for (size_t i = 0; i < 4; i++)
        report(f, i, i);
    assert_ok(evh_leader_next_job(&f->leader.aggregator, &first_request, f->task_id, 2));
    assert_ok(evh_helper_aggregate(&f->helper.aggregator, &leader, evh_buffer_view(&first_request),
                                   &first_response));
    /* The answer is lost: the same job is asked for, and answered the same way. */
    f->restless = true;
    step(f);
    assert_ok(evh_leader_next_job(&f->leader.aggregator, &again, f->task_id, 4));
    assert_views_equal(evh_buffer_view(&again), evh_buffer_view(&first_request));
    evh_buffer_clear(&again);
    assert_ok(evh_helper_aggregate(&f->helper.aggregator, &leader, evh_buffer_view(&first_request),
                                   &again));
    assert_views_equal(evh_buffer_view(&again), evh_buffer_view(&first_response));
    for (size_t i = 0; i < 2; i++)
        assert_ok(evh_leader_take_answers(&f->leader.aggregator, evh_buffer_view(&first_request),
                                          evh_buffer_view(&first_response)));
    aggregate(f, 2);
    /* The first answer comes once more, after the second job. */
    assert_ok(evh_leader_take_answers(&f->leader.aggregator, evh_buffer_view(&first_request),
                                      evh_buffer_view(&first_response)));
    assert_int_equal(agree(f), EVH_AGREEMENT_REACHED);
    collect(f, sums, &count);
    assert_int_equal(count, 4);
    expect_sums(sums, 6, 4);
    evh_buffer_clear(&first_request);
    evh_buffer_clear(&first_response);
    evh_buffer_clear(&again);
}

static void test_upload_same_report_same_receipt_another_refused(void **state)
{
    fixture *f = *state;
    evh_buffer receipt = evh_buffer_init(4096);
    open_round(f, 1);
    report(f, 0, 5);
    assert_ok(evh_buffer_append(&receipt, evh_buffer_view(&f->receipt)));
    f->now_ms += 77;
    assert_ok(upload(f, 0));
    assert_views_equal(evh_buffer_view(&f->receipt), evh_buffer_view(&receipt));
    /* Also when the round takes no others any more. */
    f->now_ms = DEADLINE_MS + 1;
    assert_ok(upload(f, 0));
    make_report(f, 0, 6);
    assert_fails_with(upload(f, 0), EVH_ERR_REFUSED, "another report");
    make_report(f, 1, 6);
    assert_fails_with(upload(f, 1), EVH_ERR_REFUSED, "deadline");
    evh_buffer_clear(&receipt);
}

static void test_round_below_minimum_is_void(void **state)
{
    fixture *f = *state;
    open_round(f, 1);
    report(f, 0, 1);
    report(f, 1, 1);
    aggregate(f, 9);
    assert_int_equal(agree(f), EVH_AGREEMENT_VOID);
    cosign(f);
    assert_int_equal(f->leader.vault.count, 0);
    assert_int_equal(f->helper.vault.count, 0);
    make_report(f, 2, 1);
    assert_fails_with(upload(f, 2), EVH_ERR_REFUSED, "void");
    assert_fails(evh_leader_void_round(&f->leader.aggregator, f->task_id, 4), EVH_ERR_REFUSED);
}

static void test_round_too_close_to_an_earlier_one_is_void(void **state)
{
    fixture *f = *state;
    run_round(f, 1, 3);
    open_round(f, 2);
    for (size_t i = 0; i < 4; i++)
        report(f, i, 1);
    aggregate(f, 9);
    assert_int_equal(agree(f), EVH_AGREEMENT_VOID);
    cosign(f);
    /* Two fewer is as far as min_honest demands. */
    int64_t sums[CELLS];
    uint32_t count = 0;
    open_round(f, 3);
    for (size_t i = 0; i < 3; i++)
        report(f, i, 1);
    aggregate(f, 9);
    assert_int_equal(agree(f), EVH_AGREEMENT_REACHED);
    collect(f, sums, &count);
    expect_sums(sums, 3, 3);
}

static void test_void_round_by_an_operator(void **state)
{
    fixture *f = *state;
    open_round(f, 1);
    report(f, 0, 1);
    assert_fails(evh_leader_void_round(&f->leader.aggregator, f->task_id, 0), EVH_ERR_ARG);
    assert_fails(evh_leader_void_round(&f->leader.aggregator, f->task_id, 7), EVH_ERR_ARG);
    assert_ok(evh_leader_void_round(&f->leader.aggregator, f->task_id, 4));
    cosign(f);
    assert_int_equal(f->helper.vault.count, 0);
    evh_buffer_clear(&f->request);
    assert_fails(evh_leader_next_job(&f->leader.aggregator, &f->request, f->task_id, 5),
                 EVH_ERR_REFUSED);
}

#define ROUND_TEST(test_name)                                                                      \
    cmocka_unit_test_setup_teardown(test_name, round_set_up, round_tear_down)

int run_round_tests(void)
{
    const struct CMUnitTest tests[] = {
        ROUND_TEST(test_round_sums_are_exact),
        ROUND_TEST(test_round_reopening_stores_changes_nothing),
        ROUND_TEST(test_round_lost_repeated_and_late_answers_change_nothing),
        ROUND_TEST(test_upload_same_report_same_receipt_another_refused),
        ROUND_TEST(test_round_below_minimum_is_void),
        ROUND_TEST(test_round_too_close_to_an_earlier_one_is_void),
        ROUND_TEST(test_void_round_by_an_operator),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
