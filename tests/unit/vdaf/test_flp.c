/* SPDX-License-Identifier: Apache-2.0
 * The fast prover, query and decision against the schoolbook reference. */
#include <stdlib.h>
#include <string.h>

#include "evenhand/base/sizes.h"
#include "flp_internal.h"
#include "reference.h"
#include "support/test.h"
#include "tests.h"

/* One circuit with everything that is needed to run both implementations. Elements of the fast one
 * are `packed`; those of the reference are 128-bit integers. */
typedef struct flp_case {
    evh_prio3_params params;
    evh_flp flp;
    const evh_flp_field *field;
    ref_flp ref;
    void *scratch;
    evh_u128 *meas, *proof, *prove_rand, *query_rand, *joint_rand, *verifier;
} flp_case;

static evh_u128 *new_integers(size_t count)
{
    evh_u128 *integers = calloc(count + 1, sizeof *integers);
    assert_non_null(integers);
    return integers;
}

static void open_case(flp_case *c, evh_prio3_params params)
{
    memset(c, 0, sizeof *c);
    c->params = params;
    c->field = params.field == EVH_FIELD_64 ? &evh_flp_field_64 : &evh_flp_field_128;
    assert_ok(evh_flp_init(&c->flp, &params));
    c->flp.tables = calloc(1, c->field->tables_bytes(&c->flp));
    assert_non_null(c->flp.tables);
    c->field->tables_fill(&c->flp);
    c->ref = ref_flp_of(params.field, &c->flp);
    size_t prove_bytes = c->field->prove_scratch_bytes(&c->flp);
    size_t query_bytes = c->field->query_scratch_bytes(&c->flp);
    c->scratch = calloc(1, prove_bytes > query_bytes ? prove_bytes : query_bytes);
    assert_non_null(c->scratch);
    c->meas = new_integers(c->flp.meas_len);
    c->proof = new_integers(c->flp.proof_len);
    c->prove_rand = new_integers(c->flp.prove_rand_len);
    c->query_rand = new_integers(c->flp.query_rand_len);
    c->joint_rand = new_integers(c->flp.joint_rand_len);
    c->verifier = new_integers(c->flp.verifier_len);
}

static void close_case(flp_case *c)
{
    free(c->verifier);
    free(c->joint_rand);
    free(c->query_rand);
    free(c->prove_rand);
    free(c->proof);
    free(c->meas);
    free(c->scratch);
    free(c->flp.tables);
}

static void random_integers(const flp_case *c, const evh_rng *rng, evh_u128 *out, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        assert_ok(evh_rng_fill(rng, (uint8_t *)&out[i], sizeof out[i]));
        out[i] %= c->ref.modulus;
    }
}

/* The same integers as elements of the field; release with free. */
static void *pack(const flp_case *c, const evh_u128 *integers, size_t count)
{
    size_t size = c->field->element_bytes;
    uint8_t *packed = calloc(count + 1, size);
    assert_non_null(packed);
    for (size_t i = 0; i < count; i++)
        memcpy(packed + i * size, &integers[i], size);
    return packed;
}

static void assert_packed(const flp_case *c, const void *packed, const evh_u128 *expected,
                          size_t count)
{
    void *elements = pack(c, expected, count);
    assert_views_equal(evh_view_of(packed, count * c->field->element_bytes),
                       evh_view_of(elements, count * c->field->element_bytes));
    free(elements);
}

/* Runs the fast query on c's integers and compares it with the reference's answer. */
static void check_query(flp_case *c)
{
    void *meas = pack(c, c->meas, c->flp.meas_len);
    void *proof = pack(c, c->proof, c->flp.proof_len);
    void *query_rand = pack(c, c->query_rand, c->flp.query_rand_len);
    void *joint_rand = pack(c, c->joint_rand, c->flp.joint_rand_len);
    void *verifier = pack(c, c->verifier, c->flp.verifier_len);
    bool usable = ref_query(&c->ref, c->verifier, c->meas, c->proof, c->query_rand, c->joint_rand);
    if (!usable)
        memset(c->verifier, 0, c->flp.verifier_len * sizeof *c->verifier);
    assert_int_equal(
        c->field->query(&c->flp, verifier, c->scratch, meas, proof, query_rand, joint_rand),
        usable);
    assert_packed(c, verifier, c->verifier, c->flp.verifier_len);
    assert_int_equal(c->field->decide(&c->flp, verifier) != 0,
                     usable ? ref_decide(&c->ref, c->verifier) : true);
    free(verifier);
    free(joint_rand);
    free(query_rand);
    free(proof);
    free(meas);
}

