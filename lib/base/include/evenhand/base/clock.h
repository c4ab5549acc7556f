/* SPDX-License-Identifier: Apache-2.0
 * base/clock.h: time as a handle, and civil time in text form.
 * Source   RFC 3339 for the text form; days from civil by the proleptic Gregorian calendar
 * Memory   allocates nothing          Tests    unit/base/test_clock.c */
#ifndef EVH_BASE_CLOCK_H
#define EVH_BASE_CLOCK_H

#include <stdint.h>

#include "evenhand/base/bytes.h"
#include "evenhand/base/status.h"

typedef struct evh_clock {
    int64_t (*wall_ms)(void *context);      /* since 1970-01-01T00:00:00Z; may jump */
    int64_t (*monotonic_ms)(void *context); /* since some start; never goes back */
    void *context;
} evh_clock;

/* The operating system's clocks. */
evh_clock evh_clock_os(void);

static inline int64_t evh_clock_wall_ms(const evh_clock *clock)
{
    return clock->wall_ms(clock->context);
}

static inline int64_t evh_clock_monotonic_ms(const evh_clock *clock)
{
    return clock->monotonic_ms(clock->context);
}

enum { EVH_TIME_TEXT_LEN = 32 };

typedef struct evh_civil {
    int year, month, day;     /* year 0..9999, month 1..12, day 1..31 */
    int hour, minute, second; /* second 0..59: leap seconds are not represented */
} evh_civil;

/* Seconds since 1970 of a civil time in UTC; the fields are in range. */
int64_t evh_civil_to_unix(evh_civil civil);

/* The civil time in UTC of seconds since 1970, for the years 0000 to 9999. */
evh_civil evh_civil_from_unix(int64_t unix_s);

/* Number of days in a month of the proleptic Gregorian calendar. */
int evh_days_in_month(int year, int month);

/* Writes "YYYY-MM-DDThh:mm:ss.mmmZ" and a NUL. */
void evh_time_format(char out[EVH_TIME_TEXT_LEN], int64_t unix_ms);

/* Reads "YYYY-MM-DD" or "YYYY-MM-DD(T| )hh:mm[:ss[.fff...]][Z|±hh:mm]" into milliseconds since
 * 1970. offset_s   seconds east of UTC that a text without a zone is in Fails ENCODING with what
 * was expected; *unix_ms is then 0. Digits after milliseconds are cut. */
EVH_MUST_USE evh_status evh_time_parse(evh_view text, int32_t offset_s, int64_t *unix_ms);

#endif
