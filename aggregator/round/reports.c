/* SPDX-License-Identifier: Apache-2.0
 * Reports: their records, and what both aggregators check before they touch a share. */
#include <string.h>

#include "round_internal.h"

#define REASON(name) EVENHAND__V1__REJECT_REASON__REJECT_REASON_##name
#define STATE(name) EVENHAND__V1__REPORT_STATE__REPORT_STATE_##name

evh_status evh_vkey_text(evh_buffer *out, const evh_identity *identity)
{
    evh_status status = evh_identity_format(out, identity);
    return status.code == EVH_OK ? evh_buffer_u8(out, 0) : status;
}

bool evh_report_is_malformed(evh_code code)
{
    return code == EVH_ERR_LENGTH || code == EVH_ERR_TRAILING || code == EVH_ERR_ENCODING ||
           code == EVH_ERR_TYPE || code == EVH_ERR_RANGE || code == EVH_ERR_KEY;
}

evh_status evh_report_find(const evh_aggregator *self, evh_report_status *out,
                           const uint8_t *task_id, const char *customer)
{
    evh_view task = evh_view_of(task_id, EVH_TASK_ID_LEN);
    evh_view name = evh_view_of_text(customer);
    evh_status status = evh_ok();
    memset(out, 0, sizeof *out);
    EVH_TRY(evh_place_make(&out->key, task, EVH_PART_STATUS, name));
    EVH_TRY(evh_place_make(&out->body_key, task, EVH_PART_BODY, name));
    EVH_TRY(evh_place_make(&out->waiting_key, task, EVH_PART_WAITING, name));
    EVH_TRY(evh_record_get(self->store, EVH_STORE_REPORTS, evh_place_view(&out->key),
                           &evenhand__v1__stored_report__descriptor, &out->stored));
done:
    return status;
}

void evh_report_count(Evenhand__V1__StoredRound *round, Evenhand__V1__ReportState before,
                      Evenhand__V1__ReportState after)
{
    round->received += before == STATE(UNSPECIFIED);
    round->accepted -= before == STATE(ACCEPTED);
    round->rejected -= before == STATE(REJECTED);
    round->accepted += after == STATE(ACCEPTED);
    round->rejected += after == STATE(REJECTED);
}

evh_status evh_report_set(const evh_aggregator *self, evh_round *round, const char *customer,
                          Evenhand__V1__ReportState state, Evenhand__V1__RejectReason reason)
{
    evh_report_status found = {.stored = NULL};
    evh_status status = evh_ok();
    EVH_TRY(evh_report_find(self, &found, round->task.id, customer));
    EVH_REQUIRE(found.stored != NULL, EVH_ERR_STORE, "a job names a report that is not there");
    evh_report_count(round->stored, found.stored->state, state);
    found.stored->state = state;
    found.stored->reason = reason;
    EVH_TRY(evh_record_put(self->store, EVH_STORE_REPORTS, evh_place_view(&found.key),
                           &found.stored->base));
done:
    evh_wire_free(&found.stored);
    return status;
}

/* A ledger only moves forward. In a round that was opened before the newest one that the customer
 * has reported to, an older position is no rollback: the reports may arrive in either order. */
static bool ledger_moves_on(const Evenhand__V1__StoredCustomer *customer,
                            const evh_report_header *header, uint64_t round_index)
{
    if (header->ledger_sequence > customer->ledger_sequence)
        return true;
    return header->ledger_sequence < customer->ledger_sequence &&
           round_index < customer->ledger_round;
}

static evh_status note_ledger(const evh_aggregator *self,
                              const Evenhand__V1__StoredCustomer *customer, const char *name,
                              const evh_report_header *header, uint64_t round_index)
{
    Evenhand__V1__StoredCustomer changed = *customer;
    if (header->ledger_sequence < customer->ledger_sequence)
        return evh_ok();
    changed.ledger_sequence = header->ledger_sequence;
    evh_wire_set_bytes(&changed.ledger_head,
                       evh_view_of(header->ledger_head, sizeof header->ledger_head));
    changed.ledger_round = round_index;
    return evh_record_put(self->store, EVH_STORE_CUSTOMERS, evh_view_of_text(name), &changed.base);
}

evh_status evh_report_admit(const evh_aggregator *self, Evenhand__V1__RejectReason *reason,
                            const evh_round *round, const evh_report_header *header,
                            const char *customer, evh_seal_verdict signature)
{
    Evenhand__V1__StoredCustomer *known = NULL;
    evh_status status = evh_ok();
    *reason = REASON(TASK);
    if (memcmp(header->task_id, round->task.id, sizeof header->task_id) != 0)
        goto done;
    *reason = REASON(ROSTER);
    EVH_TRY(evh_record_get(self->store, EVH_STORE_CUSTOMERS, evh_view_of_text(customer),
                           &evenhand__v1__stored_customer__descriptor, &known));
    if (known == NULL || known->state != EVENHAND__V1__ROSTER_STATE__ROSTER_STATE_ACTIVE)
        goto done;
    *reason = REASON(SIGNATURE);
    if (signature != EVH_SEAL_ACCEPTED)
        goto done;
    *reason = REASON(LEDGER);
    if (!ledger_moves_on(known, header, round->stored->entry_index))
        goto done;
    *reason = REASON(CAPACITY);
    if (round->stored->received >= round->terms->max_clients)
        goto done;
    EVH_TRY(note_ledger(self, known, customer, header, round->stored->entry_index));
    *reason = REASON(UNSPECIFIED);
done:
    evh_wire_free(&known);
    return status;
}
