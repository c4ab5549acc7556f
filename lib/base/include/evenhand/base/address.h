/* SPDX-License-Identifier: Apache-2.0
 * base/address.h: "host:port" and "[address]:port" as people write them.
 * Source   RFC 3986 section 3.2.2 for the brackets of an IPv6 address
 * Memory   allocates nothing          Tests    unit/base/test_address.c */
#ifndef EVH_BASE_ADDRESS_H
#define EVH_BASE_ADDRESS_H

#include <stdbool.h>
#include <stdint.h>

#include "evenhand/base/bytes.h"
#include "evenhand/base/status.h"

enum {
    EVH_HOST_LEN = 256,   /* a host's name or address without brackets, and a NUL */
    EVH_ADDRESS_LEN = 272 /* "host:port", and a NUL */
};

/* Takes an address apart.
 *   host  a name, an IPv4 address, or an IPv6 address without its brackets; empty on failure
 *   port  1..65535
 * Fails    ARG with the form that was expected */
EVH_MUST_USE evh_status evh_address_read(char host[EVH_HOST_LEN], uint16_t *port, evh_view text);

/* Puts an address together, with brackets around an IPv6 address. host: what evh_host_is_good says.
 */
void evh_address_write(char out[EVH_ADDRESS_LEN], const char *host, uint16_t port);

/* True for a name, an IPv4 address, or an IPv6 address without brackets: by their characters, not
 * by asking whether they exist. */
bool evh_host_is_good(const char *host);

#endif
