/* SPDX-License-Identifier: Apache-2.0
 * What the parts of the operator's side use of each other. */
#ifndef EVH_AGGREGATOR_OPERATE_INTERNAL_H
#define EVH_AGGREGATOR_OPERATE_INTERNAL_H

#include "enrolment.pb-c.h"
#include "evenhand/aggregator/operator.h"
#include "evenhand/protocol/enrolment.h"
#include "evenhand/store/record.h"
#include "evenhand/wire/message.h"
#include "log.pb-c.h"
#include "operator.pb-c.h"
#include "service.pb-c.h"

#define ROSTER(name) EVENHAND__V1__ROSTER_STATE__ROSTER_STATE_##name
#define ENROLMENT(name) EVENHAND__V1__ENROLMENT_STATE__ENROLMENT_STATE_##name

/* Fails REFUSED unless it is the operator who calls. */
EVH_MUST_USE evh_status evh_operate_require_operator(const evh_caller *caller);

/* Now, since 1970; 0 before. */
uint64_t evh_operate_now_ms(const evh_operator *op);

/* Tells the leader's loop. */
void evh_operate_wake(const evh_operator *op);

/* ---- refusals ---- */

/* A response's refusal, and the text it points to. */
typedef struct evh_refusal {
    Evenhand__V1__Refusal message;
    evh_status status;
} evh_refusal;

/* Turns a failure that the operator can do something about into a refusal; every other one is
 * given back. *field is set when there is a refusal. */
EVH_MUST_USE evh_status evh_refusal_take(evh_refusal *refusal, Evenhand__V1__Refusal **field,
                                         evh_status outcome);

/* Fails REFUSED unless this is the leader. */
EVH_MUST_USE evh_status evh_operate_require_leader(const evh_operator *op);

/* ---- records of enrolments; in a running transaction ---- */

typedef Evenhand__V1__StoredEnrolment evh_enrolment;

/* What is known of an organisation; *out is NULL when there is nothing. Free with evh_wire_free. */
EVH_MUST_USE evh_status evh_enrolment_find(const evh_operator *op, evh_enrolment **out,
                                           const char *name);
EVH_MUST_USE evh_status evh_enrolment_save(const evh_operator *op, const char *name,
                                           const evh_enrolment *changed);

/* The organisation an invitation was made for, NUL-terminated; empty when there is none. */
EVH_MUST_USE evh_status evh_enrolment_of_invitation(const evh_operator *op,
                                                    char name[EVH_ORGANISATION_BYTES_MAX + 1],
                                                    const char *invitation);
EVH_MUST_USE evh_status evh_enrolment_set_invitation(const evh_operator *op, const char *name,
                                                     const char *invitation);
EVH_MUST_USE evh_status evh_enrolment_drop_invitation(const evh_operator *op,
                                                      const char *invitation);

/* Whether the helper has to be asked. */
EVH_MUST_USE evh_status evh_enrolment_set_waiting(const evh_operator *op, const char *name,
                                                  bool waiting);

/* What the log says of a customer; UNSPECIFIED when it says nothing. */
typedef struct evh_standing {
    Evenhand__V1__RosterState roster;
    uint64_t sequence; /* of its newest entry */
    uint64_t ledger_sequence;
} evh_standing;
EVH_MUST_USE evh_status evh_enrolment_standing(const evh_operator *op, evh_standing *out,
                                               const char *customer);

/* A decision is good for one roster entry: the one that came next when it was made. */
Evenhand__V1__RosterState evh_enrolment_approved(const evh_enrolment *record,
                                                 const evh_standing *standing);
/* What the leader has asked the helper for and is not in the log yet. */
Evenhand__V1__RosterState evh_enrolment_asked(const evh_enrolment *record,
                                              const evh_standing *standing);

/* Names in ascending order, one after the other with a NUL each. */
EVH_MUST_USE evh_status evh_enrolment_names(const evh_operator *op, evh_buffer *out, bool waiting);

/* An organisation's line. It borrows from name and record. */
EVH_MUST_USE evh_status evh_enrolment_row(const evh_operator *op, Evenhand__V1__CustomerRow *out,
                                          const char *name, const evh_enrolment *record);

/* ---- endorsements at the leader; no transaction ---- */

/* Asks the helper for an organisation's endorsement if one is missing, and logs the roster entry
 * when both are there. Fails UNAVAILABLE when the helper cannot be reached; as the helper refuses. */
EVH_MUST_USE evh_status evh_endorsement_pursue(const evh_operator *op, const char *name);

/* ---- handlers ---- */

evh_status evh_operate_invite(const evh_operator *op, const evh_caller *caller, evh_view request,
                              evh_buffer *response);
evh_status evh_operate_list_customers(const evh_operator *op, const evh_caller *caller,
                                      evh_view request, evh_buffer *response);
evh_status evh_operate_approve(const evh_operator *op, const evh_caller *caller, evh_view request,
                               evh_buffer *response);
evh_status evh_operate_change(const evh_operator *op, const evh_caller *caller, evh_view request,
                              evh_buffer *response);
evh_status evh_operate_add_population(const evh_operator *op, const evh_caller *caller,
                                      evh_view request, evh_buffer *response);
evh_status evh_operate_list_populations(const evh_operator *op, const evh_caller *caller,
                                        evh_view request, evh_buffer *response);
evh_status evh_operate_publish_plan(const evh_operator *op, const evh_caller *caller,
                                    evh_view request, evh_buffer *response);
evh_status evh_operate_retire_plan(const evh_operator *op, const evh_caller *caller,
                                   evh_view request, evh_buffer *response);
evh_status evh_operate_list_plans(const evh_operator *op, const evh_caller *caller,
                                  evh_view request, evh_buffer *response);
evh_status evh_operate_open_round(const evh_operator *op, const evh_caller *caller,
                                  evh_view request, evh_buffer *response);
evh_status evh_operate_close_round(const evh_operator *op, const evh_caller *caller,
                                   evh_view request, evh_buffer *response);
evh_status evh_operate_extend_round(const evh_operator *op, const evh_caller *caller,
                                    evh_view request, evh_buffer *response);
evh_status evh_operate_void_round(const evh_operator *op, const evh_caller *caller,
                                  evh_view request, evh_buffer *response);
evh_status evh_operate_list_rounds(const evh_operator *op, const evh_caller *caller,
                                   evh_view request, evh_buffer *response);
evh_status evh_operate_list_reports(const evh_operator *op, const evh_caller *caller,
                                    evh_view request, evh_buffer *response);

#endif
