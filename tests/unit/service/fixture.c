/* SPDX-License-Identifier: Apache-2.0 */
#include "fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "evenhand/base/limits.h"
#include "evenhand/plan/canonical.h"
#include "evenhand/plan/groups.h"
#include "evenhand/seal/hash.h"
#include "evenhand/store/sqlite.h"
#include "evenhand/wire/message.h"
#include "leader.h"

/* ---- keys ---- */

static void generate(fixture *f, evh_signing_key *key, evh_identity_type type, const char *name)
{
    assert_ok(evh_signing_key_generate(key, type, evh_view_of_text(name), &f->rng));
}

static void make_ring(fixture *f, evh_key_ring **ring, evh_key_config *config)
{
    evh_hpke_secret_key *secret = NULL;
    config->suite = evh_hpke_suite_aes128gcm();
    assert_ok(evh_key_ring_new(ring));
    assert_ok(evh_hpke_key_generate(&secret, &config->key, &f->rng));
    assert_ok(evh_key_ring_add_take(*ring, NULL, config->suite, &secret));
}

static void make_keys(fixture *f)
{
    static const uint8_t commitment[8] = {1, 2, 3, 4, 5, 6, 7, 8};
    char name[17];
    evh_hex_encode(name, evh_view_of(commitment, sizeof commitment));
    generate(f, &f->log, EVH_IDENTITY_ED25519, "leader.example/log");
    generate(f, &f->witness, EVH_IDENTITY_COSIGNATURE, "helper.example");
    generate(f, &f->leader, EVH_IDENTITY_ED25519, "leader.example");
    generate(f, &f->helper, EVH_IDENTITY_ED25519, "helper.example");
    generate(f, &f->collector, EVH_IDENTITY_ED25519, "collector.example");
    generate(f, &f->customer, EVH_IDENTITY_ED25519, name);
    generate(f, &f->other, EVH_IDENTITY_ED25519, name);
    make_ring(f, &f->leader_ring, &f->leader_hpke);
    make_ring(f, &f->helper_ring, &f->helper_hpke);
    make_ring(f, &f->collector_ring, &f->collector_hpke);
}

/* ---- files ---- */

static void write_file(const fixture *f, const char *name, evh_view content, evh_file_access access)
{
    char path[600];
    (void)snprintf(path, sizeof path, "%s/%s", f->folder, name);
    assert_ok(evh_file_create(path, content, access));
}

static void add_trust(evh_buffer *out, const char *role, const evh_identity *identity)
{
    assert_ok(evh_buffer_format(out, "  %s: ", role));
    assert_ok(evh_identity_format(out, identity));
    assert_ok(evh_buffer_u8(out, '\n'));
}

static void make_config(fixture *f)
{
    evh_buffer text = evh_buffer_init(1 << 16);
    evh_diagnostics diagnostics = evh_diagnostics_init(10);
    assert_ok(evh_signing_key_format(&text, &f->customer));
    write_file(f, "acme.ed25519", evh_buffer_view(&text), EVH_FILE_OWNER_ONLY);
    evh_buffer_clear(&text);
    assert_ok(evh_buffer_format(
        &text, "customer: acme\nleader: leader.example:1\nsigning_key: acme.ed25519\n"
               "ledger: acme.db\nlimits: {screened-persons: {epsilon: \"2\"}}\n"
               "policy: {plans: ask}\n"
               "data: {population: screened-persons}\n"
               "trust:\n"));
    add_trust(&text, "log", &f->log.identity);
    add_trust(&text, "leader", &f->leader.identity);
    add_trust(&text, "helper", &f->helper.identity);
    add_trust(&text, "collector", &f->collector.identity);
    add_trust(&text, "witness", &f->witness.identity);
    assert_ok(evh_config_parse(&f->config, "acme.yaml", evh_buffer_view(&text), &diagnostics));
    (void)snprintf(f->config_path, sizeof f->config_path, "%s/acme.yaml", f->folder);
    evh_diagnostics_clear(&diagnostics);
    evh_buffer_clear(&text);
}

static void read_example(evh_buffer *out, const char *name)
{
    char path[600];
    (void)snprintf(path, sizeof path, "%s/examples/screening/%s", EVH_SOURCE_DIR, name);
    assert_true(test_read_file(out, path));
}

