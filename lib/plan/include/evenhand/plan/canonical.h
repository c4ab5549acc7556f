/* SPDX-License-Identifier: Apache-2.0
 * plan/canonical.h: a plan as canonical bytes, and its id.
 * Source   proto/plan.proto; docs/reference/plan.md, "Canonical bytes"
 * Tests    unit/plan/test_canonical.c, fuzz/fuzz_plan_bytes.c */
#ifndef EVH_PLAN_CANONICAL_H
#define EVH_PLAN_CANONICAL_H

#include "evenhand/plan/plan.h"

/* Appends the canonical bytes. Fails MEMORY. */
EVH_MUST_USE evh_status evh_plan_encode(const evh_plan *plan, evh_buffer *out);

/* Reads canonical bytes, with every check that a plan in YAML has to pass, and whether encoding the
 * plan gives these bytes again.
 *   plan   NULL on failure; free with evh_plan_free
 * Fails    ENCODING malformed, not canonical, or not a valid plan; RANGE more than
 *          EVH_PLAN_BYTES_MAX bytes; MEMORY */
EVH_MUST_USE evh_status evh_plan_decode(evh_plan **plan, evh_view bytes);

/* SHA-256 of the canonical bytes, [EVH_PLAN_ID_LEN], borrowed; NULL for a draft. */
const uint8_t *evh_plan_id(const evh_plan *plan);

#endif
