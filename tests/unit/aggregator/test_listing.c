/* SPDX-License-Identifier: Apache-2.0
 * What operators and readers of the log are shown; plans, budgets and extensions. */
#include "evenhand/aggregator/listing.h"

#include <string.h>

#include "evenhand/wire/message.h"
#include "peer.h"

#define STATE(name) EVENHAND__V1__ROUND_STATE__ROUND_STATE_##name

/* ---- lists ---- */

static void test_list_rounds_and_reports(void **state)
{
    fixture *f = *state;
    evh_round_list rounds;
    evh_report_list reports;
    uint8_t other[32] = {9};
    open_round(f, 2);
    report(f, 0, 1);
    report(f, 1, 1);
    open_round(f, 1);
    assert_ok(evh_aggregator_list_rounds(&f->leader.aggregator, &rounds, f->plan_id));
    assert_int_equal(rounds.count, 2);
    assert_int_equal(rounds.rows[0].round, 2);
    assert_int_equal(rounds.rows[0].received, 2);
    assert_int_equal(rounds.rows[0].accepted + rounds.rows[0].rejected, 0);
    assert_int_equal(rounds.rows[0].customers, CUSTOMERS);
    assert_int_equal(rounds.rows[0].customers_needed, 3);
    assert_int_equal(rounds.rows[0].deadline_ms, DEADLINE_MS);
    assert_string_equal(rounds.rows[0].plan, "plan");
    assert_true(rounds.rows[0].cosigned);
    assert_int_equal(rounds.rows[1].round, 1);
    assert_memory_equal(rounds.rows[1].task_id, f->task_id, 32);
    assert_ok(evh_aggregator_list_reports(&f->leader.aggregator, &reports, rounds.rows[0].task_id));
    assert_int_equal(reports.count, CUSTOMERS);
    size_t received = 0;
    for (size_t i = 0; i < reports.count; i++) {
        assert_true(i == 0 || strcmp(reports.rows[i - 1].customer, reports.rows[i].customer) < 0);
        received += reports.rows[i].state == EVENHAND__V1__REPORT_STATE__REPORT_STATE_RECEIVED &&
                    reports.rows[i].received_ms == NOW_MS;
    }
    assert_int_equal(received, 2);
    evh_report_list_clear(&reports);
    evh_round_list_clear(&rounds);
    assert_ok(evh_aggregator_list_rounds(&f->helper.aggregator, &rounds, NULL));
    assert_int_equal(rounds.count, 2);
    assert_int_equal(rounds.rows[0].received, 0);
    evh_round_list_clear(&rounds);
    assert_ok(evh_aggregator_list_rounds(&f->leader.aggregator, &rounds, other));
    assert_int_equal(rounds.count, 0);
    evh_round_list_clear(&rounds);
    assert_fails(evh_aggregator_list_reports(&f->leader.aggregator, &reports, other),
                 EVH_ERR_REFUSED);
    evh_round_row row;
    assert_fails(evh_aggregator_find_round(&f->leader.aggregator, &row, other), EVH_ERR_REFUSED);
}

static void test_list_plans_and_populations(void **state)
{
    fixture *f = *state;
    evh_plan_list plans;
    evh_population_list populations;
    use_plan(f, "second", 2, 4);
    open_round(f, 1);
    assert_ok(evh_aggregator_list_plans(&f->leader.aggregator, &plans));
    assert_int_equal(plans.count, 2);
    assert_string_equal(plans.rows[0].name, "plan");
    assert_string_equal(plans.rows[1].name, "second");
    assert_string_equal(plans.rows[1].population, "people");
    assert_int_equal(plans.rows[1].rounds, 2);
    assert_int_equal(plans.rows[1].rounds_opened, 1);
    assert_int_equal(plans.rows[0].rounds_opened, 0);
    assert_false(plans.rows[1].retired);
    evh_plan_list_clear(&plans);
    assert_ok(evh_aggregator_list_populations(&f->helper.aggregator, &populations));
    assert_int_equal(populations.count, 1);
    assert_string_equal(populations.rows[0].population.name, "people");
    assert_int_equal(populations.rows[0].rounds_charged, 1);
    assert_true(populations.rows[0].epsilon_spent > 0.9 &&
                populations.rows[0].epsilon_spent <= 1.0);
    evh_population_list_clear(&populations);
}

/* ---- the log ---- */

