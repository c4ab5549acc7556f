/* SPDX-License-Identifier: Apache-2.0
 * What is known of organisations, by name. */
#include <stdlib.h>
#include <string.h>

#include "operate_internal.h"
#include "store.pb-c.h"

static const char enrolment_prefix[] = "enrolment/";
static const char invitation_prefix[] = "invitation/";
static const char waiting_prefix[] = "endorse/";

enum { PLACE_BYTES_MAX = 16 + EVH_ORGANISATION_BYTES_MAX, NAMES_BYTES_MAX = 1 << 28 };

static evh_status make_place(evh_buffer *out, const char *prefix, const char *tail)
{
    evh_status status = evh_ok();
    evh_buffer_clear(out);
    EVH_TRY(evh_buffer_append(out, evh_view_of_text(prefix)));
    EVH_TRY(evh_buffer_append(out, evh_view_of_text(tail)));
done:
    return status;
}

evh_status evh_enrolment_find(const evh_operator *op, evh_enrolment **out, const char *name)
{
    evh_buffer place = evh_buffer_init(PLACE_BYTES_MAX);
    evh_status status = evh_ok();
    *out = NULL;
    EVH_TRY(evh_organisation_check(evh_view_of_text(name)));
    EVH_TRY(make_place(&place, enrolment_prefix, name));
    EVH_TRY(evh_record_get(op->self->store, EVH_STORE_META, evh_buffer_view(&place),
                           &evenhand__v1__stored_enrolment__descriptor, out));
done:
    evh_buffer_clear(&place);
    return status;
}

evh_status evh_enrolment_save(const evh_operator *op, const char *name,
                              const evh_enrolment *changed)
{
    evh_buffer place = evh_buffer_init(PLACE_BYTES_MAX);
    evh_status status = evh_ok();
    EVH_TRY(make_place(&place, enrolment_prefix, name));
    EVH_TRY(
        evh_record_put(op->self->store, EVH_STORE_META, evh_buffer_view(&place), &changed->base));
done:
    evh_buffer_clear(&place);
    return status;
}

/* ---- invitations ---- */

evh_status evh_enrolment_of_invitation(const evh_operator *op,
                                       char name[EVH_ORGANISATION_BYTES_MAX + 1],
                                       const char *invitation)
{
    evh_buffer place = evh_buffer_init(PLACE_BYTES_MAX);
    evh_buffer value = evh_buffer_init(EVH_ORGANISATION_BYTES_MAX);
    bool found = false;
    evh_status status = evh_ok();
    memset(name, 0, EVH_ORGANISATION_BYTES_MAX + 1);
    EVH_TRY(make_place(&place, invitation_prefix, invitation));
    EVH_TRY(
        evh_store_get(op->self->store, EVH_STORE_META, evh_buffer_view(&place), &value, &found));
    if (found && value.len > 0)
        memcpy(name, value.data, value.len);
done:
    evh_buffer_clear(&place);
    evh_buffer_clear(&value);
    return status;
}

evh_status evh_enrolment_set_invitation(const evh_operator *op, const char *name,
                                        const char *invitation)
{
    evh_buffer place = evh_buffer_init(PLACE_BYTES_MAX);
    evh_status status = evh_ok();
    EVH_TRY(make_place(&place, invitation_prefix, invitation));
    EVH_TRY(evh_store_put(op->self->store, EVH_STORE_META, evh_buffer_view(&place),
                          evh_view_of_text(name)));
done:
    evh_buffer_clear(&place);
    return status;
}

evh_status evh_enrolment_drop_invitation(const evh_operator *op, const char *invitation)
{
    evh_buffer place = evh_buffer_init(PLACE_BYTES_MAX);
    evh_status status = evh_ok();
    EVH_TRY(make_place(&place, invitation_prefix, invitation));
    EVH_TRY(evh_store_delete(op->self->store, EVH_STORE_META, evh_buffer_view(&place)));
done:
    evh_buffer_clear(&place);
    return status;
}

evh_status evh_enrolment_set_waiting(const evh_operator *op, const char *name, bool waiting)
{
    evh_buffer place = evh_buffer_init(PLACE_BYTES_MAX);
    evh_status status = evh_ok();
    EVH_TRY(make_place(&place, waiting_prefix, name));
    if (waiting)
        EVH_TRY(evh_store_put(op->self->store, EVH_STORE_META, evh_buffer_view(&place),
                              evh_view_of_text("")));
    else
        EVH_TRY(evh_store_delete(op->self->store, EVH_STORE_META, evh_buffer_view(&place)));
done:
    evh_buffer_clear(&place);
    return status;
}

