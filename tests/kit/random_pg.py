"""Random PostgreSQL databases and what happens in them, all of it from a seed: tables of random types, keys, replica
identities and names; transactions with savepoints and rollbacks; DDL between and inside of them. And the model that
replays the topics of such a database into tables again.

Every table has a column rid that numbers its rows, so that both sides can name a row, and touched, to have it sent
again."""
import base64
import copy
import random
import re

from . import pg_families

STEMS = ("plain", "MiXed", "with space", 'quo"te', "naïve", "表", "a.b", "cash$", "select")
COLUMN_STEMS = ("c", "Col ", "ç", "x.y", 'q"')
# Values that are too large for their row, so that an unchanged one is not sent again; of types that a placeholder fits.
LARGE = {"text": "(SELECT string_agg(md5(i::text || {0}), '') FROM generate_series(1, 400) i)",
         "bytea": "(SELECT string_agg(decode(md5(i::text || {0}), 'hex'), '') FROM generate_series(1, 800) i)",
         "jsonb": "(SELECT jsonb_object_agg(md5(i::text), md5(i::text || {0})) FROM generate_series(1, 300) i)"}
KEYS = {"int": lambda n: str(n), "bigint": lambda n: str(n * 10**12), "text": lambda n: f"'key {n} ü'", "uuid": lambda n: f"md5('{n}')::uuid",
        "varchar(20)": lambda n: f"'v{n}'", "timestamptz": lambda n: f"'2024-01-01 00:00:00+00'::timestamptz + {n} * interval '1 second'"}
RETYPES = {"smallint": "integer", "integer": "bigint", "varchar(10)": "text", "numeric(5,2)": "numeric(12,4)", "real": "double precision"}
IDENTITIES = ("DEFAULT", "FULL", "INDEX", "NOTHING")


def quote(name):
    return '"' + name.replace('"', '""') + '"'


def topic_of(prefix, name):
    return re.sub(r"[^a-zA-Z0-9._\-]", "_", f"{prefix}.public.{name}")


