/* SPDX-License-Identifier: Apache-2.0
 * aggregator/identify.h: who is calling, from the certificate that the transport has verified.
 * A peer (leader, helper, collector) is known by the fingerprint of its pinned certificate; everyone
 * else holds a certificate of this aggregator's own authority, whose URI says what for:
 * "evenhand:customer/VKEY", "evenhand:operator", "evenhand:invitation/ID".
 * Secret   nothing                 Threads  values
 * Memory   allocates for a check   Tests    unit/aggregator/test_identify.c */
#ifndef EVH_AGGREGATOR_IDENTIFY_H
#define EVH_AGGREGATOR_IDENTIFY_H

#include "evenhand/aggregator/aggregator.h"
#include "evenhand/rpc/tls.h"

enum { EVH_INVITATION_ID_LEN = 32 }; /* hex digits */

/* A caller with what it points into. Do not copy it. */
typedef struct evh_identified {
    evh_caller caller;
    evh_identity customer;
    char invitation[EVH_INVITATION_ID_LEN + 1];
} evh_identified;

/* Says who a verified peer is. A pinned certificate counts before any URI; a certificate without a
 * URI, or with one that is not of this project, is an observer's.
 *   out     the caller in it borrows from *out
 *   pinned  the role of the party whose pinned certificate it is; 0 for none
 * Fails    KEY a URI of this project that is not well-formed; *out is then an observer */
EVH_MUST_USE evh_status evh_caller_identify(evh_identified *out, evh_role pinned,
                                            const evh_rpc_peer *peer);

#endif
