/* SPDX-License-Identifier: Apache-2.0
 * aggregator/vault.h: the secrets of rounds in files of their own: one owner-only file per round,
 * outside of the store and of every backup.
 * Secret   all of it; buffers are wiped, a file is overwritten before it is removed (which a disk
 *          that moves blocks around, or a file system that copies on write, may not honour)
 * Threads  any: a name is used by one at a time      Memory   one file
 * Tests    unit/setup/test_vault.c */
#ifndef EVH_AGGREGATOR_VAULT_H
#define EVH_AGGREGATOR_VAULT_H

#include "evenhand/aggregator/aggregator.h"

typedef struct evh_file_vault evh_file_vault;

/* Opens the folder of a vault.
 * Fails    KEY when it is not there, no folder, of another user, or accessible to others; MEMORY */
EVH_MUST_USE evh_status evh_file_vault_open(evh_file_vault **out, const char *folder);

/* Takes the address, accepts NULL, leaves NULL. */
void evh_file_vault_close(evh_file_vault **vault);

/* The handle for evh_aggregator; valid while the vault is open. keep fails STORE, and ARG for a
 * name that is there with other secrets; find fails KEY when the file is not there or damaged, STORE
 * with what to do when it cannot be read, is another user's or open to others; destroy fails STORE. */
evh_vault evh_file_vault_handle(evh_file_vault *vault);

/* How many rounds have secrets here, and destroying all of them. Fail STORE. */
EVH_MUST_USE evh_status evh_file_vault_count(evh_file_vault *vault, size_t *count);
EVH_MUST_USE evh_status evh_file_vault_destroy_all(evh_file_vault *vault);

/* Destroys the secrets that nothing refers to.
 *   names    of those that stay, 32 bytes each
 *   removed  how many went
 * A file that is not named like secrets stays. Fails STORE; ARG no whole number of names. */
EVH_MUST_USE evh_status evh_file_vault_retain(evh_file_vault *vault, evh_view names,
                                              size_t *removed);

/* Fails STORE, with what to do, for the first of these secrets that is there and that only somebody
 * else can read, or others too. One that is missing or damaged is no matter here. */
EVH_MUST_USE evh_status evh_file_vault_check(evh_file_vault *vault, evh_view names);

#endif
