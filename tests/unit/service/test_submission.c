/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "evenhand/base/limits.h"
#include "evenhand/plan/canonical.h"
#include "evenhand/plan/groups.h"
#include "evenhand/plan/noise.h"
#include "evenhand/protocol/report.h"
#include "fixture.h"

static void expect(fixture *f, const evh_plan *plan, uint32_t round, const char *part)
{
    evh_submission s;
    assert_fails_with(evh_submission_prepare(&s, &f->site, plan, round), EVH_ERR_PRIVACY, part);
    assert_null(f->site.ledger);
}

static evh_plan *changed_plan(const char *from, const char *to, bool draft)
{
    evh_buffer text = evh_buffer_init(EVH_PLAN_BYTES_MAX);
    evh_buffer changed = evh_buffer_init(EVH_PLAN_BYTES_MAX);
    evh_diagnostics diagnostics = evh_diagnostics_init(10);
    evh_plan *plan = NULL;
    assert_true(test_read_file(&text, EVH_SOURCE_DIR "/examples/screening/plan.yaml"));
    assert_ok(evh_buffer_u8(&text, 0));
    char *at = strstr((char *)text.data, from);
    assert_non_null(at);
    char *noise = strstr((char *)text.data, "noise:");
    const char *rest = at + strlen(from);
    assert_ok(
        evh_buffer_append(&changed, evh_view_of(text.data, (size_t)(at - (char *)text.data))));
    assert_ok(evh_buffer_append(&changed, evh_view_of_text(to)));
    assert_ok(evh_buffer_append(&changed,
                                evh_view_of(rest, draft ? (size_t)(noise - rest) : strlen(rest))));
    assert_ok(evh_plan_parse(&plan, "plan.yaml", evh_buffer_view(&changed), &diagnostics));
    evh_buffer_clear(&text);
    evh_buffer_clear(&changed);
    evh_diagnostics_clear(&diagnostics);
    return plan;
}

/* ---- a report ---- */

typedef struct opened {
    evh_prio3 *prio3;
    evh_prio3_workspace *workspace;
    evh_report report;
    evh_buffer shares[2];
    uint8_t *states[2], *verifiers[2], *outputs[2];
} opened;

/* What both aggregators do with a report up to the message that finishes the proof. */
static void verify_init(fixture *f, opened *o, const evh_prio3_task *task)
{
    const evh_role roles[2] = {EVH_ROLE_LEADER, EVH_ROLE_HELPER};
    const evh_prio3_sizes *sizes = evh_prio3_sizes_of(o->prio3);
    for (uint32_t i = 0; i < 2; i++) {
        evh_seal_verdict verdict = EVH_SEAL_REJECTED;
        o->shares[i] = evh_buffer_init(1 << 24);
        o->states[i] = calloc(1, sizes->state);
        o->verifiers[i] = calloc(1, sizes->verifier_share);
        o->outputs[i] = calloc(1, sizes->output_share);
        assert_ok(evh_report_open(&o->shares[i], &verdict, &o->report.header, roles[i],
                                  i == 0 ? f->leader_ring : f->helper_ring,
                                  i == 0 ? o->report.leader_share : o->report.helper_share));
        assert_int_equal(verdict, EVH_SEAL_ACCEPTED);
        const evh_prio3_report in = {.nonce = o->report.header.report_id,
                                     .public_share = o->report.public_share,
                                     .input_share = evh_buffer_view(&o->shares[i])};
        assert_ok(evh_prio3_verify_init(o->prio3, o->workspace, o->states[i], o->verifiers[i], task,
                                        i, &in));
    }
}

static void finish(opened *o, const evh_prio3_task *task, evh_u128 *cells)
{
    const evh_prio3_sizes *sizes = evh_prio3_sizes_of(o->prio3);
    evh_prio3_verdict verdict = EVH_PRIO3_REJECTED;
    uint8_t *message = calloc(1, sizes->verifier_message + 1);
    const evh_view shares[2] = {evh_view_of(o->verifiers[0], sizes->verifier_share),
                                evh_view_of(o->verifiers[1], sizes->verifier_share)};
    const evh_view outputs[2] = {evh_view_of(o->outputs[0], sizes->output_share),
                                 evh_view_of(o->outputs[1], sizes->output_share)};
    assert_ok(evh_prio3_verifier_shares_to_message(o->prio3, o->workspace, message, &verdict,
                                                   task->ctx, shares, 2));
    assert_int_equal(verdict, EVH_PRIO3_ACCEPTED);
    for (size_t i = 0; i < 2; i++) {
        assert_ok(evh_prio3_verify_next(o->prio3, o->outputs[i], &verdict, o->states[i],
                                        evh_view_of(message, sizes->verifier_message)));
        assert_int_equal(verdict, EVH_PRIO3_ACCEPTED);
    }
    assert_ok(evh_prio3_unshard(o->prio3, cells, outputs, 2));
    free(message);
}

