/* SPDX-License-Identifier: Apache-2.0
 * What is refused, each for its own reason. */
#include <string.h>

#include "evenhand/wire/message.h"
#include "fixture.h"
#include "report.pb-c.h"

#define REASON(name) EVENHAND__V1__REJECT_REASON__REJECT_REASON_##name
#define REPORT_STATE(name) EVENHAND__V1__REPORT_STATE__REPORT_STATE_##name

/* ---- at the leader ---- */

static void test_upload_refuses_forged_and_foreign(void **state)
{
    fixture *f = *state;
    evh_caller caller = {.role = EVH_ROLE_CUSTOMER, .customer = &f->customers[1].identity};
    Evenhand__V1__Report *message = NULL;
    open_round(f, 1);
    make_report(f, 0, 3);
    assert_fails_with(upload(f, 1), EVH_ERR_REFUSED, "another customer");
    caller.role = EVH_ROLE_LEADER;
    assert_fails(
        evh_leader_upload(&f->leader.aggregator, &caller, evh_buffer_view(&f->report), &f->receipt),
        EVH_ERR_REFUSED);
    assert_ok(evh_wire_unpack(&message, &evenhand__v1__report__descriptor,
                              evh_buffer_view(&f->report), "report"));
    message->signature.data[7] ^= 1;
    evh_buffer_clear(&f->report);
    assert_ok(evh_wire_pack(&f->report, &message->base));
    evh_wire_free(&message);
    assert_fails_with(upload(f, 0), EVH_ERR_KEY, "not signed");
    assert_int_equal(f->receipt.len, 0);
    /* Nothing of it stays: the customer's own report is taken. */
    report(f, 0, 3);
}

static void test_upload_refuses_suspended_rolled_back_and_other_rounds(void **state)
{
    fixture *f = *state;
    open_round(f, 1);
    report(f, 0, 1);
    report(f, 1, 1);
    assert_ok(enrol(f, 2, EVENHAND__V1__ROSTER_STATE__ROSTER_STATE_SUSPENDED));
    make_report(f, 2, 1);
    assert_fails_with(upload(f, 2), EVH_ERR_REFUSED, "roster");
    make_report(f, 3, 1);
    open_round(f, 2);
    /* Made for round 1, which still takes it; the newer one then refuses what is behind. */
    assert_ok(upload(f, 3));
    f->ledger[0] = 0;
    make_report(f, 0, 1);
    assert_fails_with(upload(f, 0), EVH_ERR_REFUSED, "ledger");
    f->task.id[4] ^= 1;
    make_report(f, 1, 1);
    assert_fails_with(upload(f, 1), EVH_ERR_REFUSED, "no such round");
}

/* The endorsements from before a suspension, once more: the leader's own code does not log them, and
 * the helper does not cosign a log that has them. */
static void test_cosign_refuses_an_endorsement_again(void **state)
{
    fixture *f = *state;
    evh_caller leader = as_leader();
    const Evenhand__V1__RosterState active = EVENHAND__V1__ROSTER_STATE__ROSTER_STATE_ACTIVE;
    assert_ok(enrol(f, 2, EVENHAND__V1__ROSTER_STATE__ROSTER_STATE_SUSPENDED));
    cosign(f);
    assert_fails_with(enrol_as(f, 2, active, 1), EVH_ERR_REFUSED, "for another one");
    assert_fails_with(enrol_as(f, 2, active, 2), EVH_ERR_REFUSED, "for another one");
    assert_fails_with(enrol_as(f, 2, active, 4), EVH_ERR_REFUSED, "for another one");
    assert_fails_with(enrol_as(f, 2, active, UINT64_MAX), EVH_ERR_REFUSED, "for another one");
    sneak_roster(f, 2, active, 1);
    evh_buffer_clear(&f->request);
    assert_ok(evh_leader_cosign_request(&f->leader.aggregator, &f->request, f->helper_size));
    assert_fails_with(evh_helper_cosign(&f->helper.aggregator, &leader,
                                        evh_buffer_view(&f->request), &f->response),
                      EVH_ERR_REFUSED, "for another one");
}

