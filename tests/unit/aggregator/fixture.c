/* SPDX-License-Identifier: Apache-2.0 */
#include "fixture.h"

#include <stdio.h>
#include <string.h>

#include "evenhand/base/limits.h"
#include "evenhand/plan/canonical.h"
#include "evenhand/plan/noise.h"
#include "evenhand/plan/population.h"
#include "evenhand/protocol/enrolment.h"
#include "evenhand/seal/hash.h"
#include "evenhand/store/sqlite.h"
#include "evenhand/tlog/checkpoint.h"
#include "evenhand/translog/translog.h"
#include "evenhand/wire/message.h"

enum { MESSAGE_MAX = 1 << 22 };

static const char population_text[] = "name: people\n"
                                      "unit: person\n"
                                      "adjacency: add-remove\n"
                                      "customers_per_unit: 1\n"
                                      "budget: {epsilon: \"4\", delta: \"0\"}\n"
                                      "accountant: basic-1\n";

/* Four cells of 0..1023. */
static const char plan_text[] =
    "name: %s\n"
    "scorer: binary\n"
    "attributes: []\n"
    "releases: [[]]\n"
    "privacy: {population: people, records_per_unit: 1, cell_bits: 10,\n"
    "  mechanism: discrete-laplace, epsilon: \"1\", delta: \"0\"}\n"
    "rounds: {count: %u, min_honest: 2, assumed_corrupt: 1, max_clients: %u}\n";

/* ---- handles ---- */

static evh_status vault_keep(void *context, const uint8_t name[32], const evh_round_secrets *in)
{
    memory_vault *vault = context;
    assert_true(vault->count < SECRETS_MAX);
    memcpy(vault->names[vault->count], name, 32);
    vault->secrets[vault->count++] = *in;
    return evh_ok();
}

static evh_status vault_find(void *context, const uint8_t name[32], evh_round_secrets *out)
{
    memory_vault *vault = context;
    if (memcmp(vault->closed, name, 32) == 0)
        return evh_fail(EVH_ERR_STORE, "chmod 600");
    for (size_t i = 0; i < vault->count; i++)
        if (memcmp(vault->names[i], name, 32) == 0) {
            *out = vault->secrets[i];
            return evh_ok();
        }
    return evh_fail(EVH_ERR_KEY, "no such secrets");
}

static evh_status vault_destroy(void *context, const uint8_t name[32])
{
    memory_vault *vault = context;
    for (size_t i = 0; i < vault->count; i++)
        if (memcmp(vault->names[i], name, 32) == 0) {
            vault->count--;
            memcpy(vault->names[i], vault->names[vault->count], 32);
            vault->secrets[i] = vault->secrets[vault->count];
            memset(vault->names[vault->count], 0, 32);
        }
    return evh_ok();
}

static int64_t fixture_wall_ms(void *context)
{
    fixture *f = context;
    return f->now_ms;
}

evh_caller as_leader(void)
{
    evh_caller caller = {.role = EVH_ROLE_LEADER};
    return caller;
}

evh_caller as_collector(void)
{
    evh_caller caller = {.role = EVH_ROLE_COLLECTOR};
    return caller;
}

/* ---- set-up ---- */

static void generate(fixture *f, evh_signing_key *key, evh_identity_type type, const char *name)
{
    assert_ok(evh_signing_key_generate(key, type, evh_view_of_text(name), &f->rng));
}

static void make_side(fixture *f, side *s, evh_role role, const char *file,
                      const evh_key_config *collector)
{
    (void)snprintf(s->path, sizeof s->path, "%s/%s", f->folder, file);
    assert_ok(evh_store_sqlite_create(&s->store, s->path));
    evh_aggregator *a = &s->aggregator;
    a->role = role;
    a->store = s->store;
    a->clock.wall_ms = fixture_wall_ms;
    a->clock.monotonic_ms = fixture_wall_ms;
    a->clock.context = f;
    a->rng = f->rng;
    a->vault.keep = vault_keep;
    a->vault.find = vault_find;
    a->vault.destroy = vault_destroy;
    a->vault.context = &s->vault;
    a->leader = f->leader_id.identity;
    a->helper = f->helper_id.identity;
    a->collector = f->collector_id.identity;
    a->log = f->log_key.identity;
    a->witness = f->witness_key.identity;
    a->collector_key = *collector;
    a->signing = role == EVH_ROLE_LEADER ? &f->leader_id : &f->helper_id;
    a->note_key = role == EVH_ROLE_LEADER ? &f->log_key : &f->witness_key;
    assert_ok(evh_cache_new(&s->cache));
    a->cache = s->cache;
}

