/* SPDX-License-Identifier: Apache-2.0
 * Several threads call one leader and one helper at once. */
#include <pthread.h>
#include <string.h>

#include "evenhand/aggregator/listing.h"
#include "evenhand/wire/message.h"
#include "peer.h"

enum { UPLOADERS = 4, REPEATS = 3, VARIANTS = 2 };

/* ---- uploads while jobs run ---- */

typedef struct uploads {
    fixture *f;
    evh_buffer reports[CUSTOMERS][VARIANTS];
    size_t first; /* which variant this thread sends first */
    /* out */
    size_t taken[CUSTOMERS][VARIANTS], refused[CUSTOMERS][VARIANTS];
    evh_buffer receipts[CUSTOMERS][VARIANTS];
    size_t mistakes;
} uploads;

static void send_one(uploads *u, size_t customer, size_t variant)
{
    fixture *f = u->f;
    evh_caller caller = {.role = EVH_ROLE_CUSTOMER, .customer = &f->customers[customer].identity};
    evh_buffer receipt = evh_buffer_init(4096);
    evh_buffer *kept = &u->receipts[customer][variant];
    evh_status status = evh_leader_upload(
        &f->leader.aggregator, &caller, evh_buffer_view(&u->reports[customer][variant]), &receipt);
    if (status.code == EVH_OK) {
        u->taken[customer][variant]++;
        if (kept->len == 0)
            status = evh_buffer_append(kept, evh_buffer_view(&receipt));
        u->mistakes += status.code != EVH_OK ||
                       !evh_view_equal(evh_buffer_view(kept), evh_buffer_view(&receipt));
    } else {
        u->refused[customer][variant]++;
        u->mistakes += status.code != EVH_ERR_REFUSED;
    }
    evh_buffer_clear(&receipt);
}

static void *upload_all(void *context)
{
    uploads *u = context;
    for (size_t repeat = 0; repeat < REPEATS; repeat++)
        for (size_t customer = 0; customer < CUSTOMERS; customer++)
            for (size_t i = 0; i < VARIANTS; i++)
                send_one(u, customer, (u->first + i) % VARIANTS);
    return NULL;
}

/* Which of a customer's reports was taken; every thread must have seen the same one. */
static size_t winner_of(const uploads *all, size_t customer)
{
    size_t winner = all[0].taken[customer][1] > 0;
    const evh_buffer *receipt = NULL;
    for (size_t t = 0; t < UPLOADERS; t++) {
        assert_int_equal(all[t].taken[customer][winner], REPEATS);
        assert_int_equal(all[t].refused[customer][1 - winner], REPEATS);
        receipt = &all[t].receipts[customer][winner];
        assert_views_equal(evh_buffer_view(receipt),
                           evh_buffer_view(&all[0].receipts[customer][winner]));
    }
    return winner;
}

static void make_uploads(fixture *f, uploads *all)
{
    for (size_t t = 0; t < UPLOADERS; t++) {
        all[t].f = f;
        all[t].first = t % VARIANTS;
    }
    for (size_t customer = 0; customer < CUSTOMERS; customer++) {
        for (size_t variant = 0; variant < VARIANTS; variant++) {
            f->ledger[customer] = 0;
            make_report(f, customer, 10 * customer + 100 * variant);
            for (size_t t = 0; t < UPLOADERS; t++) {
                all[t].reports[customer][variant] = evh_buffer_init(EVH_REPORT_BYTES_MAX);
                all[t].receipts[customer][variant] = evh_buffer_init(4096);
                assert_ok(evh_buffer_append(&all[t].reports[customer][variant],
                                            evh_buffer_view(&f->report)));
            }
        }
    }
}

static void clear_uploads(uploads *all)
{
    for (size_t t = 0; t < UPLOADERS; t++)
        for (size_t customer = 0; customer < CUSTOMERS; customer++)
            for (size_t variant = 0; variant < VARIANTS; variant++) {
                evh_buffer_clear(&all[t].reports[customer][variant]);
                evh_buffer_clear(&all[t].receipts[customer][variant]);
            }
}

/* The seeded generator is for one thread. */
static void share_generator(fixture *f)
{
    f->leader.aggregator.rng = evh_rng_os();
    f->helper.aggregator.rng = evh_rng_os();
}

static void test_uploads_while_jobs_run(void **state)
{
    fixture *f = *state;
    uploads all[UPLOADERS];
    pthread_t threads[UPLOADERS];
    evh_drive drive = {.job_reports = 2};
    evh_drive_outcome outcome;
    fake_peer peer;
    int64_t sums[CELLS];
    int64_t total = 0;
    uint32_t count = 0;
    evh_round_row row = {.received = 0};
    memset(all, 0, sizeof all);
    fake_peer_init(&peer, f);
    evh_peer handle = fake_peer_handle(&peer);
    open_round(f, 1);
    make_uploads(f, all);
    share_generator(f);
    for (size_t t = 0; t < UPLOADERS; t++)
        assert_int_equal(pthread_create(&threads[t], NULL, upload_all, &all[t]), 0);
    for (size_t pass = 0; pass < 10000 && row.accepted < CUSTOMERS; pass++) {
        assert_ok(evh_leader_drive(&f->leader.aggregator, &handle, &drive, &outcome));
        assert_int_equal(outcome.troubled, 0);
        assert_ok(evh_aggregator_find_round(&f->leader.aggregator, &row, f->task_id));
    }
    for (size_t t = 0; t < UPLOADERS; t++) {
        assert_int_equal(pthread_join(threads[t], NULL), 0);
        assert_int_equal(all[t].mistakes, 0);
    }
    for (size_t customer = 0; customer < CUSTOMERS; customer++)
        total += (int64_t)(10 * customer + 100 * winner_of(all, customer));
    f->now_ms = DEADLINE_MS + 1;
    assert_ok(evh_leader_drive(&f->leader.aggregator, &handle, &drive, &outcome));
    unshard(f, sums, &count);
    assert_int_equal(count, CUSTOMERS);
    for (size_t i = 0; i < CELLS; i++)
        assert_int_equal(sums[i], total + (int64_t)i * CUSTOMERS);
    fake_peer_clear(&peer);
    clear_uploads(all);
}

