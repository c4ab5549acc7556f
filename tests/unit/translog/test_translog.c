/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "evenhand/store/sqlite.h"
#include "evenhand/translog/translog.h"
#include "evenhand/wire/message.h"
#include "log.pb-c.h"
#include "support/test.h"

enum { SIDES = 2, LEADER = 0, MIRROR = 1, ENTRIES_MAX = 20 };

typedef struct fixture {
    test_rng seed;
    evh_rng rng;
    char folder[256];
    evh_store *store[SIDES];
    evh_signing_key log, witness;
    evh_buffer entries[ENTRIES_MAX];
    evh_view views[ENTRIES_MAX];
    evh_buffer note, scratch;
    size_t visited;
} fixture;

static void path_of(const fixture *f, size_t side, char path[300])
{
    (void)snprintf(path, 300, "%s/%zu.db", f->folder, side);
}

static void write_entry(evh_buffer *out, uint64_t written_ms, uint8_t tag)
{
    uint8_t bytes[4] = {tag, 1, 2, 3};
    Evenhand__V1__LogEntry entry;
    Evenhand__V1__PopulationEntry population;
    evenhand__v1__log_entry__init(&entry);
    evenhand__v1__population_entry__init(&population);
    evh_wire_set_bytes(&population.population, evh_view_of(bytes, sizeof bytes));
    entry.written_ms = written_ms;
    entry.kind_case = EVENHAND__V1__LOG_ENTRY__KIND_POPULATION;
    entry.population = &population;
    evh_buffer_clear(out);
    assert_ok(evh_wire_pack(out, &entry.base));
}

static int set_up(void **state)
{
    static fixture f;
    memset(&f, 0, sizeof f);
    f.rng = test_rng_seeded(&f.seed, 3);
    f.note = evh_buffer_init(EVH_CHECKPOINT_BYTES_MAX);
    f.scratch = evh_buffer_init(EVH_TRANSLOG_ENTRY_BYTES_MAX);
    test_make_dir(f.folder);
    for (size_t side = 0; side < SIDES; side++) {
        char path[300];
        path_of(&f, side, path);
        assert_ok(evh_store_sqlite_create(&f.store[side], path));
    }
    assert_ok(evh_signing_key_generate(&f.log, EVH_IDENTITY_ED25519,
                                       view_of_literal("leader.example/log"), &f.rng));
    assert_ok(evh_signing_key_generate(&f.witness, EVH_IDENTITY_COSIGNATURE,
                                       view_of_literal("helper.example"), &f.rng));
    for (size_t i = 0; i < ENTRIES_MAX; i++) {
        f.entries[i] = evh_buffer_init(1024);
        write_entry(&f.entries[i], 1000 + i, (uint8_t)i);
        f.views[i] = evh_buffer_view(&f.entries[i]);
    }
    *state = &f;
    return 0;
}

static int tear_down(void **state)
{
    fixture *f = *state;
    for (size_t side = 0; side < SIDES; side++)
        evh_store_close(&f->store[side]);
    for (size_t i = 0; i < ENTRIES_MAX; i++)
        evh_buffer_clear(&f->entries[i]);
    evh_buffer_clear(&f->note);
    evh_buffer_clear(&f->scratch);
    evh_signing_key_clear(&f->log);
    evh_signing_key_clear(&f->witness);
    test_remove_dir(f->folder);
    return 0;
}

static void append_up_to(fixture *f, size_t end)
{
    evh_store *store = f->store[LEADER];
    uint64_t size = 0;
    assert_ok(evh_store_begin(store));
    assert_ok(evh_translog_size(store, &size));
    for (size_t i = (size_t)size; i < end; i++) {
        uint64_t index = 0;
        assert_ok(evh_translog_append(store, &index, f->views[i]));
        assert_int_equal(index, i);
    }
    assert_ok(evh_store_commit(store));
}

