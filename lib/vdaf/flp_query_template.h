/* SPDX-License-Identifier: Apache-2.0
 * vdaf/flp_query_template.h: the verifier, for the field that as_field64.h or as_field128.h names.
 * Polynomials that are given by their values y_i at the n-th roots of unity w^i are evaluated at t
 * with explicit Lagrange weights, w^i (t^n - 1) / (n (t - w^i)): no transform is needed, and one
 * batched inversion serves the wires (n = p) and the gadget polynomial (n = 2p). */

typedef struct query_scratch {
    fe *kernel;   /* [2p] W^i / (t - W^i), weights */
    fe *inverse;  /* [2p] work space of the inversion */
    fe *lagrange; /* [g+1] weights of the wires at w^0 .. w^g */
    fe *base;     /* [g] r of each call, weights */
    fe *power;    /* [g] lagrange * r^(j+1) of each call, weights */
} query_scratch;

static size_t query_scratch_bytes(const evh_flp *flp)
{
    size_t p = (size_t)1 << flp->log_p;
    return (4 * p + 3 * flp->calls + 1) * sizeof(fe);
}

static query_scratch carve_query_scratch(const evh_flp *flp, void *memory)
{
    size_t p = (size_t)1 << flp->log_p;
    query_scratch scratch;
    scratch.kernel = memory;
    scratch.inverse = scratch.kernel + 2 * p;
    scratch.lagrange = scratch.inverse + 2 * p;
    scratch.base = scratch.lagrange + flp->calls + 1;
    scratch.power = scratch.base + flp->calls;
    return scratch;
}

/* The query point, and the factors that all weights have in common. */
typedef struct query_point {
    fe t;           /* weight */
    fe wire_factor; /* (t^p - 1) / p */
    fe poly_factor; /* (t^2p - 1) / 2p */
    bool odd_root;  /* t^p = -1: t is one of the gadget polynomial's points W^(2k+1) */
    size_t index;   /* which one, if odd_root */
} query_point;

/* Where t = W^(2k+1); public, since such a t is met once in 2^50 reports or less. */
static size_t find_odd_root(const flp_tables *tables, size_t p, fe t)
{
    size_t index = 0;
    for (size_t i = 1; i < 2 * p; i += 2)
        index |= i & (size_t)FE_NAME(equal_mask)(t, tables->roots[i]);
    evh_declassify(&index, sizeof index, "a query point that is a root of unity is not used");
    return index;
}

/* False if t is a p-th root of unity, where a value would give a gadget output away. */
static bool init_point(const evh_flp *flp, query_point *point, fe t)
{
    const flp_tables *tables = flp->tables;
    fe one = FE_NAME(weight_one)();
    fe power = FE_NAME(to_weight)(t);
    point->t = power;
    for (unsigned i = 0; i < flp->log_p; i++)
        power = FE_NAME(mul)(power, power);
    uint64_t is_root = FE_NAME(equal_mask)(power, one);
    uint64_t is_odd_root = FE_NAME(equal_mask)(power, FE_NAME(neg)(one));
    evh_declassify(&is_root, sizeof is_root,
                   "a root of unity as query point ends the verification");
    evh_declassify(&is_odd_root, sizeof is_odd_root, "as rare, and handled apart");
    point->odd_root = is_odd_root != 0;
    point->index = point->odd_root ? find_odd_root(tables, (size_t)1 << flp->log_p, point->t) : 0;
    point->wire_factor = FE_NAME(mul)(FE_NAME(sub)(power, one), tables->inverse_p);
    point->poly_factor =
        FE_NAME(mul)(FE_NAME(mul)(FE_NAME(add)(power, one), tables->half), point->wire_factor);
    return is_root == 0;
}

