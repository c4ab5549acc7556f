/* SPDX-License-Identifier: Apache-2.0
 * client/check_internal.h: a list of checks and what came of each. */
#ifndef EVH_CLIENT_CHECK_INTERNAL_H
#define EVH_CLIENT_CHECK_INTERNAL_H

#include "session_internal.h"

enum { EVH_CHECKS_MAX = 24, EVH_CHECK_NAME_LEN = 24 };

typedef enum evh_check_outcome {
    EVH_CHECK_PASSED,
    EVH_CHECK_FAILED,
    EVH_CHECK_NOT_DONE
} evh_check_outcome;

typedef struct evh_check_finding {
    char name[EVH_CHECK_NAME_LEN];
    evh_check_outcome outcome;
    char text[EVH_STATUS_TEXT_LEN + 40];
} evh_check_finding;

typedef struct evh_check_run {
    evh_cli *cli;
    evh_session session;
    const evh_session_options *options;
    evh_check_finding findings[EVH_CHECKS_MAX];
    size_t count;
    evh_status first; /* failure */
} evh_check_run;

void evh_check_note(evh_check_run *run, const char *name, evh_check_outcome came_of_it,
                    const char *format, ...) EVH_PRINTF(4, 5);

/* Notes what came of a check; the first failure decides the exit status. */
bool evh_check_passed(evh_check_run *run, const char *name, evh_status status, const char *what);

/* ---- check_service.c: certificate, leader, log, roster, clock ---- */
void evh_check_service(evh_check_run *run);

#endif
