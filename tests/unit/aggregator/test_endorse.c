/* SPDX-License-Identifier: Apache-2.0
 * What the helper believes and endorses, and a leader that came back from an older backup. */
#include <stdio.h>
#include <string.h>

#include "operating.h"

static const char acme[] = "St. Mary's \"1\"";

enum { CERTIFICATE_MAX = 16384 };

/* ---- what the helper believes ---- */

typedef struct endorsing {
    evh_endorsed endorsed;
    char name[64];
    evh_seed32 salt;
    evh_signing_key key;
} endorsing;

static void make_endorsing(operating *o, endorsing *out)
{
    char key_name[EVH_KEY_NAME_LEN];
    evh_buffer vkey = evh_buffer_init(EVH_VKEY_TEXT_MAX);
    memset(out, 0, sizeof *out);
    (void)snprintf(out->name, sizeof out->name, "clinic");
    out->salt.bytes[0] = 9;
    assert_ok(
        evh_customer_commit(out->endorsed.commitment, &out->salt, evh_view_of_text(out->name)));
    evh_customer_key_name(key_name, out->endorsed.commitment);
    assert_ok(evh_signing_key_generate(&out->key, EVH_IDENTITY_ED25519, evh_view_of_text(key_name),
                                       &o->f->rng));
    assert_ok(evh_identity_format(&vkey, &out->key.identity));
    memcpy(out->endorsed.vkey, vkey.data, vkey.len);
    out->endorsed.state = ROSTER(ACTIVE);
    out->endorsed.sequence = 1;
    (void)snprintf(out->endorsed.log_origin, sizeof out->endorsed.log_origin, "%s",
                   o->f->log_key.identity.name);
    evh_buffer_clear(&vkey);
}

static evh_status endorse(operating *o, const endorsing *in, const evh_signing_key *leader,
                          evh_role role)
{
    Evenhand__V1__EndorseRequest request;
    evh_caller caller = {.role = role};
    uint8_t signature[EVH_SIGNATURE_LEN];
    evh_buffer endorsed = evh_buffer_init(EVH_ENDORSED_BYTES_MAX);
    evh_buffer bytes = evh_buffer_init(8192);
    evenhand__v1__endorse_request__init(&request);
    assert_ok(evh_endorsed_write(&endorsed, &in->endorsed));
    assert_ok(evh_endorsed_sign(signature, leader, evh_buffer_view(&endorsed)));
    evh_wire_set_bytes(&request.endorsed, evh_buffer_view(&endorsed));
    evh_wire_set_bytes(&request.salt, evh_view_of(in->salt.bytes, 32));
    evh_wire_set_bytes(&request.leader_endorsement, evh_view_of(signature, sizeof signature));
    request.name = (char *)(uintptr_t)in->name;
    assert_ok(evh_wire_pack(&bytes, &request.base));
    evh_status status =
        ask_bytes(o, &o->helper, "/evenhand.v1.Helper/Endorse", &caller, evh_buffer_view(&bytes));
    evh_buffer_clear(&endorsed);
    evh_buffer_clear(&bytes);
    return status;
}

static Evenhand__V1__EnrolmentState endorse_state(operating *o)
{
    Evenhand__V1__EndorseResponse *response = NULL;
    assert_ok(evh_wire_unpack(&response, &evenhand__v1__endorse_response__descriptor,
                              evh_buffer_view(&o->answer), "answer"));
    Evenhand__V1__EnrolmentState state = response->state;
    assert_int_equal(response->signature.len, state == ENROLMENT(APPROVED) ? EVH_SIGNATURE_LEN : 0);
    evh_wire_free(&response);
    return state;
}

