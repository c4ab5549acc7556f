/* SPDX-License-Identifier: Apache-2.0 */
#include "line_internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "evenhand/base/limits.h"
#include "evenhand/base/sizes.h"
#include "evenhand/seal/certificate.h"
#include "evenhand/wire/message.h"
#include "service.pb-c.h"
#include "service_internal.h"

enum {
    TARGET_LEN = 320,
    CALL_MS = 30000,
    UPLOAD_MS = 300000,
    CHUNK_BYTES = 256 << 10,
    CHUNK_OVERHEAD = 64
};

/* ---- sending a report in chunks ---- */

typedef struct chunks {
    evh_view rest;
    uint64_t total; /* said in the first chunk; 0 afterwards */
    evh_buffer message;
} chunks;

static evh_status next_chunk(void *context, evh_view *message, bool *end)
{
    chunks *c = context;
    size_t len = c->rest.len < CHUNK_BYTES ? c->rest.len : CHUNK_BYTES;
    Evenhand__V1__UploadChunk chunk;
    evenhand__v1__upload_chunk__init(&chunk);
    evh_status status = evh_ok();
    *message = evh_view_of(NULL, 0);
    *end = len == 0;
    if (*end)
        goto done;
    evh_buffer_truncate(&c->message, 0);
    chunk.total_bytes = c->total;
    evh_wire_set_bytes(&chunk.data, evh_view_of(c->rest.data, len));
    EVH_TRY(evh_wire_pack(&c->message, &chunk.base));
    c->rest = evh_view_of(c->rest.data + len, c->rest.len - len);
    c->total = 0;
    *message = evh_buffer_view(&c->message);
done:
    return status;
}

static evh_status upload(void *context, evh_view report, evh_buffer *receipt)
{
    evh_leader_line *line = context;
    chunks c = {.rest = report,
                .total = report.len,
                .message = evh_buffer_init(CHUNK_BYTES + CHUNK_OVERHEAD)};
    const evh_rpc_source source = {.next = next_chunk, .context = &c};
    evh_status status = evh_rpc_client_stream(line->client, "/evenhand.v1.Leader/Upload", source,
                                              UPLOAD_MS, receipt);
    evh_buffer_clear(&c.message);
    return status;
}

/* ---- the line ---- */

evh_status evh_leader_line_new(evh_leader_line **out, const evh_line_options *options)
{
    evh_leader_line *line = NULL;
    evh_certificate_facts facts;
    evh_rpc_client_options rpc = {.target = options->target,
                                  .http_proxy = options->proxy,
                                  .tls = {.ca_pem = options->ca_pem,
                                          .cert_pem = options->cert_pem,
                                          .key_pem = options->key_pem},
                                  .response_bytes_max = EVH_SERVICE_RESPONSE_MAX};
    evh_status status = evh_ok();
    *out = NULL;
    EVH_TRY(evh_certificate_check(&facts, options->ca_pem, options->cert_pem, options->key_pem,
                                  options->now_s));
    EVH_TRY(evh_alloc(&line, 1, sizeof *line, "connection"));
    EVH_TRY(evh_rpc_client_new(&line->client, &rpc));
    line->rpc = (evh_follow_rpc){.client = line->client, .deadline_ms = CALL_MS};
    *out = line;
    line = NULL;
done:
    evh_leader_line_free(&line);
    return status;
}

void evh_leader_line_free(evh_leader_line **line)
{
    if (*line == NULL)
        return;
    evh_rpc_client_free(&(*line)->client);
    free(*line);
    *line = NULL;
}

evh_leader evh_leader_line_leader(evh_leader_line *line)
{
    evh_leader leader = {
        .calls = evh_follow_peer_over_rpc(&line->rpc), .upload = upload, .upload_context = line};
    return leader;
}

evh_status evh_leader_call(const evh_leader *leader, const char *path,
                           const struct ProtobufCMessage *request, void *response,
                           const struct ProtobufCMessageDescriptor *type)
{
    evh_buffer out = evh_buffer_init(EVH_SERVICE_MESSAGE_MAX);
    evh_buffer in = evh_buffer_init(EVH_SERVICE_RESPONSE_MAX);
    evh_status status = evh_ok();
    EVH_TRY(evh_wire_pack(&out, request));
    EVH_TRY(leader->calls.call(leader->calls.context, path, evh_buffer_view(&out), &in));
    status = evh_wire_unpack(response, type, evh_buffer_view(&in), "answer");
    if (status.code == EVH_ERR_ENCODING)
        status = evh_fail(EVH_ERR_REFUSED, "the leader's answer cannot be read: %s", status.text);
done:
    evh_buffer_clear(&out);
    evh_buffer_clear(&in);
    return status;
}

/* ---- for a configured site ---- */

static void format_target(char out[TARGET_LEN], const char *host, uint16_t port)
{
    bool six = strchr(host, ':') != NULL;
    (void)snprintf(out, TARGET_LEN, "%s%.250s%s:%u", six ? "[" : "", host, six ? "]" : "", port);
}

static evh_status read_tls_file(evh_buffer *out, const char *config_path, const char *name,
                                bool secret)
{
    char path[EVH_PATH_BYTES_MAX];
    evh_status status = evh_ok();
    EVH_TRY(evh_path_resolve(path, config_path, evh_view_of_text(name)));
    EVH_TRY(secret ? evh_file_read_secret(out, path) : evh_file_read(out, path));
done:
    return status;
}

evh_status evh_site_tls_read(evh_site_tls *out, const evh_config *config, const char *config_path)
{
    char path[EVH_PATH_BYTES_MAX];
    evh_status status = evh_ok();
    EVH_TRY(evh_path_resolve(path, config_path, evh_view_of_text(config->tls.cert)));
    EVH_REQUIRE(evh_file_exists(path), EVH_ERR_INPUT,
                "%.50s is not there yet: run enrol again when both operators have approved",
                config->tls.cert);
    EVH_TRY(read_tls_file(&out->ca, config_path, config->tls.ca, false));
    EVH_TRY(read_tls_file(&out->cert, config_path, config->tls.cert, false));
    EVH_TRY(read_tls_file(&out->key, config_path, config->tls.key, true));
done:
    return status;
}

void evh_site_tls_clear(evh_site_tls *tls)
{
    evh_buffer_clear(&tls->ca);
    evh_buffer_clear(&tls->cert);
    evh_buffer_clear(&tls->key);
}

evh_status evh_site_connect(evh_site *site, const char *config_path)
{
    const evh_config *config = site->config;
    evh_site_tls tls = evh_site_tls_init();
    char target[TARGET_LEN];
    evh_line_options options = {.target = target,
                                .proxy = config->proxy,
                                .now_s = evh_clock_wall_ms(&site->clock) / EVH_MS_PER_S};
    evh_status status = evh_ok();
    format_target(target, config->leader_host, config->leader_port);
    EVH_TRY(evh_site_tls_read(&tls, config, config_path));
    options.ca_pem = evh_buffer_view(&tls.ca);
    options.cert_pem = evh_buffer_view(&tls.cert);
    options.key_pem = evh_buffer_view(&tls.key);
    EVH_TRY(evh_leader_line_new(&site->line, &options));
    site->leader = evh_leader_line_leader(site->line);
done:
    evh_site_tls_clear(&tls);
    return status;
}
