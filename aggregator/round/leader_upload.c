/* SPDX-License-Identifier: Apache-2.0
 * The leader towards customers: uploads and what became of them. */
#include <string.h>

#include "evenhand/aggregator/leader.h"
#include "evenhand/base/limits.h"
#include "evenhand/protocol/receipt.h"
#include "evenhand/translog/translog.h"
#include "report.pb-c.h"
#include "round_internal.h"

#define REASON(name) EVENHAND__V1__REJECT_REASON__REJECT_REASON_##name

enum { RECEIPT_BYTES_MAX = 1024 };

/* ---- upload ---- */

static evh_status check_round(const evh_aggregator *self, const evh_round *round, uint64_t now_ms)
{
    evh_buffer note = evh_buffer_init(EVH_CHECKPOINT_BYTES_MAX);
    uint64_t cosigned = 0;
    evh_status status = evh_ok();
    EVH_TRY(evh_round_require(round, EVENHAND__V1__ROUND_STATE__ROUND_STATE_OPEN));
    EVH_REQUIRE(now_ms <= round->stored->deadline_ms, EVH_ERR_REFUSED,
                "the round's deadline has passed");
    EVH_TRY(evh_translog_newest(self->store, true, &note, &cosigned));
    EVH_REQUIRE(round->stored->entry_index < cosigned, EVH_ERR_REFUSED,
                "the helper has not cosigned the round's entry");
done:
    evh_buffer_clear(&note);
    return status;
}

static evh_status check_sizes(const evh_round *round, const evh_report *report)
{
    const evh_prio3_sizes *sizes = evh_prio3_sizes_of(round->prio3);
    if (report->public_share.len != sizes->public_share ||
        report->leader_share.len != sizes->leader_share + EVH_SEALED_OVERHEAD ||
        report->helper_share.len != sizes->helper_share + EVH_SEALED_OVERHEAD)
        return evh_fail(EVH_ERR_LENGTH, "a report whose shares have other lengths than the plan's");
    return evh_ok();
}

static evh_status refuse_for(Evenhand__V1__RejectReason reason)
{
    switch (reason) {
    case REASON(UNSPECIFIED):
        return evh_ok();
    case REASON(SIGNATURE):
        return evh_fail(EVH_ERR_KEY, "the report is not signed by its customer");
    case REASON(ROSTER):
        return evh_fail(EVH_ERR_REFUSED, "the customer is not active on the roster");
    case REASON(LEDGER):
        return evh_fail(EVH_ERR_REFUSED, "the ledger is behind a report seen before: reconcile it");
    case REASON(CAPACITY):
        return evh_fail(EVH_ERR_REFUSED, "the round has as many customers as the plan admits");
    default:
        return evh_fail(EVH_ERR_REFUSED, "the report was made for another round");
    }
}

static evh_status store_report(const evh_aggregator *self, const evh_round *round,
                               const evh_report_status *place, const evh_report *report,
                               evh_view bytes, evh_view receipt)
{
    static const uint8_t mark[1] = {1};
    Evenhand__V1__StoredReport record;
    evenhand__v1__stored_report__init(&record);
    evh_status status = evh_ok();
    evh_wire_set_bytes(&record.header, report->header_bytes);
    evh_wire_set_bytes(&record.hash, evh_view_of(report->header.hash, EVH_REPORT_HASH_LEN));
    record.state = EVENHAND__V1__REPORT_STATE__REPORT_STATE_RECEIVED;
    evh_wire_set_bytes(&record.receipt, receipt);
    EVH_TRY(
        evh_record_put(self->store, EVH_STORE_REPORTS, evh_place_view(&place->key), &record.base));
    EVH_TRY(evh_store_put(self->store, EVH_STORE_REPORTS, evh_place_view(&place->body_key), bytes));
    EVH_TRY(evh_store_put(self->store, EVH_STORE_REPORTS, evh_place_view(&place->waiting_key),
                          evh_view_of(mark, sizeof mark)));
    evh_report_count(round->stored, EVENHAND__V1__REPORT_STATE__REPORT_STATE_UNSPECIFIED,
                     record.state);
    EVH_TRY(evh_round_save(self, round->task.id, round->stored));
done:
    return status;
}

/* One upload, on its way through two transactions: a look whether it can be taken at all, then what
 * costs time, then taking it. */
typedef struct intake {
    const evh_aggregator *self;
    const evh_report *report;
    evh_view bytes;
    const char *customer;
    uint64_t now_ms;
    evh_seal_verdict signature;
    evh_buffer fresh;    /* receipt for a report that is new */
    evh_buffer *receipt; /* the answer */
} intake;

/* The receipt of a report that is there already; *known is false when there is none. */
static evh_status repeat_receipt(intake *in, bool *known, const evh_report_status *place)
{
    evh_status status = evh_ok();
    *known = place->stored != NULL;
    if (!*known)
        goto done;
    EVH_REQUIRE(evh_view_equal(evh_wire_bytes(&place->stored->hash),
                               evh_view_of(in->report->header.hash, EVH_REPORT_HASH_LEN)),
                EVH_ERR_REFUSED, "the customer has sent another report for this round");
    EVH_TRY(evh_buffer_append(in->receipt, evh_wire_bytes(&place->stored->receipt)));
done:
    return status;
}

