/* SPDX-License-Identifier: Apache-2.0
 * vdaf/flp_internal.h: fully linear proofs that an encoded measurement is valid.
 * A proof is checked without seeing the measurement or the proof: each aggregator queries its share
 * of both, and the sum of the answers decides.
 * Source   draft-irtf-cfrg-vdaf-20 section 7.3 (FLP) and 7.4 (circuits), after BBCGGI19 theorem 4.3
 * Secret   measurements, proofs and their shares, all randomness
 * Memory   the caller's scratch; tables belong to the instance */
#ifndef EVH_VDAF_FLP_INTERNAL_H
#define EVH_VDAF_FLP_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "evenhand/base/uint128.h"
#include "evenhand/vdaf/prio3.h"
#include "evenhand/vdaf/xof.h"

/* What the one gadget of a circuit multiplies; every gadget has degree 2. */
typedef enum evh_flp_gadget {
    EVH_FLP_SQUARE, /* x * x, on two wires (Count) */
    EVH_FLP_BIT,    /* x * (x - 1), on one wire (Sum) */
    EVH_FLP_CHUNK   /* sum of chunk products r^(j+1) x * (x - 1/shares) (all others) */
} evh_flp_gadget;

/* Everything about a circuit that does not depend on the field's arithmetic. Lengths are in field
 * elements. */
typedef struct evh_flp {
    evh_prio3_kind kind;
    evh_flp_gadget gadget;
    uint32_t shares;
    size_t length;         /* integers or buckets of a measurement */
    size_t bits;           /* digits per integer; for MULTIHOT_COUNT of the weight */
    evh_u128 max;          /* largest integer; for MULTIHOT_COUNT largest weight */
    size_t meas_len;       /* encoded measurement */
    size_t output_len;     /* what is aggregated */
    size_t chunk;          /* pairs of wires */
    size_t calls;          /* gadget calls, g */
    size_t arity;          /* wires, A */
    unsigned log_p;        /* p = 2^log_p > g points per wire polynomial */
    size_t eval_len;       /* outputs of the circuit */
    size_t joint_rand_len; /* 0 or g */
    size_t prove_rand_len; /* A */
    size_t query_rand_len;
    size_t proof_len;    /* A + 2p - 1 */
    size_t verifier_len; /* A + 2 */
    void *tables;        /* of the field; owned */
} evh_flp;

/* Fills everything but the tables. Fails RANGE for parameters that the circuit or the field does
 * not admit. All defaults in params are filled in. */
EVH_MUST_USE evh_status evh_flp_init(evh_flp *flp, const evh_prio3_params *params);

/* The weight of an integer's last digit: the weights of all digits add up to max. */
evh_u128 evh_flp_last_weight(const evh_flp *flp);

/* The operations of one field; elements are arrays of evh_f64 or evh_f128. */
typedef struct evh_flp_field {
    size_t element_bytes;

    /* Bytes of memory for the tables, and for the scratch of prove and query. */
    size_t (*tables_bytes)(const evh_flp *flp);
    size_t (*prove_scratch_bytes)(const evh_flp *flp);
    size_t (*query_scratch_bytes)(const evh_flp *flp);
    void (*tables_fill)(evh_flp *flp);

    void (*expand)(evh_turboshake128 *xof, void *out, size_t count);
    bool (*decode)(void *out, const uint8_t *bytes, size_t count); /* false: not canonical */
    void (*add)(void *target, const void *a, size_t count);
    void (*sub)(void *target, const void *a, size_t count);

    /* On encoded vectors of any alignment; the summands are canonical. */
    bool (*encoded_canonical)(const uint8_t *bytes, size_t count); /* becomes public */
    void (*encoded_add)(uint8_t *target, const uint8_t *bytes, size_t count);
    evh_u128 (*encoded_integer)(const uint8_t *bytes);

    /* The encoding of a measurement whose values are in range.
     *   out  [meas_len], 0 or 1 each */
    void (*encode)(const evh_flp *flp, void *out, const evh_u128 *values);

    /* What is aggregated of an encoded measurement or of a share of one.
     *   out  [output_len] */
    void (*truncate)(const evh_flp *flp, void *out, const void *meas);

    /* A proof for a valid encoding. Gadget outputs that are 0 for every valid encoding are not
     * computed: for an invalid one the result is no proof.
     *   proof  [proof_len] */
    void (*prove)(const evh_flp *flp, void *proof, void *scratch, const void *meas,
                  const void *prove_rand, const void *joint_rand);

    /* One aggregator's answer, from its shares. False, which becomes public, if the query point is
     * a p-th root of unity; verifier is then zero.
     *   verifier  [verifier_len] */
    bool (*query)(const evh_flp *flp, void *verifier, void *scratch, const void *meas,
                  const void *proof, const void *query_rand, const void *joint_rand);

    /* All ones if the sum of all answers accepts, else 0; secret until declassified.
     *   verifier  [verifier_len] */
    uint64_t (*decide)(const evh_flp *flp, const void *verifier);
} evh_flp_field;

extern const evh_flp_field evh_flp_field_64;
extern const evh_flp_field evh_flp_field_128;

#endif
