/* SPDX-License-Identifier: Apache-2.0
 * plan_internal.h: how a plan comes to be.
 *   YAML -> message (read_*.c: shapes, ranges, defaults)   bytes -> message (canonical.c)
 *   message -> plan (resolve_*.c: what must fit together)
 * Both ways meet in the message, so a plan from bytes passes every check that one from YAML does,
 * and encoding is packing the message again. */
#ifndef EVH_PLAN_INTERNAL_H
#define EVH_PLAN_INTERNAL_H

#include "arena_internal.h"
#include "evenhand/plan/groups.h"
#include "evenhand/plan/noise.h"
#include "evenhand/plan/plan.h"
#include "evenhand/plan/scoring.h"
#include "evenhand/yaml/document.h"
#include "plan.pb-c.h"

typedef Evenhand__V1__Plan evh_plan_message;

/* A declared value (or class) and where it stands, found by its text. */
typedef struct evh_plan_lookup {
    uint32_t *slots; /* [mask + 1] index + 1, 0 for an empty slot */
    size_t mask;
} evh_plan_lookup;

struct evh_plan {
    evh_plan_arena arena;      /* owns everything below */
    evh_plan_message *message; /* in the arena, or decoded */
    evh_plan_message *decoded; /* of protobuf-c; NULL when the plan comes from YAML */
    evh_plan_terms terms;
    evh_plan_lookup *lookups;     /* [attribute_count], of listed ones */
    evh_plan_grouping *groupings; /* [grouping_count], releases first */
    size_t grouping_count;
    size_t release_count;
    const char *const *cell_names; /* [cells_per_group] */
    size_t cells_per_group;
    size_t cell_count;
    evh_scorer_options scorer_options;
    const evh_bounding_release *bounding_releases;
    const evh_plan_noise_class *classes; /* [class_count], kind_count for each release */
    size_t class_count;
    size_t kind_count;
    const uint8_t *kind_of_cell; /* [cells_per_group] */
    evh_plan_shifts shifts[2];   /* by adjacency */
    bool has_noise;
    evh_plan_noise noise;
    uint8_t id[EVH_PLAN_ID_LEN];
};

/* What every step of building a plan needs. */
typedef struct evh_plan_context {
    evh_plan *plan;
    evh_diagnostics *diagnostics;
    const char *file;          /* for mistakes without a place */
    const evh_yaml_node *root; /* NULL when the plan comes from bytes */
    evh_status failure;        /* the first failure that is no mistake in the plan */
} evh_plan_context;

/* ---- plan.c ---- */

/* A plan with an empty message. Fails MEMORY; *out is then NULL. */
EVH_MUST_USE evh_status evh_plan_new(evh_plan **out);

/* OK when the plan was built, otherwise why not. */
EVH_MUST_USE evh_status evh_plan_outcome(const evh_plan_context *context, bool good);

/* ---- canonical.c ---- */

/* Hashes the canonical bytes of a plan with noise. Fails INPUT when they are too many; MEMORY. */
EVH_MUST_USE evh_status evh_plan_fill_id(evh_plan *plan);

/* ---- text.c ---- */

/* Copies the NFC form, without white space at its ends, into the arena. False without memory. */
EVH_MUST_USE bool evh_plan_keep_text(evh_plan_context *context, evh_view text, char **out);

/* Puts texts whose order means nothing in byte order. */
void evh_plan_sort_texts(char **texts, size_t count);

/* Allocates from the plan's arena; false without memory, and then context->failure says so. */
EVH_MUST_USE bool evh_plan_take(evh_plan_context *context, void *out, size_t count, size_t size);

/* ---- context.c ---- */

/* Adds an error at the node, or at the file when there is none (a plan from bytes). */
void evh_plan_wrong(evh_plan_context *context, const evh_yaml_node *node, const char *right,
                    const char *format, ...) EVH_PRINTF(4, 5);
void evh_plan_warn(evh_plan_context *context, const evh_yaml_node *node, const char *right,
                   const char *format, ...) EVH_PRINTF(4, 5);

/* The node of a key of the plan, and of a key in it (may be NULL): the deepest that the file has.
 */
const evh_yaml_node *evh_plan_node(const evh_plan_context *context, const char *key,
                                   const char *inner);

/* An item of a list node, or the node itself when it has no such item. */
const evh_yaml_node *evh_plan_item(const evh_yaml_node *list, size_t index);

/* ---- read_*.c: true when the part is well-formed; mistakes are in the diagnostics ---- */

EVH_MUST_USE bool evh_plan_read(evh_plan_context *context);
EVH_MUST_USE bool evh_plan_read_scorer(evh_plan_context *context);
EVH_MUST_USE bool evh_plan_read_attributes(evh_plan_context *context);
EVH_MUST_USE bool evh_plan_read_groupings(evh_plan_context *context);
EVH_MUST_USE bool evh_plan_read_window(evh_plan_context *context);
EVH_MUST_USE bool evh_plan_read_privacy(evh_plan_context *context);
EVH_MUST_USE bool evh_plan_read_rounds(evh_plan_context *context);
EVH_MUST_USE bool evh_plan_read_questions(evh_plan_context *context);
EVH_MUST_USE bool evh_plan_read_noise(evh_plan_context *context);

