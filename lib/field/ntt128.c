/* SPDX-License-Identifier: Apache-2.0 */
#include "evenhand/field/as_field128.h"
#include "ntt_template.h"
