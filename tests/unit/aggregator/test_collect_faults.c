/* SPDX-License-Identifier: Apache-2.0
 * Lost calls and answers, crashes between any two steps, and aggregators that do not tell the
 * truth. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "desk.h"
#include "evenhand/aggregator/collector.h"
#include "evenhand/files/files.h"
#include "evenhand/protocol/result_entry.h"
#include "evenhand/wire/message.h"

static const char *const methods[] = {
    "/evenhand.v1.Leader/GetCheckpoint",     "/evenhand.v1.Leader/GetEntries",
    "/evenhand.v1.Leader/GetAggregateShare", "/evenhand.v1.Helper/GetAggregateShare",
    "/evenhand.v1.Leader/PublishResult",
};

static void finish(desk *d, uint32_t round)
{
    d->lost_call = NULL;
    d->lost_answer = NULL;
    pass(d);
    assert_int_equal(d->outcome.troubled, 0);
    cosign(d->f);
    pass(d);
    assert_confirmed(d, round, 4);
}

static void test_lost_calls_and_answers_change_nothing(void **state)
{
    desk *d = *state;
    make_ready(d, 1, 4);
    for (size_t i = 0; i < sizeof methods / sizeof methods[0]; i++) {
        d->lost_call = methods[i];
        pass(d);
        assert_false(d->outcome.peers_reached);
        reopen_mirror(d, false);
        restart(d->f);
    }
    d->lost_call = NULL;
    for (size_t i = 0; i < sizeof methods / sizeof methods[0]; i++) {
        d->lost_answer = methods[i];
        pass(d);
        reopen_mirror(d, false);
        restart(d->f);
    }
    finish(d, 1);
}

/* The result is durable before it is published, and stays what it is. */
static void test_result_is_kept_before_it_is_published(void **state)
{
    desk *d = *state;
    evh_buffer first = evh_buffer_init(1 << 20);
    evh_buffer second = evh_buffer_init(1 << 20);
    make_ready(d, 1, 4);
    d->lost_call = "/evenhand.v1.Leader/PublishResult";
    pass(d);
    assert_int_equal(d->outcome.troubled, 1);
    const evh_collect_row row = row_of(d, 1);
    assert_true(test_read_file(&first, row.path));
    /* The shares are not asked for again. */
    d->calls = 0;
    pass(d);
    assert_int_equal(d->calls, 2);
    /* A crash between both files: made again, with the same bytes. */
    char entry[400];
    entry_path_of(entry, &row);
    assert_int_equal(unlink(entry), 0);
    finish(d, 1);
    assert_true(test_read_file(&second, row.path));
    assert_views_equal(evh_buffer_view(&second), evh_buffer_view(&first));
    evh_buffer_clear(&first);
    evh_buffer_clear(&second);
}

static void test_lost_folder_is_filled_from_the_leader(void **state)
{
    desk *d = *state;
    char entry[400];
    make_ready(d, 1, 4);
    pass(d);
    const evh_collect_row row = row_of(d, 1);
    entry_path_of(entry, &row);
    assert_int_equal(unlink(row.path), 0);
    assert_int_equal(unlink(entry), 0);
    cosign(d->f);
    d->lost_call = "/evenhand.v1.Leader/GetResult";
    pass(d);
    assert_int_equal(d->outcome.published, 1);
    d->lost_call = NULL;
    pass(d);
    assert_confirmed(d, 1, 4);
}

static void flip_byte(const char *path)
{
    evh_buffer bytes = evh_buffer_init(1 << 20);
    assert_true(test_read_file(&bytes, path));
    bytes.data[bytes.len / 2] ^= 1;
    assert_ok(evh_file_replace(path, evh_buffer_view(&bytes), EVH_FILE_SHARED));
    evh_buffer_clear(&bytes);
}

static void test_damaged_files_are_not_published(void **state)
{
    desk *d = *state;
    bool moved = false;
    char entry[400];
    make_ready(d, 1, 4);
    d->lost_call = "/evenhand.v1.Leader/PublishResult";
    pass(d);
    d->lost_call = NULL;
    const evh_collect_row row = row_of(d, 1);
    entry_path_of(entry, &row);
    flip_byte(row.path);
    assert_fails_with(evh_collect_round(&d->collect, &row, &moved), EVH_ERR_STORE, "move both");
    pass(d);
    assert_int_equal(d->outcome.troubled, 1);
    flip_byte(row.path);
    flip_byte(entry);
    assert_fails_with(evh_collect_round(&d->collect, &row, &moved), EVH_ERR_STORE, "move both");
    flip_byte(entry);
    finish(d, 1);
}

