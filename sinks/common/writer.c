#include "sinks/common/writer.h"

#include <stdlib.h>

#include "sinks/common/evolve.h"

#define MANY        1000 /* records in a put that show a backlog: another put will follow at once */
#define MAX_LAYOUTS 16   /* of a topic; beyond that they are worked out anew */

struct writer_topic {
    struct jdbc_table *table;
    struct jdbc_layout **layouts; /* the one used last comes first */
    size_t n_layouts, layouts_cap;
};

/* ---- set up ---- */

struct kc_error *jdbc_driver_find(const struct jdbc_driver *const *drivers,
                                  const struct jdbc_url *url, const char *dialect,
                                  const struct jdbc_driver **driver)
{
    KC_AUTO_BUF known = KC_BUF(0);

    for (; *drivers; drivers++) {
        for (const char *const *name = (*drivers)->subprotocols; *name; name++) {
            if (strcmp(*name, url->subprotocol) == 0) {
                if (dialect && *dialect && strcmp(dialect, (*drivers)->dialect->name) != 0)
                    return kc_fail(
                        KC_BAD_CONFIG,
                        "dialect.name is %s, but the URL speaks of a database of dialect %s; "
                        "leave dialect.name out",
                        dialect, (*drivers)->dialect->name);
                *driver = *drivers;
                return NULL;
            }
            kc_buf_printf(&known, "%sjdbc:%s", known.len ? ", " : "", *name);
        }
    }
    return kc_fail_as(KC_BAD_CONFIG, "java.sql.SQLException",
                      "No suitable driver for jdbc:%s (built in: %s)", url->subprotocol,
                      known.len ? known.data : "none");
}

void jdbc_driver_params(const struct jdbc_config *config, const struct jdbc_url *url,
                        struct kc_props *params)
{
    static const char *const ours[] = { "url",      "user",     "username",
                                        "password", "attempts", "backoff.ms" };
    struct kc_map_entry *at = NULL;
    const char *name, *value;

    while (kc_props_next(&config->driver_params, &at, &name, &value)) {
        bool own = strncmp(name, "pool.", 5) == 0;
        for (size_t i = 0; i < KC_COUNT(ours); i++)
            own = own || strcmp(name, ours[i]) == 0;
        if (!own)
            kc_props_set(params, name, value);
    }
    kc_props_copy(params, &url->params);
}

/* Puts together a target for the driver; borrows from writer and config. */
static struct jdbc_target jdbc_writer_target(const struct jdbc_writer *writer)
{
    return (struct jdbc_target){ .url = &writer->url,
                                 .params = &writer->params,
                                 .user = writer->settings.config->user,
                                 .password = writer->settings.config->password,
                                 .application = writer->application };
}

struct kc_error *jdbc_writer_init(struct jdbc_writer *writer, struct kc_sink *sink,
                                  enum jdbc_flavour flavour,
                                  const struct jdbc_driver *const *drivers)
{
    const struct jdbc_config *config = sink->config;
    struct kc_findings findings = { 0 };

    writer->sink = sink;
    writer->settings = jdbc_settings_of(config, flavour);
    writer->retries_left = config->max_retries;
    writer->by_source = strstr(config->table_format, "${source.") != NULL;
    writer->application = kc_printf("penstock %s", sink->connector ? sink->connector : "");
    struct kc_error *err = jdbc_url_parse(config->url, &writer->url);
    if (!err)
        err = jdbc_driver_find(drivers, &writer->url, config->dialect, &writer->driver);
    if (err)
        return err;
    writer->settings.quote_char = writer->driver->dialect->quote;
    writer->settings.fold = !writer->settings.quote && writer->driver->dialect->folds;
    writer->slots.settings = &writer->settings;
    writer->sent = writer->driver->sent_new();
    jdbc_driver_params(config, &writer->url, &writer->params);
    struct jdbc_target target = jdbc_writer_target(writer);
    jdbc_settings_check(&writer->settings, &findings);
    writer->driver->check_target(&target, &findings);
    err = kc_findings_error(&findings);
    kc_findings_clear(&findings);
    return err;
}