/* Circuits of every kind and size: one call (p = 2), chunks of 1 and longer than the measurement,
 * 63, 64 and 127 calls, digits of every weight, both fields, several numbers of shares. */
static const evh_prio3_params circuits[] = {
    {.kind = EVH_PRIO3_COUNT, .field = EVH_FIELD_64, .shares = 2},
    {.kind = EVH_PRIO3_COUNT, .field = EVH_FIELD_128, .shares = 3},
    {.kind = EVH_PRIO3_SUM, .field = EVH_FIELD_64, .shares = 2, .max_measurement = 1},
    {.kind = EVH_PRIO3_SUM, .field = EVH_FIELD_64, .shares = 2, .max_measurement = 2},
    {.kind = EVH_PRIO3_SUM, .field = EVH_FIELD_64, .shares = 4, .max_measurement = 1000},
    {.kind = EVH_PRIO3_SUM, .field = EVH_FIELD_64, .shares = 2, .max_measurement = INT64_MAX},
    {.kind = EVH_PRIO3_SUM, .field = EVH_FIELD_128, .shares = 2, .max_measurement = UINT64_MAX},
    {.kind = EVH_PRIO3_SUM_VEC,
     .field = EVH_FIELD_128,
     .shares = 2,
     .length = 1,
     .max_measurement = 1,
     .chunk_length = 1},
    {.kind = EVH_PRIO3_SUM_VEC,
     .field = EVH_FIELD_128,
     .shares = 2,
     .length = 3,
     .max_measurement = 5,
     .chunk_length = 20},
    {.kind = EVH_PRIO3_SUM_VEC,
     .field = EVH_FIELD_128,
     .shares = 3,
     .length = 7,
     .max_measurement = 100,
     .chunk_length = 4},
    {.kind = EVH_PRIO3_SUM_VEC,
     .field = EVH_FIELD_64,
     .shares = 2,
     .length = 9,
     .max_measurement = 6,
     .chunk_length = 5},
    {.kind = EVH_PRIO3_SUM_VEC,
     .field = EVH_FIELD_64,
     .shares = 2,
     .length = 21,
     .max_measurement = 7,
     .chunk_length = 1}, /* 63 calls */
    {.kind = EVH_PRIO3_SUM_VEC,
     .field = EVH_FIELD_64,
     .shares = 255,
     .length = 16,
     .max_measurement = 11,
     .chunk_length = 1}, /* 64 calls */
    {.kind = EVH_PRIO3_SUM_VEC,
     .field = EVH_FIELD_64,
     .shares = 2,
     .length = 127,
     .max_measurement = 3,
     .chunk_length = 2}, /* 127 calls */
    {.kind = EVH_PRIO3_SUM_VEC_MULTIPROOF,
     .field = EVH_FIELD_64,
     .shares = 2,
     .length = 5,
     .max_measurement = 4,
     .chunk_length = 4},
    {.kind = EVH_PRIO3_HISTOGRAM,
     .field = EVH_FIELD_128,
     .shares = 2,
     .length = 1,
     .chunk_length = 1},
    {.kind = EVH_PRIO3_HISTOGRAM,
     .field = EVH_FIELD_128,
     .shares = 2,
     .length = 11,
     .chunk_length = 3},
    {.kind = EVH_PRIO3_HISTOGRAM,
     .field = EVH_FIELD_64,
     .shares = 3,
     .length = 63,
     .chunk_length = 1},
    {.kind = EVH_PRIO3_MULTIHOT_COUNT,
     .field = EVH_FIELD_128,
     .shares = 2,
     .length = 4,
     .max_measurement = 4,
     .chunk_length = 3},
    {.kind = EVH_PRIO3_MULTIHOT_COUNT,
     .field = EVH_FIELD_64,
     .shares = 2,
     .length = 30,
     .max_measurement = 9,
     .chunk_length = 7},
};

