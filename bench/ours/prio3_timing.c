/* SPDX-License-Identifier: Apache-2.0
 * Only the calls are timed, as often as asked; the request is read before. What counts is what this
 * thread computed, not what it waited for others on the same machine. */
#include <time.h>

#include "commands.h"

static uint64_t now_ns(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (uint64_t)now.tv_sec * UINT64_C(1000000000) + (uint64_t)now.tv_nsec;
}

static evh_status answer_ns(evh_buffer *answer, uint64_t start)
{
    const evh_u128 ns = now_ns() - start;
    return answer_numbers(answer, "ns", &ns, 1);
}

evh_status time_shard(evh_buffer *answer, const bench_request *request,
                      const prio3_instance *instance)
{
    evh_status status = evh_ok();
    const evh_rng rng = evh_rng_os();
    shard_request in = {0};
    uint32_t rounds = 0;
    uint64_t start = 0;
    EVH_TRY(shard_request_read(&in, request, instance));
    EVH_TRY(request_u32(request, "rounds", &rounds));
    start = now_ns();
    for (uint32_t i = 0; i < rounds; i++)
        EVH_TRY(evh_prio3_shard(instance->prio3, instance->workspace, &in.out, &in.in, &rng));
    EVH_TRY(answer_ns(answer, start));
done:
    shard_request_clear(&in);
    return status;
}

evh_status time_verify_init(evh_buffer *answer, const bench_request *request,
                            const prio3_instance *instance)
{
    evh_status status = evh_ok();
    report_request in = {0};
    uint32_t rounds = 0;
    uint64_t start = 0;
    EVH_TRY(report_request_read(&in, request, instance));
    EVH_TRY(request_u32(request, "rounds", &rounds));
    start = now_ns();
    for (uint32_t i = 0; i < rounds; i++)
        EVH_TRY(evh_prio3_verify_init(instance->prio3, instance->workspace, in.state,
                                      in.verifier_share, &in.task, in.aggregator, &in.report));
    EVH_TRY(answer_ns(answer, start));
done:
    report_request_clear(&in);
    return status;
}