/* ---- lists ---- */

typedef struct names {
    evh_buffer *out;
    size_t prefix_len;
} names;

static evh_status add_name(void *context, evh_view key, evh_view value, bool *stop)
{
    names *list = context;
    evh_status status = evh_ok();
    (void)value;
    *stop = false;
    EVH_TRY(evh_buffer_append(
        list->out, evh_view_of(key.data + list->prefix_len, key.len - list->prefix_len)));
    EVH_TRY(evh_buffer_u8(list->out, 0));
done:
    return status;
}

evh_status evh_enrolment_names(const evh_operator *op, evh_buffer *out, bool waiting)
{
    evh_view prefix = evh_view_of_text(waiting ? waiting_prefix : enrolment_prefix);
    names list = {.out = out, .prefix_len = prefix.len};
    *out = evh_buffer_init(NAMES_BYTES_MAX);
    return evh_store_scan(op->self->store, EVH_STORE_META, prefix, add_name, &list);
}

evh_status evh_enrolment_standing(const evh_operator *op, evh_standing *out, const char *customer)
{
    Evenhand__V1__StoredCustomer *known = NULL;
    evh_status status = evh_ok();
    memset(out, 0, sizeof *out);
    if (customer[0] == '\0')
        goto done;
    EVH_TRY(evh_record_get(op->self->store, EVH_STORE_CUSTOMERS, evh_view_of_text(customer),
                           &evenhand__v1__stored_customer__descriptor, &known));
    if (known != NULL) {
        out->roster = known->state;
        out->sequence = known->roster_sequence;
        out->ledger_sequence = known->ledger_sequence;
    }
done:
    evh_wire_free(&known);
    return status;
}

Evenhand__V1__RosterState evh_enrolment_approved(const evh_enrolment *record,
                                                 const evh_standing *standing)
{
    return record->approved_sequence == standing->sequence + 1 ? record->approved
                                                               : ROSTER(UNSPECIFIED);
}

Evenhand__V1__RosterState evh_enrolment_asked(const evh_enrolment *record,
                                              const evh_standing *standing)
{
    return record->asked_sequence == standing->sequence + 1 ? record->asked : ROSTER(UNSPECIFIED);
}

/* ---- rows ---- */

static Evenhand__V1__EnrolmentState state_at_helper(const evh_enrolment *record)
{
    if (record->approved != ROSTER(UNSPECIFIED))
        return ENROLMENT(APPROVED);
    return record->refused == ROSTER(ACTIVE) ? ENROLMENT(REFUSED) : ENROLMENT(REQUESTED);
}

evh_status evh_enrolment_row(const evh_operator *op, Evenhand__V1__CustomerRow *out,
                             const char *name, const evh_enrolment *record)
{
    bool leads = op->self->role == EVH_ROLE_LEADER;
    evh_standing standing = {.ledger_sequence = 0};
    Evenhand__V1__RosterState approved = ROSTER(UNSPECIFIED);
    Evenhand__V1__RosterState wanted = ROSTER(UNSPECIFIED);
    evh_status status = evh_ok();
    evenhand__v1__customer_row__init(out);
    EVH_TRY(evh_enrolment_standing(op, &standing, record->customer));
    approved = evh_enrolment_approved(record, &standing);
    wanted = evh_enrolment_asked(record, &standing);
    if (wanted == ROSTER(UNSPECIFIED) || wanted == standing.roster)
        wanted = approved; /* the helper's operator may have decided first */
    if (wanted == standing.roster)
        wanted = ROSTER(UNSPECIFIED);
    evh_wire_set_text(&out->name, name);
    out->customer = record->customer;
    out->enrolment = leads ? record->state : state_at_helper(record);
    out->roster = standing.roster;
    out->ledger_sequence = standing.ledger_sequence;
    out->wanted = wanted;
    out->approved_here = wanted == ROSTER(UNSPECIFIED)
                             ? standing.roster != ROSTER(UNSPECIFIED)
                             : approved == wanted && record->refused != wanted;
    out->helper = record->helper;
    out->expires_ms = record->expires_ms;
done:
    return status;
}
