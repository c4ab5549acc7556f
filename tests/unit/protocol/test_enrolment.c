/* SPDX-License-Identifier: Apache-2.0 */
#include "evenhand/protocol/enrolment.h"

#include <stdio.h>
#include <string.h>

#include "evenhand/wire/message.h"
#include "log.pb-c.h"
#include "tests.h"

#define KNOWN_COMMITMENT "87cd82e8f5ddb7ec828bcd4bbfc721f832cf7a564264fab20592eb5d59695f6a"

static void test_organisation_check(void **state)
{
    (void)state;
    char longest[EVH_ORGANISATION_BYTES_MAX + 1];
    memset(longest, 'a', sizeof longest);
    assert_ok(evh_organisation_check(view_of_literal("St. Mary's \xC3\xA9 \"1\"")));
    assert_ok(evh_organisation_check(evh_view_of(longest, EVH_ORGANISATION_BYTES_MAX)));
    assert_fails(evh_organisation_check(evh_view_of(longest, sizeof longest)), EVH_ERR_INPUT);
    assert_fails(evh_organisation_check(evh_view_of(NULL, 0)), EVH_ERR_INPUT);
    assert_fails(evh_organisation_check(view_of_literal(" a")), EVH_ERR_INPUT);
    assert_fails(evh_organisation_check(view_of_literal("a\n")), EVH_ERR_INPUT);
    assert_fails(evh_organisation_check(view_of_literal("a\0b")), EVH_ERR_INPUT);
    assert_fails(evh_organisation_check(view_of_literal("a\x7F"
                                                        "b")),
                 EVH_ERR_INPUT);
    assert_fails(evh_organisation_check(view_of_literal("a\xC2\x85"
                                                        "b")),
                 EVH_ERR_INPUT);
    assert_fails(evh_organisation_check(view_of_literal("a\xE2\x80\xA8"
                                                        "b")),
                 EVH_ERR_INPUT);
    assert_fails(evh_organisation_check(view_of_literal("a\xFF")), EVH_ERR_INPUT);
}

/* SHA-256("evenhand/customer/1" | 32 bytes of 7 | "acme"), by Python. */
static void test_customer_commit_known(void **state)
{
    (void)state;
    evh_seed32 salt;
    uint8_t commitment[EVH_SHA256_LEN];
    uint8_t expected[EVH_SHA256_LEN];
    char name[EVH_KEY_NAME_LEN];
    memset(salt.bytes, 7, sizeof salt.bytes);
    assert_ok(evh_hex_decode(expected, sizeof expected, view_of_literal(KNOWN_COMMITMENT)));
    assert_ok(evh_customer_commit(commitment, &salt, view_of_literal("acme")));
    assert_memory_equal(commitment, expected, sizeof expected);
    evh_customer_key_name(name, commitment);
    assert_memory_equal(name, KNOWN_COMMITMENT, 16);
    assert_int_equal(strlen(name), 16);
}

static void test_enrol_request_round_trip(void **state)
{
    fixture *f = *state;
    evh_buffer bytes = evh_buffer_init(EVH_ENROL_REQUEST_BYTES_MAX);
    evh_enrol_request request;
    evh_seal_verdict verdict = EVH_SEAL_REJECTED;
    assert_ok(evh_enrol_request_make(&bytes, &f->customer, view_of_literal("a request")));
    assert_ok(evh_enrol_request_read(&request, &verdict, evh_buffer_view(&bytes)));
    assert_int_equal(verdict, EVH_SEAL_ACCEPTED);
    assert_true(evh_identity_equal(&request.customer, &f->customer.identity));
    assert_views_equal(request.tls_request_pem, view_of_literal("a request"));
    evh_enrol_request_clear(&request);
    assert_null(request.storage);
    evh_buffer_clear(&bytes);
}

