/* SPDX-License-Identifier: Apache-2.0
 * What the log may say, and what makes a site distrust it. */
#include <string.h>

#include "evenhand/plan/canonical.h"
#include "fixture.h"

#define ACTIVE EVENHAND__V1__ROSTER_STATE__ROSTER_STATE_ACTIVE
#define SUSPENDED EVENHAND__V1__ROSTER_STATE__ROSTER_STATE_SUSPENDED

static int64_t sums[] = {1, -2, 3};

static void assert_refused(fixture *f, const char *part)
{
    assert_fails_with(evh_site_follow(&f->site), EVH_ERR_PRIVACY, part);
    assert_non_null(f->site.advice);
}

static void test_follow_reads_parties_plans_and_people(void **state)
{
    fixture *f = *state;
    evh_mirror_self self;
    evh_plan *plan = NULL;
    evh_population population;
    bool retired = true;
    bool parties = false;
    uint64_t written_ms = 0;
    log_all(f);
    assert_ok(evh_site_follow(&f->site));
    assert_ok(evh_mirror_parties(&f->site, &parties));
    assert_true(parties);
    assert_ok(evh_mirror_self_of(&f->site, &self));
    assert_true(self.known && self.active && self.since == 3);
    assert_ok(evh_mirror_plan(&f->site, &plan, &population, &retired, evh_plan_id(f->plan)));
    assert_non_null(plan);
    assert_false(retired);
    assert_string_equal(population.name, "screened-persons");
    assert_memory_equal(evh_plan_id(plan), evh_plan_id(f->plan), EVH_PLAN_ID_LEN);
    evh_plan_free(&plan);
    assert_ok(evh_mirror_time(&f->site, &written_ms));
    assert_int_equal(written_ms, 4);
    reopen_site(f);
    assert_ok(evh_site_follow(&f->site));
    assert_int_equal(f->site.followed.size, 4);
    assert_int_equal(f->site.followed.new_entries, 0);
}

static void test_follow_suspended_customer(void **state)
{
    fixture *f = *state;
    evh_mirror_self self;
    log_all(f);
    log_roster(f, &f->customer, SUSPENDED, &f->leader, &f->helper);
    publish(f);
    assert_ok(evh_site_follow(&f->site));
    assert_ok(evh_mirror_self_of(&f->site, &self));
    assert_true(self.known && !self.active && self.since == 3);
}

static void test_follow_rounds_and_their_ends(void **state)
{
    fixture *f = *state;
    uint8_t ids[ROUNDS_MAX][32];
    evh_mirror_round round;
    evh_buffer entry = evh_buffer_init(1 << 16);
    bool found = false;
    log_all(f);
    for (uint32_t i = 0; i < ROUNDS_MAX; i++) {
        round_options options = usual_round(f, i + 1);
        log_round(f, &options, ids[i]);
    }
    log_extended(f, ids[0], DEADLINE_MS + 5);
    log_void(f, ids[1], EVENHAND__V1__VOID_REASON__VOID_REASON_RESTORED);
    log_closed(f, ids[2]);
    log_closed(f, ids[3]);
    log_result(f, ids[3], &f->collector, sums, 3);
    publish(f);
    assert_ok(evh_site_follow(&f->site));
    assert_ok(evh_mirror_round_of(&f->site, &found, &round, evh_plan_id(f->plan), 1));
    assert_true(found && round.state == EVH_ROUND_OPEN && round.deadline_ms == DEADLINE_MS + 5);
    assert_memory_equal(round.task.id, ids[0], 32);
    assert_int_equal(round.opened_ms, 5);
    assert_ok(evh_mirror_round_of(&f->site, &found, &round, evh_plan_id(f->plan), 2));
    assert_true(found && round.state == EVH_ROUND_VOID && round.void_reason == 5);
    assert_string_equal(evh_void_words(round.void_reason), "a store was restored from a backup");
    assert_ok(evh_mirror_round_of(&f->site, &found, &round, evh_plan_id(f->plan), 3));
    assert_true(found && round.state == EVH_ROUND_AGREED && round.report_count == 9);
    assert_ok(evh_mirror_result(&f->site, &found, &entry, ids[2]));
    assert_false(found);
    assert_ok(evh_mirror_result(&f->site, &found, &entry, ids[3]));
    assert_true(found && entry.len > 0);
    assert_ok(evh_mirror_round_of(&f->site, &found, &round, evh_plan_id(f->plan), 5));
    assert_false(found);
    evh_buffer_clear(&entry);
}

static void test_follow_refuses_other_parties(void **state)
{
    fixture *f = *state;
    log_keys(f, &f->other);
    publish(f);
    assert_refused(f, "another key of the helper");
}

static void test_follow_refuses_customers_without_endorsement(void **state)
{
    fixture *f = *state;
    log_keys(f, &f->helper);
    log_roster(f, &f->customer, ACTIVE, &f->leader, &f->other);
    publish(f);
    assert_refused(f, "that the helper has not endorsed");
    replace_log(f, "second.db");
    log_roster(f, &f->customer, ACTIVE, &f->other, &f->helper);
    publish(f);
    assert_refused(f, "that the leader has not endorsed");
}

