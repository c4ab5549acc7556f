/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>
#include <sys/stat.h>

#include "evenhand/plan/canonical.h"
#include "evenhand/plan/groups.h"
#include "evenhand/report/result.h"
#include "evenhand/service/results.h"
#include "fixture.h"

enum { CUSTOMERS = 9, CELLS_MAX = 256 }; /* as log_closed says */

/* Writes result.json of a round into f->result, about `task_id`. */
static void write_result(fixture *f, uint32_t round, const uint8_t task_id[32], int64_t sums[])
{
    evh_result_facts facts = {.plan = f->plan,
                              .population = &f->population,
                              .round = round,
                              .log_origin = f->log.identity.name,
                              .customers = CUSTOMERS,
                              .sums = sums,
                              .sum_count = evh_plan_cell_count(f->plan)};
    assert_true(facts.sum_count <= CELLS_MAX);
    for (size_t i = 0; i < facts.sum_count; i++)
        sums[i] = 100 + (int64_t)i;
    memcpy(facts.task_id, task_id, sizeof facts.task_id);
    evh_buffer_clear(&f->result);
    assert_ok(evh_result_write(&f->result, &facts));
}

/* Round 1, collected; gives its task_id. */
static evh_mirror_round collect(fixture *f, uint8_t task_id[32], const uint8_t *about)
{
    static int64_t sums[CELLS_MAX];
    round_options options = usual_round(f, 1);
    evh_mirror_round round;
    bool found = false;
    log_all(f);
    log_round(f, &options, task_id);
    log_closed(f, task_id);
    write_result(f, 1, about != NULL ? about : task_id, sums);
    log_result(f, task_id, &f->collector, sums, evh_plan_cell_count(f->plan));
    publish(f);
    assert_ok(evh_site_follow(&f->site));
    assert_ok(evh_mirror_round_of(&f->site, &found, &round, evh_plan_id(f->plan), 1));
    assert_true(found && round.state == EVH_ROUND_COLLECTED);
    return round;
}

static void test_fetch_gives_the_logged_result(void **state)
{
    fixture *f = *state;
    uint8_t task_id[32];
    evh_result *result = NULL;
    evh_buffer json = evh_buffer_init(1 << 20);
    evh_mirror_round round = collect(f, task_id, NULL);
    assert_ok(evh_results_fetch(&f->site, &json, &result, &round));
    assert_views_equal(evh_buffer_view(&json), evh_buffer_view(&f->result));
    assert_int_equal(evh_result_facts_of(result)->customers, CUSTOMERS);
    evh_result_free(&result);
    evh_buffer_clear(&json);
}

static void test_fetch_refuses_another_document(void **state)
{
    fixture *f = *state;
    uint8_t task_id[32];
    evh_result *result = NULL;
    evh_buffer json = evh_buffer_init(1 << 20);
    evh_mirror_round round = collect(f, task_id, NULL);
    f->result.data[f->result.len / 2] ^= 1;
    assert_fails_with(evh_results_fetch(&f->site, &json, &result, &round), EVH_ERR_PRIVACY,
                      "not the one in the log");
    assert_null(result);
    assert_int_equal(json.len, 0);
    assert_non_null(f->site.advice);
    evh_buffer_clear(&json);
}

static void test_fetch_refuses_a_result_of_another_round(void **state)
{
    fixture *f = *state;
    static const uint8_t other[32] = {8};
    uint8_t task_id[32];
    evh_result *result = NULL;
    evh_buffer json = evh_buffer_init(1 << 20);
    evh_mirror_round round = collect(f, task_id, other);
    assert_fails_with(evh_results_fetch(&f->site, &json, &result, &round), EVH_ERR_PRIVACY,
                      "about another round");
    evh_buffer_clear(&json);
}

static void test_fetch_refuses_other_sums_than_logged(void **state)
{
    fixture *f = *state;
    static int64_t sums[CELLS_MAX];
    round_options options = usual_round(f, 1);
    uint8_t task_id[32];
    evh_result *result = NULL;
    evh_buffer json = evh_buffer_init(1 << 20);
    evh_mirror_round round;
    bool found = false;
    log_all(f);
    log_round(f, &options, task_id);
    log_closed(f, task_id);
    write_result(f, 1, task_id, sums);
    sums[0]++;
    log_result(f, task_id, &f->collector, sums, evh_plan_cell_count(f->plan));
    publish(f);
    assert_ok(evh_site_follow(&f->site));
    assert_ok(evh_mirror_round_of(&f->site, &found, &round, evh_plan_id(f->plan), 1));
    assert_fails_with(evh_results_fetch(&f->site, &json, &result, &round), EVH_ERR_PRIVACY,
                      "sums are not those in the log");
    evh_buffer_clear(&json);
}

static void test_fetch_of_an_open_round(void **state)
{
    fixture *f = *state;
    evh_result *result = NULL;
    evh_buffer json = evh_buffer_init(1 << 20);
    evh_mirror_round round;
    bool found = false;
    open_round(f);
    assert_ok(evh_mirror_round_of(&f->site, &found, &round, evh_plan_id(f->plan), 1));
    assert_fails(evh_results_fetch(&f->site, &json, &result, &round), EVH_ERR_ARG);
    evh_buffer_clear(&json);
}

static void test_keep_writes_the_file_once(void **state)
{
    fixture *f = *state;
    uint8_t task_id[32];
    char path[EVH_PATH_BYTES_MAX];
    bool new = false;
    evh_buffer there = evh_buffer_init(1 << 20);
    evh_mirror_round round = collect(f, task_id, NULL);
    assert_ok(evh_results_keep(&f->site, path, &new, &round));
    assert_true(new);
    assert_true(test_read_file(&there, path));
    assert_views_equal(evh_buffer_view(&there), evh_buffer_view(&f->result));
    size_t calls = f->calls;
    assert_ok(evh_results_keep(&f->site, path, &new, &round));
    assert_false(new);
    assert_int_equal(f->calls, calls);
    evh_buffer_clear(&there);
}

int run_results_tests(void)
{
    const struct CMUnitTest tests[] = {
        SERVICE_TEST(test_fetch_gives_the_logged_result),
        SERVICE_TEST(test_fetch_refuses_another_document),
        SERVICE_TEST(test_fetch_refuses_a_result_of_another_round),
        SERVICE_TEST(test_fetch_refuses_other_sums_than_logged),
        SERVICE_TEST(test_fetch_of_an_open_round),
        SERVICE_TEST(test_keep_writes_the_file_once),
    };
    return cmocka_run_group_tests_name("service results", tests, NULL, NULL);
}
