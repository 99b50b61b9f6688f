"""What the source database goes through: transactions of several writers over five tables.

Every writer owns its rows and numbers its changes: each row says who wrote it (w) and with which
change (v), so an event in a topic names the very change it comes from. All of it follows from the
seed. The fifth table, ledger, has one row a writer, updated by each of its transactions: it tells how
far the writer came, also in a snapshot and after a crash of the database."""
import random
import threading
import time

from kit.servers import Session

TABLES = ("customers", "products", "orders", "order_items", "ledger")

DDL = """
CREATE TABLE customers (id int PRIMARY KEY, w smallint NOT NULL, v bigint NOT NULL, name varchar(60) NOT NULL,
    email text, balance numeric(12,2) NOT NULL DEFAULT 0, active boolean NOT NULL, born date, seen timestamp(3));
CREATE TABLE products (id bigint PRIMARY KEY, w smallint NOT NULL, v bigint NOT NULL, sku uuid NOT NULL,
    title text NOT NULL, price numeric(10,2), attributes jsonb, weight real);
CREATE TABLE orders (code text PRIMARY KEY, w smallint NOT NULL, v bigint NOT NULL, customer int NOT NULL,
    placed timestamptz, status varchar(12) NOT NULL, total numeric(12,2), notes text);
ALTER TABLE orders REPLICA IDENTITY FULL;
CREATE TABLE order_items (order_code text, line int, w smallint NOT NULL, v bigint NOT NULL, product bigint NOT NULL,
    quantity smallint NOT NULL, price double precision, engraving bytea, PRIMARY KEY (order_code, line));
CREATE TABLE ledger (w smallint PRIMARY KEY, v bigint NOT NULL, tx bigint NOT NULL);
"""

# How to see a row the same on both sides, whatever type the sink gave the column.
COMPARE = {
    "customers": "id, w, v, name, email, balance, active, born, seen::timestamp(3)",
    "products": "id, w, v, sku::text, title, price, attributes::text, weight::float4",
    "orders": "code, w, v, customer, placed::timestamptz, status, total, notes",
    "order_items": "order_code, line, w, v, product, quantity, price, engraving",
    "ledger": "w, v, tx",
}
KEYS = {"customers": ("id",), "products": ("id",), "orders": ("code",), "order_items": ("order_code", "line"), "ledger": ("w",)}

WORDS = "alpha béta gamma δelta 'quoted' back\\slash \"double\" tab\there snow☃man 𝄞clef zero".split(" ")


def quote(text):
    return "'" + text.replace("'", "''") + "'"