/* In a transaction. Taking is the same as looking, and then storing. */
static evh_status look_or_take(intake *in, bool *known, bool take)
{
    evh_round round = {.stored = NULL};
    evh_report_status place = {.stored = NULL};
    Evenhand__V1__RejectReason reason = REASON(UNSPECIFIED);
    const evh_report_header *header = &in->report->header;
    evh_status status = evh_ok();
    EVH_TRY(evh_report_find(in->self, &place, header->task_id, in->customer));
    EVH_TRY(repeat_receipt(in, known, &place));
    if (*known)
        goto done;
    EVH_TRY(evh_round_load(in->self, &round, header->task_id));
    EVH_TRY(check_round(in->self, &round, in->now_ms));
    EVH_TRY(check_sizes(&round, in->report));
    EVH_TRY(evh_report_admit(in->self, &reason, &round, header, in->customer, in->signature));
    EVH_TRY(refuse_for(reason));
    if (take)
        EVH_TRY(store_report(in->self, &round, &place, in->report, in->bytes,
                             evh_buffer_view(&in->fresh)));
done:
    evh_wire_free(&place.stored);
    evh_round_clear(&round);
    return status;
}

static evh_status upload(intake *in)
{
    bool known = false;
    evh_status status = evh_ok();
    in->signature = EVH_SEAL_ACCEPTED; /* for the look */
    EVH_TRY(evh_store_begin(in->self->store));
    EVH_TRY(look_or_take(in, &known, false));
    evh_store_rollback(in->self->store);
    if (known)
        goto done;
    EVH_TRY(evh_report_check_signature(&in->signature, &in->report->header,
                                       in->report->header_bytes, in->report->signature));
    EVH_TRY(
        refuse_for(in->signature == EVH_SEAL_ACCEPTED ? REASON(UNSPECIFIED) : REASON(SIGNATURE)));
    EVH_TRY(evh_receipt_make(&in->fresh, &in->report->header, in->now_ms, in->self->signing));
    EVH_TRY(evh_store_begin(in->self->store));
    EVH_TRY(look_or_take(in, &known, true));
    EVH_COMMIT(in->self->store, "leader-upload");
    if (!known)
        EVH_TRY(evh_buffer_append(in->receipt, evh_buffer_view(&in->fresh)));
done:
    evh_store_rollback(in->self->store);
    return status;
}

evh_status evh_leader_upload(const evh_aggregator *self, const evh_caller *caller, evh_view bytes,
                             evh_buffer *out)
{
    evh_report report;
    evh_buffer customer = evh_buffer_init(EVH_VKEY_BYTES_MAX);
    evh_buffer receipt = evh_buffer_init(RECEIPT_BYTES_MAX);
    int64_t wall_ms = evh_clock_wall_ms(&self->clock);
    intake in = {.self = self,
                 .report = &report,
                 .bytes = bytes,
                 .now_ms = wall_ms > 0 ? (uint64_t)wall_ms : 0,
                 .fresh = evh_buffer_init(RECEIPT_BYTES_MAX),
                 .receipt = &receipt};
    evh_status status = evh_ok();
    EVH_TRY(evh_require_role(caller, EVH_ROLE_CUSTOMER));
    EVH_TRY(evh_report_read(&report, bytes));
    EVH_REQUIRE(evh_identity_equal(&report.header.customer, caller->customer), EVH_ERR_REFUSED,
                "a report of another customer than the certificate's");
    EVH_TRY(evh_vkey_text(&customer, caller->customer));
    in.customer = (const char *)customer.data;
    EVH_TRY(upload(&in));
    EVH_TRY(evh_buffer_append(out, evh_buffer_view(&receipt)));
done:
    evh_buffer_clear(&customer);
    evh_buffer_clear(&receipt);
    evh_buffer_clear(&in.fresh);
    return status;
}

/* ---- status ---- */

static evh_status pack_status(const evh_aggregator *self, const uint8_t *task_id,
                              const char *customer, evh_buffer *response)
{
    Evenhand__V1__GetStatusResponse message;
    evenhand__v1__get_status_response__init(&message);
    evh_round round = {.stored = NULL};
    evh_report_status place = {.stored = NULL};
    Evenhand__V1__Receipt *receipt = NULL;
    evh_status status = evh_ok();
    EVH_TRY(evh_round_load(self, &round, task_id));
    EVH_TRY(evh_report_find(self, &place, task_id, customer));
    message.round = round.stored->state;
    if (place.stored != NULL) {
        EVH_TRY(evh_wire_unpack(&receipt, &evenhand__v1__receipt__descriptor,
                                evh_wire_bytes(&place.stored->receipt), "stored receipt"));
        message.report = place.stored->state;
        message.reason = place.stored->reason;
        message.receipt = receipt;
    }
    EVH_TRY(evh_wire_pack(response, &message.base));
done:
    evh_round_clear(&round);
    evh_wire_free(&place.stored);
    evh_wire_free(&receipt);
    return status;
}

evh_status evh_leader_get_status(const evh_aggregator *self, const evh_caller *caller,
                                 evh_view request_bytes, evh_buffer *response)
{
    Evenhand__V1__GetStatusRequest *request = NULL;
    evh_buffer customer = evh_buffer_init(EVH_VKEY_BYTES_MAX);
    const uint8_t *task_id = NULL;
    evh_status status = evh_ok();
    EVH_TRY(evh_require_role(caller, EVH_ROLE_CUSTOMER));
    EVH_TRY(evh_wire_unpack(&request, &evenhand__v1__get_status_request__descriptor, request_bytes,
                            "request"));
    EVH_TRY(evh_task_id_of(&request->task_id, &task_id));
    EVH_TRY(evh_vkey_text(&customer, caller->customer));
    EVH_REQUIRE(strcmp(request->customer, (const char *)customer.data) == 0, EVH_ERR_REFUSED,
                "the status of another customer than the certificate's");
    EVH_TRY(evh_store_begin(self->store));
    EVH_TRY(pack_status(self, task_id, request->customer, response));
done:
    evh_store_rollback(self->store);
    evh_wire_free(&request);
    evh_buffer_clear(&customer);
    return status;
}