/* What the aggregators will count. */
static void open_report(fixture *f, evh_view bytes, evh_u128 *cells)
{
    evh_plan_vdaf vdaf = evh_plan_vdaf_of(f->plan);
    const evh_prio3_params params = {.kind = EVH_PRIO3_SUM_VEC,
                                     .shares = 2,
                                     .length = vdaf.length,
                                     .chunk_length = vdaf.chunk_length,
                                     .max_measurement = vdaf.max};
    static const uint8_t verify_key[32] = {4};
    uint8_t ctx[EVH_TASK_CTX_LEN];
    opened o = {.prio3 = NULL};
    evh_mirror_round round;
    bool found = false;
    assert_ok(evh_report_read(&o.report, bytes));
    assert_ok(evh_mirror_round_of(&f->site, &found, &round, evh_plan_id(f->plan), 1));
    evh_task_ctx(ctx, &round.task);
    const evh_prio3_task task = {.ctx = evh_view_of(ctx, sizeof ctx), .verify_key = verify_key};
    assert_ok(evh_prio3_new(&o.prio3, &params));
    assert_ok(evh_prio3_workspace_new(&o.workspace, o.prio3));
    verify_init(f, &o, &task);
    finish(&o, &task, cells);
    for (size_t i = 0; i < 2; i++) {
        evh_buffer_clear(&o.shares[i]);
        free(o.states[i]);
        free(o.verifiers[i]);
        free(o.outputs[i]);
    }
    evh_prio3_workspace_free(&o.workspace);
    evh_prio3_free(&o.prio3);
}

static void test_seal_gives_clamped_noised_counts(void **state)
{
    fixture *f = *state;
    evh_submission s;
    evh_buffer report = evh_buffer_init(EVH_REPORT_BYTES_MAX);
    const size_t count = evh_plan_cell_count(f->plan);
    const uint64_t max = evh_plan_cell_max(f->plan);
    const uint64_t offset = evh_plan_noise_of(f->plan)->offset;
    int64_t *counts = calloc(count, sizeof *counts);
    int64_t *noise = calloc(count, sizeof *noise);
    evh_noise *cells = calloc(count, sizeof *cells);
    evh_u128 *counted = calloc(count, sizeof *counted);
    test_rng seeds[2];
    evh_rng draws[2] = {test_rng_seeded(&seeds[0], 99), test_rng_seeded(&seeds[1], 99)};
    open_round(f);
    for (size_t i = 0; i < count; i++)
        counts[i] = i % 3 == 0 ? 0 : 1000 * (int64_t)i;
    counts[1] = (int64_t)max + 5; /* cut before noise */
    assert_ok(evh_submission_prepare(&s, &f->site, f->plan, 1));
    assert_true(s.window_over && s.has_limit);
    assert_ok(evh_submission_draw(&s, &draws[0]));
    assert_ok(evh_plan_cell_noise(f->plan, cells));
    assert_ok(evh_noise_draw(noise, cells, count, &draws[1]));
    assert_ok(evh_submission_seal(&s, &f->site, counts, count, &report));
    open_report(f, evh_buffer_view(&report), counted);
    evh_counts_cut(counts, f->plan);
    assert_int_equal(counts[1], max - 2 * offset);
    assert_int_equal(counts[2], 2000);
    for (size_t i = 0; i < count; i++) {
        int64_t expected = counts[i] + noise[i] + (int64_t)offset;
        if (expected < 0)
            expected = 0;
        assert_true(counted[i] == (evh_u128)expected);
    }
    /* The noise is used up, and the ledger has the one report. */
    assert_fails(evh_submission_seal(&s, &f->site, counts, count, &report), EVH_ERR_PRIVACY);
    evh_submission_clear(&s);
    evh_buffer_clear(&report);
    free(counts);
    free(noise);
    free(cells);
    free(counted);
}

