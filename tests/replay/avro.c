/* Avro schemas: their texts in every form, what is refused, what reads what. */
#include "schemas/avro_parse.h"
#include "schemas/avro_print.h"
#include "tests/replay/replay.h"

#include <stdio.h>
#include <stdlib.h>

struct check {
    const struct replay_case *replay;
    const char **why;
};

static void differ(const struct check *check, const char *what, const char *expected,
                   const char *got)
{
    if (!*check->why)
        *check->why = kc_arena_printf(check->replay->arena, "%s:\n  expected %s\n  got      %s",
                                      what, expected ? expected : "nothing", got ? got : "nothing");
}

/* Compares with a member of the case, if it has it. */
static void expect(const struct check *check, const char *name, const char *got)
{
    const char *expected = replay_text(check->replay->whole, name, check->replay->arena);
    if (expected && (!got || strcmp(expected, got) != 0))
        differ(check, name, expected, got);
}

typedef struct kc_error *(*print_form)(const struct avro_schema *schema, const struct kc_map *known,
                                       struct kc_buf *buf);

static const char *printed(const struct check *check, print_form form,
                           const struct avro_schema *schema)
{
    KC_AUTO_BUF buf = KC_BUF(0);
    struct kc_error *err = form(schema, NULL, &buf);
    char *line = err ? kc_error_line(err) : NULL;
    const char *text = line ? kc_arena_text(check->replay->arena, line, strlen(line))
                            : kc_arena_text(check->replay->arena, buf.data, buf.len);
    free(line);
    kc_error_free(err);
    return text;
}

static void compare_texts(const struct check *check, const struct avro_schema *schema)
{
    KC_AUTO_BUF pcf = KC_BUF(0);
    char crc[17];
    expect(check, "print", printed(check, avro_print, schema));
    expect(check, "confluent_canonical", printed(check, avro_print, schema));
    expect(check, "confluent_normalized", printed(check, avro_print_normal, schema));
    struct kc_error *err = avro_print_canonical(schema, &pcf);
    kc_error_free(err);
    expect(check, "pcf", pcf.data);
    snprintf(crc, sizeof(crc), "%016llx",
             (unsigned long long)__builtin_bswap64(
                 avro_fingerprint((struct kc_text){pcf.data, pcf.len})));
    expect(check, "crc64", crc);
}

static struct kc_error *parse(const struct replay_case *replay, bool strict,
                              struct avro_schema **schema)
{
    const char *text = replay_text(replay->whole, "schema", replay->arena);
    return avro_parse_alone(replay->arena, kc_text(text), strict, schema);
}

void replay_avro_text(const struct replay_case *replay, const char **why)
{
    struct check check = {replay, why};
    struct avro_schema *schema;
    struct kc_error *err = parse(replay, false, &schema);
    bool refused = kc_map_value_get(replay->whole, "error").kind != KC_NULL;
    if (!err)
        compare_texts(&check, schema);
    if (refused != !!err)
        differ(&check, "parsing", refused ? "an error" : "a schema", err ? err->text : "a schema");
    kc_error_free(err);
}

/* The class, and the text unless it is the JSON parser's. */
static void compare_error(const struct check *check, const char *name, const struct kc_error *err)
{
    struct kc_value error = kc_map_value_get(check->replay->whole, name);
    const char *class = replay_text(error, "class", check->replay->arena);
    const char *message = replay_text(error, "message", check->replay->arena);
    if (class && strcmp(class, kc_error_java_class(err)) != 0)
        differ(check, "class", class, kc_error_java_class(err));
    if (message && !strstr(message, "jackson") && strncmp(message, "dangling", 8) != 0 &&
        strcmp(message, err->text) != 0)
        differ(check, "message", message, err->text);
}

static void compare_verdict(const struct check *check, bool strict, const char *verdict,
                            const char *error)
{
    struct avro_schema *schema;
    struct kc_error *err = parse(check->replay, strict, &schema);
    expect(check, verdict, err ? "reject" : "accept");
    if (err)
        compare_error(check, error, err);
    else if (strict)
        expect(check, "print", printed(check, avro_print, schema));
    kc_error_free(err);
}

void replay_avro_valid(const struct replay_case *replay, const char **why)
{
    struct check check = {replay, why};
    compare_verdict(&check, true, "strict", "strict_error");
    compare_verdict(&check, false, "lenient", "lenient_error");
}