static void test_endorse_checks_what_it_is_told(void **state)
{
    operating *o = *state;
    endorsing e;
    bool found = false;
    make_endorsing(o, &e);
    const evh_signing_key *leader = &o->f->leader_id;
    assert_fails(endorse(o, &e, leader, EVH_ROLE_OPERATOR), EVH_ERR_REFUSED);
    assert_fails(endorse(o, &e, leader, EVH_ROLE_CUSTOMER), EVH_ERR_REFUSED);
    assert_fails(endorse(o, &e, &o->f->helper_id, EVH_ROLE_LEADER), EVH_ERR_KEY);
    (void)snprintf(e.name, sizeof e.name, "clinics");
    assert_fails_with(endorse(o, &e, leader, EVH_ROLE_LEADER), EVH_ERR_KEY, "does not open");
    (void)snprintf(e.name, sizeof e.name, "clinic\x1B[2J");
    assert_fails(endorse(o, &e, leader, EVH_ROLE_LEADER), EVH_ERR_INPUT);
    (void)snprintf(e.name, sizeof e.name, "clinic");
    e.salt.bytes[1] = 1;
    assert_fails(endorse(o, &e, leader, EVH_ROLE_LEADER), EVH_ERR_KEY);
    e.salt.bytes[1] = 0;
    e.endorsed.log_origin[0] ^= 1;
    assert_fails_with(endorse(o, &e, leader, EVH_ROLE_LEADER), EVH_ERR_REFUSED, "another log");
    e.endorsed.log_origin[0] ^= 1;
    e.endorsed.state = 7;
    assert_fails(endorse(o, &e, leader, EVH_ROLE_LEADER), EVH_ERR_TYPE);
    e.endorsed.state = ROSTER(ACTIVE);
    evh_caller as = as_leader();
    assert_fails(
        ask_bytes(o, &o->helper, "/evenhand.v1.Helper/Endorse", &as, view_of_literal("\x08\x01")),
        EVH_ERR_ENCODING);
    (void)row_of(o, &o->helper, "clinic", &found);
    assert_false(found);
    assert_ok(endorse(o, &e, leader, EVH_ROLE_LEADER));
    assert_int_equal(endorse_state(o), ENROLMENT(REQUESTED));
    evh_signing_key_clear(&e.key);
}

/* A leader that puts another key under an approved name gets no endorsement, and neither is what the
 * operator has approved changed by its asking. */
static void test_endorse_refuses_another_key_for_a_customer(void **state)
{
    operating *o = *state;
    endorsing e;
    endorsing other;
    make_endorsing(o, &e);
    make_endorsing(o, &other);
    const evh_signing_key *leader = &o->f->leader_id;
    assert_ok(endorse(o, &e, leader, EVH_ROLE_LEADER));
    decide(o, &o->helper, "clinic", false, "");
    assert_ok(endorse(o, &e, leader, EVH_ROLE_LEADER));
    assert_int_equal(endorse_state(o), ENROLMENT(APPROVED));
    assert_ok(endorse(o, &other, leader, EVH_ROLE_LEADER));
    assert_int_equal(endorse_state(o), ENROLMENT(REFUSED));
    e.endorsed.state = ROSTER(REMOVED);
    assert_ok(endorse(o, &e, leader, EVH_ROLE_LEADER));
    assert_int_equal(endorse_state(o), ENROLMENT(REQUESTED));
    e.endorsed.state = ROSTER(ACTIVE);
    assert_ok(endorse(o, &e, leader, EVH_ROLE_LEADER));
    assert_int_equal(endorse_state(o), ENROLMENT(APPROVED));
    evh_signing_key_clear(&e.key);
    evh_signing_key_clear(&other.key);
}

/* ---- one decision, one entry ---- */

/* What a leader asks for by itself, about a customer of the fixture's own enrolment. */
static Evenhand__V1__EnrolmentState asked_again(operating *o, endorsing *e,
                                                Evenhand__V1__RosterState state, uint64_t sequence)
{
    e->endorsed.state = state;
    e->endorsed.sequence = sequence;
    assert_ok(endorse(o, e, &o->f->leader_id, EVH_ROLE_LEADER));
    return endorse_state(o);
}

/* The organisation as the leader knows it, to ask about it by hand. */
static void as_endorsing(operating *o, endorsing *out, const organisation *a)
{
    evh_buffer vkey = evh_buffer_init(EVH_VKEY_TEXT_MAX);
    memset(out, 0, sizeof *out);
    (void)snprintf(out->name, sizeof out->name, "%s", a->invitation.name);
    out->salt = a->invitation.salt;
    assert_ok(
        evh_customer_commit(out->endorsed.commitment, &out->salt, evh_view_of_text(out->name)));
    assert_ok(evh_identity_format(&vkey, &a->key.identity));
    memcpy(out->endorsed.vkey, vkey.data, vkey.len);
    (void)snprintf(out->endorsed.log_origin, sizeof out->endorsed.log_origin, "%s",
                   o->f->log_key.identity.name);
    evh_buffer_clear(&vkey);
}

/* A leader that collects endorsements for later gets one for each decision of the helper's operator:
 * nothing that it could log after the suspension. */