static void writer_topic_free(void *value)
{
    struct writer_topic *topic = value;

    for (size_t i = 0; i < topic->n_layouts; i++)
        jdbc_layout_free(topic->layouts[i]);
    free(topic->layouts);
    free(topic);
}

static void writer_table_free(void *value)
{
    jdbc_table_free(value);
}

static void writer_disconnect(struct jdbc_writer *writer)
{
    if (writer->conn)
        writer->driver->disconnect(writer->conn);
    writer->conn = NULL;
}

void jdbc_writer_clear(struct jdbc_writer *writer)
{
    if (writer->sent)
        writer->driver->sent_free(writer->sent);
    writer_disconnect(writer);
    jdbc_slots_clear(&writer->slots);
    kc_map_clear(&writer->topics, writer_topic_free);
    kc_map_clear(&writer->tables, writer_table_free);
    kc_props_clear(&writer->params);
    jdbc_url_clear(&writer->url);
    free(writer->application);
    free(writer->records);
    *writer = (struct jdbc_writer){ 0 };
}

/* ---- the connection ---- */

static struct kc_error *writer_connect(struct jdbc_writer *writer)
{
    struct jdbc_target target = jdbc_writer_target(writer);

    if (writer->conn && !writer->conn->broken)
        return NULL;
    writer_disconnect(writer);
    struct kc_error *err =
        writer->driver->connect(&target, &writer->settings, writer->sink->stop_fd, &writer->conn);
    if (err) {
        if (err->fault == KC_RETRY)
            writer->connect_failures++;
        return kc_while(err, "connecting to the database");
    }
    writer->connect_failures = 0;
    writer->conn->driver = writer->driver;
    return NULL;
}

/* What was known of the tables is no longer true. */
static void writer_forget(struct jdbc_writer *writer)
{
    for (struct kc_map_entry *e = NULL; (e = kc_map_next(&writer->tables, e));)
        jdbc_table_forget(e->value);
}

/* Connects if need be, and brings to its end what an earlier put left on its way. */
static struct kc_error *writer_ready(struct jdbc_writer *writer)
{
    bool lost = !writer->conn || writer->conn->broken;
    struct kc_error *err = writer_connect(writer);

    if (!err && writer->pending) {
        err = lost ? NULL : writer->driver->finish(writer->conn, writer->sent);
        if (lost || (err && err->fault == KC_BAD_DATA)) {
            kc_error_free(err);
            err = writer->driver->settle(writer->conn, writer->sent);
        }
        writer->pending = err && (err->fault == KC_RETRY || err->fault == KC_STOPPED);
        writer->failed = err && !writer->pending;
    }
    /* Another connection may see another state of the tables. */
    if (lost)
        writer_forget(writer);
    return err;
}

/* ---- tables and layouts ---- */

static struct kc_error *writer_table(struct jdbc_writer *writer, const char *text,
                                     struct jdbc_table **table)
{
    struct jdbc_table *new, *old;
    struct kc_error *err =
        jdbc_table_new(text, writer->settings.quote_char, writer->settings.fold, &new);

    if (err)
        return err;
    old = kc_map_get(&writer->tables, kc_text(new->full));
    if (old) {
        jdbc_table_free(new);
        new = old;
    } else {
        kc_map_set(&writer->tables, kc_text(new->full), new);
    }
    *table = new;
    return NULL;
}

static struct kc_error *writer_topic(struct jdbc_writer *writer, const struct jdbc_row *row,
                                     struct writer_topic **found)
{
    struct kc_text name = kc_text(row->record->topic);
    KC_AUTO_BUF table_name = KC_BUF(0);
    struct jdbc_table *table;

    struct writer_topic *topic = writer->by_source ? NULL : kc_map_get(&writer->topics, name);
    if (topic) {
        *found = topic;
        return NULL;
    }
    struct kc_error *err = jdbc_table_name(&writer->settings, row, &table_name);
    if (!err && table_name.len == 0)
        err = kc_fail(KC_BAD_CONFIG,
                      "Destination table name for topic '%s' is empty using the format "
                      "string '%s'",
                      row->record->topic, writer->settings.config->table_format);
    if (!err)
        err = writer_table(writer, table_name.data, &table);
    if (err)
        return err;
    KC_AUTO_BUF key = KC_BUF(0);
    kc_buf_text(&key, name);
    if (writer->by_source)
        kc_buf_printf(&key, "\n%s", table->full);
    name = (struct kc_text){ key.data, key.len };
    topic = kc_map_get(&writer->topics, name);
    if (!topic) {
        topic = kc_calloc(1, sizeof(*topic));
        topic->table = table;
        kc_map_set(&writer->topics, name, topic);
    }
    *found = topic;
    return NULL;
}

