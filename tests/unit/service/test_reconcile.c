/* SPDX-License-Identifier: Apache-2.0
 * A ledger against the log: what it missed, what it lost. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "evenhand/base/limits.h"
#include "evenhand/plan/canonical.h"
#include "fixture.h"

static void open_rounds(fixture *f, uint32_t first, uint32_t last, uint8_t ids[][32])
{
    for (uint32_t i = first; i <= last; i++) {
        round_options options = usual_round(f, i);
        log_round(f, &options, ids[i]);
    }
    publish(f);
    assert_ok(evh_site_follow(&f->site));
}

static void remove_ledger(fixture *f)
{
    char path[600];
    static const char *const ends[] = {"", "-wal", "-shm"};
    evh_site_close(&f->site);
    for (size_t i = 0; i < 3; i++) {
        (void)snprintf(path, sizeof path, "%s/acme.db%s", f->folder, ends[i]);
        (void)unlink(path);
    }
    reopen_site(f);
}

static void submit_one(fixture *f, uint32_t round)
{
    evh_buffer report = evh_buffer_init(EVH_REPORT_BYTES_MAX);
    assert_ok(submit(f, round, &report));
    evh_buffer_clear(&report);
}

static void test_reconcile_charges_rounds_that_were_missed(void **state)
{
    fixture *f = *state;
    uint8_t ids[5][32];
    evh_reconciled done;
    evh_outbox_entry entry;
    evh_buffer report = evh_buffer_init(EVH_REPORT_BYTES_MAX);
    log_all(f);
    open_rounds(f, 1, 3, ids);
    submit_one(f, 1);
    log_void(f, ids[2], EVENHAND__V1__VOID_REASON__VOID_REASON_OPERATOR);
    publish(f);
    assert_ok(evh_site_follow(&f->site));
    assert_ok(evh_outbox_reconcile(&f->site, &done));
    assert_false(done.was_behind);
    assert_int_equal(done.missed, 1); /* the void one: charges stand */
    assert_int_equal(done.waiting, 1);
    assert_ok(evh_outbox_find(&f->site, &entry, &report, evh_plan_id(f->plan), 2));
    assert_true(entry.charged && entry.missed && entry.position.sequence == 2);
    f->now_ms = DEADLINE_MS + 1;
    assert_ok(evh_outbox_reconcile(&f->site, &done));
    assert_int_equal(done.missed, 1);
    assert_int_equal(done.waiting, 0);
    assert_ok(evh_outbox_reconcile(&f->site, &done));
    assert_int_equal(done.missed, 0);
    evh_buffer_clear(&report);
}

static void test_reconcile_leaves_rounds_before_joining(void **state)
{
    fixture *f = *state;
    uint8_t task_id[32];
    evh_reconciled done;
    round_options options = usual_round(f, 1);
    log_keys(f, &f->helper);
    log_population(f);
    log_plan(f, f->plan);
    log_round(f, &options, task_id);
    log_roster(f, &f->customer, EVENHAND__V1__ROSTER_STATE__ROSTER_STATE_ACTIVE, &f->leader,
               &f->helper);
    publish(f);
    f->now_ms = DEADLINE_MS + 1;
    assert_ok(evh_site_follow(&f->site));
    assert_ok(evh_outbox_reconcile(&f->site, &done));
    assert_int_equal(done.missed, 0);
    assert_null(f->site.ledger);
}

static void test_reconcile_leaves_other_populations(void **state)
{
    fixture *f = *state;
    uint8_t ids[5][32];
    evh_reconciled done;
    log_all(f);
    open_rounds(f, 1, 1, ids);
    f->now_ms = DEADLINE_MS + 1;
    f->config->data.population = "staff";
    assert_ok(evh_outbox_reconcile(&f->site, &done));
    assert_int_equal(done.missed, 0);
}

