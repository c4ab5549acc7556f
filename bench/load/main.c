/* SPDX-License-Identifier: Apache-2.0
 * service_load LEADER-CONFIG HELPER-CONFIG PLAN POPULATION CUSTOMERS THREADS
 * Goes on to the next step whenever it reads a line: people, round, upload. After each it writes a
 * line. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "evenhand/base/secret.h"
#include "evenhand/base/sizes.h"
#include "load.h"

static evh_status await_line(const char *said)
{
    char line[16];
    (void)printf("%s\n", said);
    (void)fflush(stdout);
    if (fgets(line, sizeof line, stdin) == NULL)
        return evh_fail(EVH_ERR_INPUT, "nobody says to go on");
    return evh_ok();
}

static void clear(load *l)
{
    for (size_t i = 0; l->customers != NULL && i < l->count; i++) {
        evh_signing_key_clear(&l->customers[i].key);
        evh_buffer_clear(&l->customers[i].cert);
        evh_buffer_clear(&l->customers[i].report);
    }
    free(l->customers);
    evh_plan_free(&l->plan);
    evh_buffer_clear(&l->tls_key);
    evh_buffer_clear(&l->ca);
    evh_buffer_clear(&l->address);
    evh_diagnostics_clear(&l->diagnostics);
}

int main(int argc, char **argv)
{
    load l;
    evh_status status = evh_ok();
    memset(&l, 0, sizeof l);
    EVH_REQUIRE(argc == 7, EVH_ERR_ARG, "six arguments, see main.c");
    EVH_TRY(evh_base_start());
    l.leader_config = argv[1];
    l.helper_config = argv[2];
    l.clock = evh_clock_os();
    l.rng = evh_rng_os();
    l.diagnostics = evh_diagnostics_init(EVH_DIAGNOSTICS_DEFAULT);
    l.tls_key = l.ca = l.address = evh_buffer_init(EVH_KEY_FILE_BYTES_MAX);
    l.count = (size_t)strtoul(argv[5], NULL, 10);
    l.threads = (unsigned)strtoul(argv[6], NULL, 10);
    EVH_REQUIRE(l.count >= 1 && l.threads >= 1, EVH_ERR_ARG, "no customers, or no threads");
    EVH_TRY(evh_alloc(&l.customers, l.count, sizeof *l.customers, "customers"));
    EVH_TRY(load_people(&l, argv[3], argv[4]));
    EVH_TRY(await_line("people"));
    EVH_TRY(load_open_round(&l));
    EVH_TRY(await_line("round"));
    EVH_TRY(load_upload(&l));
    EVH_TRY(await_line("uploaded"));
done:
    clear(&l);
    if (status.code != EVH_OK)
        (void)fprintf(stderr, "service_load: %s\n", status.text);
    return evh_code_info(status.code)->exit;
}
