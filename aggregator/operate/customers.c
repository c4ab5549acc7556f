/* SPDX-License-Identifier: Apache-2.0
 * The operator's decisions about customers, at the leader and at the helper. */
#include <stdlib.h>
#include <string.h>

#include "evenhand/base/sizes.h"
#include "operate_internal.h"

enum { STRAYS_BYTES_MAX = 1 << 28 };

/* ---- decisions ---- */

typedef struct decision {
    const char *name;
    const char *customer;            /* the key that is meant; "": whichever it is */
    Evenhand__V1__RosterState state; /* what is decided on */
    bool refuse;
    bool change; /* of a customer, not of a request */
} decision;

static evh_status decide_at_leader(const evh_operator *op, evh_enrolment *changed,
                                   const evh_standing *standing, const decision *d)
{
    evh_status status = evh_ok();
    bool asked = changed->customer[0] != '\0';
    bool enrolled = changed->state == ENROLMENT(APPROVED);
    EVH_REQUIRE(!d->change || enrolled, EVH_ERR_REFUSED,
                "not a customer yet: approve or refuse the request");
    EVH_REQUIRE(!d->refuse || !enrolled, EVH_ERR_REFUSED,
                "on the roster already: suspend or remove it");
    EVH_REQUIRE(d->refuse || asked, EVH_ERR_REFUSED,
                "it has not asked to join yet: it runs evenhand-client enrol with its invitation");
    if (d->refuse) {
        changed->state = ENROLMENT(REFUSED);
        changed->approved = ROSTER(UNSPECIFIED);
        goto done;
    }
    if (!d->change && enrolled)
        goto done; /* approved before: the helper is asked again if its word is missing */
    if (!d->change)
        changed->state = ENROLMENT(REQUESTED);
    changed->approved = d->state;
    changed->approved_sequence = standing->sequence + 1;
    changed->approved_ms = evh_operate_now_ms(op);
    changed->helper = ENROLMENT(UNSPECIFIED);
done:
    return status;
}

static evh_status decide_at_helper(evh_enrolment *changed, const evh_standing *standing,
                                   const decision *d)
{
    bool known = changed->approved != ROSTER(UNSPECIFIED);
    Evenhand__V1__RosterState state = d->change ? d->state : changed->asked;
    evh_status status = evh_ok();
    EVH_REQUIRE(!d->change || known, EVH_ERR_REFUSED,
                "not a customer yet: approve or refuse the request");
    EVH_REQUIRE(!d->refuse || state != changed->approved, EVH_ERR_REFUSED,
                "endorsed already: suspend or remove it");
    if (d->refuse) {
        changed->refused = state;
        goto done;
    }
    if (!d->change && state == standing->roster)
        goto done; /* approved before, and in the log */
    changed->approved = state;
    changed->approved_sequence = standing->sequence + 1;
    changed->refused = ROSTER(UNSPECIFIED);
done:
    return status;
}

static evh_status decide(const evh_operator *op, const decision *d)
{
    evh_enrolment *known = NULL;
    evh_enrolment changed;
    evh_standing standing;
    bool leads = op->self->role == EVH_ROLE_LEADER;
    evh_status status = evh_ok();
    EVH_TRY(evh_store_begin(op->self->store));
    EVH_TRY(evh_enrolment_find(op, &known, d->name));
    EVH_REQUIRE(known != NULL, EVH_ERR_REFUSED, "%s",
                leads ? "no organisation of that name was invited"
                      : "the leader has not asked about an organisation of that name");
    changed = *known;
    EVH_REQUIRE(d->customer[0] == '\0' || strcmp(d->customer, known->customer) == 0,
                EVH_ERR_REFUSED, "its key is another one");
    EVH_TRY(evh_enrolment_standing(op, &standing, known->customer));
    if (leads)
        EVH_TRY(decide_at_leader(op, &changed, &standing, d));
    else
        EVH_TRY(decide_at_helper(&changed, &standing, d));
    EVH_TRY(evh_enrolment_save(op, d->name, &changed));
    if (leads)
        EVH_TRY(evh_enrolment_set_waiting(op, d->name, !d->refuse));
    EVH_TRY(evh_store_commit(op->self->store));
done:
    evh_store_rollback(op->self->store);
    evh_wire_free(&known);
    return status;
}

