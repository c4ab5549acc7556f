/* SPDX-License-Identifier: Apache-2.0
 * Aligns the lines `reference TAB hypothesis` of a file.
 *   score_lines FILE        prints the four counts of each line and their sums
 *   score_lines FILE turns  for each line `FIRST COUNT` on standard input aligns so many lines from
 *                           there and prints the nanoseconds of processor time it took */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "evenhand/base/sizes.h"
#include "evenhand/scoring/align.h"

typedef struct pair {
    evh_view reference;
    evh_view hypothesis;
} pair;

typedef struct pairs {
    evh_buffer text;
    pair *items;
    size_t count;
    size_t capacity;
} pairs;

static evh_status read_file(evh_buffer *out, const char *path)
{
    evh_status status = evh_ok();
    uint8_t *to = NULL;
    size_t got = 0;
    FILE *file = fopen(path, "rb");
    EVH_REQUIRE(file != NULL, EVH_ERR_INPUT, "%s cannot be opened", path);
    do {
        size_t before = out->len;
        EVH_TRY(evh_buffer_extend(out, 1 << 20, &to));
        got = fread(to, 1, 1 << 20, file);
        evh_buffer_truncate(out, before + got);
    } while (got > 0);
done:
    if (file != NULL)
        (void)fclose(file);
    return status;
}

static evh_status split_lines(pairs *all)
{
    evh_status status = evh_ok();
    const uint8_t *at = all->text.data;
    const uint8_t *end = at + all->text.len;
    while (at < end) {
        const uint8_t *stop = memchr(at, '\n', (size_t)(end - at));
        const uint8_t *tab = stop == NULL ? NULL : memchr(at, '\t', (size_t)(stop - at));
        EVH_REQUIRE(tab != NULL, EVH_ERR_INPUT, "line %zu is not two texts", all->count + 1);
        EVH_TRY(evh_array_reserve(&all->items, &all->capacity, all->count + 1, sizeof *all->items,
                                  "lines"));
        all->items[all->count++] =
            (pair){.reference = evh_view_of(at, (size_t)(tab - at)),
                   .hypothesis = evh_view_of(tab + 1, (size_t)(stop - tab) - 1)};
        at = stop + 1;
    }
done:
    return status;
}

static evh_status print_all(const pairs *all, evh_align_workspace *workspace)
{
    evh_status status = evh_ok();
    uint64_t sums[4] = {0};
    for (size_t i = 0; i < all->count; i++) {
        evh_alignment_counts c;
        EVH_TRY(evh_align(workspace, &c, all->items[i].reference, all->items[i].hypothesis,
                          EVH_ALIGN_SCLITE));
        (void)printf("%u %u %u %u\n", c.correct, c.substitutions, c.deletions, c.insertions);
        sums[0] += c.correct;
        sums[1] += c.substitutions;
        sums[2] += c.deletions;
        sums[3] += c.insertions;
    }
    (void)printf("sum %" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64 "\n", sums[0], sums[1], sums[2],
                 sums[3]);
done:
    return status;
}

static int64_t processor_ns(void)
{
    struct timespec now = {0};
    (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static evh_status take_turns(const pairs *all, evh_align_workspace *workspace)
{
    evh_status status = evh_ok();
    size_t first = 0;
    size_t count = 0;
    while (scanf("%zu %zu", &first, &count) == 2) {
        EVH_REQUIRE(first <= all->count && count <= all->count - first, EVH_ERR_ARG,
                    "there are %zu lines", all->count);
        int64_t start = processor_ns();
        for (size_t i = first; i < first + count; i++) {
            evh_alignment_counts counts;
            EVH_TRY(evh_align(workspace, &counts, all->items[i].reference, all->items[i].hypothesis,
                              EVH_ALIGN_SCLITE));
        }
        (void)printf("%" PRId64 "\n", processor_ns() - start);
        (void)fflush(stdout);
    }
done:
    return status;
}

int main(int argc, char **argv)
{
    evh_status status = evh_ok();
    pairs all = {.text = evh_buffer_init(SIZE_MAX)};
    evh_align_workspace *workspace = NULL;
    EVH_REQUIRE(argc == 2 || argc == 3, EVH_ERR_ARG, "usage: score_lines FILE [turns]");
    EVH_TRY(read_file(&all.text, argv[1]));
    EVH_TRY(split_lines(&all));
    EVH_TRY(evh_align_workspace_new(&workspace));
    EVH_TRY(argc == 3 ? take_turns(&all, workspace) : print_all(&all, workspace));
done:
    evh_align_workspace_free(&workspace);
    free(all.items);
    evh_buffer_clear(&all.text);
    if (status.code != EVH_OK)
        (void)fprintf(stderr, "score_lines: %s\n", status.text);
    return evh_code_info(status.code)->exit;
}
