/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "evenhand/base/limits.h"
#include "evenhand/protocol/receipt.h"
#include "tests.h"

static evh_report read_report(fixture *f)
{
    evh_report report;
    assert_ok(evh_report_read(&report, evh_buffer_view(&f->report)));
    return report;
}

static void test_report_reads_back_and_is_signed(void **state)
{
    fixture *f = *state;
    evh_report report = read_report(f);
    evh_seal_verdict verdict = EVH_SEAL_REJECTED;
    assert_memory_equal(report.header.task_id, f->task.id, sizeof f->task.id);
    assert_int_equal(report.header.ledger_sequence, 4);
    assert_true(evh_identity_equal(&report.header.customer, &f->customer.identity));
    assert_ok(evh_report_check_signature(&verdict, &report.header, report.header_bytes,
                                         report.signature));
    assert_int_equal(verdict, EVH_SEAL_ACCEPTED);
    evh_report_header header;
    assert_ok(evh_report_header_read(&header, report.header_bytes));
    assert_memory_equal(header.hash, report.header.hash, sizeof header.hash);
}

static void test_report_any_change_is_noticed(void **state)
{
    fixture *f = *state;
    for (size_t i = 0; i < f->report.len; i++) {
        evh_report report;
        evh_seal_verdict verdict = EVH_SEAL_REJECTED;
        f->report.data[i] ^= 0x04;
        evh_status status = evh_report_read(&report, evh_buffer_view(&f->report));
        if (status.code == EVH_OK)
            status = evh_report_check_signature(&verdict, &report.header, report.header_bytes,
                                                report.signature);
        assert_true(status.code != EVH_OK || verdict == EVH_SEAL_REJECTED);
        f->report.data[i] ^= 0x04;
    }
}

static void test_report_cut_or_longer(void **state)
{
    fixture *f = *state;
    evh_report report;
    for (size_t len = 0; len < f->report.len; len++)
        assert_int_not_equal(evh_report_read(&report, evh_view_of(f->report.data, len)).code,
                             EVH_OK);
    evh_buffer longer = evh_buffer_init(EVH_REPORT_BYTES_MAX);
    assert_ok(evh_buffer_append(&longer, evh_buffer_view(&f->report)));
    assert_ok(evh_buffer_u8(&longer, 0));
    assert_fails(evh_report_read(&report, evh_buffer_view(&longer)), EVH_ERR_TRAILING);
    evh_buffer_clear(&longer);
}

static evh_seal_verdict open_as(fixture *f, const evh_report_header *header, evh_role role,
                                const evh_key_ring *ring, evh_view sealed, evh_buffer *out)
{
    evh_seal_verdict verdict = EVH_SEAL_REJECTED;
    (void)f;
    evh_buffer_clear(out);
    assert_ok(evh_report_open(out, &verdict, header, role, ring, sealed));
    return verdict;
}

static void test_report_shares_open_for_their_owner_only(void **state)
{
    fixture *f = *state;
    evh_report report = read_report(f);
    evh_buffer share = evh_buffer_init(EVH_REPORT_BYTES_MAX);
    evh_seal_verdict verdict = EVH_SEAL_ACCEPTED;
    assert_int_equal(
        open_as(f, &report.header, EVH_ROLE_LEADER, f->leader_ring, report.leader_share, &share),
        EVH_SEAL_ACCEPTED);
    assert_int_equal(share.len, evh_prio3_sizes_of(f->prio3)->leader_share);
    assert_int_equal(
        open_as(f, &report.header, EVH_ROLE_HELPER, f->helper_ring, report.helper_share, &share),
        EVH_SEAL_ACCEPTED);
    /* Swapped shares, then a key that the ring does not hold. */
    assert_int_equal(
        open_as(f, &report.header, EVH_ROLE_HELPER, f->helper_ring, report.leader_share, &share),
        EVH_SEAL_REJECTED);
    assert_int_equal(share.len, 0);
    assert_fails(evh_report_open(&share, &verdict, &report.header, EVH_ROLE_LEADER, f->helper_ring,
                                 report.leader_share),
                 EVH_ERR_KEY);
    assert_int_equal(verdict, EVH_SEAL_REJECTED);
    assert_fails(evh_report_open(&share, &verdict, &report.header, EVH_ROLE_COLLECTOR,
                                 f->helper_ring, report.leader_share),
                 EVH_ERR_ARG);
    /* The seal is bound to the header: another task, report or ledger position does not open it. */
    evh_report_header other = report.header;
    other.task_id[0] ^= 1;
    assert_int_equal(
        open_as(f, &other, EVH_ROLE_LEADER, f->leader_ring, report.leader_share, &share),
        EVH_SEAL_REJECTED);
    other = report.header;
    other.ledger_sequence++;
    assert_int_equal(
        open_as(f, &other, EVH_ROLE_LEADER, f->leader_ring, report.leader_share, &share),
        EVH_SEAL_REJECTED);
    other = report.header;
    other.report_id[5] ^= 1;
    assert_int_equal(
        open_as(f, &other, EVH_ROLE_LEADER, f->leader_ring, report.leader_share, &share),
        EVH_SEAL_REJECTED);
    evh_buffer_clear(&share);
}

