/* SPDX-License-Identifier: Apache-2.0
 * field/as_field64.h: short names for Field64, for code that is written once for both fields.
 * A source file includes either this or as_field128.h, and then the body as a *_template.h; only
 * source files include it, never another public header. */
#ifndef EVH_FIELD_AS_FIELD64_H
#define EVH_FIELD_AS_FIELD64_H

#include "evenhand/field/field64.h"

#define FE_NAME(name) evh_f64_##name /* the name of an arithmetic function or type */
#define FE_OWN(name) name##_64       /* the name of a function that the template defines */
#define FE_ID EVH_FIELD_64
#define FE_BYTES EVH_F64_BYTES
#define FE_MODULUS EVH_F64_MODULUS
#define FE_GENERATOR EVH_F64_GENERATOR
#define FE_LOG_ORDER EVH_F64_LOG_ORDER

typedef evh_f64 fe;
typedef evh_f64_acc fe_acc;

#endif
