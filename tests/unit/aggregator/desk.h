/* SPDX-License-Identifier: Apache-2.0
 * A collector beside the fixture's leader and helper, with faults in between. */
#ifndef EVH_UNIT_AGGREGATOR_DESK_H
#define EVH_UNIT_AGGREGATOR_DESK_H

#include "evenhand/aggregator/collect.h"
#include "fixture.h"

enum { DESK_LOG_BYTES = 1 << 16 };

typedef struct desk {
    fixture *f;
    char mirror_path[300], results[300];
    evh_store *mirror;
    evh_aggregator self;
    evh_log events;
    evh_buffer lines; /* what was logged */
    evh_collect collect;
    evh_collect_outcome outcome;
    const char *lost_call;   /* a method that is never reached */
    const char *lost_answer; /* one whose answers do not come back */
    /* Changes an answer to GetAggregateShare before it arrives. */
    void (*edit)(struct desk *d, bool leader, Evenhand__V1__AggregateShare *answer);
    bool swapped; /* the helper's share is the leader's */
    size_t calls;
} desk;

int desk_set_up(void **state);
int desk_tear_down(void **state);

/* A round of `customers` who each report {10, 11, 12, 13}, up to logged and cosigned commitments. */
void make_ready(desk *d, uint32_t round, size_t customers);

/* One pass that must succeed. */
void pass(desk *d);

/* The only round, or that of a number, as the mirror has it. */
evh_collect_row row_of(desk *d, uint32_t round);

/* Opens the mirror anew, or an empty one. */
void reopen_mirror(desk *d, bool empty);

bool logged(const desk *d, const char *part);
bool exists(const char *path);
void entry_path_of(char out[400], const evh_collect_row *row);
void assert_confirmed(desk *d, uint32_t round, uint32_t customers);

#define DESK_TEST(test_name) cmocka_unit_test_setup_teardown(test_name, desk_set_up, desk_tear_down)

int run_collect_tests(void);
int run_collect_fault_tests(void);

#endif
