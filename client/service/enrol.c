/* SPDX-License-Identifier: Apache-2.0 */
#include "evenhand/service/enrol.h"

#include <stdio.h>
#include <string.h>

#include "evenhand/base/limits.h"
#include "evenhand/seal/certificate.h"
#include "evenhand/wire/message.h"
#include "line_internal.h"
#include "service.pb-c.h"
#include "service_internal.h"

static const char enrol_path[] = "/evenhand.v1.Leader/Enrol";

evh_status evh_enrol_connect(evh_site *site, const evh_invitation *invitation, const char *proxy)
{
    const evh_line_options options = {.target = invitation->leader_address,
                                      .proxy = proxy,
                                      .ca_pem = evh_buffer_view(&invitation->ca_pem),
                                      .cert_pem = evh_buffer_view(&invitation->cert_pem),
                                      .key_pem = evh_buffer_view(&invitation->key_pem),
                                      .now_s = evh_clock_wall_ms(&site->clock) / EVH_MS_PER_S};
    evh_status status = evh_ok();
    EVH_TRY(evh_leader_line_new(&site->line, &options));
    site->leader = evh_leader_line_leader(site->line);
done:
    return status;
}

/* Belongs to our key, and makes us this customer and nobody else. */
static evh_status check_certificate(const evh_site *site, const evh_invitation *invitation,
                                    const evh_signing_key *customer, evh_view cert_pem,
                                    evh_view key_pem)
{
    evh_certificate_facts facts;
    evh_buffer vkey = evh_buffer_init(EVH_VKEY_TEXT_MAX);
    char uri[EVH_VKEY_TEXT_MAX + 32];
    evh_status status = evh_ok();
    EVH_TRY(evh_identity_format(&vkey, &customer->identity));
    (void)snprintf(uri, sizeof uri, "evenhand:customer/%.*s", (int)vkey.len,
                   (const char *)vkey.data);
    status = evh_certificate_check(&facts, evh_buffer_view(&invitation->ca_pem), cert_pem, key_pem,
                                   evh_clock_wall_ms(&site->clock) / EVH_MS_PER_S);
    EVH_REQUIRE(status.code == EVH_OK, EVH_ERR_REFUSED,
                "the leader's certificate for us is of no use: %s", status.text);
    EVH_REQUIRE(strcmp(facts.uri, uri) == 0, EVH_ERR_REFUSED,
                "the leader's certificate for us names somebody else");
done:
    evh_buffer_clear(&vkey);
    return status;
}

static evh_status call(evh_site *site, Evenhand__V1__EnrolResponse **out,
                       const evh_signing_key *customer, evh_view key_pem)
{
    const evh_certificate_options names = {.common_name = customer->identity.name};
    evh_buffer tls_request = evh_buffer_init(EVH_KEY_FILE_BYTES_MAX);
    evh_buffer request = evh_buffer_init(EVH_ENROL_REQUEST_BYTES_MAX);
    evh_buffer response = evh_buffer_init(EVH_SERVICE_RESPONSE_MAX);
    evh_status status = evh_ok();
    EVH_TRY(evh_certificate_make_request(&tls_request, key_pem, &names));
    EVH_TRY(evh_enrol_request_make(&request, customer, evh_buffer_view(&tls_request)));
    status = site->leader.calls.call(site->leader.calls.context, enrol_path,
                                     evh_buffer_view(&request), &response);
    EVH_REQUIRE(status.code != EVH_ERR_REFUSED, EVH_ERR_REFUSED,
                "the invitation was used with another key, has expired or was withdrawn: ask the "
                "operator for a new one");
    EVH_TRY(status);
    status = evh_wire_unpack(out, &evenhand__v1__enrol_response__descriptor,
                             evh_buffer_view(&response), "answer");
    EVH_REQUIRE(status.code != EVH_ERR_ENCODING, EVH_ERR_REFUSED,
                "the leader's answer cannot be read: %s", status.text);
done:
    evh_buffer_clear(&tls_request);
    evh_buffer_clear(&request);
    evh_buffer_clear(&response);
    return status;
}

evh_status evh_enrol_ask(evh_site *site, evh_enrol_state *state, evh_buffer *cert_pem,
                         const evh_invitation *invitation, const evh_signing_key *customer,
                         evh_view key_pem)
{
    Evenhand__V1__EnrolResponse *answer = NULL;
    evh_status status = evh_ok();
    evh_buffer_clear(cert_pem);
    *state = EVH_ENROL_INVITED;
    EVH_TRY(call(site, &answer, customer, key_pem));
    EVH_REQUIRE(answer->state >= EVENHAND__V1__ENROLMENT_STATE__ENROLMENT_STATE_REQUESTED &&
                    answer->state <= EVENHAND__V1__ENROLMENT_STATE__ENROLMENT_STATE_REFUSED,
                EVH_ERR_REFUSED, "the leader's answer makes no sense");
    if (answer->certificate_pem.len > 0) {
        EVH_TRY(check_certificate(site, invitation, customer,
                                  evh_wire_bytes(&answer->certificate_pem), key_pem));
        EVH_TRY(evh_buffer_append(cert_pem, evh_wire_bytes(&answer->certificate_pem)));
    }
    *state = (evh_enrol_state)answer->state;
done:
    evh_wire_free(&answer);
    return status;
}
