"""The run itself: servers, workload and worker are started, ended without mercy, and looked at."""
import random
import time

from checks import History, SHOWN, SinkStates
from events import read
from kit import offset_file, topics
from kit.servers import Kafka, Postgres
from kit.worker import Worker
from workload import KEYS, TABLES, Workload

PREFIX = "kill"
SOURCE_DB, SINK_DB = "kill_source", "kill_sink"


def source_config(postgres):
    return {
        "name": "source", "connector.class": "io.debezium.connector.postgresql.PostgresConnector", "tasks.max": 1,
        "database.hostname": "127.0.0.1", "database.port": postgres.port, "database.user": "postgres", "database.password": "x",
        "database.dbname": SOURCE_DB, "topic.prefix": PREFIX, "plugin.name": "pgoutput", "slot.name": "kill", "publication.name": "kill",
        "time.precision.mode": "connect", "status.update.interval.ms": 500, "retriable.restart.connector.wait.ms": 500,
        "producer.override.compression.type": "lz4",
    }


def sink_config(postgres):
    return {
        "name": "sink", "connector.class": "io.confluent.connect.jdbc.JdbcSinkConnector", "tasks.max": 1,
        "topics": ",".join(topic(t) for t in TABLES),
        "connection.url": f"jdbc:postgresql://127.0.0.1:{postgres.port}/{SINK_DB}", "connection.user": "postgres", "connection.password": "x",
        "insert.mode": "upsert", "pk.mode": "record_key", "delete.enabled": "true", "auto.create": "true",
        "max.retries": 200, "retry.backoff.ms": 500,
        # A worker that died is a member of its group until session.timeout.ms is over, and who joins waits for it. A static
        # member is back at once, so that the sink is at work whenever the next kill comes. Its topics have to be there before
        # it: a static member that comes back gets what it had, and never what was made in between.
        "consumer.override.group.instance.id": "kill-sink",
        "transforms": "unwrap,route", "transforms.unwrap.type": "io.debezium.transforms.ExtractNewRecordState",
        "transforms.route.type": "org.apache.kafka.connect.transforms.RegexRouter",
        "transforms.route.regex": PREFIX + r"\.public\.(.*)", "transforms.route.replacement": "$1",
    }


def topic(table):
    return f"{PREFIX}.public.{table}"


class Verdicts:
    def __init__(self):
        self.passed = self.failed = 0

    def add(self, name, faults):
        faults = list(faults)
        if faults:
            self.failed += 1
            print(f"FAIL {name}: {len(faults)} faults")
            for fault in faults[:SHOWN]:
                print(f"     {str(fault)[:400]}")
        else:
            self.passed += 1
            print(f"ok   {name}", flush=True)


