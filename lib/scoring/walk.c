/* SPDX-License-Identifier: Apache-2.0 */
#include "walk_internal.h"

#include <stdlib.h>
#include <string.h>

#include "evenhand/base/secret.h"
#include "evenhand/base/sizes.h"
#include "scorer_internal.h"

/* The last cell a release needs must lie in the vector. */
static bool release_fits(const evh_bounding_release *release, size_t models, size_t cells,
                         size_t cell_count)
{
    size_t by_group = 0;
    size_t by_model = 0;
    size_t last = 0;
    return release->groups >= 1 && release->groups <= EVH_BOUNDING_GROUPS_MAX &&
           evh_size_mul(release->groups - 1, release->group_stride, &by_group) &&
           evh_size_mul(models - 1, release->model_stride, &by_model) &&
           evh_size_add(by_group, by_model, &last) && evh_size_add(last, release->first, &last) &&
           evh_size_add(last, cells, &last) && last <= cell_count;
}

static evh_status check_options(const evh_bounding_options *options)
{
    evh_status status = evh_ok();
    EVH_REQUIRE(options->release_count >= 1 && options->release_count <= EVH_BOUNDING_RELEASES_MAX,
                EVH_ERR_ARG, "%zu releases: 1 to %d are possible", options->release_count,
                EVH_BOUNDING_RELEASES_MAX);
    EVH_REQUIRE(options->model_count >= 1 && options->model_count <= EVH_BOUNDING_MODELS_MAX,
                EVH_ERR_ARG, "%zu models: 1 to %d are possible", options->model_count,
                EVH_BOUNDING_MODELS_MAX);
    EVH_REQUIRE(options->records_per_unit >= 1 &&
                    options->records_per_unit <= EVH_BOUNDING_RECORDS_MAX,
                EVH_ERR_ARG, "%u records per unit: 1 to %d are possible", options->records_per_unit,
                EVH_BOUNDING_RECORDS_MAX);
    EVH_REQUIRE(options->groups_per_unit >= 1, EVH_ERR_ARG, "no groups per unit");
    EVH_REQUIRE((options->words_per_unit == 0 && options->insertions_per_unit == 0) ||
                    evh_scorer_counts_words(options->scorer),
                EVH_ERR_ARG, "words per unit are for word error rates averaged by word");
    for (size_t i = 0; i < options->release_count; i++)
        EVH_REQUIRE(release_fits(&options->releases[i], options->model_count,
                                 evh_scorer_cell_count(options->scorer), options->cell_count),
                    EVH_ERR_ARG, "the cells of release %zu lie outside the %zu of the plan", i,
                    options->cell_count);
done:
    return status;
}

evh_status evh_walk_init(evh_walk *walk, const evh_bounding_options *options)
{
    evh_status status = evh_ok();
    walk->moved = evh_buffer_init(SIZE_MAX);
    walk->scores = evh_buffer_init(SIZE_MAX);
    EVH_TRY(check_options(options));
    walk->scorer = options->scorer;
    walk->release_count = options->release_count;
    walk->model_count = options->model_count;
    walk->cell_count = options->cell_count;
    walk->width = evh_scorer_width(options->scorer);
    walk->additive = evh_scorer_is_additive(options->scorer);
    walk->records_max = options->records_per_unit;
    walk->groups_max = options->groups_per_unit;
    walk->words_max = options->words_per_unit > 0 ? options->words_per_unit : UINT64_MAX;
    walk->insertions_max =
        options->insertions_per_unit > 0 ? options->insertions_per_unit : UINT64_MAX;
    EVH_TRY(evh_alloc(&walk->releases, walk->release_count, sizeof *walk->releases, "releases"));
    memcpy(walk->releases, options->releases, walk->release_count * sizeof *walk->releases);
    EVH_TRY(evh_alloc(&walk->taken, evh_scorer_cell_count(walk->scorer), sizeof *walk->taken,
                      "cells of a group"));
    EVH_TRY(evh_alloc(&walk->words, walk->model_count, sizeof *walk->words, "models"));
    EVH_TRY(evh_alloc(&walk->insertions, walk->model_count, sizeof *walk->insertions, "models"));
    EVH_TRY(
        evh_alloc(&walk->groups_seen, walk->release_count, sizeof *walk->groups_seen, "releases"));
    EVH_TRY(evh_alloc(&walk->touched, walk->release_count, sizeof *walk->touched, "releases"));
    for (size_t i = 0; i < walk->release_count; i++)
        EVH_TRY(evh_alloc(&walk->touched[i], walk->releases[i].groups, sizeof **walk->touched,
                          "the groups of a release"));
done:
    return status;
}

