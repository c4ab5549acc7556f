/* SPDX-License-Identifier: Apache-2.0
 * aggregator/http.h: a few pages over plain HTTP, for loopback or a closed network: metrics and
 * health. Only GET and HEAD; every request is answered by one page function.
 * Source   libmicrohttpd                   Threads  pages are made on the server's own threads
 * Memory   one page for each connection    Tests    unit/aggregator/test_http.c */
#ifndef EVH_AGGREGATOR_HTTP_H
#define EVH_AGGREGATOR_HTTP_H

#include <stdint.h>

#include "evenhand/base/bytes.h"
#include "evenhand/base/status.h"

enum { EVH_HTTP_PAGE_BYTES_MAX = 4 << 20, EVH_HTTP_CONNECTIONS_MAX = 32, EVH_HTTP_TIMEOUT_S = 10 };

typedef struct evh_http evh_http;

typedef struct evh_http_page {
    unsigned status; /* HTTP's; 404 until the page is found */
    const char *type;
    evh_buffer body;
} evh_http_page;

typedef struct evh_http_options {
    const char *host; /* an IP address */
    uint16_t port;    /* 0 takes a free one */
    /* Fills the page of a path; a failure is answered with 500 and no text. */
    evh_status (*page)(void *context, const char *path, evh_http_page *page);
    void *context;
} evh_http_options;

/* Starts serving. Fails INPUT when host is no IP address or the port is not free; MEMORY.
 *   port  the port that is served */
EVH_MUST_USE evh_status evh_http_start(evh_http **out, uint16_t *port,
                                       const evh_http_options *options);

/* Ends connections and frees. Takes the address, accepts NULL, leaves NULL. */
void evh_http_stop(evh_http **http);

#endif
