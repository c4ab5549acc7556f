/* SPDX-License-Identifier: Apache-2.0
 * field/as_field128.h: short names for Field128, for code that is written once for both fields.
 * A source file includes either this or as_field64.h, and then the body as a *_template.h; only
 * source files include it, never another public header. */
#ifndef EVH_FIELD_AS_FIELD128_H
#define EVH_FIELD_AS_FIELD128_H

#include "evenhand/field/field128.h"

#define FE_NAME(name) evh_f128_##name /* the name of an arithmetic function or type */
#define FE_OWN(name) name##_128       /* the name of a function that the template defines */
#define FE_ID EVH_FIELD_128
#define FE_BYTES EVH_F128_BYTES
#define FE_MODULUS EVH_F128_MODULUS
#define FE_GENERATOR EVH_F128_GENERATOR
#define FE_LOG_ORDER EVH_F128_LOG_ORDER

typedef evh_f128 fe;
typedef evh_f128_acc fe_acc;

#endif
