/* The JDBC sink: writes records into the tables of a relational database. One connector, whatever
 * the database; the URL picks the driver. It stands for three families of connectors, which differ
 * in the names of their settings and in what they make of topics' names and Debezium's events.
 * Layer: sinks. */
#include "plugin/sink.h"
#include "sinks/common/check.h"
#include "sinks/common/writer.h"

extern const struct kc_plugin kc_plugin_jdbc_sink, kc_plugin_debezium_jdbc_sink,
    kc_plugin_aiven_jdbc_sink;

/* The drivers there are: each in a folder of its own, which this file does not look into. */
#ifdef PENSTOCK_WITH_POSTGRES
extern const struct jdbc_driver jdbc_postgres_driver;
#endif

static const struct jdbc_driver *const jdbc_drivers[] = {
#ifdef PENSTOCK_WITH_POSTGRES
    &jdbc_postgres_driver,
#endif
    NULL
};

struct jdbc_sink {
    struct kc_sink sink;
    struct jdbc_writer writer;
};

static enum jdbc_flavour jdbc_flavour_of(const struct kc_plugin *plugin)
{
    return plugin == &kc_plugin_debezium_jdbc_sink ? JDBC_DEBEZIUM
           : plugin == &kc_plugin_aiven_jdbc_sink  ? JDBC_AIVEN
                                                   : JDBC_CONFLUENT;
}

static void jdbc_check_confluent(const struct kc_check *check)
{
    jdbc_check(check, JDBC_CONFLUENT, jdbc_drivers);
}

static void jdbc_check_debezium(const struct kc_check *check)
{
    jdbc_check(check, JDBC_DEBEZIUM, jdbc_drivers);
}

static void jdbc_check_aiven(const struct kc_check *check)
{
    jdbc_check(check, JDBC_AIVEN, jdbc_drivers);
}

static struct kc_error *jdbc_open(struct kc_sink *sink)
{
    struct jdbc_sink *jdbc = (struct jdbc_sink *)sink;

    enum jdbc_flavour flavour = jdbc_flavour_of(sink->plugin);
    struct kc_error *err = jdbc_writer_init(&jdbc->writer, sink, flavour, jdbc_drivers);

    if (!err || flavour != JDBC_DEBEZIUM)
        return err;
    if (!jdbc->writer.driver)
        return kc_while_as(
            err, "org.hibernate.service.spi.ServiceException",
            "Unable to create requested service "
            "[org.hibernate.engine.jdbc.env.spi.JdbcEnvironment] due to: Could not create "
            "connection");
    return kc_while_as(
        err, "org.apache.kafka.connect.errors.ConnectException",
        "Error configuring an instance of JdbcSinkConnectorConfig; check the logs for "
        "details");
}

static struct kc_error *jdbc_put(struct kc_sink *sink, struct kc_batch *batch)
{
    return jdbc_writer_put(&((struct jdbc_sink *)sink)->writer, batch);
}

static struct kc_error *jdbc_flush(struct kc_sink *sink)
{
    return jdbc_writer_flush(&((struct jdbc_sink *)sink)->writer);
}

static void jdbc_close(struct kc_sink *sink)
{
    jdbc_writer_clear(&((struct jdbc_sink *)sink)->writer);
}

#define JDBC_OPS(check_)                                                                           \
    {                                                                                              \
        .size = sizeof(struct jdbc_sink), .check = (check_), .open = jdbc_open, .put = jdbc_put,   \
        .flush = jdbc_flush, .close = jdbc_close                                                   \
    }

static const struct kc_sink_ops jdbc_confluent_ops = JDBC_OPS(jdbc_check_confluent);
static const struct kc_sink_ops jdbc_debezium_ops = JDBC_OPS(jdbc_check_debezium);
static const struct kc_sink_ops jdbc_aiven_ops = JDBC_OPS(jdbc_check_aiven);

static const char *const jdbc_confluent_classes[] = { "io.confluent.connect.jdbc.JdbcSinkConnector",
                                                      NULL };
static const char *const jdbc_debezium_classes[] = { "io.debezium.connector.jdbc.JdbcSinkConnector",
                                                     NULL };
static const char *const jdbc_aiven_classes[] = { "io.aiven.connect.jdbc.JdbcSinkConnector", NULL };

const struct kc_plugin kc_plugin_jdbc_sink = {
    .abi = KC_ABI,
    .kind = KC_SINK,
    .name = "jdbc",
    .version = PENSTOCK_VERSION,
    .about = "Writes records into the tables of a relational database (Confluent's settings).",
    .java_classes = jdbc_confluent_classes,
    .java_task_class = "io.confluent.connect.jdbc.sink.JdbcSinkTask",
    .config_size = sizeof(struct jdbc_config),
    .options = jdbc_confluent_options,
    .sink = &jdbc_confluent_ops,
};

const struct kc_plugin kc_plugin_debezium_jdbc_sink = {
    .abi = KC_ABI,
    .kind = KC_SINK,
    .name = "jdbc-debezium",
    .version = PENSTOCK_VERSION,
    .about =
        "Writes records and change events into the tables of a relational database (Debezium's "
        "settings).",
    .java_classes = jdbc_debezium_classes,
    .java_task_class = "io.debezium.connector.jdbc.JdbcSinkConnectorTask",
    .config_size = sizeof(struct jdbc_config),
    .options = jdbc_debezium_options,
    .sink = &jdbc_debezium_ops,
};

const struct kc_plugin kc_plugin_aiven_jdbc_sink = {
    .abi = KC_ABI,
    .kind = KC_SINK,
    .name = "jdbc-aiven",
    .version = PENSTOCK_VERSION,
    .about = "Writes records into the tables of a relational database (Aiven's settings).",
    .java_classes = jdbc_aiven_classes,
    .java_task_class = "io.aiven.connect.jdbc.sink.JdbcSinkTask",
    .config_size = sizeof(struct jdbc_config),
    .options = jdbc_aiven_options,
    .sink = &jdbc_aiven_ops,
};
