/* SPDX-License-Identifier: Apache-2.0
 * What operators ask: who may, what is told, and lists that agree with what was done. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "evenhand/plan/population.h"
#include "operating.h"

#define ROUND(name) EVENHAND__V1__ROUND_STATE__ROUND_STATE_##name

enum { HOUR_MS = 3600000 };

static bool is_operators(const char *path)
{
    return strncmp(path, "/evenhand.v1.Operator/", strlen("/evenhand.v1.Operator/")) == 0;
}

static void test_operator_refuses_other_callers(void **state)
{
    operating *o = *state;
    const evh_operator *sides[] = {&o->leader, &o->helper};
    for (size_t s = 0; s < 2; s++) {
        evh_operator_table table = evh_operator_methods(sides[s]->self->role);
        assert_true(table.count > 10);
        for (size_t i = 0; i < table.count; i++)
            for (int role = EVH_ROLE_CUSTOMER; role <= EVH_ROLE_OBSERVER; role++) {
                evh_caller caller = {.role = (evh_role)role};
                if (role == (int)table.methods[i].caller)
                    continue;
                assert_fails(
                    ask_bytes(o, sides[s], table.methods[i].path, &caller, evh_view_of(NULL, 0)),
                    EVH_ERR_REFUSED);
                assert_int_equal(o->answer.len, 0);
            }
    }
}

static void test_operator_refuses_malformed_requests(void **state)
{
    operating *o = *state;
    evh_operator_table table = evh_operator_methods(EVH_ROLE_LEADER);
    evh_caller caller = as_operator();
    for (size_t i = 0; i < table.count; i++) {
        if (!is_operators(table.methods[i].path))
            continue;
        assert_fails(
            ask_bytes(o, &o->leader, table.methods[i].path, &caller, view_of_literal("\xFF\xFF")),
            EVH_ERR_ENCODING);
        assert_fails(ask_bytes(o, &o->leader, table.methods[i].path, &caller,
                               view_of_literal("\xF8\x3F\x01")),
                     EVH_ERR_ENCODING);
    }
}

/* What only the leader does. */
static void test_operator_refuses_leaders_work_at_the_helper(void **state)
{
    operating *o = *state;
    Evenhand__V1__InviteCustomerRequest invite;
    Evenhand__V1__InviteCustomerResponse *invited = NULL;
    Evenhand__V1__CloseRoundRequest close;
    Evenhand__V1__RoundResponse *closed = NULL;
    Evenhand__V1__OpenRoundRequest open;
    Evenhand__V1__OpenRoundResponse *opened = NULL;
    Evenhand__V1__PublishPlanRequest publish;
    Evenhand__V1__PublishPlanResponse *published = NULL;
    evenhand__v1__invite_customer_request__init(&invite);
    evenhand__v1__close_round_request__init(&close);
    evenhand__v1__open_round_request__init(&open);
    evenhand__v1__publish_plan_request__init(&publish);
    ask(o, &o->helper, "InviteCustomer", &invite.base,
        &evenhand__v1__invite_customer_response__descriptor, &invited);
    ask(o, &o->helper, "CloseRound", &close.base, &evenhand__v1__round_response__descriptor,
        &closed);
    ask(o, &o->helper, "OpenRound", &open.base, &evenhand__v1__open_round_response__descriptor,
        &opened);
    ask(o, &o->helper, "PublishPlan", &publish.base,
        &evenhand__v1__publish_plan_response__descriptor, &published);
    assert_non_null(strstr(invited->refusal->text, "only the leader"));
    assert_non_null(strstr(closed->refusal->text, "only the leader"));
    assert_non_null(strstr(opened->refusal->text, "only the leader"));
    assert_non_null(strstr(published->refusal->text, "only the leader"));
    assert_int_equal(invited->invitation.len, 0);
    evh_wire_free(&invited);
    evh_wire_free(&closed);
    evh_wire_free(&opened);
    evh_wire_free(&published);
}

