/* SPDX-License-Identifier: Apache-2.0
 * One SQL table for all of ours, indexed by (tab, key): a scan of a prefix is one range. */
#include <stdlib.h>
#include <string.h>

#include "sqlite_internal.h"

evh_status evh_sqlite_failure(sqlite3 *db, const char *what)
{
    int code = db == NULL ? SQLITE_NOMEM : sqlite3_errcode(db);
    const char *hint = "";
    if (code == SQLITE_FULL)
        hint = ": free some disk space";
    else if (code == SQLITE_BUSY || code == SQLITE_LOCKED)
        hint = ": another process uses it";
    else if (code == SQLITE_CORRUPT || code == SQLITE_NOTADB)
        hint = ": restore a backup";
    return evh_fail(EVH_ERR_STORE, "%s: %s%s", what,
                    db == NULL ? "out of memory" : sqlite3_errmsg(db), hint);
}

evh_status evh_sqlite_run(sqlite3 *db, const char *sql, const char *what)
{
    if (sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK)
        return evh_sqlite_failure(db, what);
    return evh_ok();
}

evh_status evh_sqlite_prepare(sqlite_store *store)
{
    static const char *const sql[STATEMENT_COUNT] = {
        [STATEMENT_GET] = "SELECT value FROM item WHERE tab = ?1 AND key = ?2",
        [STATEMENT_PUT] = "INSERT INTO item (tab, key, value) VALUES (?1, ?2, ?3) "
                          "ON CONFLICT (tab, key) DO UPDATE SET value = excluded.value",
        [STATEMENT_ADD] = "INSERT INTO item (tab, key, value) VALUES (?1, ?2, ?3) "
                          "ON CONFLICT (tab, key) DO NOTHING",
        [STATEMENT_DELETE] = "DELETE FROM item WHERE tab = ?1 AND key = ?2",
        [STATEMENT_SCAN] = "SELECT key, value FROM item WHERE tab = ?1 AND key >= ?2 ORDER BY key",
    };
    for (int i = 0; i < STATEMENT_COUNT; i++)
        if (sqlite3_prepare_v3(store->db, sql[i], -1, SQLITE_PREPARE_PERSISTENT,
                               &store->statements[i], NULL) != SQLITE_OK)
            return evh_sqlite_failure(store->db, "the store cannot be read");
    return evh_ok();
}

static evh_status begin(void *self)
{
    sqlite_store *store = self;
    return evh_sqlite_run(store->db, "BEGIN IMMEDIATE", "starting a transaction");
}

static evh_status commit(void *self)
{
    sqlite_store *store = self;
    return evh_sqlite_run(store->db, "COMMIT", "committing to the store");
}

static void rollback(void *self)
{
    sqlite_store *store = self;
    /* Some failures have already rolled back; then there is nothing left to undo. */
    if (sqlite3_get_autocommit(store->db) == 0)
        (void)sqlite3_exec(store->db, "ROLLBACK", NULL, NULL, NULL);
}

/* An empty value must not become NULL. */
static int bind_bytes(sqlite3_stmt *statement, int place, evh_view bytes)
{
    const void *data = bytes.len == 0 ? "" : (const void *)bytes.data;
    return sqlite3_bind_blob64(statement, place, data, bytes.len, SQLITE_STATIC);
}

static sqlite3_stmt *bound(sqlite_store *store, sqlite_statement which, evh_store_table table,
                           evh_view key)
{
    sqlite3_stmt *statement = store->statements[which];
    bool good = sqlite3_bind_int(statement, 1, (int)table) == SQLITE_OK &&
                bind_bytes(statement, 2, key) == SQLITE_OK;
    return good ? statement : NULL;
}

static void release(sqlite3_stmt *statement)
{
    (void)sqlite3_reset(statement);
    (void)sqlite3_clear_bindings(statement);
}

static evh_view column(sqlite3_stmt *statement, int place)
{
    const void *data = sqlite3_column_blob(statement, place);
    return evh_view_of(data, (size_t)sqlite3_column_bytes(statement, place));
}

static evh_status get(void *self, evh_store_table table, evh_view key, evh_buffer *out, bool *found)
{
    sqlite_store *store = self;
    evh_status status = evh_ok();
    sqlite3_stmt *statement = bound(store, STATEMENT_GET, table, key);
    int step = statement == NULL ? SQLITE_ERROR : sqlite3_step(statement);
    if (step == SQLITE_ROW) {
        status = evh_buffer_append(out, column(statement, 0));
        *found = status.code == EVH_OK;
    } else if (step != SQLITE_DONE) {
        status = evh_sqlite_failure(store->db, "reading from the store");
    }
    release(store->statements[STATEMENT_GET]);
    return status;
}

