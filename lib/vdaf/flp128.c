/* SPDX-License-Identifier: Apache-2.0
 * Fully linear proofs over Field128. */
#include <string.h>

#include "evenhand/base/secret.h"
#include "evenhand/field/as_field128.h"
#include "flp_internal.h"

#include "flp_tables_template.h"

#include "flp_encode_template.h"

#include "flp_prove_template.h"

#include "flp_query_template.h"

#include "flp_field_template.h"
