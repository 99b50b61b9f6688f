#!/usr/bin/env python3
# check: timeout=300
"""Faults of the connection to PostgreSQL: cut, stalled, spoilt, ended by the server, without a name."""
import os
import random
import struct
import subprocess
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

import kit  # noqa: E402
from kit import live  # noqa: E402
from kit.faults import Stream, Writer, says  # noqa: E402
from kit.live import until  # noqa: E402
from kit.proxy import Proxy  # noqa: E402

SEED = int(os.environ.get("SEED", 0)) or random.SystemRandom().randrange(10**6)


def proxied(t, stem, port, **config):
    proxy = Proxy(t.ports + port, t.postgres)
    t.started.append(proxy)
    proxy.kill = proxy.close
    return proxy, Stream(t, stem, port=proxy.port, **config)


def cut_inside_rows(t):
    """the connection breaks after every so many bytes: each change comes once, in order"""
    proxy, s = proxied(t, "cut", 30, **{"retriable.restart.connector.wait.ms": 5})
    rng = random.Random(SEED)
    places = list(range(1, 260, 5)) + [rng.randrange(260, 20000) for _ in range(30)]
    rng.shuffle(places)
    writer = Writer(s, 0.002, "y" * 300)
    s.await_all_of(20)
    proxy.plan = [("cut", place) for place in places]
    proxy.cut()
    until(f"{len(places)} cuts (seed {SEED})", lambda: not proxy.plan, 90)
    writer.stop()
    s.await_all(60)
    assert proxy.faults >= len(places) - 1, f"{proxy.faults} of {len(places)} cuts"
    s.check()
    s.running()
    s.stop()


def stalled(t):
    """nothing comes and nobody hangs up: the silence is noticed, and the stream begun again"""
    proxy, s = proxied(t, "stall", 31, **{"connection.validation.timeout.ms": 1500})
    s.sql(f"ALTER DATABASE {s.database} SET wal_sender_timeout = '1s';")
    proxy.plan = [("stall", 1), ("stall", 700)]
    proxy.cut()
    s.write(3)
    s.await_all(30)
    s.write(30, "z" * 100)
    s.await_all(30)
    assert proxy.faults == 2, proxy.faults
    s.logged("WARN", "said nothing", "dead")
    s.check()
    s.running()
    s.stop()


# ---- frames that can't be read ----

HEAD = 25  # of a CopyData body: kind, start, end, time


def edits():
    """(what, body -> body of the first INSERT it is given)"""
    def at(offset, data):
        return lambda body: body[:offset] + data + body[offset + len(data):]
    row = HEAD + 1 + 4 + 1  # kind, table, 'N': here the count of columns stands
    return [("a message of unknown kind", at(HEAD, b"\x07")),
            ("a frame of unknown kind", at(0, b"x")),
            ("a frame that is too short", lambda body: body[:10]),
            ("an empty message", lambda body: body[:HEAD]),
            ("a row that ends early", lambda body: body[:-3]),
            ("a row with more behind it", lambda body: body + b"\0\0"),
            ("more columns than there are", at(row, struct.pack(">h", 99))),
            ("fewer than no columns", at(row, struct.pack(">h", -5))),
            ("a value longer than the frame", at(row + 3, struct.pack(">i", 0x7fffffff))),
            ("a value of negative length", at(row + 3, struct.pack(">i", -2))),
            ("a value of unknown kind", at(row + 2, b"?")),
            ("a table that was not told", at(HEAD + 1, struct.pack(">I", 0xfffffff0))),
            ("a number that is none", at(row + 7, b"\xff"))]


def unparsable_frame(t):
    """each way in which a row's frame can be spoilt: FAILED with its place, nothing before or after it lost"""
    proxy, s = proxied(t, "spoilt", 32)
    s.write(5)
    s.await_all()
    for what, edit in edits():
        done = []

        def spoil(_number, body, edit=edit, done=done):
            if done or body[HEAD:HEAD + 1] != b"I":
                return body
            done.append(True)
            return edit(body)
        proxy.edit = spoil
        s.write(5)  # insertions among them
        try:
            trace = s.worker.wait_task(s.name, "FAILED")
        except RuntimeError as error:
            raise AssertionError(f"{what}: {error}") from error
        says(trace, "/", "a row of public.goods" if what == "a number that is none" else "restart")
        assert s.log().count(trace.strip()) == 1, f"{what} is told more than once"
        proxy.edit = None
        s.restart()
        s.running()
        s.await_all()
    s.check()
    s.stop()


