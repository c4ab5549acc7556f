/* SPDX-License-Identifier: Apache-2.0
 * seal/verdict.h: the answer of a check that ran. A verdict is no error: it is set to rejected on
 * entry, and the status is OK whatever it says. */
#ifndef EVH_SEAL_VERDICT_H
#define EVH_SEAL_VERDICT_H

typedef enum evh_seal_verdict { EVH_SEAL_REJECTED = 0, EVH_SEAL_ACCEPTED = 1 } evh_seal_verdict;

#endif
