/* SPDX-License-Identifier: Apache-2.0 */
#include "evenhand/aggregator/terms.h"

#include <string.h>

#include "evenhand/plan/noise.h"

evh_status evh_terms_of_plan(evh_terms *out, const evh_plan *plan, const uint8_t *population_hash)
{
    const evh_plan_noise *noise = evh_plan_noise_of(plan);
    const evh_plan_rounds *rounds = &evh_plan_terms_of(plan)->rounds;
    evh_plan_vdaf vdaf = evh_plan_vdaf_of(plan);
    memset(out, 0, sizeof *out);
    if (noise == NULL)
        return evh_fail(EVH_ERR_INPUT, "the plan is a draft: it has no noise");
    memcpy(out->population_hash, population_hash, sizeof out->population_hash);
    out->vdaf.kind = EVH_PRIO3_SUM_VEC;
    out->vdaf.shares = 2;
    out->vdaf.length = vdaf.length;
    out->vdaf.chunk_length = vdaf.chunk_length;
    out->vdaf.max_measurement = vdaf.max;
    out->offset = noise->offset;
    out->rounds = rounds->count;
    out->min_honest = rounds->min_honest;
    out->assumed_corrupt = rounds->assumed_corrupt;
    out->max_clients = rounds->max_clients;
    return evh_ok();
}