static void test_unwritable_folder_concerns_the_round(void **state)
{
    desk *d = *state;
    char moved[320];
    make_ready(d, 1, 4);
    (void)snprintf(moved, sizeof moved, "%s.away", d->results);
    assert_int_equal(rename(d->results, moved), 0);
    pass(d);
    assert_int_equal(d->outcome.troubled, 1);
    assert_true(logged(d, "code=STORE"));
    assert_int_equal(rename(moved, d->results), 0);
    finish(d, 1);
}

/* ---- aggregators that do not tell the truth ---- */

static void refuses(desk *d, evh_code code)
{
    bool moved = false;
    assert_ok(evh_collect_follow(&d->collect, &d->outcome.log));
    const evh_collect_row row = row_of(d, 1);
    assert_fails(evh_collect_round(&d->collect, &row, &moved), code);
    assert_false(moved);
    assert_false(exists(row.path));
}

static void more_reports(desk *d, bool leader, Evenhand__V1__AggregateShare *answer)
{
    (void)d;
    if (leader)
        answer->report_count++;
}

static void more_reports_at_both(desk *d, bool leader, Evenhand__V1__AggregateShare *answer)
{
    (void)d;
    (void)leader;
    answer->report_count++;
}

static void other_root(desk *d, bool leader, Evenhand__V1__AggregateShare *answer)
{
    (void)d;
    if (!leader)
        answer->reports_root.data[0] ^= 1;
}

static void broken_seal(desk *d, bool leader, Evenhand__V1__AggregateShare *answer)
{
    (void)d;
    if (!leader)
        answer->sealed.data[answer->sealed.len - 1] ^= 1;
}

static void short_seal(desk *d, bool leader, Evenhand__V1__AggregateShare *answer)
{
    (void)d;
    if (leader)
        answer->sealed.len = 3;
}

static void test_shares_that_do_not_fit_are_refused(void **state)
{
    desk *d = *state;
    make_ready(d, 1, 4);
    d->edit = more_reports;
    refuses(d, EVH_ERR_REFUSED);
    d->edit = more_reports_at_both;
    refuses(d, EVH_ERR_REFUSED);
    d->edit = other_root;
    refuses(d, EVH_ERR_REFUSED);
    d->edit = broken_seal;
    refuses(d, EVH_ERR_KEY);
    d->edit = short_seal;
    bool moved = false;
    const evh_collect_row row = row_of(d, 1);
    assert_true(evh_collect_round(&d->collect, &row, &moved).code != EVH_OK);
    assert_false(exists(row.path));
    d->edit = NULL;
    finish(d, 1);
}

static void test_leaders_share_in_the_helpers_place_is_refused(void **state)
{
    desk *d = *state;
    make_ready(d, 1, 4);
    d->swapped = true;
    refuses(d, EVH_ERR_KEY);
}

static void test_wrong_collector_key_is_refused(void **state)
{
    desk *d = *state;
    evh_key_ring *other = NULL;
    evh_hpke_secret_key *secret = NULL;
    evh_key_config config = {.suite = evh_hpke_suite_aes128gcm()};
    make_ready(d, 1, 4);
    assert_ok(evh_key_ring_new(&other));
    assert_ok(evh_hpke_key_generate(&secret, &config.key, &d->f->rng));
    assert_ok(evh_key_ring_add_take(other, NULL, config.suite, &secret));
    d->collect.keys = other;
    refuses(d, EVH_ERR_KEY);
    evh_key_ring_free(&other);
}

/* Another result of the same collector, as if its key were used elsewhere. */
static void test_another_result_in_the_log_is_noticed(void **state)
{
    desk *d = *state;
    const int64_t sums[CELLS] = {1, 2, 3, 4};
    bool moved = false;
    make_ready(d, 1, 4);
    d->lost_call = "/evenhand.v1.Leader/PublishResult";
    pass(d);
    d->lost_call = NULL;
    publish_result(d->f, sums);
    const evh_collect_row ready = row_of(d, 1);
    assert_fails(evh_collect_round(&d->collect, &ready, &moved), EVH_ERR_REFUSED);
    cosign(d->f);
    pass(d);
    assert_int_equal(d->outcome.troubled, 1);
    const evh_collect_row row = row_of(d, 1);
    assert_int_equal(row.state, EVH_COLLECT_PUBLISHED);
    assert_fails_with(evh_collect_round(&d->collect, &row, &moved), EVH_ERR_REFUSED,
                      "another result");
}

