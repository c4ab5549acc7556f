/* SPDX-License-Identifier: Apache-2.0
 * A canonical Report begins with its header, and that with the task_id: the round is known from the
 * first few dozen bytes, before room is made for the rest. */
#include "evenhand/aggregator/intake.h"

#include "evenhand/base/limits.h"
#include "evenhand/wire/message.h"
#include "service.pb-c.h"

enum {
    TAG_FIELD_1 = 0x0a, /* field 1, length-delimited */
    HEADER_LENGTH_BYTES_MAX = 3,
    HEAD_BYTES_MAX = 1 + HEADER_LENGTH_BYTES_MAX + 2 + EVH_TASK_ID_LEN
};

evh_intake evh_intake_start(evh_intake_admits admits, void *context)
{
    return (evh_intake){
        .report = evh_buffer_init(HEAD_BYTES_MAX), .admits = admits, .context = context};
}

void evh_intake_clear(evh_intake *intake)
{
    evh_buffer_clear(&intake->report);
}

static evh_status read_tag(evh_reader *reader)
{
    uint8_t tag = 0;
    evh_status status = evh_read_u8(reader, "report", &tag);
    if (status.code == EVH_OK && tag != TAG_FIELD_1)
        status = evh_fail(EVH_ERR_ENCODING, "an upload that is no report");
    return status;
}

/* The task_id at the beginning of a report. Fails LENGTH when there is not enough of it yet. */
static evh_status read_task_id(evh_view head, evh_view *task_id)
{
    evh_reader reader = evh_reader_of(head);
    uint8_t byte = 0x80;
    evh_status status = evh_ok();
    EVH_TRY(read_tag(&reader));
    for (int i = 0; (byte & 0x80) != 0; i++) {
        EVH_REQUIRE(i < HEADER_LENGTH_BYTES_MAX, EVH_ERR_ENCODING, "a report's header is too long");
        EVH_TRY(evh_read_u8(&reader, "report", &byte));
    }
    EVH_TRY(read_tag(&reader));
    EVH_TRY(evh_read_u8(&reader, "report", &byte));
    EVH_REQUIRE(byte == EVH_TASK_ID_LEN, EVH_ERR_ENCODING, "a report without a task_id");
    EVH_TRY(evh_read_view(&reader, "report", EVH_TASK_ID_LEN, task_id));
done:
    return status;
}

static evh_status admit(evh_intake *intake, bool last)
{
    evh_view task_id = evh_view_of(NULL, 0);
    size_t bytes_max = 0;
    evh_status status = read_task_id(evh_buffer_view(&intake->report), &task_id);
    if (status.code == EVH_ERR_LENGTH && !last)
        return evh_ok();
    EVH_TRY(status);
    EVH_TRY(intake->admits(intake->context, task_id.data, &bytes_max));
    EVH_REQUIRE(intake->total <= bytes_max, EVH_ERR_LENGTH,
                "a report of %zu bytes where the plan has at most %zu", intake->total, bytes_max);
    intake->admitted = true;
    intake->report.ceiling = intake->total;
    EVH_TRY(evh_buffer_reserve(&intake->report, intake->total - intake->report.len));
done:
    return status;
}

static evh_status announce(evh_intake *intake, uint64_t total)
{
    if (intake->total != 0)
        return total == 0 ? evh_ok()
                          : evh_fail(EVH_ERR_ENCODING, "a total in a chunk that is not the first");
    if (total == 0 || total > EVH_REPORT_BYTES_MAX)
        return evh_fail(EVH_ERR_LENGTH, "an upload that announces no size, or one over %d bytes",
                        EVH_REPORT_BYTES_MAX);
    intake->total = (size_t)total;
    return evh_ok();
}

static evh_status take_data(evh_intake *intake, evh_view data)
{
    evh_status status = evh_ok();
    EVH_REQUIRE(data.len > 0, EVH_ERR_LENGTH, "a chunk without data");
    EVH_REQUIRE(data.len <= intake->total - intake->report.len, EVH_ERR_TRAILING,
                "an upload goes on after the %zu bytes it has announced", intake->total);
    if (!intake->admitted) {
        size_t room = HEAD_BYTES_MAX - intake->report.len;
        size_t first = data.len < room ? data.len : room;
        EVH_TRY(evh_buffer_append(&intake->report, evh_view_of(data.data, first)));
        EVH_TRY(admit(intake, first < data.len || intake->report.len == intake->total));
        data = evh_view_of(data.data + first, data.len - first);
    }
    if (data.len > 0)
        EVH_TRY(evh_buffer_append(&intake->report, data));
done:
    return status;
}

evh_status evh_intake_take(evh_intake *intake, evh_view bytes)
{
    Evenhand__V1__UploadChunk *chunk = NULL;
    evh_status status = evh_ok();
    EVH_TRY(evh_wire_unpack(&chunk, &evenhand__v1__upload_chunk__descriptor, bytes, "chunk"));
    EVH_TRY(announce(intake, chunk->total_bytes));
    EVH_TRY(take_data(intake, evh_wire_bytes(&chunk->data)));
done:
    evh_wire_free(&chunk);
    return status;
}

evh_status evh_intake_end(const evh_intake *intake, evh_view *report)
{
    *report = evh_view_of(NULL, 0);
    if (intake->total == 0 || intake->report.len != intake->total)
        return evh_fail(EVH_ERR_LENGTH, "an upload of %zu bytes ended after %zu", intake->total,
                        intake->report.len);
    *report = evh_buffer_view(&intake->report);
    return evh_ok();
}