/* ---- the same job, and jobs with the same report, at once ---- */

typedef struct asking {
    fixture *f;
    evh_view request;
    evh_status status;
    evh_buffer response;
} asking;

static void *ask(void *context)
{
    asking *a = context;
    evh_caller leader = as_leader();
    a->status = evh_helper_aggregate(&a->f->helper.aggregator, &leader, a->request, &a->response);
    return NULL;
}

static void ask_at_once(fixture *f, asking *all, size_t count, const evh_view *requests)
{
    pthread_t threads[UPLOADERS];
    assert_true(count <= UPLOADERS);
    for (size_t t = 0; t < count; t++) {
        all[t].f = f;
        all[t].request = requests[t];
        all[t].response = evh_buffer_init(1 << 20);
        assert_int_equal(pthread_create(&threads[t], NULL, ask, &all[t]), 0);
    }
    for (size_t t = 0; t < count; t++)
        assert_int_equal(pthread_join(threads[t], NULL), 0);
}

static void test_same_job_at_once_is_evaluated_once(void **state)
{
    fixture *f = *state;
    asking all[UPLOADERS];
    evh_view requests[UPLOADERS];
    evh_round_row row;
    open_round(f, 1);
    for (size_t i = 0; i < CUSTOMERS; i++)
        report(f, i, 1);
    clear(f);
    assert_ok(evh_leader_next_job(&f->leader.aggregator, &f->request, f->task_id, CUSTOMERS));
    for (size_t t = 0; t < UPLOADERS; t++)
        requests[t] = evh_buffer_view(&f->request);
    ask_at_once(f, all, UPLOADERS, requests);
    for (size_t t = 0; t < UPLOADERS; t++) {
        assert_ok(all[t].status);
        assert_views_equal(evh_buffer_view(&all[t].response), evh_buffer_view(&all[0].response));
    }
    for (size_t t = 0; t < UPLOADERS; t++)
        evh_buffer_clear(&all[t].response);
    assert_ok(evh_aggregator_find_round(&f->helper.aggregator, &row, f->task_id));
    assert_int_equal(row.received, CUSTOMERS);
    assert_int_equal(row.accepted, CUSTOMERS);
}

static size_t accepted_in(evh_view response_bytes)
{
    Evenhand__V1__AggregateResponse *response = NULL;
    size_t accepted = 0;
    assert_ok(evh_wire_unpack(&response, &evenhand__v1__aggregate_response__descriptor,
                              response_bytes, "response"));
    for (size_t i = 0; i < response->n_answers; i++)
        accepted += response->answers[i]->rejected ==
                    EVENHAND__V1__REJECT_REASON__REJECT_REASON_UNSPECIFIED;
    evh_wire_free(&response);
    return accepted;
}

static void test_same_reports_in_jobs_at_once_count_once(void **state)
{
    fixture *f = *state;
    asking all[UPLOADERS];
    evh_view requests[UPLOADERS];
    evh_buffer jobs[UPLOADERS];
    Evenhand__V1__AggregateRequest *request = NULL;
    evh_round_row row;
    size_t accepted = 0;
    open_round(f, 1);
    for (size_t i = 0; i < CUSTOMERS; i++)
        report(f, i, 1);
    clear(f);
    assert_ok(evh_leader_next_job(&f->leader.aggregator, &f->request, f->task_id, CUSTOMERS));
    assert_ok(evh_wire_unpack(&request, &evenhand__v1__aggregate_request__descriptor,
                              evh_buffer_view(&f->request), "request"));
    for (size_t t = 0; t < UPLOADERS; t++) {
        jobs[t] = evh_buffer_init(1 << 20);
        request->job_id.data[0] = (uint8_t)t;
        assert_ok(evh_wire_pack(&jobs[t], &request->base));
        requests[t] = evh_buffer_view(&jobs[t]);
    }
    ask_at_once(f, all, UPLOADERS, requests);
    for (size_t t = 0; t < UPLOADERS; t++) {
        assert_true(all[t].status.code == EVH_OK || all[t].status.code == EVH_ERR_UNAVAILABLE);
        if (all[t].status.code == EVH_OK)
            accepted += accepted_in(evh_buffer_view(&all[t].response));
        evh_buffer_clear(&all[t].response);
        evh_buffer_clear(&jobs[t]);
    }
    evh_wire_free(&request);
    assert_int_equal(accepted, CUSTOMERS);
    assert_ok(evh_aggregator_find_round(&f->helper.aggregator, &row, f->task_id));
    assert_int_equal(row.accepted, CUSTOMERS);
    assert_int_equal(row.received, CUSTOMERS);
}

#define THREAD_TEST(test_name)                                                                     \
    cmocka_unit_test_setup_teardown(test_name, round_set_up, round_tear_down)

int run_thread_tests(void)
{
    const struct CMUnitTest tests[] = {
        THREAD_TEST(test_uploads_while_jobs_run),
        THREAD_TEST(test_same_job_at_once_is_evaluated_once),
        THREAD_TEST(test_same_reports_in_jobs_at_once_count_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