static void expect_invite_refused(operating *o, const char *name, uint32_t hours, const char *text)
{
    Evenhand__V1__InviteCustomerRequest request;
    Evenhand__V1__InviteCustomerResponse *response = NULL;
    bool found = false;
    evenhand__v1__invite_customer_request__init(&request);
    request.name = (char *)(uintptr_t)name;
    request.valid_hours = hours;
    ask(o, &o->leader, "InviteCustomer", &request.base,
        &evenhand__v1__invite_customer_response__descriptor, &response);
    assert_non_null(response->refusal);
    assert_non_null(strstr(response->refusal->text, text));
    assert_int_equal(response->invitation.len, 0);
    if (name[0] != '\0') { /* rows without a name are the fixture's own customers */
        (void)row_of(o, &o->leader, name, &found);
        assert_false(found);
    }
    evh_wire_free(&response);
}

static void test_invite_refused(void **state)
{
    operating *o = *state;
    expect_invite_refused(o, "", 1, "1 to 200 bytes");
    expect_invite_refused(o, " x", 1, "space");
    expect_invite_refused(o, "x\n", 1, "space");
    expect_invite_refused(o, "x\ny", 1, "control");
    expect_invite_refused(o, "x", 0, "1 to 8760 hours");
    expect_invite_refused(o, "x", 8761, "1 to 8760 hours");
}

/* ---- plans and rounds ---- */

static void open_at(operating *o, uint32_t round, uint64_t deadline_ms, const char *refusal,
                    uint8_t *task_id)
{
    Evenhand__V1__OpenRoundRequest request;
    Evenhand__V1__OpenRoundResponse *response = NULL;
    evenhand__v1__open_round_request__init(&request);
    evh_wire_set_bytes(&request.plan_id, evh_view_of(o->f->plan_id, 32));
    request.round = round;
    request.deadline_ms = deadline_ms;
    ask(o, &o->leader, "OpenRound", &request.base, &evenhand__v1__open_round_response__descriptor,
        &response);
    assert_int_equal(response->refusal != NULL, refusal[0] != '\0');
    assert_int_equal(response->round != NULL, refusal[0] == '\0');
    if (response->refusal != NULL) {
        if (strstr(response->refusal->text, refusal) == NULL)
            fail_msg("%s", response->refusal->text);
    } else {
        assert_int_equal(response->round->state, ROUND(OPEN));
        assert_int_equal(response->round->round, round);
        assert_int_equal(response->round->deadline_ms, deadline_ms);
        memcpy(task_id, response->round->task_id.data, 32);
    }
    evh_wire_free(&response);
}

typedef struct round_view {
    Evenhand__V1__RoundState state;
    uint64_t deadline_ms;
    char refusal[200];
} round_view;

/* CloseRound, ExtendRound or VoidRound. */
static round_view change_round(operating *o, const char *method, const ProtobufCMessage *request)
{
    Evenhand__V1__RoundResponse *response = NULL;
    round_view view = {.state = ROUND(UNSPECIFIED)};
    ask(o, &o->leader, method, request, &evenhand__v1__round_response__descriptor, &response);
    assert_int_equal(response->round == NULL, response->refusal != NULL);
    if (response->round != NULL) {
        view.state = response->round->state;
        view.deadline_ms = response->round->deadline_ms;
    } else {
        (void)snprintf(view.refusal, sizeof view.refusal, "%s", response->refusal->text);
    }
    evh_wire_free(&response);
    return view;
}

static round_view close_round(operating *o, const uint8_t *task_id, size_t len)
{
    Evenhand__V1__CloseRoundRequest request;
    evenhand__v1__close_round_request__init(&request);
    evh_wire_set_bytes(&request.task_id, evh_view_of(task_id, len));
    return change_round(o, "CloseRound", &request.base);
}

static round_view extend_round(operating *o, const uint8_t *task_id, uint64_t deadline_ms)
{
    Evenhand__V1__ExtendRoundRequest request;
    evenhand__v1__extend_round_request__init(&request);
    evh_wire_set_bytes(&request.task_id, evh_view_of(task_id, 32));
    request.deadline_ms = deadline_ms;
    return change_round(o, "ExtendRound", &request.base);
}

static round_view void_round(operating *o, const uint8_t *task_id)
{
    Evenhand__V1__VoidRoundRequest request;
    evenhand__v1__void_round_request__init(&request);
    evh_wire_set_bytes(&request.task_id, evh_view_of(task_id, 32));
    return change_round(o, "VoidRound", &request.base);
}