static void test_seal_carries_the_ledgers_place(void **state)
{
    fixture *f = *state;
    evh_buffer report = evh_buffer_init(EVH_REPORT_BYTES_MAX);
    evh_buffer again = evh_buffer_init(EVH_REPORT_BYTES_MAX);
    evh_report read;
    evh_seal_verdict verdict = EVH_SEAL_REJECTED;
    evh_ledger_position tip;
    evh_ledger_spent spent;
    open_round(f);
    assert_ok(submit(f, 1, &report));
    assert_ok(evh_report_read(&read, evh_buffer_view(&report)));
    assert_ok(
        evh_report_check_signature(&verdict, &read.header, read.header_bytes, read.signature));
    assert_int_equal(verdict, EVH_SEAL_ACCEPTED);
    assert_true(evh_identity_equal(&read.header.customer, &f->customer.identity));
    assert_ok(evh_ledger_tip(f->site.ledger, &tip));
    assert_int_equal(read.header.ledger_sequence, 1);
    assert_memory_equal(read.header.ledger_head, tip.head, sizeof tip.head);
    assert_ok(
        evh_ledger_spent_by(f->site.ledger, &spent, view_of_literal("screened-persons"), 1970));
    assert_string_equal(spent.year_epsilon, "1");
    /* Whoever submits again gets the identical bytes. */
    assert_ok(submit(f, 1, &again));
    assert_views_equal(evh_buffer_view(&again), evh_buffer_view(&report));
    assert_ok(evh_ledger_tip(f->site.ledger, &tip));
    assert_int_equal(tip.sequence, 1);
    evh_buffer_clear(&report);
    evh_buffer_clear(&again);
}

static void test_fingerprint_tells_counts_apart(void **state)
{
    fixture *f = *state;
    const evh_seed32 secret = {{1}};
    const evh_seed32 other = {{2}};
    const uint8_t *id = evh_plan_id(f->plan);
    int64_t counts[3] = {5, 0, 7};
    uint8_t first[EVH_LEDGER_FINGERPRINT_LEN];
    uint8_t next[EVH_LEDGER_FINGERPRINT_LEN];
    assert_ok(evh_counts_fingerprint(first, &secret, id, 1, counts, 3));
    assert_ok(evh_counts_fingerprint(next, &secret, id, 1, counts, 3));
    assert_memory_equal(first, next, sizeof first);
    assert_ok(evh_counts_fingerprint(next, &other, id, 1, counts, 3));
    assert_memory_not_equal(first, next, sizeof first);
    assert_ok(evh_counts_fingerprint(next, &secret, f->population_hash, 1, counts, 3));
    assert_memory_not_equal(first, next, sizeof first);
    assert_ok(evh_counts_fingerprint(next, &secret, id, 2, counts, 3));
    assert_memory_not_equal(first, next, sizeof first);
    assert_ok(evh_counts_fingerprint(next, &secret, id, 1, counts, 2));
    assert_memory_not_equal(first, next, sizeof first);
    counts[1] = 1;
    assert_ok(evh_counts_fingerprint(next, &secret, id, 1, counts, 3));
    assert_memory_not_equal(first, next, sizeof first);
}

static void test_seal_keeps_the_fingerprint(void **state)
{
    fixture *f = *state;
    evh_submission s;
    evh_buffer report = evh_buffer_init(EVH_REPORT_BYTES_MAX);
    const size_t count = evh_plan_cell_count(f->plan);
    int64_t *counts = calloc(count, sizeof *counts);
    uint8_t stored[EVH_LEDGER_FINGERPRINT_LEN];
    const evh_seed32 secret = {{3}};
    bool found = false;
    assert_non_null(counts);
    open_round(f);
    assert_ok(evh_submission_prepare(&s, &f->site, f->plan, 1));
    assert_ok(evh_submission_draw(&s, &f->rng));
    assert_ok(evh_counts_fingerprint(s.fingerprint, &secret, s.charge.plan_id, 1, counts, count));
    s.has_fingerprint = true;
    assert_ok(evh_submission_seal(&s, &f->site, counts, count, &report));
    assert_ok(evh_ledger_find_fingerprint(f->site.ledger, &found, stored, evh_plan_id(f->plan), 1));
    assert_true(found);
    assert_memory_equal(stored, s.fingerprint, sizeof stored);
    evh_submission_clear(&s);
    evh_buffer_clear(&report);
    free(counts);
}

