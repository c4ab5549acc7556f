/* SPDX-License-Identifier: Apache-2.0
 * What every back end of the store has to do. */
#include <string.h>
#include <time.h>

#include "support/test.h"
#include "tests.h"

static store_maker maker;

typedef struct fixture {
    evh_store *store;
    evh_buffer value;
} fixture;

static int set_up(void **state)
{
    static fixture f;
    f.store = maker.create();
    f.value = evh_buffer_init(EVH_STORE_VALUE_BYTES_MAX);
    *state = &f;
    return 0;
}

static int tear_down(void **state)
{
    fixture *f = *state;
    evh_store_close(&f->store);
    assert_null(f->store);
    evh_buffer_clear(&f->value);
    maker.remove();
    return 0;
}

static evh_view text(const char *t)
{
    return evh_view_of_text(t);
}

static void expect(fixture *f, evh_store_table table, const char *key, const char *value)
{
    bool found = false;
    assert_ok(evh_store_get(f->store, table, text(key), &f->value, &found));
    assert_int_equal(found, value != NULL);
    if (value != NULL)
        assert_views_equal(evh_buffer_view(&f->value), text(value));
}

static void test_put_get_delete(void **state)
{
    fixture *f = *state;
    assert_ok(evh_store_begin(f->store));
    expect(f, EVH_STORE_META, "a", NULL);
    assert_ok(evh_store_put(f->store, EVH_STORE_META, text("a"), text("1")));
    assert_ok(evh_store_put(f->store, EVH_STORE_ROUNDS, text("a"), text("")));
    expect(f, EVH_STORE_META, "a", "1");
    expect(f, EVH_STORE_ROUNDS, "a", "");
    assert_ok(evh_store_put(f->store, EVH_STORE_META, text("a"), text("2")));
    expect(f, EVH_STORE_META, "a", "2");
    assert_ok(evh_store_delete(f->store, EVH_STORE_META, text("a")));
    assert_ok(evh_store_delete(f->store, EVH_STORE_META, text("a")));
    expect(f, EVH_STORE_META, "a", NULL);
    expect(f, EVH_STORE_ROUNDS, "a", "");
    assert_ok(evh_store_commit(f->store));
}

static void test_add_only_once(void **state)
{
    fixture *f = *state;
    bool added = false;
    assert_ok(evh_store_begin(f->store));
    assert_ok(evh_store_add(f->store, EVH_STORE_REPORTS, text("k"), text("1"), &added));
    assert_true(added);
    assert_ok(evh_store_add(f->store, EVH_STORE_REPORTS, text("k"), text("2"), &added));
    assert_false(added);
    expect(f, EVH_STORE_REPORTS, "k", "1");
    assert_ok(evh_store_commit(f->store));
}

static void test_rollback_undoes_and_commit_stays(void **state)
{
    fixture *f = *state;
    assert_ok(evh_store_begin(f->store));
    assert_ok(evh_store_put(f->store, EVH_STORE_META, text("kept"), text("1")));
    assert_ok(evh_store_commit(f->store));
    assert_ok(evh_store_begin(f->store));
    assert_ok(evh_store_put(f->store, EVH_STORE_META, text("kept"), text("2")));
    assert_ok(evh_store_put(f->store, EVH_STORE_META, text("lost"), text("1")));
    evh_store_rollback(f->store);
    evh_store_rollback(f->store);
    assert_ok(evh_store_begin(f->store));
    assert_ok(evh_store_put(f->store, EVH_STORE_META, text("open"), text("1")));
    evh_store_close(&f->store);
    f->store = maker.reopen();
    assert_ok(evh_store_begin(f->store));
    expect(f, EVH_STORE_META, "kept", "1");
    expect(f, EVH_STORE_META, "lost", NULL);
    expect(f, EVH_STORE_META, "open", NULL);
    assert_ok(evh_store_commit(f->store));
}

typedef struct seen {
    char keys[16][16];
    size_t count;
    size_t stop_after;
} seen;

static evh_status note_key(void *context, evh_view key, evh_view value, bool *stop)
{
    seen *s = context;
    (void)value;
    assert_true(s->count < 16 && key.len < 16);
    memcpy(s->keys[s->count], key.data, key.len);
    s->keys[s->count][key.len] = '\0';
    s->count++;
    *stop = s->count == s->stop_after;
    return evh_ok();
}

static evh_status fail_visit(void *context, evh_view key, evh_view value, bool *stop)
{
    (void)context;
    (void)key;
    (void)value;
    (void)stop;
    return evh_fail(EVH_ERR_TYPE, "no");
}

