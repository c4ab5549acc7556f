/* SPDX-License-Identifier: Apache-2.0
 * protocol/invitation.h: the invitation file: what a leader's operator gives an organisation so that
 * it can ask to join, and the keys that it is to trust.
 * Source   docs/reference/invitation.md
 * Secret   the TLS key in it, and the salt. The key stands last in the file and is taken out before
 *          the rest is read as YAML, so that neither a message nor the parser's memory has it
 * Threads  values          Memory   three PEM texts          Tests    unit/protocol/test_invitation.c */
#ifndef EVH_PROTOCOL_INVITATION_H
#define EVH_PROTOCOL_INVITATION_H

#include "evenhand/protocol/enrolment.h"
#include "evenhand/seal/identity.h"
#include "evenhand/yaml/diagnostics.h"

enum { EVH_INVITATION_BYTES_MAX = 65536, EVH_INVITATION_ADDRESS_LEN = 272 };

typedef struct evh_invitation {
    char name[EVH_ORGANISATION_BYTES_MAX + 1]; /* of the organisation */
    evh_seed32 salt;
    char id[EVH_INVITATION_TEXT_LEN];
    int64_t expires_ms;                              /* the request must have come until then */
    char leader_address[EVH_INVITATION_ADDRESS_LEN]; /* "host:port" */
    evh_identity log, leader, helper, collector;
    evh_identity witness; /* the helper's cosignature key */
    evh_buffer ca_pem;    /* issues the leader's server certificate */
    evh_buffer cert_pem;  /* the invitation's own */
    evh_buffer key_pem;   /* its key; secret */
} evh_invitation;

/* Empty. */
evh_invitation evh_invitation_init(void);

/* Wipes and frees; leaves it empty. */
void evh_invitation_clear(evh_invitation *invitation);

/* Appends the file; out holds a secret afterwards. Fails ARG a name, address or id that cannot be
 * one; MEMORY. */
EVH_MUST_USE evh_status evh_invitation_write(evh_buffer *out, const evh_invitation *in);

/* Reads a file.
 *   out   initialised; empty on failure
 *   file  its name, for the diagnostics
 * Fails    INPUT with the first mistake, which is in the diagnostics; MEMORY */
EVH_MUST_USE evh_status evh_invitation_read(evh_invitation *out, const char *file, evh_view bytes,
                                            evh_diagnostics *diagnostics);

#endif
