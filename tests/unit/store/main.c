/* SPDX-License-Identifier: Apache-2.0 */
#include "tests.h"

int main(void)
{
    return run_store_conformance_tests(sqlite_maker()) + run_sqlite_tests();
}
