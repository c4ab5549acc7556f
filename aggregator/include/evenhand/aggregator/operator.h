/* SPDX-License-Identifier: Apache-2.0
 * aggregator/operator.h: what the operator of a leader or a helper asks of it (service Operator of
 * proto/operator.proto), how an organisation becomes a customer (Leader.Enrol, Helper.Endorse), and
 * the endorsements that the leader still waits for.
 * A wish that cannot be granted is told in words in the response's field `refusal`, and the call
 * succeeds; a call fails for another caller (REFUSED), a malformed request (ENCODING, LENGTH), or
 * when this side itself is in trouble (STORE, MEMORY, RNG, INTERNAL).
 * Source   docs/reference/invitation.md, docs/operator/customers.md
 * Secret   the authority's key; invitations; names of organisations enter neither log nor events
 * Threads  as aggregator/aggregator.h       Memory   one message, one list
 * Tests    unit/aggregator/test_enrolment.c, test_endorse.c, test_operator.c */
#ifndef EVH_AGGREGATOR_OPERATOR_H
#define EVH_AGGREGATOR_OPERATOR_H

#include "evenhand/aggregator/aggregator.h"

/* A leader or a helper as its operator sees it; everything is borrowed. */
typedef struct evh_operator {
    const evh_aggregator *self;
    /* Called after a change that the leader's loop should look at; may be NULL. */
    void (*wake)(void *context);
    void *wake_context;
    /* Leader only. */
    const evh_peer *helper;
    const char *address;         /* "host:port", where customers reach the leader */
    evh_view authority_cert_pem; /* issues certificates of customers and invitations */
    evh_view authority_key_pem;  /* secret */
} evh_operator;

/* ---- methods ---- */

typedef evh_status (*evh_operator_handler)(const evh_operator *op, const evh_caller *caller,
                                           evh_view request, evh_buffer *response);

typedef struct evh_operator_method {
    const char *path; /* "/evenhand.v1.Operator/OpenRound" */
    evh_role caller;  /* who may call it; the handler checks this too */
    size_t request_bytes_max;
    evh_operator_handler handle;
} evh_operator_method;

typedef struct evh_operator_table {
    const evh_operator_method *methods; /* [count] */
    size_t count;
} evh_operator_table;

/* All methods of this header that a leader or a helper serves. */
evh_operator_table evh_operator_methods(evh_role role);

/* ---- enrolment ---- */

/* Leader.Enrol, for whoever holds an invitation. The request binds the invitation to its key; after
 * approval the answer has the certificate, and the same request gets the same one again.
 * Fails    REFUSED another caller, an unknown or expired invitation, or one that is bound to
 *          another key; KEY a request that its key has not signed, a key that is not named after
 *          the commitment, a signing request that is none; ENCODING, LENGTH */
EVH_MUST_USE evh_status evh_operator_enrol(const evh_operator *op, const evh_caller *caller,
                                           evh_view request, evh_buffer *response);

/* Helper.Endorse, for the leader: keeps the request until the helper's operator has decided. What was
 * decided is good for the customer's next entry in this helper's mirror, and for no other.
 * Fails    REFUSED another caller or another log, an entry that the log has already; KEY a name that does not open the commitment, or
 *          a leader's endorsement that is wrong; INPUT a name that cannot be one; ENCODING, LENGTH */
EVH_MUST_USE evh_status evh_operator_endorse(const evh_operator *op, const evh_caller *caller,
                                             evh_view request, evh_buffer *response);

enum { EVH_OPERATOR_IDLE_MS = 60000, EVH_OPERATOR_SOON_MS = 500 };

typedef struct evh_operator_outcome {
    uint32_t waiting;    /* endorsements that the helper has not given yet */
    bool helper_reached; /* every call was answered; also when there was none */
    int64_t wait_ms;     /* until it should be asked again; EVH_OPERATOR_IDLE_MS: nothing waits */
} evh_operator_outcome;

/* The leader asks the helper for every endorsement it waits for, and logs roster entries that have
 * both. One pass; called by the leader's loop. Fails as the store does; *outcome is filled. */
EVH_MUST_USE evh_status evh_operator_drive(const evh_operator *op, evh_operator_outcome *outcome);

#endif
