/* SPDX-License-Identifier: Apache-2.0
 * Endorsements: asked for by the leader, given by the helper when its own operator has approved. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "evenhand/aggregator/leader.h"
#include "operate_internal.h"

enum { MESSAGE_BYTES_MAX = 8192 };

/* ---- at the helper ---- */

static evh_status check_request(const evh_operator *op, evh_endorsed *endorsed,
                                const Evenhand__V1__EndorseRequest *request)
{
    evh_seed32 salt;
    uint8_t commitment[EVH_SHA256_LEN];
    evh_seal_verdict verdict = EVH_SEAL_REJECTED;
    evh_view bytes = evh_wire_bytes(&request->endorsed);
    evh_status status = evh_ok();
    EVH_TRY(evh_organisation_check(evh_view_of_text(request->name)));
    EVH_TRY(evh_wire_copy_bytes(salt.bytes, sizeof salt.bytes, &request->salt, "salt"));
    EVH_TRY(evh_endorsed_read(endorsed, bytes));
    EVH_REQUIRE(strcmp(endorsed->log_origin, op->self->log.name) == 0, EVH_ERR_REFUSED,
                "an endorsement for another log");
    EVH_TRY(evh_customer_commit(commitment, &salt, evh_view_of_text(request->name)));
    EVH_REQUIRE(memcmp(commitment, endorsed->commitment, sizeof commitment) == 0, EVH_ERR_KEY,
                "the name does not open the commitment");
    EVH_TRY(evh_endorsed_check(&verdict, &op->self->leader, bytes,
                               evh_wire_bytes(&request->leader_endorsement)));
    EVH_REQUIRE(verdict == EVH_SEAL_ACCEPTED, EVH_ERR_KEY, "the leader has not endorsed that");
done:
    evh_wipe(&salt, sizeof salt);
    return status;
}

/* Another key for a name is a new request if nothing came of the old one, or its customer has been
 * removed; otherwise it is refused. */
static evh_status may_replace(const evh_operator *op, const evh_enrolment *known, bool *may)
{
    evh_standing standing;
    evh_status status = evh_ok();
    EVH_TRY(evh_enrolment_standing(op, &standing, known->customer));
    *may = known->approved == ROSTER(UNSPECIFIED) || standing.roster == ROSTER(REMOVED);
done:
    return status;
}

/* What is said about an entry is good for that one: the answer is always about the customer's next
 * entry in this helper's own mirror of the log. */
static evh_status note_request(const evh_operator *op, Evenhand__V1__EnrolmentState *state,
                               evh_endorsed *endorsed, const Evenhand__V1__EndorseRequest *request)
{
    evh_enrolment *known = NULL;
    evh_enrolment changed;
    evh_standing standing;
    bool may = true;
    evenhand__v1__stored_enrolment__init(&changed);
    evh_status status = evh_ok();
    EVH_TRY(evh_store_begin(op->self->store));
    EVH_TRY(evh_enrolment_find(op, &known, request->name));
    if (known != NULL && strcmp(known->customer, endorsed->vkey) == 0)
        changed = *known;
    else if (known != NULL)
        EVH_TRY(may_replace(op, known, &may));
    *state = ENROLMENT(REFUSED);
    if (!may)
        goto done;
    EVH_TRY(evh_enrolment_standing(op, &standing, endorsed->vkey));
    EVH_REQUIRE(endorsed->sequence > standing.sequence, EVH_ERR_REFUSED,
                "the log has the customer's entry %llu already",
                (unsigned long long)endorsed->sequence);
    *state = ENROLMENT(REQUESTED);
    if (endorsed->sequence != standing.sequence + 1)
        goto done; /* the log has not come here yet */
    changed.customer = endorsed->vkey;
    changed.salt = request->salt;
    changed.asked = (Evenhand__V1__RosterState)endorsed->state;
    changed.asked_sequence = endorsed->sequence;
    if (evh_enrolment_approved(&changed, &standing) == changed.asked)
        *state = ENROLMENT(APPROVED);
    else if (changed.refused == changed.asked)
        *state = ENROLMENT(REFUSED);
    EVH_TRY(evh_enrolment_save(op, request->name, &changed));
    EVH_TRY(evh_store_commit(op->self->store));
done:
    evh_store_rollback(op->self->store);
    evh_wire_free(&known);
    return status;
}

