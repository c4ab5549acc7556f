/* SPDX-License-Identifier: Apache-2.0
 * What the operator's commands use of each other. They run beside the serving process and call it
 * over gRPC with the operator's certificate. */
#ifndef EVH_AGGREGATOR_COMMANDS_INTERNAL_H
#define EVH_AGGREGATOR_COMMANDS_INTERNAL_H

#include "evenhand/aggregator/deployment.h"
#include "evenhand/cli/cli.h"
#include "evenhand/cli/table.h"
#include "evenhand/plan/plan.h"
#include "evenhand/protocol/enrolment.h"
#include "evenhand/rpc/client.h"
#include "evenhand/wire/message.h"
#include "operator.pb-c.h"

#define ROSTER(name) EVENHAND__V1__ROSTER_STATE__ROSTER_STATE_##name
#define ENROLMENT(name) EVENHAND__V1__ENROLMENT_STATE__ENROLMENT_STATE_##name
#define ROUND(name) EVENHAND__V1__ROUND_STATE__ROUND_STATE_##name
#define REPORT(name) EVENHAND__V1__REPORT_STATE__REPORT_STATE_##name

enum { EVH_OFFICE_ANSWER_BYTES_MAX = 64 << 20, EVH_WORDS_LEN = 200, EVH_ID_TEXT_LEN = 65 };

/* ---- calling the process ---- */

/* A connection to the running leader or helper. */
typedef struct evh_office {
    evh_cli *cli;
    evh_deployment *deployment;
    evh_rpc_client *client;
    evh_buffer question, answer;
    bool leads;
} evh_office;

/* Reads -c FILE and connects. Close it whatever the outcome. Fails ARG, INPUT, KEY with what to do. */
EVH_MUST_USE evh_status evh_office_open(evh_office *out, evh_cli *cli);
void evh_office_close(evh_office *office);

/* Calls a method of service Operator; *response is to be freed with evh_wire_free.
 * Fails UNAVAILABLE when the process does not answer; REFUSED; as the process fails */
EVH_MUST_USE evh_status evh_office_ask(evh_office *office, const char *method,
                                       const ProtobufCMessage *request,
                                       const ProtobufCMessageDescriptor *type, void *response);

/* A refusal as a failure with its code; OK for NULL. */
EVH_MUST_USE evh_status evh_office_refusal(const Evenhand__V1__Refusal *refusal);

/* ---- lists ---- */

/* A list that is shown as a table or as {"KEY": [rows]}. */
typedef struct evh_sheet {
    const char *none; /* said instead of an empty table; NULL: the headings alone */
    evh_office office;
    evh_table table;
    evh_buffer bytes;
    evh_json json;
} evh_sheet;

evh_sheet evh_sheet_of(size_t columns);

/* Connects, and writes the headings ([columns]). Clear the sheet whatever the outcome. */
EVH_MUST_USE evh_status evh_sheet_start(evh_sheet *sheet, evh_cli *cli, const char *key,
                                        const char *const *headings);

/* Writes the list to standard output. */
EVH_MUST_USE evh_status evh_sheet_end(evh_sheet *sheet);
void evh_sheet_clear(evh_sheet *sheet);

/* ---- words ---- */

const char *evh_round_state_word(Evenhand__V1__RoundState state);   /* "open" */
const char *evh_void_reason_words(Evenhand__V1__VoidReason reason); /* "too few customers" */
const char *evh_report_state_word(Evenhand__V1__ReportState state); /* "accepted" */
const char *evh_reject_reason_words(Evenhand__V1__RejectReason reason);
const char *evh_roster_state_word(Evenhand__V1__RosterState state); /* "active", "" for none */
const char *evh_enrolment_state_word(Evenhand__V1__EnrolmentState state);

/* How things stand with a customer, in a few words. */
void evh_customer_words(char out[EVH_WORDS_LEN], const Evenhand__V1__CustomerRow *row, bool leads);

/* "2026-11-22 19:33Z"; "" for 0. */
void evh_minute_text(char out[EVH_TIME_TEXT_LEN], uint64_t unix_ms);

/* Hex of 32 bytes; "" for a field of another length. */
void evh_id_text(char out[EVH_ID_TEXT_LEN], const ProtobufCBinaryData *field);

