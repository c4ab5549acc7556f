/* SPDX-License-Identifier: Apache-2.0
 * seal/certificate.h: the X.509 certificates of TLS: an operator's own authority, the certificates
 * it issues, and the checks at start-up.
 * Source   RFC 5280; keys are ECDSA on P-256 (every TLS stack takes them), signatures with SHA-256
 * Secret   private keys in PEM form: buffers wipe themselves      Threads  any
 * Memory   PEM texts up to EVH_KEY_FILE_BYTES_MAX                 Tests
 * unit/seal/test_certificate.c */
#ifndef EVH_SEAL_CERTIFICATE_H
#define EVH_SEAL_CERTIFICATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "evenhand/base/bytes.h"
#include "evenhand/base/status.h"

enum { EVH_CERTIFICATE_URI_LEN = 160, EVH_CERTIFICATE_NAME_MAX = 64 };

typedef struct evh_certificate_options {
    const char *common_name; /* 1..64 bytes */
    const char *uri;         /* subject alternative name, or NULL */
    const char *const
        *hosts; /* [host_count] DNS names or IP addresses, also as alternative names */
    size_t host_count;
    int64_t not_before_s; /* seconds since 1970 */
    int64_t not_after_s;
} evh_certificate_options;

/* What a certificate says, for messages and logs. */
typedef struct evh_certificate_facts {
    char uri[EVH_CERTIFICATE_URI_LEN]; /* the only URI among the alternative names, or "" */
    int64_t not_before_s, not_after_s;
    uint8_t fingerprint[32]; /* SHA-256 of the DER form */
    bool authority;          /* it may issue others */
    bool self_signed;        /* signed with its own key, checked */
} evh_certificate_facts;

/* Makes a key and a self-signed authority certificate; appends both in PEM form. uri and hosts are
 * not used. Fails ARG, MEMORY, INTERNAL. */
EVH_MUST_USE evh_status evh_certificate_make_authority(evh_buffer *cert_pem, evh_buffer *key_pem,
                                                       const evh_certificate_options *options);

/* Makes a key and a self-signed certificate that cannot issue others; appends both in PEM form. A
 * server that trusts it by itself accepts it and nothing else because of it: nobody's authority
 * then vouches for the caller. Fails ARG, MEMORY, INTERNAL. */
EVH_MUST_USE evh_status evh_certificate_make_self_signed(evh_buffer *cert_pem, evh_buffer *key_pem,
                                                         const evh_certificate_options *options);

/* Makes a key; appends it in PEM form (PKCS#8, unencrypted). Fails MEMORY, INTERNAL. */
EVH_MUST_USE evh_status evh_certificate_make_key(evh_buffer *key_pem);

/* Makes a signing request for a key: the proof that its sender holds it. Only common_name and uri
 * of the options are used. Fails KEY on an unusable key, ARG, MEMORY, INTERNAL. */
EVH_MUST_USE evh_status evh_certificate_make_request(evh_buffer *request_pem, evh_view key_pem,
                                                     const evh_certificate_options *options);

/* Issues a certificate for the key in a signing request. Names come from the options, never from
 * the request. Fails KEY when the request's own signature or the authority's pair is wrong,
 * ENCODING on malformed PEM, ARG, MEMORY, INTERNAL. */
EVH_MUST_USE evh_status evh_certificate_issue(evh_buffer *cert_pem, evh_view request_pem,
                                              evh_view authority_cert_pem,
                                              evh_view authority_key_pem,
                                              const evh_certificate_options *options);

/* Reads what the first certificate of a PEM text says. Fails INPUT when there is none. */
EVH_MUST_USE evh_status evh_certificate_read(evh_certificate_facts *facts, evh_view cert_pem);

/* Checks that a certificate was issued by the first one of an authority's file and, if host is not
 * NULL, that it is for that DNS name or IP address. Times are not looked at.
 * Fails INPUT with what is wrong. */
EVH_MUST_USE evh_status evh_certificate_check_issued(evh_view ca_pem, evh_view cert_pem,
                                                     const char *host);

/* Checks what a program is about to serve or call with: the key belongs to the certificate, the
 * certificate is valid at now_s and the authority file holds at least one certificate.
 * Fails INPUT with what is wrong and what to do; facts are filled whenever the certificate can be
 * read. */
EVH_MUST_USE evh_status evh_certificate_check(evh_certificate_facts *facts, evh_view ca_pem,
                                              evh_view cert_pem, evh_view key_pem, int64_t now_s);

#endif
