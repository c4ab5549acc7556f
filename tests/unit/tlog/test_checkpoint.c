/* SPDX-License-Identifier: Apache-2.0 */
#include "evenhand/tlog/checkpoint.h"

#include <string.h>

#include "support/test.h"
#include "tests.h"

typedef struct fixture {
    test_rng seed;
    evh_rng rng;
    evh_signing_key log, other, witness;
    evh_buffer note;
} fixture;

static void make_key(fixture *f, evh_signing_key *key, evh_identity_type type, const char *name)
{
    assert_ok(evh_signing_key_generate(key, type, evh_view_of_text(name), &f->rng));
}

static int set_up(void **state)
{
    static fixture f;
    memset(&f, 0, sizeof f);
    f.rng = test_rng_seeded(&f.seed, 11);
    make_key(&f, &f.log, EVH_IDENTITY_ED25519, "evenhand.example/log");
    make_key(&f, &f.other, EVH_IDENTITY_ED25519, "evenhand.example/log");
    make_key(&f, &f.witness, EVH_IDENTITY_COSIGNATURE, "helper.example");
    f.note = evh_buffer_init(EVH_CHECKPOINT_BYTES_MAX);
    evh_merkle_hash root;
    memset(root.bytes, 0xab, sizeof root.bytes);
    assert_ok(evh_checkpoint_sign(&f.note, 42, &root, &f.log));
    *state = &f;
    return 0;
}

static int tear_down(void **state)
{
    fixture *f = *state;
    evh_signing_key_clear(&f->log);
    evh_signing_key_clear(&f->other);
    evh_signing_key_clear(&f->witness);
    evh_buffer_clear(&f->note);
    return 0;
}

static evh_checkpoint read_note(const evh_buffer *note)
{
    evh_checkpoint checkpoint;
    assert_ok(evh_checkpoint_read(&checkpoint, evh_buffer_view(note)));
    return checkpoint;
}

static void test_sign_writes_a_note(void **state)
{
    fixture *f = *state;
    static const char start[] = "evenhand.example/log\n42\n"
                                "q6urq6urq6urq6urq6urq6urq6urq6urq6urq6urq6s=\n\n"
                                "\xe2\x80\x94 evenhand.example/log ";
    assert_true(f->note.len > sizeof start);
    assert_memory_equal(f->note.data, start, sizeof start - 1);
    assert_int_equal(f->note.data[f->note.len - 1], '\n');
    evh_checkpoint checkpoint = read_note(&f->note);
    assert_string_equal(checkpoint.origin, "evenhand.example/log");
    assert_true(checkpoint.size == 42);
    assert_int_equal(checkpoint.root.bytes[31], 0xab);
}

static void test_check_knows_its_log(void **state)
{
    fixture *f = *state;
    evh_checkpoint checkpoint = read_note(&f->note);
    evh_seal_verdict verdict = EVH_SEAL_REJECTED;
    assert_ok(evh_checkpoint_check(&verdict, &checkpoint, &f->log.identity));
    assert_int_equal(verdict, EVH_SEAL_ACCEPTED);
    assert_ok(evh_checkpoint_check(&verdict, &checkpoint, &f->other.identity));
    assert_int_equal(verdict, EVH_SEAL_REJECTED);
    assert_ok(evh_checkpoint_check(&verdict, &checkpoint, &f->witness.identity));
    assert_int_equal(verdict, EVH_SEAL_REJECTED);
}

static void test_any_change_is_noticed(void **state)
{
    fixture *f = *state;
    for (size_t i = 0; i < f->note.len; i++) {
        evh_checkpoint checkpoint;
        evh_seal_verdict verdict = EVH_SEAL_REJECTED;
        f->note.data[i] ^= 1;
        evh_status status = evh_checkpoint_read(&checkpoint, evh_buffer_view(&f->note));
        if (status.code == EVH_OK)
            status = evh_checkpoint_check(&verdict, &checkpoint, &f->log.identity);
        assert_true(status.code != EVH_OK || verdict == EVH_SEAL_REJECTED);
        f->note.data[i] ^= 1;
    }
    for (size_t len = 0; len < f->note.len; len++) {
        evh_checkpoint checkpoint;
        assert_fails(evh_checkpoint_read(&checkpoint, evh_view_of(f->note.data, len)),
                     EVH_ERR_ENCODING);
    }
}

