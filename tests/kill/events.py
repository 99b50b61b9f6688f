"""Debezium's events as they lie in a topic, taken apart for the checks."""
import json

from kit import topics


class Event:
    __slots__ = ("offset", "op", "key", "w", "v", "lsn", "tx", "before_commit", "identity")

    def __init__(self, offset, op, key, w, v, lsn, tx, before_commit):
        self.offset, self.op, self.key, self.w, self.v = offset, op, key, w, v
        self.lsn, self.tx, self.before_commit = lsn, tx, before_commit
        # What makes it this very event, so that a second coming is known as one. Rows of one statement
        # may share an LSN, and a row changed twice in a transaction has two.
        self.identity = (op, lsn, tx, key)

    def __repr__(self):
        return f"{self.op} {self.key} v{self.v} (offset {self.offset}, lsn {self.lsn}, tx {self.tx})"


def payload(data):
    """The payload of JSON with a schema; the schema, most of the text, is not parsed."""
    at = data.rfind(b'"payload":') if data.startswith(b'{"schema":') else -1
    while at >= 0:
        try:
            return json.loads(data[at + 10:-1])
        except ValueError:  # the word stood in a value
            at = data.rfind(b'"payload":', 0, at)
    return json.loads(data)


def key_of(names, values):
    """The key as the workload has it."""
    return values[names[0]] if len(names) == 1 else tuple(values[n] for n in names)


def writer_of(key, writers):
    """Who owns a row; the key tells."""
    if isinstance(key, tuple):
        key = key[0]
    return key % writers if isinstance(key, int) else int(key.split("-")[0])


def read(bootstrap, topic, names, writers):
    """(events, faults): the events of a topic in its order."""
    events, faults = [], []
    for message in topics.read(bootstrap, topic):
        offset = message.offset()
        key = key_of(names, payload(message.key()))
        w = writer_of(key, writers)
        if message.value() is None:
            last = events[-1] if events else None
            if last is None or last.op != "d" or last.key != key:
                faults.append(f"{topic} offset {offset}: a tombstone of {key} that follows no delete of it: {last}")
                continue
            events.append(Event(offset, "tombstone", key, w, None, last.lsn, last.tx, last.before_commit))
            continue
        body = payload(message.value())
        source = body["source"]
        sequence = json.loads(source["sequence"])
        row = body["after"] or body["before"]
        if key_of(names, row) != key or (body["op"] != "d" and row["w"] != w):
            faults.append(f"{topic} offset {offset}: key {key} and row {row} do not agree")
        events.append(Event(offset, body["op"], key, w, None if body["op"] == "d" else row["v"], source["lsn"], source["txId"],
                            None if sequence[0] is None else int(sequence[0])))
    return events, faults