static void test_open_round_told_in_words(void **state)
{
    operating *o = *state;
    uint8_t task_id[32];
    uint64_t deadline = (uint64_t)o->f->now_ms + HOUR_MS;
    open_at(o, 9, deadline, "round", task_id);
    open_at(o, 1, 1, "deadline", task_id);
    o->away = true;
    open_at(o, 1, deadline, "away", task_id);
    o->away = false;
    size_t wakes = o->wakes;
    open_at(o, 1, deadline, "", task_id);
    assert_true(o->wakes > wakes);
    open_at(o, 1, deadline, "opened before", task_id);
    open_at(o, 1, deadline + 1, "opened before", task_id);
}

static void test_round_changes_told_in_words(void **state)
{
    operating *o = *state;
    uint8_t task_id[32];
    uint8_t unknown[32] = {1};
    uint64_t deadline = (uint64_t)o->f->now_ms + HOUR_MS;
    open_at(o, 1, deadline, "", task_id);
    round_view view = extend_round(o, task_id, deadline - 1);
    assert_non_null(strstr(view.refusal, "not later"));
    view = extend_round(o, task_id, deadline + 5);
    assert_int_equal(view.deadline_ms, deadline + 5);
    assert_non_null(strstr(close_round(o, unknown, 32).refusal, "no such round"));
    assert_non_null(strstr(close_round(o, task_id, 31).refusal, "task_id"));
    assert_int_equal(close_round(o, task_id, 32).state, ROUND(CLOSED));
    assert_int_equal(close_round(o, task_id, 32).state, ROUND(CLOSED));
    assert_true(extend_round(o, task_id, deadline + 9).refusal[0] != '\0');
    assert_int_equal(void_round(o, task_id).state, ROUND(VOID));
    assert_true(close_round(o, task_id, 32).refusal[0] != '\0');
}

/* ---- lists ---- */

static void test_lists_agree_with_what_was_done(void **state)
{
    operating *o = *state;
    uint8_t task_id[32];
    Evenhand__V1__ListPlansRequest plans;
    Evenhand__V1__ListPlansResponse *listed = NULL;
    Evenhand__V1__ListPopulationsRequest populations;
    Evenhand__V1__ListPopulationsResponse *budgets = NULL;
    Evenhand__V1__ListRoundsRequest rounds;
    Evenhand__V1__ListRoundsResponse *all = NULL;
    evh_population population;
    evenhand__v1__list_plans_request__init(&plans);
    evenhand__v1__list_populations_request__init(&populations);
    evenhand__v1__list_rounds_request__init(&rounds);
    open_at(o, 1, (uint64_t)o->f->now_ms + HOUR_MS, "", task_id);
    ask(o, &o->leader, "ListPlans", &plans.base, &evenhand__v1__list_plans_response__descriptor,
        &listed);
    assert_int_equal(listed->n_plans, 1);
    assert_memory_equal(listed->plans[0]->plan_id.data, o->f->plan_id, 32);
    assert_int_equal(listed->plans[0]->rounds_opened, 1);
    ask(o, &o->leader, "ListPopulations", &populations.base,
        &evenhand__v1__list_populations_response__descriptor, &budgets);
    assert_int_equal(budgets->n_populations, 1);
    assert_int_equal(budgets->populations[0]->rounds_charged, 1);
    assert_true(strtod(budgets->populations[0]->epsilon_spent, NULL) > 0);
    assert_ok(
        evh_population_decode(&population, evh_wire_bytes(&budgets->populations[0]->population)));
    assert_string_equal(population.name, listed->plans[0]->population);
    evh_wire_set_bytes(&rounds.plan_id, evh_view_of(o->f->plan_id, 32));
    ask(o, &o->leader, "ListRounds", &rounds.base, &evenhand__v1__list_rounds_response__descriptor,
        &all);
    assert_int_equal(all->n_rounds, 1);
    assert_memory_equal(all->rounds[0]->task_id.data, task_id, 32);
    assert_int_equal(all->rounds[0]->customers, CUSTOMERS);
    evh_wire_free(&all);
    uint8_t other[32] = {9};
    evh_wire_set_bytes(&rounds.plan_id, evh_view_of(other, 32));
    ask(o, &o->leader, "ListRounds", &rounds.base, &evenhand__v1__list_rounds_response__descriptor,
        &all);
    assert_int_equal(all->n_rounds, 0);
    evh_wire_free(&all);
    evh_wire_free(&listed);
    evh_wire_free(&budgets);
}

