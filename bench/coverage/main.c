/* SPDX-License-Identifier: Apache-2.0
 * coverage: how often intervals are right, by simulation (docs/developer/coverage.md). */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tables.h"
#include "topics.h"

static const char usage[] =
    "usage: coverage [--only TABLE] [--rounds N] [--seed N] [--mechanism M] [--customers N]\n"
    "                [--group N] [--quick] [--check]\n"
    "  --mechanism, --customers, --group   only these rows of tables\n"
    "  --quick    the few settings of the test\n"
    "  --check    exit 1 when a figure is out of bounds by more than chance\n";

typedef struct table {
    const char *name;
    void (*print)(run *r);
} table;

static const table others[] = {{"families", print_families}, {"withheld", print_withheld},
                               {"spreads", print_spreads},   {"named", print_named},
                               {"models", print_models},     {"sites", print_sites}};

static int print_tables(run *r, const char *only)
{
    bool any = false;
    for (size_t i = 0; i < TOPICS; i++)
        if (*only == '\0' || strcmp(only, topics[i].name) == 0) {
            print_topic(r, &topics[i]);
            any = true;
        }
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
        if (*only == '\0' || strcmp(only, others[i].name) == 0) {
            others[i].print(r);
            any = true;
        }
    if (!any)
        (void)fprintf(stderr, "coverage: no table %s\n", only);
    return any ? 0 : 2;
}

/* Takes one option and its value; 0 when it is not one. */
static int take(run *r, const char **only, bool *judge, char **argv)
{
    if (strcmp(argv[0], "--quick") == 0)
        return r->quick = true;
    if (strcmp(argv[0], "--check") == 0)
        return *judge = true;
    if (argv[1] == NULL)
        return 0;
    if (strcmp(argv[0], "--rounds") == 0)
        r->rounds = (unsigned)strtoul(argv[1], NULL, 10);
    else if (strcmp(argv[0], "--seed") == 0)
        r->seed = strtoul(argv[1], NULL, 10);
    else if (strcmp(argv[0], "--only") == 0)
        *only = argv[1];
    else if (strcmp(argv[0], "--mechanism") == 0)
        r->mechanism = argv[1];
    else if (strcmp(argv[0], "--customers") == 0)
        r->customers = (uint32_t)strtoul(argv[1], NULL, 10);
    else if (strcmp(argv[0], "--group") == 0)
        r->size = strtoul(argv[1], NULL, 10);
    else
        return 0;
    return 2;
}

int main(int argc, char **argv)
{
    run r = {.rounds = 10000, .seed = 1};
    const char *only = "";
    bool judge = false;
    for (int i = 1; i < argc;) {
        int taken = take(&r, &only, &judge, argv + i);
        if (taken == 0) {
            (void)fputs(usage, stderr);
            return 2;
        }
        i += taken;
    }
    (void)printf("%u rounds each, seed %llu; coverage in %%; in brackets, where an interval is not "
                 "nearly always shown: how often it is, and how often it is then right\n",
                 r.rounds, (unsigned long long)r.seed);
    int status = print_tables(&r, only);
    (void)printf("\n%u figures out of bounds by more than chance\n", r.bad);
    return status != 0 ? status : (judge && r.bad > 0 ? 1 : 0);
}
