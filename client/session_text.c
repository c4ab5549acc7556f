/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>

#include "session_internal.h"

evh_status evh_session_text_head(evh_buffer *out, const evh_session *session, const evh_cli *cli)
{
    evh_status status = evh_ok();
    const evh_measure_statistics *s = &session->measurement.statistics;
    EVH_TRY(evh_buffer_format(out, "Plan %s", evh_plan_terms_of(session->plan)->name));
    if (cli->common.round > 0)
        EVH_TRY(evh_buffer_format(out, ", round %u", cli->common.round));
    EVH_TRY(evh_buffer_format(out, "; %s.\n", evh_session_exact_notice));
    EVH_TRY(evh_buffer_format(out,
                              "Records: %" PRIu64 " read, %" PRIu64 " used, %" PRIu64
                              " skipped, %" PRIu64 " clipped; %" PRIu64 " units.\n",
                              s->read, s->used, evh_measure_skipped(s), s->clipped, s->units));
    if (evh_measure_skipped(s) > 0)
        EVH_TRY(evh_buffer_format(out,
                                  "Skipped: %" PRIu64 " without a unit, %" PRIu64
                                  " outside the window, %" PRIu64 " with an empty reference, "
                                  "%" PRIu64 " bad rows.\n",
                                  s->no_unit, s->outside, s->empty_reference, s->bad));

done:
    return status;
}
