/* SPDX-License-Identifier: Apache-2.0
 * protocol/enrolment.h: how an organisation becomes a customer: its name committed to, its key
 * named after the commitment, its request to join, and what both aggregators endorse.
 * Source   docs/reference/invitation.md, proto/service.proto, proto/log.proto
 * Secret   the salt opens the commitment: between the customer and the two aggregators only
 * Threads  values          Memory   the caller's; transient buffers
 * Tests    unit/protocol/test_enrolment.c */
#ifndef EVH_PROTOCOL_ENROLMENT_H
#define EVH_PROTOCOL_ENROLMENT_H

#include "evenhand/base/bytes.h"
#include "evenhand/base/secret.h"
#include "evenhand/base/status.h"
#include "evenhand/seal/hash.h"
#include "evenhand/seal/signing.h"

enum {
    EVH_ORGANISATION_BYTES_MAX = 200,
    EVH_KEY_NAME_LEN = 17,               /* of a customer's key: 16 hex digits and a NUL */
    EVH_INVITATION_TEXT_LEN = 33,        /* 32 hex digits and a NUL */
    EVH_ENROL_REQUEST_BYTES_MAX = 32768, /* encoded */
    EVH_VKEY_TEXT_MAX = 512,             /* of a verifier key, with a NUL */
    EVH_ENDORSED_BYTES_MAX = 2048        /* encoded EndorsedCustomer */
};

/* Fails INPUT unless it can be an organisation's name: 1..EVH_ORGANISATION_BYTES_MAX bytes of UTF-8
 * without control characters, with no white space at its ends. */
EVH_MUST_USE evh_status evh_organisation_check(evh_view name);

/* SHA-256("evenhand/customer/1" | salt | name): what the log shows of an organisation's name. Fails
 * MEMORY. */
EVH_MUST_USE evh_status evh_customer_commit(uint8_t out[EVH_SHA256_LEN], const evh_seed32 *salt,
                                            evh_view name);

/* The name of the customer's key: hex of the commitment's first 8 bytes. */
void evh_customer_key_name(char out[EVH_KEY_NAME_LEN], const uint8_t commitment[EVH_SHA256_LEN]);

/* ---- the request to join ---- */

/* Appends a signed EnrolRequest.
 *   customer         named by evh_customer_key_name
 *   tls_request_pem  signing request for the customer's TLS key
 * Fails    as evh_sign; MEMORY */
EVH_MUST_USE evh_status evh_enrol_request_make(evh_buffer *out, const evh_signing_key *customer,
                                               evh_view tls_request_pem);

typedef struct evh_enrol_request {
    evh_identity customer;
    char vkey[EVH_VKEY_TEXT_MAX];
    evh_view tls_request_pem; /* borrowed from storage */
    void *storage;            /* evh_enrol_request_clear frees it */
} evh_enrol_request;

/* Reads a request and checks its signature.
 *   verdict  rejected unless the key that it names has signed it
 * Fails    ENCODING, LENGTH, KEY, TYPE malformed; MEMORY. *out is then empty */
EVH_MUST_USE evh_status evh_enrol_request_read(evh_enrol_request *out, evh_seal_verdict *verdict,
                                               evh_view bytes);
void evh_enrol_request_clear(evh_enrol_request *request);

/* ---- what both aggregators endorse ---- */

/* A customer in a state, as an EndorsedCustomer names it. */
typedef struct evh_endorsed {
    uint8_t commitment[EVH_SHA256_LEN];
    evh_identity customer;
    char vkey[EVH_VKEY_TEXT_MAX];
    uint32_t state; /* RosterState: active, suspended or removed */
    char log_origin[EVH_IDENTITY_NAME_BYTES_MAX + 1];
    uint64_t sequence; /* 1 for a customer's first roster entry, one more for each that follows */
} evh_endorsed;

/* Appends the canonical EndorsedCustomer. Fails MEMORY. */
EVH_MUST_USE evh_status evh_endorsed_write(evh_buffer *out, const evh_endorsed *endorsed);

/* Reads one, and checks that the key is named after the commitment, that the state is one and that
 * there is a sequence number.
 * Fails    ENCODING, LENGTH, KEY, TYPE malformed; RANGE no sequence number; MEMORY. *out is then
 *          all zero */
EVH_MUST_USE evh_status evh_endorsed_read(evh_endorsed *out, evh_view bytes);

/* An aggregator's endorsement (label evenhand/endorse/1) of canonical bytes. Fails as evh_sign. */
EVH_MUST_USE evh_status evh_endorsed_sign(uint8_t signature[EVH_SIGNATURE_LEN],
                                          const evh_signing_key *aggregator, evh_view endorsed);

/* The verdict on one; a signature of a wrong length is rejected. Fails MEMORY. */
EVH_MUST_USE evh_status evh_endorsed_check(evh_seal_verdict *verdict,
                                           const evh_identity *aggregator, evh_view endorsed,
                                           evh_view signature);

/* ---- what the log says ---- */

typedef enum evh_roster_finding {
    EVH_ROSTER_UNENDORSED_LEADER, /* the leader has not endorsed it */
    EVH_ROSTER_UNENDORSED_HELPER,
    EVH_ROSTER_OUT_OF_TURN, /* endorsed, but not for the entry that comes next: one logged again */
    EVH_ROSTER_ACCEPTED
} evh_roster_finding;

/* Holds a roster entry against the two aggregators and what the log said of its customer before.
 *   finding        not accepted on failure
 *   entry          canonical RosterEntry
 *   log_origin     of the log it is in
 *   last_sequence  of the customer's entry before it; 0 when there is none
 * Fails    as evh_endorsed_read. */
EVH_MUST_USE evh_status evh_roster_check(evh_roster_finding *finding, evh_view entry,
                                         const evh_identity *leader, const evh_identity *helper,
                                         const char *log_origin, uint64_t last_sequence);

#endif
