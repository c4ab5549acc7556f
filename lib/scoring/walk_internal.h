/* SPDX-License-Identifier: Apache-2.0
 * scoring/walk_internal.h: the walk through a unit's records in their order, up to the first that
 * does not fit.
 * Tests    unit/scoring/test_bounding.c */
#ifndef EVH_SCORING_WALK_INTERNAL_H
#define EVH_SCORING_WALK_INTERNAL_H

#include "evenhand/scoring/bounding.h"
#include "units_internal.h"

/* Where a record stands among those of its unit, for sorting. */
typedef struct evh_place {
    const evh_record *record;
    size_t payload_bytes;
} evh_place;

/* Per release and group: which unit touched it last, and its newest record. */
typedef struct evh_touch {
    uint64_t walk;
    uint32_t newest; /* index of a record + 1 */
} evh_touch;

typedef struct evh_walk {
    const evh_scorer *scorer;
    evh_bounding_release *releases;
    size_t release_count;
    size_t model_count;
    size_t cell_count;
    size_t width;   /* values of a score */
    bool additive;  /* scores of one group can be replaced by their sums */
    int64_t *taken; /* [cells of a group]: what a record that is taken away had added */
    uint32_t records_max;
    uint32_t groups_max;
    uint64_t words_max;      /* UINT64_MAX: no cap */
    uint64_t insertions_max; /* likewise */
    uint64_t *words;         /* [model_count] in the walk under way */
    uint64_t *insertions;    /* [model_count] */
    uint32_t *groups_seen;   /* [release_count] distinct groups in the walk under way */
    evh_touch **touched;     /* [release_count][groups] */
    uint64_t walks;          /* number of the walk under way */
    evh_place *places;       /* the records of a unit in their order */
    size_t places_capacity;
    evh_buffer moved; /* room for the records of a unit */
    uint32_t *links;  /* per record of a unit: the one before it in its group, + 1 */
    size_t links_capacity;
    evh_buffer scores; /* of one group and model */
} evh_walk;

/* Checks and copies the options. Fails ARG, MEMORY; the walk is then to be cleared. */
EVH_MUST_USE evh_status evh_walk_init(evh_walk *walk, const evh_bounding_options *options);
void evh_walk_clear(evh_walk *walk);

/* Sorts the unit's records, keeps those that fit, and remembers the first that does not as the
 * unit's limit. Fails MEMORY; the unit is then as before. */
EVH_MUST_USE evh_status evh_walk_cut(evh_walk *walk, const evh_unit_table *units, evh_unit *unit);

/* Adds one record to the cells, or takes it away again; for scorers in which it counts for itself.
 * Fails as evh_scorer_reduce. */
EVH_MUST_USE evh_status evh_walk_add_record(const evh_walk *walk, const uint32_t *payload,
                                            int64_t *cells);
EVH_MUST_USE evh_status evh_walk_take_record(evh_walk *walk, const uint32_t *payload,
                                             int64_t *cells);

/* Adds what the unit's records contribute. Fails as evh_scorer_reduce, MEMORY. */
EVH_MUST_USE evh_status evh_walk_add_up(evh_walk *walk, const evh_unit_table *units,
                                        const evh_unit *unit, int64_t *cells);

#endif