static void test_seal_without_noise_is_refused(void **state)
{
    fixture *f = *state;
    evh_submission s;
    evh_buffer report = evh_buffer_init(EVH_REPORT_BYTES_MAX);
    const size_t count = evh_plan_cell_count(f->plan);
    int64_t *counts = calloc(count, sizeof *counts);
    open_round(f);
    assert_ok(evh_submission_prepare(&s, &f->site, f->plan, 1));
    assert_fails_with(evh_submission_seal(&s, &f->site, counts, count, &report), EVH_ERR_PRIVACY,
                      "no noise");
    assert_ok(evh_submission_draw(&s, &f->rng));
    assert_fails(evh_submission_seal(&s, &f->site, counts, count - 1, &report), EVH_ERR_ARG);
    assert_null(f->site.ledger);
    evh_submission_clear(&s);
    evh_buffer_clear(&report);
    free(counts);
}

/* ---- refusals ---- */

static void test_prepare_refuses_drafts_and_unknown_plans(void **state)
{
    fixture *f = *state;
    evh_plan *draft = changed_plan("cell_bits: 24", "cell_bits: 24", true);
    evh_plan *same_name = changed_plan("cell_bits: 24", "cell_bits: 25", false);
    evh_plan *unknown = changed_plan("name: screening-age-sex-2026", "name: another", false);
    open_round(f);
    expect(f, draft, 1, "a draft");
    expect(f, same_name, 1, "not the same as your file");
    expect(f, unknown, 1, "not in the log");
    evh_plan_free(&draft);
    evh_plan_free(&same_name);
    evh_plan_free(&unknown);
}

static void test_prepare_refuses_other_populations(void **state)
{
    fixture *f = *state;
    open_round(f);
    f->config->data.population = "staff";
    expect(f, f->plan, 1, "your data are of staff");
    f->config->data.population = NULL;
    expect(f, f->plan, 1, "of which population");
}

static void test_prepare_refuses_a_population_that_differs(void **state)
{
    fixture *f = *state;
    round_options options = usual_round(f, 1);
    uint8_t task_id[32];
    f->population.adjacency = EVH_REPLACE_ONE;
    log_all(f);
    log_round(f, &options, task_id);
    publish(f);
    assert_ok(evh_site_follow(&f->site));
    expect(f, f->plan, 1, "differs from the one it names");
}

static void test_prepare_refuses_who_is_not_on_the_roster(void **state)
{
    fixture *f = *state;
    log_keys(f, &f->helper);
    log_population(f);
    log_plan(f, f->plan);
    publish(f);
    assert_ok(evh_site_follow(&f->site));
    expect(f, f->plan, 1, "no entry that makes you a customer");
    log_roster(f, &f->customer, EVENHAND__V1__ROSTER_STATE__ROSTER_STATE_REMOVED, &f->leader,
               &f->helper);
    publish(f);
    assert_ok(evh_site_follow(&f->site));
    expect(f, f->plan, 1, "suspended or removed");
}

static void test_prepare_refuses_a_log_without_parties(void **state)
{
    fixture *f = *state;
    log_population(f);
    log_plan(f, f->plan);
    publish(f);
    assert_ok(evh_site_follow(&f->site));
    expect(f, f->plan, 1, "does not name leader");
}

static void test_prepare_refuses_rounds_that_are_not_open(void **state)
{
    fixture *f = *state;
    uint8_t task_id[32];
    evh_submission s;
    round_options options = usual_round(f, 1);
    open_round(f);
    expect(f, f->plan, 2, "round 2 of the plan is not open yet");
    f->has_closed = true;
    expect(f, f->plan, 1, "round 1 is closed");
    f->has_closed = false;
    assert_fails(evh_submission_prepare(&s, &f->site, f->plan, 0), EVH_ERR_ARG);
    f->now_ms = DEADLINE_MS + 1;
    expect(f, f->plan, 1, "deadline of round 1 has passed");
    f->now_ms = NOW_MS;
    options.round = 2;
    log_round(f, &options, task_id);
    log_void(f, task_id, EVENHAND__V1__VOID_REASON__VOID_REASON_OPERATOR);
    options.round = 3;
    log_round(f, &options, task_id);
    log_closed(f, task_id);
    publish(f);
    assert_ok(evh_site_follow(&f->site));
    expect(f, f->plan, 2, "round 2 is void");
    expect(f, f->plan, 3, "round 3 is closed");
}