/* Publishes at the leader; the note is in f->note. */
static void publish(fixture *f)
{
    uint64_t size = 0;
    assert_ok(evh_store_begin(f->store[LEADER]));
    assert_ok(evh_translog_publish(f->store[LEADER], &f->log));
    assert_ok(evh_translog_newest(f->store[LEADER], false, &f->note, &size));
    assert_ok(evh_store_commit(f->store[LEADER]));
}

static evh_status count_visit(void *context, uint64_t index, evh_view entry)
{
    fixture *f = context;
    assert_views_equal(entry, f->views[index]);
    f->visited++;
    return evh_ok();
}

static evh_status refuse_visit(void *context, uint64_t index, evh_view entry)
{
    (void)context;
    (void)entry;
    return index == 2 ? evh_fail(EVH_ERR_REFUSED, "not this one") : evh_ok();
}

/* Gives the mirror entries [start, end) with f->note. */
static evh_status extend(fixture *f, size_t start, size_t end, bool *accepted,
                         evh_translog_visit visit)
{
    evh_store *store = f->store[MIRROR];
    evh_translog_growth growth = {.start = start,
                                  .entries = f->views + start,
                                  .entry_count = end - start,
                                  .checkpoint = evh_buffer_view(&f->note)};
    assert_ok(evh_store_begin(store));
    evh_status status = evh_translog_extend(store, accepted, &f->log.identity, &growth, visit, f);
    if (status.code == EVH_OK)
        assert_ok(evh_store_commit(store));
    else
        evh_store_rollback(store);
    return status;
}

static uint64_t size_of(fixture *f, size_t side)
{
    uint64_t size = 0;
    assert_ok(evh_store_begin(f->store[side]));
    assert_ok(evh_translog_size(f->store[side], &size));
    evh_store_rollback(f->store[side]);
    return size;
}

static void test_append_reads_back_and_survives_reopening(void **state)
{
    fixture *f = *state;
    char path[300];
    append_up_to(f, 7);
    publish(f);
    evh_store_close(&f->store[LEADER]);
    path_of(f, LEADER, path);
    assert_ok(evh_store_sqlite_open(&f->store[LEADER], path));
    append_up_to(f, 9);
    assert_ok(evh_store_begin(f->store[LEADER]));
    for (size_t i = 0; i < 9; i++) {
        assert_ok(evh_translog_entry(f->store[LEADER], &f->scratch, i));
        assert_views_equal(evh_buffer_view(&f->scratch), f->views[i]);
    }
    assert_fails(evh_translog_entry(f->store[LEADER], &f->scratch, 9), EVH_ERR_RANGE);
    evh_store_rollback(f->store[LEADER]);
}

static void test_append_undone_with_its_transaction(void **state)
{
    fixture *f = *state;
    uint64_t index = 0;
    append_up_to(f, 3);
    assert_ok(evh_store_begin(f->store[LEADER]));
    assert_ok(evh_translog_append(f->store[LEADER], &index, f->views[3]));
    evh_store_rollback(f->store[LEADER]);
    assert_int_equal(size_of(f, LEADER), 3);
    append_up_to(f, 5);
    publish(f);
    bool accepted = false;
    assert_ok(extend(f, 0, 5, &accepted, count_visit));
    assert_true(accepted);
}

static void test_append_refuses_bad_entries(void **state)
{
    fixture *f = *state;
    evh_store *store = f->store[LEADER];
    uint64_t index = 0;
    Evenhand__V1__LogEntry entry;
    append_up_to(f, 2);
    assert_ok(evh_store_begin(store));
    assert_fails(evh_translog_append(store, &index, f->views[0]), EVH_ERR_RANGE);
    assert_fails(evh_translog_append(store, &index, view_of_literal("\xff")), EVH_ERR_ENCODING);
    evenhand__v1__log_entry__init(&entry);
    entry.written_ms = 5000;
    evh_buffer_clear(&f->scratch);
    assert_ok(evh_wire_pack(&f->scratch, &entry.base));
    assert_fails(evh_translog_append(store, &index, evh_buffer_view(&f->scratch)),
                 EVH_ERR_ENCODING);
    evh_buffer longer = evh_buffer_init(EVH_TRANSLOG_ENTRY_BYTES_MAX + 1);
    uint8_t *zeros = NULL;
    assert_ok(evh_buffer_extend(&longer, EVH_TRANSLOG_ENTRY_BYTES_MAX + 1, &zeros));
    assert_fails(evh_translog_append(store, &index, evh_buffer_view(&longer)), EVH_ERR_RANGE);
    evh_buffer_clear(&longer);
    evh_store_rollback(store);
    assert_int_equal(size_of(f, LEADER), 2);
}

