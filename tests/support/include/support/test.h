/* SPDX-License-Identifier: Apache-2.0
 * support/test.h: what every unit test includes: cmocka and the house assertions. */
#ifndef EVH_SUPPORT_TEST_H
#define EVH_SUPPORT_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "evenhand/base/bytes.h"
#include "evenhand/base/rng.h"
#include "evenhand/base/status.h"

/* Status first, outputs after: these print the text of the status they did not want. */
#define assert_ok(status) evh_assert_status((status), EVH_OK, NULL, #status, __FILE__, __LINE__)
#define assert_fails(status, code)                                                                 \
    evh_assert_status((status), (code), NULL, #status, __FILE__, __LINE__)
/* The text must contain `part`. */
#define assert_fails_with(status, code, part)                                                      \
    evh_assert_status((status), (code), (part), #status, __FILE__, __LINE__)
/* Equal bytes; prints both in hex around the first difference. */
#define assert_views_equal(actual, expected)                                                       \
    evh_assert_views_equal((actual), (expected), __FILE__, __LINE__)
/* |actual - expected| <= tolerance, in double; NaN never passes. */
#define assert_close(actual, expected, tolerance)                                                  \
    evh_assert_close((actual), (expected), (tolerance), __FILE__, __LINE__)

void evh_assert_status(evh_status status, evh_code expected, const char *part,
                       const char *expression, const char *file, int line);
void evh_assert_views_equal(evh_view actual, evh_view expected, const char *file, int line);
void evh_assert_close(double actual, double expected, double tolerance, const char *file, int line);

/* A view of a string literal's bytes. */
#define view_of_literal(text) evh_view_of((text), sizeof(text) - 1)

/* Decodes hex into buffer (cleared first); the hex must be well-formed. */
void test_hex(evh_buffer *buffer, const char *hex);

/* ---- randomness that repeats; for tests only ---- */

typedef struct test_rng {
    uint8_t seed[32];
    uint64_t block;
} test_rng;

/* ChaCha20 keyed by a number; the handle borrows state. */
evh_rng test_rng_seeded(test_rng *state, uint64_t seed);

/* Gives the bytes of a script and then fails RNG. */
typedef struct test_script {
    evh_view bytes;
    size_t used;
} test_script;
evh_rng test_rng_scripted(test_script *state, evh_view bytes);

/* ---- files ---- */

/* Reads a whole file into buffer; false if it cannot be opened. */
bool test_read_file(evh_buffer *buffer, const char *path);

/* The folder with shared data and vectors, or NULL when it is not there: call
 * test_skip_without_shared then, which prints why and skips. */
const char *test_shared_dir(void);
void test_skip_without_shared(void);

/* Makes a temporary folder, removed with everything in it by test_remove_dir. */
void test_make_dir(char path[256]);
void test_remove_dir(const char *path);

#endif
