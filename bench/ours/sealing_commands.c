/* SPDX-License-Identifier: Apache-2.0 */
#include "commands.h"
#include "evenhand/seal/hpke.h"

evh_status hpke_keygen(evh_buffer *answer, const bench_request *request)
{
    evh_status status = evh_ok();
    evh_hpke_secret_key *secret = NULL;
    evh_hpke_public_key public_key;
    evh_buffer seed = evh_buffer_init(REQUEST_BYTES_MAX);
    EVH_TRY(request_bytes(request, "seed", &seed));
    EVH_TRY(evh_hpke_key_derive(&secret, &public_key, evh_buffer_view(&seed)));
    EVH_TRY(answer_bytes(answer, "secret", evh_view_of(secret->bytes, sizeof secret->bytes)));
    EVH_TRY(answer_bytes(answer, "public", evh_view_of(public_key.bytes, sizeof public_key.bytes)));
done:
    evh_buffer_clear(&seed);
    evh_hpke_secret_key_free(&secret);
    return status;
}

/* A seal or an open request: the context borrows from the buffers. */
typedef struct hpke_request {
    evh_buffer info;
    evh_buffer aad;
    evh_buffer message;
    evh_hpke_context context;
} hpke_request;

static hpke_request hpke_request_init(void)
{
    hpke_request hpke = {.info = evh_buffer_init(REQUEST_BYTES_MAX),
                         .aad = evh_buffer_init(REQUEST_BYTES_MAX),
                         .message = evh_buffer_init(REQUEST_BYTES_MAX)};
    return hpke;
}

static void hpke_request_clear(hpke_request *hpke)
{
    evh_buffer_clear(&hpke->info);
    evh_buffer_clear(&hpke->aad);
    evh_buffer_clear(&hpke->message);
}

static evh_status hpke_request_read(hpke_request *out, const bench_request *request,
                                    const char *message)
{
    evh_status status = evh_ok();
    evh_u128 aead = 0;
    EVH_TRY(request_number(request, "aead", &aead));
    EVH_TRY(request_bytes(request, "info", &out->info));
    EVH_TRY(request_bytes(request, "aad", &out->aad));
    EVH_TRY(request_bytes(request, message, &out->message));
    out->context.suite = evh_hpke_suite_aes128gcm();
    out->context.suite.aead = (uint16_t)aead;
    out->context.info = evh_buffer_view(&out->info);
    out->context.aad = evh_buffer_view(&out->aad);
done:
    return status;
}

evh_status hpke_seal(evh_buffer *answer, const bench_request *request)
{
    evh_status status = evh_ok();
    const evh_rng rng = evh_rng_os();
    hpke_request hpke = hpke_request_init();
    evh_buffer sealed = evh_buffer_init(REQUEST_BYTES_MAX);
    evh_hpke_public_key to;
    EVH_TRY(hpke_request_read(&hpke, request, "plain"));
    EVH_TRY(request_array(request, "public", to.bytes, sizeof to.bytes));
    EVH_TRY(evh_hpke_seal(&sealed, &hpke.context, &to, evh_buffer_view(&hpke.message), &rng));
    EVH_TRY(answer_bytes(answer, "sealed", evh_buffer_view(&sealed)));
done:
    evh_buffer_clear(&sealed);
    hpke_request_clear(&hpke);
    return status;
}

evh_status hpke_open(evh_buffer *answer, const bench_request *request)
{
    evh_status status = evh_ok();
    hpke_request hpke = hpke_request_init();
    evh_buffer plain = evh_buffer_init(REQUEST_BYTES_MAX);
    evh_buffer bytes = evh_buffer_init(REQUEST_BYTES_MAX);
    evh_hpke_secret_key *secret = NULL;
    evh_hpke_public_key public_key;
    evh_seal_verdict verdict = EVH_SEAL_REJECTED;
    EVH_TRY(hpke_request_read(&hpke, request, "sealed"));
    EVH_TRY(request_bytes(request, "secret", &bytes));
    EVH_TRY(evh_hpke_key_load(&secret, &public_key, evh_buffer_view(&bytes)));
    EVH_TRY(evh_hpke_open(&plain, &verdict, &hpke.context, secret, evh_buffer_view(&hpke.message)));
    EVH_REQUIRE(verdict == EVH_SEAL_ACCEPTED, EVH_ERR_REFUSED, "the tag is wrong");
    EVH_TRY(answer_bytes(answer, "plain", evh_buffer_view(&plain)));
done:
    evh_hpke_secret_key_free(&secret);
    evh_buffer_clear(&bytes);
    evh_buffer_clear(&plain);
    hpke_request_clear(&hpke);
    return status;
}