static void test_time_never_goes_back(void **state)
{
    fixture *f = *state;
    uint64_t written = 0;
    append_up_to(f, 4);
    assert_ok(evh_store_begin(f->store[LEADER]));
    assert_ok(evh_translog_time(f->store[LEADER], 12, &written));
    assert_int_equal(written, 1003);
    assert_ok(evh_translog_time(f->store[LEADER], 2000, &written));
    assert_int_equal(written, 2000);
    evh_store_rollback(f->store[LEADER]);
}

static void test_proofs_hold_for_every_size(void **state)
{
    fixture *f = *state;
    evh_store *store = f->store[LEADER];
    evh_merkle_proof proof;
    evh_merkle_hash root;
    evh_merkle_hash old;
    evh_merkle_hash leaf;
    append_up_to(f, ENTRIES_MAX);
    assert_ok(evh_store_begin(store));
    for (uint64_t size = 1; size <= ENTRIES_MAX; size++) {
        bool holds = false;
        assert_ok(evh_translog_root(store, &root, size));
        for (uint64_t index = 0; index < size; index++) {
            assert_ok(evh_merkle_leaf(&leaf, f->views[index]));
            assert_ok(evh_translog_prove_inclusion(store, &proof, index, size));
            assert_ok(evh_merkle_check_inclusion(&holds, &proof, index, size, &leaf, &root));
            assert_true(holds);
            assert_ok(evh_translog_root(store, &old, index + 1));
            assert_ok(evh_translog_prove_consistency(store, &proof, index + 1, size));
            assert_ok(evh_merkle_check_consistency(&holds, &proof, index + 1, &old, size, &root));
            assert_true(holds);
        }
    }
    assert_fails(evh_translog_root(store, &root, ENTRIES_MAX + 1), EVH_ERR_RANGE);
    assert_fails(evh_translog_prove_inclusion(store, &proof, 0, ENTRIES_MAX + 1), EVH_ERR_RANGE);
    assert_fails(evh_translog_prove_consistency(store, &proof, 1, ENTRIES_MAX + 1), EVH_ERR_RANGE);
    evh_store_rollback(store);
}

static void test_mirror_takes_growth_and_cosigns(void **state)
{
    fixture *f = *state;
    bool accepted = false;
    uint8_t cosignature[EVH_COSIGNATURE_LEN];
    evh_checkpoint checkpoint;
    uint64_t size = 0;
    append_up_to(f, 5);
    publish(f);
    assert_ok(extend(f, 0, 5, &accepted, count_visit));
    assert_true(accepted);
    append_up_to(f, 11);
    publish(f);
    /* Entries are missing in between: nothing happens. */
    assert_ok(extend(f, 6, 11, &accepted, count_visit));
    assert_false(accepted);
    assert_int_equal(size_of(f, MIRROR), 5);
    /* Overlapping, and then the very same again. */
    assert_ok(extend(f, 3, 11, &accepted, count_visit));
    assert_true(accepted);
    assert_ok(extend(f, 3, 11, &accepted, count_visit));
    assert_true(accepted);
    assert_int_equal(f->visited, 11);
    assert_ok(evh_checkpoint_read(&checkpoint, evh_buffer_view(&f->note)));
    assert_ok(evh_checkpoint_cosign(cosignature, &checkpoint, 77, &f->witness));
    assert_ok(evh_store_begin(f->store[LEADER]));
    assert_ok(evh_translog_newest(f->store[LEADER], true, &f->scratch, &size));
    assert_int_equal(size, 0);
    assert_ok(evh_translog_add_cosignature(f->store[LEADER], &f->witness.identity, cosignature));
    assert_ok(evh_translog_newest(f->store[LEADER], true, &f->scratch, &size));
    assert_int_equal(size, 11);
    cosignature[20] ^= 1;
    assert_fails(evh_translog_add_cosignature(f->store[LEADER], &f->witness.identity, cosignature),
                 EVH_ERR_KEY);
    assert_ok(evh_store_commit(f->store[LEADER]));
    assert_ok(evh_store_begin(f->store[MIRROR]));
    assert_fails(evh_translog_add_cosignature(f->store[MIRROR], &f->witness.identity, cosignature),
                 EVH_ERR_KEY);
    evh_store_rollback(f->store[MIRROR]);
}

