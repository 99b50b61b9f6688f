#include "sources/postgres/signals.h"

#include <stdlib.h>

#include "base/log.h"
#include "data/plain_json.h"
#include "data/schema.h"
#include "sources/common/table_id.h"
#include "sources/postgres/source.h"

bool signals_is_table(const struct pg_config *config, struct kc_text schema, struct kc_text name)
{
    struct table_id id;
    if (!config->signal_table || !table_id_parse(kc_text(config->signal_table), &id))
        return false;
    bool is = !id.catalog && id.schema && kc_text_is(schema, id.schema) &&
              kc_text_is(name, id.name);
    table_id_clear(&id);
    return is;
}

/* ---- what signals do ---- */

/* What the functions below work on. */
struct arrival {
    struct pg_source *source;
    const struct signal *signal;
    struct kc_batch *batch;
    uint64_t number;
};

/* The first {} of the message becomes the offset. */
static struct kc_error *log_message(const struct arrival *arrival)
{
    const char *id = arrival->signal->id;
    const char *message = kc_json_string(kc_json_get(arrival->signal->data, "message"));
    if (!message || !*message) {
        kc_log_warn("postgres", "Signal %s has no \"message\" in its data", id);
        return NULL;
    }
    const char *mark = strstr(message, "{}");
    KC_AUTO_BUF text = KC_BUF(0);
    kc_buf_put(&text, message, mark ? (size_t)(mark - message) : strlen(message));
    if (mark) {
        const struct pg_source *source = arrival->source;
        kc_plain_json_write(position_write(&source->stream.position, &source->transactions,
                                           &arrival->batch->arena),
                            &text);
        kc_buf_str(&text, mark + 2);
    }
    kc_buf_char(&text, 0);
    kc_log_info("postgres", "Signal %s: %s", id, text.data);
    return NULL;
}

static void tell_bad(const struct arrival *arrival, struct kc_error *err)
{
    char *line = kc_error_line(err);
    kc_log_warn("postgres", "Signal %s of type %s is passed over: %s", arrival->signal->id,
                arrival->signal->type, line);
    free(line);
    kc_error_free(err);
}

static struct kc_error *execute_snapshot(const struct arrival *arrival)
{
    struct snapshot_request request;
    struct kc_error *err = snapshot_request_read(arrival->signal, false, &request);
    if (err) {
        tell_bad(arrival, err);
        return NULL;
    }
    if (request.type == SIGNAL_INCREMENTAL)
        err = incremental_execute(&arrival->source->incremental, arrival->signal->id, &request);
    else
        blocking_add(&arrival->source->blocking.wishes, arrival->signal, &request);
    snapshot_request_clear(&request);
    return err;
}

static struct kc_error *stop_snapshot(const struct arrival *arrival)
{
    struct snapshot_request request;
    struct kc_error *err = snapshot_request_read(arrival->signal, true, &request);
    if (err) {
        tell_bad(arrival, err);
        return NULL;
    }
    if (request.type == SIGNAL_INCREMENTAL)
        incremental_stop(&arrival->source->incremental, &request);
    snapshot_request_clear(&request);
    return NULL;
}

static struct kc_error *pause_snapshot(const struct arrival *arrival)
{
    incremental_pause(&arrival->source->incremental);
    return NULL;
}

static struct kc_error *resume_snapshot(const struct arrival *arrival)
{
    incremental_resume(&arrival->source->incremental);
    return NULL;
}

static struct kc_error *open_window(const struct arrival *arrival)
{
    incremental_open(&arrival->source->incremental, arrival->signal->id);
    return NULL;
}

static struct kc_error *close_window(const struct arrival *arrival)
{
    struct pg_source *source = arrival->source;
    incremental_close(&source->incremental, arrival->signal->id, &source->stream.position);
    /* Its rows come before the mark's own event. */
    return incremental_step(&source->incremental, &source->stream.position, 0, arrival->batch,
                            arrival->number);
}

static const struct action {
    const char *type;
    struct kc_error *(*run)(const struct arrival *arrival);
} actions[] = {
    {"execute-snapshot", execute_snapshot},
    {"stop-snapshot", stop_snapshot},
    {"pause-snapshot", pause_snapshot},
    {"resume-snapshot", resume_snapshot},
    {"snapshot-window-open", open_window},
    {"snapshot-window-close", close_window},
    {"log", log_message},
};
/* The marks are for the table alone. */
const char *const signals_types[] = {"execute-snapshot", "stop-snapshot",   "pause-snapshot",
                                     "resume-snapshot",  "log",             NULL};

struct kc_error *signals_handle(struct pg_source *source, const struct signal *signal,
                                struct kc_batch *batch, uint64_t number)
{
    struct arrival arrival = {source, signal, batch, number};
    for (size_t i = 0; i < KC_COUNT(actions); i++)
        if (strcmp(signal->type, actions[i].type) == 0)
            return actions[i].run(&arrival);
    kc_log_warn("postgres",
                "Signal '%s' has been received but the type '%s' is not recognized", signal->id,
                signal->type);
    return NULL;
}

/* ---- the signal table ---- */

/* Columns count by their place, not by their names. */
static bool read_columns(struct kc_value row, struct kc_text columns[3])
{
    const struct kc_schema *schema = row.u.structure->schema;
    if (schema->n_fields != 3) {
        kc_log_warn("postgres",
                    "A row of the signal table has %u captured columns: signals have three, id, "
                    "type and data",
                    schema->n_fields);
        return false;
    }
    for (size_t i = 0; i < 3; i++) {
        struct kc_value value = row.u.structure->field[i];
        if (value.kind != KC_STRING && value.kind != KC_NULL) {
            kc_log_warn("postgres", "Column %zu of the signal table is no text", i + 1);
            return false;
        }
        columns[i] = value.kind == KC_STRING ? kc_value_text(value) : (struct kc_text){0};
    }
    return true;
}

/* Marks are ours, whatever channels are enabled. */
static bool is_mark(struct kc_text type)
{
    return kc_text_starts(type, "snapshot-window-");
}

struct kc_error *signals_row(struct pg_source *source, struct kc_value row, bool deleted,
                             struct kc_batch *batch, uint64_t number)
{
    const struct pg_config *config = source->base.config;
    struct kc_text columns[3];
    struct signal signal;
    bool closes = deleted && config->watermarks == WATERMARK_INSERT_DELETE;
    if ((deleted && !closes) || row.kind != KC_STRUCT || !read_columns(row, columns))
        return NULL;
    if (closes) {
        /* The deleted row is the first mark, of which it may show no more than the id. */
        columns[1] = KC_TEXT("snapshot-window-close");
        columns[2] = (struct kc_text){0};
    } else if (!channels_enabled(&config->channels, "source") && !is_mark(columns[1])) {
        return NULL;
    }
    struct kc_error *err = signal_parse(columns[0], columns[1], columns[2], &signal);
    if (err) {
        char *line = kc_error_line(err);
        kc_log_warn("postgres", "Signal '%.*s' of type '%.*s' can't be read: %s",
                    KC_FMT(columns[0]), KC_FMT(columns[1]), line);
        free(line);
        kc_error_free(err);
        return NULL;
    }
    err = signals_handle(source, &signal, batch, number);
    signal_clear(&signal);
    return err;
}