static void test_log_is_served_as_far_as_it_is_cosigned(void **state)
{
    fixture *f = *state;
    evh_caller anyone = {.role = EVH_ROLE_OBSERVER};
    const evh_aggregator *leader = &f->leader.aggregator;
    Evenhand__V1__GetCheckpointRequest ask;
    Evenhand__V1__GetCheckpointResponse *response = NULL;
    Evenhand__V1__GetEntriesRequest entries;
    Evenhand__V1__GetEntriesResponse *list = NULL;
    evenhand__v1__get_checkpoint_request__init(&ask);
    evenhand__v1__get_entries_request__init(&entries);
    clear(f);
    assert_fails(
        evh_aggregator_get_checkpoint(leader, &anyone, evh_buffer_view(&f->request), &f->response),
        EVH_ERR_UNAVAILABLE);
    cosign(f);
    use_plan(f, "not cosigned", 1, 6);
    ask.known_size = 2;
    clear(f);
    assert_ok(evh_wire_pack(&f->request, &ask.base));
    assert_ok(
        evh_aggregator_get_checkpoint(leader, &anyone, evh_buffer_view(&f->request), &f->response));
    assert_ok(evh_wire_unpack(&response, &evenhand__v1__get_checkpoint_response__descriptor,
                              evh_buffer_view(&f->response), "checkpoint"));
    evh_checkpoint checkpoint;
    evh_seal_verdict verdict = EVH_SEAL_REJECTED;
    uint64_t time_s = 0;
    assert_ok(evh_checkpoint_read(&checkpoint, evh_wire_bytes(&response->checkpoint)));
    assert_int_equal(checkpoint.size, f->helper_size);
    assert_ok(
        evh_checkpoint_check_cosignature(&verdict, &time_s, &checkpoint, &f->witness_key.identity));
    assert_int_equal(verdict, EVH_SEAL_ACCEPTED);
    assert_true(response->n_consistency > 0);
    evh_wire_free(&response);
    entries.start = 1;
    entries.count = 1000;
    clear(f);
    assert_ok(evh_wire_pack(&f->request, &entries.base));
    assert_ok(
        evh_aggregator_get_entries(leader, &anyone, evh_buffer_view(&f->request), &f->response));
    assert_ok(evh_wire_unpack(&list, &evenhand__v1__get_entries_response__descriptor,
                              evh_buffer_view(&f->response), "entries"));
    assert_int_equal(list->n_entries, f->helper_size - 1);
    evh_wire_free(&list);
    entries.start = f->helper_size;
    clear(f);
    assert_ok(evh_wire_pack(&f->request, &entries.base));
    assert_fails(
        evh_aggregator_get_entries(leader, &anyone, evh_buffer_view(&f->request), &f->response),
        EVH_ERR_RANGE);
    ask.known_size = f->helper_size + 1;
    clear(f);
    assert_ok(evh_wire_pack(&f->request, &ask.base));
    assert_fails(
        evh_aggregator_get_checkpoint(leader, &anyone, evh_buffer_view(&f->request), &f->response),
        EVH_ERR_RANGE);
    /* The helper's mirror has the same. */
    ask.known_size = 0;
    clear(f);
    assert_ok(evh_wire_pack(&f->request, &ask.base));
    assert_ok(evh_aggregator_get_checkpoint(&f->helper.aggregator, &anyone,
                                            evh_buffer_view(&f->request), &f->response));
}

static evh_status inclusion(fixture *f, uint64_t index, uint64_t size)
{
    evh_caller anyone = {.role = EVH_ROLE_OBSERVER};
    Evenhand__V1__GetInclusionRequest ask;
    evenhand__v1__get_inclusion_request__init(&ask);
    ask.index = index;
    ask.size = size;
    clear(f);
    assert_ok(evh_wire_pack(&f->request, &ask.base));
    return evh_aggregator_get_inclusion(&f->leader.aggregator, &anyone,
                                        evh_buffer_view(&f->request), &f->response);
}

static void test_log_proves_inclusion(void **state)
{
    fixture *f = *state;
    Evenhand__V1__Proof *message = NULL;
    evh_merkle_proof proof = {.count = 0};
    evh_merkle_hash leaf;
    evh_merkle_hash root;
    bool holds = false;
    evh_buffer entry = evh_buffer_init(EVH_TRANSLOG_ENTRY_BYTES_MAX);
    cosign(f);
    assert_ok(inclusion(f, 3, f->helper_size));
    assert_ok(evh_wire_unpack(&message, &evenhand__v1__proof__descriptor,
                              evh_buffer_view(&f->response), "proof"));
    for (proof.count = 0; proof.count < message->n_hashes; proof.count++)
        memcpy(proof.hashes[proof.count].bytes, message->hashes[proof.count].data, 32);
    assert_ok(evh_store_begin(f->helper.store));
    assert_ok(evh_translog_entry(f->helper.store, &entry, 3));
    assert_ok(evh_translog_root(f->helper.store, &root, f->helper_size));
    evh_store_rollback(f->helper.store);
    assert_ok(evh_merkle_leaf(&leaf, evh_buffer_view(&entry)));
    assert_ok(evh_merkle_check_inclusion(&holds, &proof, 3, f->helper_size, &leaf, &root));
    assert_true(holds);
    assert_fails(inclusion(f, 3, f->helper_size + 1), EVH_ERR_RANGE);
    assert_fails(inclusion(f, f->helper_size, f->helper_size), EVH_ERR_RANGE);
    evh_wire_free(&message);
    evh_buffer_clear(&entry);
}

