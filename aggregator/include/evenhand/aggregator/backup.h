/* SPDX-License-Identifier: Apache-2.0
 * aggregator/backup.h: a copy of an aggregator's store that knows that it is one.
 * Round keys are in the vault, not in the store, and so in no backup: a store that is put back
 * cannot finish its open rounds, and voids them.
 * Source   docs/operator/keys-and-backups.md
 * Secret   a backup holds what the store holds      Threads  as store/store.h
 * Memory   the back end's                           Tests    unit/setup/test_backup.c */
#ifndef EVH_AGGREGATOR_BACKUP_H
#define EVH_AGGREGATOR_BACKUP_H

#include "evenhand/base/status.h"
#include "evenhand/store/store.h"

/* In table META of a backup: a store that starts with it was restored. */
#define EVH_BACKUP_MARK "backup"

/* Copies the store to a new file, readable by its owner only, marks it, and makes it durable. Can be
 * called while the store is in use, outside of a transaction. Nothing is left behind on failure.
 *   path      must not exist
 *   log_size  entries of the log in the copy
 * Fails    ARG the file exists; STORE */
EVH_MUST_USE evh_status evh_aggregator_backup(evh_store *store, const char *path,
                                              uint64_t *log_size);

#endif
