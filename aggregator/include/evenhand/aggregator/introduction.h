/* SPDX-License-Identifier: Apache-2.0
 * aggregator/introduction.h: introduction.yaml, what one of the three parties tells the other two
 * about itself. It is public, signed with the party's identity key, and accepted only after two
 * people have compared its fingerprint: from then on it is pinned.
 * Source   docs/reference/aggregator-configuration.md
 * Secret   nothing         Threads  values         Memory   two PEM texts
 * Tests    unit/setup/test_introduction.c */
#ifndef EVH_AGGREGATOR_INTRODUCTION_H
#define EVH_AGGREGATOR_INTRODUCTION_H

#include <stdbool.h>
#include <stdint.h>

#include "evenhand/aggregator/settings.h"
#include "evenhand/seal/identity.h"
#include "evenhand/seal/key_config.h"
#include "evenhand/seal/signing.h"

enum { EVH_FINGERPRINT_LEN = 32, EVH_FINGERPRINT_TEXT_LEN = 40 };

typedef struct evh_introduction {
    evh_role role; /* 0: not known yet */
    char name[EVH_PARTY_NAME_BYTES_MAX + 1];
    char address[EVH_ADDRESS_LEN]; /* where the others reach it; "" for a collector */
    evh_identity identity;
    evh_identity log;                       /* leader: its name is the log's origin */
    evh_identity witness;                   /* helper: cosigns the log */
    evh_key_config collector_key;           /* collector: for aggregate shares */
    uint8_t signed_key[EVH_SIGNED_KEY_LEN]; /* collector: the same, as its identity signed it */
    evh_buffer ca_pem;                      /* leader and helper: issues the server certificate */
    evh_buffer client_pem;                  /* what it shows when it calls; self-signed */
    uint8_t client_fingerprint[EVH_FINGERPRINT_LEN]; /* SHA-256 of its DER form */
    uint8_t fingerprint[EVH_FINGERPRINT_LEN]; /* SHA-256 of what is signed: all of the above */
} evh_introduction;

/* Empty. */
evh_introduction evh_introduction_init(void);

/* Frees; leaves it empty. */
void evh_introduction_clear(evh_introduction *introduction);

/* Appends the file, signed.
 *   in       all but the derived members (key configuration and fingerprints) is used
 *   signing  the secret key of in->identity
 * Fails    KEY another key; MEMORY */
EVH_MUST_USE evh_status evh_introduction_write(evh_buffer *out, const evh_introduction *in,
                                               const evh_signing_key *signing);

/* Reads a file and checks it: its own signature, the collector's signature on its HPKE key, a
 * self-signed client certificate that cannot issue others.
 *   out          initialised; empty on failure
 *   file         its name, for the diagnostics
 * Fails    INPUT with the first mistake; MEMORY */
EVH_MUST_USE evh_status evh_introduction_read(evh_introduction *out, const char *file,
                                              evh_view bytes, evh_diagnostics *diagnostics);

/* The first 16 bytes of the fingerprint in groups of four hex digits, for reading out loud. */
void evh_fingerprint_text(char out[EVH_FINGERPRINT_TEXT_LEN],
                          const uint8_t fingerprint[EVH_FINGERPRINT_LEN]);

#endif
