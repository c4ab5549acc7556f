/* SPDX-License-Identifier: Apache-2.0
 * A call has a completion queue of its own; the answer's batch stays pending while messages are
 * sent one by one, so that a server which refuses early ends the sending. */
#include "evenhand/rpc/client.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <grpc/slice.h>
#include <grpc/support/alloc.h>
#include <grpc/support/time.h>

#include "evenhand/base/sizes.h"
#include "rpc_internal.h"

enum { TARGET_SHOWN_LEN = 48, REASON_LEN = 48 };

typedef struct outgoing outgoing;

struct evh_rpc_client {
    grpc_channel *channel;
    char target[TARGET_SHOWN_LEN];
    size_t response_bytes_max;
    pthread_mutex_t lock; /* guards the rest */
    outgoing *running;    /* list of calls */
    bool cancelled;
};

struct outgoing {
    outgoing *next, **link; /* in the client's list */
    grpc_completion_queue *queue;
    grpc_call *call;
    gpr_timespec deadline;
    grpc_metadata_array initial, trailing;
    grpc_byte_buffer *response;
    grpc_status_code code;
    grpc_slice details;
    char send_tag, answer_tag; /* their addresses tell the two batches apart */
};

evh_status evh_rpc_client_new(evh_rpc_client **out, const evh_rpc_client_options *options)
{
    *out = NULL;
    evh_rpc_client *client = NULL;
    evh_rpc_pems pems = {.ca = {0}, .cert = {0}, .key = {0}};
    grpc_channel_credentials *credentials = NULL;
    int response_max =
        options->response_bytes_max > INT32_MAX ? INT32_MAX : (int)options->response_bytes_max;
    grpc_arg args[] = {
        evh_rpc_integer_arg(GRPC_ARG_MAX_RECEIVE_MESSAGE_LENGTH, response_max),
        /* Uploads are idempotent; retrying them is the caller's decision. */
        evh_rpc_integer_arg(GRPC_ARG_ENABLE_RETRIES, 0),
        {.key = NULL}, /* two more, if they are given */
        {.key = NULL},
    };
    grpc_channel_args list = {.num_args = 2, .args = args};
    grpc_ssl_pem_key_cert_pair pair = {.private_key = NULL, .cert_chain = NULL};
    evh_status status = evh_ok();
    if (options->server_name != NULL)
        args[list.num_args++] =
            evh_rpc_string_arg(GRPC_SSL_TARGET_NAME_OVERRIDE_ARG, options->server_name);
    if (options->http_proxy != NULL)
        args[list.num_args++] = evh_rpc_string_arg(GRPC_ARG_HTTP_PROXY, options->http_proxy);
    evh_rpc_library_start();
    EVH_TRY(evh_alloc(&client, 1, sizeof *client, "rpc client"));
    client->response_bytes_max = options->response_bytes_max;
    (void)snprintf(client->target, sizeof client->target, "%s", options->target);
    EVH_TRY(evh_rpc_pems_copy(&pems, &options->tls));
    pair.private_key = (const char *)pems.key.data;
    pair.cert_chain = (const char *)pems.cert.data;
    credentials = grpc_ssl_credentials_create_ex((const char *)pems.ca.data, &pair, NULL, NULL);
    EVH_REQUIRE(credentials != NULL, EVH_ERR_INPUT, "the TLS credentials are not usable");
    client->channel = grpc_channel_create(options->target, credentials, &list);
    EVH_REQUIRE(client->channel != NULL, EVH_ERR_INPUT, "cannot make a channel to %s",
                options->target);
    (void)pthread_mutex_init(&client->lock, NULL);
    *out = client;
    client = NULL;
done:
    grpc_channel_credentials_release(credentials);
    evh_rpc_pems_clear(&pems);
    free(client);
    if (status.code != EVH_OK)
        grpc_shutdown();
    return status;
}

void evh_rpc_client_free(evh_rpc_client **address)
{
    evh_rpc_client *client = *address;
    if (client == NULL)
        return;
    *address = NULL;
    grpc_channel_destroy(client->channel);
    (void)pthread_mutex_destroy(&client->lock);
    free(client);
    grpc_shutdown();
}