static void fill_weights(const evh_flp *flp, const query_scratch *scratch, const query_point *point)
{
    const flp_tables *tables = flp->tables;
    size_t n = (size_t)2 << flp->log_p;
    for (size_t i = 0; i < n; i++)
        scratch->kernel[i] = FE_NAME(sub)(point->t, tables->roots[i]);
    if (point->odd_root)
        scratch->kernel[point->index] = FE_NAME(weight_one)(); /* keeps the batch invertible */
    FE_NAME(vec_weight_inv)(scratch->kernel, scratch->inverse, n);
    for (size_t i = 0; i < n; i++)
        scratch->kernel[i] = FE_NAME(mul)(scratch->kernel[i], tables->roots[i]);
    for (size_t k = 0; k <= flp->calls; k++)
        scratch->lagrange[k] = FE_NAME(mul)(scratch->kernel[2 * k], point->wire_factor);
}

/* The gadget polynomial at t. Its value at the last 2p-th root, which the proof leaves out, follows
 * from the others: the coefficient of degree 2p - 1, sum y_i W^i / 2p, is 0. */
static fe gadget_poly_at(const evh_flp *flp, const query_scratch *scratch, const query_point *point,
                         const fe *values)
{
    const flp_tables *tables = flp->tables;
    size_t last = ((size_t)2 << flp->log_p) - 1;
    fe_acc top;
    fe_acc at_t;
    memset(&top, 0, sizeof top);
    memset(&at_t, 0, sizeof at_t);
    for (size_t i = 0; i < last; i++) {
        FE_NAME(acc_mac)(&top, tables->roots[i], values[i]);
        FE_NAME(acc_mac)(&at_t, scratch->kernel[i], values[i]);
    }
    /* W^last = 1 / W */
    fe missing = FE_NAME(neg)(FE_NAME(mul)(tables->roots[1], FE_NAME(acc_reduce)(&top)));
    if (point->odd_root)
        return point->index == last ? missing : values[point->index];
    FE_NAME(acc_mac)(&at_t, scratch->kernel[last], missing);
    return FE_NAME(mul)(point->poly_factor, FE_NAME(acc_reduce)(&at_t));
}

/* Wires 2j and 2j+1 at t: the lagrange sums of r^(j+1) x and x - 1/shares. Three products per cell;
 * x stays plain. */
static void chunk_wires_at(const evh_flp *flp, const query_scratch *scratch, fe *wires,
                           const fe *meas, const fe *seeds, const fe *joint_rand)
{
    const flp_tables *tables = flp->tables;
    fe *restrict power = scratch->power;
    const fe *restrict base = scratch->base;
    const fe *restrict lagrange = scratch->lagrange + 1;
    fe all = 0;
    for (size_t call = 0; call < flp->calls; call++) {
        scratch->base[call] = FE_NAME(to_weight)(joint_rand[call]);
        power[call] = lagrange[call];
        all = FE_NAME(add)(all, lagrange[call]);
    }
    fe constant = FE_NAME(mul)(all, tables->share_plain);
    for (size_t j = 0; j < flp->chunk; j++) {
        size_t calls = j < flp->meas_len ? (flp->meas_len - j - 1) / flp->chunk + 1 : 0;
        const fe *cell = meas + j;
        fe_acc left;
        fe_acc right;
        memset(&left, 0, sizeof left);
        memset(&right, 0, sizeof right);
        FE_NAME(acc_mac)(&left, scratch->lagrange[0], seeds[2 * j]);
        FE_NAME(acc_mac)(&right, scratch->lagrange[0], seeds[2 * j + 1]);
        for (size_t call = 0; call < calls; call++)
            power[call] = FE_NAME(mul)(power[call], base[call]);
        for (size_t call = 0; call < calls; call++)
            FE_NAME(acc_mac)(&left, power[call], cell[call * flp->chunk]);
        for (size_t call = 0; call < calls; call++)
            FE_NAME(acc_mac)(&right, lagrange[call], cell[call * flp->chunk]);
        wires[2 * j] = FE_NAME(acc_reduce)(&left);
        wires[2 * j + 1] = FE_NAME(sub)(FE_NAME(acc_reduce)(&right), constant);
    }
}

