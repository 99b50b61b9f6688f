#!/usr/bin/env python3
# check: timeout=300
"""Every type of PostgreSQL with values at its edges, in every mode: the snapshot and the stream give the same, nothing is lost unsaid,
and what can be read back is what the database holds."""
import json
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

import kit  # noqa: E402,F401
from kit import live, pg_families, pg_reading, topics  # noqa: E402
from kit.configs import source  # noqa: E402
from kit.live import until  # noqa: E402
from kit.servers import Postgres  # noqa: E402


def events(t, topic):
    found = []
    for message in topics.read(t.kafka, topic):
        if message.value():
            value = json.loads(message.value())
            found.append((value["schema"], value["payload"]))
    return found


def row_schema(envelope, field):
    row = next(f for f in envelope["fields"] if f["field"] == field)
    return {f["field"]: f for f in row["fields"]}


def families(t, postgres):
    """Those of this server, and what makes their tables."""
    found, ddl = dict(pg_families.FAMILIES), pg_families.DDL
    there = {name for name, in postgres.rows("postgres", "SELECT name FROM pg_available_extensions;")}
    for extension, family in pg_families.EXTENSIONS.items():
        if extension in there:
            found[extension] = family
            ddl += f"CREATE EXTENSION {extension};\n"
    return found, ddl + "".join(pg_families.ddl("t_" + name, family) for name, family in found.items())


def begin(t):
    """A server of its own: a slot for every mode is more than other tests leave."""
    if not any(isinstance(server, Postgres) for server in t.started):
        t._postgres = t.own_postgres(2)  # pylint: disable=protected-access


def connector(t, name, database, **more):
    return source(name, t.postgres, database, **{"schema.include.list": "public", "table.include.list": "public\\.t_.*", **more})


def read_mode(t, name, family, rows):
    """{row: (schema, snapshot's, stream's)} of a family's topic; the stream has each row before and after it was touched."""
    topic = f"{name}.public.t_{family}"
    got = until(f"{2 * rows} events in {topic}", lambda: (lambda e: e if len(e) >= 2 * rows else None)(events(t, topic)), 60)
    first = {payload["after"]["id"]: (schema, payload["after"]) for schema, payload in got if payload["op"] == "r"}
    second = {payload["after"]["id"]: (schema, payload["before"], payload["after"]) for schema, payload in got if payload["op"] == "u"}
    assert len(first) == len(second) == rows, f"{topic}: {len(first)} rows in the snapshot, {len(second)} in the stream, {rows} in the table"
    return {row: (*first[row], *second[row]) for row in first}


def same_in_both(topic, read):
    for row, (schema, snapshot, streamed, before, after) in read.items():
        assert json.dumps(schema) == json.dumps(streamed), f"{topic}: the schema of the stream is another than the snapshot's"
        assert json.dumps(snapshot) == json.dumps(before), f"{topic}, row {row}: {snapshot} in the snapshot, {before} in the stream"
        after = {**after, "touched": snapshot["touched"]}
        assert json.dumps(snapshot) == json.dumps(after), f"{topic}, row {row}: {snapshot} in the snapshot, {after} in the stream"


def read_back(t, database, mode, family, columns, read):
    """Asks the database, in one query, for the cells that are not what the record says."""
    checks, count = [], 0
    for row, column, kind, literal in pg_families.cells(columns):
        schema, value = row_schema(read[row][0], "after"), read[row][1]
        if column not in schema:
            continue
        if pg_families.lost(mode, kind, literal):
            assert value[column] is None, f"{mode}, {kind}: {literal} came as {value[column]}"
            continue
        assert value[column] is not None, f"{mode}, {kind}: {literal} came as null"
        text = pg_reading.sql(schema[column], value[column], kind)
        if text is None or not pg_families.exact(mode, kind) or "{{" in literal or literal.startswith("'[0:"):   # bounds and dimensions are not told
            continue
        form = "({}) AT TIME ZONE 'UTC'" if kind == "timetz" and mode != "structured" else "{}"    # its offset is not told
        if not kind.startswith("numeric"):      # zeros at the end of a fraction are not told
            form = f"({form})::text"
        ours, theirs = form.format(f"({text})::{kind}"), form.format(f'"{column}"')
        checks.append(f"SELECT {row}, '{column}', {ours}::text, {theirs}::text FROM t_{family} WHERE id = {row} AND {ours} IS DISTINCT FROM {theirs}")
        count += 1
    wrong = t.postgres.rows(database, "SET timezone TO 'UTC';\n" + "\nUNION ALL ".join(checks) + ";") if checks else []
    assert not wrong, f"{mode}, {family}: the record says another value than the database holds: {wrong[:5]}"
    return count