static void test_trouble_with_one_round_stops_no_other(void **state)
{
    desk *d = *state;
    make_ready(d, 1, 4);
    d->lost_call = "/evenhand.v1.Leader/PublishResult";
    pass(d);
    d->lost_call = NULL;
    flip_byte(row_of(d, 1).path);
    make_ready(d, 2, 4);
    pass(d);
    assert_int_equal(d->outcome.troubled, 1);
    cosign(d->f);
    pass(d);
    assert_confirmed(d, 2, 4);
    assert_int_equal(row_of(d, 1).state, EVH_COLLECT_READY);
}

/* Another document in the place of the collector's own, with its entry. */
static void replace_result(desk *d, const evh_collect_row *row, size_t len)
{
    static const int64_t sums[4] = {0};
    char path[400];
    evh_buffer json = evh_buffer_init(len);
    evh_buffer entry = evh_buffer_init(EVH_RESULT_ENTRY_BYTES_MAX);
    uint8_t *bytes = calloc(len, 1);
    assert_non_null(bytes);
    assert_ok(evh_buffer_append(&json, evh_view_of(bytes, len)));
    assert_ok(evh_collector_sign_result(&entry, row->task_id, evh_buffer_view(&json), sums, 4,
                                        d->self.signing));
    entry_path_of(path, row);
    assert_ok(evh_file_replace(row->path, evh_buffer_view(&json), EVH_FILE_SHARED));
    assert_ok(evh_file_replace(path, evh_buffer_view(&entry), EVH_FILE_SHARED));
    free(bytes);
    evh_buffer_clear(&json);
    evh_buffer_clear(&entry);
}

/* A result that no message has room for: said as such, and kept. */
static void test_result_too_large_stops_no_other(void **state)
{
    desk *d = *state;
    bool moved = false;
    make_ready(d, 1, 4);
    d->lost_call = "/evenhand.v1.Leader/PublishResult";
    pass(d);
    d->lost_call = NULL;
    const evh_collect_row row = row_of(d, 1);
    replace_result(d, &row, (size_t)EVH_MESSAGE_BYTES_MAX);
    assert_fails_with(evh_collect_round(&d->collect, &row, &moved), EVH_ERR_RANGE, "fewer groups");
    make_ready(d, 2, 4);
    pass(d);
    assert_int_equal(d->outcome.troubled, 1);
    assert_true(logged(d, "event=result_too_large"));
    cosign(d->f);
    pass(d);
    assert_confirmed(d, 2, 4);
    assert_true(exists(row.path));
    assert_int_equal(row_of(d, 1).state, EVH_COLLECT_READY);
}

/* Nothing is handed to a leader that shows another log than before. */
static void test_nothing_is_published_to_another_log(void **state)
{
    desk *d = *state;
    evh_identity kept = d->self.witness;
    make_ready(d, 1, 4);
    assert_ok(evh_collect_follow(&d->collect, &d->outcome.log));
    d->self.witness = d->f->log_key.identity;
    d->self.witness.type = EVH_IDENTITY_COSIGNATURE;
    pass(d);
    assert_int_equal(d->outcome.log_code, EVH_ERR_KEY);
    assert_int_equal(d->outcome.log.finding, EVH_FOLLOW_NOT_COSIGNED);
    assert_true(logged(d, "finding=not_cosigned"));
    assert_false(exists(row_of(d, 1).path));
    d->self.witness = kept;
    finish(d, 1);
}

int run_collect_fault_tests(void)
{
    const struct CMUnitTest tests[] = {
        DESK_TEST(test_lost_calls_and_answers_change_nothing),
        DESK_TEST(test_result_is_kept_before_it_is_published),
        DESK_TEST(test_lost_folder_is_filled_from_the_leader),
        DESK_TEST(test_damaged_files_are_not_published),
        DESK_TEST(test_unwritable_folder_concerns_the_round),
        DESK_TEST(test_shares_that_do_not_fit_are_refused),
        DESK_TEST(test_leaders_share_in_the_helpers_place_is_refused),
        DESK_TEST(test_wrong_collector_key_is_refused),
        DESK_TEST(test_another_result_in_the_log_is_noticed),
        DESK_TEST(test_trouble_with_one_round_stops_no_other),
        DESK_TEST(test_result_too_large_stops_no_other),
        DESK_TEST(test_nothing_is_published_to_another_log),
    };
    return cmocka_run_group_tests_name("collect faults", tests, NULL, NULL);
}
