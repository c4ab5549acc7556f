/* SPDX-License-Identifier: Apache-2.0
 * Every service method, the leader's side of every answer, and entries of the log, with any bytes:
 * what is refused leaves no answer and no transaction behind. The first byte chooses the method; 32
 * bytes "TASKTASK..." stand for the id of the round that is open. */
#include <stdlib.h>
#include <string.h>

#include "fixture.h"
#include "support/fuzz.h"

typedef evh_status (*method)(const evh_aggregator *self, const evh_caller *caller, evh_view request,
                             evh_buffer *response);

typedef struct target {
    method call;
    evh_role caller;
    bool at_helper;
} target;

static const target targets[] = {
    {evh_leader_upload, EVH_ROLE_CUSTOMER, false},
    {evh_leader_get_status, EVH_ROLE_CUSTOMER, false},
    {evh_leader_get_result, EVH_ROLE_OBSERVER, false},
    {evh_leader_publish_result, EVH_ROLE_COLLECTOR, false},
    {evh_aggregator_get_share, EVH_ROLE_COLLECTOR, false},
    {evh_aggregator_get_checkpoint, EVH_ROLE_OBSERVER, false},
    {evh_aggregator_get_entries, EVH_ROLE_OBSERVER, false},
    {evh_aggregator_get_inclusion, EVH_ROLE_OBSERVER, false},
    {evh_helper_cosign, EVH_ROLE_LEADER, true},
    {evh_helper_prepare_round, EVH_ROLE_LEADER, true},
    {evh_helper_reveal, EVH_ROLE_LEADER, true},
    {evh_helper_aggregate, EVH_ROLE_LEADER, true},
    {evh_helper_agree, EVH_ROLE_LEADER, true},
    {evh_helper_commit_share, EVH_ROLE_LEADER, true},
};

enum { TARGET_COUNT = sizeof targets / sizeof targets[0], MARK_LEN = 32 };

/* ---- the deployment: made at the first input, and anew after every success ---- */

static void *deployment;

static void remove_deployment(void)
{
    if (deployment != NULL)
        (void)round_tear_down(&deployment);
    deployment = NULL;
}

static fixture *get_deployment(void)
{
    static bool registered;
    if (!registered)
        (void)atexit(remove_deployment);
    registered = true;
    if (deployment == NULL) {
        (void)round_set_up(&deployment);
        open_round(deployment, 1);
        report(deployment, 1, 5);
    }
    return deployment;
}

/* Puts the open round's id where the marks stand. */
static void set_task(const fixture *f, uint8_t *bytes, size_t len)
{
    static const uint8_t mark[] = "TASKTASKTASKTASKTASKTASKTASKTASK";
    for (size_t at = 0; at + MARK_LEN <= len; at++)
        if (memcmp(bytes + at, mark, MARK_LEN) == 0)
            memcpy(bytes + at, f->task_id, MARK_LEN);
}

/* ---- calls ---- */

static evh_status call_method(fixture *f, const target *t, evh_view request, evh_buffer *response)
{
    evh_caller caller = {.role = t->caller, .customer = &f->customers[0].identity};
    return t->call(t->at_helper ? &f->helper.aggregator : &f->leader.aggregator, &caller, request,
                   response);
}

/* The bytes as an answer of the helper, or as an entry. */
static evh_status take_bytes(fixture *f, size_t which, evh_view bytes)
{
    const evh_aggregator *leader = &f->leader.aggregator;
    evh_agreement agreement = EVH_AGREEMENT_DROPPED;
    evh_status status = evh_ok();
    uint64_t size = 0;
    switch (which) {
    case 0:
        return evh_leader_take_cosignature(leader, bytes, &size);
    case 1:
        return evh_leader_take_reveal(leader, f->task_id, bytes);
    case 2:
        evh_buffer_clear(&f->request);
        EVH_TRY(evh_leader_next_job(leader, &f->request, f->task_id, 1));
        return evh_leader_take_answers(leader, evh_buffer_view(&f->request), bytes);
    case 3:
        return evh_leader_take_agreement(leader, &agreement, f->task_id, bytes);
    case 4:
        return evh_leader_take_commitment(leader, f->task_id, bytes);
    case 5:
        return evh_leader_append(leader, bytes);
    case 6:
        return evh_leader_add_population(leader, &size, bytes);
    default:
        return evh_fail(EVH_ERR_ARG, "no such answer");
    }
done:
    return status;
}

static void check_no_transaction(evh_store *store)
{
    evh_buffer value = evh_buffer_init(8);
    bool found = false;
    evh_status status = evh_store_get(store, EVH_STORE_META, evh_view_of("x", 1), &value, &found);
    FUZZ_CHECK(status.code == EVH_ERR_ARG);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fixture *f = get_deployment();
    evh_buffer bytes = evh_buffer_init(1 << 22);
    evh_buffer response = evh_buffer_init(1 << 22);
    evh_status status = evh_ok();
    if (size == 0 || size > (1 << 20))
        return 0;
    EVH_TRY(evh_buffer_append(&bytes, evh_view_of(data + 1, size - 1)));
    if (bytes.len > 0)
        set_task(f, bytes.data, bytes.len);
    status = data[0] < TARGET_COUNT
                 ? call_method(f, &targets[data[0]], evh_buffer_view(&bytes), &response)
                 : take_bytes(f, (size_t)data[0] - TARGET_COUNT, evh_buffer_view(&bytes));
    FUZZ_CHECK(status.code != EVH_ERR_INTERNAL);
    FUZZ_CHECK(status.code == EVH_OK || response.len == 0);
    check_no_transaction(f->leader.store);
    check_no_transaction(f->helper.store);
    if (status.code == EVH_OK)
        remove_deployment();
done:
    evh_buffer_clear(&bytes);
    evh_buffer_clear(&response);
    return 0;
}
