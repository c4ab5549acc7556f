/* SPDX-License-Identifier: Apache-2.0
 * What every back end would otherwise have to check for itself. */
#include "evenhand/store/store.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>

#include "evenhand/base/sizes.h"

typedef struct tally {
    _Atomic uint64_t committed, undone, failed, waited_ns, held_ns, busy_ns, cpu_ns;
} tally;

struct evh_store {
    evh_store_backend backend;
    void *self;
    pthread_mutex_t turn; /* held for the length of a transaction */
    /* Read by every thread that asks whether a transaction is its own. */
    _Atomic(pthread_t) owner;
    atomic_bool in_transaction;
    uint64_t begun_ns;
    tally used;
};

/* ---- use ---- */

static uint64_t read_ns(clockid_t clock)
{
    struct timespec now = {.tv_sec = 0};
    (void)clock_gettime(clock, &now);
    return (uint64_t)now.tv_sec * 1000000000U + (uint64_t)now.tv_nsec;
}

static void add(_Atomic uint64_t *to, uint64_t amount)
{
    (void)atomic_fetch_add_explicit(to, amount, memory_order_relaxed);
}

/* A stay in the back end. */
typedef struct stay {
    uint64_t since_ns, cpu_since_ns;
} stay;

static stay enter(void)
{
    return (stay){.since_ns = read_ns(CLOCK_MONOTONIC),
                  .cpu_since_ns = read_ns(CLOCK_THREAD_CPUTIME_ID)};
}

static void leave(evh_store *store, stay s)
{
    add(&store->used.busy_ns, read_ns(CLOCK_MONOTONIC) - s.since_ns);
    add(&store->used.cpu_ns, read_ns(CLOCK_THREAD_CPUTIME_ID) - s.cpu_since_ns);
}

static evh_status left(evh_store *store, stay s, evh_status status)
{
    leave(store, s);
    if (status.code != EVH_OK)
        add(&store->used.failed, 1);
    return status;
}

evh_store_usage evh_store_used(const evh_store *store)
{
    const tally *used = &store->used;
    return (evh_store_usage){
        .committed = atomic_load_explicit(&used->committed, memory_order_relaxed),
        .undone = atomic_load_explicit(&used->undone, memory_order_relaxed),
        .failed = atomic_load_explicit(&used->failed, memory_order_relaxed),
        .waited_ns = atomic_load_explicit(&used->waited_ns, memory_order_relaxed),
        .held_ns = atomic_load_explicit(&used->held_ns, memory_order_relaxed),
        .busy_ns = atomic_load_explicit(&used->busy_ns, memory_order_relaxed),
        .cpu_ns = atomic_load_explicit(&used->cpu_ns, memory_order_relaxed)};
}

/* ---- life cycle and transactions ---- */

evh_status evh_store_new_take(evh_store **out, const evh_store_backend *backend, void *self)
{
    *out = NULL;
    evh_store *store = NULL;
    evh_status status = evh_alloc(&store, 1, sizeof *store, "store");
    if (status.code != EVH_OK)
        return status;
    store->backend = *backend;
    store->self = self;
    (void)pthread_mutex_init(&store->turn, NULL);
    *out = store;
    return status;
}

void evh_store_close(evh_store **address)
{
    evh_store *store = *address;
    if (store == NULL)
        return;
    *address = NULL;
    evh_store_rollback(store);
    store->backend.close(store->self);
    (void)pthread_mutex_destroy(&store->turn);
    free(store);
}

evh_status evh_store_begin(evh_store *store)
{
    uint64_t asked_ns = read_ns(CLOCK_MONOTONIC);
    (void)pthread_mutex_lock(&store->turn);
    stay s = enter();
    add(&store->used.waited_ns, s.since_ns - asked_ns);
    evh_status status = left(store, s, store->backend.begin(store->self));
    if (status.code != EVH_OK) {
        (void)pthread_mutex_unlock(&store->turn);
        return status;
    }
    store->begun_ns = s.since_ns;
    store->owner = pthread_self();
    store->in_transaction = true;
    return status;
}

static void end_transaction(evh_store *store)
{
    add(&store->used.held_ns, read_ns(CLOCK_MONOTONIC) - store->begun_ns);
    store->in_transaction = false;
    (void)pthread_mutex_unlock(&store->turn);
}

static bool owns_transaction(const evh_store *store)
{
    return store->in_transaction && pthread_equal(store->owner, pthread_self()) != 0;
}

