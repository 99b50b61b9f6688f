#!/usr/bin/env python3
# check: timeout=240
"""Faults of Kafka under a stream from PostgreSQL: a broker that stands still for longer than the server waits for
us, one whose disk is full, and messages that it does not take."""
import os
import signal
import subprocess
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

import kit  # noqa: E402,F401
from kit import live, topics  # noqa: E402
from kit.faults import Stream, Writer  # noqa: E402
from kit.live import until  # noqa: E402


def broker(t):
    """A Kafka of our own, in memory of limited size where the machine lets us have that."""
    if not hasattr(t, "own"):
        t.own = t.own_kafka(8, start=False)
        os.makedirs(t.own.folder)
        t.own.small = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=256m", "tmpfs", t.own.folder], capture_output=True, check=False).returncode == 0
        with open(f"{t.own.folder}/extra.properties", "w", encoding="utf-8") as file:
            file.write("log.index.size.max.bytes=65536\n")
        t.own.start()
        kill = t.own.kill

        def end():
            kill()
            if t.own.small:
                subprocess.run(["umount", "-l", t.own.folder], check=False)
        t.own.kill = end  # at the end of all tests
    return t.own


def pid_of(kafka):
    with open(f"{kafka.folder}/pid", encoding="ascii") as file:
        return int(file.read())


def broker_stands_still(t):
    """for three times wal_sender_timeout, with more changes than the queue holds: the stream is not cut, nothing is lost"""
    kafka = broker(t)
    s = Stream(t, "still", kafka=kafka.address, start=False, **{"producer.override.buffer.memory": 400000, "status.update.interval.ms": 10000})
    s.sql(f"ALTER DATABASE {s.database} SET wal_sender_timeout = '4s';")
    s.worker.start()
    s.streaming()
    sender = s.slot("active_pid")
    writer = Writer(s, 0.002, "y" * 2000)
    time.sleep(0.5)
    os.kill(pid_of(kafka), signal.SIGSTOP)
    try:
        time.sleep(12)
        s.running()
    finally:
        os.kill(pid_of(kafka), signal.SIGCONT)
    writer.stop()
    s.await_all(60)
    assert s.slot("active_pid") == sender, f"the stream was cut:\n{s.worker.log_tail()}"
    s.check()
    s.stop()


def message_too_large(t):
    """a row larger than its topic takes, in mid-stream: FAILED, with size, topic and setting; mended, it goes on with that row"""
    s = Stream(t, "oversize")
    s.write(3)
    s.await_all()
    s.write(1, "z" * 2000000)
    s.write(4)
    s.failed(s.topic, "max.message.bytes", "bytes")
    s.restart()
    s.failed(s.topic)  # again: nothing is passed over
    topics.configure(t.kafka, s.topic, {"max.message.bytes": "8000000"})
    s.configure(**{"producer.override.max.request.size": "8000000"})
    s.await_change(14)
    s.await_all()
    # What was under way behind the row when it was refused comes again, behind it.
    came = [event["after"]["n"] for event in s.events() if event["op"] in "cu"]
    assert came[:3] == [11, 12, 13] and came[-5:] == [14, 15, 16, 17, 18], came
    assert s.replayed() == s.table(), "the topic replayed is not the table"
    s.running()
    s.stop()


def disk_full(t):
    """the broker's disk is full and it ends: the task waits; with room again and the broker back, nothing is lost"""
    kafka = broker(t)
    if not kafka.small:
        raise live.Skipped("no file system of limited size can be mounted here")
    s = Stream(t, "full", kafka=kafka.address)
    filler = f"{kafka.folder}/filler"
    room = os.statvfs(kafka.folder)
    with open(filler, "wb") as file:
        os.posix_fallocate(file.fileno(), 0, room.f_bavail * room.f_frsize - (3 << 20))
    writer = Writer(s, 0.005, "x" * 4000)
    until("the broker to end", lambda: not os.path.exists(f"/proc/{pid_of(kafka)}/cmdline") or
          b"kafka.Kafka" not in open(f"/proc/{pid_of(kafka)}/cmdline", "rb").read(), 60)
    time.sleep(2)
    s.running()
    os.remove(filler)
    kafka.start()
    time.sleep(1)
    writer.stop()
    s.await_all(60)
    s.check()
    s.running()
    s.stop()


if __name__ == "__main__":
    live.main([broker_stands_still, disk_full, message_too_large])
