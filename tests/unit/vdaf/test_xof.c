/* SPDX-License-Identifier: Apache-2.0 */
#include "evenhand/vdaf/xof.h"

#include <stdlib.h>
#include <string.h>

#include "sample_internal.h"
#include "support/test.h"
#include "tests.h"

/* RFC 9861 section 5. A message is a pattern (00 01 .. FA, repeated) or FF bytes; expected is the
 * whole output, or its last 32 bytes where the output is longer. */
typedef struct turbo_vector {
    bool pattern;
    size_t message_len;
    uint8_t domain;
    size_t out_len;
    const char *expected;
} turbo_vector;

static const turbo_vector turbo_vectors[] = {
    {true, 0, 0x1f, 32, "1e415f1c5983aff2169217277d17bb538cd945a397ddec541f1ce41af2c1b74c"},
    {true, 0, 0x1f, 64, "3e8ccae2a4dae56c84a04c2385c03c15e8193bdf58737363321691c05462c8df"},
    {true, 0, 0x1f, 10032, "a3b9b0385900ce761f22aed548e754da10a5242d62e8c658e3f3a923a7555607"},
    {true, 1, 0x1f, 32, "55cedd6f60af7bb29a4042ae832ef3f58db7299f893ebb9247247d856958daa9"},
    {true, 17, 0x1f, 32, "9c97d036a3bac819db70ede0ca554ec6e4c2a1a4ffbfd9ec269ca6a111161233"},
    {true, 289, 0x1f, 32, "96c77c279e0126f7fc07c9b07f5cdae1e0be60bdbe10620040e75d7223a624d2"},
    {true, 4913, 0x1f, 32, "d4976eb56bcf118520582b709f73e1d6853e001fdaf80e1b13e0d0599d5fb372"},
    {true, 83521, 0x1f, 32, "da67c7039e98bf530cf7a37830c6664e14cbab7f540f58403b1b82951318ee5c"},
    {true, 1419857, 0x1f, 32, "b97a906fbf83ef7c812517abf3b2d0aea0c4f60318ce11cf103925127f59eecd"},
    {false, 3, 0x01, 32, "bf323f940494e88ee1c540fe660be8a0c93f43d15ec006998462fa994eed5dab"},
    {false, 1, 0x06, 32, "8ec9c66465ed0d4a6c35d13506718d687a25cb05c74cca1e42501abd83874a67"},
    {false, 3, 0x07, 32, "b658576001cad9b1e5f399a9f77723bba05458042d68206f7252682dba3663ed"},
    {false, 7, 0x0b, 32, "8deeaa1aec47ccee569f659c21dfa8e112db3cee37b18178b2acd805b799cc37"},
    {false, 1, 0x30, 32, "553122e2135e363c3292bed2c6421fa232bab03daa07c7d6636603286506325b"},
    {false, 3, 0x7f, 32, "16274cc656d44cefd422395d0f9053bda6d28e122aba15c765e5ad0e6eaf26f9"},
};

/* Absorbs and squeezes in pieces of the given sizes. */
static void turboshake(const turbo_vector *vector, const uint8_t *message, size_t absorb_step,
                       uint8_t *out, size_t squeeze_step)
{
    evh_turboshake128 sponge;
    evh_turboshake128_init(&sponge, vector->domain);
    for (size_t at = 0; at < vector->message_len; at += absorb_step) {
        size_t left = vector->message_len - at;
        evh_turboshake128_absorb(
            &sponge, evh_view_of(message + at, left < absorb_step ? left : absorb_step));
    }
    for (size_t at = 0; at < vector->out_len; at += squeeze_step) {
        size_t left = vector->out_len - at;
        evh_turboshake128_squeeze(&sponge, out + at, left < squeeze_step ? left : squeeze_step);
    }
    evh_turboshake128_clear(&sponge);
    for (size_t i = 0; i < 25; i++)
        assert_true(sponge.lanes[i] == 0);
}

