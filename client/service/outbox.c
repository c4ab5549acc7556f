/* SPDX-License-Identifier: Apache-2.0 */
#include "evenhand/service/outbox.h"
#include "evenhand/base/failpoint.h"

#include <string.h>

#include "evenhand/base/limits.h"
#include "evenhand/protocol/receipt.h"
#include "evenhand/wire/message.h"
#include "line_internal.h"
#include "service.pb-c.h"
#include "service_internal.h"

enum { PAUSE_FIRST_MS = 500, PAUSE_MOST_MS = 60000 };

evh_status evh_outbox_find(evh_site *site, evh_outbox_entry *out, evh_buffer *report,
                           const uint8_t plan_id[EVH_LEDGER_PLAN_ID_LEN], uint32_t round)
{
    evh_buffer receipt = evh_buffer_init(EVH_LEDGER_RECEIPT_BYTES_MAX);
    evh_status status = evh_ok();
    *out = (evh_outbox_entry){.charged = false};
    evh_buffer_clear(report);
    if (site->ledger == NULL)
        goto done;
    EVH_TRY(evh_ledger_find(site->ledger, &out->charged, report, &out->position, plan_id, round));
    out->missed = out->charged && report->len == 0;
    if (out->charged)
        EVH_TRY(evh_ledger_find_receipt(site->ledger, &out->receipt, &receipt, plan_id, round));
done:
    evh_buffer_clear(&receipt);
    return status;
}

/* ---- sending ---- */

/* Between half of the pause and all of it, so that sites that failed together do not return
 * together. */
static evh_status jittered(const evh_site *site, int64_t pause_ms, int64_t *out)
{
    uint8_t bytes[4];
    uint32_t draw = 0;
    evh_status status = evh_ok();
    EVH_TRY(evh_rng_fill(&site->rng, bytes, sizeof bytes));
    memcpy(&draw, bytes, sizeof draw);
    *out = pause_ms / 2 + (int64_t)(draw % (uint32_t)(pause_ms / 2 + 1));
done:
    return status;
}

static evh_status send_until(evh_site *site, evh_buffer *receipt, evh_view report, int64_t wait_ms)
{
    int64_t start_ms = evh_clock_monotonic_ms(&site->clock);
    int64_t pause_ms = PAUSE_FIRST_MS;
    for (;;) {
        int64_t now_pause_ms = 0;
        evh_status failure = evh_ok();
        evh_status status = site->leader.upload(site->leader.upload_context, report, receipt);
        int64_t left_ms = start_ms + wait_ms - evh_clock_monotonic_ms(&site->clock);
        if (status.code == EVH_OK || !evh_code_info(status.code)->retryable || left_ms <= 0)
            return status;
        failure = jittered(site, pause_ms, &now_pause_ms);
        if (failure.code != EVH_OK)
            return failure;
        if (now_pause_ms > left_ms)
            now_pause_ms = left_ms;
        if (!site->pause.wait(site->pause.context, now_pause_ms))
            return status;
        pause_ms = 2 * pause_ms < PAUSE_MOST_MS ? 2 * pause_ms : PAUSE_MOST_MS;
    }
}

evh_status evh_outbox_send(evh_site *site, evh_report_header *header, evh_buffer *receipt,
                           evh_view bytes, int64_t wait_ms)
{
    evh_report report;
    evh_seal_verdict verdict = EVH_SEAL_REJECTED;
    evh_status status = evh_ok();
    site->advice = NULL;
    status = evh_report_read(&report, bytes);
    EVH_REQUIRE(status.code == EVH_OK, EVH_ERR_INPUT, "this is no report: %s", status.text);
    *header = report.header;
    status = send_until(site, receipt, bytes, wait_ms);
    if (status.code == EVH_ERR_REFUSED)
        site->advice =
            "status says what the leader knows of the round. If it knows a newer ledger of "
            "yours, run ledger reconcile.";
    if (status.code == EVH_ERR_UNAVAILABLE)
        site->advice = "Nothing is lost: the report is stored. Submit again, or let run do it.";
    EVH_TRY(status);
    EVH_FAILPOINT("report-answered");
    status =
        evh_receipt_check(&verdict, evh_buffer_view(receipt), header, &site->config->trust.leader);
    if (status.code == EVH_ERR_ENCODING || status.code == EVH_ERR_LENGTH)
        verdict = EVH_SEAL_REJECTED;
    else
        EVH_TRY(status);
    EVH_REQUIRE(verdict == EVH_SEAL_ACCEPTED, EVH_ERR_REFUSED,
                "the leader's receipt is not signed by the key that you trust, for this report");
done:
    if (status.code != EVH_OK)
        evh_buffer_clear(receipt);
    return status;
}

evh_status evh_outbox_deliver(evh_site *site, const evh_mirror_round *round, int64_t wait_ms)
{
    evh_outbox_entry entry;
    evh_report_header header;
    evh_buffer report = evh_buffer_init(EVH_REPORT_BYTES_MAX);
    evh_buffer receipt = evh_buffer_init(EVH_LEDGER_RECEIPT_BYTES_MAX);
    uint64_t now_ms = evh_site_now_ms(site);
    int64_t left_ms = round->deadline_ms > now_ms ? (int64_t)(round->deadline_ms - now_ms) : 0;
    evh_status status = evh_ok();
    EVH_TRY(evh_outbox_find(site, &entry, &report, round->task.plan_id, round->task.round));
    EVH_REQUIRE(entry.charged && !entry.missed, EVH_ERR_ARG, "there is no report to send");
    if (entry.receipt)
        goto done;
    EVH_TRY(evh_outbox_send(site, &header, &receipt, evh_buffer_view(&report),
                            wait_ms < left_ms ? wait_ms : left_ms));
    EVH_TRY(evh_ledger_store_receipt(site->ledger, round->task.plan_id, round->task.round,
                                     evh_buffer_view(&receipt), (int64_t)evh_site_now_ms(site)));
done:
    evh_buffer_clear(&report);
    evh_buffer_clear(&receipt);
    return status;
}

