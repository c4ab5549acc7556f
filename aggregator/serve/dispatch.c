/* SPDX-License-Identifier: Apache-2.0
 * From a call of the transport to the function that answers it. What is cheap comes first: who is
 * calling, whether they may, whether they come too often; only then is anything received. */
#include <string.h>
#include <time.h>

#include "evenhand/aggregator/identify.h"
#include "evenhand/aggregator/intake.h"
#include "evenhand/aggregator/leader.h"
#include "serve_internal.h"

/* The slowest upload that is waited for. */
enum { UPLOAD_GRACE_MS = 30000, UPLOAD_BYTES_PER_MS = 32 };

typedef struct exchange {
    const evh_serve_slot *slot;
    evh_rpc_call *call;
    evh_identified who;
    uint8_t key[EVH_THROTTLE_KEY_LEN];
    bool entered;
    uint64_t received;
} exchange;

static bool is_peer(evh_role role)
{
    return role == EVH_ROLE_LEADER || role == EVH_ROLE_HELPER || role == EVH_ROLE_COLLECTOR ||
           role == EVH_ROLE_OPERATOR;
}

static evh_status come_later(const exchange *x, evh_throttle_limit limit, const char *why)
{
    evh_meters_throttled(x->slot->serve->meters, limit);
    return evh_fail(EVH_ERR_UNAVAILABLE, "asked to come later: %s", why);
}

/* Peers are as many as are pinned; everyone else has limits. A customer has them however many
 * certificates it holds. */
static evh_status enter(exchange *x)
{
    const evh_serve *serve = x->slot->serve;
    if (is_peer(x->who.caller.role))
        return evh_ok();
    if (x->slot->method.upload &&
        serve->driver.waiting >= serve->deployment->settings.limits.waiting_reports)
        return come_later(x, EVH_THROTTLE_WAITING, "too many reports wait for the helper");
    memcpy(x->key,
           x->who.caller.role == EVH_ROLE_CUSTOMER ? x->who.customer.key
                                                   : evh_rpc_call_peer(x->call)->fingerprint,
           sizeof x->key);
    evh_throttle_limit limit = evh_throttle_enter(serve->throttle, x->key);
    if (limit != EVH_THROTTLE_NONE)
        return come_later(x, limit, "too many calls");
    x->entered = true;
    return evh_ok();
}

static evh_status admit(exchange *x)
{
    const evh_serve_slot *slot = x->slot;
    const evh_rpc_peer *peer = evh_rpc_call_peer(x->call);
    evh_status status = evh_ok();
    EVH_TRY(evh_caller_identify(&x->who, evh_deployment_peer(slot->serve->deployment, peer), peer));
    EVH_REQUIRE((slot->method.callers & EVH_ROLES(x->who.caller.role)) != 0, EVH_ERR_REFUSED,
                "this call is not for role %d", (int)x->who.caller.role);
    EVH_TRY(enter(x));
done:
    return status;
}

/* ---- requests of one message ---- */

static evh_status answer_message(exchange *x, evh_buffer *response)
{
    const evh_serve_slot *slot = x->slot;
    const evh_service_method *method = &slot->method;
    evh_buffer request = evh_buffer_init(method->request_bytes_max);
    evh_status status = evh_rpc_call_receive_only(x->call, &request);
    if (status.code == EVH_ERR_MEMORY)
        status =
            evh_fail(EVH_ERR_LENGTH, "a request of more than %zu bytes", method->request_bytes_max);
    EVH_TRY(status);
    x->received = request.len;
    if (slot->operate != NULL)
        status = slot->operate(&slot->serve->office, &x->who.caller, evh_buffer_view(&request),
                               response);
    else
        status =
            method->call(&slot->serve->self, &x->who.caller, evh_buffer_view(&request), response);
done:
    evh_buffer_clear(&request);
    return status;
}

/* ---- uploads ---- */

static evh_status admits(void *context, const uint8_t task_id[EVH_TASK_ID_LEN], size_t *bytes_max)
{
    const evh_serve *serve = context;
    size_t limit = serve->deployment->settings.limits.report_bytes;
    evh_status status = evh_leader_report_bytes_max(&serve->self, bytes_max, task_id);
    if (status.code == EVH_OK && *bytes_max > limit)
        *bytes_max = limit;
    return status;
}

