/* SPDX-License-Identifier: Apache-2.0 */
#include "evenhand/field/as_field64.h"
#include "vector_template.h"
