/* SPDX-License-Identifier: Apache-2.0
 * The shipped plans are complete, keep what they promise, and are the plans that they were. */
#include <stdio.h>

#include "evenhand/plan/canonical.h"
#include "evenhand/plan/noise.h"
#include "support/test.h"

typedef struct shipped {
    const char *path;
    const char *plan_id;
    uint32_t rounds;
} shipped;

static shipped speech = {EVH_SOURCE_DIR "/examples/speech/plan.yaml",
                         "ce06307d2925a52d7b2c153fe1a8625db03339c17edb5dbb41819ab8af38b1eb", 6};
static shipped screening = {EVH_SOURCE_DIR "/examples/screening/plan.yaml",
                            "b1ad81a7b46e272e2a7bfb5d4455aa17089e2f607877ab876a23da63da66c502", 4};

static void read_plan(evh_plan **plan, const char *path)
{
    evh_buffer yaml = evh_buffer_init(EVH_PLAN_BYTES_MAX);
    evh_diagnostics list = evh_diagnostics_init(10);
    assert_true(test_read_file(&yaml, path));
    assert_ok(evh_plan_parse(plan, path, evh_buffer_view(&yaml), &list));
    assert_int_equal(list.count, 0);
    evh_diagnostics_clear(&list);
    evh_buffer_clear(&yaml);
}

static void test_plan_id_is_what_it_was(void **state)
{
    const shipped *expected = *state;
    evh_plan *plan = NULL;
    char id[2 * EVH_PLAN_ID_LEN + 1];
    read_plan(&plan, expected->path);
    assert_non_null(evh_plan_id(plan));
    evh_hex_encode(id, evh_view_of(evh_plan_id(plan), EVH_PLAN_ID_LEN));
    assert_string_equal(id, expected->plan_id);
    evh_plan_free(&plan);
}

/* One round costs at most the plan's epsilon, and nearly all of it: no accuracy is given away. */
static void test_noise_meets_epsilon(void **state)
{
    const shipped *expected = *state;
    evh_plan *plan = NULL;
    double epsilon = 0;
    read_plan(&plan, expected->path);
    evh_charge charge = evh_plan_charge(plan, evh_plan_promised_view(plan), 1, 1);
    evh_budget budget = evh_plan_budget(plan);
    assert_ok(evh_privacy_epsilon(&epsilon, &charge, 1, budget.delta));
    assert_true(epsilon <= evh_fraction_up(budget.epsilon));
    assert_true(epsilon >= 0.99 * evh_fraction_down(budget.epsilon));
    assert_int_equal(evh_plan_terms_of(plan)->rounds.count, expected->rounds);
    evh_plan_free(&plan);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_prestate(test_plan_id_is_what_it_was, &speech),
        cmocka_unit_test_prestate(test_plan_id_is_what_it_was, &screening),
        cmocka_unit_test_prestate(test_noise_meets_epsilon, &speech),
        cmocka_unit_test_prestate(test_noise_meets_epsilon, &screening),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