/* Cut anywhere it is malformed; changed anywhere it is malformed or not signed. */
static void test_enrol_request_damaged(void **state)
{
    fixture *f = *state;
    evh_buffer bytes = evh_buffer_init(EVH_ENROL_REQUEST_BYTES_MAX + 1);
    evh_enrol_request request;
    evh_seal_verdict verdict = EVH_SEAL_ACCEPTED;
    assert_ok(evh_enrol_request_make(&bytes, &f->customer, view_of_literal("a request")));
    for (size_t len = 0; len < bytes.len; len++) {
        evh_status status =
            evh_enrol_request_read(&request, &verdict, evh_view_of(bytes.data, len));
        assert_int_equal(verdict, EVH_SEAL_REJECTED);
        assert_true(status.code != EVH_OK || request.storage != NULL);
        evh_enrol_request_clear(&request);
    }
    for (size_t i = 0; i < 8 * bytes.len; i++) {
        bytes.data[i / 8] ^= (uint8_t)(1U << i % 8);
        evh_status status = evh_enrol_request_read(&request, &verdict, evh_buffer_view(&bytes));
        assert_int_equal(verdict, EVH_SEAL_REJECTED);
        evh_status_discard(status, "malformed or not, it must not pass");
        evh_enrol_request_clear(&request);
        bytes.data[i / 8] ^= (uint8_t)(1U << i % 8);
    }
    uint8_t *more = NULL;
    assert_ok(evh_buffer_extend(&bytes, EVH_ENROL_REQUEST_BYTES_MAX + 1 - bytes.len, &more));
    assert_fails(evh_enrol_request_read(&request, &verdict, evh_buffer_view(&bytes)),
                 EVH_ERR_LENGTH);
    evh_buffer_clear(&bytes);
}

static void make_endorsed(fixture *f, evh_endorsed *out, evh_signing_key *key)
{
    evh_seed32 salt = {{3}};
    char name[EVH_KEY_NAME_LEN];
    evh_buffer vkey = evh_buffer_init(EVH_VKEY_TEXT_MAX);
    memset(out, 0, sizeof *out);
    assert_ok(evh_customer_commit(out->commitment, &salt, view_of_literal("acme")));
    evh_customer_key_name(name, out->commitment);
    assert_ok(evh_signing_key_generate(key, EVH_IDENTITY_ED25519, evh_view_of_text(name), &f->rng));
    out->customer = key->identity;
    assert_ok(evh_identity_format(&vkey, &key->identity));
    memcpy(out->vkey, vkey.data, vkey.len);
    out->state = EVENHAND__V1__ROSTER_STATE__ROSTER_STATE_SUSPENDED;
    (void)snprintf(out->log_origin, sizeof out->log_origin, "evenhand.example/log");
    out->sequence = 5;
    evh_buffer_clear(&vkey);
}

static void test_endorsed_round_trip(void **state)
{
    fixture *f = *state;
    evh_signing_key key = {.secret = NULL};
    evh_endorsed in;
    evh_endorsed out;
    uint8_t signature[EVH_SIGNATURE_LEN];
    evh_seal_verdict verdict = EVH_SEAL_REJECTED;
    evh_buffer bytes = evh_buffer_init(EVH_ENDORSED_BYTES_MAX);
    make_endorsed(f, &in, &key);
    assert_ok(evh_endorsed_write(&bytes, &in));
    assert_ok(evh_endorsed_read(&out, evh_buffer_view(&bytes)));
    assert_memory_equal(&in, &out, sizeof in);
    assert_ok(evh_endorsed_sign(signature, &f->helper, evh_buffer_view(&bytes)));
    assert_ok(evh_endorsed_check(&verdict, &f->helper.identity, evh_buffer_view(&bytes),
                                 evh_view_of(signature, sizeof signature)));
    assert_int_equal(verdict, EVH_SEAL_ACCEPTED);
    assert_ok(evh_endorsed_check(&verdict, &f->leader.identity, evh_buffer_view(&bytes),
                                 evh_view_of(signature, sizeof signature)));
    assert_int_equal(verdict, EVH_SEAL_REJECTED);
    assert_ok(evh_endorsed_check(&verdict, &f->helper.identity, evh_buffer_view(&bytes),
                                 evh_view_of(signature, sizeof signature - 1)));
    assert_int_equal(verdict, EVH_SEAL_REJECTED);
    for (size_t len = 0; len < bytes.len; len++)
        assert_true(evh_endorsed_read(&out, evh_view_of(bytes.data, len)).code != EVH_OK);
    assert_ok(evh_buffer_u8(&bytes, 0));
    assert_true(evh_endorsed_read(&out, evh_buffer_view(&bytes)).code != EVH_OK);
    evh_signing_key_clear(&key);
    evh_buffer_clear(&bytes);
}

