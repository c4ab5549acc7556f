/* SPDX-License-Identifier: Apache-2.0
 * From an invitation to a roster entry, and every way in which it must not get there. */
#include <stdio.h>
#include <string.h>

#include "evenhand/aggregator/listing.h"
#include "operating.h"

static const char acme[] = "St. Mary's \"1\"";

enum { CERTIFICATE_MAX = 16384 };

static void expect_row(operating *o, const evh_operator *at, const char *name,
                       Evenhand__V1__EnrolmentState enrolment, Evenhand__V1__RosterState roster,
                       Evenhand__V1__RosterState wanted)
{
    bool found = false;
    Evenhand__V1__CustomerRow row = row_of(o, at, name, &found);
    assert_true(found);
    assert_int_equal(row.enrolment, enrolment);
    assert_int_equal(row.roster, roster);
    assert_int_equal(row.wanted, wanted);
}

/* Requested and approved by both sides. */
static void approve_both(operating *o, organisation *out, const char *name)
{
    evh_operator_outcome outcome;
    join(o, out, name);
    assert_ok(enrol_request(o, out));
    decide(o, &o->leader, name, false, "");
    decide(o, &o->helper, name, false, "");
    assert_ok(evh_operator_drive(&o->leader, &outcome));
    assert_int_equal(outcome.waiting, 0);
}

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
    return cmocka_run_group_tests_name("enrolment", tests, NULL, NULL);
}
