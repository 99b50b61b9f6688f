/* PostgreSQL for the JDBC sink. */
#include "sinks/postgres/driver.h"

#include "sinks/postgres/bind.h"
#include "sinks/postgres/catalog.h"
#include "sinks/postgres/preflight.h"
#include "sinks/postgres/send.h"

static const char *const pg_subprotocols[] = { "postgresql", NULL };

static const struct jdbc_dialect pg_dialect = {
    .name = "PostgreSqlDatabaseDialect",
    .quote = '"',
    .folds = true,
    .alters_many = true,
    .column_type = pg_column_type,
    .literal = pg_literal,
};

const struct jdbc_driver jdbc_postgres_driver = {
    .subprotocols = pg_subprotocols,
    .dialect = &pg_dialect,
    .check_target = pg_check_target,
    .connect = pg_connect,
    .disconnect = pg_disconnect,
    .describe = pg_describe,
    .run = pg_run,
    .compile = pg_compile,
    .sent_new = pg_sent_new,
    .sent_free = pg_sent_free,
    .send = pg_send,
    .finish = pg_finish,
    .settle = pg_settle,
    .check_server = pg_check_server,
    .check_table = pg_check_table,
};
