/* SPDX-License-Identifier: Apache-2.0
 * A real server and real clients over mutual TLS on loopback. */
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "evenhand/base/limits.h"
#include "evenhand/rpc/client.h"
#include "evenhand/rpc/server.h"
#include "evenhand/seal/certificate.h"
#include "support/test.h"

enum { MESSAGE_MAX = 1 << 20, DEADLINE_MS = 20000 };

typedef struct pair {
    evh_buffer cert, key;
} pair;

typedef struct fixture {
    evh_buffer ca_cert, ca_key;
    pair server_pair, client_pair;
    evh_rpc_server *server;
    char address[32];
    evh_rpc_client *client;
} fixture;

static void issue(fixture *f, pair *out, const char *name, const char *uri)
{
    static const char *const hosts[] = {"127.0.0.1"};
    int64_t now = (int64_t)time(NULL);
    evh_certificate_options options = {.common_name = name,
                                       .uri = uri,
                                       .hosts = hosts,
                                       .host_count = 1,
                                       .not_before_s = now - 60,
                                       .not_after_s = now + 3600};
    evh_buffer request = evh_buffer_init(EVH_KEY_FILE_BYTES_MAX);
    out->cert = out->key = evh_buffer_init(EVH_KEY_FILE_BYTES_MAX);
    assert_ok(evh_certificate_make_key(&out->key));
    assert_ok(evh_certificate_make_request(&request, evh_buffer_view(&out->key), &options));
    assert_ok(evh_certificate_issue(&out->cert, evh_buffer_view(&request),
                                    evh_buffer_view(&f->ca_cert), evh_buffer_view(&f->ca_key),
                                    &options));
    evh_buffer_clear(&request);
}

static void make_authority(evh_buffer *cert, evh_buffer *key)
{
    int64_t now = (int64_t)time(NULL);
    evh_certificate_options options = {
        .common_name = "Test CA", .not_before_s = now - 60, .not_after_s = now + 3600};
    *cert = *key = evh_buffer_init(EVH_KEY_FILE_BYTES_MAX);
    assert_ok(evh_certificate_make_authority(cert, key, &options));
}

static evh_rpc_tls tls_of(const evh_buffer *ca, const pair *own)
{
    evh_rpc_tls tls = {.ca_pem = evh_buffer_view(ca),
                       .cert_pem = evh_buffer_view(&own->cert),
                       .key_pem = evh_buffer_view(&own->key)};
    return tls;
}

/* ---- handlers ---- */

static evh_status handle_echo(void *context, evh_rpc_call *call, evh_buffer *response)
{
    (void)context;
    evh_buffer message = evh_buffer_init(MESSAGE_MAX);
    evh_status status = evh_rpc_call_receive_only(call, &message);
    if (status.code == EVH_OK)
        status = evh_buffer_append(response, evh_buffer_view(&message));
    evh_buffer_clear(&message);
    return status;
}

static evh_status handle_whoami(void *context, evh_rpc_call *call, evh_buffer *response)
{
    (void)context;
    return evh_buffer_format(response, "%s", evh_rpc_call_peer(call)->uri);
}

/* Answers with the number of messages and of bytes. */
static evh_status handle_sum(void *context, evh_rpc_call *call, evh_buffer *response)
{
    (void)context;
    evh_buffer message = evh_buffer_init(MESSAGE_MAX);
    size_t count = 0;
    size_t bytes = 0;
    bool end = false;
    evh_status status = evh_ok();
    for (;;) {
        EVH_TRY(evh_rpc_call_receive(call, &message, &end));
        if (end)
            break;
        count++;
        bytes += message.len;
    }
    EVH_TRY(evh_buffer_format(response, "%zu %zu", count, bytes));
done:
    evh_buffer_clear(&message);
    return status;
}

static evh_status handle_refuse(void *context, evh_rpc_call *call, evh_buffer *response)
{
    (void)context;
    (void)call;
    (void)response;
    return evh_fail(EVH_ERR_PRIVACY, "a text that must not leave");
}

static evh_status handle_broken(void *context, evh_rpc_call *call, evh_buffer *response)
{
    (void)context;
    (void)call;
    (void)response;
    return evh_fail(EVH_ERR_STORE, "a text that must not leave");
}

static evh_status handle_slow(void *context, evh_rpc_call *call, evh_buffer *response)
{
    (void)context;
    (void)call;
    struct timespec pause = {.tv_sec = 0, .tv_nsec = 300000000};
    (void)nanosleep(&pause, NULL);
    return evh_buffer_format(response, "late");
}

