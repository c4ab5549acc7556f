/* SPDX-License-Identifier: Apache-2.0 */
#include "topics.h"

#include <math.h>
#include <stdlib.h>

/* Of the speakers in the shared recordings, estimated by moments and pooled over their languages. */
static const double CORRELATION = 0.115;
enum { WORDS = 69, STEPS = 100, SAMPLED = 20000 };

static const double rates_tried[POPULATIONS] = {0.05, 0.1, 0.2, 0.5};

/* ---- events ---- */

people people_with_events(double share, source *from)
{
    const double chances[2] = {1 - share, share};
    const int64_t adds[4] = {1, 0, 1, 1};
    return people_new(chances, adds, 2, 2, from);
}

static people events(size_t which, source *from)
{
    return people_with_events(rates_tried[which], from);
}

/* ---- words ---- */

void beta_binomial(double *chances, double mean, double correlation, unsigned words)
{
    double together = 1 / correlation - 1;
    double alpha = mean * together;
    double beta = (1 - mean) * together;
    for (unsigned i = 0; i <= words; i++) {
        double x = i;
        double rest = (double)words - x;
        chances[i] = exp(lgamma(words + 1.0) - lgamma(x + 1) - lgamma(rest + 1) +
                         lgamma(x + alpha) + lgamma(rest + beta) - lgamma(words + alpha + beta) +
                         lgamma(alpha + beta) - lgamma(alpha) - lgamma(beta));
    }
}

people people_with_words(double rate, source *from)
{
    double chances[WORDS + 1];
    int64_t adds[(WORDS + 1) * 3];
    beta_binomial(chances, rate, CORRELATION, WORDS);
    for (unsigned errors = 0; errors <= WORDS; errors++) {
        int64_t hundredths = (200 * errors + WORDS) / (2 * WORDS);
        adds[3 * errors] = 1;
        adds[3 * errors + 1] = hundredths;
        adds[3 * errors + 2] = (hundredths * hundredths + 50) / 100;
    }
    return people_new(chances, adds, WORDS + 1, 3, from);
}

static people speakers(size_t which, source *from)
{
    return people_with_words(rates_tried[which], from);
}

static people clustered_words(size_t which, source *from)
{
    double chances[WORDS + 1];
    int64_t adds[(WORDS + 1) * 2];
    beta_binomial(chances, rates_tried[which], CORRELATION, WORDS);
    for (int64_t errors = 0; errors <= WORDS; errors++) {
        adds[2 * errors] = WORDS;
        adds[2 * errors + 1] = errors;
    }
    return people_new(chances, adds, WORDS + 1, 2, from);
}

/* Each word by itself: half of the errors are substitutions, a fifth of them insertions. */
static people separate_words(size_t which, source *from)
{
    double rate = rates_tried[which];
    double *chances = checked(calloc(SAMPLED, sizeof *chances));
    int64_t *adds = checked(calloc((size_t)SAMPLED * 4, sizeof *adds));
    for (size_t i = 0; i < SAMPLED; i++) {
        chances[i] = 1.0 / SAMPLED;
        adds[4 * i] = WORDS;
        for (int word = 0; word < WORDS; word++) {
            double u = draw_uniform(from);
            adds[4 * i + 1] += u < 0.5 * rate;
            adds[4 * i + 2] += u >= 0.5 * rate && u < 0.8 * rate;
            adds[4 * i + 3] += draw_uniform(from) < 0.2 * rate;
        }
    }
    people out = people_new(chances, adds, SAMPLED, 4, from);
    free(chances);
    free(adds);
    return out;
}

/* ---- classifiers ---- */

static people labelled(size_t which, source *from)
{
    /* prevalence, true positive rate, false positive rate */
    static const double of[POPULATIONS][3] = {
        {0.5, 0.9, 0.1}, {0.3, 0.8, 0.05}, {0.2, 0.6, 0.2}, {0.4, 0.5, 0.3}};
    const double *p = of[which];
    const double chances[4] = {p[0] * p[1], (1 - p[0]) * p[2], p[0] * (1 - p[1]),
                               (1 - p[0]) * (1 - p[2])};
    static const int64_t adds[16] = {1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1};
    return people_new(chances, adds, 4, 4, from);
}

/* Three classes: a record is right, or confused with one of the other two alike. */
static people classed(size_t which, source *from)
{
    static const double shares[3] = {0.5, 0.3, 0.2};
    double error = rates_tried[which];
    double chances[9];
    int64_t adds[9 * 9] = {0};
    for (size_t truth = 0; truth < 3; truth++)
        for (size_t said = 0; said < 3; said++) {
            size_t kind = 3 * truth + said;
            chances[kind] = shares[truth] * (truth == said ? 1 - error : error / 2);
            adds[9 * kind + 3 * said + (truth == said ? 0 : 1)] += 1;
            adds[9 * kind + 3 * truth + 2] += truth != said;
        }
    return people_new(chances, adds, 9, 9, from);
}

/* ---- errors of estimates, in steps ---- */

