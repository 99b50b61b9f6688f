#!/usr/bin/env python3
# check: timeout=600
"""The Kafka clients by themselves (tests/live/kafka_client drives them) against real brokers: Kafka 4.1 and 3.9, TLS and
SASL, and brokers that are killed, frozen, or refuse."""
import collections
import os
import random
import shutil
import signal
import subprocess
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

import kit  # noqa: E402
from confluent_kafka import Consumer, TopicPartition  # noqa: E402
from confluent_kafka.admin import AdminClient, NewTopic  # noqa: E402
from kit import live  # noqa: E402
from kit.live import until  # noqa: E402
from kit.servers import Kafka  # noqa: E402

BUILD = os.path.dirname(os.path.abspath(os.environ.get("PENSTOCK", f"{kit.TOP}/penstock")))
CLIENT = f"{BUILD}/tests/live/kafka_client"


def settings(t, bootstrap, **more):
    """A file of client settings; `a__b` in a name stands for `a.b`."""
    t.number += 1
    path = f"{t.folder}/client-{t.number}.properties"
    lines = {"bootstrap.servers": bootstrap, **{name.replace("__", "."): value for name, value in more.items()}}
    with open(path, "w", encoding="utf-8") as out:
        for name, value in lines.items():
            out.write(f"{name}={str(value).replace(chr(92), chr(92) * 2).replace(chr(10), chr(92) + 'n')}\n")
    return path


def client(*arguments, text=None, timeout=60):
    """Runs the client; returns its lines. Its log goes along, marked."""
    done = subprocess.run([CLIENT, *map(str, arguments)], input=text, capture_output=True, text=True, timeout=timeout)
    return done.stdout.splitlines() + [f"log {line}" for line in done.stderr.splitlines()]


class Running:
    """A client in the background; what it prints goes to a file, so that it never waits for us."""

    def __init__(self, t, *arguments, rate=0, sleep_ms=0):
        t.number += 1
        self.path = f"{t.folder}/output-{t.number}"
        with open(self.path, "w", encoding="utf-8") as out:
            self.process = subprocess.Popen([CLIENT, *map(str, arguments)], stdout=out, stderr=subprocess.STDOUT,
                                            env={**os.environ, "SLEEP_MS": str(sleep_ms), **({"RATE": str(rate)} if rate else {})})

    def stop(self):
        self.process.send_signal(signal.SIGTERM)

    def lines(self, timeout=60):
        try:
            self.process.wait(timeout)
        finally:
            self.process.kill()
            with open(self.path, encoding="utf-8") as file:
                lines = file.read().splitlines()
        return lines


def create(kafka, name, partitions=1, **config):
    admin = AdminClient({"bootstrap.servers": kafka})
    topic = NewTopic(name, partitions, 1, config={key.replace("_", "."): value for key, value in config.items()})
    admin.create_topics([topic])[name].result(20)


def read_all(kafka, topic):
    """partition -> [(offset, key, value)], by another client."""
    consumer = Consumer({"bootstrap.servers": kafka, "group.id": "reader", "enable.auto.commit": False})
    partitions = consumer.list_topics(topic, 10).topics[topic].partitions
    found, ends = collections.defaultdict(list), {}
    for partition in partitions:
        low, high = consumer.get_watermark_offsets(TopicPartition(topic, partition), 10)
        if high > low:
            ends[partition] = high
    consumer.assign([TopicPartition(topic, partition, 0) for partition in ends])
    while any(len(found[p]) == 0 or found[p][-1][0] < end - 1 for p, end in ends.items()):
        for message in consumer.consume(1000, 5):
            assert not message.error(), message.error()
            found[message.partition()].append((message.offset(), message.key(), message.value()))
    consumer.close()
    return found


def one(lines, start_with):
    matching = [line for line in lines if line.startswith(start_with)]
    assert matching, f"no line starts with {start_with!r}: {lines}"
    return matching[0]


# ---- the plain way, both versions ----

