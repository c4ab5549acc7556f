/* SPDX-License-Identifier: Apache-2.0
 * base/failpoint.h: named places at which a test kills the process, as if the machine had lost its
 * power there. They exist in builds with EVH_FAILPOINTS only (the debug preset); elsewhere they are
 * no code at all.
 *   EVH_FAILPOINT=NAME[:N]  in the environment: SIGKILL when the place of that name is reached for
 *                           the Nth time (1: the first)
 * Source   docs/developer/testing.md     Secret   nothing
 * Threads  any                           Tests    unit/base/test_failpoint.c */
#ifndef EVH_BASE_FAILPOINT_H
#define EVH_BASE_FAILPOINT_H

#ifdef EVH_FAILPOINTS
/* Does not return where the environment says so. */
void evh_failpoint_reach(const char *name);
#define EVH_FAILPOINT(name) evh_failpoint_reach(name)
#else
#define EVH_FAILPOINT(name) ((void)0)
#endif

#endif
