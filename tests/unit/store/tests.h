/* SPDX-License-Identifier: Apache-2.0
 * conformance.c knows nothing of a back end: it is handed functions that make, reopen and remove
 * stores. A new back end adds one more call of run_store_conformance_tests. */
#ifndef EVH_UNIT_STORE_TESTS_H
#define EVH_UNIT_STORE_TESTS_H

#include "evenhand/store/store.h"

typedef struct store_maker {
    evh_store *(*create)(void); /* a new, empty store */
    evh_store *(*reopen)(void); /* the store of the last create, which has been closed */
    void (*remove)(void);       /* after the last close */
} store_maker;

int run_store_conformance_tests(store_maker maker);
int run_sqlite_tests(void);
store_maker sqlite_maker(void);

#endif
