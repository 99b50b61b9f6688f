/* Comparing what came out with what a case expects. */
#include <stdlib.h>

#include "tests/replay/replay.h"
#include "schemas/json_encode.h"

const char *replay_print(struct kc_value form, struct kc_arena *arena)
{
    struct json_encoder encoder = { .settings = { .cache = 1 } };
    KC_AUTO_BUF text = KC_BUF(0);
    kc_error_free(json_encode_once(&encoder, NULL, form, &text));
    json_encoder_clear(&encoder);
    return kc_arena_text(arena, text.data ? text.data : "", text.len);
}

/* ---- texts: where Java prints the address of an array ("[B@1b2c3d") or what a buffer is, ours
 * prints the bytes, so that any text will do there ---- */

/* The length of such a place at the start of the text, 0 if there is none. */
static size_t no_content(struct kc_text text)
{
    size_t len = 3;
    if (kc_text_starts(text, "java.nio.HeapByteBuffer[pos=")) {
        const char *end = memchr(text.ptr, ']', text.len);
        return end ? (size_t)(end + 1 - text.ptr) : 0;
    }
    if (!kc_text_starts(text, "[B@"))
        return 0;
    if (kc_text_starts(text, "[B@HASH"))
        return 7;
    while (len < text.len && strchr("0123456789abcdef", text.ptr[len]))
        len++;
    return len;
}

static bool same_text(struct kc_text expected, struct kc_text got)
{
    size_t i = 0;
    while (i < expected.len) {
        struct kc_text rest = { expected.ptr + i, expected.len - i };
        size_t skipped = no_content(rest);
        if (skipped) {
            rest.ptr += skipped;
            rest.len -= skipped;
            for (size_t j = i; j <= got.len; j++)
                if (same_text(rest, (struct kc_text){ got.ptr + j, got.len - j }))
                    return true;
            return false;
        }
        if (i == got.len || expected.ptr[i] != got.ptr[i])
            return false;
        i++;
    }
    return i == got.len;
}

/* ---- forms ---- */

static bool same_form(struct kc_value expected, struct kc_value got);

static bool is_tag(struct kc_value form, const char *tag)
{
    return form.kind == KC_ARRAY && form.len >= 2 && form.u.items[0].kind == KC_STRING &&
           kc_text_is(kc_value_text(form.u.items[0]), tag);
}

static bool same_items(struct kc_value expected, struct kc_value got)
{
    if (expected.len != got.len)
        return false;
    for (uint32_t i = 0; i < expected.len; i++)
        if (!same_form(expected.u.items[i], got.u.items[i]))
            return false;
    return true;
}

/* Each item of one is in the other; keys of a map are not there twice. */
static bool same_set(struct kc_value expected, struct kc_value got)
{
    if (expected.len != got.len)
        return false;
    for (uint32_t i = 0; i < expected.len; i++) {
        bool found = false;
        for (uint32_t j = 0; !found && j < got.len; j++)
            found = same_form(expected.u.items[i], got.u.items[j]);
        if (!found)
            return false;
    }
    return true;
}

static bool same_object(struct kc_value expected, struct kc_value got)
{
    if (expected.len != got.len)
        return false;
    for (uint32_t i = 0; i < expected.len; i++) {
        struct kc_text name = kc_value_text(expected.u.entries[i].key);
        bool found = false;
        for (uint32_t j = 0; !found && j < got.len; j++)
            found = kc_text_equal(name, kc_value_text(got.u.entries[j].key)) &&
                    same_form(expected.u.entries[i].value, got.u.entries[j].value);
        if (!found)
            return false;
    }
    return true;
}

/* The bits decide, where the case has them. */
static bool same_float(struct kc_value expected, struct kc_value got)
{
    uint32_t part = expected.len >= 3 && got.len >= 3 ? 2 : 1;
    return kc_value_equal(expected.u.items[0], got.u.items[0]) &&
           kc_value_equal(expected.u.items[part], got.u.items[part]);
}

static bool same_form(struct kc_value expected, struct kc_value got)
{
    if (expected.kind != got.kind)
        return false;
    if (expected.kind == KC_MAP)
        return same_object(expected, got);
    if (expected.kind == KC_STRING)
        return same_text(kc_value_text(expected), kc_value_text(got));
    if (expected.kind != KC_ARRAY)
        return kc_value_equal(expected, got);
    if (is_tag(expected, "map") && is_tag(got, "omap"))
        return same_set(expected.u.items[1], got.u.items[1]);
    if (is_tag(expected, "bytebuf") && is_tag(got, "bytes"))
        return kc_value_equal(expected.u.items[1], got.u.items[1]);
    if (is_tag(expected, "bigint") && is_tag(got, "dec"))
        return kc_value_equal(expected.u.items[1], got.u.items[1]);
    if (is_tag(expected, "f32") || is_tag(expected, "f64"))
        return got.len >= 2 && same_float(expected, got);
    return same_items(expected, got);
}

/* ---- outputs: bytes are compared as text where they are one ---- */