evh_status evh_operator_endorse(const evh_operator *op, const evh_caller *caller, evh_view bytes,
                                evh_buffer *out)
{
    Evenhand__V1__EndorseRequest *request = NULL;
    Evenhand__V1__EndorseResponse response;
    evh_endorsed endorsed;
    uint8_t signature[EVH_SIGNATURE_LEN];
    evenhand__v1__endorse_response__init(&response);
    evh_status status = evh_ok();
    EVH_REQUIRE(caller->role == EVH_ROLE_LEADER && op->self->role == EVH_ROLE_HELPER,
                EVH_ERR_REFUSED, "this call is for the leader, at the helper");
    EVH_TRY(
        evh_wire_unpack(&request, &evenhand__v1__endorse_request__descriptor, bytes, "request"));
    EVH_TRY(check_request(op, &endorsed, request));
    EVH_TRY(note_request(op, &response.state, &endorsed, request));
    if (response.state == ENROLMENT(APPROVED)) {
        EVH_TRY(
            evh_endorsed_sign(signature, op->self->signing, evh_wire_bytes(&request->endorsed)));
        evh_wire_set_bytes(&response.signature, evh_view_of(signature, sizeof signature));
    }
    EVH_TRY(evh_wire_pack(out, &response.base));
done:
    evh_wire_free(&request);
    return status;
}

/* ---- at the leader ---- */

/* One endorsement that the leader asks for. */
typedef struct pursuit {
    const evh_operator *op;
    const char *name;
    bool needed;
    evh_endorsed endorsed;
    evh_buffer bytes; /* canonical EndorsedCustomer */
    uint8_t own[EVH_SIGNATURE_LEN];
    evh_buffer request, response;
} pursuit;

static evh_status fill_endorsed(pursuit *p, const evh_enrolment *record)
{
    evh_endorsed *endorsed = &p->endorsed;
    evh_seed32 salt;
    evh_status status = evh_ok();
    memset(endorsed, 0, sizeof *endorsed);
    EVH_TRY(evh_wire_copy_bytes(salt.bytes, sizeof salt.bytes, &record->salt, "salt"));
    EVH_TRY(evh_customer_commit(endorsed->commitment, &salt, evh_view_of_text(p->name)));
    (void)snprintf(endorsed->vkey, sizeof endorsed->vkey, "%s", record->customer);
    (void)snprintf(endorsed->log_origin, sizeof endorsed->log_origin, "%s", p->op->self->log.name);
    endorsed->state = (uint32_t)record->approved;
    endorsed->sequence = record->approved_sequence;
    EVH_TRY(evh_endorsed_write(&p->bytes, endorsed));
    EVH_TRY(evh_endorsed_sign(p->own, p->op->self->signing, evh_buffer_view(&p->bytes)));
done:
    evh_wipe(&salt, sizeof salt);
    return status;
}

static evh_status make_request(pursuit *p, const evh_enrolment *record)
{
    Evenhand__V1__EndorseRequest message;
    evenhand__v1__endorse_request__init(&message);
    evh_status status = evh_ok();
    EVH_TRY(fill_endorsed(p, record));
    evh_wire_set_bytes(&message.endorsed, evh_buffer_view(&p->bytes));
    evh_wire_set_text(&message.name, p->name);
    message.salt = record->salt;
    evh_wire_set_bytes(&message.leader_endorsement, evh_view_of(p->own, sizeof p->own));
    EVH_TRY(evh_wire_pack(&p->request, &message.base));
done:
    return status;
}

/* Whether what the operator has approved last is still to be logged. */
static bool is_open(const evh_enrolment *record, const evh_standing *standing)
{
    Evenhand__V1__RosterState approved = evh_enrolment_approved(record, standing);
    return approved != ROSTER(UNSPECIFIED) && approved != standing->roster &&
           record->state != ENROLMENT(REFUSED);
}

/* Notes where things stand; p->needed while the helper's word is missing. */
static evh_status look(pursuit *p)
{
    const evh_operator *op = p->op;
    evh_enrolment *record = NULL;
    evh_enrolment changed;
    evh_standing standing;
    evh_status status = evh_ok();
    p->needed = false;
    EVH_TRY(evh_store_begin(op->self->store));
    EVH_TRY(evh_enrolment_find(op, &record, p->name));
    if (record == NULL)
        goto done;
    EVH_TRY(evh_enrolment_standing(op, &standing, record->customer));
    p->needed = is_open(record, &standing);
    if (p->needed) {
        EVH_TRY(make_request(p, record));
        goto done;
    }
    changed = *record;
    if (standing.roster != ROSTER(UNSPECIFIED))
        changed.state = ENROLMENT(APPROVED);
    EVH_TRY(evh_enrolment_save(op, p->name, &changed));
    EVH_TRY(evh_enrolment_set_waiting(op, p->name, false));
    EVH_TRY(evh_store_commit(op->self->store));
done:
    evh_store_rollback(op->self->store);
    evh_wire_free(&record);
    return status;
}

