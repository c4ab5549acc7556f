/* SPDX-License-Identifier: Apache-2.0
 * From an invitation to a roster entry, and every way in which it must not get there. */
#include <stdio.h>
#include <string.h>

#include "evenhand/aggregator/listing.h"
#include "operating.h"

static const char acme[] = "St. Mary's \"1\"";

enum { CERTIFICATE_MAX = 16384 };

static void test_enrolment_from_invitation_to_certificate(void **state)
{
    operating *o = *state;
    organisation a;
    evh_buffer first = evh_buffer_init(CERTIFICATE_MAX);
    evh_buffer second = evh_buffer_init(CERTIFICATE_MAX);
    evh_operator_outcome outcome;
    join(o, &a, acme);
    assert_string_equal(a.invitation.name, acme);
    assert_string_equal(a.invitation.leader_address, "leader.example:8443");
    assert_true(evh_identity_equal(&a.invitation.helper, &o->f->helper_id.identity));
    assert_true(evh_identity_equal(&a.invitation.witness, &o->f->witness_key.identity));
    expect_row(o, &o->leader, acme, ENROLMENT(INVITED), ROSTER(UNSPECIFIED), ROSTER(UNSPECIFIED));
    assert_int_equal(enrol_state(o, &a, &first), ENROLMENT(REQUESTED));
    decide(o, &o->leader, acme, false, "");
    assert_int_equal(o->endorse_calls, 1);
    expect_row(o, &o->leader, acme, ENROLMENT(REQUESTED), ROSTER(UNSPECIFIED), ROSTER(ACTIVE));
    expect_row(o, &o->helper, acme, ENROLMENT(REQUESTED), ROSTER(UNSPECIFIED), ROSTER(ACTIVE));
    assert_ok(evh_operator_drive(&o->leader, &outcome));
    assert_int_equal(outcome.waiting, 1);
    assert_true(outcome.helper_reached);
    assert_int_equal(outcome.wait_ms, EVH_OPERATOR_SOON_MS);
    assert_int_equal(enrol_state(o, &a, &first), ENROLMENT(REQUESTED));
    decide(o, &o->helper, acme, false, "");
    assert_ok(evh_operator_drive(&o->leader, &outcome));
    assert_int_equal(outcome.waiting, 0);
    assert_int_equal(outcome.wait_ms, EVH_OPERATOR_IDLE_MS);
    cosign(o->f); /* the helper takes the entry */
    expect_row(o, &o->leader, acme, ENROLMENT(APPROVED), ROSTER(ACTIVE), ROSTER(UNSPECIFIED));
    expect_row(o, &o->helper, acme, ENROLMENT(APPROVED), ROSTER(ACTIVE), ROSTER(UNSPECIFIED));
    assert_int_equal(enrol_state(o, &a, &first), ENROLMENT(APPROVED));
    assert_int_equal(enrol_state(o, &a, &second), ENROLMENT(APPROVED));
    assert_views_equal(evh_buffer_view(&first), evh_buffer_view(&second));
    size_t calls = o->endorse_calls;
    assert_ok(evh_operator_drive(&o->leader, &outcome));
    decide(o, &o->leader, acme, false, "");
    assert_int_equal(o->endorse_calls, calls);
    leave(&a);
    evh_buffer_clear(&first);
    evh_buffer_clear(&second);
}

static bool holds(const evh_buffer *bytes, const char *text)
{
    size_t len = strlen(text);
    for (size_t i = 0; i + len <= bytes->len; i++)
        if (memcmp(bytes->data + i, text, len) == 0)
            return true;
    return false;
}

/* No byte of the log has the name in it. */
static void test_enrolment_keeps_the_name_out_of_the_log(void **state)
{
    operating *o = *state;
    organisation a;
    evh_buffer entry = evh_buffer_init(EVH_TRANSLOG_ENTRY_BYTES_MAX);
    approve_both(o, &a, "unmistakable");
    assert_ok(evh_store_begin(o->f->leader.store));
    size_t entries = 0;
    while (evh_translog_entry(o->f->leader.store, &entry, entries).code == EVH_OK) {
        assert_false(holds(&entry, "unmistakable"));
        entries++;
    }
    evh_store_rollback(o->f->leader.store);
    assert_true(entries > CUSTOMERS);
    leave(&a);
    evh_buffer_clear(&entry);
}

