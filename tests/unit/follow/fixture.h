/* SPDX-License-Identifier: Apache-2.0
 * A leader's log in a store, served in process with whatever fault a test wants, and a mirror. */
#ifndef FOLLOW_FIXTURE_H
#define FOLLOW_FIXTURE_H

#include "evenhand/follow/follow.h"
#include "log.pb-c.h"
#include "service.pb-c.h"
#include "support/test.h"

typedef struct fixture fixture;

/* Called with the answer before it leaves; what it points fields at is the test's. */
typedef void (*edit_checkpoint)(fixture *f, Evenhand__V1__GetCheckpointResponse *answer);
typedef void (*edit_page)(fixture *f, Evenhand__V1__GetEntriesResponse *answer);

struct fixture {
    test_rng seed;
    evh_rng rng;
    char folder[256];
    evh_store *leader, *mirror;
    evh_signing_key log, witness, other;
    evh_buffer scratch;
    evh_follow_peer peer;
    evh_follow_policy policy;
    evh_follow_report report;
    uint64_t cosigned_s;      /* of the next checkpoint */
    uint32_t page;            /* most entries in one answer */
    uint64_t grow_in_between; /* entries that appear before each GetCheckpoint after the first */
    bool served_checkpoint;
    evh_status failure;  /* of calls */
    const char *failing; /* the method that fails; NULL: none */
    edit_checkpoint checkpoint_edit;
    edit_page page_edit;
    uint64_t exchange_at; /* another leader comes after that many entries: */
    uint64_t exchange_size;
    uint8_t exchange_tag;
    evh_view raw; /* answered as it is, if not empty */
    size_t calls;
    uint64_t visited;     /* entries, in their order */
    uint64_t refuse_from; /* the visitor refuses entries from here on */
};

int set_up(void **state);
int tear_down(void **state);

/* Appends entries whose content is their index and tag. */
void append_entries(fixture *f, evh_store *store, uint64_t count, uint8_t tag);

/* Signs and cosigns the leader's log as it is. */
void publish(fixture *f);

/* A leader of the same name and keys that starts all over. */
void replace_leader(fixture *f, const char *file);

evh_status sync_mirror(fixture *f);
uint64_t mirror_size(fixture *f);
uint64_t mirror_checkpoint_size(fixture *f);
void assert_mirror_is_a_prefix(fixture *f);

#define FOLLOW_TEST(test_name) cmocka_unit_test_setup_teardown(test_name, set_up, tear_down)

/* Groups of tests, each in a file of its own. */
int run_sync_tests(void);
int run_long_tests(void);
int run_entry_tests(void);

#endif