/* ---- asking ---- */

static evh_status call_status(evh_site *site, Evenhand__V1__GetStatusResponse **out,
                              const uint8_t *task_id)
{
    Evenhand__V1__GetStatusRequest request;
    evenhand__v1__get_status_request__init(&request);
    evh_wire_set_bytes(&request.task_id, evh_view_of(task_id, EVH_TASK_ID_LEN));
    request.customer = site->customer;
    return evh_leader_call(&site->leader, "/evenhand.v1.Leader/GetStatus", &request.base, out,
                           &evenhand__v1__get_status_response__descriptor);
}

/* The receipt that came with a status, for a report that the ledger has. */
static evh_status take_receipt(evh_site *site, bool *other, const evh_mirror_round *round,
                               const Evenhand__V1__Receipt *message, evh_view report_bytes,
                               bool stored)
{
    evh_report report;
    evh_seal_verdict verdict = EVH_SEAL_REJECTED;
    evh_buffer receipt = evh_buffer_init(EVH_LEDGER_RECEIPT_BYTES_MAX);
    evh_status status = evh_ok();
    EVH_TRY(evh_report_read(&report, report_bytes));
    *other = !evh_view_equal(evh_wire_bytes(&message->report_hash),
                             evh_view_of(report.header.hash, EVH_REPORT_HASH_LEN));
    if (*other || stored)
        goto done;
    EVH_TRY(evh_wire_pack(&receipt, &message->base));
    EVH_TRY(evh_receipt_check(&verdict, evh_buffer_view(&receipt), &report.header,
                              &site->config->trust.leader));
    EVH_REQUIRE(verdict == EVH_SEAL_ACCEPTED, EVH_ERR_REFUSED,
                "the leader's receipt is not signed by the key that you trust, for this report");
    EVH_TRY(evh_ledger_store_receipt(site->ledger, round->task.plan_id, round->task.round,
                                     evh_buffer_view(&receipt), (int64_t)evh_site_now_ms(site)));
done:
    evh_buffer_clear(&receipt);
    return status;
}

evh_status evh_outbox_ask(evh_site *site, evh_leader_says *out, const evh_mirror_round *round)
{
    Evenhand__V1__GetStatusResponse *says = NULL;
    evh_outbox_entry entry;
    evh_buffer report = evh_buffer_init(EVH_REPORT_BYTES_MAX);
    evh_status status = evh_ok();
    *out = (evh_leader_says){.other = false};
    EVH_TRY(evh_outbox_find(site, &entry, &report, round->task.plan_id, round->task.round));
    EVH_TRY(call_status(site, &says, round->task.id));
    out->round = (evh_round_state)says->round;
    out->report = (evh_report_state)says->report;
    out->reason = (uint32_t)says->reason;
    if (says->report == EVENHAND__V1__REPORT_STATE__REPORT_STATE_UNSPECIFIED)
        goto done;
    out->other = !entry.charged || entry.missed;
    if (!out->other && says->receipt != NULL)
        EVH_TRY(take_receipt(site, &out->other, round, says->receipt, evh_buffer_view(&report),
                             entry.receipt));
done:
    evh_wire_free(&says);
    evh_buffer_clear(&report);
    return status;
}

/* ---- words ---- */

const char *evh_round_state_name(evh_round_state state)
{
    static const char *const names[] = {"unknown", "open", "closed", "agreed", "collected", "void"};
    return (size_t)state < sizeof names / sizeof names[0] ? names[state] : names[0];
}

const char *evh_report_state_name(evh_report_state state)
{
    static const char *const names[] = {"none", "received", "accepted", "rejected"};
    return (size_t)state < sizeof names / sizeof names[0] ? names[state] : "unknown";
}

const char *evh_reject_words(uint32_t reason)
{
    static const char *const words[] = {
        "",
        "it is not signed by your key",
        "you were not on the roster, or not endorsed, when it was looked at",
        "an aggregator could not open its share",
        "a share is malformed",
        "the proof that its counts are in range does not hold",
        "there is another report of yours in this round",
        "your ledger is older than one seen before: run ledger reconcile",
        "it was made for another round",
        "the round has as many customers as the plan admits",
        "the aggregators did not agree on the job that it was in",
    };
    return reason < sizeof words / sizeof words[0] ? words[reason]
                                                   : "for a reason that this version does not know";
}

const char *evh_void_words(uint32_t reason)
{
    static const char *const words[] = {
        "",
        "too few customers took part",
        "its customers were too nearly those of an earlier round of the same people",
        "the population's budget does not allow it",
        "an operator decided so",
        "a store was restored from a backup",
        "the aggregators could not agree on a set of reports",
    };
    return reason < sizeof words / sizeof words[0] ? words[reason]
                                                   : "for a reason that this version does not know";
}