/* Runs one of the statements that change something. */
static evh_status change(sqlite_store *store, sqlite_statement which, evh_store_table table,
                         evh_view key, const evh_view *value)
{
    evh_status status = evh_ok();
    sqlite3_stmt *statement = bound(store, which, table, key);
    bool good = statement != NULL;
    if (good && value != NULL)
        good = bind_bytes(statement, 3, *value) == SQLITE_OK;
    if (!good || sqlite3_step(statement) != SQLITE_DONE)
        status = evh_sqlite_failure(store->db, "writing to the store");
    release(store->statements[which]);
    return status;
}

static evh_status put(void *self, evh_store_table table, evh_view key, evh_view value)
{
    return change(self, STATEMENT_PUT, table, key, &value);
}

static evh_status add(void *self, evh_store_table table, evh_view key, evh_view value, bool *added)
{
    sqlite_store *store = self;
    evh_status status = change(store, STATEMENT_ADD, table, key, &value);
    *added = status.code == EVH_OK && sqlite3_changes(store->db) == 1;
    return status;
}

static evh_status remove_item(void *self, evh_store_table table, evh_view key)
{
    return change(self, STATEMENT_DELETE, table, key, NULL);
}

static bool starts_with(evh_view key, evh_view prefix)
{
    return key.len >= prefix.len && evh_view_equal(evh_view_of(key.data, prefix.len), prefix);
}

static evh_status scan(void *self, evh_store_table table, evh_view prefix, evh_store_visit visit,
                       void *context)
{
    sqlite_store *store = self;
    evh_status status = evh_ok();
    sqlite3_stmt *statement = bound(store, STATEMENT_SCAN, table, prefix);
    int step = statement == NULL ? SQLITE_ERROR : sqlite3_step(statement);
    for (bool stop = false; step == SQLITE_ROW && !stop; step = sqlite3_step(statement)) {
        evh_view key = column(statement, 0);
        if (!starts_with(key, prefix))
            break;
        EVH_TRY(visit(context, key, column(statement, 1), &stop));
        if (stop)
            break;
    }
    if (step != SQLITE_ROW && step != SQLITE_DONE)
        status = evh_sqlite_failure(store->db, "reading from the store");
done:
    release(store->statements[STATEMENT_SCAN]);
    return status;
}

static evh_status backup(void *self, const char *path)
{
    sqlite_store *store = self;
    evh_status status = evh_ok();
    sqlite3_stmt *statement = NULL;
    /* VACUUM INTO refuses a file that exists and copies one consistent state. */
    bool good =
        sqlite3_prepare_v2(store->db, "VACUUM INTO ?1", -1, &statement, NULL) == SQLITE_OK &&
        sqlite3_bind_text(statement, 1, path, -1, SQLITE_STATIC) == SQLITE_OK &&
        sqlite3_step(statement) == SQLITE_DONE;
    if (!good)
        status = evh_sqlite_failure(store->db, "writing a backup");
    (void)sqlite3_finalize(statement);
    return status;
}

static evh_status check(void *self)
{
    sqlite_store *store = self;
    evh_status status = evh_ok();
    sqlite3_stmt *statement = NULL;
    if (sqlite3_prepare_v2(store->db, "PRAGMA integrity_check(1)", -1, &statement, NULL) !=
            SQLITE_OK ||
        sqlite3_step(statement) != SQLITE_ROW) {
        status = evh_sqlite_failure(store->db, "checking the store");
    } else {
        const char *verdict = (const char *)sqlite3_column_text(statement, 0);
        if (verdict == NULL || strcmp(verdict, "ok") != 0)
            status = evh_fail(EVH_ERR_STORE, "the store is damaged: %.60s: restore a backup",
                              verdict == NULL ? "?" : verdict);
    }
    (void)sqlite3_finalize(statement);
    return status;
}

static void close_store(void *self)
{
    sqlite_store *store = self;
    for (int i = 0; i < STATEMENT_COUNT; i++)
        (void)sqlite3_finalize(store->statements[i]);
    (void)sqlite3_close(store->db);
    free(store);
}

const evh_store_backend evh_sqlite_backend = {
    .begin = begin,
    .commit = commit,
    .rollback = rollback,
    .get = get,
    .put = put,
    .add = add,
    .remove = remove_item,
    .scan = scan,
    .backup = backup,
    .check = check,
    .close = close_store,
};
