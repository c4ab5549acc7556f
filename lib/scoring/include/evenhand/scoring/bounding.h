/* SPDX-License-Identifier: Apache-2.0
 * scoring/bounding.h: bounds what one unit (person) can contribute, and adds up cells.
 * The records of a unit are taken in the order of a keyed hash and used whole while every cap
 * holds; the first that does not fit and all after it are clipped. What one unit contributes
 * depends on that unit's records alone, not on other units and not on the order of the file.
 * In two passes the first only sums up what each unit did; the order matters for units over a cap
 * alone, and their records are added once more and kept.
 * Source   docs/reference/scoring.md, "Bounding"
 * Secret   everything added, the counts and the statistics
 * Threads  one thread per accumulator
 * Memory   grows with units, not with records; per unit that is over a cap, to twice the records
 *          its caps let through. So do units with more than EVH_BOUNDING_KINDS_MAX kinds of records,
 *          unless every record counts for itself and groups have no cap of their own. In one pass
 *          every unit counts as one of those
 * Tests    unit/scoring/test_bounding.c */
#ifndef EVH_SCORING_BOUNDING_H
#define EVH_SCORING_BOUNDING_H

#include <stddef.h>
#include <stdint.h>

#include "evenhand/base/bytes.h"
#include "evenhand/base/status.h"
#include "evenhand/scoring/scorer.h"
#include "evenhand/seal/hash.h"

enum {
    EVH_BOUNDING_RELEASES_MAX = 64,
    EVH_BOUNDING_MODELS_MAX = 64,
    EVH_BOUNDING_RECORDS_MAX = 1 << 20, /* records_per_unit */
    EVH_BOUNDING_UNIT_BYTES_MAX = 4096, /* length of a unit's name */
    EVH_BOUNDING_GROUPS_MAX = 1 << 24,  /* groups of one release */
    EVH_BOUNDING_KINDS_MAX = 63 /* different records of a unit that the first pass sums up */
};

/* Where the cells of a release stand: cell c of model m in group g is
 * cells[first + g * group_stride + m * model_stride + c]. */
typedef struct evh_bounding_release {
    size_t groups; /* 1..EVH_BOUNDING_GROUPS_MAX */
    size_t first;
    size_t group_stride;
    size_t model_stride;
} evh_bounding_release;

/* How often the records can be added. */
typedef enum evh_bounding_passes {
    EVH_BOUNDING_ONE_PASS = 0, /* once: they come from a pipe, say */
    EVH_BOUNDING_TWO_PASSES    /* a second time when evh_bounding_end_pass asks for it */
} evh_bounding_passes;

typedef struct evh_bounding_options {
    const evh_scorer *scorer; /* borrowed until the accumulator is freed */
    const evh_bounding_release *releases;
    size_t release_count;         /* 1..EVH_BOUNDING_RELEASES_MAX */
    size_t model_count;           /* 1..EVH_BOUNDING_MODELS_MAX */
    size_t cell_count;            /* of the whole vector; every cell above must lie in it */
    uint32_t records_per_unit;    /* 1..EVH_BOUNDING_RECORDS_MAX */
    uint32_t groups_per_unit;     /* distinct groups of each release; 1 or more */
    uint32_t words_per_unit;      /* wer by word, per model; 0: no cap */
    uint32_t insertions_per_unit; /* wer by word, per model; 0: no cap */
    evh_bounding_passes passes;
    evh_order_key key; /* of evh_bounding_key */
} evh_bounding_options;

/* What happened to the records. Never leaves the premises. */
typedef struct evh_bounding_statistics {
    uint64_t records; /* added: used + clipped */
    uint64_t used;
    uint64_t clipped;
    uint64_t units;         /* with at least one record added */
    uint64_t units_clipped; /* with at least one record clipped */
} evh_bounding_statistics;

typedef struct evh_bounding evh_bounding;

/* The key that orders the records of one round of a plan.
 *   secret   the customer's own; all zero when there is none, and the order is then no secret
 *   plan_id  public */
void evh_bounding_key(evh_order_key *out, const evh_seed32 *secret, evh_view plan_id,
                      uint64_t round);

/* Fails ARG options outside their contract, MEMORY; *out is then NULL. */
EVH_MUST_USE evh_status evh_bounding_new(evh_bounding **out, const evh_bounding_options *options);

/* Wipes and frees. Takes the address, accepts NULL, leaves NULL. */
void evh_bounding_free(evh_bounding **bounding);

/* Adds one record of a unit.
 *   unit    1..EVH_BOUNDING_UNIT_BYTES_MAX bytes
 *   record  what tells this record from others of its unit, for the order: the whole row, say.
 *           Records of a unit that are equal in it stand together, ordered by groups and scores.
 *           Not read in the first of two passes: it may then be empty
 *   groups  [release_count], the record's group in each release
 *   scores  [model_count], none skipped
 * Fails    ARG after finish, a skipped score or an unknown group; INPUT a unit's name that is empty
 *          or too long: the accumulator is then as before; MEMORY: it can then only be freed. */
EVH_MUST_USE evh_status evh_bounding_add(evh_bounding *bounding, evh_view unit, evh_view record,
                                         const uint32_t *groups, const evh_score *scores);

/* Ends a pass, when all records have been added.
 *   again  true: the same records must be added once more, in any order; only those of units that
 *          evh_bounding_wants are read
 * Fails    MEMORY: the accumulator can then only be freed. */
EVH_MUST_USE evh_status evh_bounding_end_pass(evh_bounding *bounding, bool *again);

/* True when the records of a unit are wanted in the second pass. */
bool evh_bounding_wants(const evh_bounding *bounding, evh_view unit);

/* Applies the caps and adds up, once.
 *   cells       [cell_count], overwritten; all zero on failure
 *   statistics  overwritten
 * Fails    ARG called twice, in the first of two passes, or a score that its scorer does not give;
 *          INPUT the second pass did not add the records that the first left for it; RANGE a sum
 * passes 63 bits; MEMORY. */
EVH_MUST_USE evh_status evh_bounding_finish(evh_bounding *bounding, int64_t *cells,
                                            evh_bounding_statistics *statistics);

#endif
