/* SPDX-License-Identifier: Apache-2.0
 * service/outbox.h: sending reports until there is a receipt, and what became of them.
 * A report is in the ledger before its first byte leaves and stays in the outbox until the leader's
 * signed receipt is stored; sending it again sends the identical bytes. A crash at any point loses
 * nothing and doubles nothing.
 * Source   docs/customer/sending.md              Secret   nothing: reports are sealed
 * Threads  one thread per site                   Memory   one report
 * Tests    unit/service/test_outbox.c */
#ifndef EVH_SERVICE_OUTBOX_H
#define EVH_SERVICE_OUTBOX_H

#include "evenhand/protocol/report.h"
#include "evenhand/service/mirror.h"
#include "evenhand/service/site.h"

typedef enum evh_report_state {
    EVH_REPORT_NONE = 0, /* numbers as in proto/service.proto */
    EVH_REPORT_RECEIVED,
    EVH_REPORT_ACCEPTED,
    EVH_REPORT_REJECTED
} evh_report_state;

/* What there is of a round here. */
typedef struct evh_outbox_entry {
    bool charged; /* in the ledger */
    bool missed;  /* charged without a report */
    bool receipt; /* is stored */
    evh_ledger_position position;
} evh_outbox_entry;

EVH_MUST_USE evh_status evh_outbox_find(evh_site *site, evh_outbox_entry *out, evh_buffer *report,
                                        const uint8_t plan_id[EVH_LEDGER_PLAN_ID_LEN],
                                        uint32_t round);

/* Sends a report until there is a receipt, checks and gives it.
 *   header   filled from the report
 *   receipt  replaced; checked: signed by the pinned leader, for this very report
 *   wait_ms  how long to try again while the leader cannot be reached or is busy, with pauses that
 *            grow and are drawn at random; 0: once
 * Fails    INPUT the report is no report, or another customer's; UNAVAILABLE; what the leader refused
 *          with; REFUSED a receipt that is not right */
EVH_MUST_USE evh_status evh_outbox_send(evh_site *site, evh_report_header *header,
                                        evh_buffer *receipt, evh_view report, int64_t wait_ms);

/* Sends the stored report of a round and stores the receipt; does nothing when it is there.
 *   wait_ms  as above; the pauses end with the round's deadline */
EVH_MUST_USE evh_status evh_outbox_deliver(evh_site *site, const evh_mirror_round *round,
                                           int64_t wait_ms);

/* What the leader says of a round. */
typedef struct evh_leader_says {
    evh_round_state round;
    evh_report_state report;
    uint32_t reason; /* RejectReason of proto/service.proto */
    bool other;      /* it has a report with our key that is not the one in the ledger */
} evh_leader_says;

/* Asks, and stores the receipt that comes with the answer when the ledger lacks it.
 * Fails    as a call; REFUSED a receipt that is not right; STORE */
EVH_MUST_USE evh_status evh_outbox_ask(evh_site *site, evh_leader_says *out,
                                       const evh_mirror_round *round);

/* In words; "" for none. */
const char *evh_reject_words(uint32_t reason);
const char *evh_void_words(uint32_t reason);
const char *evh_round_state_name(evh_round_state state);   /* "open" */
const char *evh_report_state_name(evh_report_state state); /* "received" */

/* ---- reconcile ---- */

/* Whether the ledger lacks something that was made with it: by what was written down beside the
 * mirror, and by the leader, which is asked about every round that the ledger does not know. Fails
 * as a call; STORE. */
EVH_MUST_USE evh_status evh_outbox_is_behind(evh_site *site, bool *behind);

typedef struct evh_reconciled {
    uint32_t missed;  /* charged now */
    uint32_t lost;    /* of these, rounds for which the leader has a report */
    uint32_t waiting; /* open rounds that can still be submitted */
    bool was_behind;
} evh_reconciled;

/* Charges as missed every round that was opened since this customer joined, that the ledger does not
 * know, and that is over or lost. Against a mirror that was just brought up to date.
 * Fails    as a call; STORE */
EVH_MUST_USE evh_status evh_outbox_reconcile(evh_site *site, evh_reconciled *out);

#endif
