/* SPDX-License-Identifier: Apache-2.0
 * report/words_internal.h: findings as people read them. One wording for pages, cards, terminals
 * and the sentence in result.json. */
#ifndef EVH_REPORT_WORDS_INTERNAL_H
#define EVH_REPORT_WORDS_INTERNAL_H

#include "evenhand/fairness/evaluation.h"

enum {
    EVH_WORDS_BYTES_MAX = 1 << 20,
    EVH_WORDS_DIGITS_MAX = 6,
    EVH_WORDS_CLASSES_MAX = 10 /* whose named measures are shown to people */
};

/* Names of groups may be in any script. */
typedef enum evh_words_form {
    EVH_WORDS_PLAIN,
    EVH_WORDS_ISOLATED /* each name between U+2068 and U+2069, so that its direction stays its own */
} evh_words_form;

/* Whether people are shown the named measures of a grouping: a question is about it, or the plan asks
 * none and it is the first with attributes. */
bool evh_words_is_asked(const evh_evaluation *evaluation, size_t grouping);

/* Classes whose named measures people are shown: none when there are too many, or no measures. */
size_t evh_words_classes(const evh_evaluation *evaluation);

/* Shares are written as percentages, other numbers as they are. */
bool evh_words_is_share(const evh_rate_kind *kind);

/* "12.3 %", "0.42", "-" where there is none. */
evh_status evh_words_rate(evh_buffer *out, const evh_rate_kind *kind, evh_estimate value);

/* "10.1 to 14.9 %", "-" where it is withheld. */
evh_status evh_words_interval(evh_buffer *out, const evh_rate_kind *kind,
                              const evh_interval *interval);

/* The simultaneous interval where a question asks for one, else the pointwise one. */
const evh_interval *evh_words_interval_of(const evh_finding *finding);

/* "false negative rate", "precision of cat". */
evh_status evh_words_metric(evh_buffer *out, const evh_evaluation *evaluation, size_t kind,
                            evh_words_form form);

/* "arabic, quiet"; "everyone" for the grouping without attributes; "by accent and noise". */
evh_status evh_words_group(evh_buffer *out, const evh_plan *plan, const evh_plan_grouping *grouping,
                           size_t group, evh_words_form form);
evh_status evh_words_grouping(evh_buffer *out, const evh_plan *plan,
                              const evh_plan_grouping *grouping);

/* "Within tolerance", "Exceeds tolerance", "Insufficient evidence". */
const char *evh_words_verdict(evh_verdict verdict);

/* "5 percentage points either way", "0.8 to 1.25 times", "up to 5 percentage points". */
evh_status evh_words_tolerance(evh_buffer *out, const evh_evaluation *evaluation,
                               const evh_answer *answer);

/* "word error rate by accent: is every group within 5 percentage points of english_uk?" */
evh_status evh_words_question(evh_buffer *out, const evh_evaluation *evaluation,
                              const evh_answer *answer, evh_words_form form);

/* "arabic (33.5 %) is 17.3 percentage points above english_uk (16.1 %)". */
evh_status evh_words_apart(evh_buffer *out, const evh_evaluation *evaluation,
                           const evh_answer *answer, evh_words_form form);

/* The answer in one sentence, with verdict, gap, interval and tolerance. */
evh_status evh_words_sentence(evh_buffer *out, const evh_evaluation *evaluation,
                              const evh_answer *answer, evh_words_form form);

/* The same without the verdict in front. */
evh_status evh_words_statement(evh_buffer *out, const evh_evaluation *evaluation,
                               const evh_answer *answer, evh_words_form form);

/* "4.12 (1.20 to 7.04)": a disparity of a question in percentage points, as a ratio or as it is;
 * "-" where it is withheld. */
evh_status evh_words_disparity(evh_buffer *out, const evh_evaluation *evaluation,
                               const evh_answer *answer, const evh_finding *finding);

/* The same of the difference of two rates of a kind. */
evh_status evh_words_difference(evh_buffer *out, const evh_rate_kind *kind,
                                const evh_finding *finding);

/* "4.12 percentage points above": how far a difference of two rates goes, and to which side. */
evh_status evh_words_distance(evh_buffer *out, const evh_rate_kind *kind, double difference);

/* Why the sampling part of a grouping says less than it seems; NULL for a flag that is not set.
 *   flag  one of EVH_ASSUMES_..., EVH_AVERAGES_... */
const char *evh_words_caveat(unsigned caveats, unsigned flag);

/* Why a number is not there. */
const char *evh_words_withheld(evh_withheld withheld);

/* ---- parts of the above ---- */

/* So many digits behind the point; with a true minus sign, and without one before what is rounded
 * to zero. */
evh_status evh_words_put_fixed(evh_buffer *out, double value, int digits);

/* "1.2 to 3.4", "1.2 upwards": the ends of a ratio's interval may be open. */
evh_status evh_words_put_range(evh_buffer *out, double scale, int digits, double low, double high);

/* Digits behind the point that an interval of this width deserves: two of its width, so that its
 * ends can be told apart; not fewer than `least`. */
int evh_words_digits(double width, int least);

evh_status evh_words_put_name(evh_buffer *out, const char *name, evh_words_form form);

#endif