/* Wires that carry the measurement itself, one element per call. */
static void plain_wires_at(const evh_flp *flp, const query_scratch *scratch, fe *wires,
                           const fe *meas, const fe *seeds)
{
    for (size_t wire = 0; wire < flp->arity; wire++) {
        fe_acc sum;
        memset(&sum, 0, sizeof sum);
        FE_NAME(acc_mac)(&sum, scratch->lagrange[0], seeds[wire]);
        for (size_t call = 0; call < flp->calls; call++)
            FE_NAME(acc_mac)(&sum, scratch->lagrange[call + 1], meas[call]);
        wires[wire] = FE_NAME(acc_reduce)(&sum);
    }
}

static fe sum_of(const fe *elements, size_t count)
{
    fe sum = 0;
    for (size_t i = 0; i < count; i++)
        sum = FE_NAME(add)(sum, elements[i]);
    return sum;
}

/* The second output of a histogram or of a vector of bits, a linear check. */
static fe linear_check(const evh_flp *flp, const fe *meas)
{
    const flp_tables *tables = flp->tables;
    fe total = sum_of(meas, flp->length);
    if (flp->kind == EVH_PRIO3_HISTOGRAM)
        return FE_NAME(sub)(total, tables->share_plain);
    return FE_NAME(sub)(total, decode_integer(flp, meas + flp->length));
}

/* The circuit's outputs, mixed with the first of the query randomness if there are several. The
 * gadget's output in call k is the proof's value at W^2k. */
static fe circuit_output(const evh_flp *flp, const fe *meas, const fe *values, const fe *mix)
{
    if (flp->gadget == EVH_FLP_SQUARE)
        return FE_NAME(sub)(values[2], meas[0]);
    fe sum = 0;
    for (size_t call = 0; call < flp->calls; call++) {
        fe value = values[2 * call + 2];
        if (flp->gadget == EVH_FLP_BIT && flp->eval_len > 1)
            value = FE_NAME(mul)(FE_NAME(to_weight)(mix[call]), value);
        sum = FE_NAME(add)(sum, value);
    }
    if (flp->gadget == EVH_FLP_BIT || flp->eval_len == 1)
        return sum;
    fe linear = linear_check(flp, meas);
    return FE_NAME(add)(FE_NAME(mul)(FE_NAME(to_weight)(mix[0]), sum),
                        FE_NAME(mul)(FE_NAME(to_weight)(mix[1]), linear));
}

static bool query(const evh_flp *flp, void *verifier, void *memory, const void *meas,
                  const void *proof, const void *query_rand, const void *joint_rand)
{
    const query_scratch scratch = carve_query_scratch(flp, memory);
    const fe *seeds = proof;
    const fe *values = seeds + flp->arity;
    fe *answer = verifier;
    query_point point;
    bool usable = init_point(flp, &point, ((const fe *)query_rand)[flp->query_rand_len - 1]);
    if (usable) {
        fill_weights(flp, &scratch, &point);
        answer[0] = circuit_output(flp, meas, values, query_rand);
        if (flp->gadget == EVH_FLP_CHUNK)
            chunk_wires_at(flp, &scratch, answer + 1, meas, seeds, joint_rand);
        else
            plain_wires_at(flp, &scratch, answer + 1, meas, seeds);
        answer[flp->arity + 1] = gadget_poly_at(flp, &scratch, &point, values);
    } else {
        memset(answer, 0, flp->verifier_len * sizeof *answer);
    }
    evh_wipe(&point, sizeof point);
    return usable;
}

static uint64_t decide(const evh_flp *flp, const void *verifier)
{
    const fe *answer = verifier;
    const fe *wires = answer + 1;
    fe_acc sum;
    memset(&sum, 0, sizeof sum);
    if (flp->gadget == EVH_FLP_BIT)
        FE_NAME(acc_mac)(&sum, wires[0], FE_NAME(sub)(wires[0], 1));
    else
        for (size_t j = 0; j < flp->chunk; j++)
            FE_NAME(acc_mac)(&sum, wires[2 * j], wires[2 * j + 1]);
    fe gadget = plain_sum(&sum);
    return FE_NAME(equal_mask)(answer[0], 0) & FE_NAME(equal_mask)(gadget, wires[flp->arity]);
}
