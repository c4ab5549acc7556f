/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EVH_SEAL_KEY_CONFIG_INTERNAL_H
#define EVH_SEAL_KEY_CONFIG_INTERNAL_H

/* What the owner's signature over a key configuration is made under. */
extern const char evh_key_config_label[];

#endif
