/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EVH_STORE_SQLITE_INTERNAL_H
#define EVH_STORE_SQLITE_INTERNAL_H

#include <sqlite3.h>

#include "evenhand/store/store.h"

typedef enum sqlite_statement {
    STATEMENT_GET = 0,
    STATEMENT_PUT,
    STATEMENT_ADD,
    STATEMENT_DELETE,
    STATEMENT_SCAN,
    STATEMENT_COUNT
} sqlite_statement;

typedef struct sqlite_store {
    sqlite3 *db;
    sqlite3_stmt *statements[STATEMENT_COUNT];
} sqlite_store;

/* A STORE failure with SQLite's own words; `what` says what was being done. */
EVH_MUST_USE evh_status evh_sqlite_failure(sqlite3 *db, const char *what);

/* Runs SQL that returns no rows. */
EVH_MUST_USE evh_status evh_sqlite_run(sqlite3 *db, const char *sql, const char *what);

/* The functions of the back end, for sqlite_open.c to make a store of. */
extern const evh_store_backend evh_sqlite_backend;

/* Prepares the statements of an open database. */
EVH_MUST_USE evh_status evh_sqlite_prepare(sqlite_store *store);

#endif
