#include "sources/postgres/captures.h"

#include <stdlib.h>

#include "sources/postgres/signals.h"

struct kc_error *captures_init(struct captures *captures, const struct pg_config *config)
{
    const struct {
        struct filter *filter;
        const char *text, *setting;
    } filters[] = {
        {&captures->schema_include, config->schema_include, "schema.include.list"},
        {&captures->schema_exclude, config->schema_exclude, "schema.exclude.list"},
        {&captures->table_include, config->table_include, "table.include.list"},
        {&captures->table_exclude, config->table_exclude, "table.exclude.list"},
        {&captures->column_include, config->column_include, "column.include.list"},
        {&captures->column_exclude, config->column_exclude, "column.exclude.list"},
    };
    for (size_t i = 0; i < KC_COUNT(filters); i++) {
        struct kc_error *err = filter_init(filters[i].filter, filters[i].text);
        if (err)
            return kc_while(err, "while reading %s", filters[i].setting);
    }
    struct kc_error *err = key_columns_init(&captures->keys, config->key_columns);
    if (!err)
        err = reselects_init(&captures->reselects, &config->post_processors);
    return err ? err
               : mappers_init(&captures->mappers,
                              &(struct mapper_settings){
                                  .truncate = &config->truncate,
                                  .mask = &config->mask,
                                  .hash = &config->hash,
                                  .propagate_columns = config->propagate_columns,
                                  .propagate_types = config->propagate_types,
                              });
}

void captures_clear(struct captures *captures)
{
    filter_clear(&captures->schema_include);
    filter_clear(&captures->schema_exclude);
    filter_clear(&captures->table_include);
    filter_clear(&captures->table_exclude);
    filter_clear(&captures->column_include);
    filter_clear(&captures->column_exclude);
    key_columns_clear(&captures->keys);
    reselects_clear(&captures->reselects);
    mappers_clear(&captures->mappers);
}

static bool is_builtin(struct kc_text schema, struct kc_text table)
{
    return kc_text_is(schema, "pg_catalog") || kc_text_is(schema, "information_schema") ||
           kc_text_starts(schema, "pg_temp") || kc_text_starts(schema, "pg_toast") ||
           kc_text_is(table, "spatial_ref_sys");
}

bool captures_table(const struct captures *captures, const struct pg_config *config,
                    struct kc_text schema, struct kc_text table)
{
    if (signals_is_table(config, schema, table))
        return true;
    if (config->ignore_builtin && is_builtin(schema, table))
        return false;
    if (!filter_allows(&captures->schema_include, &captures->schema_exclude, schema))
        return false;
    KC_AUTO_BUF full = KC_BUF(0);
    kc_buf_text(&full, schema);
    kc_buf_char(&full, '.');
    kc_buf_text(&full, table);
    return filter_allows(&captures->table_include, &captures->table_exclude,
                         (struct kc_text){full.data, full.len});
}

bool captures_column(const struct captures *captures, const char *schema, const char *table,
                     const char *column)
{
    char *full = kc_printf("%s.%s.%s", schema, table, column);
    bool yes = filter_allows(&captures->column_include, &captures->column_exclude, kc_text(full));
    free(full);
    return yes;
}
