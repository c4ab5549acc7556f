/* SPDX-License-Identifier: Apache-2.0
 * What an open deployment holds, and the parts of opening and starting it. */
#ifndef EVH_AGGREGATOR_DEPLOYMENT_INTERNAL_H
#define EVH_AGGREGATOR_DEPLOYMENT_INTERNAL_H

#include "evenhand/aggregator/deployment.h"
#include "evenhand/aggregator/vault.h"
#include "layout_internal.h"

typedef struct evh_pem_pair {
    evh_buffer cert, key;
} evh_pem_pair;

struct evh_deployment_storage {
    char *config; /* copy of the options' path */
    evh_signing_key signing, note;
    evh_file_vault *vault;
    evh_store *store;
    evh_cache *cache;
    evh_pem_pair authority, server, client, operator;
    evh_buffer bundle;              /* own authority and the peers' client certificates */
    char target[EVH_ADDRESS_LEN];   /* where the own process is reached on this machine */
    char server_host[EVH_HOST_LEN]; /* a name in its certificate */
    bool started;
};

/* Reads keys and certificates for a use, and checks that they fit together and are valid now. */
EVH_MUST_USE evh_status evh_deployment_read_keys(evh_deployment *d,
                                                 const evh_deployment_options *options);

/* What is wrong with a certificate of the folder, with its file's name and what to do.
 *   renew what 'keys rotate' renews it with; NULL: nothing does
 *   ca    PEM of who must have issued it; the certificate itself when it is self-signed
 *   host  that it must be for, or NULL */
EVH_MUST_USE evh_status evh_deployment_check_pair(const char *name, const char *renew, evh_view ca,
                                                  const evh_pem_pair *pair, const char *host,
                                                  int64_t now_s);

/* Renews the epoch of a deployment that was started: a copy of the store that was made while it ran
 * is then not taken for the store. */
void evh_deployment_end(evh_deployment *d);

/* Destroys the secrets that no round of the store refers to: a crash came between the file and the
 * record that names it. Only for a store that was not put back from a copy, and while nobody else
 * has it. Then checks that those that stay can be read.
 *   removed  how many were destroyed
 * Fails    STORE, and as evh_aggregator_secret_names: nothing was destroyed then */
EVH_MUST_USE evh_status evh_deployment_tidy_vault(const evh_aggregator *self, evh_file_vault *vault,
                                                  size_t *removed);

/* A new epoch in the store and in its file, in two steps: whenever a crash comes, the file says one
 * of the two values that the store has. */
EVH_MUST_USE evh_status evh_epoch_renew(evh_store *store, const char *path, const evh_rng *rng);

/* Says whether the store is the one that was here last: it does not carry the mark of a backup and
 * its epoch is that of the file. Needs no transaction. Fails STORE. */
EVH_MUST_USE evh_status evh_epoch_check(evh_store *store, const char *path, bool *restored);

#endif