static void test_enrol_refuses_another_caller(void **state)
{
    operating *o = *state;
    organisation a;
    join(o, &a, acme);
    evh_buffer bytes = evh_buffer_init(EVH_ENROL_REQUEST_BYTES_MAX);
    assert_ok(evh_enrol_request_make(&bytes, &a.key, evh_buffer_view(&a.request)));
    for (int role = EVH_ROLE_CUSTOMER; role <= EVH_ROLE_OBSERVER; role++) {
        evh_caller caller = {.role = (evh_role)role, .invitation = NULL};
        assert_fails(
            ask_bytes(o, &o->leader, "/evenhand.v1.Leader/Enrol", &caller, evh_buffer_view(&bytes)),
            EVH_ERR_REFUSED);
    }
    evh_caller stranger = {.role = EVH_ROLE_INVITED,
                           .invitation = "00000000000000000000000000000000"};
    assert_fails_with(
        ask_bytes(o, &o->leader, "/evenhand.v1.Leader/Enrol", &stranger, evh_buffer_view(&bytes)),
        EVH_ERR_REFUSED, "no such invitation");
    stranger.invitation = "";
    assert_fails(
        ask_bytes(o, &o->leader, "/evenhand.v1.Leader/Enrol", &stranger, evh_buffer_view(&bytes)),
        EVH_ERR_REFUSED);
    leave(&a);
    evh_buffer_clear(&bytes);
}

/* Whoever steals an invitation after it was used gets nothing with it. */
static void test_enrol_is_bound_to_the_first_key(void **state)
{
    operating *o = *state;
    organisation a;
    organisation thief;
    evh_buffer certificate = evh_buffer_init(CERTIFICATE_MAX);
    join(o, &a, acme);
    assert_ok(enrol_request(o, &a));
    join(o, &thief, acme);
    assert_string_equal(thief.invitation.id, a.invitation.id);
    assert_fails_with(enrol_request(o, &thief), EVH_ERR_REFUSED, "bound to another key");
    decide(o, &o->leader, acme, false, "");
    decide(o, &o->helper, acme, false, "");
    decide(o, &o->leader, acme, false, "");
    assert_fails(enrol_request(o, &thief), EVH_ERR_REFUSED);
    assert_int_equal(enrol_state(o, &a, &certificate), ENROLMENT(APPROVED));
    leave(&a);
    leave(&thief);
    evh_buffer_clear(&certificate);
}

static void test_enrol_refuses_wrong_keys_and_requests(void **state)
{
    operating *o = *state;
    organisation a;
    organisation b;
    bool found = false;
    join(o, &a, acme);
    join(o, &b, "another");
    evh_signing_key own = a.key;
    a.key = b.key;
    assert_fails_with(enrol_request(o, &a), EVH_ERR_KEY, "not named after");
    a.key = own;
    a.request.data[a.request.len / 2] ^= 1;
    assert_true(enrol_request(o, &a).code != EVH_OK);
    a.request.len = 0;
    assert_true(enrol_request(o, &a).code != EVH_OK);
    evh_caller caller = {.role = EVH_ROLE_INVITED, .invitation = a.invitation.id};
    assert_true(
        ask_bytes(o, &o->leader, "/evenhand.v1.Leader/Enrol", &caller, view_of_literal("\xFF"))
            .code != EVH_OK);
    assert_fails(
        ask_bytes(o, &o->leader, "/evenhand.v1.Leader/Enrol", &caller, evh_view_of(NULL, 0)),
        EVH_ERR_LENGTH);
    assert_int_equal(row_of(o, &o->leader, acme, &found).enrolment, ENROLMENT(INVITED));
    leave(&a);
    leave(&b);
}

static void test_enrol_signature_of_another_is_refused(void **state)
{
    operating *o = *state;
    organisation a;
    evh_caller caller = {.role = EVH_ROLE_INVITED};
    evh_buffer bytes = evh_buffer_init(EVH_ENROL_REQUEST_BYTES_MAX);
    join(o, &a, acme);
    caller.invitation = a.invitation.id;
    assert_ok(evh_enrol_request_make(&bytes, &a.key, evh_buffer_view(&a.request)));
    bytes.data[bytes.len - 1] ^= 1;
    assert_fails_with(
        ask_bytes(o, &o->leader, "/evenhand.v1.Leader/Enrol", &caller, evh_buffer_view(&bytes)),
        EVH_ERR_KEY, "signature is wrong");
    leave(&a);
    evh_buffer_clear(&bytes);
}

