/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "evenhand/aggregator/intake.h"
#include "evenhand/base/limits.h"
#include "evenhand/wire/message.h"
#include "report.pb-c.h"
#include "service.pb-c.h"
#include "support/test.h"
#include "tests.h"

enum { SHARE_BYTES = 300, CHUNK_BYTES = 1 << 12 };

/* What the round admits, and what it was asked. */
typedef struct gate {
    size_t bytes_max;
    unsigned asked;
    uint8_t task_id[EVH_TASK_ID_LEN];
    evh_code code;
} gate;

static evh_status admits(void *context, const uint8_t task_id[EVH_TASK_ID_LEN], size_t *bytes_max)
{
    gate *g = context;
    g->asked++;
    memcpy(g->task_id, task_id, EVH_TASK_ID_LEN);
    *bytes_max = g->bytes_max;
    return g->code == EVH_OK ? evh_ok() : evh_fail(g->code, "no such round");
}

static void make_report(evh_buffer *out)
{
    static uint8_t bytes[SHARE_BYTES];
    static char customer[] = "acme+01234567+AAAA";
    uint8_t task_id[EVH_TASK_ID_LEN];
    Evenhand__V1__ReportHeader header;
    Evenhand__V1__Report report;
    evh_buffer packed = evh_buffer_init(1000);
    memset(task_id, 7, sizeof task_id);
    evenhand__v1__report_header__init(&header);
    evenhand__v1__report__init(&report);
    evh_wire_set_bytes(&header.task_id, evh_view_of(task_id, sizeof task_id));
    header.customer = customer;
    evh_wire_set_bytes(&header.report_id, evh_view_of(bytes, 16));
    evh_wire_set_bytes(&header.leader_share_hash, evh_view_of(bytes, 32));
    evh_wire_set_bytes(&header.helper_share_hash, evh_view_of(bytes, 32));
    assert_ok(evh_wire_pack(&packed, &header.base));
    evh_wire_set_bytes(&report.header, evh_buffer_view(&packed));
    evh_wire_set_bytes(&report.leader_share, evh_view_of(bytes, sizeof bytes));
    evh_wire_set_bytes(&report.helper_share, evh_view_of(bytes, sizeof bytes));
    assert_ok(evh_wire_pack(out, &report.base));
    evh_buffer_clear(&packed);
}

static evh_status take(evh_intake *intake, uint64_t total, evh_view data)
{
    Evenhand__V1__UploadChunk chunk;
    evh_buffer bytes = evh_buffer_init(CHUNK_BYTES);
    evenhand__v1__upload_chunk__init(&chunk);
    chunk.total_bytes = total;
    evh_wire_set_bytes(&chunk.data, data);
    assert_ok(evh_wire_pack(&bytes, &chunk.base));
    evh_status status = evh_intake_take(intake, evh_buffer_view(&bytes));
    evh_buffer_clear(&bytes);
    return status;
}

/* Cut anywhere, into two or into single bytes. */
static void test_intake_any_cut(void **state)
{
    (void)state;
    evh_buffer report = evh_buffer_init(2000);
    evh_view whole;
    make_report(&report);
    for (size_t cut = 0; cut < report.len; cut++) {
        gate g = {.bytes_max = report.len};
        evh_intake intake = evh_intake_start(admits, &g);
        size_t at = 0;
        if (cut > 0) {
            assert_ok(take(&intake, report.len, evh_view_of(report.data, cut)));
            at = cut;
        }
        while (at < report.len) {
            size_t len = cut == 0 ? 1 : report.len - at;
            assert_fails(evh_intake_end(&intake, &whole), EVH_ERR_LENGTH);
            assert_ok(take(&intake, at == 0 ? report.len : 0, evh_view_of(report.data + at, len)));
            at += len;
        }
        assert_ok(evh_intake_end(&intake, &whole));
        assert_views_equal(whole, evh_buffer_view(&report));
        assert_int_equal(g.asked, 1);
        for (size_t i = 0; i < EVH_TASK_ID_LEN; i++)
            assert_int_equal(g.task_id[i], 7);
        evh_intake_clear(&intake);
    }
    evh_buffer_clear(&report);
}

static void expect_failure(evh_view report, uint64_t total, size_t bytes_max, evh_code code)
{
    gate g = {.bytes_max = bytes_max};
    evh_intake intake = evh_intake_start(admits, &g);
    assert_fails(take(&intake, total, report), code);
    assert_true(intake.report.capacity <= 64);
    evh_intake_clear(&intake);
}

