/* SPDX-License-Identifier: Apache-2.0 */
#include "evenhand/field/as_field64.h"
#include "sample_template.h"