static void test_turboshake128_rfc9861_vectors(void **state)
{
    (void)state;
    static const size_t steps[] = {SIZE_MAX / 2, 168, 167, 169, 1, 336, 8};
    uint8_t *message = malloc(1419857);
    uint8_t *out = malloc(10032);
    assert_non_null(message);
    assert_non_null(out);
    evh_buffer expected = evh_buffer_init(64);
    for (size_t v = 0; v < sizeof turbo_vectors / sizeof turbo_vectors[0]; v++) {
        const turbo_vector *vector = &turbo_vectors[v];
        for (size_t i = 0; i < vector->message_len; i++)
            message[i] = vector->pattern ? (uint8_t)(i % 251) : 0xff;
        test_hex(&expected, vector->expected);
        for (size_t s = 0; s < sizeof steps / sizeof steps[0]; s++) {
            turboshake(vector, message, steps[s], out, steps[6 - s]);
            assert_views_equal(evh_view_of(out + vector->out_len - 32, 32),
                               evh_buffer_view(&expected));
        }
    }
    evh_buffer_clear(&expected);
    free(out);
    free(message);
}

/* The draft's prefix: length of dst, dst, length of seed, seed; with domain byte 1. */
static void test_xof_init_absorbs_the_prefix(void **state)
{
    (void)state;
    uint8_t dst[300];
    uint8_t seed[32];
    uint8_t by_xof[100];
    uint8_t by_hand[100];
    memset(dst, 0x5a, sizeof dst);
    memset(seed, 0xa5, sizeof seed);
    for (size_t dst_len = 0; dst_len <= sizeof dst; dst_len += 60) {
        evh_turboshake128 sponge;
        const uint8_t prefix[2] = {(uint8_t)(dst_len & 0xff), (uint8_t)(dst_len >> 8)};
        const uint8_t seed_len = 32;
        evh_turboshake128_init(&sponge, 1);
        evh_turboshake128_absorb(&sponge, evh_view_of(prefix, 2));
        evh_turboshake128_absorb(&sponge, evh_view_of(dst, dst_len));
        evh_turboshake128_absorb(&sponge, evh_view_of(&seed_len, 1));
        evh_turboshake128_absorb(&sponge, evh_view_of(seed, sizeof seed));
        evh_turboshake128_absorb(&sponge, view_of_literal("binder"));
        evh_turboshake128_squeeze(&sponge, by_hand, sizeof by_hand);
        size_t head = dst_len / 3;
        evh_xof_init(&sponge, evh_view_of(seed, sizeof seed), evh_view_of(dst, head),
                     evh_view_of(dst + head, dst_len - head));
        evh_turboshake128_absorb(&sponge, view_of_literal("binder"));
        evh_turboshake128_squeeze(&sponge, by_xof, sizeof by_xof);
        assert_memory_equal(by_xof, by_hand, sizeof by_hand);
    }
}

/* A vector is the stream itself when nothing is rejected, and a second vector goes on from there.
 */
static void test_xof_vec_is_the_stream(void **state)
{
    (void)state;
    enum { COUNT = 50 };
    uint8_t stream[COUNT * 16];
    evh_f128 wide[COUNT];
    evh_f64 narrow[2 * COUNT];
    evh_turboshake128 xof;
    evh_view seed = view_of_literal("0123456789abcdef0123456789abcdef");
    evh_view none = evh_view_of(NULL, 0);
    evh_xof_init(&xof, seed, view_of_literal("dst"), none);
    evh_turboshake128_squeeze(&xof, stream, sizeof stream);
    evh_xof_init(&xof, seed, view_of_literal("dst"), none);
    evh_xof_vec_128(&xof, wide, 7);
    evh_xof_vec_128(&xof, wide + 7, COUNT - 7);
    assert_memory_equal(wide, stream, sizeof stream);
    evh_xof_init(&xof, seed, view_of_literal("dst"), none);
    evh_xof_vec_64(&xof, narrow, 2 * COUNT);
    assert_memory_equal(narrow, stream, sizeof stream);
}