void evh_walk_clear(evh_walk *walk)
{
    for (size_t i = 0; walk->touched != NULL && i < walk->release_count; i++)
        free(walk->touched[i]);
    free(walk->touched);
    free(walk->taken);
    free(walk->groups_seen);
    free(walk->insertions);
    free(walk->words);
    free(walk->releases);
    free(walk->places);
    evh_buffer_clear(&walk->moved);
    free(walk->links);
    evh_buffer_clear(&walk->scores);
    *walk = (evh_walk){0};
}

static int compare_places(const void *a, const void *b)
{
    const evh_place *left = a;
    const evh_place *right = b;
    if (left->record->order != right->record->order)
        return left->record->order < right->record->order ? -1 : 1;
    return memcmp(left->record->payload, right->record->payload, left->payload_bytes);
}

static evh_status sort_records(evh_walk *walk, const evh_unit_table *units, const evh_unit *unit)
{
    evh_status status = evh_ok();
    size_t payload_bytes =
        (walk->release_count + walk->model_count * walk->width) * sizeof(uint32_t);
    EVH_TRY(evh_array_reserve(&walk->places, &walk->places_capacity, unit->count,
                              sizeof *walk->places, "the records of a unit"));
    for (size_t i = 0; i < unit->count; i++)
        walk->places[i] = (evh_place){.record = evh_unit_record(units, unit, i + 1),
                                      .payload_bytes = payload_bytes};
    qsort(walk->places, unit->count, sizeof *walk->places, compare_places);
done:
    return status;
}

static void start_walk(evh_walk *walk)
{
    walk->walks++;
    memset(walk->groups_seen, 0, walk->release_count * sizeof *walk->groups_seen);
    memset(walk->words, 0, walk->model_count * sizeof *walk->words);
    memset(walk->insertions, 0, walk->model_count * sizeof *walk->insertions);
}

/* Takes the next record into the walk; false when a cap forbids it. The walk ends there, so it does
 * not matter what such a record has added already. */
static bool take_record(evh_walk *walk, const evh_record *record)
{
    for (size_t i = 0; i < walk->release_count; i++) {
        evh_touch *touch = &walk->touched[i][record->payload[i]];
        if (touch->walk == walk->walks)
            continue;
        touch->walk = walk->walks;
        walk->groups_seen[i]++;
        if (walk->groups_seen[i] > walk->groups_max)
            return false;
    }
    if (walk->words_max == UINT64_MAX && walk->insertions_max == UINT64_MAX)
        return true;
    const uint32_t *values = record->payload + walk->release_count;
    for (size_t i = 0; i < walk->model_count; i++, values += walk->width) {
        walk->words[i] += values[EVH_WER_WORDS];
        walk->insertions[i] += values[EVH_WER_INSERTIONS];
        if (walk->words[i] > walk->words_max || walk->insertions[i] > walk->insertions_max)
            return false;
    }
    return true;
}

/* Puts the records in their order and cuts off those that do not fit; the first of them goes to the
 * first place. */
static void keep_records(evh_walk *walk, const evh_unit_table *units, evh_unit *unit, uint32_t kept)
{
    size_t stride = units->stride;
    uint32_t stay = kept < unit->count ? kept + 1 : kept;
    for (size_t i = 0; i < stay; i++)
        memcpy(walk->moved.data + i * stride, walk->places[i].record, stride);
    if (kept > 0)
        memcpy(unit->records + stride, walk->moved.data, kept * stride);
    if (stay > kept) {
        memcpy(unit->records, walk->moved.data + kept * stride, stride);
        unit->limited = true;
        unit->limit = evh_unit_record(units, unit, 0)->order;
    }
    unit->count = kept;
}

evh_status evh_walk_cut(evh_walk *walk, const evh_unit_table *units, evh_unit *unit)
{
    evh_status status = evh_ok();
    uint32_t kept = 0;
    size_t bytes = unit->count * units->stride;
    EVH_TRY(sort_records(walk, units, unit));
    EVH_TRY(evh_buffer_reserve(&walk->moved, bytes));
    start_walk(walk);
    while (kept < unit->count && kept < walk->records_max &&
           take_record(walk, walk->places[kept].record))
        kept++;
    keep_records(walk, units, unit, kept);
done:
    return status;
}

