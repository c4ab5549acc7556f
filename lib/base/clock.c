/* SPDX-License-Identifier: Apache-2.0 */
#include "evenhand/base/clock.h"

#include <stdio.h>
#include <time.h>

static int64_t read_clock(clockid_t id)
{
    struct timespec now = {.tv_sec = 0, .tv_nsec = 0};
    (void)clock_gettime(id, &now); /* cannot fail for these two ids */
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static int64_t os_wall_ms(void *context)
{
    (void)context;
    return read_clock(CLOCK_REALTIME);
}

static int64_t os_monotonic_ms(void *context)
{
    (void)context;
    return read_clock(CLOCK_MONOTONIC);
}

evh_clock evh_clock_os(void)
{
    evh_clock clock = {.wall_ms = os_wall_ms, .monotonic_ms = os_monotonic_ms, .context = NULL};
    return clock;
}

static bool leap_year(int year)
{
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

int evh_days_in_month(int year, int month)
{
    static const int days[12] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    return month == 2 && leap_year(year) ? 29 : days[month - 1];
}

/* Days since 1970-01-01; the year starts in March, so that the leap day is its last. */
static int64_t days_from_civil(int year, int month, int day)
{
    int64_t y = month <= 2 ? year - 1 : year;
    int64_t era = (y >= 0 ? y : y - 399) / 400;
    int64_t year_of_era = y - era * 400;
    int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era * 146097 + day_of_era - 719468;
}

int64_t evh_civil_to_unix(evh_civil civil)
{
    return days_from_civil(civil.year, civil.month, civil.day) * 86400 + civil.hour * 3600 +
           civil.minute * 60 + civil.second;
}

evh_civil evh_civil_from_unix(int64_t unix_s)
{
    int64_t days = unix_s / 86400;
    int64_t second_of_day = unix_s % 86400;
    if (second_of_day < 0) {
        second_of_day += 86400;
        days -= 1;
    }
    int64_t z = days + 719468;
    int64_t era = (z >= 0 ? z : z - 146096) / 146097;
    int64_t day_of_era = z - era * 146097;
    int64_t year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int64_t shifted_month = (5 * day_of_year + 2) / 153;
    int month = (int)(shifted_month < 10 ? shifted_month + 3 : shifted_month - 9);
    evh_civil civil = {
        .year = (int)(year_of_era + era * 400 + (month <= 2 ? 1 : 0)),
        .month = month,
        .day = (int)(day_of_year - (153 * shifted_month + 2) / 5 + 1),
        .hour = (int)(second_of_day / 3600),
        .minute = (int)(second_of_day / 60 % 60),
        .second = (int)(second_of_day % 60),
    };
    return civil;
}

void evh_time_format(char out[EVH_TIME_TEXT_LEN], int64_t unix_ms)
{
    int64_t seconds = unix_ms / 1000;
    int milliseconds = (int)(unix_ms % 1000);
    if (milliseconds < 0) {
        milliseconds += 1000;
        seconds -= 1;
    }
    evh_civil c = evh_civil_from_unix(seconds);
    (void)snprintf(out, EVH_TIME_TEXT_LEN, "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ", c.year % 10000,
                   c.month, c.day, c.hour, c.minute, c.second, milliseconds);
}

/* Reads exactly `count` digits. */
static bool take_digits(evh_reader *reader, size_t count, int *out)
{
    if (reader->rest.len < count)
        return false;
    int value = 0;
    for (size_t i = 0; i < count; i++) {
        uint8_t c = reader->rest.data[i];
        if (c < '0' || c > '9')
            return false;
        value = value * 10 + (c - '0');
    }
    reader->rest = evh_view_of(reader->rest.data + count, reader->rest.len - count);
    *out = value;
    return true;
}

static bool take_char(evh_reader *reader, char wanted)
{
    if (reader->rest.len == 0 || reader->rest.data[0] != (uint8_t)wanted)
        return false;
    reader->rest = evh_view_of(reader->rest.data + 1, reader->rest.len - 1);
    return true;
}

static bool take_date(evh_reader *reader, evh_civil *c)
{
    return take_digits(reader, 4, &c->year) && take_char(reader, '-') &&
           take_digits(reader, 2, &c->month) && take_char(reader, '-') &&
           take_digits(reader, 2, &c->day) && c->month >= 1 && c->month <= 12 && c->day >= 1 &&
           c->day <= evh_days_in_month(c->year, c->month);
}

/* Fractions of a second: any number of digits, of which three count. */
static bool take_fraction(evh_reader *reader, int *milliseconds)
{
    *milliseconds = 0;
    if (!take_char(reader, '.'))
        return true;
    int scale = 100;
    int digit = 0;
    size_t count = 0;
    while (take_digits(reader, 1, &digit)) {
        *milliseconds += digit * scale;
        scale /= 10;
        count++;
    }
    return count > 0;
}

static bool take_time(evh_reader *reader, evh_civil *c, int *milliseconds)
{
    *milliseconds = 0;
    if (!take_digits(reader, 2, &c->hour) || !take_char(reader, ':') ||
        !take_digits(reader, 2, &c->minute) || c->hour > 23 || c->minute > 59)
        return false;
    if (!take_char(reader, ':'))
        return true;
    return take_digits(reader, 2, &c->second) && c->second <= 59 &&
           take_fraction(reader, milliseconds);
}

static bool take_zone(evh_reader *reader, int32_t *offset_s)
{
    if (take_char(reader, 'Z')) {
        *offset_s = 0;
        return true;
    }
    bool east = take_char(reader, '+');
    if (!east && !take_char(reader, '-'))
        return true; /* none given: the caller's offset stays */
    int hours = 0;
    int minutes = 0;
    if (!take_digits(reader, 2, &hours) || !take_char(reader, ':') ||
        !take_digits(reader, 2, &minutes) || hours > 23 || minutes > 59)
        return false;
    *offset_s = (east ? 1 : -1) * (hours * 3600 + minutes * 60);
    return true;
}

evh_status evh_time_parse(evh_view text, int32_t offset_s, int64_t *unix_ms)
{
    *unix_ms = 0;
    evh_reader reader = evh_reader_of(text);
    evh_civil civil = {.year = 0};
    int milliseconds = 0;
    bool good = take_date(&reader, &civil);
    if (good && reader.rest.len > 0)
        good = (take_char(&reader, 'T') || take_char(&reader, ' ')) &&
               take_time(&reader, &civil, &milliseconds) && take_zone(&reader, &offset_s);
    if (!good || reader.rest.len > 0)
        return evh_fail(EVH_ERR_ENCODING, "not a time: expected YYYY-MM-DD or "
                                          "YYYY-MM-DDThh:mm:ss with an optional Z or +hh:mm");
    *unix_ms = (evh_civil_to_unix(civil) - offset_s) * 1000 + milliseconds;
    return evh_ok();
}
