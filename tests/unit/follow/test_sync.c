/* SPDX-License-Identifier: Apache-2.0
 * A mirror brought up to date, and everything a leader can do to one. */
#include <string.h>

#include "evenhand/tlog/checkpoint.h"
#include "evenhand/wire/message.h"
#include "fixture.h"

/* Fails as wanted, with that finding, and leaves the mirror alone. */
static void refuses(fixture *f, evh_code code, evh_follow_finding finding)
{
    const uint64_t before = mirror_size(f);
    const uint64_t visited = f->visited;
    assert_fails(sync_mirror(f), code);
    assert_int_equal(f->report.finding, finding);
    assert_int_equal(mirror_size(f), before);
    f->visited = visited; /* visits of a transaction that was undone do not count */
}

static void test_sync_follows_growth(void **state)
{
    fixture *f = *state;
    append_entries(f, f->leader, 5, 0);
    publish(f);
    assert_ok(sync_mirror(f));
    assert_int_equal(f->report.finding, EVH_FOLLOW_FINE);
    assert_int_equal(f->report.size, 5);
    assert_int_equal(f->report.new_entries, 5);
    assert_int_equal(f->report.cosigned_s, 77);
    assert_int_equal(mirror_checkpoint_size(f), 5);
    f->cosigned_s = 99;
    append_entries(f, f->leader, 8, 0);
    publish(f);
    f->page = 3;
    assert_ok(sync_mirror(f));
    assert_int_equal(f->report.size, 13);
    assert_int_equal(f->report.new_entries, 8);
    assert_int_equal(f->report.cosigned_s, 99);
    assert_int_equal(f->visited, 13);
    assert_mirror_is_a_prefix(f);
    /* Nothing new: one call. */
    f->calls = 0;
    assert_ok(sync_mirror(f));
    assert_int_equal(f->report.new_entries, 0);
    assert_int_equal(f->calls, 1);
}

static void test_sync_keeps_the_cosignature(void **state)
{
    fixture *f = *state;
    evh_checkpoint checkpoint;
    evh_seal_verdict verdict = EVH_SEAL_REJECTED;
    uint64_t time_s = 0;
    append_entries(f, f->leader, 5, 0);
    publish(f);
    assert_ok(sync_mirror(f));
    (void)mirror_checkpoint_size(f);
    assert_ok(evh_checkpoint_read(&checkpoint, evh_buffer_view(&f->scratch)));
    assert_ok(evh_checkpoint_check_cosignature(&verdict, &time_s, &checkpoint, f->policy.helper));
    assert_int_equal(verdict, EVH_SEAL_ACCEPTED);
}

static void test_sync_unreachable_or_declined(void **state)
{
    fixture *f = *state;
    /* Nothing has been published. */
    refuses(f, EVH_ERR_UNAVAILABLE, EVH_FOLLOW_UNREACHABLE);
    append_entries(f, f->leader, 5, 0);
    publish(f);
    f->failure = evh_fail(EVH_ERR_UNAVAILABLE, "gone");
    f->failing = "/evenhand.v1.Leader/GetCheckpoint";
    refuses(f, EVH_ERR_UNAVAILABLE, EVH_FOLLOW_UNREACHABLE);
    f->failing = "/evenhand.v1.Leader/GetEntries";
    refuses(f, EVH_ERR_UNAVAILABLE, EVH_FOLLOW_UNREACHABLE);
    f->failure = evh_fail(EVH_ERR_REFUSED, "no");
    refuses(f, EVH_ERR_REFUSED, EVH_FOLLOW_DECLINED);
    f->failure = evh_fail(EVH_ERR_MEMORY, "too long");
    refuses(f, EVH_ERR_MEMORY, EVH_FOLLOW_LOCAL);
    f->failing = NULL;
    assert_ok(sync_mirror(f));
}