/* ---- customers ---- */

typedef struct evh_customer_options {
    const char *csv, *out, *key, *again;
    uint64_t valid_days;
    bool all_requested;
} evh_customer_options;

/* A customer that a command is about. */
typedef struct evh_named {
    char name[EVH_ORGANISATION_BYTES_MAX + 1];
    char key[EVH_VKEY_TEXT_MAX]; /* the key that is meant, or "" */
} evh_named;

typedef struct evh_named_list {
    evh_named *items;
    size_t count, capacity;
} evh_named_list;

void evh_named_clear(evh_named_list *list);
EVH_MUST_USE evh_status evh_named_add(evh_named_list *list, evh_view name, evh_view key);

/* The organisations that the command line names: as arguments, or the lines of --csv, all of which
 * are checked before anything is done.
 * Fails ARG none, or both; INPUT with every bad line in cli->diagnostics */
EVH_MUST_USE evh_status evh_named_read(evh_named_list *list, evh_cli *cli,
                                       const evh_customer_options *options);

evh_status evh_command_customer_invite(evh_cli *cli, void *own);
evh_status evh_command_customer_list(evh_cli *cli, void *own);
evh_status evh_command_customer_approve(evh_cli *cli, void *own);
evh_status evh_command_customer_refuse(evh_cli *cli, void *own);
evh_status evh_command_customer_suspend(evh_cli *cli, void *own);
evh_status evh_command_customer_remove(evh_cli *cli, void *own);
evh_status evh_command_customer_activate(evh_cli *cli, void *own);

/* ---- populations and plans ---- */

typedef struct evh_publish_options {
    const char *population;
} evh_publish_options;

evh_status evh_command_population_add(evh_cli *cli, void *own);
evh_status evh_command_population_list(evh_cli *cli, void *own);
evh_status evh_command_plan_publish(evh_cli *cli, void *own);
evh_status evh_command_plan_list(evh_cli *cli, void *own);
evh_status evh_command_plan_retire(evh_cli *cli, void *own);

/* The plan that the only argument or -p names. Fails ARG. */
EVH_MUST_USE evh_status evh_plan_argument(evh_cli *cli, const char **out);

/* Reads a plan file that can be published. Fails INPUT, also for a draft; PRIVACY mechanism none. */
EVH_MUST_USE evh_status evh_publishable_read(evh_cli *cli, evh_plan **out, const char *path);

/* Says what was logged, and where. name or plan_id may be NULL. */
EVH_MUST_USE evh_status evh_logged_say(evh_office *office, const char *what, const char *name,
                                       const char *plan_id, uint64_t index);

/* Finds the plan that -p names: a plan_id or the beginning of one (8 digits or more), a file, or
 * the name of a published plan. Fails ARG, INPUT, REFUSED when it is not in the log. */
EVH_MUST_USE evh_status evh_plan_meant(evh_office *office, uint8_t plan_id[EVH_PLAN_ID_LEN],
                                       const char *text);

/* ---- rounds ---- */

typedef struct evh_round_options {
    const char *duration, *deadline;
    bool no_wait;
} evh_round_options;

/* Reads "90s", "15m", "36h", "7d" or "2w". Fails ARG. */
EVH_MUST_USE evh_status evh_duration_read(const char *text, int64_t *ms);

/* Finds the round that the command line names: a task_id or the beginning of one (8 digits or
 * more), or -p and -n. *all is to be freed, *found borrows from it.
 * Fails ARG; REFUSED when there is none, or more than one */
EVH_MUST_USE evh_status evh_round_meant(evh_office *office, Evenhand__V1__ListRoundsResponse **all,
                                        Evenhand__V1__RoundRow **found);

evh_status evh_command_round_open(evh_cli *cli, void *own);
evh_status evh_command_round_close(evh_cli *cli, void *own);
evh_status evh_command_round_extend(evh_cli *cli, void *own);
evh_status evh_command_round_void(evh_cli *cli, void *own);
evh_status evh_command_round_status(evh_cli *cli, void *own);

/* One round as a member of a JSON document. */
void evh_round_json(evh_json *json, const char *key, const Evenhand__V1__RoundRow *row);

#endif
