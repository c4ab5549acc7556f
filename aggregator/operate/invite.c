/* SPDX-License-Identifier: Apache-2.0
 * Invitations: what an organisation needs in order to ask. The key in one is made for it and kept
 * nowhere; an organisation that is invited again gets a new key for the same invitation. */
#include <stdio.h>
#include <string.h>

#include "evenhand/base/limits.h"
#include "evenhand/protocol/invitation.h"
#include "evenhand/seal/certificate.h"
#include "operate_internal.h"

enum { HOURS_MAX = 8760, HOUR_S = 3600, SKEW_S = 300, ID_BYTES = 16 };

/* Nothing can come of the old one: it was refused, or the customer was removed. */
static evh_status has_ended(const evh_operator *op, const evh_enrolment *record, bool *ended)
{
    evh_standing standing;
    evh_status status = evh_ok();
    EVH_TRY(evh_enrolment_standing(op, &standing, record->customer));
    *ended = record->state == ENROLMENT(REFUSED) ||
             (standing.roster == ROSTER(REMOVED) && record->approved == ROSTER(REMOVED));
done:
    return status;
}

/* A new invitation, or the one that the request brings back. */
static evh_status choose(const evh_operator *op, evh_invitation *out,
                         const Evenhand__V1__InviteCustomerRequest *request)
{
    uint8_t id[ID_BYTES];
    evh_status status = evh_ok();
    if (request->salt.len == 0 && request->invitation[0] == '\0') {
        EVH_TRY(evh_rng_fill(&op->self->rng, out->salt.bytes, sizeof out->salt.bytes));
        EVH_TRY(evh_rng_fill(&op->self->rng, id, sizeof id));
    } else {
        EVH_TRY(evh_wire_copy_bytes(out->salt.bytes, sizeof out->salt.bytes, &request->salt,
                                    "the invitation's salt"));
        EVH_TRY(evh_hex_decode(id, sizeof id, evh_view_of_text(request->invitation)));
    }
    evh_hex_encode(out->id, evh_view_of(id, sizeof id));
done:
    return status;
}

/* What is known is never replaced by what comes back. */
static evh_status check_known(const evh_enrolment *known, bool again,
                              const Evenhand__V1__InviteCustomerRequest *request)
{
    evh_status status = evh_ok();
    EVH_REQUIRE(!again || request->salt.len == 0 ||
                    (evh_view_equal(evh_wire_bytes(&known->salt), evh_wire_bytes(&request->salt)) &&
                     strcmp(known->invitation, request->invitation) == 0),
                EVH_ERR_REFUSED, "another invitation of that organisation is known here");
done:
    return status;
}

/* Finds the organisation's invitation or makes one; fills salt, id and again. */
static evh_status settle(const evh_operator *op, evh_invitation *out, bool *again,
                         const Evenhand__V1__InviteCustomerRequest *request)
{
    evh_enrolment *known = NULL;
    evh_enrolment changed;
    bool ended = false;
    evenhand__v1__stored_enrolment__init(&changed);
    evh_status status = evh_ok();
    EVH_TRY(choose(op, out, request));
    EVH_TRY(evh_store_begin(op->self->store));
    EVH_TRY(evh_enrolment_find(op, &known, out->name));
    if (known != NULL)
        EVH_TRY(has_ended(op, known, &ended));
    *again = known != NULL && !ended;
    EVH_TRY(check_known(known, *again, request));
    if (known != NULL && ended)
        EVH_TRY(evh_enrolment_drop_invitation(op, known->invitation));
    if (*again) {
        changed = *known;
        EVH_TRY(evh_wire_copy_bytes(out->salt.bytes, sizeof out->salt.bytes, &known->salt, "salt"));
        (void)snprintf(out->id, sizeof out->id, "%s", known->invitation);
    } else {
        evh_wire_set_bytes(&changed.salt, evh_view_of(out->salt.bytes, sizeof out->salt.bytes));
        changed.invitation = out->id;
        changed.state = ENROLMENT(INVITED);
    }
    changed.expires_ms = (uint64_t)out->expires_ms;
    EVH_TRY(evh_enrolment_save(op, out->name, &changed));
    EVH_TRY(evh_enrolment_set_invitation(op, out->name, out->id));
    EVH_TRY(evh_store_commit(op->self->store));
done:
    evh_store_rollback(op->self->store);
    evh_wire_free(&known);
    return status;
}

