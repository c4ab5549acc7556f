/* SPDX-License-Identifier: Apache-2.0
 * base/status.h: what a fallible function returns.
 * A status travels by value: a code for the caller to branch on and a fixed text for a person.
 * Secret   the text never holds a secret or an exact count     Threads  values, no shared state
 * Memory   allocates nothing                                   Tests    unit/base/test_status.c */
#ifndef EVH_BASE_STATUS_H
#define EVH_BASE_STATUS_H

#include <stdbool.h>

#define EVH_MUST_USE __attribute__((warn_unused_result))
#define EVH_PRINTF(format_index, first_index)                                                      \
    __attribute__((format(printf, format_index, first_index)))

/* Every code the project knows. The table behind evh_code_info() gives each one its name, whether
 * the same call may succeed later, its gRPC status and its exit code. */
typedef enum evh_code {
    EVH_OK = 0,          /* success; the text is empty */
    EVH_ERR_ARG,         /* an argument outside its contract, or a wrong command line */
    EVH_ERR_RANGE,       /* a value or parameter outside the admissible range */
    EVH_ERR_LENGTH,      /* a message or buffer that is too short or of the wrong length */
    EVH_ERR_TRAILING,    /* bytes after the end of a message */
    EVH_ERR_ENCODING,    /* malformed or non-canonical encoding */
    EVH_ERR_TYPE,        /* wrong type, version or suite; not supported */
    EVH_ERR_KEY,         /* unknown key id, or a key that does not fit its use */
    EVH_ERR_INPUT,       /* bad configuration, plan or data */
    EVH_ERR_PRIVACY,     /* refused: it would break a privacy promise */
    EVH_ERR_UNAVAILABLE, /* a peer cannot be reached or is busy; retry later */
    EVH_ERR_REFUSED,     /* a peer or a rule refused the request; retrying will not help */
    EVH_ERR_STORE,       /* disk, database or ledger */
    EVH_ERR_MEMORY,      /* out of memory, or a ceiling on memory was reached */
    EVH_ERR_RNG,         /* no entropy */
    EVH_ERR_INTERNAL     /* a bug */
} evh_code;

enum { EVH_CODE_COUNT = EVH_ERR_INTERNAL + 1, EVH_STATUS_TEXT_LEN = 124 };

typedef struct evh_status {
    evh_code code;
    char text[EVH_STATUS_TEXT_LEN]; /* UTF-8, NUL-terminated, cut at the end if it does not fit */
} evh_status;

_Static_assert(sizeof(evh_status) == 128, "a status is two cache lines");

typedef struct evh_code_row {
    const char *name; /* stable, upper case, as in JSON output and logs */
    bool retryable;   /* the same call may succeed later without a change */
    int grpc;         /* grpc.StatusCode number */
    int exit;         /* exit code of a program that ends with this status */
} evh_code_row;

/* The success value. */
static inline evh_status evh_ok(void)
{
    /* Zeroed as one piece: with the text set apart, copies of it wait for the stores. */
    evh_status status = {.code = EVH_OK};
    return status;
}

/* Makes a failure with a printf-style text: what is wrong, where, and what would be right.
 * code other than EVH_OK (an EVH_OK here is a bug and becomes EVH_ERR_INTERNAL). */
EVH_MUST_USE evh_status evh_fail(evh_code code, const char *format, ...) EVH_PRINTF(2, 3);

#ifdef __clang_analyzer__
/* Tells the static analyser, which does not see into evh_fail, that it never gives EVH_OK. */
static inline evh_status evh_analyser_failed(evh_status status)
{
    if (status.code == EVH_OK)
        __builtin_unreachable();
    return status;
}
#define evh_fail(...) evh_analyser_failed(evh_fail(__VA_ARGS__))
#endif

/* Puts "context: " in front of a failure's text (success is returned unchanged). A text that does
 * not fit is cut at its end. */
EVH_MUST_USE evh_status evh_status_in(evh_status status, const char *format, ...) EVH_PRINTF(2, 3);

/* The row of a code; an unknown number gives the row of EVH_ERR_INTERNAL. */
const evh_code_row *evh_code_info(evh_code code);

/* The one way to drop a status on purpose; reason is for the reader of the code. */
static inline void evh_status_discard(evh_status status, const char *reason)
{
    (void)status;
    (void)reason;
}

/* The one propagation macro. Needs a local `evh_status status` and a label `done` in scope. */
#define EVH_TRY(expression)                                                                        \
    do {                                                                                           \
        status = (expression);                                                                     \
        if (status.code != EVH_OK)                                                                 \
            goto done;                                                                             \
    } while (0)

/* Fails with `code` and a text unless the condition holds; same needs as EVH_TRY. */
#define EVH_REQUIRE(condition, code, ...)                                                          \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            status = evh_fail((code), __VA_ARGS__);                                                \
            goto done;                                                                             \
        }                                                                                          \
    } while (0)

/* A state that no caller can reach: traps in test builds, becomes EVH_ERR_INTERNAL in release. */
evh_status evh_internal_error(const char *file, int line, const char *what);
#define EVH_INVARIANT(condition)                                                                   \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            status = evh_internal_error(__FILE__, __LINE__, #condition);                           \
            goto done;                                                                             \
        }                                                                                          \
    } while (0)

#endif
