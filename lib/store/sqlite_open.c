/* SPDX-License-Identifier: Apache-2.0
 * Making, opening and migrating the SQLite file. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "evenhand/base/sizes.h"
#include "evenhand/store/sqlite.h"
#include "sqlite_internal.h"

/* "EVHs": tells our files from other SQLite files. */
#define APPLICATION_ID "1163282547"

enum { APPLICATION_ID_NUMBER = 1163282547, BUSY_TIMEOUT_MS = 2000 };

/* Step i brings a file from schema version i to i + 1; a new file takes them all. */
static const char *const migrations[EVH_STORE_SCHEMA_VERSION] = {
    /* Not WITHOUT ROWID: reports are large, and would sit in the inner pages of the tree. */
    "CREATE TABLE item (id INTEGER PRIMARY KEY, tab INTEGER NOT NULL, key BLOB NOT NULL,"
    " value BLOB NOT NULL, UNIQUE (tab, key)) STRICT;"
    "PRAGMA application_id = " APPLICATION_ID ";"
    "PRAGMA user_version = 1;",
};

static evh_status read_number(sqlite3 *db, const char *sql, int *out)
{
    evh_status status = evh_ok();
    sqlite3_stmt *statement = NULL;
    *out = 0;
    if (sqlite3_prepare_v2(db, sql, -1, &statement, NULL) != SQLITE_OK ||
        sqlite3_step(statement) != SQLITE_ROW)
        status = evh_sqlite_failure(db, "opening the store");
    else
        *out = sqlite3_column_int(statement, 0);
    (void)sqlite3_finalize(statement);
    return status;
}

static evh_status open_file(sqlite3 **db, const char *path)
{
    evh_status status = evh_ok();
    EVH_REQUIRE(sqlite3_open_v2(path, db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL) ==
                    SQLITE_OK,
                EVH_ERR_STORE, "cannot open the store %.60s: %s", path, sqlite3_errmsg(*db));
    (void)sqlite3_extended_result_codes(*db, 0);
    (void)sqlite3_busy_timeout(*db, BUSY_TIMEOUT_MS);
    /* Exclusive: one process per store, and no shared memory file beside it. */
    EVH_TRY(evh_sqlite_run(*db,
                           "PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL;"
                           "PRAGMA synchronous = FULL; PRAGMA secure_delete = ON;"
                           "PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON;",
                           "opening the store"));
done:
    return status;
}

/* Applies the migrations from `version` on, each in a transaction of its own. */
static evh_status apply_migrations(sqlite3 *db, int version)
{
    evh_status status = evh_ok();
    for (int i = version; i < EVH_STORE_SCHEMA_VERSION; i++) {
        EVH_TRY(evh_sqlite_run(db, "BEGIN IMMEDIATE", "migrating the store"));
        EVH_TRY(evh_sqlite_run(db, migrations[i], "migrating the store"));
        EVH_TRY(evh_sqlite_run(db, "COMMIT", "migrating the store"));
    }
done:
    return status;
}

static evh_status read_version(sqlite3 *db, int *version)
{
    evh_status status = evh_ok();
    int application = 0;
    EVH_TRY(read_number(db, "PRAGMA application_id", &application));
    EVH_REQUIRE(application == APPLICATION_ID_NUMBER, EVH_ERR_STORE,
                "the file is no store of an aggregator");
    EVH_TRY(read_number(db, "PRAGMA user_version", version));
    EVH_REQUIRE(*version >= 1 && *version <= EVH_STORE_SCHEMA_VERSION, EVH_ERR_STORE,
                "the store has schema %d, this program knows up to %d: use a newer program",
                *version, EVH_STORE_SCHEMA_VERSION);
done:
    return status;
}

static evh_status wrap(evh_store **out, sqlite3 **db)
{
    evh_status status = evh_ok();
    sqlite_store *store = NULL;
    EVH_TRY(evh_alloc(&store, 1, sizeof *store, "store"));
    store->db = *db;
    EVH_TRY(evh_sqlite_prepare(store));
    EVH_TRY(evh_store_new_take(out, &evh_sqlite_backend, store));
    store = NULL;
    *db = NULL;
done:
    for (int i = 0; store != NULL && i < STATEMENT_COUNT; i++)
        (void)sqlite3_finalize(store->statements[i]);
    free(store);
    return status;
}

evh_status evh_store_sqlite_create(evh_store **out, const char *path)
{
    *out = NULL;
    sqlite3 *db = NULL;
    evh_status status = evh_ok();
    /* SQLite would take over an existing file and make a new one readable by all. */
    int fd = open(path, O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, 0600);
    EVH_REQUIRE(fd >= 0, EVH_ERR_STORE, "cannot make the store %.60s: %s", path, strerror(errno));
    (void)close(fd);
    EVH_TRY(open_file(&db, path));
    EVH_TRY(apply_migrations(db, 0));
    EVH_TRY(wrap(out, &db));
done:
    (void)sqlite3_close(db);
    return status;
}

evh_status evh_store_sqlite_open(evh_store **out, const char *path)
{
    *out = NULL;
    sqlite3 *db = NULL;
    int version = 0;
    evh_status status = evh_ok();
    EVH_TRY(open_file(&db, path));
    EVH_TRY(read_version(db, &version));
    EVH_REQUIRE(version == EVH_STORE_SCHEMA_VERSION, EVH_ERR_STORE,
                "the store has schema %d: run 'store migrate' (schema %d) after a backup", version,
                EVH_STORE_SCHEMA_VERSION);
    EVH_TRY(wrap(out, &db));
done:
    (void)sqlite3_close(db);
    return status;
}

evh_status evh_store_sqlite_migrate(const char *path, int *from)
{
    *from = 0;
    sqlite3 *db = NULL;
    evh_status status = evh_ok();
    EVH_TRY(open_file(&db, path));
    EVH_TRY(read_version(db, from));
    EVH_TRY(apply_migrations(db, *from));
done:
    (void)sqlite3_close(db);
    return status;
}

static evh_status size_of(const char *path, uint64_t *out)
{
    struct stat found;
    if (stat(path, &found) != 0)
        return evh_fail(EVH_ERR_STORE, "cannot look at the store: %s", strerror(errno));
    *out = (uint64_t)found.st_size;
    return evh_ok();
}

evh_status evh_store_sqlite_compact(const char *path, uint64_t *before, uint64_t *after)
{
    sqlite3 *db = NULL;
    int version = 0;
    evh_status status = evh_ok();
    *before = *after = 0;
    EVH_TRY(open_file(&db, path));
    EVH_TRY(read_version(db, &version));
    EVH_TRY(size_of(path, before));
    EVH_TRY(evh_sqlite_run(db, "VACUUM; PRAGMA wal_checkpoint(TRUNCATE);", "compacting the store"));
    EVH_TRY(size_of(path, after));
done:
    (void)sqlite3_close(db);
    return status;
}