class Table:
    def __init__(self, dice, number, mode, without, via_root=None):
        """via_root: whether changes of partitions come as those of their root; None: nothing is partitioned."""
        self.dice, self.number, self.mode, self.without, self.via_root = dice, number, mode, without, via_root
        self.names = [f"{dice.choice(STEMS)}{number}"]      # the present one is the last
        self.next_rid = 1
        self.kinds = {}                                     # name of a column -> every type that it ever had
        self.columns = {}                                   # name -> (type, literals)
        self.old_names = {}                                 # name of a column -> its name before
        self.changed = False                                # by DDL
        self.rids = []
        self.partitions = [] if via_root is None or dice.random() < 0.75 else [f"{self.name} part {i}" for i in range(dice.randint(2, 3))]
        self.key = self._keys()
        self.identity = self._identity()
        for _ in range(dice.randint(2, 9)):
            self._new_column()

    def _keys(self):
        """[(column, type)]"""
        kind = self.dice.choice(("none", "one", "one", "one", "two") + (() if self.partitions else ("nullable",)))
        self.nullable_key = kind == "nullable"
        return [(f"k{i}", self.dice.choice(list(KEYS))) for i in range({"none": 0, "one": 1, "nullable": 1, "two": 2}[kind])]

    def _identity(self):
        chosen = self.dice.choice(IDENTITIES + ("DEFAULT", "FULL"))
        if chosen == "INDEX" and self.partitions:   # an index of the root is none of the partitions'
            chosen = "FULL"
        return "FULL" if chosen == "DEFAULT" and self.nullable_key else chosen

    @property
    def name(self):
        return self.names[-1]

    @property
    def told_as(self):
        """Lists of names: the topics of each list tell their rows one after the other, apart from the other lists."""
        return [[name] for name in self.partitions] if self.partitions and not self.via_root else [self.names]

    @property
    def only_grows(self):
        """The server refuses to update what it can't name."""
        return self.identity == "NOTHING" or (self.identity == "DEFAULT" and not self.key)

    @property
    def named_by(self):
        """The columns by which the old row of a change is known."""
        if self.identity == "INDEX":
            return ["u"]
        if self.identity == "DEFAULT" and self.key:
            return [column for column, _ in self.key]
        return ["rid"]

    def _new_column(self):
        family = self.dice.choice([f for name, f in pg_families.FAMILIES.items() if name != "shapes" or self.dice.random() < 0.3])
        _, kind, literals = self.dice.choice([column for column in family if column[1] not in self.without])
        # Dimensions and bounds of arrays are not told.
        literals = [literal for literal in literals if not pg_families.lost(self.mode, kind, literal) and not literal.startswith(("'{{", "'[0:"))]
        name = f"{self.dice.choice(COLUMN_STEMS)}{self.dice.randint(1, 40)}"
        # Rows that can't be touched again keep what they had under a name.
        if name in self.columns or (self.only_grows and name in self.kinds):
            return None
        self.kinds.setdefault(name, set()).add(kind)
        self.columns[name] = (kind, literals)
        return name

    def ddl(self):
        parts = ["rid bigint NOT NULL", "touched int NOT NULL DEFAULT 0", "u bigint NOT NULL"]
        parts += [f"{quote(c)} {kind}" for c, kind in self.key] + [f"{quote(c)} {kind}" for c, (kind, _) in self.columns.items()]
        if self.key and not self.nullable_key:
            parts.append(f"PRIMARY KEY ({', '.join([c for c, _ in self.key] + ['rid'] * bool(self.partitions))})")
        by = " PARTITION BY HASH (rid)" if self.partitions else ""
        lines = [f"CREATE TABLE {quote(self.name)} ({', '.join(parts)}){by};"]
        for i, name in enumerate(self.partitions):
            lines.append(f"CREATE TABLE {quote(name)} PARTITION OF {quote(self.name)} FOR VALUES WITH (MODULUS {len(self.partitions)}, REMAINDER {i});")
        if self.nullable_key:
            lines.append(f"CREATE UNIQUE INDEX ON {quote(self.name)} (k0);")
        if self.identity == "INDEX":
            lines.append(f"CREATE UNIQUE INDEX {quote('u of ' + str(self.number))} ON {quote(self.name)} (u);")
        identity = f"USING INDEX {quote('u of ' + str(self.number))}" if self.identity == "INDEX" else self.identity
        lines += [f"ALTER TABLE {quote(name)} REPLICA IDENTITY {identity};" for name in [self.name, *self.partitions]]
        return " ".join(lines)

    # -- statements
    def _value(self, kind, literals):
        large = LARGE.get(kind)
        if large and self.dice.random() < 0.15:
            return large.format(f"'{self.dice.randint(1, 999)}'")
        return "NULL" if not literals or self.dice.random() < 0.2 else self.dice.choice(literals)

    def _row(self):
        rid = self.next_rid
        self.next_rid += 1
        self.rids.append(rid)
        null_key = self.nullable_key and self.dice.random() < 0.3
        keys = ["NULL" if null_key else KEYS[kind](rid) for _, kind in self.key]
        return f"({', '.join([str(rid), '0', str(rid * 7)] + keys + [self._value(*column) for column in self.columns.values()])})"

    def insert(self):
        columns = ["rid", "touched", "u"] + [c for c, _ in self.key] + list(self.columns)
        rows = ", ".join(self._row() for _ in range(self.dice.choice((1, 1, 2, 5))))
        return f"INSERT INTO {quote(self.name)} ({', '.join(map(quote, columns))}) VALUES {rows};"

    def _where(self):
        chosen = self.dice.sample(self.rids, min(len(self.rids), self.dice.choice((1, 1, 3))))
        return chosen, f"WHERE rid IN ({', '.join(map(str, chosen))})"

    def update(self):
        if not self.rids or self.only_grows:
            return self.insert()
        chosen, where = self._where()
        sets = ["touched = touched + 1"]
        for name in self.dice.sample(list(self.columns), self.dice.randint(0, len(self.columns))):
            sets.append(f"{quote(name)} = {self._value(*self.columns[name])}")
        if self.dice.random() < 0.2:    # another name for the same row
            number = self.next_rid
            self.next_rid += 1
            where = f"WHERE rid = {chosen[0]}"
            sets.append(f"u = {number * 7}")
            if self.key and self.identity != "INDEX":
                sets.append(f"k0 = {KEYS[self.key[0][1]](number)}")
        return f"UPDATE {quote(self.name)} SET {', '.join(sets)} {where};"

    def delete(self):
        if not self.rids or self.only_grows:
            return self.insert()
        chosen, where = self._where()
        self.rids = [rid for rid in self.rids if rid not in chosen]
        return f"DELETE FROM {quote(self.name)} {where};"

    def truncate(self):
        self.rids = []
        return f"TRUNCATE {quote(self.name)};"

    def touch(self):
        """Every row again, in the structure that the table has now."""
        return "" if self.only_grows else f"UPDATE {quote(self.name)} SET touched = touched + 1;"

    # -- DDL
    def alter(self):
        self.changed = True
        changes = (self._add, self._add, self._drop, self._rename)
        return self.dice.choice(changes if self.only_grows else changes + (self._rename_column, self._retype))()

    def _add(self):
        name = self._new_column()
        if not name:
            return ""
        kind, literals = self.columns[name]
        default = f" DEFAULT {self.dice.choice(literals)}" if literals and self.dice.random() < 0.3 and "repeat" not in str(literals) else ""
        return f"ALTER TABLE {quote(self.name)} ADD COLUMN {quote(name)} {kind}{default};"

    def _drop(self):
        if not self.columns:
            return ""
        name = self.dice.choice(list(self.columns))
        del self.columns[name]
        self.old_names.pop(name, None)
        return f"ALTER TABLE {quote(self.name)} DROP COLUMN {quote(name)};"

    def _rename_column(self):
        if not self.columns:
            return ""
        name, new = self.dice.choice(list(self.columns)), f"new {self.next_rid} {len(self.old_names)}"
        self.columns = {new if c == name else c: column for c, column in self.columns.items()}
        self.old_names[new] = name
        self.kinds[new] = set(self.kinds[name])
        return f"ALTER TABLE {quote(self.name)} RENAME COLUMN {quote(name)} TO {quote(new)};"

    def _retype(self):
        names = [c for c, (kind, _) in self.columns.items() if kind in RETYPES]
        if not names:
            return ""
        name = self.dice.choice(names)
        kind, literals = self.columns[name]
        self.columns[name] = (RETYPES[kind], literals)
        self.kinds[name].add(RETYPES[kind])
        return f"ALTER TABLE {quote(self.name)} ALTER COLUMN {quote(name)} TYPE {RETYPES[kind]};"

    def _rename(self):
        old = self.name
        self.names.append(f"{self.dice.choice(STEMS)}{self.number}r{len(self.names)}")
        return f"ALTER TABLE {quote(old)} RENAME TO {quote(self.name)};"