static void test_sync_refuses_other_keys(void **state)
{
    fixture *f = *state;
    const evh_identity *log = f->policy.log;
    append_entries(f, f->leader, 5, 0);
    publish(f);
    assert_ok(evh_signing_key_generate(&f->other, EVH_IDENTITY_ED25519,
                                       view_of_literal("leader.example/log"), &f->rng));
    f->policy.log = &f->other.identity;
    refuses(f, EVH_ERR_KEY, EVH_FOLLOW_NOT_SIGNED);
    evh_signing_key_clear(&f->other);
    assert_ok(evh_signing_key_generate(&f->other, EVH_IDENTITY_ED25519,
                                       view_of_literal("leader.example/2"), &f->rng));
    f->policy.log = &f->other.identity;
    refuses(f, EVH_ERR_REFUSED, EVH_FOLLOW_OTHER_LOG);
    evh_signing_key_clear(&f->other);
    f->policy.log = log;
    assert_ok(evh_signing_key_generate(&f->other, EVH_IDENTITY_COSIGNATURE,
                                       view_of_literal("helper.example"), &f->rng));
    f->policy.helper = &f->other.identity;
    refuses(f, EVH_ERR_KEY, EVH_FOLLOW_NOT_COSIGNED);
    f->policy.helper = &f->witness.identity;
    assert_ok(sync_mirror(f));
}

/* The checkpoint without its cosignature, which is its last line. */
static void drop_cosignature(fixture *f, Evenhand__V1__GetCheckpointResponse *answer)
{
    (void)f;
    do
        answer->checkpoint.len--;
    while (answer->checkpoint.data[answer->checkpoint.len - 1] != '\n');
}

static void break_cosignature(fixture *f, Evenhand__V1__GetCheckpointResponse *answer)
{
    (void)f;
    uint8_t *middle = &answer->checkpoint.data[answer->checkpoint.len - 40];
    *middle = *middle == 'A' ? 'B' : 'A';
}

static void test_sync_refuses_a_checkpoint_that_is_not_cosigned(void **state)
{
    fixture *f = *state;
    append_entries(f, f->leader, 5, 0);
    publish(f);
    f->checkpoint_edit = drop_cosignature;
    refuses(f, EVH_ERR_KEY, EVH_FOLLOW_NOT_COSIGNED);
    f->checkpoint_edit = break_cosignature;
    refuses(f, EVH_ERR_KEY, EVH_FOLLOW_NOT_COSIGNED);
}

/* Another size in the body: the signatures no longer fit. */
static void lie_about_size(fixture *f, Evenhand__V1__GetCheckpointResponse *answer)
{
    (void)f;
    uint8_t *digit = memchr(answer->checkpoint.data, '\n', answer->checkpoint.len);
    digit[1] = digit[1] == '9' ? '8' : '9';
}

static void no_checkpoint(fixture *f, Evenhand__V1__GetCheckpointResponse *answer)
{
    (void)f;
    answer->checkpoint.len = 0;
}

static void short_hash(fixture *f, Evenhand__V1__GetCheckpointResponse *answer)
{
    (void)f;
    if (answer->n_consistency > 0)
        answer->consistency[0].len = 31;
}

static void wrong_hash(fixture *f, Evenhand__V1__GetCheckpointResponse *answer)
{
    (void)f;
    if (answer->n_consistency > 0)
        answer->consistency[0].data[7] ^= 1;
}

static void no_proof(fixture *f, Evenhand__V1__GetCheckpointResponse *answer)
{
    (void)f;
    answer->n_consistency = 0;
}

static void long_proof(fixture *f, Evenhand__V1__GetCheckpointResponse *answer)
{
    static uint8_t hash[EVH_MERKLE_HASH_LEN];
    static ProtobufCBinaryData hashes[EVH_MERKLE_PROOF_MAX + 1];
    (void)f;
    for (size_t i = 0; i <= EVH_MERKLE_PROOF_MAX; i++)
        evh_wire_set_bytes(&hashes[i], evh_view_of(hash, sizeof hash));
    answer->consistency = hashes;
    answer->n_consistency = EVH_MERKLE_PROOF_MAX + 1;
}

