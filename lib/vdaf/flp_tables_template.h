/* SPDX-License-Identifier: Apache-2.0
 * vdaf/flp_tables_template.h: what prove and query of the field that as_field64.h or as_field128.h
 * names compute once per instance. All entries are weights but the two marked plain. */
#include "flp_internal.h"

typedef struct flp_tables {
    fe *forward;    /* [p] twiddles */
    fe *inverse;    /* [p] twiddles */
    fe *coset;      /* [p] W^i / p for coefficient i, at i's bit-reversed place */
    fe *roots;      /* [2p] W^i; W is the principal 2p-th root, so that w^k = W^(2k) */
    fe inverse_p;   /* 1 / p */
    fe half;        /* 1 / 2 */
    fe share;       /* 1 / shares */
    fe share_plain; /* the same, plain */
    fe last_weight; /* of an integer's last digit */
} flp_tables;

static size_t tables_bytes(const evh_flp *flp)
{
    return sizeof(flp_tables) + ((size_t)5 << flp->log_p) * sizeof(fe);
}

static void fill_roots(const flp_tables *tables, size_t p, unsigned log_p)
{
    fe root = FE_NAME(root)(log_p + 1);
    tables->roots[0] = FE_NAME(weight_one)();
    for (size_t i = 1; i < 2 * p; i++)
        tables->roots[i] = FE_NAME(mul)(tables->roots[i - 1], root);
    for (size_t i = 0; i < p; i++) {
        size_t reversed = 0;
        for (unsigned bit = 0; bit < log_p; bit++)
            reversed |= ((i >> bit) & 1) << (log_p - 1 - bit);
        tables->coset[reversed] = FE_NAME(mul)(tables->roots[i], tables->inverse_p);
    }
}

static fe inverse_of_integer(evh_u128 value)
{
    return FE_NAME(weight_inv)(FE_NAME(to_weight)(FE_NAME(from_u128)(value)));
}

static void tables_fill(evh_flp *flp)
{
    flp_tables *tables = flp->tables;
    size_t p = (size_t)1 << flp->log_p;
    tables->forward = (fe *)(tables + 1);
    tables->inverse = tables->forward + p;
    tables->coset = tables->inverse + p;
    tables->roots = tables->coset + p;
    tables->inverse_p = inverse_of_integer(p);
    tables->half = inverse_of_integer(2);
    tables->share = inverse_of_integer(flp->shares);
    tables->share_plain = FE_NAME(from_weight)(tables->share);
    if (flp->bits > 0)
        tables->last_weight = FE_NAME(to_weight)((fe)evh_flp_last_weight(flp));
    FE_NAME(ntt_table)(tables->forward, flp->log_p, false);
    FE_NAME(ntt_table)(tables->inverse, flp->log_p, true);
    fill_roots(tables, p, flp->log_p);
}

_Static_assert(sizeof(flp_tables) % sizeof(fe) == 0, "the arrays behind it are aligned");
