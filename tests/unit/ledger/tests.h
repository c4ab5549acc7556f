/* SPDX-License-Identifier: Apache-2.0
 * The groups that main.c runs, one per source file, and what they share. */
#ifndef EVH_UNIT_LEDGER_TESTS_H
#define EVH_UNIT_LEDGER_TESTS_H

#include "evenhand/ledger/ledger.h"
#include "support/test.h"

int run_charge_tests(void);
int run_open_tests(void);
int run_verify_tests(void);
int run_crash_tests(void);
int run_outbox_tests(void);

enum { REPORT_BYTES = 20000 };

typedef struct fixture {
    char dir[256];
    char path[300];
    test_rng source;
    evh_rng rng;
    evh_ledger *ledger;
    evh_buffer report;
    evh_ledger_position position;
} fixture;

/* A temporary folder with an empty ledger, open for writing. */
int setup(void **state);
int teardown(void **state);

/* Closes and opens again. */
void reopen(fixture *f, evh_ledger_access access);

/* A charge of plan 0x11.. at the round, with a window in January 2026 + (round - 1) months. */
evh_ledger_charge charge_of(uint32_t round);

/* Charges it with a report made of the round and the position: REPORT_BYTES that never repeat. */
evh_status charge(fixture *f, const evh_ledger_charge *what, const evh_ledger_limit *limit);

/* The report that the maker makes for this position. */
void expected_report(uint8_t out[REPORT_BYTES], const evh_ledger_position *position);
extern const uint8_t test_fingerprint[EVH_LEDGER_FINGERPRINT_LEN];
evh_ledger_maker test_maker(void);

/* A decimal literal. */
evh_decimal decimal(const char *text);

#endif