class World:
    """A database from a seed. `settings` are what its connector has. calm: transactions without DDL, which comes by itself
    from change_structure. without: types that no column has."""

    def __init__(self, seed, calm=False, without=()):
        self.dice, self.calm, self.without = random.Random(f"penstock {seed}"), calm, without
        self.mode = self.dice.choice(list(pg_families.MODES))
        self.settings = {**pg_families.MODES[self.mode], "skipped.operations": "none"}
        # The original's snapshot sends the rows of partitions twice, so they can't be compared with it.
        self.via_root = None if calm else self.dice.random() < 0.5
        if self.via_root:
            self.settings["publish.via.partition.root"] = "true"
        self.tables = []

    def _new_table(self):
        self.tables.append(Table(self.dice, len(self.tables) + 1, self.mode, self.without, self.via_root))
        return self.tables[-1].ddl()

    def begin(self):
        lines = ["CREATE TABLE marker (n int PRIMARY KEY); INSERT INTO marker VALUES (0);"]
        for _ in range(self.dice.randint(1, 3)):
            lines.append(self._new_table())
            lines += [self.tables[-1].insert() for _ in range(self.dice.randint(0, 6))]
        return "\n".join(lines)

    def _statement(self):
        table, roll = self.dice.choice(self.tables), self.dice.random()
        if self.calm:
            roll *= 0.92
        for limit, statement in ((0.35, table.insert), (0.75, table.update), (0.9, table.delete), (0.92, table.truncate), (0.98, table.alter)):
            if roll < limit:
                return statement()
        return self._new_table() if len(self.tables) < 6 else table.update()

    def change_structure(self):
        if len(self.tables) < 6 and self.dice.random() < 0.2:
            return self._new_table()
        return self.dice.choice(self.tables).alter()

    def _attempt(self, statements):
        """Statements, and how to take them back: what the generator remembers of the tables."""
        before = copy.deepcopy([table.__dict__ for table in self.tables], {id(self.dice): self.dice})
        lines = [self._statement() for _ in range(statements)]

        def take_back():
            del self.tables[len(before):]
            for table, state in zip(self.tables, before):
                # Numbers are not used twice: a key of a row that was never there may come again else.
                table.__dict__.update({**state, "next_rid": table.next_rid})
        return lines, take_back

    def transaction(self):
        lines = ["BEGIN;"]
        part, undo_all = self._attempt(self.dice.choice((1, 1, 2, 5, 12)))
        lines += part
        if self.dice.random() < 0.4:
            part, undo = self._attempt(self.dice.randint(1, 4))
            lines += ["SAVEPOINT s;", *part]
            if self.dice.random() < 0.5:
                lines.append("ROLLBACK TO s;")
                undo()
            else:
                lines.append("RELEASE s;")
            lines += self._attempt(self.dice.randint(0, 2))[0]
        if self.dice.random() < 0.12:
            lines.append("ROLLBACK;")
            undo_all()
        else:
            lines.append("COMMIT;")
        return "\n".join(line for line in lines if line)

    def end(self):
        return "\n".join([table.touch() for table in self.tables if table.changed] + ["INSERT INTO marker VALUES (1);"])