static void test_enrol_after_expiry(void **state)
{
    operating *o = *state;
    organisation a;
    organisation again;
    join(o, &a, acme);
    o->f->now_ms = a.invitation.expires_ms;
    assert_fails_with(enrol_request(o, &a), EVH_ERR_REFUSED, "expired");
    join(o, &again, acme);
    assert_string_equal(again.invitation.id, a.invitation.id);
    assert_memory_equal(&again.invitation.salt, &a.invitation.salt, 32);
    assert_ok(enrol_request(o, &a));
    leave(&a);
    leave(&again);
}

static void test_certificate_is_renewed(void **state)
{
    operating *o = *state;
    organisation a;
    evh_buffer first = evh_buffer_init(CERTIFICATE_MAX);
    evh_buffer second = evh_buffer_init(CERTIFICATE_MAX);
    approve_both(o, &a, acme);
    assert_int_equal(enrol_state(o, &a, &first), ENROLMENT(APPROVED));
    o->f->now_ms += (int64_t)350 * 86400000;
    assert_int_equal(enrol_state(o, &a, &second), ENROLMENT(APPROVED));
    assert_false(evh_view_equal(evh_buffer_view(&first), evh_buffer_view(&second)));
    leave(&a);
    evh_buffer_clear(&first);
    evh_buffer_clear(&second);
}

/* ---- decisions ---- */

static void test_refused_at_the_leader(void **state)
{
    operating *o = *state;
    organisation a;
    organisation again;
    evh_buffer certificate = evh_buffer_init(CERTIFICATE_MAX);
    join(o, &a, acme);
    decide(o, &o->leader, acme, false, "has not asked to join yet");
    decide(o, &o->leader, "nobody", false, "no organisation of that name");
    decide(o, &o->leader, "", false, "1 to 200 bytes");
    assert_ok(enrol_request(o, &a));
    decide(o, &o->leader, acme, true, "");
    assert_int_equal(enrol_state(o, &a, &certificate), ENROLMENT(REFUSED));
    assert_int_equal(o->endorse_calls, 0);
    /* A refusal can be taken back, and a new invitation ends the old one. */
    decide(o, &o->leader, acme, false, "");
    assert_int_equal(enrol_state(o, &a, &certificate), ENROLMENT(REQUESTED));
    decide(o, &o->leader, acme, true, "");
    join(o, &again, acme);
    assert_string_not_equal(again.invitation.id, a.invitation.id);
    assert_fails(enrol_request(o, &a), EVH_ERR_REFUSED);
    assert_int_equal(enrol_state(o, &again, &certificate), ENROLMENT(REQUESTED));
    leave(&a);
    leave(&again);
    evh_buffer_clear(&certificate);
}

static void test_refused_at_the_helper(void **state)
{
    operating *o = *state;
    organisation a;
    organisation again;
    evh_operator_outcome outcome;
    bool found = false;
    join(o, &a, acme);
    assert_ok(enrol_request(o, &a));
    decide(o, &o->helper, acme, false, "the leader has not asked");
    decide(o, &o->leader, acme, false, "");
    decide(o, &o->helper, acme, true, "");
    assert_ok(evh_operator_drive(&o->leader, &outcome));
    assert_int_equal(outcome.waiting, 1);
    assert_int_equal(row_of(o, &o->leader, acme, &found).helper, ENROLMENT(REFUSED));
    expect_row(o, &o->leader, acme, ENROLMENT(REQUESTED), ROSTER(UNSPECIFIED), ROSTER(ACTIVE));
    /* Another key for the same name can be asked for now. */
    decide(o, &o->leader, acme, true, "");
    join(o, &again, acme);
    assert_ok(enrol_request(o, &again));
    decide(o, &o->leader, acme, false, "");
    decide(o, &o->helper, acme, false, "");
    assert_ok(evh_operator_drive(&o->leader, &outcome));
    expect_row(o, &o->leader, acme, ENROLMENT(APPROVED), ROSTER(ACTIVE), ROSTER(UNSPECIFIED));
    leave(&a);
    leave(&again);
}

static void test_approve_names_the_key(void **state)
{
    operating *o = *state;
    organisation a;
    Evenhand__V1__ApproveCustomerRequest request;
    Evenhand__V1__ApproveCustomerResponse *response = NULL;
    evenhand__v1__approve_customer_request__init(&request);
    join(o, &a, acme);
    assert_ok(enrol_request(o, &a));
    char name[] = "St. Mary's \"1\"";
    char other[] = "another+key";
    request.name = name;
    request.customer = other;
    ask(o, &o->leader, "ApproveCustomer", &request.base,
        &evenhand__v1__approve_customer_response__descriptor, &response);
    assert_non_null(response->refusal);
    assert_string_equal(response->refusal->code, "REFUSED");
    expect_row(o, &o->leader, acme, ENROLMENT(REQUESTED), ROSTER(UNSPECIFIED), ROSTER(UNSPECIFIED));
    evh_wire_free(&response);
    leave(&a);
}