/* The entry from before the suspension once more, byte for byte. */
static void test_follow_refuses_an_endorsement_again(void **state)
{
    fixture *f = *state;
    evh_mirror_self self;
    log_all(f);
    log_roster(f, &f->customer, SUSPENDED, &f->leader, &f->helper);
    publish(f);
    assert_ok(evh_site_follow(&f->site));
    f->roster_sequence = 0;
    log_roster(f, &f->customer, ACTIVE, &f->leader, &f->helper);
    publish(f);
    assert_refused(f, "for another entry than they were given for");
    assert_ok(evh_mirror_self_of(&f->site, &self));
    assert_true(self.known && !self.active);
}

static void test_follow_refuses_an_entry_of_a_customer_left_out(void **state)
{
    fixture *f = *state;
    log_keys(f, &f->helper);
    f->roster_sequence = 1;
    log_roster(f, &f->customer, ACTIVE, &f->leader, &f->helper);
    publish(f);
    assert_refused(f, "for another entry than they were given for");
}

static void test_follow_refuses_a_population_twice(void **state)
{
    fixture *f = *state;
    log_population(f);
    f->population.customers_per_unit = 2;
    log_population(f);
    publish(f);
    assert_refused(f, "names a population twice");
}

static void test_follow_refuses_round_keys_of_others(void **state)
{
    fixture *f = *state;
    round_options options = usual_round(f, 1);
    uint8_t task_id[32];
    log_all(f);
    options.helper = &f->other;
    log_round(f, &options, task_id);
    publish(f);
    assert_refused(f, "keys are not signed by the leader and helper");
}

static void test_follow_refuses_a_round_twice(void **state)
{
    fixture *f = *state;
    round_options options = usual_round(f, 1);
    uint8_t task_id[32];
    log_all(f);
    log_round(f, &options, task_id);
    options.deadline_ms++;
    log_round(f, &options, task_id);
    publish(f);
    assert_refused(f, "opens round 1 of a plan twice");
}

static void test_follow_refuses_results_of_others(void **state)
{
    fixture *f = *state;
    round_options options = usual_round(f, 1);
    uint8_t task_id[32];
    log_all(f);
    log_round(f, &options, task_id);
    log_result(f, task_id, &f->leader, sums, 3);
    publish(f);
    assert_refused(f, "the collector has not signed");
}

static void test_follow_refuses_words_about_unknown_rounds(void **state)
{
    fixture *f = *state;
    static const uint8_t nothing[32] = {7};
    log_all(f);
    log_void(f, nothing, EVENHAND__V1__VOID_REASON__VOID_REASON_OPERATOR);
    publish(f);
    assert_refused(f, "breaks its rules");
}

static void test_follow_refuses_missing_signatures(void **state)
{
    fixture *f = *state;
    log_keys(f, &f->helper);
    f->cosign = false;
    publish(f);
    assert_refused(f, "does not carry the helper's cosignature");
}

static void test_follow_refuses_rolled_back_and_forked_logs(void **state)
{
    fixture *f = *state;
    log_all(f);
    assert_ok(evh_site_follow(&f->site));
    replace_log(f, "second.db");
    log_keys(f, &f->helper);
    publish(f);
    assert_refused(f, "rolled back");
    log_population(f);
    log_roster(f, &f->customer, ACTIVE, &f->leader, &f->helper);
    log_plan(f, f->plan);
    log_roster(f, &f->customer, ACTIVE, &f->leader, &f->helper);
    publish(f);
    assert_refused(f, "forked");
}

static void test_follow_unreachable_leader(void **state)
{
    fixture *f = *state;
    f->failure = evh_fail(EVH_ERR_UNAVAILABLE, "away");
    assert_fails(evh_site_follow(&f->site), EVH_ERR_UNAVAILABLE);
}

static void test_open_refuses_changed_trust(void **state)
{
    fixture *f = *state;
    evh_site_close(&f->site);
    f->config->trust.helper = f->other.identity;
    assert_fails_with(evh_site_open(&f->site, f->config, f->config_path), EVH_ERR_PRIVACY,
                      "not those with which");
    assert_non_null(f->site.advice);
}

int run_mirror_tests(void)
{
    const struct CMUnitTest tests[] = {
        SERVICE_TEST(test_follow_reads_parties_plans_and_people),
        SERVICE_TEST(test_follow_suspended_customer),
        SERVICE_TEST(test_follow_rounds_and_their_ends),
        SERVICE_TEST(test_follow_refuses_other_parties),
        SERVICE_TEST(test_follow_refuses_customers_without_endorsement),
        SERVICE_TEST(test_follow_refuses_an_endorsement_again),
        SERVICE_TEST(test_follow_refuses_an_entry_of_a_customer_left_out),
        SERVICE_TEST(test_follow_refuses_a_population_twice),
        SERVICE_TEST(test_follow_refuses_round_keys_of_others),
        SERVICE_TEST(test_follow_refuses_a_round_twice),
        SERVICE_TEST(test_follow_refuses_results_of_others),
        SERVICE_TEST(test_follow_refuses_words_about_unknown_rounds),
        SERVICE_TEST(test_follow_refuses_missing_signatures),
        SERVICE_TEST(test_follow_refuses_rolled_back_and_forked_logs),
        SERVICE_TEST(test_follow_unreachable_leader),
        SERVICE_TEST(test_open_refuses_changed_trust),
    };
    return cmocka_run_group_tests_name("service mirror", tests, NULL, NULL);
}
