/* SPDX-License-Identifier: Apache-2.0
 * Entries of the log, right or wrong as a test wants them. */
#include <stdio.h>
#include <string.h>

#include "evenhand/plan/canonical.h"
#include "evenhand/plan/window.h"
#include "evenhand/protocol/enrolment.h"
#include "evenhand/seal/hash.h"
#include "evenhand/store/sqlite.h"
#include "evenhand/translog/translog.h"
#include "evenhand/wire/message.h"
#include "fixture.h"

#define KIND(name) EVENHAND__V1__LOG_ENTRY__KIND_##name

enum { PART_MAX = 1 << 20 };

static const uint8_t commitment[32] = {1, 2, 3, 4, 5, 6, 7, 8};

static void append(fixture *f, Evenhand__V1__LogEntry *entry)
{
    uint64_t index = 0;
    evh_buffer bytes = evh_buffer_init(EVH_TRANSLOG_ENTRY_BYTES_MAX);
    entry->written_ms = ++f->written_ms;
    assert_ok(evh_wire_pack(&bytes, &entry->base));
    assert_ok(evh_store_begin(f->store));
    assert_ok(evh_translog_append(f->store, &index, evh_buffer_view(&bytes)));
    assert_ok(evh_store_commit(f->store));
    evh_buffer_clear(&bytes);
}

static Evenhand__V1__LogEntry entry_of(Evenhand__V1__LogEntry__KindCase kind)
{
    Evenhand__V1__LogEntry entry;
    evenhand__v1__log_entry__init(&entry);
    entry.kind_case = kind;
    return entry;
}

/* A NUL-terminated verifier key in out. */
static char *vkey(evh_buffer *out, const evh_identity *identity)
{
    *out = evh_buffer_init(1024);
    assert_ok(evh_identity_format(out, identity));
    assert_ok(evh_buffer_u8(out, 0));
    return (char *)out->data;
}

void log_keys(fixture *f, const evh_signing_key *helper)
{
    Evenhand__V1__LogEntry entry = entry_of(KIND(KEYS));
    Evenhand__V1__AggregatorKeys keys;
    evh_buffer texts[3];
    evh_buffer hpke = evh_buffer_init(PART_MAX);
    evenhand__v1__aggregator_keys__init(&keys);
    keys.leader = vkey(&texts[0], &f->leader.identity);
    keys.helper = vkey(&texts[1], &helper->identity);
    keys.collector = vkey(&texts[2], &f->collector.identity);
    assert_ok(evh_key_config_sign(&hpke, &f->collector_hpke, &f->collector));
    evh_wire_set_bytes(&keys.collector_hpke_key, evh_buffer_view(&hpke));
    entry.keys = &keys;
    append(f, &entry);
    for (size_t i = 0; i < 3; i++)
        evh_buffer_clear(&texts[i]);
    evh_buffer_clear(&hpke);
}

void log_roster(fixture *f, const evh_signing_key *customer, Evenhand__V1__RosterState state,
                const evh_signing_key *leader, const evh_signing_key *helper)
{
    Evenhand__V1__LogEntry entry = entry_of(KIND(ROSTER));
    Evenhand__V1__RosterEntry roster;
    evh_endorsed endorsed;
    uint8_t signatures[2][EVH_SIGNATURE_LEN];
    evh_buffer text;
    evh_buffer bytes = evh_buffer_init(PART_MAX);
    memset(&endorsed, 0, sizeof endorsed);
    evenhand__v1__roster_entry__init(&roster);
    memcpy(endorsed.commitment, commitment, sizeof commitment);
    endorsed.customer = customer->identity;
    (void)snprintf(endorsed.vkey, sizeof endorsed.vkey, "%s", vkey(&text, &customer->identity));
    endorsed.state = (uint32_t)state;
    endorsed.sequence = ++f->roster_sequence;
    (void)snprintf(endorsed.log_origin, sizeof endorsed.log_origin, "%s", f->log.identity.name);
    assert_ok(evh_endorsed_write(&bytes, &endorsed));
    assert_ok(evh_endorsed_sign(signatures[0], leader, evh_buffer_view(&bytes)));
    assert_ok(evh_endorsed_sign(signatures[1], helper, evh_buffer_view(&bytes)));
    evh_wire_set_bytes(&roster.name_commitment, evh_view_of(commitment, sizeof commitment));
    roster.customer = (char *)text.data;
    roster.state = state;
    roster.sequence = endorsed.sequence;
    evh_wire_set_bytes(&roster.leader_endorsement, evh_view_of(signatures[0], EVH_SIGNATURE_LEN));
    evh_wire_set_bytes(&roster.helper_endorsement, evh_view_of(signatures[1], EVH_SIGNATURE_LEN));
    entry.roster = &roster;
    append(f, &entry);
    evh_buffer_clear(&text);
    evh_buffer_clear(&bytes);
}

