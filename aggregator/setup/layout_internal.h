/* SPDX-License-Identifier: Apache-2.0
 * What lies where in the folder of a leader, helper or collector, and how it is read. */
#ifndef EVH_AGGREGATOR_LAYOUT_INTERNAL_H
#define EVH_AGGREGATOR_LAYOUT_INTERNAL_H

#include "evenhand/aggregator/introduction.h"
#include "evenhand/aggregator/settings.h"
#include "evenhand/base/bytes.h"
#include "evenhand/files/files.h"
#include "evenhand/seal/key_ring.h"
#include "evenhand/seal/signing.h"

#define EVH_FILE_SETTINGS "aggregator.yaml"
#define EVH_FILE_INTRODUCTION "introduction.yaml"
#define EVH_FILE_IDENTITY "keys/identity.ed25519"
#define EVH_FILE_LOG_KEY "keys/log.ed25519"
#define EVH_FILE_WITNESS_KEY "keys/witness.ed25519"
#define EVH_FILE_COLLECTOR_KEYS "keys/collector.hpke"
#define EVH_FILE_CA "tls/ca.pem"
#define EVH_FILE_CA_KEY "tls/ca.key"
#define EVH_FILE_SERVER "tls/server.pem"
#define EVH_FILE_SERVER_KEY "tls/server.key"
#define EVH_FILE_CLIENT "tls/client.pem"
#define EVH_FILE_CLIENT_KEY "tls/client.key"
#define EVH_FILE_OPERATOR "tls/operator.pem"
#define EVH_FILE_OPERATOR_KEY "tls/operator.key"
#define EVH_FILE_PUBLISHED "published"
#define EVH_FILE_EPOCH "epoch"

/* Where the settings say that a party's introduction is; the own one lies in the folder itself. */
const char *evh_layout_introduction(const evh_settings *settings, evh_role role);

/* Reads a file of the folder.
 *   config  path of the settings file: names are relative to it
 * Fails    like evh_file_read and evh_file_read_secret, RANGE */
EVH_MUST_USE evh_status evh_layout_read(evh_buffer *out, const char *config, const char *name);
EVH_MUST_USE evh_status evh_layout_read_secret(evh_buffer *out, const char *config,
                                               const char *name);

/* Reads the settings, an introduction, a signing key. Fail as their parsers do; KEY for a signing
 * key that cannot be used, with its file's name. */
EVH_MUST_USE evh_status evh_layout_settings(evh_settings *out, const char *config,
                                            evh_diagnostics *diagnostics);
EVH_MUST_USE evh_status evh_layout_read_introduction(evh_introduction *out, const char *config,
                                                     const char *name,
                                                     evh_diagnostics *diagnostics);
EVH_MUST_USE evh_status evh_layout_signing_key(evh_signing_key *out, const char *config,
                                               const char *name);

/* ---- the collector's HPKE keys ---- */

enum { EVH_COLLECTOR_KEYS_MAX = 64 };

/* Reads the file's keys into the ring, and the ids in the file's order: the first is the current
 * one, to be told to the others, the rest open what was sealed before.
 *   ids    [EVH_COLLECTOR_KEYS_MAX]
 * Fails    KEY; MEMORY */
EVH_MUST_USE evh_status evh_collector_keys_read(evh_key_ring *ring, evh_key_id *ids, size_t *count,
                                                evh_view text);

/* Appends the file's text; holds secrets. Fails KEY unknown id; MEMORY. */
EVH_MUST_USE evh_status evh_collector_keys_write(evh_buffer *out, const evh_key_ring *ring,
                                                 const evh_key_id *ids, size_t count);

#endif
