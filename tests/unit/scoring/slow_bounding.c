/* SPDX-License-Identifier: Apache-2.0 */
#include "slow_bounding.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests.h"

enum { RECORDS_MAX = 600, UNITS_MAX = 16 };

static uint64_t order_of(const evh_bounding_options *options, const slow_record *record)
{
    uint8_t message[64] = {0};
    char unit[16];
    int unit_len = snprintf(unit, sizeof unit, "u%u", record->unit);
    size_t bytes_len = strlen(record->bytes);
    message[0] = (uint8_t)unit_len;
    memcpy(message + 4, unit, (size_t)unit_len);
    memcpy(message + 4 + unit_len, record->bytes, bytes_len);
    return evh_order_hash(&options->key, evh_view_of(message, 4 + (size_t)unit_len + bytes_len));
}

/* Equal orders are decided by content; which way does not matter as long as it is one way, but the
 * way is the documented one: groups, then scores, as 32-bit little-endian bytes. */
static int compare(const slow_record *a, const slow_record *b, const evh_bounding_options *options)
{
    if (a->order != b->order)
        return a->order < b->order ? -1 : 1;
    int order = memcmp(a->groups, b->groups, options->release_count * sizeof a->groups[0]);
    size_t width = evh_scorer_width(options->scorer) * sizeof a->scores[0].values[0];
    for (size_t m = 0; order == 0 && m < options->model_count; m++)
        order = memcmp(a->scores[m].values, b->scores[m].values, width);
    return order;
}

static size_t collect(slow_record *out, const evh_bounding_options *options,
                      const slow_record *records, size_t count, uint32_t unit)
{
    size_t found = 0;
    for (size_t i = 0; i < count; i++) {
        if (records[i].unit != unit)
            continue;
        slow_record record = records[i];
        record.order = order_of(options, &record);
        size_t at = found;
        for (; at > 0 && compare(&record, &out[at - 1], options) < 0; at--)
            out[at] = out[at - 1];
        out[at] = record;
        found++;
    }
    return found;
}

/* Do the first `count` records respect every cap? */
static bool fits(const evh_bounding_options *options, const slow_record *records, size_t count)
{
    if (count > options->records_per_unit)
        return false;
    for (size_t r = 0; r < options->release_count; r++) {
        uint32_t groups = 0;
        for (uint32_t g = 0; g < options->releases[r].groups; g++) {
            bool seen = false;
            for (size_t i = 0; i < count; i++)
                seen = seen || records[i].groups[r] == g;
            groups += seen;
        }
        if (groups > options->groups_per_unit)
            return false;
    }
    for (size_t m = 0; m < options->model_count; m++) {
        uint64_t words = 0;
        uint64_t insertions = 0;
        for (size_t i = 0; i < count; i++) {
            words += records[i].scores[m].values[0];
            insertions += records[i].scores[m].values[3];
        }
        if (options->words_per_unit > 0 && words > options->words_per_unit)
            return false;
        if (options->insertions_per_unit > 0 && insertions > options->insertions_per_unit)
            return false;
    }
    return true;
}

static void add_cells(const evh_bounding_options *options, const slow_record *records, size_t count,
                      int64_t *cells)
{
    size_t width = evh_scorer_width(options->scorer);
    uint32_t values[RECORDS_MAX * EVH_SCORE_VALUES_MAX];
    for (size_t r = 0; r < options->release_count; r++) {
        const evh_bounding_release *release = &options->releases[r];
        for (uint32_t g = 0; g < release->groups; g++) {
            for (size_t m = 0; m < options->model_count; m++) {
                size_t here = 0;
                for (size_t i = 0; i < count; i++) {
                    if (records[i].groups[r] != g)
                        continue;
                    memcpy(values + here * width, records[i].scores[m].values,
                           width * sizeof *values);
                    here++;
                }
                assert_ok(evh_scorer_reduce(options->scorer,
                                            cells + release->first + g * release->group_stride +
                                                m * release->model_stride,
                                            values, here));
            }
        }
    }
}

evh_bounding_statistics slow_bounding(const evh_bounding_options *options,
                                      const slow_record *records, size_t count, int64_t *cells)
{
    static slow_record mine[RECORDS_MAX];
    evh_bounding_statistics statistics = {.records = count};
    for (uint32_t unit = 0; unit < UNITS_MAX; unit++) {
        size_t all = collect(mine, options, records, count, unit);
        size_t used = 0;
        while (used < all && fits(options, mine, used + 1))
            used++;
        add_cells(options, mine, used, cells);
        statistics.used += used;
        statistics.units += all > 0;
        statistics.units_clipped += used < all;
    }
    statistics.clipped = statistics.records - statistics.used;
    return statistics;
}