def round_trip(t, kafka):
    topic = t.name("round")
    plain, group = settings(t, kafka), settings(t, kafka, group__id=t.name("g"))
    assert client("exists", plain, topic) == ["no"]
    assert not [line for line in client("create", plain, topic, 3, "max.message.bytes=200000") if line.startswith("error")]
    assert "yes" in client("exists", plain, topic)
    assert one(client("cluster", plain), "cluster ") == "cluster 4L6g3nShT-eMCtK--X86sw"
    one(client("produce", plain, topic, 1000, 300), "sent 1000 delivered 1000 failed 0")
    one(client("produce", plain, topic, 1, 10, 86400000), "sent 1 delivered 1 failed 0")
    lines = client("consume", group, 4, topic)
    records = [line.split(" ") for line in lines if line.startswith("record ")]
    assert len(records) == 1001, len(records)
    assert {record[5] for record in records} == {f"k{i}" for i in range(1000)}
    dated = [record for record in records if record[4] == "86400000"]
    assert len(dated) == 1 and dated[0][-2:] == ["h=x", "none="], dated
    committed = [line.split(" ") for line in client("group", plain, t.name("g")) if line.startswith("offset ")]
    assert sum(int(line[3]) for line in committed) == 1001, committed
    assert not [line for line in client("consume", group, 3, topic) if line.startswith("record ")]


def on_4_1(t):
    """produce, consume, commit, topics, group offsets"""
    round_trip(t, t.kafka)


def on_3_9(t):
    """the same against Kafka 3.9"""
    kafka = t._own(Kafka(t.ports + 4, f"{t.folder}/kafka-39", "3.9.1"), True)
    round_trip(t, kafka.address)
    kafka.kill()


# ---- partitions as Java chooses them ----

def murmur2(data):
    """Utils.murmur2 of Kafka's Java client."""
    mask, m = 0xffffffff, 0x5bd1e995
    h = 0x9747b28c ^ len(data)
    for i in range(0, len(data) - len(data) % 4, 4):
        k = int.from_bytes(data[i:i + 4], "little") * m & mask
        k = (k ^ k >> 24) * m & mask
        h = (h * m & mask) ^ k
    tail = data[len(data) - len(data) % 4:]
    if tail:
        h = (h ^ int.from_bytes(tail, "little")) * m & mask
    h = (h ^ h >> 13) * m & mask
    return h ^ h >> 15


def partitions_like_java(t):
    """keys land where Java's default partitioner puts them; a partition that is given is kept"""
    known = {"21": -973932308, "foobar": -790332482, "a-little-bit-long-string": -985981536,
             "a-little-bit-longer-string": -1486304829, "lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8": -58897971,
             "abc": 479470107}
    for key, value in known.items():
        assert murmur2(key.encode()) == value & 0xffffffff, key
    topic, count = t.name("murmur"), 97
    create(t.kafka, topic, count)
    rng = random.Random(4)
    keys = list(known) + ["".join(rng.choices("abcdefghijklmnopqrstuvwxyzäöü0123456789", k=rng.randrange(1, 40))) for _ in range(2000)]
    text = "".join(f"-1\t{key}\tby key\n" for key in keys) + "5\tfoobar\tgiven\n96\t\tgiven\n"
    one(client("send", settings(t, t.kafka), topic, text=text), f"sent {len(keys) + 2} delivered {len(keys) + 2} failed 0")
    seen = 0
    for partition, records in read_all(t.kafka, topic).items():
        for _, key, value in records:
            if value == b"by key":
                assert (murmur2(key) & 0x7fffffff) % count == partition, (key, partition)
                seen += 1
            else:
                assert partition == (5 if key else 96)
    assert seen == len(keys)


def bad_partition(t):
    """a partition that the topic has not is a fault of the record"""
    topic = t.name("few")
    create(t.kafka, topic, 1)
    lines = client("send", settings(t, t.kafka), topic, text="0\ta\tb\n7\ta\tb\n")
    assert any("no partition of that number" in line for line in lines), lines


# ---- faults ----

def producer_survives_kills(t):
    """a broker that is killed and comes back: every record once, in order"""
    kafka = t.own_kafka(6)
    topic, count = t.name("kills"), 300_000
    create(kafka.address, topic, 3)
    process = Running(t, "produce", settings(t, kafka.address), topic, count, 300, rate=30_000)
    for _ in range(2):
        time.sleep(1.5)
        kafka.kill()
        time.sleep(0.5)
        kafka.start()
    one(process.lines(120), f"sent {count} delivered {count} failed 0")
    found = read_all(kafka.address, topic)
    numbers = [[int(value.split(b" ")[0]) for _, _, value in records] for records in found.values()]
    assert sum(map(len, numbers)) == count, sum(map(len, numbers))
    assert all(list_ == sorted(list_) for list_ in numbers)
    assert len({number for list_ in numbers for number in list_}) == count
    kafka.kill()


