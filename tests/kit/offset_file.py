"""offset.storage.file.filename: a HashMap<byte[], byte[]> as Java serialises it.

read() is strict where the worker is lenient: the file must end where the map ends, for a torn file is
a fault that these tests are after."""
import json
import struct

HEAD = (b"\xac\xed\x00\x05sr\x00\x11java.util.HashMap\x05\x07\xda\xc1\xc3\x16\x60\xd1\x03\x00\x02"
        b"F\x00\nloadFactorI\x00\tthresholdxp")
ARRAY_FIRST = b"ur\x00\x02[B\xac\xf3\x17\xf8\x06\x08T\xe0\x02\x00\x00xp"
ARRAY_LATER = b"uq\x00~\x00\x02"


class Torn(ValueError):
    pass


def decode(data):
    """{key bytes: value bytes or None}"""
    if not data.startswith(HEAD):
        raise Torn("no HashMap at the head")
    at = len(HEAD) + 8
    if data[at:at + 2] != b"w\x08":
        raise Torn("no block data")
    _, count = struct.unpack_from(">ii", data, at + 2)
    at += 10

    def array():
        nonlocal at
        if data[at:at + 1] == b"p":
            at += 1
            return None
        for head in (ARRAY_FIRST, ARRAY_LATER):
            if data.startswith(head, at):
                at += len(head)
                break
        else:
            raise Torn(f"no byte array at {at}")
        length, = struct.unpack_from(">i", data, at)
        at += 4 + length
        if at > len(data):
            raise Torn("an array runs past the end")
        return data[at - length:at]

    entries = {}
    for _ in range(count):
        key = array()
        entries[key] = array()
    if data[at:] != b"x":
        raise Torn("no end of block data at the end")
    return entries


def read(path):
    """{(connector, partition JSON text): offset object}; {} without a file."""
    try:
        with open(path, "rb") as file:
            data = file.read()
    except FileNotFoundError:
        return {}
    result = {}
    for key, value in decode(data).items():
        connector, partition = json.loads(key)
        result[connector, json.dumps(partition, sort_keys=True)] = None if value is None else json.loads(value)
    return result