/* ---- plans and budgets ---- */

static evh_status publish(fixture *f, const char *name, uint8_t plan_id[32])
{
    evh_buffer bytes = evh_buffer_init(1 << 16);
    uint64_t index = 0;
    make_plan(&bytes, name, 4, CUSTOMERS);
    evh_status status =
        evh_leader_publish_plan(&f->leader.aggregator, plan_id, &index, evh_buffer_view(&bytes));
    evh_buffer_clear(&bytes);
    return status;
}

static evh_status prepare(fixture *f, const uint8_t *plan_id, uint32_t round, uint64_t window_end)
{
    evh_caller leader = as_leader();
    Evenhand__V1__PrepareRoundRequest request;
    evenhand__v1__prepare_round_request__init(&request);
    evh_wire_set_bytes(&request.plan_id, evh_view_of(plan_id, 32));
    request.round = round;
    request.deadline_ms = DEADLINE_MS;
    request.window_end_ms = window_end;
    clear(f);
    assert_ok(evh_wire_pack(&f->request, &request.base));
    return evh_helper_prepare_round(&f->helper.aggregator, &leader, evh_buffer_view(&f->request),
                                    &f->response);
}

static void test_budget_ends(void **state)
{
    fixture *f = *state;
    uint8_t other[32];
    uint8_t task_id[32];
    fake_peer peer;
    assert_ok(publish(f, "other", other));
    for (uint32_t round = 1; round <= 3; round++)
        open_round(f, round);
    /* A void round stays charged. */
    assert_ok(evh_leader_void_round(&f->leader.aggregator, f->task_id, 4));
    cosign(f);
    assert_ok(prepare(f, f->plan_id, 4, 0));
    open_round(f, 4);
    /* Both find out by themselves. */
    assert_fails_with(prepare(f, other, 1, 0), EVH_ERR_REFUSED, "budget");
    fake_peer_init(&peer, f);
    evh_peer handle = fake_peer_handle(&peer);
    assert_fails_with(
        evh_leader_open(&f->leader.aggregator, &handle, task_id, other, 1, DEADLINE_MS),
        EVH_ERR_REFUSED, "budget");
    assert_int_equal(peer.calls, 0);
    fake_peer_clear(&peer);
    assert_fails_with(publish(f, "late", other), EVH_ERR_REFUSED, "budget");
    /* Asked again, what was prepared is still the answer. */
    assert_ok(prepare(f, f->plan_id, 4, 0));
}

static void test_preparation_is_replaced_until_the_round_is_open(void **state)
{
    fixture *f = *state;
    uint8_t task_id[32];
    fake_peer peer;
    cosign(f);
    assert_ok(prepare(f, f->plan_id, 1, 0));
    assert_int_equal(f->helper.vault.count, 1);
    fake_peer_init(&peer, f);
    evh_peer handle = fake_peer_handle(&peer);
    assert_ok(evh_leader_open(&f->leader.aggregator, &handle, task_id, f->plan_id, 1,
                              DEADLINE_MS + 1000));
    assert_int_equal(f->helper.vault.count, 1); /* the first one's secrets are gone */
    fake_peer_clear(&peer);
    cosign(f);
    assert_fails_with(prepare(f, f->plan_id, 1, 0), EVH_ERR_REFUSED, "opened before");
}

static void test_plan_is_retired(void **state)
{
    fixture *f = *state;
    uint64_t index = 0;
    uint64_t again = 0;
    uint8_t unknown[32] = {4};
    open_round(f, 1);
    assert_ok(evh_leader_retire_plan(&f->leader.aggregator, &index, f->plan_id));
    assert_ok(evh_leader_retire_plan(&f->leader.aggregator, &again, f->plan_id));
    assert_int_equal(index, again);
    assert_fails(evh_leader_retire_plan(&f->leader.aggregator, &index, unknown), EVH_ERR_REFUSED);
    cosign(f);
    assert_fails_with(prepare(f, f->plan_id, 2, 0), EVH_ERR_REFUSED, "retired");
    /* The open one goes on. */
    for (size_t i = 0; i < 3; i++)
        report(f, i, 1);
    aggregate(f, 9);
    assert_int_equal(agree(f), EVH_AGREEMENT_REACHED);
}

