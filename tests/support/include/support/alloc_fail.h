/* SPDX-License-Identifier: Apache-2.0
 * support/alloc_fail.h: makes the k-th allocation fail.
 * For tests declared with evh_test(... ALLOC_SWEEP): their executable is linked so that malloc,
 * calloc and realloc of the project's own code pass here first. Allocations inside shared libraries
 * are not counted and never fail. What a failed run leaves behind is found by the leak check of the
 * sanitizer run. */
#ifndef EVH_SUPPORT_ALLOC_FAIL_H
#define EVH_SUPPORT_ALLOC_FAIL_H

#include "support/test.h"

/* Does everything once, from nothing, and cleans up after itself whether it succeeded or not. */
typedef evh_status (*test_operation)(void *context);

/* Runs the operation again and again, failing its first allocation, then its second, and so on,
 * until a run needs no more of them. Each cut run must give EVH_ERR_MEMORY, the last one EVH_OK.
 * An operation that allocates nothing fails the test. Returns the number of failed allocations. */
size_t test_alloc_sweep(test_operation operation, void *context);

/* By hand: the k-th allocation from now fails (1 is the next one); 0 ends it. */
void test_alloc_fail_at(size_t k);

/* Whether the failure asked for last has happened. */
bool test_alloc_has_failed(void);

#endif
