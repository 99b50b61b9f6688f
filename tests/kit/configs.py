"""The two connectors of the straight line, as their users write them."""
import json


def source(name, postgres, database, **more):
    return {"name": name, "connector.class": "io.debezium.connector.postgresql.PostgresConnector", "tasks.max": 1,
            "database.hostname": "127.0.0.1", "database.port": postgres.port, "database.user": "postgres", "database.password": "x",
            "database.dbname": database, "topic.prefix": name, "plugin.name": "pgoutput", "slot.name": name, "publication.name": name,
            "status.update.interval.ms": 500, "retriable.restart.connector.wait.ms": 500, **more}


def sink(name, postgres, database, topics, **more):
    return {"name": name, "connector.class": "io.confluent.connect.jdbc.JdbcSinkConnector", "tasks.max": 1, "topics": topics,
            "connection.url": f"jdbc:postgresql://127.0.0.1:{postgres.port}/{database}", "connection.user": "postgres",
            "connection.password": "x", "insert.mode": "upsert", "pk.mode": "record_key", "max.retries": 3, "retry.backoff.ms": 200, **more}


def struct(name, /, **fields):
    return {"type": "struct", "name": name, "optional": False,
            "fields": [{"field": f, "type": t.rstrip("?"), "optional": t.endswith("?")} for f, t in fields.items()]}


def message(schema, payload):
    """A message as JsonConverter with schemas writes it."""
    return json.dumps({"schema": schema, "payload": payload}).encode()