/* Fails when another call of it is running. */
static evh_status handle_alone(void *context, evh_rpc_call *call, evh_buffer *response)
{
    static atomic_int running;
    (void)context;
    (void)call;
    struct timespec pause = {.tv_sec = 0, .tv_nsec = 50000000};
    evh_status status = evh_ok();
    if (atomic_fetch_add(&running, 1) > 0)
        status = evh_fail(EVH_ERR_INTERNAL, "not alone");
    (void)nanosleep(&pause, NULL);
    (void)atomic_fetch_sub(&running, 1);
    return status.code == EVH_OK ? evh_buffer_format(response, "alone") : status;
}

static const evh_rpc_method methods[] = {
    {.path = "/test.T/Echo", .handle = handle_echo},
    {.path = "/test.T/WhoAmI", .handle = handle_whoami},
    {.path = "/test.T/Sum", .handle = handle_sum},
    {.path = "/test.T/Refuse", .handle = handle_refuse},
    {.path = "/test.T/Broken", .handle = handle_broken},
    {.path = "/test.T/Slow", .handle = handle_slow},
    {.path = "/test.T/OneByOne", .handle = handle_alone, .concurrency = 1},
};

static evh_rpc_server_options server_options(fixture *f)
{
    evh_rpc_server_options options = {.address = "127.0.0.1:0",
                                      .tls = tls_of(&f->ca_cert, &f->server_pair),
                                      .methods = methods,
                                      .method_count = sizeof methods / sizeof methods[0],
                                      .message_bytes_max = MESSAGE_MAX,
                                      .response_bytes_max = MESSAGE_MAX,
                                      .worker_count = 2,
                                      .receive_timeout_ms = 5000};
    return options;
}

static evh_rpc_client *new_client(const fixture *f, const evh_buffer *ca, const pair *own)
{
    evh_rpc_client_options options = {
        .target = f->address, .tls = tls_of(ca, own), .response_bytes_max = MESSAGE_MAX};
    evh_rpc_client *client = NULL;
    assert_ok(evh_rpc_client_new(&client, &options));
    return client;
}

static int set_up(void **state)
{
    static fixture f;
    uint16_t port = 0;
    make_authority(&f.ca_cert, &f.ca_key);
    issue(&f, &f.server_pair, "server", "evenhand:leader");
    issue(&f, &f.client_pair, "client", "evenhand:customer:acme");
    evh_rpc_server_options options = server_options(&f);
    assert_ok(evh_rpc_server_start(&f.server, &port, &options));
    (void)snprintf(f.address, sizeof f.address, "127.0.0.1:%u", (unsigned)port);
    f.client = new_client(&f, &f.ca_cert, &f.client_pair);
    *state = &f;
    return 0;
}

static void clear_pair(pair *p)
{
    evh_buffer_clear(&p->cert);
    evh_buffer_clear(&p->key);
}

static int tear_down(void **state)
{
    fixture *f = *state;
    evh_rpc_client_free(&f->client);
    evh_rpc_server_stop(&f->server, 2000);
    assert_null(f->server);
    clear_pair(&f->server_pair);
    clear_pair(&f->client_pair);
    evh_buffer_clear(&f->ca_cert);
    evh_buffer_clear(&f->ca_key);
    return 0;
}

static evh_status call(fixture *f, const char *path, const char *request, evh_buffer *response)
{
    return evh_rpc_client_unary(f->client, path, evh_view_of_text(request), DEADLINE_MS, response);
}

static void test_unary_echo_and_peer(void **state)
{
    evh_buffer response = evh_buffer_init(MESSAGE_MAX);
    assert_ok(call(*state, "/test.T/Echo", "hello", &response));
    assert_views_equal(evh_buffer_view(&response), evh_view_of_text("hello"));
    assert_ok(call(*state, "/test.T/Echo", "", &response));
    assert_int_equal(response.len, 0);
    assert_ok(call(*state, "/test.T/WhoAmI", "", &response));
    assert_views_equal(evh_buffer_view(&response), evh_view_of_text("evenhand:customer:acme"));
    evh_buffer_clear(&response);
}

static void test_health_serves(void **state)
{
    evh_buffer response = evh_buffer_init(MESSAGE_MAX);
    assert_ok(call(*state, "/grpc.health.v1.Health/Check", "", &response));
    assert_views_equal(evh_buffer_view(&response), view_of_literal("\x08\x01"));
    evh_buffer_clear(&response);
}