/* ---- answers ---- */

static evh_status pack_row(const evh_operator *op, evh_buffer *out,
                           Evenhand__V1__ApproveCustomerResponse *response, const char *name)
{
    evh_enrolment *record = NULL;
    Evenhand__V1__CustomerRow row;
    evh_status status = evh_ok();
    EVH_TRY(evh_store_begin(op->self->store));
    if (evh_organisation_check(evh_view_of_text(name)).code == EVH_OK)
        EVH_TRY(evh_enrolment_find(op, &record, name));
    if (record != NULL) {
        EVH_TRY(evh_enrolment_row(op, &row, name, record));
        response->customer = &row;
    }
    EVH_TRY(evh_wire_pack(out, &response->base));
done:
    evh_store_rollback(op->self->store);
    evh_wire_free(&record);
    response->customer = NULL;
    return status;
}

/* Decides, asks the helper, and tells how it stands. */
static evh_status carry_out(const evh_operator *op, evh_buffer *out, const decision *d)
{
    Evenhand__V1__ApproveCustomerResponse response;
    evenhand__v1__approve_customer_response__init(&response);
    evh_refusal refusal;
    evh_refusal second;
    evh_status status = evh_ok();
    EVH_TRY(evh_refusal_take(&refusal, &response.refusal, decide(op, d)));
    if (response.refusal == NULL && op->self->role == EVH_ROLE_LEADER) {
        evh_status asked = evh_endorsement_pursue(op, d->name);
        response.helper_away = asked.code == EVH_ERR_UNAVAILABLE;
        if (!response.helper_away)
            EVH_TRY(evh_refusal_take(&second, &response.refusal,
                                     evh_status_in(asked, "the helper was asked")));
        evh_operate_wake(op);
    }
    EVH_TRY(pack_row(op, out, &response, d->name));
done:
    return status;
}

evh_status evh_operate_approve(const evh_operator *op, const evh_caller *caller, evh_view bytes,
                               evh_buffer *out)
{
    Evenhand__V1__ApproveCustomerRequest *request = NULL;
    decision d = {.state = ROSTER(ACTIVE)};
    evh_status status = evh_ok();
    EVH_TRY(evh_operate_require_operator(caller));
    EVH_TRY(evh_wire_unpack(&request, &evenhand__v1__approve_customer_request__descriptor, bytes,
                            "request"));
    d.name = request->name;
    d.customer = request->customer;
    d.refuse = request->refuse != 0;
    EVH_TRY(carry_out(op, out, &d));
done:
    evh_wire_free(&request);
    return status;
}

evh_status evh_operate_change(const evh_operator *op, const evh_caller *caller, evh_view bytes,
                              evh_buffer *out)
{
    Evenhand__V1__ChangeCustomerRequest *request = NULL;
    decision d = {.customer = "", .change = true};
    evh_status status = evh_ok();
    EVH_TRY(evh_operate_require_operator(caller));
    EVH_TRY(evh_wire_unpack(&request, &evenhand__v1__change_customer_request__descriptor, bytes,
                            "request"));
    EVH_REQUIRE(request->state >= ROSTER(ACTIVE) && request->state <= ROSTER(REMOVED), EVH_ERR_TYPE,
                "roster state %d", (int)request->state);
    d.name = request->name;
    d.state = request->state;
    EVH_TRY(carry_out(op, out, &d));
done:
    evh_wire_free(&request);
    return status;
}

/* ---- the list ---- */

typedef struct list {
    const evh_operator *op;
    Evenhand__V1__CustomerRow *rows;
    Evenhand__V1__CustomerRow **pointers;
    evh_enrolment **records;
    size_t known;      /* organisations: the first rows */
    evh_buffer strays; /* keys of customers that no name is known of, with a NUL each */
    size_t room, count;
} list;

static size_t count_texts(const evh_buffer *texts)
{
    size_t count = 0;
    for (size_t at = 0; at < texts->len; at++)
        count += texts->data[at] == '\0';
    return count;
}