class Writer:
    """Makes transactions and, once they are committed, remembers what they changed.

    changes[table] holds (op, key, v) in the order of the table. A delete has its number too, but no
    event tells it."""

    def __init__(self, number, writers, seed):
        self.number, self.writers = number, writers
        self.random = random.Random(f"{seed}/{number}")
        self.v = 0
        self.tx = 0
        self.next_id = number
        self.live = {table: [] for table in TABLES[:4]}
        self.places = {table: {} for table in TABLES[:4]}
        self.gone = {table: [] for table in TABLES[:4]}
        self.changes = {table: [] for table in TABLES}
        self.total = 0

    # -- the rows that are there, with picking and removing at random in constant time
    def _add(self, table, key):
        self.places[table][key] = len(self.live[table])
        self.live[table].append(key)

    def _remove(self, table, key):
        at = self.places[table].pop(key)
        last = self.live[table].pop()
        if last != key:
            self.live[table][at] = last
            self.places[table][last] = at
        self.gone[table].append(key)

    def _new_key(self, table):
        r = self.random
        if self.gone[table] and r.random() < 0.3:  # a key comes back
            at = r.randrange(len(self.gone[table]))
            self.gone[table][at], self.gone[table][-1] = self.gone[table][-1], self.gone[table][at]
            return self.gone[table].pop()
        self.next_id += self.writers
        if table == "orders":
            return f"{self.number}-é{self.next_id}"
        if table == "order_items":
            return f"{self.number}-o{self.next_id // 4}", self.next_id % 1000003
        return self.next_id

    def _text(self, words):
        return " ".join(self.random.choices(WORDS, k=words))

    def _values(self, table):
        """The columns after key, w and v, as SQL."""
        r = self.random
        null = r.random() < 0.1
        if table == "customers":
            return [quote(self._text(3)[:60]), "NULL" if null else quote(self._text(4)), f"{r.randrange(-10**9, 10**9) / 100:.2f}",
                    r.choice(("true", "false")), "NULL" if null else f"date '1900-01-01' + {r.randrange(50000)}",
                    f"timestamp '2020-01-01' + interval '{r.randrange(10**11)} ms'"]
        if table == "products":
            return [f"'{r.getrandbits(128):032x}'", quote(self._text(5)), "NULL" if null else f"{r.randrange(10**6) / 100:.2f}",
                    "NULL" if null else quote('{"a": %d, "b": ["x", null, %d.5]}' % (r.randrange(100), r.randrange(100))),
                    f"{r.uniform(-1e3, 1e3):.5g}"]
        if table == "orders":
            notes = f"repeat({quote(self._text(2))}, {r.randrange(300, 900)})" if r.random() < 0.03 else quote(self._text(2))
            return [str(r.randrange(10**6)), "NULL" if null else f"timestamptz '2022-03-04 05:06:07+00' + interval '{r.randrange(10**12)} us'",
                    quote(r.choice(("new", "paid", "sent"))), f"{r.randrange(10**7) / 100:.2f}", notes]
        return [str(r.randrange(10**6)), str(r.randrange(1, 99)), f"{r.uniform(0, 1e4):.10g}", "NULL" if null else f"'\\x{r.getrandbits(64):016x}'"]

    def _key_sql(self, table, key):
        if table == "orders":
            return [quote(key)]
        if table == "order_items":
            return [quote(key[0]), str(key[1])]
        return [str(key)]

    def _where(self, table, key):
        return " AND ".join(f"{name} = {value}" for name, value in zip(KEYS[table], self._key_sql(table, key)))

    NAMES = {"customers": ("name", "email", "balance", "active", "born", "seen"),
             "products": ("sku", "title", "price", "attributes", "weight"),
             "orders": ("customer", "placed", "status", "total", "notes"),
             "order_items": ("product", "quantity", "price", "engraving")}

    def _insert(self, table, count, changes):
        rows = []
        for _ in range(count):
            key = self._new_key(table)
            self.v += 1
            rows.append("(" + ", ".join([*self._key_sql(table, key), str(self.number), str(self.v), *self._values(table)]) + ")")
            self._add(table, key)
            changes.append((table, "c", key, self.v))
        return f"INSERT INTO {table} VALUES " + ",\n".join(rows) + ";"

    def _update(self, table, changes):
        key = self.random.choice(self.live[table])
        self.v += 1
        names, values = self.NAMES[table], self._values(table)
        some = self.random.sample(range(len(names)), self.random.randint(1, len(names)))
        sets = ", ".join(f"{names[i]} = {values[i]}" for i in some)
        changes.append((table, "u", key, self.v))
        return f"UPDATE {table} SET v = {self.v}, {sets} WHERE {self._where(table, key)};"

    def _rekey(self, changes):
        """A changed primary key is a delete and an insert to who reads the topic."""
        old = self.random.choice(self.live["customers"])
        new = self._new_key("customers")
        self.v += 2
        self._remove("customers", old)
        self._add("customers", new)
        changes += [("customers", "d", old, self.v - 1), ("customers", "c", new, self.v)]
        return f"UPDATE customers SET id = {new}, v = {self.v} WHERE id = {old};"

    def _delete(self, table, changes):
        key = self.random.choice(self.live[table])
        self.v += 1
        self._remove(table, key)
        changes.append((table, "d", key, self.v))
        return f"DELETE FROM {table} WHERE {self._where(table, key)};"

    def first(self, rows):
        """The transaction that fills the tables; the ledger's row too."""
        changes, text = [], []
        for table, share in (("customers", 0.2), ("products", 0.2), ("orders", 0.2), ("order_items", 0.4)):
            left = int(rows * share)
            while left:
                count = min(left, 500)
                text.append(self._insert(table, count, changes))
                left -= count
        self.v += 1
        text.append(f"INSERT INTO ledger VALUES ({self.number}, {self.v}, 0);")
        changes.append(("ledger", "c", self.number, self.v))
        return "BEGIN;\n" + "\n".join(text) + "\nCOMMIT;", changes

    def next(self, most=3000):
        """One transaction: its SQL and its changes. Most are small, a few are large."""
        r = self.random
        low, high = r.choices(((1, 5), (5, 50), (50, 500), (500, 3000)), (60, 30, 9, 1))[0]
        size = min(r.randint(low, high), most)
        changes, text = [], []
        while len(changes) < size:
            table = r.choices(TABLES[:4], (20, 20, 20, 40))[0]
            what = r.random()
            if what < 0.4 or len(self.live[table]) < 10:
                text.append(self._insert(table, min(r.choice((1, 1, 3, 20)), size - len(changes)), changes))
            elif what < 0.8:
                text.append(self._update(table, changes))
            elif what < 0.83:
                text.append(self._rekey(changes) if len(self.live["customers"]) > 10 else self._insert("customers", 1, changes))
            else:
                text.append(self._delete(table, changes))
        self.tx += 1
        self.v += 1
        text.append(f"UPDATE ledger SET v = {self.v}, tx = {self.tx} WHERE w = {self.number};")
        changes.append(("ledger", "u", self.number, self.v))
        return "BEGIN;\n" + "\n".join(text) + "\nCOMMIT;", changes

    def committed(self, changes):
        for table, op, key, v in changes:
            self.changes[table].append((op, key, v))
        self.total += len(changes)

    def state_at(self, table, v):
        """{key: v of the row} after the writer's change number v."""
        rows = {}
        for op, key, version in self.changes[table]:
            if version > v:
                break
            if op == "d":
                rows.pop(key)
            else:
                rows[key] = version
        return rows


