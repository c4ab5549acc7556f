/* SPDX-License-Identifier: Apache-2.0
 * Asking to join, and what a leader may answer. */
#include "evenhand/service/enrol.h"

#include <stdio.h>
#include <string.h>

#include "evenhand/base/limits.h"
#include "evenhand/seal/certificate.h"
#include "evenhand/wire/message.h"
#include "fixture.h"

enum { YEAR_S = 365 * 24 * 3600 };

/* An invitation, our keys, and what the leader is to answer. */
typedef struct joining {
    fixture *f;
    evh_invitation invitation;
    evh_signing_key customer;
    evh_buffer ca_key, tls_key, certificate;
    Evenhand__V1__EnrolmentState answers;
    const char *uri; /* in the certificate; NULL: the customer's */
    bool give_certificate;
    bool other_key; /* the certificate is for another TLS key */
    size_t calls;
    char vkey[EVH_VKEY_TEXT_MAX];
} joining;

static void issue(joining *j, evh_view request_pem, evh_buffer *out)
{
    char uri[EVH_VKEY_TEXT_MAX + 32];
    evh_buffer key = evh_buffer_init(EVH_KEY_FILE_BYTES_MAX);
    evh_buffer other = evh_buffer_init(EVH_KEY_FILE_BYTES_MAX);
    (void)snprintf(uri, sizeof uri, "evenhand:customer/%s", j->vkey);
    const evh_certificate_options names = {.common_name = "customer",
                                           .uri = j->uri != NULL ? j->uri : uri,
                                           .not_before_s = 0,
                                           .not_after_s = YEAR_S};
    if (j->other_key) {
        assert_ok(evh_certificate_make_key(&key));
        assert_ok(evh_certificate_make_request(&other, evh_buffer_view(&key), &names));
        request_pem = evh_buffer_view(&other);
    }
    assert_ok(evh_certificate_issue(out, request_pem, evh_buffer_view(&j->invitation.ca_pem),
                                    evh_buffer_view(&j->ca_key), &names));
    evh_buffer_clear(&key);
    evh_buffer_clear(&other);
}

static evh_status answer(void *context, const char *path, evh_view request, evh_buffer *response)
{
    joining *j = context;
    evh_enrol_request read;
    evh_seal_verdict verdict = EVH_SEAL_REJECTED;
    evh_buffer certificate = evh_buffer_init(EVH_KEY_FILE_BYTES_MAX);
    Evenhand__V1__EnrolResponse message;
    evenhand__v1__enrol_response__init(&message);
    j->calls++;
    if (j->f->failure.code != EVH_OK)
        return j->f->failure;
    assert_string_equal(path, "/evenhand.v1.Leader/Enrol");
    assert_ok(evh_enrol_request_read(&read, &verdict, request));
    assert_int_equal(verdict, EVH_SEAL_ACCEPTED);
    assert_string_equal(read.vkey, j->vkey);
    message.state = j->answers;
    if (j->give_certificate)
        issue(j, read.tls_request_pem, &certificate);
    evh_wire_set_bytes(&message.certificate_pem, evh_buffer_view(&certificate));
    assert_ok(evh_wire_pack(response, &message.base));
    evh_enrol_request_clear(&read);
    evh_buffer_clear(&certificate);
    return evh_ok();
}

static void begin(joining *j, fixture *f)
{
    uint8_t commitment[EVH_SHA256_LEN];
    char name[EVH_KEY_NAME_LEN];
    evh_buffer vkey = evh_buffer_init(EVH_VKEY_TEXT_MAX);
    const evh_certificate_options names = {
        .common_name = "leader", .not_before_s = 0, .not_after_s = 2 * YEAR_S};
    memset(j, 0, sizeof *j);
    j->f = f;
    j->invitation = evh_invitation_init();
    j->ca_key = evh_buffer_init(EVH_KEY_FILE_BYTES_MAX);
    j->tls_key = evh_buffer_init(EVH_KEY_FILE_BYTES_MAX);
    j->certificate = evh_buffer_init(EVH_KEY_FILE_BYTES_MAX);
    (void)snprintf(j->invitation.name, sizeof j->invitation.name, "St. Mary's");
    assert_ok(evh_certificate_make_authority(&j->invitation.ca_pem, &j->ca_key, &names));
    assert_ok(evh_certificate_make_key(&j->tls_key));
    assert_ok(evh_customer_commit(commitment, &j->invitation.salt, view_of_literal("St. Mary's")));
    evh_customer_key_name(name, commitment);
    assert_ok(evh_signing_key_generate(&j->customer, EVH_IDENTITY_ED25519, evh_view_of_text(name),
                                       &f->rng));
    assert_ok(evh_identity_format(&vkey, &j->customer.identity));
    memcpy(j->vkey, vkey.data, vkey.len);
    f->site.leader.calls = (evh_follow_peer){.call = answer, .context = j};
    j->answers = EVENHAND__V1__ENROLMENT_STATE__ENROLMENT_STATE_REQUESTED;
    evh_buffer_clear(&vkey);
}