static evh_status make_certificate(const evh_operator *op, evh_invitation *out, int64_t now_s)
{
    char uri[EVH_CERTIFICATE_URI_LEN];
    evh_buffer request = evh_buffer_init(EVH_KEY_FILE_BYTES_MAX);
    (void)snprintf(uri, sizeof uri, "evenhand:invitation/%s", out->id);
    evh_certificate_options options = {.common_name = "invitation",
                                       .uri = uri,
                                       .not_before_s = now_s - SKEW_S,
                                       .not_after_s = out->expires_ms / 1000};
    evh_status status = evh_ok();
    EVH_TRY(evh_certificate_make_key(&out->key_pem));
    EVH_TRY(evh_certificate_make_request(&request, evh_buffer_view(&out->key_pem), &options));
    EVH_TRY(evh_certificate_issue(&out->cert_pem, evh_buffer_view(&request), op->authority_cert_pem,
                                  op->authority_key_pem, &options));
done:
    evh_buffer_clear(&request);
    return status;
}

static evh_status make_invitation(const evh_operator *op, evh_buffer *file, bool *again,
                                  uint64_t *expires_ms,
                                  const Evenhand__V1__InviteCustomerRequest *request)
{
    evh_invitation invitation = evh_invitation_init();
    int64_t now_s = (int64_t)(evh_operate_now_ms(op) / 1000);
    evh_status status = evh_ok();
    EVH_TRY(evh_operate_require_leader(op));
    EVH_TRY(evh_organisation_check(evh_view_of_text(request->name)));
    EVH_REQUIRE(request->valid_hours >= 1 && request->valid_hours <= HOURS_MAX, EVH_ERR_RANGE,
                "an invitation is valid for 1 to %d hours", HOURS_MAX);
    (void)snprintf(invitation.name, sizeof invitation.name, "%s", request->name);
    (void)snprintf(invitation.leader_address, sizeof invitation.leader_address, "%s", op->address);
    invitation.expires_ms = (now_s + (int64_t)request->valid_hours * HOUR_S) * 1000;
    invitation.log = op->self->log;
    invitation.leader = op->self->leader;
    invitation.helper = op->self->helper;
    invitation.collector = op->self->collector;
    invitation.witness = op->self->witness;
    EVH_TRY(evh_buffer_append(&invitation.ca_pem, op->authority_cert_pem));
    EVH_TRY(settle(op, &invitation, again, request));
    EVH_TRY(make_certificate(op, &invitation, now_s));
    EVH_TRY(evh_invitation_write(file, &invitation));
    *expires_ms = (uint64_t)invitation.expires_ms;
done:
    evh_invitation_clear(&invitation);
    return status;
}

evh_status evh_operate_invite(const evh_operator *op, const evh_caller *caller, evh_view bytes,
                              evh_buffer *out)
{
    Evenhand__V1__InviteCustomerRequest *request = NULL;
    Evenhand__V1__InviteCustomerResponse response;
    evenhand__v1__invite_customer_response__init(&response);
    evh_buffer file = evh_buffer_init(EVH_INVITATION_BYTES_MAX);
    evh_refusal refusal;
    bool again = false;
    evh_status status = evh_ok();
    EVH_TRY(evh_operate_require_operator(caller));
    EVH_TRY(evh_wire_unpack(&request, &evenhand__v1__invite_customer_request__descriptor, bytes,
                            "request"));
    EVH_TRY(evh_refusal_take(&refusal, &response.refusal,
                             make_invitation(op, &file, &again, &response.expires_ms, request)));
    response.again = again;
    evh_wire_set_bytes(&response.invitation, evh_buffer_view(&file));
    EVH_TRY(evh_wire_pack(out, &response.base));
done:
    evh_buffer_clear(&file);
    evh_wire_free(&request);
    return status;
}