def group_hands_over(t):
    """members come, go and die: every record is printed, and twice only where its printer died"""
    topic, group, count = t.name("group"), t.name("gh"), 20_000
    create(t.kafka, topic, 4)
    one(client("produce", settings(t, t.kafka), topic, count, 100), f"sent {count}")
    file = settings(t, t.kafka, group__id=group, session__timeout__ms=6000, heartbeat__interval__ms=500, max__poll__records=50)
    members = [Running(t, "consume", file, 60, topic)]
    time.sleep(1)
    members.append(Running(t, "consume", file, 60, topic))
    time.sleep(2)
    members[0].stop()
    members.append(Running(t, "consume", file, 60, topic))
    one(client("produce", settings(t, t.kafka), topic, count, 100), f"sent {count}")
    plain = settings(t, t.kafka)
    until("all to be committed", lambda: sum(int(line.split(" ")[3]) for line in client("group", plain, group)
                                             if line.startswith("offset ")) == 2 * count, 40)
    lines = []
    for member in members:
        member.stop()
        lines.append(member.lines(20))
    records = [tuple(line.split(" ")[1:4]) for member in lines for line in member if line.startswith("record ")]
    assert len(set(records)) == 2 * count, len(set(records))
    assert len(records) == 2 * count, f"{len(records) - 2 * count} twice"
    assert any("revoke" in member for member in lines), "nobody was told to hand over"
    assert all("end" in member for member in lines)


def slow_member(t):
    """one that works longer than max.poll.interval.ms: its partition goes to another, its late commit is refused"""
    topic = t.name("slow")
    create(t.kafka, topic)
    one(client("produce", settings(t, t.kafka), topic, 5, 10), "sent 5")
    file = settings(t, t.kafka, group__id=t.name("gslow"), max__poll__interval__ms=6000, session__timeout__ms=6000, heartbeat__interval__ms=500)
    slow = Running(t, "consume", file, 16, topic, sleep_ms=9000)
    time.sleep(5)
    other = Running(t, "consume", file, 11, topic)
    lines, others = slow.lines(30), other.lines(30)
    assert "error RETRY committing offsets: Broker: Unknown member" in lines and "revoke" in lines and "end" in lines, lines
    assert sum(line.startswith("record ") for line in others) == 5 and "end" in others, others


def cooperative_group(t):
    """CooperativeStickyAssignor: what stays is not interrupted"""
    topic, group = t.name("coop"), t.name("gc")
    create(t.kafka, topic, 4)
    file = settings(t, t.kafka, group__id=group, session__timeout__ms=6000, heartbeat__interval__ms=500,
                    partition__assignment__strategy="org.apache.kafka.clients.consumer.CooperativeStickyAssignor")
    first = Running(t, "consume", file, 9, topic)
    time.sleep(2)
    second = Running(t, "consume", file, 7, topic)
    time.sleep(3)
    one(client("produce", settings(t, t.kafka), topic, 1000, 100), "sent 1000")
    lines = [process.lines(30) for process in (first, second)]
    assert "assigned 4" in lines[0] and "assigned 2" in lines[0] and "assigned 2" in lines[1], lines
    records = [line for member in lines for line in member if line.startswith("record ")]
    assert len(records) == 1000 and len({tuple(line.split(" ")[1:4]) for line in records}) == 1000, len(records)


def topics_by_regex(t):
    """a Java regular expression; a topic that comes later is found"""
    stem = t.name("re")
    for name in (f"{stem}.one", f"x{stem}.one"):
        create(t.kafka, name)
    one(client("produce", settings(t, t.kafka), f"{stem}.one", 3, 10), "sent 3")
    one(client("produce", settings(t, t.kafka), f"x{stem}.one", 3, 10), "sent 3")
    file = settings(t, t.kafka, group__id=t.name("gr"), metadata__max__age__ms=1000)
    process = Running(t, "consume", file, 9, rf"~{stem}\.(?:one|two)(?<!x)")
    time.sleep(3)
    create(t.kafka, f"{stem}.two")
    one(client("produce", settings(t, t.kafka), f"{stem}.two", 4, 10), "sent 4")
    lines = process.lines(30)
    seen = collections.Counter(line.split(" ")[1] for line in lines if line.startswith("record "))
    assert seen == {f"{stem}.one": 3, f"{stem}.two": 4}, (seen, lines)


