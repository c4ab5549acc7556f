/* SPDX-License-Identifier: Apache-2.0 */
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>

#include "evenhand/base/sizes.h"
#include "evenhand/rpc/client.h"
#include "evenhand/wire/message.h"
#include "load.h"
#include "service.pb-c.h"

enum { CALL_MS = 120000, CHUNK_BYTES = 1 << 20, RECEIPT_BYTES = 4096, RETRY_NS = 50000000 };

typedef struct chunks {
    evh_view rest;
    evh_buffer message;
    bool started;
} chunks;

typedef struct crew {
    load *l;
    atomic_size_t next;
    atomic_int failure; /* code of the first one */
} crew;

static evh_status next_chunk(void *context, evh_view *message, bool *end)
{
    chunks *c = context;
    Evenhand__V1__UploadChunk chunk;
    evenhand__v1__upload_chunk__init(&chunk);
    *end = c->started && c->rest.len == 0;
    if (*end)
        return evh_ok();
    size_t len = c->rest.len < CHUNK_BYTES ? c->rest.len : CHUNK_BYTES;
    chunk.total_bytes = c->started ? 0 : c->rest.len;
    evh_wire_set_bytes(&chunk.data, evh_view_of(c->rest.data, len));
    c->started = true;
    c->rest = evh_view_of(c->rest.data + len, c->rest.len - len);
    evh_buffer_clear(&c->message);
    evh_status status = evh_wire_pack(&c->message, &chunk.base);
    *message = evh_buffer_view(&c->message);
    return status;
}

static evh_status upload_once(evh_rpc_client *client, evh_view report)
{
    evh_buffer receipt = evh_buffer_init(RECEIPT_BYTES);
    chunks c = {.rest = report, .message = evh_buffer_init(CHUNK_BYTES + 64)};
    evh_rpc_source source = {.next = next_chunk, .context = &c};
    evh_status status =
        evh_rpc_client_stream(client, "/evenhand.v1.Leader/Upload", source, CALL_MS, &receipt);
    evh_buffer_clear(&c.message);
    evh_buffer_clear(&receipt);
    return status;
}

static evh_status upload(const load *l, const customer *from)
{
    evh_rpc_client *client = NULL;
    const evh_rpc_client_options options = {.target = (const char *)l->address.data,
                                            .tls = {.ca_pem = evh_buffer_view(&l->ca),
                                                    .cert_pem = evh_buffer_view(&from->cert),
                                                    .key_pem = evh_buffer_view(&l->tls_key)},
                                            .response_bytes_max = RECEIPT_BYTES};
    const struct timespec pause = {.tv_sec = 0, .tv_nsec = RETRY_NS};
    evh_status status = evh_rpc_client_new(&client, &options);
    if (status.code != EVH_OK)
        return status;
    while ((status = upload_once(client, evh_buffer_view(&from->report))).code ==
           EVH_ERR_UNAVAILABLE)
        (void)nanosleep(&pause, NULL);
    evh_rpc_client_free(&client);
    return status;
}

static void *upload_many(void *context)
{
    crew *c = context;
    for (;;) {
        size_t i = atomic_fetch_add(&c->next, 1);
        if (i >= c->l->count || c->failure != EVH_OK)
            return NULL;
        evh_status status = upload(c->l, &c->l->customers[i]);
        if (status.code != EVH_OK)
            c->failure = (int)status.code;
    }
}

evh_status load_upload(load *l)
{
    crew c = {.l = l};
    pthread_t *threads = NULL;
    unsigned started = 0;
    evh_status status = evh_alloc(&threads, l->threads, sizeof *threads, "threads");
    if (status.code != EVH_OK)
        return status;
    while (started < l->threads && pthread_create(&threads[started], NULL, upload_many, &c) == 0)
        started++;
    for (unsigned i = 0; i < started; i++)
        (void)pthread_join(threads[i], NULL);
    free(threads);
    if (started < l->threads)
        return evh_fail(EVH_ERR_MEMORY, "cannot start a thread");
    if (c.failure != EVH_OK)
        return evh_fail((evh_code)c.failure, "an upload was refused");
    return evh_ok();
}
