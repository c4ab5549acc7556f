/* SPDX-License-Identifier: Apache-2.0
 * What comes into the mirror. The log is followed because the pinned log key has signed it and the
 * pinned helper has cosigned it; what an entry says is believed only as far as the pinned keys of
 * the parties vouch for it. */
#include <string.h>

#include "evenhand/plan/canonical.h"
#include "evenhand/protocol/enrolment.h"
#include "evenhand/seal/key_config.h"
#include "evenhand/store/record.h"
#include "evenhand/translog/translog.h"
#include "evenhand/wire/message.h"
#include "log.pb-c.h"
#include "mirror_internal.h"
#include "service_internal.h"
#include "store.pb-c.h"

#define LABEL_RESULT "evenhand/result/1"

enum { ENTRY_PART_MAX = EVH_TRANSLOG_ENTRY_BYTES_MAX };

static const char ask_parties[] =
    "Do not send anything. Ask leader and helper, by another way than this service, which keys are "
    "theirs; only then change trust: in the configuration.";
static const char ask_helper[] =
    "Do not send anything. Show this message to the helper's operator: its key has signed a log "
    "that it should not have signed.";

/* ---- parties ---- */

static evh_status check_party(evh_site *site, const evh_identity *pinned, const char *text,
                              const char *whose)
{
    evh_identity named;
    evh_status status = evh_ok();
    EVH_TRY(evh_identity_parse(&named, evh_view_of_text(text)));
    EVH_DEMAND(evh_identity_equal(&named, pinned), site, ask_parties,
               "the log names another key of the %s than your configuration trusts", whose);
done:
    return status;
}

static evh_status take_keys(evh_site *site, uint64_t index,
                            const Evenhand__V1__AggregatorKeys *entry)
{
    const evh_config_trust *trust = &site->config->trust;
    evh_key_config key;
    evh_seal_verdict verdict = EVH_SEAL_REJECTED;
    evh_status status = evh_ok();
    EVH_TRY(check_party(site, &trust->leader, entry->leader, "leader"));
    EVH_TRY(check_party(site, &trust->helper, entry->helper, "helper"));
    EVH_TRY(check_party(site, &trust->collector, entry->collector, "collector"));
    EVH_TRY(evh_key_config_verify(&key, &verdict, &trust->collector,
                                  evh_wire_bytes(&entry->collector_hpke_key)));
    EVH_DEMAND(verdict == EVH_SEAL_ACCEPTED, site, ask_parties,
               "the log names a key for results that the collector has not signed");
    EVH_TRY(evh_mirror_put_index(site, EVH_MIRROR_PARTIES, evh_view_of(NULL, 0), index));
done:
    return status;
}

/* ---- roster ---- */

static evh_status check_roster(evh_site *site, const Evenhand__V1__RosterEntry *entry,
                               uint64_t last_sequence)
{
    const evh_config_trust *trust = &site->config->trust;
    evh_roster_finding finding = EVH_ROSTER_UNENDORSED_LEADER;
    evh_buffer bytes = evh_buffer_init(ENTRY_PART_MAX);
    evh_status status = evh_ok();
    EVH_TRY(evh_wire_pack(&bytes, &entry->base));
    EVH_TRY(evh_roster_check(&finding, evh_buffer_view(&bytes), &trust->leader, &trust->helper,
                             trust->log.name, last_sequence));
    EVH_DEMAND(finding != EVH_ROSTER_UNENDORSED_LEADER, site, ask_helper,
               "the log holds a customer that the leader has not endorsed");
    EVH_DEMAND(finding != EVH_ROSTER_UNENDORSED_HELPER, site, ask_helper,
               "the log holds a customer that the helper has not endorsed");
    EVH_DEMAND(
        finding == EVH_ROSTER_ACCEPTED, site, ask_helper,
        "the log uses endorsements of a customer for another entry than they were given for");
done:
    evh_buffer_clear(&bytes);
    return status;
}

static evh_status take_roster(evh_site *site, uint64_t index,
                              const Evenhand__V1__RosterEntry *entry)
{
    Evenhand__V1__StoredCustomer *before = NULL;
    Evenhand__V1__StoredCustomer record;
    evenhand__v1__stored_customer__init(&record);
    evh_view key = evh_view_of_text(entry->customer);
    evh_status status = evh_ok();
    EVH_TRY(evh_record_get(site->mirror, EVH_STORE_CUSTOMERS, key,
                           &evenhand__v1__stored_customer__descriptor, &before));
    EVH_TRY(check_roster(site, entry, before == NULL ? 0 : before->roster_sequence));
    record.state = entry->state;
    record.roster_sequence = entry->sequence;
    EVH_TRY(evh_record_put(site->mirror, EVH_STORE_CUSTOMERS, key, &record.base));
    if (before == NULL)
        EVH_TRY(evh_mirror_put_index(site, EVH_MIRROR_SINCE, key, index));
done:
    evh_wire_free(&before);
    return status;
}

/* ---- populations and plans ---- */

