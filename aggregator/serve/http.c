/* SPDX-License-Identifier: Apache-2.0 */
#include "evenhand/aggregator/http.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include <microhttpd.h>

#include "evenhand/base/sizes.h"

enum { THREADS = 2, CONNECTION_BYTES = 32 << 10 };

struct evh_http {
    evh_http_options options;
    struct MHD_Daemon *daemon;
};

/* The first call of a request brings its headers only; a body is not taken. */
static enum MHD_Result answer(void *context, struct MHD_Connection *connection, const char *url,
                              const char *method, const char *version, const char *upload,
                              size_t *upload_len, void **seen)
{
    static char marker;
    const evh_http *http = context;
    (void)version;
    (void)upload;
    if (*seen == NULL) {
        *seen = &marker;
        return MHD_YES;
    }
    if (*upload_len > 0)
        return MHD_NO;
    evh_http_page page = {.status = MHD_HTTP_NOT_FOUND,
                          .type = "text/plain; charset=utf-8",
                          .body = evh_buffer_init(EVH_HTTP_PAGE_BYTES_MAX)};
    if (strcmp(method, MHD_HTTP_METHOD_GET) != 0 && strcmp(method, MHD_HTTP_METHOD_HEAD) != 0) {
        page.status = MHD_HTTP_METHOD_NOT_ALLOWED;
    } else if (http->options.page(http->options.context, url, &page).code != EVH_OK) {
        page.status = MHD_HTTP_INTERNAL_SERVER_ERROR;
        evh_buffer_clear(&page.body);
    }
    struct MHD_Response *response =
        MHD_create_response_from_buffer(page.body.len, page.body.data, MHD_RESPMEM_MUST_COPY);
    enum MHD_Result result = MHD_NO;
    if (response != NULL) {
        (void)MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, page.type);
        (void)MHD_add_response_header(response, MHD_HTTP_HEADER_CACHE_CONTROL, "no-store");
        result = MHD_queue_response(connection, page.status, response);
        MHD_destroy_response(response);
    }
    evh_buffer_clear(&page.body);
    return result;
}

typedef union address {
    struct sockaddr any;
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
} address;

static bool read_address(address *out, const evh_http_options *options)
{
    memset(out, 0, sizeof *out);
    if (inet_pton(AF_INET, options->host, &out->v4.sin_addr) == 1) {
        out->v4.sin_family = AF_INET;
        out->v4.sin_port = htons(options->port);
        return true;
    }
    if (inet_pton(AF_INET6, options->host, &out->v6.sin6_addr) != 1)
        return false;
    out->v6.sin6_family = AF_INET6;
    out->v6.sin6_port = htons(options->port);
    return true;
}

/* The library would print what it does not like. */
static void drop_message(void *context, const char *format, va_list arguments)
{
    (void)context;
    (void)format;
    (void)arguments;
}

evh_status evh_http_start(evh_http **out, uint16_t *port, const evh_http_options *options)
{
    *out = NULL;
    *port = 0;
    evh_http *http = NULL;
    address at;
    unsigned flags = MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_EPOLL | MHD_USE_ERROR_LOG;
    const union MHD_DaemonInfo *info = NULL;
    evh_status status = evh_ok();
    EVH_REQUIRE(read_address(&at, options), EVH_ERR_INPUT,
                "metrics: %s is no IP address (for example 127.0.0.1)", options->host);
    EVH_TRY(evh_alloc(&http, 1, sizeof *http, "http server"));
    http->options = *options;
    if (at.any.sa_family == AF_INET6)
        flags |= MHD_USE_IPv6;
    http->daemon = MHD_start_daemon(
        flags, options->port, NULL, NULL, answer, http, MHD_OPTION_EXTERNAL_LOGGER, drop_message,
        NULL, MHD_OPTION_SOCK_ADDR, &at.any, MHD_OPTION_THREAD_POOL_SIZE, (unsigned)THREADS,
        MHD_OPTION_CONNECTION_LIMIT, (unsigned)EVH_HTTP_CONNECTIONS_MAX,
        MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)EVH_HTTP_TIMEOUT_S,
        MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)CONNECTION_BYTES, MHD_OPTION_END);
    EVH_REQUIRE(http->daemon != NULL, EVH_ERR_INPUT,
                "cannot serve metrics on %s port %u: is the address right and the port free?",
                options->host, (unsigned)options->port);
    info = MHD_get_daemon_info(http->daemon, MHD_DAEMON_INFO_BIND_PORT);
    EVH_REQUIRE(info != NULL, EVH_ERR_INTERNAL, "the port of the metrics is not known");
    *port = info->port;
    *out = http;
    http = NULL;
done:
    evh_http_stop(&http);
    return status;
}

void evh_http_stop(evh_http **address_of)
{
    evh_http *http = *address_of;
    if (http == NULL)
        return;
    *address_of = NULL;
    if (http->daemon != NULL)
        MHD_stop_daemon(http->daemon);
    free(http);
}
