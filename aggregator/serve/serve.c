/* SPDX-License-Identifier: Apache-2.0
 * A serving leader or helper from its first thread to its last. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "evenhand/base/address.h"
#include "evenhand/base/sizes.h"
#include "evenhand/files/files.h"
#include "evenhand/rpc/client.h"
#include "evenhand/seal/certificate.h"
#include "serve_internal.h"

enum {
    CALLERS = 1 << 16, /* remembered at a time */
    RUNNING_PER_CALLER = 4
};

/* ---- parts ---- */

static evh_status publish(void *context, evh_view note)
{
    evh_serve *serve = context;
    const evh_published *to = &serve->deployment->self.published;
    (void)pthread_mutex_lock(&serve->publish_lock);
    evh_status status = to->keep == NULL ? evh_ok() : to->keep(to->context, note);
    (void)pthread_mutex_unlock(&serve->publish_lock);
    return status;
}

static void init_condition(pthread_cond_t *condition)
{
    pthread_condattr_t attributes;
    (void)pthread_condattr_init(&attributes);
    (void)pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    (void)pthread_cond_init(condition, &attributes);
    (void)pthread_condattr_destroy(&attributes);
}

static void init_parts(evh_serve *serve, const evh_serve_options *options)
{
    evh_deployment *d = options->deployment;
    serve->deployment = d;
    serve->version = options->version;
    serve->clock = d->self.clock;
    serve->log = evh_log_stderr(d->settings.log_level);
    serve->self = d->self;
    serve->self.events = &serve->log;
    serve->self.published = (evh_published){.keep = publish, .context = serve};
    (void)pthread_mutex_init(&serve->publish_lock, NULL);
    (void)pthread_mutex_init(&serve->driver.lock, NULL);
    (void)pthread_mutex_init(&serve->watch.lock, NULL);
    init_condition(&serve->driver.changed);
    init_condition(&serve->watch.changed);
}

/* The operator's side: what it needs beyond the rounds. */
static void init_office(evh_serve *serve)
{
    const evh_deployment *d = serve->deployment;
    serve->office.self = &serve->self;
    if (serve->self.role != EVH_ROLE_LEADER)
        return;
    serve->helper = evh_helper_link_peer(&serve->link);
    serve->office.wake = evh_driver_wake;
    serve->office.wake_context = &serve->driver;
    serve->office.helper = &serve->helper;
    serve->office.address = d->leader.address;
    serve->office.authority_cert_pem = d->authority_cert_pem;
    serve->office.authority_key_pem = d->authority_key_pem;
}

static void clear_parts(evh_serve *serve)
{
    evh_rpc_client_free(&serve->link.client);
    evh_throttle_free(&serve->throttle);
    evh_meters_free(&serve->meters);
    (void)pthread_cond_destroy(&serve->driver.changed);
    (void)pthread_cond_destroy(&serve->watch.changed);
    (void)pthread_mutex_destroy(&serve->driver.lock);
    (void)pthread_mutex_destroy(&serve->watch.lock);
    (void)pthread_mutex_destroy(&serve->publish_lock);
}

static evh_status make_meters(evh_serve *serve)
{
    evh_meter_methods methods[EVH_METER_SIDES] = {
        [EVH_METER_SERVED] = {.paths = serve->paths, .count = serve->method_count}};
    if (serve->self.role == EVH_ROLE_LEADER)
        methods[EVH_METER_MADE] = evh_helper_link_methods();
    return evh_meters_new(&serve->meters, methods);
}

static evh_status make_throttle(evh_serve *serve)
{
    const evh_settings_limits *limits = &serve->deployment->settings.limits;
    evh_throttle_options options = {.per_minute = limits->calls_per_minute,
                                    .burst = limits->calls_per_minute,
                                    .running = RUNNING_PER_CALLER,
                                    .callers = CALLERS,
                                    .clock = serve->clock};
    return evh_throttle_new(&serve->throttle, &options);
}

static evh_status make_link(evh_serve *serve)
{
    evh_rpc_client_options options;
    evh_status status = evh_ok();
    serve->link.meters = serve->meters;
    serve->link.clock = serve->clock;
    serve->link.log = &serve->log;
    atomic_store(&serve->link.reached_ms, -1);
    if (serve->self.role != EVH_ROLE_LEADER)
        goto done;
    EVH_TRY(evh_deployment_client(serve->deployment, EVH_ROLE_HELPER, &options));
    options.response_bytes_max = EVH_MESSAGE_BYTES_MAX;
    EVH_TRY(evh_rpc_client_new(&serve->link.client, &options));
done:
    return evh_status_in(status, "the way to the helper");
}

static evh_status read_certificate(evh_serve *serve)
{
    const evh_rpc_tls *tls = &serve->deployment->server;
    evh_certificate_facts facts;
    evh_status status = evh_certificate_check(&facts, tls->ca_pem, tls->cert_pem, tls->key_pem,
                                              evh_clock_wall_ms(&serve->clock) / 1000);
    if (status.code == EVH_OK)
        serve->certificate_expires_s = facts.not_after_s;
    return evh_status_in(status, "the server's certificate");
}