/* Nothing is kept of what the round does not admit. */
static void test_intake_sizes(void **state)
{
    (void)state;
    evh_buffer report = evh_buffer_init(2000);
    make_report(&report);
    evh_view bytes = evh_buffer_view(&report);
    expect_failure(bytes, report.len, report.len - 1, EVH_ERR_LENGTH);
    expect_failure(bytes, EVH_REPORT_BYTES_MAX, report.len, EVH_ERR_LENGTH);
    expect_failure(bytes, (uint64_t)EVH_REPORT_BYTES_MAX + 1, SIZE_MAX, EVH_ERR_LENGTH);
    expect_failure(bytes, UINT64_MAX, SIZE_MAX, EVH_ERR_LENGTH);
    expect_failure(bytes, 0, SIZE_MAX, EVH_ERR_LENGTH);
    expect_failure(bytes, report.len - 1, SIZE_MAX, EVH_ERR_TRAILING);
    expect_failure(evh_view_of(NULL, 0), report.len, SIZE_MAX, EVH_ERR_LENGTH);
    evh_buffer_clear(&report);
}

static void test_intake_later_chunks(void **state)
{
    (void)state;
    evh_buffer report = evh_buffer_init(2000);
    evh_view whole;
    make_report(&report);
    gate g = {.bytes_max = report.len};
    evh_intake intake = evh_intake_start(admits, &g);
    assert_fails(evh_intake_end(&intake, &whole), EVH_ERR_LENGTH);
    assert_ok(take(&intake, report.len, evh_view_of(report.data, 100)));
    assert_fails(take(&intake, report.len, evh_view_of(report.data + 100, 1)), EVH_ERR_ENCODING);
    assert_fails(take(&intake, 0, evh_view_of(NULL, 0)), EVH_ERR_LENGTH);
    assert_fails(take(&intake, 0, evh_view_of(report.data, report.len - 99)), EVH_ERR_TRAILING);
    assert_fails(evh_intake_take(&intake, view_of_literal("\x12\x05"
                                                          "x")),
                 EVH_ERR_ENCODING);
    assert_fails(evh_intake_end(&intake, &whole), EVH_ERR_LENGTH);
    assert_ok(take(&intake, 0, evh_view_of(report.data + 100, report.len - 100)));
    assert_ok(evh_intake_end(&intake, &whole));
    evh_intake_clear(&intake);
    evh_buffer_clear(&report);
}

static void test_intake_not_a_report(void **state)
{
    (void)state;
    evh_buffer report = evh_buffer_init(2000);
    make_report(&report);
    static const size_t first_bytes[] = {0, 3, 4}; /* tags of Report.header, and inside of it */
    for (size_t i = 0; i < sizeof first_bytes / sizeof first_bytes[0]; i++) {
        uint8_t *byte = &report.data[first_bytes[i]];
        *byte ^= 0x40;
        expect_failure(evh_buffer_view(&report), report.len, SIZE_MAX, EVH_ERR_ENCODING);
        *byte ^= 0x40;
    }
    expect_failure(view_of_literal("\x0a\xff\xff\xff\xff\xff\x0a\x20"), 8, SIZE_MAX,
                   EVH_ERR_ENCODING);
    for (size_t len = 1; len < 35; len++) /* too short to name its round */
        expect_failure(evh_view_of(report.data, len), len, SIZE_MAX, EVH_ERR_LENGTH);
    evh_buffer_clear(&report);
}

static void test_intake_round_refuses(void **state)
{
    (void)state;
    evh_buffer report = evh_buffer_init(2000);
    make_report(&report);
    gate g = {.code = EVH_ERR_REFUSED};
    evh_intake intake = evh_intake_start(admits, &g);
    assert_fails(take(&intake, report.len, evh_buffer_view(&report)), EVH_ERR_REFUSED);
    evh_intake_clear(&intake);
    evh_buffer_clear(&report);
}

int run_intake_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_intake_any_cut),       cmocka_unit_test(test_intake_sizes),
        cmocka_unit_test(test_intake_later_chunks),  cmocka_unit_test(test_intake_not_a_report),
        cmocka_unit_test(test_intake_round_refuses),
    };
    return cmocka_run_group_tests_name("intake", tests, NULL, NULL);
}
