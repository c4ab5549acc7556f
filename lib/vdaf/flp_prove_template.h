/* SPDX-License-Identifier: Apache-2.0
 * vdaf/flp_prove_template.h: the prover, for the field that as_field64.h or as_field128.h names.
 * The gadget polynomial is a sum of products of wire polynomials of degree below p. Its values at
 * the even 2p-th roots are the gadget's outputs, which are 0 for a valid encoding but for the wire
 * seeds' (and Count's); so only the odd ones are computed, from the wires' values there: an inverse
 * transform, the shift by W, a forward transform. */

typedef struct prove_scratch {
    fe *left;     /* [p] a wire's values at w^k, then at W^(2k+1) */
    fe *right;    /* [p] its partner's */
    fe *base;     /* [g] r of each call, weights */
    fe *power;    /* [g] r^(j+1) of each call, weights */
    fe_acc *sums; /* [p] the gadget polynomial at W^(2k+1) */
} prove_scratch;

static size_t prove_scratch_bytes(const evh_flp *flp)
{
    size_t p = (size_t)1 << flp->log_p;
    return p * (2 * sizeof(fe) + sizeof(fe_acc)) + 2 * flp->calls * sizeof(fe);
}

static prove_scratch carve_prove_scratch(const evh_flp *flp, void *memory)
{
    size_t p = (size_t)1 << flp->log_p;
    prove_scratch scratch;
    scratch.sums = memory;
    scratch.left = (fe *)(scratch.sums + p);
    scratch.right = scratch.left + p;
    scratch.base = scratch.right + p;
    scratch.power = scratch.base + flp->calls;
    memset(scratch.sums, 0, p * sizeof *scratch.sums);
    return scratch;
}

/* From values at w^k to values at W^(2k+1). */
static void shift_to_odd(const evh_flp *flp, fe *wire)
{
    const flp_tables *tables = flp->tables;
    size_t p = (size_t)1 << flp->log_p;
    FE_NAME(intt)(wire, tables->inverse, flp->log_p);
    for (size_t i = 0; i < p; i++)
        wire[i] = FE_NAME(mul)(tables->coset[i], wire[i]);
    FE_NAME(ntt)(wire, tables->forward, flp->log_p);
}

/* Wires 2j and 2j+1 of the chunk gadget: r^(j+1) x and x - 1 for the j-th cell of each call, where
 * cells beyond the measurement are 0; the seeds first, zeros behind the last call. */
static void fill_chunk_wires(const evh_flp *flp, const prove_scratch *scratch, const fe *meas,
                             const fe *seeds, size_t j)
{
    size_t p = (size_t)1 << flp->log_p;
    scratch->left[0] = seeds[2 * j];
    scratch->right[0] = seeds[2 * j + 1];
    for (size_t call = 0; call < flp->calls; call++) {
        size_t cell = call * flp->chunk + j;
        fe x = cell < flp->meas_len ? meas[cell] : 0;
        scratch->left[call + 1] = FE_NAME(mul)(scratch->power[call], x);
        scratch->right[call + 1] = FE_NAME(sub)(x, 1);
        scratch->power[call] = FE_NAME(mul)(scratch->power[call], scratch->base[call]);
    }
    memset(scratch->left + flp->calls + 1, 0, (p - flp->calls - 1) * sizeof(fe));
    memset(scratch->right + flp->calls + 1, 0, (p - flp->calls - 1) * sizeof(fe));
}

/* A wire that carries the measurement itself, one element per call. */
static void fill_plain_wire(const evh_flp *flp, fe *wire, const fe *meas, fe seed)
{
    size_t p = (size_t)1 << flp->log_p;
    memset(wire, 0, p * sizeof *wire);
    wire[0] = seed;
    memcpy(wire + 1, meas, flp->meas_len * sizeof *wire);
}

static void add_products(const evh_flp *flp, const prove_scratch *scratch)
{
    size_t p = (size_t)1 << flp->log_p;
    for (size_t i = 0; i < p; i++)
        FE_NAME(acc_mac)(&scratch->sums[i], scratch->left[i], scratch->right[i]);
}

/* Products of plain elements come out divided by the weight of 1; this undoes it. */
static fe plain_sum(const fe_acc *sum)
{
    return FE_NAME(to_weight)(FE_NAME(acc_reduce)(sum));
}

static void prove_chunks(const evh_flp *flp, const prove_scratch *scratch, fe_acc *at_seeds,
                         const fe *meas, const fe *seeds, const fe *joint_rand)
{
    for (size_t call = 0; call < flp->calls; call++) {
        scratch->base[call] = FE_NAME(to_weight)(joint_rand[call]);
        scratch->power[call] = scratch->base[call];
    }
    for (size_t j = 0; j < flp->chunk; j++) {
        FE_NAME(acc_mac)(at_seeds, seeds[2 * j], seeds[2 * j + 1]);
        fill_chunk_wires(flp, scratch, meas, seeds, j);
        shift_to_odd(flp, scratch->left);
        shift_to_odd(flp, scratch->right);
        add_products(flp, scratch);
    }
}

static void prove_square(const evh_flp *flp, const prove_scratch *scratch, fe_acc *at_seeds,
                         const fe *meas, const fe *seeds)
{
    FE_NAME(acc_mac)(at_seeds, seeds[0], seeds[1]);
    fill_plain_wire(flp, scratch->left, meas, seeds[0]);
    fill_plain_wire(flp, scratch->right, meas, seeds[1]);
    shift_to_odd(flp, scratch->left);
    shift_to_odd(flp, scratch->right);
    add_products(flp, scratch);
}

static void prove_bits(const evh_flp *flp, const prove_scratch *scratch, fe_acc *at_seeds,
                       const fe *meas, const fe *seeds)
{
    FE_NAME(acc_mac)(at_seeds, seeds[0], FE_NAME(sub)(seeds[0], 1));
    fill_plain_wire(flp, scratch->left, meas, seeds[0]);
    shift_to_odd(flp, scratch->left);
    for (size_t i = 0; i < (size_t)1 << flp->log_p; i++)
        scratch->right[i] = FE_NAME(sub)(scratch->left[i], 1);
    add_products(flp, scratch);
}

static void prove(const evh_flp *flp, void *proof, void *memory, const void *meas,
                  const void *prove_rand, const void *joint_rand)
{
    size_t p = (size_t)1 << flp->log_p;
    const prove_scratch scratch = carve_prove_scratch(flp, memory);
    fe_acc at_seeds;
    memset(&at_seeds, 0, sizeof at_seeds);
    if (flp->gadget == EVH_FLP_CHUNK)
        prove_chunks(flp, &scratch, &at_seeds, meas, prove_rand, joint_rand);
    else if (flp->gadget == EVH_FLP_SQUARE)
        prove_square(flp, &scratch, &at_seeds, meas, prove_rand);
    else
        prove_bits(flp, &scratch, &at_seeds, meas, prove_rand);

    fe *values = (fe *)proof + flp->arity; /* at W^0 .. W^(2p-2) */
    memcpy(proof, prove_rand, flp->arity * sizeof *values);
    for (size_t i = 0; i < p; i++) {
        if (i > 0)
            values[2 * i] = 0;
        if (i < p - 1)
            values[2 * i + 1] = plain_sum(&scratch.sums[i]);
    }
    values[0] = plain_sum(&at_seeds);
    if (flp->gadget == EVH_FLP_SQUARE)
        values[2] = *(const fe *)meas; /* x * x, for a bit x */
    evh_wipe(&at_seeds, sizeof at_seeds);
}
