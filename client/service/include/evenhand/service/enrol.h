/* SPDX-License-Identifier: Apache-2.0
 * service/enrol.h: asking to join, with an invitation.
 * Source   docs/reference/invitation.md          Secret   the invitation's TLS key, the own keys
 * Memory   one message                           Tests    unit/service/test_enrol.c */
#ifndef EVH_SERVICE_ENROL_H
#define EVH_SERVICE_ENROL_H

#include "evenhand/protocol/invitation.h"
#include "evenhand/service/site.h"

typedef enum evh_enrol_state {
    EVH_ENROL_INVITED = 1, /* numbers as in proto/service.proto */
    EVH_ENROL_REQUESTED,
    EVH_ENROL_APPROVED,
    EVH_ENROL_REFUSED
} evh_enrol_state;

/* Makes the way to the leader with the invitation's own certificate, for evh_enrol_ask. `site` has
 * its clock; close it. Fails INPUT, MEMORY. */
EVH_MUST_USE evh_status evh_enrol_connect(evh_site *site, const evh_invitation *invitation,
                                          const char *proxy);

/* Asks to join, or asks again.
 *   cert_pem  replaced: when approved the certificate for the customer's TLS key; it belongs to that
 *             key and names this customer
 *   customer  named after the invitation's commitment
 *   key_pem   the customer's TLS key
 * Fails    UNAVAILABLE; what the leader refused with; REFUSED a certificate that is not right; KEY */
EVH_MUST_USE evh_status evh_enrol_ask(evh_site *site, evh_enrol_state *state, evh_buffer *cert_pem,
                                      const evh_invitation *invitation,
                                      const evh_signing_key *customer, evh_view key_pem);

#endif
