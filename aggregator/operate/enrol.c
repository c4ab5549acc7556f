/* SPDX-License-Identifier: Apache-2.0
 * Leader.Enrol: an organisation shows its invitation and its key, and fetches its certificate. */
#include <stdio.h>
#include <string.h>

#include "evenhand/base/limits.h"
#include "evenhand/seal/certificate.h"
#include "operate_internal.h"

enum { VALID_DAYS = 365, RENEW_DAYS = 60, SKEW_S = 300 };

static const uint64_t DAY_MS = 86400000;

/* Issues the customer's certificate. Names come from the verifier key alone. */
static evh_status issue(const evh_operator *op, evh_buffer *out, const evh_enrol_request *request)
{
    char uri[EVH_CERTIFICATE_URI_LEN];
    int64_t now_s = (int64_t)(evh_operate_now_ms(op) / 1000);
    evh_status status = evh_ok();
    int len = snprintf(uri, sizeof uri, "evenhand:customer/%s", request->vkey);
    evh_certificate_options options = {.common_name = request->customer.name,
                                       .uri = uri,
                                       .not_before_s = now_s - SKEW_S,
                                       .not_after_s =
                                           now_s + VALID_DAYS * (int64_t)(DAY_MS / 1000)};
    EVH_REQUIRE(len > 0 && (size_t)len < sizeof uri, EVH_ERR_KEY, "a key with a name that long");
    EVH_TRY(evh_certificate_issue(out, request->tls_request_pem, op->authority_cert_pem,
                                  op->authority_key_pem, &options));
done:
    return status;
}

static evh_status check_key_name(const evh_enrol_request *request, const evh_enrolment *record,
                                 const char *name)
{
    evh_seed32 salt;
    uint8_t commitment[EVH_SHA256_LEN];
    char key_name[EVH_KEY_NAME_LEN];
    evh_status status = evh_ok();
    EVH_TRY(evh_wire_copy_bytes(salt.bytes, sizeof salt.bytes, &record->salt, "salt"));
    EVH_TRY(evh_customer_commit(commitment, &salt, evh_view_of_text(name)));
    evh_customer_key_name(key_name, commitment);
    EVH_REQUIRE(strcmp(key_name, request->customer.name) == 0, EVH_ERR_KEY,
                "a key that is not named after the invitation's commitment");
done:
    evh_wipe(&salt, sizeof salt);
    return status;
}

/* Binds the invitation to the key, or makes sure that it is bound to it. A key that the log has as a
 * customer's was approved by both before this store was put back. *changed borrows from the record
 * and the request. */
static evh_status bind(const evh_operator *op, evh_enrolment *changed, const evh_enrolment *record,
                       evh_enrol_request *request, bool *is_new)
{
    evh_standing standing;
    evh_status status = evh_ok();
    *changed = *record;
    *is_new = record->customer[0] == '\0';
    if (*is_new) {
        EVH_REQUIRE(record->state == ENROLMENT(INVITED), EVH_ERR_REFUSED,
                    "the invitation was withdrawn");
        EVH_REQUIRE(evh_operate_now_ms(op) < record->expires_ms, EVH_ERR_REFUSED,
                    "the invitation has expired");
        EVH_TRY(evh_enrolment_standing(op, &standing, request->vkey));
        changed->customer = request->vkey;
        changed->state = standing.roster == ROSTER(ACTIVE) || standing.roster == ROSTER(SUSPENDED)
                             ? ENROLMENT(APPROVED)
                             : ENROLMENT(REQUESTED);
    }
    EVH_REQUIRE(strcmp(changed->customer, request->vkey) == 0, EVH_ERR_REFUSED,
                "the invitation is bound to another key");
    if (!evh_view_equal(evh_wire_bytes(&record->tls_request_pem), request->tls_request_pem)) {
        evh_wire_set_bytes(&changed->tls_request_pem, request->tls_request_pem);
        evh_wire_set_bytes(&changed->certificate_pem, evh_view_of(NULL, 0));
    }
done:
    return status;
}