evh_status evh_store_commit(evh_store *store)
{
    if (!owns_transaction(store))
        return evh_fail(EVH_ERR_ARG, "commit without a transaction");
    stay s = enter();
    evh_status status = store->backend.commit(store->self);
    if (status.code != EVH_OK)
        store->backend.rollback(store->self);
    status = left(store, s, status);
    add(status.code == EVH_OK ? &store->used.committed : &store->used.undone, 1);
    end_transaction(store);
    return status;
}

void evh_store_rollback(evh_store *store)
{
    if (!owns_transaction(store))
        return;
    stay s = enter();
    store->backend.rollback(store->self);
    leave(store, s);
    add(&store->used.undone, 1);
    end_transaction(store);
}

static evh_status check_access(const evh_store *store, evh_store_table table, evh_view key,
                               size_t key_min)
{
    int number = (int)table;
    if (!owns_transaction(store))
        return evh_fail(EVH_ERR_ARG, "the store is used outside of a transaction");
    if (number < 1 || number > EVH_STORE_TABLE_COUNT)
        return evh_fail(EVH_ERR_ARG, "the store has no table %d", number);
    if (key.len < key_min || key.len > EVH_STORE_KEY_BYTES_MAX)
        return evh_fail(EVH_ERR_ARG, "a key of %zu bytes in table %d", key.len, number);
    return evh_ok();
}

evh_status evh_store_get(evh_store *store, evh_store_table table, evh_view key, evh_buffer *out,
                         bool *found)
{
    *found = false;
    evh_buffer_clear(out);
    evh_status status = check_access(store, table, key, 1);
    if (status.code != EVH_OK)
        return status;
    stay s = enter();
    return left(store, s, store->backend.get(store->self, table, key, out, found));
}

static evh_status check_write(const evh_store *store, evh_store_table table, evh_view key,
                              evh_view value)
{
    if (value.len > EVH_STORE_VALUE_BYTES_MAX)
        return evh_fail(EVH_ERR_ARG, "a value of %zu bytes is too large", value.len);
    return check_access(store, table, key, 1);
}

evh_status evh_store_put(evh_store *store, evh_store_table table, evh_view key, evh_view value)
{
    evh_status status = check_write(store, table, key, value);
    if (status.code != EVH_OK)
        return status;
    stay s = enter();
    return left(store, s, store->backend.put(store->self, table, key, value));
}

evh_status evh_store_add(evh_store *store, evh_store_table table, evh_view key, evh_view value,
                         bool *added)
{
    *added = false;
    evh_status status = check_write(store, table, key, value);
    if (status.code != EVH_OK)
        return status;
    stay s = enter();
    return left(store, s, store->backend.add(store->self, table, key, value, added));
}

evh_status evh_store_delete(evh_store *store, evh_store_table table, evh_view key)
{
    evh_status status = check_access(store, table, key, 1);
    if (status.code != EVH_OK)
        return status;
    stay s = enter();
    return left(store, s, store->backend.remove(store->self, table, key));
}

typedef struct visitor {
    evh_store *store;
    evh_store_visit visit;
    void *context;
    stay inside;
} visitor;

/* The time between two visits is the back end's. */
static evh_status pause_and_visit(void *context, evh_view key, evh_view value, bool *stop)
{
    visitor *v = context;
    leave(v->store, v->inside);
    evh_status status = v->visit(v->context, key, value, stop);
    v->inside = enter();
    return status;
}

evh_status evh_store_scan(evh_store *store, evh_store_table table, evh_view prefix,
                          evh_store_visit visit, void *context)
{
    evh_status status = check_access(store, table, prefix, 0);
    if (status.code != EVH_OK)
        return status;
    visitor v = {.store = store, .visit = visit, .context = context, .inside = enter()};
    status = store->backend.scan(store->self, table, prefix, pause_and_visit, &v);
    leave(store, v.inside);
    return status;
}

evh_status evh_store_backup(evh_store *store, const char *path)
{
    if (owns_transaction(store))
        return evh_fail(EVH_ERR_ARG, "a backup inside of a transaction");
    (void)pthread_mutex_lock(&store->turn);
    evh_status status = store->backend.backup(store->self, path);
    (void)pthread_mutex_unlock(&store->turn);
    return status;
}

evh_status evh_store_check(evh_store *store)
{
    if (owns_transaction(store))
        return evh_fail(EVH_ERR_ARG, "a check inside of a transaction");
    (void)pthread_mutex_lock(&store->turn);
    evh_status status = store->backend.check(store->self);
    (void)pthread_mutex_unlock(&store->turn);
    return status;
}