static double error_density(size_t which, double k)
{
    switch (which) {
    case 0: /* normal, a narrow one */
        return exp(-k * k / (2 * 5 * 5));
    case 1: /* normal, and shifted */
        return exp(-(k - 5) * (k - 5) / (2 * 15 * 15));
    case 2: /* too high always, and skewed */
        return k < 0 ? 0 : exp(-k / 20) * (k == 0 ? 0.5 : 1);
    default: /* long tails */
        return exp(-fabs(k) / 20);
    }
}

static people estimated(size_t which, source *from)
{
    enum { KINDS = 2 * STEPS + 1 };
    double chances[KINDS];
    int64_t adds[KINDS * 4];
    double sum = 0;
    for (int k = -STEPS; k <= STEPS; k++) {
        int64_t *add = &adds[4 * (k + STEPS)];
        sum += chances[k + STEPS] = error_density(which, k);
        add[0] = 1;
        add[1] = k > 0 ? k : 0;
        add[2] = k < 0 ? -k : 0;
        add[3] = (2 * k * k + STEPS) / (2 * STEPS);
    }
    for (size_t i = 0; i < KINDS; i++)
        chances[i] /= sum;
    return people_new(chances, adds, KINDS, 4, from);
}

#define GROUPS                                                                                     \
    "attributes: [{name: g, values: [g0, g1, g2, g3, g4, g5, g6, g7]}]\nreleases: [[g]]\n"
#define PARTS                                                                                      \
    "attributes:\n  - {name: g, values: [g0, g1, g2, g3, g4, g5, g6, g7]}\n"                       \
    "  - {name: h, values: [h0, h1, h2, h3], per_unit: true}\n"                                    \
    "releases: [[g, h]]\nderive: [[g]]\n"

const topic topics[TOPICS] = {
    {.name = "events",
     .title = "Event rates",
     .plan = {"scorer: event\n" GROUPS, "", ""},
     .population = events,
     .metrics = {"event_rate"},
     .parts = 1,
     .strides = 1,
     .judged = true},
    {.name = "words",
     .title = "Word error rates, averaged over speakers",
     .plan = {"scorer: wer\n" GROUPS, "", ""},
     .population = speakers,
     .metrics = {"word_error_rate"},
     .parts = 1,
     .strides = 1,
     .judged = true},
    {.name = "binary",
     .title = "Binary",
     .plan = {"scorer: binary\n" GROUPS, "", ""},
     .population = labelled,
     .metrics = {"error_rate", "selection_rate", "true_positive_rate", "false_positive_rate",
                 "precision", "negative_predictive_value", "f1_score"},
     .parts = 1,
     .strides = 1,
     .judged = true},
    {.name = "classes",
     .title = "Three classes",
     .plan = {"scorer: multiclass\nmulticlass: {classes: [a, b, c]}\n" GROUPS, "", ""},
     .population = classed,
     .metrics = {"error_rate", "selection_rate:a", "true_positive_rate:a", "true_positive_rate:c",
                 "false_positive_rate:a", "precision:b", "f1_score:b"},
     .parts = 1,
     .strides = 1,
     .judged = true},
    {.name = "estimates",
     .title = "Errors of estimates",
     .plan = {"scorer: regression\nregression: {bound: 1}\n" GROUPS, "", ""},
     .population = estimated,
     .metrics = {"mean_error", "mean_absolute_error"},
     .parts = 1,
     .strides = 1,
     .judged = true},
    {.name = "squared-errors",
     .title = "Squared errors of estimates",
     .plan = {"scorer: regression\nregression: {bound: 1}\n" GROUPS, "", ""},
     .population = estimated,
     .metrics = {"mean_squared_error", "root_mean_squared_error"},
     .parts = 1,
     .strides = 1},
    {.name = "parts",
     .title = "Word error rates by word and their parts, each word by itself",
     .plan = {"scorer: wer\nwer: {average: word, detail: sdi}\n" GROUPS, ", words_per_unit: 69",
              ""},
     .population = separate_words,
     .metrics = {"word_error_rate", "substitution_rate", "deletion_rate", "insertion_rate"},
     .parts = 1,
     .strides = 1,
     .judged = true},
    {.name = "clustered",
     .title = "Word error rates by word, speakers' words correlated",
     .plan = {"scorer: wer\nwer: {average: word}\n" GROUPS, ", words_per_unit: 69", ""},
     .population = clustered_words,
     .metrics = {"word_error_rate"},
     .parts = 1,
     .strides = 1},
    {.name = "derived",
     .title = "Event rates of a derived grouping, summed from six groups each",
     .plan = {"scorer: event\n" PARTS, "", ""},
     .population = events,
     .metrics = {"event_rate"},
     .parts = 4,
     .strides = 6,
     .judged = true},
    {.name = "derived-words",
     .title = "Word error rates over speakers of a derived grouping, summed from six groups each",
     .plan = {"scorer: wer\n" PARTS, "", ""},
     .population = speakers,
     .metrics = {"word_error_rate"},
     .parts = 4,
     .strides = 6,
     .judged = true},
    {.name = "derived-binary",
     .title = "Binary, of a derived grouping, summed from six groups each",
     .plan = {"scorer: binary\n" PARTS, "", ""},
     .population = labelled,
     .metrics = {"error_rate", "true_positive_rate", "precision", "f1_score"},
     .parts = 4,
     .strides = 6,
     .judged = true},
};
