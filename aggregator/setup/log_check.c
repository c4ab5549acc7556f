/* SPDX-License-Identifier: Apache-2.0
 * Is the log in a store whole, and does its newest checkpoint describe it? */
#include "evenhand/tlog/checkpoint.h"
#include "evenhand/translog/translog.h"
#include "log_check_internal.h"

static evh_status check_entries(evh_store *store, uint64_t size)
{
    evh_status status = evh_ok();
    evh_buffer entry = evh_buffer_init(EVH_TRANSLOG_ENTRY_BYTES_MAX);
    evh_merkle_hash root;
    EVH_TRY(evh_translog_root(store, &root, size));
    for (uint64_t i = 0; i < size; i++) {
        evh_merkle_proof proof;
        evh_merkle_hash leaf;
        bool holds = false;
        EVH_TRY(evh_translog_entry(store, &entry, i));
        EVH_TRY(evh_merkle_leaf(&leaf, evh_buffer_view(&entry)));
        EVH_TRY(evh_translog_prove_inclusion(store, &proof, i, size));
        EVH_TRY(evh_merkle_check_inclusion(&holds, &proof, i, size, &leaf, &root));
        EVH_REQUIRE(holds, EVH_ERR_STORE,
                    "entry %llu of the log is not what the tree says: restore a backup",
                    (unsigned long long)i);
    }
done:
    evh_buffer_clear(&entry);
    return status;
}

static evh_status check_checkpoint(evh_store *store, const evh_identity *log)
{
    evh_status status = evh_ok();
    evh_buffer note = evh_buffer_init(EVH_CHECKPOINT_BYTES_MAX);
    evh_checkpoint checkpoint;
    evh_merkle_hash root;
    evh_seal_verdict verdict = EVH_SEAL_REJECTED;
    uint64_t size = 0;
    EVH_TRY(evh_translog_newest(store, false, &note, &size));
    if (note.len == 0 || log->name[0] == '\0')
        goto done;
    EVH_TRY(evh_checkpoint_read(&checkpoint, evh_buffer_view(&note)));
    EVH_TRY(evh_checkpoint_check(&verdict, &checkpoint, log));
    EVH_TRY(evh_translog_root(store, &root, checkpoint.size));
    EVH_REQUIRE(verdict == EVH_SEAL_ACCEPTED &&
                    evh_view_equal(evh_view_of(root.bytes, sizeof root.bytes),
                                   evh_view_of(checkpoint.root.bytes, sizeof root.bytes)),
                EVH_ERR_STORE, "the newest checkpoint is not one of this log: restore a backup");
done:
    evh_buffer_clear(&note);
    return status;
}

evh_status evh_log_check(evh_store *store, const evh_identity *log, uint64_t *size)
{
    evh_status status = evh_ok();
    *size = 0;
    EVH_TRY(evh_store_check(store));
    EVH_TRY(evh_store_begin(store));
    EVH_TRY(evh_translog_size(store, size));
    EVH_TRY(check_entries(store, *size));
    EVH_TRY(check_checkpoint(store, log));
done:
    evh_store_rollback(store);
    return status;
}

evh_status evh_log_confront(evh_store *store, const evh_identity *log, const char *published,
                            bool keep, bool *behind)
{
    evh_status status = evh_ok();
    evh_buffer note = evh_buffer_init(EVH_CHECKPOINT_BYTES_MAX);
    *behind = false;
    if (!evh_file_exists(published))
        goto done;
    EVH_TRY(evh_file_read(&note, published));
    EVH_TRY(evh_store_begin(store));
    EVH_TRY(evh_status_in(evh_translog_confront(store, behind, log, evh_buffer_view(&note)),
                          "file " EVH_FILE_PUBLISHED));
    if (keep)
        EVH_TRY(evh_store_commit(store));
done:
    evh_store_rollback(store);
    evh_buffer_clear(&note);
    return status;
}