static void end(joining *j)
{
    evh_invitation_clear(&j->invitation);
    evh_signing_key_clear(&j->customer);
    evh_buffer_clear(&j->ca_key);
    evh_buffer_clear(&j->tls_key);
    evh_buffer_clear(&j->certificate);
}

static evh_status ask(joining *j, evh_enrol_state *state)
{
    return evh_enrol_ask(&j->f->site, state, &j->certificate, &j->invitation, &j->customer,
                         evh_buffer_view(&j->tls_key));
}

static void test_enrol_waits_and_then_gets_its_certificate(void **state)
{
    joining j;
    evh_enrol_state now = EVH_ENROL_INVITED;
    begin(&j, *state);
    assert_ok(ask(&j, &now));
    assert_int_equal(now, EVH_ENROL_REQUESTED);
    assert_int_equal(j.certificate.len, 0);
    j.answers = EVENHAND__V1__ENROLMENT_STATE__ENROLMENT_STATE_APPROVED;
    assert_ok(ask(&j, &now)); /* approved, and not in the log yet */
    assert_int_equal(now, EVH_ENROL_APPROVED);
    assert_int_equal(j.certificate.len, 0);
    j.give_certificate = true;
    assert_ok(ask(&j, &now));
    assert_true(now == EVH_ENROL_APPROVED && j.certificate.len > 0);
    end(&j);
}

static void test_enrol_refused_by_an_operator(void **state)
{
    joining j;
    evh_enrol_state now = EVH_ENROL_INVITED;
    begin(&j, *state);
    j.answers = EVENHAND__V1__ENROLMENT_STATE__ENROLMENT_STATE_REFUSED;
    assert_ok(ask(&j, &now));
    assert_int_equal(now, EVH_ENROL_REFUSED);
    end(&j);
}

static void test_enrol_refuses_certificates_that_are_not_ours(void **state)
{
    joining j;
    evh_enrol_state now = EVH_ENROL_INVITED;
    begin(&j, *state);
    j.answers = EVENHAND__V1__ENROLMENT_STATE__ENROLMENT_STATE_APPROVED;
    j.give_certificate = true;
    j.uri = "evenhand:operator";
    assert_fails_with(ask(&j, &now), EVH_ERR_REFUSED, "names somebody else");
    assert_int_equal(j.certificate.len, 0);
    j.uri = NULL;
    j.other_key = true;
    assert_fails_with(ask(&j, &now), EVH_ERR_REFUSED, "of no use");
    j.other_key = false;
    j.f->now_ms = (int64_t)YEAR_S * 1000 + 1000;
    assert_fails_with(ask(&j, &now), EVH_ERR_REFUSED, "of no use");
    assert_int_equal(now, EVH_ENROL_INVITED);
    end(&j);
}

static void test_enrol_refuses_answers_without_sense(void **state)
{
    joining j;
    evh_enrol_state now = EVH_ENROL_INVITED;
    begin(&j, *state);
    j.answers = EVENHAND__V1__ENROLMENT_STATE__ENROLMENT_STATE_UNSPECIFIED;
    assert_fails_with(ask(&j, &now), EVH_ERR_REFUSED, "makes no sense");
    j.f->failure = evh_fail(EVH_ERR_UNAVAILABLE, "away");
    assert_fails(ask(&j, &now), EVH_ERR_UNAVAILABLE);
    end(&j);
}

int run_enrol_tests(void)
{
    const struct CMUnitTest tests[] = {
        SERVICE_TEST(test_enrol_waits_and_then_gets_its_certificate),
        SERVICE_TEST(test_enrol_refused_by_an_operator),
        SERVICE_TEST(test_enrol_refuses_certificates_that_are_not_ours),
        SERVICE_TEST(test_enrol_refuses_answers_without_sense),
    };
    return cmocka_run_group_tests_name("service enrol", tests, NULL, NULL);
}