static evh_status note_answer(pursuit *p, Evenhand__V1__EnrolmentState state)
{
    const evh_operator *op = p->op;
    evh_enrolment *record = NULL;
    evh_enrolment changed;
    evh_status status = evh_ok();
    EVH_TRY(evh_store_begin(op->self->store));
    EVH_TRY(evh_enrolment_find(op, &record, p->name));
    if (record == NULL || record->helper == state)
        goto done;
    changed = *record;
    changed.helper = state;
    EVH_TRY(evh_enrolment_save(op, p->name, &changed));
    EVH_TRY(evh_store_commit(op->self->store));
done:
    evh_store_rollback(op->self->store);
    evh_wire_free(&record);
    return status;
}

/* Somebody else may have been faster, or decided otherwise, while the helper was asked. */
static evh_status still_wanted(pursuit *p, bool *wanted)
{
    const evh_operator *op = p->op;
    evh_enrolment *record = NULL;
    evh_standing standing;
    evh_status status = evh_ok();
    *wanted = false;
    EVH_TRY(evh_store_begin(op->self->store));
    EVH_TRY(evh_enrolment_find(op, &record, p->name));
    if (record == NULL || strcmp(record->customer, p->endorsed.vkey) != 0)
        goto done;
    EVH_TRY(evh_enrolment_standing(op, &standing, record->customer));
    *wanted = is_open(record, &standing) && (uint32_t)record->approved == p->endorsed.state &&
              record->approved_sequence == p->endorsed.sequence;
done:
    evh_store_rollback(op->self->store);
    evh_wire_free(&record);
    return status;
}

static evh_status append_roster(pursuit *p, const Evenhand__V1__EndorseResponse *answer)
{
    Evenhand__V1__LogEntry entry;
    Evenhand__V1__RosterEntry roster;
    evh_seal_verdict verdict = EVH_SEAL_REJECTED;
    evh_buffer bytes = evh_buffer_init(MESSAGE_BYTES_MAX);
    bool wanted = false;
    evenhand__v1__log_entry__init(&entry);
    evenhand__v1__roster_entry__init(&roster);
    evh_status status = evh_ok();
    EVH_TRY(evh_endorsed_check(&verdict, &p->op->self->helper, evh_buffer_view(&p->bytes),
                               evh_wire_bytes(&answer->signature)));
    EVH_REQUIRE(verdict == EVH_SEAL_ACCEPTED, EVH_ERR_KEY, "the helper's endorsement is wrong");
    evh_wire_set_bytes(&roster.name_commitment,
                       evh_view_of(p->endorsed.commitment, sizeof p->endorsed.commitment));
    roster.customer = p->endorsed.vkey;
    roster.state = (Evenhand__V1__RosterState)p->endorsed.state;
    roster.sequence = p->endorsed.sequence;
    evh_wire_set_bytes(&roster.leader_endorsement, evh_view_of(p->own, sizeof p->own));
    roster.helper_endorsement = answer->signature;
    entry.kind_case = EVENHAND__V1__LOG_ENTRY__KIND_ROSTER;
    entry.roster = &roster;
    EVH_TRY(evh_wire_pack(&bytes, &entry.base));
    EVH_TRY(still_wanted(p, &wanted));
    if (wanted)
        EVH_TRY(evh_leader_append(p->op->self, evh_buffer_view(&bytes)));
done:
    evh_buffer_clear(&bytes);
    return status;
}

static void clear(pursuit *p)
{
    evh_buffer_clear(&p->bytes);
    evh_buffer_clear(&p->request);
    evh_buffer_clear(&p->response);
}

