/* SPDX-License-Identifier: Apache-2.0
 * One thread polls the server's completion queue for arrivals and hands them to the workers. Each
 * slot has a completion queue of its own for its call, so a worker's code is linear: it starts a
 * batch and plucks it. A slot belongs to the transport while armed, then to the queue of arrivals,
 * then to one worker, which arms it again. */
#include "evenhand/rpc/server.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include <grpc/support/time.h>

#include "evenhand/base/sizes.h"
#include "rpc_internal.h"

enum { WORKERS_MAX = 256, METHODS_MAX = 256, STREAMS_PER_CONNECTION_MAX = 64 };

/* Connections that do nothing, or whose other end is gone, are closed. */
enum {
    HANDSHAKE_MS = 20000,
    CONNECTION_IDLE_MS = 300000,
    KEEPALIVE_MS = 60000,
    KEEPALIVE_ANSWER_MS = 20000
};

/* Responses of grpc.health.v1.Health/Check: HealthCheckResponse{status: SERVING}. */
static const uint8_t health_serving[2] = {0x08, 0x01};
static const char health_path[] = "/grpc.health.v1.Health/Check";

struct evh_rpc_call {
    evh_rpc_server *server;
    const evh_rpc_method *method;
    void *registered; /* NULL: the catch-all for paths that are not in the table */
    grpc_completion_queue *queue;
    grpc_call *call;
    gpr_timespec deadline;
    grpc_metadata_array metadata;
    grpc_call_details details; /* of the catch-all */
    evh_rpc_peer peer;
    bool gone; /* the client cannot be answered any more */
};

typedef struct arrivals {
    evh_rpc_call **slots; /* ring of capacity slot_count: every slot fits at once */
    size_t head, count;
} arrivals;

struct evh_rpc_server {
    evh_rpc_server_options options;
    evh_rpc_method health, unknown;
    grpc_server *server;
    grpc_completion_queue *queue;
    evh_rpc_call *slots;
    size_t slot_count;
    arrivals ready;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    bool stopping;
    unsigned busy; /* workers inside a handler */
    pthread_t poller;
    pthread_t *workers;
    unsigned worker_count;
    bool poller_started;
};

/* ---- one call, on a worker ---- */

/* Runs a batch and waits for it: true when all of its operations succeeded. A batch that is not
 * done in time is cancelled and then waited for, since its memory belongs to the transport until
 * it is done. */
static bool run_batch(evh_rpc_call *call, const grpc_op *ops, size_t count, gpr_timespec deadline)
{
    if (call->gone || grpc_call_start_batch(call->call, ops, count, call, NULL) != GRPC_CALL_OK) {
        call->gone = true;
        return false;
    }
    grpc_event event = grpc_completion_queue_pluck(call->queue, call, deadline, NULL);
    if (event.type == GRPC_QUEUE_TIMEOUT) {
        call->gone = true;
        (void)grpc_call_cancel(call->call, NULL);
        event = grpc_completion_queue_pluck(call->queue, call, gpr_inf_future(GPR_CLOCK_MONOTONIC),
                                            NULL);
    }
    return event.success != 0;
}

static gpr_timespec sooner(gpr_timespec a, gpr_timespec b)
{
    return gpr_time_cmp(a, b) < 0 ? a : b;
}

static gpr_timespec receive_deadline(const evh_rpc_call *call)
{
    gpr_timespec own = evh_rpc_deadline(call->server->options.receive_timeout_ms);
    return sooner(own, gpr_convert_clock_type(call->deadline, GPR_CLOCK_MONOTONIC));
}

evh_status evh_rpc_call_receive(evh_rpc_call *call, evh_buffer *message, bool *end)
{
    evh_buffer_clear(message);
    *end = false;
    grpc_byte_buffer *received = NULL;
    grpc_op op = {.op = GRPC_OP_RECV_MESSAGE, .data.recv_message.recv_message = &received};
    bool done = run_batch(call, &op, 1, receive_deadline(call));
    if (!done || call->gone) {
        grpc_byte_buffer_destroy(received);
        return evh_fail(EVH_ERR_UNAVAILABLE, "the client went away or sent nothing for too long");
    }
    if (received == NULL) {
        *end = true;
        return evh_ok();
    }
    evh_status status = evh_rpc_buffer_read(received, message);
    grpc_byte_buffer_destroy(received);
    return status;
}