void evh_rpc_client_cancel(evh_rpc_client *client)
{
    (void)pthread_mutex_lock(&client->lock);
    client->cancelled = true;
    for (outgoing *call = client->running; call != NULL; call = call->next)
        (void)grpc_call_cancel(call->call, NULL);
    (void)pthread_mutex_unlock(&client->lock);
}

/* Puts a call on the list of those that can be cancelled; false when all are. */
static bool enter(evh_rpc_client *client, outgoing *call)
{
    (void)pthread_mutex_lock(&client->lock);
    bool welcome = !client->cancelled;
    call->next = client->running;
    call->link = &client->running;
    if (call->next != NULL)
        call->next->link = &call->next;
    client->running = call;
    (void)pthread_mutex_unlock(&client->lock);
    return welcome;
}

static void leave(evh_rpc_client *client, outgoing *call)
{
    (void)pthread_mutex_lock(&client->lock);
    *call->link = call->next;
    if (call->next != NULL)
        call->next->link = call->link;
    (void)pthread_mutex_unlock(&client->lock);
}

static bool start_answer_batch(outgoing *call)
{
    grpc_op ops[4];
    memset(ops, 0, sizeof ops);
    ops[0].op = GRPC_OP_SEND_INITIAL_METADATA;
    ops[1].op = GRPC_OP_RECV_INITIAL_METADATA;
    ops[1].data.recv_initial_metadata.recv_initial_metadata = &call->initial;
    ops[2].op = GRPC_OP_RECV_MESSAGE;
    ops[2].data.recv_message.recv_message = &call->response;
    ops[3].op = GRPC_OP_RECV_STATUS_ON_CLIENT;
    ops[3].data.recv_status_on_client.trailing_metadata = &call->trailing;
    ops[3].data.recv_status_on_client.status = &call->code;
    ops[3].data.recv_status_on_client.status_details = &call->details;
    return grpc_call_start_batch(call->call, ops, 4, &call->answer_tag, NULL) == GRPC_CALL_OK;
}

/* False when the server takes no more: its answer then says why. */
static bool send_batch(outgoing *call, grpc_op op)
{
    if (grpc_call_start_batch(call->call, &op, 1, &call->send_tag, NULL) != GRPC_CALL_OK)
        return false;
    grpc_event event = grpc_completion_queue_pluck(call->queue, &call->send_tag,
                                                   gpr_inf_future(GPR_CLOCK_MONOTONIC), NULL);
    return event.success != 0;
}

static evh_status send_messages(outgoing *call, evh_rpc_source source)
{
    evh_status status = evh_ok();
    grpc_op op;
    for (bool taken = true; taken;) {
        evh_view message = evh_view_of(NULL, 0);
        bool end = false;
        memset(&op, 0, sizeof op);
        EVH_TRY(source.next(source.context, &message, &end));
        if (end) {
            op.op = GRPC_OP_SEND_CLOSE_FROM_CLIENT;
            (void)send_batch(call, op);
            break;
        }
        grpc_byte_buffer *buffer = evh_rpc_buffer_from_view(message);
        op.op = GRPC_OP_SEND_MESSAGE;
        op.data.send_message.send_message = buffer;
        taken = send_batch(call, op);
        grpc_byte_buffer_destroy(buffer);
    }
done:
    if (status.code != EVH_OK)
        (void)grpc_call_cancel(call->call, NULL);
    return status;
}

/* The end of what gRPC says about a failure, where the cause is: "Connection refused". The other side may
 * have written it: plain characters only. */
static void find_reason(char out[REASON_LEN], const char *details)
{
    const char *last = details;
    for (const char *at = strstr(details, ": "); at != NULL; at = strstr(at + 1, ": "))
        last = at + 2;
    (void)snprintf(out, REASON_LEN, "%s", last);
    for (char *c = out; *c != '\0'; c++)
        if (*c < ' ' || *c > '~')
            *c = '?';
}