static void make_parties(fixture *f)
{
    evh_hpke_secret_key *secret = NULL;
    evh_key_config collector = {.suite = evh_hpke_suite_aes128gcm()};
    generate(f, &f->leader_id, EVH_IDENTITY_ED25519, "leader.example");
    generate(f, &f->helper_id, EVH_IDENTITY_ED25519, "helper.example");
    generate(f, &f->collector_id, EVH_IDENTITY_ED25519, "collector.example");
    generate(f, &f->log_key, EVH_IDENTITY_ED25519, "leader.example/log");
    generate(f, &f->witness_key, EVH_IDENTITY_COSIGNATURE, "helper.example");
    assert_ok(evh_key_ring_new(&f->collector_ring));
    assert_ok(evh_hpke_key_generate(&secret, &collector.key, &f->rng));
    assert_ok(evh_key_ring_add_take(f->collector_ring, NULL, collector.suite, &secret));
    make_side(f, &f->leader, EVH_ROLE_LEADER, "leader.db", &collector);
    make_side(f, &f->helper, EVH_ROLE_HELPER, "helper.db", &collector);
}

static void log_population(fixture *f)
{
    evh_population population;
    evh_buffer bytes = evh_buffer_init(1 << 16);
    evh_diagnostics list = evh_diagnostics_init(10);
    uint64_t index = 7;
    uint64_t again = 8;
    assert_ok(evh_population_parse(&population, "p", evh_view_of_text(population_text), &list));
    assert_ok(evh_population_encode(&population, &bytes));
    assert_ok(evh_leader_add_population(&f->leader.aggregator, &index, evh_buffer_view(&bytes)));
    assert_ok(evh_leader_add_population(&f->leader.aggregator, &again, evh_buffer_view(&bytes)));
    assert_int_equal(index, again);
    evh_diagnostics_clear(&list);
    evh_buffer_clear(&bytes);
}

void make_plan(evh_buffer *out, const char *name, uint32_t rounds, uint32_t max_clients)
{
    evh_plan *plan = NULL;
    evh_plan *complete = NULL;
    evh_diagnostics list = evh_diagnostics_init(10);
    char text[1024];
    (void)snprintf(text, sizeof text, plan_text, name, rounds, max_clients);
    assert_ok(evh_plan_parse(&plan, "plan", evh_view_of_text(text), &list));
    assert_ok(evh_plan_draft(&complete, plan, EVH_ADD_REMOVE));
    evh_buffer_clear(out);
    assert_ok(evh_plan_encode(complete, out));
    evh_plan_free(&plan);
    evh_plan_free(&complete);
    evh_diagnostics_clear(&list);
}

void use_plan(fixture *f, const char *name, uint32_t rounds, uint32_t max_clients)
{
    evh_plan *plan = NULL;
    uint8_t population[32] = {0};
    uint64_t index = 0;
    evh_buffer bytes = evh_buffer_init(1 << 16);
    make_plan(&bytes, name, rounds, max_clients);
    assert_ok(evh_leader_publish_plan(&f->leader.aggregator, f->plan_id, &index,
                                      evh_buffer_view(&bytes)));
    assert_ok(evh_plan_decode(&plan, evh_buffer_view(&bytes)));
    assert_ok(evh_terms_of_plan(&f->terms, plan, population));
    assert_int_equal(f->terms.vdaf.length, CELLS);
    assert_true(f->terms.vdaf.max_measurement == CELL_MAX);
    evh_prio3_workspace_free(&f->workspace);
    evh_prio3_free(&f->prio3);
    assert_ok(evh_prio3_new(&f->prio3, &f->terms.vdaf));
    assert_ok(evh_prio3_workspace_new(&f->workspace, f->prio3));
    evh_plan_free(&plan);
    evh_buffer_clear(&bytes);
}