static void make_plan(fixture *f)
{
    evh_buffer text = evh_buffer_init(EVH_PLAN_BYTES_MAX);
    evh_diagnostics diagnostics = evh_diagnostics_init(10);
    read_example(&text, "plan.yaml");
    assert_ok(evh_plan_parse(&f->plan, "plan.yaml", evh_buffer_view(&text), &diagnostics));
    read_example(&text, "population.yaml");
    assert_ok(evh_population_parse(&f->population, "population.yaml", evh_buffer_view(&text),
                                   &diagnostics));
    evh_buffer_clear(&text);
    assert_ok(evh_population_encode(&f->population, &text));
    assert_ok(evh_sha256(f->population_hash, evh_buffer_view(&text)));
    evh_diagnostics_clear(&diagnostics);
    evh_buffer_clear(&text);
}

/* ---- the site ---- */

static int64_t wall_ms(void *context)
{
    return ((fixture *)context)->now_ms;
}

static int64_t monotonic_ms(void *context)
{
    return ((fixture *)context)->monotonic_ms;
}

static bool wait_for(void *context, int64_t ms)
{
    fixture *f = context;
    assert_true(ms >= 0 && ms <= 60000);
    f->pauses++;
    f->monotonic_ms += ms;
    return !f->stop;
}

static void open_site(fixture *f)
{
    f->site.clock = (evh_clock){.wall_ms = wall_ms, .monotonic_ms = monotonic_ms, .context = f};
    f->site.rng = f->rng;
    f->site.pause = (evh_pause){.wait = wait_for, .context = f};
    f->site.leader = (evh_leader){
        .calls = {.call = leader_call, .context = f}, .upload = leader_upload, .upload_context = f};
    assert_ok(evh_site_open(&f->site, f->config, f->config_path));
}

void reopen_site(fixture *f)
{
    evh_site_close(&f->site);
    memset(&f->site, 0, sizeof f->site);
    open_site(f);
}

int set_up(void **state)
{
    fixture *f = calloc(1, sizeof *f);
    char path[300];
    assert_non_null(f);
    f->rng = test_rng_seeded(&f->seed, 5);
    f->now_ms = NOW_MS;
    f->cosign = true;
    f->signs = &f->log;
    f->failure = evh_ok();
    f->uploaded = evh_buffer_init(EVH_REPORT_BYTES_MAX);
    f->receipt = evh_buffer_init(4096);
    f->result = evh_buffer_init(1 << 20);
    test_make_dir(f->folder);
    (void)snprintf(path, sizeof path, "%s/leader.db", f->folder);
    assert_ok(evh_store_sqlite_create(&f->store, path));
    make_keys(f);
    make_config(f);
    make_plan(f);
    open_site(f);
    *state = f;
    return 0;
}

int tear_down(void **state)
{
    fixture *f = *state;
    evh_site_close(&f->site);
    evh_store_close(&f->store);
    evh_config_free(&f->config);
    evh_plan_free(&f->plan);
    evh_key_ring_free(&f->leader_ring);
    evh_key_ring_free(&f->helper_ring);
    evh_key_ring_free(&f->collector_ring);
    evh_signing_key *const keys[] = {&f->log,       &f->witness,  &f->leader, &f->helper,
                                     &f->collector, &f->customer, &f->other};
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++)
        evh_signing_key_clear(keys[i]);
    evh_buffer_clear(&f->uploaded);
    evh_buffer_clear(&f->receipt);
    evh_buffer_clear(&f->result);
    test_remove_dir(f->folder);
    free(f);
    return 0;
}

void log_all(fixture *f)
{
    log_keys(f, &f->helper);
    log_population(f);
    log_plan(f, f->plan);
    log_roster(f, &f->customer, EVENHAND__V1__ROSTER_STATE__ROSTER_STATE_ACTIVE, &f->leader,
               &f->helper);
    publish(f);
}

void open_round(fixture *f)
{
    round_options options = usual_round(f, 1);
    uint8_t task_id[32];
    log_all(f);
    log_round(f, &options, task_id);
    publish(f);
    assert_ok(evh_site_follow(&f->site));
}

evh_status submit(fixture *f, uint32_t round, evh_buffer *report)
{
    evh_submission s;
    size_t count = evh_plan_cell_count(f->plan);
    int64_t *counts = calloc(count, sizeof *counts);
    evh_status status = evh_ok();
    assert_non_null(counts);
    for (size_t i = 0; i < count; i++)
        counts[i] = 10 * (int64_t)i;
    EVH_TRY(evh_submission_prepare(&s, &f->site, f->plan, round));
    EVH_TRY(evh_submission_draw(&s, &f->rng));
    EVH_TRY(evh_submission_seal(&s, &f->site, counts, count, report));
done:
    if (status.code == EVH_OK)
        evh_submission_clear(&s);
    free(counts);
    return status;
}