static void test_add_cosignature_needs_a_checkpoint(void **state)
{
    fixture *f = *state;
    uint8_t cosignature[EVH_COSIGNATURE_LEN] = {0};
    assert_ok(evh_store_begin(f->store[LEADER]));
    assert_fails(evh_translog_add_cosignature(f->store[LEADER], &f->witness.identity, cosignature),
                 EVH_ERR_ARG);
    evh_store_rollback(f->store[LEADER]);
}

static void test_mirror_refuses_what_is_not_growth(void **state)
{
    fixture *f = *state;
    bool accepted = false;
    append_up_to(f, 5);
    publish(f);
    assert_ok(extend(f, 0, 5, &accepted, count_visit));
    append_up_to(f, 8);
    publish(f);
    /* A rewritten old entry, a changed new one, one too few, one too many. */
    evh_view kept = f->views[4];
    f->views[4] = f->views[3];
    assert_fails(extend(f, 3, 8, &accepted, count_visit), EVH_ERR_REFUSED);
    f->views[4] = kept;
    kept = f->views[6];
    write_entry(&f->scratch, 1006, 200);
    f->views[6] = evh_buffer_view(&f->scratch);
    assert_fails(extend(f, 5, 8, &accepted, count_visit), EVH_ERR_REFUSED);
    f->views[6] = kept;
    assert_fails(extend(f, 5, 7, &accepted, count_visit), EVH_ERR_REFUSED);
    assert_fails(extend(f, 5, 9, &accepted, count_visit), EVH_ERR_REFUSED);
    /* Only part of what is there. */
    assert_fails(extend(f, 0, 4, &accepted, count_visit), EVH_ERR_REFUSED);
    assert_false(accepted);
    assert_int_equal(size_of(f, MIRROR), 5);
    assert_ok(extend(f, 5, 8, &accepted, count_visit));
    assert_true(accepted);
}

static void test_mirror_refuses_foreign_checkpoints_and_what_its_visitor_refuses(void **state)
{
    fixture *f = *state;
    bool accepted = false;
    evh_signing_key other = {.secret = NULL};
    append_up_to(f, 4);
    publish(f);
    assert_fails(extend(f, 0, 4, &accepted, refuse_visit), EVH_ERR_REFUSED);
    assert_int_equal(size_of(f, MIRROR), 0);
    f->note.data[f->note.len - 5] ^= 1;
    assert_true(extend(f, 0, 4, &accepted, count_visit).code != EVH_OK);
    publish(f);
    /* Another key under the same name, and another log. */
    evh_signing_key kept = f->log;
    assert_ok(evh_signing_key_generate(&other, EVH_IDENTITY_ED25519,
                                       view_of_literal("leader.example/log"), &f->rng));
    f->log = other;
    assert_fails(extend(f, 0, 4, &accepted, count_visit), EVH_ERR_REFUSED);
    evh_signing_key_clear(&other);
    assert_ok(evh_signing_key_generate(&other, EVH_IDENTITY_ED25519,
                                       view_of_literal("leader.example/other"), &f->rng));
    f->log = other;
    assert_fails(extend(f, 0, 4, &accepted, count_visit), EVH_ERR_REFUSED);
    evh_signing_key_clear(&other);
    f->log = kept;
    assert_int_equal(size_of(f, MIRROR), 0);
}