#define ROOT "q6urq6urq6urq6urq6urq6urq6urq6urq6urq6urq6s="
#define LINE "\xe2\x80\x94 a AAAAAAA=\n"

static void test_read_refuses_other_forms(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "",
        "o\n1\n" ROOT "\n\n",
        "o\n1\n" ROOT "\nextension\n\n" LINE,
        "o\n01\n" ROOT "\n\n" LINE,
        "o\n-1\n" ROOT "\n\n" LINE,
        "o\n\n" ROOT "\n\n" LINE,
        "o\n99999999999999999999\n" ROOT "\n\n" LINE,
        "o\n18446744073709551616\n" ROOT "\n\n" LINE,
        "o\n1\nq6urqw==\n\n" LINE,
        "o\n1\nq6urq6urq6urq6urq6urq6urq6urq6urq6urq6urq6t=\n\n" LINE,
        "\n1\n" ROOT "\n\n" LINE,
        "o\r\n1\n" ROOT "\n\n" LINE,
        "o\xff\n1\n" ROOT "\n\n" LINE,
        "o\n1\n" ROOT "\n\n- a AAAAAAA=\n",
        "o\n1\n" ROOT "\n\n\xe2\x80\x94 a AAAAAA==\n",
        "o\n1\n" ROOT "\n\n\xe2\x80\x94  AAAAAAA=\n",
        "o\n1\n" ROOT "\n\n" LINE "more",
        "o\n1\n" ROOT "\n\n" LINE "\n",
    };
    evh_checkpoint checkpoint;
    assert_ok(evh_checkpoint_read(&checkpoint,
                                  evh_view_of_text("o\n18446744073709551615\n" ROOT "\n\n" LINE)));
    assert_true(checkpoint.size == UINT64_MAX);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_fails(evh_checkpoint_read(&checkpoint, evh_view_of_text(bad[i])), EVH_ERR_ENCODING);
}

static void test_cosignature(void **state)
{
    fixture *f = *state;
    evh_checkpoint checkpoint = read_note(&f->note);
    uint8_t cosignature[EVH_COSIGNATURE_LEN];
    evh_seal_verdict verdict = EVH_SEAL_ACCEPTED;
    uint64_t time_s = 9;
    assert_ok(
        evh_checkpoint_check_cosignature(&verdict, &time_s, &checkpoint, &f->witness.identity));
    assert_int_equal(verdict, EVH_SEAL_REJECTED);
    assert_true(time_s == 0);
    assert_fails(evh_checkpoint_cosign(cosignature, &checkpoint, 1790000000, &f->log),
                 EVH_ERR_TYPE);
    assert_ok(evh_checkpoint_cosign(cosignature, &checkpoint, 1790000000, &f->witness));
    assert_ok(evh_checkpoint_add_cosignature(&f->note, &f->witness.identity, cosignature));
    checkpoint = read_note(&f->note);
    assert_ok(
        evh_checkpoint_check_cosignature(&verdict, &time_s, &checkpoint, &f->witness.identity));
    assert_int_equal(verdict, EVH_SEAL_ACCEPTED);
    assert_true(time_s == 1790000000);
    /* The log's own signature still stands, and another time does not verify. */
    assert_ok(evh_checkpoint_check(&verdict, &checkpoint, &f->log.identity));
    assert_int_equal(verdict, EVH_SEAL_ACCEPTED);
    evh_buffer forged = evh_buffer_init(EVH_CHECKPOINT_BYTES_MAX);
    evh_merkle_hash root = checkpoint.root;
    cosignature[7] ^= 1;
    assert_ok(evh_checkpoint_sign(&forged, 42, &root, &f->log));
    assert_ok(evh_checkpoint_add_cosignature(&forged, &f->witness.identity, cosignature));
    checkpoint = read_note(&forged);
    assert_ok(
        evh_checkpoint_check_cosignature(&verdict, &time_s, &checkpoint, &f->witness.identity));
    assert_int_equal(verdict, EVH_SEAL_REJECTED);
    evh_buffer_clear(&forged);
}

int run_checkpoint_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sign_writes_a_note),
        cmocka_unit_test(test_check_knows_its_log),
        cmocka_unit_test(test_any_change_is_noticed),
        cmocka_unit_test(test_read_refuses_other_forms),
        cmocka_unit_test(test_cosignature),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