/* A roster entry with both endorsements into f->request. */
static void pack_roster(fixture *f, size_t customer, Evenhand__V1__RosterState state,
                        uint64_t sequence, bool forged)
{
    evh_seed32 salt = {{(uint8_t)customer}};
    uint8_t commitment[32];
    uint8_t leader[EVH_SIGNATURE_LEN];
    uint8_t helper[EVH_SIGNATURE_LEN];
    char name[17];
    evh_buffer vkey = evh_buffer_init(1024);
    evh_buffer endorsed = evh_buffer_init(4096);
    Evenhand__V1__EndorsedCustomer message;
    Evenhand__V1__RosterEntry roster;
    Evenhand__V1__LogEntry entry;
    evenhand__v1__endorsed_customer__init(&message);
    evenhand__v1__roster_entry__init(&roster);
    evenhand__v1__log_entry__init(&entry);
    assert_ok(evh_customer_commit(commitment, &salt, view_of_literal("a hospital")));
    evh_hex_encode(name, evh_view_of(commitment, 8));
    if (f->customers[customer].secret == NULL)
        generate(f, &f->customers[customer], EVH_IDENTITY_ED25519, name);
    assert_ok(evh_identity_format(&vkey, &f->customers[customer].identity));
    assert_ok(evh_buffer_u8(&vkey, 0));
    evh_wire_set_bytes(&message.name_commitment, evh_view_of(commitment, 32));
    message.customer = (char *)vkey.data;
    message.state = state;
    message.log_origin = f->log_key.identity.name;
    message.sequence = sequence;
    assert_ok(evh_wire_pack(&endorsed, &message.base));
    assert_ok(evh_endorsed_sign(leader, &f->leader_id, evh_buffer_view(&endorsed)));
    assert_ok(evh_endorsed_sign(helper, &f->helper_id, evh_buffer_view(&endorsed)));
    roster.name_commitment = message.name_commitment;
    roster.customer = message.customer;
    roster.state = state;
    roster.sequence = sequence;
    evh_wire_set_bytes(&roster.leader_endorsement, evh_view_of(leader, sizeof leader));
    evh_wire_set_bytes(&roster.helper_endorsement, evh_view_of(helper, sizeof helper));
    entry.kind_case = EVENHAND__V1__LOG_ENTRY__KIND_ROSTER;
    entry.roster = &roster;
    entry.written_ms = (uint64_t)f->now_ms;
    helper[3] ^= (uint8_t)forged;
    evh_buffer_clear(&f->request);
    assert_ok(evh_wire_pack(&f->request, &entry.base));
    evh_buffer_clear(&vkey);
    evh_buffer_clear(&endorsed);
}

evh_status enrol_as(fixture *f, size_t customer, Evenhand__V1__RosterState state, uint64_t sequence)
{
    pack_roster(f, customer, state, sequence, true);
    assert_fails_with(evh_leader_append(&f->leader.aggregator, evh_buffer_view(&f->request)),
                      EVH_ERR_REFUSED, "that the helper has not endorsed");
    pack_roster(f, customer, state, sequence, false);
    return evh_leader_append(&f->leader.aggregator, evh_buffer_view(&f->request));
}

evh_status enrol(fixture *f, size_t customer, Evenhand__V1__RosterState state)
{
    evh_status status = enrol_as(f, customer, state, f->roster_sequences[customer] + 1);
    if (status.code == EVH_OK)
        f->roster_sequences[customer]++;
    return status;
}

void sneak_roster(fixture *f, size_t customer, Evenhand__V1__RosterState state, uint64_t sequence)
{
    uint64_t index = 0;
    pack_roster(f, customer, state, sequence, false);
    assert_ok(evh_store_begin(f->leader.store));
    assert_ok(evh_translog_append(f->leader.store, &index, evh_buffer_view(&f->request)));
    assert_ok(evh_store_commit(f->leader.store));
}

void cosign_blindly(fixture *f)
{
    evh_checkpoint checkpoint;
    uint8_t cosignature[EVH_COSIGNATURE_LEN];
    uint64_t size = 0;
    evh_buffer note = evh_buffer_init(MESSAGE_MAX);
    evh_store *store = f->leader.store;
    assert_ok(evh_store_begin(store));
    assert_ok(evh_translog_publish(store, &f->log_key));
    assert_ok(evh_translog_newest(store, false, &note, &size));
    assert_ok(evh_checkpoint_read(&checkpoint, evh_buffer_view(&note)));
    assert_ok(evh_checkpoint_cosign(cosignature, &checkpoint, (uint64_t)f->now_ms / 1000,
                                    &f->witness_key));
    assert_ok(evh_translog_add_cosignature(store, &f->witness_key.identity, cosignature));
    assert_ok(evh_store_commit(store));
    evh_buffer_clear(&note);
}

