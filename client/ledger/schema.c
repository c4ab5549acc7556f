/* SPDX-License-Identifier: Apache-2.0
 * The tables, as numbered steps: a ledger is made by all of them and brought up to date by those it
 * lacks. A step that was released never changes. */
#include <inttypes.h>
#include <stdio.h>

#include "ledger_internal.h"

/* "EVHL": the file's own mark that it is a ledger (SQLite's application_id). */
#define APPLICATION_ID 1163282508

enum { SQL_BYTES_MAX = 128 };

static const char step_1[] = "CREATE TABLE ledger("
                             " only INTEGER PRIMARY KEY CHECK(only = 1),"
                             " customer TEXT NOT NULL,"
                             " id BLOB NOT NULL CHECK(length(id) = 32),"
                             " entries INTEGER NOT NULL CHECK(entries >= 0)) STRICT;"
                             "CREATE TABLE entry("
                             " sequence INTEGER PRIMARY KEY CHECK(sequence > 0),"
                             " population TEXT NOT NULL,"
                             " plan_id BLOB NOT NULL CHECK(length(plan_id) = 32),"
                             " round INTEGER NOT NULL CHECK(round > 0),"
                             " window_start_ms INTEGER,"
                             " window_end_ms INTEGER,"
                             " epsilon TEXT NOT NULL,"
                             " delta TEXT NOT NULL,"
                             " customers_per_unit INTEGER NOT NULL CHECK(customers_per_unit > 0),"
                             " mechanism BLOB NOT NULL,"
                             " charged_ms INTEGER NOT NULL,"
                             " head BLOB NOT NULL CHECK(length(head) = 32),"
                             " report_hash BLOB NOT NULL CHECK(length(report_hash) = 32),"
                             " report BLOB NOT NULL,"
                             " UNIQUE(plan_id, round)) STRICT;";

static const char step_2[] = "CREATE TABLE receipt("
                             " sequence INTEGER PRIMARY KEY REFERENCES entry(sequence),"
                             " stored_ms INTEGER NOT NULL,"
                             " receipt BLOB NOT NULL) STRICT;"
                             "CREATE TABLE agreed("
                             " plan_id BLOB PRIMARY KEY CHECK(length(plan_id) = 32),"
                             " agreed_ms INTEGER NOT NULL) STRICT;";

static const char step_3[] = "CREATE TABLE counted("
                             " sequence INTEGER PRIMARY KEY REFERENCES entry(sequence),"
                             " fingerprint BLOB NOT NULL CHECK(length(fingerprint) = 32)) STRICT;";

static const char *const steps[] = {step_1, step_2, step_3};
_Static_assert(sizeof steps / sizeof steps[0] == EVH_LEDGER_SCHEMA, "one step per schema");

static evh_status number_of(sqlite3 *database, const char *pragma, int64_t *out)
{
    evh_status status = evh_ok();
    sqlite3_stmt *statement = NULL;
    bool row = false;
    EVH_TRY(evh_ledger_prepare(&statement, database, pragma));
    EVH_TRY(evh_ledger_step(statement, &row, "read it"));
    *out = row ? sqlite3_column_int64(statement, 0) : 0;

done:
    (void)sqlite3_finalize(statement);
    return status;
}

static evh_status take_steps(sqlite3 *database, int64_t from)
{
    evh_status status = evh_ok();
    char pragmas[SQL_BYTES_MAX];
    for (int64_t i = from; i < EVH_LEDGER_SCHEMA; i++)
        EVH_TRY(evh_ledger_execute(database, steps[i], "bring it up to date"));
    (void)snprintf(pragmas, sizeof pragmas, "PRAGMA application_id = %d; PRAGMA user_version = %d;",
                   APPLICATION_ID, EVH_LEDGER_SCHEMA);
    EVH_TRY(evh_ledger_execute(database, pragmas, "bring it up to date"));

done:
    return status;
}

evh_status evh_ledger_make_schema(sqlite3 *database)
{
    return take_steps(database, 0);
}

evh_status evh_ledger_check_schema(sqlite3 *database, int64_t *schema)
{
    evh_status status = evh_ok();
    int64_t application = 0;
    *schema = 0;
    EVH_TRY(number_of(database, "PRAGMA application_id", &application));
    EVH_TRY(number_of(database, "PRAGMA user_version", schema));
    EVH_REQUIRE(application == APPLICATION_ID, EVH_ERR_STORE,
                "ledger: the file is no ledger of Evenhand; check the name");
    EVH_REQUIRE(*schema <= EVH_LEDGER_SCHEMA, EVH_ERR_STORE,
                "ledger: made by a newer Evenhand (schema %" PRId64 ", this one knows %d); update",
                *schema, EVH_LEDGER_SCHEMA);
    EVH_REQUIRE(*schema >= 1, EVH_ERR_STORE, "ledger: damaged: unknown schema %" PRId64, *schema);

done:
    return status;
}

evh_status evh_ledger_migrate(sqlite3 *database)
{
    evh_status status = evh_ok();
    int64_t schema = 0;
    EVH_TRY(evh_ledger_execute(database, "BEGIN IMMEDIATE", "bring it up to date"));
    EVH_TRY(evh_ledger_check_schema(database, &schema)); /* another program may have been first */
    EVH_TRY(take_steps(database, schema));
    EVH_TRY(evh_ledger_execute(database, "COMMIT", "bring it up to date"));

done:
    evh_ledger_undo(database);
    return status;
}
