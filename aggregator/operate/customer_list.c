/* SPDX-License-Identifier: Apache-2.0
 * The list of organisations, and decisions about some of them. */
#include <stdio.h>
#include <string.h>

#include "commands_internal.h"

static const char *const headings[] = {"organisation", "key", "state"};

enum { COLUMNS = sizeof headings / sizeof headings[0] };

/* An organisation's line; `problem` instead of how it stands when there is one. */
static evh_status sheet_add(evh_sheet *out, const char *name, const Evenhand__V1__CustomerRow *row,
                            const char *problem)
{
    char words[EVH_WORDS_LEN] = "";
    char until[EVH_TIME_TEXT_LEN];
    evh_status status = evh_ok();
    if (row != NULL)
        evh_customer_words(words, row, out->office.leads);
    EVH_TRY(evh_table_add(&out->table, "%s", name));
    EVH_TRY(evh_table_add(&out->table, "%s", row == NULL ? "" : row->customer));
    EVH_TRY(evh_table_add(&out->table, "%s", problem[0] != '\0' ? problem : words));
    evh_json_row_open(&out->json, NULL);
    evh_json_text(&out->json, "name", name);
    if (row != NULL) {
        evh_minute_text(until, row->expires_ms);
        evh_json_text(&out->json, "customer", row->customer);
        evh_json_text(&out->json, "state", words);
        evh_json_text(&out->json, "enrolment", evh_enrolment_state_word(row->enrolment));
        evh_json_text(&out->json, "roster", evh_roster_state_word(row->roster));
        evh_json_text(&out->json, "wanted", evh_roster_state_word(row->wanted));
        evh_json_bool(&out->json, "approved_here", row->approved_here != 0);
        evh_json_text(&out->json, "helper", evh_enrolment_state_word(row->helper));
        evh_json_text(&out->json, "invited_until", until);
        evh_json_u64(&out->json, "ledger_sequence", row->ledger_sequence);
    }
    if (problem[0] != '\0')
        evh_json_text(&out->json, "problem", problem);
    evh_json_close(&out->json);
done:
    return status;
}

static evh_status ask_list(evh_office *office, Evenhand__V1__ListCustomersResponse **response)
{
    Evenhand__V1__ListCustomersRequest request;
    evenhand__v1__list_customers_request__init(&request);
    return evh_office_ask(office, "ListCustomers", &request.base,
                          &evenhand__v1__list_customers_response__descriptor, response);
}

evh_status evh_command_customer_list(evh_cli *cli, void *own)
{
    Evenhand__V1__ListCustomersResponse *response = NULL;
    evh_sheet out = evh_sheet_of(COLUMNS);
    size_t nameless = 0;
    evh_status status = evh_ok();
    (void)own;
    out.none = "no customers yet: the leader's 'customer invite' makes an invitation";
    EVH_TRY(evh_sheet_start(&out, cli, "customers", headings));
    EVH_TRY(ask_list(&out.office, &response));
    for (size_t i = 0; i < response->n_customers; i++) {
        EVH_TRY(sheet_add(&out, response->customers[i]->name, response->customers[i], ""));
        nameless += response->customers[i]->name[0] == '\0';
    }
    EVH_TRY(evh_sheet_end(&out));
    if (nameless > 0)
        evh_cli_note(cli,
                     "%zu without a name joined after the backup that this store came from. %s",
                     nameless,
                     out.office.leads ? "With the invitation of each, which it or you still have: "
                                        "customer invite --again FILE"
                                      : "Their names come back when the leader asks about them.");
done:
    evh_wire_free(&response);
    evh_sheet_clear(&out);
    return status;
}

/* ---- decisions ---- */

typedef struct decision {
    bool change, refuse;
    Evenhand__V1__RosterState state;
} decision;

static evh_status ask_decision(evh_office *office, const decision *d, const evh_named *about,
                               Evenhand__V1__ApproveCustomerResponse **response)
{
    Evenhand__V1__ApproveCustomerRequest approve;
    Evenhand__V1__ChangeCustomerRequest change;
    char name[sizeof about->name];
    char key[sizeof about->key];
    memcpy(name, about->name, sizeof name);
    memcpy(key, about->key, sizeof key);
    evenhand__v1__approve_customer_request__init(&approve);
    evenhand__v1__change_customer_request__init(&change);
    approve.name = name;
    approve.customer = key;
    approve.refuse = d->refuse;
    change.name = name;
    change.state = d->state;
    return evh_office_ask(office, d->change ? "ChangeCustomer" : "ApproveCustomer",
                          d->change ? &change.base : &approve.base,
                          &evenhand__v1__approve_customer_response__descriptor, response);
}

