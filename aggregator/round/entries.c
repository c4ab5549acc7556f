/* SPDX-License-Identifier: Apache-2.0
 * What an entry of the log means: people and keys. Leader and helper apply every entry with
 * the same code, so that the helper cosigns nothing that it would not have written itself. */
#include <string.h>

#include "evenhand/protocol/enrolment.h"
#include "evenhand/translog/translog.h"
#include "round_internal.h"

/* ---- roster ---- */

/* Fails REFUSED for an entry that is not to be in the log. */
static evh_status check_roster(const evh_aggregator *self, const Evenhand__V1__RosterEntry *entry,
                               uint64_t last_sequence)
{
    static const char *const faults[] = {
        [EVH_ROSTER_UNENDORSED_LEADER] = "a roster entry that the leader has not endorsed",
        [EVH_ROSTER_UNENDORSED_HELPER] = "a roster entry that the helper has not endorsed",
        [EVH_ROSTER_OUT_OF_TURN] = "a roster entry whose endorsements are for another one",
    };
    evh_roster_finding finding = EVH_ROSTER_UNENDORSED_LEADER;
    evh_buffer bytes = evh_buffer_init(EVH_TRANSLOG_ENTRY_BYTES_MAX);
    evh_status status = evh_ok();
    EVH_TRY(evh_wire_pack(&bytes, &entry->base));
    status = evh_roster_check(&finding, evh_buffer_view(&bytes), &self->leader, &self->helper,
                              self->log.name, last_sequence);
    if (status.code != EVH_OK && status.code != EVH_ERR_MEMORY)
        status = evh_fail(EVH_ERR_REFUSED, "a malformed roster entry: %s", status.text);
    EVH_TRY(status);
    EVH_REQUIRE(finding == EVH_ROSTER_ACCEPTED, EVH_ERR_REFUSED, "%s", faults[finding]);
done:
    evh_buffer_clear(&bytes);
    return status;
}

static evh_status apply_roster(const evh_aggregator *self, const Evenhand__V1__RosterEntry *entry)
{
    Evenhand__V1__StoredCustomer *known = NULL;
    Evenhand__V1__StoredCustomer changed;
    evenhand__v1__stored_customer__init(&changed);
    evh_view key = evh_view_of_text(entry->customer);
    evh_status status = evh_ok();
    EVH_TRY(evh_record_get(self->store, EVH_STORE_CUSTOMERS, key,
                           &evenhand__v1__stored_customer__descriptor, &known));
    if (known != NULL)
        changed = *known;
    EVH_TRY(check_roster(self, entry, changed.roster_sequence));
    changed.state = entry->state;
    changed.roster_sequence = entry->sequence;
    EVH_TRY(evh_record_put(self->store, EVH_STORE_CUSTOMERS, key, &changed.base));
done:
    evh_wire_free(&known);
    return status;
}

/* ---- keys ---- */

static evh_status check_vkey(const evh_identity *pinned, const char *text, const char *whose)
{
    evh_identity named;
    evh_status status = evh_identity_parse(&named, evh_view_of_text(text));
    if (status.code == EVH_OK && !evh_identity_equal(&named, pinned))
        status = evh_fail(EVH_ERR_REFUSED, "the log names another %s than is pinned", whose);
    return status;
}

static evh_status apply_keys(const evh_aggregator *self, const Evenhand__V1__AggregatorKeys *entry)
{
    evh_key_config collector;
    evh_seal_verdict verdict = EVH_SEAL_REJECTED;
    evh_status status = evh_ok();
    EVH_TRY(check_vkey(&self->leader, entry->leader, "leader"));
    EVH_TRY(check_vkey(&self->helper, entry->helper, "helper"));
    EVH_TRY(check_vkey(&self->collector, entry->collector, "collector"));
    EVH_TRY(evh_key_config_verify(&collector, &verdict, &self->collector,
                                  evh_wire_bytes(&entry->collector_hpke_key)));
    EVH_REQUIRE(verdict == EVH_SEAL_ACCEPTED, EVH_ERR_REFUSED,
                "the log names a key of the collector that the collector has not signed");
done:
    return status;
}

/* ---- all of them ---- */

evh_status evh_entry_is_repeated(const evh_aggregator *self, bool *repeated, uint64_t index)
{
    bool behind = false;
    uint64_t until = 0;
    evh_status status = evh_translog_behind(self->store, &behind, &until);
    *repeated = status.code == EVH_OK && behind && index < until;
    return status;
}

evh_status evh_entry_apply(void *context, uint64_t index, evh_view bytes)
{
    const evh_aggregator *self = context;
    Evenhand__V1__LogEntry *entry = NULL;
    evh_status status = evh_ok();
    EVH_TRY(evh_wire_unpack(&entry, &evenhand__v1__log_entry__descriptor, bytes, "log entry"));
    switch (entry->kind_case) {
    case EVENHAND__V1__LOG_ENTRY__KIND_KEYS:
        EVH_TRY(apply_keys(self, entry->keys));
        break;
    case EVENHAND__V1__LOG_ENTRY__KIND_ROSTER:
        EVH_TRY(apply_roster(self, entry->roster));
        break;
    case EVENHAND__V1__LOG_ENTRY__KIND_PLAN:
    case EVENHAND__V1__LOG_ENTRY__KIND_POPULATION:
    case EVENHAND__V1__LOG_ENTRY__KIND_PLAN_RETIRED:
        EVH_TRY(evh_entry_apply_plan(self, index, entry));
        break;
    default:
        EVH_TRY(evh_entry_apply_round(self, index, entry));
    }
done:
    evh_wire_free(&entry);
    return status;
}

evh_status evh_entry_append(const evh_aggregator *self, Evenhand__V1__LogEntry *entry,
                            uint64_t *index)
{
    evh_buffer bytes = evh_buffer_init(EVH_TRANSLOG_ENTRY_BYTES_MAX);
    evh_aggregator copy = *self; /* a visitor's context is not const */
    int64_t now_ms = evh_clock_wall_ms(&self->clock);
    evh_status status = evh_ok();
    EVH_TRY(evh_translog_time(self->store, now_ms > 0 ? (uint64_t)now_ms : 0, &entry->written_ms));
    EVH_TRY(evh_wire_pack(&bytes, &entry->base));
    EVH_TRY(evh_translog_append(self->store, index, evh_buffer_view(&bytes)));
    EVH_TRY(evh_entry_apply(&copy, *index, evh_buffer_view(&bytes)));
done:
    evh_buffer_clear(&bytes);
    return status;
}