def every_type_in_every_mode(t):
    """A row read by the snapshot is the same row read by the stream, and what the database holds"""
    begin(t)
    found, ddl = families(t, t.postgres)
    database = t.database("types", ddl)
    names = {mode: t.name("types_" + mode) for mode in pg_families.MODES}
    worker = t.worker([connector(t, name, database, **pg_families.MODES[mode]) for mode, name in names.items()])
    slots = ", ".join(f"'{name}'" for name in names.values())
    until("all slots stream", lambda: t.postgres.sql("postgres", "SELECT count(*) FROM pg_replication_slots s JOIN pg_stat_replication r ON "
                                                     f"r.pid = s.active_pid WHERE r.state = 'streaming' AND slot_name IN ({slots});") == str(len(names)), 60)
    t.postgres.sql(database, "\n".join(f"UPDATE t_{family} SET touched = 1;" for family in found))
    count = 0
    for mode, name in names.items():
        for family, columns in found.items():
            rows = max(len(literals) for _, _, literals in columns) + 1
            read = read_mode(t, name, family, rows)
            same_in_both(f"{name}.public.t_{family}", read)
            count += read_back(t, database, mode, family, columns, read)
    print(f"     {count} values read back as the database holds them", flush=True)
    assert worker.stop() == 0


def said_once(t):
    """What has no mapping is left out, and the log names it once, however often the table comes"""
    begin(t)
    database = t.database("once", "CREATE TABLE t_a (id int PRIMARY KEY, odd pg_lsn, grid int[][]); INSERT INTO t_a VALUES (1, '0/1', '{{1,2},{3,4}}');")
    name = t.name("once")
    worker = t.worker([connector(t, name, database)])
    until("the snapshot", lambda: events(t, f"{name}.public.t_a"))
    for i in range(3):      # each a new description of the table in the stream
        t.postgres.sql(database, f"ALTER TABLE t_a ADD c{i} int; UPDATE t_a SET c{i} = {i};")
    got = until("the changes", lambda: (lambda e: e if len(e) == 4 else None)(events(t, f"{name}.public.t_a")))
    assert all("odd" not in payload["after"] and payload["after"]["grid"] == [1, 2, 3, 4] for _, payload in got), got
    with open(worker.log, encoding="utf-8") as log:
        lines = log.readlines()
    for words in ("t_a.odd of type pg_lsn is left out", "t_a.grid of type _int4 has several dimensions"):
        assert sum(words in line for line in lines) == 1, f"{words}: {[line for line in lines if 'public.t_a.' in line]}"
    assert worker.stop() == 0


def unreadable(t, mode):
    """What becomes of numeric NaN in Decimal: ([values], state of the task, lines of the log that name the column)"""
    begin(t)
    database = t.database("nan_" + mode, "CREATE TABLE t_a (id int PRIMARY KEY, n numeric(5,2)); INSERT INTO t_a VALUES (1, 1.5);")
    name = t.name("nan_" + mode)
    worker = t.worker([connector(t, name, database, **{"event.converting.failure.handling.mode": mode})])
    until("the snapshot", lambda: events(t, f"{name}.public.t_a"))
    t.postgres.sql(database, "INSERT INTO t_a VALUES (2, 'NaN'); INSERT INTO t_a VALUES (3, 2.5);")
    done = until("the changes", lambda: worker.task(name)[0] == "FAILED" or len(events(t, f"{name}.public.t_a")) == 3)
    assert done
    state = worker.task(name)[0]
    values = [payload["after"]["n"] for _, payload in events(t, f"{name}.public.t_a")]
    worker.stop()
    with open(worker.log, encoding="utf-8") as log:
        return values, state, [line for line in log if "public.t_a.n" in line and "WARN" in line]


