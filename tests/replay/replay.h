/* tests/golden replays cases: lines of JSON that say what went into a converter or transform of the
 * original and what came out. A kind of cases (the folder and name of its file) has one runner,
 * which does with ours what the case says; reading, comparing and counting are done here.
 *
 * Forms of schemas, values and errors: tests/cases/FORMAT.md. A case is held as a value of our data
 * model (objects are maps). */
#ifndef TESTS_REPLAY_REPLAY_H
#define TESTS_REPLAY_REPLAY_H

#include "config/props.h"
#include "data/schema.h"

struct replay_case {
    const char *id, *op;
    struct kc_value config, input;
    struct kc_value whole; /* the line */
    struct kc_arena *arena;
};

/* What a runner found. Either output or error, as the case has them; skip: why it can't apply. */
struct replay_result {
    struct kc_value output;
    struct kc_error *error;
    const char *phase; /* of the error: "configure", "apply", "build", or NULL */
    const char *skip;
};

struct replay_kind {
    const char *path; /* "converters/values"; "converters/": all others of that folder */
    void (*run)(const struct replay_case *replay, struct replay_result *result);
    /* Instead of run, for cases that are not of an operation: says in *why what differs, NULL nothing. */
    void (*check)(const struct replay_case *replay, const char **why);
};

extern const struct replay_kind replay_kinds[]; /* kinds.c; ended by path NULL */

/* A result's skip when what the case is about is not in the program. */
extern const char replay_not_there[];

/* Runners. */
void replay_converter(const struct replay_case *replay, struct replay_result *result);
void replay_values(const struct replay_case *replay, struct replay_result *result);
void replay_transform(const struct replay_case *replay, struct replay_result *result);
void replay_avro_text(const struct replay_case *replay, const char **why);
void replay_avro_write(const struct replay_case *replay, const char **why);
void replay_avro_read(const struct replay_case *replay, const char **why);
void replay_avro_valid(const struct replay_case *replay, const char **why);
/* config.class in full, in the arena; NULL if there is none. */
const char *replay_class(const struct replay_case *replay);
/* All other settings, but for `side`. */
void replay_settings(const struct replay_case *replay, struct kc_props *props);

/* ---- canonical forms (shape.c) ---- */

/* A string member of an object, NULL if there is none. */
const char *replay_text(struct kc_value object, const char *name, struct kc_arena *arena);
/* The schema of a form (null: NULL), kept by the arena. Errors are those of building it. */
struct kc_error *replay_schema(struct kc_value form, struct kc_arena *arena,
                               const struct kc_schema **schema) KC_MUST_CHECK;
/* The value of a form at a place of that schema. *skip is set if our data model has no such value.
 */
struct kc_error *replay_value(struct kc_value form, const struct kc_schema *schema,
                              struct kc_arena *arena, struct kc_value *value,
                              const char **skip) KC_MUST_CHECK;
struct kc_value replay_show_schema(const struct kc_schema *schema, struct kc_arena *arena);
struct kc_value replay_show_value(struct kc_value value, const struct kc_schema *schema,
                                  struct kc_arena *arena);
/* {"schema":..,"value":..} and {"hex":..,"text":..} */
struct kc_value replay_show_both(const struct kc_schema *schema, struct kc_value value,
                                 struct kc_arena *arena);
struct kc_value replay_show_bytes(const void *data, size_t len, struct kc_arena *arena);
/* Bytes of {"text"}, {"hex"} or null (data NULL). */
void replay_bytes(struct kc_value form, struct kc_arena *arena, const void **data, size_t *len);
/* An object to be filled: members is as many names and values as there are, ended by NULL. */
struct kc_value replay_object(struct kc_arena *arena, uint32_t members, ...);

/* ---- comparing (match.c) ---- */

/* Is what came out what the case expects? Otherwise *why says what differs. */
bool replay_matches(const struct replay_case *replay, const struct replay_result *result,
                    const char **why);
/* A form as JSON text, in the arena. */
const char *replay_print(struct kc_value form, struct kc_arena *arena);

#endif
