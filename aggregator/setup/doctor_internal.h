/* SPDX-License-Identifier: Apache-2.0
 * What the checks of doctor share. A check adds lines; a failure of one stops no other. */
#ifndef EVH_AGGREGATOR_DOCTOR_INTERNAL_H
#define EVH_AGGREGATOR_DOCTOR_INTERNAL_H

#include "evenhand/json/writer.h"
#include "setup_commands_internal.h"

enum { EVH_DOCTOR_MS_PER_S = 1000, EVH_DOCTOR_DAY_S = 86400, EVH_DOCTOR_WARN_DAYS = 30 };

typedef enum evh_finding {
    EVH_FINDING_GOOD,
    EVH_FINDING_WARN, /* it works, and somebody should look */
    EVH_FINDING_BAD,
    EVH_FINDING_LEFT_OUT /* could not be checked now */
} evh_finding;

typedef struct evh_doctor {
    evh_cli *cli;
    const char *config;
    evh_settings settings;
    evh_introduction leader, helper, collector; /* role 0: not there or not readable */
    int64_t now_s;
    evh_buffer out;
    evh_json json;
    bool bad;
    evh_status failure; /* memory */
} evh_doctor;

/* One line. */
void evh_doctor_line(evh_doctor *doctor, evh_finding finding, const char *what, const char *format,
                     ...) EVH_PRINTF(4, 5);

/* A line that is good, or bad with the text of the status. */
void evh_doctor_status(evh_doctor *doctor, const char *what, evh_status status, const char *good);

/* How long a certificate is valid. */
void evh_doctor_days(evh_doctor *doctor, const char *what, const char *renew, evh_view pem);

evh_introduction *evh_doctor_party(evh_doctor *doctor, evh_role role);

/* Calls the health check of every party that serves. */
void evh_doctor_peers(evh_doctor *doctor);

#endif