void log_population(fixture *f)
{
    Evenhand__V1__LogEntry entry = entry_of(KIND(POPULATION));
    Evenhand__V1__PopulationEntry population;
    evh_buffer bytes = evh_buffer_init(PART_MAX);
    evenhand__v1__population_entry__init(&population);
    assert_ok(evh_population_encode(&f->population, &bytes));
    assert_ok(evh_sha256(f->population_hash, evh_buffer_view(&bytes)));
    evh_wire_set_bytes(&population.population, evh_buffer_view(&bytes));
    entry.population = &population;
    append(f, &entry);
    evh_buffer_clear(&bytes);
}

void log_plan(fixture *f, const evh_plan *plan)
{
    Evenhand__V1__LogEntry entry = entry_of(KIND(PLAN));
    Evenhand__V1__PlanEntry message;
    evh_buffer bytes = evh_buffer_init(PART_MAX);
    evenhand__v1__plan_entry__init(&message);
    assert_ok(evh_plan_encode(plan, &bytes));
    evh_wire_set_bytes(&message.plan, evh_buffer_view(&bytes));
    evh_wire_set_bytes(&message.population_hash, evh_view_of(f->population_hash, 32));
    entry.plan = &message;
    append(f, &entry);
    evh_buffer_clear(&bytes);
}

round_options usual_round(fixture *f, uint32_t round)
{
    round_options options = {.round = round, .deadline_ms = DEADLINE_MS, .helper = &f->helper};
    int64_t start_ms = 0;
    int64_t end_ms = 0;
    if (evh_plan_terms_of(f->plan)->has_window)
        assert_ok(evh_plan_round_window(f->plan, round, &start_ms, &end_ms));
    options.window_start_ms = (uint64_t)start_ms;
    options.window_end_ms = (uint64_t)end_ms;
    return options;
}

void log_round(fixture *f, const round_options *options, uint8_t task_id[32])
{
    Evenhand__V1__LogEntry entry = entry_of(KIND(ROUND_OPENED));
    Evenhand__V1__RoundOpened opened;
    static const uint8_t random[32] = {9};
    evh_buffer keys[2] = {evh_buffer_init(PART_MAX), evh_buffer_init(PART_MAX)};
    evh_buffer bytes = evh_buffer_init(PART_MAX);
    evenhand__v1__round_opened__init(&opened);
    assert_ok(evh_key_config_sign(&keys[0], &f->leader_hpke, &f->leader));
    assert_ok(evh_key_config_sign(&keys[1], &f->helper_hpke, options->helper));
    opened.log_origin = f->log.identity.name;
    evh_wire_set_bytes(&opened.plan_id, evh_view_of(evh_plan_id(f->plan), 32));
    opened.round = options->round;
    opened.window_start_ms = options->window_start_ms;
    opened.window_end_ms = options->window_end_ms;
    opened.deadline_ms = options->deadline_ms;
    evh_wire_set_bytes(&opened.leader_hpke_key, evh_buffer_view(&keys[0]));
    evh_wire_set_bytes(&opened.helper_hpke_key, evh_buffer_view(&keys[1]));
    evh_wire_set_bytes(&opened.leader_commitment, evh_view_of(random, 32));
    evh_wire_set_bytes(&opened.helper_commitment, evh_view_of(random, 32));
    opened.roster_size = 1;
    opened.vdaf_version = EVH_PRIO3_VERSION;
    entry.round_opened = &opened;
    append(f, &entry);
    assert_ok(evh_wire_pack(&bytes, &opened.base));
    assert_ok(evh_sha256(task_id, evh_buffer_view(&bytes)));
    evh_buffer_clear(&keys[0]);
    evh_buffer_clear(&keys[1]);
    evh_buffer_clear(&bytes);
}