evh_status evh_rpc_call_receive_only(evh_rpc_call *call, evh_buffer *message)
{
    evh_buffer more = evh_buffer_init(message->ceiling);
    bool end = false;
    evh_status status = evh_ok();
    EVH_TRY(evh_rpc_call_receive(call, message, &end));
    EVH_REQUIRE(!end, EVH_ERR_LENGTH, "a call without a request message");
    EVH_TRY(evh_rpc_call_receive(call, &more, &end));
    EVH_REQUIRE(end, EVH_ERR_TRAILING, "a second message on a method that takes one");
done:
    evh_buffer_clear(&more);
    return status;
}

const evh_rpc_peer *evh_rpc_call_peer(const evh_rpc_call *call)
{
    return &call->peer;
}

static void send_answer(evh_rpc_call *call, evh_status status, const evh_buffer *response)
{
    grpc_op ops[4];
    memset(ops, 0, sizeof ops);
    size_t count = 0;
    int cancelled = 0;
    grpc_byte_buffer *message = NULL;
    grpc_slice details = grpc_slice_from_static_string(evh_code_info(status.code)->name);
    ops[count++].op = GRPC_OP_SEND_INITIAL_METADATA;
    if (status.code == EVH_OK) {
        message = evh_rpc_buffer_from_view(evh_buffer_view(response));
        ops[count].op = GRPC_OP_SEND_MESSAGE;
        ops[count++].data.send_message.send_message = message;
    }
    ops[count].op = GRPC_OP_SEND_STATUS_FROM_SERVER;
    ops[count].data.send_status_from_server.status = evh_rpc_grpc_code(status.code);
    ops[count++].data.send_status_from_server.status_details = &details;
    ops[count].op = GRPC_OP_RECV_CLOSE_ON_SERVER;
    ops[count++].data.recv_close_on_server.cancelled = &cancelled;
    (void)run_batch(call, ops, count,
                    receive_deadline(call)); /* a lost answer is asked for again */
    grpc_byte_buffer_destroy(message);
}

static evh_status answer_health(void *context, evh_rpc_call *call, evh_buffer *response)
{
    (void)context;
    evh_buffer request = evh_buffer_init(1024);
    evh_status status = evh_rpc_call_receive_only(call, &request);
    evh_buffer_clear(&request);
    if (status.code == EVH_OK)
        status = evh_buffer_append(response, evh_view_of(health_serving, sizeof health_serving));
    return status;
}

/* Without this an unknown path would hang until its caller's deadline. */
static evh_status answer_unknown(void *context, evh_rpc_call *call, evh_buffer *response)
{
    (void)context;
    (void)call;
    (void)response;
    return evh_fail(EVH_ERR_TYPE, "no such method");
}

static void serve(evh_rpc_call *call)
{
    if (call->registered == NULL)
        call->deadline = call->details.deadline;
    const evh_rpc_server_options *options = &call->server->options;
    evh_buffer response = evh_buffer_init(options->response_bytes_max);
    evh_status status = evh_rpc_peer_of_call(&call->peer, call->call);
    if (status.code == EVH_OK)
        status = call->method->handle(call->method->context, call, &response);
    if (status.code != EVH_OK)
        EVH_LOG(options->log, EVH_LOG_WARN, "rpc", "call_failed",
                evh_log_id("method", call->method->path), evh_log_id("peer", call->peer.uri),
                evh_log_code(status.code));
    send_answer(call, status, &response);
    evh_buffer_clear(&response);
}

/* ---- slots ---- */

static bool arm(evh_rpc_call *call)
{
    call->call = NULL;
    call->gone = false;
    grpc_metadata_array_init(&call->metadata);
    grpc_server *server = call->server->server;
    grpc_completion_queue *queue = call->server->queue;
    grpc_call_error error = GRPC_CALL_OK;
    if (call->registered != NULL) {
        error = grpc_server_request_registered_call(server, call->registered, &call->call,
                                                    &call->deadline, &call->metadata, NULL,
                                                    call->queue, queue, call);
    } else {
        grpc_call_details_init(&call->details);
        error = grpc_server_request_call(server, &call->call, &call->details, &call->metadata,
                                         call->queue, queue, call);
    }
    return error == GRPC_CALL_OK;
}

