/* SPDX-License-Identifier: Apache-2.0
 * parse_internal.h: from bytes to the tree. */
#ifndef EVH_YAML_PARSE_INTERNAL_H
#define EVH_YAML_PARSE_INTERNAL_H

#include "document_internal.h"

/* Fills an empty document from bytes whose characters were checked. Fails INPUT with a diagnostic,
 * MEMORY; the document is then to be freed. */
EVH_MUST_USE evh_status evh_yaml_build(evh_yaml *document, evh_view bytes,
                                       evh_diagnostics *diagnostics);

#endif
