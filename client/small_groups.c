/* SPDX-License-Identifier: Apache-2.0
 * The policy smallest_group: a remark for the people at this site, and nothing else. It decides
 * neither whether a report is sent nor what is in it: who takes part is known to the service, so a
 * decision that follows from the counts would tell something about them. */
#include <string.h>

#include "evenhand/plan/groups.h"
#include "submit_internal.h"

enum { SHOWN_MAX = 10, TEXT_BYTES_MAX = 1 << 16 };

static bool starts_with(const char *text, const char *start)
{
    return strncmp(text, start, strlen(start)) == 0;
}

/* Units where the scorer counts units; otherwise records, or words, of which every unit has at least
 * one: fewer of those are certainly fewer units. */
int64_t evh_group_size(const evh_plan *plan, const int64_t *cells)
{
    const size_t width = evh_plan_cells_per_group(plan);
    const bool binary = evh_plan_terms_of(plan)->scorer == EVH_PLAN_BINARY;
    int64_t sum = 0;
    for (size_t i = 0; i < width; i++) {
        const char *name = evh_plan_cell_name(plan, i);
        if (strcmp(name, "units") == 0 || strcmp(name, "records") == 0 ||
            strcmp(name, "words") == 0)
            return cells[i];
        /* Of a class: tp + fn are its records; of a yes or no: all four are. */
        if (binary || starts_with(name, "tp") || starts_with(name, "fn"))
            sum += cells[i];
    }
    return sum;
}

static evh_status add_group(evh_buffer *out, const evh_plan *plan,
                            const evh_plan_grouping *grouping, size_t group)
{
    const evh_plan_terms *terms = evh_plan_terms_of(plan);
    size_t values[EVH_PLAN_ATTRIBUTES_MAX];
    evh_status status = evh_ok();
    evh_plan_group_values(plan, grouping, group, values);
    EVH_TRY(evh_buffer_format(out, "\n "));
    for (size_t i = 0; i < grouping->attribute_count; i++)
        EVH_TRY(evh_buffer_format(out, "%s %s=%s", i > 0 ? "," : "",
                                  terms->attributes[grouping->attributes[i]].name,
                                  evh_plan_value_name(plan, grouping->attributes[i], values[i])));

done:
    return status;
}

static evh_status list_small(evh_buffer *out, size_t *count, const evh_plan *plan,
                             const int64_t *cells, uint64_t smallest)
{
    evh_status status = evh_ok();
    for (size_t i = 0; i < evh_plan_release_count(plan); i++) {
        const evh_plan_grouping *release = evh_plan_grouping_at(plan, i);
        for (size_t group = 0; group < release->group_count; group++) {
            size_t at = evh_plan_cell_at(plan, i, group, 0, 0);
            int64_t size = evh_group_size(plan, cells + at);
            if (size <= 0 || (uint64_t)size >= smallest)
                continue;
            if (++*count <= SHOWN_MAX)
                EVH_TRY(add_group(out, plan, release, group));
        }
    }
done:
    return status;
}

evh_status evh_small_groups_note(evh_cli *cli, const evh_plan *plan, const int64_t *cells,
                                 uint64_t smallest)
{
    evh_buffer list = evh_buffer_init(TEXT_BYTES_MAX);
    size_t count = 0;
    evh_status status = evh_ok();
    if (smallest == 0)
        goto done;
    EVH_TRY(list_small(&list, &count, plan, cells, smallest));
    if (count > 0)
        evh_cli_note(
            cli,
            "%zu groups have fewer than %llu units at this site, and at least one (policy: "
            "smallest_group):%.*s%s\nTheir noised counts are sent like all others: noise "
            "protects them, not their size.",
            count, (unsigned long long)smallest, (int)list.len, (const char *)list.data,
            count > SHOWN_MAX ? "\n  ..." : "");

done:
    evh_buffer_clear(&list); /* wiped: it follows from exact counts */
    return status;
}