/* Decides about one; a refusal becomes its line and *first, unless there was one before. */
static evh_status decide(evh_sheet *out, const decision *d, const evh_named *about,
                         evh_status *first)
{
    Evenhand__V1__ApproveCustomerResponse *response = NULL;
    evh_status refused = evh_ok();
    evh_status status = evh_ok();
    EVH_TRY(ask_decision(&out->office, d, about, &response));
    refused = evh_office_refusal(response->refusal);
    if (refused.code != EVH_OK && first->code == EVH_OK)
        *first = evh_status_in(refused, "%.40s", about->name);
    EVH_TRY(sheet_add(out, about->name, response->customer, refused.text));
    if (response->helper_away)
        evh_cli_note(out->office.cli,
                     "%s: the helper does not answer now; the leader goes on asking", about->name);
done:
    evh_wire_free(&response);
    return status;
}

static evh_status decide_all(evh_sheet *out, const decision *d, const evh_named_list *list)
{
    evh_status first = evh_ok();
    evh_status status = evh_ok();
    for (size_t i = 0; i < list->count; i++)
        EVH_TRY(decide(out, d, &list->items[i], &first));
    EVH_TRY(evh_sheet_end(out));
    status = first;
done:
    return status;
}

static evh_status run_decision(evh_cli *cli, const evh_customer_options *options, const decision *d)
{
    evh_named_list list = {.items = NULL};
    evh_sheet out = evh_sheet_of(COLUMNS);
    evh_status status = evh_ok();
    EVH_TRY(evh_named_read(&list, cli, options));
    EVH_TRY(evh_sheet_start(&out, cli, "customers", headings));
    EVH_TRY(decide_all(&out, d, &list));
done:
    evh_named_clear(&list);
    evh_sheet_clear(&out);
    return status;
}

/* Everybody who waits for this operator, with the key that waits. */
static evh_status gather_requested(evh_sheet *out, evh_named_list *list)
{
    Evenhand__V1__ListCustomersResponse *response = NULL;
    evh_status status = evh_ok();
    EVH_TRY(ask_list(&out->office, &response));
    for (size_t i = 0; i < response->n_customers; i++) {
        const Evenhand__V1__CustomerRow *row = response->customers[i];
        if (row->enrolment == ENROLMENT(REQUESTED) && !row->approved_here)
            EVH_TRY(
                evh_named_add(list, evh_view_of_text(row->name), evh_view_of_text(row->customer)));
    }
done:
    evh_wire_free(&response);
    return status;
}

static evh_status approve_requested(evh_cli *cli)
{
    const decision d = {.state = ROSTER(ACTIVE)};
    evh_named_list list = {.items = NULL};
    evh_sheet out = evh_sheet_of(COLUMNS);
    evh_status status = evh_ok();
    EVH_TRY(evh_sheet_start(&out, cli, "customers", headings));
    EVH_TRY(gather_requested(&out, &list));
    if (list.count == 0)
        evh_cli_note(cli, "nobody waits for a decision");
    EVH_TRY(decide_all(&out, &d, &list));
done:
    evh_named_clear(&list);
    evh_sheet_clear(&out);
    return status;
}

evh_status evh_command_customer_approve(evh_cli *cli, void *own)
{
    const evh_customer_options *options = own;
    const decision d = {.state = ROSTER(ACTIVE)};
    if (!options->all_requested)
        return run_decision(cli, options, &d);
    if (options->csv != NULL || options->key != NULL || cli->argument_count > 0)
        return evh_fail(EVH_ERR_ARG, "--all-requested goes without names, --key and --csv");
    return approve_requested(cli);
}

evh_status evh_command_customer_refuse(evh_cli *cli, void *own)
{
    const decision d = {.state = ROSTER(ACTIVE), .refuse = true};
    return run_decision(cli, own, &d);
}

evh_status evh_command_customer_suspend(evh_cli *cli, void *own)
{
    const decision d = {.change = true, .state = ROSTER(SUSPENDED)};
    return run_decision(cli, own, &d);
}

evh_status evh_command_customer_remove(evh_cli *cli, void *own)
{
    const decision d = {.change = true, .state = ROSTER(REMOVED)};
    return run_decision(cli, own, &d);
}

evh_status evh_command_customer_activate(evh_cli *cli, void *own)
{
    const decision d = {.change = true, .state = ROSTER(ACTIVE)};
    return run_decision(cli, own, &d);
}
