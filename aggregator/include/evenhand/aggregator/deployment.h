/* SPDX-License-Identifier: Apache-2.0
 * aggregator/deployment.h: one leader, helper or collector as it lies in its folder, ready for use:
 * settings, keys, certificates, the other parties, store and vault.
 * Source   docs/operator/setup.md, docs/reference/aggregator-configuration.md
 * Secret   signing keys, TLS keys, the collector's HPKE keys, the vault
 * Threads  read-only once started; the store as store/store.h
 * Memory   settings, keys and certificates         Tests    unit/setup/test_deployment.c */
#ifndef EVH_AGGREGATOR_DEPLOYMENT_H
#define EVH_AGGREGATOR_DEPLOYMENT_H

#include "evenhand/aggregator/aggregator.h"
#include "evenhand/aggregator/introduction.h"
#include "evenhand/aggregator/settings.h"
#include "evenhand/base/clock.h"
#include "evenhand/base/rng.h"
#include "evenhand/files/files.h"
#include "evenhand/rpc/client.h"
#include "evenhand/rpc/tls.h"
#include "evenhand/seal/key_ring.h"
#include "evenhand/yaml/diagnostics.h"

typedef enum evh_deployment_use {
    EVH_DEPLOYMENT_RUN, /* all of it, for the one process that has the store */
    EVH_DEPLOYMENT_CALL /* for a command that calls the running process: no store, no vault, no key
                         * but the operator's */
} evh_deployment_use;

/* Everything is owned by the deployment and valid until it is closed. */
typedef struct evh_deployment {
    evh_settings settings;
    char folder
        [EVH_PATH_BYTES_MAX]; /* of the settings file, "" for the current one, else with '/' */
    /* The three parties, this one among them. */
    evh_introduction leader, helper, collector;

    /* With EVH_DEPLOYMENT_RUN only. `published` of it keeps the newest checkpoint in a file of the
     * folder; events is NULL. A collector's role is EVH_ROLE_COLLECTOR, its note_key NULL; its store
     * is a mirror of the log. */
    evh_aggregator self;
    evh_key_ring *collector_keys; /* collector: current and older keys */

    /* Leader and helper, with EVH_DEPLOYMENT_RUN. */
    evh_rpc_tls server;          /* trusts the own authority and the peers' client certificates */
    evh_view authority_cert_pem; /* issues certificates for customers and invitations */
    evh_view authority_key_pem;  /* secret */

    struct evh_deployment_storage *storage;
} evh_deployment;

typedef struct evh_deployment_options {
    const char *config; /* path of aggregator.yaml */
    evh_deployment_use use;
    evh_clock clock;
    evh_rng rng;
    evh_diagnostics *diagnostics; /* mistakes in the YAML files; borrowed */
} evh_deployment_options;

/* Reads settings, introductions and keys, checks certificates, opens store and vault.
 * Fails    INPUT a mistake in a file, a certificate that is not valid now or does not fit its key,
 *          a party that has not been paired yet; KEY a secret file that is missing, damaged or open
 *          to others; STORE; MEMORY. Every text says what to do. *out is then NULL. */
EVH_MUST_USE evh_status evh_deployment_open(evh_deployment **out,
                                            const evh_deployment_options *options);

/* Takes the address, accepts NULL, leaves NULL. */
void evh_deployment_close(evh_deployment **deployment);

/* Call once, before serving and before anything is written (EVH_DEPLOYMENT_RUN): confronts the
 * store with `published`, finds out whether the store came back from a backup, destroys secrets of
 * rounds that have ended or never came to be, and at a leader logs the parties' keys unless the log has them.
 *   restored  true: the store is a backup or was rolled back. The secrets of all rounds are
 *             destroyed, for which evh_leader_drive voids those that were open
 * Fails    STORE, also when secrets of a round cannot be read; as the functions of
 *          aggregator/aggregator.h */
EVH_MUST_USE evh_status evh_deployment_start(evh_deployment *deployment, bool *restored);

/* How to call somebody, with every certificate in place; borrows from the deployment.
 *   whom  EVH_ROLE_LEADER or EVH_ROLE_HELPER: as this party (EVH_DEPLOYMENT_RUN);
 *         EVH_ROLE_OPERATOR: the own process, as its operator
 * response_bytes_max is left for the caller. Fails ARG for another role. */
EVH_MUST_USE evh_status evh_deployment_client(const evh_deployment *deployment, evh_role whom,
                                              evh_rpc_client_options *options);

/* Who is calling: the role of the peer with this certificate, or 0 for a certificate that the own
 * authority has issued. */
evh_role evh_deployment_peer(const evh_deployment *deployment, const evh_rpc_peer *peer);

#endif