static evh_status unavailable(const char *target, const outgoing *call)
{
    char reason[REASON_LEN];
    if (grpc_slice_str_cmp(call->details, evh_code_info(EVH_ERR_UNAVAILABLE)->name) == 0)
        return evh_fail(EVH_ERR_UNAVAILABLE, "%s is busy or not ready: try again later", target);
    char *details = grpc_slice_to_c_string(call->details);
    find_reason(reason, details);
    gpr_free(details);
    return evh_fail(EVH_ERR_UNAVAILABLE, "%s does not answer (%s)", target, reason);
}

/* What the answer's batch brought; `sending` is how the sending ended. */
static evh_status read_answer(const char *target, const outgoing *call, evh_status sending,
                              evh_buffer *response)
{
    if (sending.code != EVH_OK)
        return sending;
    if (call->code == GRPC_STATUS_OK && call->response != NULL)
        return evh_rpc_buffer_read(call->response, response);
    if (call->code == GRPC_STATUS_OK)
        return evh_fail(EVH_ERR_LENGTH, "%s answered without a message", target);
    evh_code code = evh_rpc_code_from_wire(call->code, call->details);
    if (code == EVH_ERR_UNAVAILABLE)
        return unavailable(target, call);
    if (evh_code_info(code)->retryable)
        /* Its disk, not ours: a caller would look for the fault on its own side. */
        return evh_fail(EVH_ERR_UNAVAILABLE, "%s has trouble of its own (%s): try later", target,
                        evh_code_info(code)->name);
    return evh_fail(code, "%s answered %s (gRPC status %d)", target, evh_code_info(code)->name,
                    (int)call->code);
}

evh_status evh_rpc_client_stream(evh_rpc_client *client, const char *path, evh_rpc_source source,
                                 int64_t deadline_ms, evh_buffer *response)
{
    evh_buffer_clear(response);
    if (deadline_ms < 1)
        return evh_fail(EVH_ERR_ARG, "a call needs a deadline of at least 1 ms");
    outgoing call;
    memset(&call, 0, sizeof call);
    call.deadline = evh_rpc_deadline(deadline_ms);
    call.details = grpc_empty_slice();
    grpc_metadata_array_init(&call.initial);
    grpc_metadata_array_init(&call.trailing);
    call.queue = grpc_completion_queue_create_for_pluck(NULL);
    grpc_slice method = grpc_slice_from_copied_string(path);
    call.call = grpc_channel_create_call(client->channel, NULL, GRPC_PROPAGATE_DEFAULTS, call.queue,
                                         method, NULL, call.deadline, NULL);
    evh_status status = evh_ok();
    if (!enter(client, &call)) {
        status = evh_fail(EVH_ERR_UNAVAILABLE, "this client has been cancelled");
    } else if (start_answer_batch(&call)) {
        status = send_messages(&call, source);
        (void)grpc_completion_queue_pluck(call.queue, &call.answer_tag,
                                          gpr_inf_future(GPR_CLOCK_MONOTONIC), NULL);
        status = read_answer(client->target, &call, status, response);
    } else {
        status = evh_fail(EVH_ERR_INTERNAL, "a call could not be started");
    }
    leave(client, &call);
    grpc_slice_unref(method);
    grpc_byte_buffer_destroy(call.response);
    grpc_metadata_array_destroy(&call.initial);
    grpc_metadata_array_destroy(&call.trailing);
    grpc_slice_unref(call.details);
    grpc_call_unref(call.call);
    grpc_completion_queue_shutdown(call.queue);
    grpc_completion_queue_destroy(call.queue);
    return status;
}

typedef struct one_message {
    evh_view message;
    bool given;
} one_message;

static evh_status give_one(void *context, evh_view *message, bool *end)
{
    one_message *one = context;
    *end = one->given;
    *message = one->message;
    one->given = true;
    return evh_ok();
}

evh_status evh_rpc_client_unary(evh_rpc_client *client, const char *path, evh_view request,
                                int64_t deadline_ms, evh_buffer *response)
{
    one_message one = {.message = request, .given = false};
    evh_rpc_source source = {.next = give_one, .context = &one};
    return evh_rpc_client_stream(client, path, source, deadline_ms, response);
}
