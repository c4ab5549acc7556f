/* SPDX-License-Identifier: Apache-2.0
 * What every back end would otherwise have to check for itself. */
#include "evenhand/store/store.h"

#include <pthread.h>
#include <stdlib.h>

#include "evenhand/base/sizes.h"

struct evh_store {
    evh_store_backend backend;
    void *self;
    pthread_mutex_t turn; /* held for the length of a transaction */
    pthread_t owner;
    bool in_transaction;
};

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
    (void)pthread_mutex_lock(&store->turn);
    evh_status status = store->backend.begin(store->self);
    if (status.code != EVH_OK) {
        (void)pthread_mutex_unlock(&store->turn);
        return status;
    }
    store->owner = pthread_self();
    store->in_transaction = true;
    return status;
}

static void end_transaction(evh_store *store)
{
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
    evh_status status = store->backend.commit(store->self);
    if (status.code != EVH_OK)
        store->backend.rollback(store->self);
    end_transaction(store);
    return status;
}

void evh_store_rollback(evh_store *store)
{
    if (!owns_transaction(store))
        return;
    store->backend.rollback(store->self);
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
    if (status.code == EVH_OK)
        status = store->backend.get(store->self, table, key, out, found);
    return status;
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
    if (status.code == EVH_OK)
        status = store->backend.put(store->self, table, key, value);
    return status;
}

evh_status evh_store_add(evh_store *store, evh_store_table table, evh_view key, evh_view value,
                         bool *added)
{
    *added = false;
    evh_status status = check_write(store, table, key, value);
    if (status.code == EVH_OK)
        status = store->backend.add(store->self, table, key, value, added);
    return status;
}

evh_status evh_store_delete(evh_store *store, evh_store_table table, evh_view key)
{
    evh_status status = check_access(store, table, key, 1);
    if (status.code == EVH_OK)
        status = store->backend.remove(store->self, table, key);
    return status;
}

evh_status evh_store_scan(evh_store *store, evh_store_table table, evh_view prefix,
                          evh_store_visit visit, void *context)
{
    evh_status status = check_access(store, table, prefix, 0);
    if (status.code == EVH_OK)
        status = store->backend.scan(store->self, table, prefix, visit, context);
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
