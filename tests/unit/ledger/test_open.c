/* SPDX-License-Identifier: Apache-2.0 */
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests.h"

static void run_sql(const char *path, const char *sql)
{
    sqlite3 *database = NULL;
    assert_int_equal(sqlite3_open(path, &database), SQLITE_OK);
    assert_int_equal(sqlite3_exec(database, sql, NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_close(database), SQLITE_OK);
}

static evh_status open_again(fixture *f)
{
    evh_ledger_free(&f->ledger);
    return evh_ledger_open(&f->ledger, f->path, EVH_LEDGER_WRITE);
}

static void test_create_is_owner_only_and_never_overwrites(void **state)
{
    fixture *f = *state;
    struct stat info;
    assert_int_equal(stat(f->path, &info), 0);
    assert_int_equal(info.st_mode & 0777U, 0600);
    assert_string_equal(evh_ledger_customer(f->ledger), "acme");
    assert_fails_with(evh_ledger_create(f->path, view_of_literal("acme"), &f->rng), EVH_ERR_ARG,
                      "never overwritten");
    evh_ledger_charge what = charge_of(1);
    assert_ok(charge(f, &what, NULL));
    char beside[320];
    (void)snprintf(beside, sizeof beside, "%s-wal", f->path);
    assert_int_equal(stat(beside, &info), 0);
    assert_int_equal(info.st_mode & 0777U, 0600);
}

static void test_create_failures_leave_nothing(void **state)
{
    fixture *f = *state;
    char path[320];
    (void)snprintf(path, sizeof path, "%s/none/acme.db", f->dir);
    assert_fails(evh_ledger_create(path, view_of_literal("acme"), &f->rng), EVH_ERR_STORE);
    (void)snprintf(path, sizeof path, "%s/second.db", f->dir);
    assert_fails(evh_ledger_create(path, view_of_literal(""), &f->rng), EVH_ERR_ARG);
    assert_fails(evh_ledger_create(path, view_of_literal("\xc3"), &f->rng), EVH_ERR_ARG);
    test_script script;
    evh_rng dry = test_rng_scripted(&script, view_of_literal("short"));
    assert_fails(evh_ledger_create(path, view_of_literal("acme"), &dry), EVH_ERR_RNG);
    assert_int_equal(access(path, F_OK), -1);
}

static void test_create_gives_every_ledger_its_own_chain(void **state)
{
    fixture *f = *state;
    evh_ledger_position first, second;
    assert_ok(evh_ledger_tip(f->ledger, &first));
    (void)snprintf(f->path, sizeof f->path, "%s/second.db", f->dir);
    assert_ok(evh_ledger_create(f->path, view_of_literal("acme"), &f->rng));
    assert_ok(open_again(f));
    assert_ok(evh_ledger_tip(f->ledger, &second));
    assert_memory_not_equal(first.head, second.head, sizeof first.head);
}

static void test_open_refuses_what_others_can_read(void **state)
{
    fixture *f = *state;
    assert_int_equal(chmod(f->path, 0640), 0);
    assert_fails_with(open_again(f), EVH_ERR_STORE, "chmod 600");
    assert_null(f->ledger);
}

static void test_open_refuses_missing_foreign_and_empty_files(void **state)
{
    fixture *f = *state;
    char original[300];
    (void)snprintf(original, sizeof original, "%s", f->path);
    (void)snprintf(f->path, sizeof f->path, "%s/none.db", f->dir);
    assert_fails_with(open_again(f), EVH_ERR_STORE, "No such file");
    (void)snprintf(f->path, sizeof f->path, "%s/foreign.db", f->dir);
    mode_t mask = umask(077);
    run_sql(f->path, "CREATE TABLE t(x)");
    assert_fails_with(open_again(f), EVH_ERR_STORE, "no ledger of Evenhand");
    FILE *text = fopen(f->path, "w");
    assert_non_null(text);
    assert_true(fputs("this is a text file and surely no database of any kind, is it?", text) > 0);
    assert_int_equal(fclose(text), 0);
    assert_fails_with(open_again(f), EVH_ERR_STORE, "damaged");
    assert_int_equal(truncate(f->path, 0), 0);
    assert_fails_with(open_again(f), EVH_ERR_STORE, "no ledger of Evenhand");
    (void)umask(mask);
}

static void test_open_refuses_other_schemas(void **state)
{
    fixture *f = *state;
    evh_ledger_free(&f->ledger);
    run_sql(f->path, "PRAGMA user_version = 4");
    assert_fails_with(open_again(f), EVH_ERR_STORE, "newer Evenhand (schema 4, this one knows 3)");
    run_sql(f->path, "PRAGMA user_version = 0");
    assert_fails_with(open_again(f), EVH_ERR_STORE, "unknown schema");
}

/* What a ledger of the first schema was. */
static void make_old(fixture *f)
{
    evh_ledger_free(&f->ledger);
    run_sql(f->path,
            "DROP TABLE receipt; DROP TABLE agreed; DROP TABLE counted; PRAGMA user_version = 1");
}

static void test_open_for_writing_brings_an_old_ledger_up_to_date(void **state)
{
    fixture *f = *state;
    evh_ledger_charge what = charge_of(1);
    evh_ledger_charge next = charge_of(2);
    uint8_t fingerprint[EVH_LEDGER_FINGERPRINT_LEN];
    bool found = true;
    assert_ok(charge(f, &what, NULL));
    make_old(f);
    assert_ok(open_again(f));
    assert_ok(evh_ledger_find_fingerprint(f->ledger, &found, fingerprint, what.plan_id, 1));
    assert_false(found); /* it was lost with the table, and is not made up */
    assert_ok(charge(f, &next, NULL));
    assert_ok(evh_ledger_find_fingerprint(f->ledger, &found, fingerprint, next.plan_id, 2));
    assert_true(found);
    assert_ok(
        evh_ledger_store_receipt(f->ledger, what.plan_id, 1, view_of_literal("a receipt"), 1));
    assert_ok(evh_ledger_find_receipt(f->ledger, &found, &f->report, what.plan_id, 1));
    assert_true(found);
    evh_ledger_finding finding;
    assert_ok(evh_ledger_verify(f->ledger, &finding));
    assert_true(finding.intact);
}

static void test_open_for_reading_leaves_an_old_ledger_alone(void **state)
{
    fixture *f = *state;
    evh_ledger_charge what = charge_of(1);
    bool found = true;
    assert_ok(charge(f, &what, NULL));
    make_old(f);
    reopen(f, EVH_LEDGER_READ);
    assert_ok(evh_ledger_find_receipt(f->ledger, &found, &f->report, what.plan_id, 1));
    assert_false(found);
    assert_ok(evh_ledger_agreed(f->ledger, &found, what.plan_id));
    assert_false(found);
    uint8_t fingerprint[EVH_LEDGER_FINGERPRINT_LEN];
    assert_ok(evh_ledger_find_fingerprint(f->ledger, &found, fingerprint, what.plan_id, 1));
    assert_false(found);
    evh_ledger_free(&f->ledger);
    run_sql(f->path, "CREATE TABLE receipt(x)"); /* it was not there */
}

static void test_open_refuses_ledger_without_owner(void **state)
{
    fixture *f = *state;
    evh_ledger_free(&f->ledger);
    run_sql(f->path, "DELETE FROM ledger");
    assert_fails_with(open_again(f), EVH_ERR_STORE, "whose it is");
}

static void test_open_read_only_cannot_charge(void **state)
{
    fixture *f = *state;
    evh_ledger_charge what = charge_of(1);
    assert_ok(charge(f, &what, NULL));
    reopen(f, EVH_LEDGER_READ);
    what = charge_of(2);
    assert_fails(charge(f, &what, NULL), EVH_ERR_STORE);
    evh_ledger_finding finding;
    assert_ok(evh_ledger_verify(f->ledger, &finding));
    assert_true(finding.intact);
    assert_int_equal(finding.entries, 1);
}

static void test_charge_while_another_program_writes(void **state)
{
    fixture *f = *state;
    evh_ledger *other = NULL;
    assert_ok(evh_ledger_open(&other, f->path, EVH_LEDGER_WRITE));
    evh_ledger_charge first = charge_of(1);
    evh_ledger_charge second = charge_of(2);
    evh_ledger_maker maker = test_maker();
    evh_ledger_position position;
    assert_ok(charge(f, &first, NULL));
    assert_ok(evh_ledger_charge_round(other, &f->report, &position, &second, NULL, &maker, 0));
    assert_int_equal(position.sequence, 2); /* it saw the first program's entry */
    evh_ledger_free(&other);
    evh_ledger_finding finding;
    assert_ok(evh_ledger_verify(f->ledger, &finding));
    assert_true(finding.intact);
    assert_int_equal(finding.entries, 2);
}

int run_open_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_create_is_owner_only_and_never_overwrites, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_create_failures_leave_nothing, setup, teardown),
        cmocka_unit_test_setup_teardown(test_create_gives_every_ledger_its_own_chain, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_open_refuses_what_others_can_read, setup, teardown),
        cmocka_unit_test_setup_teardown(test_open_refuses_missing_foreign_and_empty_files, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_open_refuses_other_schemas, setup, teardown),
        cmocka_unit_test_setup_teardown(test_open_for_writing_brings_an_old_ledger_up_to_date,
                                        setup, teardown),
        cmocka_unit_test_setup_teardown(test_open_for_reading_leaves_an_old_ledger_alone, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_open_refuses_ledger_without_owner, setup, teardown),
        cmocka_unit_test_setup_teardown(test_open_read_only_cannot_charge, setup, teardown),
        cmocka_unit_test_setup_teardown(test_charge_while_another_program_writes, setup, teardown),
    };
    return cmocka_run_group_tests_name("ledger open", tests, NULL, NULL);
}