/* ---- rejection: a stream that is written out ---- */

typedef struct scripted_stream {
    const uint8_t *bytes;
    size_t len;
    size_t used;
} scripted_stream;

static void scripted_next(void *context, uint8_t *out, size_t len)
{
    scripted_stream *stream = context;
    assert_true(len <= stream->len - stream->used);
    memcpy(out, stream->bytes + stream->used, len);
    stream->used += len;
}

/* Every subset of six places holds an element that must be dropped; the rest follow in order. */
static void test_sample_vec_128_rejections(void **state)
{
    (void)state;
    const evh_f128 bad[] = {EVH_F128_MODULUS, EVH_F128_MODULUS + 1, (evh_u128)0 - 1};
    for (unsigned subset = 0; subset < 64; subset++) {
        evh_f128 elements[16];
        size_t rejected = 0;
        for (size_t i = 0; i < 16; i++) {
            bool drop = i < 6 && ((subset >> i) & 1) != 0;
            elements[i] = drop ? bad[rejected % 3] : EVH_F128_MODULUS - 1 - i;
            rejected += drop;
        }
        scripted_stream stream = {.bytes = (const uint8_t *)elements, .len = sizeof elements};
        evh_f128 out[9];
        evh_sample_vec_128(scripted_next, &stream, out, 9);
        assert_int_equal(stream.used, (9 + rejected) * sizeof out[0]);
        size_t next = 0;
        for (size_t i = 0; next < 9; i++)
            if (elements[i] < EVH_F128_MODULUS)
                assert_true(out[next++] == elements[i]);
    }
}

static void test_sample_vec_64_rejections(void **state)
{
    (void)state;
    const evh_f64 bad[] = {EVH_F64_MODULUS, EVH_F64_MODULUS + 1, UINT64_MAX};
    for (unsigned subset = 0; subset < 64; subset++) {
        evh_f64 elements[16];
        size_t rejected = 0;
        for (size_t i = 0; i < 16; i++) {
            bool drop = i < 6 && ((subset >> i) & 1) != 0;
            elements[i] = drop ? bad[rejected % 3] : EVH_F64_MODULUS - 1 - i;
            rejected += drop;
        }
        scripted_stream stream = {.bytes = (const uint8_t *)elements, .len = sizeof elements};
        evh_f64 out[9];
        evh_sample_vec_64(scripted_next, &stream, out, 9);
        assert_int_equal(stream.used, (9 + rejected) * sizeof out[0]);
        size_t next = 0;
        for (size_t i = 0; next < 9; i++)
            if (elements[i] < EVH_F64_MODULUS)
                assert_true(out[next++] == elements[i]);
    }
}

/* Rejections one after the other, up to the very end of what was asked for. */
static void test_sample_vec_only_rejections_then_one(void **state)
{
    (void)state;
    evh_f64 elements[41];
    for (size_t i = 0; i < 40; i++)
        elements[i] = UINT64_MAX - i;
    elements[40] = 7;
    scripted_stream stream = {.bytes = (const uint8_t *)elements, .len = sizeof elements};
    evh_f64 out = 0;
    evh_sample_vec_64(scripted_next, &stream, &out, 1);
    assert_true(out == 7);
    assert_int_equal(stream.used, sizeof elements);
}

int run_xof_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_turboshake128_rfc9861_vectors),
        cmocka_unit_test(test_xof_init_absorbs_the_prefix),
        cmocka_unit_test(test_xof_vec_is_the_stream),
        cmocka_unit_test(test_sample_vec_128_rejections),
        cmocka_unit_test(test_sample_vec_64_rejections),
        cmocka_unit_test(test_sample_vec_only_rejections_then_one),
    };
    return cmocka_run_group_tests_name("xof", tests, NULL, NULL);
}