def topic_deleted(t):
    """under a consumer and under a producer: told, not a crash; the rest goes on"""
    gone, stays = t.name("gone"), t.name("stays")
    for name in (gone, stays):
        create(t.kafka, name)
        one(client("produce", settings(t, t.kafka), name, 3, 10), "sent 3")
    file = settings(t, t.kafka, group__id=t.name("gd"), metadata__max__age__ms=1000, allow__auto__create__topics="false")
    process = Running(t, "consume", file, 9, gone, stays)
    time.sleep(3)
    admin = AdminClient({"bootstrap.servers": t.kafka})
    admin.delete_topics([gone])[gone].result(20)
    time.sleep(2)
    one(client("produce", settings(t, t.kafka), stays, 2, 10), "sent 2")
    lines = process.lines(30)
    assert sum(line.startswith(f"record {stays} ") for line in lines) == 5, lines
    assert not [line for line in lines if line.startswith("error")], lines
    assert any(gone in line and "WARN" in line for line in lines), lines


def missing_topic(t):
    """a topic that is not there and is not made: the producer says so"""
    kafka = t._own(Kafka(t.ports + 8, f"{t.folder}/kafka-noauto"), False)
    os.makedirs(kafka.folder)
    with open(f"{kafka.folder}/extra.properties", "w", encoding="utf-8") as out:
        out.write("auto.create.topics.enable=false\n")
    kafka.start()
    lines = client("produce", settings(t, kafka.address), "nowhere", 2, 10, timeout=60)
    assert one(lines, "sent 2") == "sent 2 delivered 0 failed 2", lines
    assert "Create the topic" in one(lines, "failed 3"), lines
    kafka.kill()


def too_large(t):
    """a record larger than the topic or the client allows is that record's fault; others pass"""
    topic = t.name("large")
    create(t.kafka, topic, 1, max_message_bytes="5000")
    lines = client("produce", settings(t, t.kafka, batch__size=4000), topic, 2, 8000)
    assert one(lines, "sent 2").endswith("delivered 0 failed 2"), lines
    assert "max.message.bytes" in one(lines, "failed 1"), lines
    lines = client("produce", settings(t, t.kafka), topic, 50, 1000)  # no record is at fault, their batch is
    assert "batch.size" in one(lines, "failed 3"), lines
    assert "BAD_DATA" in one(client("produce", settings(t, t.kafka, max__request__size=3000), topic, 1, 4000), "error")
    one(client("produce", settings(t, t.kafka, batch__size=4000), topic, 50, 1000), "sent 50 delivered 50 failed 0")


def frozen_broker(t):
    """a broker that does not answer holds nobody for long (by its name only: it takes the time of a quiet machine)"""
    kafka = t.own_kafka(10)
    topic = t.name("frozen")
    create(kafka.address, topic)
    one(client("produce", settings(t, kafka.address), topic, 5, 10), "sent 5")
    consumer = Running(t, "consume", settings(t, kafka.address, group__id="gf"), 60, topic)
    producer = Running(t, "produce", settings(t, kafka.address), topic, 10_000_000, 300)
    time.sleep(3)
    with open(f"{kafka.folder}/pid", encoding="utf-8") as file:
        pid = int(file.read())
    os.kill(pid, signal.SIGSTOP)
    try:
        time.sleep(0.5)
        for process, limit in ((producer, 15), (consumer, 25)):
            since = time.monotonic()
            process.stop()
            process.lines(30)
            assert time.monotonic() - since < limit, (process.process.args, time.monotonic() - since)
    finally:
        os.kill(pid, signal.SIGCONT)
        kafka.kill()


def no_broker(t):
    """nothing listens: calls end with RETRY in their time"""
    nowhere = f"127.0.0.1:{t.ports + 49}"
    lines = client("exists", settings(t, nowhere), "x")
    assert "error RETRY looking for topic x" in one(lines, "error"), lines
    lines = client("consume", settings(t, nowhere, group__id="g"), 2, "x")
    assert one(lines, "end") and not [line for line in lines if line.startswith("error FATAL")], lines


