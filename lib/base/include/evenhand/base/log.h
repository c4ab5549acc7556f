/* SPDX-License-Identifier: Apache-2.0
 * base/log.h: one event per line with typed fields, for programs and the modules right below them.
 * Every event name used in the sources is listed in docs/operator/events.md (checked by a script).
 * Secret   no field takes raw bytes or a peer's text, so a secret does not fit by accident
 * Threads  safe: a line is one write to the sink      Memory  allocates nothing
 * Tests    unit/base/test_log.c */
#ifndef EVH_BASE_LOG_H
#define EVH_BASE_LOG_H

#include <stddef.h>
#include <stdint.h>

#include "evenhand/base/bytes.h"
#include "evenhand/base/clock.h"
#include "evenhand/base/status.h"

typedef enum evh_log_level {
    EVH_LOG_DEBUG = 0,
    EVH_LOG_INFO,
    EVH_LOG_WARN,
    EVH_LOG_ERROR
} evh_log_level;

/* Where lines go. write gets one whole line with its newline, at most EVH_LOG_LINE_MAX bytes, and
 * must not fail visibly: a lost log line stops nothing. */
typedef struct evh_log {
    void (*write)(void *context, const char *line, size_t len);
    void *context;
    evh_log_level least; /* events below this level are dropped */
    evh_clock clock;
} evh_log;

enum { EVH_LOG_LINE_MAX = 1024, EVH_LOG_ID_MAX = 64 };

typedef enum evh_log_kind {
    EVH_LOG_KIND_ID,  /* a name made of A-Za-z0-9._:@/- ; any other byte is written as '?' */
    EVH_LOG_KIND_HEX, /* a public identifier of up to 32 bytes, in hex */
    EVH_LOG_KIND_U64,
    EVH_LOG_KIND_I64,
    EVH_LOG_KIND_CODE /* a status code, by name */
} evh_log_kind;

typedef struct evh_log_field {
    const char *key;
    evh_log_kind kind;
    union {
        const char *id;
        evh_view hex;
        uint64_t u64;
        int64_t i64;
        evh_code code;
    } value;
} evh_log_field;

/* Typed makers; the only way fields are meant to be built. Units belong in the key: "took_ms". */
static inline evh_log_field evh_log_id(const char *key, const char *id)
{
    evh_log_field field = {.key = key, .kind = EVH_LOG_KIND_ID, .value = {.id = id}};
    return field;
}

static inline evh_log_field evh_log_hex(const char *key, evh_view public_id)
{
    evh_log_field field = {.key = key, .kind = EVH_LOG_KIND_HEX, .value = {.hex = public_id}};
    return field;
}

static inline evh_log_field evh_log_u64(const char *key, uint64_t value)
{
    evh_log_field field = {.key = key, .kind = EVH_LOG_KIND_U64, .value = {.u64 = value}};
    return field;
}

static inline evh_log_field evh_log_i64(const char *key, int64_t value)
{
    evh_log_field field = {.key = key, .kind = EVH_LOG_KIND_I64, .value = {.i64 = value}};
    return field;
}

static inline evh_log_field evh_log_code(evh_code code)
{
    evh_log_field field = {.key = "code", .kind = EVH_LOG_KIND_CODE, .value = {.code = code}};
    return field;
}

/* A sink that writes lines to standard error with one write(2) each. */
evh_log evh_log_stderr(evh_log_level least);

/* Writes "<UTC time> level=<level> module=<module> event=<event> key=value ..." as one line.
 *   log     borrowed; NULL drops the event
 *   fields  [count]; a line over EVH_LOG_LINE_MAX is cut and ends with "..." */
void evh_log_event(const evh_log *log, evh_log_level level, const char *module, const char *event,
                   const evh_log_field *fields, size_t count);

/* evh_log_event with the fields as arguments. */
#define EVH_LOG(log, level, module, event, ...)                                                    \
    evh_log_event((log), (level), (module), (event), (const evh_log_field[]){__VA_ARGS__},         \
                  sizeof((const evh_log_field[]){__VA_ARGS__}) / sizeof(evh_log_field))

#endif