/* ---- listening ---- */

static evh_status listen_http(evh_serve *serve, char at[EVH_ADDRESS_LEN])
{
    char host[EVH_HOST_LEN];
    uint16_t port = 0;
    evh_status status = evh_ok();
    (void)snprintf(at, EVH_ADDRESS_LEN, "-");
    evh_http_options options = {.host = host, .page = evh_serve_page, .context = serve};
    if (serve->deployment->settings.metrics[0] == 0)
        goto done;
    EVH_TRY(evh_address_read(host, &options.port,
                             evh_view_of_text(serve->deployment->settings.metrics)));
    EVH_TRY(evh_http_start(&serve->http, &port, &options));
    evh_address_write(at, host, port);
done:
    return status;
}

static evh_status listen_rpc(evh_serve *serve, char at[EVH_ADDRESS_LEN])
{
    const evh_settings *settings = &serve->deployment->settings;
    char host[EVH_HOST_LEN];
    uint16_t port = 0;
    evh_rpc_server_options options = {.address = settings->listen,
                                      .tls = serve->deployment->server,
                                      .methods = serve->rpc_methods,
                                      .method_count = serve->method_count,
                                      .message_bytes_max = EVH_MESSAGE_BYTES_MAX,
                                      .response_bytes_max = EVH_MESSAGE_BYTES_MAX,
                                      .worker_count = settings->limits.workers,
                                      .receive_timeout_ms = settings->limits.receive_timeout_ms,
                                      .log = &serve->log};
    evh_status status = evh_ok();
    EVH_TRY(evh_address_read(host, &port, evh_view_of_text(settings->listen)));
    EVH_TRY(evh_rpc_server_start(&serve->server, &port, &options));
    evh_address_write(at, host, port);
done:
    return status;
}

/* The transport comes last: nobody is served before everything else is there. */
static evh_status start(evh_serve *serve, const char *ready_file)
{
    char rpc_at[EVH_ADDRESS_LEN];
    char http_at[EVH_ADDRESS_LEN];
    evh_buffer line = evh_buffer_init((size_t)2 * EVH_ADDRESS_LEN + 2);
    evh_status status = evh_ok();
    EVH_TRY(read_certificate(serve));
    EVH_TRY(make_meters(serve));
    EVH_TRY(make_throttle(serve));
    EVH_TRY(make_link(serve));
    EVH_TRY(evh_watch_start(serve));
    EVH_TRY(listen_http(serve, http_at));
    EVH_TRY(listen_rpc(serve, rpc_at));
    if (serve->self.role == EVH_ROLE_LEADER)
        EVH_TRY(evh_driver_start(serve));
    EVH_LOG(&serve->log, EVH_LOG_INFO, "serve", "ready",
            evh_log_id("role", evh_party_word(serve->self.role)), evh_log_id("address", rpc_at),
            evh_log_id("metrics", http_at));
    if (ready_file == NULL)
        goto done;
    EVH_TRY(evh_buffer_format(&line, "%s %s\n", rpc_at, http_at));
    EVH_TRY(evh_file_replace(ready_file, evh_buffer_view(&line), EVH_FILE_SHARED));
done:
    evh_buffer_clear(&line);
    return status;
}

/* In the order in which nothing calls what is gone. */
static void stop(evh_serve *serve)
{
    serve->stopping = true;
    evh_driver_stop(serve);
    evh_rpc_server_stop(&serve->server, EVH_SERVE_GRACE_MS);
    evh_http_stop(&serve->http);
    evh_watch_stop(serve);
}

evh_status evh_serve_run(const evh_serve_options *options)
{
    evh_serve *serve = NULL;
    bool restored = false;
    evh_status status = evh_ok();
    if (options->ready_file != NULL)
        (void)unlink(options->ready_file); /* of an earlier run */
    EVH_TRY(evh_alloc(&serve, 1, sizeof *serve, "service"));
    init_parts(serve, options);
    init_office(serve);
    EVH_TRY(evh_serve_prepare_methods(serve));
    EVH_LOG(&serve->log, EVH_LOG_INFO, "serve", "starting",
            evh_log_id("role", evh_party_word(serve->self.role)),
            evh_log_id("version", options->version));
    EVH_TRY(evh_deployment_start(options->deployment, &restored));
    if (restored)
        evh_log_event(&serve->log, EVH_LOG_WARN, "serve", "restored", NULL, 0);
    EVH_TRY(start(serve, options->ready_file));
    options->wait(options->context);
    evh_log_event(&serve->log, EVH_LOG_INFO, "serve", "stopping", NULL, 0);
done:
    if (serve != NULL) {
        stop(serve);
        if (options->ready_file != NULL)
            (void)unlink(options->ready_file);
        evh_log_event(&serve->log, EVH_LOG_INFO, "serve", "stopped", NULL, 0);
        clear_parts(serve);
    }
    free(serve);
    return status;
}