def random_bytes_spoilt(t):
    """bytes flipped anywhere in the stream: it may fail, it may even be believed; it never crashes, and goes on"""
    proxy, s = proxied(t, "flips", 33, **{"retriable.restart.connector.wait.ms": 5})
    rng = random.Random(SEED)
    for _ in range(40):
        budget = [rng.randrange(1, 6)]

        def flip(_number, body, budget=budget):
            budget[0] -= 1
            if budget[0] != 0:
                return body
            place = rng.randrange(HEAD, len(body))
            return body[:place] + bytes([body[place] ^ 1 << rng.randrange(8)]) + body[place + 1:]
        proxy.edit = flip
        s.write(3)
        until(f"the spoilt frame (seed {SEED})", lambda: budget[0] <= 0 or s.worker.task(s.name)[0] == "FAILED", 20)
        proxy.edit = None
        time.sleep(0.05)
        assert s.worker.running(), f"seed {SEED}:\n{s.worker.log_tail()}"
        if s.worker.task(s.name)[0] == "FAILED":
            s.restart()
    assert s.worker.stop() == 0


# ---- ended by the server ----

def backends_terminated(t):
    """walsender and catalog connection ended at random moments under load"""
    s = Stream(t, "terminated", **{"retriable.restart.connector.wait.ms": 20, "heartbeat.interval.ms": 50, "heartbeat.action.query": "SELECT 1"})
    rng = random.Random(SEED)
    writer = Writer(s, 0.002)
    for i in range(24):
        which = rng.choice(["Penstock Streaming", "Penstock General"])
        s.sql(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = '{which}' AND datname = '{s.database}';")
        if i % 4 == 0:
            s.sql(f"ALTER TABLE goods ADD c{i} int;")  # makes it look at the catalog
        time.sleep(rng.random() * 0.25)
    writer.stop()
    s.await_all()
    assert s.log().count("terminating connection due to administrator command") >= 3, f"seed {SEED}"
    s.check()
    s.running()
    s.stop()


# ---- names ----

def name_goes_away(t):
    """the host's name is not known for a while, then the name service is mute: told, interruptible, and it goes on"""
    library, names = f"{t.folder}/names.so", f"{t.folder}/names"
    subprocess.run(["cc", "-shared", "-fPIC", "-o", library, f"{kit.TOP}/tests/kit/names.c", "-ldl"], check=True)

    def state(word):
        with open(names + ".new", "w", encoding="ascii") as file:
            file.write(word + "\n")
        os.rename(names + ".new", names)
    state("127.0.0.1")
    s = Stream(t, "nameless", start=False, **{"database.hostname": "db.test"})
    s.worker.env = {"LD_PRELOAD": " ".join(filter(None, [os.environ.get("LD_PRELOAD"), library])), "NAMES_FILE": names,
                    "ASAN_OPTIONS": os.environ.get("ASAN_OPTIONS", "") + ":verify_asan_link_order=0"}
    s.worker.start()
    s.streaming()
    state("none")
    s.sql(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE 'Penstock%' AND datname = '{s.database}';")
    s.write(5)
    s.logged("could not translate host name", "db.test", "database.hostname")
    s.running()
    state("127.0.0.1")
    s.await_all()
    state("mute")
    s.sql(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE 'Penstock%' AND datname = '{s.database}';")
    time.sleep(1)
    since = time.monotonic()
    s.stop()
    assert time.monotonic() - since < 10, "a mute name service holds up the stop"
    state("127.0.0.1")
    s.write(5)
    s.worker.start()
    s.await_all()
    s.check()
    s.stop()


if __name__ == "__main__":
    live.main([cut_inside_rows, stalled, unparsable_frame, random_bytes_spoilt, backends_terminated, name_goes_away])
