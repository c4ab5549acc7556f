/* SPDX-License-Identifier: Apache-2.0 */
#include "operating.h"

#include <stdio.h>
#include <string.h>

#include "evenhand/seal/certificate.h"

enum { PEM_MAX = 16384 };

/* 2026-11-22 */
static const int64_t today_ms = 1795305600000;

evh_caller as_operator(void)
{
    evh_caller caller = {.role = EVH_ROLE_OPERATOR};
    return caller;
}

static evh_status call(void *context, const char *path, evh_view request, evh_buffer *response)
{
    operating *o = context;
    evh_caller leader = as_leader();
    if (o->away)
        return evh_fail(EVH_ERR_UNAVAILABLE, "away");
    if (strcmp(path, "/evenhand.v1.Helper/Endorse") != 0) {
        evh_peer peer = fake_peer_handle(&o->rounds);
        return peer.call(peer.context, path, request, response);
    }
    o->endorse_calls++;
    const char *name = o->refuse_meanwhile;
    o->refuse_meanwhile = NULL;
    if (name != NULL)
        decide(o, &o->leader, name, true, "");
    evh_buffer_clear(response);
    evh_status status = evh_operator_endorse(&o->helper, &leader, request, response);
    if (status.code == EVH_OK && o->forged && response->len > 60)
        response->data[response->len - 1] ^= 1;
    return status;
}

static void wake(void *context)
{
    operating *o = context;
    o->wakes++;
}

int operating_set_up(void **state)
{
    static operating o;
    memset(&o, 0, sizeof o);
    if (round_set_up(state) != 0)
        return 1;
    o.f = *state;
    o.f->now_ms = today_ms;
    o.ca_pem = evh_buffer_init(PEM_MAX);
    o.ca_key = evh_buffer_init(PEM_MAX);
    o.answer = evh_buffer_init(ANSWER_BYTES_MAX);
    evh_certificate_options options = {.common_name = "leader",
                                       .not_before_s = today_ms / 1000 - 3600,
                                       .not_after_s = today_ms / 1000 + 100000000};
    assert_ok(evh_certificate_make_authority(&o.ca_pem, &o.ca_key, &options));
    fake_peer_init(&o.rounds, o.f);
    o.peer = (evh_peer){.call = call, .context = &o};
    o.leader = (evh_operator){.self = &o.f->leader.aggregator,
                              .wake = wake,
                              .wake_context = &o,
                              .helper = &o.peer,
                              .address = "leader.example:8443",
                              .authority_cert_pem = evh_buffer_view(&o.ca_pem),
                              .authority_key_pem = evh_buffer_view(&o.ca_key)};
    o.helper = (evh_operator){.self = &o.f->helper.aggregator};
    cosign(o.f);
    *state = &o;
    return 0;
}

int operating_tear_down(void **state)
{
    operating *o = *state;
    fake_peer_clear(&o->rounds);
    evh_buffer_clear(&o->ca_pem);
    evh_buffer_clear(&o->ca_key);
    evh_buffer_clear(&o->answer);
    *state = o->f;
    return round_tear_down(state);
}

/* ---- calls ---- */

evh_status ask_bytes(operating *o, const evh_operator *at, const char *path,
                     const evh_caller *caller, evh_view request)
{
    evh_operator_table table = evh_operator_methods(at->self->role);
    evh_buffer_clear(&o->answer);
    for (size_t i = 0; i < table.count; i++)
        if (strcmp(table.methods[i].path, path) == 0)
            return table.methods[i].handle(at, caller, request, &o->answer);
    fail_msg("no method %s", path);
    return evh_ok();
}

void ask(operating *o, const evh_operator *at, const char *method, const ProtobufCMessage *request,
         const ProtobufCMessageDescriptor *type, void *response)
{
    evh_caller operator_of = as_operator();
    evh_buffer bytes = evh_buffer_init(ANSWER_BYTES_MAX);
    char path[100];
    (void)snprintf(path, sizeof path, "/evenhand.v1.Operator/%s", method);
    assert_ok(evh_wire_pack(&bytes, request));
    assert_ok(ask_bytes(o, at, path, &operator_of, evh_buffer_view(&bytes)));
    assert_ok(evh_wire_unpack(response, type, evh_buffer_view(&o->answer), method));
    evh_buffer_clear(&bytes);
}

/* ---- organisations ---- */

static void read_invitation(organisation *out, const ProtobufCBinaryData *file)
{
    evh_diagnostics list = evh_diagnostics_init(4);
    assert_ok(evh_invitation_read(&out->invitation, "i.yaml", evh_wire_bytes(file), &list));
    evh_diagnostics_clear(&list);
}

