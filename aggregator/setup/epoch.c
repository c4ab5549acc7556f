/* SPDX-License-Identifier: Apache-2.0
 * Telling a store that was put back from one that was here all along. A random value stands in the
 * store and in a file beside it and changes at every start and stop; a copy of the store keeps an
 * old one. A backup is marked besides: nothing need have happened since it was made. */
#include <string.h>

#include "deployment_internal.h"
#include "evenhand/aggregator/backup.h"
#include "evenhand/base/failpoint.h"

enum { EPOCH_LEN = 32, PAIR_LEN = 2 * EPOCH_LEN, TEXT_LEN = 2 * EPOCH_LEN + 1 };

static evh_view epoch_key(void)
{
    return evh_view_of_text("epoch");
}

static evh_status read_store(evh_store *store, uint8_t pair[PAIR_LEN], bool *known, bool *marked)
{
    evh_status status = evh_ok();
    evh_buffer value = evh_buffer_init(PAIR_LEN);
    bool found = false;
    memset(pair, 0, PAIR_LEN);
    EVH_TRY(evh_store_begin(store));
    EVH_TRY(
        evh_store_get(store, EVH_STORE_META, evh_view_of_text(EVH_BACKUP_MARK), &value, marked));
    EVH_TRY(evh_store_get(store, EVH_STORE_META, epoch_key(), &value, &found));
    *known = found && value.len == PAIR_LEN;
    if (*known)
        memcpy(pair, value.data, PAIR_LEN);
done:
    evh_store_rollback(store);
    evh_buffer_clear(&value);
    return status;
}

static evh_status read_file(const char *path, uint8_t epoch[EPOCH_LEN], bool *known)
{
    evh_status status = evh_ok();
    evh_buffer text = evh_buffer_init(TEXT_LEN + 1);
    *known = false;
    if (!evh_file_exists(path))
        goto done;
    EVH_TRY(evh_file_read(&text, path));
    *known = evh_hex_decode(epoch, EPOCH_LEN, evh_view_trim(evh_buffer_view(&text))).code == EVH_OK;
done:
    evh_buffer_clear(&text);
    /* A file that is too long is no epoch: that is an answer, not a failure. */
    return status.code == EVH_ERR_INPUT ? evh_ok() : status;
}

static bool fits(const uint8_t pair[PAIR_LEN], const uint8_t epoch[EPOCH_LEN])
{
    return memcmp(pair, epoch, EPOCH_LEN) == 0 || memcmp(pair + EPOCH_LEN, epoch, EPOCH_LEN) == 0;
}

evh_status evh_epoch_check(evh_store *store, const char *path, bool *restored)
{
    evh_status status = evh_ok();
    uint8_t pair[PAIR_LEN];
    uint8_t epoch[EPOCH_LEN];
    bool in_store = false;
    bool in_file = false;
    bool marked = false;
    *restored = true;
    EVH_TRY(read_store(store, pair, &in_store, &marked));
    EVH_TRY(read_file(path, epoch, &in_file));
    *restored = marked || !in_store || !in_file || !fits(pair, epoch);
done:
    return status;
}

static evh_status write_store(evh_store *store, const uint8_t *current, const uint8_t *next)
{
    evh_status status = evh_ok();
    uint8_t pair[PAIR_LEN];
    memcpy(pair, current, EPOCH_LEN);
    memcpy(pair + EPOCH_LEN, next, EPOCH_LEN);
    EVH_TRY(evh_store_begin(store));
    EVH_TRY(evh_store_put(store, EVH_STORE_META, epoch_key(), evh_view_of(pair, PAIR_LEN)));
    EVH_TRY(evh_store_delete(store, EVH_STORE_META, evh_view_of_text(EVH_BACKUP_MARK)));
    EVH_TRY(evh_store_commit(store));
done:
    evh_store_rollback(store);
    return status;
}

evh_status evh_epoch_renew(evh_store *store, const char *path, const evh_rng *rng)
{
    evh_status status = evh_ok();
    uint8_t next[EPOCH_LEN];
    uint8_t now[EPOCH_LEN];
    char text[TEXT_LEN + 1];
    bool known = false;
    EVH_TRY(evh_rng_fill(rng, next, sizeof next));
    EVH_TRY(read_file(path, now, &known));
    EVH_TRY(write_store(store, known ? now : next, next));
    EVH_FAILPOINT("epoch-in-store");
    evh_hex_encode(text, evh_view_of(next, sizeof next));
    text[TEXT_LEN - 1] = '\n';
    EVH_TRY(evh_file_replace(path, evh_view_of(text, TEXT_LEN), EVH_FILE_OWNER_ONLY));
    EVH_FAILPOINT("epoch-in-file");
    EVH_TRY(write_store(store, next, next));
done:
    return status;
}