static void test_report_make_refuses_bad_input(void **state)
{
    fixture *f = *state;
    uint8_t id[EVH_PRIO3_NONCE_LEN] = {1};
    uint8_t head[EVH_LEDGER_HEAD_LEN] = {1};
    evh_buffer out = evh_buffer_init(EVH_REPORT_BYTES_MAX);
    evh_report_in in = {.task = &f->task,
                        .prio3 = f->prio3,
                        .cells = f->cells,
                        .cell_count = FIXTURE_CELLS,
                        .customer = &f->customer,
                        .report_id = id,
                        .ledger_sequence = 0,
                        .ledger_head = head};
    assert_fails(evh_report_make(&out, f->workspace, &in, &f->rng), EVH_ERR_ARG);
    in.ledger_sequence = 1;
    in.cell_count = FIXTURE_CELLS - 1;
    assert_fails(evh_report_make(&out, f->workspace, &in, &f->rng), EVH_ERR_ARG);
    in.cell_count = FIXTURE_CELLS;
    f->cells[2] = 1001;
    assert_fails(evh_report_make(&out, f->workspace, &in, &f->rng), EVH_ERR_RANGE);
    f->cells[2] = 207;
    test_script script;
    evh_rng empty = test_rng_scripted(&script, evh_view_of(NULL, 0));
    assert_fails(evh_report_make(&out, f->workspace, &in, &empty), EVH_ERR_RNG);
    assert_int_equal(out.len, 0);
    evh_buffer_clear(&out);
}

static void test_receipt_names_one_report(void **state)
{
    fixture *f = *state;
    evh_report report = read_report(f);
    evh_seal_verdict verdict = EVH_SEAL_REJECTED;
    evh_buffer receipt = evh_buffer_init(1024);
    assert_ok(evh_receipt_make(&receipt, &report.header, 1234, &f->leader));
    evh_view view = evh_buffer_view(&receipt);
    assert_ok(evh_receipt_check(&verdict, view, &report.header, &f->leader.identity));
    assert_int_equal(verdict, EVH_SEAL_ACCEPTED);
    assert_ok(evh_receipt_check(&verdict, view, &report.header, &f->helper.identity));
    assert_int_equal(verdict, EVH_SEAL_REJECTED);
    evh_report_header other = report.header;
    other.hash[3] ^= 1;
    assert_ok(evh_receipt_check(&verdict, view, &other, &f->leader.identity));
    assert_int_equal(verdict, EVH_SEAL_REJECTED);
    for (size_t i = 0; i < receipt.len; i++) {
        receipt.data[i] ^= 0x10;
        evh_status status = evh_receipt_check(&verdict, view, &report.header, &f->leader.identity);
        assert_true(status.code != EVH_OK || verdict == EVH_SEAL_REJECTED);
        receipt.data[i] ^= 0x10;
    }
    evh_buffer_clear(&receipt);
}

int run_report_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_report_reads_back_and_is_signed),
        cmocka_unit_test(test_report_any_change_is_noticed),
        cmocka_unit_test(test_report_cut_or_longer),
        cmocka_unit_test(test_report_shares_open_for_their_owner_only),
        cmocka_unit_test(test_report_make_refuses_bad_input),
        cmocka_unit_test(test_receipt_names_one_report),
    };
    return cmocka_run_group_tests(tests, fixture_set_up, fixture_tear_down);
}
