/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "evenhand/base/failpoint.h"
#include "evenhand/base/sizes.h"
#include "evenhand/base/utf8.h"
#include "evenhand/files/files.h"
#include "ledger_internal.h"

enum { BUSY_MS = 10000 };

static const char *advice(int code)
{
    switch (code & 0xFF) {
    case SQLITE_FULL:
        return "make room on the disk";
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return "another program uses it; try again";
    case SQLITE_READONLY:
    case SQLITE_CANTOPEN:
    case SQLITE_PERM:
    case SQLITE_AUTH:
        return "its folder must be writable for this user";
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
        return "it is damaged: restore it from a backup, then run ledger verify";
    default:
        return "check the disk and try again";
    }
}

evh_status evh_ledger_failure(sqlite3 *database, int code, const char *what)
{
    return evh_fail(EVH_ERR_STORE, "ledger: cannot %s: %s; %s", what,
                    database != NULL ? sqlite3_errmsg(database) : sqlite3_errstr(code),
                    advice(code));
}

evh_status evh_ledger_execute(sqlite3 *database, const char *sql, const char *what)
{
    int code = sqlite3_exec(database, sql, NULL, NULL, NULL);
    return code == SQLITE_OK ? evh_ok() : evh_ledger_failure(database, code, what);
}

void evh_ledger_undo(sqlite3 *database)
{
    if (sqlite3_get_autocommit(database) == 0)
        evh_status_discard(evh_ledger_execute(database, "ROLLBACK", "undo"),
                           "the first failure counts, and closing rolls back too");
}

evh_status evh_ledger_prepare(sqlite3_stmt **statement, sqlite3 *database, const char *sql)
{
    int code = sqlite3_prepare_v2(database, sql, -1, statement, NULL);
    return code == SQLITE_OK ? evh_ok() : evh_ledger_failure(database, code, "read it");
}

evh_status evh_ledger_step(sqlite3_stmt *statement, bool *row, const char *what)
{
    int code = sqlite3_step(statement);
    *row = code == SQLITE_ROW;
    return code == SQLITE_ROW || code == SQLITE_DONE
               ? evh_ok()
               : evh_ledger_failure(sqlite3_db_handle(statement), code, what);
}

evh_status evh_ledger_look_up(sqlite3_stmt **statement, bool *found, const evh_ledger *ledger,
                              const char *sql, const uint8_t plan_id[EVH_LEDGER_PLAN_ID_LEN],
                              uint32_t round)
{
    evh_status status = evh_ok();
    EVH_TRY(evh_ledger_prepare(statement, ledger->database, sql));
    (void)sqlite3_bind_blob(*statement, 1, plan_id, EVH_LEDGER_PLAN_ID_LEN, SQLITE_STATIC);
    (void)sqlite3_bind_int64(*statement, 2, round);
    EVH_TRY(evh_ledger_step(*statement, found, "read it"));

done:
    return status;
}

evh_status evh_ledger_blob(evh_view *out, sqlite3_stmt *statement, int column, size_t len)
{
    evh_status status = evh_ok();
    *out = evh_view_of(NULL, 0);
    EVH_REQUIRE(sqlite3_column_type(statement, column) == SQLITE_BLOB, EVH_ERR_STORE,
                "ledger: damaged: column %s has another type",
                sqlite3_column_name(statement, column));
    *out = evh_view_of(sqlite3_column_blob(statement, column),
                       (size_t)sqlite3_column_bytes(statement, column));
    EVH_REQUIRE(len == 0 || out->len == len, EVH_ERR_STORE,
                "ledger: damaged: column %s has another length",
                sqlite3_column_name(statement, column));

done:
    return status;
}

evh_status evh_ledger_text(evh_view *out, sqlite3_stmt *statement, int column)
{
    evh_status status = evh_ok();
    *out = evh_view_of(NULL, 0);
    EVH_REQUIRE(sqlite3_column_type(statement, column) == SQLITE_TEXT, EVH_ERR_STORE,
                "ledger: damaged: column %s has another type",
                sqlite3_column_name(statement, column));
    *out = evh_view_of(sqlite3_column_text(statement, column),
                       (size_t)sqlite3_column_bytes(statement, column));
    EVH_REQUIRE(out->len <= EVH_LEDGER_NAME_BYTES_MAX && evh_utf8_valid_len(*out) == out->len,
                EVH_ERR_STORE, "ledger: damaged: column %s is no short text",
                sqlite3_column_name(statement, column));

done:
    return status;
}

static evh_status connect_to(sqlite3 **database, const char *path, evh_ledger_access access)
{
    evh_status status = evh_ok();
    int flags = access == EVH_LEDGER_WRITE ? SQLITE_OPEN_READWRITE : SQLITE_OPEN_READONLY;
    int code = sqlite3_open_v2(path, database, flags | SQLITE_OPEN_NOMUTEX, NULL);
    if (code != SQLITE_OK) {
        status = evh_ledger_failure(*database, code, "open it");
        goto done;
    }
    (void)sqlite3_extended_result_codes(*database, 1);
    (void)sqlite3_busy_timeout(*database, BUSY_MS);
    EVH_TRY(evh_ledger_execute(*database,
                               "PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON;"
                               "PRAGMA temp_store = MEMORY; PRAGMA synchronous = FULL;",
                               "open it"));
    if (access == EVH_LEDGER_WRITE)
        EVH_TRY(evh_ledger_execute(*database, "PRAGMA secure_delete = ON;", "open it"));

done:
    return status;
}