int round_set_up(void **state)
{
    static fixture f;
    memset(&f, 0, sizeof f);
    f.rng = test_rng_seeded(&f.seed, 11);
    f.now_ms = NOW_MS;
    f.request = evh_buffer_init(MESSAGE_MAX);
    f.response = evh_buffer_init(MESSAGE_MAX);
    f.report = evh_buffer_init(EVH_REPORT_BYTES_MAX);
    f.receipt = evh_buffer_init(4096);
    test_make_dir(f.folder);
    make_parties(&f);
    log_population(&f);
    use_plan(&f, "plan", 4, CUSTOMERS);
    for (size_t i = 0; i < CUSTOMERS; i++)
        assert_ok(enrol(&f, i, EVENHAND__V1__ROSTER_STATE__ROSTER_STATE_ACTIVE));
    *state = &f;
    return 0;
}

int round_tear_down(void **state)
{
    fixture *f = *state;
    evh_store_close(&f->leader.store);
    evh_store_close(&f->helper.store);
    evh_cache_free(&f->leader.cache);
    evh_cache_free(&f->helper.cache);
    evh_signing_key_clear(&f->leader_id);
    evh_signing_key_clear(&f->helper_id);
    evh_signing_key_clear(&f->collector_id);
    evh_signing_key_clear(&f->log_key);
    evh_signing_key_clear(&f->witness_key);
    for (size_t i = 0; i < CUSTOMERS; i++)
        evh_signing_key_clear(&f->customers[i]);
    evh_key_ring_free(&f->collector_ring);
    evh_prio3_workspace_free(&f->workspace);
    evh_prio3_free(&f->prio3);
    evh_buffer_clear(&f->request);
    evh_buffer_clear(&f->response);
    evh_buffer_clear(&f->report);
    evh_buffer_clear(&f->receipt);
    test_remove_dir(f->folder);
    return 0;
}

/* ---- steps ---- */

static void reopen(side *s)
{
    evh_store_close(&s->store);
    assert_ok(evh_store_sqlite_open(&s->store, s->path));
    s->aggregator.store = s->store;
    assert_ok(evh_aggregator_sweep(&s->aggregator));
}

void restart(fixture *f)
{
    reopen(&f->leader);
    reopen(&f->helper);
}

void step(fixture *f)
{
    if (f->restless)
        restart(f);
}

void clear(fixture *f)
{
    step(f);
    evh_buffer_clear(&f->request);
    evh_buffer_clear(&f->response);
}

void cosign(fixture *f)
{
    evh_caller leader = as_leader();
    clear(f);
    assert_ok(evh_store_begin(f->helper.store));
    assert_ok(evh_translog_size(f->helper.store, &f->helper_size));
    evh_store_rollback(f->helper.store);
    assert_ok(evh_leader_cosign_request(&f->leader.aggregator, &f->request, f->helper_size));
    step(f);
    assert_ok(evh_helper_cosign(&f->helper.aggregator, &leader, evh_buffer_view(&f->request),
                                &f->response));
    step(f);
    assert_ok(evh_leader_take_cosignature(&f->leader.aggregator, evh_buffer_view(&f->response),
                                          &f->helper_size));
}

static void prepare_request(fixture *f, uint32_t round)
{
    Evenhand__V1__PrepareRoundRequest request;
    evenhand__v1__prepare_round_request__init(&request);
    evh_wire_set_bytes(&request.plan_id, evh_view_of(f->plan_id, 32));
    request.round = round;
    request.deadline_ms = DEADLINE_MS;
    clear(f);
    assert_ok(evh_wire_pack(&f->request, &request.base));
}

void open_round(fixture *f, uint32_t round)
{
    evh_caller leader = as_leader();
    cosign(f);
    prepare_request(f, round);
    assert_ok(evh_helper_prepare_round(&f->helper.aggregator, &leader, evh_buffer_view(&f->request),
                                       &f->response));
    step(f);
    assert_ok(evh_leader_open_round(&f->leader.aggregator, f->task_id, evh_buffer_view(&f->request),
                                    evh_buffer_view(&f->response)));
    assert_fails(evh_leader_reveal_request(&f->leader.aggregator, &f->receipt, f->task_id),
                 EVH_ERR_REFUSED);
    cosign(f);
    clear(f);
    assert_ok(evh_leader_reveal_request(&f->leader.aggregator, &f->request, f->task_id));
    step(f);
    assert_ok(evh_helper_reveal(&f->helper.aggregator, &leader, evh_buffer_view(&f->request),
                                &f->response));
    step(f);
    assert_ok(
        evh_leader_take_reveal(&f->leader.aggregator, f->task_id, evh_buffer_view(&f->response)));
    read_task(f);
}