static evh_status receive_report(exchange *x, evh_intake *intake)
{
    const evh_serve *serve = x->slot->serve;
    int64_t begun_ms = evh_clock_monotonic_ms(&serve->clock);
    evh_buffer chunk = evh_buffer_init(EVH_CHUNK_MESSAGE_BYTES_MAX);
    bool end = false;
    evh_status status = evh_ok();
    for (;;) {
        int64_t passed_ms = evh_clock_monotonic_ms(&serve->clock) - begun_ms;
        EVH_REQUIRE(passed_ms <= UPLOAD_GRACE_MS + (int64_t)x->received / UPLOAD_BYTES_PER_MS,
                    EVH_ERR_UNAVAILABLE, "an upload that is too slow");
        status = evh_rpc_call_receive(x->call, &chunk, &end);
        if (status.code == EVH_ERR_MEMORY)
            status = evh_fail(EVH_ERR_LENGTH, "a chunk of more than %d bytes", EVH_CHUNK_BYTES_MAX);
        EVH_TRY(status);
        if (end)
            break;
        x->received += chunk.len;
        EVH_TRY(evh_intake_take(intake, evh_buffer_view(&chunk)));
    }
done:
    evh_buffer_clear(&chunk);
    return status;
}

static evh_status answer_upload(exchange *x, evh_buffer *response)
{
    evh_serve *serve = x->slot->serve;
    evh_intake intake = evh_intake_start(admits, serve);
    evh_view report = evh_view_of(NULL, 0);
    evh_status status = evh_ok();
    EVH_TRY(receive_report(x, &intake));
    EVH_TRY(evh_intake_end(&intake, &report));
    EVH_TRY(x->slot->method.call(&serve->self, &x->who.caller, report, response));
    (void)atomic_fetch_add(&serve->driver.waiting, 1);
done:
    evh_intake_clear(&intake);
    return status;
}

/* ---- all of them ---- */

static int64_t now_ns(clockid_t clock)
{
    struct timespec now = {.tv_sec = 0};
    (void)clock_gettime(clock, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static evh_status handle(void *context, evh_rpc_call *call, evh_buffer *response)
{
    const evh_serve_slot *slot = context;
    evh_serve *serve = slot->serve;
    exchange x = {.slot = slot, .call = call};
    int64_t begun_ns = now_ns(CLOCK_MONOTONIC);
    int64_t cpu_ns = now_ns(CLOCK_THREAD_CPUTIME_ID);
    evh_status status = admit(&x);
    if (status.code == EVH_OK)
        status = slot->method.upload ? answer_upload(&x, response) : answer_message(&x, response);
    if (x.entered)
        evh_throttle_leave(serve->throttle, x.key);
    if (status.code == EVH_OK && slot->method.wakes)
        evh_driver_wake(&serve->driver);
    evh_meters_work(serve->meters, EVH_METER_HANDLERS, now_ns(CLOCK_THREAD_CPUTIME_ID) - cpu_ns);
    evh_meter_call meter = {.side = EVH_METER_SERVED,
                            .method = slot->index,
                            .code = status.code,
                            .took_ns = now_ns(CLOCK_MONOTONIC) - begun_ns,
                            .received_bytes = x.received,
                            .sent_bytes = status.code == EVH_OK ? response->len : 0};
    evh_meters_call(serve->meters, &meter);
    return status;
}

/* Uploads may be slow and never take the last workers: everyone else always gets through. */
static unsigned uploads_at_once(unsigned workers)
{
    unsigned kept = workers > 4 ? 2 : 1;
    return workers > kept ? workers - kept : 1;
}

static void add_method(evh_serve *serve, const evh_service_method *method,
                       evh_operator_handler operate)
{
    size_t i = serve->method_count++;
    serve->slots[i] =
        (evh_serve_slot){.serve = serve, .method = *method, .operate = operate, .index = i};
    serve->rpc_methods[i] = (evh_rpc_method){
        .path = method->path,
        .handle = handle,
        .context = &serve->slots[i],
        .concurrency =
            method->upload ? uploads_at_once(serve->deployment->settings.limits.workers) : 0};
    serve->paths[i] = method->path;
}

evh_status evh_serve_prepare_methods(evh_serve *serve)
{
    evh_method_table rounds = evh_methods_of(serve->self.role);
    evh_operator_table office = evh_operator_methods(serve->self.role);
    evh_status status = evh_ok();
    EVH_INVARIANT(rounds.count + office.count <= EVH_METER_METHODS_MAX);
    for (size_t i = 0; i < rounds.count; i++)
        add_method(serve, &rounds.methods[i], NULL);
    for (size_t i = 0; i < office.count; i++) {
        const evh_operator_method *from = &office.methods[i];
        evh_service_method method = {.path = from->path,
                                     .callers = EVH_ROLES(from->caller),
                                     .request_bytes_max = from->request_bytes_max};
        add_method(serve, &method, from->handle);
    }
done:
    return status;
}