typedef struct chunks {
    uint8_t bytes[100000];
    size_t left;
} chunks;

static evh_status next_chunk(void *context, evh_view *message, bool *end)
{
    chunks *from = context;
    *end = from->left == 0;
    *message = evh_view_of(from->bytes, sizeof from->bytes);
    from->left -= from->left > 0 ? 1 : 0;
    return evh_ok();
}

static evh_status broken_chunk(void *context, evh_view *message, bool *end)
{
    (void)context;
    (void)message;
    (void)end;
    return evh_fail(EVH_ERR_STORE, "the disk is gone");
}

static void test_stream_of_chunks(void **state)
{
    fixture *f = *state;
    static chunks source_state;
    source_state.left = 50;
    evh_rpc_source source = {.next = next_chunk, .context = &source_state};
    evh_buffer response = evh_buffer_init(MESSAGE_MAX);
    assert_ok(evh_rpc_client_stream(f->client, "/test.T/Sum", source, DEADLINE_MS, &response));
    assert_views_equal(evh_buffer_view(&response), evh_view_of_text("50 5000000"));
    source.next = broken_chunk;
    assert_fails(evh_rpc_client_stream(f->client, "/test.T/Sum", source, DEADLINE_MS, &response),
                 EVH_ERR_STORE);
    source.next = next_chunk;
    source_state.left = 2;
    assert_fails(evh_rpc_client_stream(f->client, "/test.T/Echo", source, DEADLINE_MS, &response),
                 EVH_ERR_TRAILING);
    source_state.left = 0;
    assert_fails(evh_rpc_client_stream(f->client, "/test.T/Echo", source, DEADLINE_MS, &response),
                 EVH_ERR_LENGTH);
    source_state.left = 1000;
    assert_fails(evh_rpc_client_stream(f->client, "/test.T/Refuse", source, DEADLINE_MS, &response),
                 EVH_ERR_PRIVACY);
    evh_buffer_clear(&response);
}

static void test_refusal_carries_the_code_and_no_text(void **state)
{
    evh_buffer response = evh_buffer_init(MESSAGE_MAX);
    evh_status status = call(*state, "/test.T/Refuse", "x", &response);
    assert_fails_with(status, EVH_ERR_PRIVACY, "PRIVACY");
    assert_null(strstr(status.text, "must not leave"));
    assert_fails(call(*state, "/test.T/Missing", "x", &response), EVH_ERR_TYPE);
    /* The peer's disk is not ours: nobody is to look for the fault here. */
    assert_fails_with(call(*state, "/test.T/Broken", "x", &response), EVH_ERR_UNAVAILABLE,
                      "trouble of its own (STORE)");
    evh_buffer_clear(&response);
}

static void test_deadline_ends_a_call(void **state)
{
    fixture *f = *state;
    evh_buffer response = evh_buffer_init(MESSAGE_MAX);
    assert_fails(
        evh_rpc_client_unary(f->client, "/test.T/Slow", evh_view_of_text("x"), 50, &response),
        EVH_ERR_UNAVAILABLE);
    assert_fails(
        evh_rpc_client_unary(f->client, "/test.T/Slow", evh_view_of_text("x"), 0, &response),
        EVH_ERR_ARG);
    assert_ok(call(f, "/test.T/Slow", "x", &response));
    evh_buffer_clear(&response);
}

static void test_message_over_the_limit_is_refused(void **state)
{
    fixture *f = *state;
    evh_buffer response = evh_buffer_init(MESSAGE_MAX);
    evh_buffer big = evh_buffer_init(4 * MESSAGE_MAX);
    uint8_t *bytes = NULL;
    assert_ok(evh_buffer_extend(&big, 2 * MESSAGE_MAX, &bytes));
    evh_status status = evh_rpc_client_unary(f->client, "/test.T/Echo", evh_buffer_view(&big),
                                             DEADLINE_MS, &response);
    assert_int_not_equal(status.code, EVH_OK);
    assert_ok(call(f, "/test.T/Echo", "still there", &response));
    evh_buffer_clear(&big);
    evh_buffer_clear(&response);
}

