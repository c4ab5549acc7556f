/* SPDX-License-Identifier: Apache-2.0
 * The fixture's leader and helper with their operators, and organisations that want to join. */
#ifndef EVH_UNIT_AGGREGATOR_OPERATING_H
#define EVH_UNIT_AGGREGATOR_OPERATING_H

#include "evenhand/aggregator/operator.h"
#include "evenhand/protocol/invitation.h"
#include "evenhand/wire/message.h"
#include "operator.pb-c.h"
#include "peer.h"

#define ROSTER(name) EVENHAND__V1__ROSTER_STATE__ROSTER_STATE_##name
#define ENROLMENT(name) EVENHAND__V1__ENROLMENT_STATE__ENROLMENT_STATE_##name

enum { ANSWER_BYTES_MAX = 1 << 20, WEEK_HOURS = 168 };

typedef struct operating {
    fixture *f;
    fake_peer rounds; /* what is no endorsement goes to it */
    evh_peer peer;
    evh_operator leader, helper;
    evh_buffer ca_pem, ca_key;
    bool away;                    /* the helper cannot be reached */
    bool forged;                  /* its endorsements are wrong */
    const char *refuse_meanwhile; /* whom the leader's operator refuses while the helper is asked */
    size_t endorse_calls, wakes;
    evh_buffer answer;
} operating;

/* Around the state of round_set_up. The clock is moved to this century. */
int operating_set_up(void **state);
int operating_tear_down(void **state);

evh_caller as_operator(void);

/* Calls a method by its last word as the operator; assert_ok. *response is to be freed. */
void ask(operating *o, const evh_operator *at, const char *method, const ProtobufCMessage *request,
         const ProtobufCMessageDescriptor *type, void *response);

/* The same, only the status. */
evh_status ask_bytes(operating *o, const evh_operator *at, const char *path,
                     const evh_caller *caller, evh_view request);

/* An organisation's side. */
typedef struct organisation {
    evh_invitation invitation;
    evh_signing_key key;
    evh_buffer tls_key, request; /* signing request */
} organisation;

/* Invites it; its key and signing request are made. */
void join(operating *o, organisation *out, const char *name);
void leave(organisation *left);

/* Sends its request; the answer is in o->answer. */
evh_status enrol_request(operating *o, const organisation *from);

/* What the answer to it says; the certificate is cleared and filled. */
Evenhand__V1__EnrolmentState enrol_state(operating *o, const organisation *from,
                                         evh_buffer *certificate);

/* Approves (or refuses) at one side; "" or a part of the refusal's text is expected. */
void decide(operating *o, const evh_operator *at, const char *name, bool refuse,
            const char *refusal);
void change(operating *o, const evh_operator *at, const char *name, Evenhand__V1__RosterState state,
            const char *refusal);

/* A copy of an organisation's row, without its texts; `found` tells whether there is one. */
Evenhand__V1__CustomerRow row_of(operating *o, const evh_operator *at, const char *name,
                                 bool *found);

/* How an organisation stands in the list. */
void expect_row(operating *o, const evh_operator *at, const char *name,
                Evenhand__V1__EnrolmentState enrolment, Evenhand__V1__RosterState roster,
                Evenhand__V1__RosterState wanted);

/* Joins, is requested and approved by both sides; its entry is in the leader's log. */
void approve_both(operating *o, organisation *out, const char *name);

int run_endorse_tests(void);
int run_enrolment_tests(void);
int run_operator_tests(void);

#endif