static void test_endorse_is_for_one_entry(void **state)
{
    operating *o = *state;
    organisation a;
    endorsing e;
    evh_operator_outcome outcome;
    approve_both(o, &a, acme);
    cosign(o->f);
    as_endorsing(o, &e, &a);
    e.endorsed.state = ROSTER(ACTIVE);
    e.endorsed.sequence = 1;
    assert_fails_with(endorse(o, &e, &o->f->leader_id, EVH_ROLE_LEADER), EVH_ERR_REFUSED,
                      "has the customer's entry 1 already");
    assert_int_equal(asked_again(o, &e, ROSTER(ACTIVE), 2), ENROLMENT(REQUESTED));
    assert_int_equal(asked_again(o, &e, ROSTER(ACTIVE), 3), ENROLMENT(REQUESTED));
    assert_int_equal(asked_again(o, &e, ROSTER(ACTIVE), UINT64_MAX), ENROLMENT(REQUESTED));
    change(o, &o->helper, acme, ROSTER(SUSPENDED), "");
    change(o, &o->leader, acme, ROSTER(SUSPENDED), "");
    cosign(o->f);
    expect_row(o, &o->helper, acme, ENROLMENT(APPROVED), ROSTER(SUSPENDED), ROSTER(UNSPECIFIED));
    e.endorsed.sequence = 2;
    assert_fails(endorse(o, &e, &o->f->leader_id, EVH_ROLE_LEADER), EVH_ERR_REFUSED);
    assert_int_equal(asked_again(o, &e, ROSTER(ACTIVE), 3), ENROLMENT(REQUESTED));
    /* It shows in the list, and the operator decides. */
    expect_row(o, &o->helper, acme, ENROLMENT(APPROVED), ROSTER(SUSPENDED), ROSTER(ACTIVE));
    change(o, &o->helper, acme, ROSTER(ACTIVE), "");
    assert_int_equal(asked_again(o, &e, ROSTER(ACTIVE), 3), ENROLMENT(APPROVED));
    change(o, &o->leader, acme, ROSTER(ACTIVE), "");
    assert_ok(evh_operator_drive(&o->leader, &outcome));
    cosign(o->f);
    expect_row(o, &o->leader, acme, ENROLMENT(APPROVED), ROSTER(ACTIVE), ROSTER(UNSPECIFIED));
    /* Approving once more is no new word. */
    decide(o, &o->helper, acme, false, "");
    assert_int_equal(asked_again(o, &e, ROSTER(ACTIVE), 4), ENROLMENT(REQUESTED));
    leave(&a);
}

/* The leader asks again by itself when the helper's mirror has not come far enough. */
static void test_endorse_waits_for_the_log(void **state)
{
    operating *o = *state;
    organisation a;
    evh_operator_outcome outcome;
    approve_both(o, &a, acme);
    change(o, &o->leader, acme, ROSTER(SUSPENDED), "");
    expect_row(o, &o->leader, acme, ENROLMENT(APPROVED), ROSTER(ACTIVE), ROSTER(SUSPENDED));
    cosign(o->f);
    change(o, &o->helper, acme, ROSTER(SUSPENDED), "");
    assert_ok(evh_operator_drive(&o->leader, &outcome));
    assert_int_equal(outcome.waiting, 0);
    cosign(o->f);
    expect_row(o, &o->helper, acme, ENROLMENT(APPROVED), ROSTER(SUSPENDED), ROSTER(UNSPECIFIED));
    leave(&a);
}

/* ---- a leader that was put back ---- */

static void lose_records(operating *o, const char *name, const char *invitation)
{
    char place[300];
    assert_ok(evh_store_begin(o->f->leader.store));
    (void)snprintf(place, sizeof place, "enrolment/%s", name);
    assert_ok(evh_store_delete(o->f->leader.store, EVH_STORE_META, evh_view_of_text(place)));
    (void)snprintf(place, sizeof place, "invitation/%s", invitation);
    assert_ok(evh_store_delete(o->f->leader.store, EVH_STORE_META, evh_view_of_text(place)));
    assert_ok(evh_store_commit(o->f->leader.store));
}

static evh_status invite_again(operating *o, const organisation *a, evh_invitation *out)
{
    Evenhand__V1__InviteCustomerRequest request;
    Evenhand__V1__InviteCustomerResponse *response = NULL;
    evh_diagnostics list = evh_diagnostics_init(4);
    evh_invitation old = a->invitation; /* a message's fields are not const */
    evenhand__v1__invite_customer_request__init(&request);
    request.name = old.name;
    request.valid_hours = WEEK_HOURS;
    request.invitation = old.id;
    evh_wire_set_bytes(&request.salt, evh_view_of(old.salt.bytes, 32));
    ask(o, &o->leader, "InviteCustomer", &request.base,
        &evenhand__v1__invite_customer_response__descriptor, &response);
    evh_status status =
        response->refusal == NULL
            ? evh_invitation_read(out, "i.yaml", evh_wire_bytes(&response->invitation), &list)
            : evh_fail(EVH_ERR_REFUSED, "%s", response->refusal->text);
    evh_wire_free(&response);
    evh_diagnostics_clear(&list);
    return status;
}

