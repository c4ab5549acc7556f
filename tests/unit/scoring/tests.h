/* SPDX-License-Identifier: Apache-2.0
 * The groups that main.c runs, one per source file, and what several of them share. Each group
 * returns the number of failed tests. */
#ifndef EVH_UNIT_SCORING_TESTS_H
#define EVH_UNIT_SCORING_TESTS_H

#include "evenhand/scoring/scorer.h"
#include "support/test.h"

int run_align_tests(void);
int run_binary_tests(void);
int run_bounding_tests(void);
int run_memory_tests(void);
int run_multiclass_tests(void);
int run_normalizer_tests(void);
int run_regression_tests(void);
int run_sclite_tests(void);
int run_text_tests(void);
int run_wer_tests(void);

/* A scorer from options that must be right. */
evh_scorer *make_scorer(const evh_scorer_options *options);

/* A binary scorer with the positive values "1" and "yes". */
evh_scorer *make_binary(void);

/* The score of two texts, which must be good. */
evh_score score_of(evh_scorer *scorer, const char *truth, const char *estimate);

/* The decimal of a text that must be one. */
evh_decimal decimal_of(const char *text);

/* A number below `bound`, 1..2^16, as good as uniform. */
uint32_t random_below(const evh_rng *rng, uint32_t bound);

/* Appends 0 to `longest` words out of the first `letters` letters, with a space after each. */
void random_words(evh_buffer *out, const evh_rng *rng, uint32_t letters, uint32_t longest);

/* A hypothesis made from a reference of random_words by a few edits; sometimes from nothing. */
void random_hypothesis(evh_buffer *out, const evh_rng *rng, evh_view reference, uint32_t letters);

#endif