enum { CIRCUITS = sizeof circuits / sizeof circuits[0] };

static void test_query_equals_reference(void **state)
{
    (void)state;
    test_rng seeded;
    evh_rng rng = test_rng_seeded(&seeded, 10);
    for (size_t i = 0; i < CIRCUITS; i++) {
        flp_case c;
        open_case(&c, circuits[i]);
        random_integers(&c, &rng, c.meas, c.flp.meas_len);
        random_integers(&c, &rng, c.proof, c.flp.proof_len);
        random_integers(&c, &rng, c.query_rand, c.flp.query_rand_len);
        random_integers(&c, &rng, c.joint_rand, c.flp.joint_rand_len);
        check_query(&c);
        close_case(&c);
    }
}

/* At the other 2p-th roots a Lagrange weight has no inverse; at p-th roots the query gives up. */
static void test_query_at_roots_of_unity(void **state)
{
    (void)state;
    test_rng seeded;
    evh_rng rng = test_rng_seeded(&seeded, 11);
    for (size_t i = 0; i < CIRCUITS; i++) {
        flp_case c;
        open_case(&c, circuits[i]);
        if (c.ref.p > 8) {
            close_case(&c);
            continue;
        }
        random_integers(&c, &rng, c.meas, c.flp.meas_len);
        random_integers(&c, &rng, c.proof, c.flp.proof_len);
        random_integers(&c, &rng, c.query_rand, c.flp.query_rand_len);
        random_integers(&c, &rng, c.joint_rand, c.flp.joint_rand_len);
        for (size_t power = 0; power < 2 * c.ref.p; power++) {
            c.query_rand[c.flp.query_rand_len - 1] = ref_pow(&c.ref, c.ref.root_2p, power);
            check_query(&c);
        }
        c.query_rand[c.flp.query_rand_len - 1] = 0;
        check_query(&c);
        close_case(&c);
    }
}

/* A random valid measurement, encoded by the fast code; in meas and, if wanted, as values. */
static void random_valid(flp_case *c, const evh_rng *rng, evh_u128 *values)
{
    size_t count = c->params.kind == EVH_PRIO3_HISTOGRAM ? 1 : c->flp.length;
    evh_u128 weight = 0;
    random_integers(c, rng, values, count);
    for (size_t i = 0; i < count; i++) {
        if (c->params.kind == EVH_PRIO3_HISTOGRAM)
            values[i] %= c->flp.length;
        else if (c->params.kind == EVH_PRIO3_MULTIHOT_COUNT)
            values[i] = weight < c->flp.max ? values[i] % 2 : 0;
        else
            values[i] %= c->flp.max + 1;
        weight += values[i];
    }
    uint8_t *packed = pack(c, c->meas, c->flp.meas_len);
    c->field->encode(&c->flp, packed, values);
    for (size_t i = 0; i < c->flp.meas_len; i++) {
        c->meas[i] = 0;
        memcpy(&c->meas[i], packed + i * c->field->element_bytes, c->field->element_bytes);
    }
    free(packed);
}