static bool same_output(struct kc_value expected, struct kc_value got)
{
    if (expected.kind == KC_MAP && got.kind == KC_MAP &&
        kc_map_value_get(expected, "text").kind == KC_STRING &&
        kc_map_value_get(expected, "schema").kind == KC_NULL)
        return same_form(kc_map_value_get(expected, "text"), kc_map_value_get(got, "text"));
    return same_form(expected, got);
}

/* ---- errors ---- */

static const char *class_of(const struct kc_error *err)
{
    static const char *const classes[] = {
        [KC_RETRY] = "org.apache.kafka.connect.errors.RetriableException",
        [KC_BAD_DATA] = "org.apache.kafka.connect.errors.DataException",
        [KC_BAD_CONFIG] = "org.apache.kafka.common.config.ConfigException",
        [KC_FATAL] = "org.apache.kafka.connect.errors.ConnectException",
    };
    return err->java_class ? err->java_class : classes[err->fault];
}

/* Our data model has one kind where Java has several classes. */
static char *one_class(struct kc_arena *arena, const char *text)
{
    static const char *const same[][2] = { { "java.math.BigInteger", "java.math.BigDecimal" },
                                           { "java.util.LinkedHashMap", "java.util.HashMap" },
                                           { "class java.nio.HeapByteBuffer", "class [B" } };
    KC_AUTO_BUF out = KC_BUF(0);
    while (*text) {
        size_t i = 0;
        while (i < KC_COUNT(same) && strncmp(text, same[i][0], strlen(same[i][0])) != 0)
            i++;
        if (i < KC_COUNT(same)) {
            kc_buf_str(&out, same[i][1]);
            text += strlen(same[i][0]);
        } else {
            kc_buf_char(&out, *text++);
        }
    }
    return kc_arena_text(arena, out.data ? out.data : "", out.len);
}

/* Where the class and text must be the original's; elsewhere any error will do. */
static bool is_contract(const char *class_name, const char *message)
{
    if (strstr(message, "com.fasterxml."))
        return false;
    return strncmp(class_name, "org.apache.kafka.", 17) == 0 ||
           strcmp(class_name, "java.lang.IndexOutOfBoundsException") == 0 ||
           strcmp(class_name, "java.lang.IllegalArgumentException") == 0;
}

static bool same_error(struct kc_value expected, const struct kc_error *err,
                       struct kc_arena *arena)
{
    const char *class_name = replay_text(expected, "class", arena);
    const char *message = replay_text(expected, "message", arena);
    if (!message)
        message = "";
    if (!is_contract(class_name, message))
        return true;
    return strcmp(class_name, class_of(err)) == 0 &&
           same_text(kc_text(one_class(arena, message)), kc_text(one_class(arena, err->text)));
}

/* Expected causes that count must come in their order. */
static bool same_causes(struct kc_value expected, const struct kc_error *err,
                        struct kc_arena *arena)
{
    struct kc_value causes = kc_map_value_get(expected, "causes");
    const struct kc_error *cause = err->cause;
    for (uint32_t i = 0; causes.kind == KC_ARRAY && i < causes.len; i++) {
        const char *class_name = replay_text(causes.u.items[i], "class", arena);
        const char *message = replay_text(causes.u.items[i], "message", arena);
        if (!is_contract(class_name, message ? message : ""))
            continue;
        while (cause && !same_error(causes.u.items[i], cause, arena))
            cause = cause->cause;
        if (!cause)
            return false;
    }
    return true;
}

static bool error_matches(struct kc_value expected, const struct replay_result *result,
                          struct kc_arena *arena, const char **why)
{
    const char *phase = replay_text(expected, "phase", arena);
    bool same_phase = !phase || (result->phase && strcmp(phase, result->phase) == 0);
    if (same_phase && same_error(expected, result->error, arena) &&
        same_causes(expected, result->error, arena))
        return true;
    char *trace = kc_error_trace(result->error);
    *why = kc_arena_printf(arena, "another error%s%s:\n  expected %s\n  got      %s",
                           result->phase ? " in phase " : "", result->phase ? result->phase : "",
                           replay_print(expected, arena), trace);
    free(trace);
    return false;
}

bool replay_matches(const struct replay_case *replay, const struct replay_result *result,
                    const char **why)
{
    struct kc_arena *arena = replay->arena;
    struct kc_value error = kc_map_value_get(replay->whole, "error");
    struct kc_value output = kc_map_value_get(replay->whole, "output");
    if (error.kind == KC_MAP && result->error)
        return error_matches(error, result, arena, why);
    if (error.kind == KC_MAP) {
        *why = kc_arena_printf(arena, "no error:\n  expected %s\n  got      %s",
                               replay_print(error, arena), replay_print(result->output, arena));
        return false;
    }
    if (result->error) {
        char *trace = kc_error_trace(result->error);
        *why = kc_arena_printf(arena, "an error:\n  expected %s\n  got      %s",
                               replay_print(output, arena), trace);
        free(trace);
        return false;
    }
    if (same_output(output, result->output))
        return true;
    *why = kc_arena_printf(arena, "another output:\n  expected %s\n  got      %s",
                           replay_print(output, arena), replay_print(result->output, arena));
    return false;
}
