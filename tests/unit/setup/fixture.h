/* SPDX-License-Identifier: Apache-2.0
 * Three parties in a temporary folder, made and paired as their operators would. */
#ifndef EVH_UNIT_SETUP_FIXTURE_H
#define EVH_UNIT_SETUP_FIXTURE_H

#include "evenhand/aggregator/create.h"
#include "evenhand/aggregator/deployment.h"

enum { PATH_LEN = 400 };

typedef struct fixture {
    char dir[256];
    char leader[300], helper[300], collector[300]; /* folders */
    evh_rng rng;
    int64_t now_ms;
    evh_clock clock;
    evh_diagnostics diagnostics;
} fixture;

/* An empty folder and a clock. */
int fixture_set_up(void **state);
int fixture_tear_down(void **state);
#define WITH_FIXTURE(test_name)                                                                    \
    cmocka_unit_test_setup_teardown(test_name, fixture_set_up, fixture_tear_down)

/* The path of a file in a party's folder. */
typedef struct file_path {
    char text[PATH_LEN];
} file_path;
file_path path_in(const char *folder, const char *name);

/* Settings of a party that serves on 127.0.0.1. */
evh_settings settings_of(evh_role role, const char *name);

/* Makes all three; pairs them, too. */
void make_three(fixture *f);
void pair_three(fixture *f);

/* Pairs a folder with another one's introduction. */
evh_status pair_with(fixture *f, const char *folder, const char *other, evh_pairing *pairing);

evh_status open_in(fixture *f, const char *folder, evh_deployment_use use, evh_deployment **out);

/* A record of the preparation of a round, which names secrets of the vault. */
void store_prepared(evh_store *store, const uint8_t name[32]);

/* Replaces what stands in a file. */
void write_text(const char *path, const char *text);

#endif