void make_report(fixture *f, size_t customer, uint64_t value)
{
    uint8_t id[EVH_PRIO3_NONCE_LEN];
    uint8_t head[EVH_LEDGER_HEAD_LEN];
    evh_u128 cells[CELLS];
    assert_ok(evh_rng_fill(&f->rng, id, sizeof id));
    assert_ok(evh_rng_fill(&f->rng, head, sizeof head));
    for (size_t i = 0; i < CELLS; i++)
        cells[i] = f->terms.offset + value + i;
    evh_report_in in = {.task = &f->task,
                        .prio3 = f->prio3,
                        .cells = cells,
                        .cell_count = CELLS,
                        .customer = &f->customers[customer],
                        .report_id = id,
                        .ledger_sequence = ++f->ledger[customer],
                        .ledger_head = head};
    evh_buffer_clear(&f->report);
    assert_ok(evh_report_make(&f->report, f->workspace, &in, &f->rng));
}

evh_status upload(fixture *f, size_t customer)
{
    evh_caller caller = {.role = EVH_ROLE_CUSTOMER, .customer = &f->customers[customer].identity};
    step(f);
    evh_buffer_clear(&f->receipt);
    return evh_leader_upload(&f->leader.aggregator, &caller, evh_buffer_view(&f->report),
                             &f->receipt);
}

void report(fixture *f, size_t customer, uint64_t value)
{
    make_report(f, customer, value);
    assert_ok(upload(f, customer));
}

void aggregate(fixture *f, size_t most)
{
    evh_caller leader = as_leader();
    for (;;) {
        clear(f);
        assert_ok(evh_leader_next_job(&f->leader.aggregator, &f->request, f->task_id, most));
        if (f->request.len == 0)
            return;
        step(f);
        assert_ok(evh_helper_aggregate(&f->helper.aggregator, &leader, evh_buffer_view(&f->request),
                                       &f->response));
        step(f);
        assert_ok(evh_leader_take_answers(&f->leader.aggregator, evh_buffer_view(&f->request),
                                          evh_buffer_view(&f->response)));
    }
}

evh_agreement agree(fixture *f)
{
    evh_caller leader = as_leader();
    evh_agreement out = EVH_AGREEMENT_DROPPED;
    clear(f);
    assert_ok(evh_leader_close_round(&f->leader.aggregator, f->task_id));
    assert_ok(evh_leader_agree_request(&f->leader.aggregator, &f->request, f->task_id));
    step(f);
    assert_ok(evh_helper_agree(&f->helper.aggregator, &leader, evh_buffer_view(&f->request),
                               &f->response));
    step(f);
    assert_ok(evh_leader_take_agreement(&f->leader.aggregator, &out, f->task_id,
                                        evh_buffer_view(&f->response)));
    return out;
}

void expect_status(fixture *f, size_t customer, Evenhand__V1__ReportState state,
                   Evenhand__V1__RejectReason reason)
{
    evh_caller caller = {.role = EVH_ROLE_CUSTOMER, .customer = &f->customers[customer].identity};
    evh_buffer vkey = evh_buffer_init(1024);
    Evenhand__V1__GetStatusRequest request;
    Evenhand__V1__GetStatusResponse *response = NULL;
    evenhand__v1__get_status_request__init(&request);
    assert_ok(evh_identity_format(&vkey, caller.customer));
    assert_ok(evh_buffer_u8(&vkey, 0));
    evh_wire_set_bytes(&request.task_id, evh_view_of(f->task_id, 32));
    request.customer = (char *)vkey.data;
    clear(f);
    assert_ok(evh_wire_pack(&f->request, &request.base));
    assert_ok(evh_leader_get_status(&f->leader.aggregator, &caller, evh_buffer_view(&f->request),
                                    &f->response));
    assert_ok(evh_wire_unpack(&response, &evenhand__v1__get_status_response__descriptor,
                              evh_buffer_view(&f->response), "status"));
    assert_int_equal(response->report, state);
    assert_int_equal(response->reason, reason);
    evh_wire_free(&response);
    evh_buffer_clear(&vkey);
}