static void test_roster_takes_every_change_in_turn(void **state)
{
    fixture *f = *state;
    assert_ok(enrol(f, 2, EVENHAND__V1__ROSTER_STATE__ROSTER_STATE_SUSPENDED));
    assert_ok(enrol(f, 2, EVENHAND__V1__ROSTER_STATE__ROSTER_STATE_ACTIVE));
    assert_ok(enrol(f, 2, EVENHAND__V1__ROSTER_STATE__ROSTER_STATE_REMOVED));
    assert_int_equal(f->roster_sequences[2], 4);
    cosign(f);
}

static void test_upload_refuses_a_full_round(void **state)
{
    fixture *f = *state;
    use_plan(f, "narrow", 1, 3);
    open_round(f, 1);
    report(f, 0, 1);
    report(f, 1, 1);
    report(f, 2, 1);
    make_report(f, 3, 1);
    assert_fails_with(upload(f, 3), EVH_ERR_REFUSED, "as many customers");
}

static void test_cosign_refuses_others_and_other_logs(void **state)
{
    fixture *f = *state;
    evh_caller leader = as_leader();
    evh_caller customer = {.role = EVH_ROLE_CUSTOMER, .customer = &f->customers[0].identity};
    cosign(f);
    evh_buffer_clear(&f->request);
    assert_ok(evh_leader_cosign_request(&f->leader.aggregator, &f->request, 0));
    assert_fails(evh_helper_cosign(&f->helper.aggregator, &customer, evh_buffer_view(&f->request),
                                   &f->response),
                 EVH_ERR_REFUSED);
    assert_fails(
        evh_helper_cosign(&f->helper.aggregator, &leader, view_of_literal("\xff"), &f->response),
        EVH_ERR_ENCODING);
    /* A leader that has other roots of trust than this helper: it inherits nothing. */
    f->helper.aggregator.log = f->leader_id.identity;
    assert_fails(evh_helper_cosign(&f->helper.aggregator, &leader, evh_buffer_view(&f->request),
                                   &f->response),
                 EVH_ERR_REFUSED);
}

/* ---- at the helper: a leader that changes what it passes on ---- */

typedef void (*tamper)(fixture *f, Evenhand__V1__AggregateRequest *request);

/* Changes the next job before the helper sees it, and takes the answers. */
static void tampered_job(fixture *f, tamper change, Evenhand__V1__RejectReason expected)
{
    evh_caller leader = as_leader();
    Evenhand__V1__AggregateRequest *request = NULL;
    Evenhand__V1__AggregateResponse *response = NULL;
    evh_buffer changed = evh_buffer_init(1 << 20);
    evh_buffer_clear(&f->request);
    evh_buffer_clear(&f->response);
    assert_ok(evh_leader_next_job(&f->leader.aggregator, &f->request, f->task_id, 1));
    assert_ok(evh_wire_unpack(&request, &evenhand__v1__aggregate_request__descriptor,
                              evh_buffer_view(&f->request), "request"));
    change(f, request);
    assert_ok(evh_wire_pack(&changed, &request->base));
    assert_ok(evh_helper_aggregate(&f->helper.aggregator, &leader, evh_buffer_view(&changed),
                                   &f->response));
    assert_ok(evh_wire_unpack(&response, &evenhand__v1__aggregate_response__descriptor,
                              evh_buffer_view(&f->response), "response"));
    assert_int_equal(response->n_answers, 1);
    assert_int_equal(response->answers[0]->rejected, expected);
    /* The honest bytes under the same id come too late. */
    assert_fails(evh_helper_aggregate(&f->helper.aggregator, &leader, evh_buffer_view(&f->request),
                                      &changed),
                 EVH_ERR_REFUSED);
    assert_ok(evh_leader_take_answers(&f->leader.aggregator, evh_buffer_view(&f->request),
                                      evh_buffer_view(&f->response)));
    evh_wire_free(&request);
    evh_wire_free(&response);
    evh_buffer_clear(&changed);
}

static void forge_signature(fixture *f, Evenhand__V1__AggregateRequest *request)
{
    (void)f;
    request->reports[0]->signature.data[3] ^= 1;
}

static void break_header(fixture *f, Evenhand__V1__AggregateRequest *request)
{
    (void)f;
    request->reports[0]->header.data[0] ^= 0xff;
}

