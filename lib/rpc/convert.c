/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include <grpc/byte_buffer_reader.h>
#include <grpc/slice.h>
#include <grpc/support/log.h>
#include <grpc/support/time.h>

#include "evenhand/base/limits.h"
#include "evenhand/seal/hash.h"
#include "rpc_internal.h"

static void drop_message(gpr_log_func_args *message)
{
    (void)message;
}

void evh_rpc_library_start(void)
{
    gpr_set_log_function(drop_message);
    grpc_init();
}

grpc_byte_buffer *evh_rpc_buffer_from_view(evh_view view)
{
    grpc_slice slice = grpc_slice_from_copied_buffer((const char *)view.data, view.len);
    grpc_byte_buffer *buffer = grpc_raw_byte_buffer_create(&slice, 1);
    grpc_slice_unref(slice);
    return buffer;
}

evh_status evh_rpc_buffer_read(grpc_byte_buffer *from, evh_buffer *out)
{
    grpc_byte_buffer_reader reader;
    if (grpc_byte_buffer_reader_init(&reader, from) == 0)
        return evh_fail(EVH_ERR_ENCODING, "a message is compressed in a way that is not known");
    evh_status status = evh_ok();
    grpc_slice slice;
    while (status.code == EVH_OK && grpc_byte_buffer_reader_next(&reader, &slice) != 0) {
        status = evh_buffer_append(
            out, evh_view_of(GRPC_SLICE_START_PTR(slice), GRPC_SLICE_LENGTH(slice)));
        grpc_slice_unref(slice);
    }
    grpc_byte_buffer_reader_destroy(&reader);
    return status;
}

static evh_status copy_pem(evh_buffer *out, evh_view pem, const char *what)
{
    evh_status status = evh_ok();
    *out = evh_buffer_init(EVH_KEY_FILE_BYTES_MAX);
    EVH_REQUIRE(pem.len > 0, EVH_ERR_INPUT, "%s is empty", what);
    EVH_TRY(evh_buffer_append(out, pem));
    EVH_TRY(evh_buffer_u8(out, 0));
done:
    return evh_status_in(status, "TLS credentials");
}

evh_status evh_rpc_pems_copy(evh_rpc_pems *out, const evh_rpc_tls *tls)
{
    evh_status status = evh_ok();
    EVH_TRY(copy_pem(&out->ca, tls->ca_pem, "the certificate authority's certificate"));
    EVH_TRY(copy_pem(&out->cert, tls->cert_pem, "the own certificate"));
    EVH_TRY(copy_pem(&out->key, tls->key_pem, "the private key"));
done:
    return status;
}

void evh_rpc_pems_clear(evh_rpc_pems *pems)
{
    evh_buffer_clear(&pems->ca);
    evh_buffer_clear(&pems->cert);
    evh_buffer_clear(&pems->key);
}

/* gRPC copies keys and values, but their types are not const. */
grpc_arg evh_rpc_integer_arg(const char *key, int value)
{
    grpc_arg arg;
    memset(&arg, 0, sizeof arg);
    arg.type = GRPC_ARG_INTEGER;
    memcpy(&arg.key, &key, sizeof arg.key);
    arg.value.integer = value;
    return arg;
}

grpc_arg evh_rpc_string_arg(const char *key, const char *value)
{
    grpc_arg arg;
    memset(&arg, 0, sizeof arg);
    arg.type = GRPC_ARG_STRING;
    memcpy(&arg.key, &key, sizeof arg.key);
    memcpy(&arg.value.string, &value, sizeof arg.value.string);
    return arg;
}

gpr_timespec evh_rpc_deadline(int64_t ms)
{
    return gpr_time_add(gpr_now(GPR_CLOCK_MONOTONIC), gpr_time_from_millis(ms, GPR_TIMESPAN));
}

/* The DER form of the first certificate in a PEM text. */
static evh_status der_from_pem(evh_buffer *der, const char *pem, size_t len)
{
    static const char begin[] = "-----BEGIN CERTIFICATE-----";
    evh_buffer base64 = evh_buffer_init(EVH_KEY_FILE_BYTES_MAX);
    evh_status status = evh_ok();
    EVH_REQUIRE(len > sizeof begin && memcmp(pem, begin, sizeof begin - 1) == 0, EVH_ERR_KEY,
                "the peer's certificate is not PEM");
    for (size_t i = sizeof begin - 1; i < len && pem[i] != '-'; i++)
        if (pem[i] != '\n' && pem[i] != '\r')
            EVH_TRY(evh_buffer_u8(&base64, (uint8_t)pem[i]));
    EVH_TRY(evh_base64_decode(der, evh_buffer_view(&base64)));
done:
    evh_buffer_clear(&base64);
    return status;
}

/* The only value of a property, or NULL when there is none or more than one. */
static const grpc_auth_property *only_property(const grpc_auth_context *context, const char *name)
{
    grpc_auth_property_iterator it = grpc_auth_context_find_properties_by_name(context, name);
    const grpc_auth_property *first = grpc_auth_property_iterator_next(&it);
    return grpc_auth_property_iterator_next(&it) == NULL ? first : NULL;
}

evh_status evh_rpc_peer_of_call(evh_rpc_peer *out, grpc_call *call)
{
    memset(out, 0, sizeof *out);
    evh_buffer der = evh_buffer_init(EVH_KEY_FILE_BYTES_MAX);
    evh_status status = evh_ok();
    const grpc_auth_property *pem = NULL;
    const grpc_auth_property *uri = NULL;
    grpc_auth_context *context = grpc_call_auth_context(call);
    EVH_REQUIRE(context != NULL, EVH_ERR_KEY, "a call without an authenticated peer");
    pem = only_property(context, GRPC_X509_PEM_CERT_PROPERTY_NAME);
    EVH_REQUIRE(pem != NULL, EVH_ERR_KEY, "a peer without a certificate");
    EVH_TRY(der_from_pem(&der, pem->value, pem->value_length));
    EVH_TRY(evh_sha256(out->fingerprint, evh_buffer_view(&der)));
    uri = only_property(context, GRPC_PEER_URI_PROPERTY_NAME);
    if (uri != NULL && uri->value_length < sizeof out->uri &&
        memchr(uri->value, 0, uri->value_length) == NULL)
        memcpy(out->uri, uri->value, uri->value_length);
done:
    grpc_auth_context_release(context);
    evh_buffer_clear(&der);
    return status;
}

grpc_status_code evh_rpc_grpc_code(evh_code code)
{
    return (grpc_status_code)evh_code_info(code)->grpc;
}

evh_code evh_rpc_code_from_wire(grpc_status_code number, grpc_slice name)
{
    if (number == GRPC_STATUS_OK)
        return EVH_OK;
    for (int code = EVH_OK + 1; code < EVH_CODE_COUNT; code++)
        if (evh_rpc_grpc_code((evh_code)code) == number &&
            grpc_slice_str_cmp(name, evh_code_info((evh_code)code)->name) == 0)
            return (evh_code)code;
    switch (number) {
    case GRPC_STATUS_UNAVAILABLE:
    case GRPC_STATUS_DEADLINE_EXCEEDED:
    case GRPC_STATUS_RESOURCE_EXHAUSTED:
    case GRPC_STATUS_CANCELLED:
        return EVH_ERR_UNAVAILABLE;
    default:
        return EVH_ERR_REFUSED;
    }
}