static void test_prepare_notices_a_ledger_that_is_gone(void **state)
{
    fixture *f = *state;
    uint8_t ids[5][32];
    evh_reconciled done;
    evh_submission s;
    log_all(f);
    open_rounds(f, 1, 2, ids);
    submit_one(f, 1); /* never sent: only the mirror knows of it */
    remove_ledger(f);
    assert_fails_with(evh_submission_prepare(&s, &f->site, f->plan, 2), EVH_ERR_PRIVACY,
                      "your ledger is behind");
    assert_non_null(strstr(f->site.advice, "ledger reconcile"));
    assert_ok(evh_outbox_reconcile(&f->site, &done));
    assert_true(done.was_behind);
    assert_int_equal(done.missed, 2); /* also the open ones: a report may have been made for them */
    assert_int_equal(done.waiting, 0);
    open_rounds(f, 3, 3, ids);
    f->config->limit_count = 0;
    assert_ok(evh_submission_prepare(&s, &f->site, f->plan, 3));
    evh_submission_clear(&s);
}

/* The whole folder was restored: only the leader knows better. */
static void test_prepare_notices_what_the_leader_has_seen(void **state)
{
    fixture *f = *state;
    uint8_t ids[5][32];
    evh_reconciled done;
    evh_submission s;
    log_all(f);
    open_rounds(f, 1, 2, ids);
    memcpy(f->has_report_of, ids[1], 32);
    f->report_state = EVENHAND__V1__REPORT_STATE__REPORT_STATE_ACCEPTED;
    assert_fails_with(evh_submission_prepare(&s, &f->site, f->plan, 2), EVH_ERR_PRIVACY,
                      "your ledger is behind");
    assert_ok(evh_outbox_reconcile(&f->site, &done));
    assert_true(done.was_behind);
    assert_int_equal(done.lost, 1);
    assert_int_equal(done.missed, 2);
}

static void test_prepare_notices_a_forked_ledger(void **state)
{
    fixture *f = *state;
    uint8_t ids[5][32];
    evh_submission s;
    bool behind = false;
    log_all(f);
    open_rounds(f, 1, 2, ids);
    submit_one(f, 1);
    assert_ok(evh_site_ledger_is_behind(&f->site, &behind));
    assert_false(behind);
    remove_ledger(f);
    /* Another one of the same length. */
    evh_mirror_round round;
    evh_ledger_charge charge;
    evh_ledger_position position;
    bool found = false;
    assert_ok(evh_mirror_round_of(&f->site, &found, &round, evh_plan_id(f->plan), 1));
    assert_ok(evh_charge_of(&charge, f->plan, &f->population, &round));
    assert_ok(evh_site_need_ledger(&f->site));
    assert_ok(evh_ledger_charge_missed(f->site.ledger, &position, &charge, 1));
    assert_fails_with(evh_submission_prepare(&s, &f->site, f->plan, 2), EVH_ERR_PRIVACY,
                      "your ledger is behind");
}

static void test_reconcile_needs_the_leader(void **state)
{
    fixture *f = *state;
    uint8_t ids[5][32];
    evh_reconciled done;
    log_all(f);
    open_rounds(f, 1, 1, ids);
    f->failure = evh_fail(EVH_ERR_UNAVAILABLE, "away");
    assert_fails(evh_outbox_reconcile(&f->site, &done), EVH_ERR_UNAVAILABLE);
}

int run_reconcile_tests(void)
{
    const struct CMUnitTest tests[] = {
        SERVICE_TEST(test_reconcile_charges_rounds_that_were_missed),
        SERVICE_TEST(test_reconcile_leaves_rounds_before_joining),
        SERVICE_TEST(test_reconcile_leaves_other_populations),
        SERVICE_TEST(test_prepare_notices_a_ledger_that_is_gone),
        SERVICE_TEST(test_prepare_notices_what_the_leader_has_seen),
        SERVICE_TEST(test_prepare_notices_a_forked_ledger),
        SERVICE_TEST(test_reconcile_needs_the_leader),
    };
    return cmocka_run_group_tests_name("service reconcile", tests, NULL, NULL);
}