static void test_retired_plan_and_known_population(void **state)
{
    operating *o = *state;
    uint8_t task_id[32];
    uint8_t unknown[32] = {9};
    Evenhand__V1__RetirePlanRequest retire;
    Evenhand__V1__RetirePlanResponse *retired = NULL;
    Evenhand__V1__AddPopulationRequest add;
    Evenhand__V1__AddPopulationResponse *added = NULL;
    evenhand__v1__retire_plan_request__init(&retire);
    evenhand__v1__add_population_request__init(&add);
    evh_wire_set_bytes(&retire.plan_id, evh_view_of(unknown, 32));
    ask(o, &o->leader, "RetirePlan", &retire.base, &evenhand__v1__retire_plan_response__descriptor,
        &retired);
    assert_non_null(strstr(retired->refusal->text, "not in the log"));
    evh_wire_free(&retired);
    evh_wire_set_bytes(&retire.plan_id, evh_view_of(o->f->plan_id, 32));
    ask(o, &o->leader, "RetirePlan", &retire.base, &evenhand__v1__retire_plan_response__descriptor,
        &retired);
    assert_null(retired->refusal);
    open_at(o, 1, (uint64_t)o->f->now_ms + HOUR_MS, "retired", task_id);
    evh_wire_set_bytes(&add.population, view_of_literal("\x08\x01"));
    ask(o, &o->leader, "AddPopulation", &add.base,
        &evenhand__v1__add_population_response__descriptor, &added);
    assert_string_equal(added->refusal->code, "ENCODING");
    evh_wire_free(&added);
    evh_wire_free(&retired);
}

static void test_list_reports_names_customers(void **state)
{
    operating *o = *state;
    uint8_t task_id[32];
    organisation a;
    evh_operator_outcome outcome;
    Evenhand__V1__ListReportsRequest request;
    Evenhand__V1__ListReportsResponse *response = NULL;
    evenhand__v1__list_reports_request__init(&request);
    join(o, &a, "a named one");
    assert_ok(enrol_request(o, &a));
    decide(o, &o->leader, "a named one", false, "");
    decide(o, &o->helper, "a named one", false, "");
    assert_ok(evh_operator_drive(&o->leader, &outcome));
    open_at(o, 1, (uint64_t)o->f->now_ms + HOUR_MS, "", task_id);
    evh_wire_set_bytes(&request.task_id, evh_view_of(task_id, 32));
    ask(o, &o->leader, "ListReports", &request.base,
        &evenhand__v1__list_reports_response__descriptor, &response);
    assert_null(response->refusal);
    assert_int_equal(response->n_reports, 0);
    assert_int_equal(response->n_missing, CUSTOMERS + 1);
    bool named = false;
    for (size_t i = 0; i < response->n_missing; i++)
        named = named || strcmp(response->missing[i], "a named one") == 0;
    assert_true(named);
    evh_wire_free(&response);
    task_id[0] ^= 1;
    ask(o, &o->leader, "ListReports", &request.base,
        &evenhand__v1__list_reports_response__descriptor, &response);
    assert_non_null(strstr(response->refusal->text, "no such round"));
    evh_wire_free(&response);
    leave(&a);
}

int run_operator_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_operator_refuses_other_callers, operating_set_up,
                                        operating_tear_down),
        cmocka_unit_test_setup_teardown(test_operator_refuses_malformed_requests, operating_set_up,
                                        operating_tear_down),
        cmocka_unit_test_setup_teardown(test_operator_refuses_leaders_work_at_the_helper,
                                        operating_set_up, operating_tear_down),
        cmocka_unit_test_setup_teardown(test_invite_refused, operating_set_up, operating_tear_down),
        cmocka_unit_test_setup_teardown(test_open_round_told_in_words, operating_set_up,
                                        operating_tear_down),
        cmocka_unit_test_setup_teardown(test_round_changes_told_in_words, operating_set_up,
                                        operating_tear_down),
        cmocka_unit_test_setup_teardown(test_lists_agree_with_what_was_done, operating_set_up,
                                        operating_tear_down),
        cmocka_unit_test_setup_teardown(test_retired_plan_and_known_population, operating_set_up,
                                        operating_tear_down),
        cmocka_unit_test_setup_teardown(test_list_reports_names_customers, operating_set_up,
                                        operating_tear_down),
    };
    return cmocka_run_group_tests_name("operator", tests, NULL, NULL);
}