# ---- the model ----

def placeholders():
    text = b"__debezium_unavailable_value"
    forms = [text.decode(), base64.b64encode(text).decode(), base64.urlsafe_b64encode(text).decode(), text.hex()]
    return forms + [[form] for form in forms]


PLACEHOLDERS = placeholders()


class Replica:
    """A table as its topics tell it: rows[rid] = {column: (schema, value)}"""

    def __init__(self, table):
        self.table, self.rows, self.gone, self.read_at = table, {}, {}, {}

    def _known(self, row):
        names = self.table.named_by
        return [rid for rid, had in self.rows.items() if all(had[name][1] == row[name] for name in names)]

    def _fill(self, row, old):
        """A value that did not come is the one that was there, maybe under the name that the column had then."""
        for name, (schema, value) in row.items():
            had = name
            while value in PLACEHOLDERS and old and had not in old and had in self.table.old_names:
                had = self.table.old_names[had]
            if value in PLACEHOLDERS:
                assert old and had in old, f"{self.table.name}.{name} of row {row['rid'][1]} did not come, and nothing is known of it"
                row[name] = (schema, old[had][1])

    def _remove(self, row):
        for rid in self._known(row):
            self.gone[rid] = self.rows.pop(rid)

    def apply(self, event):
        schema, payload = event["schema"], event["payload"]
        op, before, after = payload["op"], payload["before"], payload["after"]
        if op == "t":
            self.gone.update(self.rows)
            self.rows.clear()
        elif op in "ud":
            self._remove(before or after)
        if not after:
            return
        rid = after["rid"]
        fields = {f["field"]: f for f in next(f for f in schema["fields"] if f["field"] == "after")["fields"]}
        row = {name: (fields[name], value) for name, value in after.items()}
        self._fill(row, self.rows.get(rid) or self.gone.get(rid))
        self.rows[rid] = row
        self.read_at.pop(rid, None)
        if op == "r":
            self.read_at[rid] = payload["source"]["lsn"]

    def join(self, other):
        """Another part of the same table."""
        self.rows.update(other.rows)
        self.read_at.update(other.read_at)

    def finish(self, snapshot):
        """Rows that only a snapshot saw that was begun anew later."""
        for rid, lsn in self.read_at.items():
            if lsn < snapshot:
                self.rows.pop(rid, None)