static void change_public_share(fixture *f, Evenhand__V1__AggregateRequest *request)
{
    (void)f;
    request->reports[0]->public_share.data[0] ^= 1;
}

static void change_sealed_share(fixture *f, Evenhand__V1__AggregateRequest *request)
{
    (void)f;
    request->reports[0]->helper_share.data[60] ^= 1;
}

/* The leader's own sealed share in the place of the helper's. */
static void swap_shares(fixture *f, Evenhand__V1__AggregateRequest *request)
{
    evh_report read;
    ProtobufCBinaryData *share = &request->reports[0]->helper_share;
    assert_ok(evh_report_read(&read, evh_buffer_view(&f->report)));
    assert_true(read.leader_share.len >= share->len);
    memcpy(share->data, read.leader_share.data, share->len);
}

static void change_proof(fixture *f, Evenhand__V1__AggregateRequest *request)
{
    (void)f;
    request->reports[0]->initial.data[8] ^= 1;
}

static void cut_initial(fixture *f, Evenhand__V1__AggregateRequest *request)
{
    (void)f;
    request->reports[0]->initial.len--;
}

static void test_aggregate_rejects_each_for_its_reason(void **state)
{
    fixture *f = *state;
    const struct {
        tamper change;
        Evenhand__V1__RejectReason reason;
    } cases[CUSTOMERS] = {
        {forge_signature, REASON(SIGNATURE)},
        {change_public_share, REASON(ENCODING)},
        {change_sealed_share, REASON(SEALED_SHARE)},
        {swap_shares, REASON(SEALED_SHARE)},
        {change_proof, REASON(PROOF)},
        {cut_initial, REASON(ENCODING)},
    };
    open_round(f, 1);
    for (size_t i = 0; i < CUSTOMERS; i++) {
        report(f, i, i);
        tampered_job(f, cases[i].change, cases[i].reason);
        expect_status(f, i, REPORT_STATE(REJECTED), cases[i].reason);
    }
    /* Nothing was accepted: too few. */
    assert_int_equal(agree(f), EVH_AGREEMENT_VOID);
}

static void test_aggregate_rejects_a_broken_header(void **state)
{
    fixture *f = *state;
    open_round(f, 1);
    report(f, 0, 1);
    tampered_job(f, break_header, REASON(ENCODING));
}

/* Sends the first report of a request again in a job of its own. */
static Evenhand__V1__RejectReason send_again(fixture *f, evh_view job, uint8_t id)
{
    evh_caller leader = as_leader();
    Evenhand__V1__AggregateRequest *request = NULL;
    Evenhand__V1__AggregateResponse *response = NULL;
    evh_buffer bytes = evh_buffer_init(1 << 20);
    evh_buffer answer = evh_buffer_init(1 << 20);
    assert_ok(
        evh_wire_unpack(&request, &evenhand__v1__aggregate_request__descriptor, job, "request"));
    request->job_id.data[0] = id;
    memcpy(request->task_id.data, f->task_id, 32);
    assert_ok(evh_wire_pack(&bytes, &request->base));
    assert_ok(
        evh_helper_aggregate(&f->helper.aggregator, &leader, evh_buffer_view(&bytes), &answer));
    assert_ok(evh_wire_unpack(&response, &evenhand__v1__aggregate_response__descriptor,
                              evh_buffer_view(&answer), "response"));
    Evenhand__V1__RejectReason reason = response->answers[0]->rejected;
    evh_wire_free(&request);
    evh_wire_free(&response);
    evh_buffer_clear(&bytes);
    evh_buffer_clear(&answer);
    return reason;
}

static void test_aggregate_evaluates_once_and_in_its_round_only(void **state)
{
    fixture *f = *state;
    evh_caller leader = as_leader();
    evh_buffer job = evh_buffer_init(1 << 20);
    open_round(f, 1);
    report(f, 0, 1);
    assert_ok(evh_leader_next_job(&f->leader.aggregator, &job, f->task_id, 1));
    evh_buffer_clear(&f->response);
    assert_ok(
        evh_helper_aggregate(&f->helper.aggregator, &leader, evh_buffer_view(&job), &f->response));
    assert_int_equal(send_again(f, evh_buffer_view(&job), 1), REASON(DUPLICATE));
    open_round(f, 2);
    assert_int_equal(send_again(f, evh_buffer_view(&job), 2), REASON(TASK));
    evh_buffer_clear(&job);
}