void join(operating *o, organisation *out, const char *name)
{
    Evenhand__V1__InviteCustomerRequest request;
    Evenhand__V1__InviteCustomerResponse *response = NULL;
    uint8_t commitment[EVH_SHA256_LEN];
    char key_name[EVH_KEY_NAME_LEN];
    evenhand__v1__invite_customer_request__init(&request);
    request.name = (char *)(uintptr_t)name;
    request.valid_hours = WEEK_HOURS;
    memset(out, 0, sizeof *out);
    out->invitation = evh_invitation_init();
    out->tls_key = evh_buffer_init(PEM_MAX);
    out->request = evh_buffer_init(PEM_MAX);
    ask(o, &o->leader, "InviteCustomer", &request.base,
        &evenhand__v1__invite_customer_response__descriptor, &response);
    assert_null(response->refusal);
    read_invitation(out, &response->invitation);
    evh_wire_free(&response);
    assert_ok(evh_customer_commit(commitment, &out->invitation.salt,
                                  evh_view_of_text(out->invitation.name)));
    evh_customer_key_name(key_name, commitment);
    assert_ok(evh_signing_key_generate(&out->key, EVH_IDENTITY_ED25519, evh_view_of_text(key_name),
                                       &o->f->rng));
    evh_certificate_options options = {.common_name = "customer"};
    assert_ok(evh_certificate_make_key(&out->tls_key));
    assert_ok(
        evh_certificate_make_request(&out->request, evh_buffer_view(&out->tls_key), &options));
}

void leave(organisation *left)
{
    evh_invitation_clear(&left->invitation);
    evh_signing_key_clear(&left->key);
    evh_buffer_clear(&left->tls_key);
    evh_buffer_clear(&left->request);
}

evh_status enrol_request(operating *o, const organisation *from)
{
    evh_caller caller = {.role = EVH_ROLE_INVITED, .invitation = from->invitation.id};
    evh_buffer bytes = evh_buffer_init(EVH_ENROL_REQUEST_BYTES_MAX);
    assert_ok(evh_enrol_request_make(&bytes, &from->key, evh_buffer_view(&from->request)));
    evh_status status =
        ask_bytes(o, &o->leader, "/evenhand.v1.Leader/Enrol", &caller, evh_buffer_view(&bytes));
    evh_buffer_clear(&bytes);
    return status;
}

Evenhand__V1__EnrolmentState enrol_state(operating *o, const organisation *from,
                                         evh_buffer *certificate)
{
    Evenhand__V1__EnrolResponse *response = NULL;
    assert_ok(enrol_request(o, from));
    assert_ok(evh_wire_unpack(&response, &evenhand__v1__enrol_response__descriptor,
                              evh_buffer_view(&o->answer), "answer"));
    Evenhand__V1__EnrolmentState state = response->state;
    assert_int_equal(state == ENROLMENT(APPROVED), response->certificate_pem.len > 0);
    evh_buffer_clear(certificate);
    assert_ok(evh_buffer_append(certificate, evh_wire_bytes(&response->certificate_pem)));
    evh_wire_free(&response);
    return state;
}

/* ---- decisions ---- */

static void expect_refusal(const Evenhand__V1__Refusal *refusal, const char *text)
{
    assert_int_equal(refusal != NULL, text[0] != '\0');
    if (refusal == NULL)
        return;
    if (strstr(refusal->text, text) == NULL)
        fail_msg("\"%s\" is not in \"%s\"", text, refusal->text);
}

void decide(operating *o, const evh_operator *at, const char *name, bool refuse,
            const char *refusal)
{
    Evenhand__V1__ApproveCustomerRequest request;
    Evenhand__V1__ApproveCustomerResponse *response = NULL;
    evenhand__v1__approve_customer_request__init(&request);
    request.name = (char *)(uintptr_t)name;
    request.refuse = refuse;
    ask(o, at, "ApproveCustomer", &request.base,
        &evenhand__v1__approve_customer_response__descriptor, &response);
    expect_refusal(response->refusal, refusal);
    evh_wire_free(&response);
}

void change(operating *o, const evh_operator *at, const char *name, Evenhand__V1__RosterState state,
            const char *refusal)
{
    Evenhand__V1__ChangeCustomerRequest request;
    Evenhand__V1__ApproveCustomerResponse *response = NULL;
    evenhand__v1__change_customer_request__init(&request);
    request.name = (char *)(uintptr_t)name;
    request.state = state;
    ask(o, at, "ChangeCustomer", &request.base,
        &evenhand__v1__approve_customer_response__descriptor, &response);
    expect_refusal(response->refusal, refusal);
    evh_wire_free(&response);
}

Evenhand__V1__CustomerRow row_of(operating *o, const evh_operator *at, const char *name,
                                 bool *found)
{
    Evenhand__V1__ListCustomersRequest request;
    Evenhand__V1__ListCustomersResponse *response = NULL;
    Evenhand__V1__CustomerRow row;
    evenhand__v1__list_customers_request__init(&request);
    evenhand__v1__customer_row__init(&row);
    *found = false;
    ask(o, at, "ListCustomers", &request.base, &evenhand__v1__list_customers_response__descriptor,
        &response);
    for (size_t i = 0; i < response->n_customers; i++)
        if (strcmp(response->customers[i]->name, name) == 0) {
            row = *response->customers[i];
            *found = true;
        }
    row.name = NULL;
    row.customer = NULL;
    evh_wire_free(&response);
    return row;
}

void expect_row(operating *o, const evh_operator *at, const char *name,
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

void approve_both(operating *o, organisation *out, const char *name)
{
    evh_operator_outcome outcome;
    join(o, out, name);
    assert_ok(enrol_request(o, out));
    decide(o, &o->leader, name, false, "");
    decide(o, &o->helper, name, false, "");
    assert_ok(evh_operator_drive(&o->leader, &outcome));
    assert_int_equal(outcome.waiting, 0);
}