static void long_checkpoint(fixture *f, Evenhand__V1__GetCheckpointResponse *answer)
{
    static uint8_t text[EVH_CHECKPOINT_BYTES_MAX + 1];
    (void)f;
    evh_wire_set_bytes(&answer->checkpoint, evh_view_of(text, sizeof text));
}

static void test_sync_refuses_malformed_checkpoints(void **state)
{
    fixture *f = *state;
    append_entries(f, f->leader, 5, 0);
    publish(f);
    assert_ok(sync_mirror(f));
    append_entries(f, f->leader, 6, 0);
    publish(f);
    f->checkpoint_edit = lie_about_size;
    refuses(f, EVH_ERR_KEY, EVH_FOLLOW_NOT_SIGNED);
    f->checkpoint_edit = no_checkpoint;
    refuses(f, EVH_ERR_ENCODING, EVH_FOLLOW_MALFORMED);
    f->checkpoint_edit = short_hash;
    refuses(f, EVH_ERR_LENGTH, EVH_FOLLOW_MALFORMED);
    f->checkpoint_edit = long_proof;
    refuses(f, EVH_ERR_LENGTH, EVH_FOLLOW_MALFORMED);
    f->checkpoint_edit = long_checkpoint;
    refuses(f, EVH_ERR_LENGTH, EVH_FOLLOW_MALFORMED);
    f->checkpoint_edit = wrong_hash;
    refuses(f, EVH_ERR_REFUSED, EVH_FOLLOW_FORKED);
    f->checkpoint_edit = no_proof;
    refuses(f, EVH_ERR_REFUSED, EVH_FOLLOW_FORKED);
    f->raw = view_of_literal("\xff\xff\xff");
    refuses(f, EVH_ERR_ENCODING, EVH_FOLLOW_MALFORMED);
}

static void test_sync_refuses_a_shorter_log(void **state)
{
    fixture *f = *state;
    append_entries(f, f->leader, 9, 0);
    publish(f);
    assert_ok(sync_mirror(f));
    replace_leader(f, "restored.db");
    append_entries(f, f->leader, 6, 0);
    publish(f);
    refuses(f, EVH_ERR_REFUSED, EVH_FOLLOW_ROLLED_BACK);
    append_entries(f, f->leader, 5, 0);
    publish(f);
    assert_ok(sync_mirror(f));
    assert_int_equal(f->report.size, 11);
}

/* A leader that answers a question from a size it does not have with what it has. */
static void test_sync_refuses_a_shorter_log_that_is_not_admitted(void **state)
{
    fixture *f = *state;
    append_entries(f, f->leader, 3, 0);
    publish(f);
    evh_buffer old = evh_buffer_init(1 << 16);
    Evenhand__V1__GetCheckpointResponse answer;
    uint64_t size = 0;
    assert_ok(evh_store_begin(f->leader));
    assert_ok(evh_translog_newest(f->leader, true, &f->scratch, &size));
    evh_store_rollback(f->leader);
    evenhand__v1__get_checkpoint_response__init(&answer);
    evh_wire_set_bytes(&answer.checkpoint, evh_buffer_view(&f->scratch));
    assert_ok(evh_wire_pack(&old, &answer.base));
    append_entries(f, f->leader, 3, 0);
    publish(f);
    assert_ok(sync_mirror(f));
    f->raw = evh_buffer_view(&old);
    refuses(f, EVH_ERR_REFUSED, EVH_FOLLOW_ROLLED_BACK);
    evh_buffer_clear(&old);
}

static void test_sync_refuses_a_fork(void **state)
{
    fixture *f = *state;
    append_entries(f, f->leader, 9, 0);
    publish(f);
    assert_ok(sync_mirror(f));
    replace_leader(f, "fork.db");
    append_entries(f, f->leader, 9, 1);
    publish(f);
    refuses(f, EVH_ERR_REFUSED, EVH_FOLLOW_FORKED);
    append_entries(f, f->leader, 4, 1);
    publish(f);
    refuses(f, EVH_ERR_REFUSED, EVH_FOLLOW_FORKED);
}