/* A report of a customer whose program believes in a wider range than the plan's. */
static void make_wide_report(fixture *f, size_t customer, uint64_t max, uint64_t value)
{
    evh_prio3_params wide = f->terms.vdaf;
    evh_prio3 *kept = f->prio3;
    evh_prio3_workspace *kept_workspace = f->workspace;
    wide.max_measurement = max;
    assert_ok(evh_prio3_new(&f->prio3, &wide));
    assert_ok(evh_prio3_workspace_new(&f->workspace, f->prio3));
    make_report(f, customer, value);
    evh_prio3_workspace_free(&f->workspace);
    evh_prio3_free(&f->prio3);
    f->prio3 = kept;
    f->workspace = kept_workspace;
}

static void test_upload_out_of_range_has_no_form(void **state)
{
    fixture *f = *state;
    int64_t sums[CELLS];
    uint32_t count = 0;
    open_round(f, 1);
    /* One bit more per cell is a longer report. */
    make_wide_report(f, 0, 2047, 1500);
    assert_fails(upload(f, 0), EVH_ERR_LENGTH);
    f->ledger[0] = 0;
    /* With as many bits every pattern of them is a value in range. */
    make_report(f, 0, CELL_MAX - f->terms.offset - CELLS);
    assert_ok(upload(f, 0));
    report(f, 1, 0);
    report(f, 2, 0);
    aggregate(f, 5);
    assert_int_equal(agree(f), EVH_AGREEMENT_REACHED);
    collect(f, sums, &count);
    assert_int_equal(count, 3);
    for (size_t i = 0; i < CELLS; i++)
        assert_true(sums[i] - 2 * (int64_t)i <= CELL_MAX - (int64_t)f->terms.offset);
}

/* ---- answers that cannot be right, and sets that differ ---- */

static void test_take_answers_drops_a_job_with_a_wrong_message(void **state)
{
    fixture *f = *state;
    evh_caller leader = as_leader();
    Evenhand__V1__AggregateResponse *response = NULL;
    int64_t sums[CELLS];
    uint32_t count = 0;
    open_round(f, 1);
    for (size_t i = 0; i < 5; i++)
        report(f, i, 1);
    evh_buffer_clear(&f->request);
    evh_buffer_clear(&f->response);
    assert_ok(evh_leader_next_job(&f->leader.aggregator, &f->request, f->task_id, 2));
    assert_ok(evh_helper_aggregate(&f->helper.aggregator, &leader, evh_buffer_view(&f->request),
                                   &f->response));
    assert_ok(evh_wire_unpack(&response, &evenhand__v1__aggregate_response__descriptor,
                              evh_buffer_view(&f->response), "response"));
    response->n_answers--;
    evh_buffer_clear(&f->response);
    assert_ok(evh_wire_pack(&f->response, &response->base));
    assert_fails(evh_leader_take_answers(&f->leader.aggregator, evh_buffer_view(&f->request),
                                         evh_buffer_view(&f->response)),
                 EVH_ERR_REFUSED);
    response->n_answers++;
    response->answers[1]->final.data[9] ^= 1;
    evh_buffer_clear(&f->response);
    assert_ok(evh_wire_pack(&f->response, &response->base));
    evh_wire_free(&response);
    assert_ok(evh_leader_take_answers(&f->leader.aggregator, evh_buffer_view(&f->request),
                                      evh_buffer_view(&f->response)));
    aggregate(f, 9);
    /* The helper counts the job, the leader does not: the others make the batch. */
    assert_int_equal(agree(f), EVH_AGREEMENT_REACHED);
    collect(f, sums, &count);
    assert_int_equal(count, 3);
    for (size_t i = 0; i < CELLS; i++)
        assert_int_equal(sums[i], 3 * (1 + (int64_t)i));
}

