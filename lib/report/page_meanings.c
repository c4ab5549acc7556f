/* SPDX-License-Identifier: Apache-2.0
 * What rates and cells are, for people who have not read docs/reference/metrics.md. */
#include <string.h>

#include "page_internal.h"

typedef struct meaning {
    const char *name;
    const char *words;
} meaning;

static const meaning rates[] = {
    {"accuracy", "the share of records that the system got right"},
    {"error_rate", "the share of records that the system got wrong"},
    {"selection_rate", "the share of records that the system said yes to"},
    {"prevalence", "the share of records for which yes would have been right"},
    {"true_positive_rate", "of those for whom yes would have been right, the share that got a yes"},
    {"false_positive_rate", "of those for whom no would have been right, the share that got a yes"},
    {"true_negative_rate", "of those for whom no would have been right, the share that got a no"},
    {"false_negative_rate", "of those for whom yes would have been right, the share that got a no"},
    {"precision", "of those who got a yes, the share for whom it was right"},
    {"false_discovery_rate", "of those who got a yes, the share for whom it was wrong"},
    {"negative_predictive_value", "of those who got a no, the share for whom it was right"},
    {"false_omission_rate", "of those who got a no, the share for whom it was wrong"},
    {"f1_score", "precision and true positive rate in one number, their harmonic mean"},
    {"word_error_rate", "how many words come out wrong, missing or added, for each word spoken"},
    {"substitution_rate", "how many words come out as other words, for each word spoken"},
    {"deletion_rate", "how many words are missing, for each word spoken"},
    {"insertion_rate", "how many words are added, for each word spoken"},
    {"mean_error", "by how much estimates are too high on average; below zero: too low"},
    {"mean_absolute_error", "by how much estimates are off on average, either way"},
    {"mean_squared_error", "the average of squared errors: large errors weigh more"},
    {"root_mean_squared_error", "a typical error, in which large errors weigh more"},
    {"event_rate", "the share of records in which the event happened"},
};

static const meaning cells[] = {
    {"tp", "records with a yes that was right"},
    {"fp", "records with a yes that was wrong"},
    {"fn", "records with a no that was wrong"},
    {"tn", "records with a no that was right"},
    {"records", "records"},
    {"errors", "what was wrong"},
    {"units", "persons; each counts once in a group, however many records there are"},
    {"rate_sum", "the persons’ error rates added up, in hundredths: a person with 12 % adds 12"},
    {"rate_squared_sum",
     "the squares of these rates added up, in hundredths: they tell how much persons differ"},
    {"words", "words spoken"},
    {"substitutions", "words that came out as other words"},
    {"deletions", "words that are missing"},
    {"insertions", "words that were added"},
    {"over", "mean errors of persons whose estimates are too high, added up in steps"},
    {"under", "mean errors of persons whose estimates are too low, added up in steps"},
    {"squared", "the squares of these errors, added up in steps"},
    {"events", "records in which the event happened"},
};

static const char *find(const meaning *in, size_t count, const char *name)
{
    const size_t len = strcspn(name, ":");
    for (size_t i = 0; i < count; i++)
        if (strlen(in[i].name) == len && memcmp(in[i].name, name, len) == 0)
            return in[i].words;
    return NULL;
}

const char *evh_page_rate_meaning(const char *metric)
{
    return find(rates, sizeof rates / sizeof rates[0], metric);
}

const char *evh_page_cell_meaning(const char *cell)
{
    return find(cells, sizeof cells / sizeof cells[0], cell);
}
