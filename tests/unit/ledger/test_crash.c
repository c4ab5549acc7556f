/* SPDX-License-Identifier: Apache-2.0
 * A child charges a round and is stopped at its n-th change of a file, for every n. */
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fault_vfs.h"
#include "tests.h"

enum { STEPS_MAX = 400, EXIT_CHARGED = 0, EXIT_REFUSED = 1, EXIT_WRONG = 2 };

/* Charges round 2 in a child with the fault; gives the child's exit code and, when it lived, how
 * many changes it made. */
static int charge_in_child(fixture *f, fault_kind kind, unsigned step, unsigned seed,
                           unsigned *steps)
{
    int channel[2];
    assert_int_equal(pipe(channel), 0);
    (void)fflush(NULL);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        fault_vfs_install(kind, step, seed);
        evh_ledger_charge what = charge_of(2);
        evh_ledger *ledger = NULL;
        evh_ledger_maker maker = test_maker();
        evh_status status = evh_ledger_open(&ledger, f->path, EVH_LEDGER_WRITE);
        if (status.code == EVH_OK)
            status =
                evh_ledger_charge_round(ledger, &f->report, &f->position, &what, NULL, &maker, 0);
        evh_ledger_free(&ledger);
        unsigned made = fault_vfs_steps();
        if (write(channel[1], &made, sizeof made) != (ssize_t)sizeof made)
            _exit(EXIT_WRONG);
        bool wrong = status.code != EVH_OK && (status.code != EVH_ERR_STORE || f->report.len > 0);
        _exit(wrong ? EXIT_WRONG : status.code == EVH_OK ? EXIT_CHARGED : EXIT_REFUSED);
    }
    int ended = 0;
    assert_int_equal(close(channel[1]), 0);
    assert_int_equal(waitpid(child, &ended, 0), child);
    assert_true(WIFEXITED(ended));
    if (read(channel[0], steps, sizeof *steps) != (ssize_t)sizeof *steps)
        *steps = 0;
    assert_int_equal(close(channel[0]), 0);
    return WEXITSTATUS(ended);
}

/* Either the whole entry is there or nothing of it; then the round can be charged (again). */
static bool assert_both_or_neither(fixture *f)
{
    static uint8_t expected[REPORT_BYTES];
    evh_ledger_finding finding;
    evh_ledger_charge what = charge_of(2);
    bool found = false;
    evh_ledger_position before;
    assert_ok(evh_ledger_open(&f->ledger, f->path, EVH_LEDGER_WRITE));
    assert_ok(evh_ledger_verify(f->ledger, &finding));
    assert_true(finding.intact);
    assert_ok(evh_ledger_find(f->ledger, &found, &f->report, &f->position, what.plan_id, 2));
    assert_int_equal(finding.entries, found ? 2 : 1);
    uint8_t fingerprint[EVH_LEDGER_FINGERPRINT_LEN];
    bool counted = false;
    assert_ok(evh_ledger_find_fingerprint(f->ledger, &counted, fingerprint, what.plan_id, 2));
    assert_int_equal(counted, found);
    evh_ledger_spent spent;
    assert_ok(evh_ledger_spent_by(f->ledger, &spent, what.population, 2026));
    assert_string_equal(spent.epsilon, found ? "0.2" : "0.1");
    if (found) {
        expected_report(expected, &f->position);
        assert_views_equal(evh_buffer_view(&f->report), evh_view_of(expected, REPORT_BYTES));
        before = f->position;
    }
    assert_ok(charge(f, &what, NULL));
    assert_int_equal(f->position.sequence, 2);
    if (found)
        assert_memory_equal(&before, &f->position, sizeof before);
    evh_ledger_free(&f->ledger);
    return found;
}

/* Runs one fault at every step until a child gets through without meeting it. */
static void sweep(fault_kind kind, unsigned seed, unsigned *with, unsigned *without)
{
    *with = 0;
    *without = 0;
    for (unsigned step = 1; step < STEPS_MAX; step++) {
        void *state = NULL;
        unsigned steps = 0;
        assert_int_equal(setup(&state), 0);
        fixture *f = state;
        evh_ledger_charge first = charge_of(1);
        assert_ok(charge(f, &first, NULL));
        evh_ledger_free(&f->ledger);
        int code = charge_in_child(f, kind, step, seed, &steps);
        assert_int_not_equal(code, EXIT_WRONG);
        bool found = assert_both_or_neither(f);
        assert_false(code == EXIT_CHARGED && !found); /* what was told to be stored is stored */
        *with += found;
        *without += !found;
        assert_int_equal(teardown(&state), 0);
        if (code != FAULT_EXIT && steps > 0 && steps < step)
            return;
    }
    fail_msg("no child got through %d steps", STEPS_MAX);
}

static void test_killed_at_every_step(void **state)
{
    (void)state;
    unsigned with = 0;
    unsigned without = 0;
    sweep(FAULT_KILL, 0, &with, &without);
    assert_true(with > 2 && without > 2); /* steps on both sides of the commit were met */
}

static void test_killed_in_the_middle_of_writes(void **state)
{
    (void)state;
    unsigned with = 0;
    unsigned without = 0;
    sweep(FAULT_TORN_WRITE, 0, &with, &without);
    assert_true(with > 2 && without > 2);
}

static void test_power_lost_at_every_step(void **state)
{
    (void)state;
    for (unsigned seed = 1; seed <= 3; seed++) {
        unsigned with = 0;
        unsigned without = 0;
        sweep(FAULT_POWER, seed, &with, &without);
        assert_true(with > 2 && without > 2);
    }
}

static void test_full_disk_at_every_step(void **state)
{
    (void)state;
    unsigned with = 0;
    unsigned without = 0;
    sweep(FAULT_FULL, 0, &with, &without);
    assert_true(with > 0 && without > 2);
}

static void test_read_only_disk_at_every_step(void **state)
{
    (void)state;
    unsigned with = 0;
    unsigned without = 0;
    sweep(FAULT_READ_ONLY, 0, &with, &without);
    assert_true(with > 0 && without > 2);
}

int run_crash_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_killed_at_every_step),
        cmocka_unit_test(test_killed_in_the_middle_of_writes),
        cmocka_unit_test(test_power_lost_at_every_step),
        cmocka_unit_test(test_full_disk_at_every_step),
        cmocka_unit_test(test_read_only_disk_at_every_step),
    };
    return cmocka_run_group_tests_name("ledger crash", tests, NULL, NULL);
}