static void test_endorsed_read_refuses(void **state)
{
    fixture *f = *state;
    evh_signing_key key = {.secret = NULL};
    evh_endorsed in;
    evh_endorsed out;
    evh_buffer bytes = evh_buffer_init(EVH_ENDORSED_BYTES_MAX);
    make_endorsed(f, &in, &key);
    in.state = 4;
    assert_ok(evh_endorsed_write(&bytes, &in));
    assert_fails(evh_endorsed_read(&out, evh_buffer_view(&bytes)), EVH_ERR_TYPE);
    in.state = EVENHAND__V1__ROSTER_STATE__ROSTER_STATE_ACTIVE;
    in.commitment[0] ^= 1;
    evh_buffer_clear(&bytes);
    assert_ok(evh_endorsed_write(&bytes, &in));
    assert_fails_with(evh_endorsed_read(&out, evh_buffer_view(&bytes)), EVH_ERR_KEY,
                      "named after its commitment");
    assert_int_equal(out.state, 0);
    in.commitment[0] ^= 1;
    in.sequence = 0;
    evh_buffer_clear(&bytes);
    assert_ok(evh_endorsed_write(&bytes, &in));
    assert_fails_with(evh_endorsed_read(&out, evh_buffer_view(&bytes)), EVH_ERR_RANGE,
                      "without a sequence number");
    evh_signing_key_clear(&key);
    evh_buffer_clear(&bytes);
}

/* ---- roster entries ---- */

static void make_roster(evh_buffer *out, const evh_endorsed *endorsed,
                        const evh_signing_key *leader, const evh_signing_key *helper)
{
    uint8_t by_leader[EVH_SIGNATURE_LEN];
    uint8_t by_helper[EVH_SIGNATURE_LEN];
    evh_endorsed copy = *endorsed;
    evh_buffer bytes = evh_buffer_init(EVH_ENDORSED_BYTES_MAX);
    Evenhand__V1__RosterEntry entry;
    evenhand__v1__roster_entry__init(&entry);
    assert_ok(evh_endorsed_write(&bytes, endorsed));
    assert_ok(evh_endorsed_sign(by_leader, leader, evh_buffer_view(&bytes)));
    assert_ok(evh_endorsed_sign(by_helper, helper, evh_buffer_view(&bytes)));
    evh_wire_set_bytes(&entry.name_commitment, evh_view_of(copy.commitment, 32));
    entry.customer = copy.vkey;
    entry.state = (Evenhand__V1__RosterState)copy.state;
    entry.sequence = copy.sequence;
    evh_wire_set_bytes(&entry.leader_endorsement, evh_view_of(by_leader, sizeof by_leader));
    evh_wire_set_bytes(&entry.helper_endorsement, evh_view_of(by_helper, sizeof by_helper));
    evh_buffer_clear(out);
    assert_ok(evh_wire_pack(out, &entry.base));
    evh_buffer_clear(&bytes);
}

static evh_status check(const fixture *f, evh_roster_finding *finding, evh_view entry,
                        const char *origin, uint64_t last)
{
    *finding = EVH_ROSTER_ACCEPTED;
    return evh_roster_check(finding, entry, &f->leader.identity, &f->helper.identity, origin, last);
}

