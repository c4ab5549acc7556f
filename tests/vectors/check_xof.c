/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>

#include "evenhand/base/sizes.h"
#include "evenhand/vdaf/xof.h"
#include "vectors.h"

enum { ELEMENTS_MAX = 1 << 20 };

typedef struct xof_inputs {
    evh_buffer seed, dst, binder;
} xof_inputs;

static void start(evh_turboshake128 *xof, const xof_inputs *in)
{
    evh_xof_init(xof, evh_buffer_view(&in->seed), evh_buffer_view(&in->dst), evh_view_of(NULL, 0));
    evh_turboshake128_absorb(xof, evh_buffer_view(&in->binder));
}

static evh_status check_derived_seed(const json_t *file, const xof_inputs *in)
{
    evh_status status = evh_ok();
    evh_buffer expected = evh_buffer_init(VECTOR_BYTES_MAX);
    evh_turboshake128 xof;
    uint8_t derived[EVH_XOF_SEED_LEN];
    start(&xof, in);
    evh_turboshake128_squeeze(&xof, derived, sizeof derived);
    EVH_TRY(vector_hex_key(file, "derived_seed", &expected));
    EVH_TRY(vector_same(evh_view_of(derived, sizeof derived), evh_buffer_view(&expected),
                        "derived_seed"));
done:
    evh_buffer_clear(&expected);
    return status;
}

static evh_status check_expanded(const json_t *file, const xof_inputs *in, const char *key,
                                 uint64_t *count)
{
    evh_status status = evh_ok();
    evh_buffer expected = evh_buffer_init(VECTOR_BYTES_MAX);
    evh_f128 *elements = NULL;
    evh_turboshake128 xof;
    EVH_TRY(vector_count(file, "length", ELEMENTS_MAX, count));
    EVH_TRY(vector_hex_key(file, key, &expected));
    EVH_TRY(evh_alloc(&elements, *count, sizeof *elements, "the elements"));
    start(&xof, in);
    evh_xof_vec_128(&xof, elements, *count);
    EVH_TRY(vector_same(evh_view_of(elements, *count * sizeof *elements),
                        evh_buffer_view(&expected), key));
done:
    free(elements);
    evh_buffer_clear(&expected);
    return status;
}

evh_status vector_check_xof(const json_t *file, char summary[VECTOR_SUMMARY_LEN])
{
    evh_status status = evh_ok();
    uint64_t count = 0;
    xof_inputs in = {.seed = evh_buffer_init(VECTOR_BYTES_MAX),
                     .dst = evh_buffer_init(VECTOR_BYTES_MAX),
                     .binder = evh_buffer_init(VECTOR_BYTES_MAX)};
    EVH_TRY(vector_hex_key(file, "seed", &in.seed));
    EVH_TRY(vector_hex_key(file, "dst", &in.dst));
    EVH_TRY(vector_hex_key(file, "binder", &in.binder));
    EVH_REQUIRE(in.seed.len == EVH_XOF_SEED_LEN, EVH_ERR_INPUT, "seed has %zu bytes, not %d",
                in.seed.len, EVH_XOF_SEED_LEN);
    EVH_REQUIRE(in.dst.len <= EVH_XOF_DST_LEN_MAX, EVH_ERR_INPUT, "dst is longer than %d bytes",
                EVH_XOF_DST_LEN_MAX);
    EVH_TRY(check_derived_seed(file, &in));
    EVH_TRY(check_expanded(file, &in, "expanded_vec_field128", &count));
    (void)snprintf(summary, VECTOR_SUMMARY_LEN, "derived seed, %llu elements of Field128",
                   (unsigned long long)count);
done:
    evh_buffer_clear(&in.seed);
    evh_buffer_clear(&in.dst);
    evh_buffer_clear(&in.binder);
    return status;
}
