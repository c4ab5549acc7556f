/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "evenhand/base/limits.h"
#include "evenhand/wire/message.h"
#include "log.pb-c.h"
#include "tests.h"

static void make_key(fixture *f, evh_key_ring **ring, evh_key_config *config)
{
    evh_hpke_secret_key *secret = NULL;
    evh_key_id id;
    config->suite = evh_hpke_suite_aes128gcm();
    assert_ok(evh_key_ring_new(ring));
    assert_ok(evh_hpke_key_generate(&secret, &config->key, &f->rng));
    assert_ok(evh_key_ring_add_take(*ring, &id, config->suite, &secret));
}

static void make_identity(fixture *f, evh_signing_key *key, const char *name)
{
    assert_ok(evh_signing_key_generate(key, EVH_IDENTITY_ED25519, evh_view_of_text(name), &f->rng));
}

static ProtobufCBinaryData bytes_of(void *data, size_t len)
{
    ProtobufCBinaryData field = {.len = len, .data = data};
    return field;
}

void fixture_write_entry(fixture *f, uint32_t round)
{
    uint8_t plan_id[32];
    uint8_t leader_commitment[EVH_COMMITMENT_LEN];
    uint8_t helper_commitment[EVH_COMMITMENT_LEN];
    char origin[] = "evenhand.example/log";
    evh_buffer leader_key = evh_buffer_init(EVH_SIGNED_KEY_LEN);
    evh_buffer helper_key = evh_buffer_init(EVH_SIGNED_KEY_LEN);
    memset(plan_id, 0x11, sizeof plan_id);
    assert_ok(evh_key_config_sign(&leader_key, &f->leader_key, &f->leader));
    assert_ok(evh_key_config_sign(&helper_key, &f->helper_key, &f->helper));
    assert_ok(evh_task_commit(leader_commitment, &f->leader_random));
    assert_ok(evh_task_commit(helper_commitment, &f->helper_random));
    Evenhand__V1__RoundOpened message;
    evenhand__v1__round_opened__init(&message);
    message.log_origin = origin;
    message.plan_id = bytes_of(plan_id, sizeof plan_id);
    message.round = round;
    message.window_start_ms = 1000;
    message.window_end_ms = 2000;
    message.deadline_ms = 3000;
    message.leader_hpke_key = bytes_of(leader_key.data, leader_key.len);
    message.helper_hpke_key = bytes_of(helper_key.data, helper_key.len);
    message.leader_commitment = bytes_of(leader_commitment, sizeof leader_commitment);
    message.helper_commitment = bytes_of(helper_commitment, sizeof helper_commitment);
    message.roster_size = 20;
    message.vdaf_version = EVH_PRIO3_VERSION;
    evh_buffer_clear(&f->entry);
    assert_ok(evh_wire_pack(&f->entry, &message.base));
    evh_buffer_clear(&leader_key);
    evh_buffer_clear(&helper_key);
}

static void make_prio3(fixture *f)
{
    evh_prio3_params params = {.kind = EVH_PRIO3_SUM_VEC,
                               .shares = 2,
                               .length = FIXTURE_CELLS,
                               .chunk_length = 5,
                               .max_measurement = 1000};
    assert_ok(evh_prio3_new(&f->prio3, &params));
    assert_ok(evh_prio3_workspace_new(&f->workspace, f->prio3));
}

static void make_report(fixture *f)
{
    uint8_t report_id[EVH_PRIO3_NONCE_LEN];
    uint8_t head[EVH_LEDGER_HEAD_LEN];
    memset(head, 0x22, sizeof head);
    assert_ok(evh_rng_fill(&f->rng, report_id, sizeof report_id));
    for (size_t i = 0; i < FIXTURE_CELLS; i++)
        f->cells[i] = 100 * i + 7;
    evh_report_in in = {.task = &f->task,
                        .prio3 = f->prio3,
                        .cells = f->cells,
                        .cell_count = FIXTURE_CELLS,
                        .customer = &f->customer,
                        .report_id = report_id,
                        .ledger_sequence = 4,
                        .ledger_head = head};
    assert_ok(evh_report_make(&f->report, f->workspace, &in, &f->rng));
}

int fixture_set_up(void **state)
{
    static fixture f;
    memset(&f, 0, sizeof f);
    f.rng = test_rng_seeded(&f.seed, 7);
    f.entry = evh_buffer_init(4096);
    f.report = evh_buffer_init(EVH_REPORT_BYTES_MAX);
    make_identity(&f, &f.leader, "leader.example");
    make_identity(&f, &f.helper, "helper.example");
    make_identity(&f, &f.collector, "collector.example");
    make_identity(&f, &f.customer, "acme");
    make_key(&f, &f.leader_ring, &f.leader_key);
    make_key(&f, &f.helper_ring, &f.helper_key);
    make_key(&f, &f.collector_ring, &f.collector_key);
    assert_ok(evh_rng_fill(&f.rng, f.leader_random.bytes, sizeof f.leader_random.bytes));
    assert_ok(evh_rng_fill(&f.rng, f.helper_random.bytes, sizeof f.helper_random.bytes));
    fixture_write_entry(&f, 3);
    assert_ok(
        evh_task_read(&f.task, evh_buffer_view(&f.entry), &f.leader.identity, &f.helper.identity));
    make_prio3(&f);
    make_report(&f);
    *state = &f;
    return 0;
}

int fixture_tear_down(void **state)
{
    fixture *f = *state;
    evh_signing_key_clear(&f->leader);
    evh_signing_key_clear(&f->helper);
    evh_signing_key_clear(&f->collector);
    evh_signing_key_clear(&f->customer);
    evh_key_ring_free(&f->leader_ring);
    evh_key_ring_free(&f->helper_ring);
    evh_key_ring_free(&f->collector_ring);
    evh_prio3_workspace_free(&f->workspace);
    evh_prio3_free(&f->prio3);
    evh_buffer_clear(&f->entry);
    evh_buffer_clear(&f->report);
    return 0;
}