static void retire(evh_rpc_call *call)
{
    if (call->call != NULL)
        grpc_call_unref(call->call);
    call->call = NULL;
    grpc_metadata_array_destroy(&call->metadata);
    if (call->registered == NULL)
        grpc_call_details_destroy(&call->details);
}

static void *work(void *argument)
{
    evh_rpc_server *server = argument;
    (void)pthread_mutex_lock(&server->lock);
    for (;;) {
        while (server->ready.count == 0 && !server->stopping)
            (void)pthread_cond_wait(&server->changed, &server->lock);
        if (server->ready.count == 0)
            break;
        evh_rpc_call *call = server->ready.slots[server->ready.head];
        server->ready.head = (server->ready.head + 1) % server->slot_count;
        server->ready.count--;
        server->busy++;
        (void)pthread_mutex_unlock(&server->lock);
        serve(call);
        retire(call);
        (void)pthread_mutex_lock(&server->lock);
        server->busy--;
        if (server->stopping)
            (void)pthread_cond_broadcast(&server->changed);
        else
            (void)arm(call); /* under the lock: never after the shutdown has begun */
    }
    (void)pthread_mutex_unlock(&server->lock);
    return NULL;
}

/* Ends when the queue has been shut down and is empty. */
static void *poll_arrivals(void *argument)
{
    evh_rpc_server *server = argument;
    for (;;) {
        grpc_event event =
            grpc_completion_queue_next(server->queue, gpr_inf_future(GPR_CLOCK_MONOTONIC), NULL);
        if (event.type == GRPC_QUEUE_SHUTDOWN)
            return NULL;
        if (event.tag == server) /* the shutdown of the server is complete */
            grpc_completion_queue_shutdown(server->queue);
        else if (event.success == 0) { /* an armed slot that will not be used any more */
            (void)pthread_mutex_lock(&server->lock); /* after the worker that armed it */
            retire(event.tag);
            (void)pthread_mutex_unlock(&server->lock);
        } else {
            (void)pthread_mutex_lock(&server->lock);
            size_t tail = (server->ready.head + server->ready.count) % server->slot_count;
            server->ready.slots[tail] = event.tag;
            server->ready.count++;
            (void)pthread_cond_signal(&server->changed);
            (void)pthread_mutex_unlock(&server->lock);
        }
    }
}

/* ---- life cycle ---- */

static grpc_server_credentials *make_credentials(const evh_rpc_pems *pems)
{
    grpc_ssl_pem_key_cert_pair pair = {.private_key = (const char *)pems->key.data,
                                       .cert_chain = (const char *)pems->cert.data};
    /* Each of these takes over the one before. */
    grpc_ssl_server_certificate_config *config =
        grpc_ssl_server_certificate_config_create((const char *)pems->ca.data, &pair, 1);
    grpc_ssl_server_credentials_options *options =
        grpc_ssl_server_credentials_create_options_using_config(
            GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY, config);
    return grpc_ssl_server_credentials_create_with_options(options);
}

static evh_status bind_address(evh_rpc_server *server, uint16_t *port)
{
    evh_rpc_pems pems = {.ca = {0}, .cert = {0}, .key = {0}};
    grpc_server_credentials *credentials = NULL;
    int bound = 0;
    evh_status status = evh_ok();
    EVH_TRY(evh_rpc_pems_copy(&pems, &server->options.tls));
    credentials = make_credentials(&pems);
    EVH_REQUIRE(credentials != NULL, EVH_ERR_INPUT, "the TLS credentials are not usable");
    bound = grpc_server_add_http2_port(server->server, server->options.address, credentials);
    EVH_REQUIRE(bound > 0 && bound <= UINT16_MAX, EVH_ERR_INPUT,
                "cannot listen on %s: is the address right and the port free, and do certificate "
                "and key belong together?",
                server->options.address);
    *port = (uint16_t)bound;
done:
    grpc_server_credentials_release(credentials);
    evh_rpc_pems_clear(&pems);
    return status;
}