static void test_scan_prefix_in_order(void **state)
{
    fixture *f = *state;
    static const char *const keys[] = {"b", "aa", "ab", "\xff\xff", "a", "ac", "b\xff"};
    assert_ok(evh_store_begin(f->store));
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++)
        assert_ok(evh_store_put(f->store, EVH_STORE_JOBS, text(keys[i]), text("v")));
    assert_ok(evh_store_put(f->store, EVH_STORE_META, text("ax"), text("v")));
    seen s = {.count = 0};
    assert_ok(evh_store_scan(f->store, EVH_STORE_JOBS, text("a"), note_key, &s));
    assert_int_equal(s.count, 4);
    assert_string_equal(s.keys[0], "a");
    assert_string_equal(s.keys[3], "ac");
    s.count = 0;
    assert_ok(evh_store_scan(f->store, EVH_STORE_JOBS, text(""), note_key, &s));
    assert_int_equal(s.count, 7);
    assert_string_equal(s.keys[6], "\xff\xff");
    s.count = 0;
    s.stop_after = 2;
    assert_ok(evh_store_scan(f->store, EVH_STORE_JOBS, text(""), note_key, &s));
    assert_int_equal(s.count, 2);
    s.count = 0;
    assert_ok(evh_store_scan(f->store, EVH_STORE_JOBS, text("zz"), note_key, &s));
    assert_int_equal(s.count, 0);
    assert_fails(evh_store_scan(f->store, EVH_STORE_JOBS, text(""), fail_visit, NULL),
                 EVH_ERR_TYPE);
    assert_ok(evh_store_commit(f->store));
}

static void test_large_values_and_ceilings(void **state)
{
    fixture *f = *state;
    evh_buffer big = evh_buffer_init(8 << 20);
    evh_buffer small = evh_buffer_init(16);
    uint8_t *bytes = NULL;
    bool found = true;
    assert_ok(evh_buffer_extend(&big, 8 << 20, &bytes));
    memset(bytes, 0xa5, 8 << 20);
    assert_ok(evh_store_begin(f->store));
    assert_ok(evh_store_put(f->store, EVH_STORE_REPORTS, text("big"), evh_buffer_view(&big)));
    assert_ok(evh_store_get(f->store, EVH_STORE_REPORTS, text("big"), &f->value, &found));
    assert_views_equal(evh_buffer_view(&f->value), evh_buffer_view(&big));
    assert_fails(evh_store_get(f->store, EVH_STORE_REPORTS, text("big"), &small, &found),
                 EVH_ERR_MEMORY);
    assert_false(found);
    assert_fails(evh_store_put(f->store, EVH_STORE_REPORTS, text("k"),
                               evh_view_of(bytes, (size_t)EVH_STORE_VALUE_BYTES_MAX + 1)),
                 EVH_ERR_ARG);
    assert_ok(evh_store_commit(f->store));
    evh_buffer_clear(&big);
    evh_buffer_clear(&small);
}

static evh_status slow_visit(void *context, evh_view key, evh_view value, bool *stop)
{
    (void)context;
    (void)key;
    (void)value;
    struct timespec pause = {.tv_sec = 0, .tv_nsec = 50000000};
    (void)nanosleep(&pause, NULL);
    *stop = false;
    return evh_ok();
}

static void test_used_counts_transactions_and_time(void **state)
{
    fixture *f = *state;
    evh_store_usage before = evh_store_used(f->store);
    assert_int_equal(before.committed, 0);
    assert_ok(evh_store_begin(f->store));
    assert_ok(evh_store_put(f->store, EVH_STORE_META, text("a"), text("1")));
    assert_ok(evh_store_commit(f->store));
    assert_ok(evh_store_begin(f->store));
    assert_ok(evh_store_scan(f->store, EVH_STORE_META, text("a"), slow_visit, NULL));
    evh_store_rollback(f->store);
    evh_store_usage after = evh_store_used(f->store);
    assert_int_equal(after.committed, 1);
    assert_int_equal(after.undone, 1);
    assert_int_equal(after.failed, 0);
    assert_true(after.held_ns >= 50000000);
    assert_true(after.busy_ns > 0);
    assert_true(after.busy_ns <= after.held_ns - 50000000);
}

static void test_misuse_is_refused(void **state)
{
    fixture *f = *state;
    bool found = false;
    uint8_t long_key[EVH_STORE_KEY_BYTES_MAX + 1] = {0};
    assert_fails(evh_store_get(f->store, EVH_STORE_META, text("a"), &f->value, &found),
                 EVH_ERR_ARG);
    assert_fails(evh_store_put(f->store, EVH_STORE_META, text("a"), text("b")), EVH_ERR_ARG);
    assert_fails(evh_store_commit(f->store), EVH_ERR_ARG);
    assert_ok(evh_store_begin(f->store));
    assert_fails(evh_store_put(f->store, EVH_STORE_META, text(""), text("b")), EVH_ERR_ARG);
    assert_fails(
        evh_store_put(f->store, EVH_STORE_META, evh_view_of(long_key, sizeof long_key), text("b")),
        EVH_ERR_ARG);
    assert_fails(evh_store_put(f->store, (evh_store_table)99, text("a"), text("b")), EVH_ERR_ARG);
    assert_fails(evh_store_check(f->store), EVH_ERR_ARG);
    assert_fails(evh_store_backup(f->store, "x"), EVH_ERR_ARG);
    assert_ok(evh_store_commit(f->store));
    assert_ok(evh_store_check(f->store));
}

int run_store_conformance_tests(store_maker of)
{
    maker = of;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_put_get_delete, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_add_only_once, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_rollback_undoes_and_commit_stays, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_scan_prefix_in_order, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_large_values_and_ceilings, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_used_counts_transactions_and_time, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_misuse_is_refused, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