static void test_prove_equals_reference(void **state)
{
    (void)state;
    test_rng seeded;
    evh_rng rng = test_rng_seeded(&seeded, 12);
    for (size_t i = 0; i < CIRCUITS; i++) {
        flp_case c;
        open_case(&c, circuits[i]);
        if (c.ref.p > 16) { /* the reference is cubic */
            close_case(&c);
            continue;
        }
        evh_u128 *values = new_integers(c.flp.length);
        random_valid(&c, &rng, values);
        random_integers(&c, &rng, c.prove_rand, c.flp.prove_rand_len);
        random_integers(&c, &rng, c.joint_rand, c.flp.joint_rand_len);
        ref_prove(&c.ref, c.proof, c.meas, c.prove_rand, c.joint_rand);
        void *meas = pack(&c, c.meas, c.flp.meas_len);
        void *prove_rand = pack(&c, c.prove_rand, c.flp.prove_rand_len);
        void *joint_rand = pack(&c, c.joint_rand, c.flp.joint_rand_len);
        void *proof = calloc(c.flp.proof_len, c.field->element_bytes);
        assert_non_null(proof);
        c.field->prove(&c.flp, proof, c.scratch, meas, prove_rand, joint_rand);
        assert_packed(&c, proof, c.proof, c.flp.proof_len);
        free(proof);
        free(joint_rand);
        free(prove_rand);
        free(meas);
        free(values);
        close_case(&c);
    }
}

/* Splits meas and proof into shares, queries each with the fast code and decides on the sum. */
static bool shares_accept(flp_case *c, const evh_rng *rng)
{
    uint32_t shares = c->flp.shares;
    void *sum = calloc(c->flp.verifier_len, c->field->element_bytes);
    void *answer = calloc(c->flp.verifier_len, c->field->element_bytes);
    void *query_rand = NULL;
    void *joint_rand = pack(c, c->joint_rand, c->flp.joint_rand_len);
    void *meas = pack(c, c->meas, c->flp.meas_len);
    void *proof = pack(c, c->proof, c->flp.proof_len);
    evh_u128 *integers = new_integers(c->flp.meas_len + c->flp.proof_len);
    assert_non_null(sum);
    assert_non_null(answer);
    random_integers(c, rng, c->query_rand, c->flp.query_rand_len);
    query_rand = pack(c, c->query_rand, c->flp.query_rand_len);
    for (uint32_t id = shares; id-- > 0;) {
        random_integers(c, rng, integers, c->flp.meas_len + c->flp.proof_len);
        void *meas_share = pack(c, integers, c->flp.meas_len);
        void *proof_share = pack(c, integers + c->flp.meas_len, c->flp.proof_len);
        if (id > 0) {
            c->field->sub(meas, meas_share, c->flp.meas_len);
            c->field->sub(proof, proof_share, c->flp.proof_len);
        }
        assert_true(c->field->query(&c->flp, answer, c->scratch, id > 0 ? meas_share : meas,
                                    id > 0 ? proof_share : proof, query_rand, joint_rand));
        c->field->add(sum, answer, c->flp.verifier_len);
        free(meas_share);
        free(proof_share);
    }
    bool accepted = c->field->decide(&c->flp, sum) != 0;
    free(integers);
    free(proof);
    free(meas);
    free(joint_rand);
    free(query_rand);
    free(answer);
    free(sum);
    return accepted;
}

/* An honest proof of an invalid encoding is refused: each cell in turn 2, -1 or a changed bit,
 * where a changed bit is invalid for a histogram and a vector of bits with its weight only. */
static void test_honest_proof_of_invalid_encoding(void **state)
{
    (void)state;
    test_rng seeded;
    evh_rng rng = test_rng_seeded(&seeded, 13);
    for (size_t i = 0; i < CIRCUITS; i++) {
        flp_case c;
        open_case(&c, circuits[i]);
        if (c.ref.p > 8 || c.flp.shares > 3) {
            close_case(&c);
            continue;
        }
        evh_u128 *values = new_integers(c.flp.length);
        random_valid(&c, &rng, values);
        random_integers(&c, &rng, c.prove_rand, c.flp.prove_rand_len);
        random_integers(&c, &rng, c.joint_rand, c.flp.joint_rand_len);
        ref_prove(&c.ref, c.proof, c.meas, c.prove_rand, c.joint_rand);
        assert_true(shares_accept(&c, &rng));
        for (size_t cell = 0; cell < c.flp.meas_len; cell++) {
            evh_u128 honest = c.meas[cell];
            const evh_u128 bad[] = {2, c.ref.modulus - 1, 1 - honest};
            for (size_t which = 0; which < 3; which++) {
                bool linear = c.params.kind == EVH_PRIO3_HISTOGRAM ||
                              c.params.kind == EVH_PRIO3_MULTIHOT_COUNT;
                c.meas[cell] = bad[which];
                ref_prove(&c.ref, c.proof, c.meas, c.prove_rand, c.joint_rand);
                assert_int_equal(shares_accept(&c, &rng), which == 2 && !linear);
            }
            c.meas[cell] = honest;
        }
        free(values);
        close_case(&c);
    }
}