static void test_plan_refused(void **state)
{
    fixture *f = *state;
    uint8_t plan_id[32];
    uint64_t index = 0;
    assert_fails_with(prepare(f, f->plan_id, 1, 0), EVH_ERR_REFUSED, "not in the log");
    cosign(f);
    assert_fails_with(prepare(f, f->plan_id, 1, 77), EVH_ERR_REFUSED, "window");
    assert_fails_with(prepare(f, f->plan_id, 5, 0), EVH_ERR_REFUSED, "no round");
    assert_fails(evh_leader_publish_plan(&f->leader.aggregator, plan_id, &index,
                                         view_of_literal("\x08\x01")),
                 EVH_ERR_ENCODING);
    assert_fails(
        evh_leader_add_population(&f->leader.aggregator, &index, view_of_literal("\x08\x01")),
        EVH_ERR_ENCODING);
}

/* ---- deadlines ---- */

static void test_round_is_extended(void **state)
{
    fixture *f = *state;
    evh_round_row row;
    open_round(f, 1);
    assert_fails_with(evh_leader_extend_round(&f->leader.aggregator, f->task_id, DEADLINE_MS - 1),
                      EVH_ERR_REFUSED, "not later");
    assert_ok(evh_leader_extend_round(&f->leader.aggregator, f->task_id, DEADLINE_MS));
    assert_ok(evh_leader_extend_round(&f->leader.aggregator, f->task_id, DEADLINE_MS + 500));
    cosign(f);
    assert_ok(evh_aggregator_find_round(&f->helper.aggregator, &row, f->task_id));
    assert_int_equal(row.deadline_ms, DEADLINE_MS + 500);
    f->now_ms = DEADLINE_MS + 500;
    report(f, 0, 1);
    f->now_ms++;
    make_report(f, 1, 1);
    assert_fails_with(upload(f, 1), EVH_ERR_REFUSED, "deadline");
    assert_ok(evh_leader_close_round(&f->leader.aggregator, f->task_id));
    assert_fails(evh_leader_extend_round(&f->leader.aggregator, f->task_id, DEADLINE_MS + 900),
                 EVH_ERR_REFUSED);
}

/* ---- results ---- */

static evh_status result(fixture *f)
{
    evh_caller anyone = {.role = EVH_ROLE_OBSERVER};
    Evenhand__V1__GetResultRequest request;
    evenhand__v1__get_result_request__init(&request);
    evh_wire_set_bytes(&request.task_id, evh_view_of(f->task_id, 32));
    clear(f);
    assert_ok(evh_wire_pack(&f->request, &request.base));
    return evh_leader_get_result(&f->leader.aggregator, &anyone, evh_buffer_view(&f->request),
                                 &f->response);
}

static void test_result_is_served(void **state)
{
    fixture *f = *state;
    int64_t sums[CELLS];
    uint32_t count = 0;
    Evenhand__V1__GetResultResponse *response = NULL;
    open_round(f, 1);
    for (size_t i = 0; i < 3; i++)
        report(f, i, 1);
    assert_fails(result(f), EVH_ERR_UNAVAILABLE);
    aggregate(f, 9);
    assert_int_equal(agree(f), EVH_AGREEMENT_REACHED);
    collect(f, sums, &count);
    assert_ok(result(f));
    assert_ok(evh_wire_unpack(&response, &evenhand__v1__get_result_response__descriptor,
                              evh_buffer_view(&f->response), "result"));
    assert_views_equal(evh_wire_bytes(&response->result_json), view_of_literal("{}"));
    evh_wire_free(&response);
    open_round(f, 2);
    assert_ok(evh_leader_void_round(&f->leader.aggregator, f->task_id, 4));
    assert_fails_with(result(f), EVH_ERR_REFUSED, "void");
    f->task_id[0] ^= 1;
    assert_fails(result(f), EVH_ERR_REFUSED);
}

#define LISTING_TEST(test_name)                                                                    \
    cmocka_unit_test_setup_teardown(test_name, round_set_up, round_tear_down)

int run_listing_tests(void)
{
    const struct CMUnitTest tests[] = {
        LISTING_TEST(test_list_rounds_and_reports),
        LISTING_TEST(test_list_plans_and_populations),
        LISTING_TEST(test_log_is_served_as_far_as_it_is_cosigned),
        LISTING_TEST(test_log_proves_inclusion),
        LISTING_TEST(test_budget_ends),
        LISTING_TEST(test_preparation_is_replaced_until_the_round_is_open),
        LISTING_TEST(test_plan_is_retired),
        LISTING_TEST(test_plan_refused),
        LISTING_TEST(test_round_is_extended),
        LISTING_TEST(test_result_is_served),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
