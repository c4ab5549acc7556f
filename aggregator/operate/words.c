/* SPDX-License-Identifier: Apache-2.0
 * States and reasons, as a person reads them. */
#include <stdio.h>
#include <string.h>

#include "commands_internal.h"

static const char *pick(const char *const *words, size_t count, int number)
{
    return number >= 0 && (size_t)number < count ? words[number] : "unknown";
}

const char *evh_round_state_word(Evenhand__V1__RoundState state)
{
    static const char *const words[] = {"unknown", "open", "closed", "agreed", "collected", "void"};
    return pick(words, sizeof words / sizeof words[0], (int)state);
}

const char *evh_void_reason_words(Evenhand__V1__VoidReason reason)
{
    static const char *const words[] = {
        "",
        "too few customers for the plan's minimum",
        "nearly the same customers as an earlier batch of the same people",
        "the population's budget does not allow it",
        "an operator's decision",
        "a store was restored from a backup",
        "leader and helper could not agree on the reports",
    };
    return pick(words, sizeof words / sizeof words[0], (int)reason);
}

const char *evh_report_state_word(Evenhand__V1__ReportState state)
{
    static const char *const words[] = {"missing", "received", "accepted", "rejected"};
    return pick(words, sizeof words / sizeof words[0], (int)state);
}

const char *evh_reject_reason_words(Evenhand__V1__RejectReason reason)
{
    static const char *const words[] = {
        "",
        "not signed by the customer",
        "not on the roster, or not endorsed",
        "a sealed share could not be opened",
        "a share is malformed",
        "the proof does not hold",
        "the customer has another report in this round",
        "the ledger is older than one seen before",
        "made for another round",
        "the round is full",
        "leader and helper did not agree on its job",
    };
    return pick(words, sizeof words / sizeof words[0], (int)reason);
}

const char *evh_roster_state_word(Evenhand__V1__RosterState state)
{
    static const char *const words[] = {"", "active", "suspended", "removed"};
    return pick(words, sizeof words / sizeof words[0], (int)state);
}

const char *evh_enrolment_state_word(Evenhand__V1__EnrolmentState state)
{
    static const char *const words[] = {"", "invited", "requested", "approved", "refused"};
    return pick(words, sizeof words / sizeof words[0], (int)state);
}

static const char *waiting_words(const Evenhand__V1__CustomerRow *row, bool leads)
{
    if (!row->approved_here)
        return leads ? "waits for your decision" : "the leader asks, waits for your decision";
    if (!leads)
        return "endorsed here, waits for the leader";
    return row->helper == ENROLMENT(REFUSED) ? "approved here, refused by the helper"
                                             : "approved here, waits for the helper";
}

void evh_customer_words(char out[EVH_WORDS_LEN], const Evenhand__V1__CustomerRow *row, bool leads)
{
    char until[EVH_TIME_TEXT_LEN];
    const char *roster = evh_roster_state_word(row->roster);
    evh_minute_text(until, row->expires_ms);
    if (row->name[0] == '\0')
        (void)snprintf(out, EVH_WORDS_LEN, "%s, name not known here", roster);
    else if (row->enrolment == ENROLMENT(REFUSED))
        (void)snprintf(out, EVH_WORDS_LEN, "refused here");
    else if (row->enrolment == ENROLMENT(INVITED))
        (void)snprintf(out, EVH_WORDS_LEN, "invited until %s", until);
    else if (row->roster == ROSTER(UNSPECIFIED))
        (void)snprintf(out, EVH_WORDS_LEN, "asks to join: %s", waiting_words(row, leads));
    else if (row->wanted == ROSTER(UNSPECIFIED))
        (void)snprintf(out, EVH_WORDS_LEN, "%s", roster);
    else
        (void)snprintf(out, EVH_WORDS_LEN, "%s, to be %s: %s", roster,
                       evh_roster_state_word(row->wanted), waiting_words(row, leads));
}

void evh_minute_text(char out[EVH_TIME_TEXT_LEN], uint64_t unix_ms)
{
    enum { MINUTE_LEN = 16 };
    out[0] = '\0';
    if (unix_ms == 0)
        return;
    evh_time_format(out, (int64_t)unix_ms);
    out[10] = ' ';
    out[MINUTE_LEN] = 'Z';
    out[MINUTE_LEN + 1] = '\0';
}

void evh_id_text(char out[EVH_ID_TEXT_LEN], const ProtobufCBinaryData *field)
{
    out[0] = '\0';
    if (field->len == (EVH_ID_TEXT_LEN - 1) / 2)
        evh_hex_encode(out, evh_wire_bytes(field));
}
