/* SPDX-License-Identifier: Apache-2.0
 * store/sqlite.h: the store in one SQLite file (write-ahead log, full durability, secure deletion).
 * Source   SQLite 3.40          Threads  as store/store.h
 * Memory   SQLite's page cache  Tests    unit/store (conformance, crashes, damage) */
#ifndef EVH_STORE_SQLITE_H
#define EVH_STORE_SQLITE_H

#include "evenhand/store/store.h"

enum { EVH_STORE_SCHEMA_VERSION = 1 };

/* Makes a new store in a file that must not exist; readable by its owner only. Fails STORE. */
EVH_MUST_USE evh_status evh_store_sqlite_create(evh_store **out, const char *path);

/* Opens a store. Fails STORE when it is missing, damaged, in use by another process, or of a newer
 * schema (its text says which). */
EVH_MUST_USE evh_status evh_store_sqlite_open(evh_store **out, const char *path);

/* Brings a store of an older schema up to date, in one transaction per step.
 *   from  the schema version found; EVH_STORE_SCHEMA_VERSION when there was nothing to do
 * Fails STORE as open does. */
EVH_MUST_USE evh_status evh_store_sqlite_migrate(const char *path, int *from);

/* Rewrites a store that nobody uses without the room that deleted values have left.
 *   before, after  bytes of the file
 * Fails STORE as open does. */
EVH_MUST_USE evh_status evh_store_sqlite_compact(const char *path, uint64_t *before,
                                                 uint64_t *after);

#endif
