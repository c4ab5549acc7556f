/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EVH_UNIT_PROTOCOL_TESTS_H
#define EVH_UNIT_PROTOCOL_TESTS_H

#include "evenhand/protocol/report.h"
#include "evenhand/protocol/task.h"
#include "evenhand/seal/key_ring.h"
#include "evenhand/seal/signing.h"
#include "evenhand/vdaf/prio3.h"
#include "support/test.h"

enum { FIXTURE_CELLS = 6 };

/* Everybody in one round, with seeded randomness. */
typedef struct fixture {
    test_rng seed;
    evh_rng rng;
    evh_signing_key leader, helper, collector, customer;
    evh_key_ring *leader_ring, *helper_ring, *collector_ring;
    evh_key_config leader_key, helper_key, collector_key;
    evh_seed32 leader_random, helper_random;
    evh_buffer entry; /* canonical RoundOpened */
    evh_task task;
    evh_prio3 *prio3;
    evh_prio3_workspace *workspace;
    evh_u128 cells[FIXTURE_CELLS];
    evh_buffer report;
} fixture;

int fixture_set_up(void **state);
int fixture_tear_down(void **state);

/* Writes a round-opened entry of that round number to f->entry. */
void fixture_write_entry(fixture *f, uint32_t round);

int run_task_tests(void);
int run_report_tests(void);
int run_batch_tests(void);
int run_enrolment_tests(void);
int run_invitation_tests(void);
int run_result_entry_tests(void);

#endif
