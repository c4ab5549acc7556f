/* SPDX-License-Identifier: Apache-2.0
 * What is measured on whom: for each scorer a plan, and four kinds of people. */
#ifndef EVH_BENCH_COVERAGE_TOPICS_H
#define EVH_BENCH_COVERAGE_TOPICS_H

#include "world.h"

enum { POPULATIONS = 4, METRICS_MAX = 8 };

typedef struct topic {
    const char *name; /* for --only */
    const char *title;
    plan_text plan; /* of groups g0 to g7: two of each population */
    people (*population)(size_t which, source *from);
    const char *metrics[METRICS_MAX + 1]; /* NULL at the end */
    size_t parts;   /* 1; or release groups into which each group's people fall evenly: grouping 1,
                     * which sums them, is then looked at */
    size_t strides; /* release groups between those of two groups */
    bool judged;    /* held against the bounds */
} topic;

enum { TOPICS = 11 };
extern const topic topics[TOPICS];

/* One column for each metric; a single metric has a column for each population. */
void print_topic(run *r, const topic *of);

/* How often speakers make so many errors in so many words, [words + 1], when the errors of two
 * words of a speaker have this correlation. */
void beta_binomial(double *chances, double mean, double correlation, unsigned words);

/* People of an event that happens to this share. */
people people_with_events(double share, source *from);

/* Speakers whose word error rates are those of 69 words, correlated as in the shared recordings. */
people people_with_words(double rate, source *from);

#endif