static void test_roster_check_findings(void **state)
{
    fixture *f = *state;
    evh_signing_key key = {.secret = NULL};
    evh_endorsed in;
    evh_roster_finding finding;
    evh_buffer entry = evh_buffer_init(EVH_ENDORSED_BYTES_MAX);
    make_endorsed(f, &in, &key);
    make_roster(&entry, &in, &f->leader, &f->helper);
    assert_ok(check(f, &finding, evh_buffer_view(&entry), in.log_origin, 4));
    assert_int_equal(finding, EVH_ROSTER_ACCEPTED);
    static const uint64_t others[] = {0, 3, 5, 6, UINT64_MAX};
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        assert_ok(check(f, &finding, evh_buffer_view(&entry), in.log_origin, others[i]));
        assert_int_equal(finding, EVH_ROSTER_OUT_OF_TURN);
    }
    assert_ok(check(f, &finding, evh_buffer_view(&entry), "another.example/log", 4));
    assert_int_equal(finding, EVH_ROSTER_UNENDORSED_LEADER);
    make_roster(&entry, &in, &f->leader, &f->leader);
    assert_ok(check(f, &finding, evh_buffer_view(&entry), in.log_origin, 4));
    assert_int_equal(finding, EVH_ROSTER_UNENDORSED_HELPER);
    make_roster(&entry, &in, &f->helper, &f->helper);
    assert_ok(check(f, &finding, evh_buffer_view(&entry), in.log_origin, 4));
    assert_int_equal(finding, EVH_ROSTER_UNENDORSED_LEADER);
    in.sequence = 0;
    make_roster(&entry, &in, &f->leader, &f->helper);
    assert_fails(check(f, &finding, evh_buffer_view(&entry), in.log_origin, 0), EVH_ERR_RANGE);
    assert_int_equal(finding, EVH_ROSTER_UNENDORSED_LEADER);
    evh_signing_key_clear(&key);
    evh_buffer_clear(&entry);
}

/* Cut at every byte, every bit flipped: nothing but the entry itself is accepted. */
static void test_roster_check_damaged(void **state)
{
    fixture *f = *state;
    evh_signing_key key = {.secret = NULL};
    evh_endorsed in;
    evh_roster_finding finding;
    evh_status status = evh_ok();
    evh_buffer entry = evh_buffer_init(EVH_ENDORSED_BYTES_MAX);
    make_endorsed(f, &in, &key);
    make_roster(&entry, &in, &f->leader, &f->helper);
    for (size_t len = 0; len < entry.len; len++) {
        status = check(f, &finding, evh_view_of(entry.data, len), in.log_origin, 4);
        assert_true(status.code != EVH_OK || finding != EVH_ROSTER_ACCEPTED);
    }
    for (size_t i = 0; i < entry.len * 8; i++) {
        entry.data[i / 8] ^= (uint8_t)(1U << i % 8);
        status = check(f, &finding, evh_buffer_view(&entry), in.log_origin, 4);
        assert_true(status.code != EVH_OK || finding != EVH_ROSTER_ACCEPTED);
        entry.data[i / 8] ^= (uint8_t)(1U << i % 8);
    }
    assert_ok(check(f, &finding, evh_buffer_view(&entry), in.log_origin, 4));
    assert_int_equal(finding, EVH_ROSTER_ACCEPTED);
    evh_signing_key_clear(&key);
    evh_buffer_clear(&entry);
}

int run_enrolment_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_organisation_check),
        cmocka_unit_test(test_customer_commit_known),
        cmocka_unit_test(test_enrol_request_round_trip),
        cmocka_unit_test(test_enrol_request_damaged),
        cmocka_unit_test(test_endorsed_round_trip),
        cmocka_unit_test(test_endorsed_read_refuses),
        cmocka_unit_test(test_roster_check_findings),
        cmocka_unit_test(test_roster_check_damaged),
    };
    return cmocka_run_group_tests(tests, fixture_set_up, fixture_tear_down);
}
