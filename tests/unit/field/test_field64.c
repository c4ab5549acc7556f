/* SPDX-License-Identifier: Apache-2.0 */
#include "evenhand/field/as_field64.h"
#include "field_tests_template.h"

int run_field64_tests(void)
{
    return run_template_tests("field64");
}
