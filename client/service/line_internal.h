/* SPDX-License-Identifier: Apache-2.0
 * service/line_internal.h: the way to the leader over gRPC. */
#ifndef EVH_SERVICE_LINE_INTERNAL_H
#define EVH_SERVICE_LINE_INTERNAL_H

#include "evenhand/follow/over_rpc.h"
#include "evenhand/service/site.h"

typedef struct evh_leader_line {
    evh_rpc_client *client;
    evh_follow_rpc rpc;
} evh_leader_line;

typedef struct evh_line_options {
    const char *target; /* "host:port" */
    const char *proxy;  /* NULL: as the environment says */
    evh_view ca_pem, cert_pem, key_pem;
    int64_t now_s;
} evh_line_options;

/* Checks the certificates and makes the line. Fails INPUT, MEMORY. */
evh_status evh_leader_line_new(evh_leader_line **out, const evh_line_options *options);
void evh_leader_line_free(evh_leader_line **line);

/* The leader that a line leads to; borrows it. */
evh_leader evh_leader_line_leader(evh_leader_line *line);

/* One call with messages in and out.
 *   request   const ProtobufCMessage *
 *   response  address of a message pointer; NULL on failure; evh_wire_free */
struct ProtobufCMessage;
struct ProtobufCMessageDescriptor;
evh_status evh_leader_call(const evh_leader *leader, const char *path,
                           const struct ProtobufCMessage *request, void *response,
                           const struct ProtobufCMessageDescriptor *type);

#endif