class Harness:
    def __init__(self, options, folder):
        self.options = options
        self.random = random.Random(f"{options.seed}/moments")
        ports = options.ports
        self.kafka = Kafka(ports, f"{folder}/kafka", options.kafka_version)
        self.source = Postgres(ports + 2, f"{folder}/source")
        self.sink = Postgres(ports + 3, f"{folder}/sink")
        connectors = [source_config(self.source)] + ([sink_config(self.sink)] if options.sink else [])
        self.worker = Worker(f"{folder}/worker", ports + 4, self.kafka.address, connectors)
        self.workload = Workload(self.source, SOURCE_DB, options.seed)
        self.notes = []
        self.verdicts = Verdicts()
        self.since = time.monotonic()
        self.ends = None

    def say(self, text):
        print(f"{time.monotonic() - self.since:7.1f} s  {text}", flush=True)

    # -- servers
    def start(self):
        for server in (self.kafka, self.source, self.sink):
            server.start()
        self.ends = topics.Ends(self.kafka.address)
        topics.create(self.kafka.address, [topic(t) for t in TABLES])
        self.source.create_database(SOURCE_DB)
        self.sink.create_database(SINK_DB)
        self.workload.prepare(self.options.rows)
        self.say(f"{self.options.rows} rows are in {len(TABLES)} tables")

    def end(self):
        self.worker.kill()
        self.workload.quit.set()
        for server in (self.kafka, self.source, self.sink):
            try:
                server.kill()
            except RuntimeError as error:
                print(error)

    # -- looking
    def topic_ends(self):
        found = self.ends.of([topic(t) for t in TABLES])
        return {t: found[topic(t)] for t in TABLES}

    def sink_rows(self):
        rows = {}
        for table in TABLES:
            names = KEYS[table]
            text = self.sink.sql(SINK_DB, f"SELECT {', '.join(names)}, v FROM {table};", check=False)
            rows[table] = found = {}
            for line in text.split("\n") if text else ():
                *key, v = line.split("\t")
                key = [part if name in ("code", "order_code") else int(part) for name, part in zip(names, key)]
                found[key[0] if len(key) == 1 else tuple(key)] = int(v)
        return rows

    def look(self, what):
        """Notes what is stored and what is in topics and tables; the worker is dead."""
        note = {"what": what, "torn": None, "stored": None, "confirmed": None, "committed": None}
        try:
            for (connector, _), offset in offset_file.read(self.worker.offset_file).items():
                if connector == "source":
                    note["stored"] = offset
        except offset_file.Torn as error:
            note["torn"] = f"{what}: {error}"
        slot = self.source.rows(SOURCE_DB, "SELECT confirmed_flush_lsn - '0/0'::pg_lsn FROM pg_replication_slots WHERE slot_name = 'kill';")
        if slot and slot[0][0]:
            note["confirmed"] = int(slot[0][0])
        if self.options.sink:
            found = topics.committed(self.kafka.address, "connect-sink", [topic(t) for t in TABLES])
            note["committed"] = {t: found[topic(t)] for t in TABLES}
            note["rows"] = self.sink_rows()
        note["ends"] = self.topic_ends()
        self.notes.append(note)
        return note

    # -- killing
    def kill_in_snapshot(self, number):
        """Ends the worker at a random moment of its snapshot: after so many rows, or right after its start."""
        base = sum(self.topic_ends().values())
        goal = self.random.choice((0, 1, 1)) * self.random.randrange(1, self.options.rows)
        pause = self.random.uniform(0, 0.4) * self.options.slow if not goal else 0
        self.worker.start()
        until = time.monotonic() + 30 * self.options.slow
        while goal and sum(self.topic_ends().values()) - base < goal:
            if not self.worker.running() or time.monotonic() > until:
                raise RuntimeError(f"the snapshot does not go on:\n{self.worker.log_tail()}")
            time.sleep(0.002)
        time.sleep(pause)
        self.worker.kill()
        note = self.look(f"kill {number}")
        got = sum(note["ends"].values()) - base
        self.say(f"kill {number} in the snapshot, aimed at row {goal}: {got} events, stored {note['stored']}")
        return note

    def kill_in_stream(self, number):
        self.worker.start()
        low, high = self.random.choices(((0, 0.3), (0.3, 1.5), (1.5, 4)), (35, 45, 20))[0]
        time.sleep(self.random.uniform(low, high) * self.options.slow)
        if not self.worker.running():
            raise RuntimeError(f"the worker ended by itself with {self.worker.process.returncode}:\n{self.worker.log_tail()}")
        self.worker.kill()
        note = self.look(f"kill {number}")
        self.say(f"kill {number} in the stream: {self.workload.total()} changes committed, {sum(note['ends'].values())} events, "
                 f"stored lsn {(note['stored'] or {}).get('lsn')}")
        time.sleep(self.random.choice((0, 0, self.random.uniform(0, 1))))

    def kill_server(self, name, server):
        time.sleep(self.random.uniform(0.2, 2))
        server.kill()
        self.say(f"{name} killed")
        time.sleep(self.random.uniform(0, 1.5))
        server.start()
        self.say(f"{name} is back")

    def all_running(self):
        self.worker.wait_ready()
        for connector in ("source", "sink") if self.options.sink else ("source",):
            self.worker.wait_task(connector, timeout=60)

    def run(self):
        options = self.options
        in_snapshot = max(1, options.kills // 4) if options.kills else 0
        done = 0
        while done < in_snapshot:
            done += 1
            stored = self.kill_in_snapshot(done)["stored"]
            if stored and stored.get("snapshot_completed") is not False and not stored.get("snapshot"):
                break  # it came through to the stream
        servers = [("Kafka", self.kafka)] * options.kafka + [("the source's PostgreSQL", self.source)] * ((options.postgres + 1) // 2)
        if options.sink:
            servers += [("the sink's PostgreSQL", self.sink)] * (options.postgres // 2)
        self.random.shuffle(servers)
        self.workload.start(options.changes - self.workload.total())
        rounds = max(1, options.kills - done + len(servers))
        every = max(1, rounds // (len(servers) + 1))
        for number in range(1, rounds + 1):
            self.workload.pace(number / rounds, 1.6 * options.slow)
            if servers and (number % every == 0 or done >= options.kills):
                self.worker.start()
                self.all_running()
                self.kill_server(*servers.pop())
                self.all_running()
                time.sleep(0.5)
                self.all_running()
                self.worker.kill()
                self.look("after a server was killed")
            elif done < options.kills:
                done += 1
                self.kill_in_stream(done)
        self.workload.pace(1, 1)
        self.worker.start()
        self.workload.join()
        self.say(f"{self.workload.total()} changes are committed, {self.workload.retried} transactions were begun again")

    # -- the end
    def settle(self, timeout=180):
        """Waits until all has come through."""
        self.all_running()
        until, last = time.monotonic() + timeout, None
        tail = {w.number: str(w.v) for w in self.workload.writers}
        while time.monotonic() < until:
            self.all_running()
            if self.options.sink:
                text = self.sink.sql(SINK_DB, "SELECT w, v FROM ledger ORDER BY w;", check=False)
                arrived = text == "\n".join(f"{w}\t{v}" for w, v in sorted(tail.items()))
                ends = self.topic_ends()
                found = topics.committed(self.kafka.address, "connect-sink", [topic(t) for t in TABLES])
                if arrived and all(found[topic(t)] >= ends[t] for t in TABLES):
                    return
            else:
                ends = self.topic_ends()
                if last == ends:
                    return
                last = ends
            time.sleep(3 if not self.options.sink else 0.3)
        raise RuntimeError(f"not everything came through in {timeout} s: topics end at {self.topic_ends()}\n{self.worker.log_tail()}")

    def check(self):
        verdict = self.verdicts.add
        self.settle()
        self.say("all is through")
        verdict("SIGTERM ends the worker with 0", [f"status {status}" for status in [self.worker.stop()] if status != 0])
        self.look("clean stop")
        before = self.topic_ends()
        self.worker.start()
        self.all_running()
        time.sleep(2)
        self.worker.stop()
        after = self.topic_ends()
        verdict("nothing twice after a clean stop", [f"{t}: {after[t] - before[t]} events more" for t in TABLES if after[t] != before[t]])

        by_table, faults = {}, []
        for table in TABLES:
            by_table[table], more = read(self.kafka.address, topic(table), KEYS[table], len(self.workload.writers))
            faults += more
        verdict("every event is well-formed", faults)
        history = History(self.workload, by_table)
        verdict("repeats go back and then on in order", history.faults)
        faults, reached = history.check_snapshot()
        verdict("the snapshot shows one moment of all tables", faults)
        verdict("every committed change is in its topic, in the order of its table", history.check_stream(reached, overlap=self.options.kills > 0))
        verdict("transactions come whole and in the order of their commits", history.check_transactions())
        verdict("the offset file is never torn", [n["torn"] for n in self.notes if n["torn"]])
        verdict("stored offsets are never ahead of the topics", [f"{n['what']}: {f}" for n in self.notes for f in history.check_stored(n)])
        verdict("the slot is never ahead of the topics", [f"{n['what']}: {f}" for n in self.notes for f in history.check_confirmed(n)])
        if self.options.sink:
            states = SinkStates(by_table)
            verdict("committed offsets of the sink are never ahead of its tables",
                    [f"{n['what']}: {f}" for n in self.notes for f in states.check(n)])
            verdict("the sink's tables equal the source's", self.compare())
        self.say(f"{history.messages} messages, {history.repeats} of them repeats, {history.overlap} from before the snapshot, {len(self.notes)} looks, snapshot at {history.snapshot_lsn}, "
                 f"{len(history.rank)} transactions streamed")

    def compare(self):
        faults = []
        for table in TABLES:
            here = self.workload.dump(self.source, SOURCE_DB, table).split("\n")
            there = self.workload.dump(self.sink, SINK_DB, table).split("\n")
            if here != there:
                first = next((pair for pair in zip(here, there) if pair[0] != pair[1]), None)
                faults.append(f"{table}: {len(here)} rows in the source, {len(there)} in the sink, first difference: {first}")
        return faults