static void test_strangers_are_not_served(void **state)
{
    fixture *f = *state;
    fixture other;
    memset(&other, 0, sizeof other);
    make_authority(&other.ca_cert, &other.ca_key);
    issue(&other, &other.client_pair, "stranger", "evenhand:customer:acme");
    evh_buffer response = evh_buffer_init(MESSAGE_MAX);
    /* A client of another authority, then a server that is not of the client's authority. */
    evh_rpc_client *stranger = new_client(f, &f->ca_cert, &other.client_pair);
    assert_fails(
        evh_rpc_client_unary(stranger, "/test.T/Echo", evh_view_of_text("x"), 2000, &response),
        EVH_ERR_UNAVAILABLE);
    evh_rpc_client_free(&stranger);
    stranger = new_client(f, &other.ca_cert, &f->client_pair);
    assert_fails(
        evh_rpc_client_unary(stranger, "/test.T/Echo", evh_view_of_text("x"), 2000, &response),
        EVH_ERR_UNAVAILABLE);
    evh_rpc_client_free(&stranger);
    clear_pair(&other.client_pair);
    evh_buffer_clear(&other.ca_cert);
    evh_buffer_clear(&other.ca_key);
    evh_buffer_clear(&response);
}

static void make_self_signed(pair *out, const char *name)
{
    int64_t now = (int64_t)time(NULL);
    evh_certificate_options options = {
        .common_name = name, .not_before_s = now - 60, .not_after_s = now + 3600};
    out->cert = out->key = evh_buffer_init(EVH_KEY_FILE_BYTES_MAX);
    assert_ok(evh_certificate_make_self_signed(&out->cert, &out->key, &options));
}

/* What a caller gets whose certificate `own` is, when the server trusts what is in `f->ca_cert`. */
static evh_code echo_code(fixture *f, const evh_buffer *ca, const pair *own)
{
    evh_buffer response = evh_buffer_init(MESSAGE_MAX);
    evh_rpc_client *client = new_client(f, ca, own);
    evh_status status =
        evh_rpc_client_unary(client, "/test.T/Echo", evh_view_of_text("x"), 2000, &response);
    evh_rpc_client_free(&client);
    evh_buffer_clear(&response);
    return status.code;
}

/* A peer's certificate stands in the server's bundle by itself: it is let in, the server's own
 * certificates are, and nobody else: neither a namesake nor what the peer issues. */
static void test_self_signed_peer_in_the_bundle(void **state)
{
    const fixture *plain = *state;
    fixture f = {.ca_key = plain->ca_key, .server_pair = plain->server_pair};
    pair peer, namesake, child;
    uint16_t port = 0;
    make_self_signed(&peer, "helper.example");
    make_self_signed(&namesake, "helper.example");
    fixture as_authority = {.ca_cert = peer.cert, .ca_key = peer.key};
    issue(&as_authority, &child, "helper.example", NULL);
    f.ca_cert = evh_buffer_init(EVH_KEY_FILE_BYTES_MAX);
    assert_ok(evh_buffer_append(&f.ca_cert, evh_buffer_view(&plain->ca_cert)));
    assert_ok(evh_buffer_append(&f.ca_cert, evh_buffer_view(&peer.cert)));
    evh_rpc_server_options options = server_options(&f);
    assert_ok(evh_rpc_server_start(&f.server, &port, &options));
    (void)snprintf(f.address, sizeof f.address, "127.0.0.1:%u", (unsigned)port);
    assert_int_equal(echo_code(&f, &plain->ca_cert, &peer), EVH_OK);
    assert_int_equal(echo_code(&f, &plain->ca_cert, &plain->client_pair), EVH_OK);
    assert_int_equal(echo_code(&f, &plain->ca_cert, &namesake), EVH_ERR_UNAVAILABLE);
    assert_int_equal(echo_code(&f, &plain->ca_cert, &child), EVH_ERR_UNAVAILABLE);
    evh_rpc_server_stop(&f.server, 2000);
    evh_buffer_clear(&f.ca_cert);
    clear_pair(&peer);
    clear_pair(&namesake);
    clear_pair(&child);
}

static void test_server_start_refuses_bad_options(void **state)
{
    fixture *f = *state;
    evh_rpc_server *server = NULL;
    uint16_t port = 1;
    evh_rpc_server_options options = server_options(f);
    options.worker_count = 0;
    assert_fails(evh_rpc_server_start(&server, &port, &options), EVH_ERR_ARG);
    assert_null(server);
    options = server_options(f);
    options.address = f->address; /* in use, and never shared silently */
    assert_fails_with(evh_rpc_server_start(&server, &port, &options), EVH_ERR_INPUT,
                      "cannot listen on 127.0.0.1");
    assert_null(server);
    assert_int_equal(port, 0);
    options = server_options(f);
    options.tls.key_pem = evh_view_of(NULL, 0);
    assert_fails(evh_rpc_server_start(&server, &port, &options), EVH_ERR_INPUT);
    const evh_rpc_method twice[] = {methods[0], methods[0]};
    options = server_options(f);
    options.methods = twice;
    options.method_count = 2;
    assert_fails(evh_rpc_server_start(&server, &port, &options), EVH_ERR_ARG);
}