/* Every value of every maximum up to 70: bits only, and their weighted sum is the value. */
static void test_encode_every_value_of_small_maxima(void **state)
{
    (void)state;
    for (uint64_t max = 1; max <= 70; max++) {
        flp_case c;
        evh_prio3_params params = {.kind = EVH_PRIO3_SUM,
                                   .field = max % 2 == 0 ? EVH_FIELD_64 : EVH_FIELD_128,
                                   .shares = 2,
                                   .max_measurement = max};
        open_case(&c, params);
        assert_int_equal(c.flp.bits, evh_bit_length(max));
        evh_u128 all = 0;
        for (size_t digit = 0; digit < c.flp.bits; digit++)
            all += ref_digit_weight(&c.ref, digit);
        assert_true(all == max); /* so no bits give more than max */
        for (uint64_t value = 0; value <= max; value++) {
            evh_u128 values[1] = {value};
            uint8_t digits[7 * 16] = {0};
            uint8_t output[16] = {0};
            evh_u128 sum = 0;
            c.field->encode(&c.flp, digits, values);
            for (size_t digit = 0; digit < c.flp.bits; digit++) {
                evh_u128 bit = 0;
                memcpy(&bit, digits + digit * c.field->element_bytes, c.field->element_bytes);
                assert_true(bit <= 1);
                sum += bit * ref_digit_weight(&c.ref, digit);
            }
            assert_true(sum == value);
            c.field->truncate(&c.flp, output, digits);
            assert_true(c.field->encoded_integer(output) == value);
        }
        close_case(&c);
    }
}

/* Large maxima at their edges, also of more than 64 bits. */
static void test_encode_large_maxima(void **state)
{
    (void)state;
    const evh_u128 maxima[] = {UINT32_MAX,
                               (evh_u128)1 << 32,
                               INT64_MAX,
                               UINT64_MAX,
                               (evh_u128)1 << 64,
                               ((evh_u128)1 << 100) + 12345,
                               ((evh_u128)1 << 127) - 1};
    for (size_t i = 0; i < sizeof maxima / sizeof maxima[0]; i++) {
        flp_case c;
        evh_prio3_params params = {.kind = EVH_PRIO3_SUM,
                                   .field = EVH_FIELD_128,
                                   .shares = 2,
                                   .max_measurement = maxima[i]};
        open_case(&c, params);
        evh_u128 half = (evh_u128)1 << (c.flp.bits - 1);
        const evh_u128 edges[] = {
            0, 1, half - 2, half - 1, half % (maxima[i] + 1), maxima[i] - 1, maxima[i]};
        for (size_t k = 0; k < sizeof edges / sizeof edges[0]; k++) {
            evh_u128 digits[127] = {0};
            evh_u128 output = 0;
            c.field->encode(&c.flp, digits, &edges[k]);
            for (size_t digit = 0; digit < c.flp.bits; digit++)
                assert_true(digits[digit] <= 1);
            c.field->truncate(&c.flp, &output, digits);
            assert_true(output == edges[k]);
        }
        close_case(&c);
    }
}

int run_flp_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_query_equals_reference),
        cmocka_unit_test(test_query_at_roots_of_unity),
        cmocka_unit_test(test_prove_equals_reference),
        cmocka_unit_test(test_honest_proof_of_invalid_encoding),
        cmocka_unit_test(test_encode_every_value_of_small_maxima),
        cmocka_unit_test(test_encode_large_maxima),
    };
    return cmocka_run_group_tests_name("flp", tests, NULL, NULL);
}