static void empty_page(fixture *f, Evenhand__V1__GetEntriesResponse *answer)
{
    (void)f;
    answer->n_entries = 0;
}

/* One more than asked for; the array has room for it. */
static void one_more(fixture *f, Evenhand__V1__GetEntriesResponse *answer)
{
    (void)f;
    answer->entries[answer->n_entries] = answer->entries[0];
    answer->n_entries++;
}

static void swapped(fixture *f, Evenhand__V1__GetEntriesResponse *answer)
{
    (void)f;
    ProtobufCBinaryData first = answer->entries[0];
    answer->entries[0] = answer->entries[1];
    answer->entries[1] = first;
}

static void changed(fixture *f, Evenhand__V1__GetEntriesResponse *answer)
{
    (void)f;
    answer->entries[1].data[answer->entries[1].len - 1] ^= 1;
}

static void cut(fixture *f, Evenhand__V1__GetEntriesResponse *answer)
{
    (void)f;
    answer->entries[1].len--;
}

static void test_sync_refuses_entries_that_are_not_the_logs(void **state)
{
    fixture *f = *state;
    append_entries(f, f->leader, 7, 0);
    publish(f);
    f->page_edit = empty_page;
    refuses(f, EVH_ERR_LENGTH, EVH_FOLLOW_MALFORMED);
    f->page_edit = one_more;
    refuses(f, EVH_ERR_LENGTH, EVH_FOLLOW_MALFORMED);
    f->page_edit = swapped; /* their times go back */
    refuses(f, EVH_ERR_RANGE, EVH_FOLLOW_MALFORMED);
    f->page_edit = cut;
    refuses(f, EVH_ERR_ENCODING, EVH_FOLLOW_MALFORMED);
    f->page_edit = changed;
    refuses(f, EVH_ERR_REFUSED, EVH_FOLLOW_MISMATCH);
    f->page_edit = NULL;
    assert_ok(sync_mirror(f));
}

static void test_sync_undone_when_the_visitor_refuses(void **state)
{
    fixture *f = *state;
    append_entries(f, f->leader, 7, 0);
    publish(f);
    f->refuse_from = 4;
    refuses(f, EVH_ERR_PRIVACY, EVH_FOLLOW_VISIT);
    f->refuse_from = UINT64_MAX;
    assert_ok(sync_mirror(f));
}

static void test_finding_name_of_each(void **state)
{
    (void)state;
    for (size_t i = 0; i < EVH_FOLLOW_FINDING_COUNT; i++)
        for (size_t j = 0; j < i; j++)
            assert_string_not_equal(evh_follow_finding_name((evh_follow_finding)i),
                                    evh_follow_finding_name((evh_follow_finding)j));
    assert_string_equal(evh_follow_finding_name(EVH_FOLLOW_ROLLED_BACK), "rolled_back");
    assert_string_equal(evh_follow_finding_name(EVH_FOLLOW_LOCAL), "local");
}

int run_sync_tests(void)
{
    const struct CMUnitTest tests[] = {
        FOLLOW_TEST(test_sync_follows_growth),
        FOLLOW_TEST(test_sync_keeps_the_cosignature),
        FOLLOW_TEST(test_sync_unreachable_or_declined),
        FOLLOW_TEST(test_sync_refuses_other_keys),
        FOLLOW_TEST(test_sync_refuses_a_checkpoint_that_is_not_cosigned),
        FOLLOW_TEST(test_sync_refuses_malformed_checkpoints),
        FOLLOW_TEST(test_sync_refuses_a_shorter_log),
        FOLLOW_TEST(test_sync_refuses_a_shorter_log_that_is_not_admitted),
        FOLLOW_TEST(test_sync_refuses_a_fork),
        FOLLOW_TEST(test_sync_refuses_entries_that_are_not_the_logs),
        FOLLOW_TEST(test_sync_undone_when_the_visitor_refuses),
        cmocka_unit_test(test_finding_name_of_each),
    };
    return cmocka_run_group_tests_name("sync", tests, NULL, NULL);
}
