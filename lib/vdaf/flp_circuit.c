/* SPDX-License-Identifier: Apache-2.0
 * Parameters of the circuits: draft-irtf-cfrg-vdaf-20 section 7.4. */
#include "flp_internal.h"

#include <string.h>

#include "evenhand/base/limits.h"
#include "evenhand/base/sizes.h"
#include "evenhand/field/field128.h"
#include "evenhand/field/field64.h"

static size_t bit_length(evh_u128 value)
{
    uint64_t high = (uint64_t)(value >> 64);
    return high != 0 ? 64 + evh_bit_length(high) : evh_bit_length((uint64_t)value);
}

evh_u128 evh_flp_last_weight(const evh_flp *flp)
{
    return flp->max - (((evh_u128)1 << (flp->bits - 1)) - 1);
}

/* The digits of integers 0..max, whose range 2^bits must stay below the modulus. */
static evh_status init_integers(evh_flp *flp, const evh_prio3_params *params)
{
    evh_status status = evh_ok();
    EVH_REQUIRE(params->max_measurement > 0, EVH_ERR_RANGE, "max_measurement must be at least 1");
    flp->max = params->max_measurement;
    flp->bits = bit_length(params->max_measurement);
    EVH_REQUIRE(flp->bits < (size_t)params->field, EVH_ERR_RANGE,
                "max_measurement has %zu bits: the %u-bit field admits %u", flp->bits,
                (unsigned)params->field, (unsigned)params->field - 1);
done:
    return status;
}

static evh_status init_length(evh_flp *flp, const evh_prio3_params *params)
{
    evh_status status = evh_ok();
    EVH_REQUIRE(params->length >= 1 && params->length <= EVH_VDAF_MEAS_LEN_MAX, EVH_ERR_RANGE,
                "length must be 1 to %d", EVH_VDAF_MEAS_LEN_MAX);
    EVH_REQUIRE(params->chunk_length >= 1 && params->chunk_length <= EVH_VDAF_MEAS_LEN_MAX,
                EVH_ERR_RANGE, "chunk_length must be 1 to %d", EVH_VDAF_MEAS_LEN_MAX);
    flp->length = (size_t)params->length;
    flp->chunk = (size_t)params->chunk_length;
    flp->gadget = EVH_FLP_CHUNK;
done:
    return status;
}

static evh_status init_vector(evh_flp *flp, const evh_prio3_params *params)
{
    evh_status status = evh_ok();
    EVH_TRY(init_length(flp, params));
    flp->output_len = flp->length;
    flp->eval_len = 2;
    if (flp->kind == EVH_PRIO3_HISTOGRAM) {
        EVH_REQUIRE(params->max_measurement == 0, EVH_ERR_RANGE,
                    "a histogram takes no max_measurement");
        flp->meas_len = flp->length;
        goto done;
    }
    EVH_TRY(init_integers(flp, params));
    if (flp->kind == EVH_PRIO3_MULTIHOT_COUNT) {
        EVH_REQUIRE(params->max_measurement <= params->length, EVH_ERR_RANGE,
                    "max_weight must be 1 to length");
        flp->meas_len = flp->length + flp->bits;
    } else {
        flp->meas_len = flp->length * flp->bits;
        flp->eval_len = 1;
    }
done:
    return status;
}

static evh_status init_scalar(evh_flp *flp, const evh_prio3_params *params)
{
    evh_status status = evh_ok();
    EVH_REQUIRE(params->length == 0 && params->chunk_length == 0, EVH_ERR_RANGE,
                "a measurement of one integer takes no length and no chunk_length");
    flp->length = 1;
    flp->output_len = 1;
    flp->chunk = 1;
    if (flp->kind == EVH_PRIO3_COUNT) {
        EVH_REQUIRE(params->max_measurement == 0, EVH_ERR_RANGE,
                    "a count takes no max_measurement");
        flp->gadget = EVH_FLP_SQUARE;
        flp->max = 1;
        flp->bits = 1;
    } else {
        EVH_TRY(init_integers(flp, params));
        flp->gadget = EVH_FLP_BIT;
    }
    flp->meas_len = flp->bits;
    flp->eval_len = flp->bits;
done:
    return status;
}

evh_status evh_flp_init(evh_flp *flp, const evh_prio3_params *params)
{
    evh_status status = evh_ok();
    memset(flp, 0, sizeof *flp);
    flp->kind = params->kind;
    flp->shares = params->shares;
    bool scalar = flp->kind == EVH_PRIO3_COUNT || flp->kind == EVH_PRIO3_SUM;
    EVH_TRY(scalar ? init_scalar(flp, params) : init_vector(flp, params));
    EVH_REQUIRE(flp->meas_len <= EVH_VDAF_MEAS_LEN_MAX, EVH_ERR_RANGE,
                "an encoded measurement of %zu elements is too long: at most %d", flp->meas_len,
                EVH_VDAF_MEAS_LEN_MAX);

    flp->calls = (flp->meas_len + flp->chunk - 1) / flp->chunk;
    flp->arity = flp->gadget == EVH_FLP_BIT ? 1 : 2 * flp->chunk;
    flp->log_p = evh_bit_length(flp->calls); /* the power of two above calls */
    flp->joint_rand_len = flp->gadget == EVH_FLP_CHUNK ? flp->calls : 0;
    flp->prove_rand_len = flp->arity;
    flp->query_rand_len = 1 + (flp->eval_len > 1 ? flp->eval_len : 0);
    flp->proof_len = flp->arity + ((size_t)2 << flp->log_p) - 1;
    flp->verifier_len = flp->arity + 2;
done:
    return status;
}
