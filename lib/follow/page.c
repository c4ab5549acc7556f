/* SPDX-License-Identifier: Apache-2.0 */
#include "evenhand/wire/message.h"
#include "follow_internal.h"
#include "service.pb-c.h"

static bool is_full(const evh_follow_batch *batch)
{
    return batch->count == EVH_FOLLOW_BATCH_ENTRIES || batch->bytes.len >= EVH_FOLLOW_BATCH_BYTES;
}

static evh_status take_page(evh_follow_batch *out, evh_view response, uint32_t asked)
{
    Evenhand__V1__GetEntriesResponse *page = NULL;
    evh_status status = evh_ok();
    EVH_TRY(evh_wire_unpack(&page, &evenhand__v1__get_entries_response__descriptor, response,
                            "answer to GetEntries"));
    EVH_REQUIRE(page->n_entries > 0 && page->n_entries <= asked, EVH_ERR_LENGTH,
                "%zu entries came where %u were asked for", page->n_entries, asked);
    for (size_t i = 0; i < page->n_entries; i++) {
        EVH_TRY(evh_buffer_append(&out->bytes, evh_wire_bytes(&page->entries[i])));
        out->ends[out->count++] = out->bytes.len;
    }
done:
    evh_wire_free(&page);
    return status;
}

evh_status evh_follow_get_batch(evh_follow_batch *out, evh_follow_finding *finding,
                                const evh_follow_peer *peer, uint64_t start, uint64_t end)
{
    Evenhand__V1__GetEntriesRequest request;
    evh_buffer response = evh_buffer_init(EVH_FOLLOW_RESPONSE_BYTES_MAX);
    evh_status status = evh_ok();
    evh_buffer_truncate(&out->bytes, 0);
    out->count = 0;
    evenhand__v1__get_entries_request__init(&request);
    while (start + out->count < end && !is_full(out)) {
        const uint64_t left = end - start - out->count;
        const uint64_t room = EVH_FOLLOW_BATCH_ENTRIES - out->count;
        request.start = start + out->count;
        request.count = (uint32_t)(left < room ? left : room);
        EVH_TRY(evh_follow_ask(peer, "/evenhand.v1.Leader/GetEntries", &request.base, &response,
                               finding));
        EVH_TRY(evh_follow_found(finding, EVH_FOLLOW_MALFORMED,
                                 take_page(out, evh_buffer_view(&response), request.count)));
    }
done:
    evh_buffer_clear(&response);
    return status;
}