static void confront(fixture *f, bool expected)
{
    bool behind = !expected;
    assert_ok(evh_store_begin(f->store[LEADER]));
    assert_ok(evh_translog_confront(f->store[LEADER], &behind, &f->log.identity,
                                    evh_buffer_view(&f->note)));
    assert_ok(evh_store_commit(f->store[LEADER]));
    assert_int_equal(behind, expected);
}

static void test_confront_stops_a_restored_store(void **state)
{
    fixture *f = *state;
    char path[300];
    char backup[320];
    uint64_t index = 0;
    append_up_to(f, 4);
    publish(f);
    confront(f, false);
    (void)snprintf(backup, sizeof backup, "%s/backup.db", f->folder);
    assert_ok(evh_store_backup(f->store[LEADER], backup));
    append_up_to(f, 6);
    publish(f);
    evh_store_close(&f->store[LEADER]);
    assert_ok(evh_store_sqlite_open(&f->store[LEADER], backup));
    confront(f, true);
    assert_ok(evh_store_begin(f->store[LEADER]));
    assert_fails(evh_translog_append(f->store[LEADER], &index, f->views[4]), EVH_ERR_STORE);
    assert_fails(evh_translog_publish(f->store[LEADER], &f->log), EVH_ERR_STORE);
    evh_store_rollback(f->store[LEADER]);
    evh_store_close(&f->store[LEADER]);
    path_of(f, LEADER, path);
    assert_ok(evh_store_sqlite_open(&f->store[LEADER], path));
    append_up_to(f, 7);
}

static void test_confront_needs_the_logs_signature(void **state)
{
    fixture *f = *state;
    bool behind = true;
    append_up_to(f, 2);
    publish(f);
    assert_ok(evh_store_begin(f->store[LEADER]));
    assert_fails(evh_translog_confront(f->store[LEADER], &behind, &f->witness.identity,
                                       evh_buffer_view(&f->note)),
                 EVH_ERR_KEY);
    assert_fails(evh_translog_confront(f->store[LEADER], &behind, &f->log.identity,
                                       view_of_literal("nothing")),
                 EVH_ERR_ENCODING);
    assert_false(behind);
    evh_store_rollback(f->store[LEADER]);
}

static void test_append_refuses_after_published_entries_have_gone(void **state)
{
    fixture *f = *state;
    uint64_t index = 0;
    append_up_to(f, 3);
    /* The end of the log as it was, put back after more was published. */
    bool found = false;
    assert_ok(evh_store_begin(f->store[LEADER]));
    assert_ok(evh_store_get(f->store[LEADER], EVH_STORE_META, view_of_literal("log"), &f->scratch,
                            &found));
    assert_true(found);
    evh_store_rollback(f->store[LEADER]);
    append_up_to(f, 5);
    publish(f);
    assert_ok(evh_store_begin(f->store[LEADER]));
    assert_ok(evh_store_put(f->store[LEADER], EVH_STORE_META, view_of_literal("log"),
                            evh_buffer_view(&f->scratch)));
    assert_fails(evh_translog_append(f->store[LEADER], &index, f->views[5]), EVH_ERR_STORE);
    evh_store_rollback(f->store[LEADER]);
}

#define LOG_TEST(test_name) cmocka_unit_test_setup_teardown(test_name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        LOG_TEST(test_append_reads_back_and_survives_reopening),
        LOG_TEST(test_append_undone_with_its_transaction),
        LOG_TEST(test_append_refuses_bad_entries),
        LOG_TEST(test_time_never_goes_back),
        LOG_TEST(test_proofs_hold_for_every_size),
        LOG_TEST(test_mirror_takes_growth_and_cosigns),
        LOG_TEST(test_add_cosignature_needs_a_checkpoint),
        LOG_TEST(test_mirror_refuses_what_is_not_growth),
        LOG_TEST(test_mirror_refuses_foreign_checkpoints_and_what_its_visitor_refuses),
        LOG_TEST(test_confront_stops_a_restored_store),
        LOG_TEST(test_confront_needs_the_logs_signature),
        LOG_TEST(test_append_refuses_after_published_entries_have_gone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