/* The leader's backup was made before the customer joined: the log has its key, the leader no name. It
 * shows in the list, and with its old invitation the organisation is what it was. */
static void test_list_and_invite_after_a_backup_that_is_older(void **state)
{
    operating *o = *state;
    organisation a;
    evh_invitation renewed = evh_invitation_init();
    evh_buffer certificate = evh_buffer_init(CERTIFICATE_MAX);
    bool found = false;
    Evenhand__V1__CustomerRow row;
    approve_both(o, &a, acme);
    cosign(o->f);
    lose_records(o, acme, a.invitation.id);
    row = row_of(o, &o->leader, acme, &found);
    assert_false(found);
    row = row_of(o, &o->leader, "", &found); /* the last of them */
    assert_true(found);
    assert_int_equal(row.enrolment, ENROLMENT(UNSPECIFIED));
    assert_int_equal(row.roster, ROSTER(ACTIVE));
    assert_ok(invite_again(o, &a, &renewed));
    assert_string_equal(renewed.id, a.invitation.id);
    assert_memory_equal(&renewed.salt, &a.invitation.salt, 32);
    expect_row(o, &o->leader, acme, ENROLMENT(INVITED), ROSTER(UNSPECIFIED), ROSTER(UNSPECIFIED));
    /* Its key stands on the roster: nobody has to approve it once more. */
    size_t calls = o->endorse_calls;
    assert_int_equal(enrol_state(o, &a, &certificate), ENROLMENT(APPROVED));
    expect_row(o, &o->leader, acme, ENROLMENT(APPROVED), ROSTER(ACTIVE), ROSTER(UNSPECIFIED));
    assert_int_equal(o->endorse_calls, calls);
    change(o, &o->leader, acme, ROSTER(SUSPENDED), "");
    change(o, &o->helper, acme, ROSTER(SUSPENDED), "");
    change(o, &o->leader, acme, ROSTER(SUSPENDED), "");
    expect_row(o, &o->leader, acme, ENROLMENT(APPROVED), ROSTER(SUSPENDED), ROSTER(UNSPECIFIED));
    evh_invitation_clear(&renewed);
    leave(&a);
    evh_buffer_clear(&certificate);
}

/* What is known stays: another salt or id under a known name is refused, a malformed one too. */
static void test_invite_again_refuses(void **state)
{
    operating *o = *state;
    organisation a;
    organisation other;
    evh_invitation renewed = evh_invitation_init();
    join(o, &a, acme);
    assert_ok(invite_again(o, &a, &renewed));
    assert_string_equal(renewed.id, a.invitation.id);
    evh_invitation_clear(&renewed);
    other = a;
    other.invitation.salt.bytes[3] ^= 1;
    assert_fails_with(invite_again(o, &other, &renewed), EVH_ERR_REFUSED, "another invitation");
    other = a;
    other.invitation.id[3] ^= 1;
    assert_fails(invite_again(o, &other, &renewed), EVH_ERR_REFUSED);
    lose_records(o, acme, a.invitation.id);
    other = a;
    other.invitation.id[31] = '\0';
    assert_fails(invite_again(o, &other, &renewed), EVH_ERR_REFUSED);
    evh_invitation_clear(&renewed);
    leave(&a);
}

int run_endorse_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_endorse_checks_what_it_is_told, operating_set_up,
                                        operating_tear_down),
        cmocka_unit_test_setup_teardown(test_endorse_refuses_another_key_for_a_customer,
                                        operating_set_up, operating_tear_down),
        cmocka_unit_test_setup_teardown(test_endorse_is_for_one_entry, operating_set_up,
                                        operating_tear_down),
        cmocka_unit_test_setup_teardown(test_endorse_waits_for_the_log, operating_set_up,
                                        operating_tear_down),
        cmocka_unit_test_setup_teardown(test_list_and_invite_after_a_backup_that_is_older,
                                        operating_set_up, operating_tear_down),
        cmocka_unit_test_setup_teardown(test_invite_again_refuses, operating_set_up,
                                        operating_tear_down),
    };
    return cmocka_run_group_tests_name("endorse", tests, NULL, NULL);
}