/* Ties the table to those among ours that foreign keys name. */
static void writer_relate(struct jdbc_writer *writer, struct jdbc_table *table,
                          const struct kc_list *names)
{
    table->n_related = 0;
    table->self_related = false;
    for (struct kc_map_entry *e = NULL; (e = kc_map_next(&writer->tables, e));) {
        struct jdbc_table *other = e->value;
        bool tied = false;
        for (size_t i = 0; i < names->len; i++)
            tied = tied || strcmp(names->items[i], other->full) == 0 ||
                   (!other->schema && strchr(names->items[i], '.') &&
                    strcmp(strchr(names->items[i], '.') + 1, other->name) == 0);
        if (!tied)
            continue;
        if (other == table) {
            table->self_related = true;
            continue;
        }
        struct jdbc_table *pair[] = { table, other };
        for (int i = 0; i < 2; i++) {
            struct jdbc_table *to = pair[i];
            to->related = kc_realloc(to->related, (to->n_related + 1) * sizeof(*to->related));
            to->related[to->n_related++] = pair[1 - i];
        }
    }
}

static void writer_list_clear(struct kc_list *list)
{
    for (size_t i = 0; i < list->len; i++)
        free(list->items[i]);
    free(list->items);
}

/* *absent: there is no table, so nothing to delete from. */
static struct kc_error *writer_bind(struct jdbc_writer *writer, struct jdbc_layout *layout,
                                    bool *absent)
{
    struct kc_list names = { 0 };
    struct kc_error *err = NULL;

    if (!layout->table->known) {
        err = writer->driver->describe(writer->conn, layout->table, &names);
        if (!err)
            writer_relate(writer, layout->table, &names);
    }
    *absent = !err && !layout->table->exists && layout->op != JDBC_WRITE && writer->settings.create;
    if (!err && !*absent)
        err = jdbc_evolve(writer->conn, layout, &names);
    writer_list_clear(&names);
    return err;
}

static struct kc_error *writer_layout(struct jdbc_writer *writer, struct writer_topic *topic,
                                      const struct jdbc_row *row, struct jdbc_layout **found)
{
    struct jdbc_layout *layout;

    for (size_t i = 0; i < topic->n_layouts; i++) {
        layout = topic->layouts[i];
        if (!jdbc_layout_fits(layout, row))
            continue;
        topic->layouts[i] = topic->layouts[0];
        topic->layouts[0] = layout;
        *found = layout;
        return NULL;
    }
    struct kc_error *err = jdbc_layout_new(&writer->settings, row, topic->table, &layout);
    if (err)
        return err;
    topic->layouts =
        kc_grow(topic->layouts, topic->n_layouts, &topic->layouts_cap, sizeof(*topic->layouts));
    if (topic->n_layouts)
        topic->layouts[topic->n_layouts] = topic->layouts[0];
    topic->n_layouts++;
    topic->layouts[0] = layout;
    *found = layout;
    return NULL;
}

/* Between puts: schemas come and go, only the last ones are worth keeping. */
static void writer_trim(struct jdbc_writer *writer)
{
    for (struct kc_map_entry *e = NULL; (e = kc_map_next(&writer->topics, e));) {
        struct writer_topic *topic = e->value;
        while (topic->n_layouts > MAX_LAYOUTS)
            jdbc_layout_free(topic->layouts[--topic->n_layouts]);
    }
}

/* ---- planning ---- */

static struct kc_error *writer_add(struct jdbc_writer *writer, struct kc_record *record)
{
    struct jdbc_row row;
    struct writer_topic *topic;
    struct jdbc_layout *layout;
    bool absent = false;