class Workload:
    """Runs the writers, each in a thread of its own, at a pace; survives crashes of the database."""

    def __init__(self, postgres, database, seed, writers=3):
        self.postgres, self.database = postgres, database
        self.writers = [Writer(number, writers, seed) for number in range(writers)]
        self.threads = []
        self.quit = threading.Event()
        self.failure = None
        self.retried = 0
        self.ramp = (0.0, 0.0, 0.0, 0.0)

    def prepare(self, rows):
        self.postgres.sql(self.database, DDL)
        for writer in self.writers:
            text, changes = writer.first(rows // len(self.writers))
            self.postgres.sql(self.database, text)
            writer.committed(changes)

    def total(self):
        return sum(writer.total for writer in self.writers)

    def start(self, changes):
        """So many changes, of which nothing is made before pace() lets it."""
        share = changes // len(self.writers)
        for writer in self.writers:
            thread = threading.Thread(target=self._run, args=(writer, share), daemon=True)
            self.threads.append(thread)
            thread.start()

    def pace(self, part, seconds):
        """Up to this part of all changes (1: all) in so many seconds from now, evenly."""
        now = time.monotonic()
        self.ramp = (self._allowed(now), part, now, now + seconds)

    def _allowed(self, now):
        low, high, since, until = self.ramp
        return high if now >= until else low + (high - low) * (now - since) / (until - since)

    def _run(self, writer, share):
        try:
            began, session = writer.total, None
            while writer.total - began < share and not self.quit.is_set():
                if (writer.total - began) / share >= self._allowed(time.monotonic()):
                    self.quit.wait(0.02)
                    continue
                text, changes = writer.next(share - (writer.total - began))
                session = self._commit(session, writer, text)
                writer.committed(changes)
            if session:
                session.close()
        except Exception as error:  # pylint: disable=broad-except
            self.failure = error

    def _commit(self, session, writer, text):
        while True:
            try:
                if session is None:
                    session = Session(self.postgres, self.database)
                    done = session.run(f"SELECT tx FROM ledger WHERE w = {writer.number};")
                    if done == [str(writer.tx)]:  # the commit went through before the server died
                        return session
                session.run(text)
                return session
            except ConnectionError as error:
                if "ERROR:" in str(error) and "terminating" not in str(error) and "shut down" not in str(error):
                    raise
                session = None
                self.retried += 1
                if self.quit.wait(0.2):
                    raise

    def finished(self):
        return not any(thread.is_alive() for thread in self.threads)

    def join(self):
        for thread in self.threads:
            thread.join()
        if self.failure:
            raise self.failure

    def dump(self, postgres, database, table):
        """The rows of a table in the order of its key, as text."""
        return postgres.sql(database, f"\\pset null <null>\nSELECT {COMPARE[table]} FROM {table} ORDER BY {', '.join(c + order(table, c) for c in KEYS[table])};")


def order(table, column):
    return ' COLLATE "C"' if (table, column) in (("orders", "code"), ("order_items", "order_code")) else ""
