/* SPDX-License-Identifier: Apache-2.0 */
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>

#include "tests.h"

enum { ENTRIES = 5 };

/* Five entries, then a change behind the ledger's back. */
static void change(fixture *f, const char *sql)
{
    for (uint32_t round = 1; round <= ENTRIES; round++) {
        evh_ledger_charge what = charge_of(round);
        assert_ok(charge(f, &what, NULL));
    }
    evh_ledger_free(&f->ledger);
    sqlite3 *database = NULL;
    assert_int_equal(sqlite3_open(f->path, &database), SQLITE_OK);
    assert_int_equal(sqlite3_exec(database, sql, NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_close(database), SQLITE_OK);
    assert_ok(evh_ledger_open(&f->ledger, f->path, EVH_LEDGER_WRITE));
}

static evh_ledger_finding verify(fixture *f)
{
    evh_ledger_finding finding;
    assert_ok(evh_ledger_verify(f->ledger, &finding));
    return finding;
}

static void test_verify_empty_and_whole(void **state)
{
    fixture *f = *state;
    evh_ledger_finding finding = verify(f);
    assert_true(finding.intact);
    assert_int_equal(finding.entries, 0);
    change(f, "SELECT 1");
    finding = verify(f);
    assert_true(finding.intact);
    assert_int_equal(finding.entries, ENTRIES);
    assert_string_equal(finding.text, "");
}

/* Every column of an entry is held by the chain or by its own check. */
static void test_verify_names_the_entry_that_was_changed(void **state)
{
    fixture *f = *state;
    static const struct {
        const char *set;
        uint64_t sequence; /* where it shows */
    } changes[] = {
        {"population = 'patients-xx'", 3},
        {"plan_id = zeroblob(32)", 3},
        {"round = 77", 3},
        {"window_start_ms = window_start_ms + 1", 3},
        {"window_end_ms = window_end_ms + 1", 3},
        {"window_start_ms = NULL", 3},
        {"epsilon = '0.01'", 3},
        {"delta = '0'", 3},
        {"epsilon = 'none'", 3},
        {"customers_per_unit = 2", 3},
        {"customers_per_unit = 4294967296", 3},
        {"charged_ms = charged_ms + 1", 3},
        {"head = zeroblob(32)", 3},
        {"report = zeroblob(20000)", 3},
        {"report_hash = zeroblob(32)", 3},
        {"mechanism = zeroblob(10)", 3},
        {"mechanism = CAST(mechanism || x'00' AS BLOB)", 3},
    };
    for (size_t i = 0; i < sizeof changes / sizeof changes[0]; i++) {
        char sql[200];
        (void)snprintf(sql, sizeof sql,
                       "PRAGMA ignore_check_constraints = ON;"
                       "UPDATE entry SET %s WHERE sequence = 3",
                       changes[i].set);
        void *fresh = NULL;
        assert_int_equal(setup(&fresh), 0);
        change(fresh, sql);
        evh_ledger_finding finding = verify(fresh);
        if (finding.intact || finding.sequence != changes[i].sequence)
            fail_msg("%s: intact %d, at %llu: %s", changes[i].set, finding.intact,
                     (unsigned long long)finding.sequence, finding.text);
        assert_int_equal(finding.entries, 2);
        assert_int_equal(teardown(&fresh), 0);
    }
    (void)f;
}

/* Report and its hash changed together: the entry behind it stands on both. */
static void test_verify_sees_a_report_replaced_with_its_hash(void **state)
{
    fixture *f = *state;
    change(f, "UPDATE entry SET report = x'616263', report_hash ="
              " x'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'"
              " WHERE sequence = 3");
    evh_ledger_finding finding = verify(f);
    assert_false(finding.intact);
    assert_int_equal(finding.sequence, 4);
}

static void test_verify_sees_missing_entries(void **state)
{
    fixture *f = *state;
    change(f, "DELETE FROM entry WHERE sequence = 2");
    evh_ledger_finding finding = verify(f);
    assert_false(finding.intact);
    assert_int_equal(finding.sequence, 2);
    assert_non_null(strstr(finding.text, "entry 2 is missing"));
    evh_ledger_charge what = charge_of(ENTRIES + 1);
    assert_fails_with(charge(f, &what, NULL), EVH_ERR_STORE, "entries are missing");
}

static void test_verify_sees_a_cut_end(void **state)
{
    fixture *f = *state;
    change(f, "DELETE FROM entry WHERE sequence = 5");
    evh_ledger_finding finding = verify(f);
    assert_false(finding.intact);
    assert_int_equal(finding.sequence, ENTRIES);
    assert_non_null(strstr(finding.text, "at the end"));
}

static void test_verify_sees_entries_swapped(void **state)
{
    fixture *f = *state;
    change(f, "UPDATE entry SET sequence = 99 WHERE sequence = 2;"
              "UPDATE entry SET sequence = 2 WHERE sequence = 3;"
              "UPDATE entry SET sequence = 3 WHERE sequence = 99;");
    evh_ledger_finding finding = verify(f);
    assert_false(finding.intact);
    assert_int_equal(finding.sequence, 2);
}

static void test_verify_sees_another_customer(void **state)
{
    fixture *f = *state;
    change(f, "UPDATE ledger SET customer = 'acme2'");
    evh_ledger_finding finding = verify(f);
    assert_false(finding.intact);
    assert_int_equal(finding.sequence, 1);
}

static void test_find_refuses_a_changed_report(void **state)
{
    fixture *f = *state;
    change(f, "UPDATE entry SET report = zeroblob(20000) WHERE sequence = 3");
    evh_ledger_charge what = charge_of(3);
    bool found = true;
    assert_fails_with(evh_ledger_find(f->ledger, &found, &f->report, &f->position, what.plan_id, 3),
                      EVH_ERR_STORE, "ledger verify");
    assert_false(found);
    assert_fails(charge(f, &what, NULL), EVH_ERR_STORE);
    assert_int_equal(f->report.len, 0);
}

/* Bytes of the file itself: whatever is hit, it is never reported as intact with other content. */
static void test_verify_flipped_bytes_of_the_file(void **state)
{
    fixture *f = *state;
    change(f, "SELECT 1");
    evh_ledger_free(&f->ledger);
    evh_buffer original = evh_buffer_init(1 << 20);
    assert_true(test_read_file(&original, f->path));
    test_rng source;
    evh_rng rng = test_rng_seeded(&source, 3);
    unsigned noticed = 0;
    for (int i = 0; i < 60; i++) {
        uint32_t draw[2];
        assert_ok(evh_rng_fill(&rng, (uint8_t *)draw, sizeof draw));
        size_t at = draw[0] % original.len;
        FILE *file = fopen(f->path, "r+b");
        assert_non_null(file);
        assert_int_equal(fseek(file, (long)at, SEEK_SET), 0);
        assert_int_equal(fputc(original.data[at] ^ (1 << (draw[1] % 8)), file) == EOF, 0);
        assert_int_equal(fclose(file), 0);
        evh_ledger_finding finding = {.intact = false};
        evh_status status = evh_ledger_open(&f->ledger, f->path, EVH_LEDGER_READ);
        if (status.code == EVH_OK)
            status = evh_ledger_verify(f->ledger, &finding);
        if (status.code != EVH_OK)
            assert_fails(status, EVH_ERR_STORE);
        if (status.code != EVH_OK || !finding.intact)
            noticed++;
        else
            assert_int_equal(finding.entries, ENTRIES);
        evh_ledger_free(&f->ledger);
        file = fopen(f->path, "wb");
        assert_non_null(file);
        assert_int_equal(fwrite(original.data, 1, original.len, file), original.len);
        assert_int_equal(fclose(file), 0);
    }
    assert_true(noticed > 40); /* the rest hit free space and padding of pages */
    evh_buffer_clear(&original);
}

int run_verify_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_verify_empty_and_whole, setup, teardown),
        cmocka_unit_test_setup_teardown(test_verify_names_the_entry_that_was_changed, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_verify_sees_a_report_replaced_with_its_hash, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_verify_sees_missing_entries, setup, teardown),
        cmocka_unit_test_setup_teardown(test_verify_sees_a_cut_end, setup, teardown),
        cmocka_unit_test_setup_teardown(test_verify_sees_entries_swapped, setup, teardown),
        cmocka_unit_test_setup_teardown(test_verify_sees_another_customer, setup, teardown),
        cmocka_unit_test_setup_teardown(test_find_refuses_a_changed_report, setup, teardown),
        cmocka_unit_test_setup_teardown(test_verify_flipped_bytes_of_the_file, setup, teardown),
    };
    return cmocka_run_group_tests_name("ledger verify", tests, NULL, NULL);
}