static void test_unreachable_server(void **state)
{
    fixture *f = *state;
    evh_rpc_client_options options = {.target = "127.0.0.1:1",
                                      .tls = tls_of(&f->ca_cert, &f->client_pair),
                                      .response_bytes_max = 100};
    evh_rpc_client *client = NULL;
    evh_buffer response = evh_buffer_init(100);
    assert_ok(evh_rpc_client_new(&client, &options));
    assert_fails(
        evh_rpc_client_unary(client, "/test.T/Echo", evh_view_of_text("x"), 1000, &response),
        EVH_ERR_UNAVAILABLE);
    evh_rpc_client_free(&client);
    options.tls.ca_pem = evh_view_of(NULL, 0);
    assert_fails(evh_rpc_client_new(&client, &options), EVH_ERR_INPUT);
    assert_null(client);
    evh_buffer_clear(&response);
}

typedef struct canceller {
    evh_rpc_client *client;
    int64_t after_ms;
} canceller;

static void *cancel_later(void *context)
{
    canceller *c = context;
    struct timespec pause = {.tv_sec = 0, .tv_nsec = c->after_ms * 1000000};
    (void)nanosleep(&pause, NULL);
    evh_rpc_client_cancel(c->client);
    return NULL;
}

static void test_cancel_ends_running_and_later_calls(void **state)
{
    fixture *f = *state;
    canceller c = {.client = new_client(f, &f->ca_cert, &f->client_pair), .after_ms = 100};
    evh_buffer response = evh_buffer_init(MESSAGE_MAX);
    pthread_t thread;
    assert_ok(evh_rpc_client_unary(c.client, "/test.T/Echo", evh_view_of_text("x"), DEADLINE_MS,
                                   &response));
    assert_int_equal(pthread_create(&thread, NULL, cancel_later, &c), 0);
    assert_fails_with(evh_rpc_client_unary(c.client, "/test.T/Slow", evh_view_of_text("x"),
                                           DEADLINE_MS, &response),
                      EVH_ERR_UNAVAILABLE, "does not answer (");
    assert_int_equal(pthread_join(thread, NULL), 0);
    assert_fails_with(evh_rpc_client_unary(c.client, "/test.T/Echo", evh_view_of_text("x"),
                                           DEADLINE_MS, &response),
                      EVH_ERR_UNAVAILABLE, "cancelled");
    evh_rpc_client_free(&c.client);
    evh_buffer_clear(&response);
}

static void *call_alone(void *context)
{
    evh_buffer response = evh_buffer_init(MESSAGE_MAX);
    evh_status status = evh_rpc_client_unary(context, "/test.T/OneByOne", evh_view_of_text("x"),
                                             DEADLINE_MS, &response);
    evh_buffer_clear(&response);
    return status.code == EVH_OK ? context : NULL;
}

/* Both are answered, one after the other, and the other worker is free meanwhile. */
static void test_concurrency_of_a_method(void **state)
{
    fixture *f = *state;
    enum { CALLS = 4 };
    pthread_t threads[CALLS];
    evh_buffer response = evh_buffer_init(MESSAGE_MAX);
    for (int i = 0; i < CALLS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, call_alone, f->client), 0);
    assert_ok(call(f, "/test.T/Echo", "meanwhile", &response));
    for (int i = 0; i < CALLS; i++) {
        void *result = NULL;
        assert_int_equal(pthread_join(threads[i], &result), 0);
        assert_ptr_equal(result, f->client);
    }
    evh_buffer_clear(&response);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_unary_echo_and_peer),
        cmocka_unit_test(test_health_serves),
        cmocka_unit_test(test_stream_of_chunks),
        cmocka_unit_test(test_refusal_carries_the_code_and_no_text),
        cmocka_unit_test(test_deadline_ends_a_call),
        cmocka_unit_test(test_message_over_the_limit_is_refused),
        cmocka_unit_test(test_strangers_are_not_served),
        cmocka_unit_test(test_self_signed_peer_in_the_bundle),
        cmocka_unit_test(test_server_start_refuses_bad_options),
        cmocka_unit_test(test_unreachable_server),
        cmocka_unit_test(test_concurrency_of_a_method),
        cmocka_unit_test(test_cancel_ends_running_and_later_calls),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
