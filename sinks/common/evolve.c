#include "sinks/common/evolve.h"

#include <stdlib.h>
#include <strings.h>

#include "base/log.h"
#include "sinks/common/ddl.h"

#define EVOLVE_CLASS "io.confluent.connect.jdbc.sink.TableAlterOrCreateException"

/* Points the columns at their targets; how many have none. */
static size_t evolve_match(struct jdbc_layout *layout)
{
    size_t missing = 0;

    for (size_t i = 0; i < layout->n_columns; i++) {
        layout->columns[i].target = jdbc_table_find(layout->table, layout->columns[i].name);
        missing += !layout->columns[i].target;
    }
    return missing;
}

static void evolve_missing_names(const struct jdbc_layout *layout, struct kc_buf *names)
{
    for (size_t i = 0; i < layout->n_columns; i++)
        if (!layout->columns[i].target)
            kc_buf_printf(names, "%s%s (%s%s%s)", names->len ? ", " : "", layout->columns[i].name,
                          layout->columns[i].schema->name ? layout->columns[i].schema->name : "",
                          layout->columns[i].schema->name ? ", " : "",
                          kc_kind_name(layout->columns[i].schema->kind));
}

/* Another task may do the same at the same moment: a failed statement counts only if the table
 * still lacks something. */
static struct kc_error *evolve_settle(struct jdbc_conn *conn, struct jdbc_layout *layout,
                                      struct kc_list *related, struct kc_error *failed)
{
    struct kc_error *err;

    if (failed && (failed->fault == KC_RETRY || failed->fault == KC_STOPPED))
        return failed;
    jdbc_table_forget(layout->table);
    err = conn->driver->describe(conn, layout->table, related);
    if (!err && layout->table->exists && evolve_match(layout) == 0) {
        kc_error_free(failed);
        return NULL;
    }
    if (err) {
        kc_error_free(failed);
        return err;
    }
    return failed;
}

static struct kc_error *evolve_create(struct jdbc_conn *conn, struct jdbc_layout *layout,
                                      struct kc_list *related)
{
    const struct jdbc_settings *settings = conn->settings;
    KC_AUTO_BUF sql = KC_BUF(0);

    if (!settings->create)
        return kc_fail_as(
            KC_BAD_DATA, EVOLVE_CLASS,
            "Table '%s' is missing and auto-creation is disabled (create it, or set %s)",
            layout->table->full, settings->create_key);
    struct kc_error *err = jdbc_ddl_create(settings, conn->driver->dialect, layout, &sql);
    if (err)
        return kc_while(err, "creating table '%s'", layout->table->full);
    kc_log_info("jdbc", "Creating table '%s': %s", layout->table->full, sql.data);
    err = evolve_settle(conn, layout, related, conn->driver->run(conn, sql.data));
    return err ? kc_while(err, "creating table '%s'", layout->table->full) : NULL;
}

static struct kc_error *evolve_allowed(const struct jdbc_settings *settings,
                                       const struct jdbc_layout *layout)
{
    const struct jdbc_table *table = layout->table;
    KC_AUTO_BUF names = KC_BUF(0);

    evolve_missing_names(layout, &names);
    if (strcmp(table->kind, "TABLE") != 0)
        return kc_fail_as(
            KC_BAD_DATA, EVOLVE_CLASS,
            "%s '%s' lacks the columns for these fields: %s; a relation of that type is "
            "not altered, add them yourself",
            table->kind, table->full, names.data);
    for (size_t i = 0; i < layout->n_columns; i++) {
        const struct jdbc_column *column = &layout->columns[i];
        if (!column->target && !column->schema->optional && !column->schema->has_default)
            return kc_fail_as(
                KC_BAD_DATA, EVOLVE_CLASS,
                "Cannot ALTER table '%s' to add missing field '%s' (%s), as it is not "
                "optional and does not have a default value",
                table->full, column->name, kc_kind_name(column->schema->kind));
    }
    if (!settings->evolve)
        return kc_fail_as(
            KC_BAD_DATA, EVOLVE_CLASS,
            "Table '%s' is missing fields (%s) and auto-evolution is disabled (add the "
            "columns, or set %s)",
            table->full, names.data, settings->evolve_key);
    return NULL;
}

static struct kc_error *evolve_alter(struct jdbc_conn *conn, struct jdbc_layout *layout,
                                     struct kc_list *related)
{
    struct kc_error *err = evolve_allowed(conn->settings, layout);

    for (size_t next = 0; !err && next < layout->n_columns;) {
        KC_AUTO_BUF sql = KC_BUF(0);
        err = jdbc_ddl_add(conn->settings, conn->driver->dialect, layout, &next, &sql);
        if (err)
            break;
        kc_log_info("jdbc", "Amending table '%s': %s", layout->table->full, sql.data);
        err = conn->driver->run(conn, sql.data);
        if (err)
            break;
    }
    if (err && err->fault == KC_BAD_DATA)
        return err;
    err = evolve_settle(conn, layout, related, err);
    return err ? kc_while(err, "amending table '%s'", layout->table->full) : NULL;
}

static bool evolve_type_counts(const struct jdbc_settings *settings, const char *kind)
{
    const struct kc_list *types = &settings->config->table_types;

    for (size_t i = 0; i < types->len; i++)
        if (strcasecmp(types->items[i], kind) == 0)
            return true;
    return types->len == 0;
}

struct kc_error *jdbc_evolve(struct jdbc_conn *conn, struct jdbc_layout *layout,
                             struct kc_list *related)
{
    struct jdbc_table *table = layout->table;
    struct kc_error *err = NULL;

    if (!table->known)
        err = conn->driver->describe(conn, table, related);
    if (!err && !table->exists)
        err = evolve_create(conn, layout, related);
    else if (!err && !evolve_type_counts(conn->settings, table->kind))
        err =
            kc_fail_as(KC_BAD_DATA, EVOLVE_CLASS,
                       "'%s' is a %s, which table.types does not name; add it there to write to it",
                       table->full, table->kind);
    else if (!err && evolve_match(layout) > 0)
        err = evolve_alter(conn, layout, related);
    if (!err)
        err = conn->driver->compile(conn, layout);
    layout->bound = !err;
    layout->version = table->version;
    return err;
}