    struct kc_error *err = jdbc_interpret(&writer->settings, writer->sink->connector, record, &row);
    if (err || row.op == JDBC_SKIP)
        return err;
    err = writer_topic(writer, &row, &topic);
    if (!err)
        err = writer_layout(writer, topic, &row, &layout);
    if (!err && !jdbc_layout_bound(layout))
        err = writer_bind(writer, layout, &absent);
    if (!err && !absent)
        jdbc_slots_add(&writer->slots, layout, &row);
    return err;
}

static struct kc_error *writer_where(struct kc_error *err, const struct kc_record *record)
{
    const char *topic = record->origin_topic ? record->origin_topic : record->topic;
    int partition = record->origin_topic ? (int)record->origin_partition : (int)record->partition;

    return kc_while(err, "writing the record at offset %lld of topic '%s', partition %d",
                    (long long)record->offset, topic, partition);
}

/* Records [from, *to) become slots. A record at fault ends the span if faults end the task. */
static struct kc_error *writer_plan(struct jdbc_writer *writer, size_t from, size_t *to)
{
    jdbc_slots_reset(&writer->slots);
    for (size_t i = from; i < *to; i++) {
        struct kc_record *record = writer->records[i];
        if (record->fault)
            continue;
        struct kc_error *err = writer_add(writer, record);
        if (!err)
            continue;
        if (err->fault != KC_BAD_DATA)
            return err->fault == KC_RETRY || err->fault == KC_STOPPED ? err
                                                                      : writer_where(err, record);
        record->fault = err;
        if (writer->sink->stop_at_fault)
            *to = i;
    }
    return NULL;
}

/* ---- writing ---- */

/* A later record of the plan may have changed a table under an earlier one's layout. */
static struct kc_error *writer_rebind(struct jdbc_writer *writer, const struct jdbc_group *groups,
                                      size_t count)
{
    struct kc_error *err = NULL;
    bool absent;

    for (size_t i = 0; !err && i < count; i++)
        if (!jdbc_layout_bound(groups[i].layout))
            err = writer_bind(writer, groups[i].layout, &absent);
    return err;
}

static struct kc_error *writer_try(struct jdbc_writer *writer, size_t from, size_t *to)
{
    struct jdbc_conn *conn = writer->conn;
    struct kc_error *err = NULL;

    for (int again = 0; again < 2; again++) {
        size_t count;
        conn->culprit = NULL;
        conn->stale = false;
        err = writer_plan(writer, from, to);
        if (err)
            break;
        const struct jdbc_group *groups = jdbc_slots_groups(&writer->slots, &count);
        err = writer_rebind(writer, groups, count);
        if (!err && count)
            err = writer->driver->send(conn, writer->sent, groups, count);
        if (!err && count)
            err = writer->driver->finish(conn, writer->sent);
        if (!err || !conn->stale || again)
            break;
        kc_error_free(err);
        writer_forget(writer);
    }
    return err;
}

static size_t writer_index(const struct jdbc_writer *writer, size_t from, size_t to)
{
    for (size_t i = from; i < to; i++)
        if (writer->records[i] == writer->conn->culprit)
            return i;
    return to;
}

/* Writes records [from, to), each once or not at all. What a transaction as a whole can't take is
 * halved until the record at fault stands alone, so all before it are written before it is given
 * up. *halted: nothing beyond may be written. */
static struct kc_error *writer_span(struct jdbc_writer *writer, size_t from, size_t to,
                                    bool *halted)
{
    size_t end = to, split;
    struct kc_error *err = writer_try(writer, from, &end);
    bool cut = end < to;

    *halted = cut;
    if (!err || err->fault != KC_BAD_DATA)
        return err;
    split = writer->conn->culprit ? writer_index(writer, from, end) : end;
    if (split < end || end - from == 1) {
        split = split < end ? split : from;
        struct kc_record *record = writer->records[split];
        record->fault = err;
        *halted = false;
        err = split > from ? writer_span(writer, from, split, halted) : NULL;
        *halted = *halted || writer->sink->stop_at_fault;
        split++;
    } else {
        kc_error_free(err);
        split = from + (end - from) / 2;
        err = writer_span(writer, from, split, halted);
    }
    if (!err && !*halted && split < end)
        err = writer_span(writer, split, end, halted);
    *halted = *halted || cut;
    return err;
}

