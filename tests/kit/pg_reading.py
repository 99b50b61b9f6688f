"""From the values of records back to SQL: what the database is asked to compare with what it holds. `sql` gives an
expression of the column's type, or None where the form can't be read back (shapes, unknown types, numbers that stand
for infinity)."""
import base64


def quoted(text):
    return "'" + text.replace("'", "''") + "'"


def unscaled(text):
    return int.from_bytes(base64.b64decode(text), "big", signed=True)


def decimal(number, scale):
    return f"{number}e{-scale}"


def bits(schema, value, kind):
    raw = base64.b64decode(value)
    digits = "".join(str(byte >> i & 1) for byte in raw for i in range(8))
    length = int(schema["parameters"]["length"])
    if not kind.startswith("bit("):     # how many zeros stood in front is not told
        return None
    return "B'" + digits.ljust(length, "0")[:length][::-1] + "'"


def days(_, value, __):
    return None if abs(value) > 2146000000 else f"(date '1970-01-01' + {value})"


def clock(unit):
    def read(_, value, kind):
        whole = 86400 * unit
        return quoted("24:00") if value == whole else f"(time '00:00' + interval '{value / unit:.6f} seconds')"
    return read


def moment(unit):
    def read(_, value, __):
        if abs(value) >= (9 * 10**18 if unit != 1000 else 9 * 10**15):
            return None
        micros = value * 10**6 // unit
        return f"(timestamp '1970-01-01' + interval '{micros} microseconds')"
    return read


def iso(_, value, __):
    value = value.replace("Z", "")
    return None if value[0] in "+-" or value.startswith("0000") else quoted(value)


def zoned(_, value, __):
    return None if value[0] in "+" or value[0] == "-" and value != "-infinity" or value.startswith("0000") else quoted(value)


def structured(schema, value, kind):
    if value.get("specialValue"):
        return quoted({"POSITIVE_INFINITY": "infinity", "NEGATIVE_INFINITY": "-infinity"}[value["specialValue"]])
    if "years" in value:
        parts = " ".join(f"{value[unit]} {unit}" for unit in ("years", "months", "days", "hours", "minutes"))
        micros = value["seconds"] * 10**6 + value["nanos"] // 1000 if value["nanos"] >= 0 else value["seconds"] * 10**6 - -value["nanos"] // 1000
        return quoted(f"{parts} {micros} microseconds")
    text, era = "", ""
    if "year" in value:
        era = " BC" if value["year"] <= 0 else ""
        text = f"{value['year'] if value['year'] > 0 else 1 - value['year']:04}-{value['month']:02}-{value['day']:02} "
    if "hour" in value:
        text += f"{value['hour']:02}:{value['minute']:02}:{value['second']:02}.{value['nanos'] // 1000:06}"
    if "offsetSeconds" in value:
        offset = abs(value["offsetSeconds"])
        text += f"{'-' if value['offsetSeconds'] < 0 else '+'}{offset // 3600:02}:{offset // 60 % 60:02}:{offset % 60:02}"
    return quoted(text + era)


def interval_text(_, value, __):
    return quoted(value)


NAMED = {
    "org.apache.kafka.connect.data.Decimal": lambda schema, value, _: decimal(unscaled(value), int(schema["parameters"]["scale"])),
    "io.debezium.data.VariableScaleDecimal": lambda _, value, __: decimal(unscaled(value["value"]), value["scale"]),
    "io.debezium.data.Bits": bits,
    "io.debezium.time.Date": days,
    "org.apache.kafka.connect.data.Date": days,
    "io.debezium.time.Time": clock(1000),
    "io.debezium.time.MicroTime": clock(10**6),
    "io.debezium.time.NanoTime": clock(10**9),
    "io.debezium.time.Timestamp": moment(1000),
    "io.debezium.time.MicroTimestamp": moment(10**6),
    "io.debezium.time.NanoTimestamp": moment(10**9),
    "io.debezium.time.IsoDate": iso,
    "io.debezium.time.IsoTime": iso,
    "io.debezium.time.IsoTimestamp": iso,
    "io.debezium.time.ZonedTime": iso,
    "io.debezium.time.ZonedTimestamp": zoned,
    "io.debezium.time.Interval": interval_text,
}
LOSSY = ("org.apache.kafka.connect.data.Time", "org.apache.kafka.connect.data.Timestamp", "io.debezium.time.MicroDuration")
SPECIAL = {"NAN": "NaN", "POSITIVE_INFINITY": "Infinity", "NEGATIVE_INFINITY": "-Infinity"}


def sql(schema, value, kind):
    name = schema.get("name", "")
    if value is None:
        return "NULL"
    if name.startswith("io.debezium.time.Structured"):
        return structured(schema, value, kind)
    if name in NAMED:
        return NAMED[name](schema, value, kind)
    if name in LOSSY or name.startswith("io.debezium.data.geometry"):
        return None
    if schema["type"] == "array":
        items = [sql(schema["items"], item, kind.replace("[]", "")) for item in value]
        return None if None in items or "vector" in kind else f"ARRAY[{', '.join(items)}]"
    if schema["type"] == "bytes":
        return quoted("\\x" + base64.b64decode(value).hex())
    if schema["type"] == "map":
        keys, values = ", ".join(map(quoted, value)), ", ".join("NULL" if v is None else quoted(v) for v in value.values())
        return f"hstore(ARRAY[{keys}]::text[], ARRAY[{values}]::text[])"
    if isinstance(value, bool):
        return "B'1'" if value and kind.startswith("bit") else "B'0'" if kind.startswith("bit") else str(value)
    return quoted(SPECIAL.get(value, value) if isinstance(value, str) else repr(value))