/* How many calls of a method are armed. */
static size_t slots_of(const evh_rpc_server *server, const evh_rpc_method *method)
{
    unsigned workers = server->options.worker_count;
    bool fewer = method->concurrency > 0 && method->concurrency < workers;
    return fewer ? method->concurrency : workers;
}

static size_t count_slots(const evh_rpc_server *server)
{
    size_t count = slots_of(server, &server->health) + slots_of(server, &server->unknown);
    for (size_t i = 0; i < server->options.method_count; i++)
        count += slots_of(server, &server->options.methods[i]);
    return count;
}

static void make_slots(evh_rpc_server *server, const evh_rpc_method *method, void *registered,
                       size_t first)
{
    for (size_t i = 0; i < slots_of(server, method); i++) {
        evh_rpc_call *slot = &server->slots[first + i];
        slot->server = server;
        slot->method = method;
        slot->registered = registered;
        slot->queue = grpc_completion_queue_create_for_pluck(NULL);
    }
}

/* The table's methods, the health check and the catch-all. */
static evh_status make_all_slots(evh_rpc_server *server)
{
    evh_status status = evh_ok();
    const evh_rpc_server_options *options = &server->options;
    size_t first = 0;
    for (size_t i = 0; i <= options->method_count; i++) {
        const evh_rpc_method *method =
            i < options->method_count ? &options->methods[i] : &server->health;
        void *registered = grpc_server_register_method(server->server, method->path, NULL,
                                                       GRPC_SRM_PAYLOAD_NONE, 0);
        EVH_REQUIRE(registered != NULL, EVH_ERR_ARG, "the method %s is registered twice",
                    method->path);
        make_slots(server, method, registered, first);
        first += slots_of(server, method);
    }
    make_slots(server, &server->unknown, NULL, first);
done:
    return status;
}

static evh_status start_threads(evh_rpc_server *server)
{
    evh_status status = evh_ok();
    EVH_REQUIRE(pthread_create(&server->poller, NULL, poll_arrivals, server) == 0, EVH_ERR_MEMORY,
                "cannot start a thread");
    server->poller_started = true;
    while (server->worker_count < server->options.worker_count) {
        EVH_REQUIRE(pthread_create(&server->workers[server->worker_count], NULL, work, server) == 0,
                    EVH_ERR_MEMORY, "cannot start a thread");
        server->worker_count++;
    }
done:
    return status;
}

static void make_server(evh_rpc_server *server)
{
    grpc_arg args[] = {
        evh_rpc_integer_arg(GRPC_ARG_ALLOW_REUSEPORT, 0),
        evh_rpc_integer_arg(GRPC_ARG_MAX_CONCURRENT_STREAMS, STREAMS_PER_CONNECTION_MAX),
        evh_rpc_integer_arg(GRPC_ARG_MAX_RECEIVE_MESSAGE_LENGTH,
                            (int)server->options.message_bytes_max),
        evh_rpc_integer_arg(GRPC_ARG_SERVER_HANDSHAKE_TIMEOUT_MS, HANDSHAKE_MS),
        evh_rpc_integer_arg(GRPC_ARG_MAX_CONNECTION_IDLE_MS, CONNECTION_IDLE_MS),
        evh_rpc_integer_arg(GRPC_ARG_KEEPALIVE_TIME_MS, KEEPALIVE_MS),
        evh_rpc_integer_arg(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, KEEPALIVE_ANSWER_MS),
    };
    grpc_channel_args list = {.num_args = sizeof args / sizeof args[0], .args = args};
    server->server = grpc_server_create(&list, NULL);
    server->queue = grpc_completion_queue_create_for_next(NULL);
    grpc_server_register_completion_queue(server->server, server->queue, NULL);
}

static bool options_in_range(const evh_rpc_server_options *options)
{
    return options->worker_count >= 1 && options->worker_count <= WORKERS_MAX &&
           options->method_count >= 1 && options->method_count <= METHODS_MAX &&
           options->message_bytes_max >= 1 && options->message_bytes_max <= INT32_MAX &&
           options->receive_timeout_ms >= 1;
}