# ---- TLS and SASL ----

def make_certificates(folder):
    def run(*arguments):
        subprocess.run(["openssl", *arguments], cwd=folder, check=True, capture_output=True)

    os.makedirs(folder)
    with open(f"{folder}/san", "w", encoding="utf-8") as out:
        out.write("subjectAltName=DNS:localhost,IP:127.0.0.1\n")
    for ca in ("ca", "other"):
        run("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "30", "-subj", f"/CN=test {ca}", "-keyout", f"{ca}.key", "-out", f"{ca}.pem")
    for name, extra in (("server", ["-extfile", "san"]), ("elsewhere", []), ("user", [])):
        run("req", "-newkey", "rsa:2048", "-nodes", "-subj", f"/CN={name}", "-keyout", f"{name}.key", "-out", f"{name}.csr")
        run("x509", "-req", "-in", f"{name}.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", "30", "-out", f"{name}.crt", *extra)
        with open(f"{folder}/{name}.pem", "w", encoding="utf-8") as out:
            for part in (f"{name}.key", f"{name}.crt"):
                with open(f"{folder}/{part}", encoding="utf-8") as file:
                    out.write(file.read())
    run("pkcs12", "-export", "-in", "user.crt", "-inkey", "user.key", "-out", "user.p12", "-passout", "pass:keypass")
    run("pkcs8", "-topk8", "-in", "user.key", "-out", "user.enc", "-passout", "pass:keypass")
    with open(f"{folder}/user-enc.pem", "w", encoding="utf-8") as out:
        for part in ("user.enc", "user.crt"):
            with open(f"{folder}/{part}", encoding="utf-8") as file:
                out.write(file.read())


def scram_version():
    """A version that the system's librdkafka can log in to by SCRAM (see client_scram_trouble)."""
    return "3.8.0" if tuple(map(int, client("version")[0].split(".")[:2])) < (2, 8) else None


def secure_kafka(t):
    """Listeners: +12 plain (and the controller), +14 SASL_SSL, +15 SSL with client certificates, +16 SASL_PLAINTEXT, +17 a
    certificate of another name."""
    if hasattr(t, "secure"):
        return t.secure
    certificates = f"{t.folder}/certificates"
    make_certificates(certificates)
    kafka = t._own(Kafka(t.ports + 12, f"{t.folder}/kafka-secure", scram_version()), False)
    os.makedirs(kafka.folder)
    plain = "org.apache.kafka.common.security.plain.PlainLoginModule required username=\"admin\" password=\"x\" user_alice=\"pl@in secret\" user_bob=\"b\";"
    scram = "org.apache.kafka.common.security.scram.ScramLoginModule required;"
    listeners = {"PLAINTEXT": 12, "CONTROLLER": 13, "SCRAM": 14, "MUTUAL": 15, "PLAIN": 16, "ELSEWHERE": 17}
    lines = {
        "listeners": ",".join(f"{name}://127.0.0.1:{t.ports + port}" for name, port in listeners.items()),
        "advertised.listeners": ",".join(f"{name}://127.0.0.1:{t.ports + port}" for name, port in listeners.items() if name != "CONTROLLER"),
        "listener.security.protocol.map": "CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT,SCRAM:SASL_SSL,MUTUAL:SSL,PLAIN:SASL_PLAINTEXT,ELSEWHERE:SSL",
        "sasl.enabled.mechanisms": "PLAIN,SCRAM-SHA-256,SCRAM-SHA-512",
        "listener.name.plain.plain.sasl.jaas.config": plain,
        "listener.name.scram.scram-sha-256.sasl.jaas.config": scram,
        "listener.name.scram.scram-sha-512.sasl.jaas.config": scram,
        "listener.name.scram.sasl.enabled.mechanisms": "SCRAM-SHA-256,SCRAM-SHA-512",
        "listener.name.plain.sasl.enabled.mechanisms": "PLAIN",
        "ssl.keystore.type": "PEM", "ssl.keystore.location": f"{certificates}/server.pem",
        "ssl.truststore.type": "PEM", "ssl.truststore.location": f"{certificates}/ca.pem",
        "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
        "super.users": "User:ANONYMOUS;User:alice;User:CN=user",
        "listener.name.mutual.ssl.client.auth": "required",
        "listener.name.elsewhere.ssl.keystore.type": "PEM",
        "listener.name.elsewhere.ssl.keystore.location": f"{certificates}/elsewhere.pem",
    }
    with open(f"{kafka.folder}/extra.properties", "w", encoding="utf-8") as out:
        out.write("".join(f"{name}={value}\n" for name, value in lines.items()))
    kafka.start()
    add_scram_user(kafka)
    t.secure = kafka, certificates
    return t.secure


def add_scram_user(kafka):
    """By Kafka's own tool: Debian's Python client can't."""
    with open(f"{kafka.folder}/version", encoding="utf-8") as file:
        jars = f"{os.environ.get('PENSTOCK_CACHE', os.path.expanduser('~/.cache/penstock'))}/kafka-{file.read().strip()}/lib/*"
    for mechanism in ("SCRAM-SHA-256", "SCRAM-SHA-512"):
        subprocess.run(["java", "-Xmx256m", "-cp", jars, "kafka.admin.ConfigCommand", "--bootstrap-server", kafka.address, "--alter",
                        "--entity-type", "users", "--entity-name", "alice", "--add-config", f"{mechanism}=[password=alice-secret]"],
                       check=True, capture_output=True)


def scram_settings(t, password="alice-secret", mechanism="SCRAM-SHA-512", **more):
    _, certificates = secure_kafka(t)
    return dict({"security__protocol": "SASL_SSL", "sasl__mechanism": mechanism,
                 "sasl__jaas__config": "org.apache.kafka.common.security.scram.ScramLoginModule required "
                                       f"username=\"alice\" password=\"{password}\";",
                 "ssl__truststore__type": "PEM", "ssl__truststore__location": f"{certificates}/ca.pem"}, **more)


def works(t, address, **more):
    topic = t.name(f"secure{t.number}")
    plain = settings(t, address, **more)
    lines = client("create", plain, topic, 1)
    assert not [line for line in lines if line.startswith("error")], lines
    one(client("produce", plain, topic, 10, 100), "sent 10 delivered 10 failed 0")
    lines = client("consume", settings(t, address, group__id=t.name("gs"), **more), 3, topic)
    assert sum(line.startswith("record ") for line in lines) == 10, lines


def scram_over_tls(t):
    """SASL_SSL with SCRAM-SHA-512 and -256, CA in a PEM file and inline, on one line too"""
    _, certificates = secure_kafka(t)
    address = f"127.0.0.1:{t.ports + 14}"
    works(t, address, **scram_settings(t))
    works(t, address, **scram_settings(t, mechanism="SCRAM-SHA-256"))
    with open(f"{certificates}/ca.pem", encoding="utf-8") as file:
        pem = file.read()
    inline = scram_settings(t, ssl__truststore__certificates=pem)
    del inline["ssl__truststore__location"]
    works(t, address, **inline)
    inline["ssl__truststore__certificates"] = pem.strip().replace("\n", " ")
    works(t, address, **inline)


def wrong_password(t):
    """ends the client soon, says what to look at, and keeps the password to itself"""
    secure_kafka(t)
    address = f"127.0.0.1:{t.ports + 14}"
    for command, more, start_with in ((["produce"], ["t", 10, 100], "error FATAL"), (["exists"], ["t"], "error FATAL"),
                                      (["consume"], [20, "t"], "error FATAL")):
        since = time.monotonic()
        lines = client(*command, settings(t, address, group__id="g", **scram_settings(t, password="wr0ng")), *more)
        text = one(lines, start_with)
        assert "sasl.jaas.config" in text and "uthentication" in text, text
        assert "wr0ng" not in "\n".join(lines)
        assert time.monotonic() - since < 60, (command, time.monotonic() - since)


def plain_password(t):
    """SASL_PLAINTEXT with PLAIN"""
    secure_kafka(t)
    works(t, f"127.0.0.1:{t.ports + 16}", security__protocol="SASL_PLAINTEXT", sasl__mechanism="PLAIN",
          sasl__jaas__config="org.apache.kafka.common.security.plain.PlainLoginModule required username=\"alice\" password=\"pl@in secret\";")


def no_rights(t):
    """a user without ACLs: every client says which right is missing"""
    kafka, _ = secure_kafka(t)
    topic = t.name("rights")
    client("create", settings(t, kafka.address), topic, 1)
    bob = settings(t, f"127.0.0.1:{t.ports + 16}", security__protocol="SASL_PLAINTEXT", sasl__mechanism="PLAIN", group__id="bobs",
                   sasl__jaas__config="org.apache.kafka.common.security.plain.PlainLoginModule required username=\"bob\" password=\"b\";")
    # The producer hears first of the right on the cluster (idempotence) or of that on the topic.
    for command, more, starts in (("produce", [topic, 3, 10], ("failed 3", "error FATAL")), ("consume", [15, topic], ("error FATAL",)),
                                  ("exists", [topic], ("error FATAL",)), ("create", ["rights2", 1], ("error FATAL",))):
        lines = client(command, bob, *more)
        text = next((line for line in lines if line.startswith(starts)), str(lines))
        assert "uthorization failed" in text and "Give the user" in text, text


def client_certificates(t):
    """SSL with a client's key: PEM file, PEM file with a password, inline PEM, PKCS#12"""
    _, folder = secure_kafka(t)
    address = f"127.0.0.1:{t.ports + 15}"
    trust = {"security__protocol": "SSL", "ssl__truststore__type": "PEM", "ssl__truststore__location": f"{folder}/ca.pem"}
    works(t, address, ssl__keystore__type="PEM", ssl__keystore__location=f"{folder}/user.pem", **trust)
    works(t, address, ssl__keystore__type="PEM", ssl__keystore__location=f"{folder}/user-enc.pem", ssl__key__password="keypass", **trust)
    with open(f"{folder}/user.key", encoding="utf-8") as key, open(f"{folder}/user.crt", encoding="utf-8") as chain:
        works(t, address, ssl__keystore__type="PEM", ssl__keystore__key=key.read(), ssl__keystore__certificate__chain=chain.read(), **trust)
    works(t, address, ssl__keystore__type="PKCS12", ssl__keystore__location=f"{folder}/user.p12", ssl__keystore__password="keypass", **trust)
    lines = client("exists", settings(t, address, **trust), "t")
    assert one(lines, "error"), "no client certificate, and nobody minds"


def untrusted_broker(t):
    """a certificate of another authority, or of another name, is refused; the name only if asked for"""
    _, folder = secure_kafka(t)
    other = scram_settings(t)
    other["ssl__truststore__location"] = f"{folder}/other.pem"
    lines = client("exists", settings(t, f"127.0.0.1:{t.ports + 14}", **other), "t")
    assert "verify failed" in one(lines, "error FATAL"), lines
    trust = {"security__protocol": "SSL", "ssl__truststore__type": "PEM", "ssl__truststore__location": f"{folder}/ca.pem"}
    address = f"127.0.0.1:{t.ports + 17}"
    assert one(client("exists", settings(t, address, **trust), "t"), "error FATAL")
    works(t, address, ssl__endpoint__identification__algorithm="", **trust)


def sasl_survives_kills(t):
    """a broker that restarts is not taken for one that refuses the password"""
    kafka, _ = secure_kafka(t)
    topic = t.name("saslkill")
    address = f"127.0.0.1:{t.ports + 14}"
    client("create", settings(t, address, **scram_settings(t)), topic, 1)
    process = Running(t, "produce", settings(t, address, **scram_settings(t)), topic, 200_000, 300, rate=30_000)
    for _ in range(2):
        time.sleep(1.5)
        kafka.kill()
        kafka.start()
    one(process.lines(120), "sent 200000 delivered 200000 failed 0")


def main():
    if not os.access(CLIENT, os.X_OK):
        subprocess.run(["make", "-s", "tests/live/kafka_client"], cwd=BUILD, check=True)
    if not shutil.which("openssl"):
        sys.exit("kafka_clients needs openssl")
    live.main([on_4_1, on_3_9, partitions_like_java, bad_partition, producer_survives_kills, group_hands_over, slow_member, cooperative_group,
               topics_by_regex, topic_deleted, missing_topic, too_large, no_broker, scram_over_tls, wrong_password,
               plain_password, no_rights, client_certificates, untrusted_broker, sasl_survives_kills],
              by_name=[frozen_broker])


if __name__ == "__main__":
    main()
