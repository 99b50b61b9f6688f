#!/usr/bin/env python3
# check: timeout=400
"""One transaction of a million rows (ROWS: other numbers; `make soak` has ten million) goes through the source in
bounded memory, every row once and in order, in a worker that is busy with nothing else."""
import os
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

import kit  # noqa: E402,F401
from kit import live, topics  # noqa: E402
from kit.configs import source  # noqa: E402
from kit.live import until  # noqa: E402

ROWS = int(os.environ.get("ROWS", 1_000_000))
LIMIT = int(os.environ.get("LIMIT_MB", 150))


def big_transaction(t):
    """the server spills it and sends it at commit; nothing here may hold it"""
    name = t.name("big")
    database = t.database("big", "CREATE TABLE goods (id int PRIMARY KEY, name text NOT NULL, price numeric(10,2));")
    topic, ends = f"{name}.public.goods", topics.Ends(t.kafka)
    worker = t.worker([source(name, t.postgres, database, **{"snapshot.mode": "no_data", "producer.override.compression.type": "lz4"})],
                      {"key.converter.schemas.enable": "false", "value.converter.schemas.enable": "false"})
    until("the stream", lambda: t.postgres.sql(database, f"SELECT count(*) FROM pg_stat_replication r JOIN pg_replication_slots s ON s.active_pid = r.pid "
                                               f"WHERE slot_name = '{name}' AND r.state = 'streaming';") == "1", 60)
    t.postgres.sql(database, f"INSERT INTO goods SELECT i, 'a row of a very large transaction, number ' || i, i % 1000 / 10.0 FROM generate_series(1, {ROWS}) i;")
    since = time.monotonic()
    until("all rows", lambda: ends.of([topic])[topic] >= ROWS, 60 + ROWS / 5000)
    took, peak = time.monotonic() - since, worker.peak_rss() / 1024
    assert worker.stop() == 0
    expected = 0
    for message in topics.read(t.kafka, topic):
        expected += 1
        assert message.key() == b'{"id":%d}' % expected, f"offset {message.offset()} has {message.key()}, not row {expected}"
    assert expected == ROWS, f"{expected} messages"
    print(f"     {ROWS} rows in {took:.1f} s, {ROWS / took:,.0f} rows/s, peak memory {peak:.0f} MB")
    assert peak < LIMIT, f"{peak:.0f} MB"


if __name__ == "__main__":
    live.main([big_transaction])