/* Customers of the log that joined after the backup from which this store was put back. */
static evh_status note_stray(void *context, evh_view key, evh_view value, bool *stop)
{
    list *all = context;
    bool named = false;
    (void)value;
    *stop = false;
    for (size_t i = 0; i < all->known && !named; i++)
        named = evh_view_equal(evh_view_of_text(all->records[i]->customer), key);
    evh_status status = evh_ok();
    if (named)
        goto done;
    EVH_TRY(evh_buffer_append(&all->strays, key));
    EVH_TRY(evh_buffer_u8(&all->strays, 0));
done:
    return status;
}

static evh_status add_strays(list *all)
{
    evh_enrolment nothing;
    evh_status status = evh_ok();
    evenhand__v1__stored_enrolment__init(&nothing);
    for (size_t at = 0; at < all->strays.len; at += strlen((char *)all->strays.data + at) + 1) {
        Evenhand__V1__CustomerRow *row = &all->rows[all->count];
        nothing.customer = (char *)all->strays.data + at;
        EVH_TRY(evh_enrolment_row(all->op, row, "", &nothing));
        row->enrolment = ENROLMENT(UNSPECIFIED);
        all->pointers[all->count] = row;
        all->count +=
            row->roster != ROSTER(REMOVED); /* of those it may be an organisation's old key */
    }
done:
    return status;
}

static evh_status fill_list(list *all, const evh_buffer *names)
{
    const char *name = (const char *)names->data;
    evh_status status = evh_ok();
    all->known = count_texts(names);
    EVH_TRY(evh_alloc(&all->records, all->known, sizeof(void *), "customers"));
    for (size_t i = 0; i < all->known; i++) {
        EVH_TRY(evh_enrolment_find(all->op, &all->records[i], name));
        EVH_INVARIANT(all->records[i] != NULL);
        name += strlen(name) + 1;
    }
    EVH_TRY(evh_store_scan(all->op->self->store, EVH_STORE_CUSTOMERS, evh_view_of(NULL, 0),
                           note_stray, all));
    all->room = all->known + count_texts(&all->strays);
    EVH_TRY(evh_alloc(&all->rows, all->room, sizeof *all->rows, "customers"));
    EVH_TRY(evh_alloc(&all->pointers, all->room, sizeof(void *), "customers"));
    name = (const char *)names->data;
    for (size_t i = 0; i < all->known; i++) {
        EVH_TRY(evh_enrolment_row(all->op, &all->rows[i], name, all->records[i]));
        all->pointers[i] = &all->rows[i];
        all->count++;
        name += strlen(name) + 1;
    }
    EVH_TRY(add_strays(all));
done:
    return status;
}

static void clear_list(list *all)
{
    for (size_t i = 0; all->records != NULL && i < all->known; i++)
        evh_wire_free(&all->records[i]);
    evh_buffer_clear(&all->strays);
    free(all->records);
    free(all->pointers);
    free(all->rows);
}

evh_status evh_operate_list_customers(const evh_operator *op, const evh_caller *caller,
                                      evh_view bytes, evh_buffer *out)
{
    Evenhand__V1__ListCustomersRequest *request = NULL;
    Evenhand__V1__ListCustomersResponse response;
    list all = {.op = op, .strays = evh_buffer_init(STRAYS_BYTES_MAX)};
    evh_buffer names = evh_buffer_init(0);
    evenhand__v1__list_customers_response__init(&response);
    evh_status status = evh_ok();
    EVH_TRY(evh_operate_require_operator(caller));
    EVH_TRY(evh_wire_unpack(&request, &evenhand__v1__list_customers_request__descriptor, bytes,
                            "request"));
    EVH_TRY(evh_store_begin(op->self->store));
    EVH_TRY(evh_enrolment_names(op, &names, false));
    EVH_TRY(fill_list(&all, &names));
    response.customers = all.pointers;
    response.n_customers = all.count;
    EVH_TRY(evh_wire_pack(out, &response.base));
done:
    evh_store_rollback(op->self->store);
    evh_wire_free(&request);
    clear_list(&all);
    evh_buffer_clear(&names);
    return status;
}
