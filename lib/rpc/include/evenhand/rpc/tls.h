/* SPDX-License-Identifier: Apache-2.0
 * rpc/tls.h: the credentials of one end of a connection.
 * Both ends always show a certificate; there is no mode without TLS.
 * Secret   key_pem         Tests  unit/rpc */
#ifndef EVH_RPC_TLS_H
#define EVH_RPC_TLS_H

#include "evenhand/base/bytes.h"

/* PEM texts, borrowed until the server or client that is given them has been made. */
typedef struct evh_rpc_tls {
    evh_view ca_pem;   /* certificates that the other end's chain must lead to */
    evh_view cert_pem; /* own certificate, leaf first */
    evh_view key_pem;  /* own private key, unencrypted; secret */
} evh_rpc_tls;

/* Who is at the other end of a call, as its certificate says. */
typedef struct evh_rpc_peer {
    char uri[160];           /* the only URI in the subject alternative names, or "" */
    uint8_t fingerprint[32]; /* SHA-256 of the leaf certificate in DER form */
} evh_rpc_peer;

#endif
