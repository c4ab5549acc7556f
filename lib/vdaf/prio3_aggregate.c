/* SPDX-License-Identifier: Apache-2.0
 * Sums of output shares, and the collector's result: draft-irtf-cfrg-vdaf-20 section 7.2.4. */
#include <string.h>

#include "evenhand/base/secret.h"
#include "evenhand/vdaf/batch.h"
#include "prio3_internal.h"

static evh_status check_share(const evh_prio3 *prio3, evh_view share, const char *what)
{
    evh_status status = evh_ok();
    EVH_TRY(evh_prio3_check_length(share, prio3->sizes.aggregate_share, what));
    EVH_REQUIRE(prio3->field->encoded_canonical(share.data, prio3->flp.output_len),
                EVH_ERR_ENCODING, "%s holds an element that is not below the modulus", what);
done:
    return status;
}

void evh_prio3_aggregate_init(const evh_prio3 *prio3, uint8_t *aggregate_share)
{
    memset(aggregate_share, 0, prio3->sizes.aggregate_share);
}

evh_status evh_prio3_aggregate_add(const evh_prio3 *prio3, uint8_t *aggregate_share,
                                   evh_view output_share)
{
    return evh_prio3_aggregate_add_batch(prio3, aggregate_share, &output_share, 1);
}

evh_status evh_prio3_aggregate_add_batch(const evh_prio3 *prio3, uint8_t *aggregate_share,
                                         const evh_view *output_shares, size_t count)
{
    evh_status status = evh_ok();
    EVH_TRY(check_share(prio3, evh_view_of(aggregate_share, prio3->sizes.aggregate_share),
                        "an aggregate share"));
    for (size_t i = 0; i < count; i++)
        EVH_TRY(check_share(prio3, output_shares[i], "an output share"));
    for (size_t i = 0; i < count; i++)
        prio3->field->encoded_add(aggregate_share, output_shares[i].data, prio3->flp.output_len);
done:
    return status;
}

evh_status evh_prio3_unshard(const evh_prio3 *prio3, evh_u128 *result,
                             const evh_view *aggregate_shares, size_t count)
{
    evh_status status = evh_ok();
    size_t element = prio3->field->element_bytes;
    memset(result, 0, prio3->sizes.result_count * sizeof *result);
    EVH_REQUIRE(count == prio3->params.shares, EVH_ERR_ARG, "%zu aggregate shares of %u", count,
                (unsigned)prio3->params.shares);
    for (size_t id = 0; id < count; id++)
        EVH_TRY(check_share(prio3, aggregate_shares[id], "an aggregate share"));
    for (size_t i = 0; i < prio3->sizes.result_count; i++) {
        uint8_t sum[sizeof(evh_u128)] = {0};
        for (size_t id = 0; id < count; id++)
            prio3->field->encoded_add(sum, aggregate_shares[id].data + i * element, 1);
        result[i] = prio3->field->encoded_integer(sum);
        evh_wipe(sum, sizeof sum);
    }
done:
    return status;
}