void log_void(fixture *f, const uint8_t task_id[32], Evenhand__V1__VoidReason reason)
{
    Evenhand__V1__LogEntry entry = entry_of(KIND(ROUND_VOID));
    Evenhand__V1__RoundVoid message;
    evenhand__v1__round_void__init(&message);
    evh_wire_set_bytes(&message.task_id, evh_view_of(task_id, 32));
    message.reason = reason;
    entry.round_void = &message;
    append(f, &entry);
}

void log_closed(fixture *f, const uint8_t task_id[32])
{
    Evenhand__V1__LogEntry entry = entry_of(KIND(ROUND_CLOSED));
    Evenhand__V1__RoundClosed message;
    evenhand__v1__round_closed__init(&message);
    evh_wire_set_bytes(&message.task_id, evh_view_of(task_id, 32));
    message.report_count = 9;
    entry.round_closed = &message;
    append(f, &entry);
}

void log_extended(fixture *f, const uint8_t task_id[32], uint64_t deadline_ms)
{
    Evenhand__V1__LogEntry entry = entry_of(KIND(ROUND_EXTENDED));
    Evenhand__V1__RoundExtended message;
    evenhand__v1__round_extended__init(&message);
    evh_wire_set_bytes(&message.task_id, evh_view_of(task_id, 32));
    message.deadline_ms = deadline_ms;
    entry.round_extended = &message;
    append(f, &entry);
}

void log_result(fixture *f, const uint8_t task_id[32], const evh_signing_key *collector,
                int64_t *sums, size_t count)
{
    Evenhand__V1__LogEntry entry = entry_of(KIND(RESULT));
    Evenhand__V1__ResultEntry message;
    uint8_t hash[32];
    uint8_t signature[EVH_SIGNATURE_LEN];
    evh_buffer bytes = evh_buffer_init(PART_MAX);
    evenhand__v1__result_entry__init(&message);
    assert_ok(evh_sha256(hash, evh_buffer_view(&f->result)));
    evh_wire_set_bytes(&message.task_id, evh_view_of(task_id, 32));
    evh_wire_set_bytes(&message.result_hash, evh_view_of(hash, sizeof hash));
    message.sums = sums;
    message.n_sums = count;
    assert_ok(evh_wire_pack(&bytes, &message.base));
    assert_ok(evh_sign(signature, collector, "evenhand/result/1", evh_buffer_view(&bytes)));
    evh_wire_set_bytes(&message.collector_signature, evh_view_of(signature, sizeof signature));
    entry.result = &message;
    append(f, &entry);
    evh_buffer_clear(&bytes);
}

void publish(fixture *f)
{
    uint8_t cosignature[EVH_COSIGNATURE_LEN];
    evh_checkpoint checkpoint;
    evh_buffer note = evh_buffer_init(1 << 16);
    uint64_t size = 0;
    assert_ok(evh_store_begin(f->store));
    assert_ok(evh_translog_publish(f->store, f->signs));
    if (f->cosign) {
        assert_ok(evh_translog_newest(f->store, false, &note, &size));
        assert_ok(evh_checkpoint_read(&checkpoint, evh_buffer_view(&note)));
        assert_ok(evh_checkpoint_cosign(cosignature, &checkpoint, 77, &f->witness));
        assert_ok(evh_translog_add_cosignature(f->store, &f->witness.identity, cosignature));
    }
    assert_ok(evh_store_commit(f->store));
    evh_buffer_clear(&note);
}

void replace_log(fixture *f, const char *file)
{
    char path[600];
    (void)snprintf(path, sizeof path, "%s/%s", f->folder, file);
    evh_store_close(&f->store);
    f->written_ms = 0;
    f->roster_sequence = 0;
    assert_ok(evh_store_sqlite_create(&f->store, path));
}