static evh_status take_population(evh_site *site, uint64_t index,
                                  const Evenhand__V1__PopulationEntry *entry)
{
    evh_population population;
    evh_mirror_key key;
    uint64_t earlier = 0;
    bool known = false;
    uint8_t hash[EVH_SHA256_LEN];
    Evenhand__V1__StoredPopulation record;
    evenhand__v1__stored_population__init(&record);
    evh_status status = evh_ok();
    EVH_TRY(evh_population_decode(&population, evh_wire_bytes(&entry->population)));
    EVH_TRY(evh_mirror_get_index(site, &known, &earlier, EVH_MIRROR_POPULATION_NAME,
                                 evh_view_of_text(population.name)));
    EVH_DEMAND(!known, site, ask_helper,
               "the log names a population twice, which would give its people a second budget");
    EVH_TRY(evh_mirror_put_index(site, EVH_MIRROR_POPULATION_NAME,
                                 evh_view_of_text(population.name), index));
    EVH_TRY(evh_sha256(hash, evh_wire_bytes(&entry->population)));
    EVH_TRY(evh_mirror_key_make(&key, EVH_MIRROR_POPULATION, evh_view_of(hash, sizeof hash)));
    record.entry_index = index;
    record.population = entry->population;
    EVH_TRY(evh_record_put(site->mirror, EVH_STORE_META, evh_mirror_key_view(&key), &record.base));
done:
    return status;
}

/* What a plan says is looked at when it is used: one that this program cannot read stops no other. */
static evh_status take_plan(evh_site *site, uint64_t index, const Evenhand__V1__PlanEntry *entry)
{
    uint8_t plan_id[EVH_SHA256_LEN];
    Evenhand__V1__StoredPlan record;
    evenhand__v1__stored_plan__init(&record);
    evh_status status = evh_ok();
    EVH_TRY(evh_sha256(plan_id, evh_wire_bytes(&entry->plan)));
    record.entry_index = index;
    record.population_hash = entry->population_hash;
    EVH_TRY(evh_record_put(site->mirror, EVH_STORE_PLANS, evh_view_of(plan_id, sizeof plan_id),
                           &record.base));
done:
    return status;
}

static evh_status take_retired(evh_site *site, uint64_t index,
                               const Evenhand__V1__PlanRetired *entry)
{
    Evenhand__V1__StoredPlan *known = NULL;
    evh_status status = evh_ok();
    EVH_TRY(evh_record_get(site->mirror, EVH_STORE_PLANS, evh_wire_bytes(&entry->plan_id),
                           &evenhand__v1__stored_plan__descriptor, &known));
    EVH_REQUIRE(known != NULL, EVH_ERR_REFUSED, "the log retires a plan that it does not have");
    known->retired = true;
    known->retired_index = index;
    EVH_TRY(evh_record_put(site->mirror, EVH_STORE_PLANS, evh_wire_bytes(&entry->plan_id),
                           &known->base));
done:
    evh_wire_free(&known);
    return status;
}

/* ---- rounds ---- */

static evh_status take_opened(evh_site *site, uint64_t index,
                              const Evenhand__V1__RoundOpened *entry)
{
    const evh_config_trust *trust = &site->config->trust;
    evh_task task;
    evh_mirror_key key;
    bool added = false;
    evh_buffer bytes = evh_buffer_init(ENTRY_PART_MAX);
    Evenhand__V1__StoredRound record;
    evenhand__v1__stored_round__init(&record);
    evh_status status = evh_ok();
    EVH_TRY(evh_wire_pack(&bytes, &entry->base));
    status = evh_task_read(&task, evh_buffer_view(&bytes), &trust->leader, &trust->helper);
    EVH_DEMAND(status.code != EVH_ERR_KEY, site, ask_helper,
               "a round's keys are not signed by the leader and helper that you trust");
    EVH_TRY(status);
    EVH_DEMAND(strcmp(task.log_origin, trust->log.name) == 0, site, ask_helper,
               "the log holds a round of another log");
    EVH_TRY(evh_mirror_round_key(&key, task.plan_id, task.round));
    EVH_TRY(evh_store_add(site->mirror, EVH_STORE_META, evh_mirror_key_view(&key),
                          evh_view_of(task.id, sizeof task.id), &added));
    EVH_DEMAND(added, site, ask_helper, "the log opens round %u of a plan twice", task.round);
    evh_wire_set_bytes(&record.round_opened, evh_buffer_view(&bytes));
    record.entry_index = index;
    record.state = EVENHAND__V1__ROUND_STATE__ROUND_STATE_OPEN;
    record.deadline_ms = task.deadline_ms;
    EVH_TRY(evh_record_put(site->mirror, EVH_STORE_ROUNDS, evh_view_of(task.id, sizeof task.id),
                           &record.base));
done:
    evh_buffer_clear(&bytes);
    return status;
}