static void test_agree_drops_to_common_jobs(void **state)
{
    fixture *f = *state;
    int64_t sums[CELLS];
    uint32_t count = 0;
    open_round(f, 1);
    for (size_t i = 0; i < 5; i++)
        report(f, i, 2);
    aggregate(f, 1);
    /* One job is gone at the helper. */
    evh_buffer key = evh_buffer_init(64);
    assert_ok(evh_store_begin(f->helper.store));
    assert_ok(evh_buffer_append(&key, evh_view_of(f->task_id, 32)));
    Evenhand__V1__AggregateRequest *last = NULL;
    evh_store_rollback(f->helper.store);
    report(f, 5, 2);
    evh_buffer_clear(&f->request);
    evh_buffer_clear(&f->response);
    evh_caller leader = as_leader();
    assert_ok(evh_leader_next_job(&f->leader.aggregator, &f->request, f->task_id, 1));
    assert_ok(evh_helper_aggregate(&f->helper.aggregator, &leader, evh_buffer_view(&f->request),
                                   &f->response));
    assert_ok(evh_leader_take_answers(&f->leader.aggregator, evh_buffer_view(&f->request),
                                      evh_buffer_view(&f->response)));
    assert_ok(evh_wire_unpack(&last, &evenhand__v1__aggregate_request__descriptor,
                              evh_buffer_view(&f->request), "request"));
    assert_ok(evh_buffer_append(&key, evh_wire_bytes(&last->job_id)));
    evh_wire_free(&last);
    assert_ok(evh_store_begin(f->helper.store));
    assert_ok(evh_store_delete(f->helper.store, EVH_STORE_JOBS, evh_buffer_view(&key)));
    assert_ok(evh_store_commit(f->helper.store));
    assert_int_equal(agree(f), EVH_AGREEMENT_DROPPED);
    expect_status(f, 5, REPORT_STATE(REJECTED), REASON(DROPPED));
    assert_int_equal(agree(f), EVH_AGREEMENT_REACHED);
    collect(f, sums, &count);
    assert_int_equal(count, 5);
    for (size_t i = 0; i < CELLS; i++)
        assert_int_equal(sums[i], 5 * (2 + (int64_t)i));
    evh_buffer_clear(&key);
}

static void test_steps_out_of_order_are_refused(void **state)
{
    fixture *f = *state;
    open_round(f, 1);
    report(f, 0, 1);
    evh_buffer_clear(&f->request);
    assert_fails(evh_leader_agree_request(&f->leader.aggregator, &f->request, f->task_id),
                 EVH_ERR_REFUSED);
    assert_ok(evh_leader_close_round(&f->leader.aggregator, f->task_id));
    assert_ok(evh_leader_close_round(&f->leader.aggregator, f->task_id));
    /* A report waits. */
    assert_fails(evh_leader_agree_request(&f->leader.aggregator, &f->request, f->task_id),
                 EVH_ERR_REFUSED);
    assert_fails(evh_leader_commit_request(&f->leader.aggregator, &f->request, f->task_id),
                 EVH_ERR_REFUSED);
    make_report(f, 1, 1);
    assert_fails_with(upload(f, 1), EVH_ERR_REFUSED, "closed");
}

#define ATTACK_TEST(test_name)                                                                     \
    cmocka_unit_test_setup_teardown(test_name, round_set_up, round_tear_down)

int run_attack_tests(void)
{
    const struct CMUnitTest tests[] = {
        ATTACK_TEST(test_upload_refuses_forged_and_foreign),
        ATTACK_TEST(test_upload_refuses_suspended_rolled_back_and_other_rounds),
        ATTACK_TEST(test_upload_refuses_a_full_round),
        ATTACK_TEST(test_cosign_refuses_others_and_other_logs),
        ATTACK_TEST(test_cosign_refuses_an_endorsement_again),
        ATTACK_TEST(test_roster_takes_every_change_in_turn),
        ATTACK_TEST(test_aggregate_rejects_each_for_its_reason),
        ATTACK_TEST(test_aggregate_rejects_a_broken_header),
        ATTACK_TEST(test_aggregate_evaluates_once_and_in_its_round_only),
        ATTACK_TEST(test_upload_out_of_range_has_no_form),
        ATTACK_TEST(test_take_answers_drops_a_job_with_a_wrong_message),
        ATTACK_TEST(test_agree_drops_to_common_jobs),
        ATTACK_TEST(test_steps_out_of_order_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
