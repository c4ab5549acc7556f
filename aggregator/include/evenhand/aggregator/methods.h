/* SPDX-License-Identifier: Apache-2.0
 * aggregator/methods.h: which functions answer the calls of proto/service.proto and
 * proto/operator.proto, and who may make them.
 * Tests    unit/aggregator/test_methods.c */
#ifndef EVH_AGGREGATOR_METHODS_H
#define EVH_AGGREGATOR_METHODS_H

#include <stdbool.h>
#include <stddef.h>

#include "evenhand/aggregator/aggregator.h"

/* A set of roles. */
#define EVH_ROLES(role) (1U << (unsigned)(role))
enum { EVH_ROLES_ALL = 0xfe };

typedef struct evh_service_method {
    const char *path; /* "/evenhand.v1.Leader/Upload" */
    unsigned callers; /* set of roles; others are refused before they have sent anything */
    size_t request_bytes_max;
    /* The request is a stream of UploadChunk, and `call` gets the bytes that they make up. */
    bool upload;
    bool wakes; /* after its success the rounds may move on */
    evh_status (*call)(const evh_aggregator *self, const evh_caller *caller, evh_view request,
                       evh_buffer *response);
} evh_service_method;

typedef struct evh_method_table {
    const evh_service_method *methods;
    size_t count;
} evh_method_table;

/* The methods of a leader or a helper. */
evh_method_table evh_methods_of(evh_role role);

#endif
