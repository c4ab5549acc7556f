/* SPDX-License-Identifier: Apache-2.0
 * The certificates of a folder, as init makes them and 'keys rotate tls' renews them. */
#ifndef EVH_AGGREGATOR_CERTIFICATES_INTERNAL_H
#define EVH_AGGREGATOR_CERTIFICATES_INTERNAL_H

#include "deployment_internal.h"

enum {
    EVH_AUTHORITY_DAYS = 3650,
    EVH_LEAF_DAYS = 397,   /* what every TLS stack accepts */
    EVH_CLIENT_DAYS = 1095 /* a new one has to be taken to the others by hand */
};

/* An empty pair. */
void evh_pem_pair_init(evh_pem_pair *pair);
void evh_pem_pair_clear(evh_pem_pair *pair);

/* Each makes a key and a certificate, valid from an hour ago. Fail like seal/certificate.h. */
EVH_MUST_USE evh_status evh_make_authority(evh_pem_pair *out, const evh_settings *settings,
                                           int64_t now_s);
EVH_MUST_USE evh_status evh_make_server(evh_pem_pair *out, const evh_settings *settings,
                                        const evh_pem_pair *authority, int64_t now_s);
EVH_MUST_USE evh_status evh_make_operator(evh_pem_pair *out, const evh_settings *settings,
                                          const evh_pem_pair *authority, int64_t now_s);
EVH_MUST_USE evh_status evh_make_client(evh_pem_pair *out, const evh_settings *settings,
                                        int64_t now_s);

#endif
