/* SPDX-License-Identifier: Apache-2.0
 * What a collector does when all goes well, and with rounds that have no result. */
#include <string.h>

#include "desk.h"

static void test_pass_collects_publishes_and_confirms(void **state)
{
    desk *d = *state;
    open_round(d->f, 1);
    pass(d);
    assert_int_equal(d->outcome.open, 1);
    assert_int_equal(row_of(d, 1).state, EVH_COLLECT_OPEN);
    for (size_t i = 0; i < 4; i++)
        report(d->f, i, 10);
    aggregate(d->f, 2);
    assert_int_equal(agree(d->f), EVH_AGREEMENT_REACHED);
    cosign(d->f);
    pass(d);
    assert_int_equal(row_of(d, 1).state, EVH_COLLECT_CLOSED);
    assert_false(exists(row_of(d, 1).path));
    commit(d->f);
    /* Not cosigned yet: the collector does not see the commitments. */
    pass(d);
    assert_int_equal(row_of(d, 1).state, EVH_COLLECT_CLOSED);
    cosign(d->f);
    pass(d);
    assert_int_equal(row_of(d, 1).state, EVH_COLLECT_READY);
    assert_int_equal(d->outcome.ready, 1);
    assert_true(exists(row_of(d, 1).path));
    assert_true(logged(d, "event=result_published"));
    cosign(d->f);
    pass(d);
    assert_int_equal(d->outcome.confirmed, 1);
    assert_int_equal(d->outcome.troubled, 0);
    assert_true(logged(d, "event=result_confirmed"));
    assert_confirmed(d, 1, 4);
    /* From now on there is one question to the log and nothing else. */
    d->calls = 0;
    pass(d);
    assert_int_equal(d->calls, 1);
}

static void test_pass_collects_several_rounds(void **state)
{
    desk *d = *state;
    make_ready(d, 1, 5);
    make_ready(d, 2, 5);
    pass(d);
    cosign(d->f);
    pass(d);
    assert_int_equal(d->outcome.confirmed, 2);
    assert_confirmed(d, 1, 5);
    assert_confirmed(d, 2, 5);
}

static void test_pass_reports_voids(void **state)
{
    desk *d = *state;
    open_round(d->f, 1);
    assert_ok(evh_leader_void_round(&d->f->leader.aggregator, d->f->task_id, 4));
    cosign(d->f);
    pass(d);
    assert_int_equal(d->outcome.voided, 1);
    assert_int_equal(row_of(d, 1).state, EVH_COLLECT_VOID);
    assert_int_equal(row_of(d, 1).void_reason, 4);
    assert_true(logged(d, "event=round_void"));
    assert_int_equal(d->outcome.troubled, 0);
}

static void test_pass_late_results_are_warned_about(void **state)
{
    desk *d = *state;
    make_ready(d, 1, 4);
    d->lost_call = "/evenhand.v1.Helper/GetAggregateShare";
    d->f->now_ms += d->collect.late_ms - 1000;
    pass(d);
    assert_int_equal(d->outcome.late, 0);
    d->f->now_ms += 2000;
    pass(d);
    assert_int_equal(d->outcome.late, 1);
    assert_true(logged(d, "event=result_late"));
}

/* A helper that cosigns what it should not: the collector says so and goes on without the entry. */
static void test_pass_reports_an_endorsement_again(void **state)
{
    desk *d = *state;
    const Evenhand__V1__RosterState active = EVENHAND__V1__ROSTER_STATE__ROSTER_STATE_ACTIVE;
    assert_ok(enrol(d->f, 2, EVENHAND__V1__ROSTER_STATE__ROSTER_STATE_SUSPENDED));
    cosign(d->f);
    pass(d);
    assert_false(logged(d, "event=roster_entry_refused"));
    sneak_roster(d->f, 2, active, 1);
    cosign_blindly(d->f);
    pass(d);
    assert_true(logged(d, "event=roster_entry_refused"));
    assert_int_equal(d->outcome.troubled, 0);
    d->lines.len = 0;
    sneak_roster(d->f, 2, active, 3); /* after the entry that was passed over */
    cosign_blindly(d->f);
    pass(d);
    assert_false(logged(d, "event=roster_entry_refused"));
}

static void test_pass_mirror_is_made_anew(void **state)
{
    desk *d = *state;
    make_ready(d, 1, 4);
    pass(d);
    reopen_mirror(d, true);
    cosign(d->f);
    pass(d);
    assert_confirmed(d, 1, 4);
    reopen_mirror(d, false);
    pass(d);
    assert_int_equal(d->outcome.confirmed, 1);
}

static bool stop_now(void *context)
{
    (void)context;
    return true;
}

static void test_pass_reads_no_more_once_told_to_stop(void **state)
{
    desk *d = *state;
    make_ready(d, 1, 4);
    d->collect.stop = stop_now;
    pass(d);
    assert_int_equal(d->outcome.troubled, 1);
    assert_false(exists(row_of(d, 1).path));
}

static void test_path_of_any_name_is_plain(void **state)
{
    desk *d = *state;
    use_plan(d->f, "../../etc/p\xc3\xa4ss.wd", 4, CUSTOMERS);
    make_ready(d, 3, 4);
    pass(d);
    const evh_collect_row row = row_of(d, 3);
    assert_string_equal(row.plan, "../../etc/p\xc3\xa4ss.wd");
    assert_int_equal(strncmp(row.path, d->results, strlen(d->results)), 0);
    assert_null(strchr(row.path + strlen(d->results) + 1, '/'));
    assert_non_null(strstr(row.path, "/______etc_p__ss_wd-"));
    assert_true(exists(row.path));
}

static void test_state_name_of_each(void **state)
{
    (void)state;
    assert_string_equal(evh_collect_state_name(EVH_COLLECT_OPEN), "open");
    assert_string_equal(evh_collect_state_name(EVH_COLLECT_CLOSED), "closed");
    assert_string_equal(evh_collect_state_name(EVH_COLLECT_READY), "ready");
    assert_string_equal(evh_collect_state_name(EVH_COLLECT_PUBLISHED), "published");
    assert_string_equal(evh_collect_state_name(EVH_COLLECT_CONFIRMED), "confirmed");
    assert_string_equal(evh_collect_state_name(EVH_COLLECT_VOID), "void");
}

int run_collect_tests(void)
{
    const struct CMUnitTest tests[] = {
        DESK_TEST(test_pass_collects_publishes_and_confirms),
        DESK_TEST(test_pass_collects_several_rounds),
        DESK_TEST(test_pass_reports_voids),
        DESK_TEST(test_pass_late_results_are_warned_about),
        DESK_TEST(test_pass_reports_an_endorsement_again),
        DESK_TEST(test_pass_mirror_is_made_anew),
        DESK_TEST(test_pass_reads_no_more_once_told_to_stop),
        DESK_TEST(test_path_of_any_name_is_plain),
        cmocka_unit_test(test_state_name_of_each),
    };
    return cmocka_run_group_tests_name("collect", tests, NULL, NULL);
}