/* Whether the certificate that was issued will do for a while. */
static bool lasts(const evh_operator *op, const evh_enrolment *record)
{
    return record->certificate_pem.len > 0 &&
           record->certificate_until_ms > evh_operate_now_ms(op) + RENEW_DAYS * DAY_MS;
}

static evh_status answer(const evh_operator *op, Evenhand__V1__EnrolResponse *response,
                         evh_enrolment *changed, evh_buffer *certificate)
{
    evh_standing standing;
    evh_status status = evh_ok();
    EVH_TRY(evh_enrolment_standing(op, &standing, changed->customer));
    response->state = changed->state;
    if (standing.roster == ROSTER(REMOVED))
        response->state = ENROLMENT(REFUSED);
    if (response->state != ENROLMENT(APPROVED))
        goto done;
    if (!lasts(op, changed)) {
        evh_wire_set_bytes(&changed->certificate_pem, evh_buffer_view(certificate));
        changed->certificate_until_ms = evh_operate_now_ms(op) + VALID_DAYS * DAY_MS;
    }
    response->certificate_pem = changed->certificate_pem;
done:
    return status;
}

static evh_status enrol(const evh_operator *op, Evenhand__V1__EnrolResponse *response,
                        evh_enrolment **record, evh_enrolment *changed, evh_buffer *certificate,
                        evh_enrol_request *request, const char *invitation)
{
    char name[EVH_ORGANISATION_BYTES_MAX + 1];
    bool is_new = false;
    evh_status status = evh_ok();
    EVH_TRY(evh_store_begin(op->self->store));
    EVH_TRY(evh_enrolment_of_invitation(op, name, invitation));
    if (name[0] != '\0')
        EVH_TRY(evh_enrolment_find(op, record, name));
    EVH_REQUIRE(*record != NULL, EVH_ERR_REFUSED, "no such invitation");
    EVH_TRY(check_key_name(request, *record, name));
    EVH_TRY(bind(op, changed, *record, request, &is_new));
    EVH_TRY(answer(op, response, changed, certificate));
    EVH_TRY(evh_enrolment_save(op, name, changed));
    EVH_TRY(evh_store_commit(op->self->store));
done:
    evh_store_rollback(op->self->store);
    return status;
}

evh_status evh_operator_enrol(const evh_operator *op, const evh_caller *caller, evh_view bytes,
                              evh_buffer *out)
{
    Evenhand__V1__EnrolResponse response;
    evh_enrol_request request;
    evh_enrolment *record = NULL;
    evh_enrolment changed;
    evh_seal_verdict verdict = EVH_SEAL_REJECTED;
    evh_buffer certificate = evh_buffer_init(EVH_KEY_FILE_BYTES_MAX);
    evenhand__v1__enrol_response__init(&response);
    memset(&request, 0, sizeof request);
    evh_status status = evh_ok();
    EVH_REQUIRE(caller->role == EVH_ROLE_INVITED && caller->invitation != NULL, EVH_ERR_REFUSED,
                "this call is for whoever holds an invitation");
    EVH_TRY(evh_operate_require_leader(op));
    EVH_TRY(evh_enrol_request_read(&request, &verdict, bytes));
    EVH_REQUIRE(verdict == EVH_SEAL_ACCEPTED, EVH_ERR_KEY, "the request's signature is wrong");
    EVH_REQUIRE(request.tls_request_pem.len <= EVH_KEY_FILE_BYTES_MAX, EVH_ERR_LENGTH,
                "a signing request of %zu bytes", request.tls_request_pem.len);
    /* Issued before anything is promised: a signing request that is none is refused here, not when
     * two operators have approved. It leaves this function only after that. */
    EVH_TRY(issue(op, &certificate, &request));
    EVH_TRY(enrol(op, &response, &record, &changed, &certificate, &request, caller->invitation));
    EVH_TRY(evh_wire_pack(out, &response.base));
done:
    evh_wire_free(&record);
    evh_enrol_request_clear(&request);
    evh_buffer_clear(&certificate);
    return status;
}
