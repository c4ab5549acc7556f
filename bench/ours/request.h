/* SPDX-License-Identifier: Apache-2.0
 * One request a line, `command key=value ...`; one answer a line (bench/protocol.md). */
#ifndef EVH_BENCH_REQUEST_H
#define EVH_BENCH_REQUEST_H

#include "evenhand/base/bytes.h"
#include "evenhand/base/status.h"
#include "evenhand/base/uint128.h"

enum { REQUEST_BYTES_MAX = 256 << 20, REQUEST_VALUES_MAX = 16, REQUEST_LIST_MAX = 4096 };

typedef struct request_value {
    evh_view key;
    evh_view value;
} request_value;

typedef struct bench_request {
    evh_view command;
    request_value values[REQUEST_VALUES_MAX];
    size_t count;
} bench_request;

/* A list of byte strings behind each other in one buffer. All zero is the empty list. */
typedef struct byte_list {
    evh_buffer bytes;
    evh_view *items;
    size_t count;
} byte_list;

/* All of these fail INPUT when the request makes no sense; the peer's program calls that `bad`. */
EVH_MUST_USE evh_status request_parse(bench_request *out, evh_view line);
bool request_is(const bench_request *request, const char *command);
EVH_MUST_USE evh_status request_text(const bench_request *request, const char *key, evh_view *out);
EVH_MUST_USE evh_status request_number(const bench_request *request, const char *key,
                                       evh_u128 *out);
EVH_MUST_USE evh_status request_u32(const bench_request *request, const char *key, uint32_t *out);

/* Appends the bytes of a hex value. */
EVH_MUST_USE evh_status request_bytes(const bench_request *request, const char *key,
                                      evh_buffer *out);

/* Exactly len bytes; another length fails LENGTH, which is a refusal and no bad request. */
EVH_MUST_USE evh_status request_array(const bench_request *request, const char *key, uint8_t *out,
                                      size_t len);

/* Comma-separated; free *out with free() and a byte_list with byte_list_clear. */
EVH_MUST_USE evh_status request_numbers(const bench_request *request, const char *key,
                                        evh_u128 **out, size_t *count);
EVH_MUST_USE evh_status request_byte_list(const bench_request *request, const char *key,
                                          byte_list *out);
void byte_list_clear(byte_list *list);

/* Appends ` key=` and the bytes in hex, or numbers in decimal. */
EVH_MUST_USE evh_status answer_bytes(evh_buffer *out, const char *key, evh_view bytes);
EVH_MUST_USE evh_status answer_numbers(evh_buffer *out, const char *key, const evh_u128 *numbers,
                                       size_t count);

#endif