/* Reads a text of 1..most bytes, trims and keeps it in NFC. */
EVH_MUST_USE bool evh_plan_read_name(evh_plan_context *context, const evh_yaml_node *node,
                                     const char *what, size_t most, char **out);

/* The index of an attribute of the message by name, or n_attributes. */
size_t evh_plan_place_of(const evh_plan_message *message, const char *name);

/* Reads a list of attribute names and puts them in the order of the plan. */
EVH_MUST_USE bool evh_plan_read_grouping(evh_plan_context *context, const evh_yaml_node *node,
                                         const char *what, Evenhand__V1__Plan__Grouping **out);

/* Reads a list of such texts. */
EVH_MUST_USE bool evh_plan_read_names(evh_plan_context *context, const evh_yaml_node *node,
                                      const char *what, size_t least, size_t most, size_t bytes,
                                      char ***out, size_t *count);

/* Reads a whole number into a 32-bit field, which keeps its default when node is NULL. */
EVH_MUST_USE bool evh_plan_read_u32(evh_plan_context *context, const evh_yaml_node *node,
                                    const char *what, uint32_t least, uint32_t most, uint32_t *out);

/* Reads a decimal and keeps its canonical text; the default is kept when node is NULL. */
EVH_MUST_USE bool evh_plan_read_number(evh_plan_context *context, const evh_yaml_node *node,
                                       const char *what, const char *right, char **out);

/* ---- resolve_*.c: true when the part is meaningful; fills the plan from its message ---- */

EVH_MUST_USE bool evh_plan_resolve(evh_plan_context *context);
EVH_MUST_USE bool evh_plan_resolve_scoring(evh_plan_context *context);
EVH_MUST_USE bool evh_plan_resolve_attributes(evh_plan_context *context);
EVH_MUST_USE bool evh_plan_resolve_groupings(evh_plan_context *context);
EVH_MUST_USE bool evh_plan_resolve_window(evh_plan_context *context);
EVH_MUST_USE bool evh_plan_resolve_privacy(evh_plan_context *context);
EVH_MUST_USE bool evh_plan_resolve_rounds(evh_plan_context *context);
EVH_MUST_USE bool evh_plan_resolve_questions(evh_plan_context *context);
EVH_MUST_USE bool evh_plan_resolve_noise(evh_plan_context *context);

/* Noise classes and shifts of the resolved plan; false without memory. */
EVH_MUST_USE bool evh_plan_build_noise_classes(evh_plan_context *context);

/* Reads a decimal of the message into *out and checks least < or <= value < or <= most. */
typedef struct evh_plan_bounds {
    const char *least; /* decimals in text form */
    const char *most;
    bool above_least;  /* least itself is not allowed */
    bool below_most;   /* most itself is not allowed */
    const char *right; /* the range in words */
} evh_plan_bounds;
EVH_MUST_USE bool evh_plan_resolve_number(evh_plan_context *context, const evh_yaml_node *node,
                                          const char *what, const char *text,
                                          const evh_plan_bounds *bounds, evh_decimal *out);

/* least <= value <= most, or an error at the node. */
EVH_MUST_USE bool evh_plan_in_range(evh_plan_context *context, const evh_yaml_node *node,
                                    const char *what, uint64_t value, uint64_t least,
                                    uint64_t most);

/* An error unless the decimal is a fraction of 64-bit numbers. */
EVH_MUST_USE bool evh_plan_fits_fraction(evh_plan_context *context, const evh_yaml_node *node,
                                         const char *what, evh_decimal value);

/* The greatest common divisor; not both are 0. */
uint32_t evh_plan_common_divisor(uint32_t a, uint32_t b);

/* The texts as the plan keeps them; an error at the second of two that are equal. */
EVH_MUST_USE bool evh_plan_keep_list(evh_plan_context *context, const evh_yaml_node *node,
                                     const char *what, char *const *texts, size_t count,
                                     const char *const **out);

/* Attribute names of a grouping to rising indices. */
EVH_MUST_USE bool evh_plan_resolve_names(evh_plan_context *context, const evh_yaml_node *node,
                                         const Evenhand__V1__Plan__Grouping *from,
                                         const size_t **out);

/* The grouping with these attributes, or grouping_count. */
size_t evh_plan_grouping_find(const evh_plan *plan, const size_t *attributes, size_t count);

/* Builds the table that finds a value by its text. False without memory, or when a text comes
 * twice: *twice is then its second index, else SIZE_MAX. */
EVH_MUST_USE bool evh_plan_lookup_build(evh_plan_context *context, evh_plan_lookup *lookup,
                                        const char *const *values, size_t count, size_t *twice);

/* The index of a text, or count when there is none. */
size_t evh_plan_lookup_find(const evh_plan_lookup *lookup, const char *const *values, size_t count,
                            evh_view text);

/* The value of a mapped attribute that follows from a value of its source. */
size_t evh_plan_value_from(const evh_plan *plan, size_t attribute, size_t source_value);

/* Fill the options of plan/scoring.h from the resolved plan; false without memory. */
EVH_MUST_USE bool evh_plan_fill_scorer_options(evh_plan_context *context);
EVH_MUST_USE bool evh_plan_fill_bounding(evh_plan_context *context);

/* The index of an attribute by name, or attribute_count. */
size_t evh_plan_attribute_find(const evh_plan *plan, const char *name);

#endif