def converting_failures(t):
    """event.converting.failure.handling.mode: stop, null with a warning, null"""
    values, state, _ = unreadable(t, "fail")
    assert state == "FAILED" and values == ["AJY="], (state, values)
    values, state, lines = unreadable(t, "warn")
    assert state == "RUNNING" and values == ["AJY=", None, "APo="] and lines, (state, values, lines)
    values, state, lines = unreadable(t, "skip")
    assert state == "RUNNING" and values == ["AJY=", None, "APo="] and not lines, (state, values, lines)


def unchanged(t):
    """A value that the server does not send again and that no placeholder fits: null and a warning, an end where null can't be, or the old row's"""
    begin(t)
    column = "float8[]"
    fill = "(SELECT array_agg(random()) FROM generate_series(1, 5000))"
    database = t.database("toast", f"CREATE TABLE t_null (id int PRIMARY KEY, n int, a {column}); CREATE TABLE t_full (LIKE t_null INCLUDING ALL);"
                          f"ALTER TABLE t_full REPLICA IDENTITY FULL; CREATE TABLE t_not (id int PRIMARY KEY, n int, a {column} NOT NULL);"
                          + "".join(f"INSERT INTO {table} SELECT 1, 0, {fill};" for table in ("t_null", "t_full", "t_not")))
    name = t.name("toast")
    worker = t.worker([connector(t, name, database)])
    topics_ = {table: f"{name}.public.{table}" for table in ("t_null", "t_full", "t_not")}
    until("streaming", lambda: t.postgres.sql("postgres", f"SELECT 1 FROM pg_replication_slots s JOIN pg_stat_replication r ON r.pid = s.active_pid "
                                              f"WHERE r.state = 'streaming' AND slot_name = '{name}';"))
    t.postgres.sql(database, "UPDATE t_null SET n = 1; UPDATE t_full SET n = 1;")
    got = until("the change", lambda: (lambda e: e if len(e) == 2 else None)(events(t, topics_["t_full"])))
    assert len(got[0][1]["after"]["a"]) == 5000 and got[0][1]["after"]["a"] == got[1][1]["after"]["a"]
    got = events(t, topics_["t_null"])
    assert len(got) == 2 and got[1][1]["after"]["a"] is None, got[1][1]["after"]
    t.postgres.sql(database, "UPDATE t_not SET n = 1;")
    trace = worker.wait_task(name, "FAILED")
    assert "REPLICA IDENTITY FULL" in trace and "public.t_not" in trace, trace
    with open(worker.log, encoding="utf-8") as log:
        assert any("public.t_null.a" in line and "WARN" in line for line in log)
    worker.stop()


def generated_and_named(t):
    """A stored generated column is in the snapshot, and in the stream where the server sends it; names of any case and script"""
    begin(t)
    database = t.database("odd", 'CREATE TABLE t_g (id int PRIMARY KEY, twice int GENERATED ALWAYS AS (id * 2) STORED); INSERT INTO t_g VALUES (1);'
                          'CREATE TABLE "t_Übel ""x""" ("Select" int, "a.b" text, "日本" text, PRIMARY KEY ("Select", "日本"));'
                          'INSERT INTO "t_Übel ""x""" VALUES (1, \'a\', \'b\');')
    name = t.name("odd")
    worker = t.worker([connector(t, name, database)])
    until("streaming", lambda: t.postgres.sql("postgres", f"SELECT 1 FROM pg_replication_slots s JOIN pg_stat_replication r ON r.pid = s.active_pid "
                                              f"WHERE r.state = 'streaming' AND slot_name = '{name}';"))
    t.postgres.sql(database, 'INSERT INTO t_g VALUES (2); INSERT INTO "t_Übel ""x""" VALUES (2, \'c\', \'d\');')
    got = until("both rows", lambda: (lambda e: e if len(e) == 2 else None)(events(t, f"{name}.public.t_g")))
    assert [payload["after"] for _, payload in got] == [{"id": 1, "twice": 2}, {"id": 2}], got
    topic = f"{name}.public.t__bel__x_"
    got = until("both rows", lambda: (lambda e: e if len(e) == 2 else None)(events(t, topic)))
    assert [payload["after"] for _, payload in got] == [{"Select": 1, "a.b": "a", "日本": "b"}, {"Select": 2, "a.b": "c", "日本": "d"}], got
    assert json.dumps(got[0][0]) == json.dumps(got[1][0])
    assert worker.stop() == 0


if __name__ == "__main__":
    live.main([every_type_in_every_mode, said_once, converting_failures, unchanged, generated_and_named])
