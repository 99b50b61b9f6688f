#include <stdlib.h>
#include <strings.h>

#include "cli/cli.h"

static bool is_json(struct kc_text text)
{
    if (text.len >= 3 && memcmp(text.ptr, "\xEF\xBB\xBF", 3) == 0)
        text = (struct kc_text){ text.ptr + 3, text.len - 3 };
    return kc_text_trim(text).len && kc_text_trim(text).ptr[0] == '{';
}

static struct kc_error *take_state(const struct kc_json *json, enum herder_target *state)
{
    static const char *const names[] = { "RUNNING", "PAUSED", "STOPPED" };
    const char *text = kc_json_string(json);
    if (!json || kc_json_type(json) == KC_JSON_NULL)
        return NULL;
    for (size_t i = 0; text && i < KC_COUNT(names); i++)
        if (strcasecmp(text, names[i]) == 0) {
            *state = (enum herder_target)i;
            return NULL;
        }
    return kc_fail(KC_BAD_CONFIG, "initial_state must be one of RUNNING, PAUSED, STOPPED");
}

static struct kc_error *take_request(const struct kc_json *json, struct connector_file *file)
{
    struct kc_error *err = kc_props_from_json(kc_json_get(json, "config"), &file->props);
    const char *outer = kc_json_string(kc_json_get(json, "name"));
    const char *inner = kc_props_get(&file->props, "name");
    if (!err)
        err = take_state(kc_json_get(json, "initial_state"), &file->initial_state);
    if (err)
        return err;
    if (outer && inner && strcmp(outer, inner) != 0)
        return kc_fail(KC_BAD_CONFIG,
                       "Connector name configuration in 'config' (%s) doesn't match the one "
                       "specified in 'name' (%s)",
                       inner, outer);
    if (outer)
        kc_props_set(&file->props, "name", outer);
    return NULL;
}

static struct kc_error *take_json(struct kc_text text, struct connector_file *file)
{
    struct kc_json *json = NULL;
    struct kc_error *err = kc_json_parse(text, &json);
    if (!err && kc_json_type(kc_json_get(json, "config")) == KC_JSON_OBJECT)
        err = take_request(json, file);
    else if (!err)
        err = kc_props_from_json(json, &file->props);
    kc_json_free(json);
    return err;
}

static struct kc_error *read_file(const char *path, struct connector_file *file)
{
    KC_AUTO_BUF buf = KC_BUF(0);
    struct kc_error *err = kc_props_read_file(path, &buf);
    if (err)
        return err; /* it names the file */
    struct kc_text text = { buf.data ? buf.data : "", buf.len };
    err = is_json(text) ? take_json(text, file) : kc_props_parse(text, &file->props);
    return err ? kc_while(err, "%s", path) : NULL;
}

/* Java's three forms: .properties, a flat JSON object, and the body of POST /connectors.
 * KC_BAD_CONFIG. */
static struct kc_error *connector_file_read(const char *path, struct connector_file *file)
{
    *file = (struct connector_file){ .path = path };
    struct kc_error *err = read_file(path, file);
    if (err)
        return err;
    const char *name = kc_props_get(&file->props, "name");
    if (!name)
        return kc_fail(KC_BAD_CONFIG,
                       "Connector configuration at '%s' is missing the mandatory 'name' "
                       "configuration",
                       path);
    struct kc_text trimmed = kc_text_trim(kc_text(name));
    file->name = kc_strndup(trimmed.ptr, trimmed.len);
    return NULL;
}

static void connector_file_clear(struct connector_file *file)
{
    free(file->name);
    kc_props_clear(&file->props);
}

struct kc_error *settings_file_read(const char *path, struct kc_props *props)
{
    struct connector_file file = { .path = path };
    struct kc_error *err = read_file(path, &file);
    if (!err)
        kc_props_copy(props, &file.props);
    connector_file_clear(&file);
    return err;
}

struct connector_file *cli_read_connectors(char **paths, size_t count)
{
    bool wrong = false;
    struct connector_file *files = kc_calloc(count + 1, sizeof *files);
    for (size_t i = 0; i < count; i++) {
        struct kc_error *err = connector_file_read(paths[i], &files[i]);
        wrong = wrong || err;
        if (err)
            cli_complain_error(err);
    }
    if (!wrong)
        return files;
    cli_free_connectors(files, count);
    return NULL;
}

void cli_free_connectors(struct connector_file *files, size_t count)
{
    for (size_t i = 0; files && i < count; i++)
        connector_file_clear(&files[i]);
    free(files);
}
