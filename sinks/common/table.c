#include "sinks/common/table.h"

#include <stdlib.h>
#include <strings.h>

void jdbc_quote(struct kc_buf *buf, char quote, const char *name)
{
    kc_buf_char(buf, quote);
    for (; *name; name++) {
        if (*name == quote)
            kc_buf_char(buf, quote);
        kc_buf_char(buf, *name);
    }
    kc_buf_char(buf, quote);
}

/* Takes one part of a dotted name off *text. */
static void table_part(const char **text, char quote, bool fold, struct kc_buf *part)
{
    const char *at = *text;

    kc_buf_reset(part);
    if (*at == quote) {
        for (at++; *at && !(*at == quote && at[1] != quote); at++) {
            kc_buf_char(part, *at);
            at += *at == quote;
        }
        at += *at == quote;
    } else {
        for (; *at && *at != '.'; at++)
            kc_buf_char(part, fold && *at >= 'A' && *at <= 'Z' ? (char)(*at | 0x20) : *at);
    }
    *text = at;
}

struct kc_error *jdbc_table_new(const char *text, char quote, bool fold, struct jdbc_table **table)
{
    KC_AUTO_BUF part = KC_BUF(0), full = KC_BUF(0), sql = KC_BUF(0);
    char *parts[3] = { NULL };
    int n = 0;
    const char *at = text;

    for (;; at++) {
        table_part(&at, quote, fold, &part);
        if (n == 3 || part.len == 0 || (*at && *at != '.')) {
            for (int i = 0; i < n; i++)
                free(parts[i]);
            return kc_fail(KC_BAD_CONFIG,
                           "'%s' is no name of a table: expected table, schema.table or "
                           "catalog.schema.table; a dot in a name needs quotes around it",
                           text);
        }
        if (n) {
            kc_buf_char(&full, '.');
            kc_buf_char(&sql, '.');
        }
        kc_buf_text(&full, (struct kc_text){ part.data, part.len });
        jdbc_quote(&sql, quote, part.data);
        parts[n++] = kc_strdup(part.data);
        if (!*at)
            break;
    }
    struct jdbc_table *new = kc_calloc(1, sizeof(*new));
    new->name = parts[n - 1];
    new->schema = n > 1 ? parts[n - 2] : NULL;
    new->catalog = n > 2 ? parts[0] : NULL;
    new->full = kc_buf_take(&full);
    new->sql = kc_buf_take(&sql);
    new->open = -1;
    *table = new;
    return NULL;
}

void jdbc_table_forget(struct jdbc_table *table)
{
    for (size_t i = 0; i < table->n_columns; i++) {
        free(table->columns[i].name);
        free(table->columns[i].type);
        free(table->columns[i].cast);
    }
    free(table->columns);
    table->columns = NULL;
    table->n_columns = 0;
    table->known = table->exists = false;
    table->version++;
}

void jdbc_table_free(struct jdbc_table *table)
{
    if (!table)
        return;
    jdbc_table_forget(table);
    free(table->related);
    free(table->catalog);
    free(table->schema);
    free(table->name);
    free(table->full);
    free(table->sql);
    free(table);
}

const struct jdbc_table_column *jdbc_table_find(const struct jdbc_table *table, const char *name)
{
    const struct jdbc_table_column *found = NULL;
    int close = 0;

    for (size_t i = 0; i < table->n_columns; i++) {
        const struct jdbc_table_column *column = &table->columns[i];
        if (strcmp(column->name, name) == 0)
            return column;
        if (strcasecmp(column->name, name) == 0) {
            found = column;
            close++;
        }
    }
    return close == 1 ? found : NULL;
}