static size_t writer_collect(struct jdbc_writer *writer, struct kc_batch *batch)
{
    size_t count = 0;

    for (struct kc_record *record = batch->first; record; record = record->next) {
        if (record->dropped)
            continue;
        if (record->fault && writer->sink->stop_at_fault)
            break;
        if (record->fault)
            continue;
        writer->records =
            kc_grow(writer->records, count, &writer->records_cap, sizeof(*writer->records));
        writer->records[count++] = record;
    }
    return count;
}

/* While there is a backlog a put does not wait for its end: the database works on it while the next
 * batch is read. Only where writing twice does no harm, and where a fault ends the task anyway.
 * Leaves writer->pending false when the rows must go the careful way. */
static struct kc_error *writer_put_on_way(struct jdbc_writer *writer, size_t count)
{
    size_t to = count, n_groups;

    if (count < MANY || !writer->sink->stop_at_fault || !writer->driver->settle ||
        writer->settings.config->insert_mode != JDBC_UPSERT)
        return NULL;
    struct kc_error *err = writer_plan(writer, 0, &to);
    if (err || to < count) {
        for (size_t i = to; i < count; i++) {
            kc_error_free(writer->records[i]->fault);
            writer->records[i]->fault = NULL;
        }
        return err;
    }
    const struct jdbc_group *groups = jdbc_slots_groups(&writer->slots, &n_groups);
    err = writer_rebind(writer, groups, n_groups);
    for (size_t i = 0; i < n_groups; i++)
        if (groups[i].op == JDBC_TRUNCATE)
            return err;
    if (!err && n_groups)
        err = writer->driver->send(writer->conn, writer->sent, groups, n_groups);
    writer->pending = !err && n_groups;
    if (err && err->fault == KC_BAD_DATA) {
        kc_error_free(err);
        err = NULL;
    }
    return err;
}

/* Whether and when to try the same again. Waiting is the runtime's, which stays a member of its
 * group meanwhile. connection.attempts count within each of max.retries. */
static struct kc_error *writer_again(struct jdbc_writer *writer, struct kc_error *err, size_t count)
{
    const struct jdbc_config *config = writer->settings.config;
    int64_t wait_ms = writer->settings.retry_ms;

    if (writer->connect_failures % config->attempts != 0)
        wait_ms = config->backoff_ms;
    else if (writer->retries_left-- <= 0) {
        err->fault = KC_FATAL;
        return kc_while(err, "writing %zu records, given up after %d retries", count,
                        config->max_retries);
    }
    writer->sink->retry_in_ms = wait_ms > INT32_MAX ? INT32_MAX : wait_ms > 0 ? (int)wait_ms : 1;
    return err;
}

struct kc_error *jdbc_writer_put(struct jdbc_writer *writer, struct kc_batch *batch)
{
    size_t count = writer_collect(writer, batch);
    bool halted;

    if (!count)
        return NULL;
    struct kc_error *err = writer_ready(writer);
    if (!err) {
        writer_trim(writer);
        err = writer_put_on_way(writer, count);
        if (!err && !writer->pending)
            err = writer_span(writer, 0, count, &halted);
    }
    jdbc_slots_reset(&writer->slots);
    if (!err) {
        writer->retries_left = writer->settings.config->max_retries;
        return NULL;
    }
    if (err->fault != KC_RETRY)
        return err;
    /* Faults found on the way will be found again. */
    for (size_t i = 0; i < count; i++) {
        kc_error_free(writer->records[i]->fault);
        writer->records[i]->fault = NULL;
    }
    return writer_again(writer, err, count);
}

struct kc_error *jdbc_writer_flush(struct jdbc_writer *writer)
{
    if (writer->failed)
        return kc_fail(KC_FATAL, "not all that was put could be written");
    if (!writer->pending)
        return NULL;
    struct kc_error *err = writer_ready(writer);
    return err && err->fault == KC_RETRY ? writer_again(writer, err, 0) : err;
}