/* Chains the records of each group of a release, newest first. */
static void link_groups(evh_walk *walk, const evh_unit_table *units, const evh_unit *unit,
                        size_t release)
{
    walk->walks++;
    for (uint32_t i = 0; i < unit->count; i++) {
        const evh_record *record = evh_unit_record(units, unit, (size_t)i + 1);
        evh_touch *touch = &walk->touched[release][record->payload[release]];
        walk->links[i] = touch->walk == walk->walks ? touch->newest : 0;
        *touch = (evh_touch){.walk = walk->walks, .newest = i + 1};
    }
}

/* Collects the scores of one model in the group whose newest record is given. */
static size_t gather_scores(evh_walk *walk, const evh_unit_table *units, const evh_unit *unit,
                            uint32_t newest, size_t model)
{
    size_t count = 0;
    for (uint32_t at = newest; at != 0; at = walk->links[at - 1]) {
        const evh_record *record = evh_unit_record(units, unit, at);
        /* One that stands for many of its kind, unless their scores are added up in it. */
        uint64_t times = unit->summed && !walk->additive ? record->order : 1;
        for (uint64_t i = 0; i < times; i++, count++)
            memcpy(walk->scores.data + count * walk->width * sizeof(uint32_t),
                   record->payload + walk->release_count + model * walk->width,
                   walk->width * sizeof(uint32_t));
    }
    return count;
}

static evh_status add_up_release(evh_walk *walk, const evh_unit_table *units, const evh_unit *unit,
                                 size_t index, int64_t *cells)
{
    evh_status status = evh_ok();
    const evh_bounding_release *release = &walk->releases[index];
    const uint32_t *scores = (const uint32_t *)(const void *)walk->scores.data; /* from malloc */
    link_groups(walk, units, unit, index);
    for (uint32_t i = unit->count; i > 0; i--) {
        uint32_t group = evh_unit_record(units, unit, i)->payload[index];
        if (walk->touched[index][group].newest != i)
            continue;
        for (size_t model = 0; model < walk->model_count; model++) {
            size_t count = gather_scores(walk, units, unit, i, model);
            size_t at =
                release->first + group * release->group_stride + model * release->model_stride;
            EVH_TRY(evh_scorer_reduce(walk->scorer, cells + at, scores, count));
        }
    }
done:
    return status;
}

evh_status evh_walk_add_up(evh_walk *walk, const evh_unit_table *units, const evh_unit *unit,
                           int64_t *cells)
{
    evh_status status = evh_ok();
    size_t scores = unit->summed && !walk->additive ? (size_t)unit->limit : unit->count;
    EVH_TRY(evh_array_reserve(&walk->links, &walk->links_capacity, unit->count, sizeof *walk->links,
                              "the records of a unit"));
    EVH_TRY(evh_buffer_reserve(&walk->scores, scores * walk->width * sizeof(uint32_t)));
    for (size_t i = 0; i < walk->release_count; i++)
        EVH_TRY(add_up_release(walk, units, unit, i, cells));
done:
    return status;
}

/* First cell of the record's group in a release, for a model. */
static size_t cells_of(const evh_walk *walk, const uint32_t *payload, size_t index, size_t model)
{
    const evh_bounding_release *release = &walk->releases[index];
    return release->first + payload[index] * release->group_stride + model * release->model_stride;
}

evh_status evh_walk_add_record(const evh_walk *walk, const uint32_t *payload, int64_t *cells)
{
    evh_status status = evh_ok();
    const uint32_t *values = payload + walk->release_count;
    for (size_t i = 0; i < walk->release_count; i++)
        for (size_t model = 0; model < walk->model_count; model++)
            EVH_TRY(evh_scorer_reduce(walk->scorer, cells + cells_of(walk, payload, i, model),
                                      values + model * walk->width, 1));
done:
    return status;
}

evh_status evh_walk_take_record(evh_walk *walk, const uint32_t *payload, int64_t *cells)
{
    evh_status status = evh_ok();
    const uint32_t *values = payload + walk->release_count;
    size_t count = evh_scorer_cell_count(walk->scorer);
    for (size_t i = 0; i < walk->release_count; i++)
        for (size_t model = 0; model < walk->model_count; model++) {
            int64_t *at = cells + cells_of(walk, payload, i, model);
            memset(walk->taken, 0, count * sizeof *walk->taken);
            EVH_TRY(evh_scorer_reduce(walk->scorer, walk->taken, values + model * walk->width, 1));
            for (size_t k = 0; k < count; k++)
                at[k] -= walk->taken[k]; /* no more than was added */
        }
done:
    return status;
}
