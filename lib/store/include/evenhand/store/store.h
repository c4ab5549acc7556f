/* SPDX-License-Identifier: Apache-2.0
 * store/store.h: what an aggregator keeps, behind an interface meant for more than one back end.
 * A store holds tables of byte strings ordered by key. Everything happens in transactions: what is
 * committed survives a crash and a power cut, what is not committed never happened. Deleted and
 * overwritten values are overwritten on disk as well.
 * Every back end passes the conformance suite in tests/unit/store.
 * Secret   values may be secret; keys are not          Threads  a store is used by one at a time:
 *          transactions of one handle exclude each other and block
 * Memory   one value at a time                         Tests    unit/store */
#ifndef EVH_STORE_STORE_H
#define EVH_STORE_STORE_H

#include <stddef.h>
#include <stdint.h>

#include "evenhand/base/bytes.h"
#include "evenhand/base/status.h"

/* The tables. The numbers are part of the format: never reuse one. */
typedef enum evh_store_table {
    EVH_STORE_META = 1,        /* facts about this deployment, by name */
    EVH_STORE_LOG_ENTRIES = 2, /* BE64 index -> canonical entry */
    EVH_STORE_LOG_NODES = 3,   /* U8 level | BE64 index -> hash of a complete subtree */
    EVH_STORE_CUSTOMERS = 4,   /* verifier key -> customer */
    EVH_STORE_PLANS = 5,       /* plan_id -> plan of the log */
    EVH_STORE_ROUNDS = 6,      /* task_id -> round */
    EVH_STORE_REPORTS = 7,     /* task_id | U8 part | verifier key -> its status, its bytes,
                                * or that it waits for a job */
    EVH_STORE_JOBS = 8,        /* task_id | job_id -> job with its stored answer */
    EVH_STORE_BATCHES = 9,     /* population hash | task_id -> the customers of an agreed batch */
    EVH_STORE_RESULTS = 10     /* task_id -> released result */
} evh_store_table;

enum {
    EVH_STORE_TABLE_COUNT = 10,
    EVH_STORE_KEY_BYTES_MAX = 1024,
    EVH_STORE_VALUE_BYTES_MAX = 128 << 20
};

typedef struct evh_store evh_store;

/* Closes; a running transaction is undone. Takes the address, accepts NULL, leaves NULL. */
void evh_store_close(evh_store **store);

/* Starts a transaction; waits for a running one of another thread. Fails STORE. */
EVH_MUST_USE evh_status evh_store_begin(evh_store *store);

/* Makes everything since begin durable, and ends the transaction whatever the outcome. Fails STORE;
 * then nothing of it happened. */
EVH_MUST_USE evh_status evh_store_commit(evh_store *store);

/* Undoes everything since begin. Without a transaction it does nothing. */
void evh_store_rollback(evh_store *store);

/* The functions below need a transaction: they fail ARG without one, ARG on a key that is empty or
 * too long, and STORE when the back end fails. */

/* Reads a value into out (cleared first). *found tells whether there is one. Fails MEMORY when the
 * value is larger than out's ceiling. */
EVH_MUST_USE evh_status evh_store_get(evh_store *store, evh_store_table table, evh_view key,
                                      evh_buffer *out, bool *found);

/* Writes a value over whatever was there. */
EVH_MUST_USE evh_status evh_store_put(evh_store *store, evh_store_table table, evh_view key,
                                      evh_view value);

/* Writes a value that must be new. *added is false, and nothing changed, when the key exists. */
EVH_MUST_USE evh_status evh_store_add(evh_store *store, evh_store_table table, evh_view key,
                                      evh_view value, bool *added);

/* Deletes a value if there is one. */
EVH_MUST_USE evh_status evh_store_delete(evh_store *store, evh_store_table table, evh_view key);

/* Gets the values whose keys start with a prefix, in ascending order of keys.
 *   visit  is called with views valid for the call; it sets *stop to end early, and must not change
 *          the table
 * Fails as visit does. */
typedef evh_status (*evh_store_visit)(void *context, evh_view key, evh_view value, bool *stop);
EVH_MUST_USE evh_status evh_store_scan(evh_store *store, evh_store_table table, evh_view prefix,
                                       evh_store_visit visit, void *context);

/* Copies the whole store to a new file, consistent, outside of any transaction. Fails STORE. */
EVH_MUST_USE evh_status evh_store_backup(evh_store *store, const char *path);

/* Checks the back end's own integrity. Fails STORE with the first thing that is wrong. */
EVH_MUST_USE evh_status evh_store_check(evh_store *store);

/* ---- use ---- */

/* What a store has been used for since it was opened. Times are of the calling threads; what the
 * visitor of a scan does is not counted. */
typedef struct evh_store_usage {
    uint64_t committed, undone; /* transactions */
    uint64_t failed;            /* calls that the back end failed */
    uint64_t waited_ns;         /* for the transactions of others */
    uint64_t held_ns;           /* from begin to end of a transaction */
    uint64_t busy_ns;           /* inside of the back end: its disk and its processor time */
    uint64_t cpu_ns;            /* of it, processor time */
} evh_store_usage;

/* From any thread, also during a transaction. */
evh_store_usage evh_store_used(const evh_store *store);

/* ---- back ends ---- */

/* What a back end provides; the functions above check arguments and call it. */
typedef struct evh_store_backend {
    evh_status (*begin)(void *self);
    evh_status (*commit)(void *self);
    void (*rollback)(void *self);
    evh_status (*get)(void *self, evh_store_table table, evh_view key, evh_buffer *out,
                      bool *found);
    evh_status (*put)(void *self, evh_store_table table, evh_view key, evh_view value);
    evh_status (*add)(void *self, evh_store_table table, evh_view key, evh_view value, bool *added);
    evh_status (*remove)(void *self, evh_store_table table, evh_view key);
    evh_status (*scan)(void *self, evh_store_table table, evh_view prefix, evh_store_visit visit,
                       void *context);
    evh_status (*backup)(void *self, const char *path);
    evh_status (*check)(void *self);
    void (*close)(void *self);
} evh_store_backend;

/* Makes a store of a back end; takes self on success. Fails MEMORY. */
EVH_MUST_USE evh_status evh_store_new_take(evh_store **out, const evh_store_backend *backend,
                                           void *self);

#endif