evh_status evh_mirror_check_result(evh_site *site, const Evenhand__V1__ResultEntry *entry)
{
    evh_seal_verdict verdict = EVH_SEAL_REJECTED;
    evh_buffer bytes = evh_buffer_init(ENTRY_PART_MAX);
    Evenhand__V1__ResultEntry unsigned_entry = *entry;
    evh_status status = evh_ok();
    evh_wire_set_bytes(&unsigned_entry.collector_signature, evh_view_of(NULL, 0));
    EVH_TRY(evh_wire_pack(&bytes, &unsigned_entry.base));
    if (entry->collector_signature.len == EVH_SIGNATURE_LEN)
        EVH_TRY(evh_verify(&verdict, &site->config->trust.collector, LABEL_RESULT,
                           evh_buffer_view(&bytes), evh_wire_bytes(&entry->collector_signature)));
    EVH_DEMAND(verdict == EVH_SEAL_ACCEPTED, site, ask_helper,
               "the log holds a result that the collector has not signed");
done:
    evh_buffer_clear(&bytes);
    return status;
}

/* What later entries say about a round that is in the mirror. */
static evh_status change_round(evh_site *site, uint64_t index, const Evenhand__V1__LogEntry *entry,
                               evh_view task_id, Evenhand__V1__StoredRound *round)
{
    evh_status status = evh_ok();
    (void)index;
    switch (entry->kind_case) {
    case EVENHAND__V1__LOG_ENTRY__KIND_ROUND_CLOSED:
        round->state = EVENHAND__V1__ROUND_STATE__ROUND_STATE_AGREED;
        round->report_count = entry->round_closed->report_count;
        break;
    case EVENHAND__V1__LOG_ENTRY__KIND_RESULT:
        EVH_TRY(evh_mirror_check_result(site, entry->result));
        EVH_TRY(evh_mirror_put_result(site, task_id, index));
        round->state = EVENHAND__V1__ROUND_STATE__ROUND_STATE_COLLECTED;
        break;
    case EVENHAND__V1__LOG_ENTRY__KIND_ROUND_VOID:
        round->state = EVENHAND__V1__ROUND_STATE__ROUND_STATE_VOID;
        round->void_reason = entry->round_void->reason;
        break;
    default:
        round->deadline_ms = entry->round_extended->deadline_ms;
        break;
    }
    EVH_TRY(evh_record_put(site->mirror, EVH_STORE_ROUNDS, task_id, &round->base));
done:
    return status;
}

static evh_status take_about_round(evh_site *site, uint64_t index,
                                   const Evenhand__V1__LogEntry *entry,
                                   const ProtobufCBinaryData *task_id)
{
    Evenhand__V1__StoredRound *round = NULL;
    evh_status status = evh_ok();
    EVH_TRY(evh_record_get(site->mirror, EVH_STORE_ROUNDS, evh_wire_bytes(task_id),
                           &evenhand__v1__stored_round__descriptor, &round));
    EVH_REQUIRE(round != NULL, EVH_ERR_REFUSED, "the log speaks of a round that it never opened");
    EVH_TRY(change_round(site, index, entry, evh_wire_bytes(task_id), round));
done:
    evh_wire_free(&round);
    return status;
}

/* ---- all of them ---- */

static evh_status take(evh_site *site, uint64_t index, const Evenhand__V1__LogEntry *entry)
{
    switch (entry->kind_case) {
    case EVENHAND__V1__LOG_ENTRY__KIND_KEYS:
        return take_keys(site, index, entry->keys);
    case EVENHAND__V1__LOG_ENTRY__KIND_ROSTER:
        return take_roster(site, index, entry->roster);
    case EVENHAND__V1__LOG_ENTRY__KIND_POPULATION:
        return take_population(site, index, entry->population);
    case EVENHAND__V1__LOG_ENTRY__KIND_PLAN:
        return take_plan(site, index, entry->plan);
    case EVENHAND__V1__LOG_ENTRY__KIND_PLAN_RETIRED:
        return take_retired(site, index, entry->plan_retired);
    case EVENHAND__V1__LOG_ENTRY__KIND_ROUND_OPENED:
        return take_opened(site, index, entry->round_opened);
    case EVENHAND__V1__LOG_ENTRY__KIND_ROUND_CLOSED:
        return take_about_round(site, index, entry, &entry->round_closed->task_id);
    case EVENHAND__V1__LOG_ENTRY__KIND_RESULT:
        return take_about_round(site, index, entry, &entry->result->task_id);
    case EVENHAND__V1__LOG_ENTRY__KIND_ROUND_VOID:
        return take_about_round(site, index, entry, &entry->round_void->task_id);
    case EVENHAND__V1__LOG_ENTRY__KIND_ROUND_EXTENDED:
        return take_about_round(site, index, entry, &entry->round_extended->task_id);
    default: /* commitments to shares are the collector's business */
        return evh_ok();
    }
}

evh_status evh_mirror_visit(void *context, uint64_t index, evh_view bytes)
{
    evh_site *site = context;
    Evenhand__V1__LogEntry *entry = NULL;
    evh_status status = evh_ok();
    EVH_TRY(evh_wire_unpack(&entry, &evenhand__v1__log_entry__descriptor, bytes, "log entry"));
    EVH_TRY(take(site, index, entry));
done:
    evh_wire_free(&entry);
    return status;
}