static void test_suspend_needs_both(void **state)
{
    operating *o = *state;
    organisation a;
    organisation again;
    evh_buffer certificate = evh_buffer_init(CERTIFICATE_MAX);
    evh_operator_outcome outcome;
    approve_both(o, &a, acme);
    cosign(o->f);
    decide(o, &o->leader, acme, true, "on the roster already");
    decide(o, &o->helper, acme, true, "endorsed already");
    change(o, &o->leader, acme, ROSTER(SUSPENDED), "");
    expect_row(o, &o->leader, acme, ENROLMENT(APPROVED), ROSTER(ACTIVE), ROSTER(SUSPENDED));
    expect_row(o, &o->helper, acme, ENROLMENT(APPROVED), ROSTER(ACTIVE), ROSTER(SUSPENDED));
    change(o, &o->helper, acme, ROSTER(SUSPENDED), "");
    assert_ok(evh_operator_drive(&o->leader, &outcome));
    cosign(o->f);
    expect_row(o, &o->leader, acme, ENROLMENT(APPROVED), ROSTER(SUSPENDED), ROSTER(UNSPECIFIED));
    /* The helper may say so first. */
    change(o, &o->helper, acme, ROSTER(REMOVED), "");
    change(o, &o->leader, acme, ROSTER(REMOVED), "");
    expect_row(o, &o->leader, acme, ENROLMENT(APPROVED), ROSTER(REMOVED), ROSTER(UNSPECIFIED));
    cosign(o->f);
    assert_int_equal(enrol_state(o, &a, &certificate), ENROLMENT(REFUSED));
    /* Who was removed may be invited anew, with another key. */
    join(o, &again, acme);
    assert_string_not_equal(again.invitation.id, a.invitation.id);
    assert_ok(enrol_request(o, &again));
    decide(o, &o->leader, acme, false, "");
    decide(o, &o->helper, acme, false, "");
    assert_ok(evh_operator_drive(&o->leader, &outcome));
    assert_int_equal(enrol_state(o, &again, &certificate), ENROLMENT(APPROVED));
    leave(&a);
    leave(&again);
    evh_buffer_clear(&certificate);
}

static void test_change_refused(void **state)
{
    operating *o = *state;
    organisation a;
    join(o, &a, acme);
    change(o, &o->leader, acme, ROSTER(SUSPENDED), "not a customer yet");
    change(o, &o->leader, "nobody", ROSTER(SUSPENDED), "no organisation");
    assert_ok(enrol_request(o, &a));
    decide(o, &o->leader, acme, false, "");
    change(o, &o->leader, acme, ROSTER(REMOVED), "not a customer yet");
    change(o, &o->helper, acme, ROSTER(REMOVED), "not a customer yet");
    leave(&a);
}

/* A change that the leader takes back is no longer waited for. */
static void test_change_taken_back(void **state)
{
    operating *o = *state;
    organisation a;
    evh_operator_outcome outcome;
    approve_both(o, &a, acme);
    change(o, &o->leader, acme, ROSTER(SUSPENDED), "");
    change(o, &o->leader, acme, ROSTER(ACTIVE), "");
    change(o, &o->helper, acme, ROSTER(SUSPENDED), "");
    assert_ok(evh_operator_drive(&o->leader, &outcome));
    assert_int_equal(outcome.waiting, 0);
    expect_row(o, &o->leader, acme, ENROLMENT(APPROVED), ROSTER(ACTIVE), ROSTER(UNSPECIFIED));
    leave(&a);
}

/* ---- the leader's loop ---- */

