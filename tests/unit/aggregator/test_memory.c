/* SPDX-License-Identifier: Apache-2.0
 * A whole round in which every allocation of every step fails once: a step that ran out of memory
 * has changed nothing, and the next try does it. */
#include <string.h>

#include "fixture.h"
#include "support/alloc_fail.h"

static evh_status step_upload(void *context)
{
    return upload(context, 0);
}

static evh_status step_cosign(void *context)
{
    fixture *f = context;
    evh_caller leader = as_leader();
    evh_status status = evh_ok();
    clear(f);
    EVH_TRY(evh_leader_cosign_request(&f->leader.aggregator, &f->request, f->helper_size));
    EVH_TRY(evh_helper_cosign(&f->helper.aggregator, &leader, evh_buffer_view(&f->request),
                              &f->response));
    EVH_TRY(evh_leader_take_cosignature(&f->leader.aggregator, evh_buffer_view(&f->response),
                                        &f->helper_size));
done:
    return status;
}

static evh_status step_job(void *context)
{
    fixture *f = context;
    clear(f);
    return evh_leader_next_job(&f->leader.aggregator, &f->request, f->task_id, 9);
}

static evh_status step_aggregate(void *context)
{
    fixture *f = context;
    evh_caller leader = as_leader();
    evh_buffer_clear(&f->response);
    return evh_helper_aggregate(&f->helper.aggregator, &leader, evh_buffer_view(&f->request),
                                &f->response);
}

static evh_status step_answers(void *context)
{
    fixture *f = context;
    return evh_leader_take_answers(&f->leader.aggregator, evh_buffer_view(&f->request),
                                   evh_buffer_view(&f->response));
}

static evh_status step_agree(void *context)
{
    fixture *f = context;
    evh_caller leader = as_leader();
    evh_agreement out = EVH_AGREEMENT_DROPPED;
    evh_status status = evh_ok();
    clear(f);
    EVH_TRY(evh_leader_agree_request(&f->leader.aggregator, &f->request, f->task_id));
    EVH_TRY(evh_helper_agree(&f->helper.aggregator, &leader, evh_buffer_view(&f->request),
                             &f->response));
    EVH_TRY(evh_leader_take_agreement(&f->leader.aggregator, &out, f->task_id,
                                      evh_buffer_view(&f->response)));
done:
    return status;
}

static void test_round_out_of_memory_at_every_allocation(void **state)
{
    fixture *f = *state;
    int64_t sums[CELLS];
    uint32_t count = 0;
    assert_true(test_alloc_sweep(step_cosign, f) > 10);
    open_round(f, 1);
    for (size_t i = 1; i < 4; i++)
        report(f, i, 1);
    make_report(f, 0, 1);
    assert_true(test_alloc_sweep(step_upload, f) > 10);
    assert_true(test_alloc_sweep(step_job, f) > 10);
    assert_true(test_alloc_sweep(step_aggregate, f) > 10);
    assert_true(test_alloc_sweep(step_answers, f) > 10);
    assert_ok(evh_leader_close_round(&f->leader.aggregator, f->task_id));
    assert_true(test_alloc_sweep(step_agree, f) > 10);
    collect(f, sums, &count);
    assert_int_equal(count, 4);
    for (size_t i = 0; i < CELLS; i++)
        assert_int_equal(sums[i], 4 + 4 * (int64_t)i);
}

int run_memory_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_round_out_of_memory_at_every_allocation, round_set_up,
                                        round_tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
