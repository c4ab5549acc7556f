/* SPDX-License-Identifier: Apache-2.0
 * This project behind the line protocol of bench/protocol.md. */
#include <stdio.h>
#include <stdlib.h>

#include "commands.h"
#include "evenhand/base/secret.h"

static evh_status run(evh_buffer *answer, evh_view line)
{
    bench_request request;
    evh_status status = request_parse(&request, line);
    if (status.code != EVH_OK)
        return status;
    if (request_is(&request, "hpke_keygen"))
        return hpke_keygen(answer, &request);
    if (request_is(&request, "hpke_seal"))
        return hpke_seal(answer, &request);
    if (request_is(&request, "hpke_open"))
        return hpke_open(answer, &request);
    if (request_is(&request, "chunk_length"))
        return chunk_length(answer, &request);
    return prio3_command(answer, &request);
}

static void print_answer(const evh_buffer *answer, evh_status status)
{
    if (status.code == EVH_OK)
        (void)printf("ok%.*s\n", (int)answer->len, (const char *)answer->data);
    else
        (void)printf("%s %s: %s\n", status.code == EVH_ERR_INPUT ? "bad" : "refused",
                     evh_code_info(status.code)->name, status.text);
    (void)fflush(stdout);
}

int main(void)
{
    evh_status status = evh_base_start();
    if (status.code != EVH_OK) {
        (void)fprintf(stderr, "%s\n", status.text);
        return evh_code_info(status.code)->exit;
    }
    char *line = NULL;
    size_t capacity = 0;
    for (ssize_t len = 0; (len = getline(&line, &capacity, stdin)) > 0;) {
        evh_buffer answer = evh_buffer_init(REQUEST_BYTES_MAX);
        status = run(&answer, evh_view_trim(evh_view_of(line, (size_t)len)));
        print_answer(&answer, status);
        evh_buffer_clear(&answer);
    }
    free(line);
    return 0;
}