static void test_drive_waits_for_a_helper_that_is_away(void **state)
{
    operating *o = *state;
    organisation a;
    evh_operator_outcome outcome;
    join(o, &a, acme);
    assert_ok(enrol_request(o, &a));
    o->away = true;
    decide(o, &o->leader, acme, false, "");
    assert_ok(evh_operator_drive(&o->leader, &outcome));
    assert_false(outcome.helper_reached);
    assert_int_equal(outcome.waiting, 1);
    o->f->now_ms += 80000;
    assert_ok(evh_operator_drive(&o->leader, &outcome));
    assert_int_equal(outcome.wait_ms, 10000);
    o->f->now_ms += 8000000;
    o->away = false;
    restart(o->f);
    assert_ok(evh_operator_drive(&o->leader, &outcome));
    assert_true(outcome.helper_reached);
    assert_int_equal(outcome.wait_ms, EVH_OPERATOR_IDLE_MS);
    restart(o->f);
    decide(o, &o->helper, acme, false, "");
    restart(o->f);
    assert_ok(evh_operator_drive(&o->leader, &outcome));
    assert_int_equal(outcome.waiting, 0);
    expect_row(o, &o->leader, acme, ENROLMENT(APPROVED), ROSTER(ACTIVE), ROSTER(UNSPECIFIED));
    leave(&a);
}

static void test_drive_refuses_a_wrong_endorsement(void **state)
{
    operating *o = *state;
    organisation a;
    evh_operator_outcome outcome;
    join(o, &a, acme);
    assert_ok(enrol_request(o, &a));
    decide(o, &o->leader, acme, false, "");
    decide(o, &o->helper, acme, false, "");
    o->forged = true;
    assert_ok(evh_operator_drive(&o->leader, &outcome));
    assert_int_equal(outcome.waiting, 1);
    decide(o, &o->leader, acme, false, "endorsement is wrong");
    o->forged = false;
    assert_ok(evh_operator_drive(&o->leader, &outcome));
    assert_int_equal(outcome.waiting, 0);
    leave(&a);
}

/* The helper's answer to a question that is no longer asked changes nothing. */
static void test_drive_asks_while_the_operator_refuses(void **state)
{
    operating *o = *state;
    organisation a;
    evh_operator_outcome outcome;
    join(o, &a, acme);
    assert_ok(enrol_request(o, &a));
    decide(o, &o->leader, acme, false, "");
    decide(o, &o->helper, acme, false, "");
    o->refuse_meanwhile = acme;
    assert_ok(evh_operator_drive(&o->leader, &outcome));
    assert_int_equal(outcome.waiting, 0);
    expect_row(o, &o->leader, acme, ENROLMENT(REFUSED), ROSTER(UNSPECIFIED), ROSTER(UNSPECIFIED));
    leave(&a);
}

int run_enrolment_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_enrolment_from_invitation_to_certificate,
                                        operating_set_up, operating_tear_down),
        cmocka_unit_test_setup_teardown(test_enrolment_keeps_the_name_out_of_the_log,
                                        operating_set_up, operating_tear_down),
        cmocka_unit_test_setup_teardown(test_enrol_refuses_another_caller, operating_set_up,
                                        operating_tear_down),
        cmocka_unit_test_setup_teardown(test_enrol_is_bound_to_the_first_key, operating_set_up,
                                        operating_tear_down),
        cmocka_unit_test_setup_teardown(test_enrol_refuses_wrong_keys_and_requests,
                                        operating_set_up, operating_tear_down),
        cmocka_unit_test_setup_teardown(test_enrol_signature_of_another_is_refused,
                                        operating_set_up, operating_tear_down),
        cmocka_unit_test_setup_teardown(test_enrol_after_expiry, operating_set_up,
                                        operating_tear_down),
        cmocka_unit_test_setup_teardown(test_certificate_is_renewed, operating_set_up,
                                        operating_tear_down),
        cmocka_unit_test_setup_teardown(test_refused_at_the_leader, operating_set_up,
                                        operating_tear_down),
        cmocka_unit_test_setup_teardown(test_refused_at_the_helper, operating_set_up,
                                        operating_tear_down),
        cmocka_unit_test_setup_teardown(test_approve_names_the_key, operating_set_up,
                                        operating_tear_down),
        cmocka_unit_test_setup_teardown(test_suspend_needs_both, operating_set_up,
                                        operating_tear_down),
        cmocka_unit_test_setup_teardown(test_change_refused, operating_set_up, operating_tear_down),
        cmocka_unit_test_setup_teardown(test_change_taken_back, operating_set_up,
                                        operating_tear_down),
        cmocka_unit_test_setup_teardown(test_drive_waits_for_a_helper_that_is_away,
                                        operating_set_up, operating_tear_down),
        cmocka_unit_test_setup_teardown(test_drive_asks_while_the_operator_refuses,
                                        operating_set_up, operating_tear_down),
        cmocka_unit_test_setup_teardown(test_drive_refuses_a_wrong_endorsement, operating_set_up,
                                        operating_tear_down),
    };
    return cmocka_run_group_tests_name("enrolment", tests, NULL, NULL);
}