evh_status evh_rpc_server_start(evh_rpc_server **out, uint16_t *port,
                                const evh_rpc_server_options *options)
{
    *out = NULL;
    *port = 0;
    evh_rpc_server *server = NULL;
    evh_status status = evh_ok();
    if (!options_in_range(options))
        return evh_fail(EVH_ERR_ARG, "rpc server options out of range");
    evh_rpc_library_start();
    EVH_TRY(evh_alloc(&server, 1, sizeof *server, "rpc server"));
    server->options = *options;
    server->health = (evh_rpc_method){.path = health_path, .handle = answer_health};
    server->unknown = (evh_rpc_method){.path = "unknown", .handle = answer_unknown};
    server->slot_count = count_slots(server);
    (void)pthread_mutex_init(&server->lock, NULL);
    (void)pthread_cond_init(&server->changed, NULL);
    EVH_TRY(evh_alloc(&server->slots, server->slot_count, sizeof *server->slots, "call slots"));
    EVH_TRY(
        evh_alloc(&server->ready.slots, server->slot_count, sizeof(evh_rpc_call *), "arrivals"));
    EVH_TRY(evh_alloc(&server->workers, options->worker_count, sizeof *server->workers, "workers"));
    make_server(server);
    EVH_TRY(make_all_slots(server));
    EVH_TRY(bind_address(server, port));
    grpc_server_start(server->server);
    for (size_t i = 0; i < server->slot_count; i++)
        EVH_REQUIRE(arm(&server->slots[i]), EVH_ERR_INTERNAL, "a call slot could not be armed");
    EVH_TRY(start_threads(server));
    *out = server;
    server = NULL;
done:
    if (status.code != EVH_OK && server == NULL)
        grpc_shutdown();
    evh_rpc_server_stop(&server, 0);
    if (status.code != EVH_OK)
        *port = 0;
    return status;
}

static void free_slots(evh_rpc_server *server)
{
    for (size_t i = 0; server->slots != NULL && i < server->slot_count; i++) {
        grpc_completion_queue *queue = server->slots[i].queue;
        if (queue == NULL)
            continue;
        grpc_completion_queue_shutdown(queue);
        grpc_completion_queue_destroy(queue);
    }
    free(server->slots);
    free(server->ready.slots);
}

static void stop_serving(evh_rpc_server *server, int64_t grace_ms)
{
    gpr_timespec end = gpr_convert_clock_type(evh_rpc_deadline(grace_ms), GPR_CLOCK_REALTIME);
    struct timespec until = {.tv_sec = end.tv_sec, .tv_nsec = end.tv_nsec};
    (void)pthread_mutex_lock(&server->lock);
    server->stopping = true;
    (void)pthread_cond_broadcast(&server->changed);
    grpc_server_shutdown_and_notify(server->server, server->queue, server);
    int waited = 0;
    while ((server->busy > 0 || server->ready.count > 0) && waited == 0)
        waited = pthread_cond_timedwait(&server->changed, &server->lock, &until);
    (void)pthread_mutex_unlock(&server->lock);
    grpc_server_cancel_all_calls(server->server);
    for (unsigned i = 0; i < server->worker_count; i++)
        (void)pthread_join(server->workers[i], NULL);
}

static void drain(evh_rpc_server *server)
{
    if (server->poller_started) {
        (void)pthread_join(server->poller, NULL);
        return;
    }
    (void)poll_arrivals(server);
}

void evh_rpc_server_stop(evh_rpc_server **address, int64_t grace_ms)
{
    evh_rpc_server *server = *address;
    if (server == NULL)
        return;
    *address = NULL;
    if (server->server != NULL) {
        stop_serving(server, grace_ms);
        drain(server);
        grpc_server_destroy(server->server);
        grpc_completion_queue_destroy(server->queue);
    }
    free_slots(server);
    free(server->workers);
    (void)pthread_cond_destroy(&server->changed);
    (void)pthread_mutex_destroy(&server->lock);
    free(server);
    grpc_shutdown();
}