static evh_status read_self(evh_ledger *ledger)
{
    evh_status status = evh_ok();
    sqlite3_stmt *statement = NULL;
    bool row = false;
    evh_view customer = {NULL, 0};
    evh_view id = {NULL, 0};
    EVH_TRY(evh_ledger_prepare(&statement, ledger->database, "SELECT customer, id FROM ledger"));
    EVH_TRY(evh_ledger_step(statement, &row, "read it"));
    EVH_REQUIRE(row, EVH_ERR_STORE, "ledger: damaged: it does not say whose it is");
    EVH_TRY(evh_ledger_text(&customer, statement, 0));
    EVH_TRY(evh_ledger_blob(&id, statement, 1, EVH_LEDGER_ID_LEN));
    memcpy(ledger->customer, customer.data, customer.len);
    memcpy(ledger->id, id.data, id.len);

done:
    (void)sqlite3_finalize(statement);
    return status;
}

evh_status evh_ledger_open(evh_ledger **out, const char *path, evh_ledger_access access)
{
    evh_status status = evh_ok();
    evh_ledger *ledger = NULL;
    *out = NULL;
    status = evh_file_check_secret(path);
    EVH_REQUIRE(status.code == EVH_OK, EVH_ERR_STORE, "ledger: %s", status.text);
    EVH_TRY(evh_alloc(&ledger, 1, sizeof *ledger, "ledger"));
    EVH_TRY(connect_to(&ledger->database, path, access));
    EVH_TRY(evh_ledger_check_schema(ledger->database, &ledger->schema));
    if (access == EVH_LEDGER_WRITE && ledger->schema < EVH_LEDGER_SCHEMA) {
        EVH_TRY(evh_ledger_migrate(ledger->database));
        ledger->schema = EVH_LEDGER_SCHEMA;
    }
    EVH_TRY(read_self(ledger));
    *out = ledger;
    ledger = NULL;

done:
    evh_ledger_free(&ledger);
    return status;
}

void evh_ledger_free(evh_ledger **ledger)
{
    if (*ledger == NULL)
        return;
    (void)sqlite3_close((*ledger)->database); /* every statement was finalised: cannot stay busy */
    free(*ledger);
    *ledger = NULL;
}

const char *evh_ledger_customer(const evh_ledger *ledger)
{
    return ledger->customer;
}

static evh_status write_schema(sqlite3 *database, evh_view customer, const uint8_t *id)
{
    evh_status status = evh_ok();
    sqlite3_stmt *statement = NULL;
    bool row = false;
    EVH_TRY(evh_ledger_execute(database, "PRAGMA journal_mode = WAL", "make it"));
    EVH_TRY(evh_ledger_execute(database, "BEGIN IMMEDIATE", "make it"));
    EVH_TRY(evh_ledger_make_schema(database));
    EVH_TRY(
        evh_ledger_prepare(&statement, database,
                           "INSERT INTO ledger(only, customer, id, entries) VALUES(1, ?, ?, 0)"));
    (void)sqlite3_bind_text(statement, 1, (const char *)customer.data, (int)customer.len,
                            SQLITE_STATIC);
    (void)sqlite3_bind_blob(statement, 2, id, EVH_LEDGER_ID_LEN, SQLITE_STATIC);
    EVH_TRY(evh_ledger_step(statement, &row, "make it"));
    EVH_TRY(evh_ledger_execute(database, "COMMIT", "make it"));

done:
    (void)sqlite3_finalize(statement);
    return status;
}

static void remove_unfinished(const char *path)
{
    char beside[EVH_PATH_BYTES_MAX + 8];
    static const char *const ends[] = {"", "-wal", "-shm", "-journal"};
    for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++) {
        (void)snprintf(beside, sizeof beside, "%s%s", path, ends[i]);
        (void)unlink(beside);
    }
}

/* Made under another name: a ledger that has its name is a whole one, whenever the machine stops. */
evh_status evh_ledger_create(const char *path, evh_view customer, const evh_rng *rng)
{
    evh_status status = evh_ok();
    sqlite3 *database = NULL;
    bool made = false;
    char unfinished[EVH_PATH_BYTES_MAX];
    uint8_t id[EVH_LEDGER_ID_LEN];
    int len = snprintf(unfinished, sizeof unfinished, "%s.new.%ld", path, (long)getpid());
    EVH_REQUIRE(customer.len > 0 && customer.len <= EVH_LEDGER_NAME_BYTES_MAX &&
                    evh_utf8_valid_len(customer) == customer.len,
                EVH_ERR_ARG, "a customer's name has 1 to %d bytes of UTF-8",
                EVH_LEDGER_NAME_BYTES_MAX);
    EVH_REQUIRE(len > 0 && len < EVH_PATH_BYTES_MAX - 8, EVH_ERR_ARG,
                "the ledger's path is too long");
    EVH_TRY(evh_rng_fill(rng, id, sizeof id));
    remove_unfinished(unfinished);
    /* SQLite gives its files beside the database the permissions of this one. */
    EVH_TRY(evh_file_create(unfinished, evh_view_of(NULL, 0), EVH_FILE_OWNER_ONLY));
    made = true;
    EVH_TRY(connect_to(&database, unfinished, EVH_LEDGER_WRITE));
    EVH_TRY(write_schema(database, customer, id));
    /* The last connection writes everything into the one file and removes those beside it. */
    EVH_REQUIRE(sqlite3_close(database) == SQLITE_OK, EVH_ERR_STORE, "ledger: cannot make it");
    database = NULL;
    EVH_FAILPOINT("ledger-make-before");
    EVH_TRY(evh_file_move_new(unfinished, path));
    EVH_FAILPOINT("ledger-make-after");
    made = false;

done:
    (void)sqlite3_close(database);
    if (made)
        remove_unfinished(unfinished);
    return status;
}