static void test_prepare_refuses_other_windows(void **state)
{
    fixture *f = *state;
    round_options options = usual_round(f, 1);
    uint8_t task_id[32];
    options.window_start_ms = 1;
    options.window_end_ms = 2;
    log_all(f);
    log_round(f, &options, task_id);
    publish(f);
    assert_ok(evh_site_follow(&f->site));
    expect(f, f->plan, 1, "another window");
}

static void test_prepare_takes_an_extended_deadline(void **state)
{
    fixture *f = *state;
    round_options options = usual_round(f, 1);
    uint8_t task_id[32];
    evh_submission s;
    log_all(f);
    log_round(f, &options, task_id);
    log_extended(f, task_id, DEADLINE_MS + 10);
    publish(f);
    assert_ok(evh_site_follow(&f->site));
    f->now_ms = DEADLINE_MS + 5;
    assert_ok(evh_submission_prepare(&s, &f->site, f->plan, 1));
    evh_submission_clear(&s);
}

static void test_prepare_holds_the_customers_limit(void **state)
{
    fixture *f = *state;
    evh_buffer report = evh_buffer_init(EVH_REPORT_BYTES_MAX);
    evh_submission s;
    uint8_t task_id[32];
    open_round(f);
    for (uint32_t round = 2; round <= 3; round++) {
        round_options options = usual_round(f, round);
        log_round(f, &options, task_id);
    }
    publish(f);
    assert_ok(evh_site_follow(&f->site));
    assert_ok(submit(f, 1, &report));
    assert_ok(submit(f, 2, &report));
    assert_fails_with(evh_submission_prepare(&s, &f->site, f->plan, 3), EVH_ERR_PRIVACY,
                      "your own limit");
    evh_buffer_clear(&report);
}

static void test_prepare_accepts_plans_only_within_a_limit(void **state)
{
    fixture *f = *state;
    evh_submission s;
    bool agreed = true;
    open_round(f);
    assert_ok(evh_submission_prepare(&s, &f->site, f->plan, 1));
    assert_ok(evh_submission_agreed(&s, &f->site, &agreed));
    assert_false(agreed);
    assert_ok(evh_site_need_ledger(&f->site));
    assert_ok(evh_ledger_agree(f->site.ledger, s.charge.plan_id, 1));
    assert_ok(evh_submission_agreed(&s, &f->site, &agreed));
    assert_true(agreed);
    evh_submission_clear(&s);
    f->config->plans = EVH_CONFIG_PLANS_ACCEPT;
    assert_ok(evh_submission_prepare(&s, &f->site, f->plan, 1));
    assert_ok(evh_submission_agreed(&s, &f->site, &agreed));
    assert_true(agreed);
    evh_submission_clear(&s);
    f->config->limit_count = 0;
    assert_fails_with(evh_submission_prepare(&s, &f->site, f->plan, 1), EVH_ERR_PRIVACY,
                      "there is no limit");
}

int run_submission_tests(void)
{
    const struct CMUnitTest tests[] = {
        SERVICE_TEST(test_seal_gives_clamped_noised_counts),
        SERVICE_TEST(test_seal_carries_the_ledgers_place),
        SERVICE_TEST(test_fingerprint_tells_counts_apart),
        SERVICE_TEST(test_seal_keeps_the_fingerprint),
        SERVICE_TEST(test_seal_without_noise_is_refused),
        SERVICE_TEST(test_prepare_refuses_drafts_and_unknown_plans),
        SERVICE_TEST(test_prepare_refuses_other_populations),
        SERVICE_TEST(test_prepare_refuses_a_population_that_differs),
        SERVICE_TEST(test_prepare_refuses_who_is_not_on_the_roster),
        SERVICE_TEST(test_prepare_refuses_a_log_without_parties),
        SERVICE_TEST(test_prepare_refuses_rounds_that_are_not_open),
        SERVICE_TEST(test_prepare_refuses_other_windows),
        SERVICE_TEST(test_prepare_takes_an_extended_deadline),
        SERVICE_TEST(test_prepare_holds_the_customers_limit),
        SERVICE_TEST(test_prepare_accepts_plans_only_within_a_limit),
    };
    return cmocka_run_group_tests_name("service submission", tests, NULL, NULL);
}
