/* SPDX-License-Identifier: Apache-2.0
 * Checks of the log in a store, at the start, by doctor and by 'store fsck'. */
#ifndef EVH_AGGREGATOR_LOG_CHECK_INTERNAL_H
#define EVH_AGGREGATOR_LOG_CHECK_INTERNAL_H

#include "evenhand/store/store.h"
#include "layout_internal.h"

/* Checks the back end, every entry of the log against its tree, and the newest checkpoint.
 *   log   whose checkpoint it is; one without a name: not known yet, checkpoints are not checked
 *   size  entries of the log
 * Fails    STORE with the first thing that is wrong */
EVH_MUST_USE evh_status evh_log_check(evh_store *store, const evh_identity *log, uint64_t *size);

/* Confronts the store with the checkpoint in a file; without the file it is not behind.
 *   keep  whether a verdict against the store is written down in it
 * Fails    as evh_translog_confront */
EVH_MUST_USE evh_status evh_log_confront(evh_store *store, const evh_identity *log,
                                         const char *published, bool keep, bool *behind);

#endif