evh_status evh_endorsement_pursue(const evh_operator *op, const char *name)
{
    pursuit p = {.op = op,
                 .name = name,
                 .bytes = evh_buffer_init(EVH_ENDORSED_BYTES_MAX),
                 .request = evh_buffer_init(MESSAGE_BYTES_MAX),
                 .response = evh_buffer_init(MESSAGE_BYTES_MAX)};
    Evenhand__V1__EndorseResponse *answer = NULL;
    evh_status status = evh_ok();
    EVH_TRY(look(&p));
    if (!p.needed)
        goto done;
    EVH_TRY(op->helper->call(op->helper->context, "/evenhand.v1.Helper/Endorse",
                             evh_buffer_view(&p.request), &p.response));
    EVH_TRY(evh_wire_unpack(&answer, &evenhand__v1__endorse_response__descriptor,
                            evh_buffer_view(&p.response), "response"));
    EVH_TRY(note_answer(&p, answer->state));
    if (answer->state != ENROLMENT(APPROVED))
        goto done;
    EVH_TRY(append_roster(&p, answer));
    clear(&p);
    EVH_TRY(look(&p));
    evh_operate_wake(op);
done:
    evh_wire_free(&answer);
    clear(&p);
    return status;
}

/* ---- the leader's loop ---- */

static evh_status list_waiting(const evh_operator *op, evh_buffer *names)
{
    evh_status status = evh_ok();
    EVH_TRY(evh_store_begin(op->self->store));
    EVH_TRY(evh_enrolment_names(op, names, true));
done:
    evh_store_rollback(op->self->store);
    return status;
}

/* The longer something has been waiting, the less often it is asked for. */
static int64_t wait_of(const evh_operator *op, const evh_enrolment *record)
{
    enum { AGE_SHARE = 8 };
    uint64_t now_ms = evh_operate_now_ms(op);
    uint64_t age_ms = now_ms > record->approved_ms ? now_ms - record->approved_ms : 0;
    if (age_ms / AGE_SHARE >= EVH_OPERATOR_IDLE_MS)
        return EVH_OPERATOR_IDLE_MS;
    return age_ms / AGE_SHARE <= EVH_OPERATOR_SOON_MS ? EVH_OPERATOR_SOON_MS
                                                      : (int64_t)(age_ms / AGE_SHARE);
}

static evh_status note_waiting(const evh_operator *op, evh_operator_outcome *outcome,
                               const char *name)
{
    evh_enrolment *record = NULL;
    evh_status status = evh_ok();
    EVH_TRY(evh_store_begin(op->self->store));
    EVH_TRY(evh_enrolment_find(op, &record, name));
    if (record == NULL || record->approved == ROSTER(UNSPECIFIED))
        goto done;
    if (wait_of(op, record) < outcome->wait_ms)
        outcome->wait_ms = wait_of(op, record);
    outcome->waiting++;
done:
    evh_store_rollback(op->self->store);
    evh_wire_free(&record);
    return status;
}

/* The helper is asked for one organisation after the other, as long as it answers. */
static evh_status ask_for_all(const evh_operator *op, evh_operator_outcome *outcome,
                              const evh_buffer *names)
{
    const char *all = (const char *)names->data;
    evh_status status = evh_ok();
    for (size_t at = 0; at < names->len && outcome->helper_reached; at += strlen(all + at) + 1) {
        evh_status one = evh_endorsement_pursue(op, all + at);
        if (one.code == EVH_ERR_STORE || one.code == EVH_ERR_MEMORY)
            EVH_TRY(one);
        outcome->helper_reached = one.code != EVH_ERR_UNAVAILABLE;
        if (one.code != EVH_OK && outcome->helper_reached)
            EVH_LOG(op->self->events, EVH_LOG_WARN, "operate", "endorsement_failed",
                    evh_log_code(one.code));
    }
done:
    return status;
}

evh_status evh_operator_drive(const evh_operator *op, evh_operator_outcome *outcome)
{
    evh_buffer names = evh_buffer_init(0);
    evh_buffer left = evh_buffer_init(0);
    evh_status status = evh_ok();
    *outcome = (evh_operator_outcome){.helper_reached = true, .wait_ms = EVH_OPERATOR_IDLE_MS};
    EVH_TRY(list_waiting(op, &names));
    EVH_TRY(ask_for_all(op, outcome, &names));
    EVH_TRY(list_waiting(op, &left));
    for (size_t at = 0; at < left.len; at += strlen((const char *)left.data + at) + 1)
        EVH_TRY(note_waiting(op, outcome, (const char *)left.data + at));
done:
    evh_buffer_clear(&names);
    evh_buffer_clear(&left);
    return status;
}
